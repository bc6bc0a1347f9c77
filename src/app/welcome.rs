//! The first page: what Tagroll does, and the three ways to begin.

use std::path::{Path, PathBuf};

use eframe::egui::{Align, Button, Image, Label, Layout, Response, RichText, TextureHandle, Ui, vec2};

use super::centre::{note_paragraph, page, title};
use super::controls::{note, primary_button, text_button};
use super::keys::{Action, hint};
use super::theme::STEP;
use super::toolbar::name_of;
use super::{Requests, icons, models};
use crate::engine::{Command, Session};
use crate::language::tr;

/// Recent folders that the page offers.
const RECENT: usize = 5;
/// Room for the widest button, in which each stands.
const BUTTON_WIDTH: f32 = 208.0;
/// Narrower than this, what a choice means stands below its button.
const LEAST_WIDTH_FOR_TWO: f32 = 440.0;

/// What the page shows beside words.
pub struct Welcome {
    pub icon: TextureHandle,
    /// Photos that came with the program.
    pub sample: Option<PathBuf>,
}

/// Draws the page.
pub fn show(ui: &mut Ui, welcome: &Welcome, session: &Session, requests: &mut Requests) {
    page(ui, |ui| {
        ui.add(Image::new(&welcome.icon).fit_to_exact_size(vec2(72.0, 72.0)));
        title(ui, tr("Sort photos by what they show"));
        note_paragraph(
            ui,
            tr(
                "Write what you are looking for, such as \"a dog on the beach\", and the photos of a folder sort themselves \
             by how well they fit. Everything happens on this computer, and no photo is changed.",
            ),
        );
        ui.add_space(3.0 * STEP);
        show_open(ui, requests);
        welcome.sample.iter().for_each(|sample| show_sample(ui, sample, requests));
        show_models(ui, session, requests);
        show_recent(ui, session, requests);
    });
}

fn show_open(ui: &mut Ui, requests: &mut Requests) {
    let tip = format!("{}{}", tr("Choose folders with photos"), hint(ui.ctx(), Action::OpenFolder));
    let button = |ui: &mut Ui| primary_button(ui, icons::FOLDER_OPEN, tr("Open a folder…"), &tip);
    let open = choice(ui, button, |ui| {
        note(ui, tr("Or drop one on this window."));
        let tip = format!("{}{}", tr("Write where the photos are"), hint(ui.ctx(), Action::TypePath));
        let path = Button::new(RichText::new(tr("Type a path…")).small());
        if ui.add(path).accessible_name(tr("Type a path…")).on_hover_text(tip).clicked() {
            requests.actions.push(Action::TypePath);
        }
    });
    requests.land(super::Panel::Grid, false, open.id);
    if open.clicked() {
        requests.actions.push(Action::OpenFolder);
    }
}

fn show_sample(ui: &mut Ui, sample: &Path, requests: &mut Requests) {
    let tip = tr("Open the photos that came with Tagroll");
    let button = |ui: &mut Ui| text_button(ui, Some(icons::IMAGES), tr("Try the sample photos"), tip);
    if choice(ui, button, |ui| paragraph(ui, tr("A few came with Tagroll, to see what it does."))).clicked() {
        requests.commands.push(Command::Open(vec![sample.to_path_buf()]));
    }
}

/// The starter model is there already; what a better one costs is said here.
fn show_models(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    let tip = tr("What sorts the photos, and what could sort them better");
    let tip = format!("{tip}{}", hint(ui.ctx(), Action::Models));
    let button = |ui: &mut Ui| text_button(ui, Some(icons::CPU), tr("Models…"), &tip);
    let offer = models::recommendation(session).map(models::recommendation_in_words);
    let text = offer.unwrap_or_else(|| tr("What sorts the photos, and on which device.").to_owned());
    if choice(ui, button, |ui| paragraph(ui, &text)).clicked() {
        requests.actions.push(Action::Models);
    }
}

/// A button, and what it means beside it.
fn choice(ui: &mut Ui, button: impl FnOnce(&mut Ui) -> Response, meaning: impl FnOnce(&mut Ui)) -> Response {
    if ui.available_width() < LEAST_WIDTH_FOR_TWO {
        let response = button(ui);
        meaning(ui);
        return response;
    }
    ui.horizontal(|ui| {
        let left = Layout::top_down(Align::Max);
        let response = ui.allocate_ui_with_layout(vec2(BUTTON_WIDTH, 0.0), left, |ui| {
            ui.set_min_width(BUTTON_WIDTH);
            button(ui)
        });
        ui.add_space(2.0 * STEP);
        ui.vertical(meaning);
        response.inner
    })
    .inner
}

fn paragraph(ui: &mut Ui, text: &str) {
    ui.add(Label::new(RichText::new(text).small().weak()).wrap());
}

fn show_recent(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    if session.recent().is_empty() {
        return;
    }
    ui.add_space(3.0 * STEP);
    note(ui, tr("Recent"));
    for path in session.recent().iter().take(RECENT) {
        let text = (RichText::new(icons::FOLDER).size(16.0), name_of(path));
        let response = ui.add(Button::new(text).frame_when_inactive(false)).accessible_name(name_of(path));
        if response.on_hover_text(path.display().to_string()).clicked() {
            requests.commands.push(Command::Open(vec![path.clone()]));
        }
    }
}
