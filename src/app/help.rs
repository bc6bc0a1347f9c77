//! What the keys do.

use eframe::egui::{Grid, RichText, Ui};

use super::controls::{heading, note};
use super::keys::{BINDINGS, in_words};
use super::theme::{STEP, semibold};

/// Keys of the grid and of the large view, which those two take themselves.
const PHOTOS: [(&str, &str); 12] = [
    ("Arrows, Page, Home, End", "Move among the photos; with Shift, select them"),
    ("Click with Ctrl or Shift", "Select one more photo, or all up to it"),
    ("Ctrl+A", "Select all photos"),
    ("Y or N", "Yes or no to the selected category, and on to the next photo"),
    ("1 to 9", "Yes to that category of the list, and on"),
    ("0", "Take back what was said about the selected category"),
    ("Space or Enter", "Show one photo large; the same returns"),
    ("Delete", "Put the selected photos into the trash; shows first what would go"),
    ("+ or -", "Larger or smaller thumbnails; in the large view, zoom"),
    ("Escape", "Leave the large view or a field; drop the selection; leave Find; clear the filter"),
    ("Ctrl and +, - or 0", "Zoom the whole window"),
    ("Drop", "Open folders, open or look for photos, load a set of categories"),
];

const REVIEW: [(&str, &str); 4] = [
    ("Y or N", "Answer the question"),
    ("Space or Right", "Skip this photo"),
    ("Ctrl+Z or U", "Take back the last answer"),
    ("Escape or R", "Leave the review"),
];

const CATEGORIES: [(&str, &str); 6] = [
    ("Enter", "Add a prompt below; in Find, keep what is looked for as a category"),
    ("Ctrl and Up or Down", "Let a prompt count more or less"),
    ("Left or Right", "Move the cut-off, where its line has the keyboard"),
    ("Backspace", "Remove a prompt that is empty"),
    ("Alt and Up or Down", "Move a category"),
    ("Delete", "Remove a category"),
];

/// Draws the table of keys.
pub fn show(ui: &mut Ui) {
    note(ui, "A key typed in a text field is text; the keys below count elsewhere.");
    table(ui, "Everywhere", |ui| {
        for binding in BINDINGS {
            row(ui, &in_words(ui.ctx(), binding), binding.says);
        }
    });
    table(ui, "Photos", |ui| PHOTOS.iter().for_each(|(keys, says)| row(ui, keys, says)));
    table(ui, "Review", |ui| REVIEW.iter().for_each(|(keys, says)| row(ui, keys, says)));
    table(ui, "Categories", |ui| CATEGORIES.iter().for_each(|(keys, says)| row(ui, keys, says)));
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
