//! What Tagroll keeps for itself in the data folder, models apart: which files those are, and taking them away.
//!
//! Promise: a file counts only if it lies where Tagroll writes and is called as Tagroll calls it, and what counts is also what
//! goes. No link is followed or removed, so nothing outside the data folder is touched; whatever else lies in it stays.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Places, Store, StoreError};

/// What a file of Tagroll's is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnPart {
    Store,
    Session,
    Sets,
    Exports,
}

/// Tagroll's files in the data folder.
#[derive(Clone, Debug, Default)]
pub struct OwnFiles {
    files: Vec<(OwnPart, PathBuf, u64)>,
    /// Each after those within it.
    folders: Vec<PathBuf>,
    /// What is called as one of Tagroll's files or folders, but leads elsewhere or belongs to another program.
    others: Vec<(PathBuf, &'static str)>,
}

const IS_A_LINK: &str = "it is a link to another place";
const IS_FOREIGN: &str = "it is no store that Tagroll can read, and may belong to another program";

impl OwnFiles {
    pub fn of(places: &Places) -> OwnFiles {
        let mut own = OwnFiles::default();
        let store = places.store();
        match fs::symlink_metadata(&store) {
            Ok(metadata) if metadata.is_file() && !is_readable(&store) => own.others.push((store, IS_FOREIGN)),
            _ => own.note(places.data_dir(), OwnPart::Store, is_of_store),
        }
        own.note(places.data_dir(), OwnPart::Session, is_of_session);
        own.note_folder(&places.sets(), OwnPart::Sets, is_of_sets);
        for job in own.folders_in(&places.exports()) {
            match name_of(&job) {
                Some("first") => own.note_folder(&job, OwnPart::Exports, is_first_version),
                Some(name) if is_job(name) => own.note_folder(&job, OwnPart::Exports, is_of_job),
                _ => {}
            }
        }
        own.note_folder(&places.exports(), OwnPart::Exports, |_| false);
        own.note_folder(&places.crashes(), OwnPart::Session, is_of_crashes);
        own
    }

    /// How many files of a part there are, and what they take.
    pub fn size(&self, part: OwnPart) -> (usize, u64) {
        let of_part = self.files.iter().filter(|(of, ..)| *of == part);
        of_part.fold((0, 0), |(count, bytes), (.., size_bytes)| (count + 1, bytes + size_bytes))
    }

    /// Takes everything away that is Tagroll's. Returns what is left of it, each with the reason, in words.
    pub fn remove(self) -> Vec<String> {
        let removed = self.files.iter().map(|(_, path, _)| (path, fs::remove_file(path)));
        let mut left: Vec<String> = removed.filter_map(|(path, outcome)| trouble(path, outcome)).collect();
        // One that is not empty holds something of others, or what was just told.
        self.folders.iter().for_each(|folder| drop(fs::remove_dir(folder)));
        left.extend(self.others.iter().map(|(path, why)| left_alone(path, why)));
        left
    }

    /// Notes the folder and those files in it that `is_own` knows by their names.
    fn note_folder(&mut self, folder: &Path, part: OwnPart, is_own: impl Fn(&str) -> bool) {
        if self.is_real(folder) {
            self.note(folder, part, is_own);
            self.folders.push(folder.to_path_buf());
        }
    }

    fn note(&mut self, folder: &Path, part: OwnPart, is_own: impl Fn(&str) -> bool) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let is_own = entry.file_name().to_str().is_some_and(&is_own);
            // Of the entry itself, whatever a link leads to.
            let Ok(metadata) = entry.metadata() else { continue };
            match is_own {
                true if metadata.is_file() => self.files.push((part, entry.path(), metadata.len())),
                true if metadata.is_symlink() => self.others.push((entry.path(), IS_A_LINK)),
                _ => {}
            }
        }
    }

    fn folders_in(&mut self, folder: &Path) -> Vec<PathBuf> {
        if !self.is_real(folder) {
            return Vec::new();
        }
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let real = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        real.map(|entry| entry.path()).collect()
    }

    /// Whether there is such a folder, and not a link to one, which is noted.
    fn is_real(&mut self, folder: &Path) -> bool {
        let Ok(metadata) = fs::symlink_metadata(folder) else { return false };
        if metadata.is_symlink() && !self.others.iter().any(|(path, _)| path == folder) {
            self.others.push((folder.to_path_buf(), IS_A_LINK));
        }
        metadata.is_dir()
    }
}

/// Whether it is a store of Tagroll's, be it of a newer version.
fn is_readable(store: &Path) -> bool {
    matches!(Store::open(store), Ok(_) | Err(StoreError::Newer { .. }))
}

fn trouble(path: &Path, outcome: io::Result<()>) -> Option<String> {
    match outcome {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Some(format!("\"{}\" could not be removed: {error}.", path.display()))
        }
        _ => None,
    }
}

fn left_alone(path: &Path, why: &str) -> String {
    format!("\"{}\" was left as it is, because {why}.", path.display())
}

fn is_of_store(name: &str) -> bool {
    matches!(name, "tagroll.db" | "tagroll.db-wal" | "tagroll.db-shm" | "tagroll.db-journal" | "tagroll.db-lock")
}

fn is_of_session(name: &str) -> bool {
    matches!(name, "session.json" | "session.damaged.json") || is_fresh(name, |of| of.starts_with("session."))
}

/// Not the mark of a program that runs, which goes with it.
fn is_of_crashes(name: &str) -> bool {
    name.starts_with("crash-") && name.ends_with(".txt")
}

/// Also those that were set aside.
fn is_of_sets(name: &str) -> bool {
    let is_set = |name: &str| name.ends_with(".toml");
    is_set(name) || name.strip_suffix(".removed").is_some_and(is_set) || is_fresh(name, is_set)
}

/// Jobs are called by their date.
fn is_job(name: &str) -> bool {
    name.len() > 14 && name.bytes().take(4).all(|byte| byte.is_ascii_digit())
}

fn is_of_job(name: &str) -> bool {
    let is_own =
        |name: &str| matches!(name, "job.json" | "files.jsonl" | "backup.bin" | "state.json" | "placement.jsonl");
    is_own(name) || is_fresh(name, is_own)
}

/// A sidecar as it was before Tagroll, called by a hash of its path.
fn is_first_version(name: &str) -> bool {
    let is_hash = |name: &str| name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash(name) || is_fresh(name, is_hash)
}

/// Whether it is a file on its way to another name, which a stop left behind: ".session.json.4711-0.new".
fn is_fresh(name: &str, is_own: impl Fn(&str) -> bool) -> bool {
    let inner = name.strip_prefix('.').and_then(|name| name.strip_suffix(".new"));
    inner.and_then(|inner| inner.rsplit_once('.')).is_some_and(|(of, _)| is_own(of))
}

fn name_of(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data folder with one file of each kind, and the same number of things of others.
    const OWN: [&str; 13] = [
        "crashes/crash-20261125T014123.123Z-4711-0.txt",
        "tagroll.db",
        "tagroll.db-lock",
        "session.json",
        "session.damaged.json",
        ".session.json.4711-0.new",
        "sets/travel.toml",
        "sets/old.toml.removed",
        "exports/20261125T014123.123Z-4711-0/job.json",
        "exports/20261125T014123.123Z-4711-0/backup.bin",
        "exports/20261125T014123.123Z-4711-0/.state.json.4711-3.new",
        "exports/2026-11-25T01-41-23Z/placement.jsonl",
        "exports/first/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    ];
    const OTHERS: [&str; 8] = [
        "crashes/my notes.txt",
        "thesis.odt",
        "tagroll.db.backup",
        "my session.json",
        "sets/notes.txt",
        "exports/holiday/job.json",
        "exports/2026-11-25T01-41-23Z/picture.jpg",
        "exports/first/picture.jpg",
    ];

    fn data_folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in OWN.iter().chain(&OTHERS).filter(|name| **name != "tagroll.db") {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "12345").unwrap();
        }
        drop(Store::open(&folder.path().join("tagroll.db")).unwrap());
        folder
    }

    fn there<'a>(folder: &Path, names: &[&'a str]) -> Vec<&'a str> {
        names.iter().copied().filter(|name| fs::symlink_metadata(folder.join(name)).is_ok()).collect()
    }

    #[test]
    fn all_that_is_tagrolls_goes_and_all_that_is_not_stays() {
        let folder = data_folder();
        let own = OwnFiles::of(&Places::at(folder.path().to_path_buf()));
        assert_eq!(own.size(OwnPart::Session), (4, 20));
        assert_eq!(own.size(OwnPart::Sets), (2, 10));
        assert_eq!(own.size(OwnPart::Exports), (5, 25));
        assert_eq!(own.remove(), Vec::<String>::new());
        assert_eq!(there(folder.path(), &OWN), Vec::<&str>::new());
        assert_eq!(there(folder.path(), &OTHERS), OTHERS);
    }

    #[test]
    fn folders_that_are_empty_then_go_too() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sets")).unwrap();
        fs::write(folder.path().join("sets/travel.toml"), "").unwrap();
        OwnFiles::of(&Places::at(folder.path().to_path_buf())).remove();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_database_of_another_program_stays() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("tagroll.db"), "Dear diary, this is no database at all.").unwrap();
        let own = OwnFiles::of(&Places::at(folder.path().to_path_buf()));
        let left = own.remove();
        assert!(left[0].contains("another program"), "{left:?}");
        assert_eq!(there(folder.path(), &["tagroll.db"]), ["tagroll.db"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_neither_followed_nor_removed() {
        use std::os::unix::fs::symlink;
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (data, away) = (folder.path(), elsewhere.path());
        for name in ["session.json", "travel.toml"] {
            fs::write(away.join(name), "12345").unwrap();
        }
        fs::create_dir_all(away.join("2026-11-25T01-41-23Z")).unwrap();
        fs::write(away.join("2026-11-25T01-41-23Z/job.json"), "12345").unwrap();
        symlink(away.join("session.json"), data.join("session.json")).unwrap();
        symlink(away, data.join("sets")).unwrap();
        fs::create_dir(data.join("exports")).unwrap();
        symlink(away.join("2026-11-25T01-41-23Z"), data.join("exports/2026-11-25T01-41-23Z")).unwrap();
        let left = OwnFiles::of(&Places::at(data.to_path_buf())).remove();
        assert_eq!(left.len(), 2, "{left:?}");
        assert_eq!(there(data, &["session.json", "sets", "exports/2026-11-25T01-41-23Z"]).len(), 3);
        let kept = ["session.json", "travel.toml", "2026-11-25T01-41-23Z/job.json"];
        assert_eq!(there(away, &kept), kept);
    }
}
