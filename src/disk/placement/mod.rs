//! Photos into folders, and into the system's trash: planned, done, and undone.
//!
//! | Module | What it does |
//! |-|-|
//! | `plan`, with `targets` and `sidecars` | which file gets which name where |
//! | `run` | carries a plan out, one file a step |
//! | `ways` | copy, move, hard link and symbolic link, none of which overwrites anything |
//! | `trash` | the system's trash, and back from it |
//! | `journal`, with `exact_path` | what a job did |
//! | `undo` | takes a job back, one file a step |
//! | `words` | why something was not done |
//!
//! Promise: no content of any file is ever lost. Nothing is overwritten, nothing is removed unless it is the same as what
//! stays or lies in the trash, and every step is written down before it is done.

mod exact_path;
mod journal;
mod plan;
mod run;
mod sidecars;
mod targets;
mod trash;
mod undo;
mod ways;
mod words;

pub use journal::placement_jobs;
pub use plan::{PlacementPlanner, free_bytes_at};
pub use run::PlacementRun;
pub use trash::plan_trash;
pub use undo::{PlacementUndo, undo_placement};
pub(in crate::disk) use ways::rename_new;
