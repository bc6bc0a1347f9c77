//! Which model and which device somebody chose.

use std::path::{Path, PathBuf};

use anyhow::bail;
use serde::{Deserialize, Serialize};

use super::Options;
use crate::clip::{DeviceChoice, ModelSource, PrecisionChoice};
use crate::disk::{self, Places};
use crate::hub;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelChoice {
    /// The model that came with the program: the one that it was packaged with, else the small one inside it.
    #[default]
    Starter,
    /// A model in the models folder, by its id.
    Installed(String),
    /// A model folder anywhere.
    Folder(PathBuf),
}

/// A model on a device, as it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ModelRequest {
    pub choice: ModelChoice,
    pub device: DeviceChoice,
    #[serde(default)]
    pub precision: PrecisionChoice,
}

impl ModelChoice {
    pub(super) fn source(&self, places: &Places) -> ModelSource {
        match self {
            ModelChoice::Starter => disk::packaged_model().map_or(ModelSource::Starter, ModelSource::Folder),
            ModelChoice::Installed(id) => ModelSource::Folder(places.models().join(id)),
            ModelChoice::Folder(folder) => ModelSource::Folder(folder.clone()),
        }
    }
}

/// The id of the model that the program was packaged with, if it is not the small one inside it.
pub(super) fn packaged_id() -> Option<String> {
    disk::packaged_model()?.file_name()?.to_str().map(str::to_owned)
}

/// What a start begins with: what was named for this start, else what the person chose last, else the best model that is
/// installed.
pub(super) fn request(
    options: &Options,
    chosen: Option<&ModelRequest>,
    places: &Places,
) -> anyhow::Result<ModelRequest> {
    let device = options.device.or(chosen.map(|request| request.device)).unwrap_or_default();
    let choice = match (&options.model, chosen) {
        (Some(name), _) => named(name, places)?,
        (None, Some(request)) => request.choice.clone(),
        (None, None) => best_installed(places),
    };
    let precision = options.precision.or(chosen.map(|request| request.precision)).unwrap_or_default();
    Ok(ModelRequest { choice, device, precision })
}

/// The model that somebody named: "starter", the id of an installed one, or a folder.
fn named(name: &str, places: &Places) -> anyhow::Result<ModelChoice> {
    if name == "starter" {
        return Ok(ModelChoice::Starter);
    }
    if hub::installed(&places.models()).iter().any(|model| model.id == name) {
        return Ok(ModelChoice::Installed(name.to_owned()));
    }
    match hub::known(name).filter(|_| !Path::new(name).exists()) {
        Some(model) if model.is_offered => {
            bail!("{name} is not installed. `tagroll models pull {name}` fetches it")
        }
        Some(_) => bail!("{name} is not installed, and its licence does not let Tagroll fetch it. Add its folder"),
        None => Ok(ModelChoice::Folder(std::path::absolute(name)?)),
    }
}

/// By how often it is right on ImageNet; one that nobody measured comes last, but before the starter model.
fn best_installed(places: &Places) -> ModelChoice {
    let top1 = |id: &str| hub::known(id).and_then(|model| model.top1).unwrap_or(0.0);
    let installed = hub::installed(&places.models());
    let best = installed.into_iter().max_by(|a, b| top1(&a.id).total_cmp(&top1(&b.id)));
    best.map_or(ModelChoice::Starter, |model| ModelChoice::Installed(model.id))
}
