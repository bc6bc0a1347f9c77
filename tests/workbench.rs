//! The workbench with its real parts: store, threads and the starter model.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

mod support;

use std::path::Path;

use support::{copy_samples, engine, sample_photos, wait_until};
use tagroll::catalog::{CategoryId, Cutoff, Labels, Order, PhotoId, Tier, Verdict};
use tagroll::engine::{Command, Engine, ExampleState, HeatState, Options, Session, Truth};

/// An engine that remembers, with so many sample photos and a category, ready.
fn workbench(data: &Path, photos: &Path, count: usize, name: &str) -> (Engine, CategoryId) {
    copy_samples(photos, count);
    let mut engine = remembering(data);
    engine.apply(Command::Open(vec![photos.to_path_buf()]));
    engine.apply(Command::AddCategory(name.to_owned()));
    wait_until(&mut engine, Session::is_fulfilled);
    let category = engine.session().selected().unwrap();
    (engine, category)
}

fn remembering(data: &Path) -> Engine {
    let options = Options { data_dir: Some(data.to_path_buf()), remembers: true, ..Options::default() };
    Engine::start(&options, || {}).unwrap()
}

fn photo(session: &Session, name: &str) -> PhotoId {
    let is_it = |id: &&PhotoId| session.library().photo(**id).file.path.ends_with(name);
    *session.library().folder_order().iter().find(is_it).unwrap()
}

fn first(session: &Session) -> String {
    let id = session.ranking().photos().next().unwrap();
    session.library().photo(id).file.path.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn verdicts_outrank_scores_and_are_there_after_a_restart() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    {
        let (mut engine, category) = workbench(data.path(), photos.path(), 10, "cat");
        engine.apply(Command::SetOrder(Order::Ranked));
        assert_eq!(first(engine.session()), "cat.jpg");
        let (cat, coffee) = (photo(engine.session(), "cat.jpg"), photo(engine.session(), "coffee.jpg"));
        engine.apply(Command::Judge { category, photos: vec![coffee], verdict: Some(Verdict::Yes) });
        engine.apply(Command::Judge { category, photos: vec![cat], verdict: Some(Verdict::No) });
        assert_eq!(first(engine.session()), "coffee.jpg");
        assert_eq!(engine.session().labels_of(coffee), [category]);
        assert!(engine.session().labels_of(cat).is_empty());
        engine.apply(Command::Undo);
        assert_eq!(engine.session().verdict(category, cat), None);
        engine.apply(Command::Redo);
        // Renaming takes what was said along.
        engine.apply(Command::RenameCategory(category, "animal/cat".to_owned()));
    }
    std::fs::rename(photos.path().join("coffee.jpg"), photos.path().join("renamed.jpg")).unwrap();
    let mut engine = remembering(data.path());
    wait_until(&mut engine, |session| session.is_fulfilled() && !session.categories().is_empty());
    let category = engine.session().categories()[0].id;
    wait_until(&mut engine, |session| session.verdict_counts(category) == (1, 1));
    let renamed = photo(engine.session(), "renamed.jpg");
    assert_eq!(engine.session().verdict(category, renamed), Some(Verdict::Yes), "content names a photo, not its path");
    assert_eq!(engine.session().why(renamed, category).unwrap().tier, Tier::Confirmed);
}

#[test]
fn a_removed_category_takes_its_verdicts_back_when_its_name_returns() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    {
        let (mut engine, category) = workbench(data.path(), photos.path(), 4, "cat");
        let cat = photo(engine.session(), "cat.jpg");
        engine.apply(Command::Judge { category, photos: vec![cat], verdict: Some(Verdict::Yes) });
        engine.apply(Command::RemoveCategory(category));
    }
    let mut engine = remembering(data.path());
    wait_until(&mut engine, Session::is_fulfilled);
    engine.apply(Command::AddCategory("cat".to_owned()));
    let category = engine.session().selected().unwrap();
    assert_eq!(engine.session().verdict_counts(category), (1, 0));
}

#[test]
fn an_automatic_cutoff_is_a_rule_and_parts_the_photos() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut engine, category) = workbench(data.path(), photos.path(), 20, "cat");
    let session = engine.session();
    assert_eq!(session.category(category).unwrap().cutoff, Cutoff::Auto);
    let belonging = session.count(category);
    assert!(belonging > 0 && belonging < 6, "{belonging} of 20 photos belong to the cat");
    assert!(session.labels_of(photo(session, "cat.jpg")).contains(&category));
    engine.apply(Command::SetCutoff(category, Cutoff::Everything));
    assert_eq!(engine.session().count(category), 20);
}

#[test]
fn labels_groups_and_exclusions_decide_together() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut engine, cat) = workbench(data.path(), photos.path(), 8, "cat");
    engine.apply(Command::AddCategory("animal".to_owned()));
    let animal = engine.session().selected().unwrap();
    for id in [cat, animal] {
        engine.apply(Command::SetCutoff(id, Cutoff::Everything));
    }
    engine.apply(Command::SetLabels(Labels::Several));
    wait_until(&mut engine, Session::is_fulfilled);
    let of_cat = |engine: &Engine| engine.session().labels_of(photo(engine.session(), "cat.jpg"));
    assert_eq!(of_cat(&engine), [cat, animal]);
    for id in [cat, animal] {
        engine.apply(Command::SetGroup(id, Some("what".to_owned())));
    }
    assert_eq!(of_cat(&engine).len(), 1);
    engine.apply(Command::SetGroup(cat, None));
    engine.apply(Command::SetExclusions(animal, vec!["a photo of a cat.".to_owned()]));
    wait_until(&mut engine, Session::is_fulfilled);
    assert_eq!(of_cat(&engine), [cat]);
    let why = engine.session().why(photo(engine.session(), "cat.jpg"), animal).unwrap();
    assert_eq!((why.tier, why.exclusion.as_deref()), (Tier::RuledOut, Some("a photo of a cat.")));
}

#[test]
fn a_review_asks_until_all_is_answered_and_takes_an_answer_back() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut engine, category) = workbench(data.path(), photos.path(), 6, "cat");
    engine.apply(Command::Review(Some(category)));
    let asked = |engine: &Engine| engine.session().review().unwrap().question;
    let first = asked(&engine).unwrap();
    engine.apply(Command::AnswerQuestion(Verdict::No));
    let second = asked(&engine).unwrap();
    assert_ne!(first, second);
    assert_eq!(engine.session().verdict(category, first), Some(Verdict::No));
    engine.apply(Command::Undo);
    assert_eq!(asked(&engine), Some(first));
    assert_eq!(engine.session().review().unwrap().answered, 0);
    engine.apply(Command::SkipQuestion);
    assert_ne!(asked(&engine), Some(first));
    for _ in 0..5 {
        engine.apply(Command::AnswerQuestion(Verdict::Yes));
    }
    assert_eq!((asked(&engine), engine.session().review().unwrap().answered), (None, 5));
    engine.apply(Command::Review(None));
    assert_eq!(engine.session().review(), None);
}

#[test]
fn why_names_the_winning_prompt_and_the_nearest_confirmed_photos_and_where() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut engine, category) = workbench(data.path(), photos.path(), 16, "cat");
    engine.apply(Command::SetPrompts(category, vec!["a receipt".into(), "a photo of a cat.".into()]));
    engine.apply(Command::AddCategory("otter".to_owned()));
    let (cat, otters) = (photo(engine.session(), "cat.jpg"), photo(engine.session(), "otters.jpg"));
    engine.apply(Command::Judge { category, photos: vec![otters], verdict: Some(Verdict::Yes) });
    engine.apply(Command::Explain(Some(cat)));
    wait_until(&mut engine, |session| session.is_fulfilled() && !matches!(session.heat(category), HeatState::Waiting));
    let why = engine.session().why(cat, category).unwrap();
    assert_eq!(why.prompts[0].0, "a photo of a cat.");
    assert!(why.next_best.is_some() && why.cutoff.is_some());
    assert_eq!(why.nearest.iter().map(|(photo, _)| *photo).collect::<Vec<_>>(), [otters]);
    let HeatState::Ready(heat) = engine.session().heat(category) else { panic!("no heat") };
    assert_eq!(heat.values.len(), heat.columns * heat.rows);
    assert!(heat.values.iter().all(|value| (0.0..=1.0).contains(value)));
}

#[test]
fn the_doctor_measures_before_anything_changes() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut engine, category) = workbench(data.path(), photos.path(), 12, "cat");
    engine.apply(Command::SetPrompts(category, vec!["a receipt".into()]));
    let before = engine.session().category(category).unwrap().clone();
    for (name, verdict) in [("cat.jpg", Verdict::Yes), ("coffee.jpg", Verdict::No), ("handwriting.jpg", Verdict::No)] {
        let photos = vec![photo(engine.session(), name)];
        engine.apply(Command::Judge { category, photos, verdict: Some(verdict) });
    }
    engine.apply(Command::Examine(Some(category)));
    wait_until(&mut engine, Session::is_fulfilled);
    let doctor = engine.session().doctor().unwrap();
    assert_eq!(doctor.verdicts, (1, 2));
    let best = &doctor.proposals[0];
    assert!(best.average_precision.unwrap() > doctor.now.unwrap(), "{doctor:?}");
    assert_eq!(engine.session().category(category), Some(&before));
    engine.apply(Command::Adopt(Box::new(best.category.clone())));
    assert_eq!(engine.session().category(category), Some(&best.category));
    engine.apply(Command::Undo);
    assert_eq!(engine.session().category(category), Some(&before));
}

#[test]
fn examples_rank_the_photos_whether_they_are_open_or_not() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut engine, _) = workbench(data.path(), photos.path(), 15, "cat");
    let otters = photo(engine.session(), "mountain-lake.jpg");
    engine.apply(Command::FindSimilar(vec![otters]));
    assert_eq!(first(engine.session()), "mountain-lake.jpg");
    engine.apply(Command::Find("a photo of a cat".to_owned()));
    engine.apply(Command::SetWordShare(1.0));
    wait_until(&mut engine, Session::is_fulfilled);
    assert_eq!(first(engine.session()), "cat.jpg");
    engine.apply(Command::Find(String::new()));

    let elsewhere = sample_photos().join("raccoon.jpg");
    engine.apply(Command::FindSimilarTo(vec![elsewhere, "no such photo.jpg".into()]));
    let is_known = |session: &Session| {
        session.similar().unwrap().files.iter().all(|(_, state)| *state != ExampleState::Waiting)
            && session.ranking().groups[0].photos.len() == 15
            && session.wish().first.is_empty()
    };
    wait_until(&mut engine, is_known);
    let files = &engine.session().similar().unwrap().files;
    assert!(matches!((&files[0].1, &files[1].1), (ExampleState::Ready(_), ExampleState::Failed(_))), "{files:?}");
    let best = first(engine.session());
    assert!(["cat.jpg", "otters.jpg", "osprey.jpg"].contains(&best.as_str()), "{best} is most like a raccoon");
    engine.apply(Command::FindSimilar(Vec::new()));
    assert!(!engine.session().is_searching());
}

#[test]
fn copies_and_near_copies_stand_together() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 12);
    std::fs::copy(photos.path().join("cat.jpg"), photos.path().join("cat copy.jpg")).unwrap();
    let original = image::open(photos.path().join("coffee.jpg")).unwrap();
    original
        .resize(700, 700, image::imageops::FilterType::Triangle)
        .save(photos.path().join("coffee small.jpg"))
        .unwrap();
    let mut engine = engine(data.path());
    engine.apply(Command::Open(vec![photos.path().to_path_buf()]));
    engine.apply(Command::SetOrder(Order::Alike));
    wait_until(&mut engine, |session| session.is_fulfilled() && !session.is_comparing());
    let session = engine.session();
    let name =
        |id: &PhotoId| session.library().photo(*id).file.path.file_name().unwrap().to_string_lossy().into_owned();
    let mut sets: Vec<Vec<String>> =
        session.ranking().groups.iter().map(|group| group.photos.iter().map(name).collect()).collect();
    sets.sort();
    assert_eq!(sets, [["cat copy.jpg", "cat.jpg"], ["coffee small.jpg", "coffee.jpg"]]);
}

#[test]
fn folders_that_are_sorted_already_are_evaluated_in_the_window() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (folder, name) in [("cat", "cat.jpg"), ("coffee", "coffee.jpg"), ("coffee", "desert-dune.jpg")] {
        let folder = photos.path().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(sample_photos().join(name), folder.join(name)).unwrap();
    }
    let mut engine = remembering(data.path());
    engine.apply(Command::Open(vec![photos.path().to_path_buf()]));
    engine.apply(Command::AddCategory("Animal/Cat".to_owned()));
    wait_until(&mut engine, Session::is_fulfilled);
    let sorted = engine.session().evaluation(Truth::Folders).unwrap();
    assert_eq!(sorted.unmatched, [("coffee".to_owned(), 2)]);
    assert_eq!(engine.session().evaluation(Truth::Verdicts), None);
    engine.apply(Command::AddFolderCategories);
    engine.apply(Command::AddCategory("desert".to_owned()));
    wait_until(&mut engine, Session::is_fulfilled);
    let sorted = engine.session().evaluation(Truth::Folders).unwrap();
    assert_eq!((sorted.evaluation.photos, sorted.unmatched.len(), sorted.waiting), (3, 0, 0));
    assert_eq!(sorted.evaluation.confusion, [[1, 0, 0], [0, 1, 1], [0, 0, 0]]);
    let mistake = sorted.mistakes[0];
    assert_eq!(mistake.photo, photo(engine.session(), "desert-dune.jpg"));
    assert!(mistake.margin > 0.0);
}
