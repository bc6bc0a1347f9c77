//! `tagroll models`: which models there are, and getting, adding, removing and checking them.
//!
//! Only `pull` opens a connection, and it says first what it will fetch, from where and how much.

use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use clap::Subcommand;
use serde::Serialize;

use super::output::StatusLine;
use super::{Common, output};
use crate::catalog::words::{self, size};
use crate::engine::models::{self, Go, Installed, Progress, Stop, Trouble};
use crate::engine::{KnownModel, Options};

/// How often a terminal's line is renewed, and a file's line added.
const TERMINAL_EVERY: Duration = Duration::from_millis(200);
const FILE_EVERY: Duration = Duration::from_secs(10);

#[derive(Debug, Subcommand)]
pub enum Models {
    /// Show the models that are installed and those that can be fetched
    List,
    /// Fetch a model from the internet; what was stopped goes on from where it was
    Pull {
        /// The model's name in `tagroll models list`
        id: String,
    },
    /// Add a model that is on this computer: a folder with its files, or one of them
    Add {
        /// Folder or file
        path: PathBuf,
    },
    /// Delete an installed model
    Remove {
        /// The model's name in `tagroll models list`
        id: String,
    },
    /// Check that the files of installed models are what they were when they came
    Verify {
        /// One model instead of all
        id: Option<String>,
    },
}

#[derive(Serialize)]
struct Listed {
    installed: Vec<Present>,
    known: Vec<Known>,
}

/// A model that is here.
#[derive(Serialize)]
struct Present {
    id: String,
    name: String,
    folder: PathBuf,
    size_bytes: u64,
}

/// A model of the table.
#[derive(Serialize)]
struct Known {
    id: &'static str,
    name: &'static str,
    family: &'static str,
    repository: &'static str,
    parameters_millions: f32,
    download_bytes: u64,
    embed_dim: usize,
    image_px: u32,
    gflops: f32,
    languages: &'static str,
    imagenet_top1: Option<f32>,
    imagenet_top1_source: &'static str,
    licence: &'static str,
    note: &'static str,
    recommended: bool,
    /// Whether `pull` fetches it.
    offered: bool,
    installed: bool,
    /// What a stopped download already has.
    partial_bytes: u64,
}

#[derive(Serialize)]
struct Verified {
    id: String,
    ok: bool,
    faults: Vec<FileFault>,
}

#[derive(Serialize)]
struct FileFault {
    file: String,
    fault: String,
}

impl Models {
    pub fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let options = common.options(false);
        match self {
            Models::List => list(&options, common),
            Models::Pull { id } => pull(&options, common, &id),
            Models::Add { path } => {
                let mut meter = Meter::new("Copying")?;
                let added = models::add(&options, &path, &mut |progress| meter.tell(&progress))?;
                meter.line.clear();
                arrived(common, added, "Stopped. Nothing was added.")
            }
            Models::Remove { id } => {
                models::remove(&options, &id)?;
                if common.json {
                    output::print_json(&Removed { removed: id })?;
                } else {
                    output::say("Removed.");
                }
                Ok(ExitCode::SUCCESS)
            }
            Models::Verify { id } => verify(&options, common, id),
        }
    }
}

#[derive(Serialize)]
struct Removed {
    removed: String,
}

impl From<Installed> for Present {
    fn from(model: Installed) -> Present {
        Present { id: model.id, name: model.name, folder: model.folder, size_bytes: model.size_bytes }
    }
}

fn list(options: &Options, common: &Common) -> anyhow::Result<ExitCode> {
    let installed = models::list(options)?;
    let known = models::known_models().iter().map(|model| {
        let is_installed = installed.iter().any(|other| other.id == model.id);
        Ok(known(model, is_installed, models::partial_bytes(options, &model.id)?))
    });
    let known = known.collect::<anyhow::Result<_>>()?;
    let listed = Listed { installed: installed.into_iter().map(Present::from).collect(), known };
    if common.json {
        output::print_json(&listed)?;
    } else {
        output::print(&table(&listed))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn known(model: &'static KnownModel, is_installed: bool, partial_bytes: u64) -> Known {
    Known {
        id: &model.id,
        name: &model.name,
        family: &model.family,
        repository: &model.repository,
        parameters_millions: model.parameters_millions,
        download_bytes: model.download_bytes,
        embed_dim: model.embed_dim,
        image_px: model.image_px,
        gflops: model.gflops,
        languages: &model.languages,
        imagenet_top1: model.top1,
        imagenet_top1_source: &model.top1_source,
        licence: &model.licence,
        note: &model.note,
        recommended: model.is_recommended,
        offered: model.is_offered,
        installed: is_installed,
        partial_bytes,
    }
}

fn table(listed: &Listed) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    if !listed.installed.is_empty() {
        text.push_str("Installed\n");
    }
    for model in &listed.installed {
        let _ = writeln!(text, "  {:<28} {:>8}  {}", model.id, size(model.size_bytes), model.name);
    }
    text.push_str("To fetch with `tagroll models pull`\n");
    for model in listed.known.iter().filter(|model| model.offered && !model.installed) {
        let mark = if model.recommended { "  recommended" } else { "" };
        let mark = if model.partial_bytes > 0 { "  begun; pull goes on" } else { mark };
        let _ = writeln!(text, "  {:<28} {:>8}  {}{mark}", model.id, size(model.download_bytes), described(model));
    }
    text.push_str("For research only: get the files yourself, then `tagroll models add`\n");
    for model in listed.known.iter().filter(|model| !model.offered) {
        let _ = writeln!(text, "  {:<28} {:>8}  {}", model.id, "", described(model));
    }
    text
}

fn described(model: &Known) -> String {
    let top1 = model.imagenet_top1.map_or(String::new(), |top1| format!(", {top1:.1} % on ImageNet"));
    format!("{}{top1}, {}, {}", model.name, model.languages, model.licence)
}

fn pull(options: &Options, common: &Common, id: &str) -> anyhow::Result<ExitCode> {
    let model = models::known(id)
        .ok_or_else(|| anyhow!("There is no model \"{id}\". `tagroll models list` names those that there are."))?;
    let begun = models::partial_bytes(options, id)?;
    if model.is_offered && !models::list(options)?.iter().any(|other| other.id == id) {
        let host = models::endpoint();
        let part = if begun > 0 { format!(", of which {} are here", size(begun)) } else { String::new() };
        output::say(&format!(
            "Fetching {} ({}{part}; licence: {}) from {host}/{}, unless another program has it on this computer.",
            model.name,
            size(model.download_bytes),
            model.licence,
            model.repository
        ));
    }
    let mut meter = Meter::new("Fetched")?;
    let stop = meter.stop.clone();
    let pulled = models::pull(options, model, &stop, &mut |progress| meter.tell(&progress))?;
    meter.line.clear();
    arrived(common, pulled, "Stopped. What came is kept; run the same command to go on.")
}

fn arrived(common: &Common, outcome: Result<Installed, Trouble>, stopped: &str) -> anyhow::Result<ExitCode> {
    match outcome {
        Ok(model) if common.json => output::print_json(&Present::from(model))?,
        Ok(model) => output::print(&format!(
            "{} is installed ({}). --model {} sorts with it, and so does the window if you choose it there.\n",
            model.name,
            size(model.size_bytes),
            model.id
        ))?,
        Err(Trouble::Stopped) => {
            output::say(stopped);
            return Ok(ExitCode::FAILURE);
        }
        Err(trouble) => return Err(trouble.into()),
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(options: &Options, common: &Common, id: Option<String>) -> anyhow::Result<ExitCode> {
    let ids = match id {
        Some(id) => vec![id],
        None => models::list(options)?.into_iter().map(|model| model.id).collect(),
    };
    let mut meter = Meter::new("Checked")?;
    let mut verified = Vec::new();
    for id in ids {
        let faults = match models::verify(options, &id, &mut |progress| meter.tell(&progress))? {
            Ok(faults) => faults.into_iter().map(|fault| FileFault { file: fault.file, fault: fault.what }).collect(),
            Err(trouble) => {
                meter.line.clear();
                return Err(trouble.into());
            }
        };
        let faults: Vec<FileFault> = faults;
        verified.push(Verified { id, ok: faults.is_empty(), faults });
    }
    meter.line.clear();
    if common.json {
        output::print_json(&verified)?;
    } else {
        output::print(&verdicts(&verified))?;
    }
    Ok(if verified.iter().all(|model| model.ok) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn verdicts(verified: &[Verified]) -> String {
    let mut text = String::new();
    for model in verified {
        if model.ok {
            let _ = writeln!(text, "{}: every file is as it was installed.", model.id);
        }
        for fault in &model.faults {
            let _ = writeln!(text, "{}: {} {}. Remove the model and get it again.", model.id, fault.file, fault.fault);
        }
    }
    if verified.is_empty() {
        text.push_str("No model is installed.\n");
    }
    text
}

/// Shows progress on standard error, and hears Ctrl-C.
struct Meter {
    verb: &'static str,
    /// Set by Ctrl-C.
    stop: Stop,
    is_terminal: bool,
    shown: Option<Instant>,
    line: StatusLine,
    /// When the first bytes were there, and how many: what an earlier try left does not count as speed.
    begun: Option<(Instant, u64)>,
}

impl Meter {
    fn new(verb: &'static str) -> anyhow::Result<Meter> {
        let stop = Stop::default();
        let flag = stop.clone();
        ctrlc::set_handler(move || flag.stop()).context("Could not listen for Ctrl-C")?;
        let (line, is_terminal) = (StatusLine::default(), io::stderr().is_terminal());
        Ok(Meter { verb, stop, is_terminal, shown: None, line, begun: None })
    }

    fn tell(&mut self, progress: &Progress) -> Go {
        let every = if self.is_terminal { TERMINAL_EVERY } else { FILE_EVERY };
        let now = Instant::now();
        let (since, had) = *self.begun.get_or_insert((now, progress.done_bytes));
        if now - *self.shown.get_or_insert(now) >= every {
            self.shown = Some(now);
            let line = line(self.verb, progress, (now - since).as_secs_f64(), progress.done_bytes.saturating_sub(had));
            if self.is_terminal {
                self.line.show(&line);
            } else {
                output::say(&line);
            }
        }
        if self.stop.is_stopped() { Go::Stop } else { Go::On }
    }
}

fn line(verb: &str, progress: &Progress, seconds: f64, since_then: u64) -> String {
    let mut line = format!("{verb} {} of {}", size(progress.done_bytes), size(progress.total_bytes));
    if seconds > 0.5 && since_then > 0 {
        let rate = since_then as f64 / seconds;
        let left = Duration::from_secs_f64(progress.total_bytes.saturating_sub(progress.done_bytes) as f64 / rate);
        let _ = write!(line, " · {} a second · {} left", size(rate as u64), words::duration(left));
    }
    let _ = write!(line, " · {}", progress.file);
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_with_rate_and_time_left() {
        let progress = Progress { file: "model.safetensors".into(), done_bytes: 150_000_000, total_bytes: 600_000_000 };
        assert_eq!(
            line("Fetched", &progress, 10.0, 100_000_000),
            "Fetched 150 MB of 600 MB · 10 MB a second · 45 s left · model.safetensors"
        );
        assert_eq!(line("Fetched", &progress, 0.1, 0), "Fetched 150 MB of 600 MB · model.safetensors");
    }
}
