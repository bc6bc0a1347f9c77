//! Photos that are almost the same: copies, bursts, one picture saved twice.
//!
//! Comparing every pair of 100,000 photos would take hours. Photos on the same side of random planes are likely alike
//! (locality-sensitive hashing: Charikar 2002), so only those pairs are compared that agree on all planes of some band.

use super::{Vectors, dot};

const BANDS: usize = 16;
const PLANES_A_BAND: usize = 12;
const PLANES: usize = BANDS * PLANES_A_BAND;

/// Two photos count as almost the same from this cosine on, after what all photos have in common is taken away: models
/// differ in how much that is. Bursts lie above 0.9, two photos of like things below 0.8.
const LEAST_COSINE: f32 = 0.9;

/// At that cosine a plane separates two photos with a probability of 0.14; three times as many are too many.
const MOST_SEPARATING: u32 = PLANES as u32 * 2 / 5;

/// How far photos in one bucket are compared with those after them; more of them are a wall of copies, which the chain
/// of neighbours holds together.
const REACH: usize = 48;

/// Rows that one step hashes: about 10 ms.
const ROWS_A_STEP: usize = 256;
const ROWS_FOR_CENTRE: usize = 2048;

type Code = [u16; BANDS];

/// A search for sets of almost equal photos, done in steps of some milliseconds.
pub struct Comparison {
    rows: Vec<u32>,
    centre: Vec<f32>,
    planes: Vec<Vec<f32>>,
    codes: Vec<Code>,
    next_band: usize,
    /// By place in `rows`: another place of the same set, nearer to its root.
    parents: Vec<u32>,
    is_done: bool,
}

impl Comparison {
    /// Compares these rows; those without a vector are left out.
    pub fn of(vectors: &Vectors, rows: &[u32]) -> Comparison {
        let rows: Vec<u32> = rows.iter().copied().filter(|row| vectors.has(*row as usize)).collect();
        let centre = centre(vectors, &rows);
        let mut random = Random(0x2545_f491_4f6c_dd1d);
        let planes = (0..PLANES).map(|_| (0..centre.len()).map(|_| random.next()).collect()).collect();
        let parents = (0..rows.len() as u32).collect();
        Comparison { rows, centre, planes, codes: Vec::new(), next_band: 0, parents, is_done: false }
    }

    pub fn is_done(&self) -> bool {
        self.is_done
    }

    /// Goes on a little; returns the sets of rows once they are found, largest first.
    pub fn step(&mut self, vectors: &Vectors) -> Option<Vec<Vec<u32>>> {
        if self.codes.len() < self.rows.len() {
            self.hash_some(vectors);
        } else if self.next_band < BANDS {
            self.compare_band(vectors);
        } else if !self.is_done {
            self.is_done = true;
            return Some(self.sets());
        }
        None
    }

    fn hash_some(&mut self, vectors: &Vectors) {
        let begin = self.codes.len();
        let end = (begin + ROWS_A_STEP).min(self.rows.len());
        let common: Vec<f32> = self.planes.iter().map(|plane| dot(plane, &self.centre)).collect();
        for row in &self.rows[begin..end] {
            let photo = vectors.get(*row as usize).unwrap_or(&[]);
            let mut code = Code::default();
            for (number, (plane, common)) in self.planes.iter().zip(&common).enumerate() {
                code[number / PLANES_A_BAND] |= u16::from(dot(plane, photo) > *common) << (number % PLANES_A_BAND);
            }
            self.codes.push(code);
        }
    }

    fn compare_band(&mut self, vectors: &Vectors) {
        let mut places: Vec<u32> = (0..self.rows.len() as u32).collect();
        places.sort_by_key(|place| self.codes[*place as usize][self.next_band]);
        for (index, one) in places.iter().enumerate() {
            let bucket = self.codes[*one as usize][self.next_band];
            for other in places[index + 1..].iter().take(REACH) {
                if self.codes[*other as usize][self.next_band] != bucket {
                    break;
                }
                if self.root(*one) != self.root(*other) && self.are_alike(*one, *other, vectors) {
                    self.join(*one, *other);
                }
            }
        }
        self.next_band += 1;
    }

    fn are_alike(&self, one: u32, other: u32, vectors: &Vectors) -> bool {
        let codes = self.codes[one as usize].iter().zip(&self.codes[other as usize]);
        if codes.map(|(a, b)| (a ^ b).count_ones()).sum::<u32>() > MOST_SEPARATING {
            return false;
        }
        let photo = |place: u32| vectors.get(self.rows[place as usize] as usize);
        let (Some(one), Some(other)) = (photo(one), photo(other)) else { return false };
        self.centred_cosine(one, other) >= LEAST_COSINE
    }

    fn centred_cosine(&self, one: &[f32], other: &[f32]) -> f32 {
        let centre = &self.centre;
        let (of_one, of_other, own) = (dot(one, centre), dot(other, centre), dot(centre, centre));
        let length = |photo: &[f32], common: f32| (dot(photo, photo) - 2.0 * common + own).max(1e-12).sqrt();
        (dot(one, other) - of_one - of_other + own) / (length(one, of_one) * length(other, of_other))
    }

    fn root(&mut self, place: u32) -> u32 {
        let mut root = place;
        while self.parents[root as usize] != root {
            // Halving the path keeps the next look-up short.
            self.parents[root as usize] = self.parents[self.parents[root as usize] as usize];
            root = self.parents[root as usize];
        }
        root
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.root(one), self.root(other));
        self.parents[one.max(other) as usize] = one.min(other);
    }

    fn sets(&mut self) -> Vec<Vec<u32>> {
        let mut by_root: Vec<Vec<u32>> = vec![Vec::new(); self.rows.len()];
        for place in 0..self.rows.len() as u32 {
            let root = self.root(place);
            by_root[root as usize].push(self.rows[place as usize]);
        }
        by_root.retain(|set| set.len() > 1);
        by_root.sort_by_key(|set| std::cmp::Reverse(set.len()));
        by_root
    }
}

/// The mean of some of the rows, evenly spread.
fn centre(vectors: &Vectors, rows: &[u32]) -> Vec<f32> {
    let stride = rows.len().div_ceil(ROWS_FOR_CENTRE).max(1);
    let photos: Vec<&[f32]> = rows.iter().step_by(stride).filter_map(|row| vectors.get(*row as usize)).collect();
    let mut centre = vec![0.0; photos.first().map_or(0, |photo| photo.len())];
    // Of two or three photos the mean lies between them, and they would seem to be opposites.
    if photos.len() >= 8 {
        for photo in &photos {
            centre.iter_mut().zip(*photo).for_each(|(sum, x)| *sum += x / photos.len() as f32);
        }
    }
    centre
}

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    /// From -1 to 1.
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Embedding;

    #[test]
    fn copies_are_found_among_thousands() {
        let mut random = Random(7);
        let mut vectors = Vectors::default();
        let mut photo = |like: Option<&[f32]>| -> Embedding {
            let mut noise = || random.next();
            let numbers = match like {
                Some(like) => like.iter().map(|x| x + 0.015 * noise()).collect(),
                None => (0..128).map(|_| noise() + 0.8).collect(),
            };
            Embedding::normalised(numbers).unwrap()
        };
        for row in 0..3000 {
            vectors.set(row, &photo(None));
        }
        for (row, of) in [(3000, 5), (3001, 5), (3002, 70)] {
            let copy = photo(Some(vectors.get(of).unwrap()));
            vectors.set(row, &copy);
        }
        let rows: Vec<u32> = (0..3003).collect();
        let mut comparison = Comparison::of(&vectors, &rows);
        let sets = std::iter::repeat_with(|| comparison.step(&vectors)).take(1000).flatten().next();
        assert_eq!(sets, Some(vec![vec![5, 3000, 3001], vec![70, 3002]]));
        assert!(comparison.is_done());
    }

    #[test]
    fn nothing_is_like_nothing() {
        let mut comparison = Comparison::of(&Vectors::default(), &[0, 1]);
        let sets = std::iter::repeat_with(|| comparison.step(&Vectors::default())).take(50).flatten().next();
        assert_eq!(sets, Some(Vec::new()));
    }
}
