//! Re-ranking 100,000 photos after one of 50 categories changed:
//! `cargo bench --bench rank`.
//!
//! The change goes through the session as it does in the window: a new text arrives, its column is scored anew, the
//! winners are found and the photos sorted. Times are what a person waits, so other work on the machine shows.

#![allow(clippy::unwrap_used, reason = "a benchmark that fails says so")]

#[path = "../support/gallery.rs"]
mod gallery;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tagroll::catalog::{BACKGROUND_PROMPTS, Category, CategoryId, Cutoff, Embedding, Fingerprint, FoundFile, Order};
use tagroll::engine::{Command, Event, ModelRequest, Saved, Session};

const PHOTOS: u32 = 100_000;
const CATEGORIES: u32 = 50;
const DIM: usize = 512;
const ROUNDS: usize = 21;

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    fn embedding(&mut self) -> Embedding {
        Embedding::normalised((0..DIM).map(|_| self.next()).collect()).unwrap()
    }
}

fn session(random: &mut Random) -> Session {
    let category = |id| {
        let prompts = vec![format!("category {id}").into()];
        Category { prompts, ..Category::named(CategoryId(id), &format!("category {id}")) }
    };
    let categories = (0..CATEGORIES).map(category).collect();
    let mut session = Session::new(Saved { categories, roots: vec!["/photos".into()], ..Saved::default() }, false);
    let visit = session.wish().visits[0].clone();
    let texts = (0..CATEGORIES).map(|id| (format!("category {id}"), Ok(random.embedding()))).collect();
    let card = Arc::new(gallery::card("made up"));
    session.absorb(Event::ModelReady { request: ModelRequest::default(), card });
    session.absorb(Event::Texts { model: gallery::model(), texts });
    let name = |i: u32| Fingerprint(u128::from(i).to_be_bytes());
    for start in (0..PHOTOS).step_by(4096) {
        let numbers = start..PHOTOS.min(start + 4096);
        let file = |i| {
            let path = Path::new(&format!("/photos/{:03}/IMG_{i:06}.jpg", i / 500)).into();
            (FoundFile { path, size_bytes: 1, modified_ns: 0 }, name(i))
        };
        session.absorb(Event::Found { visit: visit.clone(), photos: numbers.clone().map(file).collect() });
        let embeddings = numbers.map(|i| (name(i), random.embedding())).collect();
        session.absorb(Event::Stored { model: gallery::model(), embeddings });
    }
    session.absorb(Event::Visited(visit));
    session
}

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let (least, median, most) = (ms(times[0]), ms(times[times.len() / 2]), ms(times[times.len() - 1]));
    println!("{what:58} {median:6.1} ms median ({least:.1} to {most:.1})");
}

fn main() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut session = session(&mut random);
    println!("{PHOTOS} photos, {CATEGORIES} categories, {DIM} numbers a vector");
    for (order, what) in
        [(Order::Groups, "one changed category, in groups"), (Order::Ranked, "one changed category, ranked")]
    {
        session.apply(Command::SetOrder(order));
        session.apply(Command::SelectCategory(Some(CategoryId(7))));
        session.ranking();
        let mut round = |number: usize| {
            let text = format!("{what} {number}");
            session.apply(Command::SetPrompts(CategoryId(7), vec![text.as_str().into()]));
            let answer = Event::Texts { model: gallery::model(), texts: vec![(text, Ok(random.embedding()))] };
            let begun = Instant::now();
            session.absorb(answer);
            // The window draws it in the same frame.
            session.histogram(CategoryId(7));
            assert_eq!(session.ranking().len(), PHOTOS as usize);
            begun.elapsed()
        };
        // Memory that is used again is there after the first of them.
        (0..3).for_each(|number| _ = round(1000 + number));
        print(what, (0..ROUNDS).map(&mut round).collect());
        let asked = allocation_counter::measure(|| _ = round(2000));
        println!("    memory asked for by one of them: {} bytes in {} pieces", asked.bytes_total, asked.count_total);
    }
    change_of_a_negative(&mut session, &mut random);
    change_with_automatic_cutoffs(&mut session, &mut random);
    session.apply(Command::SetOrder(Order::Groups));
    let mut cutoff = |number: usize| {
        let begun = Instant::now();
        session.apply(Command::SetCutoff(CategoryId(7), Cutoff::At(number as f32 / 100.0)));
        session.ranking();
        begun.elapsed()
    };
    print("one moved cut-off, in groups", (0..ROUNDS).map(&mut cutoff).collect());
    let wish = |_| {
        let begun = Instant::now();
        session.wish();
        begun.elapsed()
    };
    print("what is still wanted, after everything is there", (0..ROUNDS).map(wish).collect());
}

/// A negative takes two products a photo instead of one, and an exclusion one more.
fn change_of_a_negative(session: &mut Session, random: &mut Random) {
    session.apply(Command::SetOrder(Order::Groups));
    for (exclusions, what) in [
        (vec![], "one changed negative, in groups"),
        (vec!["never if".to_owned()], "one changed negative beside an exclusion, in groups"),
    ] {
        session.apply(Command::SetExclusions(CategoryId(7), exclusions));
        let mut round = |number: usize| {
            let text = format!("{what} {number}");
            session.apply(Command::SetNegatives(CategoryId(7), vec![text.as_str().into()]));
            let texts = vec![(text, Ok(random.embedding())), ("never if".to_owned(), Ok(random.embedding()))];
            let begun = Instant::now();
            session.absorb(Event::Texts { model: gallery::model(), texts });
            session.histogram(CategoryId(7));
            session.ranking();
            begun.elapsed()
        };
        (0..3).for_each(|number| _ = round(1000 + number));
        print(what, (0..ROUNDS).map(&mut round).collect());
    }
    session.apply(Command::SetNegatives(CategoryId(7), Vec::new()));
    session.apply(Command::SetExclusions(CategoryId(7), Vec::new()));
}

/// The same where every cut-off follows the photos.
fn change_with_automatic_cutoffs(session: &mut Session, random: &mut Random) {
    session.apply(Command::SetOrder(Order::Groups));
    for id in 0..CATEGORIES {
        session.apply(Command::SetCutoff(CategoryId(id), Cutoff::Auto));
    }
    let texts = BACKGROUND_PROMPTS.iter().map(|text| ((*text).to_owned(), Ok(random.embedding()))).collect();
    session.absorb(Event::Texts { model: gallery::model(), texts });
    while session.has_work() {
        session.work();
    }
    session.ranking();
    let mut round = |number: usize| {
        let text = format!("automatic {number}");
        session.apply(Command::SetPrompts(CategoryId(7), vec![text.as_str().into()]));
        let answer = Event::Texts { model: gallery::model(), texts: vec![(text, Ok(random.embedding()))] };
        let begun = Instant::now();
        session.absorb(answer);
        session.ranking();
        begun.elapsed()
    };
    print("one changed category, in groups, automatic cut-offs", (0..ROUNDS).map(&mut round).collect());
    for id in 0..CATEGORIES {
        session.apply(Command::SetCutoff(CategoryId(id), Cutoff::Everything));
    }
}
