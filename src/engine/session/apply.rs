//! What commands change.

use std::path::PathBuf;

use super::Session;
use super::pictures::{Pictures, Shelf};
use crate::catalog::{Category, CategoryId, Cutoff, Fingerprint, Order, PhotoId};
use crate::engine::command::Command;
use crate::engine::saved::Appearance;

const RECENT: usize = 12;

impl Session {
    /// Does what a person asked for. A command about something that is gone changes nothing.
    pub fn apply(&mut self, command: Command) {
        self.missing.take();
        match command {
            Command::Open(roots) => self.open(roots),
            Command::Refresh => self.visit_anew(),
            Command::RetryUnreadable => self.retry_unreadable(),
            Command::SelectCategory(id) => self.select(id),
            Command::SetOrder(order) => self.set_order(order),
            Command::SetFilter(filter) => self.set_filter(filter),
            Command::Find(text) => self.set_find(text),
            Command::KeepFind => self.keep_find(),
            Command::Focus(photo) => self.focus = photo,
            Command::Select(photos) => self.selection = photos.into_iter().collect(),
            Command::ShowThumbnails(_) | Command::ShowLarge(_) | Command::ShowFull(_) => self.want_pictures(command),
            Command::SetThumbnailHeight(height) => self.thumbnail_height = height,
            Command::PlaceWindow(place) => self.window = Some(place),
            Command::SetLanguage(choice) => self.language = choice,
            Command::SetAppearance(choice) => self.appearance = choice,
            Command::DismissNotice(place) => self.dismiss(place),
            Command::ForgetRecent => self.recent.clear(),
            Command::ShowCrashReport => self.show_report(),
            Command::DismissCrashReport => self.dismiss_report(),
            other => self.apply_to_part(other),
        }
        self.settle_switch();
        // A first verdict, when everything is there already, is learned from at once.
        self.settle_lessons();
        self.settle_review();
    }

    pub fn appearance(&self) -> Appearance {
        self.appearance
    }

    fn retry_unreadable(&mut self) {
        self.library.retry_unreadable();
        self.retry_next_failures();
        self.forget_metadata(|session, photo| session.metadata_trouble(photo).is_some());
        self.forget_counts();
    }

    /// Commands that a part of the session has a file for.
    fn apply_to_part(&mut self, command: Command) {
        match command {
            about_models @ (Command::UseModel(_)
            | Command::KeepModel
            | Command::UseDevice(_)
            | Command::UsePrecision(_)
            | Command::Download(_)
            | Command::PauseDownload(_)
            | Command::CancelDownload(_)
            | Command::AddModel(_)
            | Command::RemoveModel(_)
            | Command::DismissRecommendation) => self.apply_to_models(about_models),
            about_politeness @ (Command::Pause
            | Command::Resume
            | Command::Stop
            | Command::UseCores(_)
            | Command::PauseOnBattery(_)) => self.apply_to_politeness(about_politeness),
            about_keeping @ (Command::MeasureKept | Command::ShowDataFolder | Command::ForgetEverything) => {
                self.apply_to_keeping(about_keeping);
            }
            about_workbench @ (Command::Review(_)
            | Command::SkipQuestion
            | Command::AnswerQuestion(_)
            | Command::Explain(_)
            | Command::Examine(_)
            | Command::FindSimilar(_)
            | Command::FindSimilarTo(_)
            | Command::SetWordShare(_)
            | Command::AddFolderCategories) => self.apply_to_workbench(about_workbench),
            about_sets @ (Command::SaveSet(_)
            | Command::LoadSet { .. }
            | Command::DuplicateSet(_)
            | Command::RemoveSet(_)
            | Command::ExportSet(_)) => self.apply_to_sets(about_sets),
            about_jobs @ (Command::PlanTagging { .. }
            | Command::PlanUntagging(_)
            | Command::PlanPlacing { .. }
            | Command::PlanTrash
            | Command::RunJob
            | Command::StopJob
            | Command::CloseJob
            | Command::UndoJob(_)
            | Command::KeepJob(_)
            | Command::ShowDiff(_)
            | Command::WriteTable { .. }
            | Command::Reveal(_)
            | Command::OpenWith(_)) => self.apply_to_jobs(about_jobs),
            edit => self.edit(edit),
        }
    }

    fn want_pictures(&mut self, command: Command) {
        let (photos, shelf): (Vec<PhotoId>, fn(&mut Pictures) -> &mut Shelf) = match command {
            Command::ShowThumbnails(photos) => (photos, |pictures| &mut pictures.thumbnails),
            Command::ShowLarge(photos) => (photos, |pictures| &mut pictures.large),
            Command::ShowFull(photo) => (photo.into_iter().collect(), |pictures| &mut pictures.full),
            other => unreachable!("{other:?} is about no pictures; `apply` handles it"),
        };
        let wanted = self.with_names(photos);
        shelf(&mut self.pictures).want(wanted);
    }

    fn open(&mut self, roots: Vec<PathBuf>) {
        self.recent.retain(|recent| !roots.contains(recent));
        self.recent.splice(0..0, roots.iter().cloned());
        self.recent.truncate(RECENT);
        self.visit(roots);
        self.scoreboard.forget_histograms();
    }

    pub(super) fn select(&mut self, id: Option<CategoryId>) {
        self.selected = id.filter(|id| self.category(*id).is_some());
        self.tuning.end_step();
        if self.order == Order::Ranked {
            self.forget_order();
        }
    }

    fn set_order(&mut self, order: Order) {
        self.order = order;
        self.forget_order();
        self.settle_alike();
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
            let prompts = vec![text.as_str().into()];
            self.add(Category { prompts, cutoff: Cutoff::Auto, ..Category::named(id, &text) });
        }
    }

    /// A notice that is gone already may be dismissed again.
    fn dismiss(&mut self, notice: usize) {
        if notice < self.notices.len() {
            self.notices.remove(notice);
        }
    }

    pub(super) fn open_names(&self, photos: &[PhotoId]) -> Vec<Fingerprint> {
        self.with_names(photos.to_vec()).into_iter().map(|(_, name)| name).collect()
    }

    pub(super) fn with_names(&self, photos: Vec<PhotoId>) -> Vec<(PhotoId, Fingerprint)> {
        let open = photos.into_iter().filter(|id| (id.0 as usize) < self.library.len());
        open.map(|id| (id, self.library.fingerprint(id))).collect()
    }
}
