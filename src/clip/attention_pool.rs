//! SigLIP's pooling head: one learned question is put to all patches, and a small network works on the answer.
//!
//! As `SiglipMultiheadAttentionPoolingHead` in HuggingFace's `transformers`.

use candle_core::{Result, Tensor};

use super::linear::Linear;
use super::steps::Steps;
use super::transformer::{Norm, Shape, thirds};
use super::weights::Weights;

pub struct AttentionPool {
    /// The question is the same for every picture: `[heads, 1, head width]`, already projected and scaled.
    question: Tensor,
    key_value: Linear,
    out: Linear,
    norm: Norm,
    widen: Linear,
    narrow: Linear,
    shape: Shape,
    steps: Steps,
}

impl AttentionPool {
    /// Reads the tensors below `prefix`.
    pub fn read(weights: &mut Weights, prefix: &str, shape: &Shape) -> anyhow::Result<AttentionPool> {
        let name = |part: &str| format!("{prefix}.{part}");
        let width = shape.width;
        let probe = weights.take(&name("probe"), &[1, 1, width])?.reshape((1, width))?;
        let matrices = thirds(&weights.take(&name("attention.in_proj_weight"), &[3 * width, width])?)?;
        let biases = thirds(&weights.take(&name("attention.in_proj_bias"), &[3 * width])?)?;
        let head = width / shape.heads;
        let question = (probe.matmul(&matrices[0].t()?)?.broadcast_add(&biases[0])? * (1.0 / (head as f64).sqrt()))?;
        let key_value = (Tensor::cat(&matrices[1..], 0)?, Tensor::cat(&biases[1..], 0)?);
        Ok(AttentionPool {
            question: weights.place().put(&question.reshape((shape.heads, 1, head))?)?,
            key_value: Linear::coarse(&key_value.0, Some(key_value.1), weights.place())?,
            out: Linear::read(weights, &name("attention.out_proj"), width, width)?,
            norm: Norm::read(weights, &name("layernorm"), width, shape.epsilon)?,
            widen: Linear::read(weights, &name("mlp.fc1"), width, shape.intermediate)?,
            narrow: Linear::read(weights, &name("mlp.fc2"), shape.intermediate, width)?,
            shape: shape.clone(),
            steps: weights.place().steps,
        })
    }

    /// `pictures` is `[pictures, rows, width]`; the result `[pictures, width]`.
    pub fn forward(&self, pictures: &Tensor) -> Result<Tensor> {
        let (count, rows, width) = pictures.dims3()?;
        let (heads, head) = (self.shape.heads, width / self.shape.heads);
        let key_value = self.key_value.forward(&pictures.flatten_to(1)?)?.reshape((count, rows, 2, heads, head))?;
        // Pictures and heads are alike here: each has its own keys and values.
        let part = |index: usize| {
            let part = key_value.narrow(2, index, 1)?.squeeze(2)?.transpose(1, 2)?.contiguous()?;
            part.reshape((count * heads, rows, head))
        };
        let question = self.question.repeat((count, 1, 1))?;
        let scores = question.matmul(&part(0)?.transpose(1, 2)?)?;
        let answers = self.steps.softmax(scores, false)?.matmul(&part(1)?)?.reshape((count, width))?;
        let answers = self.out.forward(&answers)?;
        let thought = self.widen.activated(&self.norm.forward(&answers)?, self.shape.activation)?;
        answers + self.narrow.forward(&thought)?
    }
}
