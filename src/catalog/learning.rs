//! What a person's verdicts teach a category: a direction in which photos that belong differ from those that do not.
//!
//! Linear probes on CLIP's embeddings learn much from few examples (Radford et al. 2021, section 3.1), and more when they
//! add to the zero-shot direction than when they replace it (Tip-Adapter: Zhang et al. 2022). With ten examples no solver is
//! needed: the probe is the difference of the two means divided by the covariance of the library, which is linear
//! discriminant analysis (Fisher 1936) with a covariance that needs no verdicts.
//!
//! The probe's weight grows with the verdicts of the rarer answer, and with what cross-validation finds that it adds: it has
//! none where it orders the verdicts worse than the prompts alone. The blend keeps the mean and the deviation that the prompts' fits have over
//! the library, so that categories go on competing for photos as before.

use super::average_precision::average_precision;
use super::calibration::Judged;
use super::dot;
use super::whitening::{Whitening, add_scaled};

/// Up to this many verdicts each is left out by itself; of more, a tenth at a time.
const MOST_LEFT_OUT_ALONE: usize = 12;
const FOLDS: usize = 10;

/// With ever more verdicts, the probe counts this many times as much as the prompts.
const MOST_WEIGHT: f32 = 2.0;

/// Verdicts of each answer at which it counts half of that.
const HALFWAY: f32 = 8.0;

/// What a verdict is worth while there is none of the other answer, and the whole library has to stand in for it.
const YES_ALONE: f32 = 0.5;
const NO_ALONE: f32 = 0.25;

/// The share of that weight which a probe gets that orders the verdicts, by cross-validation, as well as the prompts do.
/// Where the prompts make no mistake, there is little to learn and something to spoil.
const EQUAL_WORTH: f32 = 0.5;

/// What each gained or lost point of average precision adds to that share.
const GAIN_WORTH: f32 = 4.0;

/// A learned direction and how to blend it: `keep * zero-shot fit + weights * photo + offset`.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    pub keep: f32,
    pub weights: Vec<f32>,
    pub offset: f32,
}

impl Probe {
    /// The fit of a photo, whose zero-shot fit is known already.
    #[inline(always)]
    pub fn blended(&self, zero_shot_fit: f32, photo: &[f32]) -> f32 {
        self.keep * zero_shot_fit + dot(&self.weights, photo) + self.offset
    }
}

/// What the verdicts on a category taught.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    pub probe: Probe,
    held_out: Vec<Judged>,
    zero_shot_average_precision: Option<f64>,
}

/// How good the blend is on photos that it did not learn from. Shares run from 0 to 1, and are those of the photos that
/// were judged: where these were chosen because they are difficult, the library does better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// How many the estimate is made from.
    pub verdicts: usize,
    /// How many of them say that the photo belongs.
    pub yes: usize,
    /// Of how many of them the photo reaches the cut-off.
    pub let_in: usize,
    /// Of the judged photos that reach the cut-off, the share that belongs; `None` where none reaches it.
    pub precision: Option<f64>,
    /// Of the judged photos that belong, the share that reaches the cut-off; `None` where none belongs.
    pub recall: Option<f64>,
    /// `None` where none belongs.
    pub average_precision: Option<f64>,
    /// What it would be with the prompts alone.
    pub zero_shot_average_precision: Option<f64>,
}

impl Lesson {
    /// The judged photos, in order, with the fits they have when nothing is learned from them.
    pub fn held_out(&self) -> &[Judged] {
        &self.held_out
    }

    /// How good the blend is with this cut-off.
    pub fn estimate(&self, cutoff: f32) -> Estimate {
        let count = |is_counted: &dyn Fn(bool, bool) -> bool| {
            self.held_out.iter().filter(|(fit, belongs)| is_counted(*fit >= cutoff, *belongs)).count()
        };
        let right = count(&|reaches, belongs| reaches && belongs);
        let (let_in, yes) = (count(&|reaches, _| reaches), count(&|_, belongs| belongs));
        let share = |of: usize| (of > 0).then(|| right as f64 / of as f64);
        Estimate {
            verdicts: self.held_out.len(),
            yes,
            let_in,
            precision: share(let_in),
            recall: share(yes),
            average_precision: average_precision(&mut self.held_out.clone()),
            zero_shot_average_precision: self.zero_shot_average_precision,
        }
    }
}

impl Estimate {
    /// Where the true precision lies, with a probability of 95 %, as far as these verdicts tell.
    pub fn precision_range(&self) -> Option<(f64, f64)> {
        self.precision.map(|share| likely_range(share, self.let_in))
    }

    /// The same for the recall.
    pub fn recall_range(&self) -> Option<(f64, f64)> {
        self.recall.map(|share| likely_range(share, self.yes))
    }
}

/// Between which shares the truth lies with a probability of 95 %, where `share` was seen in `of` cases (Wilson 1927). The
/// fewer cases, the wider; never nothing or all.
fn likely_range(share: f64, of: usize) -> (f64, f64) {
    const DEVIATIONS: f64 = 1.96;
    let squared = DEVIATIONS * DEVIATIONS / of.max(1) as f64;
    let middle = (share + squared / 2.0) / (1.0 + squared);
    let half = (share * (1.0 - share) * squared + squared * squared / 4.0).sqrt() / (1.0 + squared);
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// Learns from judged photos and whether they belong. `zero_shot` is the fit without verdicts. `None` without verdicts, and
/// where they cancel out.
///
/// It takes about half a million steps a verdict, so hand over the newest hundred where there are many.
pub fn learn(whitening: &Whitening, zero_shot: impl Fn(&[f32]) -> f32, verdicts: &[(&[f32], bool)]) -> Option<Lesson> {
    let class = Class::of(whitening, zero_shot, verdicts);
    let mut zero_shot: Vec<Judged> = class.pupils.iter().map(|pupil| (pupil.zero_shot, pupil.belongs)).collect();
    let zero_shot_average_precision = average_precision(&mut zero_shot);
    let worth = worth(average_precision(&mut class.held_out(1.0)), zero_shot_average_precision);
    let everything: Vec<usize> = (0..class.pupils.len()).collect();
    let probe = class.probe(&everything, worth)?;
    Some(Lesson { probe, held_out: class.held_out(worth), zero_shot_average_precision })
}

/// How much of its weight a probe deserves.
fn worth(learned: Option<f64>, zero_shot: Option<f64>) -> f32 {
    let gained = learned.unwrap_or(0.0) - zero_shot.unwrap_or(0.0);
    (EQUAL_WORTH + GAIN_WORTH * gained as f32).clamp(0.0, 1.0)
}

/// All that is learned from.
struct Class<'a> {
    whitening: &'a Whitening,
    /// The zero-shot fits of the whitening's sample.
    sample_fits: Vec<f32>,
    pupils: Vec<Pupil<'a>>,
}

struct Pupil<'a> {
    photo: &'a [f32],
    belongs: bool,
    /// Less the mean, and divided by the covariance.
    whitened: Vec<f32>,
    zero_shot: f32,
}

impl<'a> Class<'a> {
    fn of(whitening: &'a Whitening, zero_shot: impl Fn(&[f32]) -> f32, verdicts: &[(&'a [f32], bool)]) -> Class<'a> {
        let of_dim = verdicts.iter().filter(|(photo, _)| photo.len() == whitening.dim());
        let pupil = |(photo, belongs): &(&'a [f32], bool)| Pupil {
            photo,
            belongs: *belongs,
            whitened: whitening.divided(photo),
            zero_shot: zero_shot(photo),
        };
        let pupils = of_dim.map(pupil).collect();
        let sample_fits = whitening.photos().iter().map(|photo| zero_shot(photo)).collect();
        Class { whitening, sample_fits, pupils }
    }

    /// What these pupils teach, at this share of the weight that their number deserves.
    fn probe(&self, numbers: &[usize], worth: f32) -> Option<Probe> {
        let (yes, no): (Vec<usize>, Vec<usize>) = numbers.iter().partition(|number| self.pupils[**number].belongs);
        let mut weights = vec![0.0; self.whitening.dim()];
        for (numbers, sign) in [(&yes, 1.0), (&no, -1.0)] {
            for number in numbers {
                add_scaled(&mut weights, &self.pupils[*number].whitened, sign / numbers.len() as f32);
            }
        }
        let along: Vec<f32> = self.whitening.photos().iter().map(|photo| dot(&weights, photo)).collect();
        let (zero_shot, learned) = (deviation(&self.sample_fits), deviation(&along));
        if zero_shot < 1e-9 || learned < 1e-9 {
            return None;
        }
        let share = worth * weight(yes.len(), no.len()) * zero_shot / learned;
        let blend: Vec<f32> = self.sample_fits.iter().zip(&along).map(|(fit, along)| fit + share * along).collect();
        let keep = zero_shot / deviation(&blend).max(1e-9);
        weights.iter_mut().for_each(|x| *x *= keep * share);
        Some(Probe { keep, weights, offset: mean(&self.sample_fits) - keep * mean(&blend) })
    }

    /// Every pupil's fit when it is left out, in order.
    fn held_out(&self, worth: f32) -> Vec<Judged> {
        let folds = self.folds();
        let mut fits: Vec<Judged> = self.pupils.iter().map(|pupil| (pupil.zero_shot, pupil.belongs)).collect();
        for fold in 0..folds.iter().max().map_or(0, |last| last + 1) {
            let (out, rest): (Vec<usize>, Vec<usize>) = (0..folds.len()).partition(|number| folds[*number] == fold);
            let Some(probe) = self.probe(&rest, worth) else { continue };
            for number in out {
                let pupil = &self.pupils[number];
                fits[number].0 = probe.blended(pupil.zero_shot, pupil.photo);
            }
        }
        fits
    }

    /// The fold of every pupil. Both answers are dealt out in turn, so that no fold takes all of one.
    fn folds(&self) -> Vec<usize> {
        let folds = if self.pupils.len() <= MOST_LEFT_OUT_ALONE { self.pupils.len() } else { FOLDS };
        let mut order: Vec<usize> = (0..self.pupils.len()).collect();
        order.sort_by_key(|number| self.pupils[*number].belongs);
        let mut fold_of = vec![0; order.len()];
        for (place, number) in order.iter().enumerate() {
            fold_of[*number] = place % folds;
        }
        fold_of
    }
}

/// How much the probe counts beside the prompts, both having the same deviation over the library.
fn weight(yes: usize, no: usize) -> f32 {
    let (yes, no) = (yes as f32, no as f32);
    let verdicts = if no == 0.0 {
        YES_ALONE * yes
    } else if yes == 0.0 {
        NO_ALONE * no
    } else {
        // The harmonic mean: that of the rarer answer decides.
        2.0 * yes * no / (yes + no)
    };
    MOST_WEIGHT * verdicts / (verdicts + HALFWAY)
}

fn mean(numbers: &[f32]) -> f32 {
    numbers.iter().sum::<f32>() / numbers.len().max(1) as f32
}

fn deviation(numbers: &[f32]) -> f32 {
    let mean = mean(numbers);
    let squares: f32 = numbers.iter().map(|x| (x - mean) * (x - mean)).sum();
    (squares / numbers.len().max(1) as f32).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Photos in a plane: whether they belong shows along the second axis, of which the prompts know little.
    fn photo(number: usize) -> ([f32; 3], bool) {
        let belongs = number.is_multiple_of(4);
        let wobble = |step: f32| (number as f32 * step).fract() - 0.5;
        ([wobble(0.618) * 2.0, if belongs { 0.6 } else { -0.2 } + wobble(0.414) * 0.4, 0.3], belongs)
    }

    fn library() -> Vec<([f32; 3], bool)> {
        (0..80).map(photo).collect()
    }

    fn prompts(photo: &[f32]) -> f32 {
        0.2 + 0.1 * photo[0] + 0.05 * photo[1]
    }

    fn whitening(library: &[([f32; 3], bool)]) -> Whitening {
        Whitening::of(&library.iter().map(|(photo, _)| photo.as_slice()).collect::<Vec<_>>()).unwrap()
    }

    fn lesson(verdicts: usize) -> Option<Lesson> {
        let library = library();
        let verdicts: Vec<(&[f32], bool)> =
            library.iter().take(verdicts).map(|(photo, belongs)| (photo.as_slice(), *belongs)).collect();
        learn(&whitening(&library), prompts, &verdicts)
    }

    fn precision_after(lesson: &Lesson) -> f64 {
        let fit = |photo: &[f32]| lesson.probe.blended(prompts(photo), photo);
        let mut scored: Vec<Judged> = library()[40..].iter().map(|(photo, belongs)| (fit(photo), *belongs)).collect();
        average_precision(&mut scored).unwrap()
    }

    #[test]
    fn verdicts_teach_what_the_prompts_do_not_say() {
        let mut alone: Vec<Judged> = library()[40..].iter().map(|(photo, yes)| (prompts(photo), *yes)).collect();
        let before = average_precision(&mut alone).unwrap();
        let after = precision_after(&lesson(20).unwrap());
        assert!(after > before + 0.2, "{before} {after}");
    }

    #[test]
    fn a_blended_fit_has_the_mean_and_the_deviation_that_the_prompts_have() {
        let probe = lesson(12).unwrap().probe;
        let (before, after): (Vec<f32>, Vec<f32>) =
            library().iter().map(|(photo, _)| (prompts(photo), probe.blended(prompts(photo), photo))).unzip();
        assert!((mean(&before) - mean(&after)).abs() < 1e-4);
        assert!((deviation(&before) - deviation(&after)).abs() < 1e-4);
    }

    #[test]
    fn the_probe_counts_more_with_every_verdict_of_the_rarer_answer() {
        assert!(weight(0, 1) < weight(1, 0) && weight(1, 0) < weight(1, 1));
        assert!(weight(1, 9) < weight(5, 5) && weight(5, 5) < weight(50, 50));
        assert!(weight(1000, 1000) < MOST_WEIGHT);
    }

    #[test]
    fn a_probe_that_orders_the_verdicts_worse_than_the_prompts_loses_its_weight() {
        assert_eq!(worth(Some(0.5), Some(1.0)), 0.0);
        assert_eq!(worth(Some(1.0), Some(0.5)), 1.0);
        assert_eq!(worth(Some(0.8), Some(0.8)), EQUAL_WORTH);
    }

    #[test]
    fn one_verdict_of_either_kind_is_a_lesson_and_none_is_not() {
        assert!(lesson(0).is_none());
        assert_eq!(lesson(1).unwrap().held_out().len(), 1);
        let library = library();
        let no = [(library[1].0.as_slice(), false)];
        let lesson = learn(&whitening(&library), prompts, &no).unwrap();
        assert_eq!(lesson.estimate(0.0).recall, None);
    }

    #[test]
    fn a_photo_judged_by_itself_alone_has_the_fit_of_the_prompts_when_it_is_left_out() {
        let lesson = lesson(1).unwrap();
        assert_eq!(lesson.held_out(), [(prompts(&photo(0).0), true)]);
    }

    #[test]
    fn an_estimate_counts_the_verdicts_that_reach_the_cutoff() {
        let lesson = Lesson {
            probe: Probe { keep: 1.0, weights: Vec::new(), offset: 0.0 },
            held_out: vec![(0.9, true), (0.8, false), (0.2, true), (0.1, false)],
            zero_shot_average_precision: Some(0.5),
        };
        let estimate = lesson.estimate(0.5);
        assert_eq!((estimate.verdicts, estimate.precision, estimate.recall), (4, Some(0.5), Some(0.5)));
        assert_eq!((estimate.let_in, estimate.yes), (2, 2));
        assert_eq!(lesson.estimate(1.0).precision, None);
    }

    #[test]
    fn few_verdicts_leave_much_open() {
        // Wilson's interval for 9 of 10, as R's `prop.test(9, 10, correct = FALSE)` gives it.
        let (least, most) = likely_range(0.9, 10);
        assert!((least - 0.5958).abs() < 1e-3 && (most - 0.9821).abs() < 1e-3, "{least} {most}");
        assert!(likely_range(1.0, 3).0 < 0.5 && likely_range(1.0, 300).0 > 0.98);
    }

    #[test]
    fn every_fold_leaves_out_some_of_both_answers() {
        let library = library();
        let verdicts: Vec<(&[f32], bool)> = (0..40).map(|number| (library[number].0.as_slice(), number < 20)).collect();
        let whitening = whitening(&library);
        let folds = Class::of(&whitening, prompts, &verdicts).folds();
        for fold in 0..FOLDS {
            let out: Vec<usize> = (0..40).filter(|number| folds[*number] == fold).collect();
            assert_eq!(out.iter().filter(|number| **number < 20).count(), 2, "{folds:?}");
            assert_eq!(out.len(), 4);
        }
    }
}
