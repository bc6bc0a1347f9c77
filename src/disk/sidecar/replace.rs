//! One file in the place of another.
//!
//! Promise: at every instant the old file or the new one is there, whole, with the old one's mode; and the new one only
//! after its bytes are on the disk. A failure leaves nothing behind.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::crew::Crew;
use super::target::{Old, Stamp};
use super::words::{changed_since_preview, is_full, not_replaced, not_written};
use crate::disk::saved::sync_folder;

/// Why a file was not written.
#[derive(Debug)]
pub(super) enum Failure {
    /// This one cannot be; the next may.
    Refused(String),
    /// There is no room on the disk.
    Full,
}

/// What the new file takes over from the old one.
#[derive(Clone, Copy, Default)]
#[cfg_attr(not(unix), allow(dead_code, reason = "files elsewhere have neither, so nobody reads them"))]
pub(super) struct Rights {
    pub mode: Option<u32>,
    /// User and group.
    pub owner: Option<(u32, u32)>,
}

impl Failure {
    pub fn of_writing(file: &Path, error: &io::Error) -> Failure {
        if is_full(error) { Failure::Full } else { Failure::Refused(not_written(file, error)) }
    }
}

impl From<&Stamp> for Rights {
    fn from(stamp: &Stamp) -> Rights {
        Rights { mode: stamp.mode, owner: stamp.owner }
    }
}

/// Writes the file `fresh`, which is to take the place of `file`. It must be synced before it does.
pub(super) fn write_fresh(fresh: &Path, file: &Path, bytes: &[u8], rights: Rights) -> Result<(), Failure> {
    let written = write_new(fresh, bytes, rights);
    written.map_err(|error| {
        remove_fresh(fresh);
        Failure::of_writing(file, &error)
    })
}

/// Waits until `fresh` is on the disk.
pub(super) fn sync_fresh(fresh: &Path, file: &Path) -> Result<(), Failure> {
    let synced = File::options().write(true).open(fresh).and_then(|opened| opened.sync_all());
    synced.map_err(|error| {
        remove_fresh(fresh);
        Failure::of_writing(file, &error)
    })
}

/// Waits until whole file systems are on the disk, if those of `folders` can do that and say whether it went well: one wait
/// instead of one a file. False where each file has to be synced by itself.
#[cfg(target_os = "linux")]
pub(super) fn sync_whole(folders: &BTreeSet<PathBuf>) -> bool {
    use std::os::unix::fs::MetadataExt;
    let mut synced = BTreeSet::new();
    folders.iter().all(|folder| {
        let Ok(opened) = File::open(folder) else { return false };
        let Ok(metadata) = opened.metadata() else { return false };
        is_on_known_system(&opened) && (!synced.insert(metadata.dev()) || rustix::fs::syncfs(&opened).is_ok())
    })
}

#[cfg(not(target_os = "linux"))]
pub(super) fn sync_whole(_folders: &BTreeSet<PathBuf>) -> bool {
    false
}

/// Whether it is on ext4, XFS, Btrfs, F2FS or tmpfs. On others, such as FUSE, a sync of the whole may do less than it says; and those of
/// a network make another file of one that is replaced while it is open.
#[cfg(target_os = "linux")]
pub(super) fn is_on_known_system(opened: &File) -> bool {
    const KNOWN: [u64; 5] = [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0x0102_1994];
    rustix::fs::fstatfs(opened).is_ok_and(|system| KNOWN.contains(&(system.f_type as u64)))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_on_known_system(_opened: &File) -> bool {
    false
}

/// Renames `fresh` to `real`, if there is still `old` or nothing. `file` is how the person knows it.
pub(super) fn put_in_place(fresh: &Path, file: &Path, real: &Path, old: Option<&Old>) -> Result<(), Failure> {
    let result = match is_still(real, old) {
        Ok(true) => fs::rename(fresh, real).map_err(|error| match Failure::of_writing(file, &error) {
            Failure::Full => Failure::Full,
            Failure::Refused(_) => Failure::Refused(not_replaced(file, &error)),
        }),
        Ok(false) => Err(Failure::Refused(changed_since_preview(file))),
        Err(error) => Err(Failure::of_writing(file, &error)),
    };
    if result.is_err() {
        remove_fresh(fresh);
    }
    result
}

/// Takes away `old`, of which nothing is left.
pub(super) fn take_away(file: &Path, real: &Path, old: Option<&Old>) -> Result<(), Failure> {
    match is_still(real, old) {
        Ok(true) => fs::remove_file(real).map_err(|error| Failure::of_writing(file, &error)),
        Ok(false) => Err(Failure::Refused(changed_since_preview(file))),
        Err(error) => Err(Failure::of_writing(file, &error)),
    }
}

/// The first error is the one worth telling; a file left behind is only untidy, and undoing the job takes it away.
pub(super) fn remove_fresh(fresh: &Path) {
    let _ = fs::remove_file(fresh);
}

/// Makes the renames in these folders durable.
pub(super) fn sync_folders(crew: &Crew, folders: BTreeSet<PathBuf>) -> io::Result<()> {
    let folders: Vec<PathBuf> = folders.into_iter().collect();
    crew.map_waiting(&folders, |folder| sync_folder(folder)).into_iter().collect()
}

pub(super) fn folders_of<'a>(files: impl Iterator<Item = &'a Path>) -> BTreeSet<PathBuf> {
    files.map(folder_of).collect()
}

pub(super) fn folder_of(file: &Path) -> PathBuf {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf()
}

fn is_still(real: &Path, old: Option<&Old>) -> io::Result<bool> {
    let is_still = match old {
        Some(old) => old.is_still_at(real),
        None => fs::symlink_metadata(real).map(|_| false),
    };
    match is_still {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(old.is_none()),
        other => other,
    }
}

fn write_new(fresh: &Path, bytes: &[u8], rights: Rights) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, first_mode(rights));
    let mut file = options.open(fresh)?;
    file.write_all(bytes)?;
    take_over(&file, rights)
}

/// Nobody else reads what somebody has locked, until it has its owner; a file that is as open to all as to its group has its mode
/// at once. A new file has the rights that the person's other new files have.
#[cfg(unix)]
fn first_mode(rights: Rights) -> u32 {
    match rights.mode {
        None => 0o666,
        Some(mode) if mode <= 0o777 && (mode >> 3) & 7 == mode & 7 => mode,
        Some(_) => 0o600,
    }
}

#[cfg(unix)]
fn take_over(file: &File, rights: Rights) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let Some(mode) = rights.mode else { return Ok(()) };
    let fresh = file.metadata()?;
    if let Some((user, group)) = rights.owner.filter(|owner| *owner != (fresh.uid(), fresh.gid())) {
        // Only the superuser gives files away; a group may still be given to one's own.
        let _ = std::os::unix::fs::fchown(file, Some(user), Some(group))
            .or_else(|_| std::os::unix::fs::fchown(file, None, Some(group)));
    } else if fresh.mode() & 0o7777 == mode {
        return Ok(());
    }
    match file.set_permissions(fs::Permissions::from_mode(mode)) {
        // On some disks all files have the same mode, which cannot be set.
        Err(_) if file.metadata()?.mode() & 0o7777 == mode => Ok(()),
        other => other,
    }
}

#[cfg(not(unix))]
fn take_over(_file: &File, _rights: Rights) -> io::Result<()> {
    Ok(())
}
