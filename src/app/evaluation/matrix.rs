//! The confusion matrix as a picture: what photos are, against what they were taken for. What is right is blue, what is
//! wrong orange, the more of a row the stronger: two hues that colour-blind people can tell apart.

use std::f32::consts::FRAC_PI_2;

use eframe::egui::accesskit::Role;
use eframe::egui::epaint::TextShape;
use eframe::egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Response, ScrollArea, Sense, Ui, Vec2, WidgetInfo, lerp, pos2, vec2,
};

use crate::app::theme::{SMALL, hue, palette_of};
use crate::catalog::words::counted;
use crate::engine::Sorted;
use crate::language::tr;

const LARGEST_CELL: f32 = 40.0;
const LEAST_CELL: f32 = 9.0;
/// Smaller cells have no room for a number.
const LEAST_CELL_WITH_NUMBER: f32 = 18.0;
const WIDEST_NAME: f32 = 120.0;
/// A letter stands in about half of its height.
const LETTER: f32 = 6.6;
/// In the table of hues: blue, and the orange that stands farthest from it.
const RIGHT: usize = 0;
const WRONG: usize = 2;

/// How the picture is laid out.
struct Plan {
    cells: usize,
    cell: f32,
    /// Room for names, at the left and above.
    names: f32,
}

impl Plan {
    fn of(names: &[&str], width: f32) -> Plan {
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let room = (longest as f32 * LETTER + 12.0).clamp(32.0, WIDEST_NAME);
        let cell = ((width - room) / names.len().max(1) as f32).floor().clamp(LEAST_CELL, LARGEST_CELL);
        Plan { cells: names.len(), cell, names: room }
    }

    fn size(&self) -> Vec2 {
        Vec2::splat(self.names + self.cell * self.cells as f32)
    }

    fn cell_at(&self, corner: Pos2, row: usize, column: usize) -> Rect {
        let at = corner + Vec2::splat(self.names) + self.cell * vec2(column as f32, row as f32);
        Rect::from_min_size(at, Vec2::splat(self.cell))
    }
}

/// Draws the matrix; it scrolls where there is no room for it.
pub fn show(ui: &mut Ui, sorted: &Sorted) {
    let names: Vec<&str> = sorted.evaluation.categories.iter().map(|category| category.name.as_str()).collect();
    let plan = Plan::of(&names, ui.available_width() - 12.0);
    ScrollArea::horizontal().id_salt("matrix").auto_shrink(true).show(ui, |ui| {
        let (rect, response) = ui.allocate_exact_size(plan.size(), Sense::hover());
        paint_names(ui, &plan, rect.min, &names);
        for (row, counts) in sorted.evaluation.confusion.iter().enumerate() {
            let photos: usize = counts.iter().sum();
            for (column, count) in counts.iter().enumerate() {
                let cell = plan.cell_at(rect.min, row, column);
                if ui.is_rect_visible(cell) {
                    paint_cell(ui, cell, *count, photos, row == column);
                    name_cell(ui, cell, (row, column), *count, &names);
                }
            }
        }
        explain(ui, &response, &plan, sorted, &names);
    });
}

fn paint_names(ui: &Ui, plan: &Plan, corner: Pos2, names: &[&str]) {
    let (painter, colour) = (ui.painter(), palette_of(ui).weak);
    // Lines that are lower than their letters would lie over each other.
    let font = FontId::proportional(SMALL.min(plan.cell.max(7.0)));
    for (place, name) in names.iter().enumerate() {
        let cell = plan.cell_at(corner, place, place);
        let galley = || {
            let mut job = eframe::egui::text::LayoutJob::simple_singleline((*name).to_owned(), font.clone(), colour);
            job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(plan.names - 8.0);
            painter.layout_job(job)
        };
        let row = galley();
        let at = pos2(corner.x + plan.names - 6.0 - row.size().x, cell.center().y - row.size().y / 2.0);
        painter.galley(at, row, colour);
        let column = galley();
        let at = pos2(cell.center().x - column.size().y / 2.0, corner.y + plan.names - 6.0);
        painter.add(TextShape::new(at, column, colour).with_angle(-FRAC_PI_2));
    }
}

fn paint_cell(ui: &Ui, cell: Rect, count: usize, photos: usize, is_right: bool) {
    let (painter, is_dark, colours) = (ui.painter(), ui.visuals().dark_mode, palette_of(ui));
    let inner = cell.shrink(0.5);
    let strong = hue(if is_right { RIGHT } else { WRONG }, is_dark);
    let fill = match count {
        0 => colours.panel,
        // A single mistake among many photos is to be seen too.
        _ => blended(colours.panel, strong, 0.2 + 0.8 * count as f32 / photos.max(1) as f32),
    };
    painter.rect_filled(inner, 1.0, fill);
    if count > 0 && cell.width() >= LEAST_CELL_WITH_NUMBER {
        paint_number(painter, cell, count, ink_on(fill));
    }
}

fn paint_number(painter: &Painter, cell: Rect, count: usize, ink: Color32) {
    let digits = count.to_string();
    let fits = (cell.width() - 4.0) / (digits.len() as f32 * 0.6);
    if fits >= 7.0 {
        painter.text(cell.center(), Align2::CENTER_CENTER, digits, FontId::proportional(fits.min(SMALL)), ink);
    }
}

/// Only cells that hold photos are named: the others say nothing.
fn name_cell(ui: &Ui, cell: Rect, (row, column): (usize, usize), count: usize, names: &[&str]) {
    if count > 0 {
        let response = ui.interact(cell, ui.unique_id().with((row, column)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Cell, true, in_words(count, names[row], names[column])));
    }
}

fn explain(ui: &Ui, response: &Response, plan: &Plan, sorted: &Sorted, names: &[&str]) {
    let Some(at) = ui.input(|input| input.pointer.hover_pos()).filter(|at| response.interact_rect.contains(*at)) else {
        return;
    };
    let place = (at - response.rect.min - Vec2::splat(plan.names)) / plan.cell;
    if place.x < 0.0 || place.y < 0.0 {
        return;
    }
    let (row, column) = (place.y as usize, place.x as usize);
    let Some(count) = sorted.evaluation.confusion.get(row).and_then(|counts| counts.get(column)) else { return };
    let cell = plan.cell_at(response.rect.min, row, column);
    ui.painter().rect_stroke(cell, 1.0, (1.5, palette_of(ui).text), eframe::egui::StrokeKind::Outside);
    let text = in_words(*count, names[row], names[column]);
    response.clone().on_hover_text_at_pointer(text);
}

fn in_words(count: usize, truth: &str, taken_for: &str) -> String {
    let photos = if count == 0 { tr("No photo").to_owned() } else { counted(count, "photo", "photos") };
    if truth == taken_for {
        tr!("{photos} of {category} right", photos, category = truth)
    } else {
        tr!("{photos} of {category} taken for {other}", photos, category = truth, other = taken_for)
    }
}

fn blended(from: Color32, to: Color32, share: f32) -> Color32 {
    let level = |from: u8, to: u8| lerp(f32::from(from)..=f32::from(to), share.clamp(0.0, 1.0)).round() as u8;
    Color32::from_rgb(level(from.r(), to.r()), level(from.g(), to.g()), level(from.b(), to.b()))
}

/// Black or white, whichever can be read better.
fn ink_on(fill: Color32) -> Color32 {
    let light = 0.299 * f32::from(fill.r()) + 0.587 * f32::from(fill.g()) + 0.114 * f32::from(fill.b());
    if light > 118.0 { Color32::from_gray(0x10) } else { Color32::from_gray(0xf6) }
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    use super::*;
    use crate::catalog::{CategoryId, evaluate};

    #[test]
    fn every_cell_that_holds_photos_can_be_read_aloud() {
        let names = ["dog", "cat"].map(str::to_owned);
        let photos = [(0, vec![0.9, 0.1]), (1, vec![0.8, 0.2]), (1, vec![0.7, 0.2]), (1, vec![0.1, 0.2])];
        let sorted = Sorted {
            categories: vec![CategoryId(0), CategoryId(1)],
            evaluation: evaluate(&names, &photos),
            mistakes: Vec::new(),
            unmatched: Vec::new(),
            waiting: 0,
        };
        let mut window =
            Harness::builder().with_context_setup(crate::app::theme::install).build_ui(move |ui| show(ui, &sorted));
        window.run();
        for cell in ["1 photo of dog right", "2 photos of cat taken for dog", "1 photo of cat right"] {
            window.get_by_label(cell);
        }
        assert!(window.query_by_label_contains("of dog taken for").is_none());
    }

    #[test]
    fn a_cell_is_told_in_words() {
        assert_eq!(in_words(4, "cat", "dog"), "4 photos of cat taken for dog");
        assert_eq!(in_words(1, "cat", "cat"), "1 photo of cat right");
        assert_eq!(in_words(0, "cat", "dog"), "No photo of cat taken for dog");
    }

    #[test]
    fn many_categories_make_small_cells_and_then_a_wide_picture() {
        let names = vec!["a category"; 50];
        assert_eq!(Plan::of(&names, 1100.0).cell, 20.0);
        assert!(Plan::of(&names, 400.0).size().x > 400.0);
        assert_eq!(Plan::of(&names[..3], 1100.0).cell, LARGEST_CELL);
    }

    #[test]
    fn a_full_cell_has_the_full_colour() {
        assert_eq!(blended(Color32::BLACK, Color32::WHITE, 1.0), Color32::WHITE);
        assert_eq!(ink_on(Color32::WHITE), Color32::from_gray(0x10));
    }
}
