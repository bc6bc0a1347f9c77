//! Export as a person meets it: nothing is written before they agree, everything can be taken back.

#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eframe::egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use tagroll::app::App;
use tagroll::catalog::{Category, CategoryId};
use tagroll::engine::{Command, Options, Session, Stage};

/// A machine that does many things at once gets this long for the slowest step.
const PATIENCE: Duration = Duration::from_secs(180);

type Window = Harness<'static, App>;

/// Photos in a folder of their own, sorted into one category, with the page of exports open.
struct Scene {
    folder: tempfile::TempDir,
    window: Window,
}

impl Scene {
    fn new() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let photos = folder.path().join("photos");
        fs::create_dir(&photos).unwrap();
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sample");
        for name in ["coffee.jpg", "otters.jpg"] {
            fs::copy(sample.join(name), photos.join(name)).unwrap();
        }
        let options = Options { data_dir: Some(folder.path().join("data")), ..Options::default() };
        let mut window = Harness::builder()
            .with_size(vec2(1280.0, 900.0))
            .build_eframe(|creation| App::new(&creation.egui_ctx, &options).unwrap());
        window.state_mut().apply(Command::Open(vec![photos]));
        let everything = Category::named(CategoryId(0), "thing/photo");
        window.state_mut().apply(Command::SetCategories(vec![everything]));
        let mut scene = Scene { folder, window };
        scene.until("sorted photos", |session| session.counts().embedded == 2 && session.is_fulfilled());
        scene.press(Modifiers::COMMAND, Key::E);
        scene
    }

    /// Draws frames until the session is as wished.
    fn until(&mut self, what: &str, is_so: impl Fn(&Session) -> bool) {
        let begun = Instant::now();
        while !is_so(self.window.state().session()) {
            assert!(begun.elapsed() < PATIENCE, "in vain: {what}");
            self.window.step();
            std::thread::yield_now();
        }
        self.window.run_steps(4);
    }

    fn until_stage(&mut self, what: &str, is_it: impl Fn(&Stage) -> bool) {
        self.until(what, |session| session.errand().is_some_and(|errand| is_it(&errand.stage)));
    }

    fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.window.key_press_modifiers(modifiers, key);
        self.window.run_steps(4);
    }

    fn click(&mut self, name: &str) {
        self.window.get_by_label(name).click();
        self.window.run_steps(4);
    }

    fn write(&mut self, field: &str, text: &str) {
        self.window.get_by_label(field).focus();
        self.window.run_steps(2);
        self.window.get_by_label(field).type_text(text);
        self.window.run_steps(4);
    }

    fn says(&self, part: &str) -> bool {
        self.window.query_all_by_label_contains(part).next().is_some()
    }

    fn preview(&mut self) {
        self.click("Preview");
        self.until_stage("a plan", |stage| matches!(stage, Stage::Planned(_)));
    }

    /// The names in a folder below the scene's, in order.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join(folder)).into_iter().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }
}

const PHOTOS: [&str; 2] = ["coffee.jpg", "otters.jpg"];
const WITH_SIDECARS: [&str; 4] = ["coffee.jpg", "coffee.jpg.xmp", "otters.jpg", "otters.jpg.xmp"];

#[test]
fn keywords_are_shown_then_written_then_taken_back() {
    let mut scene = Scene::new();
    scene.preview();
    assert!(scene.says("2 files: 2 new.") && scene.says("+ thing › photo"));
    assert_eq!(scene.names("photos"), PHOTOS);

    scene.click("coffee.jpg.xmp, new, + thing › photo");
    scene.until("the lines", |session| session.errand().unwrap().diff.as_ref().is_some_and(|(_, text)| text.is_some()));
    assert!(scene.says("<rdf:li>thing|photo</rdf:li>"));
    scene.press(Modifiers::NONE, Key::Escape);
    assert!(!scene.says("<rdf:li>thing|photo</rdf:li>") && scene.says("2 files: 2 new."));
    assert_eq!(scene.names("photos"), PHOTOS);

    scene.click("Write 2 files");
    scene.until_stage("written files", |stage| matches!(stage, Stage::Done(_)));
    assert!(scene.says("Wrote 2 files."));
    assert_eq!(scene.names("photos"), WITH_SIDECARS);
    let sidecar = fs::read_to_string(scene.path("photos/otters.jpg.xmp")).unwrap();
    assert!(sidecar.contains("<rdf:li>thing/photo</rdf:li>") && sidecar.contains("<rdf:li>photo</rdf:li>"));

    scene.click("Undo export");
    scene.until_stage("files as they were", |stage| matches!(stage, Stage::Undone(_)));
    assert_eq!(scene.names("photos"), PHOTOS);
}

#[test]
fn a_plan_that_is_left_writes_nothing_and_a_second_export_has_nothing_to_do() {
    let mut scene = Scene::new();
    scene.preview();
    scene.click("Back");
    assert!(scene.window.state().session().errand().is_none());
    assert_eq!(scene.names("photos"), PHOTOS);
    scene.preview();
    scene.click("Write 2 files");
    scene.until_stage("written files", |stage| matches!(stage, Stage::Done(_)));
    scene.click("Export more");
    scene.preview();
    assert!(scene.says("Nothing to do: all 2 photos are as they should be."));
    scene.click("Back");

    scene.click("Remove keywords");
    scene.preview();
    assert!(scene.says("\u{2212} thing › photo"));
    scene.click("Write 2 files");
    scene.until_stage("sidecars without keywords", |stage| matches!(stage, Stage::Done(_)));
    assert_eq!(scene.names("photos"), PHOTOS);
    scene.click("Export more");
    assert!(scene.says("Earlier exports"));
}

#[test]
fn keywords_in_photos_are_the_same_picture_and_what_was_said_of_it_stands() {
    let mut scene = Scene::new();
    let before = fs::read(scene.path("photos/coffee.jpg")).unwrap();
    let category = scene.window.state().session().categories()[0].id;
    let photo = scene.window.state().session().library().photo_at(&scene.path("photos/coffee.jpg")).unwrap();
    let yes = Some(tagroll::catalog::Verdict::Yes);
    scene.window.state_mut().apply(Command::Judge { category, photos: vec![photo], verdict: yes });
    scene.click("Keywords into the photos");
    scene.preview();
    scene.click("Write into 2 photos");
    scene.until_stage("written photos", |stage| matches!(stage, Stage::Done(_)));
    let decoded = scene.window.state().session().decoded();
    scene.until("photos that are found again", |session| session.counts().embedded == 2 && session.is_fulfilled());
    let session = scene.window.state().session();
    let photo = session.library().photo_at(&scene.path("photos/coffee.jpg")).unwrap();
    assert_eq!((session.verdict(category, photo), session.decoded()), (yes, decoded));
    assert_ne!(fs::read(scene.path("photos/coffee.jpg")).unwrap(), before);

    scene.click("Undo export");
    scene.until_stage("photos as they were", |stage| matches!(stage, Stage::Undone(_)));
    assert_eq!(fs::read(scene.path("photos/coffee.jpg")).unwrap(), before);
}

#[test]
fn photos_are_copied_into_folders_named_after_categories() {
    let mut scene = Scene::new();
    scene.click("Photos into folders");
    let target = scene.path("sorted").display().to_string();
    scene.write("Target folder", &target);
    scene.preview();
    assert_eq!(scene.names("sorted"), Vec::<String>::new());
    scene.click("Copy 2 photos");
    scene.until_stage("copies", |stage| matches!(stage, Stage::Done(_)));
    assert_eq!(scene.names("sorted/thing/photo"), PHOTOS);
    scene.click("Undo export");
    scene.until_stage("no copies", |stage| matches!(stage, Stage::Undone(_)));
    assert_eq!((scene.names("sorted"), scene.names("photos").len()), (Vec::<String>::new(), 2));
}

#[test]
fn a_table_holds_each_photo_and_replaces_nothing() {
    let mut scene = Scene::new();
    scene.click("A table");
    let table = scene.path("table.csv");
    scene.write("File of the table", &table.display().to_string());
    scene.click("Write table");
    scene.until("a table", Session::is_idle);
    let text = fs::read_to_string(&table).unwrap();
    assert!(text.lines().count() == 3 && text.contains("coffee.jpg") && text.contains("thing/photo"), "{text}");
    scene.click("Write table");
    scene.until("a refusal", |session| session.is_idle() && !session.notices().is_empty());
    assert_eq!(fs::read_to_string(&table).unwrap(), text);
}

#[test]
fn the_trash_is_asked_for_before_anything_goes() {
    let mut scene = Scene::new();
    scene.press(Modifiers::COMMAND, Key::E);
    let photo = scene.window.state().session().library().folder_order()[0];
    scene.window.state_mut().apply(Command::Focus(Some(photo)));
    for (modifiers, key) in [(Modifiers::COMMAND, Key::Backspace), (Modifiers::NONE, Key::Delete)] {
        scene.press(modifiers, key);
        scene.until_stage("a plan", |stage| matches!(stage, Stage::Planned(_)));
        assert!(scene.says("Put 1 photo into the trash"), "{key:?}");
        scene.press(Modifiers::NONE, Key::Escape);
        assert!(scene.window.state().session().errand().is_none() && !scene.says("Cancel"), "{key:?}");
    }
    assert_eq!(scene.names("photos"), PHOTOS);
}

#[test]
fn only_selected_photos_get_keywords_where_they_are_chosen() {
    let mut scene = Scene::new();
    scene.press(Modifiers::NONE, Key::Escape);
    let photo = scene.window.state().session().library().folder_order()[1];
    scene.window.state_mut().apply(Command::Select(vec![photo]));
    scene.window.run_steps(2);
    scene.click("Export");
    assert!(scene.says("The 1 selected photo"));
    scene.preview();
    scene.click("Write 1 file");
    scene.until_stage("a written file", |stage| matches!(stage, Stage::Done(_)));
    assert_eq!(scene.names("photos"), ["coffee.jpg", "otters.jpg", "otters.jpg.xmp"]);
}

#[test]
fn a_sidecar_that_is_broken_is_left_alone_with_its_reason() {
    let mut scene = Scene::new();
    fs::write(scene.path("photos/coffee.jpg.xmp"), "<x:xmpmeta").unwrap();
    scene.preview();
    assert!(scene.says("1 file: 1 new; 1 left alone.") && scene.says("Left alone: 1 file"));
    scene.click("Write 1 file");
    scene.until_stage("a written file", |stage| matches!(stage, Stage::Done(_)));
    assert_eq!(fs::read_to_string(scene.path("photos/coffee.jpg.xmp")).unwrap(), "<x:xmpmeta");
}

#[test]
fn an_export_whose_page_is_closed_is_undone_from_the_list_of_earlier_ones() {
    let mut scene = Scene::new();
    scene.preview();
    scene.click("Write 2 files");
    scene.until_stage("written files", |stage| matches!(stage, Stage::Done(_)));
    scene.press(Modifiers::NONE, Key::Escape);
    assert!(scene.window.state().session().errand().is_none());
    scene.press(Modifiers::COMMAND, Key::E);
    let undo = scene.window.get_by_label_contains("Undo Keywords into sidecars of ");
    undo.click();
    scene.window.run_steps(4);
    scene.until_stage("files as they were", |stage| matches!(stage, Stage::Undone(_)));
    assert_eq!(scene.names("photos"), PHOTOS);
}
