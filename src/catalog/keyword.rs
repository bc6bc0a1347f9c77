//! Keywords: words that say what a photo shows, as other programs read them from its sidecar.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A path from the general to the particular, `animal/dog`; most have one part. There is at least one part, and none is
/// empty, begins or ends with a space, or holds a character that XML has no place for. Separators are in none that
/// Tagroll made; other programs have words like "km/h".
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Keyword(Vec<String>);

/// There is nothing between the separators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A keyword needs at least one letter.")]
pub struct EmptyKeyword;

impl Keyword {
    /// A keyword of these parts, cleaned.
    pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a str>) -> Result<Keyword, EmptyKeyword> {
        let parts: Vec<String> = parts
            .into_iter()
            .flat_map(|part| part.split(['/', '|']))
            .map(clean)
            .filter(|part| !part.is_empty())
            .collect();
        if parts.is_empty() { Err(EmptyKeyword) } else { Ok(Keyword(parts)) }
    }

    /// A single word, in which separators are letters like others.
    pub fn flat(word: &str) -> Result<Keyword, EmptyKeyword> {
        Keyword::of_flat_parts([word])
    }

    /// A keyword of parts in which separators are letters like others, because the parts were told apart before.
    pub fn of_flat_parts<'a>(parts: impl IntoIterator<Item = &'a str>) -> Result<Keyword, EmptyKeyword> {
        let parts: Vec<String> = parts.into_iter().map(clean).filter(|part| !part.is_empty()).collect();
        if parts.is_empty() { Err(EmptyKeyword) } else { Ok(Keyword(parts)) }
    }

    pub fn parts(&self) -> &[String] {
        &self.0
    }

    /// The last part, which is the word itself.
    pub fn leaf(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    pub fn joined(&self, separator: &str) -> String {
        self.0.join(separator)
    }

    /// The form by which keywords are compared: programs differ in whether "Dog" and "dog" are two.
    pub fn folded(&self) -> Vec<String> {
        self.0.iter().map(|part| part.to_lowercase()).collect()
    }

    pub fn is_same(&self, other: &Keyword) -> bool {
        self.0.len() == other.0.len() && self.folded() == other.folded()
    }
}

impl FromStr for Keyword {
    type Err = EmptyKeyword;

    /// Reads `animal/dog` and `animal|dog`.
    fn from_str(text: &str) -> Result<Keyword, EmptyKeyword> {
        Keyword::of_parts([text])
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.joined("/"))
    }
}

impl TryFrom<String> for Keyword {
    type Error = EmptyKeyword;

    fn try_from(text: String) -> Result<Keyword, EmptyKeyword> {
        text.parse()
    }
}

impl From<Keyword> for String {
    fn from(keyword: Keyword) -> String {
        keyword.to_string()
    }
}

/// Without the characters that XML 1.0 cannot hold, and without spaces around it.
fn clean(part: &str) -> String {
    let is_held = |c: &char| !matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    part.chars().filter(is_held).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_with_either_separator_and_without_empty_parts() {
        let keyword: Keyword = " animal / /dog|\u{1}puppy/".parse().unwrap();
        assert_eq!((keyword.parts().join(","), keyword.leaf()), ("animal,dog,puppy".to_owned(), "puppy"));
        assert_eq!((keyword.to_string(), keyword.joined("|")), ("animal/dog/puppy".into(), "animal|dog|puppy".into()));
        assert_eq!("/ |".parse::<Keyword>(), Err(EmptyKeyword));
    }

    #[test]
    fn case_makes_no_other_keyword() {
        let keyword = |text: &str| text.parse::<Keyword>().unwrap();
        assert!(keyword("Tier/Hund").is_same(&keyword("tier|HUND")));
        assert!(!keyword("Hund").is_same(&keyword("Tier/Hund")));
        assert_eq!(Keyword::flat("km/h").unwrap().parts(), ["km/h"]);
    }
}
