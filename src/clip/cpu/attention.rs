//! Attention in `f32`, head by head, with the same innermost loop as the layers.
//!
//! Keys are packed like weights whose outputs are tokens, values like weights whose inputs are tokens.

use std::ops::Range;

use rayon::prelude::*;

use super::level::{COLUMNS, Level, ROWS, Tile};
use super::lines::Lines;
use super::pack::Rows;
use super::sheet::Sheet;
use super::{Kernel, Word};
use crate::clip::kernels::soften;

/// How a transformer attends.
#[derive(Clone, Copy, Debug)]
pub struct Heads {
    pub count: usize,
    pub width: usize,
    /// A row sees only itself and the rows before it.
    pub is_causal: bool,
}

/// Memory of one thread.
#[derive(Default)]
pub struct Desk {
    queries: Rows,
    shares: Rows,
    keys: Lines<u32>,
    values: Lines<u32>,
    row: Vec<f32>,
    /// One block of rows, each as long as the keys are padded to.
    scores: Lines<f32>,
}

/// What each row gathers from those that it sees. `query_key_value` is three times as wide as the heads together, which
/// carry their scale already; `seen` has one stripe a head.
pub fn attend(
    level: Level,
    query_key_value: &Sheet,
    spans: &[Range<usize>],
    heads: Heads,
    seen: &mut Sheet,
    desks: &mut [Desk],
) {
    let width = heads.count * heads.width;
    seen.resize_in_stripes(query_key_value.rows(), width, heads.width);
    let stripe = seen.stripe_len();
    let each = heads.count.div_ceil(desks.len().max(1));
    let some = |((part, seen), desk): ((usize, &mut [f32]), &mut Desk)| {
        for (head, seen) in seen.chunks_exact_mut(stripe).enumerate() {
            let head = Head { level, query_key_value, heads, column: (part * each + head) * heads.width };
            for span in spans {
                head.attend(span, &mut seen[span.start * heads.width..span.end * heads.width], desk);
            }
        }
    };
    match desks {
        [desk] => some(((0, &mut seen.numbers), desk)),
        desks => seen.numbers.par_chunks_mut(each * stripe).enumerate().zip(desks).for_each(some),
    }
}

struct Head<'a> {
    level: Level,
    query_key_value: &'a Sheet,
    heads: Heads,
    /// The first of its queries.
    column: usize,
}

impl Head<'_> {
    fn kernel(&self) -> Kernel {
        Kernel { level: self.level, word: Word::Float }
    }

    fn attend(&self, span: &Range<usize>, seen: &mut [f32], desk: &mut Desk) {
        let (rows, width) = (span.len(), self.heads.width);
        let tokens = rows.div_ceil(COLUMNS) * COLUMNS;
        self.pack(span, desk);
        let mut tile = Tile::default();
        let Desk { queries, shares, keys, values, scores, .. } = desk;
        scores.resize(ROWS * tokens);
        for (block, (queries, _)) in queries.blocks().enumerate() {
            let (first, count) = (block * ROWS, queries.count);
            for (panel, keys) in keys.chunks_exact(width * COLUMNS).enumerate() {
                self.level.multiply(Word::Float, queries, keys, &mut tile);
                for (scores, sums) in scores.chunks_exact_mut(tokens).zip(&tile.0) {
                    let scores = &mut scores[panel * COLUMNS..][..COLUMNS];
                    scores.iter_mut().zip(sums).for_each(|(score, sum)| *score = f32::from_bits(*sum));
                }
            }
            shares.pack(self.kernel(), count, rows, |row, shares| {
                shares.copy_from_slice(&scores[row * tokens..][..rows]);
                let seen = if self.heads.is_causal { first + row + 1 } else { rows };
                self.level.widely(
                    #[inline(always)]
                    || soften(shares, seen),
                );
            });
            let seen = &mut seen[first * width..][..count * width];
            for (shares, _) in shares.blocks() {
                for (panel, values) in values.chunks_exact(rows * COLUMNS).enumerate() {
                    self.level.multiply(Word::Float, shares, values, &mut tile);
                    for (seen, sums) in seen.chunks_exact_mut(width).zip(&tile.0) {
                        let seen = seen[panel * COLUMNS..].iter_mut().take(COLUMNS);
                        seen.zip(sums).for_each(|(seen, sum)| *seen = f32::from_bits(*sum));
                    }
                }
            }
        }
    }

    fn pack(&self, span: &Range<usize>, desk: &mut Desk) {
        let (rows, width) = (span.len(), self.heads.width);
        let all = self.heads.count * width;
        let of = |part: usize, row: usize, to: &mut [f32]| {
            self.query_key_value.read(span.start + row, part * all + self.column, to);
        };
        desk.queries.pack(self.kernel(), rows, width, |row, to| of(0, row, to));
        desk.row.resize(width, 0.0);
        desk.keys.resize(rows.div_ceil(COLUMNS) * width * COLUMNS);
        desk.values.resize(width.div_ceil(COLUMNS) * rows * COLUMNS);
        for row in 0..rows {
            of(1, row, &mut desk.row);
            let panel = &mut desk.keys[row / COLUMNS * width * COLUMNS..][..width * COLUMNS];
            let words = panel.iter_mut().skip(row % COLUMNS).step_by(COLUMNS);
            words.zip(&desk.row).for_each(|(word, x)| *word = x.to_bits());
            of(2, row, &mut desk.row);
            for (panel, part) in desk.row.chunks(COLUMNS).enumerate() {
                let words = &mut desk.values[(panel * rows + row) * COLUMNS..];
                words.iter_mut().zip(part).for_each(|(word, x)| *word = x.to_bits());
            }
        }
    }
}
