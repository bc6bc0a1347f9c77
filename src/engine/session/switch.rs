//! The change from one model to another: while the new one reads the photos again, the old one goes on sorting them.
//!
//! The new one takes over when it has seen every open photo that the old one has seen, and every prompt: until then the
//! order on screen is whole, and afterwards it is too.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::Session;
use super::models::Switch;
use super::scoreboard::{Scoreboard, Sought};
use crate::catalog::{Category, CategoryId, Column, ContentId, ContentState, Cutoff, Embedding, Fingerprint, Vectors};
use crate::clip::{ModelCard, ModelId};
use crate::engine::choice::{ModelChoice, ModelRequest};
use crate::engine::wish::Model;

/// The model that is to take over, and what it has made so far.
pub(super) struct Next {
    pub request: ModelRequest,
    model: Model,
    vectors: Vectors,
    failures: HashMap<ContentId, Arc<str>>,
    scoreboard: Scoreboard,
    /// Photos seen, of those to be seen.
    seen: OnceCell<(usize, usize)>,
}

/// Which cut-off of one model means the same as which of another: (from, to, category, bits of the cut-off).
pub(super) type Translations = HashMap<(ModelId, ModelId, CategoryId, u32), f32>;

/// Whose results these are.
enum Side {
    InUse,
    Next,
    /// A model that was given up meanwhile.
    Neither,
}

impl Session {
    /// A change of the model that is under way.
    pub fn switch(&self) -> Option<Switch<'_>> {
        let next = self.next.as_ref()?;
        let (done, of) = self.seen_by(next);
        Some(Switch { to: &next.request, model: &next.model, done, of })
    }

    /// The model and device that are to sort the photos, now or soon.
    pub fn wanted_request(&self) -> &ModelRequest {
        self.next.as_ref().map_or(&self.request, |next| &next.request)
    }

    pub(super) fn request_model(&mut self, request: ModelRequest) {
        self.chosen = Some(request.clone());
        if self.next.as_ref().is_some_and(|next| next.request == request) {
            return;
        }
        self.next = None;
        if request == self.request && !matches!(self.model, Model::Failed(_)) {
            return;
        }
        if matches!(self.model, Model::Ready(_)) {
            self.next = Some(Next::new(request));
            self.refresh_scores();
        } else {
            self.request = request;
            self.model = Model::Loading;
        }
    }

    pub(super) fn abandon_switch(&mut self) {
        self.next = None;
        self.chosen = Some(self.request.clone());
    }

    pub(super) fn absorb_ready(&mut self, request: &ModelRequest, card: Arc<ModelCard>) {
        if *request == self.request {
            self.model = Model::Ready(card);
        } else if let Some(next) = self.next.as_mut().filter(|next| next.request == *request) {
            // The same model on another device: what is there stays right.
            let is_same = self.model.card().is_some_and(|in_use| in_use.id == card.id);
            if is_same {
                self.request = next.request.clone();
                self.model = Model::Ready(card);
                self.next = None;
            } else {
                next.model = Model::Ready(card);
            }
        }
    }

    /// Without the model that was remembered, the one that came with the program sorts; the choice stands for the next start. A model
    /// that was named on the command line is not replaced behind anybody's back.
    pub(super) fn absorb_failed(&mut self, request: &ModelRequest, reason: String) {
        if self.next.as_ref().is_some_and(|next| next.request == *request) {
            self.abandon_switch();
            self.notice(format!("{reason}. The photos stay sorted as they were."));
        } else if *request == self.request {
            let is_replaceable = self.remembers && !self.is_model_named && request.choice != ModelChoice::Starter;
            if is_replaceable {
                self.notice(format!("{reason}. The model that came with Tagroll sorts instead."));
                self.request = ModelRequest { choice: ModelChoice::Starter, ..request.clone() };
            } else {
                self.model = Model::Failed(reason.into());
            }
        }
    }

    pub(super) fn absorb_embeddings(&mut self, model: &ModelId, embeddings: &[(Fingerprint, Embedding)]) -> usize {
        match self.side(model) {
            Side::InUse => {
                let place = |(name, embedding): &(Fingerprint, Embedding)| self.library.set_embedding(*name, embedding);
                let contents: Vec<_> = embeddings.iter().map(place).collect();
                self.scoreboard.update(&contents, self.library.vectors());
                self.forget_counts();
            }
            Side::Next => {
                let Some(next) = &mut self.next else { return 0 };
                let library = &mut self.library;
                let place = |(name, embedding): &(Fingerprint, Embedding)| {
                    let content = library.content_of(*name);
                    next.vectors.set(content.row(), embedding).then_some(content)
                };
                let contents: Vec<_> = embeddings.iter().filter_map(place).collect();
                next.scoreboard.update(&contents, &next.vectors);
                next.seen.take();
            }
            Side::Neither => return 0,
        }
        if self.are_referred_to(embeddings) {
            self.refresh_scores();
        }
        embeddings.len()
    }

    /// Whether any of the photos teaches a category, or is an example of what is looked for.
    fn are_referred_to(&self, embeddings: &[(Fingerprint, Embedding)]) -> bool {
        let verdicts = &self.tuning.now().verdicts;
        let has_example_files = self.similar.as_ref().is_some_and(|similar| !similar.files.is_empty());
        has_example_files || !verdicts.is_empty() && embeddings.iter().any(|(name, _)| verdicts.mention(*name))
    }

    pub(super) fn absorb_texts(&mut self, model: &ModelId, texts: Vec<(String, Result<Embedding, String>)>) {
        match self.side(model) {
            Side::InUse => self.scoreboard.put_texts(texts),
            Side::Next => self.next.iter_mut().for_each(|next| next.scoreboard.put_texts(texts.clone())),
            Side::Neither => {}
        }
        self.refresh_scores();
    }

    /// Photos that cannot be read, by any model.
    pub(super) fn absorb_unreadable(&mut self, reasons: &[(Fingerprint, String)]) {
        reasons.iter().for_each(|(name, reason)| self.library.set_unreadable(*name, reason));
        self.fail_next(reasons);
        self.forget_counts();
    }

    pub(super) fn absorb_not_encoded(&mut self, model: &ModelId, reasons: &[(Fingerprint, String)]) {
        match self.side(model) {
            Side::InUse => reasons.iter().for_each(|(name, reason)| self.library.set_unreadable(*name, reason)),
            Side::Next => self.fail_next(reasons),
            Side::Neither => {}
        }
        self.forget_counts();
    }

    /// Lets the new model take over once it has seen everything.
    pub(super) fn settle_switch(&mut self) {
        let is_whole = self.next.as_ref().is_some_and(|next| {
            let (done, of) = self.seen_by(next);
            matches!(next.model, Model::Ready(_)) && done == of && self.next_texts().is_empty()
        });
        let Some(mut next) = self.next.take_if(|_| is_whole) else { return };
        next.scoreboard.sample(&self.library, &next.vectors, next.vectors.rows(), true);
        next.scoreboard.level(&next.vectors, usize::MAX);
        let sought = Sought { words: &self.find, similar: self.similar.as_ref() };
        next.scoreboard.refresh(self.tuning.now(), sought, &self.library, &next.vectors);
        self.translate_cutoffs(&next);
        self.library.replace_vectors(next.vectors, &next.failures);
        self.scoreboard = next.scoreboard;
        self.request = next.request;
        self.model = next.model;
        self.forget_counts();
    }

    /// The model that photos are encoded with now.
    pub(super) fn encoding_model(&self) -> &Model {
        self.next.as_ref().map_or(&self.model, |next| &next.model)
    }

    /// Whether the model that photos are encoded with has still to see a content.
    pub(super) fn is_waiting(&self, content: ContentId) -> bool {
        let state = self.library.state_of(content);
        match &self.next {
            Some(next) => !matches!(state, ContentState::Unreadable(_)) && !next.has_seen(content),
            None => *state == ContentState::Waiting,
        }
    }

    pub(super) fn next_texts(&self) -> Vec<String> {
        let missing = |next: &Next| next.scoreboard.missing_texts(self.categories(), &self.find, &[]);
        self.next.as_ref().map_or_else(Vec::new, missing)
    }

    pub(super) fn refresh_next_scores(&mut self) {
        if let Some(next) = &mut self.next {
            let sought = Sought { words: &self.find, similar: self.similar.as_ref() };
            next.scoreboard.refresh(self.tuning.now(), sought, &self.library, &next.vectors);
        }
    }

    /// For when photos came, went or changed their state.
    pub(super) fn forget_seen(&mut self) {
        self.next.iter_mut().for_each(|next| _ = next.seen.take());
    }

    pub(super) fn retry_next_failures(&mut self) {
        self.next.iter_mut().for_each(|next| next.failures.clear());
    }

    fn fail_next(&mut self, reasons: &[(Fingerprint, String)]) {
        let Some(next) = &mut self.next else { return };
        for (name, reason) in reasons {
            next.failures.insert(self.library.content_of(*name), reason.as_str().into());
        }
        next.seen.take();
    }

    fn side(&self, model: &ModelId) -> Side {
        let is = |of: &Model| of.card().is_some_and(|card| card.id == *model);
        match &self.next {
            _ if is(&self.model) => Side::InUse,
            Some(next) if is(&next.model) => Side::Next,
            _ => Side::Neither,
        }
    }

    /// Only what the old model has seen counts: nothing on screen must get worse, and the rest can come later.
    fn seen_by(&self, next: &Next) -> (usize, usize) {
        *next.seen.get_or_init(|| {
            let contents = self.library.folder_order().iter().map(|id| self.library.photo(*id).content);
            let sorted = contents.filter(|content| *self.library.state_of(*content) == ContentState::Embedded);
            sorted.fold((0, 0), |(done, of), content| (done + usize::from(next.has_seen(content)), of + 1))
        })
    }

    /// A cut-off is a cosine, and each model has its own range of those: the new one lets in as many photos as the old.
    /// Changing back brings the old number back.
    fn translate_cutoffs(&mut self, next: &Next) {
        let (Some(from), Some(to)) = (self.model.card(), next.model.card()) else { return };
        let (from, to) = (from.id.clone(), to.id.clone());
        let Session { tuning, translations, scoreboard, library, .. } = self;
        let rows: Vec<usize> = library.folder_order().iter().map(|id| library.photo(*id).content.row()).collect();
        let mut translate = |category: &mut Category| {
            let Cutoff::At(cutoff) = category.cutoff else { return };
            let key = (from.clone(), to.clone(), category.id, cutoff.to_bits());
            let known = translations.get(&key).copied();
            let Some(translated) = known.or_else(|| {
                equivalent(cutoff, scoreboard.column(category.id)?, next.scoreboard.column(category.id)?, &rows)
            }) else {
                return;
            };
            translations.insert(key, translated);
            translations.insert((to.clone(), from.clone(), category.id, translated.to_bits()), cutoff);
            category.cutoff = Cutoff::At(translated);
        };
        tuning.rewrite(|tuning| tuning.categories.iter_mut().for_each(&mut translate));
    }
}

impl Next {
    fn new(request: ModelRequest) -> Next {
        Next {
            request,
            model: Model::Loading,
            vectors: Vectors::default(),
            failures: HashMap::new(),
            scoreboard: Scoreboard::default(),
            seen: OnceCell::new(),
        }
    }

    fn has_seen(&self, content: ContentId) -> bool {
        self.vectors.has(content.row()) || self.failures.contains_key(&content)
    }
}

/// The cut-off in `new` that as many of the rows reach as reach `cutoff` in `old`; `None` where there are none.
fn equivalent(cutoff: f32, old: &Column, new: &Column, rows: &[usize]) -> Option<f32> {
    let both = rows.iter().filter_map(|row| Some((old.fit(*row)?, new.fit(*row)?)));
    let (old, mut new): (Vec<f32>, Vec<f32>) = both.unzip();
    let above = old.iter().filter(|fit| **fit >= cutoff).count();
    new.sort_by(|a, b| b.total_cmp(a));
    // Where all or none are above, it stands just outside.
    match (above.checked_sub(1).and_then(|last_in| new.get(last_in)), new.get(above)) {
        (Some(last_in), Some(first_out)) => Some(f32::midpoint(*last_in, *first_out)),
        (Some(last_in), None) => Some(last_in - 1e-4),
        (None, Some(first_out)) => Some(first_out + 1e-4),
        (None, None) => None,
    }
}
