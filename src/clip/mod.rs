//! The network: pictures and sentences become embeddings that can be compared.
//!
//! A model is opened once with [`open`] and used through [`Encoder`]. Every hyper-parameter comes from the model's files,
//! and its vectors equal those of the reference implementation (`tests/parity.rs`).

mod attention_pool;
mod charsmap;
mod clip_model;
mod config;
mod cpu;
mod device;
mod folder;
mod kernels;
mod linear;
mod open_clip;
mod open_clip_config;
mod patches;
pub mod pixels;
mod place;
mod processor;
mod resample;
mod siglip;
mod siglip_tokens;
mod starter;
mod steps;
mod text;
#[cfg(test)]
mod token_parity;
mod tokens;
mod transformer;
mod two_towers;
mod vision;
mod weights;

use std::fmt;
use std::path::PathBuf;

use anyhow::Context;
use rayon::prelude::*;

use self::folder::ModelFolder;
use crate::catalog::{Embedding, PatchMap, Scoring};

pub use device::{Device, DeviceChoice, devices};
pub use pixels::{InputSpec, ModelInput};
pub use place::{Place, Precision, PrecisionChoice, precisions};

/// A model with its two towers.
pub trait Encoder: Send {
    fn card(&self) -> &ModelCard;
    /// One embedding a picture, in order. The inputs were made by [`pixels::prepare`] with this model's
    /// [`ModelCard::input`]; other sizes are an error.
    fn encode_images(&self, inputs: &[ModelInput]) -> anyhow::Result<Vec<Embedding>>;
    /// One embedding a text, in order. A text that is too long loses its end.
    fn encode_texts(&self, texts: &[String]) -> anyhow::Result<Vec<Embedding>>;
    /// What each patch of a picture means, in the space of the embeddings; `None` where the family cannot tell.
    fn map_patches(&self, _input: &ModelInput) -> anyhow::Result<Option<PatchMap>> {
        Ok(None)
    }
}

/// What the rest of the program must know of a model.
#[derive(Clone, Debug)]
pub struct ModelCard {
    pub id: ModelId,
    /// For people: "Starter model", else what its folder is called.
    pub name: String,
    /// Good at coarse subjects only; the window says so.
    pub is_basic: bool,
    /// How many numbers an embedding has.
    pub embed_dim: usize,
    pub scoring: Scoring,
    pub input: InputSpec,
    pub parameters: usize,
    /// What it runs on, for people: "CPU", "NVIDIA H200".
    pub device: String,
    /// Why it does not run on the device that was asked for.
    pub device_note: Option<String>,
    /// How exact its towers are there.
    pub precision: Precision,
}

/// Names a model by its content: two models have the same id only if they make the same embeddings of pictures.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModelId(pub String);

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a model comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelSource {
    /// The small model that the program carries.
    Starter,
    /// A folder with a model's files as its authors publish them, or one of these files.
    Folder(PathBuf),
}

/// Reads a model into memory, which takes seconds for the large ones. Where the device cannot be had, it runs on the CPU
/// and its card says why.
pub fn open(
    source: &ModelSource,
    device: DeviceChoice,
    precision: PrecisionChoice,
) -> anyhow::Result<Box<dyn Encoder>> {
    match source {
        ModelSource::Starter => Ok(Box::new(starter::open(device, precision)?)),
        ModelSource::Folder(_) => open_at(source, &Place::of(device, precision)),
    }
}

/// The same at a place of the caller's choice. The starter model runs on the CPU wherever it is put.
pub fn open_at(source: &ModelSource, place: &Place) -> anyhow::Result<Box<dyn Encoder>> {
    match source {
        ModelSource::Starter => open(source, DeviceChoice::Cpu, PrecisionChoice::F32),
        ModelSource::Folder(path) => Ok(Box::new(two_towers::open(&ModelFolder::open(path)?, place)?)),
    }
}

/// A graphics processor wants many inputs at once, and each of them needs memory there.
const MOST_AT_ONCE_ON_A_GPU: usize = 32;

/// Shares `inputs` among the threads, each with its own copy of every step, because threads that meet after every step wait for each
/// other. Where there are fewer inputs than threads, `encode` is told into how many parts it may cut its own work. A
/// graphics processor gets them one batch after another.
fn share<T: Sync>(
    place: &Place,
    inputs: &[T],
    most_at_once: usize,
    encode: impl Fn(&[T], usize) -> anyhow::Result<Vec<Embedding>> + Sync + Send,
) -> anyhow::Result<Vec<Embedding>> {
    let parts: Vec<Vec<Embedding>> = if place.is_shared() {
        inputs.chunks(MOST_AT_ONCE_ON_A_GPU).map(|inputs| encode(inputs, 1)).collect::<anyhow::Result<_>>()?
    } else {
        let threads = rayon::current_num_threads();
        let at_once = inputs.len().div_ceil(threads).clamp(1, most_at_once);
        let parts = (threads / inputs.len().max(1)).max(1);
        inputs.par_chunks(at_once).map(|inputs| encode(inputs, parts)).collect::<anyhow::Result<_>>()?
    };
    Ok(parts.into_iter().flatten().collect())
}

const NO_USABLE_VECTOR: &str = "The model made no usable vector; its weights may be damaged";

/// The rows of a tower's result as unit vectors.
fn embeddings(rows: &candle_core::Tensor) -> anyhow::Result<Vec<Embedding>> {
    let rows: Vec<Vec<f32>> = rows.to_dtype(candle_core::DType::F32)?.to_vec2()?;
    rows.into_iter().map(|row| Embedding::normalised(row).context(NO_USABLE_VECTOR)).collect()
}

/// A row a patch, as a map of `columns` and `rows`.
fn patch_map(
    (columns, rows): (usize, usize),
    area: [f32; 4],
    vectors: &candle_core::Tensor,
) -> anyhow::Result<PatchMap> {
    let vectors = vectors.to_dtype(candle_core::DType::F32)?.flatten_all()?.to_vec1()?;
    PatchMap::new(columns, rows, area, vectors).context(NO_USABLE_VECTOR)
}
