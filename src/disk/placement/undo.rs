//! A job being taken back, one file a step, the last one first.
//!
//! Promise: a file is removed only if it is what the job made and its content is elsewhere; what was changed since, or
//! would have to overwrite something, stays and is listed. Undoing twice is harmless, and so is undoing a job that was
//! killed: where the journal does not say whether a step was done, the files themselves do.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::Result;

use crate::catalog::{Done, JobKind, JobState, Refusal};
use crate::disk::{Places, is_taken};

use super::journal::{Journal, Made, Record, Step};
use super::run::{part_of, remove_empty};
use super::trash::Bin;
use super::{ways, words};

const CHANGED: &str = "It was changed after it was copied, so it stays.";
const ORIGINAL_GONE: &str = "The photo that it comes from is no longer there, so it stays.";
const NOT_OURS: &str = "Something else stands in its place now, so it stays.";

/// An undoing under way.
pub struct PlacementUndo {
    journal: Journal,
    record: Record,
    /// How many steps, from the first, have not been looked at.
    left: usize,
    was_undone: bool,
    /// Read when it is first needed.
    bin: Option<Bin>,
    done: Done,
}

/// What undoing a step came to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Undone,
    /// There was nothing to undo.
    Nothing,
}

impl PlacementUndo {
    pub fn open(places: &Places, id: &str) -> Result<PlacementUndo> {
        let record = Record::read(places, id)?;
        Ok(PlacementUndo {
            journal: Journal::open(places, id)?,
            left: record.steps.len(),
            was_undone: record.state() == JobState::Undone,
            record,
            bin: None,
            done: Done { id: Some(id.to_owned()), ..Done::default() },
        })
    }

    /// Takes one file back; false once none is left. Whoever stops between two steps can go on later.
    pub fn step(&mut self) -> bool {
        let Some(number) = self.left.checked_sub(1) else { return false };
        self.left = number;
        if !self.record.is_settled[number] {
            self.settle(number);
        }
        if number == 0 && !self.was_undone {
            remove_empty(&self.record.header.folders);
        }
        number > 0
    }

    /// Files that were looked at, of all.
    pub fn progress(&self) -> (usize, usize) {
        (self.record.steps.len() - self.left, self.record.steps.len())
    }

    /// What became of it so far.
    pub fn finish(self) -> Done {
        self.done
    }

    fn settle(&mut self, number: usize) {
        let (step, made) = (self.record.steps[number].clone(), self.record.made[number].clone());
        let _ = fs::remove_file(part_of(&step.to, &self.journal.id, number));
        let outcome = match self.record.header.kind {
            JobKind::Copy => undo_copy(&step, made.as_ref()),
            JobKind::Move => self.undo_move(number, &step, made.is_some()),
            JobKind::Hardlink => undo_hardlink(&step),
            JobKind::Symlink => undo_symlink(&step),
            JobKind::Trash => self.undo_trash(&step, made.is_some()),
            JobKind::Sidecars | JobKind::Photos => Ok(Outcome::Nothing),
        };
        match outcome {
            Ok(outcome) => {
                self.done.files += usize::from(outcome == Outcome::Undone);
                // Without this line the next undoing looks at the files once more and finds nothing to do.
                let _ = self.journal.settled(number);
            }
            Err(reason) => self.done.refused.push(Refusal { file: step.to, reason }),
        }
    }

    fn undo_move(&self, number: usize, step: &Step, was_made: bool) -> Result<Outcome, String> {
        let (from, to) = (&*step.from, &*step.to);
        match (is_taken(from), is_taken(to)) {
            (true, false) => Ok(Outcome::Nothing),
            (false, false) if was_made => Err(words::NO_LONGER_THERE.to_owned()),
            (false, false) => Ok(Outcome::Nothing),
            (true, true) => undo_half_move(step, was_made),
            (false, true) => {
                let part = part_of(from, &self.journal.id, number);
                let folder = from.parent().unwrap_or(Path::new("."));
                let moved = fs::create_dir_all(folder).and_then(|()| ways::move_file(to, from, &part));
                moved.map(|_| Outcome::Undone).map_err(|error| words::of_step(JobKind::Move, to, from, &error))
            }
        }
    }

    fn undo_trash(&mut self, step: &Step, was_made: bool) -> Result<Outcome, String> {
        if is_taken(&step.from) {
            let is_other = was_made && fs::symlink_metadata(&step.from).is_ok_and(|m| m.len() != step.size_bytes);
            return if is_other { Err(words::FROM_TRASH_BY_HAND.to_owned()) } else { Ok(Outcome::Nothing) };
        }
        if self.bin.is_none() {
            self.bin = Bin::open();
        }
        let is_back = self.bin.as_mut().is_some_and(|bin| bin.restore(&step.from, step.size_bytes));
        match (is_back, was_made) {
            (true, _) => Ok(Outcome::Undone),
            (false, true) => Err(words::FROM_TRASH_BY_HAND.to_owned()),
            (false, false) => Ok(Outcome::Nothing),
        }
    }
}

/// Undoes a whole job.
pub fn undo_placement(places: &Places, id: &str) -> Result<Done> {
    let mut undo = PlacementUndo::open(places, id)?;
    while undo.step() {}
    Ok(undo.finish())
}

fn undo_copy(step: &Step, made: Option<&Made>) -> Result<Outcome, String> {
    let Some(size_bytes) = size_of(&step.to)? else { return Ok(Outcome::Nothing) };
    if ways::is_same_entry(&step.from, &step.to) {
        return Err(NOT_OURS.to_owned());
    }
    let Some(made) = made else { return undo_unsaid(step, size_bytes) };
    let is_unchanged = size_bytes == made.size_bytes
        && made.blake3.as_deref() == Some(ways::blake3_of(&step.to).map_err(|e| unread(&e))?.to_hex().as_str());
    match (is_unchanged, step.from.exists()) {
        (false, _) => Err(CHANGED.to_owned()),
        (true, false) => Err(ORIGINAL_GONE.to_owned()),
        (true, true) => remove(&step.to),
    }
}

/// What stands at the new place of a step of which the journal does not say whether it was done.
fn undo_unsaid(step: &Step, size_bytes: u64) -> Result<Outcome, String> {
    let is_reservation = size_bytes == 0 && step.size_bytes > 0;
    if is_reservation || ways::is_same_content(&step.from, &step.to).unwrap_or(false) {
        return remove(&step.to);
    }
    Ok(Outcome::Nothing)
}

/// The photo has its old place and its new one.
fn undo_half_move(step: &Step, was_made: bool) -> Result<Outcome, String> {
    if ways::is_same_entry(&step.from, &step.to) {
        return Ok(Outcome::Nothing);
    }
    let size_bytes = size_of(&step.to)?.unwrap_or(0);
    match undo_unsaid(step, size_bytes)? {
        Outcome::Nothing if was_made => {
            Err(format!("\"{}\" is there again, so this file stays where it is.", step.from.display()))
        }
        outcome => Ok(outcome),
    }
}

fn undo_hardlink(step: &Step) -> Result<Outcome, String> {
    if size_of(&step.to)?.is_none() {
        return Ok(Outcome::Nothing);
    }
    // The link may lead to where a symbolic link led.
    let Ok(real) = step.from.canonicalize() else { return Err(ORIGINAL_GONE.to_owned()) };
    if ways::is_same_entry(&real, &step.to) || !ways::is_same_content(&real, &step.to).map_err(|e| unread(&e))? {
        return Err(NOT_OURS.to_owned());
    }
    remove(&step.to)
}

fn undo_symlink(step: &Step) -> Result<Outcome, String> {
    match fs::read_link(&step.to) {
        Ok(target) if target == step.from => remove(&step.to),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Outcome::Nothing),
        _ => Err(NOT_OURS.to_owned()),
    }
}

/// `None` where nothing stands there; an error where it is no regular file.
fn size_of(file: &Path) -> Result<Option<u64>, String> {
    match fs::symlink_metadata(file) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata.len())),
        Ok(_) => Err(NOT_OURS.to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unread(&error)),
    }
}

fn remove(file: &Path) -> Result<Outcome, String> {
    match fs::remove_file(file) {
        Ok(()) => Ok(Outcome::Undone),
        Err(error) => Err(format!("It cannot be removed: {error}. Make sure that its folder may be written to.")),
    }
}

fn unread(error: &io::Error) -> String {
    format!("It cannot be read: {error}. It stays.")
}
