//! Words in little boxes, stars and coloured labels: how what is written down about photos looks.

use std::f32::consts::TAU;

use eframe::egui::epaint::{Mesh, PathShape};
use eframe::egui::{Align2, Color32, FontId, Painter, Pos2, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui};
use eframe::egui::{WidgetInfo, pos2, vec2};

use super::theme::{BODY, SMALL, STEP, palette_of};
use crate::catalog::same_label;
use crate::language::{plural, text, tr};

const HEIGHT: f32 = 6.0 * STEP;
const DOT: f32 = 5.0;
/// The points of a star that lie inside, as Unicode's charts draw it.
const INNER: f32 = 0.42;

/// The labels that Lightroom and darktable know, on dark and on light.
const LABELS: [(&str, Color32, Color32); 5] = [
    (text("Red"), Color32::from_rgb(0xf0, 0x6a, 0x6a), Color32::from_rgb(0xc0, 0x2a, 0x2a)),
    (text("Yellow"), Color32::from_rgb(0xee, 0xd0, 0x4a), Color32::from_rgb(0xa8, 0x86, 0x00)),
    (text("Green"), Color32::from_rgb(0x62, 0xc4, 0x6e), Color32::from_rgb(0x1f, 0x80, 0x36)),
    (text("Blue"), Color32::from_rgb(0x6a, 0xa8, 0xf4), Color32::from_rgb(0x1f, 0x5f, 0xb4)),
    (text("Purple"), Color32::from_rgb(0xbc, 0x8c, 0xf0), Color32::from_rgb(0x7a, 0x3c, 0xb8)),
];

/// A word in a box.
pub struct Chip<'a> {
    pub text: &'a str,
    /// An icon before it.
    pub icon: Option<&'a str>,
    pub dot: Option<Color32>,
    pub is_on: bool,
}

impl<'a> Chip<'a> {
    pub fn of(text: &'a str) -> Chip<'a> {
        Chip { text, icon: None, dot: None, is_on: false }
    }

    /// Draws it as a button called `name`; a long word is cut off.
    pub fn show(self, ui: &mut Ui, name: &str) -> Response {
        let colours = palette_of(ui);
        let ink = if self.is_on || self.icon.is_some() { colours.accent } else { colours.text };
        let lead = if self.icon.is_some() || self.dot.is_some() { 16.0 } else { 0.0 };
        let widest = (ui.max_rect().width() - lead - 4.0 * STEP).max(40.0);
        let mut job = eframe::egui::text::LayoutJob::simple_singleline(self.text.to_owned(), font(), colours.text);
        job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(widest);
        let galley = ui.painter().layout_job(job);
        let size = vec2(galley.size().x + lead + 4.0 * STEP, HEIGHT);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), self.is_on, name));
        let fill = match self.is_on {
            true => ui.visuals().selection.bg_fill,
            false if response.hovered() => colours.hovered,
            false => colours.raised,
        };
        let line = if self.is_on || response.has_focus() { colours.accent } else { fill };
        ui.painter().rect(rect, HEIGHT / 2.0, fill, Stroke::new(1.0, line), StrokeKind::Inside);
        let at = pos2(rect.left() + 2.0 * STEP + 6.0, rect.center().y);
        if let Some(icon) = self.icon {
            ui.painter().text(at, Align2::CENTER_CENTER, icon, FontId::proportional(BODY), ink);
        }
        if let Some(dot) = self.dot {
            ui.painter().circle_filled(at, DOT, dot);
        }
        let text_at = pos2(rect.left() + 2.0 * STEP + lead, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(text_at, galley, colours.text);
        response
    }
}

fn font() -> FontId {
    FontId::proportional(SMALL + 1.0)
}

/// The colour that a label stands for, if it is one of those that programs agree on.
pub fn label_colour(label: &str, is_dark: bool) -> Option<Color32> {
    let (_, dark, light) = LABELS.iter().find(|(name, ..)| same_label(name, label))?;
    Some(if is_dark { *dark } else { *light })
}

/// The same labels in the current language; any other is somebody's own word.
pub fn label_name(label: &str) -> &str {
    LABELS.iter().find(|(name, ..)| *name == label).map_or(label, |(name, ..)| tr(name))
}

/// Draws a star within `radius` of `centre`: whole, or its outline.
pub fn paint_star(painter: &Painter, centre: Pos2, radius: f32, colour: Color32, is_filled: bool) {
    let points: Vec<Pos2> = (0..10)
        .map(|point| {
            let angle = TAU * (point as f32 / 10.0 - 0.25);
            let reach = if point % 2 == 0 { radius } else { radius * INNER };
            centre + reach * vec2(angle.cos(), angle.sin())
        })
        .collect();
    if is_filled {
        let mut mesh = Mesh::default();
        mesh.colored_vertex(centre, colour);
        points.iter().for_each(|point| mesh.colored_vertex(*point, colour));
        (0..10).for_each(|point| mesh.add_triangle(0, point + 1, (point + 1) % 10 + 1));
        painter.add(Shape::mesh(mesh));
    }
    // Also smooths the edges of the filled star.
    painter.add(PathShape::closed_line(points, Stroke::new(1.2, colour)));
}

/// "3 stars", "rejected".
pub fn rating_in_words(rating: i8) -> String {
    match rating {
        ..0 => tr("rejected").to_owned(),
        0 => tr("no stars").to_owned(),
        stars => plural!(stars.unsigned_abs().into(), "{n} star", "{n} stars"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_programs_agree_on_have_their_colour_and_others_none() {
        for is_dark in [true, false] {
            assert!(label_colour("red", is_dark).is_some() && label_colour("Purple", is_dark).is_some());
            assert_eq!(label_colour("Blau", is_dark), None);
        }
    }

    #[test]
    fn ratings_are_said_as_people_say_them() {
        assert_eq!([-1, 0, 1, 5].map(rating_in_words), ["rejected", "no stars", "1 star", "5 stars"]);
    }
}
