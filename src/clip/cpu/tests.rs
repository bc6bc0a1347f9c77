//! Whole steps, compared with the same in plain loops and `f64`, at every level that the processor has.

use std::ops::Range;

use super::layer::{Layer, Then};
use super::pack::Rows;
use super::sheet::Sheet;
use super::stack::{Keep, Norm, Stack};
use super::{Kernel, Level, Word};
use crate::clip::kernels::Activation;
use crate::clip::transformer::{Order, Parts, Shape};

/// Numbers between -1 and 1 that look random.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(747_796_405).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn kernels(words: &[Word]) -> Vec<Kernel> {
    Level::available()
        .into_iter()
        .flat_map(|level| words.iter().map(move |word| Kernel { level, word: *word }))
        .collect()
}

/// `[rows, outputs]` of a matrix `[outputs, inputs]`.
fn product(rows: &[f32], matrix: &[f32], bias: &[f32], inputs: usize) -> Vec<f64> {
    let dot = |row: &[f32], output: &[f32]| -> f64 {
        row.iter().zip(output).map(|(x, w)| f64::from(*x) * f64::from(*w)).sum()
    };
    let of_row = |row: &[f32]| -> Vec<f64> {
        matrix.chunks_exact(inputs).zip(bias).map(|(output, b)| dot(row, output) + f64::from(*b)).collect()
    };
    rows.chunks_exact(inputs).flat_map(of_row).collect()
}

/// How far they are apart, as a share of how large they are.
fn distance(found: &[f32], wanted: &[f64]) -> f64 {
    assert_eq!(found.len(), wanted.len());
    let apart: f64 = found.iter().zip(wanted).map(|(f, w)| (f64::from(*f) - w).powi(2)).sum();
    (apart / wanted.iter().map(|w| w * w).sum::<f64>()).sqrt()
}

#[test]
fn a_layer_multiplies_as_exactly_as_its_numbers_allow() {
    for kernel in kernels(&[Word::Float, Word::Brain, Word::Shorts, Word::Bytes]) {
        for (rows, inputs, outputs) in [(1, 5, 3), (13, 64, 33), (25, 97, 64), (12, 770, 31)] {
            let (x, w, b) = (numbers(rows * inputs, 1), numbers(inputs * outputs, 2), numbers(outputs, 3));
            let layer = Layer::new(kernel, &w, Some(&b), inputs);
            let apart = distance(&layer.forward(&x, Activation::Linear), &product(&x, &w, &b, inputs));
            let allowed = if kernel.word == Word::Float { 1e-6 } else { 0.012 };
            assert!(apart < allowed, "{kernel:?} {rows} x {inputs} x {outputs}: {apart}");
        }
    }
}

#[test]
fn eight_bits_give_the_same_numbers_at_every_level() {
    let (x, w) = (numbers(30 * 100, 4), numbers(100 * 70, 5));
    let forward = |level, word| Layer::new(Kernel { level, word }, &w, None, 100).forward(&x, Activation::Gelu);
    let wanted = forward(Level::Plain, Word::Shorts);
    for level in Level::available() {
        for word in [Word::Shorts, Word::Bytes] {
            assert_eq!(forward(level, word), wanted, "{level:?} {word:?}");
        }
    }
}

#[test]
fn a_product_is_added_and_shared_among_threads() {
    let (inputs, outputs, count) = (40, 200, 17);
    let (x, w, b) = (numbers(count * inputs, 1), numbers(inputs * outputs, 2), numbers(outputs, 3));
    let kernel = Kernel { level: Level::best(), word: Word::Float };
    let layer = Layer::new(kernel, &w, Some(&b), inputs);
    let mut rows = Rows::default();
    rows.pack(kernel, count, inputs, |row, to| to.copy_from_slice(&x[row * inputs..][..inputs]));
    let add = |parts| {
        let mut sheet = Sheet::default();
        sheet.resize(count, outputs);
        sheet.numbers.fill(1.0);
        layer.apply(&rows, Then::Add, &mut sheet, parts);
        let mut row = vec![0.0; outputs];
        sheet.read(16, 0, &mut row);
        row
    };
    let wanted: Vec<f64> = product(&x[16 * inputs..], &w, &b, inputs).into_iter().map(|x| x + 1.0).collect();
    assert!(distance(&add(1), &wanted) < 1e-6);
    assert_eq!((add(2), add(3)), (add(1), add(1)));
}

#[test]
fn rows_of_zeros_stay_zero_in_eight_bits() {
    let layer = Layer::new(Kernel { level: Level::best(), word: Level::best().eight_bits() }, &[0.5; 64], None, 32);
    assert_eq!(layer.forward(&[0.0; 64], Activation::Linear), vec![0.0; 4]);
}

fn stack(kernel: Kernel, shape: &Shape) -> Stack {
    let layer = |seed, inputs, outputs| {
        let scale = 1.0 / (inputs as f32).sqrt();
        let weight: Vec<f32> = numbers(inputs * outputs, seed).into_iter().map(|x| x * scale).collect();
        Layer::new(kernel, &weight, Some(&numbers(outputs, seed + 1)), inputs)
    };
    let norm = |seed| Norm { weight: numbers(shape.width, seed), bias: numbers(shape.width, seed + 1), epsilon: 1e-5 };
    let block = |index: usize| {
        let seed = 100 * index as u32;
        Parts {
            query_key_value: layer(seed, shape.width, 3 * shape.width),
            out: layer(seed + 10, shape.width, shape.width),
            norm_1: norm(seed + 20),
            widen: layer(seed + 30, shape.width, shape.intermediate),
            narrow: layer(seed + 40, shape.intermediate, shape.width),
            norm_2: norm(seed + 50),
        }
    };
    Stack::new((0..shape.layers).map(block).collect(), shape.clone())
}

/// Heads of 20 numbers fill no panel, and some of the sequences fill no block.
fn shape(order: Order, is_causal: bool) -> Shape {
    let activation = Activation::QuickGelu;
    Shape { width: 60, heads: 3, layers: 2, intermediate: 100, activation, epsilon: 1e-5, order, is_causal }
}

const SPANS: [Range<usize>; 4] = [0..40, 40..41, 41..300, 300..320];

#[test]
fn a_stack_gives_the_same_at_every_level_and_by_any_number_of_threads() {
    for (order, is_causal) in [(Order::Before, true), (Order::Before, false), (Order::After, false)] {
        let shape = shape(order, is_causal);
        let rows = numbers(320 * shape.width, 9);
        let plain = stack(Kernel { level: Level::Plain, word: Word::Float }, &shape);
        let wanted: Vec<f64> = plain.forward(&rows, &SPANS, Keep::All, 1).into_iter().map(f64::from).collect();
        for kernel in kernels(&[Word::Float, Word::Brain, Word::Bytes]) {
            let stack = stack(kernel, &shape);
            let found = stack.forward(&rows, &SPANS, Keep::All, 1);
            let allowed = if kernel.word == Word::Float { 1e-5 } else { 0.05 };
            assert!(distance(&found, &wanted) < allowed, "{kernel:?} {order:?}: {}", distance(&found, &wanted));
            assert_eq!(stack.forward(&rows, &SPANS, Keep::All, 2), found, "{kernel:?} {order:?}");
        }
    }
}

#[test]
fn a_sequence_does_not_see_its_neighbours() {
    let shape = shape(Order::Before, false);
    let stack = stack(Kernel { level: Level::best(), word: Word::Float }, &shape);
    let rows = numbers(320 * shape.width, 9);
    let together = stack.forward(&rows, &SPANS, Keep::All, 1);
    for span in SPANS {
        let part = span.start * shape.width..span.end * shape.width;
        let alone = stack.forward(&rows[part.clone()], std::slice::from_ref(&(0..span.len())), Keep::All, 1);
        assert_eq!(alone, together[part], "{span:?}");
    }
}

#[test]
fn rows_that_are_wanted_alone_are_those_among_all() {
    for order in [Order::Before, Order::After] {
        let shape = shape(order, false);
        let stack = stack(Kernel { level: Level::best(), word: Word::Float }, &shape);
        let rows = numbers(320 * shape.width, 9);
        let all = stack.forward(&rows, &SPANS, Keep::All, 1);
        for (keep, at) in [(Keep::First, [0, 40, 41, 300]), (Keep::Last, [39, 40, 299, 319])] {
            let wanted: Vec<f32> = at.iter().flat_map(|row| &all[row * 60..(row + 1) * 60]).copied().collect();
            assert_eq!(stack.forward(&rows, &SPANS, keep, 1), wanted, "{order:?} {keep:?}");
        }
    }
}
