//! What events change.

use super::Session;
use super::scoreboard::Sought;
use super::tuning::Tuning;
use crate::catalog::{Cutoff, Fingerprint, FoundFile, Look};
use crate::engine::event::{Event, Problem};
use crate::engine::wish::Visit;

impl Session {
    /// Takes in what a thread reports. Order does not matter, but a model's card comes before its results.
    pub fn absorb(&mut self, event: Event) {
        if !is_about_looks(&event) {
            self.missing.take();
        }
        match event {
            Event::Found { .. } | Event::Problems { .. } | Event::Visited(_) | Event::Checked(_) | Event::Gone(_) => {
                self.absorb_visit(event);
            }
            Event::Looks(looks) => self.absorb_looks(looks),
            Event::Decoded(looks) => {
                self.decoded += looks.len();
                self.absorb_looks(looks);
            }
            Event::Thumbnail(name, picture) => self.pictures.thumbnails.put(name, picture),
            Event::Sketch(name, look, picture) => {
                self.absorb_looks(vec![(name, look)]);
                self.pictures.thumbnails.put_sketch(name, picture);
            }
            Event::Large(name, picture) => self.pictures.large.put(name, picture),
            Event::Full(name, picture) => self.pictures.full.put(name, picture),
            Event::Unreadable(reasons) => self.absorb_unreadable(&reasons),
            Event::Stored { model, embeddings } => _ = self.absorb_embeddings(&model, &embeddings),
            Event::Encoded { model, embeddings } => self.encoded += self.absorb_embeddings(&model, &embeddings),
            Event::NotEncoded { model, reasons } => self.absorb_not_encoded(&model, &reasons),
            Event::ModelReady { request, card } => self.absorb_ready(&request, card),
            Event::ModelFailed { request, reason } => self.absorb_failed(&request, reason),
            Event::Texts { model, texts } => self.absorb_texts(&model, texts),
            Event::Patches { model, photo, outcome } => self.absorb_patches(&model, photo, outcome),
            Event::Example { path, outcome } => self.absorb_example(&path, &outcome),
            Event::Alike { question, sets } => self.absorb_alike(&question, sets),
            Event::KeptSets(kept) => self.absorb_kept_sets(kept),
            Event::SetTaskDone { number, outcome } => self.absorb_set_task(number, outcome),
            Event::Jobs(entries) => self.absorb_jobs(entries),
            Event::JobProgress { number, done, of } => self.absorb_job_progress(number, done, of),
            Event::JobAnswered { number, answer } => self.absorb_job_answer(number, answer),
            Event::SameContents(renamed) => self.absorb_same_contents(&renamed),
            Event::Verdicts(written) => self.absorb_verdicts(written),
            Event::Metadata { reading, photos } => self.absorb_metadata(reading, photos),
            Event::Kept { number, kept } => self.absorb_kept(number, kept),
            Event::Power(power) => self.absorb_power(power),
            Event::Notice(text) => self.notice(text),
            about_models => self.absorb_models(about_models),
        }
        self.settle_switch();
        self.settle_lessons();
        self.settle_alike();
        self.settle_review();
    }

    fn absorb_visit(&mut self, event: Event) {
        match event {
            Event::Found { visit, photos } => self.absorb_found(&visit, photos),
            Event::Problems { visit, problems } => {
                if let Some(root) = self.root(&visit) {
                    // A check meets again what the visit has met.
                    let new = |problem: &Problem| !root.problems.contains(problem);
                    let new: Vec<Problem> = problems.into_iter().filter(new).collect();
                    root.problems.extend(new);
                }
            }
            Event::Visited(visit) => {
                if let Some(root) = self.root(&visit) {
                    root.is_visited = true;
                }
                self.forget_counts();
            }
            Event::Checked(visit) => self.root(&visit).into_iter().for_each(|root| root.is_checked = true),
            Event::Gone(visit) if self.root(&visit).is_some() => {
                let activity = self.activity;
                self.visit_anew();
                self.activity = activity;
            }
            Event::Gone(_) => {}
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
        let sought = Sought { words: &self.find, similar: self.similar.as_ref() };
        if self.scoreboard.refresh(self.tuning.now(), sought, &self.library, self.library.vectors()) {
            self.forget_order();
        }
        self.refresh_next_scores();
    }

    /// Looks at the photos as a whole anew when that is due.
    pub(super) fn settle_lessons(&mut self) {
        let Tuning { categories, verdicts, .. } = self.tuning.now();
        if verdicts.is_empty() && categories.iter().all(|category| category.cutoff != Cutoff::Auto) {
            return;
        }
        let counts = self.counts();
        let is_settled = !counts.is_scanning && counts.waiting() == 0;
        if self.scoreboard.sample(&self.library, self.library.vectors(), counts.embedded, is_settled) {
            self.refresh_scores();
            self.forget_order();
        }
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

/// Whether an event only adds to what is seen of photos, as most do while a library opens.
fn is_about_looks(event: &Event) -> bool {
    matches!(
        event,
        Event::Looks(_)
            | Event::Thumbnail(..)
            | Event::Sketch(..)
            | Event::Large(..)
            | Event::Full(..)
            | Event::Metadata { .. }
    )
}
