//! What is written down about photos: in them, which the store remembers by content, and in sidecars beside them, which
//! are read on every visit because other programs change them.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::Desk;
use crate::catalog::{Fingerprint, Metadata};
use crate::disk;
use crate::disk::sidecar::{Neighbours, sidecar_metadata};
use crate::engine::Closed;
use crate::engine::event::{Described, Event};
use crate::engine::metadata_wish::Undescribed;
use crate::engine::wish::Wanted;

/// Files that one step reads about: few enough that a thumbnail does not wait for them, even on a slow disk.
const FILES_AT_ONCE: usize = 64;

/// What was answered in this reading.
#[derive(Default)]
pub(super) struct Asked {
    reading: u32,
    files: HashSet<Arc<Path>>,
    /// The list of files, of which those before the place were asked.
    list: Undescribed,
    place: usize,
    /// What lies beside photos, folder by folder.
    neighbours: Neighbours,
    is_turn: bool,
}

/// What a photo itself says.
struct Embedded {
    metadata: Metadata,
    trouble: Option<String>,
    /// Whether it is to be kept: it is new, and all of it.
    is_new: bool,
}

impl Asked {
    /// Every other time.
    pub fn take_turn(&mut self) -> bool {
        self.is_turn = !self.is_turn;
        self.is_turn
    }

    /// Begins anew where the wish is of another reading or of other files.
    fn follow(&mut self, reading: u32, list: &Undescribed) {
        if self.reading != reading {
            *self = Asked { reading, is_turn: self.is_turn, ..Asked::default() };
        }
        if !self.list.is_of_same_files(list) {
            self.place = 0;
        }
        self.list = list.clone();
    }
}

impl Desk<'_> {
    /// Reads about the photos on screen.
    pub(super) fn describe_shown(&mut self) -> Result<bool, Closed> {
        self.asked.metadata.follow(self.wish.metadata.reading, &self.wish.metadata.rest);
        let asked = &self.asked.metadata.files;
        let shown = self.wish.metadata.first.iter().filter(|wanted| !asked.contains(&wanted.path));
        let shown = shown.take(FILES_AT_ONCE).cloned().collect();
        self.describe(shown)
    }

    /// Reads about the next of all open photos.
    pub(super) fn describe_rest(&mut self) -> Result<bool, Closed> {
        self.asked.metadata.follow(self.wish.metadata.reading, &self.wish.metadata.rest);
        let asked = &mut self.asked.metadata;
        let next = asked.list.from(asked.place).filter(|(_, wanted)| !asked.files.contains(&wanted.path));
        let (places, next): (Vec<usize>, Vec<Wanted>) =
            next.take(FILES_AT_ONCE).map(|(place, wanted)| (place, wanted.clone())).unzip();
        asked.place = places.last().map_or(usize::MAX, |place| place + 1);
        self.describe(next)
    }

    fn describe(&mut self, wanted: Vec<Wanted>) -> Result<bool, Closed> {
        if wanted.is_empty() {
            return Ok(false);
        }
        let names: Vec<Fingerprint> = wanted.iter().map(|wanted| wanted.fingerprint).collect();
        let stored = self.store.as_ref().and_then(|store| store.metadata(&names).ok()).unwrap_or_default();
        let stored: HashMap<Fingerprint, Metadata> = stored.into_iter().collect();
        let ahead = self.ahead();
        let neighbours = &mut self.asked.metadata.neighbours;
        let (embedded, sidecars) = ahead.install(|| {
            let embedded = || wanted.par_iter().map(|wanted| embedded(wanted, &stored)).collect::<Vec<_>>();
            let beside = || wanted.iter().map(|wanted| sidecar_metadata(&wanted.path, neighbours)).collect();
            rayon::join(embedded, beside)
        });
        let sidecars: Vec<Result<Metadata, String>> = sidecars;
        let new = names.iter().zip(&embedded).filter(|(_, embedded)| embedded.is_new);
        let new: Vec<(Fingerprint, Metadata)> = new.map(|(name, of)| (*name, of.metadata.clone())).collect();
        if !new.is_empty() {
            self.keep(|store| store.put_metadata(&new))?;
        }
        self.asked.metadata.files.extend(wanted.iter().map(|wanted| wanted.path.clone()));
        let photos = wanted.into_iter().zip(embedded).zip(sidecars);
        let photos = photos.map(|((wanted, embedded), sidecar)| together(wanted.path, embedded, sidecar)).collect();
        self.outbox.send(Event::Metadata { reading: self.asked.metadata.reading, photos })?;
        Ok(true)
    }
}

fn embedded(wanted: &Wanted, stored: &HashMap<Fingerprint, Metadata>) -> Embedded {
    if let Some(metadata) = stored.get(&wanted.fingerprint) {
        return Embedded { metadata: metadata.clone(), trouble: None, is_new: false };
    }
    match disk::embedded_metadata(&wanted.path) {
        Ok(reading) => {
            let is_new = reading.trouble.is_none();
            Embedded { metadata: reading.metadata, trouble: reading.trouble, is_new }
        }
        Err(trouble) => Embedded { metadata: Metadata::default(), trouble: Some(trouble), is_new: false },
    }
}

/// The sidecar is the stronger voice.
fn together(path: Arc<Path>, embedded: Embedded, sidecar: Result<Metadata, String>) -> Described {
    let (mut metadata, mut trouble) = (Metadata::default(), embedded.trouble);
    match sidecar {
        Ok(sidecar) => metadata = sidecar,
        Err(reason) => trouble = Some(trouble.map_or(reason.clone(), |other| format!("{other} {reason}"))),
    }
    metadata.join(embedded.metadata);
    Described { path, metadata, trouble }
}
