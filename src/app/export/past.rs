//! Exports of the past, each of which can be undone as long as its files are as they were left.

use eframe::egui::{RichText, Ui};

use super::words;
use crate::app::controls::{at_the_right, heading, note, text_button};
use crate::app::theme::{STEP, palette_of};
use crate::app::{Requests, icons};
use crate::catalog::words::counted;
use crate::catalog::{JobEntry, JobKind, JobState};
use crate::engine::{Command, Session};

pub fn show(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    let jobs = session.past_jobs();
    if jobs.is_empty() {
        return;
    }
    ui.add_space(4.0 * STEP);
    heading(ui, "Earlier exports");
    for (place, entry) in jobs.iter().enumerate() {
        if place > 0 {
            ui.separator();
        }
        ui.push_id(&entry.id, |ui| show_entry(ui, entry, requests));
    }
}

fn show_entry(ui: &mut Ui, entry: &JobEntry, requests: &mut Requests) {
    let JobEntry { id, date, kind, state, files } = entry;
    ui.horizontal(|ui| {
        ui.label(words::kind(*kind));
        note(ui, format!("{}, {}", counted(*files, "file", "files"), words::date(date)));
        ui.label(RichText::new(words::state(*state)).small().color(palette_of(ui).weak));
        if *state != JobState::Done {
            return;
        }
        at_the_right(ui, |ui| {
            let tip = "Puts every file back as it was, unless it was changed since";
            let undo = text_button(ui, Some(icons::ARROW_COUNTER_CLOCKWISE), "Undo", tip);
            if undo.accessible_name(format!("Undo {} of {}", words::kind(*kind), words::date(date))).clicked() {
                requests.commands.push(Command::UndoJob(id.clone()));
            }
            let tip = "Lets go of the old files; after that it cannot be undone";
            if *kind == JobKind::Photos && text_button(ui, None, "Keep for good", tip).clicked() {
                requests.commands.push(Command::KeepJob(id.clone()));
            }
        });
    });
}
