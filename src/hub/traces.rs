//! Everything in the models folder that Tagroll put there: which models, what they take, and taking them away.
//!
//! Promise: of a model, the files of its record go and nothing else; no link is followed or removed.

use std::fs;
use std::path::{Path, PathBuf};

use super::folder::{RECORD, delete_folder, is_real_folder, lock, plain, read_record};

/// How folders of work begin that is under way, or was stopped.
const UNDER_WAY: [&str; 3] = [".partial-", ".adding-", ".removed-"];

/// A model, whole or not, or what a stopped download left of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Of the model, for people.
    pub name: String,
    pub size_bytes: u64,
    id: String,
    folder: PathBuf,
    /// `None` for a folder of work, which goes whole.
    files: Option<Vec<PathBuf>>,
}

/// What is there, sorted by name. Nothing is found behind a link.
pub fn traces(models: &Path) -> Vec<Trace> {
    if !is_real_folder(models) {
        return Vec::new();
    }
    let entries = fs::read_dir(models).into_iter().flatten().flatten();
    let folders = entries.map(|entry| entry.path()).filter(|path| is_real_folder(path));
    let mut traces: Vec<Trace> = folders.filter_map(|folder| trace(&folder)).collect();
    traces.sort_by_cached_key(|trace| (trace.name.to_lowercase(), trace.id.clone()));
    traces
}

/// Takes everything away that [`traces`] finds. Returns what could not go, in words.
pub fn forget(models: &Path) -> Vec<String> {
    let mut left: Vec<String> = traces(models).iter().filter_map(|trace| remove(models, trace)).collect();
    if fs::symlink_metadata(models).is_ok_and(|found| found.is_symlink()) {
        left.push(format!(
            "The models in \"{}\" were left as they are, because it is a link to another place.",
            models.display()
        ));
        return left;
    }
    for entry in fs::read_dir(models).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(".lock-")) {
            // One that another program holds stays, and says nothing that anybody could miss.
            let _ = fs::remove_file(entry.path());
        }
    }
    // One that is not empty holds something of others.
    let _ = fs::remove_dir(models);
    left
}

fn trace(folder: &Path) -> Option<Trace> {
    let name = folder.file_name()?.to_str()?;
    let of_work = UNDER_WAY.iter().find_map(|begins| name.strip_prefix(begins)).and_then(plain);
    if let Some(id) = of_work {
        let name = format!("{id}, not complete");
        return Some(Trace {
            name,
            size_bytes: size_of(folder),
            id: id.to_owned(),
            folder: folder.into(),
            files: None,
        });
    }
    let id = plain(name)?.to_owned();
    let record = read_record(folder).ok()?;
    let names = record.files.iter().filter_map(|file| plain(&file.name)).chain([RECORD]);
    let files: Vec<PathBuf> = names.map(|name| folder.join(name)).filter(|path| is_real_file(path)).collect();
    let size_bytes = files.iter().map(|path| bytes_of(path)).sum();
    Some(Trace { name: record.name, size_bytes, id, folder: folder.into(), files: Some(files) })
}

/// Why it could not go, if it could not.
fn remove(models: &Path, trace: &Trace) -> Option<String> {
    let lock = lock(models, &trace.id);
    let removed = lock.and_then(|_lock| match &trace.files {
        None => delete_folder(&trace.folder),
        Some(files) => {
            let gone = files.iter().try_for_each(fs::remove_file);
            gone.map_err(|error| super::Trouble::of_file("remove", &trace.folder, &error)).map(|()| {
                // What somebody else put beside the model's files stays, in its folder.
                let _ = fs::remove_dir(&trace.folder);
            })
        }
    });
    removed.err().map(|trouble| trouble.to_string())
}

fn size_of(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| bytes_of(&entry.path())).sum()
}

fn is_real_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file())
}

fn bytes_of(path: &Path) -> u64 {
    fs::symlink_metadata(path).map_or(0, |found| if found.is_file() { found.len() } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::super::folder::{Record, RecordedFile, put_in_place};
    use super::*;

    /// A models folder with one model, in which somebody left a note, one stopped download, and a folder of others.
    fn models() -> tempfile::TempDir {
        let data = tempfile::tempdir().unwrap();
        let models = data.path().join("models");
        let put = |path: PathBuf, text: &str| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put(models.join(".adding-b32/model.safetensors"), "12345");
        let file = RecordedFile { name: "model.safetensors".to_owned(), size_bytes: 5, sha256: String::new() };
        let record = Record { name: "B/32".to_owned(), source: String::new(), commit: None, files: vec![file] };
        put_in_place(&models, &models.join(".adding-b32"), "b32", &record).unwrap();
        put(models.join("b32/note.txt"), "mine");
        put(models.join(".partial-l14/model.safetensors.partial"), "123");
        put(models.join("recipes/soup.txt"), "mine");
        data
    }

    #[test]
    fn models_and_stopped_downloads_are_found_with_what_they_take() {
        let data = models();
        let traces = traces(&data.path().join("models"));
        let [model, partial] = traces.as_slice() else { panic!("{traces:?}") };
        assert_eq!((model.name.as_str(), partial.name.as_str()), ("B/32", "l14, not complete"));
        assert!(model.size_bytes > 5, "the record counts too");
        assert_eq!(partial.size_bytes, 3);
    }

    #[test]
    fn what_others_put_into_the_folder_stays() {
        let data = models();
        let models = data.path().join("models");
        assert_eq!(forget(&models), Vec::<String>::new());
        assert_eq!(traces(&models), []);
        assert!(models.join("b32/note.txt").is_file() && models.join("recipes/soup.txt").is_file());
        assert_eq!(fs::read_dir(models.join("b32")).unwrap().count(), 1);
        assert_eq!(fs::read_dir(&models).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_model_behind_a_link_stays_and_is_told() {
        let (data, other) = (models(), tempfile::tempdir().unwrap());
        let linked = other.path().join("models");
        std::os::unix::fs::symlink(data.path().join("models"), &linked).unwrap();
        assert_eq!(traces(&linked), []);
        assert!(forget(&linked)[0].contains("link"));
        assert!(data.path().join("models/b32/model.safetensors").is_file());
    }
}
