//! How the fits of a category are spread, with the photos that were judged, and its cut-off as a line that can be
//! dragged, or moved by arrow keys.

use eframe::egui::{
    Align2, CursorIcon, EventFilter, FontId, Id, Key, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::Requests;
use super::theme::{SMALL, hue, palette_of};
use crate::catalog::words::{count, decimal};
use crate::catalog::{Category, Cutoff, Histogram, Verdict};
use crate::engine::{Command, Session};
use crate::language::{plural, tr};

/// Steps of an arrow key across the whole width.
const KEY_STEPS: f32 = 100.0;

const ROW_HEIGHT: f32 = 18.0;
/// Bars, with room for the word tr("Auto") and below it the ticks of confirmed photos above, and for those of rejected ones
/// below.
const LARGE_HEIGHT: f32 = 94.0;
const ABOVE_BARS: f32 = 20.0;
const BELOW_BARS: f32 = 7.0;
const TICK: f32 = 5.0;
const WORDS: f32 = 16.0;

/// What there is to draw, and where.
struct Drawing<'a> {
    category: &'a Category,
    histogram: &'a Histogram,
    cutoff: Option<f32>,
    bars: Rect,
    /// Bars, ticks and handle.
    whole: Rect,
    is_large: bool,
}

/// Draws it as a part of the category's row, small; the cut-off can be moved.
pub fn show(ui: &mut Ui, session: &Session, category: &Category, requests: &mut Requests) {
    let (_, whole) = ui.allocate_space(vec2(ui.available_width(), ROW_HEIGHT));
    show_movable(ui, session, category, (whole, whole), requests);
}

/// Draws it large, with words below it; the cut-off can be moved.
pub fn show_large(ui: &mut Ui, session: &Session, category: &Category, requests: &mut Requests) {
    let (whole, bars) = large(ui);
    show_movable(ui, session, category, (whole, bars), requests);
    show_words(ui, session, category);
}

/// Draws it large with words, to be looked at: a photo that fits by `fit` is marked.
pub fn show_fixed(ui: &mut Ui, session: &Session, category: &Category, fit: Option<f32>) {
    let places = large(ui);
    paint_fixed(ui, session, category, places, fit);
    show_words(ui, session, category);
}

/// The same as small as a row.
pub fn show_small(ui: &mut Ui, session: &Session, category: &Category, fit: Option<f32>) {
    let (_, whole) = ui.allocate_space(vec2(ui.available_width(), ROW_HEIGHT));
    paint_fixed(ui, session, category, (whole, whole), fit);
}

fn paint_fixed(ui: &Ui, session: &Session, category: &Category, (whole, bars): (Rect, Rect), fit: Option<f32>) {
    let response = ui.interact(whole, ui.unique_id().with(("fits", category.id)), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Image, true, tr!("How well photos fit {category}", category = category.name))
    });
    paint_ground(ui, bars);
    if let Some(histogram) = session.histogram(category.id) {
        let cutoff = session.cutoff(category.id);
        let is_large = whole.height() > ROW_HEIGHT;
        let drawing = Drawing { category, histogram: &histogram, cutoff, bars, whole, is_large };
        drawing.paint(ui, false, false);
        fit.iter().for_each(|fit| drawing.paint_photo(ui, *fit));
    }
}

fn large(ui: &mut Ui) -> (Rect, Rect) {
    let (_, whole) = ui.allocate_space(vec2(ui.available_width(), LARGE_HEIGHT));
    let bars = Rect::from_min_max(whole.min + vec2(0.0, ABOVE_BARS), whole.max - vec2(0.0, BELOW_BARS));
    (whole, bars)
}

fn show_movable(ui: &Ui, session: &Session, category: &Category, (whole, bars): (Rect, Rect), requests: &mut Requests) {
    let response = ui.interact(whole, Id::unique(("cut-off", category.id)), Sense::click_and_drag());
    let cutoff = session.cutoff(category.id);
    let value = f64::from(cutoff.unwrap_or(-1.0));
    response.widget_info(|| {
        WidgetInfo::slider(ui.is_enabled(), value, tr!("Cut-off of {category}", category = category.name))
    });
    paint_ground(ui, bars);
    let Some(histogram) = session.histogram(category.id) else { return };
    let drawing =
        Drawing { category, histogram: &histogram, cutoff, bars, whole, is_large: whole.height() > ROW_HEIGHT };
    let is_held = response.dragged() || response.has_focus();
    drawing.paint(ui, response.hovered() || is_held, is_held);
    requests.commands.extend(drawing.moved(ui, &response));
    explain(response, session, category);
}

/// Words below a large histogram: what left and right mean, and how many belong.
fn show_words(ui: &mut Ui, session: &Session, category: &Category) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), WORDS));
    let (painter, colours, font) = (ui.painter(), palette_of(ui), FontId::proportional(SMALL));
    let belong =
        tr!("{part} of {all}", part = count(session.count(category.id)), all = count(session.counts().embedded));
    painter.text(rect.left_center(), Align2::LEFT_CENTER, tr("fits less"), font.clone(), colours.weak);
    painter.text(rect.right_center(), Align2::RIGHT_CENTER, tr("fits more"), font.clone(), colours.weak);
    painter.text(rect.center(), Align2::CENTER_CENTER, &belong, font, colours.text);
    let response = ui.interact(rect, ui.unique_id().with(("belong", category.id)), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Label,
            true,
            tr!("{photos} belong to {category}", photos = belong, category = category.name),
        )
    });
    response.on_hover_text(tr("Photos that belong, of all that are read"));
}

impl Drawing<'_> {
    fn paint(&self, ui: &Ui, is_in_use: bool, is_held: bool) {
        self.paint_bars(ui);
        if self.is_large {
            self.paint_marks(ui);
        }
        self.paint_cutoff(ui, is_in_use, is_held);
    }

    /// The height of a bar grows with the root of its count: the few photos that belong stand beside the many that do
    /// not.
    fn paint_bars(&self, ui: &Ui) {
        let (bars, rect) = (&self.histogram.bars, self.bars);
        let colour = hue(self.category.id.0 as usize, ui.visuals().dark_mode);
        let tallest = bars.iter().copied().max().unwrap_or(1).max(1) as f32;
        let bar_width = rect.width() / bars.len() as f32;
        let cut = share_of(self.histogram, self.cutoff) * bars.len() as f32;
        for (place, photos) in bars.iter().enumerate().filter(|(_, photos)| **photos > 0) {
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

    /// Ticks where photos were judged: confirmed ones above the bars, rejected ones below. However many there are, no
    /// more are drawn than there are points side by side.
    fn paint_marks(&self, ui: &Ui) {
        let points = self.bars.width().max(0.0) as usize + 1;
        let (mut confirmed, mut rejected) = (vec![false; points], vec![false; points]);
        for (fit, verdict) in &self.histogram.marks {
            let point = (share_of(self.histogram, Some(*fit)) * (points - 1) as f32) as usize;
            match verdict {
                Verdict::Yes => confirmed[point] = true,
                Verdict::No => rejected[point] = true,
            }
        }
        let hue = hue(self.category.id.0 as usize, ui.visuals().dark_mode);
        let above = self.bars.top() - TICK..=self.bars.top() + 1.0;
        let below = self.bars.bottom() + 1.0..=self.bars.bottom() + 1.0 + TICK;
        for (ticks, heights, colour) in [(confirmed, above, hue), (rejected, below, palette_of(ui).text)] {
            for point in ticks.iter().enumerate().filter(|(_, is_there)| **is_there).map(|(point, _)| point) {
                let x = self.bars.left() + point as f32 + 0.5;
                ui.painter().vline(x, heights.clone(), Stroke::new(1.5, colour));
            }
        }
    }

    /// Where nothing is cut off the line shows only while a hand could set it.
    fn paint_cutoff(&self, ui: &Ui, is_in_use: bool, is_held: bool) {
        let is_auto = self.category.cutoff == Cutoff::Auto;
        if self.cutoff.is_none() && !is_in_use {
            return;
        }
        let (painter, colours) = (ui.painter(), palette_of(ui));
        let x = self.bars.left() + share_of(self.histogram, self.cutoff) * self.bars.width();
        let colour = if is_held || is_auto { colours.accent } else { colours.text };
        painter.vline(x, self.whole.top()..=self.bars.bottom(), Stroke::new(if is_in_use { 2.0 } else { 1.5 }, colour));
        let handle = Rect::from_center_size(pos2(x, self.whole.top() + 3.0), vec2(7.0, 6.0));
        painter.rect_filled(handle, 1.5, colour);
        if is_auto && self.is_large && self.cutoff.is_some() {
            let is_right = x + 40.0 < self.whole.right();
            let (at, align) = if is_right { (x + 7.0, Align2::LEFT_TOP) } else { (x - 7.0, Align2::RIGHT_TOP) };
            let font = FontId::proportional(SMALL);
            painter.text(pos2(at, self.whole.top() - 3.0), align, tr("Auto"), font, colour);
        }
    }

    /// Marks where one photo stands.
    fn paint_photo(&self, ui: &Ui, fit: f32) {
        let (x, colour) = (self.x_of(fit), palette_of(ui).text);
        let stroke = Stroke::new(1.0, colour);
        ui.painter().add(eframe::egui::Shape::dashed_line(
            &[pos2(x, self.bars.top()), pos2(x, self.bars.bottom())],
            stroke,
            3.0,
            3.0,
        ));
        ui.painter().circle_filled(pos2(x, self.bars.bottom()), 4.0, colour);
    }

    fn x_of(&self, fit: f32) -> f32 {
        self.bars.left() + share_of(self.histogram, Some(fit)) * self.bars.width()
    }

    /// What a hand or a key makes of the cut-off. A drag is one step of undo; so is a double click, whose first click
    /// has moved the line already.
    fn moved(&self, ui: &Ui, response: &Response) -> Vec<Command> {
        let id = self.category.id;
        let set = |share: f32| {
            let cutoff = value_at(self.histogram, share).map_or(Cutoff::Everything, Cutoff::At);
            (cutoff != self.category.cutoff).then_some(Command::SetCutoff(id, cutoff))
        };
        let share = response.interact_pointer_pos().map(|at| (at.x - self.bars.left()) / self.bars.width());
        if response.double_clicked() {
            return vec![Command::SetCutoff(id, Cutoff::Auto), Command::EndEdit];
        }
        if let Some(share) = share.filter(|_| response.clicked() || response.drag_started()) {
            return std::iter::once(Command::EndEdit).chain(set(share)).collect();
        }
        if let Some(share) = share.filter(|_| response.dragged()) {
            return set(share).into_iter().collect();
        }
        if response.drag_stopped() || response.lost_focus() {
            return vec![Command::EndEdit];
        }
        let steps = key_steps(ui, response);
        let moved = (steps != 0.0).then(|| set(share_of(self.histogram, self.cutoff) + steps / KEY_STEPS));
        moved.flatten().into_iter().collect()
    }
}

fn key_steps(ui: &Ui, response: &Response) -> f32 {
    if !response.has_focus() {
        return 0.0;
    }
    let arrows = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    ui.input(|input| {
        let pressed = |key| input.num_presses(key) as f32;
        (pressed(Key::ArrowRight) - pressed(Key::ArrowLeft)) * if input.modifiers.shift { 10.0 } else { 1.0 }
    })
}

/// The cut-off at this share of the width. At the left edge nothing is cut off.
fn value_at(histogram: &Histogram, share: f32) -> Option<f32> {
    (share > 0.005).then(|| histogram.least + share.min(1.0) * (histogram.most - histogram.least))
}

fn share_of(histogram: &Histogram, cutoff: Option<f32>) -> f32 {
    cutoff.map_or(0.0, |cutoff| ((cutoff - histogram.least) / (histogram.most - histogram.least)).clamp(0.0, 1.0))
}

fn paint_ground(ui: &Ui, bars: Rect) {
    ui.painter().hline(bars.x_range(), bars.bottom() - 0.5, Stroke::new(1.0, palette_of(ui).line));
}

fn explain(response: Response, session: &Session, category: &Category) {
    let belong = count(session.count(category.id));
    let of = session.counts().embedded;
    response.on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal).on_hover_ui(|ui| {
        let (yes, no) = session.verdict_counts(category.id);
        let cutoff = match session.cutoff(category.id) {
            Some(cutoff) => plural!(
                of,
                "Cut-off {cutoff}: {belong} of {n} photo belong.",
                "Cut-off {cutoff}: {belong} of {n} photos belong.",
                cutoff = decimal(cutoff, 3),
                belong
            ),
            None => {
                plural!(
                    of,
                    "No cut-off: {belong} of {n} photo belong.",
                    "No cut-off: {belong} of {n} photos belong.",
                    belong
                )
            }
        };
        ui.label(cutoff);
        if yes + no > 0 {
            ui.label(tr!(
                "Ticks above are the {yes} you confirmed, below the {no} you rejected.",
                yes = count(yes),
                no = count(no)
            ));
        }
        ui.label(tr("Drag the line, or use the arrow keys. Double-click lets Tagroll find it."));
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
