//! What this processor offers, and how numbers lie in memory for it.
//!
//! Rows and weights are packed so that the innermost loop only ever reads forwards. A word of 32 bits holds the next one, two
//! or four numbers of a row, so one loop serves all precisions: step `s` of a block of rows is the word of each of its
//! [`ROWS`] rows, and step `s` of a panel the word of each of its [`COLUMNS`] outputs.

use std::sync::OnceLock;

use super::plain;
#[cfg(target_arch = "aarch64")]
use super::vector::neon;
#[cfg(target_arch = "x86_64")]
use super::vector::{amx, x86};

/// Rows of a block: with two registers of weights, 24 sums fill the registers of AVX-512.
pub const ROWS: usize = 12;
/// Rows of a block for AMX, half of whose registers hold the sums of as many rows and columns.
pub const MATRIX_ROWS: usize = 32;
/// What AMX reads at a time: words of a row, and of an output.
pub const MATRIX_STEPS: usize = 16;
/// Outputs of a panel.
pub const COLUMNS: usize = 32;

/// How far it is from a row to the next one, and from a step to the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Distances {
    pub row: usize,
    pub step: usize,
}

/// Words of some rows, `count` of which are wanted: up to [`ROWS`], or [`MATRIX_ROWS`] for AMX.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    pub words: &'a [u32],
    pub steps: usize,
    pub distances: Distances,
    pub count: usize,
    /// What is to be fetched from far away meanwhile.
    pub ahead: &'a [u32],
}

impl<'a> Block<'a> {
    /// Of rows that lie one after another, each `width` numbers long.
    pub fn plain(rows: &'a [f32], width: usize) -> Block<'a> {
        let distances = Distances { row: width, step: 1 };
        Block { words: bytemuck::cast_slice(rows), steps: width, distances, count: ROWS, ahead: &[] }
    }

    /// All words. Panics unless they and the panel's are there for each of `rows` and steps that a loop may read.
    pub fn checked(&self, panel: &[u32], rows: usize) -> &'a [u32] {
        assert_eq!(panel.len(), self.steps * COLUMNS, "rows and weights have different steps");
        let last = rows.saturating_sub(1) * self.distances.row + self.steps.saturating_sub(1) * self.distances.step;
        assert!(self.words.len() > last || self.steps == 0, "a block has {rows} rows");
        self.words
    }
}

/// The sums of a block of rows and a panel: bits of `f32` or `i32`, as the [`Word`] says.
#[derive(Clone, Debug, PartialEq)]
#[repr(align(64))]
pub struct Tile(pub [[u32; COLUMNS]; MATRIX_ROWS]);

impl Default for Tile {
    fn default() -> Tile {
        Tile([[0; COLUMNS]; MATRIX_ROWS])
    }
}

/// Instructions that an innermost loop is written for, those of one kind of processor in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Any processor; what the others are compared with.
    Plain,
    /// AVX2 and FMA.
    Avx2,
    /// AVX2 with sums of four products of bytes.
    AvxVnni,
    /// AVX-512 with these sums, as of Ice Lake and Zen 4.
    Avx512,
    /// AVX-512 with sums of two products of `bf16` as well.
    Avx512Bf16,
    /// The same with AMX, which multiplies small matrices of bytes or `bf16`, as of Sapphire Rapids.
    Amx,
    /// What every AArch64 has.
    Neon,
    /// NEON with sums of four products of bytes that have a sign, as of Apple's M1 and Arm's Cortex-A76.
    NeonDot,
    /// The same of bytes with and without one, as of Apple's M2 and Arm's Cortex-A510.
    NeonMixed,
}

/// What 32 bits of a packed row hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// One `f32`.
    Float,
    /// Two `bf16`, summed in `f32`.
    Brain,
    /// Two numbers of eight bits as `i16`, summed in `i32`.
    Shorts,
    /// Four numbers of eight bits, summed in `i32`. Those of rows have no sign, those of weights have one.
    Bytes,
}

impl Word {
    /// How many numbers.
    pub fn count(self) -> usize {
        match self {
            Word::Float => 1,
            Word::Brain | Word::Shorts => 2,
            Word::Bytes => 4,
        }
    }

    /// Whether sums are `i32`, to be multiplied with the scales of their row and output.
    pub fn is_whole(self) -> bool {
        matches!(self, Word::Shorts | Word::Bytes)
    }
}

impl Level {
    /// The best that this processor can do.
    pub fn best() -> Level {
        static BEST: OnceLock<Level> = OnceLock::new();
        *BEST.get_or_init(|| {
            let worth_while = Level::available().into_iter().filter(|level| !level.is_slow());
            worth_while.max().unwrap_or(Level::Plain)
        })
    }

    /// Intel's processors multiply `bf16` slowly where they may not use AMX: in 1.4 times the time of `f32` on a Xeon that has it.
    fn is_slow(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        return self == Level::Avx512Bf16 && x86::is_intel();
        #[cfg(not(target_arch = "x86_64"))]
        false
    }

    /// All that this processor can do.
    pub fn available() -> Vec<Level> {
        let of_x86 = [Level::Avx2, Level::AvxVnni, Level::Avx512, Level::Avx512Bf16, Level::Amx];
        let of_arm = [Level::Neon, Level::NeonDot, Level::NeonMixed];
        let all = [Level::Plain].into_iter().chain(of_x86).chain(of_arm);
        all.filter(|level| level.is_available()).collect()
    }

    #[cfg(target_arch = "x86_64")]
    fn is_available(self) -> bool {
        match self {
            Level::Plain => true,
            Level::Avx2 => x86::has_avx2(),
            Level::AvxVnni => x86::has_avx2() && x86::has_avx_vnni(),
            Level::Avx512 => x86::has_avx2() && x86::has_avx512(),
            Level::Avx512Bf16 => x86::has_avx2() && x86::has_avx512() && x86::has_bf16(),
            Level::Amx => Level::Avx512Bf16.is_available() && amx::is_allowed(),
            Level::Neon | Level::NeonDot | Level::NeonMixed => false,
        }
    }

    #[cfg(target_arch = "aarch64")]
    fn is_available(self) -> bool {
        match self {
            Level::Plain | Level::Neon => true,
            Level::NeonDot => neon::has_dot(),
            Level::NeonMixed => neon::has_dot() && neon::has_mixed(),
            Level::Avx2 | Level::AvxVnni | Level::Avx512 | Level::Avx512Bf16 | Level::Amx => false,
        }
    }

    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    fn is_available(self) -> bool {
        self == Level::Plain
    }

    /// The word that this level is fastest with for eight-bit numbers.
    pub fn eight_bits(self) -> Word {
        match self {
            Level::Plain | Level::Avx2 | Level::Neon => Word::Shorts,
            _ => Word::Bytes,
        }
    }

    /// Whether it multiplies `bf16`.
    pub fn has_brain(self) -> bool {
        matches!(self, Level::Avx512Bf16 | Level::Amx)
    }

    /// Does plain arithmetic in the widest registers there are. What is to be widened must be inlined into `work`.
    #[inline(always)]
    pub fn widely<R>(self, work: impl FnOnce() -> R) -> R {
        #[cfg(target_arch = "x86_64")]
        if matches!(self, Level::Avx512 | Level::Avx512Bf16 | Level::Amx) {
            return x86::in_avx512(work);
        }
        pulp::Arch::new().dispatch(work)
    }

    /// Multiplies a block with a panel that is as many steps long.
    pub fn multiply(self, word: Word, block: Block, panel: &[u32], tile: &mut Tile) {
        #[cfg(target_arch = "x86_64")]
        match (self, word) {
            (Level::Amx, Word::Brain) => return amx::brain(block, panel, tile),
            (Level::Amx, Word::Bytes) => return amx::bytes(block, panel, tile),
            (Level::Avx512Bf16, Word::Brain) => return x86::brain_512(block, panel, tile),
            (Level::Avx512 | Level::Avx512Bf16 | Level::Amx, Word::Float) => {
                return x86::float_512(block, panel, tile);
            }
            (Level::Avx512 | Level::Avx512Bf16, Word::Bytes) => return x86::bytes_512(block, panel, tile),
            (Level::AvxVnni, Word::Bytes) => return x86::bytes_256(block, panel, tile),
            (Level::Plain, _) | (_, Word::Brain | Word::Bytes) => {}
            (_, Word::Float) => return x86::float_256(block, panel, tile),
            (_, Word::Shorts) => return x86::shorts_256(block, panel, tile),
        }
        #[cfg(target_arch = "aarch64")]
        match (self, word) {
            (Level::NeonMixed, Word::Bytes) => return neon::bytes_mixed(block, panel, tile),
            (Level::NeonDot, Word::Bytes) => return neon::bytes_lowered(block, panel, tile),
            (Level::Plain, _) | (_, Word::Brain | Word::Bytes) => {}
            (_, Word::Float) => return neon::float(block, panel, tile),
            (_, Word::Shorts) => return neon::shorts(block, panel, tile),
        }
        plain::multiply(word, block, panel, tile);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::cpu::Kernel;

    const PACKED: Distances = Distances { row: 1, step: ROWS };

    /// Numbers that look random.
    fn words(count: usize, seed: u32) -> Vec<u32> {
        let mut state = seed;
        let next = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state ^ (state >> 15)
        };
        (0..count).map(next).collect()
    }

    /// A word of these bits whose numbers are tame.
    fn tamed(word: Word, bits: u32) -> u32 {
        let number = |bits: u32| f64::from(bits % 2001) as f32 / 1000.0 - 1.0;
        match word {
            Word::Float => number(bits).to_bits(),
            Word::Brain => (number(bits).to_bits() >> 16) | (number(bits >> 16).to_bits() & 0xffff_0000),
            Word::Shorts => {
                let short = |bits: u32| u32::from(((bits % 255) as i16 - 127).cast_unsigned());
                short(bits) | (short(bits >> 16) << 16)
            }
            Word::Bytes => bits,
        }
    }

    fn check(kernel: Kernel) {
        let Kernel { level, word } = kernel;
        for (steps, count) in [(1, 12), (7, 1), (192, 12), (33, 6), (100, 7), (48, 32), (16, 17), (16, 16)] {
            let (steps, count) = (kernel.steps(steps * word.count()), count.min(kernel.rows()));
            let distances = if kernel.is_matrix() { Distances { row: steps + 3, step: 1 } } else { PACKED };
            let tame = |count, seed| -> Vec<u32> { words(count, seed).into_iter().map(|b| tamed(word, b)).collect() };
            let (words, panel) = (tame((steps + 3) * kernel.rows(), 1), tame(steps * COLUMNS, 2));
            let block = Block { words: &words, steps, distances, count, ahead: &panel };
            let (mut found, mut wanted) = (Tile::default(), Tile::default());
            level.multiply(word, block, &panel, &mut found);
            Level::Plain.multiply(word, block, &panel, &mut wanted);
            for (found, wanted) in found.0[..count].iter().flatten().zip(wanted.0[..count].iter().flatten()) {
                if word.is_whole() {
                    assert_eq!(found, wanted, "{kernel:?} {steps} x {count}");
                } else {
                    let (found, wanted) = (f32::from_bits(*found), f32::from_bits(*wanted));
                    assert!((found - wanted).abs() < 1e-4, "{kernel:?}: {found} and {wanted}");
                }
            }
        }
    }

    #[test]
    fn every_level_counts_like_the_plain_one() {
        println!("this processor has {:?}", Level::available());
        for level in Level::available() {
            for word in [Word::Float, Word::Brain, Word::Shorts, Word::Bytes] {
                check(Kernel { level, word });
            }
        }
    }

    #[test]
    fn rows_need_not_be_packed() {
        let rows: Vec<f32> = (0..ROWS * 50).map(|x| (x * 37 % 101) as f32 / 50.0 - 1.0).collect();
        let panel: Vec<u32> = words(50 * COLUMNS, 2).into_iter().map(|bits| tamed(Word::Float, bits)).collect();
        let packed: Vec<u32> = (0..50 * ROWS).map(|at| rows[at % ROWS * 50 + at / ROWS].to_bits()).collect();
        for level in Level::available() {
            let (mut found, mut wanted) = (Tile::default(), Tile::default());
            level.multiply(Word::Float, Block::plain(&rows, 50), &panel, &mut found);
            level.multiply(
                Word::Float,
                Block { words: &packed, distances: PACKED, ..Block::plain(&[], 50) },
                &panel,
                &mut wanted,
            );
            assert_eq!(found, wanted, "{level:?}");
        }
    }

    #[test]
    #[should_panic(expected = "12 rows")]
    fn rows_that_are_too_few_are_refused() {
        let mut tile = Tile::default();
        Level::best().multiply(Word::Float, Block::plain(&[0.0; 11], 1), &[0; COLUMNS], &mut tile);
    }

    #[test]
    #[should_panic(expected = "steps")]
    fn a_panel_that_is_too_short_is_refused() {
        let mut tile = Tile::default();
        Level::best().multiply(Word::Float, Block::plain(&[0.0; 2 * ROWS], 2), &[0; COLUMNS], &mut tile);
    }
}
