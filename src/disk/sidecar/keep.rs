//! Lets go of what is needed to undo a job; but the first version of each sidecar stays.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result};

use super::jobs::jobs;
use super::journal::{Outcome, StoredPath, folder_of_job, header, lines, old_bytes, outcome, set_outcome};
use crate::catalog::{JobKind, JobState};
use crate::disk::Places;
use crate::disk::saved::write_atomically;

/// The person is content with a job: its backups are deleted, and it can no longer be undone. Of sidecars, the first
/// versions go to a folder of their own and stay; of photos nothing does, because they are large.
pub fn keep(places: &Places, id: &str) -> Result<()> {
    let folder = folder_of_job(places, id)?;
    let lines = lines(&folder)?;
    let files = outcome(&folder)?.map_or(lines.len(), |outcome| outcome.files);
    if header(&folder)?.kind == JobKind::Sidecars {
        for line in &lines {
            let (Some(backup), Some(file)) = (&line.before, line.file.path()) else { continue };
            if let Ok(bytes) = old_bytes(&folder, backup) {
                keep_first(places, id, &file, &bytes)?;
            }
        }
    }
    set_outcome(&folder, &Outcome { state: JobState::Kept, files })?;
    match fs::remove_file(folder.join("backup.bin")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("The backups in \"{}\" cannot be deleted.", folder.display()))
        }
        _ => Ok(()),
    }
}

/// What `file` held before Tagroll touched it for the first time, if it did and there was something.
pub fn first_version(places: &Places, file: &Path) -> Option<Vec<u8>> {
    let stored = StoredPath::of(file).ok()?;
    let kept = kept_first(places, file);
    let until = kept.as_ref().map(|(id, _)| id.as_str());
    let older = jobs(places).into_iter().rev().take_while(|job| until.is_none_or(|id| job.id.as_str() < id));
    let in_journal = older.filter_map(|job| {
        let folder = places.exports().join(&job.id);
        let line = lines(&folder).ok()?.into_iter().find(|line| line.file == stored)?;
        old_bytes(&folder, &line.before?).ok()
    });
    in_journal.into_iter().next().or(kept.map(|(_, bytes)| bytes))
}

/// Unless that of an older job is there already.
fn keep_first(places: &Places, id: &str, file: &Path, bytes: &[u8]) -> Result<()> {
    let place = place_of_first(places, file)?;
    match kept_first(places, file) {
        Some((older, _)) if older.as_str() <= id => Ok(()),
        _ => write_atomically(&place, &[id.as_bytes(), b"\n", bytes].concat()),
    }
}

/// The job before which a first version was there, and the version.
fn kept_first(places: &Places, file: &Path) -> Option<(String, Vec<u8>)> {
    let stored = fs::read(place_of_first(places, file).ok()?).ok()?;
    let end = stored.iter().position(|byte| *byte == b'\n')?;
    Some((String::from_utf8(stored[..end].to_vec()).ok()?, stored[end + 1..].to_vec()))
}

fn place_of_first(places: &Places, file: &Path) -> Result<std::path::PathBuf> {
    let path = std::path::absolute(file)?;
    let name = blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex();
    Ok(places.exports().join("first").join(name.as_str()))
}
