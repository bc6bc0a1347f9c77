//! A folder that is opened again: it is there at once as it was, and whatever its time of change does not tell is found
//! afterwards.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use support::{copy_samples, wait_until};
use tagroll::engine::{Command, Engine, Model, Options, Session};

/// A folder of photos that the window opened before, and that has not changed for long.
struct Scene {
    data: tempfile::TempDir,
    photos: tempfile::TempDir,
}

impl Scene {
    fn new() -> Scene {
        let scene = Scene { data: tempfile::tempdir().unwrap(), photos: tempfile::tempdir().unwrap() };
        copy_samples(scene.photos.path(), 3);
        scene.settle();
        let mut engine = scene.start();
        engine.apply(Command::Open(vec![scene.photos.path().to_path_buf()]));
        wait_until(&mut engine, Session::is_fulfilled);
        assert_eq!(engine.session().counts().embedded, 3);
        scene
    }

    /// As the window starts it, but for its wait.
    fn start(&self) -> Engine {
        Engine::start(&self.options(), || {}).unwrap()
    }

    fn options(&self) -> Options {
        let data_dir = Some(self.data.path().to_path_buf());
        Options { data_dir, remembers: true, ..Options::default() }
    }

    /// Puts the folder's time back to where it always was, as a file system does that keeps none.
    fn settle(&self) {
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        File::open(self.photos.path()).unwrap().set_modified(long_ago).unwrap();
    }

    fn file(&self, name: &str) -> PathBuf {
        self.photos.path().join(name)
    }
}

fn names(session: &Session) -> Vec<String> {
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let library = session.library();
    library.folder_order().iter().map(|id| name(&library.photo(*id).file.path)).collect()
}

#[test]
fn a_first_screen_of_thumbnails_comes_before_the_window_asks_and_models_wait_until_it_is_drawn() {
    let scene = Scene::new();
    let mut engine = Engine::start(&Options { awaits_window: true, ..scene.options() }, || {}).unwrap();
    wait_until(&mut engine, |session| {
        let photos = session.library().folder_order();
        photos.len() == 3 && photos.iter().all(|photo| session.thumbnail(*photo).is_some())
    });
    // The starter model is open long before that.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(1) {
        engine.wait(Duration::from_millis(50));
    }
    assert!(matches!(engine.session().model(), Model::Loading));
    engine.window_is_drawn();
    wait_until(&mut engine, Session::is_fulfilled);
    assert_eq!((engine.session().counts().embedded, engine.session().encoded()), (3, 0));
}

#[test]
fn a_photo_that_is_gone_although_its_folder_does_not_tell_is_shown_until_that_is_found_out() {
    let scene = Scene::new();
    fs::remove_file(scene.file("cat.jpg")).unwrap();
    scene.settle();
    let mut engine = scene.start();
    wait_until(&mut engine, |session| session.is_checked() && session.is_fulfilled());
    let session = engine.session();
    assert_eq!(session.library().contents(), 3, "nobody who had read the folder would have heard of the third");
    assert!(!names(session).contains(&"cat.jpg".to_owned()));
    drop(engine);
    let mut engine = scene.start();
    wait_until(&mut engine, |session| session.is_checked() && session.is_fulfilled());
    assert_eq!(engine.session().library().contents(), 2, "the next start knows it");
}

#[test]
fn a_photo_that_came_although_its_folder_does_not_tell_is_found() {
    let scene = Scene::new();
    fs::copy(scene.file("cat.jpg"), scene.file("another cat.jpg")).unwrap();
    scene.settle();
    let mut engine = scene.start();
    wait_until(&mut engine, |session| session.is_checked() && session.is_fulfilled());
    assert_eq!(engine.session().counts().embedded, 4);
}

#[test]
fn a_photo_that_was_replaced_in_place_is_read_anew() {
    let scene = Scene::new();
    let other = fs::read(support::sample_photos().join("coffee.jpg")).unwrap();
    fs::write(scene.file("cat.jpg"), other).unwrap();
    let mut engine = scene.start();
    wait_until(&mut engine, |session| session.is_checked() && session.is_fulfilled());
    assert_eq!((engine.session().counts().embedded, engine.session().encoded()), (3, 1));
}

#[test]
fn a_folder_that_cannot_be_reached_takes_nothing_from_what_is_known_of_it() {
    let scene = Scene::new();
    let away = scene.data.path().join("away");
    fs::rename(scene.photos.path(), &away).unwrap();
    let mut engine = scene.start();
    wait_until(&mut engine, tagroll::engine::Session::is_checked);
    assert_eq!((engine.session().counts().found, engine.session().problems().len()), (0, 1));
    drop(engine);
    fs::rename(&away, scene.photos.path()).unwrap();
    let mut engine = scene.start();
    wait_until(&mut engine, Session::is_fulfilled);
    assert_eq!((engine.session().counts().embedded, engine.session().encoded()), (3, 0));
}
