//! What other programs, and Tagroll itself, have written down about a photo: in it, or in a sidecar beside it.

use serde::{Deserialize, Serialize};

use super::Keyword;

/// Keywords, rating and label of one photo.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Those that Tagroll did not write, each once, in the order in which they were found.
    pub keywords: Vec<Keyword>,
    /// Those that Tagroll wrote and that are still there.
    pub ours: Vec<Keyword>,
    /// Stars from 0 to 5, or -1 for rejected; as `xmp:Rating` has it.
    pub rating: Option<i8>,
    /// `xmp:Label`: "Red" or any other text.
    pub label: Option<String>,
}

impl Metadata {
    pub fn is_empty(&self) -> bool {
        *self == Metadata::default()
    }

    /// Takes in what another place says of the same photo. `other` is the weaker voice: its rating and label count only
    /// where there is none yet. What Tagroll wrote in one place is not the person's in another.
    pub fn join(&mut self, other: Metadata) {
        for keyword in other.ours {
            if !self.ours.iter().any(|known| known.is_same(&keyword)) {
                self.ours.push(keyword);
            }
        }
        for keyword in other.keywords {
            if !self.keywords.iter().any(|known| known.is_same(&keyword)) {
                self.keywords.push(keyword);
            }
        }
        let ours = &self.ours;
        self.keywords.retain(|keyword| !ours.iter().any(|own| own.is_same(keyword)));
        self.rating = self.rating.or(other.rating);
        self.label = self.label.take().or(other.label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keywords(words: &[&str]) -> Vec<Keyword> {
        words.iter().map(|word| word.parse().unwrap()).collect()
    }

    #[test]
    fn two_places_together_say_each_keyword_once_and_the_first_rating_counts() {
        let mut sidecar =
            Metadata { keywords: keywords(&["dog"]), ours: keywords(&["beach"]), rating: Some(4), label: None };
        let embedded = Metadata {
            keywords: keywords(&["Dog", "sea", "beach"]),
            rating: Some(1),
            label: Some("Red".to_owned()),
            ..Metadata::default()
        };
        sidecar.join(embedded);
        assert_eq!(sidecar.keywords, keywords(&["dog", "sea"]));
        assert_eq!(
            (sidecar.ours, sidecar.rating, sidecar.label),
            (keywords(&["beach"]), Some(4), Some("Red".to_owned()))
        );
    }
}
