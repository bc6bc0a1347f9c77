//! The depthwise convolution: each channel looks around within itself.
//!
//! A matrix library has no fast way to do this, and it is most of an EfficientNet's memory traffic. The input lies in stripes: a few
//! channels of all pixels, then the next channels. So neighbours are neighbours in memory, at distances that are known when the
//! program is built, and what a stripe needs stays in the nearest memory; bias and ReLU6 cost nothing.

use std::ops::Range;

use anyhow::{Result, ensure};
use candle_core::Tensor;
use pulp::{Arch, Simd, WithSimd};

use crate::clip::cpu::{COLUMNS, Grain, Kernel, Lines, Rows, Word, encode};

/// Channels that must be there or not together: those of the widest register.
const LANES: usize = 16;

/// How many neighbouring output pixels share each weight that is fetched: as many as registers hold, and such that few are done
/// twice in rows of 9, 17, 33, 65 and 130.
const TOGETHER: [usize; 3] = [13, 11, 9];

/// ReLU6 lets nothing through that is greater.
const MOST: f32 = 6.0;

/// The channels of one pixel in a stripe.
type Column = [f32; COLUMNS];

pub struct Depthwise {
    /// For each stripe all taps, row by row. After the last channel come zeros.
    weight: Lines<f32>,
    bias: Vec<Column>,
    channels: usize,
    walk: Walk,
}

/// Height or width of the input and the output, and how the kernel walks over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walk {
    pub from: usize,
    pub to: usize,
    pub kernel: usize,
    pub stride: usize,
    /// Zeros before the first pixel.
    pub before: usize,
    /// Zeros after the last one.
    pub after: usize,
}

impl Walk {
    /// Stride 1 pads evenly; others pad as TensorFlow's "SAME", where the odd zero comes at the end.
    pub fn new(from: usize, kernel: usize, stride: usize) -> Walk {
        let to = from.div_ceil(stride);
        let padding = ((to - 1) * stride + kernel).saturating_sub(from);
        let before = if stride == 1 { kernel / 2 } else { padding / 2 };
        let after = ((to - 1) * stride + kernel).saturating_sub(from + before);
        Walk { from, to, kernel, stride, before, after }
    }

    /// The input with its zeros.
    pub fn padded(self) -> usize {
        self.before + self.from + self.after
    }

    /// The taps that meet the input at output position `at`.
    pub fn taps(self, at: usize) -> Range<usize> {
        let start = at * self.stride;
        self.before.saturating_sub(start)..self.kernel.min(self.from + self.before - start)
    }

    /// The input positions that meet any of these output positions.
    pub fn seen(self, at: Range<usize>) -> Range<usize> {
        let from = (at.start * self.stride).saturating_sub(self.before);
        let to = (at.end.saturating_sub(1) * self.stride + self.kernel).saturating_sub(self.before);
        from..to.min(self.from)
    }

    /// Where the middle of the kernel lies in the input at output position `at`.
    pub fn middle(self, at: f32) -> f32 {
        at * self.stride as f32 + (self.kernel as f32 - 1.0) / 2.0 - self.before as f32
    }
}

impl Depthwise {
    /// `weight` is `[channels, 1, kernel, kernel]` and the picture is square.
    pub fn new(weight: &Tensor, bias: &Tensor, walk: Walk) -> Result<Depthwise> {
        let taps = walk.kernel * walk.kernel;
        ensure!(matches!((walk.kernel, walk.stride), (3 | 5, 1 | 2)), "a layer's kernel is {} wide", walk.kernel);
        let channels = bias.elem_count();
        ensure!(channels.is_multiple_of(LANES), "a layer has {channels} channels, which is no multiple of {LANES}");
        let stripes = channels.div_ceil(COLUMNS);
        let weight = weight.reshape((channels, taps))?.pad_with_zeros(0, 0, stripes * COLUMNS - channels)?;
        let weight = weight.reshape((stripes, COLUMNS, taps))?.transpose(1, 2)?.flatten_all()?.to_vec1::<f32>()?;
        let bias = bias.pad_with_zeros(0, 0, stripes * COLUMNS - channels)?.to_vec1()?;
        Ok(Depthwise { weight: Lines::from(weight.as_slice()), bias: bias.as_chunks().0.to_vec(), channels, walk })
    }

    pub fn walk(&self) -> Walk {
        self.walk
    }

    pub fn stripes(&self) -> usize {
        self.bias.len()
    }

    /// Lays these rows of the output, `[rows * to, channels]`, encoded for the layer that comes next. `input` has stripes of
    /// `stripe_len` numbers, which begin with the input's row `top`; each row has its zeros at both ends.
    pub fn lay(
        &self,
        kernel: Kernel,
        input: &[f32],
        stripe_len: usize,
        top: usize,
        rows: Range<usize>,
        out: &mut Rows,
    ) {
        let grain = if kernel.word.is_whole() { Grain::up_to(MOST) } else { Grain::ONE };
        let out = out.room(kernel, rows.len() * self.walk.to, self.channels, grain);
        Arch::new().dispatch(Pass { convolution: self, input, stripe_len, top, rows, kernel, grain, out });
    }
}

struct Pass<'a> {
    convolution: &'a Depthwise,
    input: &'a [f32],
    stripe_len: usize,
    top: usize,
    rows: Range<usize>,
    kernel: Kernel,
    grain: Grain,
    out: &'a mut [u32],
}

impl WithSimd for Pass<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let grain = self.grain;
        match self.kernel.word {
            Word::Float => self.encoded(simd, encoding(Word::Float, grain)),
            Word::Brain => self.encoded(simd, encoding(Word::Brain, grain)),
            Word::Shorts => self.encoded(simd, encoding(Word::Shorts, grain)),
            Word::Bytes => self.encoded(simd, encoding(Word::Bytes, grain)),
        }
    }
}

/// Known when the program is built, so that it becomes a part of the innermost loop.
#[inline(always)]
fn encoding(word: Word, grain: Grain) -> impl Fn(&[f32], &mut [u32]) + Copy {
    #[inline(always)]
    move |row, words| encode(word, grain, row, words)
}

impl Pass<'_> {
    #[inline(always)]
    fn encoded<S: Simd>(&mut self, simd: S, encode: impl Fn(&[f32], &mut [u32]) + Copy) {
        let Walk { kernel, stride, .. } = self.convolution.walk;
        match (kernel, stride) {
            (3, 1) => self.stripes::<S, 3, 1>(simd, encode),
            (3, _) => self.stripes::<S, 3, 2>(simd, encode),
            (_, 1) => self.stripes::<S, 5, 1>(simd, encode),
            _ => self.stripes::<S, 5, 2>(simd, encode),
        }
    }

    #[inline(always)]
    fn stripes<S: Simd, const K: usize, const STEP: usize>(
        &mut self,
        simd: S,
        encode: impl Fn(&[f32], &mut [u32]) + Copy,
    ) {
        let Depthwise { weight, bias, channels, walk } = self.convolution;
        let of_word = self.kernel.word.count();
        let steps = self.kernel.steps(*channels);
        for (number, input) in self.input.chunks_exact(self.stripe_len).take(bias.len()).enumerate() {
            let taps = S::as_simd_f32s(&weight[number * K * K * COLUMNS..][..K * K * COLUMNS]).0;
            let bias = S::as_simd_f32s(&bias[number]).0;
            let input = S::as_simd_f32s(input).0;
            let stripe = Stripe::<S, K, STEP> { input, taps, bias, walk: *walk, top: self.top };
            for half in 0..COLUMNS / LANES {
                let first = number * COLUMNS + half * LANES;
                if first < *channels {
                    for (y, out) in self.rows.clone().zip(self.out.chunks_exact_mut(walk.to * steps)) {
                        stripe.row(
                            simd,
                            y,
                            half,
                            #[inline(always)]
                            |x, sums| encode(sums, &mut out[x * steps + first / of_word..][..LANES / of_word]),
                        );
                    }
                }
            }
        }
    }
}

/// Some channels of the input.
struct Stripe<'a, S: Simd, const K: usize, const STEP: usize> {
    input: &'a [S::f32s],
    taps: &'a [S::f32s],
    bias: &'a [S::f32s],
    walk: Walk,
    /// The row that the input begins with.
    top: usize,
}

impl<S: Simd, const K: usize, const STEP: usize> Stripe<'_, S, K, STEP> {
    /// Registers of a pixel, and of the channels that are done together.
    const WIDE: usize = COLUMNS / S::F32_LANES;
    const OF_HALF: usize = LANES / S::F32_LANES;

    /// Half of the stripe's channels of each pixel in an output row.
    #[inline(always)]
    fn row(&self, simd: S, y: usize, half: usize, put: impl FnMut(usize, &[f32])) {
        let done = |together: &usize| self.walk.to.next_multiple_of(*together);
        match TOGETHER.into_iter().filter(|together| *together <= self.walk.to).min_by_key(done) {
            Some(13) => self.together::<13>(simd, y, half, put),
            Some(11) => self.together::<11>(simd, y, half, put),
            Some(9) => self.together::<9>(simd, y, half, put),
            _ => self.together::<1>(simd, y, half, put),
        }
    }

    /// `N` pixels at a time; the last ones together too, some of them for the second time.
    #[inline(always)]
    fn together<const N: usize>(&self, simd: S, y: usize, half: usize, mut put: impl FnMut(usize, &[f32])) {
        for x in (0..self.walk.to).step_by(N) {
            let x = x.min(self.walk.to - N);
            let sums = self.lanes::<N>(simd, (x, y), half);
            for (n, sums) in sums.iter().enumerate() {
                put(x + n, sums);
            }
        }
    }

    #[inline(always)]
    fn lanes<const N: usize>(&self, simd: S, at: (usize, usize), half: usize) -> [[f32; LANES]; N] {
        let mut lanes = [[0.0; LANES]; N];
        for part in 0..Self::OF_HALF {
            let sums = self.pixels::<N>(simd, at, half * Self::OF_HALF + part);
            for (lanes, sum) in lanes.iter_mut().zip(sums) {
                S::as_mut_simd_f32s(lanes).0[part] = sum;
            }
        }
        lanes
    }

    /// `relu6(bias + sum of input * weight)` of neighbouring output pixels.
    #[inline(always)]
    fn pixels<const N: usize>(&self, simd: S, (x, y): (usize, usize), register: usize) -> [S::f32s; N] {
        let walk = self.walk;
        let mut sums = [self.bias[register]; N];
        for tap_y in walk.taps(y) {
            let row = y * STEP + tap_y - walk.before - self.top;
            let first = row * walk.padded() + x * STEP;
            let line = &self.input[first * Self::WIDE..(first + (N - 1) * STEP + K) * Self::WIDE];
            let taps = &self.taps[tap_y * K * Self::WIDE..][..K * Self::WIDE];
            for tap in 0..K {
                let weight = taps[tap * Self::WIDE + register];
                for (n, sum) in sums.iter_mut().enumerate() {
                    *sum = simd.mul_add_e_f32s(line[(n * STEP + tap) * Self::WIDE + register], weight, *sum);
                }
            }
        }
        let (zero, six) = (simd.splat_f32s(0.0), simd.splat_f32s(MOST));
        for sum in &mut sums {
            *sum = simd.min_f32s(simd.max_f32s(*sum, zero), six);
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::clip::cpu::Level;

    fn check(from: usize, channels: usize, kernel: usize, stride: usize) {
        let walk = Walk::new(from, kernel, stride);
        let number = |index: usize| ((index * 37 + 11) % 101) as f32 / 50.0 - 1.0;
        let numbers = |count: usize| (0..count).map(number).collect::<Vec<f32>>();
        let input = numbers(from * from * channels);
        let weight = Tensor::from_vec(numbers(channels * kernel * kernel), (channels, 1, kernel, kernel), &Device::Cpu);
        let (weight, bias) = (weight.unwrap(), Tensor::from_vec(numbers(channels), channels, &Device::Cpu).unwrap());
        let convolution = Depthwise::new(&weight, &bias, walk).unwrap();

        let planes = Tensor::from_slice(&input, (from * from, channels), &Device::Cpu).unwrap();
        let planes = planes.t().unwrap().reshape((1, channels, from, from)).unwrap();
        let padded = planes
            .pad_with_zeros(2, walk.before, walk.after)
            .unwrap()
            .pad_with_zeros(3, walk.before, walk.after)
            .unwrap();
        let theirs = padded.conv2d(&weight, 0, stride, 1, channels).unwrap();
        let theirs =
            theirs.broadcast_add(&bias.reshape((1, channels, 1, 1)).unwrap()).unwrap().clamp(0.0, 6.0).unwrap();
        let theirs = theirs.reshape((channels, walk.to * walk.to)).unwrap().t().unwrap().flatten_all().unwrap();
        let theirs: Vec<f32> = theirs.to_vec1().unwrap();

        let mut ours = vec![0.0; theirs.len()];
        for (strip, out) in ours.chunks_mut(2 * walk.to * channels).enumerate() {
            let rows = strip * 2..walk.to.min(strip * 2 + 2);
            let seen = walk.seen(rows.clone());
            let pixels = &input[seen.start * from * channels..seen.end * from * channels];
            let stripes = in_stripes(pixels, channels, walk);
            let stripe_len = stripes.len() / channels.div_ceil(COLUMNS);
            let kernel = Kernel { level: Level::Plain, word: Word::Float };
            let mut laid = Rows::default();
            convolution.lay(kernel, &stripes, stripe_len, seen.start, rows, &mut laid);
            out.copy_from_slice(laid.floats());
        }
        let apart = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(apart < 1e-5, "{from} {channels} {kernel} {stride}: {apart}");
    }

    fn in_stripes(pixels: &[f32], channels: usize, walk: Walk) -> Vec<f32> {
        let rows = pixels.len() / channels / walk.from;
        let mut stripes = vec![0.0; channels.div_ceil(COLUMNS) * COLUMNS * rows * walk.padded()];
        for (at, number) in pixels.iter().enumerate() {
            let (pixel, channel) = (at / channels, at % channels);
            let pixel = pixel / walk.from * walk.padded() + walk.before + pixel % walk.from;
            stripes[(channel / COLUMNS * rows * walk.padded() + pixel) * COLUMNS + channel % COLUMNS] = *number;
        }
        stripes
    }

    #[test]
    fn it_equals_the_matrix_librarys_grouped_convolution() {
        check(7, 32, 3, 1);
        check(9, 48, 5, 1);
        check(10, 16, 3, 2);
        check(9, 32, 5, 2);
        check(3, 16, 5, 1);
        check(17, 32, 5, 1);
        check(33, 16, 3, 1);
        check(26, 16, 3, 2);
    }

    #[test]
    fn an_even_side_gets_its_odd_zero_at_the_end() {
        let walk = Walk::new(260, 3, 2);
        assert_eq!((walk.to, walk.before), (130, 0));
        assert_eq!(Walk::new(65, 5, 2).before, 2);
        assert_eq!(walk.taps(129), 0..2);
        assert_eq!(walk.seen(128..130), 256..260);
    }
}
