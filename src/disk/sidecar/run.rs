//! Carries out what was planned, in batches.
//!
//! Promise: between two batches nothing is half done, so a caller can stop there; and a run that is killed at any instant can
//! be undone.

use std::collections::HashSet;
use std::fs;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::vec;

use super::batch::{Prepared, Recipe, Writer, Written};
use super::crew::Crew;
use super::replace::Failure;
use super::words::name_of;
use crate::catalog::{Done, Refusal, Row, Tagging, TaggingOptions};
use crate::disk::Places;

/// Files that share one wait for the disk: with more, a stop takes noticeably longer.
const BATCH_FILES: usize = 256;
/// Old contents that are in memory together, unless one file alone is larger.
const BATCH_BYTES: u64 = 64 << 20;

/// An export under way. While the disk is busy with one batch, the next one is worked out.
pub struct TaggingRun {
    recipe: Recipe,
    waiting: vec::IntoIter<Row>,
    ready: Vec<Prepared>,
    of: usize,
    /// Real paths of what was taken: two links may lead to one file.
    taken: HashSet<PathBuf>,
    readers: Crew,
    writer: Writer,
    done: Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Files that were written or refused.
    pub done: usize,
    pub of: usize,
}

impl Progress {
    pub fn is_done(self) -> bool {
        self.done == self.of
    }
}

impl TaggingRun {
    /// `rows` are those of a plan of these taggings and options, or some of them.
    pub fn new(places: &Places, rows: Vec<Row>, taggings: Arc<[Tagging]>, options: TaggingOptions) -> TaggingRun {
        let recipe = Recipe::new(taggings, options);
        TaggingRun {
            writer: Writer::new(places, recipe.kind()),
            recipe,
            of: rows.len(),
            waiting: rows.into_iter(),
            ready: Vec::new(),
            taken: HashSet::new(),
            readers: Crew::new(),
            done: Done::default(),
        }
    }

    /// Writes a batch.
    pub fn step(&mut self) -> Progress {
        if self.ready.is_empty() {
            let batch = self.next_batch();
            let looked = self.readers.map(&batch, |row| self.recipe.prepare(row));
            self.take(&batch, looked);
        }
        let mut ready = mem::take(&mut self.ready);
        let batch = self.next_batch();
        let (written, looked) =
            rayon::join(|| self.writer.write(&mut ready), || self.readers.map(&batch, |row| self.recipe.prepare(row)));
        self.take(&batch, looked);
        match written {
            Ok(written) => self.report(&ready, written),
            Err(reason) => self.stop(&ready[0].file, ready.len(), &reason),
        }
        Progress { done: self.of - self.left(), of: self.of }
    }

    /// What became of it, also if it was stopped before its end.
    pub fn finish(mut self) -> Done {
        if let Some(journal) = self.writer.journal.take() {
            self.done.id = Some(journal.id.clone()).filter(|_| self.done.files > 0);
            // Without it the job counts as killed, and can be undone just as well.
            if let Err(error) = journal.end(self.done.files) {
                log::warn!("The end of an export was not written down: {error:#}");
            }
        }
        self.done
    }

    fn left(&self) -> usize {
        self.waiting.len() + self.ready.len()
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
    fn take(&mut self, batch: &[Row], looked: Vec<Result<Prepared, String>>) {
        for (row, looked) in batch.iter().zip(looked) {
            match looked {
                Err(reason) => self.refuse(&row.file, reason),
                Ok(one) if !self.taken.insert(one.real.clone()) => {
                    let name = name_of(&row.file);
                    let reason = format!("{name} is a link to the sidecar of another photo. Give it its own.");
                    self.refuse(&row.file, reason);
                }
                Ok(one) => self.ready.push(one),
            }
        }
    }

    fn report(&mut self, batch: &[Prepared], written: Written) {
        self.done.files += written.each.iter().filter(|written| written.is_ok()).count();
        if let Some(warning) = written.warning {
            self.refuse(&batch[0].file, warning);
        }
        let mut full = Vec::new();
        for (one, written) in batch.iter().zip(written.each) {
            match written {
                Ok(()) => {}
                Err(Failure::Refused(reason)) => self.refuse(&one.file, reason),
                Err(Failure::Full) => full.push(&one.file),
            }
        }
        if let Some(first) = full.first() {
            let reason = format!("Could not write {}: the disk is full. Make room and try again.", name_of(first));
            self.stop(first, full.len(), &reason);
        }
    }

    /// Gives up what is left, which is told once: the reason is the same for all of it.
    fn stop(&mut self, first: &Path, failed: usize, reason: &str) {
        let others = failed - 1 + self.left();
        self.waiting = Vec::new().into_iter();
        self.ready.clear();
        let reason =
            if others == 0 { reason.to_owned() } else { format!("{reason} {others} more were not attempted.") };
        self.refuse(first, reason);
    }

    fn refuse(&mut self, file: &Path, reason: String) {
        self.done.refused.push(Refusal { file: file.to_path_buf(), reason });
    }
}
