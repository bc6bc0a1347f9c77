//! Runs work whose panic is an answer and no crash: decoders on files from anywhere, drivers that may be missing.
//!
//! Promise: of such a panic no report is written, and its thread goes on.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// What `work` gives, or what it panicked with. It must leave nothing half changed that outlives it, and must not hand
/// the part that may panic to other threads.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
    let was_guarded = IS_GUARDED.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(was_guarded);
    outcome
}

/// For work whose beginning alone is guarded: from here on a panic is a crash, although [`guarded`] returns it still.
pub fn release() {
    IS_GUARDED.set(false);
}

/// Whether a panic of this thread would be an answer now.
pub fn is_guarded() -> bool {
    IS_GUARDED.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_answer_only_inside() {
        assert!(guarded(is_guarded).unwrap());
        assert!(guarded(|| panic::resume_unwind(Box::new("as a decoder does"))).is_err());
        let after_release = guarded(|| {
            release();
            is_guarded()
        });
        assert!(!after_release.unwrap());
        assert!(!is_guarded());
    }
}
