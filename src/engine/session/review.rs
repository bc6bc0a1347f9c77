//! The review queue: one question after another about the photos whose answers teach most.

use super::Session;
use crate::catalog::{CategoryId, Fingerprint, PhotoId, Verdict, next_questions};

/// How many questions are known ahead.
const AHEAD: usize = 7;

/// A review that is under way.
pub(super) struct Asking {
    category: CategoryId,
    /// Stays until it is answered or skipped, however the scores change meanwhile.
    question: Option<Fingerprint>,
    upcoming: Vec<PhotoId>,
    /// Photos that the person did not want to answer.
    skipped: Vec<Fingerprint>,
    /// Photos that were answered, the last one last.
    answered: Vec<Fingerprint>,
}

/// What is asked now.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    pub category: CategoryId,
    /// `None` once every photo is answered or skipped.
    pub question: Option<PhotoId>,
    /// What would be asked after that, as far as is known now.
    pub upcoming: Vec<PhotoId>,
    /// Answers since the review began.
    pub answered: usize,
}

impl Session {
    pub fn review(&self) -> Option<Review> {
        let asking = self.review.as_ref()?;
        Some(Review {
            category: asking.category,
            question: asking.question.and_then(|name| self.open_photo(name)),
            upcoming: asking.upcoming.clone(),
            answered: asking.answered.len(),
        })
    }

    pub(super) fn start_review(&mut self, category: Option<CategoryId>) {
        let category = category.filter(|id| self.category(*id).is_some());
        self.review = category.map(|category| Asking {
            category,
            question: None,
            upcoming: Vec::new(),
            skipped: Vec::new(),
            answered: Vec::new(),
        });
        self.select(category.or(self.selected));
    }

    pub(super) fn skip_question(&mut self) {
        if let Some(asking) = &mut self.review {
            let question = asking.question.take();
            asking.skipped.extend(question);
        }
    }

    pub(super) fn answer_question(&mut self, verdict: Verdict) {
        let Some(Review { category, question: Some(photo), .. }) = self.review() else { return };
        let name = self.library.fingerprint(photo);
        self.judge(category, &[photo], Some(verdict));
        if let Some(asking) = &mut self.review {
            asking.question = None;
            asking.answered.push(name);
        }
    }

    /// Sees to it that there is a question, if there is anything to ask. An answer that was taken back is asked again.
    pub(super) fn settle_review(&mut self) {
        let Some(mut asking) = self.review.take() else { return };
        let Some(category) = self.category(asking.category).map(|category| category.id) else { return };
        let verdicts = &self.tuning.now().verdicts;
        let last = asking.answered.last().copied();
        if let Some(taken_back) = last.filter(|name| verdicts.get(category, *name).is_none()) {
            asking.answered.pop();
            asking.question = Some(taken_back);
        }
        let is_open = |name: &Fingerprint| verdicts.get(category, *name).is_none() && self.open_photo(*name).is_some();
        if asking.question.filter(is_open).is_none() {
            let questions = self.questions(category, &asking.skipped);
            asking.question = questions.first().map(|photo| self.library.fingerprint(*photo));
            asking.upcoming = questions.into_iter().skip(1).collect();
        }
        self.review = Some(asking);
    }

    /// The photos to be asked about, best first.
    fn questions(&self, category: CategoryId, skipped: &[Fingerprint]) -> Vec<PhotoId> {
        let Some(column) = self.scoreboard.column(category) else { return Vec::new() };
        let vectors = self.library.vectors();
        let is_yes = |verdict: &Verdict| *verdict == Verdict::Yes;
        let judged = column.verdicts().iter();
        let judged: Vec<(&[f32], bool)> =
            judged.filter_map(|(row, verdict)| Some((vectors.get(*row)?, is_yes(verdict)))).collect();
        let candidates = self.library.folder_order().iter().filter_map(|id| {
            let row = self.library.photo(*id).content.row();
            let is_new = column.verdicts().binary_search_by_key(&row, |(row, _)| *row).is_err();
            let is_wanted = is_new && (skipped.is_empty() || !skipped.contains(&self.library.fingerprint(*id)));
            is_wanted.then(|| column.fit(row).map(|fit| (row, fit))).flatten()
        });
        let cutoff = self.scoreboard.auto_cutoff(category, &self.library).unwrap_or(0.0);
        let rows = next_questions(candidates, cutoff, &judged, |row| vectors.get(row), AHEAD + 1);
        rows.into_iter().filter_map(|row| self.photo_of_row(row)).collect()
    }

    /// An open photo that holds this.
    pub(super) fn open_photo(&self, name: Fingerprint) -> Option<PhotoId> {
        self.photo_of_row(self.library.content(name)?.row())
    }

    /// The first open photo with this content.
    pub(super) fn photo_of_row(&self, row: usize) -> Option<PhotoId> {
        self.library.folder_order().iter().copied().find(|id| self.library.photo(*id).content.row() == row)
    }
}
