//! How often the categories are right on photos that are sorted already: figures, the confusion matrix as a picture, and
//! the worst mistakes. The page takes the place of the grid.

mod figures;
mod matrix;
mod mistakes;

use eframe::egui::{Button, Frame, Key, Margin, Modifiers, RichText, ScrollArea, Spinner, Ui};

use super::controls::{at_the_right, heading, icon_button, note, text_button};
use super::keys::{Action, hint};
use super::textures::Textures;
use super::theme::STEP;
use super::{Requests, icons};
use crate::engine::{Command, Session, Sorted, Truth};
use crate::language::{plural, text, tr};

/// From here on the table and the matrix stand side by side.
const LEAST_WIDTH_FOR_TWO: f32 = 800.0;
/// The table needs no more.
const TABLE_WIDTH: f32 = 400.0;

const TRUTHS: [(Truth, &str, &str); 3] = [
    (Truth::Folders, text("Folders"), text("The name of the folder that a photo lies in says what it is")),
    (
        Truth::Verdicts,
        text("My verdicts"),
        text("What you confirmed says what a photo is; only the words are measured on it"),
    ),
    (Truth::Keywords, text("My keywords"), text("The keywords that you gave a photo with any program say what it is")),
];

/// What the page keeps while it is open.
pub struct EvaluationPage {
    truth: Truth,
    shows_all_mistakes: bool,
}

impl Default for EvaluationPage {
    fn default() -> EvaluationPage {
        EvaluationPage { truth: Truth::Folders, shows_all_mistakes: false }
    }
}

impl EvaluationPage {
    /// Draws over all of the available space; returns whether it stays open. Escape closes it, if it `hears_escape`.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        session: &Session,
        hears_escape: bool,
        textures: &mut Textures,
        requests: &mut Requests,
    ) -> bool {
        let mut is_closed = hears_escape && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        Frame::new().inner_margin(Margin::symmetric(16, 12)).show(ui, |ui| {
            is_closed |= self.show_head(ui, requests);
            let sorted = session.evaluation(self.truth);
            ScrollArea::vertical().id_salt("evaluation").auto_shrink(false).show(ui, |ui| {
                self.show_ways(ui, session, sorted.as_deref(), requests);
                match sorted {
                    Some(sorted) if sorted.evaluation.photos > 0 => {
                        is_closed |= self.show_sorted(ui, &sorted, session, textures, requests);
                    }
                    Some(sorted) if sorted.waiting > 0 => show_waiting(ui, sorted.waiting, true),
                    _ => show_nothing(ui, self.truth),
                }
            });
        });
        !is_closed
    }

    /// Returns whether the page is to be closed.
    fn show_head(&mut self, ui: &mut Ui, requests: &mut Requests) -> bool {
        ui.horizontal(|ui| {
            ui.heading(tr("Evaluation"));
            ui.add_space(2.0 * STEP);
            for (truth, name, tip) in TRUTHS {
                if ui.add(Button::selectable(self.truth == truth, tr(name))).on_hover_text(tr(tip)).clicked() {
                    self.truth = truth;
                }
            }
            at_the_right(ui, |ui| {
                let tip = format!("{}{}", tr("Back to the photos (Escape)"), hint(ui.ctx(), Action::Evaluate));
                let close = icon_button(ui, icons::X, tr("Close evaluation"), &tip);
                requests.land(super::Panel::Grid, true, close.id);
                close.clicked()
            })
        })
        .inner
    }

    /// How to get photos that can be compared.
    fn show_ways(&self, ui: &mut Ui, session: &Session, sorted: Option<&Sorted>, requests: &mut Requests) {
        match self.truth {
            Truth::Folders => {}
            Truth::Verdicts => {
                note(ui, tr("By the words alone: what was learned from the same verdicts would flatter itself."));
                return;
            }
            Truth::Keywords => return show_keywords(ui, session, sorted.is_some()),
        }
        ui.horizontal_wrapped(|ui| {
            let tip = tr("Opens a folder whose folders are named after what their photos show");
            if text_button(ui, Some(icons::FOLDER_OPEN), tr("Choose a sorted folder…"), tip).clicked() {
                requests.actions.push(Action::OpenFolder);
            }
            let Some(unmatched) = sorted.map(|sorted| &sorted.unmatched).filter(|unmatched| !unmatched.is_empty())
            else {
                return;
            };
            let text = plural!(unmatched.len(), "Add categories for {n} folder", "Add categories for {n} folders");
            let names = unmatched.iter().take(20).map(|(name, photos)| format!("{name}: {photos}"));
            let tip = format!("{}\n{}", tr("Folders without a category"), names.collect::<Vec<_>>().join("\n"));
            if text_button(ui, Some(icons::PLUS), &text, &tip).clicked() {
                requests.commands.push(Command::AddFolderCategories);
            }
        });
    }

    /// Returns whether the page is to be closed.
    fn show_sorted(
        &mut self,
        ui: &mut Ui,
        sorted: &Sorted,
        session: &Session,
        textures: &mut Textures,
        requests: &mut Requests,
    ) -> bool {
        ui.add_space(2.0 * STEP);
        figures::show(ui, &sorted.evaluation);
        if sorted.waiting > 0 {
            show_waiting(ui, sorted.waiting, false);
        }
        ui.add_space(4.0 * STEP);
        if ui.available_width() >= LEAST_WIDTH_FOR_TWO {
            ui.horizontal_top(|ui| {
                ui.vertical(|ui| {
                    ui.set_width(TABLE_WIDTH);
                    part(ui, tr("Categories"), "");
                    figures::show_table(ui, sorted);
                });
                ui.add_space(6.0 * STEP);
                ui.vertical(|ui| show_matrix(ui, sorted));
            });
        } else {
            part(ui, tr("Categories"), "");
            ui.scope(|ui| {
                ui.set_max_width(TABLE_WIDTH);
                figures::show_table(ui, sorted);
            });
            ui.add_space(4.0 * STEP);
            show_matrix(ui, sorted);
        }
        if sorted.mistakes.is_empty() {
            return false;
        }
        ui.add_space(5.0 * STEP);
        part(
            ui,
            tr("Worst mistakes"),
            tr("Photos that fit another category better than their own; a click shows one in the grid"),
        );
        mistakes::show(ui, sorted, &mut self.shows_all_mistakes, session, textures, requests)
    }
}

fn show_keywords(ui: &mut Ui, session: &Session, has_some: bool) {
    if has_some {
        note(ui, tr("Agreement with your own keywords. Those that Tagroll wrote do not count."));
    }
    if session.undescribed() > 0 {
        let text = plural!(
            session.undescribed(),
            "The keywords of {n} photo are still to be read",
            "The keywords of {n} photos are still to be read"
        );
        note(ui, text);
    }
}

fn show_matrix(ui: &mut Ui, sorted: &Sorted) {
    part(ui, tr("What was taken for what"), tr("A row is what photos are, a column what they were taken for"));
    matrix::show(ui, sorted);
}

fn part(ui: &mut Ui, title: &str, tip: &str) {
    let response = heading(ui, title);
    if !tip.is_empty() {
        response.on_hover_text(tip);
    }
    ui.add_space(STEP);
}

fn show_waiting(ui: &mut Ui, waiting: usize, is_all: bool) {
    ui.horizontal(|ui| {
        if is_all {
            ui.add(Spinner::new().size(18.0));
        }
        note(
            ui,
            plural!(
                waiting,
                "{n} photo waits for its scores; the figures follow",
                "{n} photos wait for their scores; the figures follow"
            ),
        );
    });
}

fn show_nothing(ui: &mut Ui, truth: Truth) {
    ui.add_space(8.0 * STEP);
    ui.vertical_centered(|ui| {
        ui.label(RichText::new(icons::IMAGES).size(40.0).weak());
        let (title, text) = match truth {
            Truth::Folders => (
                tr("No photo lies in a folder that is named after a category"),
                tr("Choose a folder that holds one folder for each kind of photo, such as dog and cat, and add categories \
                 for them."),
            ),
            Truth::Verdicts => (
                tr("You have not confirmed a photo yet"),
                tr("Press Y where a photo belongs to the selected category. What you confirm is compared with what the \
                 categories say."),
            ),
            Truth::Keywords => (
                tr("No photo has a category's name among your keywords"),
                tr("Keywords are read from photos and from the sidecars beside them. A category \"dog\" is compared with the \
                 photos that have the keyword \"dog\" or a path that ends in it."),
            ),
        };
        ui.heading(title);
        ui.label(RichText::new(text).weak());
    });
}
