//! The models folder for the command line: what is there, fetching, adding, removing, checking.
//!
//! Promise: each function does one thing and ends; the window does the same through its own commands and events.

use std::path::Path;

use anyhow::Context;

use super::Options;
use crate::clip::{self, DeviceChoice, ModelSource, PrecisionChoice};
use crate::hub::{self, Hub, KnownModel};

pub use crate::hub::{Fault, Go, Installed, Progress, Stop, Trouble, known, known_models, recommended};

/// The models that are in the models folder, sorted by name.
pub fn list(options: &Options) -> anyhow::Result<Vec<Installed>> {
    Ok(hub::installed(&options.places()?.models()))
}

/// What an earlier download of the model, stopped before its end, already has.
pub fn partial_bytes(options: &Options, id: &str) -> anyhow::Result<u64> {
    Ok(hub::partial_bytes(&options.places()?.models(), id))
}

/// Where models are fetched from.
pub fn endpoint() -> String {
    Hub::from_env().endpoint
}

/// Fetches a model of the table. `tell` hears of every step and may stop it, and so may `stop` at any time, also while
/// the server is silent; the next call goes on from there.
pub fn pull(
    options: &Options,
    model: &KnownModel,
    stop: &Stop,
    tell: &mut dyn FnMut(Progress) -> Go,
) -> anyhow::Result<Result<Installed, Trouble>> {
    let hub = Hub { stop: stop.clone(), ..Hub::from_env() };
    Ok(hub::pull(&options.places()?.models(), model, &hub, tell))
}

/// Copies a model that is on this computer, after opening it once: one that cannot be used is refused.
pub fn add(
    options: &Options,
    from: &Path,
    tell: &mut dyn FnMut(Progress) -> Go,
) -> anyhow::Result<Result<Installed, Trouble>> {
    clip::open(&ModelSource::Folder(folder_of(from)), DeviceChoice::Cpu, PrecisionChoice::Auto)
        .with_context(|| format!("The model in {} was not added", from.display()))?;
    Ok(hub::add(&options.places()?.models(), from, tell))
}

/// A file stands for the folder that it lies in.
fn folder_of(from: &Path) -> std::path::PathBuf {
    if from.is_file() { from.parent().unwrap_or(from).to_path_buf() } else { from.to_path_buf() }
}

/// Takes a model away for good.
pub fn remove(options: &Options, id: &str) -> anyhow::Result<()> {
    Ok(hub::remove(&options.places()?.models(), id)?)
}

/// Compares every file of an installed model with what was installed.
pub fn verify(
    options: &Options,
    id: &str,
    tell: &mut dyn FnMut(Progress) -> Go,
) -> anyhow::Result<Result<Vec<Fault>, Trouble>> {
    Ok(hub::verify(&options.places()?.models(), id, tell))
}
