//! What a person does with the workbench beside editing: asks, looks for what is alike, has a category examined.

use super::Session;
use crate::catalog::PhotoId;
use crate::engine::command::Command;

impl Session {
    /// The photos that keys act on: those selected, else the one in focus.
    pub fn acting_on(&self) -> Vec<PhotoId> {
        if self.selection.is_empty() {
            self.focus.into_iter().collect()
        } else {
            self.selection.iter().copied().collect()
        }
    }

    pub fn is_selected(&self, photo: PhotoId) -> bool {
        self.selection.contains(&photo)
    }

    /// The photos that are selected, besides the one in focus.
    pub fn selection(&self) -> impl ExactSizeIterator<Item = PhotoId> + '_ {
        self.selection.iter().copied()
    }

    pub(super) fn apply_to_workbench(&mut self, command: Command) {
        match command {
            Command::Review(category) => self.start_review(category),
            Command::SkipQuestion => self.skip_question(),
            Command::AnswerQuestion(verdict) => self.answer_question(verdict),
            Command::Explain(photo) => self.explain(photo),
            Command::Examine(category) => self.examine(category),
            Command::FindSimilar(photos) => self.find_similar(&photos),
            Command::FindSimilarTo(files) => self.find_similar_to(files),
            Command::SetWordShare(share) => self.set_word_share(share),
            Command::AddFolderCategories => self.add_folder_categories(),
            other => unreachable!("{other:?} is not of the workbench; `apply` handles it"),
        }
    }
}
