//! The models folder: one folder a model, each with a record of its files.
//!
//! Promise: whatever begins with a dot is not a model but work under way; a model appears by one rename and goes by one.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Fault, Go, Installed, Progress, Trouble, digest};

pub const RECORD: &str = "tagroll-model.json";

/// Where a model came from and what it consists of, beside its files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    pub name: String,
    /// A repository on the hub, or the folder that it was copied from.
    pub source: String,
    pub commit: Option<String>,
    pub files: Vec<RecordedFile>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordedFile {
    pub name: String,
    pub size_bytes: u64,
    pub sha256: String,
}

/// The models that are complete, sorted by name. A folder that is not there holds none.
pub fn installed(models: &Path) -> Vec<Installed> {
    let entries = fs::read_dir(models).into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut installed: Vec<Installed> = ids.filter_map(|id| complete(models, &id)).collect();
    installed.sort_by_cached_key(|model| (model.name.to_lowercase(), model.id.clone()));
    installed
}

/// The model with this id, if every file of its record is there in its full length.
pub fn complete(models: &Path, id: &str) -> Option<Installed> {
    let folder = models.join(plain(id)?);
    let record = read_record(&folder).ok()?;
    let is_there = |file: &RecordedFile| {
        plain(&file.name).is_some()
            && fs::metadata(folder.join(&file.name))
                .is_ok_and(|found| found.is_file() && found.len() == file.size_bytes)
    };
    if record.files.is_empty() || !record.files.iter().all(is_there) {
        return None;
    }
    let size_bytes = record.files.iter().map(|file| file.size_bytes).sum();
    Some(Installed { id: id.to_owned(), name: record.name, folder, size_bytes })
}

/// Takes a model away. It is moved aside first, so that a stop on the way leaves no half of it in its place.
pub fn remove(models: &Path, id: &str) -> Result<(), Trouble> {
    let folder = models.join(checked(id)?);
    if !folder.is_dir() {
        return Err(not_installed(models, id));
    }
    let _lock = lock(models, id)?;
    put_aside(models, id)
}

/// Reads every file of a model and compares it with the record. No fault means that the model is as it was installed.
pub fn verify(models: &Path, id: &str, tell: &mut dyn FnMut(Progress) -> Go) -> Result<Vec<Fault>, Trouble> {
    let folder = models.join(checked(id)?);
    if !folder.is_dir() {
        return Err(not_installed(models, id));
    }
    let record = read_record(&folder).map_err(|error| {
        let path = folder.join(RECORD);
        Trouble::Failed(format!(
            "{} cannot be read ({error}), so the model cannot be checked. Remove the model and fetch or add it again.",
            path.display()
        ))
    })?;
    let total_bytes = record.files.iter().map(|file| file.size_bytes).sum();
    let mut faults = Vec::new();
    let mut done_before = 0;
    for file in &record.files {
        let mut watch = |done: u64| {
            tell(Progress { file: file.name.clone(), done_bytes: (done_before + done).min(total_bytes), total_bytes })
        };
        faults.extend(fault(&folder, file, &mut watch)?.map(|what| Fault { file: file.name.clone(), what }));
        done_before += file.size_bytes;
    }
    Ok(faults)
}

fn fault(folder: &Path, file: &RecordedFile, watch: &mut dyn FnMut(u64) -> Go) -> Result<Option<String>, Trouble> {
    if plain(&file.name).is_none() {
        return Ok(Some("is not a name that a model's file can have".to_owned()));
    }
    let path = folder.join(&file.name);
    match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some("is missing".to_owned())),
        Ok(found) if found.len() != file.size_bytes => {
            return Ok(Some(format!("has {} bytes instead of {}", found.len(), file.size_bytes)));
        }
        _ => {}
    }
    match digest::of_file(&path, None, watch) {
        Ok(digests) if digests.sha256 == file.sha256 => Ok(None),
        Ok(_) => Ok(Some("is not what it was when it was installed".to_owned())),
        Err(Trouble::Stopped) => Err(Trouble::Stopped),
        Err(Trouble::Failed(why)) => Ok(Some(format!("cannot be read. {why}"))),
    }
}

/// What a download that was stopped already has.
pub fn partial_bytes(models: &Path, id: &str) -> u64 {
    let Some(id) = plain(id) else { return 0 };
    let files = fs::read_dir(partial_folder(models, id)).into_iter().flatten().flatten();
    let lengths = files.filter(|file| !file.file_name().to_string_lossy().starts_with('.'));
    lengths.filter_map(|file| file.metadata().ok()).map(|found| found.len()).sum()
}

/// Deletes what a download that was stopped already has.
pub fn discard(models: &Path, id: &str) -> Result<(), Trouble> {
    let partial = partial_folder(models, checked(id)?);
    if !partial.exists() {
        return Ok(());
    }
    let _lock = lock(models, id)?;
    delete_folder(&partial)
}

pub fn partial_folder(models: &Path, id: &str) -> PathBuf {
    models.join(format!(".partial-{id}"))
}

/// Held while one program writes to a model; free again when it is dropped or its program ends.
pub struct Lock(#[allow(dead_code, reason = "the open file is the lock")] Option<File>);

/// An error in words if another program, or another part of this one, is at this model.
pub fn lock(models: &Path, id: &str) -> Result<Lock, Trouble> {
    create_folder(models)?;
    let path = models.join(format!(".lock-{id}"));
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| Trouble::of_file("Could not write", &path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(Some(file))),
        Err(TryLockError::WouldBlock) => {
            Err(Trouble::Failed(format!("Tagroll is at work on the model \"{id}\" already. Wait until that is done.")))
        }
        // Some network disks have no locks; two programs that write the same file there still fail safely.
        Err(TryLockError::Error(error)) => {
            log::debug!("no lock: {error}");
            Ok(Lock(None))
        }
    }
}

/// Puts a folder with all its files in the place of the model `id`, with a record of it.
pub fn put_in_place(models: &Path, from: &Path, id: &str, record: &Record) -> Result<Installed, Trouble> {
    let path = from.join(RECORD);
    let text = serde_json::to_vec_pretty(record).expect("a record has only texts and numbers");
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(&text)?;
        file.sync_all()
    });
    written.map_err(|error| Trouble::of_file("Could not write", &path, &error))?;
    sync_folder(from);
    let folder = models.join(id);
    if folder.exists() {
        put_aside(models, id)?;
    }
    fs::rename(from, &folder).map_err(|error| Trouble::of_file("Could not put the model into", &folder, &error))?;
    sync_folder(models);
    complete(models, id).ok_or_else(|| {
        Trouble::Failed(format!("{} was changed by another program while it was written.", folder.display()))
    })
}

fn put_aside(models: &Path, id: &str) -> Result<(), Trouble> {
    let (folder, aside) = (models.join(id), models.join(format!(".removed-{id}")));
    delete_folder(&aside)?;
    fs::rename(&folder, &aside).map_err(|error| Trouble::of_file("Could not remove", &folder, &error))?;
    sync_folder(models);
    delete_folder(&aside)
}

pub fn create_folder(folder: &Path) -> Result<(), Trouble> {
    fs::create_dir_all(folder).map_err(|error| Trouble::of_file("Could not create the folder", folder, &error))
}

/// Whether it is a folder, and no link to one.
pub fn is_real_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

/// One that is not there is deleted already.
pub fn delete_folder(folder: &Path) -> Result<(), Trouble> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Trouble::of_file("Could not delete", folder, &error))
        }
        _ => Ok(()),
    }
}

/// An id that names a folder directly below the models folder, and `None` for one that leads elsewhere.
pub fn plain(id: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let starts_well = id.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
    (starts_well && id.len() <= 128 && id.bytes().all(is_plain)).then_some(id)
}

fn checked(id: &str) -> Result<&str, Trouble> {
    plain(id).ok_or_else(|| Trouble::Failed(format!("\"{id}\" is not the name of a model.")))
}

fn not_installed(models: &Path, id: &str) -> Trouble {
    Trouble::Failed(format!("There is no model \"{id}\" in {}.", models.display()))
}

pub fn read_record(folder: &Path) -> io::Result<Record> {
    Ok(serde_json::from_slice(&fs::read(folder.join(RECORD))?)?)
}

/// Makes a rename durable. Not every system can; the rename itself is done by then.
pub fn sync_folder(folder: &Path) {
    if cfg!(unix)
        && let Err(error) = File::open(folder).and_then(|folder| folder.sync_all())
    {
        log::debug!("a folder was not flushed: {error}");
    }
}
