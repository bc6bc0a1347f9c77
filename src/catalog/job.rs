//! What is to be written into files, what that will change, and what became of it.
//!
//! A job is planned first, and the plan is shown; only then is it done, and afterwards it can be undone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Keyword, Splice};

/// A keyword as Tagroll writes it, with where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Tag {
    pub keyword: Keyword,
    /// The model that found it.
    pub model: String,
    /// The cosine; `None` where the person said yes.
    pub score: Option<f32>,
    /// When it was found, as RFC 3339 in UTC: "2026-11-25T01:41:23Z".
    pub date: String,
}

/// What is to become of Tagroll's keywords on one photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagging {
    pub photo: Arc<Path>,
    pub add: Vec<Tag>,
    /// Only what Tagroll added itself is removed.
    pub remove: Vec<Keyword>,
}

/// What a new sidecar is called. One that exists is updated, whatever its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Naming {
    /// `photo.jpg.xmp`, as darktable and digiKam have it.
    #[default]
    Ext,
    /// `photo.xmp`, as Lightroom has it.
    Stem,
    Both,
}

/// Where keywords are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SidecarPlace {
    #[default]
    Beside,
    /// Below another folder, which repeats the folders of the photo below `root`; for photos that lie where nothing can be
    /// written.
    Folder { folder: PathBuf, roots: Vec<PathBuf> },
    /// In the photo itself, which must be a JPEG: for Lightroom, which reads no sidecars of JPEGs.
    InPhoto,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaggingOptions {
    pub naming: Naming,
    pub place: SidecarPlace,
    /// Write every part of a path into `dc:subject`, not only the last.
    pub with_ancestors: bool,
    /// Add also what was removed in another program since Tagroll wrote it.
    pub again: bool,
    /// Take out everything that Tagroll ever added.
    pub removes_all: bool,
}

impl TaggingOptions {
    /// Whether the photos themselves are written to.
    pub fn is_in_photos(&self) -> bool {
        self.place == SidecarPlace::InPhoto
    }
}

/// How photos get into a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    Copy,
    Move,
    Hardlink,
    Symlink,
}

/// A photo, and the folder that it is to be in: the parts of a category's name, below the folder of the job.
#[derive(Clone, Debug, PartialEq)]
pub struct Placing {
    pub photo: Arc<Path>,
    pub folder: Keyword,
}

/// Something that changes files.
#[derive(Clone, Debug, PartialEq)]
pub enum Job {
    Tag {
        taggings: Arc<[Tagging]>,
        options: TaggingOptions,
    },
    Place {
        placings: Arc<[Placing]>,
        into: PathBuf,
        way: Way,
    },
    /// Into the system's trash, with their sidecars.
    Trash {
        photos: Arc<[Arc<Path>]>,
    },
}

/// What a job would do. Nothing has been written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// In the order of the photos.
    pub rows: Vec<Row>,
    /// Photos for which there is nothing to do.
    pub unchanged: usize,
    pub refused: Vec<Refusal>,
    /// Bytes that will be taken from the disk, and those that are free there, if it says.
    pub needed_bytes: u64,
    pub free_bytes: Option<u64>,
}

/// One file that will be created, changed or put elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub photo: Arc<Path>,
    /// The file that is written; for [`Change::Trash`], the one that goes.
    pub file: PathBuf,
    pub change: Change,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Keywords(KeywordChange),
    /// `from` is the photo, or one of its sidecars.
    Place {
        way: Way,
        from: PathBuf,
        size_bytes: u64,
    },
    Trash,
}

/// What becomes of the keywords in one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeywordChange {
    pub added: Vec<Keyword>,
    pub removed: Vec<Keyword>,
    /// Left out, because they were removed in another program since Tagroll wrote them.
    pub declined: Vec<Keyword>,
    /// BLAKE3 of the file as the plan saw it; `None` for a new file.
    pub before: Option<[u8; 32]>,
    /// How these bytes change, where that is known; empty where it is to be worked out once more.
    pub splices: Arc<[Splice]>,
}

/// A file that is left as it is, and why, in words for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub file: PathBuf,
    pub reason: String,
}

/// What became of a job, or of taking it back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Done {
    /// Under which it can be undone; `None` where nothing was written.
    pub id: Option<String>,
    /// Files that were written or put elsewhere.
    pub files: usize,
    pub refused: Vec<Refusal>,
}

/// What kind of job an entry of the journal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobKind {
    Sidecars,
    Photos,
    Copy,
    Move,
    Hardlink,
    Symlink,
    Trash,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// It can be undone.
    Done,
    Undone,
    /// The person is content, and what would be needed to undo it is gone.
    Kept,
}

/// A job of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobEntry {
    pub id: String,
    /// RFC 3339, UTC.
    pub date: String,
    pub kind: JobKind,
    pub state: JobState,
    pub files: usize,
}
