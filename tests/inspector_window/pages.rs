//! What takes an answer of the network or the disk before it can be seen: heat maps, the doctor's measurements, sets that are
//! read, photos that are alike.

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use tagroll::catalog::{PatchMap, PhotoId, TemplateSet};
use tagroll::engine::{Command, Event, SetSource, SetWork};

use super::{
    DOG, PHOTO, SMALL, WIDE, Window, asked, click, drop_on, gallery, judged, press, press_with, says, session,
};
use super::{Order, window_of};

fn absorb(window: &mut Window, event: Event) {
    window.state_mut().session.absorb(event);
    window.run();
}

/// Every text that is still wanted, as some direction.
fn encode_texts(window: &mut Window) {
    let wanted = window.state().session.wish().texts;
    let texts = wanted.into_iter().enumerate().map(|(i, text)| (text, Ok(gallery::vector(0.9 + 0.003 * i as f32))));
    let texts = texts.collect();
    absorb(window, Event::Texts { model: gallery::model(), texts });
}

#[test]
fn the_heat_map_lies_over_the_photo_once_its_patches_are_there() {
    let mut window = window_of(session(), WIDE);
    click(&mut window, "Where");
    assert!(says(&window, "Looking at the photo's parts") && !says(&window, "less"));
    encode_texts(&mut window);
    let vectors = (0..4).flat_map(|patch| gallery::vector(patch as f32 / 4.0).as_slice().to_vec()).collect();
    let map = PatchMap::new(2, 2, [0.0, 0.0, 1.0, 1.0], vectors).unwrap();
    let patches = |outcome| Event::Patches { model: gallery::model(), photo: gallery::name(PHOTO.0), outcome };
    absorb(&mut window, patches(Ok(Some(map))));
    window.get_by_label("less");
    window.get_by_label("more");
    absorb(&mut window, patches(Ok(None)));
    assert!(says(&window, "This model sees the photo as a whole and cannot say where.") && !says(&window, "less"));
}

#[test]
fn the_reasons_name_the_prompt_the_rival_and_the_cut_off() {
    let mut session = session();
    session.apply(Command::SelectCategory(Some(DOG)));
    session.apply(Command::SetNegatives(DOG, vec!["receipt".into()]));
    session.apply(Command::Focus(Some(PhotoId(1))));
    let mut window = window_of(session, WIDE);
    for words in ["Compared with “dog”", "Loses to what it is not: “receipt”", "Fits receipt", "no cut-off to reach"]
    {
        assert!(says(&window, words), "{words}");
    }
    window.state_mut().session.apply(Command::SetExclusions(DOG, vec!["receipt".to_owned()]));
    window.run();
    assert!(says(&window, "Ruled out: it fits “receipt” better"));
}

#[test]
fn a_proposal_of_the_doctor_is_measured_then_used_and_taken_back() {
    let mut session = judged(&[0, 3, 8], &[1, 4]);
    session.apply(Command::SelectCategory(Some(DOG)));
    let mut window = window_of(session, WIDE);
    press(&mut window, Key::D);
    assert!(says(&window, "Being measured"));
    encode_texts(&mut window);
    assert!(!says(&window, "Being measured") && says(&window, "on your 5 verdicts"));
    let before = window.state().session.category(DOG).cloned();
    if !says(&window, "Use this: Use the sketches templates, 5 sentences") {
        let folded = window.query_all_by_label_contains("that would not help").next().unwrap();
        folded.click();
        window.run();
    }
    assert_eq!(window.state().session.category(DOG).cloned(), before, "nothing changes before somebody says so");
    click(&mut window, "Use this: Use the sketches templates, 5 sentences");
    let templates = |window: &Window| window.state().session.category(DOG).unwrap().templates;
    assert_eq!(templates(&window), Some(TemplateSet::Sketches));
    click(&mut window, "Undo: Use the sketches templates, 5 sentences");
    assert_eq!(templates(&window), None);
}

#[test]
fn what_helps_is_offered_together_only_where_it_helps_more_and_never_waits_for_ever() {
    let mut session = judged(&[3, 8], &[5, 13, 18]);
    session.apply(Command::SelectCategory(Some(DOG)));
    let mut window = window_of(session, WIDE);
    press(&mut window, Key::D);
    // The proposals first, then what those that help are together.
    encode_texts(&mut window);
    encode_texts(&mut window);
    assert_eq!(window.state().session.wish().texts, Vec::<String>::new());
    let doctor = window.state().session.doctor().unwrap();
    assert!(doctor.proposals.iter().all(|proposal| proposal.average_precision.is_some()));
    let precision = |proposal: &tagroll::engine::Proposal| proposal.average_precision.unwrap();
    let best = doctor.proposals.iter().map(precision).fold(0.0, f64::max);
    assert!(precision(&doctor.proposals[0]) == best && best > doctor.now.unwrap());
    let together = doctor.proposals.iter().position(|proposal| proposal.says == "All that help, together");
    assert!(together.is_none_or(|place| place == 0), "{together:?}");
}

#[test]
fn a_starter_set_is_loaded_added_and_taken_back() {
    let mut window = window_of(session(), WIDE);
    press_with(&mut window, Modifiers::COMMAND, Key::L);
    click(&mut window, "Add Travel");
    let names = |window: &Window| -> Vec<String> {
        window.state().session.categories().iter().map(|category| category.name.clone()).collect()
    };
    let with_travel = names(&window);
    assert!(with_travel.starts_with(&gallery::NAMES.map(str::to_owned)) && with_travel.len() > 3, "{with_travel:?}");
    click(&mut window, "Load Travel");
    assert!(!names(&window).contains(&"dog".to_owned()));
    click(&mut window, "Undo the last change");
    click(&mut window, "Undo the last change");
    assert_eq!(names(&window), gallery::NAMES);
}

#[test]
fn a_set_that_cannot_be_read_says_its_line_and_changes_nothing() {
    let mut window = window_of(session(), SMALL);
    drop_on(&mut window, "/elsewhere/garden.toml");
    let source = SetSource::File("/elsewhere/garden.toml".into());
    let tasks = window.state().session.wish().sets;
    let task = tasks.iter().find(|task| task.work == SetWork::Read(source.clone())).unwrap();
    let reason = "garden.toml, line 4: \"cutof\" is not known.".to_owned();
    let before = window.state().session.categories().to_vec();
    absorb(&mut window, Event::SetTaskDone { number: task.number, outcome: Err(reason.clone()) });
    assert!(says(&window, &reason));
    assert_eq!(window.state().session.categories(), before);
    let tasks = window.state().session.wish().sets;
    assert!(tasks.iter().all(|task| task.work != SetWork::Read(source.clone())), "it is not asked for again");
}

#[test]
fn photos_that_are_almost_the_same_stand_in_groups() {
    let mut window = window_of(session(), WIDE);
    click(&mut window, "Alike");
    let question = window.state().session.wish().alike.unwrap();
    absorb(&mut window, Event::Alike { question, sets: vec![vec![2, 5, 9], vec![7, 8]] });
    assert_eq!(window.state().session.order(), Order::Alike);
    let groups: Vec<usize> = window.state().session.ranking().groups.iter().map(|group| group.photos.len()).collect();
    assert_eq!(groups, [3, 2]);
    for photo in [2, 5, 9, 7, 8] {
        assert!(says(&window, &gallery::file_name(photo)), "{photo}");
    }
    assert!(!says(&window, &gallery::file_name(6)));
    assert_eq!(asked(&mut window), [Command::SetOrder(Order::Alike)]);
}

#[test]
fn the_evaluation_by_verdicts_measures_the_words_alone() {
    let mut window = window_of(judged(&[0, 3, 1], &[5]), WIDE);
    press_with(&mut window, super::COMMAND_SHIFT, Key::E);
    window.get_by_label("Choose a sorted folder…");
    click(&mut window, "My verdicts");
    assert!(says(&window, "By the words alone"));
    let sorted = window.state().session.evaluation(tagroll::engine::Truth::Verdicts).unwrap();
    let mut without = session();
    without.apply(Command::Focus(None));
    let (mistake, margin) = (sorted.mistakes[0].photo, sorted.mistakes[0].margin);
    let fit = |name: &str| {
        let id = without.categories().iter().find(|category| category.name == name).unwrap().id;
        without.scores(mistake).into_iter().find(|(of, _)| *of == id).unwrap().1.cosine
    };
    assert!((fit("receipt") - fit("dog") - margin).abs() < 1e-6, "what was learned does not count");
}
