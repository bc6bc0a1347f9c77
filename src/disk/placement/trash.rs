//! The system's trash: what is thrown away there can be brought back by the person, and mostly by Tagroll.
//!
//! Promise: nothing is deleted. Where a disk has no trash, the file stays and the reason says so.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::catalog::{Change, Plan, Refusal, Row};
use crate::disk::reasons;

use super::plan::full;
use super::sidecars::SidecarFinder;

/// The photos, each followed by the sidecars that are its own.
pub fn plan_trash(photos: &[Arc<Path>]) -> Plan {
    let mut plan = Plan::default();
    let mut sidecars = SidecarFinder::default();
    let mut seen = HashSet::new();
    for photo in photos {
        let path = full(photo);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() => refuse(&mut plan, photo, "It is no file.".to_owned()),
            Ok(_) => {
                let files = std::iter::once(path.clone()).chain(sidecars.of(&path));
                let fresh = files.filter(|file| seen.insert(file.clone()));
                plan.rows.extend(fresh.map(|file| Row { photo: photo.clone(), file, change: Change::Trash }));
            }
            Err(error) => refuse(&mut plan, photo, reasons::of_io(&error)),
        }
    }
    plan
}

/// The error is a reason for people.
pub fn throw_away(file: &Path) -> Result<(), String> {
    trash::delete(file).map_err(|error| format!("It stays, because the trash did not take it: {}.", words_of(&error)))
}

pub use bin::Bin;

fn refuse(plan: &mut Plan, photo: &Path, reason: String) {
    plan.refused.push(Refusal { file: photo.to_path_buf(), reason });
}

/// Without the names of the library's own types.
fn words_of(error: &trash::Error) -> String {
    match error {
        trash::Error::Unknown { description } | trash::Error::Os { description, .. } => description.clone(),
        trash::Error::CouldNotAccess { .. } | trash::Error::CanonicalizePath { .. } => {
            "it is no longer there, or your account may not reach it".to_owned()
        }
        #[cfg(all(unix, not(target_os = "macos")))]
        trash::Error::FileSystem { path, source } => match source.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                format!("your account may not write to \"{}\"", path.display())
            }
            _ => source.to_string(),
        },
        _ => "its disk has no trash".to_owned(),
    }
}

#[cfg(any(windows, all(unix, not(target_os = "macos"))))]
mod bin {
    //! Where the system says what is in its trash.

    use std::path::PathBuf;
    use std::time::SystemTime;

    use trash::{TrashItem, os_limited};

    use super::*;
    use crate::disk::is_taken;

    /// What is in the trash at one moment.
    pub struct Bin {
        items: Vec<TrashItem>,
    }

    impl Bin {
        pub fn open() -> Option<Bin> {
            Some(Bin { items: os_limited::list().ok()? })
        }

        /// Brings back what was last thrown away at this place with this size; false where there is nothing of the kind, or
        /// where it does not come back.
        pub fn restore(&mut self, file: &Path, size_bytes: u64) -> bool {
            let place = real(file);
            let is_it = |item: &TrashItem| {
                place.file_name() == Some(&item.name)
                    && real(&item.original_path()) == place
                    && os_limited::metadata(item).is_ok_and(|found| found.size.size() == Some(size_bytes))
            };
            let found = self.items.iter().enumerate().filter(|(_, item)| is_it(item));
            let Some((newest, _)) = found.max_by_key(|(_, item)| age_key(item)) else { return false };
            let item = self.items.swap_remove(newest);
            if is_taken(file) {
                return false;
            }
            let restored = os_limited::restore_all([item]);
            let found_bytes = fs::symlink_metadata(file).ok().map(|metadata| metadata.len());
            if restored.is_err() && found_bytes == Some(0) && size_bytes > 0 {
                // The library keeps the name free with an empty file, which it leaves behind where it fails.
                let _ = fs::remove_file(file);
            }
            restored.is_ok() || found_bytes == Some(size_bytes)
        }
    }

    /// The trash notes the place without links, and Windows spells such a place in more than one way.
    fn real(file: &Path) -> PathBuf {
        let folder = file.parent().and_then(|folder| folder.canonicalize().ok());
        folder.zip(file.file_name()).map_or_else(|| file.to_path_buf(), |(folder, name)| folder.join(name))
    }

    /// The later, the greater. Not every trash knows the time, but on Linux the item's note has one.
    fn age_key(item: &TrashItem) -> (i64, Option<SystemTime>) {
        (item.time_deleted, fs::metadata(&item.id).and_then(|note| note.modified()).ok())
    }
}

#[cfg(not(any(windows, all(unix, not(target_os = "macos")))))]
mod bin {
    //! Where only the person can bring something back.

    use super::*;

    pub struct Bin;

    impl Bin {
        pub fn open() -> Option<Bin> {
            None
        }

        pub fn restore(&mut self, _file: &Path, _size_bytes: u64) -> bool {
            false
        }
    }
}
