//! What a thumbnail carries in its corners: what a person said of the photo, and the other labels that it has.

use eframe::egui::{Align2, Color32, FontId, Painter, Rect, StrokeKind, Ui, pos2, vec2};

use crate::app::{icons, theme};
use crate::catalog::{CategoryId, Labels, PhotoId, Verdict};
use crate::engine::Session;
use crate::language::tr;

const RADIUS: f32 = 10.0;
const MARK: f32 = 4.0;
/// Other labels that are drawn; of more, the number is told.
const MOST_MARKS: usize = 3;

/// The labels that a photo has beside `about`, if photos may have several.
pub fn other_labels(session: &Session, photo: PhotoId, about: Option<CategoryId>) -> Vec<CategoryId> {
    if session.labels() == Labels::One {
        return Vec::new();
    }
    session.labels_of(photo).into_iter().filter(|id| Some(*id) != about).collect()
}

pub fn in_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Yes => tr("confirmed"),
        Verdict::No => tr("rejected"),
    }
}

/// A check or a cross in the category's colour, in the upper right corner.
pub fn paint_verdict(ui: &Ui, frame: Rect, category: CategoryId, verdict: Verdict) {
    let (painter, colours) = (ui.painter(), theme::palette_of(ui));
    let hue = theme::hue(category.0 as usize, ui.visuals().dark_mode);
    let at = pos2(frame.right() - RADIUS - 4.0, frame.top() + RADIUS + 4.0);
    let (fill, ink, icon) = match verdict {
        Verdict::Yes => (hue, colours.panel, icons::CHECK),
        Verdict::No => (colours.panel, hue, icons::X),
    };
    painter.circle(at, RADIUS, fill, (1.5, if verdict == Verdict::Yes { colours.panel } else { hue }));
    painter.text(at, Align2::CENTER_CENTER, icon, FontId::proportional(14.0), ink);
}

/// The marks of the other labels, in the lower left corner.
pub fn paint_labels(ui: &Ui, frame: Rect, labels: &[CategoryId]) {
    if labels.is_empty() {
        return;
    }
    let (painter, colours) = (ui.painter(), theme::palette_of(ui));
    let marks = labels.len().min(MOST_MARKS);
    let more = (labels.len() > MOST_MARKS).then(|| format!("+{}", labels.len() - MOST_MARKS));
    let pitch = 2.0 * MARK + 4.0;
    let number = more.map(|text| painter.layout_no_wrap(text, FontId::proportional(theme::SMALL), colours.text));
    let width = marks as f32 * pitch + 6.0 + number.as_ref().map_or(0.0, |galley| galley.size().x + 4.0);
    let corner = frame.left_bottom() + vec2(4.0, -20.0);
    let pill = Rect::from_min_size(corner, vec2(width, 16.0));
    painter.rect(pill, 8.0, colours.panel, (1.0, colours.line), StrokeKind::Inside);
    for (place, label) in labels.iter().take(MOST_MARKS).enumerate() {
        paint_mark(painter, pill, place as f32 * pitch, *label, ui.visuals().dark_mode);
    }
    if let Some(galley) = number {
        let at = pos2(pill.left() + marks as f32 * pitch + 5.0, pill.center().y - galley.size().y / 2.0);
        painter.galley(at, galley, Color32::PLACEHOLDER);
    }
}

fn paint_mark(painter: &Painter, pill: Rect, x: f32, label: CategoryId, is_dark: bool) {
    let (place, at) = (label.0 as usize, pos2(pill.left() + 5.0 + MARK + x, pill.center().y));
    theme::paint_mark(painter, at, MARK, place, theme::hue(place, is_dark));
}
