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
//! | `saved` | small texts, replaced whole |
//! | `names` | file names that every system accepts |
//! | `sets` | the folder of category sets |
//! | `placement` | photos into folders and into the trash, and back |
//! | `table` | tables of photos as CSV and JSON |
//! | `open` | photos in other programs |
//! | `reasons` | why a photo cannot be shown |
//!
//! Promise: photos are opened for reading only; only `placement` puts them elsewhere. Nothing here knows threads, and no
//! photo, however broken, is an error for the others.

mod colour;
mod decode;
mod fingerprint;
mod jpeg;
mod names;
#[cfg(feature = "gui")]
mod open;
mod placement;
mod places;
mod reasons;
mod saved;
mod scan;
mod sets;
mod shrink;
mod store;
mod table;
mod thumbnail;

pub use decode::{Least, Original, Unreadable, decode};
pub use fingerprint::{fingerprint, fingerprint_of_path};
#[cfg(feature = "gui")]
pub use open::{open_with_default, reveal};
pub use placement::{
    PlacementPlanner, PlacementRun, PlacementUndo, free_bytes_at, placement_jobs, plan_trash, undo_placement,
};
pub use places::Places;
pub use saved::{read_text, write_atomically, write_new};
pub use scan::{Problem, STEP_ENTRIES, Scan, ScanStep, found_file};
pub use sets::{is_taken, read_at_most, set_aside, set_names, set_path};
pub use store::{Store, StoreCounts, StoreError};
pub use table::{to_csv, to_json, write_table};
pub use thumbnail::{THUMBNAIL_PX, Thumbnail};
