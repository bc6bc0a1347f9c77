//! The innermost loops with instructions that the compiler does not find by itself, and all `unsafe` there is.
//!
//! # Why the `unsafe` here is sound
//!
//! - **Instructions.** Each public function of `x86`, `amx` and `neon` first asks the processor (`amx` the system too) for all that it
//!   will use, and panics where it is not there; the answer is kept, so asking costs a nanosecond.
//! - **Reads.** [`Block::checked`] asserts that the block holds a word for each of `ROWS` rows (for `amx`, of the 16 or 32 rows
//!   that it reads) at each of its steps, and the panel `COLUMNS` words. A pass reads, at each of these steps, the words of `R`
//!   rows from its first on and `C` registers of words from its column on; the constants of the passes add up to at most `ROWS`
//!   and `COLUMNS`.
//! - **Writes.** A pass writes `R` rows of `C` registers into a [`Tile`], or one row as long as that of a tile, from the same
//!   row and column on.
//! - **Matrices.** `amx` asserts that steps are whole matrices, reads 16 rows of 16 words and 16 steps of all columns at a time, and
//!   writes two or four matrices of 16 rows of 16 sums into a [`Tile`], which has room for four. It sets the shapes of its registers
//!   itself whenever they are others. Its assembly names all that it changes.
//! - **Fetching.** An instruction that only asks for memory to come nearer reads and writes nothing, wherever it points.
//! - **Bytes.** A [`Line`] is as long as its words, any bits of which are a number.
//!
//! Loads and stores are those for any alignment. Nothing else is kept.

#![allow(unsafe_code, reason = "instructions that the compiler does not find by itself; the header proves each use")]
#![allow(clippy::needless_range_loop, reason = "loops of a constant length, which must be unrolled")]

#[cfg(target_arch = "x86_64")]
pub mod amx;
#[cfg(target_arch = "aarch64")]
pub mod neon;
#[cfg(target_arch = "x86_64")]
pub mod x86;

use bytemuck::{Pod, Zeroable};

use crate::clip::cpu::level::{Block, COLUMNS, Distances, ROWS, Tile};

/// A cache line, and what the widest register holds.
#[derive(Clone, Copy, Default)]
#[repr(C, align(64))]
pub struct Line([u32; 16]);

unsafe impl Zeroable for Line {}
unsafe impl Pod for Line {}

/// A register of 32-bit words.
trait Register: Copy {
    const WORDS: usize;
    unsafe fn zero() -> Self;
    unsafe fn load(from: *const u32) -> Self;
    unsafe fn splat(word: u32) -> Self;
    unsafe fn store(self, to: *mut u32);
    /// Has the second-nearest memory fetch a cache line, and does not wait for it.
    unsafe fn fetch(line: *const u32);
}

/// A sum and a product, word by word.
trait Step {
    type Words: Register;
    unsafe fn add(sum: Self::Words, row: Self::Words, weights: Self::Words) -> Self::Words;
}

macro_rules! step {
    ($name:ident, $words:ty, |$sum:ident, $row:ident, $weights:ident| $body:expr) => {
        struct $name;
        impl Step for $name {
            type Words = $words;
            #[inline(always)]
            unsafe fn add($sum: $words, $row: $words, $weights: $words) -> $words {
                unsafe { $body }
            }
        }
    };
}
use step;

/// `R` rows by `C` registers of outputs, from the row and column at which the pointers point.
#[inline(always)]
unsafe fn sums<S: Step, const R: usize, const C: usize>(
    words: *const u32,
    (next_row, next_step): (usize, usize),
    steps: usize,
    panel: *const u32,
    to: *mut u32,
    ahead: &[u32],
) {
    unsafe {
        let registers = S::Words::WORDS;
        let lines = ahead.chunks(size_of::<Line>() / size_of::<u32>()).len();
        // So many steps for each line: all at once they would wait for each other.
        let every = steps.checked_div(lines).unwrap_or(usize::MAX).max(1);
        let (mut line, mut left) = (ahead.as_ptr(), every);
        let mut sums = [[S::Words::zero(); C]; R];
        for step in 0..steps {
            left -= 1;
            if left == 0 {
                S::Words::fetch(line);
                (line, left) = (line.wrapping_byte_add(size_of::<Line>()), every);
            }
            let (words, panel) = (words.add(step * next_step), panel.add(step * COLUMNS));
            let mut weights = [S::Words::zero(); C];
            for c in 0..C {
                weights[c] = S::Words::load(panel.add(c * registers));
            }
            for r in 0..R {
                let row = S::Words::splat(*words.add(r * next_row));
                for c in 0..C {
                    sums[r][c] = S::add(sums[r][c], row, weights[c]);
                }
            }
        }
        for r in 0..R {
            for c in 0..C {
                sums[r][c].store(to.add(r * COLUMNS + c * registers));
            }
        }
    }
}

/// From a row and a column on. Where distances are known, the loop is one of its own.
#[inline(always)]
unsafe fn pass<S: Step, const R: usize, const C: usize>(
    words: &[u32],
    block: Block,
    panel: &[u32],
    from: (usize, usize),
    to: *mut u32,
) {
    unsafe {
        let Distances { row, step } = block.distances;
        let (words, panel) = (words.as_ptr().add(from.0 * row), panel.as_ptr().add(from.1));
        let to = to.add(from.0 * COLUMNS + from.1);
        if (row, step) == (1, ROWS) {
            sums::<S, R, C>(words, (1, ROWS), block.steps, panel, to, block.ahead);
        } else if step == 1 {
            sums::<S, R, C>(words, (row, 1), block.steps, panel, to, block.ahead);
        } else {
            sums::<S, R, C>(words, (row, step), block.steps, panel, to, block.ahead);
        }
    }
}

/// In quarters of `C` registers.
#[inline(always)]
unsafe fn quarters<S: Step, const C: usize>(block: Block, panel: &[u32], tile: &mut Tile) {
    const { assert!(C * S::Words::WORDS == COLUMNS / 2) };
    let (words, to) = (block.checked(panel, ROWS), tile.0.as_mut_ptr().cast());
    for row in (0..ROWS).step_by(ROWS / 2).take_while(|row| *row < block.count) {
        for column in [0, COLUMNS / 2] {
            unsafe { pass::<S, { ROWS / 2 }, C>(words, block, panel, (row, column), to) }
        }
    }
}

macro_rules! kernel {
    ($name:ident, $features:literal, $has:expr, $passes:expr) => {
        pub fn $name(block: Block, panel: &[u32], tile: &mut Tile) {
            #[target_feature(enable = $features)]
            unsafe fn with_instructions(block: Block, panel: &[u32], tile: &mut Tile) {
                unsafe { $passes(block, panel, tile) }
            }
            assert!($has, "the processor lacks {}", $features);
            unsafe { with_instructions(block, panel, tile) }
        }
    };
}
use kernel;
