//! Undo and redo over a value that is cheap to copy.

/// Steps kept; a step is a copy of the categories, a few kilobytes.
const DEPTH: usize = 500;

/// A value with its past and its undone future. Edits with the same key in a row are one step.
#[derive(Clone, Debug)]
pub struct History<T, K> {
    now: T,
    past: Vec<T>,
    future: Vec<T>,
    last_key: Option<K>,
}

impl<T: Clone + PartialEq, K: PartialEq> History<T, K> {
    pub fn new(now: T) -> History<T, K> {
        History { now, past: Vec::new(), future: Vec::new(), last_key: None }
    }

    pub fn now(&self) -> &T {
        &self.now
    }

    /// Makes `next` the present. With the key of the step before, it extends that step; `None` always starts one.
    pub fn edit(&mut self, key: Option<K>, next: T) {
        if next == self.now {
            return;
        }
        let extends = key.is_some() && key == self.last_key;
        let before = std::mem::replace(&mut self.now, next);
        if !extends {
            self.past.push(before);
            if self.past.len() > DEPTH {
                self.past.remove(0);
            }
        }
        self.future.clear();
        self.last_key = key;
    }

    /// The next edit starts a step of its own.
    pub fn end_step(&mut self) {
        self.last_key = None;
    }

    /// Changes the present, the past and the undone future alike; not a step.
    pub fn rewrite(&mut self, mut change: impl FnMut(&mut T)) {
        let steps = self.past.iter_mut().chain(self.future.iter_mut());
        steps.chain(std::iter::once(&mut self.now)).for_each(&mut change);
    }

    pub fn undo(&mut self) {
        if let Some(before) = self.past.pop() {
            self.future.push(std::mem::replace(&mut self.now, before));
        }
        self.last_key = None;
    }

    pub fn redo(&mut self) {
        if let Some(after) = self.future.pop() {
            self.past.push(std::mem::replace(&mut self.now, after));
        }
        self.last_key = None;
    }

    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_edits_to_one_field_is_undone_at_once() {
        let mut history = History::new("");
        for text in ["d", "do", "dog"] {
            history.edit(Some("prompt"), text);
        }
        history.edit(Some("name"), "cat");
        history.undo();
        assert_eq!(*history.now(), "dog");
        history.undo();
        assert_eq!(*history.now(), "");
        history.redo();
        assert_eq!(*history.now(), "dog");
        assert!(history.can_undo() && history.can_redo());
    }

    #[test]
    fn a_step_that_was_ended_is_not_extended() {
        let mut history = History::new(0);
        history.edit(Some("cutoff"), 1);
        history.end_step();
        history.edit(Some("cutoff"), 2);
        history.undo();
        assert_eq!(*history.now(), 1);
    }

    #[test]
    fn what_is_rewritten_is_no_step() {
        let mut history = History::new(1);
        history.edit(Some("cutoff"), 2);
        history.rewrite(|value| *value *= 10);
        assert_eq!(*history.now(), 20);
        history.undo();
        assert_eq!((*history.now(), history.can_undo()), (10, false));
    }

    #[test]
    fn an_edit_after_undo_drops_the_undone_future() {
        let mut history: History<i32, ()> = History::new(0);
        history.edit(None, 1);
        history.undo();
        history.edit(None, 2);
        history.redo();
        assert_eq!(*history.now(), 2);
    }
}
