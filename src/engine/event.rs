//! Everything the two threads report. Results are named by what they are about, so a late one is never wrong.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::choice::ModelRequest;
use super::kept::Kept;
use super::session::{SetEntry, Written};
use super::wish::{AlikeQuestion, Visit};
use crate::catalog::{
    CategorySet, Done, Embedding, Fingerprint, FoundFile, JobEntry, Look, Metadata, PatchMap, Picture, Plan,
};
use crate::clip::{Device, ModelCard, ModelId};
use crate::disk::Power;
use crate::hub::{Installed, Progress};

#[derive(Clone, Debug)]
pub enum Event {
    /// A step of a visit found these photos.
    Found {
        visit: Visit,
        photos: Vec<(FoundFile, Fingerprint)>,
    },
    /// Folders or files that a visit could not look into.
    Problems {
        visit: Visit,
        problems: Vec<Problem>,
    },
    /// The visit has seen everything.
    Visited(Visit),
    /// What the visit took from what was known of folders has been looked at.
    Checked(Visit),
    /// Files that the visit took from what was known of folders are gone: it must be made anew.
    Gone(Visit),

    /// Looks from the store.
    Looks(Vec<(Fingerprint, Look)>),
    /// Looks of originals that have just been decoded.
    Decoded(Vec<(Fingerprint, Look)>),
    Thumbnail(Fingerprint, Picture),
    /// What stands in for a thumbnail until it is there.
    Sketch(Fingerprint, Look, Picture),
    Large(Fingerprint, Picture),
    /// A photo with all its pixels.
    Full(Fingerprint, Picture),
    Unreadable(Vec<(Fingerprint, String)>),
    /// Embeddings from the store.
    Stored {
        model: ModelId,
        embeddings: Vec<(Fingerprint, Embedding)>,
    },
    /// Embeddings that the network has just made.
    Encoded {
        model: ModelId,
        embeddings: Vec<(Fingerprint, Embedding)>,
    },
    /// Photos that this model cannot take, with the reason.
    NotEncoded {
        model: ModelId,
        reasons: Vec<(Fingerprint, String)>,
    },

    /// A model is open. Results are named by its card's id, so they come after this.
    ModelReady {
        request: ModelRequest,
        card: Arc<ModelCard>,
    },
    ModelFailed {
        request: ModelRequest,
        reason: String,
    },
    /// Texts that were asked for, each with its embedding or the reason why it has none.
    Texts {
        model: ModelId,
        texts: Vec<(String, Result<Embedding, String>)>,
    },

    /// What the models folder holds, and where it is.
    Installed {
        folder: PathBuf,
        models: Vec<Installed>,
    },
    Devices(Vec<Device>),
    /// What the computer runs on now; `None` where that cannot be told.
    Power(Option<Power>),
    /// The host that models are fetched from.
    HubHost(String),
    Downloading {
        id: String,
        progress: Progress,
        bytes_per_second: Option<f64>,
    },
    DownloadFailed {
        id: String,
        reason: String,
    },
    /// A folder was copied into the models folder, or could not be.
    Added {
        from: PathBuf,
        outcome: Result<Installed, String>,
    },
    /// What was there of a cancelled download is gone.
    Discarded(String),
    NotRemoved {
        id: String,
        reason: String,
    },
    /// A model's trial on this computer.
    Trial {
        request: ModelRequest,
        photos_per_second: f32,
    },

    /// The patches of the photo that is to be explained; `None` where the model has none to show.
    Patches {
        model: ModelId,
        photo: Fingerprint,
        outcome: Result<Option<PatchMap>, String>,
    },
    /// What an example file holds.
    Example {
        path: Arc<Path>,
        outcome: Result<Fingerprint, String>,
    },
    /// Sets of rows that are almost the same.
    Alike {
        question: Arc<AlikeQuestion>,
        sets: Vec<Vec<u32>>,
    },
    /// What is written down about photos: named by their files, and by the reading that it was asked in.
    Metadata {
        reading: u32,
        photos: Vec<Described>,
    },
    /// The sets that the person kept.
    KeptSets(Vec<SetEntry>),
    /// A task is done, with the set that it was to read, if any; or it is not, for this reason.
    SetTaskDone {
        number: u32,
        outcome: Result<Option<CategorySet>, String>,
    },
    /// The jobs of the past, the newest first.
    Jobs(Vec<JobEntry>),
    JobProgress {
        number: u32,
        done: usize,
        of: usize,
    },
    JobAnswered {
        number: u32,
        answer: JobAnswer,
    },
    /// Contents that Tagroll made of others by writing keywords into them: old and new.
    SameContents(Vec<(Fingerprint, Fingerprint)>),
    /// Every verdict that the store holds.
    Verdicts(Written),

    /// The answer to a question what is kept.
    Kept {
        number: u32,
        kept: Arc<Kept>,
    },

    /// Something that the person should know.
    Notice(String),
}

/// What is written down about one photo, in it and beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    pub path: Arc<Path>,
    pub metadata: Metadata,
    /// Why it may not be all.
    pub trouble: Option<String>,
}

/// How a task of a job ended.
#[derive(Clone, Debug, PartialEq)]
pub enum JobAnswer {
    Planned(Arc<Plan>),
    Done(Done),
    /// Old and new contents, line by line.
    Diff(String),
    Nothing,
    /// Why it could not be done.
    Failed(String),
}

/// What a visit could not look into, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub path: PathBuf,
    pub reason: String,
}
