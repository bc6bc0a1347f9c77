//! The sets of categories that come with the program, for somebody who would rather change one than begin with none.

use std::sync::OnceLock;

use super::{CategorySet, parse_category_set};

const TEXTS: [&str; 5] = [
    include_str!("../../assets/sets/travel.toml"),
    include_str!("../../assets/sets/family.toml"),
    include_str!("../../assets/sets/wildlife.toml"),
    include_str!("../../assets/sets/documents.toml"),
    include_str!("../../assets/sets/events.toml"),
];

/// Every starter set by its name, in the order in which they are offered.
pub fn starter_sets() -> &'static [(String, CategorySet)] {
    static SETS: OnceLock<Vec<(String, CategorySet)>> = OnceLock::new();
    SETS.get_or_init(|| {
        let parsed = TEXTS.map(|text| parse_category_set(text).expect("it is compiled in, and a test reads it"));
        parsed.into_iter().map(|set| (set.name.clone().unwrap_or_default(), set)).collect()
    })
}

/// The starter set of this name, as its file says it and read.
pub fn starter_set(name: &str) -> Option<(&'static str, &'static CategorySet)> {
    let place = starter_sets().iter().position(|(known, _)| known == name)?;
    Some((TEXTS[place], &starter_sets()[place].1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Cutoff, write_category_set};

    #[test]
    fn every_starter_set_is_whole_and_comes_back_from_what_is_written() {
        for (name, set) in starter_sets() {
            assert!((8..=14).contains(&set.categories.len()), "{name}: {} categories", set.categories.len());
            assert!(!name.is_empty() && set.description.is_some(), "{name}");
            for category in &set.categories {
                assert!(category.cutoff == Cutoff::Auto, "{name}: {}", category.name);
                assert!(category.texts().count() <= 60, "{name}: {} takes long to encode", category.name);
            }
            assert_eq!(parse_category_set(&write_category_set(set)).as_ref(), Ok(set), "{name}");
        }
        assert_eq!(starter_set("Travel").map(|(text, _)| text), Some(TEXTS[0]));
    }
}
