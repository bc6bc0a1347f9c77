//! Keywords into sidecars and back out: what was planned is written, and everything can be undone to the byte.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "sidecars/hostile.rs"]
mod hostile;
#[path = "support/desk.rs"]
mod support;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use support::{Desk, contents, packet, plan};
use tagroll::catalog::{Change, JobKind, JobState, Naming, SidecarPlace, Tagging, TaggingOptions};
use tagroll::disk::sidecar::{
    Neighbours, TaggingRun, diff, first_version, jobs, keep, preview, sidecar_metadata, undo,
};

const FILES: [&str; 7] = ["a.jpg", "b.jpg", "b.jpg.xmp", "c.jpg", "c.xmp", "below/d.jpg", "below/d.jpg.xmp"];
const PHOTOS: [&str; 4] = ["a.jpg", "b.jpg", "c.jpg", "below/d.jpg"];

#[test]
fn what_the_plan_says_is_what_is_written() {
    let desk = Desk::with(&FILES);
    let (taggings, options) = (desk.taggings(&PHOTOS), TaggingOptions::default());
    let plan = plan(&taggings, &options);
    let files: Vec<PathBuf> = plan.rows.iter().map(|row| row.file.clone()).collect();
    let expected = ["a.jpg.xmp", "b.jpg.xmp", "c.xmp", "below/d.jpg.xmp"].map(|name| desk.file(name));
    assert_eq!(files, expected);
    let Change::Keywords(change) = &plan.rows[0].change else { panic!("no keywords") };
    assert_eq!((change.before, change.added[0].to_string()), (None, "harbour/boat".to_owned()));
    let promised: Vec<Vec<u8>> =
        plan.rows.iter().zip(&*taggings).map(|(row, tagging)| preview(row, tagging, &options).unwrap().after).collect();
    assert_eq!(desk.contents().len(), FILES.len(), "a plan writes nothing");
    let done = desk.write(plan.rows, &taggings, &options);
    assert_eq!((done.files, done.refused), (4, Vec::new()));
    let written: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    assert_eq!(written, promised);
    assert_eq!(desk.contents().len(), FILES.len() + 1, "only a.jpg.xmp is new");
}

#[test]
fn what_is_written_is_read_back() {
    let desk = Desk::with(&FILES);
    desk.export(&PHOTOS);
    let known = sidecar_metadata(&desk.file("b.jpg"), &mut Neighbours::default()).unwrap();
    assert_eq!(known.ours, ["harbour/boat".parse().unwrap()]);
    assert_eq!((known.keywords.len(), known.rating), (2, Some(1)));
}

#[test]
fn exporting_twice_changes_nothing() {
    let desk = Desk::with(&FILES);
    desk.export(&PHOTOS);
    let again = plan(&desk.taggings(&PHOTOS), &TaggingOptions::default());
    assert_eq!((again.rows.len(), again.unchanged, again.refused.len()), (0, 4, 0));
    assert_eq!(desk.export(&PHOTOS).id, None);
    assert_eq!(jobs(&desk.places()).len(), 1, "nothing to undo is no job");
}

#[test]
fn a_preview_shows_the_lines_that_change() {
    let desk = Desk::with(&FILES);
    let (taggings, options) = (desk.taggings(&["b.jpg"]), TaggingOptions::default());
    let plan = plan(&taggings, &options);
    let preview = preview(&plan.rows[0], &taggings[0], &options).unwrap();
    let shown = diff(&preview.before, &preview.after);
    assert!(
        shown.starts_with("@@ ") && shown.lines().any(|line| line.starts_with('+') && line.contains("boat")),
        "{shown}"
    );
}

#[test]
fn undo_puts_back_every_byte_and_takes_new_files_away() {
    let desk = Desk::with(&FILES);
    let before = desk.contents();
    let done = desk.export(&PHOTOS);
    assert_ne!(desk.contents(), before);
    let undone = undo(&desk.places(), done.id.as_deref().unwrap()).unwrap();
    assert_eq!((undone.files, undone.refused), (4, Vec::new()));
    assert_eq!(desk.contents(), before);
}

#[test]
fn undoing_twice_does_no_harm_to_what_came_after() {
    let desk = Desk::with(&FILES);
    let first = desk.export(&PHOTOS).id.unwrap();
    undo(&desk.places(), &first).unwrap();
    desk.export(&PHOTOS);
    let exported_again = desk.contents();
    assert_eq!(undo(&desk.places(), &first).unwrap().files, 0);
    assert_eq!(desk.contents(), exported_again);
}

#[test]
fn undo_refuses_what_was_changed_since_and_lists_it() {
    let desk = Desk::with(&FILES);
    let before = desk.contents();
    let id = desk.export(&PHOTOS).id.unwrap();
    fs::write(desk.file("b.jpg.xmp"), "somebody's work").unwrap();
    fs::remove_file(desk.file("c.xmp")).unwrap();
    let undone = undo(&desk.places(), &id).unwrap();
    let refused: Vec<_> = undone.refused.iter().map(|refusal| refusal.file.clone()).collect();
    assert_eq!((undone.files, refused), (2, vec![desk.file("b.jpg.xmp"), desk.file("c.xmp")]));
    assert!(undone.refused[0].reason.contains("was changed since the export"));
    assert_eq!(fs::read(desk.file("b.jpg.xmp")).unwrap(), b"somebody's work");
    assert_eq!(desk.contents().get(&PathBuf::from("below/d.jpg.xmp")), before.get(&PathBuf::from("below/d.jpg.xmp")));
    assert_eq!(jobs(&desk.places())[0].state, JobState::Done, "it can be tried again");
}

#[test]
fn a_journal_whose_last_line_is_cut_off_is_undone_up_to_there() {
    let desk = Desk::with(&FILES);
    let before = desk.contents();
    let id = desk.export(&PHOTOS).id.unwrap();
    let lines = desk.places().exports().join(&id).join("files.jsonl");
    let whole = fs::read(&lines).unwrap();
    fs::write(&lines, [&whole[..], b"{\"file\":\"/photos/half"].concat()).unwrap();
    assert_eq!(undo(&desk.places(), &id).unwrap().files, 4);
    assert_eq!(desk.contents(), before);
}

#[test]
fn jobs_are_listed_the_newest_first_with_their_state() {
    let desk = Desk::with(&FILES);
    let (first, second) = (desk.export(&["a.jpg"]).id.unwrap(), desk.export(&["b.jpg", "c.jpg"]).id.unwrap());
    undo(&desk.places(), &first).unwrap();
    let listed = jobs(&desk.places());
    let short: Vec<_> = listed.iter().map(|job| (job.id.as_str(), job.state, job.files, job.kind)).collect();
    let expected =
        [(&*second, JobState::Done, 2, JobKind::Sidecars), (&*first, JobState::Undone, 1, JobKind::Sidecars)];
    assert_eq!(short, expected);
}

#[test]
fn what_is_kept_cannot_be_undone_but_the_first_version_stays() {
    let desk = Desk::with(&FILES);
    let before = fs::read(desk.file("b.jpg.xmp")).unwrap();
    let first = desk.export(&["b.jpg"]).id.unwrap();
    let other: Arc<[Tagging]> = Arc::new([desk.tagging("b.jpg", "sea")]);
    let options = TaggingOptions::default();
    let second = desk.write(plan(&other, &options).rows, &other, &options).id.unwrap();
    let first_version = || first_version(&desk.places(), &desk.file("b.jpg.xmp"));
    assert_eq!(first_version(), Some(before.clone()));
    for id in [&second, &first, &first] {
        keep(&desk.places(), id).unwrap();
        assert_eq!(first_version(), Some(before.clone()));
        assert!(!desk.places().exports().join(id).join("backup.bin").exists());
        assert!(undo(&desk.places(), id).unwrap_err().to_string().contains("was kept"));
    }
    assert!(jobs(&desk.places()).iter().all(|job| job.state == JobState::Kept));
}

#[test]
fn both_names_are_written_and_undone_together() {
    let desk = Desk::with(&["a.jpg"]);
    let options = TaggingOptions { naming: Naming::Both, ..TaggingOptions::default() };
    let taggings = desk.taggings(&["a.jpg"]);
    let done = desk.write(plan(&taggings, &options).rows, &taggings, &options);
    assert!(desk.file("a.jpg.xmp").exists() && desk.file("a.xmp").exists());
    undo(&desk.places(), &done.id.unwrap()).unwrap();
    assert_eq!(desk.contents().len(), 1);
}

#[test]
fn sidecars_in_another_folder_leave_the_photos_folder_alone_and_no_folder_behind() {
    let desk = Desk::with(&FILES);
    let before = desk.contents();
    let elsewhere = desk.root().join("sidecars");
    let place = SidecarPlace::Folder { folder: elsewhere.clone(), roots: vec![desk.photos()] };
    let options = TaggingOptions { place, ..TaggingOptions::default() };
    let taggings = desk.taggings(&PHOTOS);
    let done = desk.write(plan(&taggings, &options).rows, &taggings, &options);
    assert_eq!((desk.contents(), contents(&elsewhere).len()), (before, 4));
    assert!(elsewhere.join("below/d.jpg.xmp").is_file());
    undo(&desk.places(), &done.id.unwrap()).unwrap();
    assert!(!elsewhere.exists());
}

#[test]
fn a_run_can_be_stopped_between_two_steps() {
    let desk = Desk::new();
    let names: Vec<String> = (0..600).map(|number| format!("{number}.jpg")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (taggings, options) = (desk.taggings(&names), TaggingOptions::default());
    let mut run = TaggingRun::new(&desk.places(), plan(&taggings, &options).rows, taggings, options);
    let mut progress = run.step();
    while progress.done == 0 {
        progress = run.step();
    }
    assert!(!progress.is_done());
    let done = run.finish();
    assert_eq!((done.files, desk.contents().len()), (progress.done, progress.done));
    undo(&desk.places(), &done.id.unwrap()).unwrap();
    assert_eq!(desk.contents().len(), 0);
}

#[test]
fn a_sidecar_of_fifty_megabytes_is_updated_and_put_back() {
    let desk = Desk::with(&["a.jpg"]);
    let large = packet(1).replace("holiday", &"strokes ".repeat(50 << 17));
    fs::write(desk.file("a.jpg.xmp"), &large).unwrap();
    let done = desk.export(&["a.jpg"]);
    assert_eq!((done.files, done.refused), (1, Vec::new()));
    assert_ne!(fs::read(desk.file("a.jpg.xmp")).unwrap(), large.as_bytes());
    undo(&desk.places(), &done.id.unwrap()).unwrap();
    assert_eq!(fs::read(desk.file("a.jpg.xmp")).unwrap(), large.as_bytes());
}

#[cfg(unix)]
mod on_unix {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    #[test]
    fn the_mode_stays_also_after_undo() {
        for mode in [0o600, 0o640, 0o664] {
            let desk = Desk::with(&["a.jpg", "a.jpg.xmp"]);
            let file = desk.file("a.jpg.xmp");
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            let mode_now = || fs::metadata(&file).unwrap().mode() & 0o7777;
            let done = desk.export(&["a.jpg"]);
            assert_eq!((done.files, mode_now()), (1, mode));
            undo(&desk.places(), &done.id.unwrap()).unwrap();
            assert_eq!(mode_now(), mode);
        }
    }

    #[test]
    fn a_new_sidecar_can_be_read_by_whoever_can_read_other_new_files() {
        let desk = Desk::with(&["a.jpg"]);
        desk.export(&["a.jpg"]);
        let mode = |name: &str| fs::metadata(desk.file(name)).unwrap().mode();
        assert_eq!(mode("a.jpg.xmp"), mode("a.jpg"));
    }

    #[test]
    fn the_owner_stays_where_the_account_may_give_files_away() {
        let desk = Desk::with(&["a.jpg", "a.jpg.xmp"]);
        let file = desk.file("a.jpg.xmp");
        let may_give = std::os::unix::fs::chown(&file, Some(1234), Some(1234)).is_ok();
        let owner = |()| (fs::metadata(&file).unwrap().uid(), fs::metadata(&file).unwrap().gid());
        let before = owner(());
        assert_eq!(desk.export(&["a.jpg"]).files, 1);
        assert_eq!(owner(()), before, "may give: {may_give}");
    }

    #[test]
    fn a_link_stays_and_the_file_it_points_to_is_replaced() {
        let desk = Desk::with(&["a.jpg", "shelf/real.xmp"]);
        symlink("shelf/real.xmp", desk.file("a.jpg.xmp")).unwrap();
        let before = desk.contents();
        let done = desk.export(&["a.jpg"]);
        assert!(fs::symlink_metadata(desk.file("a.jpg.xmp")).unwrap().is_symlink());
        assert_ne!(fs::read(desk.file("shelf/real.xmp")).unwrap(), packet(2).as_bytes());
        undo(&desk.places(), &done.id.unwrap()).unwrap();
        assert_eq!(desk.contents(), before);
    }

    #[test]
    fn a_photo_whose_name_is_no_text_is_exported_and_undone() {
        let desk = Desk::new();
        let photo = desk.photos().join(OsStr::from_bytes(b"caf\xe9.jpg"));
        if fs::write(&photo, "a photo").is_err() {
            return eprintln!("This file system takes only UTF-8 names: nothing was checked.");
        }
        let taggings: Arc<[Tagging]> = Arc::new([support::tagging(&photo, "sea")]);
        let options = TaggingOptions::default();
        let done = desk.write(plan(&taggings, &options).rows, &taggings, &options);
        assert_eq!((done.files, desk.contents().len()), (1, 2));
        undo(&desk.places(), &done.id.unwrap()).unwrap();
        assert_eq!(desk.contents().len(), 1);
    }
}
