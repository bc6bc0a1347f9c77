//! Export on the command line: plans, sidecars, folders and tables, and the way back.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{copy_samples, json, run};
use tempfile::TempDir;

/// The data folder, and one with two photos.
fn scene() -> (TempDir, TempDir) {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 2);
    (data, photos)
}

fn export(data: &TempDir, photos: &TempDir, more: &[&str]) -> Value {
    let folder = photos.path().to_str().unwrap();
    json(data.path(), &[&["export", folder, "--category", "thing/photo=a photo"], more].concat())
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_dry_run_says_what_would_be_written_line_by_line_and_writes_nothing() {
    let (data, photos) = scene();
    let before = names(photos.path());
    let plan = export(&data, &photos, &["--dry-run", "--diff"]);
    assert_eq!((plan["is_dry_run"].as_bool(), plan["files"].as_array().unwrap().len()), (Some(true), 2));
    assert_eq!((&plan["files"][0]["change"], &plan["files"][0]["added"][0]), (&"new".into(), &"thing/photo".into()));
    assert!(plan["files"][0]["diff"].as_str().unwrap().contains("+"));
    assert_eq!(names(photos.path()), before);
}

#[test]
fn an_export_is_written_once_and_taken_back_whole() {
    let (data, photos) = scene();
    let before = names(photos.path());
    let done = export(&data, &photos, &["--naming", "both"]);
    assert_eq!(done["written"], 4);
    assert_eq!(names(photos.path()).len(), 6);
    assert_eq!(export(&data, &photos, &[])["written"], 0);
    let list = json(data.path(), &["export", "--list"]);
    assert_eq!((&list[0]["id"], &list[0]["state"]), (&done["id"], &"done".into()));
    assert_eq!(json(data.path(), &["export", "--undo"])["files"], 4);
    assert_eq!(names(photos.path()), before);
}

#[test]
fn an_undo_leaves_what_was_changed_since_and_says_so() {
    let (data, photos) = scene();
    let done = export(&data, &photos, &[]);
    let changed = done["files"][0]["file"].as_str().unwrap();
    fs::write(changed, fs::read_to_string(changed).unwrap().replace("thing|photo", "thing|picture")).unwrap();
    let output = run(data.path(), &["export", "--undo"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("was changed since"));
    assert!(Path::new(changed).exists());
    assert_eq!(names(photos.path()).len(), 3);
}

#[test]
fn a_sidecar_that_is_no_sidecar_is_left_alone_and_the_others_are_written() {
    let (data, photos) = scene();
    let broken = photos.path().join(format!("{}.xmp", names(photos.path())[0]));
    fs::write(&broken, "<a>").unwrap();
    let folder = photos.path().to_str().unwrap();
    let output = run(data.path(), &["export", folder, "--category", "photo=a photo"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not valid XML"));
    assert_eq!((fs::read_to_string(&broken).unwrap().as_str(), names(photos.path()).len()), ("<a>", 4));
}

#[test]
fn keywords_go_into_another_folder_and_out_again() {
    let (data, photos) = scene();
    let other = tempfile::tempdir().unwrap();
    export(&data, &photos, &["--to", other.path().to_str().unwrap()]);
    assert_eq!((names(photos.path()).len(), names(other.path()).len()), (2, 2));
    let before = fs::read(photos.path().join(&names(photos.path())[0])).unwrap();
    assert_eq!(export(&data, &photos, &["--in-photos"])["written"], 2);
    assert_ne!(fs::read(photos.path().join(&names(photos.path())[0])).unwrap(), before);
    assert_eq!(json(data.path(), &["export", "--undo"])["files"], 2);
}

#[test]
fn photos_are_placed_and_listed() {
    let (data, photos) = scene();
    let target = tempfile::tempdir().unwrap();
    let (folder, into) = (photos.path().to_str().unwrap(), target.path().join("sorted"));
    let place = ["place", folder, "--category", "photo=a photo", "--into", into.to_str().unwrap(), "--how", "move"];
    assert_eq!(json(data.path(), &place)["written"], 2);
    assert_eq!((names(photos.path()).len(), names(&into.join("photo")).len()), (0, 2));
    assert_eq!(json(data.path(), &["export", "--undo"])["files"], 2);
    let table = target.path().join("table.json");
    let arguments = ["table", folder, "--category", "photo=a photo", "--out", table.to_str().unwrap()];
    assert!(run(data.path(), &arguments).status.success());
    let rows: Value = serde_json::from_slice(&fs::read(&table).unwrap()).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert_eq!(run(data.path(), &arguments).status.code(), Some(1));
}

#[test]
fn an_export_without_categories_is_wrong_usage_in_words() {
    let (data, photos) = scene();
    let output = run(data.path(), &["export", photos.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--categories FILE"));
}
