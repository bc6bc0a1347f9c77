//! The jobs of the past.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use super::journal::{Header, Outcome, folder_of_job, header, lines, outcome};
use crate::catalog::{JobEntry, JobState};
use crate::disk::Places;

/// All jobs that are written down, the newest first. What cannot be read is left out.
pub fn jobs(places: &Places) -> Vec<JobEntry> {
    let entries = fs::read_dir(places.exports()).into_iter().flatten().flatten();
    let mut jobs: Vec<JobEntry> = entries.filter_map(|entry| job(&entry.path()).ok()).collect();
    jobs.sort_by(|a, b| b.id.cmp(&a.id));
    jobs
}

/// The files that a job changed or made.
pub fn files_of(places: &Places, id: &str) -> Vec<Arc<Path>> {
    let lines = folder_of_job(places, id).and_then(|folder| lines(&folder)).unwrap_or_default();
    lines.iter().filter_map(|line| line.file.path()).map(Arc::from).collect()
}

fn job(folder: &Path) -> Result<JobEntry> {
    let Header { kind, date } = header(folder)?;
    let Outcome { state, files } = match outcome(folder)? {
        Some(outcome) => outcome,
        None => Outcome { state: JobState::Done, files: lines(folder)?.len() },
    };
    let id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(JobEntry { id, date, kind, state, files })
}
