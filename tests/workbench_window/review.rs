//! The review asks one question after another.

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use tagroll::catalog::{PhotoId, Verdict};
use tagroll::engine::Command;

use super::{DOG, Window, click, gallery, press, press_plain, says, session, verdicts, window, window_of};

#[test]
fn the_review_is_opened_and_left_by_its_key() {
    let mut window = window();
    press_plain(&mut window, &[Key::R]);
    assert!(session(&window).review().is_some());
    window.get_by_label("Leave the review");
    press_plain(&mut window, &[Key::Escape]);
    assert!(session(&window).review().is_none());
    click(&mut window, "Review");
    assert_eq!(session(&window).review().unwrap().category, DOG);
    press_plain(&mut window, &[Key::R]);
    assert!(session(&window).review().is_none());
    window.get_by_label("Photos");
}

fn question(window: &Window) -> PhotoId {
    session(window).review().unwrap().question.expect("there are photos to ask about")
}

#[test]
fn the_review_asks_by_key_and_by_button_and_takes_an_answer_back() {
    let mut window = window();
    press_plain(&mut window, &[Key::R]);
    assert!(says(&window, "Does this belong to dog?"));
    let first = question(&window);
    assert!(window.state().commands.iter().any(|c| matches!(c, Command::ShowLarge(photos) if photos[..1] == [first])));
    press_plain(&mut window, &[Key::Y]);
    let second = question(&window);
    click(&mut window, "No");
    assert_eq!(verdicts(&window, DOG, &[first, second]), [Some(Verdict::Yes), Some(Verdict::No)]);
    assert!(says(&window, "2 answers"));
    let third = question(&window);
    press_plain(&mut window, &[Key::Space]);
    assert_ne!(question(&window), third);
    press(&mut window, Modifiers::COMMAND, &[Key::Z]);
    assert_eq!(verdicts(&window, DOG, &[first, second]), [Some(Verdict::Yes), None]);
}

#[test]
fn the_review_ends_when_everything_was_asked() {
    let mut session = gallery::session(2);
    session.apply(Command::SelectCategory(Some(DOG)));
    let mut window = window_of(session);
    press_plain(&mut window, &[Key::R, Key::Y, Key::ArrowRight]);
    assert!(says(&window, "Nothing left to ask"));
    click(&mut window, "Back to the photos");
    window.get_by_label("Photos");
}
