//! The workbench as a person meets it: photos are selected and judged, a category is tuned, and the review asks.

#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "support/bench.rs"]
mod bench;
#[path = "support/gallery.rs"]
mod gallery;
#[path = "workbench_window/review.rs"]
mod review;
#[path = "workbench_window/tuning.rs"]
mod tuning;

use bench::{Window, click, says, window_built};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use tagroll::catalog::{Category, CategoryId, Order, PhotoId, Verdict};
use tagroll::engine::{Command, Session};

const DOG: CategoryId = CategoryId(0);
const MOUNTAIN: CategoryId = CategoryId(1);

fn window_of(session: Session) -> Window {
    window_built(Harness::builder().with_size(vec2(1280.0, 1000.0)).with_step_dt(1.0 / 60.0), session)
}

/// Photos ranked by the first category, which is selected.
fn window() -> Window {
    let mut session = gallery::session(60);
    session.apply(Command::SelectCategory(Some(DOG)));
    session.apply(Command::SetOrder(Order::Ranked));
    window_of(session)
}

fn session(window: &Window) -> &Session {
    &window.state().session
}

fn dog(window: &Window) -> &Category {
    session(window).category(DOG).unwrap()
}

fn order(window: &Window) -> Vec<PhotoId> {
    session(window).ranking().photos().collect()
}

fn selection(window: &Window) -> Vec<PhotoId> {
    session(window).selection().collect()
}

fn press(window: &mut Window, modifiers: Modifiers, keys: &[Key]) {
    for key in keys {
        window.key_press_modifiers(modifiers, *key);
        window.run();
    }
}

fn press_plain(window: &mut Window, keys: &[Key]) {
    press(window, Modifiers::NONE, keys);
}

fn cell_of<'a>(window: &'a Window, photo: PhotoId) -> egui_kittest::Node<'a> {
    let name = gallery::file_name(photo.0);
    let mut cells = window.query_all_by_role(Role::ListBoxOption);
    cells.find(|node| node.accesskit_node().label().is_some_and(|label| label.starts_with(&name))).unwrap()
}

fn spoken(window: &Window, photo: PhotoId) -> String {
    cell_of(window, photo).accesskit_node().label().unwrap()
}

fn click_photo(window: &mut Window, photo: PhotoId, modifiers: Modifiers) {
    cell_of(window, photo).click_modifiers(modifiers);
    window.run();
    // Long enough that the next click is not a second one.
    window.run_steps(60);
}

fn verdicts(window: &Window, category: CategoryId, photos: &[PhotoId]) -> Vec<Option<Verdict>> {
    photos.iter().map(|photo| session(window).verdict(category, *photo)).collect()
}

fn write(window: &mut Window, field: &str, text: &str) {
    window.get_by_label(field).scroll_to_me();
    window.run();
    window.get_by_label(field).focus();
    window.run();
    press(window, Modifiers::COMMAND, &[Key::A]);
    window.get_by_label(field).type_text(text);
    window.run();
}

fn sorted(mut photos: Vec<PhotoId>) -> Vec<PhotoId> {
    photos.sort_unstable();
    photos
}

#[test]
fn clicks_select_photos_and_the_status_counts_them() {
    let mut window = window();
    let photos = order(&window);
    click_photo(&mut window, photos[1], Modifiers::NONE);
    assert!(selection(&window).is_empty(), "one photo in focus is no selection");
    click_photo(&mut window, photos[3], Modifiers::COMMAND);
    assert_eq!(selection(&window), sorted(vec![photos[1], photos[3]]));
    assert!(says(&window, "2 selected"));
    click_photo(&mut window, photos[3], Modifiers::COMMAND);
    assert_eq!(selection(&window), [photos[1]]);
    click_photo(&mut window, photos[6], Modifiers::SHIFT);
    assert_eq!(selection(&window), sorted(photos[3..=6].to_vec()));
    press_plain(&mut window, &[Key::Escape]);
    assert!(selection(&window).is_empty() && !says(&window, "selected"));
}

#[test]
fn shift_and_the_moving_keys_select_from_where_they_began() {
    let mut window = window();
    let photos = order(&window);
    press_plain(&mut window, &[Key::Home, Key::ArrowRight]);
    press(&mut window, Modifiers::SHIFT, &[Key::ArrowRight, Key::ArrowRight, Key::ArrowRight, Key::ArrowLeft]);
    assert_eq!(selection(&window), sorted(photos[1..=3].to_vec()));
    press(&mut window, Modifiers::SHIFT, &[Key::End]);
    assert_eq!(selection(&window).len(), 59);
    press(&mut window, Modifiers::SHIFT, &[Key::Home]);
    assert_eq!(selection(&window), sorted(photos[..=1].to_vec()));
    press_plain(&mut window, &[Key::ArrowRight]);
    assert!(selection(&window).is_empty());
}

#[test]
fn all_photos_can_be_selected_and_escape_drops_them_before_it_leaves_find() {
    let mut window = window();
    press(&mut window, Modifiers::COMMAND, &[Key::A]);
    assert_eq!(selection(&window).len(), 60);
    window.state_mut().session.apply(Command::Find("mountain".to_owned()));
    window.run();
    press_plain(&mut window, &[Key::Escape]);
    assert_eq!((selection(&window).len(), session(&window).find()), (0, "mountain"));
    press_plain(&mut window, &[Key::Escape]);
    assert_eq!(session(&window).find(), "");
}

#[test]
fn yes_and_no_judge_the_photo_in_focus_and_move_on() {
    let mut window = window();
    let photos = order(&window);
    press_plain(&mut window, &[Key::Home, Key::Y]);
    assert_eq!(session(&window).focus(), Some(photos[1]));
    press_plain(&mut window, &[Key::N]);
    assert_eq!(verdicts(&window, DOG, &photos[..3]), [Some(Verdict::Yes), Some(Verdict::No), None]);
    assert_eq!(session(&window).focus(), Some(photos[2]));
    assert!(spoken(&window, photos[0]).ends_with(", confirmed"));
    press(&mut window, Modifiers::COMMAND, &[Key::Z]);
    assert_eq!(verdicts(&window, DOG, &photos[..2]), [Some(Verdict::Yes), None]);
}

#[test]
fn a_verdict_on_several_photos_is_one_step_and_goes_on_after_them() {
    let mut window = window();
    let photos = order(&window);
    press_plain(&mut window, &[Key::Home]);
    press(&mut window, Modifiers::SHIFT, &[Key::ArrowRight, Key::ArrowRight]);
    press_plain(&mut window, &[Key::Y]);
    assert_eq!(verdicts(&window, DOG, &photos[..4]), [[Some(Verdict::Yes); 3].as_slice(), &[None]].concat());
    assert!(selection(&window).is_empty());
    assert_eq!(session(&window).focus(), Some(photos[3]));
    assert!(says(&window, "3 photos: yes, dog"));
    press(&mut window, Modifiers::COMMAND, &[Key::Z]);
    assert_eq!(verdicts(&window, DOG, &photos[..3]), [None; 3]);
    assert!(!says(&window, "3 photos: yes, dog"), "what was taken back is not said any more");
}

#[test]
fn digits_say_yes_to_the_categories_of_the_list_and_zero_takes_back() {
    let mut window = window();
    let photos = order(&window);
    press_plain(&mut window, &[Key::Home, Key::Num2]);
    assert_eq!(verdicts(&window, MOUNTAIN, &photos[..1]), [Some(Verdict::Yes)]);
    assert!(says(&window, "1 photo: yes, mountain"));
    press_plain(&mut window, &[Key::Num9]);
    assert!(says(&window, "There is no category 9."));
    press_plain(&mut window, &[Key::Home, Key::Y, Key::ArrowLeft, Key::Num0]);
    assert_eq!(verdicts(&window, DOG, &photos[..1]), [None]);
    assert_eq!(session(&window).focus(), Some(photos[0]), "taking back stays where it is");
}

#[test]
fn without_a_selected_category_the_window_says_what_to_do() {
    let mut window = window_of(gallery::session(20));
    press_plain(&mut window, &[Key::Home, Key::Y]);
    assert!(says(&window, "Select a category in the list first"));
    press_plain(&mut window, &[Key::ArrowRight]);
    assert!(!says(&window, "Select a category in the list first"));
}

#[test]
fn verdict_keys_work_on_the_photo_that_shows_large() {
    let mut window = window();
    let photos = order(&window);
    press(&mut window, Modifiers::COMMAND, &[Key::A]);
    press_plain(&mut window, &[Key::Home, Key::Space, Key::Y, Key::N]);
    assert_eq!(verdicts(&window, DOG, &photos[..3]), [Some(Verdict::Yes), Some(Verdict::No), None]);
    assert_eq!(session(&window).focus(), Some(photos[2]));
    click(&mut window, "Yes, dog");
    assert_eq!(verdicts(&window, DOG, &photos[2..4]), [Some(Verdict::Yes), None]);
}

#[test]
fn the_menu_of_a_photo_judges_finds_and_explains() {
    let mut window = window();
    let photo = order(&window)[2];
    for (name, expected) in [
        ("Why this?", Command::Explain(Some(photo))),
        ("Yes, dog", Command::Judge { category: DOG, photos: vec![photo], verdict: Some(Verdict::Yes) }),
        ("Find similar", Command::FindSimilar(vec![photo])),
    ] {
        cell_of(&window, photo).click_secondary();
        window.run();
        window.get_by_label(name).click();
        window.run();
        assert!(window.state().commands.contains(&expected), "{name}: {:?}", window.state().commands);
        window.run_steps(60);
    }
}

#[test]
fn a_photo_that_is_ruled_out_says_so() {
    let mut session = gallery::session(60);
    session.apply(Command::SetExclusions(DOG, vec!["mountain".to_owned()]));
    session.apply(Command::SelectCategory(Some(DOG)));
    session.apply(Command::SetOrder(Order::Ranked));
    let mut window = window_of(session);
    press_plain(&mut window, &[Key::End]);
    let last = *order(&window).last().unwrap();
    cell_of(&window, last).hover();
    window.run_steps(60);
    assert!(says(&window, "Ruled out of dog"));
}

#[test]
fn help_lists_the_keys_of_the_workbench() {
    let mut window = window();
    press_plain(&mut window, &[Key::F1]);
    for words in ["Yes or no to the selected category", "Select all photos", "Answer the question", "Review: answer"] {
        assert!(says(&window, words), "{words}");
    }
}
