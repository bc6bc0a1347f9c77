//! A linear layer with its bias and activation.

use candle_core::{Result, Tensor};

use super::cpu::{COLUMNS, Kernel, Layer, Layout, Level, Norm, Rows, Then, Word};
use super::kernels::{Activation, with_numbers};
use super::place::Place;
use super::steps::Steps;
use super::weights::Weights;

/// `activation(x W + b)` for rows `x`.
pub enum Linear {
    Packed(Layer),
    /// The weight is kept turned, `[inputs, outputs]`: multiplying by the transpose of the checkpoint's own layout first
    /// copies the whole matrix into another order at every call, which is most of the time of a product with few rows.
    Portable {
        turned: Tensor,
        bias: Option<Tensor>,
        steps: Steps,
    },
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
        Linear::by(place.kernel(), weight, bias, place)
    }

    /// One that sees many rows, so that its speed matters: as exact as the place's transformers.
    pub fn coarse(weight: &Tensor, bias: Option<Tensor>, place: &Place) -> Result<Linear> {
        Linear::by(place.coarse_kernel(), weight, bias, place)
    }

    /// The same where eight bits are too few.
    pub fn fine(weight: &Tensor, bias: Option<Tensor>, place: &Place) -> Result<Linear> {
        Linear::by(place.fine_kernel(), weight, bias, place)
    }

    fn by(kernel: Option<Kernel>, weight: &Tensor, bias: Option<Tensor>, place: &Place) -> Result<Linear> {
        if let Some(kernel) = kernel {
            return Ok(Linear::Packed(packed(kernel, weight, bias.as_ref(), None)?));
        }
        Ok(Linear::Portable {
            turned: place.put(&weight.t()?.contiguous()?)?,
            bias: bias.map(|bias| place.put(&bias)).transpose()?,
            steps: place.steps,
        })
    }

    /// `rows` is `[rows, inputs]`; the result `[rows, outputs]`.
    pub fn forward(&self, rows: &Tensor) -> Result<Tensor> {
        self.activated(rows, Activation::Linear)
    }

    /// Rows one after another into memory that is there, on the CPU.
    pub fn onto(&self, rows: &[f32], then: Then, out: &mut [f32], layout: Layout, memory: &mut Rows) -> Result<()> {
        match self {
            Linear::Packed(layer) => layer.onto(rows, then, out, layout, memory),
            Linear::Portable { turned, .. } => {
                let (inputs, outputs) = turned.dims2()?;
                let rows = Tensor::from_slice(rows, (rows.len() / inputs, inputs), turned.device())?;
                let activation = if let Then::Set(activation) = then { activation } else { Activation::Linear };
                with_numbers(&self.activated(&rows, activation)?, |product| {
                    for (row, product) in product.chunks_exact(outputs).enumerate() {
                        for (panel, product) in product.chunks(COLUMNS).enumerate() {
                            let out = &mut out[layout.place(row) + panel * layout.panel..][..product.len()];
                            match then {
                                Then::Set(_) => out.copy_from_slice(product),
                                Then::Add => out.iter_mut().zip(product).for_each(|(old, x)| *old += x),
                            }
                        }
                    }
                })?;
            }
        }
        Ok(())
    }

    /// The same for rows that were encoded for it.
    pub fn laid_onto(&self, rows: &Rows, then: Then, out: &mut [f32], layout: Layout) -> Result<()> {
        match self {
            Linear::Packed(layer) => {
                layer.laid_onto(rows, then, out, layout);
                Ok(())
            }
            Linear::Portable { .. } => self.onto(rows.floats(), then, out, layout, &mut Rows::default()),
        }
    }

    /// How rows have to be encoded for it.
    pub fn kernel(&self) -> Kernel {
        match self {
            Linear::Packed(layer) => layer.kernel(),
            Linear::Portable { .. } => Kernel { level: Level::Plain, word: Word::Float },
        }
    }

    pub fn activated(&self, rows: &Tensor, activation: Activation) -> Result<Tensor> {
        match self {
            Linear::Packed(layer) => {
                let out = with_numbers(rows, |rows| layer.forward(rows, activation))?;
                Tensor::from_vec(out, (rows.dim(0)?, layer.outputs()), rows.device())
            }
            Linear::Portable { turned, bias, steps } => {
                steps.activated(rows.matmul(turned)?, bias.as_ref(), activation)
            }
        }
    }
}

/// `weight` is `[outputs, inputs]`, `bias` `[outputs]`; `norm` is what the inputs come out of, where that is known.
pub fn packed(kernel: Kernel, weight: &Tensor, bias: Option<&Tensor>, norm: Option<&Norm>) -> Result<Layer> {
    let bias: Option<Vec<f32>> = bias.map(Tensor::to_vec1).transpose()?;
    let inputs = weight.dim(1)?;
    with_numbers(weight, |weight| match norm {
        Some(norm) => Layer::smoothed(kernel, weight, bias.as_deref(), norm),
        None => Layer::new(kernel, weight, bias.as_deref(), inputs),
    })
}
