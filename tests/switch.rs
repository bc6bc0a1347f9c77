//! The change from one model to another: the old one sorts until the new one has seen everything.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "parity/checkpoint.rs"]
#[allow(dead_code, reason = "the parity tests need more of it")]
mod checkpoint;
#[path = "support/gallery.rs"]
mod gallery;
mod support;

use std::path::Path;
use std::sync::Arc;

use candle_core::DType;
use gallery::{NAMES, name, turns, vector};
use tagroll::catalog::{CategoryId, Cutoff, Embedding, Heading, Order};
use tagroll::clip::ModelId;
use tagroll::engine::{Command, Event, Model, ModelChoice, ModelRequest, Session};

const PHOTOS: u32 = 60;

/// A model folder, as a person would choose it.
fn other() -> ModelChoice {
    ModelChoice::Folder("/models/other".into())
}

fn ready(session: &mut Session, id: &str) {
    let request = session.wanted_request().clone();
    session.absorb(Event::ModelReady { request, card: Arc::new(gallery::card(id)) });
}

/// The other model sees every photo turned by an eighth, and every category too.
fn seen_by_other(photo: u32) -> Embedding {
    vector(turns(photo) + 0.125)
}

fn texts(session: &mut Session, model: &str) {
    let texts = NAMES.iter().enumerate().map(|(i, name)| ((*name).to_owned(), Ok(vector(i as f32 / 3.0 + 0.125))));
    session.absorb(Event::Texts { model: ModelId(model.to_owned()), texts: texts.collect() });
}

fn photos(session: &mut Session, model: &str, photos: impl Iterator<Item = u32>) {
    let embeddings = photos.map(|photo| (name(photo), seen_by_other(photo))).collect();
    session.absorb(Event::Encoded { model: ModelId(model.to_owned()), embeddings });
}

/// Under way, with the new model open.
fn switching() -> Session {
    let mut session = gallery::session(PHOTOS);
    session.apply(Command::UseModel(other()));
    ready(&mut session, "other");
    session
}

fn model(session: &Session) -> &str {
    session.model().card().map_or("none", |card| card.id.0.as_str())
}

fn order(session: &Session) -> Vec<u32> {
    session.ranking().photos().map(|id| id.0).collect()
}

#[test]
fn the_old_order_stays_until_the_new_model_has_seen_every_photo_and_prompt() {
    let mut session = switching();
    let before = order(&session);
    assert_eq!(session.wish().embeddings.len(), PHOTOS as usize);
    assert_eq!((session.wish().texts.len(), session.wish().next_texts.len()), (0, 3));
    photos(&mut session, "other", 0..PHOTOS - 1);
    texts(&mut session, "other");
    assert_eq!((model(&session), order(&session) == before), ("made up", true));
    let switch = session.switch().unwrap();
    assert_eq!((switch.done, switch.of), (PHOTOS as usize - 1, PHOTOS as usize));
    assert_eq!(session.wish().embeddings.len(), 1, "nothing is encoded twice");
    photos(&mut session, "other", PHOTOS - 1..PHOTOS);
    assert_eq!((model(&session), session.switch().is_none()), ("other", true));
    assert!(session.is_fulfilled());
    assert_eq!(order(&session), before, "the other model turned everything alike");
}

#[test]
fn a_prompt_typed_meanwhile_is_asked_of_both_and_answered_by_the_old_one() {
    let mut session = switching();
    session.apply(Command::Find("a boat".to_owned()));
    let wish = session.wish();
    assert!(wish.texts.contains(&"a boat".to_owned()) && wish.next_texts.contains(&"a boat".to_owned()));
    let answer = vec![("a boat".to_owned(), Ok(vector(0.0)))];
    session.absorb(Event::Texts { model: gallery::model(), texts: answer });
    assert_eq!(session.ranking().groups[0].heading, Heading::Find);
    assert!(session.wish().texts.is_empty());
}

#[test]
fn a_cutoff_lets_as_many_photos_in_and_returns_with_its_model() {
    let mut session = gallery::session(PHOTOS);
    session.apply(Command::SetOrder(Order::Ranked));
    session.apply(Command::SetCutoff(CategoryId(0), Cutoff::At(0.75)));
    let before = session.category(CategoryId(0)).unwrap().cutoff;
    session.apply(Command::SelectCategory(Some(CategoryId(0))));
    let above = session.ranking().groups[0].above_cutoff;
    session.apply(Command::UseModel(other()));
    ready(&mut session, "other");
    let half = |photo: u32| vector((turns(photo) - 0.5) / 2.0);
    let embeddings = (0..PHOTOS).map(|photo| (name(photo), half(photo))).collect();
    session.absorb(Event::Stored { model: ModelId("other".to_owned()), embeddings });
    texts(&mut session, "other");
    assert_eq!(model(&session), "other");
    assert_ne!(session.category(CategoryId(0)).unwrap().cutoff, before, "another model has other cosines");
    assert_eq!(session.ranking().groups[0].above_cutoff, above);

    session.apply(Command::UseModel(ModelChoice::Starter));
    ready(&mut session, "made up");
    photos(&mut session, "made up", 0..PHOTOS);
    texts(&mut session, "made up");
    assert_eq!((model(&session), session.category(CategoryId(0)).unwrap().cutoff), ("made up", before));
    session.apply(Command::Undo);
    assert_eq!(
        session.category(CategoryId(0)).unwrap().cutoff,
        Cutoff::Everything,
        "a change of models is no step of undo"
    );
}

#[test]
fn results_of_a_model_that_was_given_up_change_nothing() {
    let mut session = switching();
    session.apply(Command::KeepModel);
    photos(&mut session, "other", 0..PHOTOS);
    assert_eq!((model(&session), session.switch().is_none()), ("made up", true));
    assert!(session.wish().next.is_none() && session.is_fulfilled());
}

#[test]
fn a_photo_that_the_new_model_cannot_take_does_not_hold_it_up() {
    let mut session = switching();
    texts(&mut session, "other");
    photos(&mut session, "other", 1..PHOTOS);
    let reasons = vec![(name(0), "too strange".to_owned())];
    session.absorb(Event::NotEncoded { model: ModelId("other".to_owned()), reasons });
    assert_eq!(model(&session), "other");
    assert_eq!((session.counts().unreadable, session.problems()[0].reason.as_str()), (1, "too strange"));
}

#[test]
fn a_new_model_that_cannot_be_opened_leaves_everything_as_it_was() {
    let mut session = gallery::session(PHOTOS);
    session.apply(Command::UseModel(other()));
    let request = session.wanted_request().clone();
    session.absorb(Event::ModelFailed { request, reason: "/models/other has no config.json".to_owned() });
    assert!(session.switch().is_none() && session.notices()[0].contains("no config.json"));
    assert_eq!(session.wanted_request(), &ModelRequest::default());
}

#[test]
fn the_same_weights_on_another_device_keep_what_is_there() {
    let mut session = gallery::session(PHOTOS);
    session.apply(Command::UseDevice(tagroll::engine::DeviceChoice::Cpu));
    ready(&mut session, "made up");
    assert!(session.switch().is_none() && session.is_fulfilled());
    assert_eq!(session.request().device, tagroll::engine::DeviceChoice::Cpu);
}

#[test]
fn what_is_on_screen_is_wanted_first() {
    let mut session = switching();
    let shown = session.library().folder_order()[40..44].to_vec();
    session.apply(Command::ShowThumbnails(shown.clone()));
    let first: Vec<_> = session.wish().first.iter().map(|wanted| wanted.fingerprint).collect();
    assert_eq!(first, shown.iter().map(|id| session.library().fingerprint(*id)).collect::<Vec<_>>());
    photos(&mut session, "other", 40..44);
    assert!(session.wish().first.is_empty());
}

#[test]
fn without_a_model_in_use_the_new_one_is_used_at_once() {
    let mut session = Session::new(gallery::saved(), false);
    session.absorb(Event::ModelFailed { request: ModelRequest::default(), reason: "It is damaged.".to_owned() });
    session.apply(Command::UseModel(other()));
    assert!(matches!(session.model(), Model::Loading) && session.switch().is_none());
    assert_eq!(session.wish().in_use.unwrap().choice, other());
}

#[test]
fn a_remembered_model_that_is_gone_is_replaced_and_kept_in_mind() {
    let chosen = ModelRequest { choice: other(), ..ModelRequest::default() };
    let saved = tagroll::engine::Saved { request: Some(chosen.clone()), ..gallery::saved() };
    let mut session = Session::new(saved, true);
    session.absorb(Event::ModelFailed { request: chosen.clone(), reason: "There is no such folder".to_owned() });
    assert_eq!(session.wish().in_use.unwrap().choice, ModelChoice::Starter);
    assert_eq!(session.saved().request, Some(chosen), "the drive may be back at the next start");
    assert!(session.notices()[0].contains("The model that came with Tagroll sorts instead"));
}

#[test]
fn a_model_is_used_as_soon_as_it_was_fetched() {
    let mut session = gallery::session(PHOTOS);
    assert!(session.recommendation().is_some());
    let id = session.recommendation().unwrap().id.clone();
    session.apply(Command::Download(id.clone()));
    assert_eq!(session.wish().models.downloads, std::slice::from_ref(&id));
    assert!(session.recommendation().is_none());
    session.apply(Command::PauseDownload(id.clone()));
    assert!(session.wish().models.downloads.is_empty());
    session.apply(Command::Download(id.clone()));
    let folder = Path::new("/data/models");
    let installed = tagroll::engine::Installed {
        id: id.clone(),
        name: "Better".to_owned(),
        folder: folder.join(&id),
        size_bytes: 1,
    };
    session.absorb(Event::Installed { folder: folder.to_owned(), models: vec![installed] });
    assert!(session.wish().models.downloads.is_empty());
    assert_eq!(session.wish().next.unwrap().choice, ModelChoice::Installed(id.clone()));

    session.apply(Command::RemoveModel(id.clone()));
    assert!(session.switch().is_none());
    assert_eq!(session.wish().models.removals, [id]);
}

/// A folder with a small CLIP of pseudo-random weights.
fn small_model() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (config, processor) = checkpoint::smallest();
    checkpoint::write(folder.path(), &config, &processor, &checkpoint::tensors(&config, DType::F32));
    folder
}

#[test]
fn every_photo_is_encoded_once_by_each_model_and_never_again() {
    let (data, photos, model) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), small_model());
    support::copy_samples(photos.path(), 6);
    let choice = ModelChoice::Folder(model.path().to_owned());
    let mut engine = support::engine(data.path());
    engine.apply(Command::Open(vec![photos.path().to_owned()]));
    engine.apply(Command::AddCategory("cat".to_owned()));
    support::wait_until(&mut engine, Session::is_fulfilled);
    let best = |session: &Session| session.library().photo(session.ranking().photos().next().unwrap()).clone();
    let before = best(engine.session());
    for (choice, encoded) in [(choice.clone(), 12), (ModelChoice::Starter, 12), (choice, 12)] {
        engine.apply(Command::UseModel(choice.clone()));
        support::wait_until(&mut engine, Session::is_fulfilled);
        let session = engine.session();
        assert_eq!((&session.request().choice, session.encoded(), session.counts().embedded), (&choice, encoded, 6));
        assert_eq!(session.scores(session.library().folder_order()[0]).len(), 1, "the category is scored anew");
    }
    engine.apply(Command::UseModel(ModelChoice::Starter));
    support::wait_until(&mut engine, Session::is_fulfilled);
    assert_eq!(best(engine.session()), before);
}

#[test]
fn a_folder_opened_during_the_change_is_read_by_the_new_model() {
    let (data, photos, model) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), small_model());
    let (first, second) = (photos.path().join("first"), photos.path().join("second"));
    support::copy_samples(&first, 6);
    support::copy_samples(&second, 3);
    let mut engine = support::engine(data.path());
    engine.apply(Command::Open(vec![first]));
    support::wait_until(&mut engine, |session| session.counts().embedded > 0);
    engine.apply(Command::UseModel(ModelChoice::Folder(model.path().to_owned())));
    engine.apply(Command::Open(vec![second]));
    support::wait_until(&mut engine, Session::is_fulfilled);
    let session = engine.session();
    assert_eq!((session.counts().found, session.counts().embedded), (3, 3));
    assert_eq!(session.model().card().unwrap().embed_dim, 4);
}

#[test]
fn a_model_that_is_no_model_is_said_and_the_old_one_stays() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    support::copy_samples(photos.path(), 2);
    let mut engine = support::engine(data.path());
    engine.apply(Command::Open(vec![photos.path().to_owned()]));
    support::wait_until(&mut engine, Session::is_fulfilled);
    engine.apply(Command::UseModel(ModelChoice::Folder(photos.path().to_owned())));
    support::wait_until(&mut engine, |session| session.switch().is_none());
    assert!(engine.session().notices()[0].contains("config.json"), "{:?}", engine.session().notices());
    assert!(engine.session().is_fulfilled());
}
