//! How a model's cosines become probabilities: CLIP's over all categories, SigLIP's of each by itself.

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

    /// One probability a cosine of things of which only one can be: they sum to one, whatever the model.
    pub fn among_rivals(self, cosines: &[f32]) -> Vec<f32> {
        match self {
            Scoring::Softmax { scale } | Scoring::Sigmoid { scale, .. } => softmax(scale, cosines),
        }
    }
}

fn softmax(scale: f32, cosines: &[f32]) -> Vec<f32> {
    let best = cosines.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f32> = cosines.iter().map(|cosine| (scale * (cosine - best)).exp()).collect();
    let total: f32 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn of_rivals_one_is_right_whatever_the_model() {
        for scoring in [Scoring::Softmax { scale: 100.0 }, Scoring::Sigmoid { scale: 100.0, bias: -10.0 }] {
            let shares = scoring.among_rivals(&[0.30, 0.28]);
            assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{shares:?}");
        }
    }
}
