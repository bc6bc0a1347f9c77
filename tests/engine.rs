//! The engine with its real parts: files, store, threads and the starter model.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

mod support;

use std::fs;
use std::path::Path;

use support::{copy_samples, engine, wait_until};
use tagroll::catalog::Order;
use tagroll::engine::{Activity, Command, Engine, Options, Session};

fn open(engine: &mut Engine, folder: &Path) {
    engine.apply(Command::Open(vec![folder.to_path_buf()]));
}

/// The file names in the order in which they are shown.
fn order(session: &Session) -> Vec<String> {
    let name = |id| session.library().photo(id).file.path.file_name().unwrap().to_string_lossy().into_owned();
    session.ranking().photos().map(name).collect()
}

#[test]
fn a_folder_is_read_once_and_known_the_next_time() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 6);
    fs::copy(photos.path().join("cat.jpg"), photos.path().join("copy of cat.jpg")).unwrap();
    {
        let mut engine = engine(data.path());
        open(&mut engine, photos.path());
        wait_until(&mut engine, Session::is_fulfilled);
        let session = engine.session();
        assert_eq!((session.counts().found, session.counts().embedded), (7, 7));
        assert_eq!((session.decoded(), session.encoded()), (6, 6), "two copies are one content");
    }
    fs::create_dir(photos.path().join("moved")).unwrap();
    fs::rename(photos.path().join("cat.jpg"), photos.path().join("moved/renamed.jpg")).unwrap();
    let mut engine = engine(data.path());
    open(&mut engine, photos.path());
    wait_until(&mut engine, Session::is_fulfilled);
    let session = engine.session();
    assert_eq!((session.counts().embedded, session.decoded(), session.encoded()), (7, 0, 0));
}

#[test]
fn a_typed_prompt_sorts_the_photos_and_undo_brings_the_order_back() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 8);
    let mut engine = engine(data.path());
    open(&mut engine, photos.path());
    engine.apply(Command::AddCategory("cat".to_owned()));
    engine.apply(Command::SetOrder(Order::Ranked));
    wait_until(&mut engine, Session::is_fulfilled);
    assert_eq!(order(engine.session())[0], "cat.jpg");

    let category = engine.session().categories()[0].id;
    engine.apply(Command::SetPrompts(category, vec!["a cup of coffee on a table".into()]));
    assert_eq!(order(engine.session())[0], "cat.jpg", "the old order stays until the new one is whole");
    wait_until(&mut engine, Session::is_fulfilled);
    assert_eq!(order(engine.session())[0], "coffee.jpg");

    engine.apply(Command::Undo);
    assert_eq!(order(engine.session())[0], "cat.jpg", "a known text is not encoded again");
    engine.apply(Command::Redo);
    assert_eq!(order(engine.session())[0], "coffee.jpg");
}

#[test]
fn find_ranks_by_what_is_typed_and_is_kept_as_a_category() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 8);
    let mut engine = engine(data.path());
    open(&mut engine, photos.path());
    engine.apply(Command::Find("a cat".to_owned()));
    wait_until(&mut engine, Session::is_fulfilled);
    assert_eq!(order(engine.session())[0], "cat.jpg");
    engine.apply(Command::KeepFind);
    assert_eq!((engine.session().find(), engine.session().categories()[0].name.as_str()), ("", "a cat"));
    engine.apply(Command::Undo);
    assert!(engine.session().categories().is_empty());
}

#[test]
fn an_unreadable_photo_is_shown_with_its_reason_and_stops_nothing() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 2);
    fs::write(photos.path().join("empty.jpg"), b"").unwrap();
    fs::write(photos.path().join("noise.png"), b"\x89PNG\r\n\x1a\nnot really").unwrap();
    for run in ["first", "second"] {
        let mut engine = engine(data.path());
        open(&mut engine, photos.path());
        wait_until(&mut engine, Session::is_fulfilled);
        let counts = engine.session().counts();
        assert_eq!((counts.embedded, counts.unreadable), (2, 2), "{run} run");
        let problems = engine.session().problems();
        assert!(problems.iter().all(|problem| problem.reason.len() > 10), "{problems:?}");
    }
}

#[test]
fn a_pause_keeps_photos_waiting_and_resume_finishes_them() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 6);
    for halt in [Command::Pause, Command::Stop] {
        let mut engine = engine(&data.path().join(format!("{halt:?}")));
        engine.apply(Command::Pause);
        open(&mut engine, photos.path());
        engine.apply(halt);
        engine.apply(Command::Find("a cat".to_owned()));
        wait_until(&mut engine, |session| session.embedding_of_text("a cat").is_some());
        assert_eq!(engine.session().encoded(), 0, "texts are served, photos wait");
        assert_ne!(engine.session().activity(), Activity::Running);
        engine.apply(Command::Resume);
        wait_until(&mut engine, Session::is_fulfilled);
        assert_eq!((engine.session().counts().embedded, engine.session().encoded()), (6, 6));
    }
}

#[test]
fn another_folder_takes_the_place_of_the_first_at_any_moment() {
    let data = tempfile::tempdir().unwrap();
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(first.path(), 12);
    copy_samples(second.path(), 3);
    let mut engine = engine(data.path());
    for _ in 0..3 {
        open(&mut engine, first.path());
        wait_until(&mut engine, |session| session.counts().found > 0);
        open(&mut engine, second.path());
    }
    wait_until(&mut engine, Session::is_fulfilled);
    assert_eq!((engine.session().counts().found, engine.session().counts().embedded), (3, 3));
    open(&mut engine, first.path());
    wait_until(&mut engine, Session::is_fulfilled);
    assert_eq!(engine.session().counts().embedded, 12);
}

#[test]
fn thumbnails_come_for_what_is_on_screen_and_leave_with_it() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 4);
    let mut engine = engine(data.path());
    open(&mut engine, photos.path());
    wait_until(&mut engine, |session| session.counts().found == 4);
    let shown = engine.session().library().folder_order()[..2].to_vec();
    engine.apply(Command::ShowThumbnails(shown.clone()));
    wait_until(&mut engine, |session| shown.iter().all(|id| session.thumbnail(*id).is_some()));
    engine.apply(Command::ShowLarge(vec![shown[0]]));
    wait_until(&mut engine, |session| session.large(shown[0]).is_some());
    let session = engine.session();
    assert!(session.large(shown[0]).unwrap().width_px > session.thumbnail(shown[0]).unwrap().width_px);
    engine.apply(Command::ShowFull(Some(shown[0])));
    wait_until(&mut engine, |session| session.full(shown[0]).is_some());
    let session = engine.session();
    assert_eq!(session.full(shown[0]).unwrap().width_px, session.library().look(shown[0]).unwrap().width_px);
    engine.apply(Command::ShowFull(None));
    assert!(engine.session().full(shown[0]).is_none());
    engine.apply(Command::ShowThumbnails(Vec::new()));
    assert!(engine.session().thumbnail(shown[0]).is_none());
}

#[test]
fn a_relative_path_is_remembered_in_full() {
    let data = tempfile::tempdir().unwrap();
    let mut engine = engine(data.path());
    open(&mut engine, Path::new("some/folder"));
    let expected = std::env::current_dir().unwrap().join("some/folder");
    assert_eq!(engine.session().roots().collect::<Vec<_>>(), [expected]);
}

#[test]
fn originals_stay_as_they_were() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 4);
    let listing = || {
        let mut files: Vec<_> = fs::read_dir(photos.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let facts =
            |path: &std::path::PathBuf| (fs::read(path).unwrap(), fs::metadata(path).unwrap().modified().unwrap());
        files.iter().map(facts).collect::<Vec<_>>()
    };
    let before = listing();
    let mut engine = engine(data.path());
    open(&mut engine, photos.path());
    engine.apply(Command::AddCategory("cat".to_owned()));
    wait_until(&mut engine, Session::is_fulfilled);
    drop(engine);
    assert!(listing() == before, "a file beside the photos was added or changed");
}

#[test]
fn a_session_is_remembered() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 2);
    let options = Options { data_dir: Some(data.path().to_path_buf()), remembers: true, ..Options::default() };
    let mut engine = Engine::start(&options, || {}).unwrap();
    open(&mut engine, photos.path());
    engine.apply(Command::AddCategory("fox".to_owned()));
    engine.apply(Command::SetOrder(Order::Ranked));
    wait_until(&mut engine, Session::is_fulfilled);
    drop(engine);
    let mut engine = Engine::start(&options, || {}).unwrap();
    assert_eq!(engine.session().categories()[0].name, "fox");
    assert_eq!(engine.session().order(), Order::Ranked);
    wait_until(&mut engine, Session::is_fulfilled);
    assert_eq!((engine.session().counts().embedded, engine.session().encoded()), (2, 0));
}

#[test]
fn a_damaged_session_file_is_set_aside_and_said() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("session.json"), "{ \"categories\": [ {\"name\"").unwrap();
    let options = Options { data_dir: Some(data.path().to_path_buf()), remembers: true, ..Options::default() };
    let engine = Engine::start(&options, || {}).unwrap();
    assert!(engine.session().notices()[0].contains("session.json"), "{:?}", engine.session().notices());
    assert!(fs::read_to_string(data.path().join("session.damaged.json")).unwrap().contains("\"name\""));
}

#[cfg(unix)]
#[test]
fn a_photo_that_could_not_be_opened_is_read_when_it_can_be() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 2);
    let (here, away) = (photos.path().join("blue-flowers.jpg"), photos.path().join("away"));
    fs::rename(&here, &away).unwrap();
    // A link to nothing is a photo that cannot be opened.
    std::os::unix::fs::symlink("nowhere.jpg", &here).unwrap();
    let mut engine = engine(data.path());
    open(&mut engine, photos.path());
    wait_until(&mut engine, Session::is_fulfilled);
    assert_eq!(engine.session().problems().len(), 1, "{:?}", engine.session().problems());
    fs::remove_file(&here).unwrap();
    fs::rename(&away, &here).unwrap();
    engine.apply(Command::Refresh);
    wait_until(&mut engine, Session::is_fulfilled);
    assert_eq!(engine.session().counts().embedded, 2);
    assert!(engine.session().problems().is_empty());
}
