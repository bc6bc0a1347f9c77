//! A linear layer whose weights are packed.

use rayon::prelude::*;

use super::level::{Block, COLUMNS, Level, ROWS, Tile};
use super::pack::{Grain, Panels, Rows};
use super::sheet::Sheet;
use super::stack::Norm;
use super::{Kernel, Word};
use crate::clip::kernels::{Activation, gelu, quick_gelu, tanh_gelu};

/// Half of a small second-nearest memory.
const MOST_NUMBERS: usize = 32 << 10;

/// How many deviations a normalised number is usually away from its mean at most.
const USUAL_MOST: f32 = 3.0;
/// Of inputs and weights that are nothing, enough to divide by.
const LEAST: f32 = 1e-5;

const NO_GRAINS: [Grain; ROWS] = [Grain::ONE; ROWS];

/// `x W + b` for rows `x`.
pub struct Layer {
    kernel: Kernel,
    panels: Panels,
    bias: Vec<f32>,
    inputs: usize,
    outputs: usize,
    /// What each input is multiplied with before it is packed, if anything.
    factors: Vec<f32>,
}

/// Where a product's numbers go: how far it is from one row to the next, and from one panel of outputs to the next. After each
/// `line` rows there is room for `gap` more, which are left as they are.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    row: usize,
    pub panel: usize,
    line: usize,
    gap: usize,
}

impl Layout {
    /// Row by row.
    pub fn rows(outputs: usize) -> Layout {
        Layout { row: outputs, panel: COLUMNS, line: usize::MAX, gap: 0 }
    }

    /// A panel's outputs of all rows, then the next panel's. The last panel has room for all its columns.
    pub fn stripes(stripe_len: usize) -> Layout {
        Layout { panel: stripe_len, ..Layout::rows(COLUMNS) }
    }

    pub fn with_gaps(self, line: usize, gap: usize) -> Layout {
        Layout { line, gap, ..self }
    }

    /// Where a row begins.
    pub fn place(self, row: usize) -> usize {
        (row + row / self.line * self.gap) * self.row
    }
}

/// What becomes of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It is activated and replaces what is there.
    Set(Activation),
    /// It is added to what is there.
    Add,
}

impl Layer {
    /// `matrix` is `[outputs, inputs]`.
    pub fn new(kernel: Kernel, matrix: &[f32], bias: Option<&[f32]>, inputs: usize) -> Layer {
        let kernel = kernel.for_width(inputs);
        let panels = Panels::of(kernel, matrix, inputs);
        let mut padded = bias.unwrap_or_default().to_vec();
        padded.resize(panels.count() * COLUMNS, 0.0);
        let (outputs, factors) = (matrix.len() / inputs, Vec::new());
        Layer { kernel, panels, bias: padded, inputs, outputs, factors }
    }

    /// One whose inputs come out of a layer normalisation. A few inputs with large weights there would leave the others few of a
    /// row's 256 steps, so each is divided by a number that its weights here are multiplied with (SmoothQuant, Xiao et al.
    /// 2022). How large an input gets is told by the normalisation itself, so no photo needs to be seen.
    pub fn smoothed(kernel: Kernel, matrix: &[f32], bias: Option<&[f32]>, norm: &Norm) -> Layer {
        let inputs = norm.weight.len();
        if !kernel.word.is_whole() {
            return Layer::new(kernel, matrix, bias, inputs);
        }
        let mut largest = vec![0.0f32; inputs];
        for row in matrix.chunks_exact(inputs) {
            largest.iter_mut().zip(row).for_each(|(most, w)| *most = most.max(w.abs()));
        }
        let factor = |((weight, bias), largest): ((&f32, &f32), &f32)| {
            let input = USUAL_MOST * weight.abs() + bias.abs();
            (largest.max(LEAST) / input.max(LEAST)).sqrt()
        };
        let factors: Vec<f32> = norm.weight.iter().zip(&norm.bias).zip(&largest).map(factor).collect();
        let divided = |row: &[f32]| row.iter().zip(&factors).map(|(w, factor)| w / factor).collect::<Vec<f32>>();
        let matrix: Vec<f32> = matrix.chunks_exact(inputs).flat_map(divided).collect();
        Layer { factors, ..Layer::new(kernel, &matrix, bias, inputs) }
    }

    /// Packs rows for this layer; `fill` writes each of them.
    pub fn pack(&self, rows: &mut Rows, count: usize, mut fill: impl FnMut(usize, &mut [f32])) {
        rows.pack(self.kernel, count, self.inputs, |row, to| {
            fill(row, to);
            to.iter_mut().zip(&self.factors).for_each(|(x, factor)| *x *= factor);
        });
    }

    /// Rows one after another, each as long as the layer has inputs; the result likewise.
    pub fn forward(&self, rows: &[f32], activation: Activation) -> Vec<f32> {
        // As many rows at a time as stay in the second-nearest memory while every panel passes by.
        let some = (MOST_NUMBERS / self.inputs).max(1).next_multiple_of(self.kernel.rows());
        let mut out = vec![0.0; rows.len() / self.inputs * self.outputs];
        let mut memory = Rows::default();
        for (rows, out) in rows.chunks(some * self.inputs).zip(out.chunks_mut(some * self.outputs)) {
            self.onto(rows, Then::Set(activation), out, Layout::rows(self.outputs), &mut memory);
        }
        out
    }

    /// The same for rows that stay near, into memory that is there.
    pub fn onto(&self, rows: &[f32], then: Then, out: &mut [f32], layout: Layout, memory: &mut Rows) {
        assert!(self.factors.is_empty(), "what is smoothed is packed");
        // Numbers that are words already need no encoding, but for the last rows, which fill no block.
        let whole = if self.kernel.word == Word::Float { rows.len() / (ROWS * self.inputs) * ROWS } else { 0 };
        let (plain, rest) = rows.split_at(whole * self.inputs);
        memory.lay(self.kernel, rest, self.inputs);
        let plain =
            plain.chunks_exact(ROWS * self.inputs).map(|rows| (Block::plain(rows, self.inputs), &NO_GRAINS[..]));
        let mut tile = Tile::default();
        for panel in 0..self.panels.count() {
            let out = &mut out[panel * layout.panel..];
            self.panel(panel, (plain.clone(), 0), &mut tile, then, out, layout);
            self.panel(panel, (memory.blocks(), whole), &mut tile, then, out, layout);
        }
    }

    /// The same for rows that are encoded already.
    pub fn laid_onto(&self, rows: &Rows, then: Then, out: &mut [f32], layout: Layout) {
        let mut tile = Tile::default();
        for panel in 0..self.panels.count() {
            self.panel(panel, (rows.blocks(), 0), &mut tile, then, &mut out[panel * layout.panel..], layout);
        }
    }

    pub fn outputs(&self) -> usize {
        self.outputs
    }

    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// Multiplies the rows by as many threads as there are `parts`. `out` has their number of rows and this layer's outputs.
    pub fn apply(&self, rows: &Rows, then: Then, out: &mut Sheet, parts: usize) {
        assert_eq!((out.rows(), out.width()), (rows.count(), self.outputs), "there is room for the product");
        let stripe = out.stripe_len();
        if stripe == 0 {
            return;
        }
        let panels = self.panels.count().div_ceil(parts.max(1));
        let some = |(part, out): (usize, &mut [f32])| {
            let mut tile = Tile::default();
            for (panel, out) in out.chunks_exact_mut(stripe).enumerate() {
                let number = part * panels + panel;
                self.panel(number, (rows.blocks(), 0), &mut tile, then, out, Layout::rows(COLUMNS));
            }
        };
        if parts > 1 {
            out.numbers.par_chunks_mut(panels * stripe).enumerate().for_each(some);
        } else {
            some((0, &mut out.numbers));
        }
    }

    /// Multiplies rows with one panel: blocks, of which the first begins with the row of this number. `out` begins where the
    /// panel's outputs do.
    fn panel<'a>(
        &self,
        number: usize,
        (blocks, first): (impl Iterator<Item = (Block<'a>, &'a [Grain])>, usize),
        tile: &mut Tile,
        then: Then,
        out: &mut [f32],
        layout: Layout,
    ) {
        let Kernel { level, word } = self.kernel;
        let panel = self.panels.panel(number);
        let columns = Columns {
            // In stripes there is room for all of them.
            count: if layout.row == COLUMNS { COLUMNS } else { (self.outputs - number * COLUMNS).min(COLUMNS) },
            bias: columns(&self.bias, number),
            scales: columns(&self.panels.scales, number),
            sums: columns(&self.panels.sums, number),
        };
        // The next panel is fetched from far away while this one is multiplied, which takes off a tenth of the time.
        let next = if number + 1 < self.panels.count() { self.panels.panel(number + 1) } else { &[] };
        let mut ahead = next.chunks(next.len().div_ceil(blocks.size_hint().0.max(1)).max(1));
        let firsts = (first..).step_by(self.kernel.rows());
        for ((block, grains), first) in blocks.zip(firsts) {
            let block = Block { ahead: ahead.next().unwrap_or_default(), ..block };
            level.multiply(word, block, panel, tile);
            let sums = Sums { tile: &tile.0[..block.count], grains, columns: &columns, first, layout };
            match word.is_whole() {
                true => sums.finish::<true>(level, then, out),
                false => sums.finish::<false>(level, then, out),
            }
        }
    }
}

/// What belongs to the outputs of one panel.
struct Columns<'a> {
    count: usize,
    bias: &'a [f32; COLUMNS],
    scales: &'a [f32; COLUMNS],
    sums: &'a [i32; COLUMNS],
}

fn columns<T>(all: &[T], panel: usize) -> &[T; COLUMNS] {
    let (panels, _) = all.as_chunks();
    &panels[panel]
}

/// What came out of a block and a panel.
struct Sums<'a> {
    tile: &'a [[u32; COLUMNS]],
    grains: &'a [Grain],
    columns: &'a Columns<'a>,
    /// The number of the first row.
    first: usize,
    layout: Layout,
}

impl Sums<'_> {
    /// From sums to what the layer gives, in one pass.
    fn finish<const IS_WHOLE: bool>(&self, level: Level, then: Then, out: &mut [f32]) {
        match then {
            Then::Add => self.each::<IS_WHOLE>(level, out, |old, x| old + x),
            Then::Set(Activation::Linear) => self.each::<IS_WHOLE>(level, out, |_, x| x),
            Then::Set(Activation::QuickGelu) => self.each::<IS_WHOLE>(level, out, |_, x| quick_gelu(x)),
            Then::Set(Activation::Gelu) => self.each::<IS_WHOLE>(level, out, |_, x| gelu(x)),
            Then::Set(Activation::TanhGelu) => self.each::<IS_WHOLE>(level, out, |_, x| tanh_gelu(x)),
            Then::Set(Activation::Relu6) => self.each::<IS_WHOLE>(level, out, |_, x| x.clamp(0.0, 6.0)),
        }
    }

    fn each<const IS_WHOLE: bool>(&self, level: Level, out: &mut [f32], put: impl Fn(f32, f32) -> f32) {
        let count = self.columns.count;
        level.widely(
            #[inline(always)]
            || {
                let mut grain = self.grains[0];
                let mut line = self.columns.line(grain);
                let layout = self.layout;
                let (mut at, mut left) = (layout.place(self.first), layout.line - self.first % layout.line);
                for (sums, own) in self.tile.iter().zip(self.grains) {
                    let out = &mut out[at..];
                    left -= 1;
                    at += layout.row;
                    if left == 0 {
                        (at, left) = (at + layout.gap * layout.row, layout.line);
                    }
                    if IS_WHOLE && *own != grain {
                        grain = *own;
                        line = self.columns.line(grain);
                    }
                    if let Some(out) = out.first_chunk_mut().filter(|_| count == COLUMNS) {
                        line.follow::<IS_WHOLE>(sums, out, &put);
                        continue;
                    }
                    let mut whole = [0.0; COLUMNS];
                    copy(&out[..count], &mut whole);
                    line.follow::<IS_WHOLE>(sums, &mut whole, &put);
                    copy(&whole[..count], out);
                }
            },
        );
    }
}

/// What a sum is multiplied with in each column, and what is added then.
struct Line {
    factors: [f32; COLUMNS],
    offsets: [f32; COLUMNS],
}

impl Columns<'_> {
    /// Of rows with this grain. The zero's part is rounded to an `f32` by itself, which is less than what eight bits round off.
    #[inline(always)]
    fn line(&self, grain: Grain) -> Line {
        let mut line = Line { factors: [0.0; COLUMNS], offsets: *self.bias };
        for column in 0..COLUMNS {
            line.factors[column] = grain.scale * self.scales[column];
            line.offsets[column] -= (grain.zero * self.sums[column]) as f32 * line.factors[column];
        }
        line
    }
}

impl Line {
    #[inline(always)]
    fn follow<const IS_WHOLE: bool>(
        &self,
        sums: &[u32; COLUMNS],
        out: &mut [f32; COLUMNS],
        put: &impl Fn(f32, f32) -> f32,
    ) {
        for column in 0..COLUMNS {
            let sum = if IS_WHOLE {
                sums[column].cast_signed() as f32 * self.factors[column]
            } else {
                f32::from_bits(sums[column])
            };
            out[column] = put(out[column], sum + self.offsets[column]);
        }
    }
}

/// Eight at a time, because a copy of a length that is not known is a call.
#[inline(always)]
fn copy(from: &[f32], to: &mut [f32]) {
    let ((from, from_rest), (to, to_rest)) = (from.as_chunks::<8>(), to.as_chunks_mut::<8>());
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
    let rest = to.get_mut(from.len()).map_or(to_rest, |to| to.as_mut_slice());
    rest.iter_mut().zip(from_rest).for_each(|(to, from)| *to = *from);
}
