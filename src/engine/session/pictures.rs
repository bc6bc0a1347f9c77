//! Pictures on screen: which are wanted, which are there. Those that left the screen are dropped, so memory stays
//! bounded by the window, not by the library.

use std::collections::HashMap;

use super::Session;
use crate::catalog::{Fingerprint, PhotoId, Picture};

#[derive(Clone, Debug, Default)]
pub struct Pictures {
    pub thumbnails: Shelf,
    pub large: Shelf,
    pub full: Shelf,
}

impl Pictures {
    pub fn thumbnail(&self, of: Fingerprint) -> Option<&Picture> {
        self.thumbnails.there.get(&of)
    }

    pub fn large(&self, of: Fingerprint) -> Option<&Picture> {
        self.large.there.get(&of)
    }

    pub fn full(&self, of: Fingerprint) -> Option<&Picture> {
        self.full.there.get(&of)
    }
}

impl Session {
    /// The thumbnail of a photo that is on screen, once it is there.
    pub fn thumbnail(&self, photo: PhotoId) -> Option<&Picture> {
        self.pictures.thumbnail(self.library.fingerprint(photo))
    }

    /// What stands in for a thumbnail that is not there yet.
    pub fn sketch(&self, photo: PhotoId) -> Option<&Picture> {
        self.pictures.thumbnails.sketches.get(&self.library.fingerprint(photo))
    }

    /// The large picture of a photo that was asked for, once it is there.
    pub fn large(&self, photo: PhotoId) -> Option<&Picture> {
        self.pictures.large(self.library.fingerprint(photo))
    }

    /// All pixels of the photo for which they were asked, once they are there.
    pub fn full(&self, photo: PhotoId) -> Option<&Picture> {
        self.pictures.full(self.library.fingerprint(photo))
    }
}

/// One kind of picture.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// `None` until somebody has asked: what comes before that is meant for the first screen.
    wanted: Option<Vec<(PhotoId, Fingerprint)>>,
    there: HashMap<Fingerprint, Picture>,
    /// Of those that are missing.
    sketches: HashMap<Fingerprint, Picture>,
}

impl Shelf {
    /// Replaces what is wanted, most urgent first, and drops the pictures of everything else.
    pub fn want(&mut self, wanted: Vec<(PhotoId, Fingerprint)>) {
        let is_wanted = |name: &Fingerprint| wanted.iter().any(|(_, other)| other == name);
        self.there.retain(|name, _| is_wanted(name));
        self.sketches.retain(|name, _| is_wanted(name));
        self.wanted = Some(wanted);
    }

    /// Keeps a picture if it is wanted.
    pub fn put(&mut self, of: Fingerprint, picture: Picture) {
        if self.wants(of) {
            self.sketches.remove(&of);
            self.there.insert(of, picture);
        }
    }

    /// Keeps what stands in for a picture, if that is wanted and missing.
    pub fn put_sketch(&mut self, of: Fingerprint, picture: Picture) {
        if self.wants(of) && !self.there.contains_key(&of) {
            self.sketches.insert(of, picture);
        }
    }

    fn wants(&self, picture: Fingerprint) -> bool {
        self.wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|(_, name)| *name == picture))
    }

    pub fn wanted(&self) -> impl Iterator<Item = PhotoId> + '_ {
        self.wanted.iter().flatten().map(|(photo, _)| *photo)
    }

    pub fn missing(&self) -> impl Iterator<Item = PhotoId> + '_ {
        self.wanted.iter().flatten().filter(|(_, name)| !self.there.contains_key(name)).map(|(photo, _)| *photo)
    }
}
