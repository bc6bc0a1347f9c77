//! Jobs of the past: list them, undo them, let go of what would be needed for that.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::Context;
use serde::Serialize;

use super::{code, files};
use crate::catalog::{JobEntry, JobKind, JobState, Refusal};
use crate::cli::{Common, output};
use crate::engine::{keep_job, past_jobs, undo_job};

#[derive(Serialize)]
struct Undone {
    id: String,
    files: usize,
    refused: Vec<Refusal>,
}

pub fn list(common: &Common) -> anyhow::Result<ExitCode> {
    let jobs = past_jobs(&common.options(false))?;
    if common.json {
        output::print_json(&jobs)?;
    } else {
        output::print(&table(&jobs))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Files that were changed since are left as they are, and listed.
pub fn undo(common: &Common, id: Option<&str>) -> anyhow::Result<ExitCode> {
    let options = common.options(false);
    let id = chosen(&past_jobs(&options)?, id, |_| true)?;
    let done = undo_job(&options, &id)?;
    if common.json {
        output::print_json(&Undone { id, files: done.files, refused: done.refused.clone() })?;
    } else {
        output::print(&format!("Took back {} of {id}.\n", files(done.files)))?;
        done.refused.iter().for_each(|refusal| output::say(&format!("{}: {}", refusal.file.display(), refusal.reason)));
    }
    Ok(code(done.refused.len()))
}

pub fn keep(common: &Common, id: Option<&str>) -> anyhow::Result<ExitCode> {
    let options = common.options(false);
    let is_kept = |entry: &JobEntry| matches!(entry.kind, JobKind::Sidecars | JobKind::Photos);
    let id = chosen(&past_jobs(&options)?, id, is_kept)?;
    keep_job(&options, &id)?;
    output::print(&format!("{id} is kept; it can no longer be undone.\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The job that was named, else the newest that can be undone.
fn chosen(jobs: &[JobEntry], id: Option<&str>, is_meant: impl Fn(&JobEntry) -> bool) -> anyhow::Result<String> {
    let newest = || jobs.iter().find(|entry| entry.state == JobState::Done && is_meant(entry));
    let id = id.map(str::to_owned).or_else(|| newest().map(|entry| entry.id.clone()));
    id.context("There is no export that could be undone.")
}

fn table(jobs: &[JobEntry]) -> String {
    let mut text = String::new();
    for JobEntry { id, date, kind, state, files } in jobs {
        let kind = format!("{kind:?}").to_lowercase();
        let state = format!("{state:?}").to_lowercase();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{id}  {date}  {kind:9} {files:7}  {state}");
    }
    if text.is_empty() { "Nothing was written yet.\n".to_owned() } else { text }
}
