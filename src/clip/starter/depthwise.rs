//! The depthwise convolution: each channel looks around within itself.
//!
//! A matrix library has no fast way to do this, and it is most of an EfficientNet's memory traffic. With the channels
//! side by side in memory, one vector register holds the same pixel of many channels, and bias and ReLU6 cost nothing.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use pulp::{Arch, Simd, WithSimd};

use crate::clip::kernels::values;

/// The largest kernel has 5 x 5 taps.
const MOST_TAPS: usize = 25;

pub struct Depthwise {
    /// `[kernel, kernel, channels]`.
    weight: Vec<f32>,
    bias: Vec<f32>,
    side: Walk,
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
}

impl Walk {
    /// Stride 1 pads evenly; others pad as TensorFlow's "SAME", where the odd zero comes at the end.
    pub fn new(from: usize, kernel: usize, stride: usize) -> Walk {
        let to = from.div_ceil(stride);
        let padding = ((to - 1) * stride + kernel).saturating_sub(from);
        let before = if stride == 1 { kernel / 2 } else { padding / 2 };
        Walk { from, to, kernel, stride, before }
    }

    /// The taps that meet the input at output position `at`, as (tap, input position).
    pub fn taps(self, at: usize) -> impl Iterator<Item = (usize, usize)> {
        let start = at * self.stride;
        (0..self.kernel).filter_map(move |tap| {
            let position = (start + tap).checked_sub(self.before)?;
            (position < self.from).then_some((tap, position))
        })
    }

    /// Where the middle of the kernel lies in the input at output position `at`.
    pub fn middle(self, at: f32) -> f32 {
        at * self.stride as f32 + (self.kernel as f32 - 1.0) / 2.0 - self.before as f32
    }
}

impl Depthwise {
    /// `weight` is `[channels, 1, kernel, kernel]` and the picture is square.
    pub fn new(weight: &Tensor, bias: &Tensor, side: Walk) -> Result<Depthwise> {
        let taps = side.kernel * side.kernel;
        assert!(taps <= MOST_TAPS, "the model's kernels are 3 or 5 wide");
        let weight = weight.reshape(((), taps))?.t()?.contiguous()?.flatten_all()?.to_vec1()?;
        Ok(Depthwise { weight, bias: bias.to_vec1()?, side })
    }

    pub fn walk(&self) -> Walk {
        self.side
    }
}

impl CustomOp1 for Depthwise {
    fn name(&self) -> &'static str {
        "depthwise convolution"
    }

    /// From `[from * from, channels]` to `[to * to, channels]`.
    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (side, channels) = (self.side, self.bias.len());
        let input = values(storage, layout)?;
        if layout.dims() != [side.from * side.from, channels] {
            candle_core::bail!("a depthwise convolution got the shape {:?}", layout.dims());
        }
        let mut output = vec![0.0; side.to * side.to * channels];
        Arch::new().dispatch(Pass { convolution: self, input, output: &mut output });
        Ok((CpuStorage::F32(output), Shape::from((side.to * side.to, channels))))
    }
}

/// The channels of the input pixel under a tap, and the tap's weights.
type Tap<'a, T> = (&'a [T], &'a [T]);

struct Pass<'a> {
    convolution: &'a Depthwise,
    input: &'a [f32],
    output: &'a mut [f32],
}

impl WithSimd for Pass<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Depthwise { weight, bias, side } = self.convolution;
        let channels = bias.len();
        let mut met: [Tap<'_, f32>; MOST_TAPS] = [(&[], &[]); MOST_TAPS];
        for (index, pixel) in self.output.chunks_exact_mut(channels).enumerate() {
            let mut count = 0;
            for (tap_y, y) in side.taps(index / side.to) {
                for (tap_x, x) in side.taps(index % side.to) {
                    let from = (y * side.from + x) * channels;
                    let tap = (tap_y * side.kernel + tap_x) * channels;
                    met[count] = (&self.input[from..from + channels], &weight[tap..tap + channels]);
                    count += 1;
                }
            }
            sum_of_taps(simd, &met[..count], bias, pixel);
        }
    }
}

/// `pixel = relu6(bias + sum of input * weight)` for all channels of one output pixel.
#[inline(always)]
fn sum_of_taps<S: Simd>(simd: S, met: &[Tap<'_, f32>], bias: &[f32], pixel: &mut [f32]) {
    let (bias_lanes, bias_rest) = S::as_simd_f32s(bias);
    let (pixel_lanes, pixel_rest) = S::as_mut_simd_f32s(pixel);
    let (zero, six) = (simd.splat_f32s(0.0), simd.splat_f32s(6.0));
    let mut lanes: [Tap<'_, S::f32s>; MOST_TAPS] = [(&[], &[]); MOST_TAPS];
    for (lanes, (input, weight)) in lanes.iter_mut().zip(met) {
        *lanes = (S::as_simd_f32s(input).0, S::as_simd_f32s(weight).0);
    }
    for (lane, (out, bias)) in pixel_lanes.iter_mut().zip(bias_lanes).enumerate() {
        let mut total = *bias;
        for (input, weight) in &lanes[..met.len()] {
            total = simd.mul_add_e_f32s(input[lane], weight[lane], total);
        }
        *out = simd.min_f32s(simd.max_f32s(total, zero), six);
    }
    let first = bias.len() - bias_rest.len();
    for (rest, (out, bias)) in pixel_rest.iter_mut().zip(bias_rest).enumerate() {
        let total: f32 = met.iter().map(|(input, weight)| input[first + rest] * weight[first + rest]).sum();
        *out = (bias + total).clamp(0.0, 6.0);
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn check(from: usize, channels: usize, kernel: usize, stride: usize) {
        let side = Walk::new(from, kernel, stride);
        let number = |index: usize| ((index * 37 + 11) % 101) as f32 / 50.0 - 1.0;
        let numbers = |count: usize| (0..count).map(number).collect::<Vec<f32>>();
        let input = Tensor::from_vec(numbers(from * from * channels), (from * from, channels), &Device::Cpu).unwrap();
        let weight = Tensor::from_vec(numbers(channels * kernel * kernel), (channels, 1, kernel, kernel), &Device::Cpu);
        let (weight, bias) = (weight.unwrap(), Tensor::from_vec(numbers(channels), channels, &Device::Cpu).unwrap());
        let ours = input.apply_op1_no_bwd(&Depthwise::new(&weight, &bias, side).unwrap()).unwrap();

        let after = (side.to - 1) * stride + kernel - from - side.before;
        let planes = input.t().unwrap().reshape((1, channels, from, from)).unwrap();
        let padded =
            planes.pad_with_zeros(2, side.before, after).unwrap().pad_with_zeros(3, side.before, after).unwrap();
        let theirs = padded.conv2d(&weight, 0, stride, 1, channels).unwrap();
        let theirs =
            theirs.broadcast_add(&bias.reshape((1, channels, 1, 1)).unwrap()).unwrap().clamp(0.0, 6.0).unwrap();
        let theirs = theirs.reshape((channels, side.to * side.to)).unwrap().t().unwrap();
        let difference = (ours - theirs).unwrap().abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
        assert!(difference < 1e-5, "{from} {channels} {kernel} {stride}: {difference}");
    }

    #[test]
    fn it_equals_the_matrix_librarys_grouped_convolution() {
        check(7, 32, 3, 1);
        check(9, 48, 5, 1);
        check(10, 19, 3, 2);
        check(9, 21, 5, 2);
    }

    #[test]
    fn an_even_side_gets_its_odd_zero_at_the_end() {
        let walk = Walk::new(260, 3, 2);
        assert_eq!((walk.to, walk.before), (130, 0));
        assert_eq!(Walk::new(65, 5, 2).before, 2);
        assert_eq!(walk.taps(129).collect::<Vec<_>>(), [(0, 258), (1, 259)]);
    }
}
