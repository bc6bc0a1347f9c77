//! The blocks of a transformer, one after another.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::attention::{Desk, Heads, attend};
use super::layer::{Layer, Then};
use super::level::Level;
use super::pack::Rows;
use super::sheet::Sheet;
use crate::clip::kernels::{Activation, normalise_row};
use crate::clip::transformer::{Order, Parts, Shape};

/// Rows that go through a layer together: enough that its weights are worth fetching, and few enough that what is between
/// two layers stays in the second-nearest memory.
const MOST_ROWS: usize = 256;

/// A layer normalisation.
pub struct Norm {
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
    pub epsilon: f32,
}

impl Norm {
    fn apply(&self, row: &mut [f32]) {
        Level::best().widely(
            #[inline(always)]
            || normalise_row(row, &self.weight, &self.bias, self.epsilon),
        );
    }
}

pub type Block = Parts<Layer, Norm>;

/// Which rows of each sequence are wanted. What comes after the last block's attention is done for these alone: where a tower
/// reads one row, that saves a sixteenth of all its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    All,
    First,
    Last,
}

impl Keep {
    /// `None` for all of them.
    pub fn rows(self, spans: &[Range<usize>]) -> Option<Vec<usize>> {
        match self {
            Keep::All => None,
            Keep::First => Some(spans.iter().map(|span| span.start).collect()),
            Keep::Last => Some(spans.iter().map(|span| span.end - 1).collect()),
        }
    }
}

/// Transformer blocks with packed weights.
pub struct Stack {
    blocks: Vec<Block>,
    shape: Shape,
    heads: Heads,
    /// Memory that is not in use at the moment.
    desks: Mutex<Vec<Memory>>,
}

/// What lies between the steps.
#[derive(Default)]
struct Memory {
    rows: Rows,
    /// What every block adds to.
    stream: Sheet,
    query_key_value: Sheet,
    seen: Sheet,
    wide: Sheet,
    row: Vec<f32>,
    heads: Vec<Desk>,
}

impl Stack {
    pub fn new(blocks: Vec<Block>, shape: Shape) -> Stack {
        let heads = Heads { count: shape.heads, width: shape.width / shape.heads, is_causal: shape.is_causal };
        Stack { blocks, shape, heads, desks: Mutex::default() }
    }

    /// Rows of the transformer's width, one after another; `spans` are those of each sequence. Done by as many threads as
    /// there are `parts`. Gives the rows that are to be kept.
    pub fn forward(&self, rows: &[f32], spans: &[Range<usize>], keep: Keep, parts: usize) -> Vec<f32> {
        self.grouped(rows, spans, parts, &|memory, spans| self.through(&self.blocks, memory, spans, keep))
    }

    /// What each row would give to the last block's attention, were it looked at alone: its value, through the output layer.
    pub fn last_values(&self, rows: &[f32], spans: &[Range<usize>], parts: usize) -> Vec<f32> {
        let Some((last, before)) = self.blocks.split_last() else { return rows.to_vec() };
        self.grouped(rows, spans, parts, &|memory, spans| {
            self.through(before, memory, spans, Keep::All);
            self.query_key_value(last, memory);
            let Memory { rows, query_key_value, stream, heads, .. } = memory;
            let width = self.shape.width;
            last.out.pack(rows, stream.rows(), |row, to| query_key_value.read(row, 2 * width, to));
            last.out.apply(rows, Then::Set(Activation::Linear), stream, heads.len());
        })
    }

    /// Does `work` to some whole sequences at a time.
    fn grouped(
        &self,
        rows: &[f32],
        spans: &[Range<usize>],
        parts: usize,
        work: &dyn Fn(&mut Memory, &[Range<usize>]),
    ) -> Vec<f32> {
        let width = self.shape.width;
        let mut memory = self.desks.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        memory.heads.resize_with(parts.max(1), Desk::default);
        let mut out = Vec::with_capacity(rows.len());
        let mut left = spans;
        while let Some(first) = left.first() {
            let fits = |span: &&Range<usize>| span.end - first.start <= MOST_ROWS;
            let (now, rest) = left.split_at(left.iter().take_while(fits).count().max(1));
            left = rest;
            let (from, to) = (first.start, now.last().map_or(first.end, |span| span.end));
            let here: Vec<Range<usize>> = now.iter().map(|span| span.start - from..span.end - from).collect();
            memory.stream.resize(to - from, width);
            let whole = rows[from * width..to * width].chunks_exact(width).enumerate();
            whole.for_each(|(row, numbers)| memory.stream.write(row, numbers));
            work(&mut memory, &here);
            let first = out.len();
            out.resize(first + memory.stream.rows() * width, 0.0);
            let whole = out[first..].chunks_exact_mut(width).enumerate();
            whole.for_each(|(row, numbers)| memory.stream.read(row, 0, numbers));
        }
        self.desks.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
        out
    }

    fn through(&self, blocks: &[Block], memory: &mut Memory, spans: &[Range<usize>], keep: Keep) {
        for (index, block) in blocks.iter().enumerate() {
            let is_last = index + 1 == blocks.len();
            self.attend(block, memory, spans, if is_last { keep } else { Keep::All });
            self.think(block, memory);
        }
    }

    fn query_key_value(&self, block: &Block, memory: &mut Memory) {
        let Memory { rows, stream, query_key_value, heads, .. } = memory;
        self.pack(rows, &block.query_key_value, stream, &block.norm_1);
        query_key_value.resize(stream.rows(), 3 * self.shape.width);
        block.query_key_value.apply(rows, Then::Set(Activation::Linear), query_key_value, heads.len());
    }

    /// Leaves in the stream what is to be kept.
    fn attend(&self, block: &Block, memory: &mut Memory, spans: &[Range<usize>], keep: Keep) {
        self.query_key_value(block, memory);
        let Memory { rows, stream, query_key_value, seen, row, heads, .. } = memory;
        attend(block.out.kernel().level, query_key_value, spans, self.heads, seen, heads);
        if let Some(wanted) = keep.rows(spans) {
            stream.keep(&wanted);
            seen.keep(&wanted);
        }
        block.out.pack(rows, stream.rows(), |row, to| seen.read(row, 0, to));
        block.out.apply(rows, Then::Add, stream, heads.len());
        self.settle(stream, &block.norm_1, row);
    }

    fn think(&self, block: &Block, memory: &mut Memory) {
        let Memory { rows, stream, wide, row, heads, .. } = memory;
        self.pack(rows, &block.widen, stream, &block.norm_2);
        wide.resize(stream.rows(), self.shape.intermediate);
        block.widen.apply(rows, Then::Set(self.shape.activation), wide, heads.len());
        block.narrow.pack(rows, wide.rows(), |row, to| wide.read(row, 0, to));
        block.narrow.apply(rows, Then::Add, stream, heads.len());
        self.settle(stream, &block.norm_2, row);
    }

    /// Packs the stream for a layer, normalised where that comes before.
    fn pack(&self, rows: &mut Rows, layer: &Layer, stream: &Sheet, norm: &Norm) {
        layer.pack(rows, stream.rows(), |row, to| {
            stream.read(row, 0, to);
            if self.shape.order == Order::Before {
                norm.apply(to);
            }
        });
    }

    /// Normalises the stream where that comes after a sum.
    fn settle(&self, stream: &mut Sheet, norm: &Norm, row: &mut Vec<f32>) {
        if self.shape.order == Order::Before {
            return;
        }
        row.resize(self.shape.width, 0.0);
        for index in 0..stream.rows() {
            stream.read(index, 0, row);
            norm.apply(row);
            stream.write(index, row);
        }
    }
}
