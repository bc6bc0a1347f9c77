//! Rows and weights in the order in which the innermost loop reads them.

use bytemuck::Pod;

use super::level::{Block, COLUMNS, Distances, MATRIX_STEPS, ROWS};
use super::lines::Lines;
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

/// Rows of numbers, encoded in blocks. The memory is kept for the next ones.
#[derive(Default)]
pub struct Rows {
    words: Lines<u32>,
    grains: Vec<Grain>,
    count: usize,
    steps: usize,
    /// Rows of a block.
    of_block: usize,
    distances: Distances,
    /// One block row by row, as numbers and as words.
    numbers: Lines<f32>,
    encoded: Lines<u32>,
}

impl Rows {
    /// Packs `count` rows of `width` numbers in the order that the kernel reads fastest; `fill` writes each of them.
    pub fn pack(&mut self, kernel: Kernel, count: usize, width: usize, mut fill: impl FnMut(usize, &mut [f32])) {
        let steps = kernel.steps(width);
        self.numbers.resize(width);
        if kernel.is_matrix() {
            // An odd number of cache lines: the rows of a matrix that lie a power of two apart would drive each other out.
            let row = ((steps / MATRIX_STEPS) | 1) * MATRIX_STEPS;
            self.resize(kernel, count, steps, Distances { row, step: 1 });
            for (index, words) in self.words.chunks_exact_mut(row).take(count).enumerate() {
                fill(index, &mut self.numbers);
                self.grains[index] = encode_row(kernel, &self.numbers, &mut words[..steps]);
            }
            return;
        }
        self.resize(kernel, count, steps, Distances { row: 1, step: ROWS });
        self.encoded.resize(ROWS * steps);
        for (block, words) in self.words.chunks_exact_mut(steps * ROWS).enumerate() {
            let rows = (count - block * ROWS).min(ROWS);
            for (lane, encoded) in self.encoded.chunks_exact_mut(steps).enumerate() {
                if lane < rows {
                    let row = block * ROWS + lane;
                    fill(row, &mut self.numbers);
                    self.grains[row] = encode_row(kernel, &self.numbers, encoded);
                } else {
                    encoded.fill(0);
                }
            }
            kernel.level.widely(
                #[inline(always)]
                || interleave(&self.encoded, steps, words),
            );
        }
    }

    /// Encodes rows that lie one after another, each `width` numbers long, and leaves them so: for few rows at a time, which
    /// are near anyway, putting them in another order costs more than it saves. Some neighbours share their grain: they
    /// are neighbours in a picture, and looking for the least and greatest of each short row takes longer than encoding it.
    pub fn lay(&mut self, kernel: Kernel, rows: &[f32], width: usize) {
        let Kernel { level, word } = kernel;
        let steps = kernel.steps(width);
        self.resize(kernel, rows.len() / width, steps, Distances { row: steps, step: 1 });
        let encoded = self.words.chunks_mut(ROWS * steps).zip(self.grains.chunks_mut(ROWS));
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

    /// Makes room for rows that somebody else encodes, with the same grain for all of them; each has `kernel.steps(width)` words.
    pub fn room(&mut self, kernel: Kernel, count: usize, width: usize, grain: Grain) -> &mut [u32] {
        let steps = kernel.steps(width);
        self.resize(kernel, count, steps, Distances { row: steps, step: 1 });
        self.grains.fill(grain);
        let words = &mut self.words[..count * steps];
        if kernel.is_matrix() && !kernel.word.is_whole() {
            // What follows a row is multiplied too, with zeros, which must not meet infinity.
            words.chunks_exact_mut(steps).for_each(|row| row[width / kernel.word.count()..].fill(0));
        }
        words
    }

    fn resize(&mut self, kernel: Kernel, count: usize, steps: usize, distances: Distances) {
        (self.count, self.steps, self.of_block, self.distances) = (count, steps, kernel.rows(), distances);
        let padded = count.next_multiple_of(self.of_block);
        self.words.resize(padded * steps.max(distances.row));
        self.grains.clear();
        self.grains.resize(padded, Grain::ONE);
    }

    /// Of rows that were laid as `f32`.
    pub fn floats(&self) -> &[f32] {
        bytemuck::cast_slice(&self.words[..self.count * self.steps])
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// Each block with the grains of its rows.
    pub fn blocks(&self) -> impl Iterator<Item = (Block<'_>, &[Grain])> {
        let words = self.words.chunks_exact(self.steps.max(self.distances.row) * self.of_block);
        words.zip(self.grains.chunks_exact(self.of_block)).enumerate().map(|(number, (words, grains))| {
            let count = (self.count - number * self.of_block).min(self.of_block);
            (Block { words, steps: self.steps, distances: self.distances, count, ahead: &[] }, grains)
        })
    }
}

#[inline(always)]
fn encode_row(kernel: Kernel, numbers: &[f32], words: &mut [u32]) -> Grain {
    kernel.level.widely(
        #[inline(always)]
        || {
            let grain = Grain::of(kernel.word, numbers);
            encode(kernel.word, grain, numbers, words);
            grain
        },
    )
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
    words: Lines<u32>,
    steps: usize,
    /// What an output's eight-bit numbers are multiplied with, 127 to its largest weight.
    pub scales: Vec<f32>,
    /// The sum of an output's eight-bit numbers: what a row's zero adds to every product with it.
    pub sums: Vec<i32>,
}

impl Panels {
    /// `matrix` is `[outputs, inputs]`.
    pub fn of(kernel: Kernel, matrix: &[f32], inputs: usize) -> Panels {
        let (word, outputs) = (kernel.word, matrix.len() / inputs);
        let (panels, steps) = (outputs.div_ceil(COLUMNS), kernel.steps(inputs));
        let mut words = Lines::default();
        words.resize(panels * steps * COLUMNS);
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
