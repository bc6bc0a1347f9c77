//! Sets of categories that can be kept, taken up again, copied and given to others.
//!
//! Promise: a set that cannot be read changes nothing, and one that is taken up is one step of undo.

use std::path::PathBuf;
use std::sync::Arc;

use super::Session;
use crate::catalog::{CategorySet, parse_category_set, starter_set, starter_sets, write_category_set};
use crate::engine::command::Command;
use crate::engine::wish::{SetTask, SetWork};

/// Where a set comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetSource {
    /// One that comes with the program, by its name.
    Starter(String),
    /// One that the person kept, by its name.
    Kept(String),
    /// A file that somebody gave them.
    File(PathBuf),
}

/// A set that can be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetEntry {
    pub name: String,
    /// What it is for, if it says so.
    pub description: Option<String>,
    pub categories: usize,
    /// Why it cannot be used.
    pub trouble: Option<String>,
}

/// The sets that there are.
#[derive(Clone, Debug)]
pub struct Sets {
    pub starters: Vec<SetEntry>,
    pub kept: Vec<SetEntry>,
    waiting: Vec<Waiting>,
    next_number: u32,
}

/// A task that has not been answered, and for a set that is being read, what is to become of the categories of now.
#[derive(Clone, Debug)]
struct Waiting {
    task: SetTask,
    replaces: bool,
}

impl SetEntry {
    pub fn of(name: String, set: &CategorySet) -> SetEntry {
        SetEntry { name, description: set.description.clone(), categories: set.categories.len(), trouble: None }
    }
}

impl Default for Sets {
    /// The starter sets; those that were kept are asked for.
    fn default() -> Sets {
        let starters = starter_sets().iter().map(|(name, set)| SetEntry::of(name.clone(), set)).collect();
        let mut sets = Sets { starters, kept: Vec::new(), waiting: Vec::new(), next_number: 0 };
        sets.ask(SetWork::List, false);
        sets
    }
}

impl Sets {
    /// Whether something that was asked for is not done yet.
    pub fn is_busy(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub(super) fn wish(&self) -> Vec<SetTask> {
        self.waiting.iter().map(|waiting| waiting.task.clone()).collect()
    }

    fn ask(&mut self, work: SetWork, replaces: bool) {
        self.waiting.push(Waiting { task: SetTask { number: self.next_number, work }, replaces });
        self.next_number += 1;
    }

    /// "Travel 2" where there is a "Travel" already, in whatever letters.
    fn free_name(&self, name: &str) -> String {
        let is_free = |name: &String| self.kept.iter().all(|kept| kept.name.to_lowercase() != name.to_lowercase());
        (2..).map(|number| format!("{name} {number}")).find(is_free).unwrap_or_else(|| name.to_owned())
    }
}

impl Session {
    pub fn sets(&self) -> &Sets {
        &self.sets
    }

    pub(super) fn apply_to_sets(&mut self, command: Command) {
        match command {
            Command::SaveSet(name) => self.save_set(name.trim()),
            Command::LoadSet { source: SetSource::Starter(name), replaces } => match starter_set(&name) {
                Some((_, set)) => self.take_up(set.clone(), replaces),
                None => self.notice(format!("There is no starter set called \"{name}\".")),
            },
            Command::LoadSet { source, replaces } => self.sets.ask(SetWork::Read(source), replaces),
            Command::DuplicateSet(name) => self.duplicate_set(name),
            Command::RemoveSet(name) => self.sets.ask(SetWork::Remove(name), false),
            Command::ExportSet(path) => self.export_set(path),
            other => unreachable!("{other:?} is not about sets; `apply` handles it"),
        }
    }

    pub(super) fn absorb_set_task(&mut self, number: u32, outcome: Result<Option<CategorySet>, String>) {
        let Some(place) = self.sets.waiting.iter().position(|waiting| waiting.task.number == number) else { return };
        let waiting = self.sets.waiting.remove(place);
        match outcome {
            Ok(Some(set)) => self.take_up(set, waiting.replaces),
            Ok(None) => {}
            Err(reason) => self.notice(reason),
        }
    }

    pub(super) fn absorb_kept_sets(&mut self, kept: Vec<SetEntry>) {
        self.sets.kept = kept;
    }

    fn save_set(&mut self, name: &str) {
        if name.is_empty() {
            return self.notice("The set was not kept: give it a name.".to_owned());
        }
        let before = self.sets.kept.iter().find(|kept| kept.name == name);
        let description = before.and_then(|kept| kept.description.clone());
        if let Some(text) = self.written_set(Some(name), description) {
            self.sets.ask(SetWork::Keep { name: name.to_owned(), text }, false);
        }
    }

    fn export_set(&mut self, path: PathBuf) {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        if let Some(text) = self.written_set(name.as_deref(), None) {
            self.sets.ask(SetWork::Export { path, text }, false);
        }
    }

    fn duplicate_set(&mut self, name: String) {
        let copy = self.sets.free_name(&name);
        let is_kept = self.sets.kept.iter().any(|kept| kept.name == name);
        match starter_set(&name).filter(|_| !is_kept) {
            Some((text, _)) => self.sets.ask(SetWork::Keep { name: copy, text: text.into() }, false),
            None => self.sets.ask(SetWork::Copy { name, copy }, false),
        }
    }

    /// The categories as a file, or a notice about what no file can hold: it could not be loaded again.
    fn written_set(&mut self, name: Option<&str>, description: Option<String>) -> Option<Arc<str>> {
        if self.categories().is_empty() {
            self.notice("There are no categories to keep yet. Add one first.".to_owned());
            return None;
        }
        let categories = self.categories().to_vec();
        let name = name.map(str::to_owned);
        let text = write_category_set(&CategorySet { name, description, labels: Some(self.labels()), categories });
        match parse_category_set(&text) {
            Ok(_) => Some(text.into()),
            Err(error) => {
                let text =
                    format!("The categories were not saved, because {}. Change that and try again.", error.problem);
                self.notice(text);
                None
            }
        }
    }

    fn take_up(&mut self, set: CategorySet, replaces: bool) {
        if replaces {
            self.replace_categories(set.categories, set.labels);
        } else if !self.add_categories(set.categories) {
            self.notice("Every category of this set is there already.".to_owned());
        }
    }
}
