//! The names that are taken in the folders that photos are to be put into.
//!
//! Promise: no two files get one name, and none gets the name of a file that is there; compared without case, because
//! some systems do.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use crate::disk::{names, reasons};

use super::sidecars::renamed;
use super::ways;

/// Folders by their path without case.
#[derive(Default)]
pub struct Targets {
    folders: HashMap<String, Target>,
}

/// A folder, which need not exist yet.
#[derive(Default)]
pub struct Target {
    names: HashMap<String, Holder>,
    read: HashSet<PathBuf>,
}

/// Who has a name.
enum Holder {
    Existing(PathBuf),
    Planned,
}

/// Where a photo and its sidecars get to.
pub enum Spot {
    /// Names for all of them, in their order.
    Free(Vec<OsString>),
    /// The photo is there by this name.
    There(OsString),
}

impl Targets {
    /// The error is a reason for people.
    pub fn open(&mut self, folder: &Path) -> Result<&mut Target, String> {
        let target = self.folders.entry(names::folded(folder.as_os_str())).or_default();
        if !target.read.contains(folder) {
            target.read_names(folder)?;
            target.read.insert(folder.to_path_buf());
        }
        Ok(target)
    }
}

impl Target {
    /// Finds names for a photo and its sidecars, and takes them.
    pub fn place(&mut self, photo: &Path, sidecars: &[PathBuf]) -> Spot {
        let old = name_of(photo);
        let mut number = 1;
        loop {
            let name = names::numbered(old, number);
            if self.holds(&name, photo) {
                return Spot::There(name);
            }
            let sidecar_names = sidecars.iter().map(|sidecar| renamed(name_of(sidecar), old, &name));
            let names: Vec<OsString> = std::iter::once(name.clone()).chain(sidecar_names).collect();
            // A sidecar that lies there alone would become this photo's.
            let mut lone = name;
            lone.push(".xmp");
            if names.iter().chain([&lone]).all(|name| self.is_free(name)) {
                names.iter().for_each(|name| self.take(name));
                return Spot::Free(names);
            }
            number += 1;
        }
    }

    /// Takes a name if it is free.
    pub fn take_if_free(&mut self, name: &OsStr) -> bool {
        let is_free = self.is_free(name);
        if is_free {
            self.take(name);
        }
        is_free
    }

    fn is_free(&self, name: &OsStr) -> bool {
        !self.names.contains_key(&names::folded(name))
    }

    fn take(&mut self, name: &OsStr) {
        self.names.insert(names::folded(name), Holder::Planned);
    }

    /// Whether the photo's content is there by this name. What cannot be read is taken for something else.
    fn holds(&self, name: &OsStr, photo: &Path) -> bool {
        let Some(Holder::Existing(path)) = self.names.get(&names::folded(name)) else { return false };
        let resolved = |path: &Path| path.canonicalize().ok();
        let (Some(a), Some(b)) = (resolved(photo), resolved(path)) else { return false };
        ways::is_same_content(&a, &b).unwrap_or(false)
    }

    fn read_names(&mut self, folder: &Path) -> Result<(), String> {
        let Some(nearest) = nearest(folder) else { return Ok(()) };
        if !nearest.is_dir() {
            return Err(format!("\"{}\" is no folder, so nothing can be put below it.", nearest.display()));
        }
        if nearest != folder {
            return Ok(());
        }
        for entry in fs::read_dir(folder).map_err(|error| reasons::of_folder(folder, &error))? {
            let entry = entry.map_err(|error| reasons::of_folder(folder, &error))?;
            self.names.insert(names::folded(&entry.file_name()), Holder::Existing(entry.path()));
        }
        Ok(())
    }
}

/// The folder itself or the nearest one above it that is there, or what stands in its place.
pub fn nearest(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| crate::disk::is_taken(folder))
}

fn name_of(path: &Path) -> &OsStr {
    path.file_name().unwrap_or(path.as_os_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(target: &mut Target, photo: &Path) -> Vec<OsString> {
        match target.place(photo, &[]) {
            Spot::Free(names) => names,
            Spot::There(name) => panic!("it is there as {}", name.display()),
        }
    }

    #[test]
    fn names_are_taken_without_case() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("IMG_1.JPG"), "there").unwrap();
        let mut targets = Targets::default();
        let target = targets.open(folder.path()).unwrap();
        assert_eq!(placed(target, Path::new("x/img_1.jpg")), ["img_1 (2).jpg"]);
        assert_eq!(placed(target, Path::new("y/IMG_1.jpg")), ["IMG_1 (3).jpg"]);
    }

    #[test]
    fn a_lone_sidecar_does_not_come_to_another_photo() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.jpg.xmp"), "of a photo that is gone").unwrap();
        assert_eq!(placed(Targets::default().open(folder.path()).unwrap(), Path::new("a.jpg")), ["a (2).jpg"]);
    }

    #[test]
    fn a_file_in_the_place_of_a_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("dog"), "").unwrap();
        let reason = Targets::default().open(&folder.path().join("dog/puppy")).err().unwrap();
        assert!(reason.contains("dog\" is no folder"), "{reason}");
    }
}
