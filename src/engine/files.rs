//! The small files that the engine reads on request: what was remembered, and categories that people wrote.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use super::Options;
use super::choice::ModelRequest;
use super::porter;
use super::saved::Saved;
use crate::catalog::{CategorySet, Done, JobEntry, MOST_SET_BYTES, read_category_set};
use crate::disk::{self, Places, Store};

/// What was remembered, and what to tell the person if it could not be read. A damaged file is set aside, not
/// overwritten, because it may hold categories that took an evening to write.
pub fn load_saved(places: &Places) -> (Saved, Option<String>) {
    let path = places.session();
    let text = match disk::read_text(&path) {
        Ok(Some(text)) => text,
        Ok(None) => return Default::default(),
        Err(error) => return (Saved::default(), Some(format!("{error:#}"))),
    };
    match serde_json::from_str(&text) {
        Ok(saved) => (saved, None),
        Err(error) => {
            let aside = path.with_extension("damaged.json");
            let kept = disk::write_atomically(&aside, text.as_bytes());
            let kept = kept.map_or(String::new(), |()| format!(" It was kept as {}.", aside.display()));
            (
                Saved::default(),
                Some(format!("Could not read what was remembered in {}: {error}.{kept}", path.display())),
            )
        }
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
    let (saved, trouble) = load_saved(&options.places()?);
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

/// The folder of photos that came with the program: beside it, where it was packaged or built.
pub fn sample_photos() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    // In a checkout, on Linux, and in a bundle for macOS; on Windows they lie beside the program itself.
    const PLACES: [&str; 3] = ["assets/sample", "share/tagroll/sample", "Resources/sample"];
    let near = |folder: &Path| PLACES.map(|sample| folder.join(sample));
    // A build lies up to four folders below the checkout.
    let above = program.ancestors().skip(1).take(4).flat_map(near);
    std::iter::once(program.with_file_name("sample")).chain(above).find(|sample| sample.is_dir())
}
