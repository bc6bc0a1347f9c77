//! The transformer that CLIP's two towers and the starter model's text tower share.
//!
//! Sequences of any lengths lie one after another in one `[rows, width]` tensor: a picture's patches or a prompt's
//! tokens. The linear layers see all rows at once and attention looks at one sequence at a time, so nothing is padded.

use std::ops::Range;

use candle_core::{Result, Tensor};

use super::kernels::Activation;
use super::linear::Linear;
use super::steps::Steps;
use super::weights::Weights;

/// The sizes of one tower's blocks.
#[derive(Clone, Debug)]
pub struct Shape {
    pub width: usize,
    pub heads: usize,
    pub layers: usize,
    pub intermediate: usize,
    pub activation: Activation,
    pub epsilon: f64,
    pub order: Order,
    /// A row attends only to itself and the rows before it.
    pub is_causal: bool,
}

/// Where the normalisations stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Before attention and before the two linear layers (CLIP).
    Before,
    /// After each sum (BERT).
    After,
}

/// What a checkpoint calls the parts of a block.
pub struct Names {
    pub attention: Projections,
    pub out: &'static str,
    pub norm_1: &'static str,
    pub norm_2: &'static str,
    pub widen: &'static str,
    pub narrow: &'static str,
}

/// Query, key and value in a checkpoint.
pub enum Projections {
    /// Three layers.
    Apart([&'static str; 3]),
    /// One matrix and one bias, query first.
    Together { weight: &'static str, bias: &'static str },
}

pub struct Transformer {
    blocks: Vec<Block>,
    shape: Shape,
    steps: Steps,
}

impl Transformer {
    /// Reads the blocks `{prefix}.0`, `{prefix}.1` and so on.
    pub fn read(weights: &mut Weights, prefix: &str, shape: Shape, names: &Names) -> anyhow::Result<Transformer> {
        let blocks = (0..shape.layers)
            .map(|index| Block::read(weights, &format!("{prefix}.{index}"), &shape, names))
            .collect::<anyhow::Result<_>>()?;
        Ok(Transformer { blocks, shape, steps: weights.place().steps })
    }

    /// `spans` are the rows of each sequence.
    pub fn forward(&self, rows: Tensor, spans: &[Range<usize>]) -> Result<Tensor> {
        self.forward_through(&self.blocks, rows, spans)
    }

    /// What each row would give to the last block's attention, were it looked at alone: its value, through the output layer.
    pub fn last_values(&self, rows: Tensor, spans: &[Range<usize>]) -> Result<Tensor> {
        let Some((last, before)) = self.blocks.split_last() else { return Ok(rows) };
        last.values(&self.forward_through(before, rows, spans)?, &self.shape)
    }

    fn forward_through(&self, blocks: &[Block], rows: Tensor, spans: &[Range<usize>]) -> Result<Tensor> {
        blocks.iter().try_fold(rows, |rows, block| block.forward(&rows, spans, &self.shape, self.steps))
    }
}

/// A layer normalisation with its weight and bias.
pub struct Norm {
    weight: Tensor,
    bias: Tensor,
    epsilon: f32,
    steps: Steps,
}

impl Norm {
    pub fn read(weights: &mut Weights, name: &str, width: usize, epsilon: f64) -> anyhow::Result<Norm> {
        Ok(Norm {
            weight: weights.put(&format!("{name}.weight"), &[width])?,
            bias: weights.put(&format!("{name}.bias"), &[width])?,
            epsilon: epsilon as f32,
            steps: weights.place().steps,
        })
    }

    pub fn forward(&self, rows: &Tensor) -> Result<Tensor> {
        self.steps.layer_norm(rows, &self.weight, &self.bias, self.epsilon)
    }
}

struct Block {
    /// Query, key and value side by side, so that one product makes all three.
    query_key_value: Linear,
    out: Linear,
    norm_1: Norm,
    widen: Linear,
    narrow: Linear,
    norm_2: Norm,
}

impl Block {
    fn read(weights: &mut Weights, prefix: &str, shape: &Shape, names: &Names) -> anyhow::Result<Block> {
        let name = |part: &str| format!("{prefix}.{part}");
        Ok(Block {
            query_key_value: query_key_value(weights, prefix, shape, names)?,
            out: Linear::read(weights, &name(names.out), shape.width, shape.width)?,
            norm_1: Norm::read(weights, &name(names.norm_1), shape.width, shape.epsilon)?,
            widen: Linear::read(weights, &name(names.widen), shape.width, shape.intermediate)?,
            narrow: Linear::read(weights, &name(names.narrow), shape.intermediate, shape.width)?,
            norm_2: Norm::read(weights, &name(names.norm_2), shape.width, shape.epsilon)?,
        })
    }

    fn forward(&self, rows: &Tensor, spans: &[Range<usize>], shape: &Shape, steps: Steps) -> Result<Tensor> {
        match shape.order {
            Order::Before => {
                let rows = (rows + self.attend(&self.norm_1.forward(rows)?, spans, shape, steps)?)?;
                &rows + self.think(&self.norm_2.forward(&rows)?, shape)?
            }
            Order::After => {
                let rows = self.norm_1.forward(&(rows + self.attend(rows, spans, shape, steps)?)?)?;
                self.norm_2.forward(&(&rows + self.think(&rows, shape)?)?)
            }
        }
    }

    fn think(&self, rows: &Tensor, shape: &Shape) -> Result<Tensor> {
        self.narrow.forward(&self.widen.activated(rows, shape.activation)?)
    }

    fn values(&self, rows: &Tensor, shape: &Shape) -> Result<Tensor> {
        let rows = match shape.order {
            Order::Before => self.norm_1.forward(rows)?,
            Order::After => rows.clone(),
        };
        let values = self.query_key_value.forward(&rows)?.narrow(1, 2 * shape.width, shape.width)?;
        self.out.forward(&values.contiguous()?)
    }

    fn attend(&self, rows: &Tensor, spans: &[Range<usize>], shape: &Shape, steps: Steps) -> Result<Tensor> {
        let query_key_value = self.query_key_value.forward(rows)?;
        let seen = match steps {
            Steps::Kernels => spans
                .iter()
                .map(|span| attention(&query_key_value.narrow(0, span.start, span.len())?, shape))
                .collect::<Result<Vec<_>>>()?,
            Steps::Portable => spans
                .chunk_by(|one, next| one.len() == next.len())
                .map(|alike| batched_attention(&query_key_value, alike, shape))
                .collect::<Result<Vec<_>>>()?,
        };
        self.out.forward(&Tensor::cat(&seen, 0)?)
    }
}

/// Attention within one sequence. The heads are strided views of `[rows, 3 * width]`, which the product reads in place.
fn attention(query_key_value: &Tensor, shape: &Shape) -> Result<Tensor> {
    let rows = query_key_value.dim(0)?;
    let heads = query_key_value.reshape((rows, 3, shape.heads, shape.width / shape.heads))?;
    let part = |index: usize| heads.narrow(1, index, 1)?.squeeze(1)?.transpose(0, 1);
    let scores = part(0)?.matmul(&part(1)?.transpose(1, 2)?)?;
    let shares = Steps::Kernels.softmax(scores, shape.is_causal)?;
    shares.matmul(&part(2)?)?.transpose(0, 1)?.reshape((rows, shape.width))
}

/// The same for neighbouring sequences of one length at once, which is how a graphics processor likes it.
fn batched_attention(query_key_value: &Tensor, spans: &[Range<usize>], shape: &Shape) -> Result<Tensor> {
    let (count, rows) = (spans.len(), spans[0].len());
    let ours = query_key_value.narrow(0, spans[0].start, count * rows)?;
    let heads = ours.reshape((count, rows, 3, shape.heads, shape.width / shape.heads))?;
    let part = |index: usize| heads.narrow(2, index, 1)?.squeeze(2)?.transpose(1, 2)?.contiguous();
    let scores = part(0)?.matmul(&part(1)?.transpose(2, 3)?.contiguous()?)?;
    let shares = Steps::Portable.softmax(scores, shape.is_causal)?;
    shares.matmul(&part(2)?)?.transpose(1, 2)?.reshape((count * rows, shape.width))
}

/// The query carries the scale `1 / sqrt(head width)` in its weight and bias, once and for all.
fn query_key_value(weights: &mut Weights, prefix: &str, shape: &Shape, names: &Names) -> anyhow::Result<Linear> {
    let width = shape.width;
    let scale = 1.0 / ((width / shape.heads) as f64).sqrt();
    let (mut matrices, mut biases) = match names.attention {
        Projections::Apart(parts) => apart(weights, prefix, width, parts)?,
        Projections::Together { weight, bias } => {
            let matrix = weights.take(&format!("{prefix}.{weight}"), &[3 * width, width])?;
            let bias = weights.take(&format!("{prefix}.{bias}"), &[3 * width])?;
            (thirds(&matrix)?, thirds(&bias)?)
        }
    };
    matrices[0] = (&matrices[0] * scale)?;
    biases[0] = (&biases[0] * scale)?;
    Ok(Linear::new(&Tensor::cat(&matrices, 0)?, Some(Tensor::cat(&biases, 0)?), weights.place())?)
}

fn apart(
    weights: &mut Weights,
    prefix: &str,
    width: usize,
    parts: [&str; 3],
) -> anyhow::Result<(Vec<Tensor>, Vec<Tensor>)> {
    let matrices = parts.iter().map(|part| weights.take(&format!("{prefix}.{part}.weight"), &[width, width]));
    let matrices = matrices.collect::<anyhow::Result<Vec<_>>>()?;
    let biases = parts.iter().map(|part| weights.take(&format!("{prefix}.{part}.bias"), &[width]));
    Ok((matrices, biases.collect::<anyhow::Result<Vec<_>>>()?))
}

/// Query, key and value of a tensor that holds them one below the other.
pub fn thirds(tensor: &Tensor) -> Result<Vec<Tensor>> {
    tensor.chunk(3, 0)
}
