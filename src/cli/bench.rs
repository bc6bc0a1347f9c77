//! `tagroll bench`: how fast each part is on this machine.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{Common, output};
use crate::engine::bench::{self, Benched, Figure, Part};

#[derive(Debug, Args)]
pub struct Bench {
    /// What to measure; all of it if nothing is named
    #[arg(value_name = "PART")]
    parts: Vec<PartName>,

    /// Measure with the photos in this folder instead of made-up ones of 24 megapixels
    #[arg(long, value_name = "DIR")]
    photos: Option<PathBuf>,

    /// Use at most this many cores
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    /// With --json, also print the vectors of the photos and of the prompt
    #[arg(long, requires = "json")]
    vectors: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PartName {
    /// The image tower, eight pictures at a time
    Image,
    /// The text tower, one prompt of 16 words
    Text,
    /// JPEG files to thumbnails and the model's pixels
    Decode,
    /// A folder of JPEG files to vectors in the store
    Pipeline,
    /// 100,000 photos after one of 50 categories changed
    Rank,
    /// Vectors into the store and back
    Store,
    /// 100,000 known photos, until a screen of thumbnails is there and until all are sorted
    Opening,
}

impl From<PartName> for Part {
    fn from(name: PartName) -> Part {
        match name {
            PartName::Image => Part::Image,
            PartName::Text => Part::Text,
            PartName::Decode => Part::Decode,
            PartName::Pipeline => Part::Pipeline,
            PartName::Rank => Part::Rank,
            PartName::Store => Part::Store,
            PartName::Opening => Part::Opening,
        }
    }
}

impl Bench {
    pub fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let named: Vec<Part> = self.parts.into_iter().map(Part::from).collect();
        let wish = bench::Bench {
            options: common.options(false),
            parts: if named.is_empty() { Part::ALL.to_vec() } else { named },
            photos: self.photos,
            threads: self.threads,
            wants_vectors: self.vectors,
        };
        let benched = bench::bench(&wish)?;
        if common.json {
            output::print_json(&benched)?;
        } else {
            output::print(&table(&benched))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn table(Benched { machine, model, results, .. }: &Benched) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}, {} of {} cores, {}", machine.processor, machine.threads, machine.cores, machine.system);
    let _ = writeln!(text, "{} ({}) on {}", model.name, model.precision, model.device);
    for Figure { what, unit, median, low, high, runs } in results {
        let _ = writeln!(text, "{what:40} {median:8.1} {unit:10} ({low:.1} to {high:.1} in {runs} runs)");
    }
    if let Some(bytes) = machine.peak_memory_bytes {
        let _ = writeln!(text, "{:40} {:8.1} MiB", "most memory at a time", bytes as f64 / f64::from(1 << 20));
    }
    text
}
