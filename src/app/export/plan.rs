//! The plan: every file, what becomes of it, and line by line if somebody wants to see that.

use std::sync::Arc;

use eframe::egui::{Label, RichText, Ui, vec2};

use super::tally::Tally;
use super::{ExportPage, diff, refused, rows, words};
use crate::app::controls::{note, primary_button, text_button};
use crate::app::theme::{CONTROL, STEP, palette_of, semibold};
use crate::app::{Requests, icons};
use crate::catalog::{Job, Plan};
use crate::engine::{Command, Errand};
use crate::language::tr;

/// Room for the buttons below the list.
const BELOW: f32 = CONTROL + 8.0 + 4.0 * STEP;
/// From here on, lines stand beside the list.
const WIDE: f32 = 720.0;
const GAP: f32 = 3.0 * STEP;

/// Returns whether the page has done its work.
pub fn show(
    ui: &mut Ui,
    page: &mut ExportPage,
    (errand, plan): (&Errand, &Arc<Plan>),
    height: f32,
    requests: &mut Requests,
) -> bool {
    let top = ui.cursor().top();
    let tally = page.tally_of(plan);
    show_summary(ui, errand, plan, &tally);
    let below_summary = height - (ui.cursor().top() - top) - BELOW;
    let refused = refused::height(plan.refused.len(), plan.rows.is_empty(), below_summary);
    let room = (below_summary - refused).max(3.0 * rows::ROW);
    if !plan.rows.is_empty() {
        show_files(ui, errand, plan, room, requests);
    }
    refused::show(ui, &plan.refused, refused);
    ui.add_space(2.0 * STEP);
    show_buttons(ui, page, errand, &tally, requests)
}

fn show_summary(ui: &mut Ui, errand: &Errand, plan: &Plan, tally: &Tally) {
    let text = match &errand.job {
        Some(job) if !plan.rows.is_empty() => words::summary(job, plan, tally),
        _ => words::nothing(plan),
    };
    ui.add(Label::new(RichText::new(text).family(semibold())).wrap());
    let (is_short, text) = words::room(plan).unwrap_or((false, String::new()));
    if is_short {
        ui.add(Label::new(RichText::new(text).small().color(palette_of(ui).warning)).wrap());
    } else if !text.is_empty() {
        note(ui, text);
    }
    if !plan.rows.is_empty() {
        note(ui, tr(words::not_yet(errand.job.as_ref())));
    }
    ui.add_space(STEP);
}

/// The list, and the lines of one file beside it, or below where it is narrow.
fn show_files(ui: &mut Ui, errand: &Errand, plan: &Plan, height: f32, requests: &mut Requests) {
    let width = ui.available_width();
    let shown = errand.diff.as_ref().and_then(|(at, text)| Some((*at, plan.rows.get(*at)?, text.as_ref())));
    let Some((at, row, text)) = shown else {
        return rows::show(ui, plan, None, vec2(width, height), requests);
    };
    if width >= WIDE {
        let list = (width * 0.4).floor();
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            rows::show(ui, plan, Some(at), vec2(list, height), requests);
            diff::show(ui, row, text, vec2(width - list - GAP, height), requests);
        });
    } else {
        let list = (height * 0.4).max(2.0 * rows::ROW);
        rows::show(ui, plan, Some(at), vec2(width, list), requests);
        diff::show(ui, row, text, vec2(width, (height - list - STEP).max(80.0)), requests);
    }
}

/// Returns whether the page has done its work.
fn show_buttons(ui: &mut Ui, page: &mut ExportPage, errand: &Errand, tally: &Tally, requests: &mut Requests) -> bool {
    let is_trash = matches!(errand.job, Some(Job::Trash { .. }));
    let mut is_closed = false;
    ui.horizontal_wrapped(|ui| {
        if let Some(job) = errand.job.as_ref().filter(|_| tally.files > 0) {
            let icon = if is_trash { icons::TRASH } else { icons::CHECK };
            if primary_button(ui, icon, &words::agreed(job, tally), tr("It can be undone afterwards")).clicked() {
                page.agreed = Some(tally.files);
                requests.commands.push(Command::RunJob);
            }
        }
        // What goes to the trash was not chosen on this page.
        let (text, tip) = match is_trash {
            true => (tr("Cancel"), tr("Leave everything as it is (Escape)")),
            false => (tr("Back"), tr("To the choices; everything stays as it is (Escape)")),
        };
        if text_button(ui, None, text, tip).clicked() {
            requests.commands.push(Command::CloseJob);
            is_closed = is_trash;
        }
    });
    is_closed
}
