//! The loader thread: everything that reads or writes files, most urgent first.
//!
//! Each original is decoded once, for its thumbnail and for the network; what the store knows is not decoded at all. While
//! the decoders work, the loader passes on what is done and looks for what is next.

mod decoders;
mod metadata;
mod reading;
mod requests;
mod shelf;
mod stored;
mod verdicts;
mod visits;

use std::collections::HashSet;
use std::hash::Hash;
use std::path::Path;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Select, Sender};

use super::encoder::Input;
use super::event::Event;
use super::hands::Hands;
use super::saved::Saved;
use super::session::Written;
use super::turns::Turns;
use super::wish::{Visit, Wanted, Wish};
use super::{Closed, Outbox, newest};
use crate::catalog::Fingerprint;
use crate::clip::ModelCard;
use crate::disk::{self, Least, Places, Store, StoreError};
use decoders::Decoders;

/// Long side of the large view: a 4K screen's height, so that fitting it never magnifies.
const LARGE_PX: u32 = 2160;

/// How the loader goes about its work.
#[derive(Clone, Copy, Debug)]
pub struct Ways {
    /// Whether what a person said of photos counts.
    pub with_verdicts: bool,
    /// Whether folders are taken as they were listed the last time, and looked at later.
    pub trusts_listings: bool,
}

/// Works until the engine is dropped.
pub fn run(
    places: &Places,
    ways: Ways,
    hands: Arc<Hands>,
    wishes: &Receiver<Wish>,
    inputs: Sender<Input>,
    turns: Arc<Turns>,
    outbox: Outbox,
) {
    let pool = rayon::ThreadPoolBuilder::new().thread_name(|i| format!("reader {i}")).build();
    let (pool, decoders) = match pool.and_then(|pool| Ok((pool, Decoders::start(turns, hands.clone())?))) {
        Ok(both) => both,
        Err(error) => {
            let _ = outbox.send(Event::Notice(format!("Could not start reading photos: {error}.")));
            return;
        }
    };
    let (trusts_listings, visited_roots, unheard, wish, asked) =
        (ways.trusts_listings, HashSet::new(), 0, Wish::default(), Asked::default());
    let mut desk = Desk {
        places,
        inputs,
        outbox,
        pool,
        hands,
        decoders,
        store: None,
        trusts_listings,
        visited_roots,
        unheard,
        // Only a window looks at photos.
        has_foreseen: !trusts_listings,
        wish,
        asked,
    };
    let store = Store::open(&desk.places.store());
    if desk.take_store(store).is_ok() && desk.tell_verdicts(ways.with_verdicts).is_ok() {
        let _ = desk.work(wishes);
    }
    desk.decoders.finish();
    desk.remember(wishes);
}

struct Desk<'a> {
    places: &'a Places,
    inputs: Sender<Input>,
    outbox: Outbox,
    /// For many small files at once, on screen; apart from the decoders, behind whose photos they would wait.
    pool: rayon::ThreadPool,
    /// For everything else.
    hands: Arc<Hands>,
    decoders: Decoders,
    store: Option<Store>,
    trusts_listings: bool,
    visited_roots: HashSet<Arc<Path>>,
    /// Photos reported since the last wish, which comes when the window has taken in what there was.
    unheard: usize,
    /// Whether the thumbnails of a first screen were brought, or are asked for as all others.
    has_foreseen: bool,
    wish: Wish,
    asked: Asked,
}

/// What was answered or is under way, as long as the wish still names it.
#[derive(Default)]
struct Asked {
    walk: Option<visits::Walk>,
    visits: HashSet<Visit>,
    /// Walks that are to be made once more, without trusting listings.
    checks: Vec<visits::Walk>,
    thumbnails: HashSet<Fingerprint>,
    sketches: HashSet<Fingerprint>,
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
        keep_wanted(&mut self.sketches, names(&wish.thumbnails));
        keep_wanted(&mut self.large, names(&wish.large));
        keep_wanted(&mut self.patches, wish.patches.iter().map(|wanted| &wanted.fingerprint));
        keep_wanted(&mut self.examples, wish.examples.iter());
        keep_wanted(&mut self.full, wish.full.iter().map(|wanted| &wanted.fingerprint));
        self.in_flight.retain(|name| wish.wants_embedding(*name));
        self.walk.take_if(|walk| !wish.visits.contains(&walk.visit));
        self.checks.retain(|walk| wish.visits.contains(&walk.visit) || wish.checks.contains(&walk.visit));
    }
}

impl Desk<'_> {
    fn work(&mut self, wishes: &Receiver<Wish>) -> Result<(), Closed> {
        let mut is_idle = true;
        loop {
            if is_idle {
                self.wait(wishes);
            }
            let asked = &mut self.asked;
            if let Some(wish) = newest(wishes, false, |wish| asked.forget_unwanted(wish))? {
                if !wish.embeddings.is_of_same_contents(&self.wish.embeddings) {
                    self.asked.looked_up = 0;
                }
                // What was made for one model is nothing to another.
                if wish.model.card().map(|card| &card.id) != self.wish.model.card().map(|card| &card.id) {
                    self.asked.looked_up = 0;
                    self.asked.in_flight.clear();
                    self.asked.patches.clear();
                    self.decoders.withdraw(|_| false);
                }
                self.hands.use_cores(wish.cores);
                self.unheard = 0;
                self.wish = wish;
                self.withdraw_unwanted();
            }
            is_idle = !self.step()?;
        }
    }

    /// Sleeps until there is a new wish, or a photo is decoded.
    fn wait(&self, wishes: &Receiver<Wish>) {
        let mut select = Select::new();
        select.recv(wishes);
        select.recv(self.decoders.done());
        select.ready();
    }

    fn withdraw_unwanted(&mut self) {
        let wish = &self.wish;
        let is_shown = |photo| wish.thumbnails.iter().any(|wanted| wanted.fingerprint == photo);
        self.decoders.withdraw(|photo| is_shown(photo) || !wish.is_paused && wish.wants_embedding(photo));
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
        Ok(self.pass_on()?
            || self.show_large()?
            || self.show_thumbnails()?
            || self.show_sketches()?
            || self.show_full()?
            || self.save()?
            || self.keep_verdicts()?
            || self.tend_shelf()?
            || self.send_for_patches()?
            || self.name_examples()?
            || self.describe_shown()?
            || (!self.wish.is_paused && (self.scan()? || self.bring_stored()? || self.read_on()? || self.check()?)))
    }

    /// Goes on with what is not on screen: pictures and what is written about them in turns, so that neither waits for
    /// all of the other.
    fn read_on(&mut self) -> Result<bool, Closed> {
        let is_turn = self.asked.metadata.take_turn();
        Ok((is_turn && self.describe_rest()?) || self.read_ahead() || self.describe_rest()?)
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
        match disk::decode(&wanted.path, disk::ALL) {
            Ok(original) => self.outbox.send(Event::Full(wanted.fingerprint, original.picture))?,
            Err(error) => {
                let text = format!("Could not show {} at full size: {}", wanted.path.display(), error.reason);
                self.outbox.send(Event::Notice(text))?;
            }
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

    /// The threads for what nobody waits for.
    fn ahead(&self) -> Arc<rayon::ThreadPool> {
        self.hands.decoders()
    }

    fn card(&self) -> Option<Arc<ModelCard>> {
        self.wish.model.card().cloned()
    }
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
