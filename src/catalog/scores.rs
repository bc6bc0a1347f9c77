//! How well photos fit a category: cosines, and CLIP's probabilities over all categories.

use super::{Embedding, Vectors, dot};

/// A category as the model sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction {
    /// Mean direction of the prompt ensemble.
    prompts: Embedding,
    negatives: Vec<Embedding>,
}

impl Direction {
    /// `None` where there is no prompt, or where the prompts cancel out.
    pub fn new(prompts: &[Embedding], negatives: Vec<Embedding>) -> Option<Direction> {
        Some(Direction { prompts: Embedding::mean(prompts)?, negatives })
    }

    /// The cosine of the photo with the prompts, less what the best-fitting negative has over them. So a negative takes
    /// nothing from photos that fit the prompts better than it, and scores with and without negatives stay comparable.
    pub fn fit(&self, photo: &[f32]) -> f32 {
        let fit = dot(self.prompts.as_slice(), photo);
        let against = self.negatives.iter().map(|n| dot(n.as_slice(), photo)).fold(fit, f32::max);
        fit - (against - fit)
    }
}

/// How well every content fits one direction; `NAN` where a content has no vector yet.
#[derive(Clone, Debug)]
pub struct Column {
    direction: Direction,
    fits: Vec<f32>,
}

impl Column {
    pub fn of(direction: Direction, vectors: &Vectors) -> Column {
        let mut column = Column { direction, fits: Vec::with_capacity(vectors.rows()) };
        column.extend(vectors);
        column
    }

    /// Scores the rows that came after the column was made.
    pub fn extend(&mut self, vectors: &Vectors) {
        for row in self.fits.len()..vectors.rows() {
            self.fits.push(vectors.get(row).map_or(f32::NAN, |photo| self.direction.fit(photo)));
        }
    }

    /// Scores one row again.
    pub fn update(&mut self, row: usize, vectors: &Vectors) {
        self.extend(vectors);
        if let Some(photo) = vectors.get(row) {
            self.fits[row] = self.direction.fit(photo);
        }
    }

    pub fn direction(&self) -> &Direction {
        &self.direction
    }

    /// `None` where the content has no vector yet.
    pub fn fit(&self, row: usize) -> Option<f32> {
        self.fits.get(row).copied().filter(|fit| !fit.is_nan())
    }
}

/// How one photo fits one category.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The fit: a cosine, less what negatives take away.
    pub cosine: f32,
    /// As the model's [`Scoring`] defines it.
    pub probability: f32,
}

/// How a model's cosines become probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scoring {
    /// CLIP: a softmax of `scale * cosine` over all categories.
    Softmax { scale: f32 },
    /// SigLIP: `sigmoid(scale * cosine + bias)`, each category by itself.
    Sigmoid { scale: f32, bias: f32 },
}

impl Scoring {
    /// One probability a cosine, in order. Those of a softmax sum to one.
    pub fn probabilities(self, cosines: &[f32]) -> Vec<f32> {
        match self {
            Scoring::Softmax { scale } => softmax(scale, cosines),
            Scoring::Sigmoid { scale, bias } => {
                cosines.iter().map(|cosine| 1.0 / (1.0 + (-(scale * cosine + bias)).exp())).collect()
            }
        }
    }
}

fn softmax(scale: f32, cosines: &[f32]) -> Vec<f32> {
    let best = cosines.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f32> = cosines.iter().map(|cosine| (scale * (cosine - best)).exp()).collect();
    let total: f32 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

/// How the fits of a library are distributed.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Fits at the left edge of the first bar and the right edge of the last.
    pub least: f32,
    pub most: f32,
    pub bars: Vec<u32>,
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
        Some(Histogram { least, most, bars: counts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(x: f32, y: f32) -> Embedding {
        Embedding::normalised(vec![x, y]).unwrap()
    }

    #[test]
    fn a_photo_that_fits_a_negative_better_loses_the_difference() {
        let direction = Direction::new(&[unit(1.0, 0.0)], vec![unit(0.0, 1.0)]).unwrap();
        assert!((direction.fit(unit(0.8, 0.6).as_slice()) - 0.8).abs() < 1e-6);
        assert!((direction.fit(unit(0.6, 0.8).as_slice()) - 0.4).abs() < 1e-6);
    }

    #[test]
    fn a_softmax_sums_to_one_and_follows_its_scale() {
        let shares = Scoring::Softmax { scale: 100.0 }.probabilities(&[0.30, 0.28, 0.10]);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!((shares[0] / shares[1] - 2.0f32.exp()).abs() < 1e-2);
    }

    #[test]
    fn a_sigmoid_judges_each_category_by_itself() {
        let scoring = Scoring::Sigmoid { scale: 100.0, bias: -10.0 };
        let alone = scoring.probabilities(&[0.1]);
        assert_eq!(alone, [0.5]);
        assert_eq!(scoring.probabilities(&[0.1, 0.3])[0], alone[0]);
    }

    #[test]
    fn a_column_scores_rows_that_arrive_later() {
        let mut vectors = Vectors::default();
        vectors.set(1, &unit(1.0, 0.0));
        let mut column = Column::of(Direction::new(&[unit(1.0, 0.0)], vec![]).unwrap(), &vectors);
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
