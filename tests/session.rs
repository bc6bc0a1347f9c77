//! The session as a value: any order of the same events gives the same session, and every wish ends.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

use std::path::Path;
use std::sync::{Arc, OnceLock};

use proptest::prelude::*;
use tagroll::catalog::{
    BACKGROUND_PROMPTS, Category, CategoryId, Cutoff, Embedding, Filter, Fingerprint, FoundFile, Heading, Look,
    Metadata, Order, Verdict,
};
use tagroll::clip::{self, DeviceChoice, ModelCard, ModelId, ModelSource, PrecisionChoice};
use tagroll::engine::{Activity, Command, Described, Event, ModelRequest, Problem, Saved, Session, Visit};

/// Of the first visit.
const READING: u32 = 1;

/// What a small world holds: for each photo its content, and for each content its vector or nothing.
#[derive(Clone, Debug)]
struct World {
    photos: Vec<u8>,
    contents: Vec<Option<[f32; 3]>>,
    texts: [[f32; 3]; 4],
    batch: usize,
}

fn world() -> impl Strategy<Value = World> {
    let direction =
        || prop::array::uniform3(-1.0f32..1.0).prop_filter("points nowhere", |d| d.iter().any(|x| x.abs() > 0.1));
    let contents = prop::collection::vec(prop::option::weighted(0.8, direction()), 1..12);
    (contents, prop::array::uniform4(direction()), 1..5usize).prop_flat_map(|(contents, texts, batch)| {
        let photos = prop::collection::vec(0..contents.len() as u8, 1..24);
        photos.prop_map(move |photos| World { photos, contents: contents.clone(), texts, batch })
    })
}

fn card() -> Arc<ModelCard> {
    static CARD: OnceLock<Arc<ModelCard>> = OnceLock::new();
    CARD.get_or_init(|| {
        Arc::new(clip::open(&ModelSource::Starter, DeviceChoice::Cpu, PrecisionChoice::F32).unwrap().card().clone())
    })
    .clone()
}

fn model() -> ModelId {
    card().id.clone()
}

/// A session whose model is open, as it is before any result arrives.
fn started() -> Session {
    started_with(saved())
}

/// The same with a category that learns: its cut-off is automatic, and the store has verdicts on it.
fn started_learning() -> Session {
    let mut saved = saved();
    let prompts = vec!["sea".into()];
    saved.categories.push(Category { prompts, cutoff: Cutoff::Auto, ..Category::named(CategoryId(2), "sea") });
    started_with(saved)
}

fn started_with(saved: Saved) -> Session {
    let mut session = Session::new(saved, false);
    session.read_metadata();
    session.absorb(Event::ModelReady { request: ModelRequest::default(), card: card() });
    session
}

fn unit(direction: [f32; 3]) -> Embedding {
    Embedding::normalised(direction.to_vec()).unwrap()
}

fn name(content: u8) -> Fingerprint {
    Fingerprint([content; 16])
}

fn saved() -> Saved {
    let category = |id, name: &str, cutoff| {
        let prompts = vec![name.into()];
        Category { prompts, cutoff, ..Category::named(CategoryId(id), name) }
    };
    let with_negative = Category { negatives: vec!["cat".into()], ..category(1, "boat", Cutoff::At(0.1)) };
    Saved {
        roots: vec!["/photos".into()],
        categories: vec![category(0, "dog", Cutoff::At(-0.5)), with_negative],
        ..Saved::default()
    }
}

/// Everything that the two threads would report about this world.
fn events(world: &World, visit: &Visit) -> Vec<Event> {
    let found: Vec<_> = world
        .photos
        .iter()
        .enumerate()
        .map(|(i, content)| {
            let path = Path::new(&format!("/photos/{i}.jpg")).into();
            (FoundFile { path, size_bytes: 1, modified_ns: 0 }, name(*content))
        })
        .collect();
    let mut events: Vec<Event> = found
        .chunks(world.batch)
        .map(|photos| Event::Found { visit: visit.clone(), photos: photos.to_vec() })
        .collect();
    for (content, vector) in world.contents.iter().enumerate() {
        let name = name(content as u8);
        match vector {
            Some(vector) if content % 2 == 0 => {
                events.push(Event::Stored { model: model(), embeddings: vec![(name, unit(*vector))] });
            }
            Some(vector) => events.push(Event::Encoded { model: model(), embeddings: vec![(name, unit(*vector))] }),
            None => events.push(Event::Unreadable(vec![(name, "It is damaged.".to_owned())])),
        }
        events.push(Event::Looks(vec![(name, Look { width_px: 3, height_px: 2, average: [content as u8; 3] })]));
    }
    for (text, direction) in ["dog", "boat", "cat", "sea"].iter().zip(world.texts) {
        events.push(Event::Texts { model: model(), texts: vec![((*text).to_owned(), Ok(unit(direction)))] });
    }
    let neutral = |i: usize| unit([(i as f32).sin(), (i as f32 * 1.7).cos(), 0.4]);
    let bank = BACKGROUND_PROMPTS.iter().enumerate().map(|(i, text)| ((*text).to_owned(), Ok(neutral(i))));
    events.push(Event::Texts { model: model(), texts: bank.collect() });
    let verdicts = [(0, Verdict::Yes), (1, Verdict::No), (2, Verdict::No), (3, Verdict::Yes)];
    let of_sea = verdicts.map(|(content, verdict)| ("sea".to_owned(), name(content), verdict));
    events.push(Event::Verdicts(of_sea.to_vec()));
    // The loader reads files in an order of its own.
    for (photo, content) in world.photos.iter().enumerate() {
        events.push(Event::Metadata { reading: READING, photos: vec![described(photo, *content)] });
    }
    let problem = Problem { path: "/photos/locked".into(), reason: "Your account may not look inside.".to_owned() };
    events.push(Event::Problems { visit: visit.clone(), problems: vec![problem] });
    events.push(Event::Visited(visit.clone()));
    events
}

/// What is written down about a photo: some are tagged, some cannot be read.
fn described(photo: usize, content: u8) -> Described {
    let path = Path::new(&format!("/photos/{photo}.jpg")).into();
    let keywords = if content.is_multiple_of(3) { vec!["animal/dog".parse().unwrap()] } else { Vec::new() };
    let trouble = (content % 5 == 4).then(|| "It is damaged.".to_owned());
    Described { path, metadata: Metadata { keywords, ..Metadata::default() }, trouble }
}

/// What a person could see, without the numbers by which the session names things inside.
fn seen(session: &Session) -> String {
    let path = |id| session.library().photo(id).file.path.display().to_string();
    let ranking = session.ranking();
    let groups = ranking.groups.iter().map(|group| {
        let photos: Vec<_> = group
            .photos
            .iter()
            .map(|id| {
                let known = (session.metadata(*id), session.metadata_trouble(*id));
                (
                    path(*id),
                    session.library().look(*id),
                    session.library().state(*id).clone(),
                    session.scores(*id),
                    known,
                )
            })
            .collect();
        (group.heading, group.above_cutoff, photos)
    });
    let groups: Vec<_> = groups.collect();
    let histograms = [0, 1, 2].map(|id| (session.histogram(CategoryId(id)), session.cutoff(CategoryId(id))));
    let estimate = session.estimate(CategoryId(2));
    let adoptable = session.adoptable(CategoryId(0));
    let (counts, problems) = (session.counts(), session.problems());
    format!("{groups:?} {counts:?} {problems:?} {histograms:?} {estimate:?} {adoptable}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_the_same_events_gives_the_same_session(
        (world, order) in world().prop_flat_map(|world| {
            let count = events(&world, &Visit { root: Path::new("/photos").into(), number: 1 }).len();
            (Just(world), Just((0..count).collect::<Vec<_>>()).prop_shuffle())
        })
    ) {
        let (mut plain, mut shuffled) = (started_learning(), started_learning());
        let visit = plain.wish().visits[0].clone();
        let events = events(&world, &visit);
        events.iter().cloned().for_each(|event| plain.absorb(event));
        order.iter().for_each(|place| shuffled.absorb(events[*place].clone()));
        [&mut plain, &mut shuffled].into_iter().for_each(finish);
        prop_assert_eq!(seen(&plain), seen(&shuffled));
        let filter = Filter { keyword: "dog".to_owned(), ..Filter::default() };
        [&mut plain, &mut shuffled].into_iter().for_each(|session| session.apply(Command::SetFilter(filter.clone())));
        prop_assert_eq!(seen(&plain), seen(&shuffled));
        // Every wish ends: each content was answered, by success or failure.
        prop_assert!(plain.is_fulfilled() && shuffled.is_fulfilled());
    }
}

/// Does what arithmetic is left.
fn finish(session: &mut Session) {
    while session.has_work() {
        session.work();
    }
}

/// A finished session of two photos: one that is a dog, one that is a boat.
fn session() -> Session {
    let mut session = started();
    let visit = session.wish().visits[0].clone();
    let world = World {
        photos: vec![0, 1],
        contents: vec![Some([1.0, 0.1, 0.0]), Some([0.1, 1.0, 0.0])],
        texts: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.5, 1.0]],
        batch: 2,
    };
    events(&world, &visit).into_iter().for_each(|event| session.absorb(event));
    finish(&mut session);
    session
}

fn headings(session: &Session) -> Vec<Heading> {
    session.ranking().groups.iter().map(|group| group.heading).collect()
}

#[test]
fn a_failure_is_an_answer_and_is_not_wished_again() {
    let mut session = started();
    let visit = session.wish().visits[0].clone();
    let file = FoundFile { path: Path::new("/photos/a.jpg").into(), size_bytes: 1, modified_ns: 0 };
    session.absorb(Event::Found { visit, photos: vec![(file, name(0))] });
    assert_eq!(session.wish().embeddings.len(), 1);
    session.absorb(Event::Unreadable(vec![(name(0), "It is damaged.".to_owned())]));
    session.absorb(Event::Texts { model: model(), texts: vec![("dog".to_owned(), Err("too strange".to_owned()))] });
    assert!(session.wish().embeddings.is_empty());
    assert_eq!(session.wish().texts, ["boat", "cat"]);
    assert_eq!(session.trouble(CategoryId(0)), Some("too strange"));
    session.apply(Command::RetryUnreadable);
    assert_eq!(session.wish().embeddings.len(), 1);
}

#[test]
fn a_result_of_a_folder_that_was_closed_changes_nothing() {
    let mut session = Session::new(saved(), false);
    let old = session.wish().visits[0].clone();
    session.apply(Command::Open(vec!["/other".into()]));
    let file = FoundFile { path: Path::new("/photos/a.jpg").into(), size_bytes: 1, modified_ns: 0 };
    session.absorb(Event::Found { visit: old.clone(), photos: vec![(file, name(0))] });
    session.absorb(Event::Visited(old));
    assert_eq!((session.counts().found, session.wish().visits.len()), (0, 1));
}

#[test]
fn files_that_are_gone_make_the_visit_begin_anew_and_a_pause_lasts() {
    let mut session = session();
    let visit = Visit { root: Path::new("/photos").into(), number: 1 };
    session.apply(Command::Pause);
    session.absorb(Event::Gone(visit.clone()));
    assert_eq!((session.counts().found, session.activity()), (0, Activity::Paused));
    let wish = session.wish();
    assert_eq!(wish.visits, [Visit { number: 2, ..visit.clone() }]);
    session.absorb(Event::Gone(visit));
    assert_eq!(session.wish().visits, wish.visits, "the earlier visit is nothing to the new one");
}

#[test]
fn the_order_stays_until_a_new_prompt_is_encoded() {
    let mut session = session();
    let before = headings(&session);
    session.apply(Command::SetPrompts(CategoryId(0), vec!["a boat".into()]));
    assert_eq!((headings(&session), session.is_scored(CategoryId(0))), (before, false));
    assert_eq!(session.wish().texts, ["a boat"]);
    session.absorb(Event::Texts { model: model(), texts: vec![("a boat".to_owned(), Ok(unit([0.0, 1.0, 0.0])))] });
    assert_eq!(session.count(CategoryId(0)), 2, "as the earlier of two equals it now wins both photos");
}

#[test]
fn a_cutoff_moves_photos_at_once_and_undo_moves_them_back() {
    let mut session = session();
    assert_eq!(session.unsorted_count(), 0);
    for cutoff in [0.2, 0.9, 0.999] {
        session.apply(Command::SetCutoff(CategoryId(0), Cutoff::At(cutoff)));
    }
    assert_eq!(session.unsorted_count(), 1);
    session.apply(Command::Undo);
    assert_eq!(session.category(CategoryId(0)).unwrap().cutoff, Cutoff::At(-0.5), "a drag is one step");
    assert_eq!(session.unsorted_count(), 0);
}

#[test]
fn what_is_found_outranks_groups_until_it_is_cleared() {
    let mut session = session();
    session.apply(Command::SetOrder(Order::Groups));
    session.apply(Command::Find(" cat ".to_owned()));
    assert_eq!(headings(&session), [Heading::Find]);
    session.apply(Command::Find(String::new()));
    assert_eq!(headings(&session), [Heading::Category(CategoryId(0)), Heading::Category(CategoryId(1))]);
}

#[test]
fn categories_are_added_moved_and_removed_and_all_of_it_is_undone() {
    let mut session = session();
    let names = |session: &Session| session.categories().iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    session.apply(Command::AddCategory("fox".to_owned()));
    let fox = session.selected().unwrap();
    assert_eq!(fox, CategoryId(2), "an id is never used twice");
    session.apply(Command::MoveCategory(fox, 0));
    assert_eq!(names(&session), ["fox", "dog", "boat"]);
    session.apply(Command::RemoveCategory(fox));
    assert_eq!((names(&session).len(), session.selected()), (2, None));
    (0..3).for_each(|_| session.apply(Command::Undo));
    assert_eq!(names(&session), ["dog", "boat"]);
    assert!(session.can_redo() && !session.can_undo());
}
