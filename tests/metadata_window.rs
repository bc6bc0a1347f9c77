//! Keywords, stars and labels in the window: seen in the inspector, filtered by, measured against and taken as verdicts.

#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "support/bench.rs"]
mod bench;
#[path = "support/described.rs"]
mod described;
#[path = "support/gallery.rs"]
mod gallery;

use bench::{Window, click, press, says, window_of};
use described::{by_tagroll, describe, described, keywords, labelled, rated};
use eframe::egui::{self, Key, Modifiers, Vec2, vec2};
use egui_kittest::kittest::Queryable;
use tagroll::catalog::{CategoryId, Filter, Metadata, Order, PhotoId, RatingFilter, Verdict};
use tagroll::engine::{Command, Event, Session};

const WIDE: Vec2 = vec2(1280.0, 800.0);
const SMALL: Vec2 = vec2(900.0, 600.0);
const COMMAND_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };
const DOG: CategoryId = CategoryId(0);

/// Forty photos in folder order, of which the first has the focus, and some of which are described.
fn session() -> Session {
    let mut session = gallery::session(40);
    let whole = Metadata {
        keywords: keywords(&["animal/dog", "sea"]).keywords,
        rating: Some(4),
        label: Some("Red".to_owned()),
        ..by_tagroll(&["beach"])
    };
    let others = (5..40).map(|photo| (photo, Metadata::default()));
    let some = [(0, whole), (1, keywords(&["dog"])), (2, rated(-1)), (3, labelled("Blau")), (4, rated(2))];
    describe(&mut session, &some.into_iter().chain(others).collect::<Vec<_>>());
    session.apply(Command::SetOrder(Order::Folder));
    session.apply(Command::Focus(Some(PhotoId(0))));
    session
}

/// To whatever has the keyboard.
fn type_text(window: &mut Window, text: &str) {
    window.event(egui::Event::Text(text.to_owned()));
    window.run();
}

fn shown(window: &Window) -> Vec<u32> {
    window.state().session.ranking().photos().map(|photo| photo.0).collect()
}

fn filter(window: &Window) -> &Filter {
    window.state().session.filter()
}

#[test]
fn the_inspector_shows_what_is_written_down_and_whose_it_is() {
    let mut window = window_of(session(), WIDE);
    for name in ["Rating: 4 stars", "Red", "animal › dog", "sea", "beach, by Tagroll"] {
        assert!(window.query_by_label(name).is_some(), "{name}");
    }
    window.state_mut().session.apply(Command::Focus(Some(PhotoId(2))));
    window.run();
    assert!(says(&window, "Rejected") && !says(&window, "Keywords"));
    window.state_mut().session.apply(Command::Focus(Some(PhotoId(9))));
    window.run();
    assert!(!says(&window, "Keywords") && !says(&window, "Rating"));
}

#[test]
fn what_could_not_be_read_is_said() {
    let mut session = gallery::session(3);
    session.apply(Command::Focus(Some(PhotoId(0))));
    let photos = vec![described(0, Metadata::default(), Some("IMG_000000.jpg.xmp is damaged."))];
    session.absorb(Event::Metadata { reading: session.wish().metadata.reading, photos });
    let window = window_of(session, WIDE);
    assert!(says(&window, "Not all could be read. IMG_000000.jpg.xmp is damaged."));
}

#[test]
fn a_click_on_a_keyword_shows_the_photos_that_have_it() {
    let mut window = window_of(session(), WIDE);
    click(&mut window, "sea");
    assert_eq!((filter(&window).keyword.as_str(), shown(&window)), ("sea", vec![0]));
    assert!(says(&window, "Shows 1 of 40 photos"));
    click(&mut window, "Clear the filter");
    assert_eq!(shown(&window).len(), 40);
}

#[test]
fn the_filter_opens_by_its_key_takes_words_and_closes_with_enter() {
    let mut window = window_of(session(), SMALL);
    press(&mut window, Key::L);
    type_text(&mut window, "dog");
    assert_eq!(shown(&window), [0, 1]);
    press(&mut window, Key::Enter);
    assert!(window.query_by_label("Keyword contains").is_none());
    assert!(says(&window, "Shows 2 of 40 photos"));
}

#[test]
fn stars_labels_and_tagroll_s_keywords_are_chosen_and_unchosen() {
    let mut window = window_of(session(), WIDE);
    click(&mut window, "Filter");
    click(&mut window, "2 stars or more");
    assert_eq!(shown(&window), [0, 4]);
    click(&mut window, "2 stars or more");
    click(&mut window, "Rejected");
    assert_eq!((filter(&window).rating, shown(&window)), (Some(RatingFilter::Rejected), vec![2]));
    click(&mut window, "Rejected");
    click(&mut window, "Label Blau");
    assert_eq!(shown(&window), [3]);
    click(&mut window, "Label Blau");
    click(&mut window, "Only tagged by Tagroll");
    assert_eq!(shown(&window), [0]);
    click(&mut window, "Show all");
    assert!(!filter(&window).is_on() && window.query_by_label("Keyword contains").is_some());
}

#[test]
fn escape_closes_the_filter_then_drops_the_selection_then_clears_it() {
    let mut window = window_of(session(), WIDE);
    press(&mut window, Key::L);
    type_text(&mut window, "dog");
    window.state_mut().session.apply(Command::Select(vec![PhotoId(1)]));
    window.run();
    press(&mut window, Key::Escape);
    assert!(window.query_by_label("Keyword contains").is_none());
    assert_eq!(window.state().session.selection().len(), 1);
    press(&mut window, Key::Escape);
    assert_eq!((window.state().session.selection().len(), shown(&window)), (0, vec![0, 1]));
    press(&mut window, Key::Escape);
    assert!(!filter(&window).is_on());
}

#[test]
fn where_nothing_passes_the_window_says_so_and_shows_the_way_back() {
    let mut window = window_of(session(), SMALL);
    let filter = Filter { keyword: "zebra".to_owned(), ..Filter::default() };
    window.state_mut().session.apply(Command::SetFilter(filter));
    window.run();
    assert!(says(&window, "No photo passes the filter"));
    click(&mut window, "Show all photos");
    window.get_by_label("Photos");
}

#[test]
fn the_person_s_keywords_are_the_third_truth() {
    let mut window = window_of(session(), SMALL);
    window.key_press_modifiers(COMMAND_SHIFT, Key::E);
    window.run();
    click(&mut window, "My keywords");
    assert!(says(&window, "Agreement with your own keywords") && says(&window, "1 of 2 right"));
}

#[test]
fn the_person_s_keywords_become_verdicts_of_the_selected_category() {
    let mut session = session();
    session.apply(Command::SelectCategory(Some(DOG)));
    let mut window = window_of(session, vec2(1280.0, 1000.0));
    click(&mut window, "Use my keywords for 2 photos");
    assert!(says(&window, "2 photos: yes, dog, by your keywords"));
    assert!(!says(&window, "Use my keywords"));
    let session = &window.state().session;
    assert_eq!(
        [0, 1, 2].map(|photo| session.verdict(DOG, PhotoId(photo))),
        [Some(Verdict::Yes), Some(Verdict::Yes), None]
    );
}

#[test]
fn help_names_the_key_of_the_filter() {
    let mut window = window_of(session(), WIDE);
    press(&mut window, Key::F1);
    assert!(says(&window, "Filter by keyword, stars or label"));
}
