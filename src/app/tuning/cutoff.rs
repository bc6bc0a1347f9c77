//! How the cut-off of a category is found, and how good what is above it is believed to be, in words.

use eframe::egui::{Button, RichText, Ui};

use crate::app::Requests;
use crate::app::controls::note;
use crate::app::theme::palette_of;
use crate::catalog::words::decimal;
use crate::catalog::{Category, CategoryId, Cutoff, Estimate};
use crate::engine::{Command, Session};
use crate::language::{plural, text, tr};

/// Verdicts of each answer from which shares are told; with fewer, one of them decides everything.
const FEWEST: usize = 3;

/// Draws the choice between the rules, what the rule found, and the estimate.
pub fn show(ui: &mut Ui, session: &Session, category: &Category, requests: &mut Requests) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (name, tip, cutoff) in rules(session, category) {
            let is_on = std::mem::discriminant(&category.cutoff) == std::mem::discriminant(&cutoff);
            let response = ui.add(Button::selectable(is_on, tr(name))).on_hover_text(tr(tip));
            if response.clicked() && !is_on {
                requests.commands.push(Command::EndEdit);
                requests.commands.push(Command::SetCutoff(category.id, cutoff));
                requests.commands.push(Command::EndEdit);
            }
        }
    });
    let found = note(ui, found_in_words(category.cutoff, session.cutoff(category.id), verdicts(session, category.id)));
    if let Some(cutoff) = session.cutoff(category.id) {
        found.on_hover_text(tr!("Cut-off {cutoff}", cutoff = decimal(cutoff, 3)));
    }
    show_estimate(ui, session, category.id);
}

/// Draws how good the category is believed to be, with the numbers on hover.
pub fn show_estimate(ui: &mut Ui, session: &Session, category: CategoryId) {
    let estimate = session.estimate(category);
    let Some(words) = estimate_in_words(estimate.as_ref(), verdicts(session, category)) else { return };
    let told = estimate.filter(tells_something);
    let colour = if told.is_some() { palette_of(ui).text } else { palette_of(ui).weak };
    let response = ui.label(RichText::new(words).small().color(colour));
    if let Some(estimate) = told {
        response.on_hover_text(numbers(&estimate));
    }
}

/// Name, tooltip and what the rule makes of the cut-off. By hand begins where the line stands, or in the middle.
fn rules(session: &Session, category: &Category) -> [(&'static str, &'static str, Cutoff); 3] {
    let middle = || session.histogram(category.id).map(|histogram| (histogram.least + histogram.most) / 2.0);
    let at = session.cutoff(category.id).or_else(middle).unwrap_or(0.0);
    [
        (
            text("Auto"),
            text("Tagroll finds the edge, and finds it anew when photos, words or verdicts change"),
            Cutoff::Auto,
        ),
        (text("By hand"), text("The line stays where you put it"), Cutoff::At(at)),
        (text("Everything"), text("No cut-off: every photo that is not ruled out"), Cutoff::Everything),
    ]
}

fn verdicts(session: &Session, category: CategoryId) -> usize {
    let (yes, no) = session.verdict_counts(category);
    yes + no
}

/// What the rule goes by.
fn found_in_words(rule: Cutoff, cutoff: Option<f32>, verdicts: usize) -> String {
    match (rule, cutoff) {
        (Cutoff::Everything, _) => tr("Nothing is cut off").to_owned(),
        (Cutoff::At(_), _) => tr("Set by hand").to_owned(),
        (Cutoff::Auto, None) => tr("Found as soon as enough photos are read").to_owned(),
        (Cutoff::Auto, Some(_)) if verdicts == 0 => tr("Found from the photos").to_owned(),
        (Cutoff::Auto, Some(_)) => {
            plural!(verdicts, "Found from the photos and {n} verdict", "Found from the photos and {n} verdicts")
        }
    }
}

/// `None` where nobody has said anything yet.
fn estimate_in_words(estimate: Option<&Estimate>, verdicts: usize) -> Option<String> {
    let shares = estimate.filter(|estimate| tells_something(estimate));
    let shares = shares.map(|estimate| (estimate.precision, estimate.recall, estimate.verdicts));
    let words = match shares {
        Some((Some(precision), Some(recall), verdicts)) => {
            plural!(
                verdicts,
                "{right} shown are right, {found} found (estimated from {n} verdict)",
                "{right} shown are right, {found} found (estimated from {n} verdicts)",
                right = of_ten(precision),
                found = tenths(recall)
            )
        }
        Some(_) => tr("Nothing that you judged reaches the cut-off").to_owned(),
        None if verdicts == 0 => return None,
        None => tr!("Too few verdicts to tell how many are right; {number} of each answer will do", number = FEWEST),
    };
    Some(words)
}

/// Whether there is enough of both answers: without a no, everything that is shown is right; without a yes, nothing is.
fn tells_something(estimate: &Estimate) -> bool {
    let no = estimate.verdicts - estimate.yes;
    estimate.yes >= FEWEST && no >= FEWEST
}

/// "About 9 of 10", and never a certainty that a few verdicts cannot give.
fn of_ten(share: f64) -> String {
    match in_tenths(share) {
        10.. => tr("Nearly all").to_owned(),
        ..=0 => tr("Hardly any").to_owned(),
        number => tr!("About {number} of 10", number),
    }
}

fn in_tenths(share: f64) -> i64 {
    (share * 10.0).round() as i64
}

fn tenths(share: f64) -> String {
    match in_tenths(share) {
        10.. => tr("nearly all").to_owned(),
        ..=0 => tr("hardly any").to_owned(),
        number => tr!("{number} of 10", number),
    }
}

fn numbers(estimate: &Estimate) -> String {
    let percent = |share: Option<f64>| {
        share.map_or_else(|| tr("unknown").to_owned(), |share| format!("{} %", decimal(share * 100.0, 0)))
    };
    let likely = |range: Option<(f64, f64)>| {
        range.map_or(String::new(), |(least, most)| {
            tr!(
                ", in truth likely between {least} and {most}",
                least = percent(Some(least)),
                most = percent(Some(most))
            )
        })
    };
    let right = tr!(
        "Of the photos that were judged, each in turn left out of the lesson: {precision} of those let in were right \
         (precision{of_precision}), {recall} of the right ones were let in (recall{of_recall}). Photos that are hard to \
         tell are asked about first, so the library as a whole may do better.",
        precision = percent(estimate.precision),
        of_precision = likely(estimate.precision_range()),
        recall = percent(estimate.recall),
        of_recall = likely(estimate.recall_range()),
    );
    let (with, without) = (estimate.average_precision, estimate.zero_shot_average_precision);
    if with.is_none() || without.is_none() {
        return right;
    }
    let average = tr!(
        "Average precision: {with} with what was learned, {without} by words alone.",
        with = percent(with),
        without = percent(without)
    );
    format!("{right} {average}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 14 verdicts, so many are a yes.
    fn estimate(yes: usize, precision: Option<f64>, recall: Option<f64>) -> Estimate {
        let (average_precision, zero_shot_average_precision) = (Some(0.9), Some(0.8));
        Estimate { verdicts: 14, yes, let_in: 9, precision, recall, average_precision, zero_shot_average_precision }
    }

    #[test]
    fn an_estimate_is_no_more_exact_than_it_deserves() {
        let words = |precision, recall| estimate_in_words(Some(&estimate(8, precision, recall)), 14).unwrap();
        let expected = "About 9 of 10 shown are right, 7 of 10 found (estimated from 14 verdicts)";
        assert_eq!(words(Some(0.91), Some(0.68)), expected);
        assert!(words(Some(1.0), Some(0.98)).starts_with("Nearly all shown are right, nearly all found"));
        assert_eq!(words(None, Some(0.0)), "Nothing that you judged reaches the cut-off");
        let numbers = numbers(&estimate(8, Some(0.9), Some(0.7)));
        assert!(numbers.contains("90 % of those let in were right (precision, in truth likely between "), "{numbers}");
    }

    #[test]
    fn one_answer_alone_tells_nothing_however_often_it_was_given() {
        for yes in [0, 2, 12, 14] {
            let words = estimate_in_words(Some(&estimate(yes, Some(1.0), Some(1.0))), 14).unwrap();
            assert!(words.starts_with("Too few verdicts"), "{yes}: {words}");
        }
    }

    #[test]
    fn nothing_is_said_before_anybody_said_anything() {
        assert_eq!(estimate_in_words(None, 0), None);
        assert!(estimate_in_words(None, 2).unwrap().starts_with("Too few verdicts"));
    }

    #[test]
    fn the_rule_says_what_it_goes_by() {
        assert_eq!(found_in_words(Cutoff::Auto, Some(0.2), 0), "Found from the photos");
        assert_eq!(found_in_words(Cutoff::Auto, Some(0.2), 1), "Found from the photos and 1 verdict");
        assert_eq!(found_in_words(Cutoff::At(0.2), Some(0.2), 5), "Set by hand");
    }
}
