//! For the instructions of AArch64, all of which have NEON. Tested under emulation only: no figure here was measured on such a
//! processor.

#![allow(unused_unsafe, reason = "the compiler knows that NEON is there; the macros are shared with x86-64")]

use std::arch::aarch64::*;
use std::arch::{asm, is_aarch64_feature_detected};

use super::{Register, Step, kernel, pass, quarters, step};
use crate::clip::cpu::level::{Block, COLUMNS, ROWS, Tile};

pub fn has_dot() -> bool {
    is_aarch64_feature_detected!("dotprod")
}

/// Products of bytes with a sign and bytes without one.
pub fn has_mixed() -> bool {
    is_aarch64_feature_detected!("i8mm")
}

impl Register for uint32x4_t {
    const WORDS: usize = 4;
    #[inline(always)]
    unsafe fn zero() -> Self {
        unsafe { vdupq_n_u32(0) }
    }
    #[inline(always)]
    unsafe fn load(from: *const u32) -> Self {
        unsafe { vld1q_u32(from) }
    }
    #[inline(always)]
    unsafe fn splat(word: u32) -> Self {
        unsafe { vdupq_n_u32(word) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u32) {
        unsafe { vst1q_u32(to, self) }
    }
    #[inline(always)]
    unsafe fn fetch(line: *const u32) {
        unsafe {
            asm!("prfm pldl2keep, [{line}]", line = in(reg) line, options(nostack, preserves_flags, readonly));
        }
    }
}

/// A sum of products of bytes: their intrinsics are not in stable Rust, the instructions are.
macro_rules! dot {
    ($instruction:literal, $sum:ident, $row:expr, $weights:ident) => {{
        let mut sum = $sum;
        asm!(
            concat!($instruction, " {sum:v}.4s, {row:v}.16b, {weights:v}.16b"),
            sum = inout(vreg) sum,
            row = in(vreg) $row,
            weights = in(vreg) $weights,
            options(pure, nomem, nostack, preserves_flags)
        );
        sum
    }};
}

/// All bits that make a number below 128 one of at least 128.
const TOP_BITS: u32 = 0x8080_8080;

step!(Float, uint32x4_t, |sum, row, weights| {
    let (row, weights) = (vreinterpretq_f32_u32(row), vreinterpretq_f32_u32(weights));
    vreinterpretq_u32_f32(vfmaq_f32(vreinterpretq_f32_u32(sum), row, weights))
});
step!(Shorts, uint32x4_t, |sum, row, weights| {
    let (row, weights) = (vreinterpretq_s16_u32(row), vreinterpretq_s16_u32(weights));
    let first = vmull_s16(vget_low_s16(row), vget_low_s16(weights));
    let last = vmull_high_s16(row, weights);
    vaddq_u32(sum, vreinterpretq_u32_s32(vpaddq_s32(first, last)))
});
step!(Mixed, uint32x4_t, |sum, row, weights| dot!("usdot", sum, row, weights));
// Of numbers that are 128 less, because both factors of this instruction have a sign.
step!(Lowered, uint32x4_t, |sum, row, weights| dot!("sdot", sum, veorq_u32(row, vdupq_n_u32(TOP_BITS)), weights));
// -128 times the weights, whatever the row.
step!(Negative, uint32x4_t, |sum, _row, weights| dot!("sdot", sum, vdupq_n_u32(TOP_BITS), weights));

#[inline(always)]
unsafe fn lowered(block: Block, panel: &[u32], tile: &mut Tile) {
    let mut negative = [0; COLUMNS];
    unsafe {
        quarters::<Lowered, 4>(block, panel, tile);
        pass::<Negative, 1, 8>(block.checked(panel, ROWS), block, panel, (0, 0), negative.as_mut_ptr());
    }
    for row in &mut tile.0[..block.count] {
        for (sum, negative) in row.iter_mut().zip(negative) {
            *sum = sum.wrapping_sub(negative);
        }
    }
}

kernel!(float, "neon", true, quarters::<Float, 4>);
kernel!(shorts, "neon", true, quarters::<Shorts, 4>);
kernel!(bytes_lowered, "neon,dotprod", has_dot(), lowered);
kernel!(bytes_mixed, "neon,dotprod,i8mm", has_dot() && has_mixed(), quarters::<Mixed, 4>);
