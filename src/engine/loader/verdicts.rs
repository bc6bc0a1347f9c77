//! Verdicts, between session and store.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Desk;
use crate::catalog::{Fingerprint, Verdict};
use crate::engine::Closed;
use crate::engine::event::Event;
use crate::engine::session::Written;

impl Desk<'_> {
    /// Tells the session what the store holds, if verdicts count. A store that cannot be read is not written either.
    pub(super) fn tell_verdicts(&mut self, with_verdicts: bool) -> Result<(), Closed> {
        let Some(store) = self.store.as_ref().filter(|_| with_verdicts) else { return Ok(()) };
        match store.verdicts() {
            Ok(written) => {
                self.asked.verdicts = Some(Arc::new(written.clone()));
                self.outbox.send(Event::Verdicts(written))
            }
            Err(error) => self.outbox.send(Event::Notice(error.to_string())),
        }
    }

    /// Makes the store say what the person said. Only what changed is written, so two windows do not undo each other.
    pub(super) fn keep_verdicts(&mut self) -> Result<bool, Closed> {
        let (Some(known), Some(wanted)) = (self.asked.verdicts.clone(), self.wish.verdicts.clone()) else {
            return Ok(false);
        };
        if Arc::ptr_eq(&known, &wanted) {
            return Ok(false);
        }
        let changes = changes(&known, &wanted);
        self.asked.verdicts = Some(wanted);
        if changes.is_empty() {
            return Ok(false);
        }
        self.keep(|store| store.change_verdicts(&changes))?;
        Ok(true)
    }
}

/// What must be put, and with `None` taken out, to come from one list to the other.
fn changes(from: &Written, to: &Written) -> Vec<(String, Fingerprint, Option<Verdict>)> {
    let map = |written: &Written| -> BTreeMap<(String, Fingerprint), Verdict> {
        written.iter().map(|(name, photo, verdict)| ((name.clone(), *photo), *verdict)).collect()
    };
    let (from, to) = (map(from), map(to));
    let put = to.iter().filter(|(key, verdict)| from.get(*key) != Some(verdict));
    let put = put.map(|((name, photo), verdict)| (name.clone(), *photo, Some(*verdict)));
    let taken = from.keys().filter(|key| !to.contains_key(*key)).map(|(name, photo)| (name.clone(), *photo, None));
    put.chain(taken).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_written() {
        let (one, two) = (Fingerprint([1; 16]), Fingerprint([2; 16]));
        let line = |name: &str, photo, verdict| (name.to_owned(), photo, verdict);
        let before = vec![line("dog", one, Verdict::Yes), line("dog", two, Verdict::No), line("cat", one, Verdict::No)];
        let after = vec![line("dog", one, Verdict::Yes), line("dog", two, Verdict::Yes), line("fox", one, Verdict::No)];
        let expected = [
            ("dog".to_owned(), two, Some(Verdict::Yes)),
            ("fox".to_owned(), one, Some(Verdict::No)),
            ("cat".to_owned(), one, None),
        ];
        assert_eq!(changes(&before, &after), expected);
        assert!(changes(&after, &after).is_empty());
    }
}
