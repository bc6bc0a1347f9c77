//! How the fits of a category are spread, with its cut-off as a line that can be dragged, or moved by arrow keys.

use eframe::egui::{CursorIcon, EventFilter, Id, Key, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::Requests;
use super::theme::{hue, palette_of};
use crate::catalog::words::{count, counted};
use crate::catalog::{Category, Cutoff, Histogram};
use crate::engine::{Command, Session};

/// Steps of an arrow key across the whole width.
const KEY_STEPS: f32 = 100.0;

/// Draws the histogram of `category` over the whole width, `height` points high.
pub fn show(ui: &mut Ui, session: &Session, category: &Category, height: f32, requests: &mut Requests) {
    let id = Id::unique(("cut-off", category.id));
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), height));
    let response = ui.interact(rect, id, Sense::click_and_drag());
    let histogram = session.histogram(category.id);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, palette_of(ui).line));
    let cutoff = f64::from(session.cutoff(category.id).unwrap_or(-1.0));
    response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), cutoff, format!("Cut-off of {}", category.name)));
    let Some(histogram) = histogram else { return };
    paint_bars(ui, rect, &histogram, category, session.cutoff(category.id));
    paint_cutoff(ui, rect, &histogram, session.cutoff(category.id), &response);
    if let Some(cutoff) = moved(ui, &response, rect, &histogram, session.cutoff(category.id)) {
        requests.commands.push(Command::SetCutoff(category.id, cutoff.map_or(Cutoff::Everything, Cutoff::At)));
    }
    if response.drag_stopped() || response.clicked() || response.lost_focus() {
        requests.commands.push(Command::EndEdit);
    }
    explain(response, session, category);
}

/// What a hand or a key makes of the cut-off, if anything.
fn moved(ui: &Ui, response: &Response, rect: Rect, histogram: &Histogram, cutoff: Option<f32>) -> Option<Option<f32>> {
    if response.double_clicked() {
        return Some(None);
    }
    if response.is_pointer_button_down_on() {
        let pointer = response.interact_pointer_pos()?;
        let value = value_at(histogram, (pointer.x - rect.left()) / rect.width());
        return (value != cutoff).then_some(value);
    }
    if !response.has_focus() {
        return None;
    }
    let arrows = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    let steps = ui.input(|input| {
        let pressed = |key| input.num_presses(key) as f32;
        (pressed(Key::ArrowRight) - pressed(Key::ArrowLeft)) * if input.modifiers.shift { 10.0 } else { 1.0 }
    });
    (steps != 0.0).then(|| value_at(histogram, share_of(histogram, cutoff) + steps / KEY_STEPS))
}

/// The cut-off at this share of the width. At the left edge nothing is cut off.
fn value_at(histogram: &Histogram, share: f32) -> Option<f32> {
    (share > 0.005).then(|| histogram.least + share.min(1.0) * (histogram.most - histogram.least))
}

fn share_of(histogram: &Histogram, cutoff: Option<f32>) -> f32 {
    cutoff.map_or(0.0, |cutoff| ((cutoff - histogram.least) / (histogram.most - histogram.least)).clamp(0.0, 1.0))
}

/// The height of a bar grows with the root of its count: the few photos that belong stand beside the many that do not.
fn paint_bars(ui: &Ui, rect: Rect, histogram: &Histogram, category: &Category, cutoff: Option<f32>) {
    let colour = hue(category.id.0 as usize, ui.visuals().dark_mode);
    let tallest = histogram.bars.iter().copied().max().unwrap_or(1).max(1) as f32;
    let bar_width = rect.width() / histogram.bars.len() as f32;
    let cut = share_of(histogram, cutoff) * histogram.bars.len() as f32;
    for (place, photos) in histogram.bars.iter().enumerate().filter(|(_, photos)| **photos > 0) {
        let height = ((*photos as f32 / tallest).sqrt() * (rect.height() - 3.0)).max(1.5);
        let left = rect.left() + place as f32 * bar_width;
        let bar = Rect::from_min_max(
            pos2(left, rect.bottom() - 1.0 - height),
            pos2(left + (bar_width - 1.0).max(1.0), rect.bottom() - 1.0),
        );
        let is_above = place as f32 + 1.0 > cut;
        ui.painter().rect_filled(bar, 0.0, if is_above { colour } else { colour.gamma_multiply(0.35) });
    }
}

fn paint_cutoff(ui: &Ui, rect: Rect, histogram: &Histogram, cutoff: Option<f32>, response: &Response) {
    let colours = palette_of(ui);
    let is_in_use = response.hovered() || response.dragged() || response.has_focus();
    if cutoff.is_none() && !is_in_use {
        return;
    }
    let x = rect.left() + share_of(histogram, cutoff) * rect.width();
    let colour = if response.has_focus() || response.dragged() { colours.accent } else { colours.text };
    ui.painter().vline(x, rect.y_range(), Stroke::new(if is_in_use { 2.0 } else { 1.5 }, colour));
    let handle = Rect::from_center_size(pos2(x, rect.top() + 3.0), vec2(7.0, 6.0));
    ui.painter().rect_filled(handle, 1.5, colour);
}

fn explain(response: Response, session: &Session, category: &Category) {
    let belong = count(session.count(category.id));
    let of = counted(session.counts().embedded, "photo", "photos");
    response.on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal).on_hover_ui(|ui| {
        let cutoff = match session.cutoff(category.id) {
            Some(cutoff) => format!("Cut-off {cutoff:.3}: {belong} of {of} belong."),
            None => format!("No cut-off: {belong} of {of} belong."),
        };
        ui.label(cutoff);
        ui.label("Drag the line, or use the arrow keys. Double-click removes it.");
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram() -> Histogram {
        Histogram { least: 0.1, most: 0.3, bars: vec![1, 2, 3, 4], marks: Vec::new() }
    }

    #[test]
    fn at_the_left_edge_nothing_is_cut_off() {
        assert_eq!(value_at(&histogram(), 0.0), None);
        assert_eq!(value_at(&histogram(), -2.0), None);
        assert_eq!(share_of(&histogram(), None), 0.0);
    }

    #[test]
    fn the_line_stands_where_it_was_put() {
        let cutoff = value_at(&histogram(), 0.5);
        assert!((cutoff.unwrap() - 0.2).abs() < 1e-6);
        assert!((share_of(&histogram(), cutoff) - 0.5).abs() < 1e-6);
        assert_eq!(value_at(&histogram(), 7.0), Some(0.3));
    }
}
