//! Other words for what people photograph, and what photos of it are mistaken for. Written for Tagroll.
//!
//! Promise: a word is found in any letters, in the singular and in the plural, and as a synonym, too.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Never the word that was asked for.
    pub synonyms: Vec<String>,
    /// Good negatives: things of their own that a photo model takes for it.
    pub lookalikes: Vec<String>,
}

/// What is known of a word.
pub fn entry(word: &str) -> Option<&'static Entry> {
    let word = plain(word);
    singulars(&word).into_iter().find_map(|word| entries().get(&word))
}

/// By every headword and synonym.
fn entries() -> &'static HashMap<String, Entry> {
    static ENTRIES: OnceLock<HashMap<String, Entry>> = OnceLock::new();
    ENTRIES.get_or_init(|| written().into_iter().flat_map(|(word, entry)| seen_from_each(&word, &entry)).collect())
}

fn written() -> BTreeMap<String, Entry> {
    const TEXT: &str = include_str!("../../assets/thesaurus.toml");
    toml::from_str(TEXT).expect("the thesaurus is compiled in, and a test reads it")
}

/// The entry as each of its words sees it: the others are its synonyms.
fn seen_from_each(word: &str, entry: &Entry) -> Vec<(String, Entry)> {
    let words: Vec<String> = std::iter::once(plain(word)).chain(entry.synonyms.iter().cloned()).collect();
    let others = |own: &String| words.iter().filter(|other| *other != own).cloned().collect();
    let seen = |own: &String| {
        let lookalikes = entry.lookalikes.iter().filter(|like| *like != own).cloned().collect();
        (plain(own), Entry { synonyms: others(own), lookalikes })
    };
    words.iter().map(seen).collect()
}

fn plain(word: &str) -> String {
    word.trim().to_lowercase().replace('_', " ")
}

/// The word, and what it may be the plural of, likeliest first. Only English has these endings, as the thesaurus does.
fn singulars(word: &str) -> Vec<String> {
    const IRREGULAR: [(&str, &str); 9] = [
        ("men", "man"),
        ("women", "woman"),
        ("children", "child"),
        ("mice", "mouse"),
        ("geese", "goose"),
        ("wolves", "wolf"),
        ("leaves", "leaf"),
        ("loaves", "loaf"),
        ("calves", "calf"),
    ];
    let irregular = IRREGULAR.iter().find(|(plural, _)| *plural == word).map(|(_, singular)| (*singular).to_owned());
    let without = |ending: &str, instead: &str| word.strip_suffix(ending).map(|stem| format!("{stem}{instead}"));
    let regular = [without("ies", "y"), without("s", ""), without("es", "")];
    std::iter::once(word.to_owned()).chain(irregular).chain(regular.into_iter().flatten()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_word_stands_once_and_says_something() {
        let written = written();
        assert!(written.len() >= 150, "{} entries", written.len());
        let mut words = HashSet::new();
        for (word, entry) in &written {
            let own = std::iter::once(plain(word)).chain(entry.synonyms.iter().cloned());
            for own in own {
                assert_eq!(own, plain(&own), "{word}");
                assert!(words.insert(own.clone()), "\"{own}\" stands twice, the second time at {word}");
            }
            assert!(!entry.synonyms.is_empty() && !entry.lookalikes.is_empty(), "{word}");
            let lookalikes: HashSet<&String> = entry.lookalikes.iter().collect();
            assert_eq!(lookalikes.len(), entry.lookalikes.len(), "{word}");
            assert!(entry.synonyms.iter().all(|synonym| !lookalikes.contains(synonym)), "{word}");
        }
    }

    #[test]
    fn a_word_is_found_in_any_letters_and_number() {
        for word in ["dog", "Dogs", " DOG ", "puppies"] {
            assert!(entry(word).is_some_and(|entry| entry.lookalikes.contains(&"wolf".to_owned())), "{word}");
        }
        for word in ["buses", "churches", "mice", "berries", "musical instrument", "Musical_Instruments", "leaves"] {
            assert!(entry(word).is_some(), "{word}");
        }
        assert!(entry("xyzzy").is_none() && entry("").is_none());
    }

    #[test]
    fn a_synonym_has_the_others_for_synonyms() {
        let puppy = entry("puppy").unwrap();
        assert_eq!(puppy.synonyms, ["dog", "hound"]);
    }
}
