//! What the session still wants. A newer wish replaces the older one whole.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::choice::ModelRequest;
use super::metadata_wish::MetadataWish;
use super::missing::Missing;
use super::porter::Table;
use super::saved::Saved;
use super::session::{SetSource, Written};
use crate::catalog::{Fingerprint, Job, Plan, Row, Vectors};
use crate::clip::ModelCard;

/// One reading of a folder. The number tells it from an earlier reading of the same folder, because what a folder holds
/// changes with time: the only result here that is not named by its content.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Visit {
    pub root: Arc<Path>,
    pub number: u32,
}

/// A photo whose content is wanted, and a file that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wanted {
    pub fingerprint: Fingerprint,
    pub path: Arc<Path>,
}

/// How far the model is.
#[derive(Clone, Debug, Default)]
pub enum Model {
    #[default]
    Loading,
    Ready(Arc<ModelCard>),
    /// Why there is none.
    Failed(Arc<str>),
}

impl Model {
    pub fn card(&self) -> Option<&Arc<ModelCard>> {
        match self {
            Model::Ready(card) => Some(card),
            Model::Loading | Model::Failed(_) => None,
        }
    }
}

/// What is to happen in the models folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelsWish {
    /// Models of the table to be fetched, by id.
    pub downloads: Vec<String>,
    /// Unfinished downloads to be thrown away.
    pub discards: Vec<String>,
    /// Folders to be copied in.
    pub adds: Vec<PathBuf>,
    pub removals: Vec<String>,
}

/// Something to be done with the files of sets. The number, which grows, tells it from the same thing asked for again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetTask {
    pub number: u32,
    pub work: SetWork,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetWork {
    /// Says which sets there are; every change of them says so, too.
    List,
    Read(SetSource),
    /// Writes the set of this name, in place of the one that has it.
    Keep {
        name: String,
        text: Arc<str>,
    },
    Copy {
        name: String,
        copy: String,
    },
    Remove(String),
    /// Writes a file of the person's choice.
    Export {
        path: PathBuf,
        text: Arc<str>,
    },
}

/// Something to be done with a person's files, or to be found out about it.
#[derive(Clone, Debug, PartialEq)]
pub struct JobTask {
    pub number: u32,
    pub work: JobWork,
}

#[derive(Clone, Debug, PartialEq)]
pub enum JobWork {
    /// Says which jobs there were.
    List,
    Plan(Job),
    Run {
        job: Job,
        plan: Arc<Plan>,
    },
    Undo(String),
    /// Lets go of what would be needed to undo it.
    Keep(String),
    /// One file of a plan, before and after.
    Diff {
        job: Job,
        row: Box<Row>,
    },
    WriteTable(Table),
    /// Shows a file in the system's file manager.
    Reveal(PathBuf),
    /// Opens a file with the program that the system has for it.
    OpenWith(PathBuf),
}

/// Lists have the most urgent first. Nothing that was answered, by success or failure, stands in them.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    pub visits: Vec<Visit>,
    /// Visits that may have trusted what was known of folders: to be looked at once more when there is time.
    pub checks: Vec<Visit>,
    /// For the model in use.
    pub texts: Vec<String>,
    /// For the model that is to take over.
    pub next_texts: Vec<String>,
    pub large: Vec<Wanted>,
    /// With all its pixels.
    pub full: Option<Wanted>,
    pub thumbnails: Vec<Wanted>,
    /// Photos on screen that wait for their embedding.
    pub first: Vec<Wanted>,
    pub embeddings: Missing,
    /// The model that embeddings are wanted of: the one that is to take over, else the one in use.
    pub model: Model,
    /// The model in use, and the one that is to take over. No other need be kept open.
    pub in_use: Option<ModelRequest>,
    pub next: Option<ModelRequest>,
    /// Those of the two whose speed on this computer is wanted.
    pub trials: Vec<ModelRequest>,
    pub models: ModelsWish,
    /// Only what is on screen, and texts, are wanted now.
    pub is_paused: bool,
    /// What takes little is wanted, but no photo that is not on screen is decoded or encoded.
    pub is_saving_power: bool,
    /// Whether it is to be told when the computer's power changes.
    pub watches_power: bool,
    /// A question what is kept, by its number.
    pub kept: Option<u32>,
    /// Cores for what nobody waits for; `None` for all.
    pub cores: Option<usize>,
    /// The model in use, if it is open; photos are explained by it.
    pub in_use_card: Option<Arc<ModelCard>>,
    /// A photo whose patches are wanted.
    pub patches: Option<Wanted>,
    /// Photo files whose content is to be named.
    pub examples: Vec<Arc<Path>>,
    /// Photos of which those are to be found that are almost the same.
    pub alike: Option<Arc<AlikeQuestion>>,
    /// What is to be done with the files of sets, oldest first.
    pub sets: Vec<SetTask>,
    /// Files of which it is wanted what is written down about them.
    pub metadata: MetadataWish,
    /// What is to be done with a person's files, oldest first.
    pub jobs: Vec<JobTask>,
    /// Every verdict, to be in the store; `None` until what is there has been told.
    pub verdicts: Option<Arc<Written>>,
    /// To be on disk when the program ends; `None` where nothing is remembered.
    pub saved: Option<Arc<Saved>>,
}

/// Photos among which those are looked for that are almost the same. An answer is for this question alone, whatever
/// another holds.
#[derive(Clone, Debug)]
pub struct AlikeQuestion {
    pub vectors: Vectors,
    /// The rows to be compared.
    pub rows: Vec<u32>,
}

impl Wish {
    /// Whether the photo's embedding is wanted, because its file is open or because it is an example.
    pub fn wants_embedding(&self, photo: Fingerprint) -> bool {
        self.embeddings.contains(photo) || self.first.iter().any(|wanted| wanted.fingerprint == photo)
    }
}
