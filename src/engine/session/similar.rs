//! Photos that are like other photos: found by example, mixed with words; and those that are almost the same.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Session;
use crate::catalog::{Direction, Embedding, Fingerprint, Library, Order, PhotoId, Vectors, dot};
use crate::engine::wish::{AlikeQuestion, Wanted};

/// Photos that tell how far cosines with words spread, and those with photos.
const SAMPLE: usize = 256;

/// What is looked for by example.
#[derive(Clone, Debug, PartialEq)]
pub struct Similar {
    /// What the examples hold.
    pub names: Vec<Fingerprint>,
    /// Examples that come from elsewhere, each with what was found out about it.
    pub files: Vec<(PathBuf, ExampleState)>,
    /// How much words count beside the photos, from 0 to 1.
    pub word_share: f32,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExampleState {
    Waiting,
    Ready(Fingerprint),
    Failed(Arc<str>),
}

/// What is known of photos that are almost the same.
#[derive(Default)]
pub(super) struct Alike {
    question: Option<Arc<AlikeQuestion>>,
    sets: Option<Vec<Vec<u32>>>,
    /// How many photos were embedded when it was asked.
    asked_of: usize,
}

impl Session {
    /// The examples that photos are ranked by.
    pub fn similar(&self) -> Option<&Similar> {
        self.similar.as_ref()
    }

    /// Whether the photos are ranked by words or examples instead of by categories.
    pub fn is_searching(&self) -> bool {
        !self.find.trim().is_empty() || self.similar.is_some()
    }

    /// Whether photos that are almost the same are still being looked for.
    pub fn is_comparing(&self) -> bool {
        self.order == Order::Alike && self.alike.sets.is_none()
    }

    pub(super) fn find_similar(&mut self, photos: &[PhotoId]) {
        let names = self.open_names(photos);
        self.set_similar((!names.is_empty()).then_some(Similar { names, files: Vec::new(), word_share: 0.5 }));
    }

    pub(super) fn find_similar_to(&mut self, files: Vec<PathBuf>) {
        let files = files.into_iter().map(|file| (file, ExampleState::Waiting)).collect();
        self.set_similar(Some(Similar { names: Vec::new(), files, word_share: 0.5 }));
    }

    pub(super) fn set_word_share(&mut self, share: f32) {
        self.similar.iter_mut().for_each(|similar| similar.word_share = share.clamp(0.0, 1.0));
        self.refresh_scores();
    }

    /// Example files that nothing is known of yet.
    pub(super) fn waiting_examples(&self) -> Vec<Arc<Path>> {
        let files = self.similar.iter().flat_map(|similar| &similar.files);
        files.filter(|(_, state)| *state == ExampleState::Waiting).map(|(path, _)| path.as_path().into()).collect()
    }

    /// Example files whose embedding is missing.
    pub(super) fn unread_examples(&self) -> impl Iterator<Item = Wanted> {
        let files = self.similar.iter().flat_map(|similar| &similar.files);
        files.filter_map(|(path, state)| {
            let ExampleState::Ready(fingerprint) = *state else { return None };
            let content = self.library.content(fingerprint);
            let is_new = content.is_none_or(|content| self.is_waiting(content));
            is_new.then(|| Wanted { fingerprint, path: path.as_path().into() })
        })
    }

    pub(super) fn absorb_example(&mut self, path: &Path, outcome: &Result<Fingerprint, String>) {
        let files = self.similar.iter_mut().flat_map(|similar| &mut similar.files);
        for (_, state) in files.filter(|(file, _)| file == path) {
            *state = match outcome {
                Ok(name) => ExampleState::Ready(*name),
                Err(reason) => ExampleState::Failed(reason.as_str().into()),
            };
        }
        self.refresh_scores();
    }

    /// Sets of open photos that are almost the same, largest first.
    pub(super) fn alike(&self) -> Vec<Vec<PhotoId>> {
        let Some(sets) = &self.alike.sets else { return Vec::new() };
        let mut set_of = vec![None; self.library.contents()];
        for (number, set) in sets.iter().enumerate() {
            set.iter().for_each(|row| set_of[*row as usize] = Some(number));
        }
        // Two files with one content are the plainest case of all.
        let mut photos: Vec<Vec<PhotoId>> = vec![Vec::new(); sets.len()];
        let mut copies: Vec<Vec<PhotoId>> = vec![Vec::new(); self.library.contents()];
        for id in self.library.folder_order() {
            let row = self.library.photo(*id).content.row();
            match set_of[row] {
                Some(number) => photos[number].push(*id),
                None => copies[row].push(*id),
            }
        }
        photos.extend(copies);
        photos.retain(|set| set.len() > 1);
        photos.sort_by_key(|set| std::cmp::Reverse(set.len()));
        photos
    }

    /// Asked once all photos are there, and again when others came.
    pub(super) fn alike_question(&self) -> Option<Arc<AlikeQuestion>> {
        self.alike.question.clone().filter(|_| self.is_comparing())
    }

    pub(super) fn settle_alike(&mut self) {
        if self.order != Order::Alike {
            return;
        }
        let counts = self.counts();
        let is_settled = !counts.is_scanning && counts.waiting() == 0;
        if !is_settled || self.alike.asked_of == counts.embedded {
            return;
        }
        let rows = self.library.folder_order().iter().map(|id| self.library.photo(*id).content.0);
        let mut rows: Vec<u32> = rows.filter(|row| self.library.vectors().has(*row as usize)).collect();
        rows.sort_unstable();
        rows.dedup();
        let question = AlikeQuestion { vectors: self.library.vectors().clone(), rows };
        self.alike = Alike { question: Some(Arc::new(question)), sets: None, asked_of: counts.embedded };
        self.forget_order();
    }

    pub(super) fn absorb_alike(&mut self, question: &Arc<AlikeQuestion>, sets: Vec<Vec<u32>>) {
        if self.alike.question.as_ref().is_some_and(|asked| Arc::ptr_eq(asked, question)) {
            // The copy of the vectors would make every new one be copied first.
            self.alike.question = None;
            self.alike.sets = Some(sets);
            self.forget_order();
        }
    }

    fn set_similar(&mut self, similar: Option<Similar>) {
        self.similar = similar;
        self.refresh_scores();
        self.forget_order();
    }
}

/// What photos are ranked by: the mean of the examples, and the words, each by how far its cosines spread over the
/// library, because those of photos with words lie much closer together than those with photos.
pub(super) fn direction(
    similar: &Similar,
    words: Option<&Embedding>,
    library: &Library,
    vectors: &Vectors,
) -> Option<Direction> {
    let ready = similar.files.iter().filter_map(|(_, state)| match state {
        ExampleState::Ready(name) => Some(*name),
        ExampleState::Waiting | ExampleState::Failed(_) => None,
    });
    let names = similar.names.iter().copied().chain(ready);
    let photo = |name: Fingerprint| vectors.get(library.content(name)?.row());
    let examples: Vec<Embedding> =
        names.filter_map(photo).filter_map(|photo| Embedding::normalised(photo.to_vec()).ok()).collect();
    let mut parts = Vec::new();
    if let Some(example) = Embedding::mean(&examples) {
        let share = if words.is_some() { 1.0 - similar.word_share } else { 1.0 };
        parts.push((example.clone(), share / spread(&example, library, vectors)));
    }
    if let Some(words) = words {
        let share = if parts.is_empty() { 1.0 } else { similar.word_share };
        parts.push((words.clone(), share / spread(words, library, vectors)));
    }
    parts.retain(|(_, weight)| *weight > 0.0);
    Direction::new(&parts, Vec::new(), Vec::new())
}

/// The standard deviation of cosines over some of the library.
fn spread(direction: &Embedding, library: &Library, vectors: &Vectors) -> f32 {
    let photos = library.folder_order();
    let some = photos.iter().step_by(photos.len().div_ceil(SAMPLE).max(1));
    let cosines: Vec<f32> =
        some.filter_map(|id| Some(dot(direction.as_slice(), vectors.get(library.photo(*id).content.row())?))).collect();
    let mean = cosines.iter().sum::<f32>() / cosines.len().max(1) as f32;
    let variance = cosines.iter().map(|cosine| (cosine - mean).powi(2)).sum::<f32>() / cosines.len().max(1) as f32;
    variance.sqrt().max(1e-3)
}
