//! The image tower: EfficientNet-Lite2 with its batch normalisation folded into the biases.
//!
//! A picture is `[pixels, channels]` throughout, so that a 1 x 1 convolution is one matrix product.

use anyhow::{Result, ensure};
use candle_core::{Device, Tensor};

use super::config::{BlockConfig, FeaturesConfig, ImageConfig, StemConfig};
use super::depthwise::{Depthwise, Walk};
use crate::clip::ModelInput;
use crate::clip::kernels::Activation;
use crate::clip::linear::Linear;
use crate::clip::weights::Weights;

pub struct EfficientNet {
    stem: Stem,
    blocks: Vec<Block>,
    head: Linear,
    features: FeaturesConfig,
}

/// What the heads are fed: a row for the picture, or one for each of its cells.
pub struct Features {
    /// All averages in the configured order.
    pub all: Tensor,
    /// The average over the last layer, which the ImageNet classifier was trained on.
    pub gap: Tensor,
}

impl EfficientNet {
    pub fn read(weights: &mut Weights, config: &ImageConfig) -> Result<EfficientNet> {
        let stem = Stem::read(weights, config)?;
        let mut side = stem.walk.to;
        let mut blocks = Vec::with_capacity(config.blocks.len());
        for (index, block) in config.blocks.iter().enumerate() {
            let walk = Walk::new(side, block.kernel, block.stride);
            blocks.push(Block::read(weights, &format!("image.blocks.{index}"), block, walk)?);
            side = walk.to;
        }
        let last = config.blocks.last().map_or(config.stem.out, |block| block.cout);
        let head = pointwise(weights, "image.head", last, config.head.out)?;
        Ok(EfficientNet { stem, blocks, head, features: config.features.clone() })
    }

    /// Averages over the picture.
    pub fn forward(&self, input: &ModelInput) -> Result<Features> {
        self.features(input, |rows| rows.mean_keepdim(0), |rows| rows.max_keepdim(0))
    }

    /// Averages over each cell of the last layer, row by row.
    pub fn cells(&self, input: &ModelInput) -> Result<Features> {
        let side = self.cells_a_side();
        self.features(input, |rows| average_cells(rows, side), |rows| Ok(rows.clone()))
    }

    /// As many cells lie side by side as below each other.
    pub fn cells_a_side(&self) -> usize {
        self.walks().last().map_or(0, |walk| walk.to)
    }

    /// Which part of the photo the cells cover, as shares. The outermost reach over the edge.
    pub fn cells_area(&self, input: &ModelInput) -> [f32; 4] {
        // From the middle of the first cell back to the pixels that it was made of.
        let (first, step) =
            self.walks().rev().fold((0.0, 1.0), |(at, step), walk| (walk.middle(at), step * walk.stride as f32));
        let begin = first + 0.5 - step / 2.0;
        let end = begin + step * self.cells_a_side() as f32;
        input.area_of([begin, begin, end, end])
    }

    fn walks(&self) -> impl DoubleEndedIterator<Item = Walk> {
        std::iter::once(self.stem.walk).chain(self.blocks.iter().map(|block| block.depthwise.walk()))
    }

    /// `average` and `most` make of a layer's pixels what a row of the features is to hold of them.
    fn features(
        &self,
        input: &ModelInput,
        average: impl Fn(&Tensor) -> candle_core::Result<Tensor>,
        most: impl Fn(&Tensor) -> candle_core::Result<Tensor>,
    ) -> Result<Features> {
        let mut rows = self.stem.forward(input)?;
        let mut found: Vec<(&str, Tensor)> = Vec::new();
        for (index, block) in self.blocks.iter().enumerate() {
            rows = block.forward(&rows)?;
            for tap in self.features.taps.iter().filter(|tap| tap.after_block == index) {
                found.push((&tap.name, average(&rows)?));
            }
        }
        let rows = self.head.activated(&rows, Activation::Relu6)?;
        let gap = average(&rows)?;
        found.push(("gap", gap.clone()));
        found.push(("max", most(&rows)?));
        let mut ordered = Vec::with_capacity(found.len());
        for name in &self.features.order {
            let part = found.iter().find(|(found, _)| found == name);
            ordered.push(&part.ok_or_else(|| anyhow::anyhow!("the network has no feature \"{name}\""))?.1);
        }
        Ok(Features { all: Tensor::cat(&ordered, 1)?, gap })
    }
}

/// The first convolution, from bytes to channels.
struct Stem {
    kernel: Linear,
    walk: Walk,
    levels: Box<[[f32; 256]; 3]>,
}

impl Stem {
    fn read(weights: &mut Weights, config: &ImageConfig) -> Result<Stem> {
        let StemConfig { out, kernel, stride } = config.stem;
        let weight = weights.take("image.stem.weight", &[out, 3, kernel, kernel])?;
        // Channels last, as pixels lie in memory.
        let weight = weight.permute((0, 2, 3, 1))?.reshape((out, kernel * kernel * 3))?;
        Ok(Stem {
            kernel: Linear::new(&weight, Some(weights.take("image.stem.bias", &[out])?), weights.place())?,
            walk: Walk::new(config.size as usize, kernel, stride),
            levels: Box::new(config.input_spec().levels.table()),
        })
    }

    fn forward(&self, input: &ModelInput) -> Result<Tensor> {
        let side = self.walk.from;
        ensure!(
            (input.width_px as usize, input.height_px as usize) == (side, side) && input.rgb.len() == side * side * 3,
            "The model wants {side} x {side} pixels and got {} x {}",
            input.width_px,
            input.height_px
        );
        let rows = self.unfold(&input.rgb);
        Ok(self.kernel.activated(&rows?, Activation::Relu6)?)
    }

    /// One row an output pixel, with the numbers that the kernel meets there; zeros around the picture.
    fn unfold(&self, rgb: &[u8]) -> candle_core::Result<Tensor> {
        let Walk { from, to, kernel, .. } = self.walk;
        let numbers = kernel * kernel * 3;
        let mut values = vec![0.0; to * to * numbers];
        for (index, row) in values.chunks_exact_mut(numbers).enumerate() {
            for (tap_y, y) in self.walk.taps(index / to) {
                for (tap_x, x) in self.walk.taps(index % to) {
                    let (pixel, tap) = ((y * from + x) * 3, (tap_y * kernel + tap_x) * 3);
                    for channel in 0..3 {
                        row[tap + channel] = self.levels[channel][usize::from(rgb[pixel + channel])];
                    }
                }
            }
        }
        Tensor::from_vec(values, (to * to, numbers), &Device::Cpu)
    }
}

/// One inverted residual.
struct Block {
    expand: Option<Linear>,
    depthwise: Depthwise,
    project: Linear,
    is_residual: bool,
}

impl Block {
    fn read(weights: &mut Weights, prefix: &str, config: &BlockConfig, walk: Walk) -> Result<Block> {
        let BlockConfig { cin, cmid, cout, kernel, .. } = *config;
        let expand = match config.expand {
            true => Some(pointwise(weights, &format!("{prefix}.expand"), cin, cmid)?),
            false => None,
        };
        let weight = weights.take(&format!("{prefix}.dw.weight"), &[cmid, 1, kernel, kernel])?;
        let bias = weights.take(&format!("{prefix}.dw.bias"), &[cmid])?;
        Ok(Block {
            expand,
            depthwise: Depthwise::new(&weight, &bias, walk)?,
            project: pointwise(weights, &format!("{prefix}.project"), cmid, cout)?,
            is_residual: config.residual,
        })
    }

    fn forward(&self, rows: &Tensor) -> candle_core::Result<Tensor> {
        let wide = match &self.expand {
            Some(expand) => expand.activated(rows, Activation::Relu6)?,
            None => rows.clone(),
        };
        let out = self.project.forward(&wide.apply_op1_no_bwd(&self.depthwise)?)?;
        if self.is_residual { rows + out } else { Ok(out) }
    }
}

fn pointwise(weights: &mut Weights, name: &str, inputs: usize, outputs: usize) -> Result<Linear> {
    let weight = weights.take(&format!("{name}.weight"), &[outputs, inputs, 1, 1])?;
    let bias = weights.take(&format!("{name}.bias"), &[outputs])?;
    Ok(Linear::new(&weight.flatten_from(1)?, Some(bias), weights.place())?)
}

/// The averages over `side * side` cells of a square layer, as adaptive average pooling divides it: a cell also takes the
/// pixels that lie only partly within it.
fn average_cells(rows: &Tensor, side: usize) -> candle_core::Result<Tensor> {
    let from = rows.dim(0)?.isqrt();
    let span = |cell: usize| cell * from / side..((cell + 1) * from).div_ceil(side);
    let mut shares = vec![0.0f32; side * side * from * from];
    for (cell, shares) in shares.chunks_exact_mut(from * from).enumerate() {
        let (down, across) = (span(cell / side), span(cell % side));
        let share = 1.0 / (down.len() * across.len()) as f32;
        for y in down {
            shares[y * from..][across.clone()].fill(share);
        }
    }
    Tensor::from_vec(shares, (side * side, from * from), &Device::Cpu)?.matmul(rows)
}
