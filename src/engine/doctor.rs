//! A look at what the program runs with, without starting it: model, device, places, store.

use std::path::PathBuf;

use super::{Options, choice, files};
use crate::clip::{self, Device};
use crate::disk::{Store, StoreCounts};

/// What [`examine`] found. A part that does not work says why.
#[derive(Debug)]
pub struct Report {
    pub data_dir: PathBuf,
    pub store_path: PathBuf,
    pub session_path: PathBuf,
    pub store: Result<StoreCounts, String>,
    pub model: Result<clip::ModelCard, String>,
    /// What the network could run on.
    pub devices: Vec<Device>,
    pub cores: usize,
}

/// Loads the model and opens the store, as a start would.
pub fn examine(options: &Options) -> anyhow::Result<Report> {
    let places = options.places()?;
    let store = Store::open(&places.store()).and_then(|store| store.counts()).map_err(|error| error.to_string());
    let model = choice::request(options, files::chosen_model(&places).as_ref(), &places)
        .and_then(|request| clip::open(&request.choice.source(&places), request.device, request.precision))
        .map(|encoder| encoder.card().clone());
    Ok(Report {
        data_dir: places.data_dir().to_path_buf(),
        store_path: places.store(),
        session_path: places.session(),
        store,
        model: model.map_err(|error| format!("{error:#}")),
        devices: clip::devices(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
    })
}
