//! The command line: the same engine and the same store, where there is no screen.
//!
//! Results go to standard output, everything else to standard error. Exit code 0 is done, 1 failed, 2 wrong usage.

mod bench;
mod doctor;
mod driver;
mod embed;
mod eval;
mod export;
mod generate;
mod index;
mod models;
mod output;
mod place;
mod sort;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use output::{has_terminal, say};

use crate::engine::{DeviceChoice, Options, PrecisionChoice};

/// Sort photos by how well they fit categories that you describe in plain words. Nothing leaves this computer.
///
/// Without a command, the window opens.
#[derive(Debug, Parser)]
#[command(name = "tagroll", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,

    #[command(flatten)]
    pub common: Common,

    /// Draw the window with this
    #[arg(long, value_name = "RENDERER", value_enum, default_value_t)]
    pub renderer: RendererName,

    /// Folders or photos to open in the window
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum RendererName {
    /// OpenGL, and where that fails whatever works
    #[default]
    Auto,
    /// OpenGL, which most graphics drivers bring
    Gl,
    /// No graphics driver, on Linux: slower, and works on remote desktops and in virtual machines
    Software,
}

#[derive(Clone, Debug, Args)]
pub struct Common {
    /// Use this model: its folder, the id of an installed one, or "starter"
    #[arg(long, global = true, value_name = "DIR|ID")]
    pub model: Option<String>,

    /// Run the network on this: auto, cpu, cuda, cuda:1 or metal
    #[arg(long, global = true, value_name = "DEVICE")]
    pub device: Option<DeviceChoice>,

    /// How exact the network is on the CPU: auto, f32, bf16 or int8
    #[arg(long, global = true, value_name = "PRECISION")]
    pub precision: Option<PrecisionChoice>,

    /// Keep thumbnails, embeddings and the session in this folder instead of the system's own place
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// Print the result as JSON
    #[arg(long, global = true)]
    pub json: bool,
}

impl Common {
    /// With `remembers`, the session is taken up from the last start and saved for the next.
    pub fn options(&self, remembers: bool) -> Options {
        Options {
            data_dir: self.data_dir.clone(),
            model: self.model.clone(),
            device: self.device,
            precision: self.precision,
            remembers,
            ..Options::default()
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sort photos into categories
    Sort(sort::Sort),
    /// Read and encode photos ahead, so that sorting them later is instant
    Index(index::Index),
    /// Measure how often the model is right, on photos that are sorted into folders already
    Eval(eval::Eval),
    /// Write keywords into sidecars that Lightroom, darktable and digiKam read, and undo it
    Export(Box<export::Export>),
    /// Put photos into one folder a category: copy, move or link them
    Place(place::Place),
    /// Write all that is known of photos into one CSV or JSON file
    Table(place::Table),
    /// Print the unit vectors of texts or photos
    Embed(embed::Embed),
    /// Show, fetch, add, remove and check models
    #[command(subcommand)]
    Models(models::Models),
    /// Measure how fast this machine is
    Bench(bench::Bench),
    /// Show model, device, places and counts
    Doctor,
    /// Write manual pages and completions for shells
    #[command(hide = true)]
    Generate(generate::Generate),
}

/// Runs one command and prints what came of it.
pub fn run(command: Command, common: &Common) -> ExitCode {
    let outcome = match command {
        Command::Sort(sort) => sort.run(common),
        Command::Index(index) => index.run(common),
        Command::Eval(eval) => eval.run(common),
        Command::Export(export) => export.run(common),
        Command::Place(place) => place.run(common),
        Command::Table(table) => table.run(common),
        Command::Embed(embed) => embed.run(common),
        Command::Models(models) => models.run(common),
        Command::Bench(bench) => bench.run(common),
        Command::Doctor => doctor::run(common),
        Command::Generate(generate) => generate.run(),
    };
    outcome.unwrap_or_else(|error| failed(&error))
}

/// Says why on standard error; the exit code is 1.
pub fn failed(error: &anyhow::Error) -> ExitCode {
    output::say(&format!("{error:#}"));
    ExitCode::FAILURE
}
