//! What a photo has in common with sentences in general, so that a fit can be told from mere likeness.
//!
//! Cosines of different photos do not compare: some photos lie near every sentence (the hubness of nearest-neighbour
//! search, which cross-domain similarity scaling corrects in the same way: Conneau et al. 2018, section 2.3). So a bank of
//! sentences that describe no category in particular says for each photo how high its cosines lie anyway.

use super::{Embedding, Vectors, dot, vectorised};

/// Written for Tagroll: things that libraries hold, so that each photo resembles a few of them and most of them not.
pub const BACKGROUND_PROMPTS: [&str; 64] = [
    "a photo of a person.",
    "a photo of a crowd.",
    "a photo of a child at play.",
    "a photo of a hand.",
    "a photo of a smiling face.",
    "a photo of a wedding.",
    "a photo of a concert.",
    "a photo of a football match.",
    "a photo of a street.",
    "a photo of a house.",
    "a photo of a kitchen.",
    "a photo of an office.",
    "a photo of a shop.",
    "a photo of a bridge.",
    "a photo of a church.",
    "a photo of a city at night.",
    "a photo of a mountain.",
    "a photo of a beach.",
    "a photo of a forest.",
    "a photo of a garden.",
    "a photo of a river.",
    "a photo of a cloudy sky.",
    "a photo of snow.",
    "a photo of a sunset.",
    "a photo of a flower.",
    "a photo of a tree.",
    "a photo of a horse.",
    "a photo of a bear.",
    "a photo of a snake.",
    "a photo of a monkey.",
    "a photo of an insect.",
    "a photo of a bird.",
    "a photo of a fish.",
    "a photo of a dog.",
    "a photo of a cat.",
    "a photo of a car.",
    "a photo of a bicycle.",
    "a photo of an aeroplane.",
    "a photo of a ship.",
    "a photo of a train.",
    "a photo of a road sign.",
    "a photo of a meal.",
    "a photo of fruit.",
    "a photo of a drink.",
    "a photo of a chair.",
    "a photo of a lamp.",
    "a photo of a book.",
    "a photo of a toy.",
    "a photo of a tool.",
    "a photo of a machine.",
    "a photo of a computer.",
    "a photo of a telephone.",
    "a photo of a guitar.",
    "a photo of a ball.",
    "a photo of a bag.",
    "a photo of clothes.",
    "a page of text.",
    "a receipt.",
    "a screenshot.",
    "a drawing.",
    "a painting.",
    "a map.",
    "a statue.",
    "a photo of an object.",
];

/// How high the cosines of one photo with the bank lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    pub mean: f32,
    /// Standard deviation over the bank; above zero.
    pub deviation: f32,
}

/// The level of every photo, as far as they have been worked out: eight bytes a photo, whatever the model.
#[derive(Clone, Debug)]
pub struct Background {
    bank: Vec<Embedding>,
    levels: Vec<Option<Level>>,
}

impl Background {
    /// `None` with fewer than two sentences, which cannot tell how much cosines vary.
    pub fn new(bank: &[Embedding]) -> Option<Background> {
        (bank.len() > 1).then(|| Background { bank: bank.to_vec(), levels: Vec::new() })
    }

    /// Works out the levels of rows that came later, at most `most_rows` of them. A row takes as long as scoring its photo
    /// for as many categories as the bank has sentences. Returns whether all are done.
    pub fn extend(&mut self, vectors: &Vectors, most_rows: usize) -> bool {
        let end = vectors.rows().min(self.levels.len() + most_rows);
        let Background { bank, levels } = self;
        vectorised(
            #[inline(always)]
            || {
                for row in levels.len()..end {
                    levels.push(vectors.get(row).map(|photo| level(bank, photo)));
                }
            },
        );
        self.levels.len() >= vectors.rows()
    }

    /// Works out the level of one row again, such as one whose vector came after those of later rows. A row that `extend`
    /// has yet to reach is left to it.
    pub fn update(&mut self, row: usize, vectors: &Vectors) {
        if row < self.levels.len() {
            self.levels[row] = vectors.get(row).map(|photo| level(&self.bank, photo));
        }
    }

    /// How many rows have been looked at.
    pub fn rows(&self) -> usize {
        self.levels.len()
    }

    /// `None` where it has not been worked out.
    pub fn level(&self, row: usize) -> Option<Level> {
        self.levels.get(row).copied().flatten()
    }
}

#[inline(always)]
fn level(bank: &[Embedding], photo: &[f32]) -> Level {
    let (mut sum, mut squares) = (0.0f32, 0.0f32);
    for sentence in bank {
        let cosine = dot(sentence.as_slice(), photo);
        sum += cosine;
        squares += cosine * cosine;
    }
    let mean = sum / bank.len() as f32;
    let variance = squares / bank.len() as f32 - mean * mean;
    Level { mean, deviation: variance.max(1e-8).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(x: f32, y: f32) -> Embedding {
        Embedding::normalised(vec![x, y]).unwrap()
    }

    #[test]
    fn a_level_is_the_mean_and_the_deviation_of_the_cosines_with_the_bank() {
        let mut vectors = Vectors::default();
        vectors.set(0, &unit(1.0, 0.0));
        let mut background = Background::new(&[unit(1.0, 0.0), unit(0.0, 1.0)]).unwrap();
        assert!(background.extend(&vectors, 10));
        let level = background.level(0).unwrap();
        assert!((level.mean - 0.5).abs() < 1e-6 && (level.deviation - 0.5).abs() < 1e-6);
    }

    #[test]
    fn levels_follow_rows_in_steps_and_out_of_order() {
        let mut vectors = Vectors::default();
        vectors.set(2, &unit(1.0, 0.0));
        let mut background = Background::new(&[unit(1.0, 0.0), unit(0.0, 1.0)]).unwrap();
        assert!(!background.extend(&vectors, 2));
        assert!(background.extend(&vectors, 2));
        assert_eq!((background.level(0), background.level(2).is_some()), (None, true));
        vectors.set(0, &unit(0.0, 1.0));
        background.update(0, &vectors);
        assert!(background.level(0).is_some());
    }

    #[test]
    fn one_sentence_is_no_bank() {
        assert!(Background::new(&[unit(1.0, 0.0)]).is_none());
    }

    #[test]
    fn no_sentence_stands_in_the_bank_twice() {
        let mut prompts = BACKGROUND_PROMPTS.to_vec();
        prompts.sort_unstable();
        prompts.dedup();
        assert_eq!(prompts.len(), BACKGROUND_PROMPTS.len());
    }
}
