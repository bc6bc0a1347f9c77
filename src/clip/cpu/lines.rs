//! Memory that begins where a cache line does.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use bytemuck::Pod;

use super::vector::Line;

/// Like a `Vec`. One may begin anywhere, and then half of what the widest registers load or store lies in two cache lines.
pub struct Lines<T> {
    lines: Vec<Line>,
    len: usize,
    kind: PhantomData<T>,
}

impl<T: Pod> Lines<T> {
    /// What is new is zero, or what was there before it became shorter: to clear what is written next would take time.
    pub fn resize(&mut self, len: usize) {
        let lines = (len * size_of::<T>()).div_ceil(size_of::<Line>());
        if lines > self.lines.len() {
            self.lines.resize(lines, Line::default());
        }
        self.len = len;
    }
}

impl<T> Default for Lines<T> {
    fn default() -> Lines<T> {
        Lines { lines: Vec::new(), len: 0, kind: PhantomData }
    }
}

impl<T: Pod> From<&[T]> for Lines<T> {
    fn from(numbers: &[T]) -> Lines<T> {
        let mut lines = Lines::default();
        lines.resize(numbers.len());
        lines.copy_from_slice(numbers);
        lines
    }
}

impl<T: Pod> Deref for Lines<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &bytemuck::cast_slice(&self.lines)[..self.len]
    }
}

impl<T: Pod> DerefMut for Lines<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut bytemuck::cast_slice_mut(&mut self.lines)[..self.len]
    }
}
