//! What ten answers teach, with photos from the review queue and with random ones, and how long learning takes:
//! `cargo bench --bench learning`.
//!
//! Photos are asked about in one half of each folder, and average precision is measured on the other; 20 halvings.

#![allow(clippy::unwrap_used, reason = "a benchmark that fails says so")]

#[path = "../support/labelled.rs"]
mod labelled;
#[path = "../support/mod.rs"]
mod support;

use std::time::Instant;

use labelled::{Chooser, Collection, Trial};
use tagroll::catalog::{Embedding, Whitening, dot, learn};

const SEEDS: u64 = 20;
const DIM: usize = 512;

fn main() {
    if let Some(dir) = support::shared_photos("the table of what is learned") {
        let collection = Collection::of(&dir);
        let choosers = [
            (Chooser::Queue, "ten photos of the review queue"),
            (Chooser::Random, "ten random photos"),
            (Chooser::RandomUntilFound, "random photos until five of each are found"),
        ];
        choosers.into_iter().for_each(|(chooser, what)| table(&collection, chooser, what));
    }
    duration();
}

fn table(collection: &Collection, chooser: Chooser, what: &str) {
    let seeds: Vec<Vec<Trial>> = (0..SEEDS).map(|seed| collection.trials(chooser, seed)).collect();
    let mean = |of: &dyn Fn(&Trial) -> f64, trials: &[Trial]| trials.iter().map(of).sum::<f64>() / trials.len() as f64;
    println!("\n{what}\n{:20} zero-shot  learned  difference  worst halving", "average precision");
    for (place, category) in collection.learnable().into_iter().enumerate() {
        let trials: Vec<Trial> = seeds.iter().map(|seed| seed[place]).collect();
        let (zero_shot, learned) = (mean(&|t| t.zero_shot, &trials), mean(&|t| t.learned, &trials));
        let worst = trials.iter().map(|trial| trial.learned - trial.zero_shot).fold(f64::INFINITY, f64::min);
        let name = &collection.names[category];
        println!("{name:20}     {zero_shot:.3}    {learned:.3}      {:+.3}         {worst:+.3}", learned - zero_shot);
    }
    let all: Vec<Trial> = seeds.concat();
    let (zero_shot, learned) = (mean(&|t| t.zero_shot, &all), mean(&|t| t.learned, &all));
    let closed = (learned - zero_shot) / (1.0 - zero_shot) * 100.0;
    let asked = mean(&|t| t.asked as f64, &all);
    println!("{:20}     {zero_shot:.3}    {learned:.3}      {:+.3}", "mean", learned - zero_shot);
    println!("closes {closed:.0}% of the gap to 1 after {asked:.1} questions");
}

/// Made-up vectors: only their number matters.
fn duration() {
    let embedding = |number: usize| {
        let numbers = (0..DIM).map(|i| ((number * 31 + i * 17) as f32 * 0.618_034).fract() - 0.5);
        Embedding::normalised(numbers.collect()).unwrap()
    };
    let photos: Vec<Embedding> = (0..Whitening::MOST_ROWS).map(embedding).collect();
    let sample: Vec<&[f32]> = photos.iter().map(Embedding::as_slice).collect();
    let begun = Instant::now();
    let whitening = Whitening::of(&sample).unwrap();
    println!("\nwhiten with {} photos, once: {:.1} ms", sample.len(), begun.elapsed().as_secs_f64() * 1e3);
    let prompts = embedding(9999);
    for verdicts in [2, 10, 50, 100] {
        let judged: Vec<(&[f32], bool)> = (0..verdicts).map(|i| (sample[i], i % 2 == 0)).collect();
        let begun = Instant::now();
        learn(&whitening, |photo| dot(prompts.as_slice(), photo), &judged).unwrap();
        println!("learn from {verdicts:3} verdicts: {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    }
}
