//! Blocking file work as plain functions.
//!
//! | Module | What it does |
//! |-|-|
//! | `places` | where Tagroll keeps its own files |
//! | `scan` | walks a folder in bounded steps |
//! | `fingerprint` | names a photo by its content |
//! | `decode`, with `jpeg`, `colour` and `shrink` | a file to upright sRGB pixels |
//! | `thumbnail` | small pictures for the grid |
//! | `store` | remembers all of that between runs |
//! | `metadata` | what a photo says of itself |
//! | `saved` | small texts, replaced whole |
//! | `sets` | the folder of category sets |
//! | [`sidecar`] | keywords into sidecars, and back out |
//! | `reasons` | why a photo cannot be shown |
//!
//! Promise: photos are opened for reading only, unless a person asks for keywords in them. Nothing here knows threads, and no photo, however broken, is an error
//! for the others.

mod colour;
mod decode;
mod fingerprint;
mod jpeg;
mod metadata;
mod places;
mod reasons;
mod saved;
mod scan;
mod sets;
mod shrink;
pub mod sidecar;
mod store;
mod thumbnail;

pub use decode::{Least, Original, Unreadable, decode};
pub use fingerprint::{fingerprint, fingerprint_of_path};
pub use metadata::embedded_metadata;
pub use places::Places;
pub use saved::{read_text, write_atomically};
pub use scan::{Problem, STEP_ENTRIES, Scan, ScanStep, found_file};
pub use sets::{is_taken, read_at_most, set_aside, set_names, set_path};
pub use store::{Store, StoreCounts, StoreError};
pub use thumbnail::{THUMBNAIL_PX, Thumbnail};
