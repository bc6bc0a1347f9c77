//! The photos that could not be read, and the folders that could not be looked into, each with its reason.

use eframe::egui::{Label, RichText, ScrollArea, Ui};

use super::controls::{at_the_right, note, small_icon_button, text_button};
use super::theme::{SMALL, STEP};
use super::toolbar::name_of;
use super::{Requests, icons};
use crate::engine::{Command, Problem, Session};
use crate::language::{message, plural, tr};

const ROW: f32 = 44.0;

/// Draws the list; returns whether the person is done with it.
pub fn show(ui: &mut Ui, session: &Session, height: f32, requests: &mut Requests) -> bool {
    let problems = session.problems();
    if problems.is_empty() {
        note(ui, tr("Everything could be read."));
        return false;
    }
    note(
        ui,
        plural!(
            problems.len(),
            "{n} item could not be read. Nothing was changed.",
            "{n} items could not be read. Nothing was changed."
        ),
    );
    ui.add_space(STEP);
    let mut is_shown_in_grid = false;
    ScrollArea::vertical().max_height((height - 60.0).max(ROW)).show_rows(ui, ROW, problems.len(), |ui, rows| {
        for problem in &problems[rows] {
            is_shown_in_grid |= show_problem(ui, session, problem, requests);
        }
    });
    ui.add_space(STEP);
    if text_button(ui, Some(icons::ARROW_CLOCKWISE), tr("Try again"), tr("Read these photos once more")).clicked() {
        requests.commands.push(Command::RetryUnreadable);
        return true;
    }
    is_shown_in_grid
}

/// Returns whether the photo is to be shown in the grid.
fn show_problem(ui: &mut Ui, session: &Session, problem: &Problem, requests: &mut Requests) -> bool {
    let mut is_shown = false;
    ui.allocate_ui(eframe::egui::vec2(ui.available_width(), ROW), |ui| {
        ui.set_min_height(ROW);
        ui.horizontal(|ui| {
            let width = ui.available_width() - 64.0;
            ui.vertical(|ui| {
                ui.set_min_width(width);
                ui.set_max_width(width);
                ui.spacing_mut().item_spacing.y = 0.0;
                let path = problem.path.display().to_string();
                ui.add(Label::new(name_of(&problem.path)).truncate()).on_hover_text(path);
                let reason = message(&problem.reason);
                let text = RichText::new(&*reason).size(SMALL).weak();
                ui.add(Label::new(text).truncate()).on_hover_text(&*reason);
            });
            at_the_right(ui, |ui| {
                if small_icon_button(ui, icons::COPY, tr("Copy path"), tr("Copy where this file lies")).clicked() {
                    ui.ctx().copy_text(problem.path.display().to_string());
                }
                let photo = session.library().photo_at(&problem.path);
                let tip = tr("Show its place among the photos");
                if let Some(photo) = photo
                    && small_icon_button(ui, icons::EYE, tr("Show in grid"), tip).clicked()
                {
                    requests.commands.push(Command::Focus(Some(photo)));
                    is_shown = true;
                }
            });
        });
    });
    is_shown
}
