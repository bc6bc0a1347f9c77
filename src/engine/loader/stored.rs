//! What the store knows of open photos already: their embeddings, and why some cannot be read.

use std::collections::HashSet;

use super::Desk;
use crate::catalog::{Embedding, Fingerprint};
use crate::disk::{Store, StoreError};
use crate::engine::Closed;
use crate::engine::event::Event;

/// Embeddings that one event brings from the store.
const STORED_AT_ONCE: usize = 2048;
/// Photos on their way to the window, above which nothing is brought from the store: a window that is slow to draw must not
/// fill memory with a second copy of all vectors.
const STORED_IN_FLIGHT: usize = 2 * STORED_AT_ONCE;

impl Desk<'_> {
    /// Looks up what is not known to be missing, and reports embeddings and recorded failures.
    pub(super) fn bring_stored(&mut self) -> Result<bool, Closed> {
        let (Some(card), Some(store)) = (self.card(), &self.store) else { return Ok(false) };
        if self.asked.in_flight.len() >= STORED_IN_FLIGHT {
            return Ok(false);
        }
        let missing = self.wish.embeddings.from(self.asked.looked_up);
        let new = missing.filter(|(_, wanted)| !self.asked.in_flight.contains(&wanted.fingerprint));
        let (places, new): (Vec<usize>, Vec<Fingerprint>) =
            new.take(STORED_AT_ONCE).map(|(place, wanted)| (place, wanted.fingerprint)).unzip();
        if new.is_empty() {
            return Ok(false);
        }
        let (stored, unreadable) = match known(store, &card.id.0, &new) {
            Ok(known) => known,
            Err(error) => {
                self.outbox.send(Event::Notice(error.to_string()))?;
                Default::default()
            }
        };
        self.asked.looked_up = places.last().map_or(0, |place| place + 1);
        // What was found stands in the wish until the window has seen the answer.
        self.asked
            .in_flight
            .extend(stored.iter().map(|(name, _)| *name).chain(unreadable.iter().map(|(name, _)| *name)));
        if !unreadable.is_empty() {
            self.outbox.send(Event::Unreadable(unreadable))?;
        }
        if !stored.is_empty() {
            self.outbox.send(Event::Stored { model: card.id.clone(), embeddings: stored })?;
        }
        Ok(true)
    }
}

/// Embeddings, and reasons why there are none.
type Known = (Vec<(Fingerprint, Embedding)>, Vec<(Fingerprint, String)>);

fn known(store: &Store, model: &str, names: &[Fingerprint]) -> Result<Known, StoreError> {
    let stored = store.embeddings(model, names)?;
    let has: HashSet<Fingerprint> = stored.iter().map(|(name, _)| *name).collect();
    let rest: Vec<Fingerprint> = names.iter().filter(|name| !has.contains(name)).copied().collect();
    Ok((stored, store.unreadable(&rest)?))
}
