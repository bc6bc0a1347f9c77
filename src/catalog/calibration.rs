//! The automatic cut-off of a category: the fit from which photos probably belong.
//!
//! 1. **Against the background.** A photo stands out by `(fit - mean) / deviation` of its cosines with a bank of
//!    sentences (see [`Background`]). That compares between photos and between models, where cosines do not.
//! 2. **The cliff.** How far the photos of the library stand out is taken for a mixture of two heaps: most photos do not
//!    belong, some do. Expectation maximisation finds both (Dempster et al. 1977), held to what is usual by conjugate
//!    priors, because a category may have one photo or none; the heap of those that do not belong is thus the library's
//!    own (an empirical null: Efron 2004). Each photo then has a probability to belong.
//! 3. **The cut-off.** Belonging is worth letting in from a probability of half the best expected F1 on (Lipton et al.
//!    2014), so the cut-off on the fit is where letting in more stops to gain.
//! 4. **Verdicts** gain or cost what their answer says, and what the library says counts as much as `LIBRARY_WORTH` of
//!    them: a first verdict moves little, many decide.
//!
//! It takes two passes over the fits and memory of a fixed size.

use super::Background;
use super::mixture::{Mixture, Standings};

/// A photo that a person judged: how well it fits, and whether it belongs.
pub type Judged = (f32, bool);

/// In verdicts.
const LIBRARY_WORTH: f32 = 16.0;

/// A photo less probable than this is not worth letting in, however few others there are.
const LEAST_PROBABILITY: f32 = 0.3;

/// Fits are counted in bins. One is a fortieth of the usual deviation of CLIP's cosines over a library.
const BINS_PER_UNIT: f32 = 2048.0;
const LEAST_FIT: f32 = -1.0;
const BINS: usize = 4096;

/// The cut-off for these fits, given as row and fit; rows whose level is not known are left out. `None` without any.
///
/// `verdicts` are best given with fits from cross-validation ([`Lesson::held_out`](super::Lesson::held_out)): what was
/// learned from a photo flatters it.
pub fn auto_cutoff(
    fits: impl Iterator<Item = (usize, f32)> + Clone,
    background: &Background,
    verdicts: &[Judged],
) -> Option<f32> {
    let levelled = fits.filter_map(|(row, fit)| background.level(row).filter(|_| fit.is_finite()).map(|at| (fit, at)));
    let standings = Standings::of(levelled.clone())?;
    let mixture = Mixture::of(&standings);
    let probabilities = standings.bins().map(|standing| mixture.probability(standing)).collect::<Vec<f32>>();
    let mut ladder = Ladder::new();
    for (fit, level) in levelled {
        ladder.add(fit, probabilities[Standings::bin(fit, level)]);
    }
    verdicts.iter().for_each(|(fit, belongs)| ladder.judge(*fit, *belongs));
    Some(ladder.cutoff().unwrap_or_else(|| standings.fit_of(mixture.usual_match()).max(ladder.highest())))
}

/// Photos by fit, counted in bins.
struct Ladder {
    rungs: Vec<Rung>,
}

#[derive(Clone, Copy, Default)]
struct Rung {
    photos: u32,
    /// How many of them probably belong.
    expected: f32,
    yes: u16,
    no: u16,
}

impl Ladder {
    fn new() -> Ladder {
        Ladder { rungs: vec![Rung::default(); BINS] }
    }

    fn add(&mut self, fit: f32, probability: f32) {
        let rung = &mut self.rungs[bin(fit)];
        rung.photos += 1;
        rung.expected += probability;
    }

    /// What a person says of a photo replaces what was probable.
    fn judge(&mut self, fit: f32, belongs: bool) {
        let rung = &mut self.rungs[bin(fit)];
        let probable = if rung.photos == 0 { 0.0 } else { rung.expected / rung.photos as f32 };
        rung.expected += f32::from(u8::from(belongs)) - probable;
        rung.photos = rung.photos.max(1);
        let answers = if belongs { &mut rung.yes } else { &mut rung.no };
        *answers = answers.saturating_add(1);
    }

    /// Rungs that hold something, from the top.
    fn held(&self) -> impl Iterator<Item = (usize, &Rung)> {
        self.rungs.iter().enumerate().rev().filter(|(_, rung)| rung.photos > 0)
    }

    /// `None` where nothing is worth letting in.
    fn cutoff(&self) -> Option<f32> {
        let expected: f32 = self.rungs.iter().map(|rung| rung.expected).sum();
        let least = (self.best_f1(expected) / 2.0).max(LEAST_PROBABILITY);
        let worth = LIBRARY_WORTH / expected.max(1.0);
        let (mut gain, mut best, mut lowest) = (0.0, 0.0, None);
        for (at, rung) in self.held() {
            gain += worth * (rung.expected - least * rung.photos as f32);
            gain += f32::from(rung.yes) * (1.0 - least) - f32::from(rung.no) * least;
            if gain > best {
                (best, lowest) = (gain, Some(at));
            }
        }
        let lowest = lowest?;
        let next = self.held().map(|(at, _)| at).find(|at| *at < lowest);
        Some(next.map_or(edge(lowest), |next| f32::midpoint(edge(next + 1), edge(lowest))))
    }

    /// The highest F1 that any cut-off can be expected to have.
    fn best_f1(&self, expected: f32) -> f32 {
        let (mut let_in, mut right, mut best) = (0.0, 0.0, 0.0f32);
        for (_, rung) in self.held() {
            let_in += rung.photos as f32;
            right += rung.expected;
            best = best.max(2.0 * right / (let_in + expected));
        }
        best
    }

    /// A cut-off that lets nothing in.
    fn highest(&self) -> f32 {
        self.held().next().map_or(LEAST_FIT, |(at, _)| edge(at + 1))
    }
}

/// The least fit of a bin.
fn edge(bin: usize) -> f32 {
    LEAST_FIT + bin as f32 / BINS_PER_UNIT
}

/// A cast of a negative number to an index stops at zero.
fn bin(fit: f32) -> usize {
    (((fit - LEAST_FIT) * BINS_PER_UNIT) as usize).min(BINS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Embedding, Vectors};

    /// A background before which every photo stands at mean 0.2 and deviation 0.1, so that a fit of 0.6 stands out by 4.
    fn background(photos: usize) -> Background {
        let unit = |x: f32, y: f32, z: f32| Embedding::normalised(vec![x, y, z]).unwrap();
        let bank = [unit(0.3, 0.91, 0.2864), unit(0.1, 0.99, 0.0995)];
        let mut vectors = Vectors::default();
        (0..photos).for_each(|row| {
            vectors.set(row, &unit(1.0, 0.0, 0.0));
        });
        let mut background = Background::new(&bank).unwrap();
        assert!(background.extend(&vectors, photos));
        background
    }

    fn cutoff(fits: &[f32], verdicts: &[Judged]) -> f32 {
        auto_cutoff(fits.iter().copied().enumerate(), &background(fits.len()), verdicts).unwrap()
    }

    /// Photos that do not belong, from 0.15 to 0.35.
    fn rest(count: usize) -> Vec<f32> {
        (0..count).map(|i| 0.15 + 0.2 * i as f32 / count as f32).collect()
    }

    #[test]
    fn the_cutoff_lies_at_the_cliff_however_many_belong() {
        for belong in [1, 5, 60] {
            let fits = [rest(100), vec![0.55; belong]].concat();
            let cutoff = cutoff(&fits, &[]);
            assert!((0.35..0.55).contains(&cutoff), "{belong}: {cutoff}");
        }
    }

    #[test]
    fn a_category_that_the_library_does_not_hold_lets_nothing_in_and_leaves_the_door_open() {
        let cutoff = cutoff(&rest(100), &[]);
        assert!((0.35..0.6).contains(&cutoff), "{cutoff}");
    }

    #[test]
    fn a_library_of_one_photo_has_a_cutoff() {
        assert!(cutoff(&[0.2], &[]) > 0.2);
        assert!(cutoff(&[0.6], &[]) <= 0.6);
    }

    #[test]
    fn photos_that_are_all_the_same_are_all_in_or_all_out() {
        assert!(cutoff(&[0.25; 50], &[]) > 0.25);
        assert!(cutoff(&[0.6; 50], &[]) <= 0.6);
    }

    #[test]
    fn without_a_background_there_is_no_cutoff() {
        let background = background(0);
        assert_eq!(auto_cutoff([(0, 0.5)].into_iter(), &background, &[]), None);
        assert_eq!(auto_cutoff([].into_iter(), &background, &[]), None);
    }

    #[test]
    fn fits_that_are_missing_are_left_out() {
        let background = background(3);
        let fits = [(0, 0.6), (1, f32::NAN), (2, 0.2), (9, 0.9)];
        let cutoff = auto_cutoff(fits.into_iter(), &background, &[]).unwrap();
        assert!((0.2..=0.6).contains(&cutoff), "{cutoff}");
    }

    #[test]
    fn one_verdict_moves_the_cutoff_little_and_many_decide_it() {
        let fits = [rest(100), (0..20).map(|i| 0.45 + 0.01 * i as f32).collect()].concat();
        let alone = cutoff(&fits, &[]);
        let no = |count: usize| (0..count).map(|i| (0.45 + 0.1 * i as f32 / count as f32, false)).collect::<Vec<_>>();
        assert!((cutoff(&fits, &[(0.5, false)]) - alone).abs() < 0.02);
        assert!(cutoff(&fits, &no(30)) > 0.54, "{} {}", alone, cutoff(&fits, &no(30)));
    }

    #[test]
    fn yes_below_the_cliff_brings_the_cutoff_down() {
        let fits = [rest(100), vec![0.55; 10]].concat();
        let yes: Vec<Judged> = (0..40).map(|i| (0.34 + 0.0002 * i as f32, true)).collect();
        assert!(cutoff(&fits, &yes) < 0.345);
    }
}
