//! A model from the hub into the models folder: from the hub's cache on this computer if it is there, else downloaded.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::add::copy_all;
use super::digest::Digest;
use super::fetch::Fetch;
use super::folder::{self, Record, RecordedFile};
use super::http::Client;
use super::meter::Meter;
use super::remote::{self, Remote};
use super::settings::Hub;
use super::{Go, Installed, KnownModel, Progress, Trouble, cache, digest, room};

/// Which version of each file the partial download holds. Begins with a dot, so it is not counted as a part of it.
const TAGS: &str = ".tags.json";

/// Installs a model of the table. Blocks until it is there; a stop or a failure keeps what came, for the next call to go
/// on from. A model that is installed already is returned as it is.
pub fn pull(
    models: &Path,
    model: &KnownModel,
    hub: &Hub,
    tell: &mut dyn FnMut(Progress) -> Go,
) -> Result<Installed, Trouble> {
    if !model.is_offered || model.files.is_empty() {
        return Err(Trouble::Failed(format!(
            "{} may be used for research only, so Tagroll does not fetch it. If that is what you do, download it yourself \
             and add its folder.",
            model.name
        )));
    }
    let tell = &mut |progress| if hub.stop.is_stopped() { Go::Stop } else { tell(progress) };
    folder::create_folder(models)?;
    let _lock = folder::lock(models, &model.id)?;
    if let Some(installed) = folder::complete(models, &model.id) {
        return Ok(installed);
    }
    if let Some(installed) = from_cache(models, model, hub, tell)? {
        return Ok(installed);
    }
    download(models, model, hub, tell)
}

/// `None` if the cache has not all of it, or has it damaged.
fn from_cache(
    models: &Path,
    model: &KnownModel,
    hub: &Hub,
    tell: &mut dyn FnMut(Progress) -> Go,
) -> Result<Option<Installed>, Trouble> {
    let Some(cached) = cache::find(&hub.caches, model) else { return Ok(None) };
    let size = |file: &String| fs::metadata(cached.folder.join(file)).map_or(0, |found| found.len());
    let files: Vec<(String, u64)> = model.files.iter().map(|file| (file.clone(), size(file))).collect();
    let total_bytes = files.iter().map(|file| file.1).sum();
    room::require(models, total_bytes)?;
    let partial = models.join(format!(".adding-{}", model.id));
    folder::delete_folder(&partial)?;
    folder::create_folder(&partial)?;
    let copied = copy_all(&cached.folder, &partial, &files, total_bytes, tell).and_then(|files| {
        if !is_as_named(&cached.folder, &partial, &files)? {
            return Ok(None);
        }
        let (source, commit) = (model.repository.clone(), Some(cached.commit.clone()));
        let record = Record { name: model.name.clone(), source, commit, files };
        folder::put_in_place(models, &partial, &model.id, &record).map(Some)
    });
    match &copied {
        // What an earlier download left behind is not needed any more; it does no harm where it cannot be deleted.
        Ok(Some(_)) => drop(folder::delete_folder(&folder::partial_folder(models, &model.id))),
        _ => folder::delete_folder(&partial)?,
    }
    copied
}

/// Whether each copy hashes to what its blob in the cache is named by.
fn is_as_named(cache: &Path, copy: &Path, files: &[RecordedFile]) -> Result<bool, Trouble> {
    for file in files {
        let is_right = match cache::expected(&cache.join(&file.name)) {
            None => true,
            Some(Digest::Sha256(hex)) => hex == file.sha256,
            Some(git) => digest::of_file(&copy.join(&file.name), Some(&git), &mut |_| Go::On)?.is_expected,
        };
        if !is_right {
            log::debug!("{} in the cache is damaged", file.name);
            return Ok(false);
        }
    }
    Ok(true)
}

fn download(
    models: &Path,
    model: &KnownModel,
    hub: &Hub,
    tell: &mut dyn FnMut(Progress) -> Go,
) -> Result<Installed, Trouble> {
    let client = Client::new(hub)?;
    let partial = folder::partial_folder(models, &model.id);
    let mut meter = Meter::new(folder::partial_bytes(models, &model.id), model.download_bytes, tell);
    let (commit, remotes) = remote::look_at_all(&client, model, &mut meter)?;
    folder::create_folder(&partial)?;
    keep_only_current(&partial, &remotes)?;
    let total_bytes = remotes.iter().try_fold(0_u64, |sum, remote| sum.checked_add(remote.size_bytes?));
    let have_bytes = folder::partial_bytes(models, &model.id);
    let total_bytes = match total_bytes {
        Some(total) => total,
        None if remotes.iter().all(|remote| remote.size_bytes.is_some()) => u64::MAX,
        None => model.download_bytes,
    };
    room::require(models, total_bytes.saturating_sub(have_bytes))?;
    meter.expect(total_bytes);
    let mut files = Vec::new();
    for remote in &remotes {
        files.push(Fetch { client: &client, model, remote, folder: &partial }.run(&mut meter)?);
    }
    let tags = partial.join(TAGS);
    fs::remove_file(&tags).map_err(|error| Trouble::of_file("Could not delete", &tags, &error))?;
    let record = Record { name: model.name.clone(), source: model.repository.clone(), commit, files };
    folder::put_in_place(models, &partial, &model.id, &record)
}

/// Deletes what belongs to another version of a file or to no file at all, and notes the versions of what will come.
fn keep_only_current(partial: &Path, remotes: &[Remote]) -> Result<(), Trouble> {
    let path = partial.join(TAGS);
    let noted = fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let noted: BTreeMap<String, String> = noted.unwrap_or_default();
    let current: BTreeMap<String, String> =
        remotes.iter().filter_map(|remote| Some((remote.name.clone(), remote.tag.clone()?))).collect();
    let is_current = |name: &str| {
        let file = name.strip_suffix(".partial").unwrap_or(name);
        current.get(file).is_some_and(|tag| noted.get(file) == Some(tag))
    };
    let entries = fs::read_dir(partial).map_err(|error| Trouble::of_file("Could not read", partial, &error))?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name != TAGS && !is_current(&name.to_string_lossy()) {
            let path = entry.path();
            fs::remove_file(&path).map_err(|error| Trouble::of_file("Could not delete", &path, &error))?;
        }
    }
    // Flushed by the rename of the whole; a note that is lost costs a download, not a wrong file.
    let text = serde_json::to_vec(&current).expect("tags are texts");
    fs::write(&path, text).map_err(|error| Trouble::of_file("Could not write", &path, &error))
}
