//! A linear layer with its bias and activation.

use candle_core::{Result, Tensor};

use super::kernels::Activation;
use super::place::Place;
use super::steps::Steps;
use super::weights::Weights;

/// `activation(x W + b)` for rows `x`.
///
/// The weight is kept turned, `[inputs, outputs]`: multiplying by the transpose of the checkpoint's own layout first copies the
/// whole matrix into another order at every call, which is most of the time of a product with a prompt's few rows.
pub struct Linear {
    turned: Tensor,
    bias: Option<Tensor>,
    steps: Steps,
}

impl Linear {
    /// Reads `{name}.weight` of `[outputs, inputs]` and `{name}.bias`.
    pub fn read(weights: &mut Weights, name: &str, inputs: usize, outputs: usize) -> anyhow::Result<Linear> {
        let weight = weights.take(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = weights.take(&format!("{name}.bias"), &[outputs])?;
        Ok(Linear::new(&weight, Some(bias), weights.place())?)
    }

    /// Reads `{name}.weight` alone.
    pub fn read_without_bias(
        weights: &mut Weights,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> anyhow::Result<Linear> {
        Ok(Linear::new(&weights.take(&format!("{name}.weight"), &[outputs, inputs])?, None, weights.place())?)
    }

    /// Reads a matrix that the checkpoint keeps turned, `[inputs, outputs]`, under `name` itself.
    pub fn read_turned(weights: &mut Weights, name: &str, inputs: usize, outputs: usize) -> anyhow::Result<Linear> {
        Ok(Linear::new(&weights.take(name, &[inputs, outputs])?.t()?, None, weights.place())?)
    }

    /// `weight` is `[outputs, inputs]`, on the CPU.
    pub fn new(weight: &Tensor, bias: Option<Tensor>, place: &Place) -> Result<Linear> {
        Ok(Linear {
            turned: place.put(&weight.t()?.contiguous()?)?,
            bias: bias.map(|bias| place.put(&bias)).transpose()?,
            steps: place.steps,
        })
    }

    /// `rows` is `[rows, inputs]`; the result `[rows, outputs]`.
    pub fn forward(&self, rows: &Tensor) -> Result<Tensor> {
        self.activated(rows, Activation::Linear)
    }

    pub fn activated(&self, rows: &Tensor, activation: Activation) -> Result<Tensor> {
        self.steps.activated(rows.matmul(&self.turned)?, self.bias.as_ref(), activation)
    }
}
