//! The vectors of all photos, one row a content, in blocks, so that growing moves nothing.

use std::ops::Range;
use std::sync::Arc;

use super::Embedding;

/// Rows in a block: 2 MB of 512-number vectors.
const BLOCK_ROWS: usize = 1024;

/// A growing matrix of unit vectors; a row that has not been set yet is absent.
#[derive(Clone, Debug, Default)]
pub struct Vectors {
    dim: usize,
    /// Shared between copies until one of them changes: a copy for another thread costs nothing.
    blocks: Vec<Arc<[f32]>>,
    is_set: Vec<bool>,
}

impl Vectors {
    /// Sets one row; the first row decides the dimension. Returns whether it fitted: a vector of another dimension
    /// comes from another model and is left out.
    pub fn set(&mut self, row: usize, embedding: &Embedding) -> bool {
        if self.dim == 0 {
            self.dim = embedding.dim();
        }
        if embedding.dim() != self.dim {
            return false;
        }
        while self.blocks.len() * BLOCK_ROWS <= row {
            self.blocks.push(vec![0.0; BLOCK_ROWS * self.dim].into());
        }
        if self.is_set.len() <= row {
            self.is_set.resize(row + 1, false);
        }
        let start = row % BLOCK_ROWS * self.dim;
        let block = Arc::make_mut(&mut self.blocks[row / BLOCK_ROWS]);
        block[start..start + self.dim].copy_from_slice(embedding.as_slice());
        self.is_set[row] = true;
        true
    }

    pub fn get(&self, row: usize) -> Option<&[f32]> {
        let start = row % BLOCK_ROWS * self.dim;
        self.has(row).then(|| &self.blocks[row / BLOCK_ROWS][start..start + self.dim])
    }

    /// Each of these rows, in order; `None` where it is absent.
    #[inline(always)]
    pub fn for_each(&self, rows: Range<usize>, mut visit: impl FnMut(Option<&[f32]>)) {
        let rows = rows.start..rows.end.min(self.is_set.len());
        let mut first = rows.start;
        while first < rows.end {
            let (block, within) = (first / BLOCK_ROWS, first % BLOCK_ROWS);
            let last = ((block + 1) * BLOCK_ROWS).min(rows.end);
            let photos = self.blocks[block].chunks_exact(self.dim).skip(within);
            for (photo, is_set) in photos.zip(&self.is_set[first..last]) {
                visit(is_set.then_some(photo));
            }
            first = last;
        }
    }

    pub fn has(&self, row: usize) -> bool {
        self.is_set.get(row).copied().unwrap_or(false)
    }

    /// One more than the last row that was set.
    pub fn rows(&self) -> usize {
        self.is_set.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_again_in_whatever_order_they_came() {
        let embedding = |x: f32| Embedding::normalised(vec![x, 1.0]).unwrap();
        let mut vectors = Vectors::default();
        assert!(vectors.set(3000, &embedding(2.0)));
        assert!(vectors.set(1, &embedding(5.0)));
        assert_eq!(vectors.get(3000), Some(embedding(2.0).as_slice()));
        assert_eq!(vectors.get(1), Some(embedding(5.0).as_slice()));
        assert_eq!(vectors.get(2), None);
        assert_eq!(vectors.get(9000), None);
    }

    #[test]
    fn a_vector_of_another_dimension_is_left_out() {
        let mut vectors = Vectors::default();
        assert!(vectors.set(0, &Embedding::normalised(vec![1.0, 0.0]).unwrap()));
        assert!(!vectors.set(1, &Embedding::normalised(vec![1.0, 0.0, 0.0]).unwrap()));
        assert!(!vectors.has(1));
    }
}
