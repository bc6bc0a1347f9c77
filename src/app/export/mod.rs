//! Everything that leaves the window: keywords into files, photos into folders, tables; each planned, shown, done, and
//! taken back.

mod form;
mod outcome;
mod past;
mod plan;
mod words;

use std::path::Path;

use eframe::egui::{Context, Key, Modifiers, ScrollArea, Ui};

use super::Requests;
use super::notices;
use crate::catalog::{Naming, Way};
use crate::engine::{Command, Session, Stage};

/// What somebody chose on the page.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportPage {
    what: What,
    whose: Whose,
    naming: Naming,
    way: Way,
    /// Where sidecars go instead of beside the photos; empty for beside.
    elsewhere: String,
    with_ancestors: bool,
    again: bool,
    shows_more: bool,
    /// The folder that gets one folder a category.
    into: String,
    /// The file of the table.
    table: String,
    /// What was done last without a plan.
    said: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Sidecars,
    InPhotos,
    Folders,
    Table,
    Remove,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Selected,
    Category,
    Everything,
}

impl Default for ExportPage {
    fn default() -> ExportPage {
        ExportPage {
            what: What::Sidecars,
            whose: Whose::Everything,
            naming: Naming::Ext,
            way: Way::Copy,
            elsewhere: String::new(),
            with_ancestors: false,
            again: false,
            shows_more: false,
            into: String::new(),
            table: String::new(),
            said: None,
        }
    }
}

impl ExportPage {
    /// What somebody most likely wants: the photos that they selected, if they did.
    pub fn of(session: &Session) -> ExportPage {
        let whose = if session.selection().len() > 0 { Whose::Selected } else { Whose::Everything };
        ExportPage { whose, ..ExportPage::default() }
    }

    /// Takes a path from a dialog of the system.
    pub fn take_path(&mut self, path: &Path) {
        let text = path.display().to_string();
        if self.what == What::Table { self.table = text } else { self.into = text }
    }
}

/// Draws the page; returns whether it has done its work.
pub fn show(ui: &mut Ui, page: &mut ExportPage, session: &Session, height: f32, requests: &mut Requests) -> bool {
    let Some(errand) = session.errand() else {
        ScrollArea::vertical().id_salt("export").max_height(height).min_scrolled_height(height).show(ui, |ui| {
            let notices = notices::of(session, false);
            if !notices.is_empty() {
                notices::show(ui, &notices, requests);
            }
            form::show(ui, page, session, requests);
            past::show(ui, session, requests);
        });
        return false;
    };
    leave_by_escape(ui.ctx(), session, requests);
    match &errand.stage {
        Stage::Planning { done, of } => outcome::show_progress(ui, "Looking at", *done, *of, None, requests),
        Stage::Planned(plan) => plan::show(ui, session, errand, plan, height, requests),
        Stage::Running { done, of, is_stopping } => {
            outcome::show_progress(ui, "Writing", *done, *of, Some(*is_stopping), requests);
        }
        Stage::Undoing { done, of } => outcome::show_progress(ui, "Taking back", *done, *of, None, requests),
        Stage::Done(done) => return outcome::show_done(ui, errand, done, height, requests),
        Stage::Undone(done) => return outcome::show_undone(ui, done, height, requests),
        Stage::Failed(reason) => return outcome::show_failed(ui, reason, requests),
    }
    false
}

/// Back from the lines of one file, then from the plan; the next one closes the page.
fn leave_by_escape(ctx: &Context, session: &Session, requests: &mut Requests) {
    let Some(errand) = session.errand() else { return };
    let is_plan = matches!(errand.stage, Stage::Planned(_) | Stage::Planning { .. });
    if is_plan && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        requests.commands.push(if errand.diff.is_some() { Command::ShowDiff(None) } else { Command::CloseJob });
    }
}
