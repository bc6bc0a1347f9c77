//! Sets of categories with the real engine: kept, taken up again, copied, removed, and given to others.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

mod support;

use std::fs;
use std::path::Path;

use support::{copy_samples, engine, wait_until};
use tagroll::catalog::{Category, CategoryId, Cutoff, Labels, Verdict, parse_category_set};
use tagroll::engine::{Command, Engine, SetSource};

fn start(data_dir: &Path) -> Engine {
    let mut engine = engine(data_dir);
    wait_until(&mut engine, |session| !session.sets().is_busy());
    engine
}

fn with_categories(data_dir: &Path, names: &[&str]) -> Engine {
    let mut engine = start(data_dir);
    names.iter().for_each(|name| engine.apply(Command::AddCategory((*name).to_owned())));
    engine
}

/// Asks for something about sets and waits for the answer.
fn done(engine: &mut Engine, command: Command) {
    engine.apply(command);
    wait_until(engine, |session| !session.sets().is_busy());
}

fn save(engine: &mut Engine, name: &str) {
    done(engine, Command::SaveSet(name.to_owned()));
}

fn load(engine: &mut Engine, source: SetSource, replaces: bool) {
    done(engine, Command::LoadSet { source, replaces });
}

fn kept(name: &str) -> SetSource {
    SetSource::Kept(name.to_owned())
}

fn names(engine: &Engine) -> Vec<&str> {
    engine.session().categories().iter().map(|category| category.name.as_str()).collect()
}

fn kept_names(engine: &Engine) -> Vec<&str> {
    engine.session().sets().kept.iter().map(|set| set.name.as_str()).collect()
}

fn last_notice(engine: &Engine) -> &str {
    engine.session().notices().last().map_or("", String::as_str)
}

#[test]
fn a_kept_set_is_there_at_the_next_start_and_taken_up_in_one_step() {
    let data = tempfile::tempdir().unwrap();
    let mut first = with_categories(data.path(), &["animal/dog", "cat"]);
    let dog = first.session().categories()[0].id;
    first.apply(Command::SetNegatives(dog, vec!["a wolf".into()]));
    first.apply(Command::SetLabels(Labels::Several));
    save(&mut first, " Pets ");
    assert_eq!(last_notice(&first), "");
    let before: Vec<Category> = first.session().categories().to_vec();
    drop(first);

    let mut engine = start(data.path());
    assert_eq!((kept_names(&engine), engine.session().sets().kept[0].categories), (vec!["Pets"], 2));
    load(&mut engine, kept("Pets"), true);
    let plain = |category: &Category| Category { id: CategoryId(0), ..category.clone() };
    let after: Vec<Category> = engine.session().categories().iter().map(plain).collect();
    assert_eq!(after, before.iter().map(plain).collect::<Vec<_>>());
    assert_eq!((engine.session().labels(), last_notice(&engine)), (Labels::Several, ""));
    engine.apply(Command::Undo);
    assert_eq!((names(&engine).len(), engine.session().labels()), (0, Labels::One));
}

#[test]
fn a_set_that_is_kept_while_the_program_ends_is_not_lost() {
    let data = tempfile::tempdir().unwrap();
    let mut first = with_categories(data.path(), &["dog"]);
    first.apply(Command::SaveSet("Last minute".to_owned()));
    drop(first);
    assert_eq!(kept_names(&start(data.path())), ["Last minute"]);
}

#[test]
fn adding_a_set_adds_only_names_that_are_new() {
    let data = tempfile::tempdir().unwrap();
    let mut engine = with_categories(data.path(), &["dog", "cat"]);
    save(&mut engine, "Pets");
    let cat = engine.session().categories()[1].id;
    engine.apply(Command::RemoveCategory(cat));
    engine.apply(Command::AddCategory("fox".to_owned()));
    load(&mut engine, kept("Pets"), false);
    assert_eq!(names(&engine), ["dog", "fox", "cat"]);
    load(&mut engine, kept("Pets"), false);
    assert!(last_notice(&engine).contains("already"), "{}", last_notice(&engine));
    engine.apply(Command::Undo);
    assert_eq!(names(&engine), ["dog", "fox"], "what changed nothing is no step");
}

#[test]
fn verdicts_follow_by_name_into_a_set_and_back() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 1);
    let mut engine = with_categories(data.path(), &["dog", "cat"]);
    save(&mut engine, "Pets");
    engine.apply(Command::Open(vec![photos.path().to_path_buf()]));
    wait_until(&mut engine, |session| session.counts().found == 1);
    let (dog, photo) = (engine.session().categories()[0].id, engine.session().library().folder_order()[0]);
    engine.apply(Command::Judge { category: dog, photos: vec![photo], verdict: Some(Verdict::Yes) });
    load(&mut engine, SetSource::Starter("Travel".to_owned()), true);
    assert!(!names(&engine).contains(&"dog"));
    load(&mut engine, kept("Pets"), true);
    let dog = engine.session().categories()[0].id;
    assert_eq!(engine.session().verdict(dog, photo), Some(Verdict::Yes));
    engine.apply(Command::Undo);
    engine.apply(Command::Undo);
    assert_eq!(engine.session().verdict(engine.session().categories()[0].id, photo), Some(Verdict::Yes));
}

#[test]
fn a_copy_is_a_set_of_its_own_and_a_removed_one_is_set_aside() {
    let data = tempfile::tempdir().unwrap();
    let mut engine = with_categories(data.path(), &["dog"]);
    save(&mut engine, "Pets");
    let file = data.path().join("sets/Pets.toml");
    let with_remark = fs::read_to_string(&file).unwrap() + "# Written on a Sunday.\n";
    fs::write(&file, &with_remark).unwrap();
    done(&mut engine, Command::DuplicateSet("Pets".to_owned()));
    done(&mut engine, Command::DuplicateSet("Pets".to_owned()));
    assert_eq!(kept_names(&engine), ["Pets", "Pets 2", "Pets 3"]);
    assert_eq!(fs::read_to_string(data.path().join("sets/Pets 2.toml")).unwrap(), with_remark);
    done(&mut engine, Command::RemoveSet("Pets".to_owned()));
    assert_eq!(kept_names(&engine), ["Pets 2", "Pets 3"]);
    assert_eq!(fs::read_to_string(data.path().join("sets/Pets.toml.removed")).unwrap(), with_remark);
    load(&mut engine, kept("Pets"), true);
    assert!(last_notice(&engine).contains("no set called \"Pets\""), "{}", last_notice(&engine));
    done(&mut engine, Command::DuplicateSet("Wildlife".to_owned()));
    assert_eq!(kept_names(&engine), ["Pets 2", "Pets 3", "Wildlife 2"]);
}

#[test]
fn names_of_any_script_are_kept_and_names_that_differ_only_in_capitals_clash() {
    let data = tempfile::tempdir().unwrap();
    let mut engine = with_categories(data.path(), &["dog"]);
    for name in ["Größe", "写真/旅", "../escape", "con"] {
        save(&mut engine, name);
        assert_eq!(last_notice(&engine), "", "{name}");
        assert!(kept_names(&engine).contains(&name), "{name}: {:?}", kept_names(&engine));
    }
    assert_eq!(fs::read_dir(data.path().join("sets")).unwrap().count(), 4);
    engine.apply(Command::AddCategory("cat".to_owned()));
    save(&mut engine, "GRÖSSE");
    save(&mut engine, "größe");
    assert!(last_notice(&engine).contains("\"Größe\""), "{}", last_notice(&engine));
    let text = fs::read_to_string(data.path().join("sets/Größe.toml")).unwrap();
    assert_eq!(parse_category_set(&text).unwrap().categories.len(), 1, "the first one is as it was");
    save(&mut engine, "Größe");
    let text = fs::read_to_string(data.path().join("sets/Größe.toml")).unwrap();
    assert_eq!(parse_category_set(&text).unwrap().categories.len(), 2, "its own name replaces it");
}

#[test]
fn a_damaged_set_is_listed_with_its_line_and_loading_it_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    fs::create_dir(data.path().join("sets")).unwrap();
    fs::write(data.path().join("sets/Broken.toml"), "version = 1\n\n[[category]]\nnam = \"dog\"\n").unwrap();
    let mut engine = with_categories(data.path(), &["dog"]);
    let entry = &engine.session().sets().kept[0];
    assert!(entry.trouble.as_ref().is_some_and(|trouble| trouble.starts_with("line 4: ")), "{entry:?}");
    load(&mut engine, kept("Broken"), true);
    assert!(last_notice(&engine).contains("line 4"), "{}", last_notice(&engine));
    assert_eq!(names(&engine), ["dog"]);
    assert!(data.path().join("sets/Broken.toml").exists());
}

#[test]
fn what_no_file_can_hold_is_said_and_not_kept() {
    let data = tempfile::tempdir().unwrap();
    let mut engine = start(data.path());
    save(&mut engine, "Nothing");
    assert!(last_notice(&engine).contains("no categories"), "{}", last_notice(&engine));
    engine.apply(Command::AddCategory("dog".to_owned()));
    engine.apply(Command::AddCategory("dog".to_owned()));
    save(&mut engine, "Twice");
    assert!(last_notice(&engine).contains("\"dog\""), "{}", last_notice(&engine));
    save(&mut engine, " ");
    assert!(last_notice(&engine).contains("name"), "{}", last_notice(&engine));
    assert!(kept_names(&engine).is_empty());
}

#[test]
fn an_exported_set_is_imported_elsewhere_and_never_takes_the_place_of_a_photo() {
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut engine = with_categories(data.path(), &["dog"]);
    let dog = engine.session().categories()[0].id;
    engine.apply(Command::SetCutoff(dog, Cutoff::At(0.25)));
    let photo = other.path().join("dog.jpg");
    fs::write(&photo, b"a photo").unwrap();
    done(&mut engine, Command::ExportSet(photo.clone()));
    assert_eq!(fs::read(&photo).unwrap(), b"a photo");
    let file = other.path().join("dog.jpg.toml");
    assert!(file.exists(), "{}", last_notice(&engine));
    done(&mut engine, Command::ExportSet(photo));
    assert!(last_notice(&engine).contains("dog.jpg.toml"), "{}", last_notice(&engine));
    done(&mut engine, Command::ExportSet(file.clone()));

    let elsewhere = tempfile::tempdir().unwrap();
    let mut engine = start(elsewhere.path());
    load(&mut engine, SetSource::File(file), true);
    assert_eq!(engine.session().categories()[0].cutoff, Cutoff::At(0.25));
    load(&mut engine, SetSource::File(other.path().join("nowhere.toml")), true);
    assert!(last_notice(&engine).contains("nowhere.toml"), "{}", last_notice(&engine));
    assert_eq!(names(&engine), ["dog"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_said_with_what_to_do() {
    let data = tempfile::tempdir().unwrap();
    // A file where the folder should be, which stops even the superuser.
    fs::write(data.path().join("sets"), b"").unwrap();
    let mut engine = with_categories(data.path(), &["dog"]);
    assert!(last_notice(&engine).contains("list your sets"), "{}", last_notice(&engine));
    save(&mut engine, "Pets");
    let notices = engine.session().notices().join("\n");
    assert!(notices.contains("Pets") && kept_names(&engine).is_empty(), "{notices}");
    done(&mut engine, Command::ExportSet(data.path().join("sets/inside/pets.toml")));
    assert!(last_notice(&engine).contains("Make sure"), "{}", last_notice(&engine));
}

#[test]
fn every_starter_set_can_be_taken_up() {
    let data = tempfile::tempdir().unwrap();
    let mut engine = start(data.path());
    let starters = engine.session().sets().starters.clone();
    assert_eq!(starters.len(), 5);
    for starter in starters {
        engine.apply(Command::LoadSet { source: SetSource::Starter(starter.name.clone()), replaces: true });
        assert_eq!(engine.session().categories().len(), starter.categories, "{}", starter.name);
        assert!(starter.description.is_some() && last_notice(&engine).is_empty());
    }
}
