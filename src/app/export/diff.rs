//! One file of the plan line by line, before and after.

use eframe::egui::{Align, Frame, Label, Layout, Margin, RichText, ScrollArea, TextStyle, Ui, Vec2};

use super::words;
use crate::app::controls::{at_the_right, note, small_icon_button};
use crate::app::theme::{CONTROL, STEP, palette_of, semibold};
use crate::app::{Requests, icons};
use crate::catalog::Row;
use crate::engine::Command;
use crate::language::{message, tr};

/// Draws it in this much room; `text` is `None` until it is known.
pub fn show(ui: &mut Ui, row: &Row, text: Option<&Result<String, String>>, size: Vec2, requests: &mut Requests) {
    let colours = palette_of(ui);
    let frame = Frame::new().fill(colours.field).corner_radius(STEP).inner_margin(Margin::same(2 * STEP as i8));
    ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
        frame.show(ui, |ui| {
            let inner = size - Vec2::splat(4.0 * STEP);
            ui.set_min_size(inner);
            ui.set_max_size(inner);
            ui.horizontal(|ui| {
                at_the_right(ui, |ui| {
                    if small_icon_button(ui, icons::X, tr("Hide the lines"), tr("Hide the lines (Escape)")).clicked() {
                        requests.commands.push(Command::ShowDiff(None));
                    }
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        let (name, _) = words::name_and_folder(&row.file);
                        let name = RichText::new(name).small().family(semibold());
                        ui.add(Label::new(name).truncate()).on_hover_text(row.file.display().to_string());
                    });
                });
            });
            show_text(ui, text, inner.y - CONTROL);
        });
    });
}

fn show_text(ui: &mut Ui, text: Option<&Result<String, String>>, height: f32) {
    match text {
        None => drop(note(ui, tr("Comparing…"))),
        Some(Err(reason)) => drop(ui.add(Label::new(&*message(reason)).wrap())),
        Some(Ok(text)) => show_lines(ui, text, height),
    }
}

fn show_lines(ui: &mut Ui, text: &str, height: f32) {
    let colours = palette_of(ui);
    let lines: Vec<&str> = text.lines().collect();
    let line_height = ui.text_style_height(&TextStyle::Monospace);
    ui.spacing_mut().item_spacing.y = 0.0;
    let area = ScrollArea::both().id_salt("diff").max_height(height).auto_shrink(false);
    area.show_rows(ui, line_height, lines.len(), |ui, range| {
        for line in &lines[range] {
            let colour = match line.as_bytes().first() {
                Some(b'+') => colours.added,
                Some(b'-') => colours.warning,
                Some(b'@') => colours.weak,
                _ => colours.text,
            };
            ui.add(Label::new(RichText::new(*line).monospace().color(colour)).extend().selectable(true));
        }
    });
}
