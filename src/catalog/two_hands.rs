//! Two halves of one piece of arithmetic, on two cores.
//!
//! A whole column of scores is read from memory at the pace of the core that asks for it, and a second core gets as much again.

use std::sync::LazyLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Not the pool that the network works in: a frame must not wait for a batch of photos.
static SECOND: LazyLock<Option<ThreadPool>> =
    LazyLock::new(|| ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "scores".to_owned()).build().ok());

/// Does both at once, or one after the other where the system gives no second thread.
pub fn both(one: impl FnOnce() + Send, other: impl FnOnce() + Send) {
    match &*SECOND {
        Some(second) => second.in_place_scope(|scope| {
            scope.spawn(|_| one());
            other();
        }),
        None => {
            one();
            other();
        }
    }
}
