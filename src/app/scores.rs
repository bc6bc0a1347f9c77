//! What is known of one photo: its name, folder and size, the category it belongs to, and how well it fits each.

use std::path::Path;

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, FontId, Rect, Response, RichText, Sense, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::grid::{file_name, pixel_size};
use super::{inspector, theme};
use crate::catalog::words::decimal;
use crate::catalog::{Category, CategoryId, ContentState, PhotoId, Score};
use crate::engine::{Against, Model, Session};
use crate::language::{message, tr};

const ROW: f32 = 36.0;
const BAR: f32 = 6.0;
const MARK: f32 = 5.0;

/// Shows all of it, from the top of `ui` down.
pub fn show(ui: &mut Ui, session: &Session, photo: PhotoId) {
    show_file(ui, session, photo);
    ui.add_space(4.0 * theme::STEP);
    if !show_labels(ui, session, photo) {
        return;
    }
    let winner = session.category_of(photo).map(|winner| winner.id);
    for (id, score) in session.scores(photo) {
        if let Some(category) = session.category(id) {
            Row { category, score, is_winner: winner == Some(id), is_chosen: false }.show(ui, session, Sense::hover());
        }
    }
    inspector::show_reasons(ui, session, photo);
}

/// Shows where the photo belongs and the `most` categories that it fits best. Returns the category that was clicked;
/// `chosen` is the one that was clicked before.
pub fn show_best(
    ui: &mut Ui,
    session: &Session,
    photo: PhotoId,
    most: usize,
    chosen: Option<CategoryId>,
) -> Option<CategoryId> {
    if !show_labels(ui, session, photo) {
        return None;
    }
    let winner = session.category_of(photo).map(|winner| winner.id);
    let mut scores = session.scores(photo);
    scores.sort_by(|a, b| b.1.cosine.total_cmp(&a.1.cosine));
    let mut clicked = None;
    for (id, score) in scores.into_iter().take(most) {
        let Some(category) = session.category(id) else { continue };
        let row = Row { category, score, is_winner: winner == Some(id), is_chosen: chosen == Some(id) };
        let response = row.show(ui, session, Sense::click());
        clicked = clicked.or(response.clicked().then_some(id));
    }
    clicked
}

/// Says where the photo belongs; returns whether there are scores to show.
fn show_labels(ui: &mut Ui, session: &Session, photo: PhotoId) -> bool {
    if let Some(words) = why_none(session, photo) {
        ui.weak(words);
        return false;
    }
    let labels = session.labels_of(photo);
    let names: Vec<&str> = labels.iter().filter_map(|id| Some(session.category(*id)?.name.as_str())).collect();
    match names.is_empty() {
        false => ui.label(tr!("Belongs to {categories}", categories = names.join(", "))),
        true => ui.label(tr("Unsorted: it reaches no category's cut-off")),
    };
    ui.add_space(2.0 * theme::STEP);
    true
}

/// Name, folder and size.
pub fn show_file(ui: &mut Ui, session: &Session, photo: PhotoId) {
    let path = session.library().photo(photo).file.path.clone();
    ui.label(RichText::new(file_name(&path)).family(theme::semibold()).strong());
    let folder = path.parent().unwrap_or(Path::new("")).display().to_string();
    ui.add(eframe::egui::Label::new(RichText::new(&folder).weak()).truncate()).on_hover_text(&folder);
    if let Some(look) = session.library().look(photo) {
        ui.weak(pixel_size(look.width_px, look.height_px));
    }
}

/// Why there are no scores to show.
fn why_none(session: &Session, photo: PhotoId) -> Option<String> {
    match (session.library().state(photo), session.model()) {
        (ContentState::Unreadable(reason), _) => Some(tr!("Could not be read: {reason}", reason = message(reason))),
        (_, Model::Failed(_)) => Some(tr("There are no scores without a model.").to_owned()),
        _ if session.categories().is_empty() => {
            Some(tr("Add a category to see how well this photo fits it.").to_owned())
        }
        (ContentState::Waiting, _) => Some(tr("Not read yet. Its scores follow.").to_owned()),
        (_, Model::Loading) => Some(tr("The model is being loaded. Scores follow.").to_owned()),
        _ => None,
    }
}

/// How well the photo fits one category.
struct Row<'a> {
    category: &'a Category,
    score: Score,
    is_winner: bool,
    is_chosen: bool,
}

impl Row<'_> {
    fn show(&self, ui: &mut Ui, session: &Session, sense: Sense) -> Response {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), sense);
        self.paint(ui, rect, &response);
        let info = || WidgetInfo::selected(Role::ListItem, true, self.is_chosen, self.spoken());
        response.widget_info(info);
        response.on_hover_ui(|ui| {
            explain(ui, session, self.category, self.score);
            if sense.senses_click() {
                ui.weak(tr("Click tells why"));
            }
        })
    }

    fn paint(&self, ui: &Ui, rect: Rect, response: &Response) {
        let (place, painter, visuals) = (self.category.id.0 as usize, ui.painter(), ui.visuals());
        let colours = theme::palette_of(ui);
        if self.is_chosen || response.hovered() && response.sense.senses_click() || response.has_focus() {
            let stroke = if response.has_focus() { colours.accent } else { colours.line };
            let around = rect.expand2(vec2(theme::STEP, 0.0));
            painter.rect(around, theme::STEP, colours.selected, (1.0, stroke), StrokeKind::Inside);
        }
        let colour = theme::hue(place, visuals.dark_mode);
        let line = rect.top() + theme::BODY * 0.85;
        let text = if self.is_winner { visuals.strong_text_color() } else { visuals.text_color() };
        let family = if self.is_winner { theme::semibold() } else { eframe::egui::FontFamily::Proportional };
        let font = FontId::new(theme::BODY, family);
        theme::paint_mark(painter, pos2(rect.left() + MARK, line), MARK, place, colour);
        let share = percent(self.score.probability);
        let share = painter.text(pos2(rect.right(), line), Align2::RIGHT_CENTER, share, font.clone(), text);
        let name_at = pos2(rect.left() + 2.0 * MARK + 2.0 * theme::STEP, line);
        let mut job = eframe::egui::text::LayoutJob::simple_singleline(self.category.name.clone(), font, text);
        job.wrap = eframe::egui::text::TextWrapping::truncate_at_width((share.left() - name_at.x - 8.0).max(20.0));
        let galley = painter.layout_job(job);
        painter.galley(name_at - vec2(0.0, galley.size().y / 2.0), galley, text);

        let track = Rect::from_min_size(pos2(rect.left(), line + 12.0), vec2(rect.width(), BAR));
        let filled = vec2(track.width() * self.score.probability.clamp(0.0, 1.0), BAR);
        painter.rect_filled(track, 2.0, colour.gamma_multiply(0.18));
        painter.rect_filled(Rect::from_min_size(track.min, filled), 2.0, colour);
    }

    fn spoken(&self) -> String {
        let end = if self.is_winner { tr(", the photo belongs here") } else { "" };
        let share = percent(self.score.probability);
        let cosine = decimal(self.score.cosine, 3);
        tr!("{category}: {share}, cosine {cosine}", category = self.category.name, share, cosine) + end
    }
}

fn explain(ui: &mut Ui, session: &Session, category: &Category, score: Score) {
    ui.label(RichText::new(&category.name).family(theme::semibold()).strong());
    let probability = match session.compared_with(category.id) {
        Against::All => tr("Probability among the categories"),
        Against::Group => tr("Probability among the categories of its group"),
        Against::Cutoff => tr("Probability by itself, half at its cut-off"),
    };
    ui.label(format!("{probability}: {} %", decimal(score.probability * 100.0, 2)));
    ui.label(tr!("Cosine: {cosine}", cosine = decimal(score.cosine, 4)));
    if let Some(cutoff) = session.cutoff(category.id) {
        let verdict = if score.cosine >= cutoff { tr("reached") } else { tr("not reached") };
        ui.label(tr!("Cut-off: {cutoff}, {verdict}", cutoff = decimal(cutoff, 4), verdict));
    }
}

/// A share in words as exact as they are believable.
fn percent(share: f32) -> String {
    match share * 100.0 {
        percent if percent > 0.0 && percent < 0.1 => format!("< {} %", decimal(0.1, 1)),
        percent if percent < 9.95 => format!("{} %", decimal(percent, 1)),
        percent => format!("{percent:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_no_more_exact_than_they_deserve() {
        let words = [0.0, 0.0004, 0.0321, 0.5, 0.9999, 1.0].map(percent);
        assert_eq!(words, ["0.0 %", "< 0.1 %", "3.2 %", "50 %", "100 %", "100 %"]);
    }
}
