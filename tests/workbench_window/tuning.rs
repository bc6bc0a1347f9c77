//! A category is tuned: its cut-off, weights, words and groups.

use eframe::egui::{self, Key, Modifiers, Pos2, vec2};
use egui_kittest::kittest::Queryable;
use tagroll::catalog::{Cutoff, Labels, TemplateSet};

use super::{Window, click, dog, press, press_plain, says, session, window, write};

/// Presses the button at one share of the histogram's width, moves it over others, and lets it go.
fn drag_cutoff(window: &mut Window, shares: &[f32]) {
    let rect = window.get_by_label("Cut-off of dog").rect();
    let at = |share: f32| Pos2::new(rect.left() + share * rect.width(), rect.center().y);
    window.drag_at(at(shares[0]));
    window.run();
    for share in shares {
        window.hover_at(at(*share));
        window.run();
    }
    window.drop_at(at(shares[shares.len() - 1]));
    window.run();
    window.run_steps(60);
}

#[test]
fn a_drag_of_the_cut_off_is_one_step_of_undo() {
    let mut window = window();
    drag_cutoff(&mut window, &[0.2, 0.4, 0.6]);
    let Cutoff::At(first) = dog(&window).cutoff else { panic!("{:?}", dog(&window).cutoff) };
    drag_cutoff(&mut window, &[0.6, 0.7, 0.8]);
    let Cutoff::At(second) = dog(&window).cutoff else { panic!("{:?}", dog(&window).cutoff) };
    assert!(second > first);
    press(&mut window, Modifiers::COMMAND, &[Key::Z]);
    assert_eq!(dog(&window).cutoff, Cutoff::At(first));
    press(&mut window, Modifiers::COMMAND, &[Key::Z]);
    assert_eq!(dog(&window).cutoff, Cutoff::Everything);
}

#[test]
fn a_double_click_on_the_histogram_lets_the_cut_off_be_found() {
    let mut window = window();
    let pos = window.get_by_label("Cut-off of dog").rect().center();
    for pressed in [true, false, true, false] {
        let (button, modifiers) = (egui::PointerButton::Primary, Modifiers::NONE);
        window.event(egui::Event::PointerButton { pos, button, pressed, modifiers });
        window.step();
    }
    window.run();
    assert_eq!(dog(&window).cutoff, Cutoff::Auto);
    press(&mut window, Modifiers::COMMAND, &[Key::Z]);
    assert_eq!(dog(&window).cutoff, Cutoff::Everything, "it is one step");
}

#[test]
fn the_rule_of_the_cut_off_is_chosen_by_name() {
    let mut window = window();
    assert!(says(&window, "Nothing is cut off"));
    click(&mut window, "Auto");
    assert_eq!(dog(&window).cutoff, Cutoff::Auto);
    click(&mut window, "By hand");
    assert!(matches!(dog(&window).cutoff, Cutoff::At(_)));
    assert!(says(&window, "Set by hand"));
    click(&mut window, "Everything");
    assert_eq!(dog(&window).cutoff, Cutoff::Everything);
}

#[test]
fn a_prompt_is_weighed_by_keys_and_keeps_its_weight_when_it_is_rewritten() {
    let mut window = window();
    window.get_by_label("Prompt 1").focus();
    window.run();
    press(&mut window, Modifiers::COMMAND, &[Key::ArrowUp, Key::ArrowUp]);
    assert_eq!(dog(&window).prompts[0].weight, 1.2);
    write(&mut window, "Prompt 1", "a hound");
    let prompt = dog(&window).prompts[0].clone();
    assert_eq!((prompt.text.as_str(), prompt.weight), ("a hound", 1.2));
    assert!(window.query_by_label("Weight of prompt 1").is_some());
    press_plain(&mut window, &[Key::Enter]);
    write(&mut window, "Prompt 2", "a puppy");
    let weights: Vec<f32> = dog(&window).prompts.iter().map(|prompt| prompt.weight).collect();
    assert_eq!(weights, [1.2, 1.0]);
    write(&mut window, "Negative 1", "a wolf");
    press(&mut window, Modifiers::COMMAND, &[Key::ArrowDown]);
    assert_eq!((dog(&window).negatives[0].text.as_str(), dog(&window).negatives[0].weight), ("a wolf", 0.9));
}

#[test]
fn a_drag_of_a_weight_is_one_step_of_undo() {
    let mut window = window();
    window.get_by_label("Prompt 1").hover();
    window.run();
    let at = window.get_by_label("Weight of prompt 1").rect().center();
    window.drag_at(at);
    window.run();
    for x in [10.0, 20.0, 40.0] {
        window.hover_at(at + vec2(x, 0.0));
        window.run();
    }
    window.drop_at(at + vec2(40.0, 0.0));
    window.run();
    assert!(dog(&window).prompts[0].weight > 1.2, "{:?}", dog(&window).prompts);
    press(&mut window, Modifiers::COMMAND, &[Key::Z]);
    assert_eq!(dog(&window).prompts[0].weight, 1.0);
}

#[test]
fn exclusions_synonyms_templates_and_groups_are_a_click_away() {
    let mut window = window();
    assert!(window.query_by_label("Exclusion 1").is_none(), "the panel is calm until somebody asks");
    click(&mut window, "More ways");
    write(&mut window, "Synonym 1", "puppy");
    write(&mut window, "Exclusion 1", "a toy");
    write(&mut window, "Group", "pets");
    assert_eq!(dog(&window).group.as_deref(), Some("pets"));
    press_plain(&mut window, &[Key::Escape]);
    click(&mut window, "Template set");
    click(&mut window, "Photos, 8 sentences");
    assert_eq!(
        (dog(&window).synonyms.as_slice(), dog(&window).exclusions.as_slice()),
        (&["puppy".to_owned()][..], &["a toy".to_owned()][..])
    );
    assert_eq!(dog(&window).templates, Some(TemplateSet::Photos));
    assert!(says(&window, "More ways, 4 in use"));
    click(&mut window, "Existing groups");
    click(&mut window, "Stands for itself");
    assert_eq!(dog(&window).group, None);
    press(&mut window, Modifiers::COMMAND, &[Key::Z, Key::Z]);
    assert_eq!((dog(&window).group.as_deref(), dog(&window).templates), (Some("pets"), None));
}

#[test]
fn photos_get_several_labels_if_they_may() {
    let mut window = window();
    click(&mut window, "Labels");
    click(&mut window, "Several labels a photo");
    assert_eq!(session(&window).labels(), Labels::Several);
    assert!(says(&window, ", also mountain, also receipt"));
    press(&mut window, Modifiers::COMMAND, &[Key::Z]);
    assert_eq!(session(&window).labels(), Labels::One);
}

#[test]
fn a_category_is_duplicated_with_what_was_said() {
    let mut window = window();
    press_plain(&mut window, &[Key::Home, Key::Y]);
    click(&mut window, "Duplicate category");
    let names: Vec<&str> = session(&window).categories().iter().map(|category| category.name.as_str()).collect();
    assert_eq!(names, ["dog", "dog 2", "mountain", "receipt"]);
    assert_eq!(session(&window).verdict_counts(session(&window).selected().unwrap()), (1, 0));
}

#[test]
fn the_histogram_tells_what_was_judged_and_how_many_belong() {
    let mut window = window();
    press_plain(&mut window, &[Key::Home, Key::Y, Key::Y, Key::N]);
    window.get_by_label("Cut-off of dog").hover();
    window.run_steps(60);
    assert!(says(&window, "Ticks above are the 2 you confirmed, below the 1 you rejected."));
    let all = session(&window).count(dog(&window).id);
    assert!(says(&window, &format!("{all} of 60 belong to dog")));
    drag_cutoff(&mut window, &[0.5, 0.9]);
    let fewer = session(&window).count(dog(&window).id);
    assert!(fewer < all && says(&window, &format!("{fewer} of 60 belong to dog")));
}

#[test]
fn what_was_learned_is_estimated_once_there_are_verdicts_of_both_kinds() {
    let mut window = window();
    press_plain(&mut window, &[Key::Home, Key::Y, Key::Y, Key::Y]);
    assert!(says(&window, "Too few verdicts to tell how many are right"));
    press_plain(&mut window, &[Key::End]);
    press(&mut window, Modifiers::SHIFT, &[Key::ArrowLeft, Key::ArrowLeft]);
    press_plain(&mut window, &[Key::N]);
    assert_eq!(session(&window).verdict_counts(dog(&window).id), (3, 3));
    assert!(says(&window, "(estimated from 6 verdicts)"));
}

#[test]
fn a_name_may_be_a_path_of_which_sentences_use_the_last_part() {
    let mut window = window();
    write(&mut window, "Prompt 1", "a photo of a {}.");
    write(&mut window, "Name", "animal/dog");
    assert_eq!(dog(&window).prompt_texts()[0].0, "a photo of a dog.");
    press_plain(&mut window, &[Key::Escape]);
    click(&mut window, "mountain");
    window.get_by_label("animal/dog");
    press(&mut window, Modifiers::COMMAND, &[Key::Z]);
    assert_eq!(dog(&window).name, "dog");
    press(&mut window, Modifiers { shift: true, ..Modifiers::COMMAND }, &[Key::Z]);
    assert_eq!(dog(&window).name, "animal/dog");
}
