//! How good the automatic cut-off is, beside the best that anybody could choose, and how long it takes:
//! `cargo bench --bench cutoff`.

#![allow(clippy::unwrap_used, reason = "a benchmark that fails says so")]

#[path = "../support/labelled.rs"]
mod labelled;
#[path = "../support/mod.rs"]
mod support;

use std::time::Instant;

use labelled::Collection;
use tagroll::catalog::{BACKGROUND_PROMPTS, Background, Embedding, Vectors, auto_cutoff};

const PHOTOS: usize = 100_000;
const DIM: usize = 512;
const ROUNDS: usize = 21;

fn main() {
    if let Some(dir) = support::shared_photos("the table of cut-offs") {
        table(&Collection::of(&dir));
    }
    duration();
}

fn table(collection: &Collection) {
    println!("{} photos, starter model, plain prompts", collection.photos.len());
    println!("{:20} photos  auto: cut-off     F1  best: cut-off     F1", "category");
    let (mut found, mut best) = (0.0, 0.0);
    for (category, name) in collection.names.iter().enumerate() {
        let photos = collection.folders.iter().filter(|folder| **folder == category).count();
        let verdict = collection.verdict(category);
        found += verdict.f1 / collection.names.len() as f64;
        best += verdict.best_f1 / collection.names.len() as f64;
        println!(
            "{name:20} {photos:6}          {:.3}  {:.3}          {:.3}  {:.3}",
            verdict.cutoff, verdict.f1, verdict.best_cutoff, verdict.best_f1
        );
    }
    println!("{:20}                        {found:.3}                 {best:.3}", "mean");
}

/// Made-up vectors: only their number matters.
fn duration() {
    let embedding = |number: usize| {
        let numbers = (0..DIM).map(|i| ((number * 31 + i * 17) as f32 * 0.618_034).fract() - 0.5);
        Embedding::normalised(numbers.collect()).unwrap()
    };
    let bank: Vec<Embedding> = (0..BACKGROUND_PROMPTS.len()).map(|i| embedding(i + PHOTOS)).collect();
    let mut vectors = Vectors::default();
    for row in 0..PHOTOS {
        vectors.set(row, &embedding(row % 5000));
    }
    let mut background = Background::new(&bank).unwrap();
    let begun = Instant::now();
    background.extend(&vectors, PHOTOS);
    println!("levels of {PHOTOS} photos, once: {:.0} ms", begun.elapsed().as_secs_f64() * 1e3);
    let fits: Vec<f32> = (0..PHOTOS).map(|i| (i as f32 * 0.618_034).fract() * 0.2).collect();
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            auto_cutoff(fits.iter().copied().enumerate(), &background, &[]).unwrap();
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("one cut-off over {PHOTOS} photos: {:.2} ms median ({:.2} at least)", times[ROUNDS / 2], times[0]);
}
