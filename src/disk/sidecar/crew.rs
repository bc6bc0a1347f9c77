//! Many hands for work that waits for the disk.

use std::sync::OnceLock;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// One that waits for the disk while two write: in one folder only one file is made or renamed at a time, and more hands
/// spend a fifth of their time in each other's way.
const HANDS: usize = 3;

/// Enough that a disk makes many files durable at once where each has to be waited for: 10,000 files take 3.3 s by 8 hands
/// and 8.1 s by 2.
const WAITING_HANDS: usize = 8;

/// Does the same to many things at once; in order is only what comes back.
pub(super) struct Crew {
    hands: Option<ThreadPool>,
    waiting: OnceLock<Option<ThreadPool>>,
}

impl Crew {
    pub fn new() -> Crew {
        Crew { hands: pool(HANDS), waiting: OnceLock::new() }
    }

    pub fn map<T: Sync, R: Send>(&self, things: &[T], work: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
        self.at_work(|| things.par_iter().map(work).collect())
    }

    /// The same for work that does nothing but wait.
    pub fn map_waiting<T: Sync, R: Send>(&self, things: &[T], work: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
        let all = || things.par_iter().map(work).collect();
        match self.waiting.get_or_init(|| pool(WAITING_HANDS)) {
            Some(pool) => pool.install(all),
            None => all(),
        }
    }

    /// Drops what takes its time to go.
    pub fn drop_all<T: Send>(&self, things: Vec<T>) {
        self.at_work(|| things.into_par_iter().for_each(drop));
    }

    /// Does all of it by these hands.
    pub fn at_work<R: Send>(&self, all: impl FnOnce() -> R + Send) -> R {
        match &self.hands {
            Some(pool) => pool.install(all),
            None => all(),
        }
    }
}

/// Where the system gives no more threads, those that there are do it.
fn pool(hands: usize) -> Option<ThreadPool> {
    ThreadPoolBuilder::new().num_threads(hands).build().ok()
}
