//! Originals on their way through the decoders: what is on screen first, then the others as long as the network keeps up.

use std::collections::HashSet;

use rayon::prelude::*;

use super::decoders::{Read, Task};
use super::{Asked, Desk, names};
use crate::catalog::{Fingerprint, Picture};
use crate::clip::{ModelId, ModelInput};
use crate::disk::{self, Thumbnail, Unreadable};
use crate::engine::Closed;
use crate::engine::encoder::{Input, Purpose};
use crate::engine::event::Event;
use crate::engine::wish::{Model, Wanted};

/// Photos between decoder and network: enough that neither waits for the window to pass a wish on.
const IN_FLIGHT: usize = 48;
/// Thumbnails that one step brings from the store.
const THUMBNAILS_AT_ONCE: usize = 12;
/// Thumbnails that a window is given before it asks: as many as it shows in its first frame.
const FORESEEN: usize = 24;

impl Desk<'_> {
    pub(super) fn show_thumbnails(&mut self) -> Result<bool, Closed> {
        let asked = &self.asked.thumbnails;
        let missing = self.wish.thumbnails.iter().filter(|w| !asked.contains(&w.fingerprint));
        let missing: Vec<Wanted> = missing.take(THUMBNAILS_AT_ONCE).cloned().collect();
        let pictures = self.stored_pictures(names(&missing));
        let (mut unknown, mut is_busy) = (Vec::new(), false);
        for (wanted, picture) in missing.into_iter().zip(pictures) {
            match picture {
                Some(picture) => {
                    is_busy = true;
                    self.asked.thumbnails.insert(wanted.fingerprint);
                    self.outbox.send(Event::Thumbnail(wanted.fingerprint, picture))?;
                }
                // What is on its way to the network has its thumbnail in the store, or failed.
                None if self.asked.in_flight.contains(&wanted.fingerprint) => {}
                None => unknown.push(wanted),
            }
        }
        Ok(self.begin(unknown, true) || is_busy)
    }

    /// Brings thumbnails of the photos that come first in their folder before they are asked for. A window that is being
    /// opened cannot ask yet; while it gets ready, they do too, and stand in its first frame.
    pub(super) fn foresee(&mut self, found: &[Fingerprint]) -> Result<(), Closed> {
        if std::mem::replace(&mut self.has_foreseen, true) || !self.wish.thumbnails.is_empty() {
            return Ok(());
        }
        let first = &found[..found.len().min(FORESEEN)];
        for (name, picture) in first.iter().zip(self.stored_pictures(first.iter())) {
            picture.map_or(Ok(()), |picture| self.outbox.send(Event::Thumbnail(*name, picture)))?;
        }
        Ok(())
    }

    /// Shows what the files of photos on screen hold for a first look, while they wait to be decoded.
    pub(super) fn show_sketches(&mut self) -> Result<bool, Closed> {
        let Asked { thumbnails, sketches, .. } = &self.asked;
        let is_new = |name| !thumbnails.contains(name) && !sketches.contains(name);
        let new: Vec<Wanted> =
            self.wish.thumbnails.iter().filter(|w| is_new(&w.fingerprint)).take(THUMBNAILS_AT_ONCE).cloned().collect();
        self.asked.sketches.extend(new.iter().map(|wanted| wanted.fingerprint));
        let sketch = |wanted: &Wanted| Some((wanted.fingerprint, disk::sketch(&wanted.path)?));
        let found: Vec<_> = self.pool.install(|| new.par_iter().filter_map(sketch).collect());
        for (name, sketch) in found {
            self.outbox.send(Event::Sketch(name, sketch.look(), sketch.picture))?;
        }
        Ok(!new.is_empty())
    }

    /// Decodes what is not on screen, as long as the network keeps up.
    pub(super) fn read_ahead(&mut self) -> bool {
        let under_way = self.asked.in_flight.len() + self.decoders.count();
        let room = self.decoders.room(false).min(IN_FLIGHT.saturating_sub(under_way));
        if room == 0 || self.wish.is_saving_power || !matches!(self.wish.model, Model::Ready(_)) {
            return false;
        }
        let wanted = self.wish.first.iter().chain(self.wish.embeddings.iter());
        let is_new = |name| !self.asked.in_flight.contains(&name) && !self.decoders.has(name);
        let mut names = HashSet::new();
        let next = wanted.filter(|w| is_new(w.fingerprint) && names.insert(w.fingerprint));
        let next: Vec<Wanted> = next.take(room).cloned().collect();
        self.begin(next, false)
    }

    /// Gives photos to the decoders, as far as there is room; returns whether there was one to give.
    fn begin(&mut self, wanted: Vec<Wanted>, is_on_screen: bool) -> bool {
        // Without knowing what the model wants, a photo would have to be decoded again for it.
        if matches!(self.wish.model, Model::Loading) {
            return false;
        }
        let room = self.decoders.room(is_on_screen);
        let new = wanted.into_iter().filter(|wanted| !self.decoders.has(wanted.fingerprint));
        let new: Vec<Wanted> = new.take(room).collect();
        let is_busy = !new.is_empty();
        for wanted in new {
            let card = self.card().filter(|_| self.is_unencoded(wanted.fingerprint));
            self.decoders.begin(Task { wanted, card, is_on_screen });
        }
        is_busy
    }

    /// Passes what is decoded on to store, window and network; returns whether there was any.
    pub(super) fn pass_on(&mut self) -> Result<bool, Closed> {
        let reads = self.decoders.take();
        let is_busy = !reads.is_empty();
        let (mut thumbnails, mut failures) = (Vec::new(), Vec::new());
        for Read { name, outcome } in reads {
            match outcome {
                Ok((thumbnail, input)) => {
                    self.encode(name, input);
                    thumbnails.push((name, thumbnail));
                }
                Err(unreadable) => {
                    // It stands in the wish until the window has seen the answer.
                    self.asked.in_flight.insert(name);
                    failures.push((name, unreadable));
                }
            }
        }
        if !thumbnails.is_empty() {
            self.keep(|store| store.put_thumbnails(&thumbnails))?;
            self.outbox.send(Event::Decoded(thumbnails.iter().map(|(name, t)| (*name, t.look)).collect()))?;
        }
        for (name, thumbnail) in &thumbnails {
            if self.wish.thumbnails.iter().any(|w| w.fingerprint == *name) {
                self.show(*name, thumbnail)?;
            }
        }
        self.report_unreadable(failures)?;
        Ok(is_busy)
    }

    /// Sends a photo to the network, unless it was decoded for another model or is not wanted any more.
    fn encode(&mut self, name: Fingerprint, input: Option<(ModelId, ModelInput)>) {
        let Some((model, pixels)) = input else { return };
        if self.is_unencoded(name) && self.card().is_some_and(|card| card.id == model) {
            self.asked.in_flight.insert(name);
            // An encoder that is gone has reported that there is no model.
            let _ = self.inputs.send(Input { name, model, pixels, purpose: Purpose::Embedding });
        }
    }

    fn show(&mut self, name: Fingerprint, thumbnail: &Thumbnail) -> Result<(), Closed> {
        self.asked.thumbnails.insert(name);
        match thumbnail.picture() {
            Ok(picture) => self.outbox.send(Event::Thumbnail(name, picture)),
            Err(reason) => self.outbox.send(Event::Notice(reason)),
        }
    }

    /// A failure of the disk is told, but only one of the bytes is kept: the drive may be back tomorrow.
    pub(super) fn report_unreadable(&mut self, failures: Vec<(Fingerprint, Unreadable)>) -> Result<(), Closed> {
        if failures.is_empty() {
            return Ok(());
        }
        let lasting = failures.iter().filter(|(_, unreadable)| unreadable.is_lasting);
        let lasting: Vec<_> = lasting.map(|(name, unreadable)| (*name, unreadable.reason.clone())).collect();
        self.keep(|store| store.put_unreadable(&lasting))?;
        let reasons = failures.into_iter().map(|(name, unreadable)| (name, unreadable.reason));
        self.outbox.send(Event::Unreadable(reasons.collect()))
    }

    /// Thumbnails that the store has.
    fn stored_pictures<'a>(&self, names: impl Iterator<Item = &'a Fingerprint>) -> Vec<Option<Picture>> {
        let stored: Vec<Option<Thumbnail>> = names.map(|name| self.store.as_ref()?.thumbnail(*name).ok()?).collect();
        let picture = |stored: Option<Thumbnail>| stored?.picture().ok();
        self.pool.install(|| stored.into_par_iter().map(picture).collect())
    }

    /// Whether the network has still to see this photo.
    fn is_unencoded(&self, name: Fingerprint) -> bool {
        self.wish.wants_embedding(name) && !self.asked.in_flight.contains(&name)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    use crossbeam_channel::unbounded;

    use super::*;
    use crate::disk::Places;
    use crate::engine::hands::Hands;
    use crate::engine::loader::{Ways, run};
    use crate::engine::wish::Wish;
    use crate::engine::{Outbox, turns::Turns};

    /// While there is no model yet, nothing is decoded.
    #[test]
    fn a_photo_that_waits_shows_what_its_file_holds_for_a_first_look() {
        let data = tempfile::tempdir().unwrap();
        let places = Places::at(data.path().to_path_buf());
        let (events, told) = unbounded();
        let (wishes, inbox) = unbounded();
        let outbox = Outbox { events, wake: Arc::new(|| ()) };
        let hands = Arc::new(Hands::new(false).unwrap());
        let ways = Ways { with_verdicts: false, trusts_listings: false };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/photos/tiny-in-exif.jpg");
        let wanted = Wanted { fingerprint: Fingerprint([1; 16]), path: path.into() };
        thread::scope(|scope| {
            scope.spawn(|| run(&places, ways, hands, &inbox, unbounded().0, Arc::<Turns>::default(), outbox));
            wishes.send(Wish { thumbnails: vec![wanted], ..Wish::default() }).unwrap();
            let sketch = std::iter::from_fn(|| told.recv_timeout(Duration::from_secs(60)).ok())
                .find(|event| matches!(event, Event::Sketch(..)));
            drop(wishes);
            let Some(Event::Sketch(name, look, picture)) = sketch else { panic!("{sketch:?}") };
            assert_eq!(name, Fingerprint([1; 16]));
            assert_eq!((look.width_px, look.height_px, picture.width_px, picture.height_px), (48, 32, 96, 64));
        });
    }
}
