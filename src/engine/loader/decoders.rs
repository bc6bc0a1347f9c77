//! Photos being decoded, one on each core, the most urgent first.
//!
//! Promise: no core waits for another core's photo, nor for the loader: what comes next is there before a photo is done, and
//! the system is asked to read its file meanwhile. What a newer wish does not name is not begun. What is on screen is not
//! decoded by threads that let other programs go first.

use std::collections::{HashSet, VecDeque};
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::catalog::Fingerprint;
use crate::clip::{ModelCard, ModelId, ModelInput, pixels};
use crate::disk::{self, Least, THUMBNAIL_PX, Thumbnail, Unreadable};
use crate::engine::hands::Hands;
use crate::engine::turns::Turns;
use crate::engine::wish::Wanted;

/// What decoding one photo gave.
pub struct Read {
    pub name: Fingerprint,
    pub outcome: Result<(Thumbnail, Option<(ModelId, ModelInput)>), Unreadable>,
}

/// A photo to be decoded: for its thumbnail, and for this model.
pub struct Task {
    pub wanted: Wanted,
    pub card: Option<Arc<ModelCard>>,
    pub is_on_screen: bool,
}

pub struct Decoders {
    /// For what is on screen.
    pool: rayon::ThreadPool,
    /// For everything else.
    hands: Arc<Hands>,
    turns: Arc<Turns>,
    waiting: Arc<Mutex<VecDeque<Task>>>,
    under_way: HashSet<Fingerprint>,
    /// To the thread that has files read before their turn comes.
    soon: Sender<Wanted>,
    report: Sender<thread::Result<Read>>,
    done: Receiver<thread::Result<Read>>,
}

impl Decoders {
    pub fn start(turns: Arc<Turns>, hands: Arc<Hands>) -> Result<Decoders, rayon::ThreadPoolBuildError> {
        let pool = rayon::ThreadPoolBuilder::new().thread_name(|number| format!("decoder {number}")).build()?;
        let (report, done) = unbounded();
        let waiting: Arc<Mutex<VecDeque<Task>>> = Arc::default();
        let soon = start_reading_ahead(waiting.clone());
        Ok(Decoders { pool, hands, turns, waiting, under_way: HashSet::new(), soon, report, done })
    }

    /// Whether a photo is being decoded or is about to be.
    pub fn has(&self, photo: Fingerprint) -> bool {
        self.under_way.contains(&photo)
    }

    pub fn count(&self) -> usize {
        self.under_way.len()
    }

    /// How many more photos are to be given: one waits for each that is decoded, and what is on screen need not wait for
    /// those.
    pub fn room(&self, is_on_screen: bool) -> usize {
        let waiting = if is_on_screen { 2 } else { 1 };
        ((1 + waiting) * self.hands.decoders().current_num_threads()).saturating_sub(self.under_way.len())
    }

    pub fn begin(&mut self, task: Task) {
        if !self.under_way.insert(task.wanted.fingerprint) {
            return;
        }
        let is_on_screen = task.is_on_screen;
        let wanted = task.wanted.clone();
        lock(&self.waiting).push_back(task);
        // Where there is no thread for it, the decoder waits for the disk.
        let _ = self.soon.send(wanted);
        let (waiting, turns, report) = (self.waiting.clone(), self.turns.clone(), self.report.clone());
        let work = move || {
            turns.wait();
            let mut waiting = lock(&waiting);
            let next = waiting.iter().position(|task| task.is_on_screen == is_on_screen);
            let next = next.and_then(|place| waiting.remove(place));
            drop(waiting);
            // None was left if it was withdrawn.
            if let Some(task) = next {
                let read = panic::catch_unwind(AssertUnwindSafe(|| read_photo(&task.wanted, task.card.as_deref())));
                // Nobody listens when the engine is being dropped.
                let _ = report.send(read);
            }
        };
        if is_on_screen { self.pool.spawn(work) } else { self.hands.decoders().spawn(work) }
    }

    /// Does not begin what is not wanted any more.
    pub fn withdraw(&mut self, is_wanted: impl Fn(Fingerprint) -> bool) {
        let under_way = &mut self.under_way;
        lock(&self.waiting).retain(|task| {
            let name = task.wanted.fingerprint;
            let stays = is_wanted(name);
            if !stays {
                under_way.remove(&name);
            }
            stays
        });
    }

    /// Gets something, or nothing for ever, when a photo is done.
    pub fn done(&self) -> &Receiver<thread::Result<Read>> {
        &self.done
    }

    /// The photos that are done. A panic outside the decoders of pictures is a fault of the program, and goes on here.
    pub fn take(&mut self) -> Vec<Read> {
        let outcomes = self.done.try_iter().map(|outcome| outcome.unwrap_or_else(|fault| panic::resume_unwind(fault)));
        let reads: Vec<Read> = outcomes.collect();
        for read in &reads {
            self.under_way.remove(&read.name);
        }
        reads
    }

    /// Begins nothing more, and waits for what was begun.
    pub fn finish(&mut self) {
        self.withdraw(|_| false);
        while !self.under_way.is_empty() {
            let Ok(Ok(read)) = self.done.recv() else { return };
            self.under_way.remove(&read.name);
        }
    }
}

/// Until the sender is dropped. Nobody waits for this thread: all it may be doing by then is reading a file.
fn start_reading_ahead(waiting: Arc<Mutex<VecDeque<Task>>>) -> Sender<Wanted> {
    let (soon, wanted) = unbounded::<Wanted>();
    let work = move || {
        for wanted in wanted {
            let is_waiting = lock(&waiting).iter().any(|task| task.wanted.fingerprint == wanted.fingerprint);
            if is_waiting {
                disk::read_ahead(&wanted.path);
            }
        }
    };
    if let Err(error) = thread::Builder::new().name("advance".to_owned()).spawn(work) {
        log::warn!("no file is read ahead: {error}");
    }
    soon
}

pub fn read_photo(wanted: &Wanted, card: Option<&ModelCard>) -> Read {
    let short_px = card.map_or(0, |card| card.input.least_short_side_px());
    let outcome = disk::decode(&wanted.path, Least { short_px, long_px: THUMBNAIL_PX }).map(|original| {
        let input = card.map(|card| (card.id.clone(), pixels::prepare(&original.unprofiled, &card.input)));
        (Thumbnail::of(&original), input)
    });
    Read { name: wanted.fingerprint, outcome }
}

fn lock(waiting: &Mutex<VecDeque<Task>>) -> MutexGuard<'_, VecDeque<Task>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}
