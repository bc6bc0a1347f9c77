//! The folder of crash reports, and the marks of programs that run.
//!
//! Promise: a program that ended in the usual way leaves no mark, and no more than [`MOST_REPORTS`] reports are kept.
//! Nothing here panics, because it is called by what has panicked.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use super::saved::write_new;

const MOST_REPORTS: usize = 10;
const REPORT: &str = "crash-";
const MARK: &str = "running-";

/// Puts a report into the folder, and takes the oldest away if there are too many. Returns where it lies.
pub fn keep_report(folder: &Path, text: &str) -> anyhow::Result<PathBuf> {
    let path = folder.join(unique_name(REPORT) + ".txt");
    write_new(&path, text.as_bytes())?;
    let mut reports = files(folder, REPORT);
    reports.sort();
    let too_many = reports.len().saturating_sub(MOST_REPORTS);
    for old in &reports[..too_many] {
        // One that stays is only untidy.
        let _ = fs::remove_file(old);
    }
    Ok(path)
}

/// The newest report; their names are in the order of time.
pub fn newest_report(folder: &Path) -> Option<PathBuf> {
    files(folder, REPORT).into_iter().max()
}

/// Says that the program runs, for as long as it lives: its file is locked, and the lock goes with the process, however
/// that ends.
pub struct Mark {
    path: PathBuf,
    file: File,
}

impl Mark {
    /// What is written in it is what others will know if the program ends without a word.
    pub fn set(folder: &Path, text: &str) -> io::Result<Mark> {
        fs::create_dir_all(folder)?;
        let path = folder.join(unique_name(MARK));
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        // Locked before anything is written: an empty mark is one that is being set.
        file.lock()?;
        let mut mark = Mark { path, file };
        mark.write(text)?;
        Ok(mark)
    }

    pub fn write(&mut self, text: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        // One that stays counts as a crash, which is better than a panic while the program ends.
        let _ = fs::remove_file(&self.path);
    }
}

/// Takes away the marks of programs that are gone; returns what is written in them.
pub fn take_abandoned(folder: &Path) -> Vec<String> {
    files(folder, MARK).iter().filter_map(|path| take_if_abandoned(path)).collect()
}

fn take_if_abandoned(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    match file.try_lock() {
        Ok(()) => {}
        // Its program runs, or cannot be asked.
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => return None,
    }
    let mut text = String::new();
    file.read_to_string(&mut text).ok().filter(|_| !text.is_empty())?;
    fs::remove_file(path).ok()?;
    Some(text)
}

/// In the order of time, and unlike that of any other program or report.
fn unique_name(kind: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let time = humantime::format_rfc3339_millis(SystemTime::now()).to_string().replace(':', "-");
    format!("{kind}{time}-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Those of one kind, in no order. A folder that cannot be read holds none.
fn files(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_of_kind = |entry: &fs::DirEntry| entry.file_name().to_str().is_some_and(|name| name.starts_with(kind));
    entries.filter(is_of_kind).map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_reports_make_room_for_new_ones() {
        let folder = tempfile::tempdir().unwrap();
        let reports: Vec<PathBuf> = (0..13).map(|_| keep_report(folder.path(), "text").unwrap()).collect();
        assert_eq!(files(folder.path(), REPORT).len(), MOST_REPORTS);
        assert_eq!(newest_report(folder.path()).as_ref(), reports.iter().max());
    }

    #[test]
    fn a_program_that_runs_or_ended_well_is_not_abandoned() {
        let folder = tempfile::tempdir().unwrap();
        let mark = Mark::set(folder.path(), "one").unwrap();
        assert_eq!(take_abandoned(folder.path()), Vec::<String>::new());
        drop(mark);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_mark_whose_program_is_gone_is_taken_once() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("running-2026"), "two").unwrap();
        fs::write(folder.path().join("running-2027"), "").unwrap();
        assert_eq!(take_abandoned(folder.path()), ["two"]);
        assert_eq!(take_abandoned(folder.path()), Vec::<String>::new());
    }
}
