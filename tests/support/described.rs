//! What is written down about the photos of a gallery.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

use std::path::Path;

use tagroll::catalog::{Keyword, Metadata};
use tagroll::engine::{Described, Event, Session};

use super::gallery;

fn words(words: &[&str]) -> Vec<Keyword> {
    words.iter().map(|word| word.parse().unwrap()).collect()
}

/// The person's.
pub fn keywords(of: &[&str]) -> Metadata {
    Metadata { keywords: words(of), ..Metadata::default() }
}

pub fn by_tagroll(of: &[&str]) -> Metadata {
    Metadata { ours: words(of), ..Metadata::default() }
}

pub fn rated(stars: i8) -> Metadata {
    Metadata { rating: Some(stars), ..Metadata::default() }
}

pub fn labelled(label: &str) -> Metadata {
    Metadata { label: Some(label.to_owned()), ..Metadata::default() }
}

pub fn described(photo: u32, metadata: Metadata, trouble: Option<&str>) -> Described {
    let path = Path::new("/photos").join(gallery::file_name(photo)).into();
    Described { path, metadata, trouble: trouble.map(str::to_owned) }
}

/// Answers what is wanted of these photos.
pub fn describe(session: &mut Session, photos: &[(u32, Metadata)]) {
    let photos = photos.iter().map(|(photo, metadata)| described(*photo, metadata.clone(), None)).collect();
    session.absorb(Event::Metadata { reading: session.wish().metadata.reading, photos });
}
