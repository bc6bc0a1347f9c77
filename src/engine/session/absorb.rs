//! What events change.

use super::Session;
use crate::catalog::{Fingerprint, FoundFile, Look};
use crate::engine::event::Event;
use crate::engine::wish::Visit;

impl Session {
    /// Takes in what a thread reports. Order does not matter, but a model's card comes before its results.
    pub fn absorb(&mut self, event: Event) {
        match event {
            Event::Found { .. } | Event::Problems { .. } | Event::Visited(_) => self.absorb_visit(event),
            Event::Looks(looks) => self.absorb_looks(looks),
            Event::Decoded(looks) => {
                self.decoded += looks.len();
                self.absorb_looks(looks);
            }
            Event::Thumbnail(name, picture) => self.pictures.thumbnails.put(name, picture),
            Event::Large(name, picture) => self.pictures.large.put(name, picture),
            Event::Full(name, picture) => self.pictures.full.put(name, picture),
            Event::Unreadable(reasons) => self.absorb_unreadable(&reasons),
            Event::Stored { model, embeddings } => _ = self.absorb_embeddings(&model, &embeddings),
            Event::Encoded { model, embeddings } => self.encoded += self.absorb_embeddings(&model, &embeddings),
            Event::NotEncoded { model, reasons } => self.absorb_not_encoded(&model, &reasons),
            Event::ModelReady { request, card } => self.absorb_ready(&request, card),
            Event::ModelFailed { request, reason } => self.absorb_failed(&request, reason),
            Event::Texts { model, texts } => self.absorb_texts(&model, texts),
            Event::Notice(text) => self.notice(text),
            about_models => self.absorb_models(about_models),
        }
        self.settle_switch();
    }

    fn absorb_visit(&mut self, event: Event) {
        match event {
            Event::Found { visit, photos } => self.absorb_found(&visit, photos),
            Event::Problems { visit, problems } => {
                if let Some(root) = self.root(&visit) {
                    root.problems.extend(problems);
                }
            }
            Event::Visited(visit) => {
                if let Some(root) = self.root(&visit) {
                    root.is_visited = true;
                }
                self.forget_counts();
            }
            other => unreachable!("{other:?} is not of a visit; `absorb` handles it"),
        }
    }

    pub(super) fn notice(&mut self, text: String) {
        if !self.notices.contains(&text) {
            self.notices.push(text);
        }
    }

    /// Brings scores in line with categories and search.
    pub(super) fn refresh_scores(&mut self) {
        if self.scoreboard.refresh(self.categories.now(), &self.find, self.library.vectors()) {
            self.forget_order();
        }
        self.refresh_next_scores();
    }

    fn absorb_found(&mut self, visit: &Visit, photos: Vec<(FoundFile, Fingerprint)>) {
        if self.root(visit).is_some() {
            self.library.add(photos);
            self.scoreboard.forget_histograms();
            self.forget_files();
        }
    }

    fn absorb_looks(&mut self, looks: Vec<(Fingerprint, Look)>) {
        looks.into_iter().for_each(|(name, look)| self.library.set_look(name, look));
    }

    /// The open folder that a visit belongs to; `None` for a visit to a folder that was closed since.
    fn root(&mut self, visit: &Visit) -> Option<&mut super::Root> {
        self.roots.iter_mut().find(|root| root.visit == *visit)
    }
}
