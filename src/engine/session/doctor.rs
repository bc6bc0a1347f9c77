//! The prompt doctor: ways to describe a category better, each measured on the person's own verdicts before anything is
//! changed.

use super::Session;
use crate::catalog::{Category, CategoryId, Direction, Remedy, Verdict, average_precision, remedies};

/// Smaller gains do not show in the two digits that a few verdicts deserve.
const LEAST_GAIN: f64 = 0.005;

/// An examination.
#[derive(Clone, Debug, PartialEq)]
pub struct Doctor {
    pub category: CategoryId,
    /// Verdicts of photos that are encoded: how many times yes, and how many times no.
    pub verdicts: (usize, usize),
    /// The average precision of the words as they are, on those; `None` without both a yes and a no.
    pub now: Option<f64>,
    /// Best first. Those that are still being encoded stand last.
    pub proposals: Vec<Proposal>,
}

/// One way to describe the category, and what it would change.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// What it does, for people: "Also say \"puppy\"".
    pub says: String,
    /// The category after it, for [`crate::engine::Command::Adopt`].
    pub category: Category,
    /// The average precision with it; `None` until its texts are encoded, or without verdicts.
    pub average_precision: Option<f64>,
}

impl Session {
    /// What was found out about the category that is examined. Words alone are compared: what was learned from the same
    /// verdicts would flatter itself.
    pub fn doctor(&self) -> Option<Doctor> {
        let category = self.category(self.examined?)?;
        let judged = self.judged_photos(category.id);
        let yes = judged.iter().filter(|(_, is_yes)| *is_yes).count();
        let now = self.precision_of(category, &judged);
        let mut proposals = self.proposals(category, &judged);
        if let Some(together) = together(category, &proposals, now) {
            let best = proposals[0].average_precision.unwrap_or(0.0);
            let with = self.precision_of(&together, &judged);
            let says = "All that help, together".to_owned();
            let proposal = Proposal { says, category: together, average_precision: with };
            match with {
                Some(with) if with > best + LEAST_GAIN => proposals.insert(0, proposal),
                Some(_) => {}
                None => proposals.push(proposal),
            }
        }
        Some(Doctor { category: category.id, verdicts: (yes, judged.len() - yes), now, proposals })
    }

    pub(super) fn examine(&mut self, category: Option<CategoryId>) {
        self.examined = category.filter(|id| self.category(*id).is_some());
    }

    /// What must be encoded before the proposals can be measured.
    pub(super) fn examined_texts(&self) -> Vec<String> {
        let Some(category) = self.examined.and_then(|id| self.category(id)) else { return Vec::new() };
        let judged = self.judged_photos(category.id);
        let proposals = self.proposals(category, &judged);
        let together = together(category, &proposals, self.precision_of(category, &judged));
        let all = proposals.into_iter().map(|proposal| proposal.category).chain(together);
        all.flat_map(|category| category.texts().collect::<Vec<_>>()).collect()
    }

    /// Best first.
    fn proposals(&self, category: &Category, judged: &[(&[f32], bool)]) -> Vec<Proposal> {
        let mut proposals: Vec<Proposal> =
            self.remedies(category).into_iter().map(|remedy| self.measured(remedy, judged)).collect();
        // Stable, so that what is alike stays in the order in which it was thought of.
        proposals.sort_by(|a, b| b.average_precision.unwrap_or(-1.0).total_cmp(&a.average_precision.unwrap_or(-1.0)));
        proposals
    }

    fn remedies(&self, category: &Category) -> Vec<Remedy> {
        remedies(category, self.categories())
    }

    /// The vectors of photos that were judged and are encoded, open or not.
    fn judged_photos(&self, category: CategoryId) -> Vec<(&[f32], bool)> {
        let answers = self.tuning.now().verdicts.of(category).into_iter().flat_map(|answers| answers.iter());
        let photo = |(name, said): (&_, &Verdict)| {
            let vector = self.library.vectors().get(self.library.content(*name)?.row())?;
            Some((vector, *said == Verdict::Yes))
        };
        answers.filter_map(photo).collect()
    }

    fn measured(&self, remedy: Remedy, judged: &[(&[f32], bool)]) -> Proposal {
        let average_precision = self.precision_of(&remedy.category, judged);
        Proposal { says: remedy.says, category: remedy.category, average_precision }
    }

    fn precision_of(&self, category: &Category, judged: &[(&[f32], bool)]) -> Option<f64> {
        if judged.iter().all(|(_, is_yes)| *is_yes) {
            return None;
        }
        let direction: Direction = self.scoreboard.direction(category)?;
        let mut scored: Vec<(f32, bool)> =
            judged.iter().map(|(photo, is_yes)| (direction.zero_shot_fit(photo), *is_yes)).collect();
        average_precision(&mut scored)
    }
}

/// The category with everything that helps by itself, if there is more than one such thing. `proposals` stand best first,
/// so that of several sets of templates the best is taken.
fn together(category: &Category, proposals: &[Proposal], now: Option<f64>) -> Option<Category> {
    let now = now?;
    let helps = |proposal: &&Proposal| proposal.average_precision.is_some_and(|with| with > now + LEAST_GAIN);
    let helping: Vec<&Proposal> = proposals.iter().filter(helps).collect();
    (helping.len() > 1).then(|| helping.iter().fold(category.clone(), |all, one| merged(all, &one.category)))
}

/// A category with what another version of it has besides.
fn merged(mut category: Category, other: &Category) -> Category {
    let new = |prompts: &[crate::catalog::Prompt], of: &[crate::catalog::Prompt]| {
        of.iter().filter(|prompt| !prompts.contains(prompt)).cloned().collect::<Vec<_>>()
    };
    let (prompts, negatives) = (new(&category.prompts, &other.prompts), new(&category.negatives, &other.negatives));
    category.prompts.extend(prompts);
    category.negatives.extend(negatives);
    let synonyms: Vec<String> =
        other.synonyms.iter().filter(|synonym| !category.synonyms.contains(synonym)).cloned().collect();
    category.synonyms.extend(synonyms);
    category.templates = category.templates.or(other.templates);
    category
}
