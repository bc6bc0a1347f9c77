//! Keywords, ratings and labels from real files: out of photos and their sidecars, through the store, into the session.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "support/keywords.rs"]
mod keywords;
mod support;

use std::fs;
use std::path::Path;

use keywords::{embed, packet, sidecar_of, write_sidecar};
use support::{copy_samples, wait_until};
use tagroll::catalog::{Filter, Metadata, PhotoId, RatingFilter};
use tagroll::engine::{Command, Engine, Options, Session};

fn reader(data: &Path) -> Engine {
    let options = Options { data_dir: Some(data.to_path_buf()), uses_metadata: true, ..Options::default() };
    Engine::start(&options, || {}).unwrap()
}

fn read(engine: &mut Engine, photos: &Path) {
    engine.apply(Command::Open(vec![photos.to_path_buf()]));
    wait_until(engine, Session::is_fulfilled);
}

fn photo(session: &Session, name: &str) -> PhotoId {
    let is_it = |id: &&PhotoId| session.library().photo(**id).file.path.ends_with(name);
    *session.library().folder_order().iter().find(is_it).unwrap()
}

fn known(session: &Session, name: &str) -> Metadata {
    session.metadata(photo(session, name)).unwrap().clone()
}

fn words(metadata: &Metadata) -> Vec<String> {
    metadata.keywords.iter().map(ToString::to_string).collect()
}

#[test]
fn keywords_come_from_the_photo_and_from_its_sidecar_which_decides() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 6);
    let cat = photos.path().join("cat.jpg");
    embed(&cat, &packet(&["sea", "animal/cat"], 2, "Red"));
    write_sidecar(&cat, &packet(&["animal/cat", "holiday"], 5, "Blau"));
    let mut engine = reader(data.path());
    read(&mut engine, photos.path());
    let session = engine.session();
    let of_cat = known(session, "cat.jpg");
    let mut found = words(&of_cat);
    found.sort();
    assert_eq!(found, ["animal/cat", "holiday", "sea"]);
    assert_eq!((of_cat.rating, of_cat.label.as_deref()), (Some(5), Some("Blau")));
    assert_eq!(known(session, "coffee.jpg"), Metadata::default());
    engine.apply(Command::SetFilter(Filter { rating: Some(RatingFilter::AtLeast(4)), ..Filter::default() }));
    let shown: Vec<PhotoId> = engine.session().ranking().photos().collect();
    assert_eq!(shown, [photo(engine.session(), "cat.jpg")]);
}

#[test]
fn a_photo_is_opened_once_and_its_sidecar_on_every_visit() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 6);
    let cat = photos.path().join("cat.jpg");
    embed(&cat, &packet(&["sea"], 2, "Red"));
    write_sidecar(&cat, &packet(&["holiday"], 3, "Red"));
    read(&mut reader(data.path()), photos.path());
    // What the store says of the photo is believed, so the photo itself was not asked.
    let store = rusqlite::Connection::open(data.path().join("tagroll.db")).unwrap();
    let changed = store.execute("UPDATE metadata SET json = replace(json, 'sea', 'lake')", []).unwrap();
    assert_eq!(changed, 6, "one row a photo, also of those without keywords");
    let mut engine = reader(data.path());
    read(&mut engine, photos.path());
    assert_eq!(words(&known(engine.session(), "cat.jpg")), ["holiday", "lake"]);
    write_sidecar(&cat, &packet(&["work"], 1, "Red"));
    engine.apply(Command::Refresh);
    wait_until(&mut engine, Session::is_fulfilled);
    let of_cat = known(engine.session(), "cat.jpg");
    assert_eq!((words(&of_cat), of_cat.rating), (vec!["work".to_owned(), "lake".to_owned()], Some(1)));
}

#[test]
fn a_sidecar_that_cannot_be_read_is_said_and_stops_nothing() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 6);
    let cat = photos.path().join("cat.jpg");
    embed(&cat, &packet(&["sea"], 2, "Red"));
    write_sidecar(&cat, "<x:xmpmeta");
    let mut engine = reader(data.path());
    read(&mut engine, photos.path());
    let session = engine.session();
    assert_eq!(words(&known(session, "cat.jpg")), ["sea"]);
    let trouble = session.metadata_trouble(photo(session, "cat.jpg")).unwrap();
    assert!(trouble.contains("cat.jpg.xmp"), "{trouble}");
    fs::remove_file(sidecar_of(&cat)).unwrap();
    engine.apply(Command::RetryUnreadable);
    wait_until(&mut engine, Session::is_fulfilled);
    assert_eq!(engine.session().metadata_trouble(photo(engine.session(), "cat.jpg")), None);
}

#[test]
fn who_does_not_ask_for_keywords_does_not_wait_for_them() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 2);
    let mut engine = support::engine(data.path());
    read(&mut engine, photos.path());
    assert_eq!(engine.session().undescribed(), 2);
}
