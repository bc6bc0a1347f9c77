//! For the instructions of x86-64.

use std::arch::x86_64::*;
use std::mem::transmute;

use super::{Register, Step, kernel, pass, quarters, step};
use crate::clip::cpu::level::{Block, ROWS, Tile};

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

/// Whether it is one of Intel's.
pub fn is_intel() -> bool {
    let maker = __cpuid(0);
    [maker.ebx, maker.edx, maker.ecx].map(u32::to_le_bytes).as_flattened() == b"GenuineIntel"
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
    #[inline(always)]
    unsafe fn fetch(line: *const u32) {
        unsafe { _mm_prefetch::<_MM_HINT_T1>(line.cast()) }
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
    #[inline(always)]
    unsafe fn fetch(line: *const u32) {
        unsafe { _mm_prefetch::<_MM_HINT_T1>(line.cast()) }
    }
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

/// All rows at once, or half of them where no more are wanted: 32 registers hold 24 sums.
#[inline(always)]
unsafe fn wide<S: Step>(block: Block, panel: &[u32], tile: &mut Tile) {
    let (words, to) = (block.checked(panel, ROWS), tile.0.as_mut_ptr().cast());
    unsafe {
        if block.count > ROWS / 2 {
            pass::<S, ROWS, 2>(words, block, panel, (0, 0), to);
        } else {
            pass::<S, { ROWS / 2 }, 2>(words, block, panel, (0, 0), to);
        }
    }
}

kernel!(float_512, "avx512f", has_avx512(), wide::<Float512>);
kernel!(bytes_512, "avx512f,avx512vnni", has_avx512(), wide::<Bytes512>);
kernel!(brain_512, "avx512f,avx512bf16", has_avx512() && has_bf16(), wide::<Brain512>);
kernel!(float_256, "avx2,fma", has_avx2(), quarters::<Float256, 2>);
kernel!(shorts_256, "avx2,fma", has_avx2(), quarters::<Shorts256, 2>);
kernel!(bytes_256, "avx2,fma,avxvnni", has_avx2() && has_avx_vnni(), quarters::<Bytes256, 2>);
