//! What a keystroke asks of memory does not grow with the library.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "support/described.rs"]
mod described;
#[path = "support/gallery.rs"]
mod gallery;

use tagroll::catalog::{BACKGROUND_PROMPTS, CategoryId, Cutoff, Filter, Metadata, Order};
use tagroll::engine::{Command, Event, Session};

/// Bytes that one keystroke asks for, after a few have been typed.
fn bytes_of_a_keystroke(photos: u32, order: Order, cutoff: Cutoff) -> u64 {
    let mut session = gallery::session(photos);
    session.apply(Command::SetOrder(order));
    session.apply(Command::SelectCategory(Some(CategoryId(0))));
    session.apply(Command::SetCutoff(CategoryId(0), cutoff));
    let bank = BACKGROUND_PROMPTS.iter().enumerate();
    let texts = bank.map(|(i, text)| ((*text).to_owned(), Ok(gallery::vector(i as f32 / 64.0)))).collect();
    session.absorb(Event::Texts { model: gallery::model(), texts });
    while session.has_work() {
        session.work();
    }
    // The window draws the ranking before until it has the next one.
    let mut drawn = session.ranking();
    (0..12).for_each(|number| drawn = keystroke(&mut session, number));
    let asked = allocation_counter::measure(|| drawn = keystroke(&mut session, 3));
    assert_eq!(drawn.len(), photos as usize);
    asked.bytes_total
}

fn keystroke(session: &mut Session, number: u32) -> std::rc::Rc<tagroll::catalog::Ranking> {
    let text = format!("dog {number:02}");
    session.apply(Command::SetPrompts(CategoryId(0), vec![text.as_str().into()]));
    // Back and forth, so that groups grow and shrink.
    let vector = gallery::vector(0.01 * (number % 4) as f32);
    session.absorb(Event::Texts { model: gallery::model(), texts: vec![(text, Ok(vector))] });
    session.histogram(CategoryId(0));
    session.ranking()
}

/// Bytes that one more letter in the filter asks for.
fn bytes_of_a_letter(photos: u32, order: Order) -> u64 {
    let mut session = gallery::session(photos);
    session.apply(Command::SetOrder(order));
    session.apply(Command::SelectCategory(Some(CategoryId(0))));
    let some: Vec<(u32, Metadata)> = (0..photos).map(|photo| (photo, described::keywords(&["Tier/Hund"]))).collect();
    described::describe(&mut session, &some);
    let mut drawn = session.ranking();
    let mut typed = |keyword: &str| {
        session.apply(Command::SetFilter(Filter { keyword: keyword.to_owned(), ..Filter::default() }));
        drawn = session.ranking();
        drawn.len()
    };
    ["t", "ti", "", "tier", "hund", "h"].iter().for_each(|keyword| _ = typed(keyword));
    let mut shown = 0;
    let asked = allocation_counter::measure(|| shown = typed("hu"));
    assert_eq!(shown, photos as usize);
    asked.bytes_total
}

#[test]
fn memory_asked_for_by_a_letter_of_the_filter_does_not_grow_with_the_library() {
    for order in [Order::Groups, Order::Ranked, Order::Folder] {
        let (few, many) = (bytes_of_a_letter(500, order), bytes_of_a_letter(20_000, order));
        assert!(many < few + 4096, "{few} bytes for 500 photos, {many} for 20,000, {order:?}");
    }
}

#[test]
fn memory_asked_for_by_a_keystroke_does_not_grow_with_the_library() {
    for order in [Order::Groups, Order::Ranked] {
        for cutoff in [Cutoff::At(0.2), Cutoff::Auto] {
            let (few, many) = (bytes_of_a_keystroke(500, order, cutoff), bytes_of_a_keystroke(20_000, order, cutoff));
            assert!(many < few + 4096, "{few} bytes for 500 photos, {many} for 20,000, {order:?}, {cutoff:?}");
        }
    }
}
