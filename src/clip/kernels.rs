//! The steps between matrix products, written for vector registers: bias and activation, layer normalisation, softmax.
//!
//! All work on whole rows of `f32` on one thread, because the towers already give each thread its own pictures. The
//! code is plain loops; `pulp` compiles them for the widest registers of the machine that runs them.

use candle_core::{CpuStorage, CustomOp3, InplaceOp1, InplaceOp2, Layout, Result, Shape, Storage, Tensor, bail};
use pulp::Arch;

/// What follows a linear layer's bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    Linear,
    /// `x * sigmoid(1.702 x)`, in OpenAI's own weights.
    QuickGelu,
    /// The exact one, with `erf`, in most others.
    Gelu,
    /// Its approximation with `tanh`, in SigLIP.
    TanhGelu,
    Relu6,
}

/// Adds the bias to each row, then activates, in place.
pub struct AddBias(pub Activation);

impl InplaceOp2 for AddBias {
    fn name(&self) -> &'static str {
        "bias and activation"
    }

    fn cpu_fwd(&self, rows: &mut CpuStorage, rows_at: &Layout, bias: &CpuStorage, bias_at: &Layout) -> Result<()> {
        add_bias(values_mut(rows, rows_at)?, values(bias, bias_at)?, self.0);
        Ok(())
    }
}

/// Layer normalisation of each row; the other two arguments are the weight and the bias.
pub struct LayerNorm {
    pub epsilon: f32,
}

impl CustomOp3 for LayerNorm {
    fn name(&self) -> &'static str {
        "layer normalisation"
    }

    fn cpu_fwd(
        &self,
        rows: &CpuStorage,
        rows_at: &Layout,
        weight: &CpuStorage,
        weight_at: &Layout,
        bias: &CpuStorage,
        bias_at: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let mut out = values(rows, rows_at)?.to_vec();
        normalise(&mut out, values(weight, weight_at)?, values(bias, bias_at)?, self.epsilon);
        Ok((CpuStorage::F32(out), rows_at.shape().clone()))
    }
}

/// Softmax over the last dimension of `[heads, rows, columns]`, in place.
pub struct Softmax {
    /// Row `i` sees only the columns up to `i`, as if the rest were masked with minus infinity.
    pub is_causal: bool,
}

impl InplaceOp1 for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn cpu_fwd(&self, scores: &mut CpuStorage, scores_at: &Layout) -> Result<()> {
        let (_, rows, columns) = scores_at.shape().dims3()?;
        softmax(values_mut(scores, scores_at)?, rows, columns, self.is_causal);
        Ok(())
    }
}

/// The numbers of a contiguous tensor.
pub fn values<'a>(storage: &'a CpuStorage, at: &Layout) -> Result<&'a [f32]> {
    match (storage, at.contiguous_offsets()) {
        (CpuStorage::F32(all), Some((from, to))) => Ok(&all[from..to]),
        _ => bail!("a kernel needs contiguous f32 numbers"),
    }
}

/// Does something with the numbers of a tensor on the CPU, whether or not they lie one after another.
pub fn with_numbers<R>(tensor: &Tensor, work: impl FnOnce(&[f32]) -> R) -> Result<R> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => Ok(work(values(storage, layout)?)),
        _ => bail!("a kernel needs numbers on the CPU"),
    }
}

fn values_mut<'a>(storage: &'a mut CpuStorage, at: &Layout) -> Result<&'a mut [f32]> {
    match (storage, at.contiguous_offsets()) {
        (CpuStorage::F32(all), Some((from, to))) => Ok(&mut all[from..to]),
        _ => bail!("a kernel needs contiguous f32 numbers"),
    }
}

/// `rows` holds as many rows as fit, each as long as `bias`.
pub fn add_bias(rows: &mut [f32], bias: &[f32], activation: Activation) {
    match activation {
        Activation::Linear => each_with_bias(rows, bias, |x| x),
        Activation::QuickGelu => each_with_bias(rows, bias, quick_gelu),
        Activation::Gelu => each_with_bias(rows, bias, gelu),
        Activation::TanhGelu => each_with_bias(rows, bias, tanh_gelu),
        Activation::Relu6 => each_with_bias(rows, bias, |x| x.clamp(0.0, 6.0)),
    }
}

fn each_with_bias(rows: &mut [f32], bias: &[f32], f: impl Fn(f32) -> f32) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for row in rows.chunks_exact_mut(bias.len()) {
                for (x, b) in row.iter_mut().zip(bias) {
                    *x = f(*x + b);
                }
            }
        },
    );
}

/// Layer normalisation of rows that are as long as `weight`, in place.
fn normalise(rows: &mut [f32], weight: &[f32], bias: &[f32], epsilon: f32) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for row in rows.chunks_exact_mut(weight.len()) {
                normalise_row(row, weight, bias, epsilon);
            }
        },
    );
}

/// One row, in whatever registers the caller has.
#[inline(always)]
pub fn normalise_row(row: &mut [f32], weight: &[f32], bias: &[f32], epsilon: f32) {
    let count = weight.len() as f32;
    let mean = sum(row, |x| x) / count;
    let variance = sum(row, |x| (x - mean) * (x - mean)) / count;
    let scale = 1.0 / (variance + epsilon).sqrt();
    for ((x, w), b) in row.iter_mut().zip(weight).zip(bias) {
        *x = (*x - mean) * scale * w + b;
    }
}

fn softmax(scores: &mut [f32], rows: usize, columns: usize, is_causal: bool) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for (index, row) in scores.chunks_exact_mut(columns).enumerate() {
                soften(row, if is_causal { (index % rows + 1).min(columns) } else { columns });
            }
        },
    );
}

/// Softmax over the first numbers of a row, in whatever registers the caller has; the others become zero.
#[inline(always)]
pub fn soften(row: &mut [f32], seen: usize) {
    let (row, hidden) = row.split_at_mut(seen);
    hidden.fill(0.0);
    let highest = highest(row);
    row.iter_mut().for_each(|x| *x = exp(*x - highest));
    let scale = 1.0 / sum(row, |x| x);
    row.iter_mut().for_each(|x| *x *= scale);
}

const LANES: usize = 16;

/// Sixteen running sums, because one alone must add in order and fills no vector register.
#[inline(always)]
fn sum(row: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0f32; LANES];
    let lanes = row.chunks_exact(LANES);
    let tail: f32 = lanes.remainder().iter().map(|x| f(*x)).sum();
    for chunk in lanes {
        for (total, x) in sums.iter_mut().zip(chunk) {
            *total += f(*x);
        }
    }
    sums.iter().sum::<f32>() + tail
}

#[inline(always)]
fn highest(row: &[f32]) -> f32 {
    most(row, f32::NEG_INFINITY, |x| x)
}

/// The least and the greatest number of a row and zero.
#[inline(always)]
pub fn range(row: &[f32]) -> (f32, f32) {
    (-most(row, 0.0, |x| -x), most(row, 0.0, |x| x))
}

#[inline(always)]
fn most(row: &[f32], least: f32, f: impl Fn(f32) -> f32) -> f32 {
    let mut highs = [least; LANES];
    let lanes = row.chunks_exact(LANES);
    let tail = lanes.remainder().iter().map(|x| f(*x)).fold(least, |most, x| greater(x, most));
    for chunk in lanes {
        for (high, x) in highs.iter_mut().zip(chunk) {
            *high = greater(f(*x), *high);
        }
    }
    // In halves, which registers do at once; one after another they take longer than a short row.
    for half in [8, 4, 2, 1] {
        for lane in 0..half {
            highs[lane] = greater(highs[lane], highs[lane + half]);
        }
    }
    greater(highs[0], tail)
}

/// One instruction, unlike the standard library's, which knows what to do with numbers that are none.
#[inline(always)]
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
pub fn quick_gelu(x: f32) -> f32 {
    x / (1.0 + exp(-1.702 * x))
}

#[inline(always)]
pub fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

/// `0.5 x (1 + tanh(u))` is `x * sigmoid(2 u)`.
#[inline(always)]
pub fn tanh_gelu(x: f32) -> f32 {
    const TWICE_ROOT_2_OVER_PI: f32 = 1.595_769;
    x / (1.0 + exp(-TWICE_ROOT_2_OVER_PI * (x + 0.044_715 * x * x * x)))
}

/// Abramowitz and Stegun 7.1.26: within 1.5e-7 of the error function, which is an `f32`'s own precision.
#[inline(always)]
fn erf(x: f32) -> f32 {
    // Beyond 4 it is 1 in an `f32`, and the exponential would become so small that the processor slows down.
    let size = x.abs().min(4.0);
    let t = 1.0 / (1.0 + 0.327_591_1 * size);
    let series = ((((1.061_405_4 * t - 1.453_152) * t + 1.421_413_7) * t - 0.284_496_74) * t + 0.254_829_6) * t;
    (1.0 - series * exp(-size * size)).copysign(x)
}

/// `e` to the `x` within two units of the last place: a power of two from the exponent bits, the rest from a series.
#[inline(always)]
fn exp(x: f32) -> f32 {
    // Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits.
    const ROUNDER: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.0, 88.0);
    let rounded = x * std::f32::consts::LOG2_E + ROUNDER;
    let power = rounded - ROUNDER;
    let rest = x - power * LN_2_HIGH - power * LN_2_LOW;
    let series = ((((1.987_569_1e-4 * rest + 1.398_199_9e-3) * rest + 8.333_452e-3) * rest + 4.166_579_6e-2) * rest
        + 1.666_666_5e-1)
        * rest
        + 0.5;
    let fraction = series * rest * rest + rest + 1.0;
    let exponent = (rounded.to_bits() as i32).wrapping_sub(ROUNDER.to_bits() as i32) + 127;
    fraction * f32::from_bits((exponent as u32) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps() -> impl Iterator<Item = f32> {
        (-800..=800).map(|step| step as f32 / 40.0)
    }

    #[test]
    fn the_exponential_is_that_of_the_standard_library() {
        for x in steps() {
            let (ours, theirs) = (f64::from(exp(x)), f64::from(x).exp());
            assert!((ours / theirs - 1.0).abs() < 3e-7, "{x}: {ours} and {theirs}");
        }
    }

    #[test]
    fn the_exponential_of_extremes_is_finite() {
        assert!(exp(-1e30) < 1e-37);
        assert!(exp(1e30).is_finite());
    }

    #[test]
    fn activations_have_their_known_values() {
        // From PyTorch's `gelu`, `x * sigmoid(1.702 * x)` and `gelu(approximate="tanh")`, in f64.
        for (x, exact, quick, tanh) in [
            (-3.0f32, -0.004_049_69, -0.018_071_31, -0.003_637_39),
            (-1.0, -0.158_655_25, -0.154_204_23, -0.158_808_01),
            (0.5, 0.345_731_23, 0.350_388_44, 0.345_714),
            (2.0, 1.954_499_7, 1.935_658_6, 1.954_597_7),
        ] {
            assert!((gelu(x) - exact).abs() < 1e-6, "gelu({x}) = {}", gelu(x));
            assert!((quick_gelu(x) - quick).abs() < 1e-6, "quick_gelu({x}) = {}", quick_gelu(x));
            assert!((tanh_gelu(x) - tanh).abs() < 1e-6, "tanh_gelu({x}) = {}", tanh_gelu(x));
        }
    }

    #[test]
    fn a_causal_row_sees_only_what_came_before() {
        let mut scores = vec![1.0; 9];
        softmax(&mut scores, 3, 3, true);
        let third = 1.0 / 3.0;
        for (found, wanted) in scores.iter().zip([1.0, 0.0, 0.0, 0.5, 0.5, 0.0, third, third, third]) {
            assert!((found - wanted).abs() < 1e-6, "{scores:?}");
        }
    }

    #[test]
    fn a_normalised_row_has_mean_zero_and_deviation_one() {
        let mut row: Vec<f32> = (0..50).map(|x| x as f32 * 3.0 + 1000.0).collect();
        normalise(&mut row, &[1.0; 50], &[0.0; 50], 1e-5);
        assert!(sum(&row, |x| x).abs() < 1e-3);
        assert!((sum(&row, |x| x * x) / 50.0 - 1.0).abs() < 1e-4);
    }

    #[test]
    fn the_bias_is_added_to_each_row_before_the_activation() {
        let mut rows = vec![-5.0, 1.0, 9.0, 2.0];
        add_bias(&mut rows, &[1.0, 2.0], Activation::Relu6);
        assert_eq!(rows, [0.0, 3.0, 6.0, 4.0]);
    }
}
