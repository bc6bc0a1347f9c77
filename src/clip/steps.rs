//! The steps between matrix products: the program's own kernels on the CPU, candle's operations elsewhere.

use candle_core::{D, DType, Result, Tensor};
use candle_nn::ops;

use super::kernels::{Activation, AddBias, LayerNorm, Softmax};

/// Who does them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steps {
    /// `kernels.rs`: `f32` on the CPU only.
    Kernels,
    /// Candle: any device and any floating numbers.
    Portable,
}

impl Steps {
    /// Adds the bias to each row, then activates. Without a bias the activation must be linear.
    pub fn activated(self, rows: Tensor, bias: Option<&Tensor>, activation: Activation) -> Result<Tensor> {
        let Some(bias) = bias else {
            debug_assert_eq!(activation, Activation::Linear, "an activation comes with a bias");
            return Ok(rows);
        };
        match self {
            Steps::Kernels => {
                rows.inplace_op2(bias, &AddBias(activation))?;
                Ok(rows)
            }
            Steps::Portable => activated(rows.broadcast_add(bias)?, activation),
        }
    }

    /// Layer normalisation of each row.
    pub fn layer_norm(self, rows: &Tensor, weight: &Tensor, bias: &Tensor, epsilon: f32) -> Result<Tensor> {
        match self {
            Steps::Kernels => rows.apply_op3_no_bwd(weight, bias, &LayerNorm { epsilon }),
            Steps::Portable => ops::layer_norm(rows, weight, bias, epsilon),
        }
    }

    /// Softmax over the last dimension. Where `is_causal`, row `i` sees only the columns up to `i`.
    /// The kernels want `[heads, rows, columns]`.
    pub fn softmax(self, scores: Tensor, is_causal: bool) -> Result<Tensor> {
        match self {
            Steps::Kernels => {
                scores.inplace_op1(&Softmax { is_causal })?;
                Ok(scores)
            }
            Steps::Portable => softmax(&scores, is_causal),
        }
    }
}

fn activated(rows: Tensor, activation: Activation) -> Result<Tensor> {
    match activation {
        Activation::Linear => Ok(rows),
        Activation::QuickGelu => &rows * ops::sigmoid(&(&rows * 1.702)?)?,
        Activation::Gelu => rows.gelu_erf(),
        Activation::TanhGelu => rows.gelu(),
        Activation::Relu6 => rows.clamp(0f32, 6f32),
    }
}

/// In `f32`, because a sum over hundreds of columns is too coarse in half precision.
fn softmax(scores: &Tensor, is_causal: bool) -> Result<Tensor> {
    let numbers = scores.dtype();
    let mut scores = scores.to_dtype(DType::F32)?;
    if is_causal {
        scores = scores.broadcast_add(&causal_mask(&scores)?)?;
    }
    ops::softmax_last_dim(&scores.contiguous()?)?.to_dtype(numbers)
}

fn causal_mask(scores: &Tensor) -> Result<Tensor> {
    let (rows, columns) = (scores.dim(D::Minus2)?, scores.dim(D::Minus1)?);
    let hidden = |index: usize| if index % columns > index / columns { f32::NEG_INFINITY } else { 0.0 };
    Tensor::from_vec((0..rows * columns).map(hidden).collect::<Vec<f32>>(), (rows, columns), scores.device())
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn rows() -> Tensor {
        let numbers: Vec<f32> = (0..2 * 6 * 6).map(|x| ((x * 37 % 29) as f32 - 14.0) / 3.0).collect();
        Tensor::from_vec(numbers, (2, 6, 6), &Device::Cpu).unwrap()
    }

    fn check(kernels: &Tensor, portable: &Tensor) {
        let far = (kernels - portable).unwrap().abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
        assert!(far < 1e-5, "{far}");
    }

    #[test]
    fn both_ways_activate_alike() {
        let bias = Tensor::new(&[0.5f32, -0.5, 0.0, 1.0, 2.0, -3.0], &Device::Cpu).unwrap();
        for activation in
            [Activation::Linear, Activation::QuickGelu, Activation::Gelu, Activation::TanhGelu, Activation::Relu6]
        {
            let run = |steps: Steps| steps.activated(rows().copy().unwrap(), Some(&bias), activation).unwrap();
            check(&run(Steps::Kernels), &run(Steps::Portable));
        }
    }

    #[test]
    fn both_ways_normalise_alike() {
        let weight = Tensor::new(&[0.5f32, -0.5, 0.1, 1.0, 2.0, -3.0], &Device::Cpu).unwrap();
        let run = |steps: Steps| steps.layer_norm(&rows(), &weight, &weight, 1e-5).unwrap();
        check(&run(Steps::Kernels), &run(Steps::Portable));
    }

    #[test]
    fn both_ways_attend_alike() {
        for is_causal in [false, true] {
            let run = |steps: Steps| steps.softmax(rows().copy().unwrap(), is_causal).unwrap();
            check(&run(Steps::Kernels), &run(Steps::Portable));
        }
    }
}
