//! Rows of numbers between two steps.

use super::level::COLUMNS;
use super::lines::Lines;

/// Rows that lie in stripes: the first columns of all rows, then the next columns of all rows, and so on. A product writes a
/// panel of outputs as one stripe, so several threads write at once without touching each other's.
#[derive(Default)]
pub struct Sheet {
    pub numbers: Lines<f32>,
    rows: usize,
    width: usize,
    stripe: usize,
}

impl Sheet {
    /// Makes room for rows whose stripes are as wide as panels.
    pub fn resize(&mut self, rows: usize, width: usize) {
        self.resize_in_stripes(rows, width, COLUMNS);
    }

    pub fn resize_in_stripes(&mut self, rows: usize, width: usize, stripe: usize) {
        (self.rows, self.width, self.stripe) = (rows, width, stripe);
        self.numbers.resize(rows * width.div_ceil(stripe) * stripe);
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many numbers a stripe has.
    pub fn stripe_len(&self) -> usize {
        self.rows * self.stripe
    }

    /// Copies a part of a row, from `column` on.
    pub fn read(&self, row: usize, column: usize, part: &mut [f32]) {
        if self.stripe == COLUMNS && column.is_multiple_of(COLUMNS) && part.len().is_multiple_of(COLUMNS) {
            let (stripes, _) = self.numbers.as_chunks::<COLUMNS>();
            let from = stripes[column / COLUMNS * self.rows + row..].iter().step_by(self.rows);
            part.as_chunks_mut()
                .0
                .iter_mut()
                .zip(from)
                .for_each(|(part, from): (&mut [f32; COLUMNS], _)| *part = *from);
            return;
        }
        let (mut column, mut part) = (column, part);
        while !part.is_empty() {
            let (stripe, within) = (column / self.stripe, column % self.stripe);
            let count = part.len().min(self.stripe - within);
            let (now, rest) = part.split_at_mut(count);
            now.copy_from_slice(&self.numbers[(stripe * self.rows + row) * self.stripe + within..][..count]);
            (column, part) = (column + count, rest);
        }
    }

    /// Keeps these rows alone, which are named in rising order.
    pub fn keep(&mut self, wanted: &[usize]) {
        for stripe in 0..self.width.div_ceil(self.stripe) {
            for (to, from) in wanted.iter().enumerate() {
                let from = (stripe * self.rows + from) * self.stripe;
                self.numbers.copy_within(from..from + self.stripe, (stripe * wanted.len() + to) * self.stripe);
            }
        }
        self.resize_in_stripes(wanted.len(), self.width, self.stripe);
    }

    /// Replaces a row.
    pub fn write(&mut self, row: usize, numbers: &[f32]) {
        for (stripe, part) in numbers.chunks(self.stripe).enumerate() {
            self.numbers[(stripe * self.rows + row) * self.stripe..][..part.len()].copy_from_slice(part);
        }
    }
}
