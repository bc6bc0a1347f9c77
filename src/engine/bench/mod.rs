//! Measurements of the parts that people wait for, on fixed inputs.
//!
//! Promise: nothing that the person has is read or written but the model; photos and store are made in a temporary folder,
//! which is taken away.

mod library;
mod network;
mod opening;
mod photos;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Serialize;

use super::{Options, choice, files};
use crate::clip::{self, Encoder};
use crate::disk::{Places, peak_memory_bytes, processor_name};

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Image,
    Text,
    Decode,
    Pipeline,
    Rank,
    Store,
    Opening,
}

impl Part {
    pub const ALL: [Part; 7] =
        [Part::Image, Part::Text, Part::Decode, Part::Pipeline, Part::Rank, Part::Store, Part::Opening];

    /// As the command line calls it.
    pub fn name(self) -> &'static str {
        match self {
            Part::Image => "image",
            Part::Text => "text",
            Part::Decode => "decode",
            Part::Pipeline => "pipeline",
            Part::Rank => "rank",
            Part::Store => "store",
            Part::Opening => "opening",
        }
    }
}

/// What is to be measured, and with what.
#[derive(Clone, Debug, Default)]
pub struct Bench {
    pub options: Options,
    pub parts: Vec<Part>,
    /// Photos in place of those that the program makes itself; a folder.
    pub photos: Option<PathBuf>,
    /// At most so many cores; all if `None`.
    pub threads: Option<usize>,
    /// Whether the vectors are wanted that were made of photos and prompt.
    pub wants_vectors: bool,
}

/// What was measured.
#[derive(Debug, Serialize)]
pub struct Benched {
    pub machine: Machine,
    pub model: BenchedModel,
    pub results: Vec<Figure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vectors: Option<Vectors>,
}

#[derive(Debug, Serialize)]
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    pub threads: usize,
    pub system: &'static str,
    pub peak_memory_bytes: Option<u64>,
}

#[derive(Debug, Serialize)]
pub struct BenchedModel {
    pub id: String,
    pub name: String,
    pub device: String,
    pub precision: String,
}

/// One measurement: the middle of several runs, after some that were not counted, the lowest and the highest.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    pub what: String,
    pub unit: &'static str,
    pub median: f64,
    pub low: f64,
    pub high: f64,
    pub runs: usize,
}

#[derive(Debug, Default, Serialize)]
pub struct Vectors {
    pub images: Vec<Vec<f32>>,
    pub texts: Vec<Vec<f32>>,
}

/// Measures the parts one after another.
pub fn bench(bench: &Bench) -> Result<Benched> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = bench.threads.unwrap_or(cores).max(1);
    // Fails where somebody has made it before; then it stays as it is.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    let encoder = open(&bench.options)?;
    let mut results = Vec::new();
    for part in &bench.parts {
        match part {
            Part::Image => results.push(network::images(bench, encoder.as_ref())?),
            Part::Text => results.push(network::text(encoder.as_ref())?),
            Part::Decode => results.extend(photos::decode(bench, encoder.card())?),
            Part::Pipeline => results.extend(photos::pipeline(bench, encoder.as_ref())?),
            Part::Rank => results.extend(library::rank()?),
            Part::Store => results.extend(library::store()?),
            Part::Opening => results.extend(opening::opening(bench, encoder.card())?),
        }
    }
    let vectors = bench.wants_vectors.then(|| network::vectors(bench, encoder.as_ref())).transpose()?;
    let card = encoder.card();
    let model = BenchedModel {
        id: card.id.0.clone(),
        name: card.name.clone(),
        device: card.device.clone(),
        precision: card.precision.to_string(),
    };
    let machine = Machine {
        processor: processor_name(),
        cores,
        threads,
        system: std::env::consts::OS,
        peak_memory_bytes: peak_memory_bytes(),
    };
    Ok(Benched { machine, model, results, vectors })
}

fn open(options: &Options) -> Result<Box<dyn Encoder>> {
    let places = options.places()?;
    let request = choice::request(options, files::chosen_model(&places).as_ref(), &places)?;
    clip::open(&request.choice.source(&places), request.device, request.precision)
}

/// A folder that is taken away when this is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(what: &str) -> Result<Scratch> {
        let folder = std::env::temp_dir().join(format!("tagroll-bench-{}-{what}", std::process::id()));
        Ok(Scratch(folder))
    }

    fn places(&self) -> Places {
        Places::at(self.0.join("data"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        crate::disk::remove_scratch(&self.0);
    }
}

/// What a run gives, of several runs: two that warm up, then until there are `least` and a second has passed.
fn repeat(what: &str, unit: &'static str, least: usize, mut run: impl FnMut() -> Result<f64>) -> Result<Figure> {
    for _ in 0..2 {
        run()?;
    }
    let (begun, mut values) = (Instant::now(), Vec::new());
    while values.len() < least || begun.elapsed() < Duration::from_secs(1) {
        values.push(run()?);
    }
    figure(what, unit, values)
}

fn figure(what: &str, unit: &'static str, mut values: Vec<f64>) -> Result<Figure> {
    values.sort_by(f64::total_cmp);
    let (low, high) =
        (values.first().context("Nothing was measured.")?, values.last().context("Nothing was measured.")?);
    let (low, high, median) = (*low, *high, values[values.len() / 2]);
    Ok(Figure { what: what.to_owned(), unit, median, low, high, runs: values.len() })
}

/// Seconds that something takes, and what it gives.
fn timed<R>(work: impl FnOnce() -> R) -> (f64, R) {
    let begun = Instant::now();
    let result = work();
    (begun.elapsed().as_secs_f64(), result)
}
