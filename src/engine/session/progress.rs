//! How far the work on the open photos is, and whether it goes on.

use super::Session;
use crate::catalog::ContentState;
use crate::engine::event::Problem;

/// Whether photos that are not on screen are read and encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activity {
    #[default]
    Running,
    Paused,
    /// Paused until the computer is on mains again.
    OnBattery,
    Stopped,
}

/// How many photos are how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub found: usize,
    pub embedded: usize,
    pub unreadable: usize,
    /// Whether more may still be found.
    pub is_scanning: bool,
}

impl Counts {
    pub fn waiting(&self) -> usize {
        self.found - self.embedded - self.unreadable
    }
}

impl Session {
    pub fn counts(&self) -> Counts {
        *self.counts.get_or_init(|| {
            let is_scanning = self.roots.iter().any(|root| !root.is_visited);
            let mut counts = Counts { found: self.library.len(), is_scanning, ..Counts::default() };
            for id in self.library.folder_order() {
                match self.library.state(*id) {
                    ContentState::Embedded => counts.embedded += 1,
                    ContentState::Unreadable(_) => counts.unreadable += 1,
                    ContentState::Waiting => {}
                }
            }
            counts
        })
    }

    /// Whether what was taken from earlier starts has been looked at.
    pub fn is_checked(&self) -> bool {
        self.roots.iter().all(|root| root.is_checked)
    }

    /// Unreadable photos, and folders that could not be looked into, each with its reason.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems: Vec<Problem> = self.roots.iter().flat_map(|root| root.problems.clone()).collect();
        for id in self.library.folder_order() {
            if let ContentState::Unreadable(reason) = self.library.state(*id) {
                let path = self.library.photo(*id).file.path.to_path_buf();
                problems.push(Problem { path, reason: reason.to_string() });
            }
        }
        problems
    }
}
