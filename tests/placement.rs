//! Photos into folders and into the trash: nothing is overwritten, nothing is lost, and everything comes back.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "placement/scene.rs"]
mod scene;
#[path = "placement/trash.rs"]
mod trash;

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use proptest::prelude::*;
use scene::{Scene, Tree, WAYS, contents, targets, tree_of};
use tagroll::catalog::{JobKind, JobState, Plan, Way};
use tagroll::disk::{PlacementRun, free_bytes_at, placement_jobs};

/// Three photos of one name, one of them in another case, the first with both sidecars; and one that is there already.
fn same_names() -> (Scene, [(&'static str, &'static str); 4]) {
    let scene = Scene::of(&[
        ("a/IMG_1.jpg", "first"),
        ("a/IMG_1.jpg.xmp", "its keywords"),
        ("a/IMG_1.xmp", "its ratings"),
        ("b/IMG_1.jpg", "second"),
        ("c/img_1.JPG", "third"),
        ("d/IMG_1.jpg", "stranger"),
        ("sorted/Tier/Hund/IMG_1.jpg", "stranger"),
        ("sorted/Tier/Hund/notes.txt", "mine"),
    ]);
    let hund = "Tier/Hund";
    (scene, [("a/IMG_1.jpg", hund), ("b/IMG_1.jpg", hund), ("c/img_1.JPG", "con"), ("d/IMG_1.jpg", hund)])
}

fn skip(what: &str) {
    // Written past the test runner, which would keep `eprintln!` of a passing test to itself.
    io::stderr().write_all(format!("SKIPPED: {what}\n").as_bytes()).unwrap();
}

/// The job comes back whole, and doing it twice changes nothing.
fn check_undo(scene: &Scene, id: &str, before: &Tree) {
    let undone = scene.undo(id);
    assert_eq!((undone.refused, &scene.tree()), (vec![], before));
    assert_eq!(scene.undo(id).files, 0);
    assert_eq!(&scene.tree(), before);
    let job = placement_jobs(&scene.places()).into_iter().find(|job| job.id == id).unwrap();
    assert_eq!(job.state, JobState::Undone);
}

#[test]
fn a_plan_writes_nothing_and_gives_every_file_a_name_of_its_own() {
    for (way, rows) in [(Way::Copy, 5), (Way::Move, 5), (Way::Hardlink, 3), (Way::Symlink, 3)] {
        let (scene, placings) = same_names();
        let before = scene.tree();
        let plan = scene.plan(way, &placings);
        assert_eq!((scene.tree(), scene.places().exports().exists()), (before, false));
        assert_eq!((plan.rows.len(), plan.unchanged, plan.refused.len()), (rows, 1, 0));
        let copied_bytes = if way == Way::Copy { "firstits keywordsits ratingssecondthird".len() as u64 } else { 0 };
        assert_eq!(plan.needed_bytes, copied_bytes);
        assert!(plan.free_bytes.is_some());
    }
}

#[test]
fn sidecars_follow_the_new_name_and_folders_have_names_that_every_system_takes() {
    let (scene, placings) = same_names();
    let plan = scene.plan(Way::Copy, &placings);
    let names = ["IMG_1 (2).jpg", "IMG_1 (2).jpg.xmp", "IMG_1 (2).xmp", "IMG_1 (3).jpg", "img_1.JPG"];
    assert_eq!(targets(&plan), names);
    assert_eq!(plan.rows[4].file, scene.path("sorted/%63on/img_1.JPG"));
}

#[test]
fn names_that_differ_in_case_only_do_not_meet() {
    let scene = Scene::of(&[("a/IMG_1.jpg", "first"), ("b/img_1.JPG", "second"), ("sorted/dog/Img_1.jpg", "there")]);
    let plan = scene.plan(Way::Copy, &[("a/IMG_1.jpg", "dog"), ("b/img_1.JPG", "dog")]);
    assert_eq!(targets(&plan), ["IMG_1 (2).jpg", "img_1 (3).JPG"]);
}

#[test]
fn every_way_is_done_and_undone_exactly() {
    for way in WAYS {
        let (scene, placings) = same_names();
        let before = scene.tree();
        let plan = scene.plan(way, &placings);
        let done = scene.run(&plan);
        assert_eq!((done.files, done.refused), (plan.rows.len(), vec![]), "{way:?}");
        assert_eq!(scene.read("sorted/Tier/Hund/IMG_1 (2).jpg"), "first");
        assert_eq!(scene.read("sorted/%63on/img_1.JPG"), "third");
        assert_eq!(scene.path("a/IMG_1.jpg").exists(), way != Way::Move);
        let leads = fs::read_link(scene.path("sorted/Tier/Hund/IMG_1 (3).jpg")).ok();
        assert_eq!(leads, (way == Way::Symlink).then(|| scene.path("b/IMG_1.jpg")));
        check_undo(&scene, &done.id.unwrap(), &before);
    }
}

#[test]
fn a_copy_keeps_the_time_of_the_photo() {
    let scene = Scene::of(&[("a.jpg", "photo")]);
    let then = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    fs::File::options().write(true).open(scene.path("a.jpg")).unwrap().set_modified(then).unwrap();
    scene.run(&scene.plan(Way::Copy, &[("a.jpg", "dog")]));
    assert_eq!(fs::metadata(scene.path("sorted/dog/a.jpg")).unwrap().modified().unwrap(), then);
}

#[test]
fn doing_it_again_does_nothing_but_bring_new_sidecars() {
    for way in WAYS {
        let (scene, placings) = same_names();
        scene.run(&scene.plan(way, &placings));
        let again = scene.plan(way, &placings);
        assert_eq!(again.rows, vec![], "{way:?}");
        let done = scene.run(&again);
        assert_eq!((done.id, done.files), (None, 0));
    }
    let (scene, placings) = same_names();
    scene.run(&scene.plan(Way::Copy, &placings));
    scene.write("b/IMG_1.jpg.xmp", "written later");
    assert_eq!(targets(&scene.plan(Way::Copy, &placings)), ["IMG_1 (3).jpg.xmp"]);
}

#[test]
fn a_photo_that_lies_in_the_folder_already_stays() {
    let scene = Scene::of(&[("sorted/dog/a.jpg", "photo")]);
    for way in WAYS {
        let plan = scene.plan(way, &[("sorted/dog/a.jpg", "dog")]);
        assert_eq!((plan.rows.len(), plan.unchanged), (0, 1));
    }
}

#[test]
fn what_cannot_be_placed_is_refused_in_words() {
    let scene = Scene::of(&[("a.jpg", "photo"), ("sorted/file", "no folder")]);
    let check = |way, placings: &[(&str, &str)], words: &str| {
        let plan: Plan = scene.plan(way, placings);
        assert!(plan.refused.last().is_some_and(|refusal| refusal.reason.contains(words)), "{:?}", plan.refused);
    };
    check(Way::Copy, &[("gone.jpg", "dog")], "no longer there");
    check(Way::Move, &[("a.jpg", "dog"), ("a.jpg", "beach")], "into one folder only");
    check(Way::Copy, &[("a.jpg", "file/dog")], "file\" is no folder");
    check(Way::Copy, &[("a.jpg", &"字".repeat(100))], "too long");
}

#[test]
fn a_plan_that_needs_more_than_is_free_is_refused_before_the_first_byte() {
    let scene = Scene::of(&[("a.jpg", "photo")]);
    let before = scene.tree();
    let plan = scene.plan(Way::Copy, &[("a.jpg", "dog")]);
    let Err(reason) = PlacementRun::start(&scene.places(), &plan, Some(plan.needed_bytes)) else { panic!("it began") };
    assert!(reason.to_string().contains("Free some room"), "{reason}");
    assert_eq!((scene.tree(), scene.places().exports().exists()), (before, false));
    assert!(free_bytes_at(&scene.path("not/yet/there")).is_some());
}

#[test]
fn what_comes_between_plan_and_run_is_not_overwritten_and_the_sidecar_stays_with_its_photo() {
    for way in WAYS {
        let scene = Scene::of(&[("a.jpg", "photo"), ("a.jpg.xmp", "keywords"), ("b.jpg", "other")]);
        let plan = scene.plan(way, &[("a.jpg", "dog"), ("b.jpg", "dog")]);
        scene.write("sorted/dog/a.jpg", "came in between");
        let done = scene.run(&plan);
        assert_eq!((scene.read("sorted/dog/a.jpg"), scene.read("a.jpg")), ("came in between".into(), "photo".into()));
        assert_eq!((scene.read("a.jpg.xmp"), done.files), ("keywords".into(), 1));
        assert!(done.refused[0].reason.contains("Plan again"), "{:?}", done.refused);
    }
}

#[test]
fn a_job_that_did_nothing_leaves_nothing() {
    let scene = Scene::of(&[("a.jpg", "photo")]);
    let plan = scene.plan(Way::Copy, &[("a.jpg", "dog")]);
    fs::remove_file(scene.path("a.jpg")).unwrap();
    let done = scene.run(&plan);
    assert_eq!((done.id, done.refused[0].reason.as_str()), (None, "It is no longer there."));
    assert_eq!((scene.tree(), placement_jobs(&scene.places())), (Tree::new(), vec![]));
}

#[test]
fn a_copy_that_was_changed_stays_and_is_listed() {
    let scene = Scene::of(&[("a.jpg", "photo"), ("b.jpg", "other"), ("c.jpg", "third")]);
    let done = scene.run(&scene.plan(Way::Copy, &[("a.jpg", "dog"), ("b.jpg", "dog"), ("c.jpg", "dog")]));
    scene.write("sorted/dog/a.jpg", "worked on");
    fs::remove_file(scene.path("c.jpg")).unwrap();
    let undone = scene.undo(&done.id.unwrap());
    let reasons: Vec<&str> = undone.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
    assert!(reasons[0].contains("no longer there") && reasons[1].contains("was changed"), "{reasons:?}");
    assert_eq!((scene.read("sorted/dog/a.jpg"), scene.read("sorted/dog/c.jpg")), ("worked on".into(), "third".into()));
    assert_eq!((undone.files, scene.path("sorted/dog/b.jpg").exists()), (1, false));
    assert_eq!(placement_jobs(&scene.places())[0].state, JobState::Done, "what was refused can be tried again");
}

#[test]
fn a_move_goes_back_only_where_nothing_stands_at_the_old_place() {
    let scene = Scene::of(&[("in/a.jpg", "photo"), ("in/b.jpg", "other")]);
    let done = scene.run(&scene.plan(Way::Move, &[("in/a.jpg", "dog"), ("in/b.jpg", "dog")]));
    scene.write("in/a.jpg", "another photo");
    scene.write("sorted/dog/b.jpg", "worked on");
    let id = done.id.unwrap();
    let undone = scene.undo(&id);
    assert!(undone.refused[0].reason.contains("a.jpg\" is there again"), "{:?}", undone.refused);
    assert_eq!((scene.read("in/a.jpg"), scene.read("in/b.jpg")), ("another photo".into(), "worked on".into()));
    fs::remove_file(scene.path("in/a.jpg")).unwrap();
    assert_eq!((scene.undo(&id).files, scene.read("in/a.jpg")), (1, "photo".into()));
    assert!(!scene.path("sorted").exists());
}

#[test]
fn a_hard_link_is_kept_where_it_is_the_last_name_of_its_photo() {
    let scene = Scene::of(&[("a.jpg", "photo")]);
    let done = scene.run(&scene.plan(Way::Hardlink, &[("a.jpg", "dog")]));
    fs::remove_file(scene.path("a.jpg")).unwrap();
    assert_eq!(scene.undo(&done.id.unwrap()).refused.len(), 1);
    assert_eq!(scene.read("sorted/dog/a.jpg"), "photo");
}

#[test]
fn jobs_are_listed_with_what_they_did() {
    let scene = Scene::of(&[("a.jpg", "photo"), ("a.jpg.xmp", "keywords")]);
    let done = scene.run(&scene.plan(Way::Move, &[("a.jpg", "dog")]));
    let job = placement_jobs(&scene.places()).remove(0);
    assert_eq!((Some(job.id), job.kind, job.state, job.files), (done.id, JobKind::Move, JobState::Done, 2));
}

#[test]
fn a_run_that_was_killed_between_two_steps_is_undone_exactly() {
    for way in WAYS {
        for steps in 0..=5 {
            let (scene, placings) = same_names();
            let before = scene.tree();
            let plan = scene.plan(way, &placings);
            let id = scene.run_killed(&plan, steps);
            // As if the last step was killed before it could say that it was done.
            let text = fs::read(scene.journal(&id)).unwrap();
            let lines_kept = if steps == 0 { text.len() } else { text.len() - 4 };
            fs::write(scene.journal(&id), &text[..lines_kept]).unwrap();
            check_undo(&scene, &id, &before);
        }
    }
}

#[test]
fn a_run_that_was_killed_within_a_step_is_undone_exactly() {
    type Kill = fn(&Path, &Path);
    let linked: Kill = |from, to| fs::hard_link(from, to).unwrap();
    let reserved: Kill = |_, to| fs::write(to, "").unwrap();
    let copied: Kill = |from, to| _ = fs::copy(from, to).unwrap();
    for (way, kill) in [(Way::Move, linked), (Way::Move, reserved), (Way::Move, copied), (Way::Copy, reserved)] {
        let scene = Scene::of(&[("a.jpg", "photo")]);
        let before = scene.tree();
        let plan = scene.plan(way, &[("a.jpg", "dog")]);
        let id = scene.run_killed(&plan, 0);
        fs::create_dir_all(scene.path("sorted/dog")).unwrap();
        kill(&scene.path("a.jpg"), &plan.rows[0].file);
        scene.write(&format!("sorted/dog/.tagroll-{id}-0.part"), "pho");
        check_undo(&scene, &id, &before);
    }
}

#[test]
fn a_stop_between_two_steps_leaves_alone_what_others_put_there_later() {
    let scene = Scene::of(&[("a.jpg", "photo"), ("b.jpg", "other")]);
    let plan = scene.plan(Way::Copy, &[("a.jpg", "dog"), ("b.jpg", "dog")]);
    let mut run = PlacementRun::start(&scene.places(), &plan, None).unwrap();
    assert!(run.step());
    assert_eq!(run.progress(), (1, 2));
    let done = run.finish();
    scene.write("sorted/dog/b.jpg", "other");
    assert_eq!((done.files, scene.undo(&done.id.unwrap()).files), (1, 1));
    assert!(!scene.path("sorted/dog/a.jpg").exists() && scene.path("sorted/dog/b.jpg").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_move_to_another_disk_copies_and_a_hard_link_is_refused() {
    use std::os::unix::fs::MetadataExt;
    let scene = Scene::of(&[("a.jpg", "photo"), ("a.jpg.xmp", "keywords")]);
    let Ok(other) = tempfile::tempdir_in("/dev/shm") else { return skip("there is no /dev/shm to move to") };
    let disk = |path: &Path| fs::metadata(path).unwrap().dev();
    if disk(other.path()) == disk(scene.folder.path()) {
        return skip("/dev/shm is on the disk of the temporary folder, so there is none to move to");
    }
    let before = scene.tree();
    let link = scene.plan_into(other.path(), Way::Hardlink, &[("a.jpg", "dog")]);
    assert!(link.refused[0].reason.contains("another disk"));
    let plan = scene.plan_into(other.path(), Way::Move, &[("a.jpg", "dog")]);
    assert_eq!(plan.needed_bytes, "photokeywords".len() as u64);
    let done = scene.run(&plan);
    assert_eq!((done.refused, scene.tree()), (vec![], Tree::new()));
    assert_eq!(contents(&tree_of(other.path())), ["keywords", "photo"]);
    check_undo(&scene, &done.id.unwrap(), &before);
    assert_eq!(tree_of(other.path()), Tree::new());
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_goes_and_comes_back() {
    use std::os::unix::ffi::OsStrExt;
    let scene = Scene::of(&[]);
    let photo = scene.folder.path().join(std::ffi::OsStr::from_bytes(b"Stra\xdfe.jpg"));
    if fs::write(&photo, "photo").is_err() {
        return skip("this disk has no names that are no text");
    }
    let before = scene.tree();
    let placing = tagroll::catalog::Placing { photo: photo.into(), folder: "Wege".parse().unwrap() };
    let into = scene.path("sorted");
    let mut planner = tagroll::disk::PlacementPlanner::new(vec![placing].into(), &into, Way::Move);
    while planner.step() {}
    let done = scene.run(&planner.finish());
    check_undo(&scene, &done.id.unwrap(), &before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_list_of_placements_loses_any_content(
        files in prop::collection::vec((0..4usize, 0..5usize, 0..3usize, any::<bool>()), 1..12),
        there in prop::collection::vec((0..5usize, 0..3usize), 0..4),
        way in prop::sample::select(WAYS.to_vec()),
        killed_after in prop::option::of(0..12usize),
    ) {
        const NAMES: [&str; 5] = ["a.jpg", "A.JPG", "a (2).jpg", "b.png", "b.PNG"];
        const TEXTS: [&str; 3] = ["one", "two", ""];
        let scene = Scene::of(&[]);
        let names: Vec<String> = files.iter().map(|(folder, name, ..)| format!("{folder}/{}", NAMES[*name])).collect();
        for ((_, _, text, has_sidecar), name) in files.iter().zip(&names) {
            scene.write(name, TEXTS[*text]);
            if *has_sidecar {
                scene.write(&format!("{name}.xmp"), name);
            }
        }
        there.iter().for_each(|(name, text)| scene.write(&format!("sorted/dog/{}", NAMES[*name]), TEXTS[*text]));
        let before = scene.tree();
        let placings: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "dog")).collect();
        let plan = scene.plan(way, &placings);
        prop_assert_eq!(&plan.refused, &vec![]);
        let id = match killed_after {
            Some(steps) if !plan.rows.is_empty() => Some(scene.run_killed(&plan, steps)),
            _ => scene.run(&plan).id,
        };
        let after = scene.tree();
        if way == Way::Move {
            prop_assert_eq!(contents(&after), contents(&before));
        }
        for (name, _) in &there {
            let file = scene.path(&format!("sorted/dog/{}", NAMES[*name]));
            prop_assert_eq!(&after[&file], &before[&file]);
        }
        if let Some(id) = id {
            check_undo(&scene, &id, &before);
        }
    }
}
