//! Why a file was not read or written, in words for the person whose file it is.
//!
//! Promise: every reason is a sentence that names the file, says what is in the way and what helps.

use std::io::{self, ErrorKind};
use std::path::Path;

/// The name alone: beside it stands the whole path, in the list of what was refused.
pub(super) fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
}

pub(super) fn not_read(file: &Path, error: &io::Error) -> String {
    let what = match error.kind() {
        ErrorKind::PermissionDenied => "your account may not read it. Ask its owner for the right to".to_owned(),
        ErrorKind::NotADirectory => "a part of its path is a file and not a folder. Choose another place".to_owned(),
        ErrorKind::InvalidFilename => return name_too_long(file),
        _ if is_in_use(error) => "another program is using it. Close it there and try again".to_owned(),
        _ => format!("the disk says: {error}. Check the disk and try again"),
    };
    format!("Could not read {}: {what}.", name_of(file))
}

/// Nothing can be written where the file is to be.
pub(super) fn not_written(file: &Path, error: &io::Error) -> String {
    let what = match error.kind() {
        ErrorKind::PermissionDenied => {
            "the folder is read-only. Choose another place for sidecars, or make it writable".to_owned()
        }
        ErrorKind::ReadOnlyFilesystem => {
            "the disk is read-only. Choose another place for sidecars, or make it writable".to_owned()
        }
        ErrorKind::NotFound => "its folder is no longer there. Look at the export again".to_owned(),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "a file is where its folder should be. Choose another place for sidecars".to_owned()
        }
        ErrorKind::InvalidFilename => return name_too_long(file),
        _ if is_full(error) => "the disk is full. Make room and try again".to_owned(),
        _ if is_in_use(error) => "another program is using it. Close it there and try again".to_owned(),
        _ => format!("the disk says: {error}. Check the disk and try again"),
    };
    format!("Could not write {}: {what}.", name_of(file))
}

/// The new file is written, but cannot take the place of the old one.
pub(super) fn not_replaced(file: &Path, error: &io::Error) -> String {
    let what = match error.kind() {
        ErrorKind::Unsupported | ErrorKind::CrossesDevices | ErrorKind::AlreadyExists | ErrorKind::InvalidInput => {
            "this disk does not let one file take the place of another in one step. Choose another place for sidecars"
        }
        ErrorKind::IsADirectory => "a folder is in its place. Rename the folder and try again",
        ErrorKind::PermissionDenied => {
            "it is protected or open in another program. Close it there, or make it writable, and try again"
        }
        _ => return not_written(file, error),
    };
    format!("Could not replace {}: {what}.", name_of(file))
}

pub(super) fn name_too_long(file: &Path) -> String {
    let name = name_of(file);
    let start: String = name.chars().take(40).collect();
    format!("The name of the sidecar of {start}… would be too long for this disk. Give the photo a shorter name.")
}

pub(super) fn changed_since_preview(file: &Path) -> String {
    format!("{} was changed since the preview; look at it again.", name_of(file))
}

/// The disk has no room for anything, so that trying other files helps nobody.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

fn is_in_use(error: &io::Error) -> bool {
    // Windows: a sharing violation, and a locked part of a file.
    let is_shared = cfg!(windows) && matches!(error.raw_os_error(), Some(32 | 33));
    is_shared || matches!(error.kind(), ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_only_folder_is_told_with_what_helps() {
        let error = ErrorKind::PermissionDenied.into();
        assert_eq!(
            not_written(Path::new("/photos/IMG_2041.jpg.xmp"), &error),
            "Could not write IMG_2041.jpg.xmp: the folder is read-only. Choose another place for sidecars, or make it \
             writable."
        );
    }

    #[test]
    fn a_share_that_cannot_replace_files_is_told_from_one_that_is_full() {
        let file = Path::new("a.jpg.xmp");
        assert!(not_replaced(file, &ErrorKind::Unsupported.into()).contains("in one step"));
        assert!(not_replaced(file, &ErrorKind::StorageFull.into()).contains("is full"));
        assert!(not_replaced(file, &ErrorKind::ResourceBusy.into()).contains("Close it"));
    }
}
