//! The first page and the page of settings, as a person meets them.

#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "support/bench.rs"]
mod bench;
#[path = "support/gallery.rs"]
mod gallery;

use std::sync::Arc;

use bench::{Window, click, has, press, says, window_of};
use eframe::egui::{self, Key, Modifiers, Vec2, vec2};
use egui_kittest::kittest::Queryable;
use tagroll::engine::{Activity, Command, Event, Kept, KeptPart, KeptWhat, Power, Saved, Session};

const SIZE: Vec2 = vec2(900.0, 600.0);
const FOLDER: &str = "/home/ada/tagroll";

/// Photos, on a computer with eight cores.
fn session() -> Session {
    let mut session = gallery::session(40);
    session.begin_on(8);
    session
}

fn window(session: Session) -> Window {
    window_of(session, SIZE)
}

/// Opened by its key, with the answer to its question what is kept.
fn settings_of(session: Session) -> Window {
    let mut window = window(session);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    window.run();
    let part = |what, count, size_bytes| KeptPart { what, count, size_bytes };
    let parts = vec![
        part(KeptWhat::Thumbnails, 12_403, 150_000_000),
        part(KeptWhat::Verdicts, 35, 2_000_000),
        part(KeptWhat::Exports, 8, 1_000_000),
        part(KeptWhat::Model("SigLIP 2".to_owned()), 1, 812_000_000),
    ];
    let kept = Arc::new(Kept { folder: FOLDER.into(), parts });
    window.state_mut().session.absorb(Event::Kept { number: 1, kept });
    window.run();
    window
}

fn asked(window: &Window, command: &Command) -> bool {
    window.state().commands.contains(command)
}

#[test]
fn its_key_opens_the_page_and_closes_it() {
    let mut window = settings_of(session());
    assert!(has(&window, "Forget everything…"));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    window.run();
    assert!(!has(&window, "Forget everything…"));
}

#[test]
fn the_page_says_where_things_lie_and_how_large_they_are() {
    let mut window = settings_of(session());
    assert!(has(&window, FOLDER) && says(&window, "965 MB"));
    click(&mut window, "Show the folder");
    assert!(asked(&window, &Command::ShowDataFolder));
}

#[test]
fn fewer_cores_are_chosen_with_the_keyboard() {
    let mut window = settings_of(session());
    // The one before it is for the size of thumbnails.
    window.get_all_by_role(egui::accesskit::Role::Slider).last().unwrap().focus();
    window.run();
    press(&mut window, Key::ArrowLeft);
    assert_eq!(window.state().session.most_cores(), Some(7));
    press(&mut window, Key::ArrowRight);
    assert_eq!(window.state().session.most_cores(), None);
}

#[test]
fn battery_is_offered_only_where_the_computer_can_tell() {
    let mut window = settings_of(session());
    assert!(!has(&window, "Pause reading on battery"));
    window.state_mut().session.absorb(Event::Power(Some(Power::Battery)));
    window.run();
    click(&mut window, "Pause reading on battery");
    assert_eq!(window.state().session.activity(), Activity::OnBattery);
}

#[test]
fn nothing_is_forgotten_before_the_person_saw_what_goes_and_said_yes() {
    let mut window = settings_of(session());
    click(&mut window, "Forget everything…");
    for text in ["12,403 thumbnails", "150 MB", "35 verdicts", "Model SigLIP 2", "812 MB", "965 MB"] {
        assert!(says(&window, text), "{text}");
    }
    assert!(says(&window, "Your photos and the sidecars beside them stay") && says(&window, "no longer be undone"));
    assert!(window.get_by_label("Keep everything").is_focused());
    press(&mut window, Key::Escape);
    assert!(has(&window, "Forget everything…") && !asked(&window, &Command::ForgetEverything));
    click(&mut window, "Forget everything…");
    click(&mut window, "Forget everything");
    assert!(asked(&window, &Command::ForgetEverything));
    assert!(has(&window, "Open a folder…") && !has(&window, "Close"));
}

#[test]
fn models_and_keys_are_one_step_away() {
    let mut window = settings_of(session());
    click(&mut window, "Models…");
    assert!(says(&window, "Where it runs"));
    press(&mut window, Key::Escape);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    window.run();
    click(&mut window, "Keyboard…");
    assert!(says(&window, "Settings: cores"));
}

#[test]
fn the_first_page_offers_a_folder_the_sample_photos_and_the_models() {
    let mut window = window(Session::new(Saved::default(), true));
    assert!(has(&window, "Open a folder…") && has(&window, "Models…") && has(&window, "Settings"));
    window.get_by_label("Try the sample photos").click();
    // Not until it rests: it looks for photos that no engine will find.
    window.run_steps(4);
    assert!(matches!(&window.state().commands[..], [Command::Open(folders)] if folders[0].ends_with("sample")));
    assert!(!has(&window, "Try the sample photos"));
}

#[test]
fn a_better_model_is_offered_with_what_it_costs() {
    let mut session = Session::new(Saved::default(), true);
    session.absorb(Event::Installed { folder: FOLDER.into(), models: Vec::new() });
    let model = session.recommendation().unwrap();
    let window = window(session);
    assert!(says(&window, &format!("{} is right about twice as often", model.name)));
}
