//! Forgetting everything that is kept, on a thread of its own: the staff is waited for, and gigabytes may be deleted.
//!
//! Promise: nothing is deleted before the last thread that could write it has ended, and what was begun is done to its end,
//! also when the window is closed meanwhile.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use super::staff::Staff;
use super::{kept, spawn};
use crate::disk::Places;

pub struct Forgetting {
    left: Receiver<Vec<String>>,
    thread: Option<JoinHandle<()>>,
}

impl Forgetting {
    /// Lets the staff go, then deletes. `wake` is called at the end.
    pub fn begin(
        staff: Option<Staff>,
        places: Places,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> anyhow::Result<Forgetting> {
        let (tell, left) = bounded(1);
        let work = move || {
            drop(staff);
            // A window that is closed meanwhile hears nothing.
            let _ = tell.send(kept::forget(&places));
            wake();
        };
        Ok(Forgetting { left, thread: Some(spawn("forgetting", work)?) })
    }

    /// What could not be deleted and why, once it is over; waits for that at most so long.
    pub fn ended(&self, patience: Duration) -> Option<Vec<String>> {
        use crossbeam_channel::RecvTimeoutError::{Disconnected, Timeout};
        match self.left.recv_timeout(patience) {
            Ok(left) => Some(left),
            Err(Timeout) => None,
            Err(Disconnected) => Some(vec!["Forgetting stopped before it was done. Try it again.".to_owned()]),
        }
    }
}

impl Drop for Forgetting {
    fn drop(&mut self) {
        self.thread.take().map(JoinHandle::join);
    }
}
