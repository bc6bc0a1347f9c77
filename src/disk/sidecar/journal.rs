//! What a job is about to change, written down before it does: one folder a job, below the data folder.
//!
//! | File | What is in it |
//! |-|-|
//! | `job.json` | what kind of job, and when |
//! | `files.jsonl` | a line a file: its path, and what it holds before and after |
//! | `backup.bin` | the old contents, one after another |
//! | `state.json` | what became of the job; not there if it was killed |
//!
//! Promise: when [`JournalFiles::sync`] returns, what was recorded survives a power cut. A line that is cut off was never acted
//! upon, so it ends the list. Nothing here is ever deleted but by [`super::keep`].

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use super::target::Old;
use crate::catalog::{JobKind, JobState};
use crate::disk::Places;
use crate::disk::saved::{read_text, sync_folder, write_atomically};

/// A job that is being written down.
pub(super) struct Journal {
    pub id: String,
    folder: PathBuf,
    files: Arc<JournalFiles>,
    backup_bytes: u64,
    names: usize,
}

/// Shared, so that one batch can be waited for while the next is written down.
pub(super) struct JournalFiles {
    lines: File,
    backup: File,
}

/// What is to be recorded of one file.
pub(super) struct Entry<'a> {
    pub real: &'a Path,
    pub old: Option<&'a Old>,
    /// Hash of the new contents.
    pub after: blake3::Hash,
    pub fresh: &'a Path,
    /// Folders that will be made for it.
    pub folders: &'a [PathBuf],
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Header {
    pub kind: JobKind,
    /// RFC 3339, UTC.
    pub date: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub state: JobState,
    pub files: usize,
}

/// One file, as `files.jsonl` has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    pub file: StoredPath,
    /// `None` for a file that is new.
    pub before: Option<Backup>,
    pub after: blake3_hex::Hash,
    /// The name, in the same folder, of the file that is written before it is renamed.
    pub fresh: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folders: Vec<StoredPath>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Backup {
    pub hash: blake3_hex::Hash,
    at: u64,
    size_bytes: u64,
    pub mode: Option<u32>,
}

/// A path in JSON, also one that is no text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum StoredPath {
    Text(String),
    Bytes { base64: String },
}

/// Hashes are written as 64 digits.
pub(super) mod blake3_hex {
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(try_from = "String", into = "String")]
    pub struct Hash(pub blake3::Hash);

    impl Hash {
        pub fn of(bytes: &[u8]) -> Hash {
            Hash(blake3::hash(bytes))
        }
    }

    impl From<Hash> for String {
        fn from(hash: Hash) -> String {
            hash.0.to_hex().to_string()
        }
    }

    impl TryFrom<String> for Hash {
        type Error = blake3::HexError;

        fn try_from(digits: String) -> Result<Hash, blake3::HexError> {
            blake3::Hash::from_hex(digits).map(Hash)
        }
    }
}

impl Journal {
    /// Makes the folder of a new job.
    pub fn begin(places: &Places, kind: JobKind) -> Result<Journal> {
        let now = SystemTime::now();
        let id = new_id(now);
        let folder = places.exports().join(&id);
        let header = Header { kind, date: humantime::format_rfc3339_seconds(now).to_string() };
        write_atomically(&folder.join("job.json"), &serde_json::to_vec(&header)?)?;
        let create = |name: &str| OpenOptions::new().append(true).create_new(true).open(folder.join(name));
        let open = || {
            let files = (create("files.jsonl")?, create("backup.bin")?);
            sync_folder(&folder)?;
            sync_folder(&places.exports())?;
            sync_folder(places.data_dir())?;
            io::Result::Ok(files)
        };
        let (lines, backup) = open().with_context(|| format!("\"{}\" cannot be written.", folder.display()))?;
        Ok(Journal { id, folder, files: Arc::new(JournalFiles { lines, backup }), backup_bytes: 0, names: 0 })
    }

    /// A name for a file that is soon renamed: hidden, unique among all jobs, and short however long the other name is.
    pub fn fresh_name(&mut self) -> String {
        self.names += 1;
        format!(".tagroll-{}-{}.new", self.id, self.names)
    }

    /// Writes a batch down. From then on it can be undone should the program be killed.
    pub fn record(&mut self, entries: &[Entry]) -> io::Result<()> {
        let (mut lines, mut backup) = (BufWriter::new(&self.files.lines), BufWriter::new(&self.files.backup));
        for entry in entries {
            let kept = entry.old.map(|old| {
                let (at, size_bytes) = (self.backup_bytes, old.bytes.len() as u64);
                self.backup_bytes += size_bytes;
                Backup { hash: blake3_hex::Hash(old.hash), at, size_bytes, mode: old.stamp.mode }
            });
            backup.write_all(entry.old.map_or(&[], |old| &old.bytes))?;
            serde_json::to_writer(&mut lines, &line(entry, kept)?)?;
            lines.write_all(b"\n")?;
        }
        backup.flush()?;
        lines.flush()
    }

    pub fn files(&self) -> Arc<JournalFiles> {
        self.files.clone()
    }

    /// Says that the job has ended and wrote so many files. A job that wrote nothing leaves no trace.
    pub fn end(self, files: usize) -> Result<()> {
        if files > 0 {
            return set_outcome(&self.folder, &Outcome { state: JobState::Done, files });
        }
        drop(self.files);
        fs::remove_dir_all(&self.folder).with_context(|| format!("\"{}\" cannot be removed.", self.folder.display()))
    }
}

impl JournalFiles {
    /// Waits until what was recorded is on the disk. Only then may a file be replaced.
    pub fn sync(&self) -> io::Result<()> {
        self.backup.sync_data()?;
        self.lines.sync_data()
    }
}

/// The folder of a past job. An id is not a path.
pub(super) fn folder_of_job(places: &Places, id: &str) -> Result<PathBuf> {
    let is_name = !id.starts_with('.') && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
    let folder = places.exports().join(id);
    anyhow::ensure!(is_name && folder.join("job.json").is_file(), "There is no job {id} that could be undone.");
    Ok(folder)
}

pub(super) fn header(folder: &Path) -> Result<Header> {
    let text = read_text(&folder.join("job.json"))?.context("The job has no beginning.")?;
    Ok(serde_json::from_str(&text)?)
}

/// `None` for a job that is still at work, or was killed.
pub(super) fn outcome(folder: &Path) -> Result<Option<Outcome>> {
    let text = read_text(&folder.join("state.json"))?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

pub(super) fn set_outcome(folder: &Path, outcome: &Outcome) -> Result<()> {
    write_atomically(&folder.join("state.json"), &serde_json::to_vec(outcome)?)
}

/// The files of a job, up to the first line that is not whole.
pub(super) fn lines(folder: &Path) -> Result<Vec<Line>> {
    let path = folder.join("files.jsonl");
    let bytes = fs::read(&path).with_context(|| format!("\"{}\" cannot be read.", path.display()))?;
    let whole = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    Ok(whole.map_while(|line| serde_json::from_slice(line).ok()).collect())
}

/// The old contents of a file, if they are there and sound.
pub(super) fn old_bytes(folder: &Path, backup: &Backup) -> io::Result<Vec<u8>> {
    let mut file = File::open(folder.join("backup.bin"))?;
    file.seek(SeekFrom::Start(backup.at))?;
    let mut bytes = Vec::new();
    file.take(backup.size_bytes).read_to_end(&mut bytes)?;
    let is_sound = blake3_hex::Hash::of(&bytes) == backup.hash;
    if is_sound { Ok(bytes) } else { Err(io::Error::new(io::ErrorKind::InvalidData, "the backup is damaged")) }
}

fn line(entry: &Entry, before: Option<Backup>) -> io::Result<Line> {
    let fresh = entry.fresh.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folders = entry.folders.iter().map(|folder| StoredPath::of(folder)).collect::<io::Result<_>>()?;
    Ok(Line { file: StoredPath::of(entry.real)?, before, after: blake3_hex::Hash(entry.after), fresh, folders })
}

/// Sorts by time; unique among all running copies of the program.
fn new_id(now: SystemTime) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let time = humantime::format_rfc3339_millis(now).to_string().replace(['-', ':'], "");
    format!("{time}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

impl StoredPath {
    pub fn of(path: &Path) -> io::Result<StoredPath> {
        // From another folder of work, a relative path would mean another file.
        let path = std::path::absolute(path)?;
        Ok(match path.to_str() {
            Some(text) => StoredPath::Text(text.to_owned()),
            None => StoredPath::Bytes { base64: BASE64_STANDARD.encode(path.as_os_str().as_encoded_bytes()) },
        })
    }

    /// `None` for what this system has no path for.
    pub fn path(&self) -> Option<PathBuf> {
        match self {
            StoredPath::Text(text) => Some(text.into()),
            StoredPath::Bytes { base64 } => Some(of_bytes(BASE64_STANDARD.decode(base64).ok()?)?.into()),
        }
    }
}

#[cfg(unix)]
fn of_bytes(bytes: Vec<u8>) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes))
}

#[cfg(not(unix))]
fn of_bytes(_bytes: Vec<u8>) -> Option<OsString> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_no_text_comes_back() {
        #[cfg(unix)]
        let path = PathBuf::from(<OsString as std::os::unix::ffi::OsStringExt>::from_vec(b"/caf\xe9.xmp".to_vec()));
        #[cfg(not(unix))]
        let path = PathBuf::from("C:\\café.xmp");
        let stored = serde_json::to_string(&StoredPath::of(&path).unwrap()).unwrap();
        assert_eq!(serde_json::from_str::<StoredPath>(&stored).unwrap().path(), Some(path));
    }

    #[test]
    fn ids_sort_by_time_and_are_unique() {
        let second = |secs| SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(secs);
        let ids = [new_id(second(1_000_000_000)), new_id(second(1_764_000_000)), new_id(second(1_764_000_000))];
        assert!(ids[0] < ids[1] && ids[1] != ids[2], "{ids:?}");
        assert!(ids[0].starts_with("20010909T014640.000Z-"), "{ids:?}");
    }

    #[test]
    fn an_id_that_is_a_path_is_no_job() {
        let data = tempfile::tempdir().unwrap();
        let places = Places::at(data.path().to_path_buf());
        for id in ["", "..", "../exports", "a/b", "nothing"] {
            assert!(folder_of_job(&places, id).is_err(), "{id}");
        }
    }
}
