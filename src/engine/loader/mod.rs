//! The loader thread: everything that reads or writes files, most urgent first.
//!
//! Each original is decoded once, for its thumbnail and for the network; what the store knows is not decoded at all.

mod metadata;
mod requests;
mod shelf;
mod verdicts;
mod visits;

use std::collections::HashSet;
use std::hash::Hash;
use std::path::Path;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use rayon::prelude::*;

use super::encoder::{Input, Purpose};
use super::event::Event;
use super::hands::Hands;
use super::saved::Saved;
use super::session::Written;
use super::wish::{Model, Visit, Wanted, Wish};
use super::{Closed, Outbox, newest};
use crate::catalog::{Fingerprint, Picture};
use crate::clip::{ModelCard, ModelId, ModelInput, pixels};
use crate::disk::{self, Least, Places, Scan, Store, StoreError, THUMBNAIL_PX, Thumbnail, Unreadable};

/// Photos between decoder and network: enough that neither waits for the window to pass a wish on.
const IN_FLIGHT: usize = 48;
/// Embeddings that one event brings from the store.
const STORED_AT_ONCE: usize = 4096;
/// Thumbnails that one step brings from the store.
const THUMBNAILS_AT_ONCE: usize = 12;
/// Long side of the large view: a 4K screen's height, so that fitting it never magnifies.
const LARGE_PX: u32 = 2160;

/// Works until the engine is dropped.
pub fn run(
    places: &Places,
    with_verdicts: bool,
    hands: Arc<Hands>,
    wishes: &Receiver<Wish>,
    inputs: Sender<Input>,
    outbox: Outbox,
) {
    let pool = rayon::ThreadPoolBuilder::new().thread_name(|i| format!("decoder {i}")).build();
    let (store, pool) = match (Store::open(&places.store()), pool) {
        (store, Ok(pool)) => (store, pool),
        (_, Err(error)) => {
            let _ = outbox.send(Event::Notice(format!("Could not start reading photos: {error}.")));
            return;
        }
    };
    let mut desk =
        Desk { places, inputs, outbox, pool, hands, store: None, wish: Wish::default(), asked: Asked::default() };
    if desk.take_store(store).is_ok() && desk.tell_verdicts(with_verdicts).is_ok() {
        let _ = desk.work(wishes);
    }
    desk.remember(wishes);
}

struct Desk<'a> {
    places: &'a Places,
    inputs: Sender<Input>,
    outbox: Outbox,
    /// For what is on screen.
    pool: rayon::ThreadPool,
    /// For everything else.
    hands: Arc<Hands>,
    store: Option<Store>,
    wish: Wish,
    asked: Asked,
}

/// What was answered or is under way, as long as the wish still names it.
#[derive(Default)]
struct Asked {
    visit: Option<(Visit, Scan)>,
    visits: HashSet<Visit>,
    thumbnails: HashSet<Fingerprint>,
    large: HashSet<Fingerprint>,
    full: HashSet<Fingerprint>,
    in_flight: HashSet<Fingerprint>,
    /// The contents before this place have been looked up in the store.
    looked_up: usize,
    saved: Option<Arc<Saved>>,
    /// What the store holds now.
    verdicts: Option<Arc<Written>>,
    patches: HashSet<Fingerprint>,
    examples: HashSet<Arc<Path>>,
    metadata: metadata::Asked,
    /// Tasks before this one are done.
    next_set_task: u32,
}

impl Asked {
    /// Forgets what a wish does not name: if it is named again later, it is wanted again.
    fn forget_unwanted(&mut self, wish: &Wish) {
        keep_wanted(&mut self.visits, wish.visits.iter());
        keep_wanted(&mut self.thumbnails, names(&wish.thumbnails));
        keep_wanted(&mut self.large, names(&wish.large));
        keep_wanted(&mut self.patches, wish.patches.iter().map(|wanted| &wanted.fingerprint));
        keep_wanted(&mut self.examples, wish.examples.iter());
        keep_wanted(&mut self.full, wish.full.iter().map(|wanted| &wanted.fingerprint));
        self.in_flight.retain(|name| wish.wants_embedding(*name));
        if self.visit.as_ref().is_some_and(|(visit, _)| !wish.visits.contains(visit)) {
            self.visit = None;
        }
    }
}

/// What decoding one photo gave.
struct Read {
    name: Fingerprint,
    outcome: Result<(Thumbnail, Option<(ModelId, ModelInput)>), Unreadable>,
}

impl Desk<'_> {
    fn work(&mut self, wishes: &Receiver<Wish>) -> Result<(), Closed> {
        let mut is_idle = true;
        loop {
            let asked = &mut self.asked;
            if let Some(wish) = newest(wishes, is_idle, |wish| asked.forget_unwanted(wish))? {
                if !wish.embeddings.is_of_same_contents(&self.wish.embeddings) {
                    self.asked.looked_up = 0;
                }
                // What was made for one model is nothing to another.
                if wish.model.card().map(|card| &card.id) != self.wish.model.card().map(|card| &card.id) {
                    self.asked.looked_up = 0;
                    self.asked.in_flight.clear();
                    self.asked.patches.clear();
                }
                self.hands.use_cores(wish.cores);
                self.wish = wish;
            }
            is_idle = !self.step()?;
        }
    }

    /// Writes down what is to be remembered when the program ends. All wishes are there by then.
    fn remember(&mut self, wishes: &Receiver<Wish>) {
        wishes.iter().for_each(|wish| self.wish = wish);
        let _ = self.save();
        let _ = self.keep_verdicts();
        self.clear_shelf();
    }

    /// Does the most urgent thing; returns whether there was any.
    fn step(&mut self) -> Result<bool, Closed> {
        Ok(self.show_large()?
            || self.show_thumbnails()?
            || self.show_full()?
            || self.save()?
            || self.keep_verdicts()?
            || self.tend_shelf()?
            || self.send_for_patches()?
            || self.name_examples()?
            || self.describe_shown()?
            || (!self.wish.is_paused && (self.scan()? || self.bring_stored()? || self.read_on()?)))
    }

    /// Goes on with what is not on screen: pictures and what is written about them in turns, so that neither waits for
    /// all of the other.
    fn read_on(&mut self) -> Result<bool, Closed> {
        let is_turn = self.asked.metadata.take_turn();
        Ok((is_turn && self.describe_rest()?) || self.read_ahead()? || self.describe_rest()?)
    }

    fn show_large(&mut self) -> Result<bool, Closed> {
        let Some(wanted) = self.wish.large.iter().find(|w| !self.asked.large.contains(&w.fingerprint)).cloned() else {
            return Ok(false);
        };
        self.asked.large.insert(wanted.fingerprint);
        match disk::decode(&wanted.path, Least { short_px: 0, long_px: LARGE_PX }) {
            Ok(original) => self.outbox.send(Event::Large(wanted.fingerprint, original.picture))?,
            Err(error) => self.report_unreadable(vec![(wanted.fingerprint, error)])?,
        }
        Ok(true)
    }

    /// A photo that is shown large but cannot be had with all its pixels stays as it is, and the person hears why.
    fn show_full(&mut self) -> Result<bool, Closed> {
        let Some(wanted) = self.wish.full.clone().filter(|wanted| self.asked.full.insert(wanted.fingerprint)) else {
            return Ok(false);
        };
        let all = Least { short_px: u32::MAX, long_px: u32::MAX };
        match disk::decode(&wanted.path, all) {
            Ok(original) => self.outbox.send(Event::Full(wanted.fingerprint, original.picture))?,
            Err(error) => {
                let text = format!("Could not show {} at full size: {}", wanted.path.display(), error.reason);
                self.outbox.send(Event::Notice(text))?;
            }
        }
        Ok(true)
    }

    fn show_thumbnails(&mut self) -> Result<bool, Closed> {
        let missing = self.wish.thumbnails.iter().filter(|w| !self.asked.thumbnails.contains(&w.fingerprint));
        let missing: Vec<Wanted> = missing.take(THUMBNAILS_AT_ONCE).cloned().collect();
        let (mut unknown, mut is_busy) = (Vec::new(), false);
        for wanted in missing {
            match self.stored_thumbnail(wanted.fingerprint) {
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
        Ok(self.read(&unknown, true)? || is_busy)
    }

    /// Decodes what is not on screen, as long as the network keeps up.
    fn read_ahead(&mut self) -> Result<bool, Closed> {
        if self.wish.is_saving_power
            || self.asked.in_flight.len() >= IN_FLIGHT
            || !matches!(self.wish.model, Model::Ready(_))
        {
            return Ok(false);
        }
        let wanted = self.wish.first.iter().chain(self.wish.embeddings.iter());
        let next = wanted.filter(|w| !self.asked.in_flight.contains(&w.fingerprint));
        let mut names = HashSet::new();
        let next = next.filter(|w| names.insert(w.fingerprint));
        let next: Vec<Wanted> = next.take(self.pool.current_num_threads()).cloned().collect();
        self.read(&next, false)
    }

    /// Decodes photos side by side, as many as there are cores, and passes them on to store, window and network.
    fn read(&mut self, wanted: &[Wanted], is_on_screen: bool) -> Result<bool, Closed> {
        // Without knowing what the model wants, a photo would have to be decoded again for it.
        if wanted.is_empty() || matches!(self.wish.model, Model::Loading) {
            return Ok(false);
        }
        let ahead = self.ahead();
        let pool = if is_on_screen { &self.pool } else { &*ahead };
        let wanted = &wanted[..wanted.len().min(pool.current_num_threads())];
        let card = self.card();
        let for_model: HashSet<Fingerprint> = self.unencoded(wanted).collect();
        let reads: Vec<Read> = pool.install(|| {
            let read = |w: &Wanted| read_photo(w, card.as_deref().filter(|_| for_model.contains(&w.fingerprint)));
            wanted.par_iter().map(read).collect()
        });
        self.pass_on(reads)?;
        Ok(true)
    }

    fn pass_on(&mut self, reads: Vec<Read>) -> Result<(), Closed> {
        let (mut thumbnails, mut failures) = (Vec::new(), Vec::new());
        for Read { name, outcome } in reads {
            match outcome {
                Ok((thumbnail, input)) => {
                    if let Some((model, pixels)) = input {
                        self.asked.in_flight.insert(name);
                        // An encoder that is gone has reported that there is no model.
                        let _ = self.inputs.send(Input { name, model, pixels, purpose: Purpose::Embedding });
                    }
                    thumbnails.push((name, thumbnail));
                }
                Err(unreadable) => failures.push((name, unreadable)),
            }
        }
        self.keep(|store| store.put_thumbnails(&thumbnails))?;
        self.outbox.send(Event::Decoded(thumbnails.iter().map(|(name, t)| (*name, t.look)).collect()))?;
        for (name, thumbnail) in &thumbnails {
            if self.wish.thumbnails.iter().any(|w| w.fingerprint == *name) {
                self.show(*name, thumbnail)?;
            }
        }
        self.report_unreadable(failures)
    }

    fn show(&mut self, name: Fingerprint, thumbnail: &Thumbnail) -> Result<(), Closed> {
        self.asked.thumbnails.insert(name);
        match thumbnail.picture() {
            Ok(picture) => self.outbox.send(Event::Thumbnail(name, picture)),
            Err(reason) => self.outbox.send(Event::Notice(reason)),
        }
    }

    /// A failure of the disk is told, but only one of the bytes is kept: the drive may be back tomorrow.
    fn report_unreadable(&mut self, failures: Vec<(Fingerprint, Unreadable)>) -> Result<(), Closed> {
        if failures.is_empty() {
            return Ok(());
        }
        let lasting = failures.iter().filter(|(_, unreadable)| unreadable.is_lasting);
        let lasting: Vec<_> = lasting.map(|(name, unreadable)| (*name, unreadable.reason.clone())).collect();
        self.keep(|store| store.put_unreadable(&lasting))?;
        let reasons = failures.into_iter().map(|(name, unreadable)| (name, unreadable.reason));
        self.outbox.send(Event::Unreadable(reasons.collect()))
    }

    /// Looks up what is not known to be missing, and reports embeddings and recorded failures.
    fn bring_stored(&mut self) -> Result<bool, Closed> {
        let (Some(card), Some(store)) = (self.card(), &self.store) else { return Ok(false) };
        let missing = self.wish.embeddings.from(self.asked.looked_up);
        let new = missing.filter(|(_, wanted)| !self.asked.in_flight.contains(&wanted.fingerprint));
        let (places, new): (Vec<usize>, Vec<Fingerprint>) =
            new.take(STORED_AT_ONCE).map(|(place, wanted)| (place, wanted.fingerprint)).unzip();
        if new.is_empty() {
            return Ok(false);
        }
        let known = store.embeddings(&card.id.0, &new).and_then(|stored| Ok((stored, store.unreadable(&new)?)));
        let (stored, unreadable) = match known {
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

    fn save(&mut self) -> Result<bool, Closed> {
        let Some(saved) = self.wish.saved.clone().filter(|saved| self.asked.saved.as_ref() != Some(saved)) else {
            return Ok(false);
        };
        self.asked.saved = Some(saved.clone());
        let path = self.places.session();
        let written = serde_json::to_vec_pretty(saved.as_ref()).map_err(anyhow::Error::from);
        let written = written.and_then(|bytes| disk::write_atomically(&path, &bytes));
        if let Err(error) = written {
            let text = format!("Could not remember this session in {}: {error:#}.", path.display());
            self.outbox.send(Event::Notice(text))?;
        }
        Ok(true)
    }

    fn take_store(&mut self, store: Result<Store, StoreError>) -> Result<(), Closed> {
        match store {
            Ok(store) => self.store = Some(store),
            Err(error) => self.outbox.send(Event::Notice(error.to_string()))?,
        }
        Ok(())
    }

    /// Writes to the store if there is one; a failure is told and the work goes on.
    fn keep(&mut self, write: impl FnOnce(&mut Store) -> Result<(), StoreError>) -> Result<(), Closed> {
        match self.store.as_mut().map(write) {
            Some(Err(error)) => self.outbox.send(Event::Notice(error.to_string())),
            _ => Ok(()),
        }
    }

    fn stored_thumbnail(&self, name: Fingerprint) -> Option<Picture> {
        self.store.as_ref()?.thumbnail(name).ok()??.picture().ok()
    }

    /// The threads for what nobody waits for.
    fn ahead(&self) -> Arc<rayon::ThreadPool> {
        self.hands.decoders()
    }

    fn card(&self) -> Option<Arc<ModelCard>> {
        self.wish.model.card().cloned()
    }

    /// Those of `wanted` that the network has still to see.
    fn unencoded(&self, wanted: &[Wanted]) -> impl Iterator<Item = Fingerprint> {
        let is_new = |name: &&Fingerprint| self.wish.wants_embedding(**name) && !self.asked.in_flight.contains(*name);
        names(wanted).filter(is_new).copied()
    }
}

fn read_photo(wanted: &Wanted, card: Option<&ModelCard>) -> Read {
    let short_px = card.map_or(0, |card| card.input.least_short_side_px());
    let outcome = disk::decode(&wanted.path, Least { short_px, long_px: THUMBNAIL_PX }).map(|original| {
        let input = card.map(|card| (card.id.clone(), pixels::prepare(&original.unprofiled, &card.input)));
        (Thumbnail::of(&original), input)
    });
    Read { name: wanted.fingerprint, outcome }
}

fn names(wanted: &[Wanted]) -> impl Iterator<Item = &Fingerprint> {
    wanted.iter().map(|w| &w.fingerprint)
}

/// Drops from `known` what is not in `wanted`; costs nothing while `known` is empty, however long the wish.
fn keep_wanted<'a, T: Hash + Eq + Clone + 'a>(known: &mut HashSet<T>, wanted: impl Iterator<Item = &'a T>) {
    if !known.is_empty() {
        let still: HashSet<T> = wanted.filter(|name| known.contains(*name)).cloned().collect();
        *known = still;
    }
}
