//! The image tower: EfficientNet-Lite2 with its batch normalisation folded into the biases.
//!
//! A picture is `[pixels, channels]` throughout, so that a 1 x 1 convolution is one matrix product. A block first makes six times as
//! many channels and then fewer again; what lies between is made for a few rows at a time, so that it stays in the
//! second-nearest memory, and that memory is used again for every picture.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, ensure};
use candle_core::{Device, Tensor};

use super::config::{BlockConfig, FeaturesConfig, ImageConfig, StemConfig};
use super::depthwise::{Depthwise, Walk};
use crate::clip::ModelInput;
use crate::clip::cpu::{COLUMNS, Layout, Lines, Rows, Then};
use crate::clip::kernels::Activation;
use crate::clip::linear::Linear;
use crate::clip::weights::Weights;

/// What lies between the layers of a block at a time: most of a second-nearest memory of a megabyte. With less, rows that two strips
/// see are copied more often.
const MOST_NUMBERS: usize = 216 << 10;

pub struct EfficientNet {
    stem: Stem,
    blocks: Vec<Block>,
    head: Linear,
    /// Its inputs and outputs.
    head_sides: (usize, usize),
    features: FeaturesConfig,
    /// Memory that is not in use at the moment.
    desks: Mutex<Vec<Desk>>,
}

/// A picture under way.
#[derive(Default)]
struct Desk {
    /// `[pixels, channels]` before and after a block.
    picture: Lines<f32>,
    next: Lines<f32>,
    /// A few rows before the depthwise convolution, and after it.
    wide: Lines<f32>,
    rows: Rows,
    /// What the first convolution meets at each pixel of a few rows.
    seen: Lines<f32>,
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
        Ok(EfficientNet {
            stem,
            blocks,
            head,
            head_sides: (last, config.head.out),
            features: config.features.clone(),
            desks: Mutex::default(),
        })
    }

    /// Averages over the picture.
    pub fn forward(&self, input: &ModelInput) -> Result<Features> {
        self.features(input, &average, &most)
    }

    /// Averages over each cell of the last layer, row by row.
    pub fn cells(&self, input: &ModelInput) -> Result<Features> {
        let side = self.cells_a_side();
        self.features(input, &|rows, channels| average_cells(rows, channels, side), &as_they_are)
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
    fn features(&self, input: &ModelInput, average: Summary, most: Summary) -> Result<Features> {
        let mut desk = self.desks.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let mut found: Vec<(&str, Tensor)> = Vec::new();
        self.stem.forward(input, &mut desk)?;
        for (index, block) in self.blocks.iter().enumerate() {
            block.forward(&mut desk)?;
            for tap in self.features.taps.iter().filter(|tap| tap.after_block == index) {
                found.push((&tap.name, average(&desk.picture, block.outputs)?));
            }
        }
        let Desk { picture, next, rows, .. } = &mut desk;
        let (inputs, channels) = self.head_sides;
        next.resize(picture.len() / inputs * channels);
        self.head.onto(picture, Then::Set(Activation::Relu6), next, Layout::rows(channels), rows)?;
        let gap = average(next, channels)?;
        found.push(("gap", gap.clone()));
        found.push(("max", most(next, channels)?));
        self.desks.lock().unwrap_or_else(PoisonError::into_inner).push(desk);
        let mut ordered = Vec::with_capacity(found.len());
        for name in &self.features.order {
            let part = found.iter().find(|(found, _)| found == name);
            ordered.push(&part.ok_or_else(|| anyhow::anyhow!("the network has no feature \"{name}\""))?.1);
        }
        Ok(Features { all: Tensor::cat(&ordered, 1)?, gap })
    }
}

/// From `[pixels, channels]` to rows as long.
type Summary<'a> = &'a dyn Fn(&[f32], usize) -> candle_core::Result<Tensor>;

/// The first convolution, from bytes to channels.
struct Stem {
    kernel: Linear,
    walk: Walk,
    outputs: usize,
    levels: Box<[[f32; 256]; 3]>,
}

impl Stem {
    fn read(weights: &mut Weights, config: &ImageConfig) -> Result<Stem> {
        let StemConfig { out, kernel, stride } = config.stem;
        let weight = weights.take("image.stem.weight", &[out, 3, kernel, kernel])?;
        // Channels last, as pixels lie in memory.
        let weight = weight.permute((0, 2, 3, 1))?.reshape((out, kernel * kernel * 3))?;
        Ok(Stem {
            kernel: Linear::fine(&weight, Some(weights.take("image.stem.bias", &[out])?), weights.place())?,
            walk: Walk::new(config.size as usize, kernel, stride),
            outputs: out,
            levels: Box::new(config.input_spec().levels.table()),
        })
    }

    fn forward(&self, input: &ModelInput, desk: &mut Desk) -> Result<()> {
        let Walk { from, to, kernel, .. } = self.walk;
        ensure!(
            (input.width_px as usize, input.height_px as usize) == (from, from) && input.rgb.len() == from * from * 3,
            "The model wants {from} x {from} pixels and got {} x {}",
            input.width_px,
            input.height_px
        );
        let Desk { picture, wide, seen, rows, .. } = desk;
        wide.resize(wide.len().max(input.rgb.len()));
        for (pixel, rgb) in wide.as_chunks_mut::<3>().0.iter_mut().zip(input.rgb.as_chunks::<3>().0) {
            *pixel = std::array::from_fn(|channel| self.levels[channel][usize::from(rgb[channel])]);
        }
        let numbers = kernel * kernel * 3;
        let some = (MOST_NUMBERS / (to * numbers)).clamp(1, to);
        picture.resize(to * to * self.outputs);
        for (strip, out) in picture.chunks_mut(some * to * self.outputs).enumerate() {
            let count = out.len() / (to * self.outputs);
            seen.resize(count * to * numbers);
            for (y, seen) in seen.chunks_exact_mut(to * numbers).enumerate() {
                self.unfold(wide, strip * some + y, seen);
            }
            self.kernel.onto(seen, Then::Set(Activation::Relu6), out, Layout::rows(self.outputs), rows)?;
        }
        Ok(())
    }

    /// One row an output pixel, with the numbers that the kernel meets there; zeros around the picture.
    fn unfold(&self, pixels: &[f32], y: usize, to: &mut [f32]) {
        let Walk { from, kernel, stride, before, .. } = self.walk;
        let (down, numbers) = (self.walk.taps(y), kernel * 3);
        for (x, to) in to.chunks_exact_mut(kernel * numbers).enumerate() {
            let across = self.walk.taps(x);
            if down.len() < kernel || across.len() < kernel {
                to.fill(0.0);
            }
            for tap_y in down.clone() {
                let first = (y * stride + tap_y - before) * from + x * stride + across.start - before;
                let pixels = &pixels[first * 3..][..across.len() * 3];
                let to = &mut to[tap_y * numbers + across.start * 3..][..pixels.len()];
                match (to.as_chunks_mut().0, pixels.as_chunks::<9>().0) {
                    // A kernel of three, whose length is known: any other copy of so few numbers is slow.
                    ([to], [pixels]) => *to = *pixels,
                    _ => to.copy_from_slice(pixels),
                }
            }
        }
    }
}

/// One inverted residual.
struct Block {
    expand: Option<Linear>,
    depthwise: Depthwise,
    project: Linear,
    inputs: usize,
    outputs: usize,
    is_residual: bool,
}

impl Block {
    fn read(weights: &mut Weights, prefix: &str, config: &BlockConfig, walk: Walk) -> Result<Block> {
        let BlockConfig { cin, cmid, cout, kernel, .. } = *config;
        let expand = match config.expand {
            true => Some(pointwise(weights, &format!("{prefix}.expand"), cin, cmid)?),
            false => None,
        };
        ensure!(config.expand || cmid == COLUMNS, "{prefix} has {cmid} channels, where {COLUMNS} were expected");
        let weight = weights.take(&format!("{prefix}.dw.weight"), &[cmid, 1, kernel, kernel])?;
        let bias = weights.take(&format!("{prefix}.dw.bias"), &[cmid])?;
        Ok(Block {
            expand,
            depthwise: Depthwise::new(&weight, &bias, walk)?,
            project: pointwise(weights, &format!("{prefix}.project"), cmid, cout)?,
            inputs: cin,
            outputs: cout,
            is_residual: config.residual,
        })
    }

    /// Replaces the picture, a strip of output rows at a time.
    fn forward(&self, desk: &mut Desk) -> Result<()> {
        let walk = self.depthwise.walk();
        desk.next.resize(walk.to * walk.to * self.outputs);
        let some = self.rows_at_a_time();
        let mut made = 0..0;
        for first in (0..walk.to).step_by(some) {
            let strip = first..(first + some).min(walk.to);
            let seen = walk.seen(strip.clone());
            self.widen(desk, &made, &seen)?;
            made = seen;
            self.look_around(desk, &strip, made.start);
            let (then, next) = match self.is_residual {
                // Of the picture's rows, later strips look only at those that come after this one.
                true => (Then::Add, &mut desk.picture),
                false => (Then::Set(Activation::Linear), &mut desk.next),
            };
            let out = &mut next[strip.start * walk.to * self.outputs..strip.end * walk.to * self.outputs];
            self.project.laid_onto(&desk.rows, then, out, Layout::rows(self.outputs))?;
        }
        if !self.is_residual {
            std::mem::swap(&mut desk.picture, &mut desk.next);
        }
        Ok(())
    }

    /// How many output rows.
    fn rows_at_a_time(&self) -> usize {
        let walk = self.depthwise.walk();
        let seen = MOST_NUMBERS / (walk.padded() * self.depthwise.stripes() * COLUMNS);
        (seen.saturating_sub(walk.kernel) / walk.stride + 1).min(walk.to)
    }

    /// Rows of the wide layer that there is room for: as many as any strip sees.
    fn rows_seen(&self) -> usize {
        let walk = self.depthwise.walk();
        ((self.rows_at_a_time() - 1) * walk.stride + walk.kernel).min(walk.from)
    }

    /// Makes these rows of the wide layer. Some that the strip before has seen are there, from `made`.
    fn widen(&self, desk: &mut Desk, made: &Range<usize>, wanted: &Range<usize>) -> Result<()> {
        let Desk { picture, wide, rows, .. } = desk;
        let (walk, stripes) = (self.depthwise.walk(), self.depthwise.stripes());
        let row = walk.padded() * COLUMNS;
        let stripe = self.rows_seen() * row;
        wide.resize(wide.len().max(stripes * stripe));
        if made.is_empty() {
            // Zeros around the picture, which stay for all strips.
            for row in wide[..stripes * stripe].chunks_exact_mut(row) {
                row[..walk.before * COLUMNS].fill(0.0);
                row[(walk.before + walk.from) * COLUMNS..].fill(0.0);
            }
        }
        let kept = made.end.max(wanted.start) - wanted.start;
        if kept > 0 {
            let first = (wanted.start - made.start) * row;
            wide[..stripes * stripe]
                .chunks_exact_mut(stripe)
                .for_each(|stripe| stripe.copy_within(first..first + kept * row, 0));
        }
        let new = &picture[(wanted.start + kept) * walk.from * self.inputs..wanted.end * walk.from * self.inputs];
        let to = &mut wide[kept * row + walk.before * COLUMNS..];
        let Some(expand) = &self.expand else {
            // As many channels as a stripe has.
            let lines = new.chunks_exact(walk.from * COLUMNS).zip(to.chunks_mut(row));
            lines.for_each(|(line, to)| to[..line.len()].copy_from_slice(line));
            return Ok(());
        };
        let layout = Layout::stripes(stripe).with_gaps(walk.from, walk.padded() - walk.from);
        Ok(expand.onto(new, Then::Set(Activation::Relu6), to, layout, rows)?)
    }

    /// The depthwise convolution of a strip, of rows that begin at `top`.
    fn look_around(&self, desk: &mut Desk, strip: &Range<usize>, top: usize) {
        let Desk { wide, rows, .. } = desk;
        let stripe = self.rows_seen() * self.depthwise.walk().padded() * COLUMNS;
        self.depthwise.lay(self.project.kernel(), wide, stripe, top, strip.clone(), rows);
    }
}

fn pointwise(weights: &mut Weights, name: &str, inputs: usize, outputs: usize) -> Result<Linear> {
    let weight = weights.take(&format!("{name}.weight"), &[outputs, inputs, 1, 1])?;
    let bias = weights.take(&format!("{name}.bias"), &[outputs])?;
    Ok(Linear::coarse(&weight.flatten_from(1)?, Some(bias), weights.place())?)
}

fn as_they_are(rows: &[f32], channels: usize) -> candle_core::Result<Tensor> {
    Tensor::from_slice(rows, (rows.len() / channels, channels), &Device::Cpu)
}

fn average(rows: &[f32], channels: usize) -> candle_core::Result<Tensor> {
    let share = channels as f32 / rows.len() as f32;
    let sums = over_pixels(rows, channels, 0.0, |sum, x| sum + x);
    Tensor::from_vec(sums.into_iter().map(|sum| sum * share).collect::<Vec<f32>>(), (1, channels), &Device::Cpu)
}

fn most(rows: &[f32], channels: usize) -> candle_core::Result<Tensor> {
    Tensor::from_vec(over_pixels(rows, channels, f32::NEG_INFINITY, f32::max), (1, channels), &Device::Cpu)
}

fn over_pixels(rows: &[f32], channels: usize, first: f32, join: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    let mut joined = vec![first; channels];
    for pixel in rows.chunks_exact(channels) {
        joined.iter_mut().zip(pixel).for_each(|(joined, x)| *joined = join(*joined, *x));
    }
    joined
}

/// The averages over `side * side` cells of a square layer, as adaptive average pooling divides it: a cell also takes the
/// pixels that lie only partly within it.
fn average_cells(rows: &[f32], channels: usize, side: usize) -> candle_core::Result<Tensor> {
    let rows = as_they_are(rows, channels)?;
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
    Tensor::from_vec(shares, (side * side, from * from), &Device::Cpu)?.matmul(&rows)
}
