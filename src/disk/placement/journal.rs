//! What a job did to files, written down so that it can be undone: one line of JSON each, in a folder of its own.
//!
//! Promise: everything that a job is going to do is on the disk before it does the first of it. So a run that was killed,
//! or that lost its power, can be undone; a last line that was cut off costs nothing but another look at one file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::catalog::{JobEntry, JobKind, JobState};
use crate::disk::{Places, write_atomically};

use super::exact_path;

const FILE_NAME: &str = "placement.jsonl";

/// A job as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    pub kind: JobKind,
    /// RFC 3339, UTC.
    pub date: String,
    /// Folders that the job makes, each after those above it.
    #[serde(with = "exact_path::list")]
    pub folders: Vec<PathBuf>,
}

/// One file that is put elsewhere. For the trash, both places are the one that it leaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    #[serde(with = "exact_path")]
    pub from: PathBuf,
    #[serde(with = "exact_path")]
    pub to: PathBuf,
    pub size_bytes: u64,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Made {
    pub step: usize,
    pub size_bytes: u64,
    /// Of a copy, in hexadecimal.
    pub blake3: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Job(Header),
    Step(Step),
    Made(Made),
    /// Nothing of this step is left to undo.
    Settled(usize),
    /// No step from this one on was begun.
    Stopped(usize),
}

/// All that a journal says.
#[derive(Clone, Debug)]
pub struct Record {
    pub header: Header,
    pub steps: Vec<Step>,
    /// By step; `None` where the run did not get to say so.
    pub made: Vec<Option<Made>>,
    /// By step.
    pub is_settled: Vec<bool>,
}

/// A journal that is being added to.
pub struct Journal {
    pub id: String,
    file: File,
}

impl Journal {
    /// Writes the header and every step, in a new folder.
    pub fn begin(places: &Places, header: &Header, steps: &[Step]) -> Result<Journal> {
        let exports = places.exports();
        let id = new_folder(&exports, &header.date).with_context(|| {
            format!("No journal can be kept in \"{}\". Make sure that it may be written to.", exports.display())
        })?;
        let lines = std::iter::once(Line::Job(header.clone())).chain(steps.iter().cloned().map(Line::Step));
        let text: String = lines.map(|line| text_of(&line)).collect::<Result<_>>()?;
        write_atomically(&path_of(places, &id), text.as_bytes())?;
        Journal::open(places, &id)
    }

    pub fn open(places: &Places, id: &str) -> Result<Journal> {
        let path = path_of(places, id);
        let open = || -> io::Result<File> {
            let mut file = OpenOptions::new().read(true).append(true).open(&path)?;
            end_last_line(&mut file)?;
            Ok(file)
        };
        let file = open().with_context(|| cannot_be_read(&path))?;
        Ok(Journal { id: id.to_owned(), file })
    }

    pub fn made(&mut self, made: Made) -> Result<()> {
        self.add(&Line::Made(made))
    }

    pub fn settled(&mut self, step: usize) -> Result<()> {
        self.add(&Line::Settled(step))
    }

    pub fn stopped(&mut self, step: usize) -> Result<()> {
        self.add(&Line::Stopped(step))
    }

    /// Takes the journal of a job away that did nothing.
    pub fn discard(self, places: &Places) {
        let path = path_of(places, &self.id);
        drop(self.file);
        // What stays of it says only that nothing is left to undo.
        let _ = fs::remove_file(&path);
        let _ = path.parent().map(fs::remove_dir);
    }

    /// One write a line, so that a kill leaves whole lines. It is not forced to the disk: the steps are there already, and
    /// undoing looks at the files themselves where nothing is said of them.
    fn add(&mut self, line: &Line) -> Result<()> {
        let text = text_of(line)?;
        self.file.write_all(text.as_bytes()).context("The journal cannot be written. Free some room on its disk.")
    }
}

impl Record {
    pub fn read(places: &Places, id: &str) -> Result<Record> {
        let path = path_of(places, id);
        let bytes = if is_id(id) { read(&path)? } else { None };
        let bytes = bytes.with_context(|| format!("There is no job \"{id}\". The list of jobs has them all."))?;
        // The last line may have been cut off within a letter.
        Record::of(&String::from_utf8_lossy(&bytes)).with_context(|| cannot_be_read(&path))
    }

    fn of(text: &str) -> Option<Record> {
        // A line that was cut off says nothing.
        let mut lines = text.lines().filter_map(|line| serde_json::from_str(line).ok());
        let Some(Line::Job(header)) = lines.next() else { return None };
        let mut record = Record { header, steps: Vec::new(), made: Vec::new(), is_settled: Vec::new() };
        lines.for_each(|line| record.take(line));
        Some(record)
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Job(_) => {}
            Line::Step(step) => {
                self.steps.push(step);
                self.made.push(None);
                self.is_settled.push(false);
            }
            Line::Made(made) => {
                if let Some(place) = self.made.get_mut(made.step) {
                    *place = Some(made);
                }
            }
            Line::Settled(step) => self.is_settled.get_mut(step).into_iter().for_each(|settled| *settled = true),
            Line::Stopped(step) => self.is_settled.iter_mut().skip(step).for_each(|settled| *settled = true),
        }
    }

    pub fn state(&self) -> JobState {
        if self.is_settled.iter().all(|settled| *settled) { JobState::Undone } else { JobState::Done }
    }
}

/// Jobs that put photos elsewhere, the latest first. What cannot be read is left out.
pub fn placement_jobs(places: &Places) -> Vec<JobEntry> {
    let folders = fs::read_dir(places.exports()).into_iter().flatten().flatten();
    let ids = folders.filter_map(|entry| entry.file_name().into_string().ok());
    let mut jobs: Vec<JobEntry> = ids.filter_map(|id| entry_of(places, id)).collect();
    jobs.sort_by(|a, b| (&b.date, &b.id).cmp(&(&a.date, &a.id)));
    jobs
}

/// RFC 3339, UTC.
pub fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

fn entry_of(places: &Places, id: String) -> Option<JobEntry> {
    let record = Record::read(places, &id).ok()?;
    let (state, files) = (record.state(), record.made.iter().flatten().count());
    Some(JobEntry { id, date: record.header.date, kind: record.header.kind, state, files })
}

/// Named after the date; no two jobs share one. Windows has no colons in names.
fn new_folder(exports: &Path, date: &str) -> io::Result<String> {
    fs::create_dir_all(exports)?;
    let base = date.replace(':', "-");
    let mut number = 1;
    loop {
        let id = if number == 1 { base.clone() } else { format!("{base}-{number}") };
        match fs::create_dir(exports.join(&id)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            made => return made.map(|()| id),
        }
    }
}

fn path_of(places: &Places, id: &str) -> PathBuf {
    places.exports().join(id).join(FILE_NAME)
}

/// Whether it can be the name of a folder, and nothing that leads elsewhere.
fn is_id(id: &str) -> bool {
    let mut parts = Path::new(id).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
}

fn end_last_line(file: &mut File) -> io::Result<()> {
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    if last == *b"\n" { Ok(()) } else { file.write_all(b"\n") }
}

fn text_of(line: &Line) -> Result<String> {
    let text = serde_json::to_string(line).context("The journal cannot hold a path.")?;
    Ok(text + "\n")
}

fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| cannot_be_read(path)),
    }
}

fn cannot_be_read(path: &Path) -> String {
    format!("The journal \"{}\" cannot be read, so its job cannot be undone by Tagroll.", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(places: &Places) -> Journal {
        let header = Header { kind: JobKind::Copy, date: "2026-11-25T01:41:23Z".to_owned(), folders: vec![] };
        let step = |name: &str| Step { from: name.into(), to: name.into(), size_bytes: 5 };
        Journal::begin(places, &header, &[step("a"), step("b"), step("c")]).unwrap()
    }

    #[test]
    fn a_line_that_was_cut_off_does_not_take_the_next_one_along() {
        let folder = tempfile::tempdir().unwrap();
        let places = Places::at(folder.path().to_path_buf());
        let mut journal = begun(&places);
        journal.made(Made { step: 0, size_bytes: 5, blake3: None }).unwrap();
        journal.made(Made { step: 1, size_bytes: 5, blake3: None }).unwrap();
        let path = path_of(&places, &journal.id);
        let text = fs::read(&path).unwrap();
        fs::write(&path, &text[..text.len() - 3]).unwrap();
        Journal::open(&places, &journal.id).unwrap().settled(0).unwrap();
        let record = Record::read(&places, &journal.id).unwrap();
        assert_eq!((record.made[0].is_some(), record.made[1].is_some()), (true, false));
        assert_eq!((record.is_settled, record.header.kind), (vec![true, false, false], JobKind::Copy));
    }

    #[test]
    fn jobs_of_one_second_have_two_names_and_the_latest_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let places = Places::at(folder.path().to_path_buf());
        let ids = [begun(&places).id, begun(&places).id];
        begun(&places).discard(&places);
        let jobs: Vec<String> = placement_jobs(&places).into_iter().map(|job| job.id).collect();
        assert_eq!(jobs, [&*ids[1], &*ids[0]]);
        assert_eq!(ids[1], "2026-11-25T01-41-23Z-2");
    }

    #[test]
    fn a_job_is_looked_for_nowhere_else() {
        let places = Places::at(PathBuf::from("no such folder"));
        for id in ["", "..", "a/b", "2026"] {
            assert!(Record::read(&places, id).unwrap_err().to_string().contains("There is no job"));
        }
    }
}
