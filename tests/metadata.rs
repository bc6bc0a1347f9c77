//! What is written down about photos, in the session: known, filtered by, taken as truth and as verdicts.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "support/described.rs"]
mod described;
#[path = "support/gallery.rs"]
mod gallery;

use std::path::Path;

use described::{by_tagroll, describe, described, keywords, labelled, rated};
use tagroll::catalog::{CategoryId, Filter, Heading, Metadata, Order, PhotoId, RatingFilter, Verdict};
use tagroll::engine::{Command, Event, Session, Truth, Wish};

const DOG: CategoryId = CategoryId(0);
const MOUNTAIN: CategoryId = CategoryId(1);

fn of_keyword(keyword: &str) -> Filter {
    Filter { keyword: keyword.to_owned(), ..Filter::default() }
}

fn shown(session: &Session) -> Vec<u32> {
    session.ranking().photos().map(|photo| photo.0).collect()
}

/// The files of which something is wanted, in the order of the wish.
fn wanted(wish: &Wish) -> Vec<u32> {
    let number = |path: &Path| path.file_stem().unwrap().to_string_lossy()[4..].parse().unwrap();
    wish.metadata.rest.from(0).map(|(_, wanted)| number(&wanted.path)).collect()
}

#[test]
fn every_wish_for_metadata_ends_whether_the_answer_is_good_or_bad() {
    let mut session = gallery::session(3);
    assert!(session.wish().metadata.rest.from(0).next().is_none(), "nobody wants to know");
    session.read_metadata();
    assert_eq!((wanted(&session.wish()), session.is_fulfilled()), (vec![0, 1, 2], false));
    describe(&mut session, &[(1, keywords(&["sea"]))]);
    assert_eq!((wanted(&session.wish()), session.undescribed()), (vec![0, 2], 2));
    let broken = Event::Metadata {
        reading: session.wish().metadata.reading,
        photos: vec![
            described(0, Metadata::default(), Some("It is damaged.")),
            described(2, Metadata::default(), None),
        ],
    };
    session.absorb(broken);
    assert!(wanted(&session.wish()).is_empty() && session.is_fulfilled());
    assert_eq!(session.metadata_trouble(PhotoId(0)), Some("It is damaged."));
    assert_eq!(session.metadata(PhotoId(2)), Some(&Metadata::default()), "nothing is an answer, too");
    session.apply(Command::RetryUnreadable);
    assert_eq!(wanted(&session.wish()), [0]);
}

#[test]
fn photos_on_screen_are_wanted_first() {
    let mut session = gallery::session(20);
    session.read_metadata();
    session.apply(Command::ShowThumbnails(vec![PhotoId(7), PhotoId(3)]));
    describe(&mut session, &[(7, keywords(&["sea"]))]);
    let first: Vec<_> = session.wish().metadata.first.iter().map(|wanted| wanted.fingerprint).collect();
    assert_eq!(first, [gallery::name(3)]);
}

#[test]
fn an_answer_of_an_earlier_reading_is_none() {
    let mut session = gallery::session(2);
    let reading = session.wish().metadata.reading;
    session.apply(Command::Refresh);
    let visit = session.wish().visits[0].clone();
    let stale = Event::Metadata { reading, photos: vec![described(0, keywords(&["sea"]), None)] };
    session.absorb(stale);
    let file = gallery::file(0);
    session.absorb(Event::Found { visit, photos: vec![file] });
    assert_eq!(session.metadata(PhotoId(0)), None);
}

#[test]
fn only_what_passes_is_shown_and_clearing_brings_the_same_order_back() {
    let mut session = gallery::session(40);
    let some: Vec<(u32, Metadata)> = (0..40).step_by(4).map(|photo| (photo, keywords(&["Meer/Strand"]))).collect();
    describe(&mut session, &some);
    for order in [Order::Groups, Order::Ranked, Order::Folder] {
        session.apply(Command::SetOrder(order));
        let before = session.ranking();
        session.apply(Command::SetFilter(of_keyword("strand")));
        let passing: Vec<PhotoId> = before.photos().filter(|photo| photo.0 % 4 == 0).collect();
        assert_eq!(session.ranking().photos().collect::<Vec<_>>(), passing, "{order:?}");
        assert!(session.ranking().groups.iter().all(|group| !group.photos.is_empty()));
        assert_eq!(session.passing(), 10);
        session.apply(Command::SetFilter(Filter::default()));
        assert_eq!(session.ranking(), before, "{order:?}");
    }
}

#[test]
fn what_is_found_is_filtered_too() {
    let mut session = gallery::session(12);
    describe(&mut session, &[(2, rated(5)), (3, rated(2)), (4, rated(-1)), (5, labelled("Red"))]);
    session.apply(Command::Find("dog".to_owned()));
    session.apply(Command::SetFilter(Filter { rating: Some(RatingFilter::AtLeast(2)), ..Filter::default() }));
    let mut photos = shown(&session);
    photos.sort_unstable();
    assert_eq!((session.ranking().groups[0].heading, photos), (Heading::Find, vec![2, 3]));
    session.apply(Command::SetFilter(Filter { label: Some("red".to_owned()), ..Filter::default() }));
    assert_eq!((shown(&session), session.known_labels().collect::<Vec<_>>()), (vec![5], vec!["Red"]));
}

#[test]
fn a_photo_of_which_nothing_is_known_does_not_pass_until_it_is() {
    let mut session = gallery::session(3);
    session.apply(Command::SetFilter(Filter { is_tagged: Some(false), ..Filter::default() }));
    assert!(shown(&session).is_empty());
    describe(&mut session, &[(1, Metadata::default()), (2, by_tagroll(&["dog"]))]);
    assert_eq!(shown(&session), [1]);
}

#[test]
fn keys_do_not_act_on_photos_that_nobody_sees() {
    let mut session = gallery::session(4);
    describe(&mut session, &[(1, keywords(&["sea"]))]);
    session.apply(Command::Select((0..4).map(PhotoId).collect()));
    session.apply(Command::Focus(Some(PhotoId(2))));
    session.apply(Command::SetFilter(of_keyword("sea")));
    assert_eq!((session.acting_on(), session.focus()), (vec![PhotoId(1)], None));
}

#[test]
fn the_person_s_keywords_are_a_truth_and_tagroll_s_are_none() {
    let mut session = gallery::session(12);
    assert_eq!(session.evaluation(Truth::Keywords), None);
    describe(&mut session, &[(0, keywords(&["animal/DOG"])), (1, keywords(&["sea", "mountain", "dog"]))]);
    describe(&mut session, &[(2, by_tagroll(&["dog"])), (3, keywords(&["sea"]))]);
    let sorted = session.evaluation(Truth::Keywords).unwrap();
    assert_eq!(sorted.evaluation.photos, 2);
    let of_dog: usize = sorted.evaluation.confusion[0].iter().sum();
    assert_eq!(of_dog, 2, "of several categories that are named, the first");
    session.apply(Command::RenameCategory(DOG, "wolf".to_owned()));
    assert_eq!(session.evaluation(Truth::Keywords).unwrap().evaluation.photos, 1);
}

#[test]
fn keywords_become_verdicts_where_nothing_was_said_in_one_step() {
    let mut session = gallery::session(12);
    let named = [(0, keywords(&["dog"])), (1, keywords(&["dog", "mountain"])), (2, by_tagroll(&["dog"]))];
    describe(&mut session, &named);
    session.apply(Command::Judge { category: DOG, photos: vec![PhotoId(1)], verdict: Some(Verdict::No) });
    assert_eq!((session.adoptable(DOG), session.adoptable(MOUNTAIN)), (1, 1));
    session.apply(Command::AdoptKeywords(None));
    let verdicts = |session: &Session, category| [0, 1, 2].map(|photo| session.verdict(category, PhotoId(photo)));
    assert_eq!(verdicts(&session, DOG), [Some(Verdict::Yes), Some(Verdict::No), None]);
    assert_eq!(verdicts(&session, MOUNTAIN), [None, Some(Verdict::Yes), None]);
    assert_eq!((session.adoptable(DOG), session.adoptable(MOUNTAIN)), (0, 0));
    session.apply(Command::Undo);
    assert_eq!(verdicts(&session, DOG), [None, Some(Verdict::No), None]);
    session.apply(Command::AdoptKeywords(Some(MOUNTAIN)));
    assert_eq!(verdicts(&session, DOG)[0], None);
    assert_eq!(session.adoptable(MOUNTAIN), 0);
}
