//! What commands change.

use std::path::PathBuf;

use super::{Activity, Field, Session};
use crate::catalog::{Category, CategoryId, Fingerprint, Order, PhotoId};
use crate::engine::command::Command;

const RECENT: usize = 12;

impl Session {
    /// Does what a person asked for. A command about something that is gone changes nothing.
    pub fn apply(&mut self, command: Command) {
        match command {
            Command::Open(roots) => self.open(roots),
            Command::Refresh => self.visit(self.roots.iter().map(|root| root.visit.root.to_path_buf()).collect()),
            Command::RetryUnreadable => {
                self.library.retry_unreadable();
                self.retry_next_failures();
                self.forget_counts();
            }
            Command::Pause => self.activity = Activity::Paused,
            Command::Resume => self.activity = Activity::Running,
            Command::Stop => self.activity = Activity::Stopped,
            Command::SelectCategory(id) => self.select(id),
            Command::SetOrder(order) => {
                self.order = order;
                self.forget_order();
            }
            Command::Find(text) => self.set_find(text),
            Command::KeepFind => self.keep_find(),
            Command::Focus(photo) => self.focus = photo,
            Command::ShowThumbnails(photos) => {
                let wanted = self.with_names(photos);
                self.pictures.thumbnails.want(wanted);
            }
            Command::ShowLarge(photos) => {
                let wanted = self.with_names(photos);
                self.pictures.large.want(wanted);
            }
            Command::ShowFull(photo) => {
                let wanted = self.with_names(photo.into_iter().collect());
                self.pictures.full.want(wanted);
            }
            Command::SetThumbnailHeight(height) => self.thumbnail_height = height,
            Command::PlaceWindow(place) => self.window = Some(place),
            Command::DismissNotice(place) => self.dismiss(place),
            Command::ForgetRecent => self.recent.clear(),
            about_models @ (Command::UseModel(_)
            | Command::KeepModel
            | Command::UseDevice(_)
            | Command::Download(_)
            | Command::PauseDownload(_)
            | Command::CancelDownload(_)
            | Command::AddModel(_)
            | Command::RemoveModel(_)
            | Command::DismissRecommendation) => self.apply_to_models(about_models),
            edit => self.edit(edit),
        }
        self.settle_switch();
    }

    /// Commands that change categories, all of which can be undone.
    fn edit(&mut self, command: Command) {
        match command {
            Command::AddCategory(name) => self.add_category(&name),
            Command::RemoveCategory(id) => {
                self.change_categories(None, |categories| categories.retain(|category| category.id != id));
            }
            Command::RenameCategory(id, name) => {
                self.change_category(Field::Name(id), id, |category| category.name = name);
            }
            // A prompt that is added or removed changes their number, and so starts a step of undo.
            Command::SetPrompts(id, prompts) => {
                self.change_category(Field::Prompts(id, prompts.len()), id, |category| category.prompts = prompts);
            }
            Command::SetNegatives(id, negatives) => {
                self.change_category(Field::Negatives(id, negatives.len()), id, |c| c.negatives = negatives);
            }
            Command::SetCutoff(id, cutoff) => {
                self.change_category(Field::Cutoff(id), id, |category| category.cutoff = cutoff);
            }
            Command::MoveCategory(id, place) => self.change_categories(None, |categories| {
                if let Some(from) = categories.iter().position(|category| category.id == id) {
                    let category = categories.remove(from);
                    categories.insert(place.min(categories.len()), category);
                }
            }),
            Command::SetCategories(categories) => {
                let renumbered = categories.into_iter().map(|c| Category { id: self.new_id(), ..c }).collect();
                self.change_categories(None, |categories| *categories = renumbered);
            }
            Command::EndEdit => self.categories.end_step(),
            Command::Undo => {
                self.categories.undo();
                self.categories_changed();
            }
            Command::Redo => {
                self.categories.redo();
                self.categories_changed();
            }
            other => unreachable!("{other:?} is not an edit; `apply` handles it"),
        }
    }

    fn open(&mut self, roots: Vec<PathBuf>) {
        self.recent.retain(|recent| !roots.contains(recent));
        self.recent.splice(0..0, roots.iter().cloned());
        self.recent.truncate(RECENT);
        self.visit(roots);
        self.scoreboard.forget_histograms();
    }

    fn select(&mut self, id: Option<CategoryId>) {
        self.selected = id.filter(|id| self.category(*id).is_some());
        self.categories.end_step();
        if self.order == Order::Ranked {
            self.forget_order();
        }
    }

    fn set_find(&mut self, text: String) {
        self.find = text;
        self.refresh_scores();
    }

    /// What was looked for becomes a category described by the same words, so its ranking is the one just seen.
    fn keep_find(&mut self) {
        let text = std::mem::take(&mut self.find).trim().to_owned();
        self.refresh_scores();
        if !text.is_empty() {
            let id = self.new_id();
            let category = Category { prompts: vec![text.clone()], ..Category::named(id, &text) };
            self.change_categories(None, |categories| categories.push(category));
            self.select(Some(id));
        }
    }

    fn add_category(&mut self, name: &str) {
        let id = self.new_id();
        self.change_categories(None, |categories| categories.push(Category::named(id, name)));
        self.select(Some(id));
    }

    fn new_id(&mut self) -> CategoryId {
        self.next_category += 1;
        CategoryId(self.next_category - 1)
    }

    fn change_category(&mut self, field: Field, id: CategoryId, change: impl FnOnce(&mut Category)) {
        self.change_categories(Some(field), |categories| {
            if let Some(category) = categories.iter_mut().find(|category| category.id == id) {
                change(category);
            }
        });
    }

    fn change_categories(&mut self, field: Option<Field>, change: impl FnOnce(&mut Vec<Category>)) {
        let mut next = self.categories.now().clone();
        change(&mut next);
        self.categories.edit(field, next);
        self.categories_changed();
    }

    fn categories_changed(&mut self) {
        self.selected = self.selected.filter(|id| self.category(*id).is_some());
        self.refresh_scores();
        // A cut-off, a name or the list's order changes the groups even where no score does.
        self.forget_order();
    }

    /// A notice that is gone already may be dismissed again.
    fn dismiss(&mut self, notice: usize) {
        if notice < self.notices.len() {
            self.notices.remove(notice);
        }
    }

    fn with_names(&self, photos: Vec<PhotoId>) -> Vec<(PhotoId, Fingerprint)> {
        let open = photos.into_iter().filter(|id| (id.0 as usize) < self.library.len());
        open.map(|id| (id, self.library.fingerprint(id))).collect()
    }
}
