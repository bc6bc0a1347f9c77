//! The covariance of a library's photos, ready to be divided by, without ever holding a matrix of dim by dim.
//!
//! With a sample of `m` centred photos as the rows of `Z` and a ridge `r`, Woodbury's identity gives
//! `(Z'Z/m + rI)^-1 v = (v - Z'(ZZ' + mrI)^-1 Zv) / r`, so that only an `m` by `m` matrix is factored, and that once a
//! sample.

use super::dot;

/// Of the mean variance of a coordinate: how much is added to each. It keeps directions in which the sample happens to show
/// little variance from counting for everything (regularised discriminant analysis: Friedman 1989).
const RIDGE: f32 = 10.0;

/// Built once per sample of a library; serves every category.
#[derive(Clone, Debug)]
pub struct Whitening {
    mean: Vec<f32>,
    photos: Vec<Vec<f32>>,
    /// Lower triangle of the Cholesky factor of `ZZ' + mrI`, row by row.
    factor: Vec<Vec<f32>>,
    ridge: f32,
}

impl Whitening {
    /// Of longer samples, that many photos are taken at equal distances.
    pub const MOST_ROWS: usize = 384;

    /// Any fair sample of the library will do. `None` where its photos do not differ from each other. It costs about
    /// `m * m * (dim + m / 3)` steps for `m` photos.
    pub fn of(sample: &[&[f32]]) -> Option<Whitening> {
        let sample = thinned(sample);
        let mean = mean(&sample)?;
        let centred: Vec<Vec<f32>> = sample.iter().map(|photo| difference(photo, &mean)).collect();
        let variance: f32 = centred.iter().map(|row| dot(row, row)).sum::<f32>() / centred.len() as f32;
        let ridge = RIDGE * variance / mean.len() as f32;
        if ridge < 1e-12 {
            return None;
        }
        let factor = cholesky(&centred, ridge * centred.len() as f32)?;
        let photos = sample.iter().map(|photo| photo.to_vec()).collect();
        Some(Whitening { mean, photos, factor, ridge })
    }

    /// How many numbers a photo has.
    pub fn dim(&self) -> usize {
        self.mean.len()
    }

    /// The sample.
    pub fn photos(&self) -> &[Vec<f32>] {
        &self.photos
    }

    /// The photo less the mean, divided by the covariance.
    pub fn divided(&self, photo: &[f32]) -> Vec<f32> {
        let mut result = difference(photo, &self.mean);
        let at_mean = dot(&self.mean, &result);
        let along = self.photos.iter().map(|photo| dot(photo, &result) - at_mean).collect();
        let shares = self.solved(along);
        for (photo, share) in self.photos.iter().zip(&shares) {
            add_scaled(&mut result, photo, -share);
        }
        add_scaled(&mut result, &self.mean, shares.iter().sum());
        result.iter_mut().for_each(|x| *x /= self.ridge);
        result
    }

    /// Solves for the factored matrix: forward through the factor, then backward through its transpose.
    fn solved(&self, mut right: Vec<f32>) -> Vec<f32> {
        for (i, row) in self.factor.iter().enumerate() {
            right[i] = (right[i] - dot(&row[..i], &right[..i])) / row[i];
        }
        for (i, row) in self.factor.iter().enumerate().rev() {
            right[i] /= row[i];
            let known = right[i];
            add_scaled(&mut right[..i], &row[..i], -known);
        }
        right
    }
}

/// `to += scale * what`.
pub fn add_scaled(to: &mut [f32], what: &[f32], scale: f32) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += scale * what);
}

/// `None` where there are no vectors, or where they differ in length.
fn mean(vectors: &[&[f32]]) -> Option<Vec<f32>> {
    let mut sum = vec![0.0; vectors.first()?.len()];
    for vector in vectors {
        if vector.len() != sum.len() {
            return None;
        }
        add_scaled(&mut sum, vector, 1.0 / vectors.len() as f32);
    }
    Some(sum)
}

fn difference(photo: &[f32], mean: &[f32]) -> Vec<f32> {
    photo.iter().zip(mean).map(|(x, mean)| x - mean).collect()
}

fn thinned<'a>(sample: &[&'a [f32]]) -> Vec<&'a [f32]> {
    let count = sample.len().min(Whitening::MOST_ROWS);
    (0..count).map(|i| sample[i * sample.len() / count]).collect()
}

/// The lower factor of `ZZ' + diagonal * I`.
fn cholesky(rows: &[Vec<f32>], diagonal: f32) -> Option<Vec<Vec<f32>>> {
    let mut factor: Vec<Vec<f32>> = Vec::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        let mut lower = Vec::with_capacity(i + 1);
        for (j, above) in factor.iter().enumerate() {
            lower.push((dot(row, &rows[j]) - dot(&lower, &above[..j])) / above[j]);
        }
        let rest = dot(row, row) + diagonal - dot(&lower, &lower);
        lower.push((rest > 0.0).then(|| rest.sqrt())?);
        factor.push(lower);
    }
    Some(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Photos that differ much along the first axis and little along the second.
    fn whitening() -> Whitening {
        let photos = [[2.0, 0.1, 0.0], [-2.0, 0.1, 0.0], [2.0, -0.1, 0.0], [-2.0, -0.1, 0.0]];
        Whitening::of(&photos.iter().map(<[f32; 3]>::as_slice).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn dividing_by_the_covariance_undoes_multiplying_with_it() {
        let whitening = whitening();
        let divided = whitening.divided(&[1.0, 1.0, 1.0]);
        assert!(whitening.mean.iter().all(|x| x.abs() < 1e-6));
        let variances = [4.0, 0.01, 0.0].map(|variance| variance + whitening.ridge);
        for (quotient, variance) in divided.iter().zip(variances) {
            assert!((quotient * variance - 1.0).abs() < 1e-4, "{divided:?}");
        }
    }

    #[test]
    fn photos_that_do_not_differ_cannot_be_whitened() {
        assert!(Whitening::of(&[&[1.0, 0.0], &[1.0, 0.0]]).is_none());
        assert!(Whitening::of(&[]).is_none());
        assert!(Whitening::of(&[&[1.0], &[1.0, 0.0]]).is_none());
    }

    #[test]
    fn a_long_sample_is_thinned_evenly() {
        let photos: Vec<[f32; 2]> = (0..1000).map(|i| [i as f32, 1.0]).collect();
        let slices: Vec<&[f32]> = photos.iter().map(<[f32; 2]>::as_slice).collect();
        let whitening = Whitening::of(&slices).unwrap();
        assert_eq!(whitening.photos().len(), Whitening::MOST_ROWS);
        assert!((whitening.mean[0] - 499.5).abs() < 3.0);
    }
}
