//! Counts the bytes of a whole model and asks the listener, at every beat, whether to go on.

use super::{Go, Progress, Trouble};

pub struct Meter<'a> {
    tell: &'a mut dyn FnMut(Progress) -> Go,
    progress: Progress,
    /// Of the files that are complete.
    before_bytes: u64,
}

impl<'a> Meter<'a> {
    pub fn new(done_bytes: u64, total_bytes: u64, tell: &'a mut dyn FnMut(Progress) -> Go) -> Meter<'a> {
        Meter { tell, progress: Progress { file: String::new(), done_bytes, total_bytes }, before_bytes: 0 }
    }

    /// Says where things stand; an error if the listener has had enough.
    pub fn beat(&mut self) -> Result<(), Trouble> {
        (self.tell)(self.progress.clone()).or_stop()
    }

    /// What all files have together, once that is known.
    pub fn expect(&mut self, total_bytes: u64) {
        self.progress.total_bytes = total_bytes;
    }

    /// Names the file that is asked about.
    pub fn name(&mut self, file: &str) {
        file.clone_into(&mut self.progress.file);
    }

    pub fn set_done(&mut self, in_this_file: u64) {
        self.progress.done_bytes = self.before_bytes.saturating_add(in_this_file).min(self.progress.total_bytes);
    }

    pub fn complete_file(&mut self, size_bytes: u64) {
        self.set_done(size_bytes);
        self.before_bytes = self.before_bytes.saturating_add(size_bytes);
    }
}
