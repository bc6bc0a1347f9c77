//! Keywords on disk: which files hold those of a photo, what an export would change in them, and the change itself.
//!
//! | Module | What it does |
//! |-|-|
//! | `names` | which sidecars belong to a photo |
//! | `target` | a file that holds keywords, as it is now, or why it is left alone |
//! | `edit` | new contents from old ones |
//! | `plan` | what an export would change; nothing is written |
//! | `diff` | old and new contents, line by line |
//! | `run`, with `batch` and `crew` | carries a plan out, some files at a time |
//! | `replace` | one file in the place of another |
//! | `journal`, `jobs` | what was there before |
//! | `undo`, `keep` | puts it back, or lets go of it |
//! | `metadata` | what the sidecars of a photo say |
//! | `words` | why something could not be done |
//!
//! Promise: a file is replaced only if it still is what the preview showed, only after its old bytes are safe on disk, and
//! only whole. Any other file stays as it is, and is reported with a reason.

mod batch;
mod crew;
mod diff;
mod edit;
mod jobs;
mod journal;
mod keep;
mod metadata;
mod names;
mod plan;
mod replace;
mod run;
mod target;
mod undo;
mod words;

pub use diff::diff;
pub use jobs::{files_of, jobs};
pub use keep::{first_version, keep};
pub use metadata::sidecar_metadata;
pub use names::Neighbours;
pub use plan::{PhotoPlan, Preview, plan_tagging, preview};
pub use run::{Progress, TaggingRun};
pub use undo::undo;
