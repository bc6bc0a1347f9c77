//! Small files that Tagroll saves for itself, such as the session.
//!
//! Promise: a reader sees the old text or the new one, whole, also after a power cut; never a half.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};

use super::placement::rename_new;

/// The text at `path`, or `None` where there is no such file.
pub fn read_text(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("\"{}\" cannot be read.", path.display())),
    }
}

/// Puts `bytes` in the place of whatever is at `path`, and creates the folder if need be. An error leaves the old
/// file as it was.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    save(path, bytes, |fresh, path| fs::rename(fresh, path))
}

/// The same where nothing is at `path`; an error where something is.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    save(path, bytes, rename_new)
}

fn save(path: &Path, bytes: &[u8], rename: impl FnOnce(&Path, &Path) -> io::Result<()>) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    put(folder, path, bytes, rename).with_context(|| {
        format!("\"{}\" cannot be saved. Make sure that its disk has room and may be written to.", path.display())
    })
}

fn put(
    folder: &Path,
    path: &Path,
    bytes: &[u8],
    rename: impl FnOnce(&Path, &Path) -> io::Result<()>,
) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let fresh = folder.join(fresh_name(path)?);
    let written = write_fresh(&fresh, bytes).and_then(|()| rename(&fresh, path));
    if written.is_err() {
        // The first error is the one worth telling; a file left behind is only untidy.
        let _ = fs::remove_file(&fresh);
    }
    written.and_then(|()| sync_folder(folder))
}

/// Hidden, and unique among all running copies of the program.
fn fresh_name(path: &Path) -> io::Result<PathBuf> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut fresh = std::ffi::OsString::from(".");
    fresh.push(name);
    fresh.push(format!(".{}-{}.new", process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
    Ok(fresh.into())
}

fn write_fresh(fresh: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(fresh)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the rename itself durable.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    match fs::File::open(folder)?.sync_all() {
        // Some network file systems cannot do this; the file is in place all the same.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        other => other,
    }
}

/// Windows opens no folder as a file, and its rename is written through.
#[cfg(not(unix))]
pub(super) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back_and_leaves_nothing_else_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new folder").join("session.json");
        assert_eq!(read_text(&path).unwrap(), None);
        write_atomically(&path, b"first").unwrap();
        write_atomically(&path, b"second").unwrap();
        assert_eq!(read_text(&path).unwrap().as_deref(), Some("second"));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_new_file_never_takes_the_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        write_new(&path, b"first").unwrap();
        assert!(write_new(&path, b"second").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_save_names_the_file_and_leaves_no_half() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), b"so that it cannot be replaced").unwrap();
        let reason = write_atomically(&path, b"text").unwrap_err().to_string();
        assert!(reason.contains("taken"), "{reason}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_not_text_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("session.json");
        fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(read_text(&path).unwrap_err().to_string().contains("session.json"));
    }
}
