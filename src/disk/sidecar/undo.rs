//! Puts back what was there before a job.
//!
//! Promise: a file that is not what the job made of it is not touched, and is listed; every other one is as it was, to the
//! byte and with its mode. Undoing twice, or after a kill at any instant, does no harm.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::crew::Crew;
use super::edit::Holder;
use super::journal::{Backup, Line, Outcome, blake3_hex::Hash, folder_of_job, lines, old_bytes, outcome, set_outcome};
use super::replace::{
    Failure, Rights, folder_of, folders_of, put_in_place, remove_fresh, sync_folders, sync_fresh, write_fresh,
};
use super::target::{Old, look};
use super::words::{name_of, not_written};
use crate::catalog::{Done, JobState, Refusal};
use crate::disk::Places;

/// Undoes a job. It counts as undone when nothing was refused; until then it can be tried again.
pub fn undo(places: &Places, id: &str) -> Result<Done> {
    let job = folder_of_job(places, id)?;
    let outcome = outcome(&job)?;
    match outcome.as_ref().map(|outcome| outcome.state) {
        Some(JobState::Undone) => return Ok(Done { id: Some(id.to_owned()), ..Done::default() }),
        Some(JobState::Kept) => anyhow::bail!("The export {id} was kept, so what was there before is gone."),
        Some(JobState::Done) | None => {}
    }
    let lines = lines(&job)?;
    let crew = Crew::new();
    let mut done = Done { id: Some(id.to_owned()), ..Done::default() };
    for result in crew.map_waiting(&lines, |line| undo_one(&job, line)) {
        match result {
            Ok(is_changed) => done.files += usize::from(is_changed),
            Err(refusal) => done.refused.push(refusal),
        }
    }
    let files: Vec<PathBuf> = lines.iter().filter_map(|line| line.file.path()).collect();
    let mut folders = folders_of(files.iter().map(PathBuf::as_path));
    folders.retain(|folder| folder.is_dir());
    sync_folders(&crew, folders)?;
    remove_folders(&lines);
    if done.refused.is_empty() {
        let files = outcome.map_or(lines.len(), |outcome| outcome.files);
        set_outcome(&job, &Outcome { state: JobState::Undone, files })?;
    }
    Ok(done)
}

/// Whether there was something to do.
fn undo_one(job: &Path, line: &Line) -> Result<bool, Refusal> {
    let Some(file) = line.file.path() else {
        let reason =
            "This system has no file of this name. Undo the export on the system where it was made.".to_owned();
        return Err(Refusal { file: PathBuf::from(format!("{:?}", line.file)), reason });
    };
    let fresh = folder_of(&file).join(&line.fresh);
    // A job that was killed may have left it behind.
    remove_fresh(&fresh);
    restore(job, line, &file, &fresh).map_err(|reason| Refusal { file, reason })
}

fn restore(job: &Path, line: &Line, file: &Path, fresh: &Path) -> Result<bool, String> {
    // A job changes sidecars or photos; the limit of the larger ones serves both.
    let now = look(file, Holder::Photo)?.old;
    let hash = now.as_ref().map(|old| Hash(old.hash));
    // A sidecar of which nothing was left is gone.
    let is_gone = now.is_none() && line.after == Hash::of(b"");
    if let (true, Some(before)) = (is_gone, &line.before) {
        return put_back(job, before, file, fresh, None).map(|()| true);
    }
    if hash == line.before.as_ref().map(|before| before.hash) {
        return Ok(false);
    }
    let Some(now) = now.filter(|_| hash == Some(line.after)) else {
        return Err(format!("{} was changed since the export, so it is left as it is.", name_of(file)));
    };
    match &line.before {
        Some(before) => put_back(job, before, file, fresh, Some(&now))?,
        None => remove_new(file, &now)?,
    }
    Ok(true)
}

fn put_back(job: &Path, before: &Backup, file: &Path, fresh: &Path, now: Option<&Old>) -> Result<(), String> {
    let bytes = old_bytes(job, before).map_err(|error| {
        format!("{} cannot be put back, because its old contents cannot be read: {error}.", name_of(file))
    })?;
    let rights = Rights { mode: before.mode, owner: now.and_then(|now| now.stamp.owner) };
    write_fresh(fresh, file, &bytes, rights)
        .and_then(|()| sync_fresh(fresh, file))
        .and_then(|()| put_in_place(fresh, file, file, now))
        .map_err(|failure| match failure {
            Failure::Refused(reason) => reason,
            Failure::Full => format!("Could not write {}: the disk is full. Make room and try again.", name_of(file)),
        })
}

fn remove_new(file: &Path, now: &Old) -> Result<(), String> {
    match now.is_still_at(file) {
        Ok(true) => fs::remove_file(file).map_err(|error| not_written(file, &error)),
        Ok(false) => Err(format!("{} was changed since the export, so it is left as it is.", name_of(file))),
        Err(error) => Err(not_written(file, &error)),
    }
}

/// Folders that the job made, if nothing else is in them; the innermost first.
fn remove_folders(lines: &[Line]) {
    let folders: BTreeSet<PathBuf> =
        lines.iter().flat_map(|line| &line.folders).filter_map(super::journal::StoredPath::path).collect();
    for folder in folders.iter().rev() {
        // One that holds something else by now stays, as it should.
        let _ = fs::remove_dir(folder);
    }
}
