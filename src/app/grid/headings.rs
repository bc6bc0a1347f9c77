//! What stands between the photos: the heading of each group, which stays at the top as long as the group shows, and
//! the line where a cut-off falls.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, FontId, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::cell::title;
use super::layout::{CUTOFF, HEADING, Section};
use crate::app::theme;
use crate::catalog::{Group, Heading, words};
use crate::engine::Session;
use crate::language::tr;

/// Room for the ring around a focused photo.
const ABOVE_PHOTOS: f32 = 4.0;

/// Draws the heading of a group. `screen` turns a height of the layout into one on screen; `view` is what shows.
pub fn show(ui: &Ui, session: &Session, group: &Group, section: &Section, view: Rect, screen: impl Fn(f64) -> f32) {
    let highest = view.top().min(screen(section.bottom) - HEADING as f32);
    let top = screen(section.top).max(highest);
    let bar = Rect::from_min_size(pos2(view.left(), top), vec2(view.width(), HEADING as f32 - ABOVE_PHOTOS));
    // Photos pass below a heading, and a click on it must not reach them.
    let response = ui.interact(bar, ui.unique_id().with(("heading", group.heading)), Sense::CLICK);
    let (name, count) = (title(session, group.heading), count_of(group));
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, format!("{name}, {count}")));

    let (painter, visuals) = (ui.painter(), ui.visuals());
    painter.rect_filled(bar, 0.0, theme::palette_of(ui).ground);
    if top > screen(section.top) + 0.5 {
        painter.hline(bar.x_range(), bar.bottom(), Stroke::new(1.0, visuals.widgets.noninteractive.bg_stroke.color));
    }
    let mut at = bar.left_center() + vec2(super::MARGIN, 0.0);
    if let Heading::Category(id) = group.heading {
        let place = id.0 as usize;
        theme::paint_mark(painter, at + vec2(6.0, 0.0), 6.0, place, theme::hue(place, visuals.dark_mode));
        at.x += 20.0;
    }
    let font = FontId::new(theme::BODY, theme::semibold());
    let room = (bar.width() - 160.0).max(80.0);
    let galley = ui.painter().layout_job(single_line(name, font, visuals.strong_text_color(), room));
    let name_at = at - vec2(0.0, galley.size().y / 2.0);
    at.x += galley.size().x + 8.0;
    painter.galley(name_at, galley, visuals.strong_text_color());
    painter.text(at, Align2::LEFT_CENTER, count, FontId::proportional(theme::BODY), visuals.weak_text_color());
}

/// Draws the line where the cut-off falls, with how many photos are below it.
pub fn show_cutoff(ui: &Ui, group: &Group, top: f32, view: Rect) {
    let (painter, visuals) = (ui.painter(), ui.visuals());
    let below = group.photos.len() - group.above_cutoff;
    let label = tr!("Below the cut-off: {number}", number = words::count(below));
    let y = top + CUTOFF as f32 / 2.0;
    let colour = visuals.weak_text_color();
    let at = pos2(view.left() + super::MARGIN, y);
    let text = painter.text(at, Align2::LEFT_CENTER, &label, FontId::proportional(theme::SMALL), colour);
    let line = Stroke::new(1.0, colour.gamma_multiply(0.6));
    painter.hline(text.right() + 8.0..=view.right() - super::MARGIN, y, line);
    let response = ui.interact(text, ui.unique_id().with(("cut-off", group.heading)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &label));
}

fn count_of(group: &Group) -> String {
    let all = words::count(group.photos.len());
    let is_parted = matches!(group.heading, Heading::Category(_)) && group.above_cutoff < group.photos.len();
    if is_parted { tr!("{part} of {all}", part = words::count(group.above_cutoff), all) } else { all }
}

fn single_line(text: String, font: FontId, colour: eframe::egui::Color32, width: f32) -> eframe::egui::text::LayoutJob {
    let mut job = eframe::egui::text::LayoutJob::simple_singleline(text, font, colour);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(width);
    job
}
