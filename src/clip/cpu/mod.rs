//! Matrix products on the CPU, at the speed that the processor allows, and the transformer made of them.
//!
//! Weights are packed once, when a model is opened, in the order in which the innermost loop reads them. A product adds its
//! bias, activates and adds to the rows it belongs to while its sums are still in the nearest memory; a normalisation is
//! done while rows are packed for the product that wants them. The memory between the steps is used again, so that after the first batch
//! nothing is allocated, and it begins where a cache line does: elsewhere half of all loads would fetch two lines, and pictures took a
//! fifth longer. `unsafe` is in `vector` alone, and everything can be done by `plain.rs` as well.
//!
//! Written by hand because no crate has it: candle's and gemm's products know no bytes with VNNI and no fused steps, and
//! stay below half of what the processor can do (`tests/rivals` measures it).

mod attention;
mod layer;
mod level;
mod lines;
mod pack;
mod plain;
mod sheet;
mod stack;
#[cfg(test)]
mod tests;
mod vector;

use level::{MATRIX_ROWS, MATRIX_STEPS, ROWS};

pub use layer::{Layer, Layout, Then};
pub use level::{COLUMNS, Level, Word};
pub use lines::Lines;
pub use pack::{Grain, Rows, encode};
pub use stack::{Keep, Norm, Stack};

/// By which instructions a layer is multiplied, and how exact its numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernel {
    pub level: Level,
    pub word: Word,
}

impl Kernel {
    /// The one that suits rows of this width: those that fit into one matrix of `bf16` gain nothing by fewer bits.
    fn for_width(self, width: usize) -> Kernel {
        let is_short = self.is_matrix() && width <= MATRIX_STEPS * Word::Brain.count();
        Kernel { word: if is_short { Word::Brain } else { self.word }, ..self }
    }

    /// Whether it multiplies small matrices, and not a row's words one after another.
    fn is_matrix(self) -> bool {
        self.level == Level::Amx && matches!(self.word, Word::Brain | Word::Bytes)
    }

    /// Rows of a block.
    fn rows(self) -> usize {
        if self.is_matrix() { MATRIX_ROWS } else { ROWS }
    }

    /// Words of a row of so many numbers.
    pub fn steps(self, width: usize) -> usize {
        let steps = width.div_ceil(self.word.count());
        if self.is_matrix() { steps.next_multiple_of(MATRIX_STEPS) } else { steps }
    }
}
