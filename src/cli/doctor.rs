//! `tagroll doctor`: what the program runs with.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

use super::{Common, output};
use crate::catalog::{Scoring, words};
use crate::engine::{self, Device, ModelCard, Report};

#[derive(Serialize)]
struct Findings {
    version: &'static str,
    /// What the model runs on.
    device: String,
    devices: Vec<DeviceFindings>,
    cores: usize,
    data_dir: PathBuf,
    session: PathBuf,
    model: Option<ModelFindings>,
    store: Option<StoreFindings>,
    problems: Vec<String>,
}

#[derive(Serialize)]
struct ModelFindings {
    name: String,
    id: String,
    parameters: usize,
    dimensions: usize,
    /// What cosines are multiplied by.
    logit_scale: f32,
    /// Added before the sigmoid, by models that judge each category by itself.
    bias: Option<f32>,
    input_px: [u32; 2],
}

#[derive(Serialize)]
struct DeviceFindings {
    /// As `--device` takes it.
    device: String,
    name: String,
    problem: Option<String>,
}

#[derive(Serialize)]
struct StoreFindings {
    path: PathBuf,
    size_bytes: u64,
    files: u64,
    thumbnails: u64,
    /// By model.
    embeddings: Vec<(String, u64)>,
}

/// Exit code 1 if a part does not work.
pub fn run(common: &Common) -> anyhow::Result<ExitCode> {
    let findings = findings(engine::examine(&common.options(false))?);
    if common.json {
        output::print_json(&findings)?;
    } else {
        output::print(&text(&findings))?;
    }
    Ok(if findings.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn findings(report: Report) -> Findings {
    let mut problems = Vec::new();
    let device = report.model.as_ref().map_or_else(|_| "CPU".to_owned(), |card| card.device.clone());
    if let Some(note) = report.model.as_ref().ok().and_then(|card| card.device_note.clone()) {
        problems.push(note);
    }
    let model = report.model.map_err(|reason| problems.push(reason)).ok().map(model_findings);
    let store = report.store.map_err(|reason| problems.push(reason)).ok().map(|counts| StoreFindings {
        path: report.store_path,
        size_bytes: counts.size_bytes,
        files: counts.files,
        thumbnails: counts.thumbnails,
        embeddings: counts.embeddings,
    });
    Findings {
        version: env!("CARGO_PKG_VERSION"),
        device,
        devices: report.devices.into_iter().map(device_findings).collect(),
        cores: report.cores,
        data_dir: report.data_dir,
        session: report.session_path,
        model,
        store,
        problems,
    }
}

fn device_findings(device: Device) -> DeviceFindings {
    DeviceFindings { device: device.choice.to_string(), name: device.name, problem: device.trouble }
}

fn model_findings(card: ModelCard) -> ModelFindings {
    let (logit_scale, bias) = match card.scoring {
        Scoring::Softmax { scale } => (scale, None),
        Scoring::Sigmoid { scale, bias } => (scale, Some(bias)),
    };
    ModelFindings {
        name: card.name,
        id: card.id.0,
        parameters: card.parameters,
        dimensions: card.embed_dim,
        logit_scale,
        bias,
        input_px: [card.input.width_px(), card.input.height_px()],
    }
}

fn text(findings: &Findings) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "Tagroll {} on {}, {}",
        findings.version,
        findings.device,
        counted(findings.cores as u64, "core", "cores")
    );
    let _ = writeln!(text, "Data     {}", findings.data_dir.display());
    if let Some(model) = &findings.model {
        let (width, height) = (model.input_px[0], model.input_px[1]);
        let parameters = model.parameters as f64 / 1e6;
        let _ = writeln!(
            text,
            "Model    {} ({parameters:.0} million parameters, {width} x {height} pixels in, {} numbers out)",
            model.name, model.dimensions
        );
    }
    if let Some(store) = &findings.store {
        let size = store.size_bytes as f64 / 1e6;
        let _ = writeln!(text, "Store    {} ({size:.1} MB)", store.path.display());
        let files = counted(store.files, "file", "files");
        let _ = writeln!(text, "         {files}, {}", counted(store.thumbnails, "thumbnail", "thumbnails"));
        for (model, count) in &store.embeddings {
            let _ = writeln!(text, "         {} of {model}", counted(*count, "embedding", "embeddings"));
        }
    }
    for device in &findings.devices {
        let trouble = device.problem.as_ref().map_or(String::new(), |problem| format!(" ({problem})"));
        let _ = writeln!(text, "Device   {}: {}{trouble}", device.device, device.name);
    }
    findings.problems.iter().for_each(|problem| _ = writeln!(text, "Problem  {problem}"));
    text
}

fn counted(number: u64, one: &str, many: &str) -> String {
    words::counted(usize::try_from(number).unwrap_or(usize::MAX), one, many)
}
