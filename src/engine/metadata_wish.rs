//! Of which files it is wanted what is written down about them: in the photo, and in sidecars beside it.
//!
//! As with [`super::Missing`], the list of files is made once for each change of them and shared, and only the marks on it
//! are made anew.

use std::sync::Arc;

use super::wish::Wanted;

#[derive(Clone, Debug, Default)]
pub struct MetadataWish {
    /// Tells one reading of the sidecars from an earlier one, because they change with time.
    pub reading: u32,
    /// Those on screen.
    pub first: Vec<Wanted>,
    pub rest: Undescribed,
}

/// Those of the open files of which nothing is known yet.
#[derive(Clone, Debug, Default)]
pub struct Undescribed {
    files: Arc<[Wanted]>,
    is_missing: Arc<[bool]>,
}

impl Undescribed {
    /// One mark a file.
    pub fn of(files: Arc<[Wanted]>, is_missing: impl Iterator<Item = bool>) -> Undescribed {
        let is_missing: Arc<[bool]> = is_missing.collect();
        debug_assert_eq!(files.len(), is_missing.len());
        Undescribed { files, is_missing }
    }

    /// From a place in the list of files on, each with its own place.
    pub fn from(&self, place: usize) -> impl Iterator<Item = (usize, &Wanted)> {
        let rest = self.files.iter().zip(self.is_missing.iter()).enumerate().skip(place);
        rest.filter(|(_, (_, is_missing))| **is_missing).map(|(place, (wanted, _))| (place, wanted))
    }

    /// Whether both speak of one list of files, so that places mean the same in both.
    pub fn is_of_same_files(&self, other: &Undescribed) -> bool {
        Arc::ptr_eq(&self.files, &other.files)
    }
}
