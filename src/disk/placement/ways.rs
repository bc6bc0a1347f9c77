//! The four ways in which a file gets to another place.
//!
//! Promise: nothing that stands at a place is ever overwritten, also not if it came there a moment ago; and a file goes
//! from its old place only once all of it is at the new one.

use std::fs::{self, File, FileTimes, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::disk::saved::sync_folder;

const CHUNK_BYTES: usize = 1 << 20;

/// What now stands at the new place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Written {
    pub size_bytes: u64,
    /// Of copies, which are told from what others write by it.
    pub blake3: Option<blake3::Hash>,
}

/// With the time and the rights of the original. `part` is the name under which it grows, beside `to`.
pub fn copy(from: &Path, to: &Path, part: &Path) -> io::Result<Written> {
    let written = write_part(from, part).and_then(|written| rename_new(part, to).map(|()| written));
    if written.is_err() {
        // The first error is the one worth telling; undoing the job looks for this file once more.
        let _ = fs::remove_file(part);
    }
    written
}

/// A rename; to another disk, a copy that is read again before the original goes.
pub fn move_file(from: &Path, to: &Path, part: &Path) -> io::Result<Written> {
    let before = fs::symlink_metadata(from)?;
    match rename_new(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => move_to_other_disk(from, to, part, &before)?,
        renamed => renamed?,
    }
    Ok(Written { size_bytes: before.len(), blake3: None })
}

/// A link to the real file, where `from` is itself a symbolic link.
pub fn hardlink(from: &Path, to: &Path) -> io::Result<Written> {
    let real = from.canonicalize()?;
    fs::hard_link(&real, to)?;
    Ok(Written { size_bytes: fs::metadata(&real)?.len(), blake3: None })
}

pub fn symlink(from: &Path, to: &Path) -> io::Result<Written> {
    let size_bytes = fs::metadata(from)?.len();
    link_symbolically(from, to)?;
    Ok(Written { size_bytes, blake3: None })
}

/// Renames a file where nothing has the new name.
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from).inspect_err(|_| {
            // What cannot be taken from its old place shall not have two.
            let _ = fs::remove_file(to);
        }),
        Err(error) if is_final(error.kind()) => Err(error),
        Err(_) => rename_to_reserved(from, to),
    }
}

pub fn blake3_of(path: &Path) -> io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize())
}

/// Both must be regular files.
pub fn is_same_content(a: &Path, b: &Path) -> io::Result<bool> {
    let (a_metadata, b_metadata) = (fs::symlink_metadata(a)?, fs::symlink_metadata(b)?);
    if !a_metadata.is_file() || !b_metadata.is_file() || a_metadata.len() != b_metadata.len() {
        return Ok(false);
    }
    Ok(is_same_file(a, b) || blake3_of(a)? == blake3_of(b)?)
}

/// Two names of one file, or twice the same name.
#[cfg(unix)]
pub fn is_same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |path: &Path| fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino()));
    matches!((identity(a), identity(b)), (Ok(a), Ok(b)) if a == b)
}

/// Elsewhere the names of a file cannot be told from copies of it without reading them.
#[cfg(not(unix))]
pub fn is_same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Whether both paths lead to one entry of one folder, so that removing one removes both.
pub fn is_same_entry(a: &Path, b: &Path) -> bool {
    let is_only_name = |path: &Path| fs::symlink_metadata(path).is_ok_and(|metadata| has_one_name(&metadata));
    let is_same_path = matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b);
    is_same_path || (is_same_file(a, b) && is_only_name(a))
}

#[cfg(unix)]
fn has_one_name(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.nlink() == 1
}

#[cfg(not(unix))]
fn has_one_name(_metadata: &Metadata) -> bool {
    true
}

/// Whether a hard link can lead from one to the other, and a move need not copy.
#[cfg(unix)]
pub fn is_same_disk(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    matches!((fs::metadata(a), fs::metadata(b)), (Ok(a), Ok(b)) if a.dev() == b.dev())
}

#[cfg(not(unix))]
pub fn is_same_disk(a: &Path, b: &Path) -> bool {
    let disk = |path: &Path| path.canonicalize().ok()?.components().next().map(|disk| disk.as_os_str().to_owned());
    matches!((disk(a), disk(b)), (Some(a), Some(b)) if a == b)
}

fn write_part(from: &Path, part: &Path) -> io::Result<Written> {
    let mut source = File::open(from)?;
    let metadata = source.metadata()?;
    let mut copy = OpenOptions::new().write(true).create_new(true).open(part)?;
    let mut hasher = blake3::Hasher::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut size_bytes = 0;
    loop {
        let count = source.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        copy.write_all(&chunk[..count])?;
        hasher.update(&chunk[..count]);
        size_bytes += count as u64;
    }
    keep_times_and_rights(&copy, &metadata);
    copy.sync_all()?;
    Ok(Written { size_bytes, blake3: Some(hasher.finalize()) })
}

/// Some disks know neither; the copy is whole all the same.
fn keep_times_and_rights(copy: &File, metadata: &Metadata) {
    if let Ok(modified) = metadata.modified() {
        let _ = copy.set_times(FileTimes::new().set_modified(modified));
    }
    let _ = copy.set_permissions(metadata.permissions());
}

fn move_to_other_disk(from: &Path, to: &Path, part: &Path, before: &Metadata) -> io::Result<()> {
    let written = write_part(from, part).and_then(|written| verify(part, &written));
    let placed = written.and_then(|()| rename_new(part, to));
    if placed.is_err() {
        let _ = fs::remove_file(part);
    }
    placed?;
    sync_folder(&folder_of(to))?;
    let now = fs::symlink_metadata(from)?;
    let is_unchanged = now.len() == before.len() && now.modified().ok() == before.modified().ok();
    let removed = if is_unchanged { fs::remove_file(from) } else { Err(io::ErrorKind::ResourceBusy.into()) };
    removed.inspect_err(|_| {
        let _ = fs::remove_file(to);
    })
}

fn verify(part: &Path, written: &Written) -> io::Result<()> {
    if Some(blake3_of(part)?) == written.blake3 {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "what was written reads otherwise"))
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new(".")).to_path_buf()
}

/// Errors after which another way of renaming is not worth trying.
fn is_final(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{AlreadyExists, CrossesDevices, NotFound, ReadOnlyFilesystem, StorageFull};
    matches!(kind, AlreadyExists | CrossesDevices | NotFound | ReadOnlyFilesystem | StorageFull)
}

/// For disks without hard links, such as memory cards: an empty file keeps the name free of others until the rename.
fn rename_to_reserved(from: &Path, to: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(to)?;
    fs::rename(from, to).inspect_err(|_| {
        let _ = fs::remove_file(to);
    })
}

#[cfg(unix)]
fn link_symbolically(from: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(from, to)
}

#[cfg(windows)]
fn link_symbolically(from: &Path, to: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(from, to)
}

#[cfg(not(any(unix, windows)))]
fn link_symbolically(_from: &Path, _to: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).unwrap());
        folder
    }

    #[test]
    fn a_file_that_came_in_between_is_never_overwritten() {
        type Action = fn(&Path, &Path, &Path) -> io::Result<Written>;
        let actions: [Action; 6] = [
            copy,
            move_file,
            |from, to, _| hardlink(from, to),
            |from, to, _| symlink(from, to),
            |from, to, part| {
                let before = fs::symlink_metadata(from)?;
                move_to_other_disk(from, to, part, &before).and_then(|()| hardlink(from, to))
            },
            |from, to, _| rename_to_reserved(from, to).and_then(|()| hardlink(from, to)),
        ];
        for action in actions {
            let folder = folder_with(&[("from", "photo"), ("to", "another")]);
            let path = |name: &str| folder.path().join(name);
            let error = action(&path("from"), &path("to"), &path("part")).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read_to_string(path("from")).unwrap(), "photo");
            assert_eq!(fs::read_to_string(path("to")).unwrap(), "another");
            assert!(!path("part").exists());
        }
    }

    #[test]
    fn a_disk_without_hard_links_is_renamed_on_too() {
        let folder = folder_with(&[("from", "photo")]);
        rename_to_reserved(&folder.path().join("from"), &folder.path().join("to")).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("to")).unwrap(), "photo");
        assert!(!folder.path().join("from").exists());
    }

    #[test]
    fn a_move_by_copy_leaves_one_file_with_its_time() {
        let folder = folder_with(&[("from", "photo")]);
        let path = |name: &str| folder.path().join(name);
        let before = fs::symlink_metadata(path("from")).unwrap();
        move_to_other_disk(&path("from"), &path("to"), &path("part"), &before).unwrap();
        assert_eq!(fs::metadata(path("to")).unwrap().modified().unwrap(), before.modified().unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn one_entry_is_told_from_two_names_of_one_file() {
        let folder = folder_with(&[("a", "photo")]);
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        fs::hard_link(&a, &b).unwrap();
        assert!(is_same_content(&a, &b).unwrap() && !is_same_entry(&a, &b));
        assert!(is_same_entry(&a, &folder.path().join(".").join("a")));
    }
}
