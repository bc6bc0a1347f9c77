//! The list of a plan: a row for each file, of which only those that show are drawn.

use eframe::egui::{
    Align, Align2, Color32, FontId, Layout, Pos2, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui,
};
use eframe::egui::{Vec2, WidgetInfo, pos2, vec2};

use super::words;
use crate::app::Requests;
use crate::app::theme::{BODY, Palette, SMALL, STEP, palette_of};
use crate::catalog::words::count;
use crate::catalog::{Change, Plan, Row};
use crate::engine::Command;
use crate::language::tr;

/// Height of a row.
pub const ROW: f32 = 12.0 * STEP;
const INSET: f32 = 2.0 * STEP;
const CHIP: f32 = 4.5 * STEP;
/// Kept free at the end of a line for "and 12 more".
const MORE: f32 = 72.0;

/// Draws the list; a click on a row shows its lines, or hides them again.
pub fn show(ui: &mut Ui, plan: &Plan, shown: Option<usize>, size: Vec2, requests: &mut Requests) {
    ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
        ui.set_min_size(size);
        ui.set_max_width(size.x);
        ui.spacing_mut().item_spacing.y = 0.0;
        let list = ScrollArea::vertical().id_salt("plan").max_height(size.y).auto_shrink(false);
        list.show_rows(ui, ROW, plan.rows.len(), |ui, range| {
            for at in range {
                let is_shown = shown == Some(at);
                if show_row(ui, &plan.rows[at], is_shown).clicked() && has_lines(&plan.rows[at]) {
                    requests.commands.push(Command::ShowDiff((!is_shown).then_some(at)));
                }
            }
        });
    });
}

fn has_lines(row: &Row) -> bool {
    matches!(row.change, Change::Keywords(_))
}

fn show_row(ui: &mut Ui, row: &Row, is_shown: bool) -> Response {
    let sense = if has_lines(row) { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), sense);
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let role = if has_lines(row) { Role::Button } else { Role::ListItem };
    response.widget_info(|| WidgetInfo::selected(role, true, is_shown, words::spoken(row)));
    let colours = palette_of(ui);
    let is_pointed_at = has_lines(row) && response.hovered();
    if is_shown || is_pointed_at {
        ui.painter().rect_filled(rect, STEP, if is_shown { colours.selected } else { colours.pressed });
    }
    if response.has_focus() {
        ui.painter().rect_stroke(rect, STEP, Stroke::new(1.0, colours.accent), StrokeKind::Inside);
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, colours.line));
    let inner = rect.shrink2(vec2(INSET, STEP));
    paint_name(ui, row, inner, colours);
    paint_change(ui, row, inner, colours);
    response.on_hover_ui(|ui| {
        ui.label(words::in_full(row));
    })
}

/// The name, its folder and, at the right, what kind of change it is.
fn paint_name(ui: &Ui, row: &Row, rect: Rect, colours: &Palette) {
    let middle = rect.top() + 0.3 * rect.height();
    let is_new = matches!(&row.change, Change::Keywords(change) if change.before.is_none());
    let kind_colour = if is_new { colours.added } else { colours.weak };
    let at = pos2(rect.right(), middle);
    let kind = ui.painter().text(at, Align2::RIGHT_CENTER, tr(words::kind_of(row)), small(), kind_colour);
    let (name, folder) = words::name_and_folder(&row.file);
    let room = kind.left() - rect.left() - INSET;
    let name = paint_cut(ui, pos2(rect.left(), middle), &name, FontId::proportional(BODY), colours.text, room);
    let rest = kind.left() - name.right() - 2.0 * INSET;
    if rest > 40.0 {
        paint_cut(ui, pos2(name.right() + INSET, middle), &folder, small(), colours.weak, rest);
    }
}

fn paint_change(ui: &Ui, row: &Row, rect: Rect, colours: &Palette) {
    let middle = rect.top() + 0.76 * rect.height();
    let line = Rect::from_min_max(pos2(rect.left(), middle - CHIP / 2.0), pos2(rect.right(), middle + CHIP / 2.0));
    match &row.change {
        Change::Keywords(change) => {
            let of = |sign: &'static str, colour| move |keyword| (format!("{sign}{}", words::keyword(keyword)), colour);
            let added = change.added.iter().map(of("+ ", colours.added));
            let removed = change.removed.iter().map(of("\u{2212} ", colours.warning));
            let declined = change.declined.iter().map(of(tr("left out: "), colours.weak));
            paint_chips(ui, line, &added.chain(removed).chain(declined).collect::<Vec<_>>(), colours);
        }
        Change::Place { from, .. } => {
            let text = tr!("from {path}", path = from.display());
            paint_cut(ui, line.left_center(), &text, small(), colours.weak, line.width());
        }
        Change::Trash => {
            let folder = row.file.parent().unwrap_or(&row.file).display().to_string();
            paint_cut(ui, line.left_center(), &folder, small(), colours.weak, line.width());
        }
    }
}

/// As many as have room; the rest is counted.
fn paint_chips(ui: &Ui, line: Rect, chips: &[(String, Color32)], colours: &Palette) {
    let mut left = line.left();
    for (place, (text, colour)) in chips.iter().enumerate() {
        let rest = chips.len() - place;
        let room = line.right() - left - if rest > 1 { MORE } else { 0.0 };
        let width = ui.painter().layout_no_wrap(text.clone(), small(), *colour).size().x + 2.0 * INSET;
        if width > room && place > 0 {
            let text = tr!("and {number} more", number = count(rest));
            paint_cut(ui, pos2(left, line.center().y), &text, small(), colours.weak, line.right() - left);
            return;
        }
        let chip = Rect::from_min_size(pos2(left, line.top()), vec2(width.min(room), line.height()));
        ui.painter().rect_filled(chip, CHIP / 2.0, colour.gamma_multiply(0.14));
        let at = pos2(chip.left() + INSET, chip.center().y);
        paint_cut(ui, at, text, small(), *colour, chip.width() - 2.0 * INSET);
        left = chip.right() + STEP;
    }
}

/// Text on one line from `at`, which is its left centre; what has no room is cut off.
fn paint_cut(ui: &Ui, at: Pos2, text: &str, font: FontId, colour: Color32, room: f32) -> Rect {
    let mut job = eframe::egui::text::LayoutJob::simple_singleline(text.to_owned(), font, colour);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(room.max(8.0));
    let galley = ui.painter().layout_job(job);
    let rect = Align2::LEFT_CENTER.anchor_size(at, galley.size());
    ui.painter().galley(rect.min, galley, colour);
    rect
}

fn small() -> FontId {
    FontId::proportional(SMALL)
}
