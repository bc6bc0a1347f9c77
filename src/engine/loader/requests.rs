//! Single photos that a person asked about: to be explained, or to be an example.

use std::path::Path;
use std::sync::Arc;

use super::Desk;
use super::decoders::read_photo;
use crate::catalog::{Fingerprint, FoundFile};
use crate::disk;
use crate::engine::Closed;
use crate::engine::encoder::{Input, Purpose};
use crate::engine::event::Event;

impl Desk<'_> {
    /// Sends the photo that is to be explained through the network once more, for its patches.
    pub(super) fn send_for_patches(&mut self) -> Result<bool, Closed> {
        let (Some(wanted), Some(card)) = (self.wish.patches.clone(), self.wish.in_use_card.clone()) else {
            return Ok(false);
        };
        if !self.asked.patches.insert(wanted.fingerprint) {
            return Ok(false);
        }
        let name = wanted.fingerprint;
        match read_photo(&wanted, Some(&card)).outcome {
            Ok((_, Some((model, pixels)))) => {
                // An encoder that is gone has reported that there is no model.
                let _ = self.inputs.send(Input { name, model, pixels, purpose: Purpose::Patches });
            }
            Ok((_, None)) => {}
            Err(unreadable) => {
                let outcome = Err(unreadable.reason);
                self.outbox.send(Event::Patches { model: card.id.clone(), photo: name, outcome })?;
            }
        }
        Ok(true)
    }

    /// Finds out what the example files hold.
    pub(super) fn name_examples(&mut self) -> Result<bool, Closed> {
        let new = self.wish.examples.iter().find(|path| !self.asked.examples.contains(*path)).cloned();
        let Some(path) = new else { return Ok(false) };
        self.asked.examples.insert(path.clone());
        let outcome = name_of(&path);
        if let (Ok(name), Some(card), Some(store)) = (&outcome, self.card(), &self.store) {
            let embeddings = store.embeddings(&card.id.0, &[*name]).unwrap_or_default();
            if !embeddings.is_empty() {
                self.outbox.send(Event::Stored { model: card.id.clone(), embeddings })?;
            }
        }
        self.outbox.send(Event::Example { path, outcome })?;
        Ok(true)
    }
}

fn name_of(path: &Arc<Path>) -> Result<Fingerprint, String> {
    let file: FoundFile = disk::found_file(path)?;
    disk::fingerprint(&file)
}
