//! What a person said about photos: yes, it belongs to a category, or no, it does not.
//!
//! Verdicts outrank scores, and name photos by content, so they stay right when files are moved.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CategoryId, Fingerprint};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    No,
    Yes,
}

/// The verdicts of one category, by content.
pub type Answers = BTreeMap<Fingerprint, Verdict>;

/// The verdicts of all categories. Cheap to copy: only the category that changes is copied whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdicts(BTreeMap<CategoryId, Arc<Answers>>);

impl Verdicts {
    pub fn get(&self, category: CategoryId, photo: Fingerprint) -> Option<Verdict> {
        self.0.get(&category)?.get(&photo).copied()
    }

    /// Says so, or takes back what was said.
    pub fn set(&mut self, category: CategoryId, photo: Fingerprint, verdict: Option<Verdict>) {
        let answers = Arc::make_mut(self.0.entry(category).or_default());
        match verdict {
            Some(verdict) => _ = answers.insert(photo, verdict),
            None => _ = answers.remove(&photo),
        }
        self.0.retain(|_, answers| !answers.is_empty());
    }

    /// Everything that was said of one category; `None` where nothing was.
    pub fn of(&self, category: CategoryId) -> Option<&Arc<Answers>> {
        self.0.get(&category)
    }

    /// Takes over what was said of a category elsewhere.
    pub fn put(&mut self, category: CategoryId, answers: Arc<Answers>) {
        self.0.insert(category, answers);
    }

    /// How many times yes, and how many times no.
    pub fn counts(&self, category: CategoryId) -> (usize, usize) {
        let answers = self.0.get(&category);
        let yes = answers.map_or(0, |answers| answers.values().filter(|verdict| **verdict == Verdict::Yes).count());
        (yes, answers.map_or(0, |answers| answers.len()) - yes)
    }

    /// Whether anything was said of the photo, in any category.
    pub fn mention(&self, photo: Fingerprint) -> bool {
        self.0.values().any(|answers| answers.contains_key(&photo))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_counts() {
        let (dog, photo) = (CategoryId(1), Fingerprint([7; 16]));
        let mut verdicts = Verdicts::default();
        verdicts.set(dog, photo, Some(Verdict::No));
        verdicts.set(dog, photo, Some(Verdict::Yes));
        assert_eq!((verdicts.get(dog, photo), verdicts.counts(dog)), (Some(Verdict::Yes), (1, 0)));
        verdicts.set(dog, photo, None);
        assert!(verdicts.is_empty());
    }
}
