//! What Tagroll keeps for itself on this computer: how much of what, and forgetting all of it.
//!
//! Promise: what [`measure`] names is what [`forget`] takes away. Photos and sidecars are not among it.

use std::path::PathBuf;

use crate::disk::{OwnFiles, OwnPart, Places, Store};
use crate::hub;

/// Everything that is kept, kind by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where it lies.
    pub folder: PathBuf,
    pub parts: Vec<KeptPart>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPart {
    pub what: KeptWhat,
    /// Photos, verdicts, sets or files, by what it is.
    pub count: u64,
    pub size_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptWhat {
    Thumbnails,
    /// What models have seen in photos.
    Vectors,
    Verdicts,
    /// Which files there are, and what is written down about them.
    Catalogue,
    /// Categories, choices and where the window was.
    Session,
    Sets,
    /// What is needed to undo exports.
    Exports,
    /// By its name.
    Model(String),
}

impl Kept {
    pub fn size_bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.size_bytes).sum()
    }
}

/// Looks through the data folder. Kinds of which there is nothing are left out.
pub fn measure(places: &Places) -> Kept {
    let own = OwnFiles::of(places);
    let shares = if places.store().is_file() {
        Store::open(&places.store()).and_then(|store| store.shares())
    } else {
        Ok(Default::default())
    };
    let shares = shares.unwrap_or_default();
    let named = [
        (KeptWhat::Thumbnails, shares.thumbnails),
        (KeptWhat::Vectors, shares.embeddings),
        (KeptWhat::Verdicts, shares.verdicts),
    ];
    let named_bytes: u64 = named.iter().map(|(_, share)| share.size_bytes).sum();
    let mut parts: Vec<KeptPart> = named
        .into_iter()
        .map(|(what, share)| KeptPart { what, count: share.count, size_bytes: share.size_bytes })
        .collect();
    let (files, store_bytes) = own.size(OwnPart::Store);
    let rest = store_bytes.saturating_sub(named_bytes);
    parts.push(KeptPart { what: KeptWhat::Catalogue, count: files as u64, size_bytes: rest });
    let others =
        [(KeptWhat::Session, OwnPart::Session), (KeptWhat::Sets, OwnPart::Sets), (KeptWhat::Exports, OwnPart::Exports)];
    parts.extend(others.map(|(what, part)| {
        let (files, size_bytes) = own.size(part);
        KeptPart { what, count: files as u64, size_bytes }
    }));
    parts.extend(hub::traces(&places.models()).into_iter().map(|trace| KeptPart {
        what: KeptWhat::Model(trace.name),
        count: 1,
        size_bytes: trace.size_bytes,
    }));
    parts.retain(|part| part.count > 0);
    Kept { folder: places.data_dir().to_path_buf(), parts }
}

/// Takes everything away. Returns what is left, each with the reason, in words. No thread may be at work there.
pub fn forget(places: &Places) -> Vec<String> {
    let mut left = OwnFiles::of(places).remove();
    left.extend(hub::forget(&places.models()));
    left
}
