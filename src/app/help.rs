//! What the keys do.

use eframe::egui::{Grid, RichText, Ui};

use super::controls::{heading, note};
use super::keys::{BINDINGS, in_words};
use super::theme::{STEP, semibold};
use crate::language::{text, tr};

/// Keys of the grid and of the large view, which those two take themselves.
const PHOTOS: [(&str, &str); 12] = [
    (text("Arrows, Page, Home, End"), text("Move among the photos; with Shift, select them")),
    (text("Click with Ctrl or Shift"), text("Select one more photo, or all up to it")),
    (text("Ctrl+A"), text("Select all photos")),
    (text("Y or N"), text("Yes or no to the selected category, and on to the next photo")),
    (text("1 to 9"), text("Yes to that category of the list, and on")),
    ("0", text("Take back what was said about the selected category")),
    (text("Space or Enter"), text("Show one photo large; the same returns")),
    (text("Delete"), text("Put the selected photos into the trash; shows first what would go")),
    (text("+ or -"), text("Larger or smaller thumbnails; in the large view, zoom")),
    (text("Escape"), text("Leave the large view or a field; drop the selection; leave Find; clear the filter")),
    (text("Ctrl and +, - or 0"), text("Zoom the whole window")),
    (text("Drop"), text("Open folders, open or look for photos, load a set of categories")),
];

const REVIEW: [(&str, &str); 4] = [
    (text("Y or N"), text("Answer the question")),
    (text("Space or Right"), text("Skip this photo")),
    (text("Ctrl+Z or U"), text("Take back the last answer")),
    (text("Escape or R"), text("Leave the review")),
];

const CATEGORIES: [(&str, &str); 6] = [
    (text("Enter"), text("Add a prompt below; in Find, keep what is looked for as a category")),
    (text("Ctrl and Up or Down"), text("Let a prompt count more or less")),
    (text("Left or Right"), text("Move the cut-off, where its line has the keyboard")),
    (text("Backspace"), text("Remove a prompt that is empty")),
    (text("Alt and Up or Down"), text("Move a category")),
    (text("Delete"), text("Remove a category")),
];

/// Draws the table.
pub fn show(ui: &mut Ui) {
    note(ui, tr("A key typed in a text field is text; the keys below count elsewhere."));
    table(ui, tr("Everywhere"), |ui| {
        for binding in BINDINGS {
            row(ui, &in_words(ui.ctx(), binding), tr(binding.says));
        }
    });
    table(ui, tr("Photos"), |ui| PHOTOS.iter().for_each(|(keys, says)| row(ui, tr(keys), tr(says))));
    table(ui, tr("Review"), |ui| REVIEW.iter().for_each(|(keys, says)| row(ui, tr(keys), tr(says))));
    table(ui, tr("Categories"), |ui| CATEGORIES.iter().for_each(|(keys, says)| row(ui, tr(keys), tr(says))));
}

fn table(ui: &mut Ui, title: &str, rows: impl FnOnce(&mut Ui)) {
    ui.add_space(2.0 * STEP);
    heading(ui, title);
    Grid::new(title).num_columns(2).min_col_width(160.0).spacing([4.0 * STEP, STEP]).show(ui, rows);
}

fn row(ui: &mut Ui, keys: &str, says: &str) {
    ui.label(RichText::new(keys).family(semibold()));
    ui.add(eframe::egui::Label::new(says).wrap());
    ui.end_row();
}
