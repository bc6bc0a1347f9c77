//! The automatic cut-off and what verdicts teach, on photos whose folders say what they show.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "support/labelled.rs"]
mod labelled;
mod support;

use std::sync::OnceLock;

use labelled::{Chooser, Collection, Trial};
use tagroll::catalog::average_precision;
use tagroll::clip::PrecisionChoice;

/// The photos are encoded once for all tests.
fn collection(what: &str) -> Option<&'static Collection> {
    static COLLECTION: OnceLock<Option<Collection>> = OnceLock::new();
    let dir = support::shared_photos(what)?;
    COLLECTION.get_or_init(|| Some(Collection::of(&dir))).as_ref()
}

fn mean(numbers: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = numbers.fold((0.0, 0.0), |(sum, count), number| (sum + number, count + 1.0));
    sum / count
}

#[test]
fn the_automatic_cutoff_is_nearly_as_good_as_the_best_one() {
    let Some(collection) = collection("judging automatic cut-offs") else { return };
    let verdicts: Vec<_> = (0..collection.names.len()).map(|category| collection.verdict(category)).collect();
    let found = mean(verdicts.iter().map(|verdict| verdict.f1));
    let best = mean(verdicts.iter().map(|verdict| verdict.best_f1));
    assert!(found > best - 0.05, "F1 {found:.3}, and {best:.3} at best");
}

#[test]
fn ten_answers_close_a_third_of_the_gap_and_spoil_no_category() {
    let Some(collection) = collection("judging what is learned from ten answers") else { return };
    let seeds: Vec<Vec<Trial>> = (0..20).map(|seed| collection.trials(Chooser::Queue, seed)).collect();
    let zero_shot = mean(seeds.iter().flatten().map(|trial| trial.zero_shot));
    let learned = mean(seeds.iter().flatten().map(|trial| trial.learned));
    let closed = (learned - zero_shot) / (1.0 - zero_shot);
    assert!(closed > 1.0 / 3.0, "{zero_shot:.3} became {learned:.3}");
    for (place, category) in collection.learnable().into_iter().enumerate() {
        let gained = mean(seeds.iter().map(|trials| trials[place].learned - trials[place].zero_shot));
        assert!(gained > -0.02, "{} lost {:.3}", collection.names[category], -gained);
    }
}

#[test]
fn the_queue_teaches_more_than_as_many_random_photos() {
    let Some(collection) = collection("comparing the queue with random photos") else { return };
    let learned = |chooser| mean((0..5).flat_map(|seed| collection.trials(chooser, seed)).map(|trial| trial.learned));
    let (queue, random) = (learned(Chooser::Queue), learned(Chooser::Random));
    assert!(queue > random, "{queue:.3} against {random:.3}");
}

/// What everybody gets must order photos as `f32` does. Fewer bits change the best category of some photos, so they are for those
/// who ask for them.
#[test]
fn fewer_bits_order_photos_like_full_precision() {
    let what = "judging fewer bits";
    let (Some(dir), Some(full)) = (support::shared_photos(what), collection(what)) else { return };
    let (best, map) = judged(full);
    for (precision, least, most_apart) in [
        (PrecisionChoice::Auto, 0.995, 0.002),
        (PrecisionChoice::Bf16, 0.99, 0.002),
        (PrecisionChoice::Int8, 0.98, 0.005),
    ] {
        let (found, found_map) = judged(&Collection::in_precision(&dir, precision));
        let alike = found.iter().zip(&best).filter(|(a, b)| a == b).count() as f64 / best.len() as f64;
        println!(
            "{precision:?}: the same best category for {alike:.4}, mean average precision {found_map:.4} and {map:.4}"
        );
        assert!(alike >= least, "{precision:?}: {alike}");
        assert!((found_map - map).abs() <= most_apart, "{precision:?}: {found_map} and {map}");
    }
}

/// The best category of each photo, and the mean average precision of all categories.
fn judged(collection: &Collection) -> (Vec<usize>, f64) {
    let prompts = &collection.prompts;
    let cosines: Vec<Vec<f32>> =
        collection.photos.iter().map(|photo| prompts.iter().map(|prompt| prompt.cosine(photo)).collect()).collect();
    let best = cosines.iter().map(|row| (0..row.len()).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap()).collect();
    let precision = |category: usize| {
        let scored = cosines.iter().zip(&collection.folders).map(|(row, folder)| (row[category], *folder == category));
        average_precision(&mut scored.collect::<Vec<_>>()).unwrap()
    };
    (best, mean((0..prompts.len()).map(precision)))
}
