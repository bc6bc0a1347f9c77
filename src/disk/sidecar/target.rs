//! A file that holds keywords, or will, as it is now.
//!
//! Promise: only regular files of bounded size are opened; a link is followed, so that what it points to is replaced in its
//! own folder and the link stays.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::edit::Holder;
use super::replace::is_on_known_system;
use super::words::{name_of, not_read};

/// The coarsest clock of a common file system, FAT's.
const COARSEST_CLOCK: Duration = Duration::from_secs(2);

/// Where a file really is, and what was there when it was looked at.
pub(super) struct Target {
    pub real: PathBuf,
    pub old: Option<Old>,
}

/// A file that exists.
pub(super) struct Old {
    pub bytes: Vec<u8>,
    pub hash: blake3::Hash,
    pub stamp: Stamp,
    /// While it is open, its room is not freed when another takes its place. To free it takes ten times as long as the rename;
    /// and where ext4 freed many files in the last seconds, it looks past all of their places whenever it makes one. Only
    /// on Linux's own file systems: elsewhere few files may be open, or an open one is in the way.
    pub held: Option<File>,
}

/// By what a file is known again, and what its successor takes over.
pub(super) struct Stamp {
    size_bytes: u64,
    modified: Option<SystemTime>,
    inode: u64,
    pub mode: Option<u32>,
    /// User and group.
    pub owner: Option<(u32, u32)>,
    read_at: SystemTime,
}

/// Reads the file that keywords are to be written into, if there is one. The error says why nothing can be.
pub(super) fn look(file: &Path, holder: Holder) -> Result<Target, String> {
    let metadata = match fs::symlink_metadata(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Target { real: file.to_path_buf(), old: None }),
        Err(error) => return Err(not_read(file, &error)),
        Ok(metadata) => metadata,
    };
    if !metadata.is_symlink() {
        return Ok(Target { real: file.to_path_buf(), old: Some(read(file, file, &metadata, holder)?) });
    }
    let real = fs::canonicalize(file).map_err(|error| not_followed(file, &error))?;
    let metadata = fs::metadata(&real).map_err(|error| not_read(file, &error))?;
    let old = read(file, &real, &metadata, holder)?;
    Ok(Target { real, old: Some(old) })
}

/// At most `most_bytes` of a file.
fn read_bounded(file: &mut File, size_bytes: u64, most_bytes: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(size_bytes.min(most_bytes)).unwrap_or_default() + 1);
    file.take(most_bytes).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read(file: &Path, real: &Path, metadata: &Metadata, holder: Holder) -> Result<Old, String> {
    if metadata.is_dir() {
        return Err(format!("{} is a folder and not a file. Rename the folder and try again.", name_of(file)));
    }
    // To open a pipe would wait for somebody to write into it.
    if !metadata.is_file() {
        return Err(format!("{} is not an ordinary file. Rename it and try again.", name_of(file)));
    }
    let most_bytes = holder.most_bytes();
    if metadata.len() > most_bytes {
        return Err(too_large(file, most_bytes));
    }
    let read = || {
        let mut opened = File::open(real)?;
        let stamp = Stamp::of(&opened.metadata()?);
        let bytes = read_bounded(&mut opened, stamp.size_bytes, most_bytes + 1)?;
        let hash = blake3::hash(&bytes);
        Ok(Old { bytes, hash, stamp, held: is_on_known_system(&opened).then_some(opened) })
    };
    let old: Old = read().map_err(|error| not_read(file, &error))?;
    if old.bytes.len() as u64 > most_bytes { Err(too_large(file, most_bytes)) } else { Ok(old) }
}

fn not_followed(file: &Path, error: &io::Error) -> String {
    if error.kind() == ErrorKind::PermissionDenied {
        return not_read(file, error);
    }
    let name = name_of(file);
    format!("{name} is a link to a file that is not there. Remove the link, or connect its disk, and try again.")
}

fn too_large(file: &Path, most_bytes: u64) -> String {
    format!("{} is larger than {} MB, so it is left as it is.", name_of(file), most_bytes >> 20)
}

impl Old {
    /// Whether the file at `real` is still this one, as far as that can be told at this instant.
    pub fn is_still_at(&self, real: &Path) -> io::Result<bool> {
        let metadata = fs::symlink_metadata(real)?;
        if !self.stamp.is_like(&Stamp::of(&metadata)) {
            return Ok(false);
        }
        // A file that was written just before it was read could be written once more without showing a later time.
        Ok(!self.stamp.is_recent() || fs::read(real)? == self.bytes)
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        let (inode, mode, owner) = unix(metadata);
        Stamp {
            size_bytes: metadata.len(),
            modified: metadata.modified().ok(),
            inode,
            mode,
            owner,
            read_at: SystemTime::now(),
        }
    }

    fn is_like(&self, other: &Stamp) -> bool {
        (self.size_bytes, self.modified, self.inode) == (other.size_bytes, other.modified, other.inode)
    }

    fn is_recent(&self) -> bool {
        let Some(modified) = self.modified else { return true };
        // A time in the future says nothing either.
        self.read_at.duration_since(modified).map_or(true, |age| age < COARSEST_CLOCK)
    }
}

#[cfg(unix)]
fn unix(metadata: &Metadata) -> (u64, Option<u32>, Option<(u32, u32)>) {
    use std::os::unix::fs::MetadataExt;
    (metadata.ino(), Some(metadata.mode() & 0o7777), Some((metadata.uid(), metadata.gid())))
}

#[cfg(not(unix))]
fn unix(_metadata: &Metadata) -> (u64, Option<u32>, Option<(u32, u32)>) {
    (0, None, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(file: &Path) -> String {
        look(file, Holder::Sidecar).map(|_| ()).unwrap_err()
    }

    #[test]
    fn a_folder_is_no_sidecar() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("a.jpg.xmp");
        fs::create_dir(&file).unwrap();
        assert!(reason(&file).starts_with("a.jpg.xmp is a folder"));
    }

    #[test]
    fn what_would_be_too_large_is_not_read() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("a.jpg.xmp");
        File::create(&file).unwrap().set_len((64 << 20) + 1).unwrap();
        assert!(reason(&file).contains("larger than 64 MB"));
        File::create(&file).unwrap().set_len(50 << 20).unwrap();
        assert_eq!(look(&file, Holder::Sidecar).ok().unwrap().old.unwrap().bytes.len(), 50 << 20);
    }

    #[test]
    fn another_text_of_the_same_length_in_the_same_instant_is_noticed() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("a.jpg.xmp");
        fs::write(&file, "one").unwrap();
        let modified = fs::metadata(&file).unwrap().modified().unwrap();
        let old = look(&file, Holder::Sidecar).ok().unwrap().old.unwrap();
        assert!(old.is_still_at(&file).unwrap());
        fs::write(&file, "two").unwrap();
        File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
        assert!(!old.is_still_at(&file).unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_leads_to_its_file_or_is_refused() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(root.path()).unwrap();
        fs::write(root.join("real.xmp"), "x").unwrap();
        for (to, name) in [
            ("real.xmp", "good.xmp"),
            ("gone.xmp", "dangling.xmp"),
            ("loop.xmp", "loop.xmp"),
            ("/dev/null", "device.xmp"),
        ] {
            symlink(to, root.join(name)).unwrap();
        }
        assert_eq!(look(&root.join("good.xmp"), Holder::Sidecar).ok().unwrap().real, root.join("real.xmp"));
        assert!(reason(&root.join("dangling.xmp")).contains("not there"));
        assert!(reason(&root.join("loop.xmp")).contains("not there"));
        assert!(reason(&root.join("device.xmp")).contains("not an ordinary file"));
    }
}
