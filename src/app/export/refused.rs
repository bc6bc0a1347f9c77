//! Files that are left alone, each with its reason.

use eframe::egui::{Label, RichText, ScrollArea, Ui, vec2};

use super::words;
use crate::app::icons;
use crate::app::theme::{SMALL, STEP, palette_of, semibold};
use crate::catalog::Refusal;
use crate::catalog::words::counted;
use crate::language::{message, tr};

const ROW: f32 = 11.0 * STEP;
const HEADING: f32 = 8.0 * STEP;
/// Beside a plan, more than these are scrolled to.
const FEW: usize = 3;

/// How much of `room` the list takes: a little beside other files, else what it needs.
pub fn height(refused: usize, is_alone: bool, room: f32) -> f32 {
    let rows = if is_alone { refused } else { refused.min(FEW) };
    let wanted = if refused == 0 { 0.0 } else { HEADING + rows as f32 * ROW };
    wanted.min(if is_alone { room } else { (room / 2.0).max(HEADING + ROW) })
}

/// Draws the list, at most this high.
pub fn show(ui: &mut Ui, refused: &[Refusal], height: f32) {
    if refused.is_empty() {
        return;
    }
    ui.add_space(STEP);
    let colours = palette_of(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(icons::WARNING).color(colours.warning));
        let text = tr!("Left alone: {files}", files = counted(refused.len(), "file", "files"));
        ui.label(RichText::new(text).small().family(semibold()).color(colours.warning));
    });
    ui.spacing_mut().item_spacing.y = 0.0;
    let list = ScrollArea::vertical().id_salt("refused").max_height((height - HEADING).max(ROW));
    list.auto_shrink([false, true]).show_rows(ui, ROW, refused.len(), |ui, range| {
        for refusal in &refused[range] {
            show_refusal(ui, refusal);
        }
    });
}

fn show_refusal(ui: &mut Ui, refusal: &Refusal) {
    ui.allocate_ui(vec2(ui.available_width(), ROW), |ui| {
        ui.set_min_height(ROW);
        ui.vertical(|ui| {
            let (name, _) = words::name_and_folder(&refusal.file);
            ui.add(Label::new(name).truncate()).on_hover_text(refusal.file.display().to_string());
            let reason = message(&refusal.reason);
            let text = RichText::new(&*reason).size(SMALL).weak();
            ui.add(Label::new(text).truncate()).on_hover_text(&*reason);
        });
    });
}
