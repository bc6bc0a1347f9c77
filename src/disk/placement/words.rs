//! Why a file was left as it is, in words for people.

use std::io;
use std::path::Path;

use crate::catalog::{JobKind, words};

pub const NO_LONGER_THERE: &str = "It is no longer there.";
pub const PHOTO_STAYED: &str = "It stays with its photo, which was left where it is.";
pub const FROM_TRASH_BY_HAND: &str = "It could not be brought back. Look for it in the trash of your system.";

/// What is left free when a job is done: the store and other programs write, too.
const MARGIN_BYTES: u64 = 64 << 20;

/// Why `from` did not get to `to`.
pub fn of_step(kind: JobKind, from: &Path, to: &Path, error: &io::Error) -> String {
    let folder = to.parent().unwrap_or(to).display();
    match error.kind() {
        _ if !from.exists() => NO_LONGER_THERE.to_owned(),
        io::ErrorKind::AlreadyExists => {
            format!("Something else has come to stand at \"{}\". Plan again to get a free name.", to.display())
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => format!(
            "The disk of \"{folder}\" is full, so this file and those after it were left as they are. Free some room and \
             start again: what is there already will be skipped."
        ),
        io::ErrorKind::ReadOnlyFilesystem => {
            format!(
                "The disk of this file or of \"{folder}\" cannot be written to. Unlock it, or choose another folder."
            )
        }
        _ if kind == JobKind::Symlink && is_windows_right(error) => {
            "Windows lets only administrators make such links, \
             unless its developer mode is switched on. Make copies or hard links instead."
                .to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            format!("Your account may not write to \"{folder}\", or not change the folder that the file is in.")
        }
        io::ErrorKind::CrossesDevices => "A hard link cannot lead to another disk. Copy the photo instead.".to_owned(),
        io::ErrorKind::Unsupported => format!("The disk of \"{folder}\" has no such links. Copy the photo instead."),
        io::ErrorKind::InvalidFilename => {
            format!("The disk of \"{folder}\" does not accept its name. Give the photo a shorter or plainer one.")
        }
        io::ErrorKind::InvalidData => {
            format!("What was written to \"{folder}\" reads otherwise, so the original stays. Check that disk.")
        }
        io::ErrorKind::ResourceBusy => {
            "Another program changed it at the same moment, so it stays. Try again.".to_owned()
        }
        _ => format!("It did not get to \"{folder}\": {error}."),
    }
}

/// Whether the next file would fail in the same way.
pub fn is_of_disk(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(error.kind(), QuotaExceeded | ReadOnlyFilesystem | StorageFull)
}

/// Why a plan is not begun at all; `None` where there is room, or where the disk does not say.
pub fn no_room(needed_bytes: u64, free_bytes: Option<u64>) -> Option<String> {
    let free_bytes = free_bytes.filter(|free| needed_bytes > 0 && needed_bytes.saturating_add(MARGIN_BYTES) > *free)?;
    Some(format!(
        "The files need {} on the disk, where {} are free, and a little must stay free. Nothing was written. Free some room, \
         choose fewer photos, or link to them instead of copying.",
        words::size(needed_bytes),
        words::size(free_bytes)
    ))
}

#[cfg(windows)]
fn is_windows_right(error: &io::Error) -> bool {
    const ERROR_PRIVILEGE_NOT_HELD: i32 = 1314;
    error.raw_os_error() == Some(ERROR_PRIVILEGE_NOT_HELD)
}

#[cfg(not(windows))]
fn is_windows_right(_error: &io::Error) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_both_numbers() {
        assert_eq!(no_room(0, Some(0)), None, "links take no room");
        assert_eq!(no_room(600_000_000, Some(700_000_000)), None);
        assert_eq!(no_room(u64::MAX, None), None, "some network disks do not tell");
        let words = no_room(1_600_000_000, Some(700_000_000)).unwrap();
        assert!(words.contains("need 1.6 GB") && words.contains("700 MB are free"), "{words}");
        assert!(no_room(u64::MAX, Some(700_000_000)).is_some());
    }

    #[test]
    fn every_reason_ends_as_a_sentence() {
        use io::ErrorKind::*;
        let folder = tempfile::tempdir().unwrap();
        for kind in [AlreadyExists, StorageFull, ReadOnlyFilesystem, PermissionDenied, InvalidFilename, Other, NotFound]
        {
            let to = Path::new("Tiere/Hund/a.jpg");
            let words = of_step(JobKind::Move, folder.path(), to, &kind.into());
            assert!(words.ends_with('.') && words.contains("Hund"), "{words}");
            assert_eq!(of_step(JobKind::Move, Path::new("gone"), to, &kind.into()), NO_LONGER_THERE);
        }
    }
}
