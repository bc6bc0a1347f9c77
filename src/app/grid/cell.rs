//! One photo in the grid: its thumbnail or a placeholder of its shape and colour, a thin bar for how well it fits, and
//! what a hand, a hover or a screen reader finds there.

use std::path::Path;

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align2, Color32, FontId, Id, Painter, Rect, Response, RichText, Sense, Stroke, StrokeKind, TextureId, Ui,
    WidgetInfo, pos2, vec2,
};

use super::badges;
use super::layout::GAP;
use crate::app::{icons, theme};
use crate::catalog::words::decimal;
use crate::catalog::{CategoryId, ContentState, Heading, PhotoId, Tier, Verdict, words};
use crate::engine::Session;
use crate::language::{message, tr};

/// From a thumbnail to its score bar, and the bar's thickness.
const BAR_GAP: f32 = 3.0;
const BAR: f32 = 3.0;
/// What a cell has below its thumbnail.
pub const CAPTION: f32 = BAR_GAP + BAR;
/// What a name adds to that.
pub const NAME: f32 = 18.0;

/// How well the photos of a group fit it: the least and the most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    pub least: f32,
    pub most: f32,
}

impl Range {
    /// Of a group whose photos stand best first. Those that a person or an exclusion put to an end do not count.
    pub fn of(session: &Session, heading: Heading, photos: &[PhotoId]) -> Option<Range> {
        let scored = match heading {
            Heading::Category(id) => {
                let tier = |photo: &PhotoId| session.tier(*photo, id);
                let start = photos.partition_point(|photo| tier(photo) > Some(Tier::Scored));
                &photos[start..photos.partition_point(|photo| tier(photo) >= Some(Tier::Scored))]
            }
            _ => photos,
        };
        let scored = if scored.is_empty() { photos } else { scored };
        let (first, last) = (session.fit(*scored.first()?, heading)?, session.fit(*scored.last()?, heading)?);
        Some(Range { least: first.min(last), most: first.max(last) })
    }

    /// The bar of a photo, never so short that it reads as none.
    fn share(&self, fit: f32) -> f32 {
        let span = (self.most - self.least).max(1e-6);
        if self.most - self.least < 1e-6 { 1.0 } else { ((fit - self.least) / span).clamp(0.04, 1.0) }
    }
}

/// A photo about to be drawn.
pub struct Cell<'a> {
    pub session: &'a Session,
    pub photo: PhotoId,
    pub heading: Heading,
    pub range: Option<Range>,
    /// Where the thumbnail goes.
    pub frame: Rect,
    pub texture: Option<TextureId>,
    pub is_focused: bool,
    pub is_selected: bool,
    pub shows_name: bool,
}

impl Cell<'_> {
    /// Draws it and says what was done to it.
    pub fn show(&self, ui: &Ui, id: Id) -> Response {
        let whole = Rect::from_min_max(self.frame.min, self.frame.max + vec2(0.0, CAPTION));
        // Not focusable: one photo of the grid has the focus at a time, and Tab leaves the grid.
        let response = ui.interact(whole, id, Sense::CLICK);
        if ui.ctx().has_accesskit_node(ui.unique_id()) {
            let is_on = self.is_focused || self.is_selected;
            response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_on, self.spoken()));
        }
        self.paint(ui, &response);
        if response.hovered() { response.on_hover_ui(|ui| self.explain(ui)) } else { response }
    }

    fn paint(&self, ui: &Ui, response: &Response) {
        let (painter, visuals) = (ui.painter(), ui.visuals());
        if self.is_selected {
            // Neighbours that are selected touch, so that they read as one.
            let whole = Rect::from_min_max(self.frame.min, self.frame.max + vec2(0.0, CAPTION));
            let ground = theme::accent(visuals.dark_mode).gamma_multiply(0.45);
            painter.rect_filled(whole.expand(GAP / 2.0), 0.0, ground);
        }
        if let ContentState::Unreadable(_) = self.state() {
            self.paint_unreadable(ui);
        } else {
            self.paint_picture(painter, visuals.widgets.noninteractive.bg_fill);
            self.paint_bar(painter, visuals.dark_mode);
        }
        if self.shows_name {
            self.paint_name(ui);
        }
        self.paint_badges(ui);
        if self.is_focused {
            let accent = theme::accent(visuals.dark_mode);
            painter.rect_stroke(self.frame.expand(1.0), 2.0, Stroke::new(3.0, accent), StrokeKind::Middle);
        } else if response.hovered() {
            let faint = visuals.text_color().gamma_multiply(0.5);
            painter.rect_stroke(self.frame, 0.0, Stroke::new(1.0, faint), StrokeKind::Outside);
        }
    }

    fn paint_picture(&self, painter: &Painter, neutral: Color32) {
        let look = self.session.library().look(self.photo);
        let colour = look.map_or(neutral, |look| Color32::from_rgb(look.average[0], look.average[1], look.average[2]));
        let place = look.map_or(self.frame, |look| fitted(self.frame, look.aspect()));
        match self.texture {
            Some(texture) => {
                painter.image(texture, place, Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)), Color32::WHITE)
            }
            None => painter.rect_filled(place, 0.0, colour),
        };
    }

    fn paint_bar(&self, painter: &Painter, is_dark: bool) {
        let (Some(range), Some(fit)) = (self.range, self.session.fit(self.photo, self.heading)) else { return };
        let colour = match self.heading {
            Heading::Category(id) => theme::hue(id.0 as usize, is_dark),
            _ => theme::accent(is_dark),
        };
        let at = pos2(self.frame.left(), self.frame.bottom() + BAR_GAP);
        painter.rect_filled(Rect::from_min_size(at, vec2(self.frame.width(), BAR)), 0.0, colour.gamma_multiply(0.18));
        painter.rect_filled(Rect::from_min_size(at, vec2(self.frame.width() * range.share(fit), BAR)), 0.0, colour);
    }

    fn paint_badges(&self, ui: &Ui) {
        if let (Some(category), Some(verdict)) = (self.about(), self.verdict()) {
            badges::paint_verdict(ui, self.frame, category, verdict);
        }
        badges::paint_labels(ui, self.frame, &badges::other_labels(self.session, self.photo, self.about()));
    }

    /// The category that the badge is about: the heading's, else the one that is selected.
    fn about(&self) -> Option<CategoryId> {
        match self.heading {
            Heading::Category(id) => Some(id),
            _ => self.session.selected(),
        }
    }

    fn verdict(&self) -> Option<Verdict> {
        self.session.verdict(self.about()?, self.photo)
    }

    fn paint_unreadable(&self, ui: &Ui) {
        let (painter, visuals) = (ui.painter(), ui.visuals());
        painter.rect_filled(self.frame, 0.0, visuals.faint_bg_color);
        painter.rect_stroke(self.frame, 0.0, visuals.widgets.noninteractive.bg_stroke, StrokeKind::Inside);
        let icon = FontId::proportional((self.frame.height() * 0.25).clamp(theme::LARGE, 40.0));
        let weak = visuals.weak_text_color();
        painter.text(self.frame.center(), Align2::CENTER_CENTER, icons::IMAGE_BROKEN, icon, weak);
    }

    fn paint_name(&self, ui: &Ui) {
        let at = self.frame.left_bottom() + vec2(0.0, CAPTION + 2.0);
        let (font, colour) = (FontId::proportional(theme::SMALL), ui.visuals().weak_text_color());
        let mut job = eframe::egui::text::LayoutJob::simple_singleline(self.name(), font, colour);
        job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(self.frame.width());
        ui.painter().galley(at, ui.painter().layout_job(job), colour);
    }

    /// What the pointer resting on it brings up.
    fn explain(&self, ui: &mut Ui) {
        ui.label(RichText::new(self.name()).family(theme::semibold()).strong());
        if let ContentState::Unreadable(reason) = self.state() {
            ui.label(tr!("Could not be read: {reason}", reason = message(reason)));
            return;
        }
        if let Some(look) = self.session.library().look(self.photo) {
            ui.label(pixel_size(look.width_px, look.height_px));
        }
        if let Some(fit) = self.session.fit(self.photo, self.heading) {
            ui.label(tr!(
                "Fits {category} with a cosine of {fit}",
                category = title(self.session, self.heading),
                fit = decimal(fit, 3)
            ));
        }
        self.explain_standing(ui);
        ui.weak(tr("Space or double click opens it"));
    }

    /// What a person said, what rules the photo out, and the other labels that it has.
    fn explain_standing(&self, ui: &mut Ui) {
        let name = |id: CategoryId| self.session.category(id).map_or("", |category| category.leaf());
        let Some(about) = self.about() else { return };
        let standing = match (self.verdict(), self.session.tier(self.photo, about)) {
            (Some(Verdict::Yes), _) => tr!("You said that it is {category}.", category = name(about)),
            (Some(Verdict::No), _) => tr!("You said that it is not {category}.", category = name(about)),
            (None, Some(Tier::RuledOut)) => {
                tr!("Ruled out of {category} by what it must never show.", category = name(about))
            }
            _ => String::new(),
        };
        if !standing.is_empty() {
            ui.label(standing);
        }
        let others = self.other_labels();
        if !others.is_empty() {
            ui.label(tr!("Also {categories}", categories = others.join(", ")));
        }
    }

    fn other_labels(&self) -> Vec<&str> {
        let others = badges::other_labels(self.session, self.photo, self.about());
        others.into_iter().filter_map(|id| Some(self.session.category(id)?.leaf())).collect()
    }

    /// File name, category and score, for those who listen.
    fn spoken(&self) -> String {
        let name = self.name();
        if let ContentState::Unreadable(reason) = self.state() {
            return tr!("{name}, could not be read: {reason}", name, reason = message(reason));
        }
        let category = self.session.category_of(self.photo).map_or(tr("unsorted"), |category| category.name.as_str());
        let mut said = self.verdict().map_or(String::new(), |verdict| format!(", {}", badges::in_words(verdict)));
        self.other_labels().iter().for_each(|label| said += &tr!(", also {category}", category = label));
        match self.session.fit(self.photo, self.heading) {
            Some(fit) => tr!("{name}, {category}, fit {fit}", name, category, fit = decimal(fit, 2)) + &said,
            None if *self.state() == ContentState::Waiting => tr!("{name}, waiting to be read", name) + &said,
            None => format!("{name}, {category}{said}"),
        }
    }

    fn state(&self) -> &ContentState {
        self.session.library().state(self.photo)
    }

    fn name(&self) -> String {
        file_name(&self.session.library().photo(self.photo).file.path)
    }
}

/// The largest rectangle of this shape in the middle of `frame`.
pub fn fitted(frame: Rect, aspect: f32) -> Rect {
    let width = frame.width().min(frame.height() * aspect);
    // A picture a thousand times as wide as high still is a line.
    let size = vec2(width, (width / aspect).min(frame.height()).max(1.0));
    // Rounded cells differ from the exact shape by less than a point: no gap for that.
    let size = if (size - frame.size()).abs().max_elem() < 1.0 { frame.size() } else { size };
    Rect::from_center_size(frame.center(), size)
}

pub fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

pub fn pixel_size(width_px: u32, height_px: u32) -> String {
    tr!("{width} × {height} pixels", width = words::count(width_px as usize), height = words::count(height_px as usize))
}

/// What a group is called.
pub fn title(session: &Session, heading: Heading) -> String {
    match heading {
        Heading::Category(id) => session.category(id).map_or_else(String::new, |category| category.name.clone()),
        Heading::Find if session.find().trim().is_empty() => tr("Most alike").to_owned(),
        Heading::Find => tr!("“{text}”", text = session.find().trim()),
        Heading::Alike(number) => tr!("Almost the same {number}", number = number + 1),
        Heading::Unsorted => tr("Unsorted").to_owned(),
        Heading::Folder => tr("All photos").to_owned(),
        Heading::Waiting => tr("Waiting to be read").to_owned(),
        Heading::Unreadable => tr("Could not be read").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_shape_inside_its_cell() {
        let frame = Rect::from_min_size(pos2(0.0, 0.0), vec2(300.0, 100.0));
        assert_eq!(fitted(frame, 6.0).size(), vec2(300.0, 50.0));
        assert_eq!(fitted(frame, 0.5).size(), vec2(50.0, 100.0));
        assert_eq!(fitted(frame, 3.005).size(), frame.size());
    }

    #[test]
    fn the_best_photo_has_a_full_bar_and_the_last_a_short_one() {
        let range = Range { least: 0.2, most: 0.3 };
        assert_eq!(range.share(0.3), 1.0);
        assert_eq!(range.share(0.2), 0.04);
        assert!((range.share(0.25) - 0.5).abs() < 1e-3);
        assert_eq!(Range { least: 0.2, most: 0.2 }.share(0.2), 1.0);
    }
}
