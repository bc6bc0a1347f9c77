//! The innermost loops for the instructions of x86-64.
//!
//! # Why the `unsafe` here is sound
//!
//! - **Instructions.** Each public function first asks the processor for all that it will use, and panics where it is not
//!   there; the answer is kept by the standard library, so asking costs a nanosecond.
//! - **Reads.** [`Block::checked`] asserts that the block holds a word for each of `ROWS` rows at each of its steps, and the
//!   panel `COLUMNS` words. A pass reads, at each of these steps, the words of `R` rows from its first on and `C` registers of
//!   words from its column on; the constants of the passes add up to at most `ROWS` and `COLUMNS`.
//! - **Writes.** A pass writes `R` rows of `C` registers into a [`Tile`] from the same row and column on.
//!
//! Loads and stores are those for any alignment. Nothing is kept.

#![allow(unsafe_code, reason = "instructions that the compiler does not find by itself; the header proves each use")]
#![allow(clippy::needless_range_loop, reason = "loops of a constant length, which must be unrolled")]

use std::arch::x86_64::*;
use std::mem::transmute;

use super::level::{Block, COLUMNS, ROWS, Tile};

pub fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

pub fn has_avx_vnni() -> bool {
    is_x86_feature_detected!("avxvnni")
}

pub fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vnni")
}

pub fn has_bf16() -> bool {
    is_x86_feature_detected!("avx512bf16")
}

/// Runs code that the compiler may translate with AVX-512.
#[inline(always)]
pub fn in_avx512<R>(work: impl FnOnce() -> R) -> R {
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]
    unsafe fn with_instructions<R>(work: impl FnOnce() -> R) -> R {
        work()
    }
    assert!(has_avx512() && has_avx2(), "the processor lacks AVX-512");
    unsafe { with_instructions(work) }
}

/// A register of 32-bit words.
trait Register: Copy {
    const WORDS: usize;
    unsafe fn zero() -> Self;
    unsafe fn load(from: *const u32) -> Self;
    unsafe fn splat(word: u32) -> Self;
    unsafe fn store(self, to: *mut u32);
}

impl Register for __m512i {
    const WORDS: usize = 16;
    #[inline(always)]
    unsafe fn zero() -> Self {
        unsafe { _mm512_setzero_si512() }
    }
    #[inline(always)]
    unsafe fn load(from: *const u32) -> Self {
        unsafe { _mm512_loadu_si512(from.cast()) }
    }
    #[inline(always)]
    unsafe fn splat(word: u32) -> Self {
        unsafe { _mm512_set1_epi32(word.cast_signed()) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u32) {
        unsafe { _mm512_storeu_si512(to.cast(), self) }
    }
}

impl Register for __m256i {
    const WORDS: usize = 8;
    #[inline(always)]
    unsafe fn zero() -> Self {
        unsafe { _mm256_setzero_si256() }
    }
    #[inline(always)]
    unsafe fn load(from: *const u32) -> Self {
        unsafe { _mm256_loadu_si256(from.cast()) }
    }
    #[inline(always)]
    unsafe fn splat(word: u32) -> Self {
        unsafe { _mm256_set1_epi32(word.cast_signed()) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u32) {
        unsafe { _mm256_storeu_si256(to.cast(), self) }
    }
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

step!(Float512, __m512i, |sum, row, weights| {
    let (sum, row, weights) = (_mm512_castsi512_ps(sum), _mm512_castsi512_ps(row), _mm512_castsi512_ps(weights));
    _mm512_castps_si512(_mm512_fmadd_ps(row, weights, sum))
});
step!(Bytes512, __m512i, |sum, row, weights| _mm512_dpbusd_epi32(sum, row, weights));
step!(Brain512, __m512i, |sum, row, weights| {
    let (row, weights) = (transmute::<__m512i, __m512bh>(row), transmute::<__m512i, __m512bh>(weights));
    _mm512_castps_si512(_mm512_dpbf16_ps(_mm512_castsi512_ps(sum), row, weights))
});
step!(Float256, __m256i, |sum, row, weights| {
    let (sum, row, weights) = (_mm256_castsi256_ps(sum), _mm256_castsi256_ps(row), _mm256_castsi256_ps(weights));
    _mm256_castps_si256(_mm256_fmadd_ps(row, weights, sum))
});
step!(Shorts256, __m256i, |sum, row, weights| _mm256_add_epi32(sum, _mm256_madd_epi16(row, weights)));
step!(Bytes256, __m256i, |sum, row, weights| _mm256_dpbusd_avx_epi32(sum, row, weights));

/// `R` rows by `C` registers of outputs, from the row and column at which the pointers point.
#[inline(always)]
unsafe fn sums<S: Step, const R: usize, const C: usize>(
    words: *const u32,
    (next_row, next_step): (usize, usize),
    steps: usize,
    panel: *const u32,
    to: *mut u32,
) {
    unsafe {
        let registers = S::Words::WORDS;
        let mut sums = [[S::Words::zero(); C]; R];
        for step in 0..steps {
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
unsafe fn pass<S: Step, const R: usize>(
    words: &[u32],
    block: Block,
    panel: &[u32],
    from: (usize, usize),
    to: *mut u32,
) {
    unsafe {
        let (words, panel) = (words.as_ptr().add(from.0 * block.row), panel.as_ptr().add(from.1));
        let to = to.add(from.0 * COLUMNS + from.1);
        if (block.row, block.step) == (1, ROWS) {
            sums::<S, R, 2>(words, (1, ROWS), block.steps, panel, to);
        } else if block.step == 1 {
            sums::<S, R, 2>(words, (block.row, 1), block.steps, panel, to);
        } else {
            sums::<S, R, 2>(words, (block.row, block.step), block.steps, panel, to);
        }
    }
}

/// All rows at once, or half of them where no more are wanted: 32 registers hold 24 sums.
#[inline(always)]
unsafe fn wide<S: Step>(block: Block, panel: &[u32], tile: &mut Tile) {
    let (words, to) = (block.checked(panel), tile.as_mut_ptr().cast());
    unsafe {
        if block.count > ROWS / 2 {
            pass::<S, ROWS>(words, block, panel, (0, 0), to);
        } else {
            pass::<S, { ROWS / 2 }>(words, block, panel, (0, 0), to);
        }
    }
}

/// In quarters, because 16 registers hold 12 sums.
#[inline(always)]
unsafe fn narrow<S: Step>(block: Block, panel: &[u32], tile: &mut Tile) {
    let (words, to) = (block.checked(panel), tile.as_mut_ptr().cast());
    for row in (0..ROWS).step_by(ROWS / 2).take_while(|row| *row < block.count) {
        for column in [0, COLUMNS / 2] {
            unsafe { pass::<S, { ROWS / 2 }>(words, block, panel, (row, column), to) }
        }
    }
}

macro_rules! kernel {
    ($name:ident, $features:literal, $has:expr, $passes:ident, $step:ty) => {
        pub fn $name(block: Block, panel: &[u32], tile: &mut Tile) {
            #[target_feature(enable = $features)]
            unsafe fn with_instructions(block: Block, panel: &[u32], tile: &mut Tile) {
                unsafe { $passes::<$step>(block, panel, tile) }
            }
            assert!($has, "the processor lacks {}", $features);
            unsafe { with_instructions(block, panel, tile) }
        }
    };
}

kernel!(float_512, "avx512f", has_avx512(), wide, Float512);
kernel!(bytes_512, "avx512f,avx512vnni", has_avx512(), wide, Bytes512);
kernel!(brain_512, "avx512f,avx512bf16", has_avx512() && has_bf16(), wide, Brain512);
kernel!(float_256, "avx2,fma", has_avx2(), narrow, Float256);
kernel!(shorts_256, "avx2,fma", has_avx2(), narrow, Shorts256);
kernel!(bytes_256, "avx2,fma,avxvnni", has_avx2() && has_avx_vnni(), narrow, Bytes256);
