//! Which of the open contents have no embedding yet.
//!
//! Asked after every batch and answered for 100,000 photos in well under a millisecond: the list of contents is made
//! once for each change of the files and shared, and only the marks on it are made anew.

use std::collections::HashMap;
use std::sync::Arc;

use super::wish::Wanted;
use crate::catalog::{ContentId, Fingerprint, Library};

/// Every open content once, each with the first file that holds it, in folder order.
#[derive(Debug, Default)]
pub struct Contents {
    wanted: Vec<Wanted>,
    ids: Vec<ContentId>,
    places: HashMap<Fingerprint, usize>,
}

impl Contents {
    pub fn of(library: &Library) -> Contents {
        let mut contents = Contents::default();
        let mut is_seen = vec![false; library.contents()];
        for id in library.folder_order() {
            let photo = library.photo(*id);
            if !std::mem::replace(&mut is_seen[photo.content.row()], true) {
                let fingerprint = library.fingerprint(*id);
                contents.places.insert(fingerprint, contents.wanted.len());
                contents.wanted.push(Wanted { fingerprint, path: photo.file.path.clone() });
                contents.ids.push(photo.content);
            }
        }
        contents
    }
}

/// Those of the contents that wait for their embedding.
#[derive(Clone, Debug, Default)]
pub struct Missing {
    contents: Arc<Contents>,
    is_missing: Arc<[bool]>,
}

impl Missing {
    pub fn of(contents: Arc<Contents>, is_waiting: impl Fn(ContentId) -> bool) -> Missing {
        let is_missing = contents.ids.iter().map(|id| is_waiting(*id)).collect();
        Missing { contents, is_missing }
    }

    /// Nothing of these contents is wanted for now.
    pub fn none_of(contents: Arc<Contents>) -> Missing {
        let is_missing = vec![false; contents.ids.len()].into();
        Missing { contents, is_missing }
    }

    pub fn len(&self) -> usize {
        self.is_missing.iter().filter(|is_missing| **is_missing).count()
    }

    pub fn is_empty(&self) -> bool {
        !self.is_missing.contains(&true)
    }

    pub fn contains(&self, content: Fingerprint) -> bool {
        self.contents.places.get(&content).is_some_and(|place| self.is_missing[*place])
    }

    pub fn iter(&self) -> impl Iterator<Item = &Wanted> {
        self.from(0).map(|(_, wanted)| wanted)
    }

    /// From a place in the list of contents on, each with its own place.
    pub fn from(&self, place: usize) -> impl Iterator<Item = (usize, &Wanted)> {
        let rest = self.is_missing.iter().enumerate().skip(place);
        rest.filter(|(_, is_missing)| **is_missing).map(|(place, _)| (place, &self.contents.wanted[place]))
    }

    /// Whether both speak of one list of contents, so that places mean the same in both.
    pub fn is_of_same_contents(&self, other: &Missing) -> bool {
        Arc::ptr_eq(&self.contents, &other.contents)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::catalog::{ContentState, Embedding, FoundFile};

    #[test]
    fn a_content_of_two_files_is_missing_once_until_it_is_embedded() {
        let found = |path: &str, content: u8| {
            let file = FoundFile { path: Path::new(path).into(), size_bytes: 1, modified_ns: 0 };
            (file, Fingerprint([content; 16]))
        };
        let mut library = Library::default();
        library.add(vec![found("b.jpg", 1), found("a.jpg", 2), found("copy of a.jpg", 2), found("c.jpg", 3)]);
        let contents = Arc::new(Contents::of(&library));
        let waiting = |library: &Library| {
            let is_waiting = |id| *library.state_of(id) == ContentState::Waiting;
            Missing::of(contents.clone(), is_waiting)
        };
        let paths =
            |missing: &Missing| missing.iter().map(|wanted| wanted.path.display().to_string()).collect::<Vec<_>>();
        assert_eq!(paths(&waiting(&library)), ["a.jpg", "b.jpg", "c.jpg"]);

        library.set_embedding(Fingerprint([2; 16]), &Embedding::normalised(vec![1.0]).unwrap());
        library.set_unreadable(Fingerprint([3; 16]), "It is damaged.");
        let missing = waiting(&library);
        assert_eq!((paths(&missing), missing.len()), (vec!["b.jpg".to_owned()], 1));
        assert!(missing.contains(Fingerprint([1; 16])) && !missing.contains(Fingerprint([2; 16])));
        assert_eq!(missing.from(1).map(|(place, _)| place).collect::<Vec<_>>(), [1]);
        assert!(Missing::none_of(contents).is_empty());
    }
}
