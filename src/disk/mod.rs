//! Blocking file work as plain functions.
//!
//! | Module | What it does |
//! |-|-|
//! | `places` | where Tagroll keeps its own files |
//! | `packaged` | what came with the program: sample photos, a model |
//! | `own` | which files in the data folder are Tagroll's, and taking them away |
//! | `power` | whether the computer runs on its battery |
//! | `scan` | walks a folder in bounded steps |
//! | `listing` | what lay in a folder the last time |
//! | `fingerprint` | names a photo by its content |
//! | `decode`, with `jpeg`, `baseline`, `preview`, `colour` and `shrink` | a file to upright sRGB pixels |
//! | `ahead` | has the system read what will be decoded soon |
//! | `thumbnail` | small pictures for the grid |
//! | `store` | remembers all of that between runs |
//! | `metadata` | what a photo says of itself |
//! | `saved` | small texts, replaced whole |
//! | `names` | file names that every system accepts |
//! | `sets` | the folder of category sets |
//! | [`sidecar`] | keywords into sidecars, and back out |
//! | `placement` | photos into folders and into the trash, and back |
//! | `table` | tables of photos as CSV and JSON |
//! | `open` | photos in other programs |
//! | `crashes` | reports of crashes, and marks of programs that run |
//! | `reasons` | why a photo cannot be shown |
//! | `machine` | which machine and system this is |
//! | `specimen` | photos that are everywhere the same, to be measured with |
//!
//! Promise: photos are opened for reading only, unless a person asks for keywords in them (`sidecar`) or for photos
//! elsewhere (`placement`). Nothing here knows threads, and no photo, however broken, is an error for the others.

mod ahead;
mod baseline;
mod colour;
mod crashes;
mod decode;
mod fingerprint;
mod jpeg;
mod listing;
mod machine;
mod metadata;
mod names;
#[cfg(feature = "gui")]
mod open;
mod own;
mod packaged;
mod placement;
mod places;
mod power;
mod preview;
mod reasons;
mod saved;
mod scan;
mod sets;
mod shrink;
pub mod sidecar;
mod specimen;
mod store;
mod table;
mod thumbnail;

pub use ahead::read_ahead;
pub use crashes::{Mark, keep_report, newest_report, take_abandoned};
pub use decode::{ALL, Least, Original, Unreadable, decode, sketch};
pub use fingerprint::{fingerprint, fingerprint_of_path};
pub use listing::{Listed, Listing};
pub use machine::{boot_id, peak_memory_bytes, processor_name, system_name};
pub use metadata::embedded_metadata;
#[cfg(feature = "gui")]
pub use open::{open_with_default, reveal};
pub use own::{OwnFiles, OwnPart};
pub use packaged::{packaged_model, sample_photos};
pub use placement::{
    PlacementPlanner, PlacementRun, PlacementUndo, free_bytes_at, placement_jobs, plan_trash, undo_placement,
};
pub use places::Places;
pub use power::{Power, power};
pub use saved::{read_text, write_atomically, write_new};
pub use scan::{FolderEnd, Problem, STEP_ENTRIES, Scan, ScanStep, found_file};
pub use sets::{is_taken, read_at_most, set_aside, set_names, set_path};
pub use specimen::{remove_scratch, write_specimens, write_stand_ins};
pub use store::{Store, StoreCounts, StoreError};
pub use table::{to_csv, to_json, write_table};
pub use thumbnail::{THUMBNAIL_PX, Thumbnail};
