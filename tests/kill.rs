//! A stop at any instant, by any means, loses at most the batch in flight.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "parity/checkpoint.rs"]
#[allow(dead_code, reason = "the parity tests need more of it")]
mod checkpoint;
mod support;

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use candle_core::DType;
use support::{copy_samples, json, tagroll};

const KILLS: u64 = 10;
/// Copies of each sample photo, told apart by bytes behind the picture's end: enough work for every kill to meet some.
const COPIES: usize = 4;
const PHOTOS: usize = 20 * COPIES;

/// What the store knows of one photo: the model's number, the photo's name, its embedding and its thumbnail.
type Row = (i64, Vec<u8>, Vec<u8>, Vec<u8>);

fn contents(data_dir: &Path) -> Vec<Row> {
    let store = rusqlite::Connection::open(data_dir.join("tagroll.db")).unwrap();
    let check: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    let sql = "SELECT e.model, e.fingerprint, e.numbers, t.jpeg FROM embeddings e JOIN thumbnails t USING (fingerprint)
        ORDER BY e.model, e.fingerprint";
    let mut statement = store.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn many_photos(folder: &Path) {
    for copy in 0..COPIES {
        let part = folder.join(copy.to_string());
        copy_samples(&part, PHOTOS / COPIES);
        for entry in std::fs::read_dir(&part).unwrap() {
            let path = entry.unwrap().path();
            let mut bytes = std::fs::read(&path).unwrap();
            bytes.extend(std::iter::repeat_n(0, copy));
            std::fs::write(&path, bytes).unwrap();
        }
    }
}

fn cosine(a: &[u8], b: &[u8]) -> f32 {
    let numbers = |bytes: &[u8]| -> Vec<f32> {
        bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect()
    };
    tagroll::catalog::dot(&numbers(a), &numbers(b))
}

/// Uniform in 0..1 from a seed: the moments differ from kill to kill and are the same in every run.
fn random(seed: u64) -> f64 {
    let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9) as f64 / u64::MAX as f64
}

/// Starts this `index` over and over and kills it at moments of `whole_run`; returns how many were still going.
fn kill_often(data_dir: &Path, index: &[&str], whole_run: Duration) -> u64 {
    let mut interrupted = 0;
    for kill in 0..KILLS {
        let mut child = tagroll(data_dir, index);
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let deadline = Instant::now() + whole_run.mul_f64(random(kill) / 2.0);
        while Instant::now() < deadline && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        interrupted += u64::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    println!("{interrupted} of {KILLS} kills met a running index");
    interrupted
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn check_equal(expected: &[Row], found: &[Row]) {
    assert_eq!(found.len(), expected.len());
    for ((model, name, vector, jpeg), (other_model, other_name, other_vector, other_jpeg)) in expected.iter().zip(found)
    {
        assert!(model == other_model && name == other_name && jpeg == other_jpeg);
        // Batches of another size may round the last bit differently.
        assert!(cosine(vector, other_vector) > 0.999_999);
    }
}

#[test]
fn a_store_that_was_killed_ten_times_equals_an_undisturbed_one() {
    let photos = tempfile::tempdir().unwrap();
    many_photos(photos.path());
    let index = ["index", photos.path().to_str().unwrap()];
    let (undisturbed, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let whole_run = timed(|| drop(json(undisturbed.path(), &index)));
    assert!(kill_often(killed.path(), &index, whole_run) > 5, "the kills came too late to meet anything");
    json(killed.path(), &index);
    let expected = contents(undisturbed.path());
    assert_eq!(expected.len(), PHOTOS);
    check_equal(&expected, &contents(killed.path()));
    assert_eq!(json(killed.path(), &index)["encoded"], 0);
}

#[test]
fn a_change_of_models_that_was_killed_ten_times_loses_nothing_of_either() {
    let (photos, model) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    many_photos(photos.path());
    let (config, processor) = checkpoint::smallest();
    checkpoint::write(model.path(), &config, &processor, &checkpoint::tensors(&config, DType::F32));
    let first = ["index", photos.path().to_str().unwrap()];
    let second = [first[0], first[1], "--model", model.path().to_str().unwrap()];
    let (undisturbed, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    json(undisturbed.path(), &first);
    json(killed.path(), &first);
    let before = contents(killed.path());
    let whole_run = timed(|| drop(json(undisturbed.path(), &second)));
    assert!(kill_often(killed.path(), &second, whole_run) > 0, "the kills came too late to meet anything");
    json(killed.path(), &second);
    let after = contents(killed.path());
    assert_eq!((after.len(), &after[..PHOTOS] == before.as_slice()), (2 * PHOTOS, true));
    check_equal(&contents(undisturbed.path()), &after);
    assert_eq!(json(killed.path(), &first)["encoded"], 0, "changing back encodes nothing");
}

#[cfg(unix)]
#[test]
fn control_c_stops_between_two_steps_and_says_how_to_go_on() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 20);
    let folder = photos.path().to_str().unwrap();
    let mut child = tagroll(data.path(), &["index", folder]);
    let child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let store = data.path().join("tagroll.db");
    while !store.exists() {
        std::thread::yield_now();
    }
    let interrupt = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("go on"), "{said}");
    assert_eq!(json(data.path(), &["index", folder])["found"], 20);
}
