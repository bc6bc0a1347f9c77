//! The plan: every file, what becomes of it, and line by line if somebody wants to see that.

use eframe::egui::{Label, RichText, ScrollArea, Sense, Ui};

use super::words;
use crate::app::controls::{heading, note, primary_button, text_button};
use crate::app::theme::{STEP, palette_of};
use crate::app::{Requests, icons};
use crate::catalog::words::counted;
use crate::catalog::{Change, Keyword, Plan, Refusal, Row, Way};
use crate::engine::{Command, Errand, Session};

/// Room for the buttons below the list.
const BELOW: f32 = 84.0;
const LINE: f32 = 22.0;
/// Refusals that are shown without scrolling further.
const REFUSED: f32 = 96.0;

pub fn show(ui: &mut Ui, session: &Session, errand: &Errand, plan: &Plan, height: f32, requests: &mut Requests) {
    ui.label(if plan.rows.is_empty() { nothing(plan) } else { words::summary(plan) });
    let refused = if plan.refused.is_empty() { 0.0 } else { REFUSED + 24.0 };
    let room = (height - BELOW - refused).max(3.0 * LINE);
    match &errand.diff {
        Some((at, text)) => show_diff(ui, plan, *at, text.as_ref(), room, requests),
        None => show_rows(ui, plan, room, requests),
    }
    show_refused(ui, &plan.refused, session);
    ui.add_space(STEP);
    ui.horizontal_wrapped(|ui| {
        let job = errand.job.as_ref().filter(|_| !plan.rows.is_empty());
        if let Some(job) = job {
            let text = words::agreed(job, plan.rows.len());
            if primary_button(ui, icons::CHECK, &text, "It can be undone afterwards").clicked() {
                requests.commands.push(Command::RunJob);
            }
        }
        if text_button(ui, None, "Back", "Leave everything as it is (Escape)").clicked() {
            requests.commands.push(Command::CloseJob);
        }
    });
}

fn nothing(plan: &Plan) -> String {
    match plan.refused.len() {
        0 => "Nothing to write: all files are as they should be.".to_owned(),
        refused => format!("Nothing can be written: {} left alone.", counted(refused, "file is", "files are")),
    }
}

fn show_rows(ui: &mut Ui, plan: &Plan, height: f32, requests: &mut Requests) {
    let list = ScrollArea::vertical().id_salt("plan").max_height(height).auto_shrink([false, true]);
    list.show_rows(ui, LINE, plan.rows.len(), |ui, range| {
        for at in range {
            let row = &plan.rows[at];
            let drawn = ui.horizontal(|ui| show_row(ui, row)).response;
            if !matches!(row.change, Change::Keywords(_)) {
                continue;
            }
            let (name, _) = words::name_and_folder(&row.file);
            let response = ui.interact(drawn.rect, drawn.id.with("row"), Sense::click());
            let response = response.accessible_name(format!("Show {name} line by line"));
            if response.on_hover_text("Show it line by line, before and after").clicked() {
                requests.commands.push(Command::ShowDiff(Some(at)));
            }
        }
    });
}

fn show_row(ui: &mut Ui, row: &Row) {
    ui.set_height(LINE);
    let (name, folder) = words::name_and_folder(&row.file);
    let colours = palette_of(ui);
    ui.add(Label::new(RichText::new(name)).selectable(false));
    ui.add(Label::new(RichText::new(folder).small().color(colours.weak)).selectable(false));
    let mut say = |text: String, colour| {
        ui.add(Label::new(RichText::new(text).small().color(colour)).selectable(false).truncate());
    };
    match &row.change {
        Change::Keywords(change) => {
            say(if change.before.is_none() { "new" } else { "changed" }.to_owned(), colours.weak);
            for (sign, keywords, colour) in [
                ("+", &change.added, colours.accent),
                ("\u{2212}", &change.removed, colours.warning),
                ("left out:", &change.declined, colours.weak),
            ] {
                if !keywords.is_empty() {
                    say(format!("{sign} {}", listed(keywords)), colour);
                }
            }
        }
        Change::Place { way, from, .. } => {
            let (name, folder) = words::name_and_folder(from);
            let verb = match way {
                Way::Copy => "copy of",
                Way::Move => "moved from",
                Way::Hardlink | Way::Symlink => "link to",
            };
            say(format!("{verb} {folder}/{name}"), colours.weak);
        }
        Change::Trash => say("into the trash".to_owned(), colours.warning),
    }
}

fn listed(keywords: &[Keyword]) -> String {
    keywords.iter().map(|keyword| keyword.joined(" › ")).collect::<Vec<_>>().join(", ")
}

fn show_diff(
    ui: &mut Ui,
    plan: &Plan,
    at: usize,
    text: Option<&Result<String, String>>,
    height: f32,
    requests: &mut Requests,
) {
    let Some(row) = plan.rows.get(at) else { return };
    ui.horizontal(|ui| {
        if text_button(ui, Some(icons::CARET_LEFT), "All files", "Back to the list (Escape)").clicked() {
            requests.commands.push(Command::ShowDiff(None));
        }
        ui.label(words::name_and_folder(&row.file).0);
    });
    let area = ScrollArea::both().id_salt("diff").max_height(height - 32.0).auto_shrink([false, true]);
    area.show(ui, |ui| match text {
        None => drop(note(ui, "Comparing…")),
        Some(Err(reason)) => drop(ui.label(reason)),
        Some(Ok(text)) => show_lines(ui, text),
    });
}

fn show_lines(ui: &mut Ui, text: &str) {
    let colours = palette_of(ui);
    for line in text.lines() {
        let colour = match line.as_bytes().first() {
            Some(b'+') => colours.accent,
            Some(b'-') => colours.warning,
            Some(b'@') => colours.weak,
            _ => colours.text,
        };
        ui.add(Label::new(RichText::new(line).monospace().size(12.0).color(colour)).extend());
    }
}

/// Files that are left alone, each with its reason.
pub fn show_refused(ui: &mut Ui, refused: &[Refusal], _session: &Session) {
    if refused.is_empty() {
        return;
    }
    heading(ui, &format!("Left alone: {}", counted(refused.len(), "file", "files")));
    let list = ScrollArea::vertical().id_salt("refused").max_height(REFUSED).auto_shrink([false, true]);
    list.show_rows(ui, 2.0 * LINE, refused.len(), |ui, range| {
        for refusal in &refused[range] {
            ui.add(Label::new(RichText::new(&refusal.reason).small()).truncate()).on_hover_text(&refusal.reason);
        }
    });
}
