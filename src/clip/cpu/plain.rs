//! The innermost loop without special instructions: what any processor can do, and what the fast ones are compared with.

use super::level::{Block, COLUMNS, MATRIX_ROWS, Tile, Word};

/// Multiplies a block with a panel.
pub fn multiply(word: Word, block: Block, panel: &[u32], tile: &mut Tile) {
    match word {
        Word::Float => floats(block, panel, tile, |row| [f32::from_bits(row)]),
        Word::Brain => floats(block, panel, tile, |row| [low_half(row), high_half(row)]),
        Word::Shorts => integers(block, panel, tile, shorts, shorts),
        Word::Bytes => integers(block, panel, tile, |row| row.to_le_bytes().map(i32::from), signed_bytes),
    }
}

fn floats<const N: usize>(block: Block, panel: &[u32], tile: &mut Tile, numbers: impl Fn(u32) -> [f32; N]) {
    let mut sums = [[0.0f32; COLUMNS]; MATRIX_ROWS];
    let words = block.checked(panel, block.count);
    for (step, weights) in panel.chunks_exact(COLUMNS).enumerate() {
        for (row, sums) in sums[..block.count].iter_mut().enumerate() {
            let row = words[row * block.distances.row + step * block.distances.step];
            let row = numbers(row);
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += row.iter().zip(numbers(*weight)).map(|(x, w)| x * w).sum::<f32>();
            }
        }
    }
    *tile = Tile(sums.map(|sums| sums.map(f32::to_bits)));
}

fn integers<const N: usize>(
    block: Block,
    panel: &[u32],
    tile: &mut Tile,
    of_row: impl Fn(u32) -> [i32; N],
    of_weight: impl Fn(u32) -> [i32; N],
) {
    let mut sums = [[0i32; COLUMNS]; MATRIX_ROWS];
    let words = block.checked(panel, block.count);
    for (step, weights) in panel.chunks_exact(COLUMNS).enumerate() {
        for (row, sums) in sums[..block.count].iter_mut().enumerate() {
            let row = words[row * block.distances.row + step * block.distances.step];
            let row = of_row(row);
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += row.iter().zip(of_weight(*weight)).map(|(x, w)| x * w).sum::<i32>();
            }
        }
    }
    *tile = Tile(sums.map(|sums| sums.map(i32::cast_unsigned)));
}

fn low_half(word: u32) -> f32 {
    f32::from_bits(word << 16)
}

fn high_half(word: u32) -> f32 {
    f32::from_bits(word & 0xffff_0000)
}

fn shorts(word: u32) -> [i32; 2] {
    let [a, b, c, d] = word.to_le_bytes();
    [[a, b], [c, d]].map(|two| i32::from(i16::from_le_bytes(two)))
}

fn signed_bytes(word: u32) -> [i32; 4] {
    word.to_le_bytes().map(|byte| i32::from(byte.cast_signed()))
}
