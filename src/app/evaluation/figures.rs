//! The figures of an evaluation: how many are right, and how each category fares.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, FontId, Label, Rect, RichText, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::app::theme::{BODY, LARGE, SMALL, STEP, hue, paint_mark, palette_of, semibold};
use crate::catalog::words::count;
use crate::catalog::{CategoryId, CategoryResult, Evaluation};
use crate::engine::Sorted;
use crate::language::tr;

const ROW: f32 = 30.0;
const BAR: f32 = 4.0;
/// Widths of the columns for photos, precision and recall.
const COLUMNS: [f32; 3] = [64.0, 84.0, 84.0];

/// Draws how many photos are right at once, and how many within five.
pub fn show(ui: &mut Ui, evaluation: &Evaluation) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0 * STEP;
        let of = evaluation.photos;
        show_figure(
            ui,
            evaluation.top1,
            of,
            tr("right"),
            tr("Photos whose own category is the one that they fit best"),
        );
        if evaluation.categories.len() > 5 {
            let tip = tr("Photos whose own category is among the five that they fit best");
            show_figure(ui, evaluation.top5, of, tr("among the best five"), tip);
        }
    });
}

fn show_figure(ui: &mut Ui, share: f64, of: usize, what: &str, tip: &str) {
    let right = (share * of as f64).round() as usize;
    let text = RichText::new(in_words(right, of, what)).size(LARGE).family(semibold());
    ui.add(Label::new(text)).on_hover_text(tip);
}

/// "122 of 131 right, 93 %".
fn in_words(right: usize, of: usize, what: &str) -> String {
    let share = percent(right as f64 / of.max(1) as f64);
    tr!("{right} of {all} {what}, {share}", right = count(right), all = count(of), what, share)
}

/// Never "100 %" where something is missing.
fn percent(share: f64) -> String {
    let rounded = (share * 100.0).round();
    let rounded = if share < 1.0 { rounded.min(99.0) } else { rounded };
    format!("{rounded:.0} %")
}

/// Draws a row for each category: photos, precision, recall.
pub fn show_table(ui: &mut Ui, sorted: &Sorted) {
    show_head(ui);
    for (id, result) in sorted.categories.iter().zip(&sorted.evaluation.categories) {
        show_row(ui, *id, result);
    }
}

/// Where the columns of a row end.
fn ends(row: Rect) -> [f32; 3] {
    let last = row.right();
    [last - COLUMNS[1] - COLUMNS[2], last - COLUMNS[2], last]
}

fn show_head(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
    let words = [
        (tr("Photos"), tr("How many photos truly belong to it")),
        (tr("Right"), tr("Of the photos put here, the share that belongs here (precision)")),
        (tr("Found"), tr("Of the photos that belong here, the share that was put here (recall)")),
    ];
    for (((word, tip), end), width) in words.into_iter().zip(ends(rect)).zip(COLUMNS) {
        let cell = Rect::from_min_max(pos2(end - width, rect.top()), pos2(end, rect.bottom()));
        let (font, weak) = (FontId::proportional(SMALL), palette_of(ui).weak);
        ui.painter().text(cell.right_center(), Align2::RIGHT_CENTER, word, font, weak);
        ui.interact(cell, ui.unique_id().with(word), Sense::hover()).on_hover_text(tip);
    }
}

fn show_row(ui: &mut Ui, id: CategoryId, result: &CategoryResult) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let (painter, colours, line) = (ui.painter(), palette_of(ui), rect.center().y - 4.0);
    let colour = hue(id.0 as usize, ui.visuals().dark_mode);
    paint_mark(painter, pos2(rect.left() + 6.0, line), 5.0, id.0 as usize, colour);
    let font = FontId::proportional(BODY);
    let [photos, precision, recall] = ends(rect);
    let name_at = rect.left() + 20.0;
    let mut job = eframe::egui::text::LayoutJob::simple_singleline(result.name.clone(), font.clone(), colours.text);
    let room = (photos - COLUMNS[0] - name_at).max(20.0);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(room);
    let galley = painter.layout_job(job);
    painter.galley(pos2(name_at, line - galley.size().y / 2.0), galley, colours.text);
    painter.text(pos2(photos, line), Align2::RIGHT_CENTER, count(result.photos), font.clone(), colours.weak);
    for (share, end) in [(result.precision, precision), (result.recall, recall)] {
        let text = share.map_or_else(|| "–".to_owned(), percent);
        painter.text(pos2(end, line), Align2::RIGHT_CENTER, text, font.clone(), colours.text);
        let track = Rect::from_min_size(pos2(end - COLUMNS[2] + 24.0, line + 10.0), vec2(COLUMNS[2] - 24.0, BAR));
        painter.rect_filled(track, 2.0, colour.gamma_multiply(0.18));
        let filled = vec2(track.width() * share.unwrap_or(0.0) as f32, BAR);
        painter.rect_filled(Rect::from_min_size(track.min, filled), 2.0, colour);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, spoken(result)));
}

fn spoken(result: &CategoryResult) -> String {
    let share = |share: Option<f64>| share.map_or_else(|| tr("nothing").to_owned(), percent);
    let photos = crate::catalog::words::counted(result.photos, "photo", "photos");
    tr!(
        "{category}: {photos}, {right} right, {found} found",
        category = result.name,
        photos,
        right = share(result.precision),
        found = share(result.recall)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_in_counts_and_shares() {
        assert_eq!(in_words(122, 131, "right"), "122 of 131 right, 93 %");
        assert_eq!(percent(0.999), "99 %");
        assert_eq!(percent(1.0), "100 %");
    }

    #[test]
    fn a_category_without_photos_has_no_shares() {
        let result = CategoryResult { name: "owl".to_owned(), photos: 0, precision: None, recall: None };
        assert_eq!(spoken(&result), "owl: 0 photos, nothing right, nothing found");
    }
}
