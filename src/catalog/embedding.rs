//! Embeddings: unit vectors that a tower makes of a picture or a sentence, and the cosine between them.

use std::sync::Arc;

/// A unit-length vector. Two embeddings of one model can be compared; their dot product is their cosine.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding(Arc<[f32]>);

/// Why numbers are not an embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmbeddingError {
    #[error("the vector holds a number that is not finite")]
    NotFinite,
    #[error("the vector has no length")]
    Zero,
}

impl Embedding {
    /// Scales `numbers` to unit length.
    pub fn normalised(mut numbers: Vec<f32>) -> Result<Embedding, EmbeddingError> {
        let length = numbers.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
        if !length.is_finite() {
            return Err(EmbeddingError::NotFinite);
        }
        if length < 1e-12 {
            return Err(EmbeddingError::Zero);
        }
        for number in &mut numbers {
            *number = (f64::from(*number) / length) as f32;
        }
        Ok(Embedding(numbers.into()))
    }

    /// Numbers that were an embedding before; `None` where they are no unit vector (any more).
    pub fn of_unit(numbers: Arc<[f32]>) -> Option<Embedding> {
        let length = dot(&numbers, &numbers).sqrt();
        ((length - 1.0).abs() < 1e-3).then_some(Embedding(numbers))
    }

    /// The direction of the mean of unit vectors, which is how CLIP's authors combine a prompt ensemble.
    /// `None` where there are none, or where they cancel out.
    pub fn mean<'a>(embeddings: impl IntoIterator<Item = &'a Embedding>) -> Option<Embedding> {
        let mut sum: Vec<f32> = Vec::new();
        for embedding in embeddings {
            sum.resize(embedding.0.len(), 0.0);
            for (total, x) in sum.iter_mut().zip(embedding.0.iter()) {
                *total += x;
            }
        }
        Embedding::normalised(sum).ok()
    }

    /// The same with a weight for each.
    pub fn weighted_mean(embeddings: &[(Embedding, f32)]) -> Option<Embedding> {
        let mut sum: Vec<f32> = Vec::new();
        for (embedding, weight) in embeddings {
            sum.resize(embedding.0.len(), 0.0);
            sum.iter_mut().zip(embedding.0.iter()).for_each(|(total, x)| *total += weight * x);
        }
        Embedding::normalised(sum).ok()
    }

    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// How many numbers it has; the model's `projection_dim`.
    pub fn dim(&self) -> usize {
        self.0.len()
    }

    /// From -1 to 1.
    pub fn cosine(&self, other: &Embedding) -> f32 {
        dot(&self.0, &other.0)
    }
}

/// Does `work` with the widest vector registers that this computer has: [`dot`] is then two to four times as fast. To be
/// wrapped around whole columns, because choosing takes longer than one dot product.
pub fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// The dot product over the shorter length, in 16 running sums so that the compiler can use vector registers: a plain
/// iterator sum must add in order and is four times slower. Inlined, so that it takes the registers of its caller.
#[inline(always)]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0f32; LANES];
    let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let tail: f32 = a_lanes.remainder().iter().zip(b_lanes.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a_lanes.zip(b_lanes) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f32>() + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_embedding_has_unit_length() {
        let embedding = Embedding::normalised(vec![3.0, 4.0]).unwrap();
        assert_eq!(embedding.as_slice(), [0.6, 0.8]);
    }

    #[test]
    fn numbers_that_point_nowhere_are_refused() {
        assert_eq!(Embedding::normalised(vec![0.0, 0.0]), Err(EmbeddingError::Zero));
        assert_eq!(Embedding::normalised(vec![1.0, f32::NAN]), Err(EmbeddingError::NotFinite));
        assert_eq!(Embedding::mean([]), None);
    }

    #[test]
    fn the_mean_of_two_directions_lies_between_them() {
        let east = Embedding::normalised(vec![1.0, 0.0]).unwrap();
        let north = Embedding::normalised(vec![0.0, 1.0]).unwrap();
        let mean = Embedding::mean([&east, &north]).unwrap();
        assert!((mean.cosine(&east) - mean.cosine(&north)).abs() < 1e-6);
    }

    #[test]
    fn the_dot_product_counts_the_numbers_after_the_last_full_lane() {
        let ones = vec![1.0; 19];
        assert_eq!(dot(&ones, &ones), 19.0);
    }
}
