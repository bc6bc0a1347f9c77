//! Forgetting everything, with a real engine on a real folder.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

mod support;

use std::fs;
use std::path::Path;

use support::{copy_samples, wait_until};
use tagroll::disk::{Places, Store};
use tagroll::engine::{Command, Engine, KeptWhat, Model, Options, Session};

fn start(data_dir: &Path) -> Engine {
    let options = Options { data_dir: Some(data_dir.to_path_buf()), remembers: true, ..Options::default() };
    Engine::start(&options, || {}).unwrap()
}

/// Photos that were read, a category, a verdict's worth of work, and a set; beside them a file of somebody else.
fn used(data_dir: &Path, photos: &Path) -> Engine {
    copy_samples(photos, 3);
    fs::write(photos.join("cat.jpg.xmp"), "a sidecar").unwrap();
    fs::create_dir_all(data_dir).unwrap();
    fs::write(data_dir.join("thesis.odt"), "not Tagroll's").unwrap();
    let mut engine = start(data_dir);
    engine.apply(Command::Open(vec![photos.to_path_buf()]));
    engine.apply(Command::AddCategory("dog".to_owned()));
    engine.apply(Command::SaveSet("animals".to_owned()));
    wait_until(&mut engine, |session| session.is_fulfilled() && !session.sets().kept.is_empty());
    engine
}

fn is_ready(session: &Session) -> bool {
    matches!(session.model(), Model::Ready(_))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

#[test]
fn everything_goes_but_photos_sidecars_and_what_others_put_there() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut engine = used(data.path(), photos.path());
    let before = names(photos.path());
    engine.apply(Command::ForgetEverything);
    assert_eq!((engine.session().roots().count(), engine.session().categories().len()), (0, 0));
    wait_until(&mut engine, is_ready);
    assert_eq!(engine.session().notices(), Vec::<String>::new());
    assert!(!engine.is_broken());
    let counts = Store::open(&Places::at(data.path().to_path_buf()).store()).unwrap().counts().unwrap();
    assert_eq!((counts.files, counts.thumbnails, counts.embeddings.len()), (0, 0, 0));
    assert!(data.path().join("thesis.odt").is_file() && !data.path().join("sets").exists());
    assert_eq!(names(photos.path()), before);
}

#[test]
fn it_works_on_afterwards_and_the_next_start_remembers_only_that() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut engine = used(data.path(), photos.path());
    engine.apply(Command::ForgetEverything);
    engine.apply(Command::Open(vec![photos.path().to_path_buf()]));
    wait_until(&mut engine, |session| is_ready(session) && session.counts().embedded == 3);
    assert_eq!(engine.session().encoded(), 3, "what was known is known no more");
    drop(engine);
    let engine = start(data.path());
    assert_eq!((engine.session().roots().count(), engine.session().categories().len()), (1, 0));
}

#[test]
fn a_window_that_is_closed_meanwhile_has_forgotten_too() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut engine = used(data.path(), photos.path());
    engine.apply(Command::ForgetEverything);
    drop(engine);
    assert_eq!(names(data.path()), ["thesis.odt"]);
}

#[test]
fn what_is_kept_is_told_kind_by_kind() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut engine = used(data.path(), photos.path());
    engine.apply(Command::MeasureKept);
    wait_until(&mut engine, |session| session.kept().is_some());
    let kept = engine.session().kept().unwrap();
    let count = |what: KeptWhat| kept.parts.iter().find(|part| part.what == what).map(|part| part.count);
    assert_eq!([KeptWhat::Thumbnails, KeptWhat::Vectors, KeptWhat::Sets].map(count), [Some(3), Some(3), Some(1)]);
    assert_eq!(count(KeptWhat::Exports), None);
    assert_eq!(kept.folder, data.path());
}
