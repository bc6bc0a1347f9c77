//! How long an export of 10,000 sidecars takes, beside copying the same files: `cargo bench --bench export`.

#![allow(clippy::unwrap_used, reason = "a benchmark that fails says so")]

#[path = "../support/desk.rs"]
mod support;

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Instant;

use support::{Desk, packet, plan};
use tagroll::catalog::TaggingOptions;
use tagroll::disk::sidecar::{jobs, undo};

const FOLDERS: usize = 20;
const FILES_A_FOLDER: usize = 500;
/// The same copy may take half as long again in the next round, so the medians are compared.
const ROUNDS: usize = 5;

fn main() {
    // A file system may be slow to use again what was freed a moment ago, so nothing is deleted until the end.
    let desks: Vec<Desk> = (0..ROUNDS).map(|_| Desk::new()).collect();
    let rounds: Vec<Round> = desks.iter().map(round).collect();
    let median = |seconds: fn(&Round) -> f64| {
        let mut all: Vec<f64> = rounds.iter().map(seconds).collect();
        all.sort_by(f64::total_cmp);
        all[ROUNDS / 2]
    };
    let export_s = median(|round| round.export_s);
    println!(
        "medians: export {export_s:.2} s, {:.1} times the copy, {:.2} times the durable one",
        export_s / median(|round| round.copy_s),
        export_s / median(|round| round.durable_s)
    );
    let desk = &desks[0];
    println!("undo {:.2} s", timed(|| drop(undo(&desk.places(), &jobs(&desk.places())[0].id).unwrap())));
}

struct Round {
    export_s: f64,
    copy_s: f64,
    durable_s: f64,
}

fn round(desk: &Desk) -> Round {
    let photos = photos(desk);
    let photos: Vec<&str> = photos.iter().map(String::as_str).collect();
    let copy_s = timed(|| copy(desk, &photos, "plain", false));
    let (taggings, options) = (desk.taggings(&photos), TaggingOptions::default());
    let mut rows = Vec::new();
    let plan_s = timed(|| rows = plan(&taggings, &options).rows);
    let mut done = Default::default();
    let export_s = timed(|| done = desk.write(rows, &taggings, &options));
    assert_eq!((done.files, done.refused.len()), (photos.len(), 0));
    let durable_s = timed(|| copy(desk, &photos, "durable", true));
    println!(
        "{} sidecars of {} bytes: plan {plan_s:.2} s, export {export_s:.2} s, copy {copy_s:.2} s, durable copy {durable_s:.2} \
         s: the export takes {:.1} times the copy, {:.2} times the durable one",
        photos.len(),
        packet(0).len(),
        export_s / copy_s,
        export_s / durable_s
    );
    Round { export_s, copy_s, durable_s }
}

/// Photos, of which only the sidecars are there.
fn photos(desk: &Desk) -> Vec<String> {
    let photos: Vec<String> =
        (0..FOLDERS * FILES_A_FOLDER).map(|n| format!("{}/{n}.jpg", n / FILES_A_FOLDER)).collect();
    for (number, photo) in photos.iter().enumerate() {
        let sidecar = desk.file(&format!("{photo}.xmp"));
        fs::create_dir_all(sidecar.parent().unwrap()).unwrap();
        fs::write(sidecar, packet(number)).unwrap();
    }
    photos
}

fn copy(desk: &Desk, photos: &[&str], to: &str, is_durable: bool) {
    let to = desk.root().join(to);
    (0..FOLDERS).for_each(|folder| fs::create_dir_all(to.join(folder.to_string())).unwrap());
    for photo in photos {
        let name = PathBuf::from(format!("{photo}.xmp"));
        fs::copy(desk.photos().join(&name), to.join(&name)).unwrap();
        if is_durable {
            File::open(to.join(&name)).unwrap().sync_all().unwrap();
        }
    }
}

fn timed(work: impl FnOnce()) -> f64 {
    // What was written before must not be paid for here.
    assert!(std::process::Command::new("sync").status().is_ok_and(|status| status.success()));
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64()
}
