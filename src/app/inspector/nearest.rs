//! The confirmed photos that a photo is most like, as thumbnails; a click goes to one.

use eframe::egui::accesskit::Role;
use eframe::egui::{Color32, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::app::controls::note;
use crate::app::grid::file_name;
use crate::app::textures::Textures;
use crate::app::theme::{STEP, palette_of};
use crate::app::{Requests, thumbnails};
use crate::catalog::PhotoId;
use crate::catalog::words::decimal;
use crate::engine::{Command, Session};
use crate::language::tr;

/// How many stand in a row.
const IN_A_ROW: f32 = 4.0;
const GAP: f32 = STEP;

/// Draws the photos, each with its cosine, the most like it first.
pub fn show(
    ui: &mut Ui,
    session: &Session,
    nearest: &[(PhotoId, f32)],
    textures: &mut Textures,
    requests: &mut Requests,
) {
    if nearest.is_empty() {
        return;
    }
    ui.add_space(STEP);
    note(ui, tr("Most like these that you confirmed"));
    let side = ((ui.available_width() - (IN_A_ROW - 1.0) * GAP) / IN_A_ROW).min(72.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(GAP, GAP);
        for (photo, likeness) in nearest {
            show_photo(ui, session, (*photo, *likeness), side, textures, requests);
        }
    });
}

fn show_photo(
    ui: &mut Ui,
    session: &Session,
    (photo, likeness): (PhotoId, f32),
    side: f32,
    textures: &mut Textures,
    requests: &mut Requests,
) {
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::click());
    let aspect = session.library().look(photo).map_or(1.0, |look| look.aspect());
    match thumbnails::beside(ui.ctx(), session, textures, photo, requests) {
        Some(texture) => ui.painter().image(texture, rect, square_part(aspect), Color32::WHITE),
        None => ui.painter().rect_filled(rect, 0.0, palette_of(ui).raised),
    };
    if response.hovered() || response.has_focus() {
        let stroke = Stroke::new(2.0, palette_of(ui).accent);
        ui.painter().rect_stroke(rect, 0.0, stroke, StrokeKind::Inside);
    }
    let name = file_name(&session.library().photo(photo).file.path);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, tr!("Confirmed: {name}", name)));
    let tip = tr!("{name}\nCosine with this photo: {cosine}\nClick goes to it", name, cosine = decimal(likeness, 3));
    if response.on_hover_text(tip).clicked() {
        requests.commands.push(Command::Focus(Some(photo)));
    }
}

/// The middle of a picture of this shape, in shares of its sides.
pub fn square_part(aspect: f32) -> Rect {
    let (width, height) = if aspect > 1.0 { (1.0 / aspect, 1.0) } else { (1.0, aspect) };
    Rect::from_center_size(pos2(0.5, 0.5), vec2(width, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_shows_the_middle_of_any_shape() {
        assert_eq!(square_part(2.0), Rect::from_min_max(pos2(0.25, 0.0), pos2(0.75, 1.0)));
        assert_eq!(square_part(0.5), Rect::from_min_max(pos2(0.0, 0.25), pos2(1.0, 0.75)));
    }
}
