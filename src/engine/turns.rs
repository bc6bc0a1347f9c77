//! Decoders and network share the cores in turns: while the network works, no photo is begun.
//!
//! More threads than cores would slow both: a batch would wait for threads that the system has put aside in the middle of
//! it, and weights and pictures would push each other out of the nearest memory.

use std::sync::{Condvar, Mutex, PoisonError};

/// Whether the network works at the moment.
#[derive(Default)]
pub struct Turns {
    is_taken: Mutex<bool>,
    given_back: Condvar,
}

/// The network's turn, until this is dropped.
pub struct Turn<'a>(&'a Turns);

impl Turns {
    /// Takes the cores for the network; what the decoders have begun they finish beside it.
    pub fn take(&self) -> Turn<'_> {
        self.set(true);
        Turn(self)
    }

    /// Returns when the network does not work.
    pub fn wait(&self) {
        let is_taken = self.is_taken.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.given_back.wait_while(is_taken, |is_taken| *is_taken));
    }

    fn set(&self, is_taken: bool) {
        *self.is_taken.lock().unwrap_or_else(PoisonError::into_inner) = is_taken;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.set(false);
        self.0.given_back.notify_all();
    }
}
