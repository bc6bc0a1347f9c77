//! The one line that tells somebody with only the starter model that there are better ones.

use eframe::egui::{Align, Button, Label, Layout, RichText, TextStyle, Ui};

use super::words;
use crate::app::controls::{at_the_right, text_button};
use crate::app::keys::{Action, hint};
use crate::app::panels::Panel;
use crate::app::theme::palette_of;
use crate::app::{Requests, icons};
use crate::engine::{Command, KnownModel, Session};
use crate::language::{text, tr};

/// Where the figures come from.
const SOURCE: &str = text(
    "On Caltech-101, a hundred kinds of things, the starter model is right about 44 times in 100 (its model card), and \
     CLIP models of this kind are right about 92 times (OpenCLIP's table of results).",
);

/// The model to try, once it is known that no better one is installed.
pub fn recommendation(session: &Session) -> Option<&'static KnownModel> {
    let has_looked = !session.models().folder().as_os_str().is_empty();
    session.recommendation().filter(|_| has_looked)
}

/// Draws it as a strip over photos.
pub fn show(ui: &mut Ui, model: &KnownModel, requests: &mut Requests) {
    let area = ui.horizontal(|ui| {
        ui.label(RichText::new(icons::SPARKLE).size(16.0).color(palette_of(ui).accent));
        at_the_right(ui, |ui| {
            show_refusal(ui, Button::new(tr("Not now")), requests);
            let tip = format!("{}{}", tr("What each model gains and costs"), hint(ui.ctx(), Action::Models));
            let open = text_button(ui, None, tr("Models…"), &tip);
            requests.land(Panel::Recommendation, false, open.id);
            if open.clicked() {
                requests.actions.push(Action::Models);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = fitting(ui, &texts(model));
                ui.add(Label::new(text).truncate()).on_hover_text(format!("{} {}", texts(model)[0], tr(SOURCE)));
            });
        });
    });
    requests.panels.set_area(Panel::Recommendation, area.response.rect);
}

/// What it says on the first page.
pub fn in_words(model: &KnownModel) -> String {
    let [longest, ..] = texts(model);
    longest
}

fn show_refusal(ui: &mut Ui, button: Button<'_>, requests: &mut Requests) {
    let response = ui.add(button).accessible_name(tr("Not now: recommend no model"));
    if response.on_hover_text(tr("Say this no more")).clicked() {
        requests.commands.push(Command::DismissRecommendation);
    }
}

/// From the longest to the shortest.
fn texts(model: &KnownModel) -> [String; 3] {
    let (name, size) = (&model.name, words::size(model.download_bytes));
    let gain = tr!("{name} is right about twice as often: {size} to download.", name, size);
    let longest = format!("{} {gain}", tr("The starter model knows coarse subjects only."));
    [longest, gain, tr!("A better model: {size}", size)]
}

/// The first text that there is room for, else the last.
fn fitting(ui: &Ui, texts: &[String; 3]) -> String {
    let font = TextStyle::Body.resolve(ui.style());
    let width = |text: &String| ui.painter().layout_no_wrap(text.clone(), font.clone(), palette_of(ui).text).size().x;
    let [longest, shorter, shortest] = texts;
    let fits = [longest, shorter].into_iter().find(|text| width(text) <= ui.available_width());
    fits.unwrap_or(shortest).clone()
}
