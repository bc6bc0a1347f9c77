//! How well photos fit a category.

mod scoring;

use std::sync::Arc;

pub use scoring::{Score, Scoring};

use super::{Embedding, Probe, Vectors, Verdict, dot, two_hands, vectorised};

/// A category as the model sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction {
    /// Weighted mean direction of the prompt ensemble.
    prompts: Embedding,
    /// What was learned from verdicts.
    learned: Option<Arc<Probe>>,
    /// With their weights.
    negatives: Vec<(Embedding, f32)>,
    exclusions: Vec<Embedding>,
}

impl Direction {
    /// `None` where there is no prompt, or where the prompts cancel out.
    pub fn new(
        prompts: &[(Embedding, f32)],
        negatives: Vec<(Embedding, f32)>,
        exclusions: Vec<Embedding>,
    ) -> Option<Direction> {
        Some(Direction { prompts: Embedding::weighted_mean(prompts)?, learned: None, negatives, exclusions })
    }

    /// The same with what was learned from verdicts, or without.
    pub fn with_learned(self, learned: Option<Arc<Probe>>) -> Direction {
        Direction { learned, ..self }
    }

    /// Whether the words are the same, whatever was learned.
    pub fn says_the_same(&self, other: &Direction) -> bool {
        self.prompts == other.prompts && self.negatives == other.negatives && self.exclusions == other.exclusions
    }

    /// The mean of the prompts, whatever was learned.
    pub fn zero_shot(&self) -> &Embedding {
        &self.prompts
    }

    /// The cosine of the photo with the prompts, less what the negatives have over it, each times its weight. So a
    /// negative takes nothing from photos that fit the prompts better than it, and scores with and without negatives
    /// stay comparable.
    pub fn zero_shot_fit(&self, photo: &[f32]) -> f32 {
        self.less_negatives(dot(self.prompts.as_slice(), photo), photo)
    }

    /// The zero-shot fit, blended with what was learned; ruled out where an exclusion fits better than the prompts.
    /// Inlined, as is what it calls, so that its products take the registers of its caller.
    #[inline(always)]
    pub fn standing(&self, photo: &[f32]) -> Standing {
        let cosine = dot(self.prompts.as_slice(), photo);
        let zero_shot = self.less_negatives(cosine, photo);
        let fit = match &self.learned {
            Some(probe) => probe.blended(zero_shot, photo),
            None => zero_shot,
        };
        let mut is_ruled_out = false;
        for exclusion in &self.exclusions {
            is_ruled_out |= dot(exclusion.as_slice(), photo) > cosine;
        }
        Standing::new(fit, if is_ruled_out { Tier::RuledOut } else { Tier::Scored })
    }

    /// Weights and offset of the standing where it is one dot product, which takes half the time of two.
    fn line(&self) -> Option<(Vec<f32>, f32)> {
        if !self.negatives.is_empty() || !self.exclusions.is_empty() {
            return None;
        }
        let prompts = self.prompts.as_slice();
        Some(match &self.learned {
            None => (prompts.to_vec(), 0.0),
            Some(probe) => {
                let blend = prompts.iter().zip(&probe.weights).map(|(prompt, learned)| probe.keep * prompt + learned);
                (blend.collect(), probe.offset)
            }
        })
    }

    #[inline(always)]
    fn less_negatives(&self, cosine: f32, photo: &[f32]) -> f32 {
        let mut penalty = 0.0f32;
        for (negative, weight) in &self.negatives {
            penalty = penalty.max(weight * (dot(negative.as_slice(), photo) - cosine));
        }
        cosine - penalty
    }
}

/// Where a photo stands in a category: by what a person said first, then by its fit. One number, so that sorting and
/// contests read one array: tiers lie further apart than fits can.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Standing(f32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    Rejected,
    /// An exclusion fits better.
    RuledOut,
    Scored,
    Confirmed,
}

const TIER_HEIGHT: f32 = 8.0;

impl Standing {
    /// The least of photos that were not rejected or ruled out.
    pub const LEAST_SCORED: Standing = Standing(-TIER_HEIGHT / 2.0);

    /// Not scored yet.
    const NONE: Standing = Standing(f32::NAN);

    fn new(fit: f32, tier: Tier) -> Standing {
        let tier = tier as i32 - Tier::Scored as i32;
        Standing(fit.clamp(-2.0, 2.0) + tier as f32 * TIER_HEIGHT)
    }

    /// The standing of a photo that just reaches a cut-off.
    pub fn of_cutoff(cutoff: Option<f32>) -> Standing {
        cutoff.map_or(Standing::LEAST_SCORED, |cutoff| Standing::new(cutoff, Tier::Scored))
    }

    pub fn tier(self) -> Tier {
        match (self.0 / TIER_HEIGHT).round() as i32 {
            ..=-2 => Tier::Rejected,
            -1 => Tier::RuledOut,
            0 => Tier::Scored,
            _ => Tier::Confirmed,
        }
    }

    /// The cosine, less what negatives take away.
    pub fn fit(self) -> f32 {
        self.0 - (self.0 / TIER_HEIGHT).round() * TIER_HEIGHT
    }

    /// Compares as the standings do.
    pub fn number(self) -> f32 {
        self.0
    }

    fn judged(self, verdict: Verdict) -> Standing {
        let tier = match verdict {
            Verdict::Yes => Tier::Confirmed,
            Verdict::No => Tier::Rejected,
        };
        Standing::new(self.fit(), tier)
    }
}

/// How well every content fits one direction; nothing where a content has no vector yet.
#[derive(Clone, Debug)]
pub struct Column {
    direction: Direction,
    /// By row, sorted.
    verdicts: Vec<(usize, Verdict)>,
    standings: Vec<Standing>,
}

impl Column {
    pub fn of(direction: Direction, verdicts: Vec<(usize, Verdict)>, vectors: &Vectors) -> Column {
        let mut column = Column { direction, verdicts, standings: Vec::with_capacity(vectors.rows()) };
        column.extend(vectors);
        column
    }

    /// Scores everything anew in the same memory. The verdicts are sorted by row.
    pub fn redirect(&mut self, direction: Direction, verdicts: Vec<(usize, Verdict)>, vectors: &Vectors) {
        (self.direction, self.verdicts) = (direction, verdicts);
        self.standings.clear();
        self.extend(vectors);
    }

    /// Takes over what a person said, sorted by row, without scoring anything else anew.
    pub fn judge(&mut self, verdicts: Vec<(usize, Verdict)>, vectors: &Vectors) {
        let before = std::mem::replace(&mut self.verdicts, verdicts);
        let rows: Vec<usize> = before.iter().chain(&self.verdicts).map(|(row, _)| *row).collect();
        rows.into_iter().for_each(|row| self.update(row, vectors));
    }

    /// Scores the rows that came after the column was made.
    pub fn extend(&mut self, vectors: &Vectors) {
        let Column { direction, verdicts, standings } = self;
        let (first, line) = (standings.len(), direction.line());
        standings.resize(vectors.rows().max(first), Standing::NONE);
        match line {
            Some((weights, offset)) => score_rest(
                &mut standings[first..],
                first,
                vectors,
                #[inline(always)]
                |photo| Standing::new(dot(&weights, photo) + offset, Tier::Scored),
            ),
            None => score_rest(
                &mut standings[first..],
                first,
                vectors,
                #[inline(always)]
                |photo| direction.standing(photo),
            ),
        }
        let new = verdicts.partition_point(|(row, _)| *row < first);
        for (row, verdict) in &verdicts[new..] {
            if let Some(standing) = standings.get_mut(*row) {
                *standing = standing.judged(*verdict);
            }
        }
    }

    /// Scores one row again.
    pub fn update(&mut self, row: usize, vectors: &Vectors) {
        self.extend(vectors);
        if row < self.standings.len() {
            self.standings[row] = self.standing_in(row, vectors);
        }
    }

    pub fn direction(&self) -> &Direction {
        &self.direction
    }

    pub fn verdicts(&self) -> &[(usize, Verdict)] {
        &self.verdicts
    }

    /// `None` where the content has no vector yet.
    pub fn standing(&self, row: usize) -> Option<Standing> {
        self.standings.get(row).copied().filter(|standing| !standing.0.is_nan())
    }

    /// Of all rows, for whoever wants them all; of a row without a vector it compares as less than everything.
    pub fn standings(&self) -> &[Standing] {
        &self.standings
    }

    /// The fit alone, whatever a person said.
    pub fn fit(&self, row: usize) -> Option<f32> {
        self.standing(row).map(Standing::fit)
    }

    fn standing_in(&self, row: usize, vectors: &Vectors) -> Standing {
        let Some(photo) = vectors.get(row) else { return Standing::NONE };
        let standing = self.direction.standing(photo);
        match self.verdicts.binary_search_by_key(&row, |(row, _)| *row) {
            Ok(place) => standing.judged(self.verdicts[place].1),
            Err(_) => standing,
        }
    }
}

/// Below this many, a second core has no time to come.
const FEWEST_FOR_TWO: usize = 8192;

/// Scores the rows from `first` on.
#[inline(always)]
fn score_rest(standings: &mut [Standing], first: usize, vectors: &Vectors, score: impl Fn(&[f32]) -> Standing + Sync) {
    if standings.len() < FEWEST_FOR_TWO {
        return score_some(standings, first, vectors, &score);
    }
    let middle = standings.len() / 2;
    let (ones, others) = standings.split_at_mut(middle);
    two_hands::both(
        || score_some(ones, first, vectors, &score),
        || score_some(others, first + middle, vectors, &score),
    );
}

fn score_some(standings: &mut [Standing], first: usize, vectors: &Vectors, score: &impl Fn(&[f32]) -> Standing) {
    vectorised(
        #[inline(always)]
        || {
            let rows = first..first + standings.len();
            let mut standings = standings.iter_mut();
            vectors.for_each(
                rows,
                #[inline(always)]
                |photo| {
                    if let Some(standing) = standings.next() {
                        *standing = photo.map_or(Standing::NONE, score);
                    }
                },
            );
        },
    );
}

/// How the fits of a library are distributed.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Fits at the left edge of the first bar and the right edge of the last.
    pub least: f32,
    pub most: f32,
    pub bars: Vec<u32>,
    /// Fits of the photos that a person judged.
    pub marks: Vec<(f32, Verdict)>,
}

impl Histogram {
    /// `None` without fits.
    pub fn of(fits: impl Iterator<Item = f32> + Clone, bars: usize) -> Option<Histogram> {
        let (least, most) =
            fits.clone().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        if least > most {
            return None;
        }
        // A single value still needs a bar with a width.
        let (least, most) = if most - least < 1e-4 { (least - 0.01, most + 0.01) } else { (least, most) };
        let mut counts = vec![0; bars];
        for fit in fits {
            let bar = ((fit - least) / (most - least) * bars as f32) as usize;
            counts[bar.min(bars - 1)] += 1;
        }
        Some(Histogram { least, most, bars: counts, marks: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(x: f32, y: f32) -> Embedding {
        Embedding::normalised(vec![x, y]).unwrap()
    }

    fn prompt(x: f32, y: f32) -> [(Embedding, f32); 1] {
        [(unit(x, y), 1.0)]
    }

    fn fit(direction: &Direction, x: f32, y: f32) -> f32 {
        direction.standing(unit(x, y).as_slice()).fit()
    }

    #[test]
    fn a_photo_that_fits_a_negative_better_loses_the_difference() {
        let direction = Direction::new(&prompt(1.0, 0.0), vec![(unit(0.0, 1.0), 1.0)], vec![]).unwrap();
        assert!((fit(&direction, 0.8, 0.6) - 0.8).abs() < 1e-6);
        assert!((fit(&direction, 0.6, 0.8) - 0.4).abs() < 1e-6);
        let half = Direction::new(&prompt(1.0, 0.0), vec![(unit(0.0, 1.0), 0.5)], vec![]).unwrap();
        assert!((fit(&half, 0.6, 0.8) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn a_photo_that_fits_an_exclusion_better_is_ruled_out_but_keeps_its_fit() {
        let direction = Direction::new(&prompt(1.0, 0.0), vec![], vec![unit(0.0, 1.0)]).unwrap();
        let (inside, outside) =
            (direction.standing(unit(0.8, 0.6).as_slice()), direction.standing(unit(0.6, 0.8).as_slice()));
        assert_eq!((inside.tier(), outside.tier()), (Tier::Scored, Tier::RuledOut));
        assert!(outside < Standing::of_cutoff(None) && (outside.fit() - 0.6).abs() < 1e-5);
    }

    #[test]
    fn verdicts_outrank_fits() {
        let mut vectors = Vectors::default();
        for (row, (x, y)) in [(1.0, 0.0), (0.0, 1.0), (0.5, 0.5)].into_iter().enumerate() {
            vectors.set(row, &unit(x, y));
        }
        let direction = Direction::new(&prompt(1.0, 0.0), vec![], vec![]).unwrap();
        let column = Column::of(direction, vec![(0, Verdict::No), (1, Verdict::Yes)], &vectors);
        let standings: Vec<Standing> = (0..3).map(|row| column.standing(row).unwrap()).collect();
        assert!(standings[1] > standings[2] && standings[2] > standings[0]);
        assert!(standings[1] > Standing::of_cutoff(Some(1.0)) && standings[0] < Standing::of_cutoff(None));
        assert!((column.fit(0).unwrap() - 1.0).abs() < 1e-5 && column.fit(1).unwrap().abs() < 1e-5);
    }

    #[test]
    fn a_column_scores_rows_that_arrive_later() {
        let mut vectors = Vectors::default();
        vectors.set(1, &unit(1.0, 0.0));
        let mut column = Column::of(Direction::new(&prompt(1.0, 0.0), vec![], vec![]).unwrap(), vec![], &vectors);
        assert_eq!((column.fit(0), column.fit(1), column.fit(2)), (None, Some(1.0), None));
        vectors.set(0, &unit(0.0, 1.0));
        vectors.set(2, &unit(-1.0, 0.0));
        column.update(0, &vectors);
        assert_eq!((column.fit(0), column.fit(2)), (Some(0.0), Some(-1.0)));
    }

    #[test]
    fn a_histogram_counts_every_fit_once() {
        let histogram = Histogram::of([0.0, 0.75, 0.75, 1.0].into_iter(), 2).unwrap();
        assert_eq!(histogram.bars, [1, 3]);
        assert_eq!(Histogram::of([].into_iter(), 2), None);
        assert_eq!(Histogram::of([0.5].into_iter(), 4).unwrap().bars.iter().sum::<u32>(), 1);
    }
}
