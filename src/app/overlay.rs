//! Pages that lie over the window until they are closed: help, settings, unreadable photos, models, sets of categories, the
//! prompt doctor, a path to type, a question about what was dropped.

use std::path::PathBuf;

use eframe::egui::{Context, Frame, Id, Key, KeyboardShortcut, Modal, Modifiers, ScrollArea, Ui};

use super::controls::{at_the_right, icon_button};
use super::doctor::{self, DoctorPage};
use super::export::{self, ExportPage};
use super::keys::{self, Action};
use super::models::{self, ModelsPage};
use super::path_prompt::{PathPrompt, Words};
use super::sets::{self, SetsPage};
use super::settings::{self, SettingsPage};
use super::theme::STEP;
use super::{Requests, help, icons, similar, unreadable};
use crate::catalog::Job;
use crate::engine::{Command, Session};
use crate::language::{text, tr};

pub enum Overlay {
    Help,
    Unreadable,
    TypePath(PathPrompt),
    Models(ModelsPage),
    Sets(SetsPage),
    Doctor(DoctorPage),
    Export(ExportPage),
    Settings(SettingsPage),
    /// Photos that were dropped on the window.
    Dropped(Vec<PathBuf>),
}

impl Overlay {
    /// What ends with the page.
    pub fn left(&self) -> Option<Command> {
        match self {
            Overlay::Doctor(_) => Some(Command::Examine(None)),
            Overlay::Export(_) => Some(Command::CloseJob),
            _ => None,
        }
    }

    /// Takes a path from a dialog of the system.
    pub fn take_path(&mut self, path: &std::path::Path) {
        if let Overlay::Export(page) = self {
            page.take_path(path);
        }
    }

    /// Says that the system has no dialog for paths.
    pub fn lack_dialog(&mut self) {
        if let Overlay::Export(page) = self {
            page.lack_dialog();
        }
    }

    /// The key that opened a page closes it too.
    pub fn closed_by_its_key(&self, ctx: &Context) -> Option<Action> {
        let (shortcut, action) = match self {
            Overlay::Help => (KeyboardShortcut::new(Modifiers::NONE, Key::F1), Action::Help),
            Overlay::Models(_) => (keys::MODELS, Action::Models),
            Overlay::Sets(_) => (keys::SETS, Action::Sets),
            Overlay::Settings(_) => (keys::SETTINGS, Action::Settings),
            Overlay::Export(_) => (keys::EXPORT, Action::Export),
            Overlay::Unreadable | Overlay::TypePath(_) | Overlay::Doctor(_) | Overlay::Dropped(_) => return None,
        };
        ctx.input_mut(|input| input.consume_shortcut(&shortcut)).then_some(action)
    }

    fn title(&self, session: &Session) -> &'static str {
        let is_of_trash = session.errand().is_some_and(|errand| matches!(errand.job, Some(Job::Trash { .. })));
        match self {
            Overlay::Help => text("Help"),
            Overlay::Unreadable => text("Unreadable"),
            Overlay::TypePath(_) => text("Open a folder"),
            Overlay::Models(_) => text("Models"),
            Overlay::Sets(_) => text("Sets of categories"),
            Overlay::Doctor(_) => text("Prompt doctor"),
            Overlay::Settings(_) => text("Settings"),
            Overlay::Export(_) if is_of_trash => text("Trash"),
            Overlay::Export(_) => text("Export"),
            Overlay::Dropped(_) => text("Dropped"),
        }
    }

    fn widest(&self) -> f32 {
        match self {
            Overlay::Export(_) => 960.0,
            Overlay::Models(_) | Overlay::Sets(_) => 760.0,
            Overlay::Dropped(_) => 420.0,
            _ => 640.0,
        }
    }
}

/// Draws the page that is open; returns whether it stays open.
pub fn show(ctx: &Context, overlay: &mut Overlay, session: &Session, requests: &mut Requests) -> bool {
    let (title, widest) = (overlay.title(session), overlay.widest());
    let area = ctx.content_rect();
    // In a low window the page leaves less around it.
    let is_low = area.height() < 440.0;
    let (margin, around) = if is_low { (2.0 * STEP, 2.0 * STEP) } else { (4.0 * STEP, 6.0 * STEP) };
    let mut is_closed = false;
    let frame = Frame::popup(&ctx.global_style()).inner_margin(margin);
    let shown = Modal::new(Id::unique("overlay")).frame(frame).show(ctx, |ui| {
        ui.set_width((area.width() - 2.0 * (margin + around)).min(widest));
        ui.horizontal(|ui| {
            ui.heading(tr(title));
            at_the_right(ui, |ui| is_closed = icon_button(ui, icons::X, tr("Close"), tr("Close (Escape)")).clicked());
        });
        let height = area.height() - 2.0 * (margin + around) - if is_low { 10.0 * STEP } else { 16.0 * STEP };
        match overlay {
            Overlay::Help => {
                let area = ScrollArea::vertical().max_height(height).min_scrolled_height(height);
                area.show(ui, |ui| help::show(ui, session, requests));
            }
            Overlay::Unreadable => is_closed |= unreadable::show(ui, session, height, requests),
            Overlay::TypePath(prompt) => is_closed |= show_path_prompt(ui, prompt, requests),
            Overlay::Models(page) => models::show(ui, page, session, height, requests),
            Overlay::Sets(page) => sets::show(ui, page, session, height, requests),
            Overlay::Doctor(page) => is_closed |= doctor::show(ui, page, session, height, requests),
            Overlay::Settings(page) => is_closed |= settings::show(ui, page, session, height, requests),
            Overlay::Export(page) => is_closed |= export::show(ui, page, session, height, requests),
            Overlay::Dropped(photos) => is_closed |= similar::ask(ui, photos, requests),
        }
    });
    !(is_closed || shown.should_close())
}

/// Returns whether the page has done its work.
fn show_path_prompt(ui: &mut Ui, prompt: &mut PathPrompt, requests: &mut Requests) -> bool {
    const WORDS: Words = Words {
        says: text("Write the path of a folder, or drop the folder on the window."),
        name: text("Path of a folder"),
        example: "/home/ada/Pictures",
        icon: icons::FOLDER_OPEN,
        button: text("Open"),
        hint: text("Open this folder (Enter)"),
    };
    let Some(path) = prompt.show(ui, &WORDS) else { return false };
    requests.commands.push(Command::Open(vec![path]));
    true
}
