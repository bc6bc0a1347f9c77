//! How far the photos of a library stand out from the background, and which of them probably belong: a mixture of two
//! heaps. Those that belong are normally distributed; the rest has the longer tail of Student's distribution, because of
//! the photos of things that are nearly what is meant.
//!
//! The usual values were measured with the starter model. Since they are in units of each photo's own background, they
//! serve other models too; what a library says for itself outweighs them.

use super::Level;

/// Where photos that do not belong lie, how much they vary, and how many photos each of the two is worth as evidence.
const USUAL_REST: Usual = Usual { mean: 0.35, mean_worth: 8.0, deviation: 0.65, deviation_worth: 60.0 };

/// Where photos that belong lie. The mean counts little: an insect stands out less than a train.
const USUAL_MATCH: Usual = Usual { mean: 3.6, mean_worth: 1.0, deviation: 0.7, deviation_worth: 30.0 };

/// Degrees of freedom of the rest: between 5 and 8 they make no difference to the photos this was measured with.
const FREEDOM: f32 = 6.0;

/// Photos that belong and that do not, seen before any photo: a category holds one in seventeen, or any other share.
const USUAL_SHARE: (f32, f32) = (0.5, 8.0);

/// However many photos there are, together they count as so many: neither heap is exactly of its kind, and a hundred
/// thousand photos would otherwise have their shape explained by the other heap (a tempered likelihood).
const MOST_EVIDENCE: f32 = 128.0;

const ROUNDS: usize = 30;

/// Standings are counted in bins of a fiftieth.
const PER_UNIT: f32 = 50.0;
const LEAST: f32 = -6.0;
const BINS: usize = 1024;

struct Usual {
    mean: f32,
    mean_worth: f32,
    deviation: f32,
    deviation_worth: f32,
}

/// How far each photo stands out from its own background, in its deviations; a histogram of fixed size.
pub struct Standings {
    counts: Vec<f32>,
    photos: f32,
    /// Over all photos.
    mean_level: Level,
}

impl Standings {
    /// `None` without photos.
    pub fn of(fits: impl Iterator<Item = (f32, Level)>) -> Option<Standings> {
        let mut counts = vec![0.0; BINS];
        let (mut photos, mut means, mut deviations) = (0.0, 0.0f64, 0.0f64);
        for (fit, level) in fits {
            counts[Standings::bin(fit, level)] += 1.0;
            photos += 1.0;
            means += f64::from(level.mean);
            deviations += f64::from(level.deviation);
        }
        let mean = |sum: f64| (sum / f64::from(photos)) as f32;
        let mean_level = Level { mean: mean(means), deviation: mean(deviations) };
        (photos > 0.0).then_some(Standings { counts, photos, mean_level })
    }

    /// In which bin a photo stands.
    pub fn bin(fit: f32, level: Level) -> usize {
        let standing = (fit - level.mean) / level.deviation;
        (((standing - LEAST) * PER_UNIT) as usize).min(BINS - 1)
    }

    /// The middle of every bin, in order.
    pub fn bins(&self) -> impl Iterator<Item = f32> {
        (0..BINS).map(|bin| LEAST + (bin as f32 + 0.5) / PER_UNIT)
    }

    /// The fit at which a photo like most others would stand out so far.
    pub fn fit_of(&self, standing: f32) -> f32 {
        self.mean_level.mean + standing * self.mean_level.deviation
    }

    /// Standings, and how many photos stand there.
    fn held(&self) -> impl Iterator<Item = (f32, f32)> {
        self.bins().zip(&self.counts).filter(|(_, count)| **count > 0.0).map(|(standing, count)| (standing, *count))
    }
}

/// Those that do not belong, and those that do.
#[derive(Clone, Copy, Debug)]
pub struct Mixture {
    rest: Heap,
    matching: Heap,
    /// Of the photos, how many belong.
    share: f32,
}

#[derive(Clone, Copy, Debug)]
struct Heap {
    mean: f32,
    deviation: f32,
}

impl Mixture {
    /// The most probable one, by expectation maximisation from the usual one.
    pub fn of(standings: &Standings) -> Mixture {
        let usual = |usual: &Usual| Heap { mean: usual.mean, deviation: usual.deviation };
        let share = USUAL_SHARE.0 / (USUAL_SHARE.0 + USUAL_SHARE.1);
        let mut mixture = Mixture { rest: usual(&USUAL_REST), matching: usual(&USUAL_MATCH), share };
        for _ in 0..ROUNDS {
            mixture = mixture.improved(standings);
        }
        mixture
    }

    /// That a photo with this standing belongs. It does not fall again above the mean of those that do, and is zero below
    /// the mean of those that do not.
    pub fn probability(&self, standing: f32) -> f32 {
        if standing < self.rest.mean {
            return 0.0;
        }
        let rest = (1.0 - self.share).ln() + self.rest.log_student(standing);
        let matching = self.share.ln() + self.matching.log_normal(standing.min(self.matching.mean));
        1.0 / (1.0 + (rest - matching).clamp(-50.0, 50.0).exp())
    }

    /// From here on a photo looks like one that belongs even if it is the only one.
    pub fn usual_match(&self) -> f32 {
        self.matching.mean - self.matching.deviation
    }

    fn improved(&self, standings: &Standings) -> Mixture {
        let scale = (MOST_EVIDENCE / standings.photos).min(1.0);
        let (mut rest, mut matching) = (Moments::default(), Moments::default());
        for (standing, count) in standings.held() {
            let probability = self.probability(standing);
            rest.add(standing, count * scale * (1.0 - probability));
            matching.add(standing, count * scale * probability);
        }
        let share = (USUAL_SHARE.0 + matching.weight) / (USUAL_SHARE.0 + USUAL_SHARE.1 + rest.weight + matching.weight);
        Mixture { rest: rest.with(&USUAL_REST), matching: matching.with(&USUAL_MATCH), share }
    }
}

impl Heap {
    /// The logarithm of a normal density, but for what is the same for all of them.
    fn log_normal(self, at: f32) -> f32 {
        let distance = (at - self.mean) / self.deviation;
        -distance * distance / 2.0 - self.deviation.ln()
    }

    /// The same of Student's.
    fn log_student(self, at: f32) -> f32 {
        let distance = (at - self.mean) / self.deviation;
        -f32::midpoint(FREEDOM, 1.0) * (distance * distance / FREEDOM).ln_1p() - self.deviation.ln()
    }
}

#[derive(Default)]
struct Moments {
    weight: f32,
    sum: f32,
    squares: f32,
}

impl Moments {
    fn add(&mut self, at: f32, weight: f32) {
        self.weight += weight;
        self.sum += weight * at;
        self.squares += weight * at * at;
    }

    /// The heap of these photos together with the usual ones.
    fn with(&self, usual: &Usual) -> Heap {
        let mean = (usual.mean_worth * usual.mean + self.sum) / (usual.mean_worth + self.weight);
        let around = self.squares - 2.0 * mean * self.sum + self.weight * mean * mean;
        let usual_around = usual.deviation_worth * usual.deviation * usual.deviation;
        let variance = (usual_around + around.max(0.0)) / (usual.deviation_worth + self.weight);
        Heap { mean, deviation: variance.sqrt() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixture(standings: &[f32]) -> Mixture {
        let level = Level { mean: 0.0, deviation: 1.0 };
        Mixture::of(&Standings::of(standings.iter().map(|standing| (*standing, level))).unwrap())
    }

    #[test]
    fn two_heaps_are_told_apart() {
        let heap = |middle: f32, count: usize| (0..count).map(move |i| middle + (i as f32 / count as f32 - 0.5));
        let mixture = mixture(&heap(0.0, 80).chain(heap(3.0, 20)).collect::<Vec<_>>());
        assert!(mixture.probability(2.6) > 0.9 && mixture.probability(0.4) < 0.1, "{mixture:?}");
        assert!((mixture.share - 0.2).abs() < 0.05, "{mixture:?}");
    }

    #[test]
    fn a_photo_that_stands_out_further_is_never_less_probable() {
        let mixture = mixture(&[0.1, 0.5, 0.2, 3.1, 2.9, -0.4]);
        let steps: Vec<f32> = (-80..300).map(|step| mixture.probability(step as f32 / 20.0)).collect();
        assert!(steps.is_sorted(), "{steps:?}");
    }

    #[test]
    fn a_single_photo_is_judged_by_what_is_usual() {
        assert!(mixture(&[0.0]).probability(0.0) < 0.05);
        assert!(mixture(&[4.0]).probability(4.0) > 0.9);
    }
}
