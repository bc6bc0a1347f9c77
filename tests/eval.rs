//! `tagroll eval` and `tagroll sort` with whole category files, and with what a person said.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "support/keywords.rs"]
mod keywords;
mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{json, run, sample_photos, shared_photos, wait_until};
use tagroll::catalog::Verdict;
use tagroll::engine::{Command, Engine, Options, Session};

const SET: &str = "version = 1\nlabels = \"several\"\n\n\
    [[category]]\nname = \"animal/cat\"\ntemplates = \"photos\"\ncutoff = 0.2\n\n\
    [[category]]\nname = \"Drink/Hot coffee\"\nprompts = [\"a cup of coffee\"]\ncutoff = -1\n\n\
    [[category]]\nname = \"boat\"\nprompts = [\"a {}\"]\n";

/// Two folders of one photo each that the set knows, and one that it does not.
fn sorted_samples(folder: &Path) {
    for (name, photo) in [("Cat", "cat"), ("hot_coffee", "coffee"), ("other things", "blue-flowers")] {
        fs::create_dir(folder.join(name)).unwrap();
        let file = format!("{photo}.jpg");
        fs::copy(sample_photos().join(&file), folder.join(name).join(&file)).unwrap();
    }
}

fn shares(of: &Value, field: &str) -> Vec<Option<f64>> {
    of.as_array().unwrap().iter().map(|result| result[field].as_f64()).collect()
}

#[test]
fn a_category_file_is_measured_against_folders_of_its_names() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    sorted_samples(photos.path());
    let file = photos.path().join("set.toml");
    fs::write(&file, SET).unwrap();
    let arguments = ["eval", photos.path().to_str().unwrap(), "--categories", file.to_str().unwrap()];
    let evaluation = json(data.path(), &arguments);
    assert_eq!((&evaluation["photos"], &evaluation["top1"]), (&2.into(), &1.0.into()));
    let cutoffs = &evaluation["cutoffs"];
    assert_eq!(shares(cutoffs, "best_f1"), [Some(1.0), Some(1.0), None]);
    assert_eq!(shares(cutoffs, "average_precision"), [Some(1.0), Some(1.0), None]);
    assert_eq!(shares(cutoffs, "f1")[1], Some(2.0 / 3.0), "a cut-off that lets both in");
    let table = run(data.path(), &arguments);
    let (said, table) = (String::from_utf8_lossy(&table.stderr), String::from_utf8_lossy(&table.stdout));
    assert!(said.contains("other things") && said.contains("boat"), "{said}");
    assert!(table.contains("animal/cat") && table.contains("average precision"), "{table}");
}

#[test]
fn folders_that_no_category_is_named_after_are_a_failure() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    sorted_samples(photos.path());
    let file = photos.path().join("set.toml");
    fs::write(&file, "[[category]]\nname = \"train\"\nprompts = [\"a train\"]\n").unwrap();
    let output = run(data.path(), &["eval", photos.path().to_str().unwrap(), "--categories", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("No category"), "{output:?}");
}

#[test]
fn what_was_said_in_the_window_is_a_truth_to_measure_by() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    sorted_samples(photos.path());
    let folder = photos.path().to_str().unwrap();
    let without = run(data.path(), &["eval", folder, "--verdicts"]);
    assert!(String::from_utf8_lossy(&without.stderr).contains("no categories"), "{without:?}");
    judge_in_the_window(data.path(), photos.path());
    let measured = json(data.path(), &["eval", folder, "--verdicts"]);
    assert_eq!(measured["verdicts"], 3);
    let cat = &measured["categories"][0];
    assert_eq!((&cat["category"], &cat["yes"], &cat["no"]), (&"cat".into(), &1.into(), &2.into()));
    assert!(cat["average_precision"].as_f64().is_some(), "{cat}");
    let file = photos.path().join("set.toml");
    fs::write(&file, "[[category]]\nname = \"train\"\nprompts = [\"a train\"]\n").unwrap();
    let other = run(data.path(), &["eval", folder, "--verdicts", "--categories", file.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&other.stderr).contains("Nothing was said"), "{other:?}");
    let again = json(data.path(), &["eval", folder, "--verdicts"]);
    assert_eq!(again, measured, "measuring changes no verdict");
}

/// The cat is one, and the rest are none.
fn judge_in_the_window(data: &Path, photos: &Path) {
    let options = Options { data_dir: Some(data.to_path_buf()), remembers: true, ..Options::default() };
    let mut engine = Engine::start(&options, || {}).unwrap();
    engine.apply(Command::Open(vec![photos.to_path_buf()]));
    engine.apply(Command::AddCategory("cat".to_owned()));
    wait_until(&mut engine, Session::is_fulfilled);
    let category = engine.session().categories()[0].id;
    for photo in engine.session().library().folder_order().to_vec() {
        let is_cat = engine.session().library().photo(photo).file.path.ends_with("cat.jpg");
        let verdict = if is_cat { Verdict::Yes } else { Verdict::No };
        engine.apply(Command::Judge { category, photos: vec![photo], verdict: Some(verdict) });
    }
}

#[test]
fn a_person_s_keywords_are_a_truth_to_measure_by() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    sorted_samples(photos.path());
    let (folder, file) = (photos.path().to_str().unwrap(), photos.path().join("set.toml"));
    fs::write(&file, SET).unwrap();
    let arguments = ["eval", folder, "--keywords", "--categories", file.to_str().unwrap()];
    let without = run(data.path(), &arguments);
    assert!(String::from_utf8_lossy(&without.stderr).contains("No photo there has a keyword"), "{without:?}");
    keywords::write_sidecar(&photos.path().join("Cat/cat.jpg"), &keywords::packet(&["Animal/Cat"], 0, ""));
    keywords::embed(&photos.path().join("hot_coffee/coffee.jpg"), &keywords::packet(&["hot_coffee", "x"], 0, ""));
    let measured = json(data.path(), &arguments);
    assert_eq!(measured["photos"], 2, "{measured}");
    let counts: Vec<(u64, u64)> = measured["categories"].as_array().unwrap().iter().map(of_counts).collect();
    assert_eq!(counts, [(1, 1), (1, 1), (0, 2)]);
    assert_eq!(shares(&measured["categories"], "average_precision"), [Some(1.0), Some(1.0), None]);
    assert_eq!(shares(&measured["categories"], "precision")[1], Some(0.5), "a cut-off that lets both in");
    let table = run(data.path(), &arguments);
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.contains("Agreement with your own keywords on 2 photos."), "{table}");
    let both = run(data.path(), &["eval", folder, "--keywords", "--verdicts"]);
    assert_eq!(both.status.code(), Some(2), "{both:?}");
}

fn of_counts(measured: &Value) -> (u64, u64) {
    (measured["yes"].as_u64().unwrap(), measured["no"].as_u64().unwrap())
}

#[test]
fn sort_gives_several_categories_where_the_file_says_so() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    sorted_samples(photos.path());
    let file = photos.path().join("set.toml");
    let text = "labels = \"several\"\n\
        [[category]]\nname = \"cat\"\nprompts = [\"a cat\"]\ncutoff = -1\ngroup = \"kind\"\n\
        [[category]]\nname = \"coffee\"\nprompts = [\"a cup of coffee\"]\ncutoff = -1\ngroup = \"kind\"\n\
        [[category]]\nname = \"anything\"\nprompts = [\"a photo\"]\ncutoff = -1\n";
    fs::write(&file, text).unwrap();
    let arguments = ["sort", photos.path().to_str().unwrap(), "--categories", file.to_str().unwrap()];
    let sorted = json(data.path(), &arguments);
    let listed = sorted["photos"].as_array().unwrap();
    assert_eq!(listed.len(), 3, "every photo stands once: {sorted}");
    for photo in listed {
        let categories: Vec<&str> = photo["categories"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(categories.len(), 2, "the best of the group, and the other: {photo}");
        assert!(categories.contains(&"anything"), "{photo}");
    }
    let table = run(data.path(), &arguments);
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.contains("cat.jpg  (also anything)"), "{table}");
}

#[test]
fn a_starter_set_is_measured_on_the_shared_photos() {
    let Some(photos) = shared_photos("a starter set on real photos") else { return };
    let data = tempfile::tempdir().unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sets/wildlife.toml");
    let output =
        run(data.path(), &["eval", photos.to_str().unwrap(), "--categories", file.to_str().unwrap(), "--json"]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("landscape"), "folders without a category are said: {said}");
    let evaluation: Value = serde_json::from_slice(&output.stdout).unwrap();
    let fish = evaluation["cutoffs"].as_array().unwrap().iter().find(|result| result["category"] == "fish").unwrap();
    assert_eq!(fish["average_precision"], 1.0, "the only folder that has a name of the set: {fish}");
}
