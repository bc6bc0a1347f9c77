//! The sets of categories that a person keeps, takes up, copies, removes and gives to others.
//!
//! Promise: every task ends with an answer; one that fails leaves every file as it was.

use std::path::{Path, PathBuf};

use super::Desk;
use crate::catalog::{CategorySet, MOST_SET_BYTES, read_category_set};
use crate::disk;
use crate::engine::Closed;
use crate::engine::event::Event;
use crate::engine::files;
use crate::engine::session::{SetEntry, SetSource};
use crate::engine::wish::{SetTask, SetWork};

impl Desk<'_> {
    /// Does the oldest task that is not done yet.
    pub(super) fn tend_shelf(&mut self) -> Result<bool, Closed> {
        let next = self.wish.sets.iter().find(|task| task.number >= self.asked.next_set_task).cloned();
        let Some(SetTask { number, work }) = next else { return Ok(false) };
        self.asked.next_set_task = number + 1;
        let folder = self.places.sets();
        let outcome = done(&folder, &work);
        // The list comes before the answer: who has the answer sees what it led to.
        if !matches!(work, SetWork::Read(_) | SetWork::Export { .. }) {
            match list(&folder) {
                Ok(entries) => self.outbox.send(Event::KeptSets(entries))?,
                Err(reason) => self.outbox.send(Event::Notice(reason))?,
            }
        }
        self.outbox.send(Event::SetTaskDone { number, outcome })?;
        Ok(true)
    }

    /// Does what is left when the program ends, when nobody hears the answers any more.
    pub(super) fn clear_shelf(&mut self) {
        let left = self.wish.sets.iter().filter(|task| task.number >= self.asked.next_set_task);
        let writes = left.filter(|task| !matches!(task.work, SetWork::List | SetWork::Read(_)));
        for task in writes {
            if let Err(reason) = done(&self.places.sets(), &task.work) {
                log::warn!("a set was not written at the end: {reason}");
            }
        }
    }
}

fn done(folder: &Path, work: &SetWork) -> Result<Option<CategorySet>, String> {
    match work {
        SetWork::List => Ok(()),
        SetWork::Read(source) => return read(folder, source).map(Some),
        SetWork::Keep { name, text } => keep(folder, name, text.as_bytes()),
        SetWork::Copy { name, copy } => copy_of(folder, name, copy),
        SetWork::Remove(name) => remove(folder, name),
        SetWork::Export { path, text } => export(path, text.as_bytes()),
    }?;
    Ok(None)
}

fn read(folder: &Path, source: &SetSource) -> Result<CategorySet, String> {
    let path = match source {
        SetSource::Kept(name) | SetSource::Starter(name) => kept_path(folder, name)?,
        SetSource::File(path) => path.clone(),
    };
    files::load_set(&path).map_err(|error| format!("{error} Your categories are as they were."))
}

fn keep(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), String> {
    let path = disk::set_path(folder, name).map_err(|reason| format!("Could not keep this set: {reason}"))?;
    // Some systems take both names for one file.
    let names = disk::set_names(folder).map_err(|error| format!("Could not keep the set \"{name}\": {error}"))?;
    let clash = names.iter().find(|known| *known != name && known.to_lowercase() == name.to_lowercase());
    if let Some(known) = clash {
        return Err(format!(
            "Could not keep the set \"{name}\": there is one called \"{known}\". Use exactly that name to replace it, \
             or another one."
        ));
    }
    disk::write_atomically(&path, bytes).map_err(|error| format!("Could not keep the set \"{name}\": {error}"))
}

/// Byte by byte, with every remark that somebody wrote into it.
fn copy_of(folder: &Path, name: &str, copy: &str) -> Result<(), String> {
    let path = kept_path(folder, name)?;
    let bytes = disk::read_at_most(&path, MOST_SET_BYTES + 1).map_err(|error| format!("{error}"))?;
    match bytes {
        None => Err(gone(name)),
        Some(bytes) if bytes.len() > MOST_SET_BYTES => Err(format!("The set \"{name}\" is too large to be copied.")),
        Some(bytes) => keep(folder, copy, &bytes),
    }
}

fn remove(folder: &Path, name: &str) -> Result<(), String> {
    let path = kept_path(folder, name)?;
    disk::set_aside(&path).map_err(|error| format!("Could not remove the set \"{name}\": {error}"))
}

/// Never in place of a photo, whatever name somebody typed.
fn export(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let is_toml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    let mut target = path.to_path_buf().into_os_string();
    if !is_toml {
        target.push(".toml");
    }
    let target = PathBuf::from(target);
    if !is_toml && disk::is_taken(&target) {
        return Err(format!(
            "Nothing was exported: \"{}\" is there already. Choose it by its whole name to replace it.",
            target.display()
        ));
    }
    disk::write_atomically(&target, bytes).map_err(|error| format!("Could not export the categories: {error}"))
}

fn list(folder: &Path) -> Result<Vec<SetEntry>, String> {
    let names = disk::set_names(folder).map_err(|error| format!("Could not list your sets: {error}"))?;
    Ok(names.into_iter().map(|name| entry(folder, name)).collect())
}

fn entry(folder: &Path, name: String) -> SetEntry {
    let path = folder.join(disk::set_path(folder, &name).unwrap_or_default());
    let set = match disk::read_at_most(&path, MOST_SET_BYTES + 1) {
        Ok(Some(bytes)) => read_category_set(&bytes).map_err(|error| error.to_string()),
        Ok(None) => Err("it is gone".to_owned()),
        Err(error) => Err(format!("{error}")),
    };
    match set {
        Ok(set) => SetEntry::of(name, &set),
        Err(trouble) => SetEntry { name, description: None, categories: 0, trouble: Some(trouble) },
    }
}

fn kept_path(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let path = disk::set_path(folder, name)?;
    if disk::is_taken(&path) { Ok(path) } else { Err(gone(name)) }
}

fn gone(name: &str) -> String {
    format!("There is no set called \"{name}\" any more.")
}
