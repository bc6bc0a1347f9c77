//! The small files that the engine reads on request: what was remembered, and categories that people wrote.

use std::path::Path;

use anyhow::{Context, anyhow};
use serde::Deserialize;

use super::Options;
use super::choice::ModelRequest;
use super::porter;
use super::saved::{SAVED_VERSION, Saved};
use crate::catalog::{CategorySet, Done, JobEntry, MOST_SET_BYTES, read_category_set};
use crate::disk::{self, Places, Store};

/// What was remembered.
#[derive(Default)]
pub struct Remembered {
    pub saved: Saved,
    /// What to tell the person if it could not be read.
    pub trouble: Option<String>,
    /// The file holds what would be lost if it were written anew.
    pub must_stay: bool,
}

impl Remembered {
    fn nothing(trouble: String, must_stay: bool) -> Remembered {
        Remembered { saved: Saved::default(), trouble: Some(trouble), must_stay }
    }
}

/// Reads what was remembered. A damaged file is set aside and one of a newer version stays as it is, because it may hold
/// categories that took an evening to write.
pub fn load_saved(places: &Places) -> Remembered {
    let path = places.session();
    let bytes = match disk::read_at_most(&path, usize::MAX) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Remembered::default(),
        Err(error) => return Remembered::nothing(format!("{error:#}. {NOT_REMEMBERED}"), true),
    };
    let version = serde_json::from_slice::<Version>(&bytes).map_or(0, |written| written.version);
    if version > SAVED_VERSION {
        return Remembered::nothing(newer(&path), true);
    }
    match serde_json::from_slice(&bytes) {
        Ok(saved) => Remembered { saved, ..Remembered::default() },
        Err(error) => set_aside(&path, &bytes, &error),
    }
}

const NOT_REMEMBERED: &str = "Until this is mended, the window does not remember what you do in it.";

/// Of a file that says none, 0.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Version {
    version: u32,
}

fn newer(path: &Path) -> String {
    format!(
        "What was remembered in \"{}\" was written by a newer Tagroll, and stays as it is. Install the newer version, or \
         name another folder with --data-dir. {NOT_REMEMBERED}",
        path.display()
    )
}

fn set_aside(path: &Path, bytes: &[u8], error: &serde_json::Error) -> Remembered {
    let aside = path.with_extension("damaged.json");
    let trouble = format!("Could not read what was remembered in {}: {error}.", path.display());
    match disk::write_atomically(&aside, bytes) {
        Ok(()) => Remembered::nothing(format!("{trouble} It was kept as {}.", aside.display()), false),
        Err(error) => Remembered::nothing(format!("{trouble} {error:#} {NOT_REMEMBERED}"), true),
    }
}

/// The model and device that the person chose in the window. A session that cannot be read is the window's to report.
pub fn chosen_model(places: &Places) -> Option<ModelRequest> {
    let text = disk::read_text(&places.session()).ok()??;
    serde_json::from_str::<Saved>(&text).ok()?.request
}

/// Reads a category file.
pub fn load_set(path: &Path) -> anyhow::Result<CategorySet> {
    let bytes = disk::read_at_most(path, MOST_SET_BYTES + 1)?;
    let bytes = bytes.with_context(|| format!("There is no file {}.", path.display()))?;
    read_category_set(&bytes).map_err(|error| anyhow!("Could not use {}: {error}.", path.display()))
}

/// The categories that the window remembers.
pub fn remembered_set(options: &Options) -> anyhow::Result<CategorySet> {
    let Remembered { saved, trouble, .. } = load_saved(&options.places()?);
    match trouble {
        Some(trouble) => Err(anyhow!(trouble)),
        None => Ok(CategorySet { labels: Some(saved.labels), categories: saved.categories, ..CategorySet::default() }),
    }
}

/// The jobs of the past, the newest first.
pub fn past_jobs(options: &Options) -> anyhow::Result<Vec<JobEntry>> {
    Ok(porter::entries(&options.places()?))
}

/// Undoes a job of the past.
pub fn undo_job(options: &Options, id: &str) -> anyhow::Result<Done> {
    let places = options.places()?;
    let (done, renamed) = porter::undo_job(&places, id, |_, _| {})?;
    if !renamed.is_empty() {
        Store::open(&places.store())?.copy_contents(&renamed)?;
    }
    Ok(done)
}

/// Lets go of what would be needed to undo a job.
pub fn keep_job(options: &Options, id: &str) -> anyhow::Result<()> {
    disk::sidecar::keep(&options.places()?, id)
}
