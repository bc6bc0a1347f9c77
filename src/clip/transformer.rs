//! The transformer that CLIP's two towers and the starter model's text tower share.
//!
//! Sequences of any lengths lie one after another in one `[rows, width]` tensor: a picture's patches or a prompt's
//! tokens. The linear layers see all rows at once and attention looks at one sequence at a time, so nothing is padded.

use std::ops::Range;

use candle_core::{Result, Tensor};

use super::cpu::{self, Keep, Kernel, Layer, Stack};
use super::kernels::{Activation, with_numbers};
use super::linear::{self, Linear};
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

/// The parts of one block.
pub struct Parts<L, N> {
    /// Query, key and value side by side, so that one product makes all three.
    pub query_key_value: L,
    pub out: L,
    pub norm_1: N,
    pub widen: L,
    pub narrow: L,
    pub norm_2: N,
}

/// Blocks, and who does their steps.
pub enum Transformer {
    /// The program's own products, where the processor has instructions for them.
    Packed(Stack),
    /// Candle's.
    Portable { blocks: Vec<Parts<Linear, Norm>>, shape: Shape, steps: Steps },
}

impl Transformer {
    /// Reads the blocks `{prefix}.0`, `{prefix}.1` and so on.
    pub fn read(weights: &mut Weights, prefix: &str, shape: Shape, names: &Names) -> anyhow::Result<Transformer> {
        let prefixes: Vec<String> = (0..shape.layers).map(|index| format!("{prefix}.{index}")).collect();
        if let Some(kernel) = weights.place().coarse_kernel() {
            let mut blocks = Vec::new();
            for prefix in &prefixes {
                let from = BlockWeights { weights, prefix, shape: &shape, names };
                blocks.push(Parts::read_packed(from, kernel, blocks.last())?);
            }
            return Ok(Transformer::Packed(Stack::new(blocks, shape)));
        }
        let steps = weights.place().steps;
        let mut blocks = Vec::new();
        for prefix in &prefixes {
            blocks.push(Parts::read_portable(BlockWeights { weights, prefix, shape: &shape, names })?);
        }
        Ok(Transformer::Portable { blocks, shape, steps })
    }

    /// `spans` are the rows of each sequence; the result has those that are to be kept. The packed one is done by as many
    /// threads as there are `parts`.
    pub fn forward(&self, rows: Tensor, spans: &[Range<usize>], keep: Keep, parts: usize) -> Result<Tensor> {
        match self {
            Transformer::Packed(stack) => packed(&rows, |rows| stack.forward(rows, spans, keep, parts)),
            Transformer::Portable { blocks, shape, steps } => {
                let rows = through(blocks, rows, spans, shape, *steps)?;
                let Some(kept) = keep.rows(spans) else { return Ok(rows) };
                let kept: Vec<u32> = kept.into_iter().map(|row| row as u32).collect();
                rows.index_select(&Tensor::new(kept, rows.device())?, 0)
            }
        }
    }

    /// What each row would give to the last block's attention, were it looked at alone: its value, through the output layer.
    pub fn last_values(&self, rows: Tensor, spans: &[Range<usize>]) -> Result<Tensor> {
        match self {
            Transformer::Packed(stack) => packed(&rows, |rows| stack.last_values(rows, spans, 1)),
            Transformer::Portable { blocks, shape, steps } => {
                let Some((last, before)) = blocks.split_last() else { return Ok(rows) };
                last.values(&through(before, rows, spans, shape, *steps)?, shape)
            }
        }
    }
}

fn packed(rows: &Tensor, work: impl FnOnce(&[f32]) -> Vec<f32>) -> Result<Tensor> {
    let out = with_numbers(rows, work)?;
    let width = rows.dim(1)?;
    Tensor::from_vec(out, ((), width), rows.device())
}

fn through(
    blocks: &[Parts<Linear, Norm>],
    rows: Tensor,
    spans: &[Range<usize>],
    shape: &Shape,
    steps: Steps,
) -> Result<Tensor> {
    blocks.iter().try_fold(rows, |rows, block| block.forward(&rows, spans, shape, steps))
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

/// One block as a checkpoint has it.
struct BlockWeights<'a> {
    weights: &'a mut Weights,
    prefix: &'a str,
    shape: &'a Shape,
    names: &'a Names,
}

impl BlockWeights<'_> {
    fn query_key_value(&mut self) -> anyhow::Result<(Tensor, Tensor)> {
        query_key_value(self.weights, self.prefix, self.shape, self.names)
    }

    fn linear(&mut self, part: &str, inputs: usize, outputs: usize) -> anyhow::Result<(Tensor, Tensor)> {
        let name = format!("{}.{part}", self.prefix);
        let weight = self.weights.take(&format!("{name}.weight"), &[outputs, inputs])?;
        Ok((weight, self.weights.take(&format!("{name}.bias"), &[outputs])?))
    }

    fn norm(&mut self, part: &str) -> anyhow::Result<cpu::Norm> {
        let (name, width) = (format!("{}.{part}", self.prefix), self.shape.width);
        let weight = self.weights.take(&format!("{name}.weight"), &[width])?.to_vec1()?;
        let bias = self.weights.take(&format!("{name}.bias"), &[width])?.to_vec1()?;
        Ok(cpu::Norm { weight, bias, epsilon: self.shape.epsilon as f32 })
    }
}

impl Parts<Layer, cpu::Norm> {
    /// `before` is the block before this one.
    fn read_packed(mut from: BlockWeights, kernel: Kernel, before: Option<&Self>) -> anyhow::Result<Self> {
        let (names, shape) = (from.names, from.shape);
        let (width, wide) = (shape.width, shape.intermediate);
        let (norm_1, norm_2) = (from.norm(names.norm_1)?, from.norm(names.norm_2)?);
        let (normed_1, normed_2) = match shape.order {
            Order::Before => (Some(&norm_1), &norm_2),
            Order::After => (before.map(|before| &before.norm_2), &norm_1),
        };
        let layer = |(weight, bias), norm| linear::packed(kernel, &weight, Some(&bias), norm);
        Ok(Parts {
            query_key_value: layer(from.query_key_value()?, normed_1)?,
            out: layer(from.linear(names.out, width, width)?, None)?,
            widen: layer(from.linear(names.widen, width, wide)?, Some(normed_2))?,
            narrow: layer(from.linear(names.narrow, wide, width)?, None)?,
            norm_1,
            norm_2,
        })
    }
}

impl Parts<Linear, Norm> {
    fn read_portable(mut from: BlockWeights) -> anyhow::Result<Self> {
        let (names, shape, place) = (from.names, from.shape, from.weights.place().clone());
        let (width, wide) = (shape.width, shape.intermediate);
        let linear = |(weight, bias): (Tensor, Tensor)| Linear::new(&weight, Some(bias), &place);
        let (prefix, epsilon) = (from.prefix, shape.epsilon);
        Ok(Parts {
            query_key_value: linear(from.query_key_value()?)?,
            out: linear(from.linear(names.out, width, width)?)?,
            norm_1: Norm::read(from.weights, &format!("{prefix}.{}", names.norm_1), width, epsilon)?,
            widen: linear(from.linear(names.widen, width, wide)?)?,
            narrow: linear(from.linear(names.narrow, wide, width)?)?,
            norm_2: Norm::read(from.weights, &format!("{prefix}.{}", names.norm_2), width, epsilon)?,
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
fn query_key_value(
    weights: &mut Weights,
    prefix: &str,
    shape: &Shape,
    names: &Names,
) -> anyhow::Result<(Tensor, Tensor)> {
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
    Ok((Tensor::cat(&matrices, 0)?, Tensor::cat(&biases, 0)?))
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
