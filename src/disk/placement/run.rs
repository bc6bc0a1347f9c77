//! A plan being carried out, one file a step.
//!
//! Promise: all steps are in the journal before the first is done, and whoever stops between two steps can undo those
//! that were done.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};

use crate::catalog::{Change, Done, JobKind, Plan, Refusal, Row, Way};
use crate::disk::{Places, is_taken};

use super::journal::{Header, Journal, Made, Step, now};
use super::ways::Written;
use super::{trash, ways, words};

/// A job under way. What is dropped half done counts as stopped.
pub struct PlacementRun {
    places: Places,
    kind: JobKind,
    folders: Vec<PathBuf>,
    steps: Vec<Step>,
    /// The photo of each step.
    photos: Vec<Arc<Path>>,
    next: usize,
    /// `None` where there is nothing to do, and after the end.
    journal: Option<Journal>,
    /// The photo that did not get into a folder; its sidecars must not go there without it.
    left: Option<(Arc<Path>, PathBuf)>,
    done: Done,
}

/// Why a step was not done.
struct Problem {
    reason: String,
    /// The next steps would fail as well.
    is_final: bool,
}

impl PlacementRun {
    /// Refuses a plan as a whole if it needs more than `free_bytes`, the room that the disk has now.
    pub fn start(places: &Places, plan: &Plan, free_bytes: Option<u64>) -> Result<PlacementRun> {
        if let Some(reason) = words::no_room(plan.needed_bytes, free_bytes) {
            bail!(reason);
        }
        let kind = plan.rows.first().map_or(JobKind::Copy, kind_of);
        let rows = plan.rows.iter().filter_map(|row| Some((row.photo.clone(), step_of(row)?)));
        let (photos, steps): (Vec<Arc<Path>>, Vec<Step>) = rows.unzip();
        let folders = missing_folders(&steps);
        let header = Header { kind, date: now(), folders: folders.clone() };
        let journal = if steps.is_empty() { None } else { Some(Journal::begin(places, &header, &steps)?) };
        Ok(PlacementRun {
            places: places.clone(),
            kind,
            folders,
            photos,
            steps,
            next: 0,
            done: Done { id: journal.as_ref().map(|journal| journal.id.clone()), ..Done::default() },
            journal,
            left: None,
        })
    }

    /// Puts one file in its place; false once none is left.
    pub fn step(&mut self) -> bool {
        let (number, Some(step)) = (self.next, self.steps.get(self.next).cloned()) else { return false };
        self.next += 1;
        if let Err(problem) = self.carry_out(number, &step) {
            self.left = self.group(number).filter(|_| !self.is_sidecar(number)).or(self.left.take());
            self.done.refused.push(Refusal { file: step.from, reason: problem.reason });
            if problem.is_final {
                self.stop();
                return false;
            }
        }
        self.next < self.steps.len()
    }

    /// Files that were looked at, of all.
    pub fn progress(&self) -> (usize, usize) {
        (self.next, self.steps.len())
    }

    /// What became of it so far; no further step is done. A job that did nothing leaves nothing.
    pub fn finish(mut self) -> Done {
        self.stop();
        std::mem::take(&mut self.done)
    }

    fn carry_out(&mut self, number: usize, step: &Step) -> Result<(), Problem> {
        let is_left = self.is_sidecar(number) && self.left.is_some() && self.left == self.group(number);
        let Some(journal) = &mut self.journal else { return Ok(()) };
        let written = if is_left { Err(words::PHOTO_STAYED.into()) } else { put(self.kind, &journal.id, number, step) };
        let noted = match &written {
            Ok(written) => journal.made(Made {
                step: number,
                size_bytes: written.size_bytes,
                blake3: written.blake3.map(|hash| hash.to_hex().to_string()),
            }),
            Err(_) => journal.settled(number),
        };
        self.done.files += usize::from(written.is_ok());
        written?;
        noted.map_err(|error| Problem { reason: format!("{error:#}"), is_final: true })
    }

    /// The photo of a step, and the folder that it gets to.
    fn group(&self, number: usize) -> Option<(Arc<Path>, PathBuf)> {
        let folder = self.steps.get(number)?.to.parent()?.to_path_buf();
        Some((self.photos.get(number)?.clone(), folder))
    }

    fn is_sidecar(&self, number: usize) -> bool {
        let names = self.photos.get(number).zip(self.steps.get(number));
        names.is_some_and(|(photo, step)| photo.file_name() != step.from.file_name())
    }

    fn stop(&mut self) {
        let Some(mut journal) = self.journal.take() else { return };
        if self.done.files == 0 {
            self.done.id = None;
            remove_empty(&self.folders);
            return journal.discard(&self.places);
        }
        if self.next < self.steps.len() {
            // Undoing finds out by itself where this cannot be written.
            let _ = journal.stopped(self.next);
        }
    }
}

impl Drop for PlacementRun {
    fn drop(&mut self) {
        self.stop();
    }
}

impl From<&str> for Problem {
    fn from(reason: &str) -> Problem {
        Problem { reason: reason.to_owned(), is_final: false }
    }
}

/// The name under which a file grows: hidden, and found again by undoing.
pub fn part_of(to: &Path, id: &str, number: usize) -> PathBuf {
    to.with_file_name(format!(".tagroll-{id}-{number}.part"))
}

/// Removes those that are empty, the lowest first.
pub fn remove_empty(folders: &[PathBuf]) {
    // The system refuses to remove one that holds something, which is what is wanted.
    folders.iter().rev().for_each(|folder| _ = fs::remove_dir(folder));
}

fn put(kind: JobKind, id: &str, number: usize, step: &Step) -> Result<Written, Problem> {
    if kind == JobKind::Trash {
        trash::throw_away(&step.from).map_err(|reason| Problem { reason, is_final: false })?;
        return Ok(Written { size_bytes: step.size_bytes, blake3: None });
    }
    let (from, to, part) = (&*step.from, &*step.to, part_of(&step.to, id, number));
    let folder = step.to.parent().unwrap_or(Path::new("."));
    let written = fs::create_dir_all(folder).and_then(|()| match kind {
        JobKind::Move => ways::move_file(from, to, &part),
        JobKind::Hardlink => ways::hardlink(from, to),
        JobKind::Symlink => ways::symlink(from, to),
        _ => ways::copy(from, to, &part),
    });
    written.map_err(|error| Problem {
        reason: words::of_step(kind, from, to, &error),
        is_final: words::is_of_disk(&error),
    })
}

fn kind_of(row: &Row) -> JobKind {
    match row.change {
        Change::Place { way: Way::Copy, .. } => JobKind::Copy,
        Change::Place { way: Way::Move, .. } => JobKind::Move,
        Change::Place { way: Way::Hardlink, .. } => JobKind::Hardlink,
        Change::Place { way: Way::Symlink, .. } => JobKind::Symlink,
        Change::Trash => JobKind::Trash,
        Change::Keywords(_) => JobKind::Sidecars,
    }
}

/// `None` for rows of another kind of job.
fn step_of(row: &Row) -> Option<Step> {
    match &row.change {
        Change::Place { from, size_bytes, .. } => {
            Some(Step { from: from.clone(), to: row.file.clone(), size_bytes: *size_bytes })
        }
        Change::Trash => {
            let size_bytes = fs::symlink_metadata(&row.file).map_or(0, |metadata| metadata.len());
            Some(Step { from: row.file.clone(), to: row.file.clone(), size_bytes })
        }
        Change::Keywords(_) => None,
    }
}

/// Each after those above it.
fn missing_folders(steps: &[Step]) -> Vec<PathBuf> {
    let parents: BTreeSet<&Path> = steps.iter().filter_map(|step| step.to.parent()).collect();
    let missing = parents.into_iter().flat_map(|parent| parent.ancestors().take_while(|folder| !is_taken(folder)));
    missing.map(Path::to_path_buf).collect::<BTreeSet<PathBuf>>().into_iter().collect()
}
