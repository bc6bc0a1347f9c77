//! Carries out what was planned, in batches.
//!
//! Promise: a caller can stop between two steps, after which nothing is half done; and a run that is killed at any instant
//! can be undone.

use std::collections::HashSet;
use std::fs;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::vec;

use super::batch::{Begun, Closed, Finished, Prepared, Recipe, Stopped, Writer};
use super::crew::Crew;
use super::replace::Failure;
use super::words::name_of;
use crate::catalog::{Done, Refusal, Row, Tagging, TaggingOptions};
use crate::disk::Places;
use crate::disk::machine::most_open_files;

/// Files that share one wait for the disk, at first. A batch that is quickly done is followed by a larger one.
const FIRST_FILES: usize = 256;
const MOST_FILES: usize = 2048;
/// What is long for one who waits for progress, or wants to stop.
const QUICK: Duration = Duration::from_millis(250);
const SLOW: Duration = Duration::from_secs(1);
/// Old contents of one batch, unless one file alone is larger; three batches are in memory together.
const BATCH_BYTES: u64 = 64 << 20;

/// An export under way. While the disk is busy with one batch, the next one is written beside its files, and the one after
/// that is worked out.
pub struct TaggingRun {
    recipe: Recipe,
    waiting: vec::IntoIter<Row>,
    ready: Vec<Prepared>,
    begun: Option<Begun>,
    of: usize,
    batch_files: usize,
    most_open: usize,
    /// Real paths of what was taken: two links may lead to one file.
    taken: HashSet<PathBuf>,
    crew: Crew,
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
        let most_open = most_open_files();
        TaggingRun {
            writer: Writer::new(places, recipe.kind()),
            recipe,
            of: rows.len(),
            batch_files: FIRST_FILES.min(most_files(most_open)),
            most_open,
            waiting: rows.into_iter(),
            ready: Vec::new(),
            begun: None,
            taken: HashSet::new(),
            crew: Crew::new(),
            done: Done::default(),
        }
    }

    /// Takes each batch a step further.
    pub fn step(&mut self) -> Progress {
        let started = Instant::now();
        let (ready, begun) = (mem::take(&mut self.ready), self.begun.take());
        let count = self.batch_files;
        let (writer, crew, recipe, waiting) = (&mut self.writer, &self.crew, &self.recipe, &mut self.waiting);
        let look = || {
            let batch = next_batch(waiting, count);
            let looked = crew.map(&batch, |row| recipe.prepare(row));
            (batch, looked)
        };
        let (finished, (began, (batch, looked))) = crew.at_work(|| {
            rayon::join(|| begun.map(|begun| begun.finish(crew)), || rayon::join(|| writer.begin(ready, crew), look))
        });
        self.take(&batch, looked);
        match began {
            Ok(begun) => self.begun = begun,
            Err(stopped) => self.stop(&stopped),
        }
        match finished {
            Some(Ok(finished)) => self.report(finished),
            Some(Err(stopped)) => self.stop(&stopped),
            None => {}
        }
        let took = started.elapsed();
        if took < QUICK {
            self.batch_files = (count * 2).min(most_files(self.most_open));
        } else if took > SLOW {
            self.batch_files = (count / 2).max(1);
        }
        Progress { done: self.of - self.left(), of: self.of }
    }

    /// What became of it, also if it was stopped before its end.
    pub fn finish(mut self) -> Done {
        if let Some(begun) = self.begun.take() {
            begun.give_up();
        }
        let Closed { id, warning } = self.writer.close(self.done.files, &self.crew);
        self.done.id = id;
        self.done.refused.extend(warning);
        self.done
    }

    fn left(&self) -> usize {
        self.waiting.len() + self.ready.len() + self.begun.as_ref().map_or(0, Begun::len)
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

    fn report(&mut self, mut finished: Finished) {
        self.writer.note(&mut finished, self.most_open / 2, &self.crew);
        let Finished { ready, each, .. } = finished;
        self.done.files += each.iter().filter(|written| written.is_ok()).count();
        let mut full = Vec::new();
        for (one, written) in ready.into_iter().zip(each) {
            match written {
                Ok(()) => {}
                Err(Failure::Refused(reason)) => self.refuse(&one.file, reason),
                Err(Failure::Full) => full.push(one),
            }
        }
        if let Some(first) = full.first() {
            let reason =
                format!("Could not write {}: the disk is full. Make room and try again.", name_of(&first.file));
            self.stop(&Stopped { ready: full, reason });
        }
    }

    /// Gives up what is left, which is told once: the reason is the same for all of it.
    fn stop(&mut self, stopped: &Stopped) {
        let others = stopped.ready.len() - 1 + self.left();
        self.waiting = Vec::new().into_iter();
        self.ready.clear();
        if let Some(begun) = self.begun.take() {
            begun.give_up();
        }
        let reason = &stopped.reason;
        let reason =
            if others == 0 { reason.to_owned() } else { format!("{reason} {others} more were not attempted.") };
        self.refuse(&stopped.ready[0].file, reason);
    }

    fn refuse(&mut self, file: &Path, reason: String) {
        self.done.refused.push(Refusal { file: file.to_path_buf(), reason });
    }
}

/// How many files a batch may have: the old ones of three batches are open together, beside those that were replaced before.
fn most_files(most_open: usize) -> usize {
    (most_open / 8).clamp(1, MOST_FILES)
}

fn next_batch(waiting: &mut vec::IntoIter<Row>, count: usize) -> Vec<Row> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < count && bytes < BATCH_BYTES {
        let Some(row) = waiting.next() else { break };
        bytes += fs::metadata(&row.file).map_or(0, |metadata| metadata.len());
        batch.push(row);
    }
    batch
}
