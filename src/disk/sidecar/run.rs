//! Carries out what was planned, in batches.
//!
//! Promise: the old bytes of a whole batch are durably in the journal before the first of its files is replaced. Between two
//! batches nothing is half done, so a caller can stop there, and a run that is killed can be undone.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::vec;

use super::crew::Crew;
use super::edit::{Holder, edit_of, edited};
use super::journal::{Entry, Journal};
use super::plan::is_as_planned;
use super::replace::{
    Failure, Rights, folder_of, folders_of, put_in_place, remove_fresh, sync_folders, sync_fresh, sync_whole,
    take_away, write_fresh,
};
use super::target::{Old, Target, look};
use super::words::{changed_since_preview, is_full, name_of};
use crate::catalog::{Done, JobKind, Refusal, Row, SidecarPlace, Tagging, TaggingOptions};
use crate::disk::Places;

/// Files that share one wait for the journal and the folders: with more, a stop takes noticeably longer.
const BATCH_FILES: usize = 256;
/// Their old contents are in memory together.
const BATCH_BYTES: u64 = 64 << 20;

/// An export under way.
pub struct TaggingRun {
    places: Places,
    options: TaggingOptions,
    taggings: Arc<[Tagging]>,
    /// Where the tagging of a photo is.
    by_photo: HashMap<Arc<Path>, usize>,
    waiting: vec::IntoIter<Row>,
    of: usize,
    /// Real paths of what was written: two links may lead to one file.
    written: HashSet<PathBuf>,
    journal: Option<Journal>,
    crew: Crew,
    done: Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Files that were written or refused.
    pub done: usize,
    pub of: usize,
}

/// A file that is ready to be written.
struct Prepared {
    file: PathBuf,
    real: PathBuf,
    old: Option<Old>,
    /// Empty where nothing is left of a sidecar that Tagroll made: then the file goes.
    after: Vec<u8>,
    hash: blake3::Hash,
    /// The file that is written before it is renamed; the journal names it.
    fresh: PathBuf,
    /// Those that have to be made.
    folders: Vec<PathBuf>,
}

impl Progress {
    pub fn is_done(self) -> bool {
        self.done == self.of
    }
}

impl TaggingRun {
    /// `rows` are those of a plan of these taggings and options, or some of them.
    pub fn new(places: &Places, rows: Vec<Row>, taggings: Arc<[Tagging]>, options: TaggingOptions) -> TaggingRun {
        let by_photo = taggings.iter().enumerate().map(|(place, tagging)| (tagging.photo.clone(), place)).collect();
        TaggingRun {
            places: places.clone(),
            options,
            by_photo,
            taggings,
            of: rows.len(),
            waiting: rows.into_iter(),
            written: HashSet::new(),
            journal: None,
            crew: Crew::new(),
            done: Done::default(),
        }
    }

    /// Writes the next batch.
    pub fn step(&mut self) -> Progress {
        let batch = self.next_batch();
        let mut prepared = self.prepare(&batch);
        if let Err(reason) = self.record(&mut prepared).and_then(|()| self.write(&prepared)) {
            self.stop(&prepared[0].file, prepared.len(), &reason);
        }
        self.crew.drop_all(prepared);
        Progress { done: self.of - self.waiting.len(), of: self.of }
    }

    /// What became of it, also if it was stopped before its end.
    pub fn finish(mut self) -> Done {
        if let Some(journal) = self.journal.take() {
            self.done.id = Some(journal.id.clone()).filter(|_| self.done.files > 0);
            // Without it the job counts as killed, and can be undone just as well.
            if let Err(error) = journal.end(self.done.files) {
                log::warn!("The end of an export was not written down: {error:#}");
            }
        }
        self.done
    }

    fn next_batch(&mut self) -> Vec<Row> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while batch.len() < BATCH_FILES && bytes < BATCH_BYTES {
            let Some(row) = self.waiting.next() else { break };
            bytes += fs::metadata(&row.file).map_or(0, |metadata| metadata.len());
            batch.push(row);
        }
        batch
    }

    /// Those of a batch that can be written; the others are refused.
    fn prepare(&mut self, batch: &[Row]) -> Vec<Prepared> {
        let looked = self.crew.map(batch, |row| self.prepare_one(row));
        let mut prepared = Vec::new();
        for (row, looked) in batch.iter().zip(looked) {
            match looked {
                Err(reason) => self.refuse(&row.file, reason),
                Ok(one) if !self.written.insert(one.real.clone()) => {
                    let name = name_of(&row.file);
                    self.refuse(
                        &row.file,
                        format!("{name} is a link to the sidecar of another photo. Give it its own."),
                    );
                }
                Ok(one) => prepared.push(one),
            }
        }
        prepared
    }

    fn prepare_one(&self, row: &Row) -> Result<Prepared, String> {
        let holder = Holder::of(&self.options);
        let Target { real, old } = look(&row.file, holder)?;
        let tagging = self.by_photo.get(&row.photo).map(|place| &self.taggings[*place]);
        let Some(tagging) = tagging.filter(|_| is_as_planned(row, old.as_ref())) else {
            return Err(changed_since_preview(&row.file));
        };
        let before = old.as_ref().map(|old| old.bytes.as_slice());
        let after = edited(holder, &row.file, before, &edit_of(tagging, &self.options))?.bytes;
        // The folder of a photo is never made: if it is gone, so is the photo.
        let may_make = before.is_none() && matches!(self.options.place, SidecarPlace::Folder { .. });
        let folders = if may_make { missing(&folder_of(&real)) } else { Vec::new() };
        let hash = blake3::hash(&after);
        Ok(Prepared { file: row.file.clone(), real, old, after, hash, fresh: PathBuf::new(), folders })
    }

    /// Names what will be written, and makes sure that it can be undone.
    fn record(&mut self, prepared: &mut [Prepared]) -> Result<(), String> {
        if prepared.is_empty() {
            return Ok(());
        }
        if self.journal.is_none() {
            let kind = if Holder::of(&self.options) == Holder::Photo { JobKind::Photos } else { JobKind::Sidecars };
            let begun = Journal::begin(&self.places, kind);
            self.journal = Some(begun.map_err(|error| no_backup(error.root_cause()))?);
        }
        let Some(journal) = &mut self.journal else { return Ok(()) };
        for one in prepared.iter_mut() {
            one.fresh = folder_of(&one.real).join(journal.fresh_name());
        }
        let entries: Vec<Entry> = prepared.iter().map(Prepared::entry).collect();
        journal.record(&entries).map_err(|error| no_backup(&error))
    }

    /// The error says why nothing of this batch was put in its place.
    fn write(&mut self, prepared: &[Prepared]) -> Result<(), String> {
        let fresh = self.crew.map(prepared, Prepared::write_fresh);
        let journal = self.journal.as_ref();
        let (mut written, kept) =
            rayon::join(|| synced(&self.crew, prepared, fresh), || journal.map_or(Ok(()), Journal::sync));
        if let Err(error) = kept {
            prepared.iter().for_each(|one| remove_fresh(&one.fresh));
            return Err(no_backup(&error));
        }
        for (one, written) in prepared.iter().zip(&mut written).filter(|(_, written)| written.is_ok()) {
            *written = one.put_in_place();
        }
        self.done.files += written.iter().filter(|written| written.is_ok()).count();
        if let Err(error) = sync_folders(&self.crew, folders_of(succeeded(prepared, &written))) {
            let reason = format!("Written, but the disk does not say that it will last: {error}. Check the disk.");
            self.refuse(&prepared[0].file, reason);
        }
        self.report(prepared.iter().zip(written).filter_map(|(one, written)| Some((one, written.err()?))).collect());
        Ok(())
    }

    fn report(&mut self, failures: Vec<(&Prepared, Failure)>) {
        let mut full = Vec::new();
        for (one, failure) in failures {
            match failure {
                Failure::Refused(reason) => self.refuse(&one.file, reason),
                Failure::Full => full.push(&one.file),
            }
        }
        if let Some(first) = full.first() {
            let reason = format!("Could not write {}: the disk is full. Make room and try again.", name_of(first));
            self.stop(first, full.len(), &reason);
        }
    }

    /// Gives up what is left, which is told once: the reason is the same for all of it.
    fn stop(&mut self, first: &Path, failed: usize, reason: &str) {
        let others = failed - 1 + self.waiting.len();
        self.waiting = Vec::new().into_iter();
        let reason =
            if others == 0 { reason.to_owned() } else { format!("{reason} {others} more were not attempted.") };
        self.refuse(first, reason);
    }

    fn refuse(&mut self, file: &Path, reason: String) {
        self.done.refused.push(Refusal { file: file.to_path_buf(), reason });
    }
}

impl Prepared {
    fn entry(&self) -> Entry<'_> {
        let Prepared { real, old, hash, fresh, folders, .. } = self;
        Entry { real, old: old.as_ref(), after: *hash, fresh, folders }
    }

    fn write_fresh(&self) -> Result<(), Failure> {
        if self.after.is_empty() {
            return Ok(());
        }
        if !self.folders.is_empty() {
            fs::create_dir_all(folder_of(&self.real)).map_err(|error| Failure::of_writing(&self.file, &error))?;
        }
        let rights = self.old.as_ref().map(|old| Rights::from(&old.stamp)).unwrap_or_default();
        write_fresh(&self.fresh, &self.file, &self.after, rights)
    }

    fn put_in_place(&self) -> Result<(), Failure> {
        if self.after.is_empty() {
            return take_away(&self.file, &self.real, self.old.as_ref());
        }
        put_in_place(&self.fresh, &self.file, &self.real, self.old.as_ref())
    }
}

/// Waits until all files that were written are on the disk.
fn synced(crew: &Crew, prepared: &[Prepared], written: Vec<Result<(), Failure>>) -> Vec<Result<(), Failure>> {
    if sync_whole(&folders_of(succeeded(prepared, &written))) {
        return written;
    }
    let each: Vec<_> = prepared.iter().zip(written.iter().map(Result::is_ok)).collect();
    let synced =
        crew.map(
            &each,
            |(one, is_ok)| if *is_ok && !one.after.is_empty() { sync_fresh(&one.fresh, &one.file) } else { Ok(()) },
        );
    written.into_iter().zip(synced).map(|(written, synced)| written.and(synced)).collect()
}

fn succeeded<'a>(prepared: &'a [Prepared], written: &'a [Result<(), Failure>]) -> impl Iterator<Item = &'a Path> {
    prepared.iter().zip(written).filter(|(_, written)| written.is_ok()).map(|(one, _)| one.real.as_path())
}

fn no_backup(error: &(dyn std::error::Error + 'static)) -> String {
    let is_full = error.downcast_ref().is_some_and(is_full);
    let what = if is_full { "the disk is full".to_owned() } else { error.to_string() };
    format!("Nothing more was written, because the old contents cannot be kept in Tagroll's data folder: {what}.")
}

/// The folders on the way to this one that are not there, the outermost first.
fn missing(folder: &Path) -> Vec<PathBuf> {
    let is_missing =
        |folder: &&Path| matches!(fs::symlink_metadata(folder), Err(error) if error.kind() == io::ErrorKind::NotFound);
    let mut missing: Vec<PathBuf> = folder.ancestors().take_while(is_missing).map(Path::to_path_buf).collect();
    missing.reverse();
    missing
}
