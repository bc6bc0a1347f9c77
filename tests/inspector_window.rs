//! The inspector, the prompt doctor, finding by example, sets of categories and the evaluation, as a person meets them.

#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "support/bench.rs"]
mod bench;
#[path = "support/gallery.rs"]
mod gallery;
#[path = "inspector_window/pages.rs"]
mod pages;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bench::{Window, click, press, press_with, says, window_of};
use eframe::egui::{DroppedFile, Key, Modifiers, Vec2, vec2};
use egui_kittest::kittest::Queryable;
use tagroll::catalog::{CategoryId, Order, PhotoId, Verdict};
use tagroll::engine::{Command, Event, Session, SetSource};

const WIDE: Vec2 = vec2(1280.0, 800.0);
const SMALL: Vec2 = vec2(900.0, 600.0);
const COMMAND_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };
const DOG: CategoryId = CategoryId(0);
const PHOTO: PhotoId = PhotoId(3);

/// Forty photos, of which one has the focus, and no cut-offs.
fn session() -> Session {
    let mut session = gallery::session(40);
    session.apply(Command::Focus(Some(PHOTO)));
    session
}

fn judged(yes: &[u32], no: &[u32]) -> Session {
    let mut session = session();
    for (photos, verdict) in [(yes, Verdict::Yes), (no, Verdict::No)] {
        let photos = photos.iter().copied().map(PhotoId).collect();
        session.apply(Command::Judge { category: DOG, photos, verdict: Some(verdict) });
    }
    session
}

/// What was asked for since the last look, beside what every frame asks for.
fn asked(window: &mut Window) -> Vec<Command> {
    let is_routine = |command: &Command| {
        matches!(command, Command::ShowThumbnails(_) | Command::ShowLarge(_) | Command::ShowFull(_))
    };
    let mut commands = std::mem::take(&mut window.state_mut().commands);
    commands.retain(|command| !is_routine(command));
    commands
}

#[test]
fn the_inspector_is_there_in_a_wide_window_and_comes_and_goes_by_its_key() {
    let mut window = window_of(session(), WIDE);
    assert!(says(&window, "Preview of IMG_000003.jpg"));
    click(&mut window, "Hide inspector");
    assert!(!says(&window, "Preview of"));
    press(&mut window, Key::I);
    assert!(says(&window, "Preview of IMG_000003.jpg"));
}

#[test]
fn a_small_window_shows_the_inspector_only_when_asked() {
    let mut window = window_of(session(), SMALL);
    assert!(!says(&window, "Preview of"));
    press(&mut window, Key::I);
    assert!(says(&window, "Preview of IMG_000003.jpg"));
}

#[test]
fn the_heat_map_is_asked_for_only_while_it_is_shown() {
    let mut window = window_of(session(), WIDE);
    assert_eq!(asked(&mut window), []);
    click(&mut window, "Where");
    assert_eq!(asked(&mut window), [Command::Explain(Some(PHOTO))]);
    window.state_mut().session.apply(Command::Focus(Some(PhotoId(5))));
    window.run();
    assert_eq!(asked(&mut window), [Command::Explain(Some(PhotoId(5)))]);
    press(&mut window, Key::I);
    assert_eq!(asked(&mut window), [Command::Explain(None)]);
}

#[test]
fn somebody_else_who_asks_why_sees_the_heat_map_too() {
    let mut window = window_of(session(), WIDE);
    window.state_mut().session.apply(Command::Explain(Some(PHOTO)));
    window.run();
    assert_eq!(asked(&mut window), []);
    assert_eq!(window.state().session.explained(), Some(PHOTO));
}

#[test]
fn the_reasons_are_about_the_category_that_was_clicked() {
    let mut session = session();
    session.apply(Command::SelectCategory(Some(DOG)));
    let mut window = window_of(session, WIDE);
    assert!(says(&window, "Why dog") && says(&window, "Compared with “dog”"));
    let row = "receipt: ";
    window.get_by(|node| node.label().is_some_and(|label| label.starts_with(row))).click();
    window.run();
    assert!(says(&window, "Why receipt") && !says(&window, "Why dog"));
}

#[test]
fn the_confirmed_photos_that_are_most_like_it_lead_to_themselves() {
    let mut session = judged(&[8, 11], &[]);
    session.apply(Command::SelectCategory(Some(DOG)));
    let mut window = window_of(session, WIDE);
    click(&mut window, "Confirmed: IMG_000008.jpg");
    assert_eq!(window.state().session.focus(), Some(PhotoId(8)));
    assert!(says(&window, "You confirmed it"));
}

#[test]
fn thumbnails_of_confirmed_photos_are_wanted_besides_those_of_the_grid() {
    let mut session = gallery::session(3000);
    session.apply(Command::Focus(Some(PHOTO)));
    let far = PhotoId(2900);
    session.apply(Command::SetOrder(Order::Folder));
    session.apply(Command::Judge { category: DOG, photos: vec![far], verdict: Some(Verdict::Yes) });
    session.apply(Command::SelectCategory(Some(DOG)));
    let window = window_of(session, WIDE);
    let wanted = window.state().commands.iter().rev().find_map(|command| match command {
        Command::ShowThumbnails(photos) => Some(photos.clone()),
        _ => None,
    });
    let wanted = wanted.unwrap();
    assert!(wanted.contains(&PhotoId(0)) && wanted.contains(&far), "{wanted:?}");
}

#[test]
fn the_doctor_says_what_it_needs_and_leads_to_the_review() {
    let mut session = session();
    session.apply(Command::SelectCategory(Some(DOG)));
    let mut window = window_of(session, SMALL);
    press(&mut window, Key::D);
    assert!(says(&window, "What would describe “dog” better?") && says(&window, "at least one yes and one no"));
    click(&mut window, "Review dog");
    let expected = [Command::Examine(Some(DOG)), Command::Review(Some(DOG)), Command::Examine(None)];
    assert_eq!(asked(&mut window), expected);
    assert!(!says(&window, "What would describe"));
}

#[test]
fn escape_ends_the_examination() {
    let mut session = session();
    session.apply(Command::Examine(Some(DOG)));
    let mut window = window_of(session, SMALL);
    assert!(says(&window, "What would describe “dog” better?"));
    press(&mut window, Key::Escape);
    assert_eq!(asked(&mut window), [Command::Examine(None)]);
    assert!(!says(&window, "What would describe"));
}

#[test]
fn photos_like_one_are_found_mixed_with_words_and_left_one_by_one() {
    let mut window = window_of(session(), WIDE);
    press(&mut window, Key::S);
    assert_eq!(asked(&mut window), [Command::FindSimilar(vec![PHOTO])]);
    assert!(says(&window, "Like IMG_000003.jpg") && !says(&window, "Share of the words"));
    window.state_mut().session.apply(Command::Find("snow".to_owned()));
    window.run();
    window.get_by_label("Share of the words").focus();
    window.run();
    press(&mut window, Key::ArrowRight);
    assert!(matches!(asked(&mut window).as_slice(), [Command::SetWordShare(share)] if *share > 0.5));
    window.get_by_label("Photos").focus();
    press(&mut window, Key::Escape);
    press(&mut window, Key::Escape);
    assert_eq!(asked(&mut window), [Command::Find(String::new()), Command::FindSimilar(Vec::new())]);
    assert!(!says(&window, "Like IMG_000003.jpg"));
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("nobody reads it here".to_owned())
    }
}

fn drop_on(window: &mut Window, path: &str) {
    window.input_mut().dropped_files = vec![Arc::new(Dropped(path.into()))];
    // A folder that is looked into is shown with a spinner, which never settles.
    window.run_steps(4);
}

#[test]
fn a_dropped_photo_may_be_opened_or_looked_for() {
    let mut window = window_of(session(), SMALL);
    drop_on(&mut window, "/elsewhere/fox.jpg");
    assert!(says(&window, "What is to be done with fox.jpg?"));
    click(&mut window, "Find similar");
    assert_eq!(asked(&mut window), [Command::FindSimilarTo(vec!["/elsewhere/fox.jpg".into()])]);
    assert!(says(&window, "Like fox.jpg"));
    drop_on(&mut window, "/elsewhere/fox.jpg");
    press(&mut window, Key::Escape);
    assert_eq!(asked(&mut window), []);
    drop_on(&mut window, "/elsewhere");
    assert_eq!(asked(&mut window), [Command::Open(vec!["/elsewhere".into()])]);
}

#[test]
fn a_dropped_set_is_loaded() {
    let mut window = window_of(session(), SMALL);
    drop_on(&mut window, "/elsewhere/garden.toml");
    let source = SetSource::File("/elsewhere/garden.toml".into());
    assert_eq!(asked(&mut window), [Command::LoadSet { source, replaces: true }]);
    assert!(says(&window, "in place of your 3 categories. Undo brings the old ones back."));
}

#[test]
fn the_categories_are_kept_under_a_name() {
    let mut window = window_of(session(), SMALL);
    press_with(&mut window, Modifiers::COMMAND, Key::L);
    window.get_by_label("Name of the set").focus();
    window.run();
    window.get_by_label("Name of the set").type_text("garden");
    window.run();
    press(&mut window, Key::Enter);
    assert_eq!(asked(&mut window), [Command::SaveSet("garden".to_owned())]);
    assert!(says(&window, "Keeps 3 categories as garden."));
    press_with(&mut window, Modifiers::COMMAND, Key::L);
    assert!(!says(&window, "Name of the set"));
}

#[test]
fn the_evaluation_takes_the_place_of_the_grid_and_escape_brings_it_back() {
    let mut window = window_of(session(), SMALL);
    press_with(&mut window, COMMAND_SHIFT, Key::E);
    assert!(says(&window, "Evaluation") && window.query_by_label("Photos").is_none());
    click(&mut window, "My verdicts");
    assert!(says(&window, "You have not confirmed a photo yet"));
    press(&mut window, Key::Escape);
    assert!(window.query_by_label("Close evaluation").is_none());
    window.get_by_label("Photos");
}

#[test]
fn the_evaluation_counts_what_is_right_and_shows_the_worst_mistakes() {
    // By the made-up vectors photos 0 and 3 fit dog best, and photo 1 receipt.
    let mut window = window_of(judged(&[0, 3, 1], &[]), WIDE);
    press_with(&mut window, COMMAND_SHIFT, Key::E);
    click(&mut window, "My verdicts");
    assert!(says(&window, "2 of 3 right, 67 %") && says(&window, "2 photos of dog right"));
    assert!(says(&window, "1 photo of dog taken for receipt"));
    click(&mut window, "dog, taken for receipt: IMG_000001.jpg");
    assert_eq!(window.state().session.focus(), Some(PhotoId(1)));
    window.get_by_label("Photos");
}

#[test]
fn folders_without_a_category_can_be_given_one() {
    let mut window = window_of(session(), WIDE);
    press_with(&mut window, COMMAND_SHIFT, Key::E);
    window.get_by_label("Add categories for 1 folder").click();
    // What waits for scores is shown with a spinner, which never settles.
    window.run_steps(4);
    assert_eq!(asked(&mut window), [Command::AddFolderCategories]);
}

#[test]
fn where_no_photos_are_alike_the_window_says_so() {
    let mut window = window_of(session(), WIDE);
    click(&mut window, "Alike");
    assert!(says(&window, "Comparing the photos"));
    let question = window.state().session.wish().alike.unwrap();
    window.state_mut().session.absorb(Event::Alike { question, sets: Vec::new() });
    window.run();
    assert!(says(&window, "No photos are almost the same"));
    click(&mut window, "Show groups");
    assert_eq!(window.state().session.order(), Order::Groups);
}

#[test]
fn without_a_photo_the_inspector_says_what_it_is_for() {
    let mut window = window_of(session(), WIDE);
    window.state_mut().session.apply(Command::Focus(None));
    window.run();
    assert!(says(&window, "Choose a photo to see what it fits, and why."));
}
