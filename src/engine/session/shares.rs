//! How probable each category is for one photo, among those that it competes with.
//!
//! Where a photo has one label, all categories exclude each other. Where it may have several, those of one group do (a
//! softmax over the group); one that stands for itself has only its own cut-off to beat, so that "beach" takes nothing
//! from "dog" in a photo of both.

use super::Session;
use crate::catalog::{CategoryId, Entrant, Labels, PhotoId, Score, Scoring};
use crate::engine::wish::Model;

/// What a category is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// All categories.
    All,
    /// The categories of its group.
    Group,
    /// Its cut-off, where both are equally probable.
    Cutoff,
}

/// How well a photo fits one of the categories.
struct Fit<'a> {
    cosine: f32,
    cutoff: Option<f32>,
    group: Option<&'a str>,
}

impl Session {
    /// How a photo fits every category that has been encoded, in their order; empty until the photo is encoded.
    pub fn scores(&self, photo: PhotoId) -> Vec<(CategoryId, Score)> {
        let Model::Ready(card) = &self.model else { return Vec::new() };
        let row = self.library.photo(photo).content.row();
        let fit = |entrant: &Entrant<'_>| entrant.column.fit(row);
        let fitting: Vec<(Entrant<'_>, f32)> =
            self.entrants().into_iter().filter_map(|entrant| Some((entrant, fit(&entrant)?))).collect();
        let fits: Vec<Fit<'_>> = fitting
            .iter()
            .map(|(entrant, cosine)| Fit { cosine: *cosine, cutoff: entrant.cutoff, group: entrant.group })
            .collect();
        let scores = shares(card.scoring, self.labels(), &fits).into_iter().zip(&fits);
        let scores = scores.map(|(probability, fit)| Score { cosine: fit.cosine, probability });
        fitting.iter().map(|(entrant, _)| entrant.id).zip(scores).collect()
    }

    /// What a category's probability is said against.
    pub fn compared_with(&self, category: CategoryId) -> Against {
        let group = self.category(category).and_then(|category| category.group.as_deref());
        against(self.labels(), group, self.cutoff(category))
    }
}

fn against(labels: Labels, group: Option<&str>, cutoff: Option<f32>) -> Against {
    match (labels, group, cutoff) {
        (Labels::Several, Some(_), _) => Against::Group,
        (Labels::Several, None, Some(_)) => Against::Cutoff,
        _ => Against::All,
    }
}

/// One probability a fit, in order.
fn shares(scoring: Scoring, labels: Labels, fits: &[Fit<'_>]) -> Vec<f32> {
    let all: Vec<f32> = fits.iter().map(|fit| fit.cosine).collect();
    let among_all = scoring.probabilities(&all);
    let share = |(place, fit): (usize, &Fit<'_>)| match against(labels, fit.group, fit.cutoff) {
        Against::All => among_all[place],
        Against::Group => in_group(scoring, fits, place),
        Against::Cutoff => over_cutoff(scoring, fit),
    };
    fits.iter().enumerate().map(share).collect()
}

fn in_group(scoring: Scoring, fits: &[Fit<'_>], place: usize) -> f32 {
    let others = fits.iter().enumerate().filter(|(other, fit)| *other != place && fit.group == fits[place].group);
    let group: Vec<f32> =
        std::iter::once(&fits[place]).chain(others.map(|(_, fit)| fit)).map(|fit| fit.cosine).collect();
    scoring.among_rivals(&group)[0]
}

/// A model whose scores are probabilities already needs nothing to compare with.
fn over_cutoff(scoring: Scoring, fit: &Fit<'_>) -> f32 {
    match (scoring, fit.cutoff) {
        (Scoring::Softmax { .. }, Some(cutoff)) => scoring.among_rivals(&[fit.cosine, cutoff])[0],
        _ => scoring.probabilities(&[fit.cosine])[0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIP: Scoring = Scoring::Softmax { scale: 100.0 };
    const SIGLIP: Scoring = Scoring::Sigmoid { scale: 100.0, bias: -10.0 };

    fn fit(cosine: f32, group: Option<&'static str>) -> Fit<'static> {
        Fit { cosine, cutoff: Some(0.25), group }
    }

    /// A dog and a cat of one group, and a beach that stands for itself.
    fn fits() -> [Fit<'static>; 3] {
        [fit(0.30, Some("pet")), fit(0.28, Some("pet")), fit(0.25, None)]
    }

    #[test]
    fn where_a_photo_has_one_label_all_categories_share() {
        let shares = shares(CLIP, Labels::One, &fits());
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{shares:?}");
    }

    #[test]
    fn where_it_has_several_a_group_shares_and_the_others_stand_for_themselves() {
        for scoring in [CLIP, SIGLIP] {
            let shares = shares(scoring, Labels::Several, &fits());
            assert!((shares[0] + shares[1] - 1.0).abs() < 1e-6, "{shares:?}");
            assert!((shares[0] / shares[1] - 2.0f32.exp()).abs() < 1e-2, "{shares:?}");
        }
        assert!((shares(CLIP, Labels::Several, &fits())[2] - 0.5).abs() < 1e-6, "it just reaches its cut-off");
        assert_eq!(shares(SIGLIP, Labels::Several, &fits())[2], SIGLIP.probabilities(&[0.25])[0]);
    }

    #[test]
    fn without_a_cutoff_there_is_nothing_but_the_others_to_compare_with() {
        let fits = [Fit { cutoff: None, ..fit(0.3, None) }, Fit { cutoff: None, ..fit(0.3, None) }];
        assert_eq!(shares(CLIP, Labels::Several, &fits), [0.5, 0.5]);
    }
}
