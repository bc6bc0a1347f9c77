//! Some files of an export, from what was planned to what is on the disk.
//!
//! Promise: the old bytes of a whole batch are durably in the journal before the first of its files is replaced.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::crew::Crew;
use super::edit::{Holder, edit_of, edited_again};
use super::journal::{Entry, Journal, JournalFiles};
use super::plan::is_as_planned;
use super::replace::{
    Failure, Rights, folder_of, folders_of, put_in_place, remove_fresh, sync_folders, sync_fresh, sync_whole,
    take_away, write_fresh,
};
use super::target::{Old, Target, look};
use super::words::{changed_since_preview, is_full};
use crate::catalog::{JobKind, Refusal, Row, SidecarPlace, Tagging, TaggingOptions};
use crate::disk::Places;

/// What is to become of each photo.
pub(super) struct Recipe {
    options: TaggingOptions,
    taggings: Arc<[Tagging]>,
    /// Where the tagging of a photo is.
    by_photo: HashMap<Arc<Path>, usize>,
}

/// A file that is ready to be written.
pub(super) struct Prepared {
    pub file: PathBuf,
    pub real: PathBuf,
    old: Option<Old>,
    /// Empty where nothing is left of a sidecar that Tagroll made: then the file goes.
    after: Vec<u8>,
    hash: blake3::Hash,
    /// The file that is written before it is renamed; the journal names it.
    fresh: PathBuf,
    /// Those that have to be made.
    folders: Vec<PathBuf>,
}

/// Writes what is ready.
pub(super) struct Writer {
    places: Places,
    kind: JobKind,
    journal: Option<Journal>,
    /// Folders in which files were renamed. A power cut before they are synced leaves some files as they were, whole.
    renamed_in: BTreeSet<PathBuf>,
    /// Files that were replaced.
    held: Vec<File>,
}

/// Files that are written down and stand beside those that they will replace.
pub(super) struct Begun {
    ready: Vec<Prepared>,
    /// Of each file.
    written: Vec<Result<(), Failure>>,
    journal: Arc<JournalFiles>,
}

/// Why nothing of some files was put in its place.
pub(super) struct Stopped {
    pub ready: Vec<Prepared>,
    pub reason: String,
}

/// What became of each file.
pub(super) struct Finished {
    pub ready: Vec<Prepared>,
    pub each: Vec<Result<(), Failure>>,
    /// What was read of those that were replaced.
    old: Vec<Old>,
}

/// What was written, when all is done.
#[derive(Default)]
pub(super) struct Closed {
    /// Of the job, if there is one.
    pub id: Option<String>,
    /// Why what was written may not survive a power cut.
    pub warning: Option<Refusal>,
}

impl Recipe {
    pub fn new(taggings: Arc<[Tagging]>, options: TaggingOptions) -> Recipe {
        let by_photo = taggings.iter().enumerate().map(|(place, tagging)| (tagging.photo.clone(), place)).collect();
        Recipe { options, taggings, by_photo }
    }

    pub fn kind(&self) -> JobKind {
        if Holder::of(&self.options) == Holder::Photo { JobKind::Photos } else { JobKind::Sidecars }
    }

    /// Looks at a file once more and works out what is to be in it; the error says why it is left alone.
    pub fn prepare(&self, row: &Row) -> Result<Prepared, String> {
        let holder = Holder::of(&self.options);
        let Target { real, old } = look(&row.file, holder)?;
        let tagging = self.by_photo.get(&row.photo).map(|place| &self.taggings[*place]);
        let Some(tagging) = tagging.filter(|_| is_as_planned(row, old.as_ref())) else {
            return Err(changed_since_preview(&row.file));
        };
        let before = old.as_ref().map(|old| old.bytes.as_slice());
        let after = edited_again(holder, row, before, || edit_of(tagging, &self.options))?;
        let hash = blake3::hash(&after);
        // The folder of a photo is never made: if it is gone, so is the photo.
        let may_make = before.is_none() && matches!(self.options.place, SidecarPlace::Folder { .. });
        let folders = if may_make { missing(&folder_of(&real)) } else { Vec::new() };
        Ok(Prepared { file: row.file.clone(), real, old, after, hash, fresh: PathBuf::new(), folders })
    }
}

impl Writer {
    pub fn new(places: &Places, kind: JobKind) -> Writer {
        Writer { places: places.clone(), kind, journal: None, renamed_in: BTreeSet::new(), held: Vec::new() }
    }

    /// Writes new files beside the old ones; nothing where none are ready.
    pub fn begin(&mut self, mut ready: Vec<Prepared>, crew: &Crew) -> Result<Option<Begun>, Stopped> {
        if ready.is_empty() {
            return Ok(None);
        }
        match self.record(&mut ready) {
            Ok(journal) => {
                let written = crew.map(&ready, Prepared::write_fresh);
                Ok(Some(Begun { ready, written, journal }))
            }
            Err(reason) => Err(Stopped { ready, reason }),
        }
    }

    /// What was put in its place is to last; `most_held` of the old files stay open.
    pub fn note(&mut self, finished: &mut Finished, most_held: usize, crew: &Crew) {
        self.renamed_in.extend(folders_of(succeeded(&finished.ready, &finished.each)));
        let held = crew
            .at_work(|| mem::take(&mut finished.old).into_par_iter().filter_map(|old| old.held).collect::<Vec<_>>());
        if self.held.len() + held.len() > most_held {
            crew.drop_all(mem::take(&mut self.held));
        }
        self.held.extend(held);
    }

    /// Makes durable what was written, and writes down that the job wrote so many files and is at its end.
    pub fn close(self, files: usize, crew: &Crew) -> Closed {
        let Some(journal) = self.journal else { return Closed::default() };
        let folder = self.renamed_in.first().cloned().unwrap_or_default();
        let warning = sync_folders(crew, self.renamed_in).err().map(|error| Refusal {
            reason: format!("Written, but the disk does not say that it will last: {error}. Check the disk."),
            file: folder,
        });
        let id = Some(journal.id.clone()).filter(|_| files > 0);
        // Without it the job counts as killed, and can be undone just as well.
        if let Err(error) = journal.end(files) {
            log::warn!("The end of an export was not written down: {error:#}");
        }
        crew.drop_all(self.held);
        Closed { id, warning }
    }

    /// Names what will be written, and writes down how to undo it.
    fn record(&mut self, ready: &mut [Prepared]) -> Result<Arc<JournalFiles>, String> {
        let journal = match &mut self.journal {
            Some(journal) => journal,
            none => {
                let begun = Journal::begin(&self.places, self.kind).map_err(|error| no_backup(error.root_cause()))?;
                none.insert(begun)
            }
        };
        for one in ready.iter_mut() {
            one.fresh = folder_of(&one.real).join(journal.fresh_name());
        }
        let entries: Vec<Entry> = ready.iter().map(Prepared::entry).collect();
        journal.record(&entries).map_err(|error| no_backup(&error))?;
        Ok(journal.files())
    }
}

impl Begun {
    /// How many files.
    pub fn len(&self) -> usize {
        self.ready.len()
    }

    /// Waits for the disk, then puts the files in their place.
    pub fn finish(self, crew: &Crew) -> Result<Finished, Stopped> {
        let Begun { mut ready, written, journal } = self;
        let (mut each, kept) = rayon::join(|| synced(crew, &ready, written), || journal.sync());
        if let Err(error) = kept {
            ready.iter().for_each(|one| remove_fresh(&one.fresh));
            return Err(Stopped { ready, reason: no_backup(&error) });
        }
        // By one hand: in one folder, only one file is renamed at a time anyway.
        for (one, written) in ready.iter().zip(&mut each).filter(|(_, written)| written.is_ok()) {
            *written = one.put_in_place();
        }
        let old = ready.iter_mut().filter_map(|one| one.old.take()).collect();
        Ok(Finished { ready, each, old })
    }

    /// Takes the new files away again.
    pub fn give_up(self) {
        self.ready.iter().for_each(|one| remove_fresh(&one.fresh));
    }
}

/// Waits until all files that were written are on the disk.
fn synced(crew: &Crew, ready: &[Prepared], written: Vec<Result<(), Failure>>) -> Vec<Result<(), Failure>> {
    if sync_whole(&folders_of(succeeded(ready, &written))) {
        return written;
    }
    let each: Vec<_> = ready.iter().zip(written.iter().map(Result::is_ok)).collect();
    let synced = crew.map_waiting(&each, |(one, is_ok)| {
        if *is_ok && !one.after.is_empty() { sync_fresh(&one.fresh, &one.file) } else { Ok(()) }
    });
    written.into_iter().zip(synced).map(|(written, synced)| written.and(synced)).collect()
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

/// The real paths of what was written.
fn succeeded<'a>(ready: &'a [Prepared], written: &'a [Result<(), Failure>]) -> impl Iterator<Item = &'a Path> {
    ready.iter().zip(written).filter(|(_, written)| written.is_ok()).map(|(one, _)| one.real.as_path())
}

fn no_backup(error: &(dyn std::error::Error + 'static)) -> String {
    let is_full = error.downcast_ref().is_some_and(is_full);
    let what = if is_full { "the disk is full".to_owned() } else { error.to_string() };
    format!("Nothing more was written, because the old contents cannot be kept in Tagroll's data folder: {what}.")
}

/// The folders on the way to this one that are not there, the outermost first.
fn missing(folder: &Path) -> Vec<PathBuf> {
    let is_gone = |error: io::Error| error.kind() == io::ErrorKind::NotFound;
    let is_missing = |folder: &&Path| fs::symlink_metadata(folder).is_err_and(is_gone);
    let mut missing: Vec<PathBuf> = folder.ancestors().take_while(is_missing).map(Path::to_path_buf).collect();
    missing.reverse();
    missing
}
