//! What the session still wants. A newer wish replaces the older one whole.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::choice::ModelRequest;
use super::missing::Missing;
use super::saved::Saved;
use crate::catalog::Fingerprint;
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

/// Lists have the most urgent first. Nothing that was answered, by success or failure, stands in them.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    pub visits: Vec<Visit>,
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
    /// To be on disk when the program ends; `None` where nothing is remembered.
    pub saved: Option<Arc<Saved>>,
}
