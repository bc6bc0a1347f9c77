//! The system's trash, in a home folder that is not the person's.

use std::fs;
use std::process::Command;

use tagroll::catalog::{JobKind, Plan};
use tagroll::disk::{placement_jobs, plan_trash};

use crate::scene::{Scene, targets};

const HOME: &str = "TAGROLL_TEST_HOME";

/// Runs the test of this name once more, in a process that has this folder for a home.
fn in_other_home(test: &str, home: &std::path::Path) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture"]).env(HOME, home);
    command.env("HOME", home).env("XDG_DATA_HOME", home.join("share"));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn has_other_home() -> bool {
    std::env::var_os(HOME).is_some()
}

fn trashed(plan: &Plan) -> Vec<String> {
    let files = std::env::var_os(HOME).map(|home| std::path::PathBuf::from(home).join("share/Trash/files")).unwrap();
    let mut names: Vec<String> = targets(plan).into_iter().filter(|name| files.join(name).exists()).collect();
    names.sort();
    names
}

#[test]
fn a_trash_plan_lists_each_photo_with_its_sidecars_once() {
    let scene = Scene::of(&[("a.jpg", "photo"), ("a.jpg.xmp", "keywords"), ("b.jpg", "other")]);
    let before = scene.tree();
    let plan = plan_trash(&["a.jpg", "gone.jpg", "a.jpg", "b.jpg"].map(|name| scene.photo(name)));
    assert_eq!(targets(&plan), ["a.jpg", "a.jpg.xmp", "b.jpg"]);
    assert_eq!((plan.refused.len(), plan.refused[0].reason.as_str()), (1, "The file is no longer there."));
    assert_eq!((scene.tree(), plan.needed_bytes), (before, 0));
}

#[cfg(target_os = "linux")]
#[test]
fn what_was_thrown_away_lies_in_the_trash_and_comes_back() {
    if !has_other_home() {
        let home = tempfile::tempdir().unwrap();
        return in_other_home("trash::what_was_thrown_away_lies_in_the_trash_and_comes_back", home.path());
    }
    let scene = Scene::of(&[("a.jpg", "thrown away before")]);
    scene.run(&plan_trash(&[scene.photo("a.jpg")]));
    scene.write("a.jpg", "photo");
    scene.write("a.jpg.xmp", "keywords");
    let before = scene.tree();
    let plan = plan_trash(&[scene.photo("a.jpg")]);
    let done = scene.run(&plan);
    assert_eq!((done.files, done.refused, scene.tree().len()), (2, vec![], 0));
    assert_eq!(trashed(&plan), ["a.jpg", "a.jpg.xmp"]);
    assert_eq!(placement_jobs(&scene.places())[0].kind, JobKind::Trash);
    let id = done.id.unwrap();
    assert_eq!((scene.undo(&id).refused, scene.tree()), (vec![], before.clone()));
    assert_eq!((scene.undo(&id).files, scene.tree()), (0, before));
}

#[cfg(target_os = "linux")]
#[test]
fn what_was_taken_from_the_trash_or_replaced_is_told() {
    if !has_other_home() {
        let home = tempfile::tempdir().unwrap();
        return in_other_home("trash::what_was_taken_from_the_trash_or_replaced_is_told", home.path());
    }
    let scene = Scene::of(&[("a.jpg", "photo"), ("b.jpg", "other")]);
    let done = scene.run(&plan_trash(&[scene.photo("a.jpg"), scene.photo("b.jpg")]));
    scene.write("a.jpg", "another photo by this name");
    fs::remove_dir_all(std::path::PathBuf::from(std::env::var_os(HOME).unwrap()).join("share/Trash")).unwrap();
    let undone = scene.undo(&done.id.unwrap());
    assert_eq!((undone.files, undone.refused.len()), (0, 2));
    assert!(undone.refused.iter().all(|refusal| refusal.reason.contains("trash of your system")));
    assert_eq!(scene.read("a.jpg"), "another photo by this name");
}
