//! Everything that leaves the window: keywords into files, photos into folders, tables; each planned, shown, done, and
//! taken back.

mod diff;
mod form;
mod outcome;
mod past;
mod plan;
mod refused;
mod rows;
mod tally;
mod words;

use std::path::Path;
use std::sync::Arc;

use eframe::egui::{Context, Key, Modifiers, ScrollArea, Ui};

use tally::Tally;

use super::Requests;
use super::notices;
use super::theme::STEP;
use crate::catalog::words::count;
use crate::catalog::{Job, Naming, Plan, Way};
use crate::engine::{Command, Errand, Session, Stage};
use crate::language::{plural, text, tr};

/// From here on, earlier exports stand beside the choices.
const WIDE: f32 = 720.0;
const GAP: f32 = 8.0 * STEP;

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
    /// Whether a file of that name may be replaced.
    may_replace: bool,
    /// What was done last without a plan.
    said: Option<String>,
    /// Whether the system has turned out to have no dialogs.
    lacks_dialog: bool,
    /// Whether all earlier exports are listed.
    shows_all_past: bool,
    /// How many files somebody agreed to last.
    agreed: Option<usize>,
    /// The plan that was counted last.
    counted: Option<(Arc<Plan>, Tally)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
            may_replace: false,
            said: None,
            lacks_dialog: false,
            shows_all_past: false,
            agreed: None,
            counted: None,
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
        match self.what {
            // The dialog has asked whether to replace a file that is there.
            What::Table => (self.table, self.may_replace) = (text, true),
            What::Sidecars => self.elsewhere = text,
            What::Folders | What::InPhotos | What::Remove => self.into = text,
        }
    }

    /// Says that paths are to be typed.
    pub fn lack_dialog(&mut self) {
        self.lacks_dialog = true;
    }

    fn tally_of(&mut self, plan: &Arc<Plan>) -> Tally {
        if let Some((counted, tally)) = &self.counted
            && Arc::ptr_eq(counted, plan)
        {
            return *tally;
        }
        let tally = Tally::of(plan);
        self.counted = Some((plan.clone(), tally));
        tally
    }
}

/// What the status line says of a job while its page may be closed.
pub fn in_status(errand: &Errand) -> Option<String> {
    let how_far =
        |verb: &str, done, of| tr!("{doing} {part} of {all}", doing = tr(verb), part = count(done), all = count(of));
    match &errand.stage {
        Stage::Running { done, of, .. } => Some(how_far(words::doing(errand.job.as_ref()), *done, *of)),
        Stage::Undoing { done, of } => Some(how_far(text("Taking back"), *done, *of)),
        Stage::Done(done) => Some(plural!(done.files, "{n} file done", "{n} files done")),
        Stage::Undone(done) => Some(plural!(done.files, "{n} file taken back", "{n} files taken back")),
        Stage::Planning { .. } | Stage::Planned(_) | Stage::Failed(_) => None,
    }
}

/// Draws the page; returns whether it has done its work.
pub fn show(ui: &mut Ui, page: &mut ExportPage, session: &Session, height: f32, requests: &mut Requests) -> bool {
    let Some(errand) = session.errand() else {
        show_choices(ui, page, session, height, requests);
        return false;
    };
    leave_by_escape(ui.ctx(), errand, requests);
    let doing = words::doing(errand.job.as_ref());
    match &errand.stage {
        Stage::Planning { done, of } => outcome::show_progress(ui, text("Looking at"), *done, *of, None, requests),
        Stage::Planned(plan) => return plan::show(ui, page, (errand, plan), height, requests),
        Stage::Running { done, of, is_stopping } => {
            outcome::show_progress(ui, doing, *done, *of, Some(*is_stopping), requests);
        }
        Stage::Undoing { done, of } => outcome::show_progress(ui, text("Taking back"), *done, *of, None, requests),
        Stage::Done(done) => return outcome::show_done(ui, (errand, done), page.agreed, session, height, requests),
        Stage::Undone(done) => return outcome::show_undone(ui, done, height, requests),
        Stage::Failed(reason) => return outcome::show_failed(ui, reason, requests),
    }
    false
}

/// The choices, and what was done before.
fn show_choices(ui: &mut Ui, page: &mut ExportPage, session: &Session, height: f32, requests: &mut Requests) {
    let notices = notices::of(session, false);
    if !notices.is_empty() {
        notices::show(ui, &notices, requests);
        ui.add_space(STEP);
    }
    ScrollArea::vertical().id_salt("export").max_height(height).min_scrolled_height(height).show(ui, |ui| {
        let width = ui.available_width();
        if width < WIDE {
            form::show(ui, page, session, requests);
            ui.add_space(4.0 * STEP);
            past::show(ui, page, session, requests);
            return;
        }
        let choices = (width * 0.58).floor();
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            column(ui, choices, |ui| form::show(ui, page, session, requests));
            ui.add_space(GAP);
            column(ui, width - choices - GAP, |ui| past::show(ui, page, session, requests));
        });
    });
}

fn column(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui)) {
    ui.vertical(|ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.x = 2.0 * STEP;
        content(ui);
    });
}

/// Back from the lines of one file, then from the plan; the next one closes the page. What goes to the trash was not
/// chosen on the page, so there is nothing to go back to.
fn leave_by_escape(ctx: &Context, errand: &Errand, requests: &mut Requests) {
    let is_plan = matches!(errand.stage, Stage::Planned(_) | Stage::Planning { .. });
    let is_trash = matches!(errand.job, Some(Job::Trash { .. }));
    if is_plan && !is_trash && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        requests.commands.push(if errand.diff.is_some() { Command::ShowDiff(None) } else { Command::CloseJob });
    }
}
