//! The page of settings: one row a subject, each with what it is about and what it changes.
//!
//! Promise: everything here counts at once, and nothing is taken away before the person saw what goes.

mod forget;

use eframe::egui::{Checkbox, Context, Key, Label, Modifiers, ScrollArea, Slider, Ui};

use super::controls::{heading, note, text_button};
use super::keys::{Action, hint};
use super::theme::STEP;
use super::{Requests, appearance, icons, language_choice};
use crate::catalog::words::size;
use crate::engine::{Command, Power, Session};
use crate::language::{text, tr};

/// What the page keeps while it is open.
#[derive(Default)]
pub struct SettingsPage {
    question: Option<forget::Question>,
}

/// Draws the page; returns whether it has led elsewhere.
pub fn show(ui: &mut Ui, page: &mut SettingsPage, session: &Session, height: f32, requests: &mut Requests) -> bool {
    leave_by_escape(ui.ctx(), page);
    let area = ScrollArea::vertical().id_salt("settings").max_height(height).min_scrolled_height(height);
    area.show(ui, |ui| match &mut page.question {
        Some(question) => {
            if let Some(is_yes) = forget::ask(ui, question, session) {
                page.question = None;
                requests.commands.extend(is_yes.then_some(Command::ForgetEverything));
                return is_yes;
            }
            false
        }
        None => {
            row(ui, tr("Language"), |ui| language_choice::show(ui, session, requests));
            row(ui, tr("Appearance"), |ui| appearance::show(ui, session, requests));
            show_cores(ui, session, requests);
            show_battery(ui, session, requests);
            show_data_folder(ui, session, requests);
            show_forget(ui, page, session);
            show_links(ui, requests)
        }
    })
    .inner
}

/// The first Escape takes the question back, the next one closes the page.
fn leave_by_escape(ctx: &Context, page: &mut SettingsPage) {
    if page.question.is_some() && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        page.question = None;
    }
}

fn row<R>(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui) -> R) -> R {
    ui.add_space(3.0 * STEP);
    heading(ui, title);
    ui.add_space(STEP);
    content(ui)
}

fn show_cores(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    let (all, name) = (session.cores(), tr("Processor cores for reading photos"));
    if all < 2 {
        return;
    }
    row(ui, name, |ui| {
        let mut cores = session.most_cores().unwrap_or(all);
        let in_words = move |cores: f64, _| {
            if cores as usize == all { tr!("all {number}", number = all) } else { cores.to_string() }
        };
        let slider = Slider::new(&mut cores, 1..=all).custom_formatter(in_words);
        if ui.add(slider).accessible_name(name).changed() {
            requests.commands.push(Command::UseCores((cores < all).then_some(cores)));
        }
        note(
            ui,
            tr("Other programs come first in any case. What you type and what is on screen is done by all cores."),
        );
    });
}

/// Only where the computer can tell.
fn show_battery(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    let Some(power) = session.power() else { return };
    row(ui, tr("Battery"), |ui| {
        let mut pauses = session.pauses_on_battery();
        if ui.add(Checkbox::new(&mut pauses, tr("Pause reading on battery"))).changed() {
            requests.commands.push(Command::PauseOnBattery(pauses));
        }
        note(
            ui,
            match power {
                Power::Battery => tr("Reading goes on by itself on mains. This computer is on its battery now."),
                Power::Mains => tr("Reading goes on by itself on mains. This computer is on mains now."),
            },
        );
    });
}

fn show_data_folder(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    row(ui, tr("Data folder"), |ui| {
        let Some(kept) = session.kept() else {
            note(ui, tr("Adding up what is kept"));
            return;
        };
        ui.add(Label::new(kept.folder.display().to_string()).wrap().selectable(true));
        ui.horizontal_wrapped(|ui| {
            let tip = tr("Open this folder in the file manager");
            if text_button(ui, Some(icons::FOLDER_OPEN), tr("Show the folder"), tip).clicked() {
                requests.commands.push(Command::ShowDataFolder);
            }
            note(
                ui,
                tr!("{size}: thumbnails, what was read of your photos, and models.", size = size(kept.size_bytes())),
            );
        });
    });
}

fn show_forget(ui: &mut Ui, page: &mut SettingsPage, session: &Session) {
    row(ui, tr("Start afresh"), |ui| {
        let can_forget = session.is_idle() && session.kept().is_some();
        ui.add_enabled_ui(can_forget, |ui| {
            let tip =
                if session.is_idle() { tr("Shows first what would go") } else { tr("Wait until the export is done") };
            if text_button(ui, Some(icons::TRASH), tr("Forget everything…"), tip).clicked() {
                page.question = Some(forget::Question::default());
            }
        });
        note(ui, tr("Takes away all that Tagroll keeps. Your photos and their sidecars stay as they are."));
    });
}

/// Returns whether a link was followed.
fn show_links(ui: &mut Ui, requests: &mut Requests) -> bool {
    let links = [
        (icons::CPU, text("Models…"), text("What sorts the photos, and on which device"), Action::Models),
        (icons::KEYBOARD, text("Keyboard…"), text("What the keys do"), Action::Help),
    ];
    row(ui, tr("More"), |ui| {
        let followed = ui.horizontal_wrapped(|ui| {
            let clicked = links.map(|(icon, name, tip, action)| {
                let tip = format!("{}{}", tr(tip), hint(ui.ctx(), action));
                text_button(ui, Some(icon), tr(name), &tip).clicked().then_some(action)
            });
            clicked.into_iter().flatten().next()
        });
        requests.actions.extend(followed.inner);
        followed.inner.is_some()
    })
}
