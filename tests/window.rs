//! The window, driven by what assistive technology sees of it: a folder is opened, sorted, and looked into.

#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use eframe::egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use tagroll::app::App;
use tagroll::catalog::PhotoId;
use tagroll::engine::{Command, Options, Session};

/// A machine that does many things at once gets this long for the slowest step.
const PATIENCE: Duration = Duration::from_secs(180);

type Window = Harness<'static, App>;

fn open_window(data_dir: &Path) -> Window {
    let options = Options { data_dir: Some(data_dir.to_path_buf()), ..Options::default() };
    Harness::builder()
        .with_size(vec2(1280.0, 800.0))
        .build_eframe(|creation| App::new(&creation.egui_ctx, &options).unwrap())
}

/// Draws frames until the session is as wished.
fn until(window: &mut Window, what: &str, is_so: impl Fn(&Session) -> bool) {
    let begun = Instant::now();
    while !is_so(window.state().session()) {
        assert!(begun.elapsed() < PATIENCE, "in vain: {what}");
        window.step();
        std::thread::yield_now();
    }
    settle(window);
}

/// Enough frames for the window to act on what was asked, and to draw it.
fn settle(window: &mut Window) {
    window.run_steps(4);
}

fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    settle(window);
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    settle(window);
}

/// Writes into the field, in place of what stood there.
fn write(window: &mut Window, field: &str, text: &str) {
    window.get_by_label(field).focus();
    settle(window);
    press(window, Modifiers::COMMAND, Key::A);
    window.get_by_label(field).type_text(text);
    settle(window);
}

fn photos(session: &Session) -> Vec<PhotoId> {
    session.ranking().photos().collect()
}

/// The folders in which the best photos lie.
fn best(session: &Session) -> Vec<String> {
    let folder = |id: &PhotoId| {
        let path = &session.library().photo(*id).file.path;
        path.parent().and_then(Path::file_name).unwrap().to_string_lossy().into_owned()
    };
    photos(session).iter().take(5).map(folder).collect()
}

/// The prompts of the selected category.
fn prompts(session: &Session) -> Vec<String> {
    session.category(session.selected().unwrap()).unwrap().prompts.iter().map(|prompt| prompt.text.clone()).collect()
}

#[test]
fn a_person_opens_a_folder_writes_what_it_shows_and_sees_it_sorted() {
    let Some(shared) = support::shared_photos("the window on real photos") else { return };
    let data_dir = tempfile::tempdir().unwrap();
    let mut window = open_window(data_dir.path());
    settle(&mut window);

    click(&mut window, "Type a path…");
    write(&mut window, "Path of a folder", shared.to_str().unwrap());
    press(&mut window, Modifiers::NONE, Key::Enter);
    until(&mut window, "all photos are encoded", |session| {
        let counts = session.counts();
        counts.found > 100 && !counts.is_scanning && counts.waiting() == 0
    });
    let unsorted = photos(window.state().session());

    write(&mut window, "New category", "bird");
    press(&mut window, Modifiers::NONE, Key::Enter);
    until(&mut window, "the category is scored", |s| s.selected().is_some_and(|id| s.is_scored(id)));
    click(&mut window, "Ranked");
    let birds = photos(window.state().session());
    assert_ne!(birds, unsorted);
    assert_eq!(best(window.state().session()), ["bird"; 5]);

    write(&mut window, "Prompt 1", "a photo of a cat.");
    until(&mut window, "the new prompt is scored", |s| s.selected().is_some_and(|id| s.is_scored(id)));
    assert_eq!(prompts(window.state().session()), ["a photo of a cat."]);
    assert_eq!(best(window.state().session())[..3], ["cat"; 3]);

    press(&mut window, Modifiers::COMMAND, Key::Z);
    until(&mut window, "the old prompt is scored", |s| s.selected().is_some_and(|id| s.is_scored(id)));
    assert_eq!(photos(window.state().session()), birds);

    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, Modifiers::NONE, Key::Home);
    press(&mut window, Modifiers::NONE, Key::Space);
    assert_eq!(window.state().session().focus(), Some(birds[0]));
    until(&mut window, "the photo is shown large", |session| session.large(birds[0]).is_some());
    press(&mut window, Modifiers::NONE, Key::Escape);
    window.get_by_label("Photos");
}

#[test]
fn a_key_typed_in_a_text_field_is_text() {
    let data_dir = tempfile::tempdir().unwrap();
    let mut window = open_window(data_dir.path());
    settle(&mut window);
    click(&mut window, "Type a path…");
    write(&mut window, "Path of a folder", support::sample_photos().to_str().unwrap());
    press(&mut window, Modifiers::NONE, Key::Enter);
    until(&mut window, "photos are found", |session| session.counts().found > 10);

    let order = window.state().session().order();
    press(&mut window, Modifiers::NONE, Key::F);
    assert!(window.get_by_label("Find").is_focused());
    press(&mut window, Modifiers::NONE, Key::G);
    assert_eq!(window.state().session().order(), order);
    window.get_by_label("Find").type_text("fig pup");
    settle(&mut window);
    assert_eq!(window.state().session().find(), "fig pup");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(window.state().session().find(), "");
    press(&mut window, Modifiers::NONE, Key::G);
    assert_ne!(window.state().session().order(), order);
}

#[test]
fn tab_goes_round_the_panels() {
    let data_dir = tempfile::tempdir().unwrap();
    let mut window = open_window(data_dir.path());
    settle(&mut window);
    click(&mut window, "Type a path…");
    write(&mut window, "Path of a folder", support::sample_photos().to_str().unwrap());
    press(&mut window, Modifiers::NONE, Key::Enter);
    until(&mut window, "all photos are encoded", |s| s.counts().found > 10 && s.counts().waiting() == 0);
    click(&mut window, "Add the starter set");
    // From the photos, which have the keyboard whenever no control has it.
    press(&mut window, Modifiers::NONE, Key::Tab);
    assert!(window.get_by_label("Hide inspector").is_focused());
    press(&mut window, Modifiers::NONE, Key::Tab);
    assert!(window.get_by_label("Starter model: basic · CPU").is_focused());
    press(&mut window, Modifiers::SHIFT, Key::Tab);
    press(&mut window, Modifiers::SHIFT, Key::Tab);
    press(&mut window, Modifiers::SHIFT, Key::Tab);
    assert!(window.get_by_label("people").is_focused());
    press(&mut window, Modifiers::SHIFT, Key::Tab);
    assert!(window.get_by_label("Open…").is_focused());
    press(&mut window, Modifiers::NONE, Key::Tab);
    assert!(window.get_by_label("people").is_focused());
    press(&mut window, Modifiers::SHIFT, Key::Tab);
    press(&mut window, Modifiers::NONE, Key::ArrowRight);
    assert!(!window.get_by_label("Open…").is_focused());
}

#[test]
fn what_was_written_last_is_there_at_the_next_start() {
    let data_dir = tempfile::tempdir().unwrap();
    let options = Options { data_dir: Some(data_dir.path().to_path_buf()), remembers: true, ..Options::default() };
    let start = || App::new(&eframe::egui::Context::default(), &options).unwrap();
    let mut app = start();
    for name in ["dog", "cat"] {
        app.apply(Command::AddCategory(name.to_owned()));
    }
    drop(app);
    let names: Vec<String> = start().session().categories().iter().map(|c| c.name.clone()).collect();
    assert_eq!(names, ["dog", "cat"]);
}

#[test]
fn nothing_is_drawn_while_nothing_happens() {
    let data_dir = tempfile::tempdir().unwrap();
    let mut window = open_window(data_dir.path());
    let begun = Instant::now();
    while !matches!(window.state().session().model(), tagroll::engine::Model::Ready(_)) {
        assert!(begun.elapsed() < PATIENCE, "the model is not loaded");
        window.step();
        std::thread::yield_now();
    }
    // Fails where the window asks for a frame after every frame.
    window.run();
    window.get_by_label("Open a folder…");
}
