//! What a person tunes: categories, and verdicts about photos. All of it can be undone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Session;
use crate::catalog::{Answers, Category, CategoryId, Cutoff, Fingerprint, Labels, PhotoId, Verdict, Verdicts};
use crate::engine::command::Command;

/// One state of the workbench; a step of undo is a copy of it, a few kilobytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tuning {
    pub categories: Vec<Category>,
    pub labels: Labels,
    pub verdicts: Verdicts,
}

/// Which field an edit is in: edits in one field are one step of undo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Field {
    Name(CategoryId),
    Synonyms(CategoryId, usize),
    Prompts(CategoryId, usize),
    Negatives(CategoryId, usize),
    Exclusions(CategoryId, usize),
    Cutoff(CategoryId),
    Group(CategoryId),
}

/// Verdicts as the store keeps them: by the category's name, which means the same in every session.
pub type Written = Vec<(String, Fingerprint, Verdict)>;

/// Verdicts that belong to no category of now, by the name that they were given under. A category that gets the name
/// gets them back.
#[derive(Default)]
pub struct Archive {
    by_name: BTreeMap<String, Arc<Answers>>,
    /// Until the store has told what it holds, nothing may be written there.
    pub is_read: bool,
}

impl Session {
    pub fn labels(&self) -> Labels {
        self.tuning.now().labels
    }

    /// What a person said of a photo.
    pub fn verdict(&self, category: CategoryId, photo: PhotoId) -> Option<Verdict> {
        self.tuning.now().verdicts.get(category, self.library.fingerprint(photo))
    }

    /// How many times yes and how many times no was said, of photos that are open or not.
    pub fn verdict_counts(&self, category: CategoryId) -> (usize, usize) {
        self.tuning.now().verdicts.counts(category)
    }

    /// Commands that change categories and verdicts, all of which can be undone.
    pub(super) fn edit(&mut self, command: Command) {
        match command {
            Command::AddCategory(name) => self.add_category(&name),
            Command::RemoveCategory(id) => self.remove_category(id),
            Command::DuplicateCategory(id) => self.duplicate_category(id),
            Command::SetLabels(labels) => self.change(None, |tuning| tuning.labels = labels),
            Command::Judge { category, photos, verdict } => self.judge(category, &photos, verdict),
            Command::MoveCategory(id, place) => self.change(None, |Tuning { categories, .. }| {
                if let Some(from) = categories.iter().position(|category| category.id == id) {
                    let category = categories.remove(from);
                    categories.insert(place.min(categories.len()), category);
                }
            }),
            Command::SetCategories(categories) => self.replace_categories(categories, None),
            Command::Adopt(category) => self.change_category(None, category.id, |now| *now = *category),
            Command::AdoptKeywords(category) => self.adopt_keywords(category),
            Command::EndEdit => self.tuning.end_step(),
            Command::Undo => {
                self.tuning.undo();
                self.tuning_changed();
            }
            Command::Redo => {
                self.tuning.redo();
                self.tuning_changed();
            }
            about_one => self.edit_category(about_one),
        }
    }

    /// A line that is added or removed changes their number, and so starts a step of undo.
    fn edit_category(&mut self, command: Command) {
        match command {
            Command::RenameCategory(id, name) => self.change_category(Some(Field::Name(id)), id, |c| c.name = name),
            Command::SetSynonyms(id, names) => {
                self.change_category(Some(Field::Synonyms(id, names.len())), id, |c| c.synonyms = names);
            }
            Command::SetTemplates(id, set) => self.change_category(None, id, |c| c.templates = set),
            Command::SetPrompts(id, prompts) => {
                self.change_category(Some(Field::Prompts(id, prompts.len())), id, |c| c.prompts = prompts);
            }
            Command::SetNegatives(id, negatives) => {
                self.change_category(Some(Field::Negatives(id, negatives.len())), id, |c| c.negatives = negatives);
            }
            Command::SetExclusions(id, texts) => {
                self.change_category(Some(Field::Exclusions(id, texts.len())), id, |c| c.exclusions = texts);
            }
            Command::SetCutoff(id, cutoff) => {
                self.change_category(Some(Field::Cutoff(id)), id, |c| c.cutoff = cutoff);
            }
            Command::SetGroup(id, group) => self.change_category(Some(Field::Group(id)), id, |c| c.group = group),
            other => unreachable!("{other:?} is not an edit; `apply` handles it"),
        }
    }

    pub(super) fn change_category(&mut self, field: Option<Field>, id: CategoryId, change: impl FnOnce(&mut Category)) {
        self.change(field, |tuning| {
            if let Some(category) = tuning.categories.iter_mut().find(|category| category.id == id) {
                change(category);
            }
        });
    }

    pub(super) fn change(&mut self, field: Option<Field>, change: impl FnOnce(&mut Tuning)) {
        let mut next = self.tuning.now().clone();
        change(&mut next);
        self.tuning.edit(field, next);
        self.tuning_changed();
    }

    pub(super) fn tuning_changed(&mut self) {
        self.written.take();
        self.evaluations.forget();
        self.descriptions.forget_adoptable();
        self.selected = self.selected.filter(|id| self.category(*id).is_some());
        self.refresh_scores();
        // A cut-off, a name or the list's order changes the groups even where no score does.
        self.forget_order();
    }

    /// A new category takes the cut-off that suits it, and whatever was said under its name before.
    pub(super) fn add(&mut self, category: Category) {
        let (id, answers) = (category.id, self.archive.get(&category.name));
        self.change(None, |tuning| {
            tuning.categories.push(category);
            answers.into_iter().for_each(|answers| tuning.verdicts.put(id, answers));
        });
        self.select(Some(id));
    }

    pub(super) fn new_id(&mut self) -> CategoryId {
        self.next_category += 1;
        CategoryId(self.next_category - 1)
    }

    fn add_category(&mut self, name: &str) {
        let id = self.new_id();
        self.add(Category { cutoff: Cutoff::Auto, ..Category::named(id, name) });
    }

    fn remove_category(&mut self, id: CategoryId) {
        self.archive_category(id);
        self.change(None, |tuning| tuning.categories.retain(|category| category.id != id));
    }

    fn duplicate_category(&mut self, id: CategoryId) {
        let Some(original) = self.category(id).cloned() else { return };
        let copy = self.new_id();
        let name = free_name(&original.name, self.categories());
        self.change(None, |tuning| {
            let place = tuning.categories.iter().position(|category| category.id == id).map_or(0, |place| place + 1);
            tuning.categories.insert(place, Category { id: copy, name, ..original });
            let answers = tuning.verdicts.of(id).cloned();
            answers.into_iter().for_each(|answers| tuning.verdicts.put(copy, answers));
        });
        self.select(Some(copy));
    }

    /// Verdicts go by name from the old categories to the new ones.
    pub(super) fn replace_categories(&mut self, categories: Vec<Category>, labels: Option<Labels>) {
        self.categories().iter().map(|category| category.id).collect::<Vec<_>>().into_iter().for_each(|id| {
            self.archive_category(id);
        });
        let renumbered: Vec<Category> =
            categories.into_iter().map(|category| Category { id: self.new_id(), ..category }).collect();
        let answers: Vec<_> =
            renumbered.iter().filter_map(|category| Some((category.id, self.archive.get(&category.name)?))).collect();
        self.change(None, |tuning| {
            tuning.categories = renumbered;
            tuning.labels = labels.unwrap_or(tuning.labels);
            answers.into_iter().for_each(|(id, answers)| tuning.verdicts.put(id, answers));
        });
    }

    /// Adds those whose name is not there yet, with whatever was said under it; returns whether there were any.
    pub(super) fn add_categories(&mut self, categories: Vec<Category>) -> bool {
        let known: BTreeSet<String> =
            self.categories().iter().map(|category| category.name.trim().to_owned()).collect();
        let new = categories.into_iter().filter(|category| !known.contains(category.name.trim()));
        let new: Vec<Category> = new.map(|category| Category { id: self.new_id(), ..category }).collect();
        let answers: Vec<_> =
            new.iter().filter_map(|category| Some((category.id, self.archive.get(&category.name)?))).collect();
        let has_new = !new.is_empty();
        self.change(None, |tuning| {
            tuning.categories.extend(new);
            answers.into_iter().for_each(|(id, answers)| tuning.verdicts.put(id, answers));
        });
        has_new
    }

    pub(super) fn judge(&mut self, category: CategoryId, photos: &[PhotoId], verdict: Option<Verdict>) {
        let names: Vec<Fingerprint> = self.open_names(photos);
        self.change(None, |tuning| {
            names.iter().for_each(|name| tuning.verdicts.set(category, *name, verdict));
        });
    }

    fn archive_category(&mut self, id: CategoryId) {
        let name = self.category(id).map(|category| category.name.clone());
        if let (Some(name), Some(answers)) = (name, self.tuning.now().verdicts.of(id)) {
            self.archive.put(&name, answers.clone());
        }
    }

    /// What the store holds. What a person said meanwhile stands.
    pub(super) fn absorb_verdicts(&mut self, written: Written) {
        self.archive.is_read = true;
        let mut by_name: BTreeMap<String, Answers> = BTreeMap::new();
        for (name, photo, verdict) in written {
            by_name.entry(name).or_default().insert(photo, verdict);
        }
        let ids: Vec<(String, CategoryId)> =
            self.categories().iter().map(|category| (category.name.clone(), category.id)).collect();
        for (name, id) in ids {
            let Some(stored) = by_name.remove(&name) else { continue };
            self.tuning.rewrite(|tuning| {
                let said = tuning.verdicts.of(id).map(|answers| answers.as_ref().clone()).unwrap_or_default();
                let mut answers = stored.clone();
                answers.extend(said);
                tuning.verdicts.put(id, Arc::new(answers));
            });
        }
        by_name.into_iter().for_each(|(name, answers)| self.archive.put(&name, Arc::new(answers)));
        self.tuning_changed();
    }

    /// Everything that was ever said, to be in the store; `None` until what is there is known.
    pub(super) fn written_verdicts(&self) -> Option<Arc<Written>> {
        self.archive.is_read.then(|| self.written.get_or_init(|| Arc::new(self.write_verdicts())).clone())
    }

    fn write_verdicts(&self) -> Written {
        let Tuning { categories, verdicts, .. } = self.tuning.now();
        let mut all: BTreeMap<&str, &Answers> =
            self.archive.by_name.iter().map(|(name, answers)| (name.as_str(), answers.as_ref())).collect();
        for category in categories {
            let name = category.name.trim();
            // What was archived under the name of a category of now is older than what the category says.
            all.remove(name);
            verdicts.of(category.id).into_iter().for_each(|answers| _ = all.insert(name, answers));
        }
        let lines = all
            .iter()
            .flat_map(|(name, answers)| answers.iter().map(|(photo, verdict)| ((*name).to_owned(), *photo, *verdict)));
        lines.collect()
    }
}

impl Archive {
    /// They stay here too, so that undoing the new category loses nothing.
    fn get(&self, name: &str) -> Option<Arc<Answers>> {
        self.by_name.get(name.trim()).cloned()
    }

    fn put(&mut self, name: &str, answers: Arc<Answers>) {
        self.by_name.insert(name.trim().to_owned(), answers);
    }
}

/// "dog 2" where there is a "dog" already.
fn free_name(name: &str, categories: &[Category]) -> String {
    let is_free = |name: &String| categories.iter().all(|category| category.name != *name);
    (2..).map(|number| format!("{name} {number}")).find(is_free).unwrap_or_else(|| name.to_owned())
}
