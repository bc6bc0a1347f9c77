//! From a set of categories to a file that people can read and change.

use std::fmt::Write;

use super::{CategorySet, SET_VERSION};
use crate::catalog::{Category, Cutoff, DEFAULT_TEMPLATE, Labels, Prompt};

const HEADER: &str = "# A set of categories for Tagroll, which sorts photos by how well they fit them.\n\
                      # In prompts, {} stands for the last part of the category's name.\n\n";
/// A list longer than this goes over several lines.
const LINE_CHARS: usize = 100;

/// Writes a set that [`super::parse_category_set`] reads back. Rows that somebody has not filled yet are left out.
/// What no file can hold, such as two categories of one name, is written too, and refused when it is read.
pub fn write_category_set(set: &CategorySet) -> String {
    let mut text = format!("{HEADER}version = {SET_VERSION}\n");
    let labels = set.labels.map(|labels| match labels {
        Labels::One => "one",
        Labels::Several => "several",
    });
    let about = [("name", set.name.as_deref()), ("description", set.description.as_deref()), ("labels", labels)];
    for (field, value) in about {
        write_field(&mut text, field, value.map(quoted));
    }
    set.categories.iter().for_each(|category| write_category(&mut text, category));
    text
}

fn write_category(text: &mut String, category: &Category) {
    text.push_str("\n[[category]]\n");
    write_field(text, "name", Some(quoted(&category.name)));
    write_field(
        text,
        "synonyms",
        list(category.synonyms.iter().filter(|name| is_filled(name)).map(|name| quoted(name))),
    );
    write_field(text, "templates", category.templates.map(|templates| quoted(templates.name())));
    let default = category.templates.is_none().then(|| list([quoted(DEFAULT_TEMPLATE)].into_iter())).flatten();
    write_field(text, "prompts", prompts(&category.prompts).or(default));
    write_field(text, "negatives", prompts(&category.negatives));
    write_field(text, "exclusions", list(category.exclusions.iter().filter(|no| is_filled(no)).map(|no| quoted(no))));
    let cutoff = match category.cutoff {
        Cutoff::Everything => None,
        Cutoff::Auto => Some(quoted("auto")),
        Cutoff::At(cosine) => Some(cosine.to_string()),
    };
    write_field(text, "cutoff", cutoff);
    write_field(text, "group", category.group.as_deref().filter(|group| is_filled(group)).map(quoted));
}

fn write_field(text: &mut String, name: &str, value: Option<String>) {
    if let Some(value) = value {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name} = {value}");
    }
}

fn prompts(prompts: &[Prompt]) -> Option<String> {
    let filled = prompts.iter().filter(|prompt| is_filled(&prompt.text));
    list(filled.map(|Prompt { text, weight }| {
        if *weight == 1.0 { quoted(text) } else { format!("{{ text = {}, weight = {weight} }}", quoted(text)) }
    }))
}

/// `None` where there is nothing to write.
fn list(items: impl Iterator<Item = String>) -> Option<String> {
    let items: Vec<String> = items.collect();
    let chars: usize = items.iter().map(|item| item.chars().count() + 2).sum();
    match items.len() {
        0 => None,
        _ if chars <= LINE_CHARS => Some(format!("[{}]", items.join(", "))),
        _ => Some(format!("[\n    {},\n]", items.join(",\n    "))),
    }
}

fn is_filled(text: &str) -> bool {
    !text.trim().is_empty()
}

/// A basic string of TOML 1.0: what is not allowed in one is escaped.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.trim().chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => _ = write!(quoted, "\\u{:04X}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalog::{CategoryId, TemplateSet, parse_category_set};

    #[test]
    fn what_is_not_filled_yet_is_left_out() {
        let mut category = Category::named(CategoryId(0), "say \"dog\" \\ loud");
        category.prompts = vec![" ".into()];
        category.synonyms = vec![String::new()];
        let set = CategorySet { categories: vec![category], ..CategorySet::default() };
        let text = write_category_set(&set);
        let category = &parse_category_set(&text).unwrap().categories[0];
        assert_eq!((category.name.as_str(), category.synonyms.len()), ("say \"dog\" \\ loud", 0));
        assert_eq!(category.prompts, [Prompt::from(DEFAULT_TEMPLATE)]);
    }

    #[test]
    fn long_lists_go_over_lines() {
        let mut category = Category::named(CategoryId(0), "dog");
        category.negatives = vec!["a photo of a wolf in the snow, far away".into(); 3];
        let text = write_category_set(&CategorySet { categories: vec![category], ..CategorySet::default() });
        assert!(text.contains("prompts = [\"a photo of a {}.\"]\n"), "{text}");
        assert!(text.contains("negatives = [\n    \"a photo of a wolf"), "{text}");
    }

    /// Without blanks at the ends, which nobody can see.
    fn text() -> impl Strategy<Value = String> {
        "[\\S&&[^\\p{Cc}]]([^\\p{Cc}]{0,20}[\\S&&[^\\p{Cc}]])?"
    }

    fn prompt() -> impl Strategy<Value = Prompt> {
        (text(), prop_oneof![Just(1.0f32), 1e-6f32..100.0]).prop_map(|(text, weight)| Prompt { text, weight })
    }

    fn category() -> impl Strategy<Value = Category> {
        let templates = proptest::option::of(proptest::sample::select(TemplateSet::ALL.to_vec()));
        let cutoff = prop_oneof![Just(Cutoff::Everything), Just(Cutoff::Auto), (-1.0f32..=1.0).prop_map(Cutoff::At)];
        let texts = || proptest::collection::vec(text(), 0..4);
        let prompts = proptest::collection::vec(prompt(), 1..4);
        let negatives = proptest::collection::vec(prompt(), 0..3);
        (templates, texts(), prompts, negatives, texts(), cutoff, proptest::option::of(text())).prop_map(
            |(templates, synonyms, prompts, negatives, exclusions, cutoff, group)| {
                let named = Category::named(CategoryId(0), "");
                Category { templates, synonyms, prompts, negatives, exclusions, cutoff, group, ..named }
            },
        )
    }

    fn set() -> impl Strategy<Value = CategorySet> {
        let labels = proptest::option::of(prop_oneof![Just(Labels::One), Just(Labels::Several)]);
        let named = proptest::collection::btree_map(text(), category(), 1..5);
        let about = || proptest::option::of(text());
        (about(), about(), labels, named).prop_map(|(name, description, labels, named)| {
            let numbered = named.into_iter().enumerate();
            let categories =
                numbered.map(|(id, (name, category))| Category { id: CategoryId(id as u32), name, ..category });
            CategorySet { name, description, labels, categories: categories.collect() }
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_as_it_was(set in set()) {
            let text = write_category_set(&set);
            let read = parse_category_set(&text);
            prop_assert_eq!(read, Ok(set), "{}", text);
        }
    }
}
