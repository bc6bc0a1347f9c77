//! What categories learn: from the photos that are open, a cut-off that suits them; from verdicts, a better direction.
//!
//! Verdicts are learned from against a sample of the photos. It is taken anew when the photos have doubled, and when the
//! last of them is there: so what was learned depends on the photos and not on the order in which they came, and 100,000
//! of them cost a dozen samples.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::catalog::{
    BACKGROUND_PROMPTS, Background, Category, CategoryId, Column, ContentId, Direction, Embedding, Estimate,
    Fingerprint, Judged, Lesson, Library, Probe, Vectors, Verdict, Whitening, auto_cutoff, learn,
};

/// A category learns from so many of its verdicts of each kind: more say little new, and learning must be quick.
const MOST_OF_A_KIND: usize = 48;

#[derive(Default)]
pub struct Lessons {
    /// How many photos were embedded when the sample was taken.
    sampled_of: usize,
    /// Files, embedded photos and whether all were there, when that was last looked into.
    checked: Option<(u64, usize, bool)>,
    sample: Vec<usize>,
    whitening: Option<Whitening>,
    learned: HashMap<CategoryId, Learned>,
    background: Option<Background>,
    /// Worked out when asked for; any change of a fit makes it stale.
    cutoffs: RefCell<HashMap<CategoryId, Option<f32>>>,
}

/// A lesson with what it was learned from.
struct Learned {
    direction: Direction,
    verdicts: Vec<(usize, Verdict)>,
    sampled_of: usize,
    lesson: Option<(Arc<Probe>, Lesson)>,
}

impl Lessons {
    /// Takes a new sample if the photos have doubled, or if `is_settled` and there are others than at the last time.
    /// Returns whether it did.
    pub fn sample(&mut self, library: &Library, vectors: &Vectors, embedded: usize, is_settled: bool) -> bool {
        let now = Some((library.files_version(), embedded, is_settled));
        if std::mem::replace(&mut self.checked, now) == now {
            return false;
        }
        let has_grown = |photos: usize| photos > 0 && (photos >= 2 * self.sampled_of || is_settled);
        // Counting is the dear part, and what is embedded is at most what is known.
        if !has_grown(vectors.rows()) {
            return false;
        }
        let mut names = names(library, vectors);
        if names.len() == self.sampled_of || !has_grown(names.len()) {
            return false;
        }
        self.sampled_of = names.len();
        // Fingerprints are as good as random, and choose the same photos whatever order they came in.
        let most = Whitening::MOST_ROWS.min(names.len());
        if most < names.len() {
            names.select_nth_unstable(most);
        }
        names.truncate(most);
        names.sort_unstable();
        self.sample = names.into_iter().map(|(_, row)| row).collect();
        self.whitening = None;
        true
    }

    /// Begins with the background, once its bank is encoded.
    pub fn set_background(&mut self, text: impl Fn(&str) -> Option<Embedding>) {
        if self.background.is_none() {
            let bank: Option<Vec<Embedding>> = BACKGROUND_PROMPTS.iter().map(|prompt| text(prompt)).collect();
            self.background = bank.and_then(|bank| Background::new(&bank));
        }
    }

    /// Whether all photos stand before the background, if there is one.
    pub fn is_levelled(&self, vectors: &Vectors) -> bool {
        self.background.as_ref().is_none_or(|background| background.rows() >= vectors.rows())
    }

    /// Puts so many more photos before the background. Cut-offs change once all are.
    pub fn level(&mut self, vectors: &Vectors, most_rows: usize) {
        let Some(background) = &mut self.background else { return };
        if background.extend(vectors, most_rows) {
            self.cutoffs.get_mut().clear();
        }
    }

    /// For when these contents got their vectors.
    pub fn update(&mut self, contents: &[ContentId], vectors: &Vectors) {
        if let Some(background) = &mut self.background {
            contents.iter().for_each(|content| background.update(content.row(), vectors));
        }
        self.forget_cutoffs();
    }

    /// The direction with what its category learned from verdicts, which are sorted by row.
    pub fn taught(
        &mut self,
        category: CategoryId,
        direction: Direction,
        verdicts: &[(usize, Verdict)],
        library: &Library,
        vectors: &Vectors,
    ) -> Direction {
        let mut known: Vec<(usize, Verdict)> = verdicts.iter().copied().filter(|(row, _)| vectors.has(*row)).collect();
        // Rows are numbered as photos arrive, and folds of a cross-validation depend on the order.
        known.sort_by_key(|(row, _)| library.fingerprint_of(ContentId(*row as u32)));
        if known.is_empty() {
            self.learned.remove(&category);
            return direction;
        }
        let is_current = self.learned.get(&category).is_some_and(|learned| {
            learned.sampled_of == self.sampled_of && learned.verdicts == known && learned.direction == direction
        });
        if !is_current {
            let lesson = self.lesson(&direction, &known, vectors);
            let lesson = lesson.map(|lesson| (Arc::new(lesson.probe.clone()), lesson));
            let (sampled_of, direction) = (self.sampled_of, direction.clone());
            self.learned.insert(category, Learned { direction, verdicts: known, sampled_of, lesson });
        }
        let probe = self.learned.get(&category).and_then(|learned| Some(learned.lesson.as_ref()?.0.clone()));
        direction.with_learned(probe)
    }

    /// How good the lesson is with a cut-off.
    pub fn estimate(&self, category: CategoryId, cutoff: Option<f32>) -> Option<Estimate> {
        let (_, lesson) = self.learned.get(&category)?.lesson.as_ref()?;
        Some(lesson.estimate(cutoff.unwrap_or(f32::NEG_INFINITY)))
    }

    /// The cut-off that suits the open photos, as they fit now; `None` until they stand before the background.
    pub fn auto(&self, category: CategoryId, column: &Column, library: &Library) -> Option<f32> {
        if let Some(known) = self.cutoffs.borrow().get(&category) {
            return *known;
        }
        let rows = library.folder_order().iter().map(|id| library.photo(*id).content.row());
        let fits = rows.filter_map(|row| column.fit(row).map(|fit| (row, fit)));
        let lesson = self.learned.get(&category).and_then(|learned| learned.lesson.as_ref());
        let judged: Vec<Judged> = match lesson {
            Some((_, lesson)) => lesson.held_out().to_vec(),
            None => column
                .verdicts()
                .iter()
                .filter_map(|(row, said)| Some((column.fit(*row)?, *said == Verdict::Yes)))
                .collect(),
        };
        let cutoff = self.background.as_ref().and_then(|background| auto_cutoff(fits, background, &judged));
        self.cutoffs.borrow_mut().insert(category, cutoff);
        cutoff
    }

    pub fn forget_cutoff(&mut self, category: CategoryId) {
        self.cutoffs.get_mut().remove(&category);
    }

    pub fn forget_cutoffs(&mut self) {
        self.cutoffs.get_mut().clear();
    }

    pub fn keep_only(&mut self, categories: &[Category]) {
        self.learned.retain(|id, _| categories.iter().any(|category| category.id == *id));
    }

    fn lesson(&mut self, direction: &Direction, verdicts: &[(usize, Verdict)], vectors: &Vectors) -> Option<Lesson> {
        if self.whitening.is_none() {
            self.whitening = Whitening::of(&self.rows(vectors));
        }
        let of = |kind: Verdict| {
            let chosen = verdicts.iter().filter(move |(_, verdict)| *verdict == kind);
            chosen.take(MOST_OF_A_KIND).filter_map(move |(row, _)| Some((vectors.get(*row)?, kind == Verdict::Yes)))
        };
        let judged: Vec<(&[f32], bool)> = of(Verdict::Yes).chain(of(Verdict::No)).collect();
        learn(self.whitening.as_ref()?, |photo| direction.zero_shot_fit(photo), &judged)
    }

    fn rows<'a>(&self, vectors: &'a Vectors) -> Vec<&'a [f32]> {
        self.sample.iter().filter_map(|row| vectors.get(*row)).collect()
    }
}

/// Every embedded content that is open, once.
fn names(library: &Library, vectors: &Vectors) -> Vec<(Fingerprint, usize)> {
    let mut is_seen = vec![false; library.contents()];
    let mut names = Vec::new();
    for id in library.folder_order() {
        let row = library.photo(*id).content.row();
        if vectors.has(row) && !std::mem::replace(&mut is_seen[row], true) {
            names.push((library.fingerprint(*id), row));
        }
    }
    names
}
