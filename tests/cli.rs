//! The command line, run as a person or a script runs it.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

mod support;

use std::collections::HashSet;
use std::fs;

use serde_json::Value;
use support::{copy_samples, json, run, shared_photos};

fn names(photos: &Value) -> Vec<&str> {
    photos.as_array().unwrap().iter().map(|photo| photo["path"].as_str().unwrap().rsplit('/').next().unwrap()).collect()
}

fn assert_refused(arguments: &[&str], code: i32, word: &str) {
    let data = tempfile::tempdir().unwrap();
    let output = run(data.path(), arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    assert!(said.contains(word), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn sort_puts_photos_under_the_category_that_fits_best() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 8);
    fs::write(photos.path().join("empty.jpg"), b"").unwrap();
    let folder = photos.path().to_str().unwrap();
    let cat = "cat=a photo of a cat|a photo of a kitten";
    let sorted = json(data.path(), &["sort", folder, "--category", cat, "--category", "coffee"]);
    let first = &sorted["photos"][0];
    assert_eq!((names(&sorted["photos"])[0], first["category"].as_str()), ("cat.jpg", Some("cat")));
    assert_eq!(names(&sorted["photos"]).iter().collect::<HashSet<_>>().len(), 8, "every photo stands once");
    let scores = first["scores"].as_array().unwrap();
    assert_eq!(scores.iter().map(|s| s["category"].as_str().unwrap()).collect::<Vec<_>>(), ["cat", "coffee"]);
    let total: f64 = scores.iter().map(|score| score["probability"].as_f64().unwrap()).sum();
    assert!((total - 1.0).abs() < 1e-5, "{total}");
    assert!(scores[0]["cosine"].as_f64() > scores[1]["cosine"].as_f64());
    assert_eq!(sorted["unreadable"][0]["reason"], "The file is empty.");
}

#[test]
fn a_category_file_sorts_with_cutoffs_and_top_keeps_the_best() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 8);
    let file = photos.path().join("categories.toml");
    let text =
        "[[category]]\nname = \"cat\"\nprompts = [\"a photo of a {}\"]\nnegatives = [\"a raccoon\"]\ncutoff = 0.3\n";
    fs::write(&file, text).unwrap();
    let arguments = ["sort", photos.path().to_str().unwrap(), "--categories", file.to_str().unwrap()];
    let sorted = json(data.path(), &arguments);
    let categories: Vec<_> = sorted["photos"].as_array().unwrap().iter().map(|p| p["category"].as_str()).collect();
    assert_eq!(categories[0], Some("cat"));
    assert!(categories[1..].iter().all(Option::is_none), "{categories:?}");
    let top = json(data.path(), &[&arguments[..], &["--top", "1"]].concat());
    assert_eq!(names(&top["photos"]).len(), 2, "the best of each group");
    let table = run(data.path(), &arguments);
    assert!(String::from_utf8_lossy(&table.stdout).starts_with("cat  1\n  0."));
}

#[test]
fn a_second_index_encodes_nothing() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 5);
    let folder = photos.path().to_str().unwrap();
    let first = json(data.path(), &["index", folder]);
    assert_eq!((&first["found"], &first["encoded"], &first["unreadable"]), (&5.into(), &5.into(), &0.into()));
    let second = json(data.path(), &["index", folder]);
    assert_eq!((&second["found"], &second["encoded"]), (&5.into(), &0.into()));
    assert!(second["seconds"].as_f64().is_some());
}

#[test]
fn embeddings_are_unit_vectors_of_one_space() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 8);
    let vectors = |of: &Value| -> Vec<Vec<f64>> {
        let numbers = |v: &Value| v["vector"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
        of["embeddings"].as_array().unwrap().iter().map(numbers).collect()
    };
    let cat = photos.path().join("cat.jpg");
    let photo = vectors(&json(data.path(), &["embed", cat.to_str().unwrap()]));
    let texts = vectors(&json(data.path(), &["embed", "--text", "a cat", "--text", "a {} of coffee"]));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    assert!((dot(&photo[0], &photo[0]) - 1.0).abs() < 1e-5);
    assert!(dot(&photo[0], &texts[0]) > dot(&photo[0], &texts[1]));
    let line = run(data.path(), &["embed", "--text", "a cat"]);
    assert!(String::from_utf8_lossy(&line.stdout).starts_with("a cat\t"));
}

#[test]
fn doctor_says_what_the_program_runs_with() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 2);
    json(data.path(), &["index", photos.path().to_str().unwrap()]);
    let found = json(data.path(), &["doctor"]);
    assert_eq!((&found["model"]["dimensions"], &found["store"]["files"]), (&384.into(), &2.into()));
    assert_eq!(found["store"]["embeddings"][0][1], 2);
    assert!(run(data.path(), &["doctor"]).stdout.starts_with(b"Tagroll "));
}

#[test]
fn wrong_usage_and_failures_have_codes_and_words_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().to_str().unwrap();
    let file = folder.path().join("categories.toml");
    fs::write(&file, "[[category]]\nname = \"dog\"\nprompts = [\"a dog\"]\nprompt = 3\n").unwrap();
    let categories = file.to_str().unwrap();
    assert_refused(&["sort"], 2, "PATH");
    assert_refused(&["sort", here], 2, "--categor");
    assert_refused(&["sort", here, "--category", "=a dog"], 2, "has no name");
    assert_refused(&["embed", "--text", " "], 2, "empty");
    assert_refused(&["sort", here, "--categories", categories], 1, "line 4");
    assert_refused(&["sort", here, "--categories", "nowhere.toml"], 1, "nowhere.toml");
    assert_refused(&["sort", here, "--category", "dog"], 1, "No photos there");
    assert_refused(&["sort", "/nowhere at all", "--category", "dog"], 1, "/nowhere at all");
    assert_refused(&["eval", here], 1, "No photos there");
    assert_refused(&["index", here, "--model", here], 1, here);
}

#[test]
fn a_store_from_a_newer_version_is_left_alone() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 2);
    let folder = photos.path().to_str().unwrap();
    json(data.path(), &["index", folder]);
    let store = data.path().join("tagroll.db");
    let open = rusqlite::Connection::open(&store).unwrap();
    open.pragma_update(None, "user_version", 999).unwrap();
    drop(open);
    let output = run(data.path(), &["index", folder]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("newer"), "{output:?}");
    let sorted = json(data.path(), &["sort", folder, "--category", "cat"]);
    assert_eq!(names(&sorted["photos"]).len(), 2, "sorting works without a store");
}

#[test]
fn eval_finds_the_folders_of_the_shared_photos() {
    let Some(photos) = shared_photos("accuracy on real photos") else { return };
    let data = tempfile::tempdir().unwrap();
    let evaluation = json(data.path(), &["eval", photos.to_str().unwrap()]);
    println!("top-1 {}, top-5 {}", evaluation["top1"], evaluation["top5"]);
    assert_eq!(evaluation["photos"], 116);
    assert!(evaluation["top1"].as_f64().unwrap() >= 0.91, "{}", evaluation["top1"]);
    assert_eq!(evaluation["categories"].as_array().unwrap().len(), evaluation["confusion"].as_array().unwrap().len());
    let table = run(data.path(), &["eval", photos.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&table.stdout).contains("musical instrument"));
}

#[test]
fn every_command_has_a_manual_page_and_is_completed() {
    let (data, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let output = run(data.path(), &["generate", into.path().to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read =
        |name: &str| fs::read_to_string(into.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    for command in ["sort", "index", "eval", "export", "place", "table", "embed", "models", "bench", "doctor"] {
        assert!(read(&format!("tagroll-{command}.1")).contains("data\\-dir"), "{command}");
        for completions in ["tagroll.bash", "tagroll.fish", "_tagroll", "_tagroll.ps1"] {
            assert!(read(completions).contains(command), "{completions} lacks {command}");
        }
    }
    assert!(read("tagroll.1").contains("Folders or photos to open in the window"));
    assert!(!into.path().join("tagroll-generate.1").exists(), "it is for packages only");
}
