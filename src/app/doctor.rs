//! The prompt doctor: ways to describe a category better, each with the change that it makes on the person's own
//! verdicts. Nothing is applied before somebody says so.

use std::cmp::Ordering;

use eframe::egui::{CollapsingHeader, Label, Rect, RichText, ScrollArea, Sense, Ui, vec2};

use super::controls::{note, primary_button, text_button};
use super::theme::{STEP, palette_of, semibold};
use super::{Requests, icons};
use crate::catalog::words::decimal;
use crate::catalog::{Category, TemplateSet};
use crate::engine::{Command, Doctor, Proposal, Session};
use crate::language::{message, plural, text, tr};

/// Changes that are named under a proposal.
const CHANGES: usize = 4;
/// So many of each make the figures worth something.
const ENOUGH: usize = 5;
const BAR: f32 = 6.0;

/// What the page keeps while it is open.
#[derive(Default)]
pub struct DoctorPage {
    /// What was applied last.
    applied: Option<String>,
}

/// Draws the page; returns whether it is done with.
pub fn show(ui: &mut Ui, page: &mut DoctorPage, session: &Session, height: f32, requests: &mut Requests) -> bool {
    let Some(doctor) = session.doctor() else { return true };
    let Some(category) = session.category(doctor.category) else { return true };
    show_doctor(ui, page, &doctor, category, height, requests)
}

fn show_doctor(
    ui: &mut Ui,
    page: &mut DoctorPage,
    doctor: &Doctor,
    category: &Category,
    height: f32,
    requests: &mut Requests,
) -> bool {
    let question = tr!("What would describe “{category}” better?", category = category.leaf());
    ui.label(RichText::new(question).family(semibold()));
    let wants_review = show_measure(ui, doctor, category, requests);
    show_applied(ui, page, requests);
    ui.add_space(2.0 * STEP);
    if doctor.proposals.is_empty() {
        note(ui, tr("The doctor has no ideas for this category. Prompts of your own may still help."));
    }
    let height = (height - 96.0).max(80.0);
    let area = ScrollArea::vertical().id_salt("proposals").max_height(height).min_scrolled_height(height);
    area.auto_shrink([false, true]).show(ui, |ui| {
        let (idle, worth): (Vec<&Proposal>, Vec<&Proposal>) =
            doctor.proposals.iter().partition(|proposal| does_not_help(doctor, proposal));
        show_proposals(ui, page, doctor, &worth, category, requests);
        if worth.is_empty() && !idle.is_empty() {
            note(ui, tr("On these verdicts nothing describes it better than your own words."));
        }
        if !idle.is_empty() {
            let others = plural!(idle.len(), "{n} change that would not help", "{n} changes that would not help");
            CollapsingHeader::new(RichText::new(others).small().weak()).id_salt("no help").show(ui, |ui| {
                show_proposals(ui, page, doctor, &idle, category, requests);
            });
        }
    });
    wants_review
}

fn show_proposals(
    ui: &mut Ui,
    page: &mut DoctorPage,
    doctor: &Doctor,
    proposals: &[&Proposal],
    category: &Category,
    requests: &mut Requests,
) {
    for (place, proposal) in proposals.iter().enumerate() {
        if place > 0 {
            ui.separator();
        }
        if show_proposal(ui, doctor, proposal, category) {
            requests.commands.push(Command::Adopt(Box::new(proposal.category.clone())));
            page.applied = Some(message(&proposal.says).into_owned());
        }
    }
}

/// It was measured, and is not better.
fn does_not_help(doctor: &Doctor, proposal: &Proposal) -> bool {
    doctor.now.zip(proposal.average_precision).is_some_and(|(now, then)| shown(now) >= shown(then))
}

/// Says how good the description is now, or what is needed to tell. Returns whether verdicts are to be given first.
fn show_measure(ui: &mut Ui, doctor: &Doctor, category: &Category, requests: &mut Requests) -> bool {
    let (yes, no) = doctor.verdicts;
    if let Some(now) = doctor.now {
        let precision = decimal(now, 2);
        let text = plural!(
            yes + no,
            "Average precision now {precision}, on your {n} verdict ({yes} yes, {no} no)",
            "Average precision now {precision}, on your {n} verdicts ({yes} yes, {no} no)",
            precision,
            yes,
            no
        );
        let few = if yes.min(no) < ENOUGH { tr(". More verdicts make this more certain") } else { "" };
        note(ui, format!("{text}{few}.")).on_hover_text(tr(PRECISION));
        return false;
    }
    let missing = match (yes, no) {
        (0, 0) => tr("It needs at least one yes and one no to measure what helps").to_owned(),
        (0, _) => tr("It needs at least one yes besides what you rejected to measure what helps").to_owned(),
        (_, 0) => tr("It needs at least one no besides what you confirmed to measure what helps").to_owned(),
        _ => plural!(yes + no, "Measuring on your {n} verdict", "Measuring on your {n} verdicts"),
    };
    let from = if yes > 0 && no > 0 {
        String::new()
    } else {
        tr!("; from {number} of each the figures are good.", number = ENOUGH)
    };
    ui.add(Label::new(format!("{missing}{from}")).wrap());
    if yes > 0 && no > 0 {
        return false;
    }
    ui.horizontal_wrapped(|ui| {
        let text = tr!("Review {category}", category = category.leaf());
        let wants_review =
            primary_button(ui, icons::QUESTION, &text, tr("Asks about one photo after another")).clicked();
        note(ui, tr!("So far: {yes} yes, {no} no", yes, no));
        if wants_review {
            requests.commands.push(Command::Review(Some(doctor.category)));
        }
        wants_review
    })
    .inner
}

fn show_applied(ui: &mut Ui, page: &mut DoctorPage, requests: &mut Requests) {
    let Some(applied) = page.applied.clone() else { return };
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(icons::CHECK).color(palette_of(ui).accent));
        note(ui, tr!("Done: {what}", what = applied));
        let tip = tr("Brings back the description from before");
        let undo = text_button(ui, Some(icons::ARROW_COUNTER_CLOCKWISE), tr("Undo"), tip);
        if undo.accessible_name(tr!("Undo: {what}", what = applied)).clicked() {
            requests.commands.push(Command::Undo);
            page.applied = None;
        }
    });
}

const PRECISION: &str = text(
    "1.00 would mean that every photo you confirmed stands before every photo you rejected. Only \
     the words are measured, not what was learned from the same verdicts.",
);

/// Returns whether it is to be used.
fn show_proposal(ui: &mut Ui, doctor: &Doctor, proposal: &Proposal, category: &Category) -> bool {
    let mut is_used = false;
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 112.0).max(80.0);
        ui.vertical(|ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add(Label::new(RichText::new(&*message(&proposal.says)).family(semibold())).wrap());
            show_change(ui, doctor.now, proposal.average_precision, doctor.verdicts);
            let changes = changes(category, &proposal.category);
            let more = changes.len().saturating_sub(CHANGES);
            let mut shown = changes.iter().take(CHANGES).cloned().collect::<Vec<_>>().join("\n");
            if more > 0 {
                shown = format!("{shown}\n{}", tr!("and {number} more", number = more));
            }
            if !shown.is_empty() {
                let label = Label::new(RichText::new(shown).small().weak()).wrap();
                ui.add(label).on_hover_text(changes.join("\n"));
            }
        });
        let response =
            text_button(ui, Some(icons::CHECK), tr("Use this"), tr("Changes the description; Undo takes it back"));
        is_used = response.accessible_name(tr!("Use this: {what}", what = message(&proposal.says))).clicked();
    });
    is_used
}

/// The average precision before and after, in words and as a bar.
fn show_change(ui: &mut Ui, now: Option<f64>, then: Option<f64>, verdicts: (usize, usize)) {
    let Some(now) = now else {
        note(ui, tr("Not measured"));
        return;
    };
    let Some(then) = then else {
        note(ui, tr("Being measured"));
        return;
    };
    ui.horizontal_wrapped(|ui| {
        show_bar(ui, now as f32, then as f32);
        let text = plural!(
            verdicts.0 + verdicts.1,
            "{now} → {then}, {change} on your {n} verdict",
            "{now} → {then}, {change} on your {n} verdicts",
            now = decimal(now, 2),
            then = decimal(then, 2),
            change = in_words(now, then)
        );
        ui.label(text).on_hover_text(tr(PRECISION));
    });
}

/// As exact as it is shown.
fn shown(precision: f64) -> i64 {
    (precision * 100.0).round() as i64
}

fn in_words(now: f64, then: f64) -> &'static str {
    match shown(then).cmp(&shown(now)) {
        Ordering::Greater => tr("better"),
        Ordering::Less => tr("worse"),
        Ordering::Equal => tr("no change"),
    }
}

/// What was there, and what is won or lost.
fn show_bar(ui: &mut Ui, now: f32, then: f32) {
    let (rect, _) = ui.allocate_exact_size(vec2(120.0, 18.0), Sense::hover());
    let track = Rect::from_center_size(rect.center(), vec2(rect.width(), BAR));
    let colours = palette_of(ui);
    let part = |from: f32, to: f32| {
        let at = |share: f32| track.left() + track.width() * share.clamp(0.0, 1.0);
        Rect::from_x_y_ranges(at(from)..=at(to), track.y_range())
    };
    ui.painter().rect_filled(track, 2.0, colours.line);
    ui.painter().rect_filled(part(0.0, now.min(then)), 2.0, colours.weak);
    let colour = if then >= now { colours.accent } else { colours.warning };
    ui.painter().rect_filled(part(now.min(then), now.max(then)), 0.0, colour);
    let line = track.left() + track.width() * now.clamp(0.0, 1.0);
    ui.painter().vline(line, track.expand(3.0).y_range(), (1.0, colours.text));
}

/// What a proposal adds and takes away, one line each.
fn changes(now: &Category, then: &Category) -> Vec<String> {
    let mut changes = Vec::new();
    let texts = |category: &Category| -> [Vec<String>; 4] {
        let prompts = category.prompts.iter().map(|prompt| prompt.text.clone()).collect();
        let negatives = category.negatives.iter().map(|prompt| prompt.text.clone()).collect();
        [prompts, category.synonyms.clone(), negatives, category.exclusions.clone()]
    };
    let says = [text("prompt"), text("also called"), text("but not"), text("never if")];
    for ((before, after), what) in texts(now).iter().zip(&texts(then)).zip(says) {
        let added = after.iter().filter(|text| !before.contains(text)).map(|text| format!("+ {}: {text}", tr(what)));
        let gone = before.iter().filter(|text| !after.contains(text)).map(|text| format!("− {}: {text}", tr(what)));
        changes.extend(added.chain(gone));
    }
    let set = |set: Option<TemplateSet>| set.map(|set| tr(set.name()));
    match (set(now.templates), set(then.templates)) {
        (before, after) if before == after => {}
        (_, Some(after)) => changes.push(tr!("+ templates for {name}", name = after)),
        (Some(before), None) => changes.push(tr!("− templates for {name}", name = before)),
        (None, None) => {}
    }
    changes
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    use super::*;
    use crate::catalog::CategoryId;

    fn dog() -> Category {
        Category::named(CategoryId(1), "dog")
    }

    fn with_synonym() -> Category {
        Category { synonyms: vec!["puppy".to_owned()], ..dog() }
    }

    fn doctor(verdicts: (usize, usize), now: Option<f64>, then: Option<f64>) -> Doctor {
        let says = "Also say “puppy”".to_owned();
        let proposals = vec![Proposal { says, category: with_synonym(), average_precision: then }];
        Doctor { category: CategoryId(1), verdicts, now, proposals }
    }

    /// What the page says, and what is asked for when the button of this name is pressed.
    fn pressed(doctor: &Doctor, button: &str, says: &[&str]) -> Vec<Command> {
        let draw = |ui: &mut Ui, (page, requests): &mut (DoctorPage, Requests)| {
            show_doctor(ui, page, doctor, &dog(), 400.0, requests);
        };
        let mut window = Harness::builder()
            .with_size(vec2(700.0, 500.0))
            .with_context_setup(crate::app::theme::install)
            .build_ui_state(draw, (DoctorPage::default(), Requests::default()));
        window.run();
        says.iter().for_each(|text| assert!(window.query_all_by_label_contains(text).next().is_some(), "{text}"));
        window.get_by_label(button).click();
        window.run();
        std::mem::take(&mut window.state_mut().1.commands)
    }

    #[test]
    fn a_proposal_shows_what_it_changes_before_it_is_applied() {
        let says = ["0.82 → 0.91, better on your 14 verdicts", "+ also called: puppy"];
        let commands = pressed(&doctor((9, 5), Some(0.82), Some(0.91)), "Use this: Also say “puppy”", &says);
        assert_eq!(commands, [Command::Adopt(Box::new(with_synonym()))]);
    }

    #[test]
    fn without_a_yes_and_a_no_the_doctor_says_what_it_needs_and_offers_the_review() {
        let says = ["at least one yes and one no", "So far: 0 yes, 0 no", "Not measured"];
        let commands = pressed(&doctor((0, 0), None, None), "Review dog", &says);
        assert_eq!(commands, [Command::Review(Some(CategoryId(1)))]);
    }

    #[test]
    fn what_is_still_being_encoded_says_so() {
        pressed(&doctor((2, 2), Some(0.5), None), "Use this: Also say “puppy”", &["Being measured", "More verdicts"]);
    }

    #[test]
    fn changes_are_listed_by_what_they_are() {
        let then =
            Category { templates: Some(TemplateSet::Photos), negatives: vec!["a wolf".into()], ..with_synonym() };
        let expected = ["+ also called: puppy", "+ but not: a wolf", "+ templates for photos"];
        assert_eq!(changes(&dog(), &then), expected);
        assert_eq!(changes(&then, &dog())[0], "− also called: puppy");
    }
}
