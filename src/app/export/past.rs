//! Exports of the past, each of which can be undone as long as its files are as they were left.

use eframe::egui::{RichText, Ui};

use super::{ExportPage, words};
use crate::app::controls::{heading, note, text_button};
use crate::app::theme::{STEP, palette_of};
use crate::app::{Requests, icons};
use crate::catalog::words::{count, counted};
use crate::catalog::{JobEntry, JobKind, JobState};
use crate::engine::{Command, Session};
use crate::language::tr;

/// More are shown when somebody asks for them.
const FEW: usize = 6;

pub fn show(ui: &mut Ui, page: &mut ExportPage, session: &Session, requests: &mut Requests) {
    let jobs = session.past_jobs();
    heading(ui, tr("Earlier exports"));
    if jobs.is_empty() {
        note(ui, tr("None yet. What you export can be taken back here."));
        return;
    }
    let shown = if page.shows_all_past { jobs.len() } else { jobs.len().min(FEW) };
    for (place, entry) in jobs[..shown].iter().enumerate() {
        if place > 0 {
            ui.separator();
        }
        ui.push_id(&entry.id, |ui| show_entry(ui, entry, requests));
    }
    if shown < jobs.len() {
        ui.add_space(STEP);
        let text = tr!("Show all {number}", number = count(jobs.len()));
        page.shows_all_past = text_button(ui, Some(icons::CARET_DOWN), &text, tr("Older exports")).clicked();
    }
}

fn show_entry(ui: &mut Ui, entry: &JobEntry, requests: &mut Requests) {
    let JobEntry { id, date, kind, state, files } = entry;
    let is_over = *state != JobState::Done;
    let colours = palette_of(ui);
    let colour = if is_over { colours.weak } else { colours.text };
    ui.label(RichText::new(tr(words::kind(*kind))).color(colour));
    note(ui, format!("{} · {}", words::date(date), counted(*files, "file", "files")));
    if is_over {
        note(ui, tr(words::state(*state)));
        return;
    }
    ui.horizontal_wrapped(|ui| {
        let tip = tr("Puts every file back as it was, unless it was changed since");
        let undo = text_button(ui, Some(icons::ARROW_COUNTER_CLOCKWISE), tr("Undo"), tip);
        if undo
            .accessible_name(tr!("Undo {what} of {date}", what = tr(words::kind(*kind)), date = words::date(date)))
            .clicked()
        {
            requests.commands.push(Command::UndoJob(id.clone()));
        }
        let tip = tr("Lets go of the old files; after that it cannot be undone");
        if *kind == JobKind::Photos && text_button(ui, None, tr("Keep for good"), tip).clicked() {
            requests.commands.push(Command::KeepJob(id.clone()));
        }
    });
}
