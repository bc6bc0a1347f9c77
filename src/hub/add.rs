//! Copies a model that is on this computer already into the models folder. No network is needed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::folder::{self, Record, RecordedFile};
use super::{Go, Installed, Progress, Trouble, digest, known, known_models, room};

const WEIGHTS: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
const OPEN_CLIP_WEIGHTS: &str = "open_clip_model.safetensors";
const CONFIG: &str = "config.json";

/// Files that some family of models needs beside its weights.
const SMALL_FILES: [&str; 13] = [
    CONFIG,
    "open_clip_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "preprocessor_config.json",
    "processor_config.json",
    "vocab.json",
    "merges.txt",
    "spiece.model",
    "tokenizer.model",
    "LICENSE",
    "LICENSE.txt",
];

/// Copies the model files of a folder, or of the folder that a given file lies in. A name that is taken gets a number.
pub fn add(models: &Path, from: &Path, tell: &mut dyn FnMut(Progress) -> Go) -> Result<Installed, Trouble> {
    let from = folder_of(from)?;
    folder::create_folder(models)?;
    if fs::canonicalize(models).is_ok_and(|models| from.starts_with(models)) {
        return Err(Trouble::Failed(format!("{} is in the models folder already.", from.display())));
    }
    let files = model_files(&from)?;
    let total_bytes = files.iter().map(|file| file.1).sum();
    room::require(models, total_bytes)?;
    let origin = Origin::of(&from);
    let names: Vec<&str> = files.iter().map(|file| file.0.as_str()).collect();
    let (id, name) = origin.free_name(models, &names);
    let _lock = folder::lock(models, &id)?;
    let partial = models.join(format!(".adding-{id}"));
    folder::delete_folder(&partial)?;
    folder::create_folder(&partial)?;
    let copied = copy_all(&from, &partial, &files, total_bytes, tell);
    let added = copied.and_then(|files| {
        let record = Record { name, source: origin.source, commit: origin.commit, files };
        folder::put_in_place(models, &partial, &id, &record)
    });
    if added.is_err() {
        // The first error is the one worth telling; the next try deletes what is left behind.
        let _ = folder::delete_folder(&partial);
    }
    added
}

fn folder_of(from: &Path) -> Result<PathBuf, Trouble> {
    let full = fs::canonicalize(from).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Trouble::Failed(format!("There is no file or folder {}.", from.display())),
        _ => Trouble::of_file("Could not read", from, &error),
    })?;
    if full.is_dir() {
        return Ok(full);
    }
    // A file in the hub's cache is a link to a nameless one elsewhere, so its folder is that of the link.
    let folder = from.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::canonicalize(folder).map_err(|error| Trouble::of_file("Could not read", folder, &error))
}

/// Names and sizes of the files that are to be copied.
fn model_files(from: &Path) -> Result<Vec<(String, u64)>, Trouble> {
    let size = |name: &str| fs::metadata(from.join(name)).ok().filter(fs::Metadata::is_file).map(|found| found.len());
    let mut names: Vec<String> = SMALL_FILES.iter().map(|&name| name.to_owned()).collect();
    let is_split = size(WEIGHTS).is_none() && size(INDEX).is_some();
    if is_split {
        names.push(INDEX.to_owned());
        names.extend(shards(&from.join(INDEX))?);
    }
    let has_weights = size(WEIGHTS).is_some() || is_split;
    names.extend(size(WEIGHTS).map(|_| WEIGHTS.to_owned()));
    // With both layouts in one folder only one is read; the other would double the copy.
    if !(has_weights && size(CONFIG).is_some()) {
        names.extend(size(OPEN_CLIP_WEIGHTS).map(|_| OPEN_CLIP_WEIGHTS.to_owned()));
    }
    if !has_weights && size(OPEN_CLIP_WEIGHTS).is_none() {
        return Err(Trouble::Failed(no_weights(from)));
    }
    Ok(names.into_iter().filter_map(|name| size(&name).map(|bytes| (name, bytes))).collect())
}

/// The parts that an index of a checkpoint in several files names.
fn shards(index: &Path) -> Result<Vec<String>, Trouble> {
    let broken = |why: String| Trouble::Failed(format!("{} cannot be used: {why}.", index.display()));
    let text = fs::read(index).map_err(|error| Trouble::of_file("Could not read", index, &error))?;
    let index_of: serde_json::Value = serde_json::from_slice(&text).map_err(|error| broken(error.to_string()))?;
    let map = index_of["weight_map"].as_object().ok_or_else(|| broken("it has no weight_map".to_owned()))?;
    let mut names: Vec<String> = map.values().filter_map(|name| name.as_str().map(str::to_owned)).collect();
    names.sort();
    names.dedup();
    for name in &names {
        if folder::plain(name).is_none() {
            return Err(broken(format!("it names \"{name}\", which is not in its folder")));
        }
        if !index.with_file_name(name).is_file() {
            return Err(broken(format!("it names {name}, which is not there. Download that file, too")));
        }
    }
    Ok(names)
}

fn no_weights(from: &Path) -> String {
    let advice = if from.join("pytorch_model.bin").is_file() || from.join("open_clip_pytorch_model.bin").is_file() {
        "It has only weights in PyTorch's old format, which can run programs when they are opened; download the \
         model.safetensors of the same model"
    } else {
        "Choose the folder that holds the model's weights and its config.json"
    };
    format!("{} has no {WEIGHTS}. {advice}.", from.display())
}

pub fn copy_all(
    from: &Path,
    to: &Path,
    files: &[(String, u64)],
    total_bytes: u64,
    tell: &mut dyn FnMut(Progress) -> Go,
) -> Result<Vec<RecordedFile>, Trouble> {
    let mut done_before = 0;
    let mut copied = Vec::new();
    for (name, size_bytes) in files {
        let mut watch = |done: u64| {
            tell(Progress { file: name.clone(), done_bytes: (done_before + done).min(total_bytes), total_bytes })
        };
        watch(0).or_stop()?;
        copy(&from.join(name), &to.join(name), &mut watch)?;
        // What the disk gives back counts, not what was sent to it.
        let digests = digest::of_file(&to.join(name), None, &mut |_| watch(*size_bytes))?;
        copied.push(RecordedFile { name: name.clone(), size_bytes: digests.size_bytes, sha256: digests.sha256 });
        done_before += size_bytes;
    }
    Ok(copied)
}

/// Copies a file and flushes it; `watch` hears how many bytes are done.
fn copy(from: &Path, to: &Path, watch: &mut dyn FnMut(u64) -> Go) -> Result<(), Trouble> {
    let unreadable = |error| Trouble::of_file("Could not read", from, &error);
    let unwritable = |error| Trouble::of_file("Could not write", to, &error);
    let mut source = File::open(from).map_err(unreadable)?;
    let mut target = OpenOptions::new().write(true).create_new(true).open(to).map_err(unwritable)?;
    let mut chunk = vec![0; digest::CHUNK_BYTES];
    let mut done_bytes = 0;
    loop {
        let count = source.read(&mut chunk).map_err(unreadable)?;
        if count == 0 {
            return target.sync_all().map_err(unwritable);
        }
        target.write_all(&chunk[..count]).map_err(unwritable)?;
        if done_bytes / digest::FLUSH_BYTES != (done_bytes + count as u64) / digest::FLUSH_BYTES {
            target.sync_data().map_err(unwritable)?;
        }
        done_bytes += count as u64;
        watch(done_bytes).or_stop()?;
    }
}

/// Where a folder's model comes from, as far as its path tells.
struct Origin {
    name: String,
    source: String,
    commit: Option<String>,
}

impl Origin {
    /// The hub's cache keeps a model in `models--organisation--name/snapshots/<commit>`.
    fn of(from: &Path) -> Origin {
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let repository = from.ancestors().nth(2).and_then(name).and_then(|cached| {
            let in_snapshots = from.parent().and_then(name).is_some_and(|folder| folder == "snapshots");
            cached.strip_prefix("models--").filter(|_| in_snapshots).map(|rest| rest.replacen("--", "/", 1))
        });
        match repository {
            Some(repository) => Origin {
                name: repository.rsplit('/').next().unwrap_or(&repository).to_owned(),
                source: repository,
                commit: name(from),
            },
            None => Origin {
                name: name(from).unwrap_or_else(|| "Model".to_owned()),
                source: from.display().to_string(),
                commit: None,
            },
        }
    }

    /// An id and a name that no other model has. A model of the table that comes from the hub's cache keeps its own.
    fn free_name(&self, models: &Path, files: &[&str]) -> (String, String) {
        let is_whole = |model: &&super::KnownModel| model.files.iter().all(|file| files.contains(&file.as_str()));
        let listed = known_models().iter().filter(|model| model.is_offered && model.repository == self.source);
        if let Some(model) = listed.filter(is_whole).find(|model| !models.join(&model.id).exists()) {
            return (model.id.clone(), model.name.clone());
        }
        let slug = slug(&self.name);
        let is_taken = |id: &str| known(id).is_some() || models.join(id).exists();
        if !is_taken(&slug) {
            return (slug, self.name.clone());
        }
        let number = (2..).find(|number| !is_taken(&format!("{slug}-{number}"))).expect("there are enough numbers");
        (format!("{slug}-{number}"), format!("{} ({number})", self.name))
    }
}

/// Small letters, digits, dots and single hyphens.
fn slug(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { ' ' };
    let kept: String = name.chars().map(keep).collect();
    let slug = kept.split_whitespace().collect::<Vec<_>>().join("-");
    let slug: String = slug.trim_matches(['.', '-']).chars().take(80).collect();
    if slug.is_empty() { "model".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_names_of_folders_everywhere() {
        for (name, id) in [
            ("CLIP ViT-B/32 (mine)", "clip-vit-b-32-mine"),
            ("..", "model"),
            ("模型", "model"),
            ("siglip2.so400m", "siglip2.so400m"),
        ] {
            assert_eq!(slug(name), id);
            assert!(folder::plain(&slug(name)).is_some());
        }
    }
}
