//! Where in a photo a prompt's match lies: one vector for each patch of the picture that a model saw.
//!
//! The vectors live in the space of the model's prompts, so any prompt's heat map is arithmetic and needs no network.
//! Cosines alone make a poor map: some patches are close to every prompt, and every prompt has a closest patch. So a
//! prompt is compared with neutral ones at each patch, on one scale for all photos, prompts and models: a photo without the
//! subject gets a dark map, not noise at full strength. Only where the subject is clearer than the scale is long, the scale
//! ends at the photo's own clearest patch, or a whole bird would be as bright as the branch beneath it.

use std::fmt;
use std::sync::Arc;

use super::dot;

/// Standard scores that count as nothing and as all. The hottest tenth of a starter model's map begins at 3.2 where the
/// subject is in the photo and at 0.4 where it is not (medians over photos of twelve kinds, 48 background prompts).
const FAINT: f32 = 1.0;
const CLEAR: f32 = 4.0;

/// Higher ones tell nothing more.
const CLEAREST: f32 = 10.0;

/// Cosines that differ by less are the same.
const LEAST_DEVIATION: f32 = 1e-3;

/// How far patches are smoothed, as a standard deviation in shares of the photo: half a patch of a coarse grid, and more
/// patches of a fine one, whose single patches are the noisier.
const SMOOTHING: f32 = 1.0 / 15.0;

/// Unit vectors of a picture's patches, row by row, and which part of the photo they cover.
#[derive(Clone, PartialEq)]
pub struct PatchMap {
    columns: usize,
    rows: usize,
    area: [f32; 4],
    vectors: Arc<[f32]>,
}

impl PatchMap {
    /// Scales each of the `columns * rows` vectors to unit length. `None` where the numbers do not divide among the patches,
    /// or one is not finite.
    pub fn new(columns: usize, rows: usize, area: [f32; 4], mut vectors: Vec<f32>) -> Option<PatchMap> {
        let patches = columns * rows;
        let is_even = patches > 0 && !vectors.is_empty() && vectors.len().is_multiple_of(patches);
        if !is_even || vectors.iter().any(|number| !number.is_finite()) {
            return None;
        }
        let dim = vectors.len() / patches;
        vectors.chunks_exact_mut(dim).for_each(normalise);
        Some(PatchMap { columns, rows, area, vectors: vectors.into() })
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Left, top, right and bottom of the patches as shares of the upright photo. Below 0 or above 1 where the outermost
    /// patches reach over its edge, so what is drawn must be clipped to the photo.
    pub fn area(&self) -> [f32; 4] {
        self.area
    }

    /// How many numbers a patch has; the model's `embed_dim`.
    pub fn dim(&self) -> usize {
        self.vectors.len() / (self.columns * self.rows)
    }

    /// The cosine of each patch with `direction`, row by row.
    pub fn heat(&self, direction: &[f32]) -> Vec<f32> {
        let length = dot(direction, direction).sqrt().max(f32::MIN_POSITIVE);
        self.patches().map(|patch| dot(patch, direction) / length).collect()
    }

    /// How clearly each patch shows what `direction` means, from 0 (no more than anything else) to 1, row by row, a
    /// little smoothed. `background` are the unit vectors of a few dozen neutral prompts, of which some may well
    /// be in the photo; with less than two there is nothing to compare with, and all is 0.
    ///
    /// It is the standard score of the patch's cosine among its cosines with the background, less the prompts that mean
    /// nearly the same: beside "a photo of a bird", a patch with a bird would show little of "an animal".
    pub fn contrast(&self, direction: &[f32], background: &[&[f32]]) -> Vec<f32> {
        if background.len() < 2 {
            return vec![0.0; self.columns * self.rows];
        }
        let background = unlike(direction, background);
        let scores = self.patches().zip(self.heat(direction)).map(|(patch, heat)| {
            let (mean, deviation) = mean_and_deviation(background.iter().map(|prompt| dot(prompt, patch)));
            // Bounded, so that one odd patch does not outshine its neighbours.
            ((heat - mean) / deviation.max(LEAST_DEVIATION)).clamp(-CLEAR, CLEAREST)
        });
        let scores = smoothed_and_turned(&scores.collect::<Vec<_>>(), self.columns);
        let scores = smoothed_and_turned(&scores, self.rows);
        let most = scores.iter().copied().fold(CLEAR, f32::max);
        scores.into_iter().map(|score| ((score - FAINT) / (most - FAINT)).clamp(0.0, 1.0)).collect()
    }

    fn patches(&self) -> impl Iterator<Item = &[f32]> {
        self.vectors.chunks_exact(self.dim())
    }
}

impl fmt::Debug for PatchMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PatchMap({} x {} of {:?})", self.columns, self.rows, self.area)
    }
}

/// The background without the quarter that is most like `direction`.
fn unlike<'a>(direction: &[f32], background: &[&'a [f32]]) -> Vec<&'a [f32]> {
    let mut background = background.to_vec();
    background.sort_by(|a, b| dot(a, direction).total_cmp(&dot(b, direction)));
    background.truncate(background.len() - background.len() / 4);
    background
}

/// A vector without length stays as it is: that patch is like nothing.
fn normalise(vector: &mut [f32]) {
    let length = dot(vector, vector).sqrt();
    if length > 1e-12 {
        vector.iter_mut().for_each(|number| *number /= length);
    }
}

fn mean_and_deviation(numbers: impl ExactSizeIterator<Item = f32>) -> (f32, f32) {
    let count = numbers.len() as f32;
    let (sum, squares) = numbers.fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
    let mean = sum / count;
    (mean, (squares / count - mean * mean).max(0.0).sqrt())
}

/// Each line of `length` scores smoothed by a Gaussian, and written as a column; twice gives back the order.
fn smoothed_and_turned(scores: &[f32], length: usize) -> Vec<f32> {
    let lines = scores.len() / length;
    let reach = length as f32 * SMOOTHING;
    let weight = |apart: usize| (-0.5 * (apart as f32 / reach).powi(2)).exp();
    let weights: Vec<f32> = (0..length).map(weight).collect();
    let mut turned = vec![0.0; scores.len()];
    for (index, line) in scores.chunks_exact(length).enumerate() {
        for at in 0..length {
            let near = line.iter().enumerate().map(|(other, score)| (weights[at.abs_diff(other)], score));
            // Divided by the weights that lie within the line, or the border would fade.
            let (sum, total) = near.fold((0.0, 0.0), |(sum, total), (w, score)| (sum + w * score, total + w));
            turned[at * lines + index] = sum / total;
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: [f32; 4] = [0.0, 0.0, 1.0, 1.0];
    /// Cosines of 1, 0 and 0 with an axis: mean 1/3, deviation 0.47.
    const AXES: [&[f32]; 3] = [&[1.0, 0.0, 0.0, 0.0], &[0.0, 1.0, 0.0, 0.0], &[0.0, 0.0, 1.0, 0.0]];

    /// A map of one row, where each patch lies on an axis.
    fn row(axes: &[usize]) -> PatchMap {
        let vectors =
            axes.iter().flat_map(|axis| std::array::from_fn::<f32, 4, _>(|i| if i == *axis { 2.0 } else { 0.0 }));
        PatchMap::new(axes.len(), 1, WHOLE, vectors.collect()).unwrap()
    }

    #[test]
    fn heat_is_the_cosine_of_each_patch() {
        let map = PatchMap::new(2, 2, WHOLE, vec![3.0, 4.0, 1.0, 0.0, 0.0, 2.0, 0.0, 0.0]).unwrap();
        assert_eq!((map.columns(), map.rows(), map.dim()), (2, 2, 2));
        let heat = map.heat(&[5.0, 0.0]);
        for (heat, wanted) in heat.iter().zip([0.6, 1.0, 0.0, 0.0]) {
            assert!((heat - wanted).abs() < 1e-6, "{heat} and {wanted}");
        }
    }

    #[test]
    fn numbers_that_are_no_map_are_refused() {
        assert!(PatchMap::new(2, 2, WHOLE, vec![1.0; 7]).is_none());
        assert!(PatchMap::new(2, 0, WHOLE, vec![1.0; 8]).is_none());
        assert!(PatchMap::new(2, 2, WHOLE, vec![]).is_none());
        assert!(PatchMap::new(1, 1, WHOLE, vec![1.0, f32::NAN]).is_none());
    }

    #[test]
    fn what_is_like_everything_is_no_contrast() {
        let common: Vec<f32> = vec![1.0, 1.0, 1.0, 0.0];
        let contrast = row(&[0, 1, 2, 3]).contrast(&common, &AXES);
        assert!(contrast.iter().all(|x| *x < 0.01), "{contrast:?}");
    }

    #[test]
    fn contrast_is_highest_where_the_match_lies() {
        let mut axes = [3; 15];
        axes[11..14].fill(0);
        // The sentence that says the same is left out, so nothing but the limit bounds the score.
        let mut background = [AXES[1]; 12];
        background[0] = AXES[0];
        let contrast = row(&axes).contrast(AXES[0], &background);
        let hottest = (0..15).max_by(|a, b| contrast[*a].total_cmp(&contrast[*b]));
        assert_eq!((hottest, contrast[2]), (Some(12), 0.0));
        assert!(contrast[12] > 0.5 && contrast[10] < contrast[11] && contrast[11] < contrast[12], "{contrast:?}");
    }

    #[test]
    fn a_prompt_is_not_compared_with_what_says_nearly_the_same() {
        let background = [AXES[2], AXES[0], AXES[1], AXES[0], AXES[1], AXES[2], AXES[1], AXES[2]];
        let rest = unlike(AXES[0], &background);
        assert!(rest.len() == 6 && !rest.contains(&AXES[0]));
    }

    #[test]
    fn a_patch_unlike_all_prompts_does_not_outshine_the_rest() {
        let mut axes = [0; 15];
        axes[0] = 3;
        let contrast = row(&axes).contrast(&[0.0, 0.0, 0.0, 1.0], &AXES);
        assert_eq!(contrast[8], 0.0, "{contrast:?}");
    }

    #[test]
    fn without_a_background_there_is_no_contrast() {
        assert_eq!(row(&[0, 1]).contrast(AXES[0], &AXES[..1]), [0.0, 0.0]);
    }

    #[test]
    fn smoothing_keeps_what_is_even_and_the_order() {
        let even = smoothed_and_turned(&smoothed_and_turned(&[2.0; 12], 4), 3);
        assert!(even.iter().all(|x| (x - 2.0).abs() < 1e-6), "{even:?}");
        let mut spot = vec![0.0; 12];
        spot[7] = 1.0;
        let smooth = smoothed_and_turned(&smoothed_and_turned(&spot, 4), 3);
        assert_eq!((0..12).max_by(|a, b| smooth[*a].total_cmp(&smooth[*b])), Some(7));
    }
}
