//! Resizing that equals Pillow's to the last bit.
//!
//! The reference preprocessing resizes bytes with Pillow and rounds to bytes after each direction. A resizer that differs
//! by one level here and there moves an embedding by up to 1e-4, ten times what parity allows, so the arithmetic
//! is Pillow's own (`Resample.c`): weights in 22-bit fixed point, and the order of the two directions as of Pillow 13.

use std::borrow::Cow;
use std::f64::consts::PI;
use std::ops::Range;

use pulp::Arch;

/// Pillow's filters, each made as wide as the scale asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    Nearest,
    Box,
    Bilinear,
    Hamming,
    /// With `a = -0.5`.
    Bicubic,
    Lanczos,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub width_px: u32,
    pub height_px: u32,
}

/// Which columns and rows of the resized picture are wanted; the others are never computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub columns: Range<usize>,
    pub rows: Range<usize>,
}

const CHANNELS: usize = 3;

/// 32 bits, less 8 for a byte and 2 for weights beyond one.
const PRECISION_BITS: u32 = 22;

/// The wanted part of `rgb` (of `from`, not empty) resized to `to`.
pub fn resample(rgb: &[u8], from: Size, to: Size, filter: Filter, window: &Window) -> Vec<u8> {
    if from == to {
        return cut(rgb, from, window).into_owned();
    }
    let axis = |from: u32, to: u32, wanted: &Range<usize>| match filter {
        Filter::Nearest => nearest(from as usize, to as usize, wanted),
        _ => weights(from as usize, to as usize, wanted, filter),
    };
    let mut across = axis(from.width_px, to.width_px, &window.columns);
    let mut down = axis(from.height_px, to.height_px, &window.rows);
    let needed = Window { columns: rebase(&mut across), rows: rebase(&mut down) };
    let rgb = cut(rgb, from, &needed);
    let (row_bytes, narrow_bytes) = (needed.columns.len() * CHANNELS, across.len() * CHANNELS);
    if is_down_first(from, to) {
        squeeze_rows(&mix_rows(&rgb, row_bytes, &down), row_bytes, &across)
    } else {
        mix_rows(&squeeze_rows(&rgb, row_bytes, &across), narrow_bytes, &down)
    }
}

/// Pillow 13 starts with the height where that loses more than twice as many pixels as the width; older ones never do.
/// Because of the rounding in between, the order shows.
fn is_down_first(from: Size, to: Size) -> bool {
    let (fewer_rows, fewer_columns) =
        (from.height_px.saturating_sub(to.height_px), from.width_px.saturating_sub(to.width_px));
    u64::from(fewer_rows) > 2 * u64::from(fewer_columns)
}

/// Makes the taps count from the first position that any of them needs; returns the range that they need.
fn rebase(taps: &mut [Taps]) -> Range<usize> {
    let first = taps.iter().map(|taps| taps.first).min().unwrap_or(0);
    let end = taps.iter().map(|taps| taps.first + taps.weights.len()).max().unwrap_or(0);
    taps.iter_mut().for_each(|taps| taps.first -= first);
    first..end
}

fn cut<'a>(rgb: &'a [u8], from: Size, window: &Window) -> Cow<'a, [u8]> {
    if window.columns.len() == from.width_px as usize {
        let row_bytes = from.width_px as usize * CHANNELS;
        return Cow::Borrowed(&rgb[window.rows.start * row_bytes..window.rows.end * row_bytes]);
    }
    let rows = rgb.chunks_exact(from.width_px as usize * CHANNELS);
    rows.skip(window.rows.start)
        .take(window.rows.len())
        .flat_map(|row| &row[window.columns.start * CHANNELS..window.columns.end * CHANNELS])
        .copied()
        .collect()
}

/// One output position: the input positions from `first` on and what each contributes.
struct Taps {
    first: usize,
    weights: Vec<i32>,
}

/// Adds the scale up step by step, as Pillow does, because its rounding decides positions that fall between two pixels.
fn nearest(from: usize, to: usize, wanted: &Range<usize>) -> Vec<Taps> {
    let scale = from as f64 / to as f64;
    let positions = std::iter::successors(Some(scale * 0.5), |position| Some(position + scale));
    let taps = |position: f64| Taps { first: (position as usize).min(from - 1), weights: vec![1 << PRECISION_BITS] };
    positions.skip(wanted.start).take(wanted.len()).map(taps).collect()
}

fn weights(from: usize, to: usize, wanted: &Range<usize>, filter: Filter) -> Vec<Taps> {
    let scale = from as f64 / to as f64;
    let widened = scale.max(1.0);
    let support = filter.support() * widened;
    let taps = |at: usize| {
        let centre = (at as f64 + 0.5) * scale;
        // `as` rounds towards zero and stops at zero, as the reference does by hand.
        let first = (centre - support + 0.5) as usize;
        let end = ((centre + support + 0.5) as usize).min(from);
        // Multiplied by the inverse, because dividing would differ in the last bit.
        let inverse = 1.0 / widened;
        let weights: Vec<f64> =
            (first..end).map(|x| filter.at(((x - first) as f64 + first as f64 - centre + 0.5) * inverse)).collect();
        let total: f64 = weights.iter().sum();
        Taps { first, weights: weights.into_iter().map(|weight| fixed_point(weight, total)).collect() }
    };
    wanted.clone().map(taps).collect()
}

fn fixed_point(weight: f64, total: f64) -> i32 {
    let weight = if total == 0.0 { weight } else { weight * (1.0 / total) };
    (weight * f64::from(1 << PRECISION_BITS) + 0.5f64.copysign(weight)) as i32
}

impl Filter {
    /// How far it reaches at scale one.
    fn support(self) -> f64 {
        match self {
            Filter::Nearest | Filter::Box => 0.5,
            Filter::Bilinear | Filter::Hamming => 1.0,
            Filter::Bicubic => 2.0,
            Filter::Lanczos => 3.0,
        }
    }

    fn at(self, x: f64) -> f64 {
        let distance = x.abs();
        match self {
            Filter::Nearest | Filter::Box => f64::from(x > -0.5 && x <= 0.5),
            Filter::Bilinear => (1.0 - distance).max(0.0),
            Filter::Hamming if distance >= 1.0 => 0.0,
            // Single precision, as in the reference.
            Filter::Hamming => sinc(distance) * (f64::from(0.54f32) + f64::from(0.46f32) * (distance * PI).cos()),
            Filter::Bicubic if distance < 1.0 => (1.5 * distance - 2.5) * distance * distance + 1.0,
            Filter::Bicubic if distance < 2.0 => -0.5 * (((distance - 5.0) * distance + 8.0) * distance - 4.0),
            Filter::Bicubic => 0.0,
            Filter::Lanczos if (-3.0..3.0).contains(&x) => sinc(x) * sinc(x / 3.0),
            Filter::Lanczos => 0.0,
        }
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { (x * PI).sin() / (x * PI) }
}

fn squeeze_rows(rgb: &[u8], row_bytes: usize, across: &[Taps]) -> Vec<u8> {
    let mut out = vec![0; rgb.len() / row_bytes * across.len() * CHANNELS];
    let rows = rgb.chunks_exact(row_bytes).zip(out.chunks_exact_mut(across.len() * CHANNELS));
    for (row, out) in rows {
        for (taps, out) in across.iter().zip(out.as_chunks_mut::<CHANNELS>().0) {
            let mut sums = [1 << (PRECISION_BITS - 1); CHANNELS];
            let pixels = row[taps.first * CHANNELS..].as_chunks::<CHANNELS>().0;
            for (pixel, weight) in pixels.iter().zip(&taps.weights) {
                for channel in 0..CHANNELS {
                    sums[channel] += i32::from(pixel[channel]) * weight;
                }
            }
            *out = sums.map(byte);
        }
    }
    out
}

fn mix_rows(rgb: &[u8], row_bytes: usize, down: &[Taps]) -> Vec<u8> {
    let mut out = Vec::with_capacity(down.len() * row_bytes);
    let mut sums = vec![0; row_bytes];
    for taps in down {
        Arch::new().dispatch(
            #[inline(always)]
            || {
                sums.fill(1 << (PRECISION_BITS - 1));
                for (row, weight) in rgb[taps.first * row_bytes..].chunks_exact(row_bytes).zip(&taps.weights) {
                    for (sum, value) in sums.iter_mut().zip(row) {
                        *sum += i32::from(*value) * weight;
                    }
                }
            },
        );
        out.extend(sums.iter().map(|sum| byte(*sum)));
    }
    out
}

fn byte(sum: i32) -> u8 {
    (sum >> PRECISION_BITS).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(size: Size) -> Window {
        Window { columns: 0..size.width_px as usize, rows: 0..size.height_px as usize }
    }

    fn size(width_px: u32, height_px: u32) -> Size {
        Size { width_px, height_px }
    }

    /// A picture of `7 x 5` pixels.
    fn picture() -> Vec<u8> {
        (0..7 * 5 * 3).map(|index: u32| (index * 89 + index * index * 7 % 256) as u8).collect()
    }

    #[test]
    fn a_window_is_a_part_of_the_whole() {
        let (from, to) = (size(7, 5), size(11, 9));
        let whole = resample(&picture(), from, to, Filter::Bicubic, &all(to));
        let window = Window { columns: 3..6, rows: 2..4 };
        assert_eq!(resample(&picture(), from, to, Filter::Bicubic, &window), *cut(&whole, to, &window));
    }

    #[test]
    fn one_colour_stays_one_colour() {
        for filter in [Filter::Box, Filter::Bilinear, Filter::Hamming, Filter::Bicubic, Filter::Lanczos] {
            let grey = vec![137; 40 * 30 * 3];
            for to in [size(7, 9), size(80, 31)] {
                assert!(resample(&grey, size(40, 30), to, filter, &all(to)).iter().all(|byte| *byte == 137));
            }
        }
    }
}
