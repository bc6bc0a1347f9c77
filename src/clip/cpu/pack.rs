//! Rows and weights in the order in which the innermost loop reads them.

use bytemuck::Pod;

use super::level::{Block, COLUMNS, ROWS};
use super::{Kernel, Word};
use crate::clip::kernels::range;

/// What the eight-bit numbers of a row, 0 to 255, stand for: `scale * (number - zero)`. The zero is where it wastes least: most of what
/// comes out of an activation is on one side of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grain {
    pub scale: f32,
    pub zero: i32,
}

impl Grain {
    /// Of numbers that stand for themselves.
    pub const ONE: Grain = Grain { scale: 1.0, zero: 0 };

    /// Of numbers from zero to this one.
    pub fn up_to(most: f32) -> Grain {
        Grain { scale: most / 255.0, zero: 0 }
    }

    #[inline(always)]
    fn of(word: Word, numbers: &[f32]) -> Grain {
        if !word.is_whole() {
            return Grain::ONE;
        }
        let (least, most) = range(numbers);
        let scale = (most - least) / 255.0;
        if scale > 0.0 { Grain { scale, zero: (-least / scale).round() as i32 } } else { Grain::ONE }
    }
}

/// Rows of numbers, packed in blocks. The memory is kept for the next ones.
#[derive(Default)]
pub struct Rows {
    words: Vec<u32>,
    grains: Vec<Grain>,
    count: usize,
    steps: usize,
    /// One block row by row, as numbers and as words.
    numbers: Vec<f32>,
    encoded: Vec<u32>,
}

impl Rows {
    /// Packs `count` rows of `width` numbers; `fill` writes each of them.
    pub fn pack(&mut self, kernel: Kernel, count: usize, width: usize, mut fill: impl FnMut(usize, &mut [f32])) {
        let Kernel { level, word } = kernel;
        let (blocks, steps) = (count.div_ceil(ROWS), width.div_ceil(word.count()));
        (self.count, self.steps) = (count, steps);
        self.words.resize(blocks * steps * ROWS, 0);
        self.grains.clear();
        self.grains.resize(blocks * ROWS, Grain::ONE);
        self.numbers.resize(width, 0.0);
        self.encoded.resize(ROWS * steps, 0);
        for (block, words) in self.words.chunks_exact_mut(steps * ROWS).enumerate() {
            let rows = (count - block * ROWS).min(ROWS);
            for (lane, encoded) in self.encoded.chunks_exact_mut(steps).enumerate() {
                if lane < rows {
                    let row = block * ROWS + lane;
                    fill(row, &mut self.numbers);
                    self.grains[row] = level.widely(
                        #[inline(always)]
                        || {
                            let grain = Grain::of(word, &self.numbers);
                            encode(word, grain, &self.numbers, encoded);
                            grain
                        },
                    );
                } else {
                    encoded.fill(0);
                }
            }
            level.widely(
                #[inline(always)]
                || interleave(&self.encoded, steps, words),
            );
        }
    }

    /// Encodes rows that lie one after another, each `width` numbers long, and leaves them so: for few rows at a time, which
    /// are near anyway, putting them in another order costs more than it saves. The rows of a block share their grain: they
    /// are neighbours in a picture, and looking for the least and greatest of each short row takes longer than encoding it.
    pub fn lay(&mut self, kernel: Kernel, rows: &[f32], width: usize) {
        let Kernel { level, word } = kernel;
        self.room(kernel, rows.len() / width, width, Grain::ONE);
        let steps = self.steps;
        let encoded = self.words.chunks_exact_mut(ROWS * steps).zip(self.grains.chunks_exact_mut(ROWS));
        level.widely(
            #[inline(always)]
            || {
                for (rows, (words, grains)) in rows.chunks(ROWS * width).zip(encoded) {
                    let grain = Grain::of(word, rows);
                    grains.fill(grain);
                    for (row, words) in rows.chunks_exact(width).zip(words.chunks_exact_mut(steps)) {
                        encode(word, grain, row, words);
                    }
                }
            },
        );
    }

    /// Makes room for rows that somebody else encodes, with the same grain for all of them.
    pub fn room(&mut self, kernel: Kernel, count: usize, width: usize, grain: Grain) -> &mut [u32] {
        (self.count, self.steps) = (count, width.div_ceil(kernel.word.count()));
        let padded = count.div_ceil(ROWS) * ROWS;
        self.words.resize(padded * self.steps, 0);
        self.grains.clear();
        self.grains.resize(padded, grain);
        &mut self.words[..count * self.steps]
    }

    /// Of rows that were laid as `f32`.
    pub fn floats(&self) -> &[f32] {
        bytemuck::cast_slice(&self.words[..self.count * self.steps])
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// Each block with the grains of its rows, which were packed.
    pub fn blocks(&self) -> impl Iterator<Item = (Block<'_>, &[Grain])> {
        self.each_block(|words, _, count| Block::packed(words, count))
    }

    /// The same of rows that were laid.
    pub fn laid(&self) -> impl Iterator<Item = (Block<'_>, &[Grain])> {
        self.each_block(Block::laid)
    }

    fn each_block<'a>(
        &'a self,
        block: impl Fn(&'a [u32], usize, usize) -> Block<'a>,
    ) -> impl Iterator<Item = (Block<'a>, &'a [Grain])> {
        let blocks = self.words.chunks_exact(self.steps * ROWS).zip(self.grains.chunks_exact(ROWS));
        blocks.enumerate().map(move |(number, (words, grains))| {
            (block(words, self.steps, (self.count - number * ROWS).min(ROWS)), grains)
        })
    }
}

/// From row by row to step by step.
#[inline(always)]
fn interleave(encoded: &[u32], steps: usize, words: &mut [u32]) {
    let rows: [&[u32]; ROWS] = std::array::from_fn(|row| &encoded[row * steps..(row + 1) * steps]);
    for (step, words) in words.chunks_exact_mut(ROWS).enumerate() {
        for (word, row) in words.iter_mut().zip(rows) {
            *word = row[step];
        }
    }
}

/// Writes a row as words.
#[inline(always)]
pub fn encode(word: Word, grain: Grain, row: &[f32], words: &mut [u32]) {
    let (factor, zero) = (1.0 / grain.scale, grain.zero);
    let number = |x: f32| (whole(x * factor) + zero).clamp(0, 255);
    match word {
        Word::Float => each::<u32>(row, words, f32::to_bits),
        Word::Brain => each::<u16>(row, words, brain),
        Word::Shorts => each::<u16>(row, words, |x| number(x) as u16),
        Word::Bytes => each::<u8>(row, words, |x| number(x) as u8),
    }
}

/// The nearest whole number, of one that is within 2^22 of zero.
#[inline(always)]
fn whole(x: f32) -> i32 {
    // Adding 1.5 * 2^23 rounds and leaves the number in the low bits, which fills vector registers.
    const ROUNDER: f32 = 12_582_912.0;
    ((x + ROUNDER).to_bits() as i32).wrapping_sub(ROUNDER.to_bits() as i32)
}

/// Puts as many numbers into each word as it has room for, the first one lowest; after the row, zeros, whose weights are zero
/// too. Every processor that Rust's desktop systems run on keeps the lowest byte first.
#[inline(always)]
fn each<T: Pod>(row: &[f32], words: &mut [u32], number: impl Fn(f32) -> T) {
    let (now, rest) = bytemuck::cast_slice_mut::<u32, T>(words).split_at_mut(row.len());
    for (to, x) in now.iter_mut().zip(row) {
        *to = number(*x);
    }
    rest.fill(T::zeroed());
}

/// The upper half of the bits, rounded to the nearest even.
#[inline(always)]
fn brain(x: f32) -> u16 {
    let bits = x.to_bits();
    (bits.wrapping_add(0x7fff + ((bits >> 16) & 1)) >> 16) as u16
}

/// A matrix of weights, packed in panels of outputs.
pub struct Panels {
    words: Vec<u32>,
    steps: usize,
    /// What an output's eight-bit numbers are multiplied with, 127 to its largest weight.
    pub scales: Vec<f32>,
    /// The sum of an output's eight-bit numbers: what a row's zero adds to every product with it.
    pub sums: Vec<i32>,
}

impl Panels {
    /// `matrix` is `[outputs, inputs]`.
    pub fn of(word: Word, matrix: &[f32], inputs: usize) -> Panels {
        let outputs = matrix.len() / inputs;
        let (panels, steps) = (outputs.div_ceil(COLUMNS), inputs.div_ceil(word.count()));
        let mut words = vec![0; panels * steps * COLUMNS];
        let (mut scales, mut sums) = (vec![1.0; panels * COLUMNS], vec![0; panels * COLUMNS]);
        let mut encoded = vec![0; steps];
        for (output, row) in matrix.chunks_exact(inputs).enumerate() {
            if word.is_whole() {
                (scales[output], sums[output]) = encode_weights(word, row, &mut encoded);
            } else {
                encode(word, Grain::ONE, row, &mut encoded);
            }
            let panel = &mut words[output / COLUMNS * steps * COLUMNS..][..steps * COLUMNS];
            for (step, word) in encoded.iter().enumerate() {
                panel[step * COLUMNS + output % COLUMNS] = *word;
            }
        }
        Panels { words, steps, scales, sums }
    }

    pub fn panel(&self, number: usize) -> &[u32] {
        &self.words[number * self.steps * COLUMNS..][..self.steps * COLUMNS]
    }

    pub fn count(&self) -> usize {
        self.scales.len() / COLUMNS
    }
}

/// Numbers from -127 to 127: their scale and sum.
fn encode_weights(word: Word, row: &[f32], words: &mut [u32]) -> (f32, i32) {
    let (least, most) = range(row);
    let largest = most.max(-least);
    let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
    let number = |x: f32| whole(x / scale);
    match word {
        Word::Bytes => each::<i8>(row, words, |x| number(x) as i8),
        _ => each::<i16>(row, words, |x| number(x) as i16),
    }
    (scale, row.iter().map(|x| number(*x)).sum())
}
