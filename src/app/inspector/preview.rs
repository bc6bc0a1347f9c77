//! The photo of the inspector, and over it where it matches a category.

use eframe::egui::accesskit::Role;
use eframe::egui::{Button, Color32, Rect, RichText, Sense, TextureId, Ui, WidgetInfo, pos2, vec2};

use super::heat;
use crate::app::controls::note;
use crate::app::grid::{file_name, fitted};
use crate::app::{icons, theme};
use crate::catalog::PhotoId;
use crate::engine::{Heat, HeatState, Session};
use crate::language::{message, tr};

const TALLEST: f32 = 208.0;
const SCALE_WIDTH: f32 = 72.0;

/// Draws the photo with the map over it.
pub fn show(
    ui: &mut Ui,
    session: &Session,
    photo: PhotoId,
    texture: Option<TextureId>,
    map: Option<(&Heat, TextureId)>,
) {
    let look = session.library().look(photo);
    let aspect = look.map_or(1.5, |look| look.aspect());
    let width = ui.available_width();
    let (frame, response) = ui.allocate_exact_size(vec2(width, (width / aspect).clamp(24.0, TALLEST)), Sense::hover());
    let place = fitted(frame, aspect);
    let average = look.map_or(theme::palette_of(ui).raised, |look| {
        let [red, green, blue] = look.average;
        Color32::from_rgb(red, green, blue)
    });
    let painter = ui.painter();
    match texture {
        Some(texture) => {
            painter.image(texture, place, Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)), Color32::WHITE)
        }
        None => painter.rect_filled(place, 0.0, average),
    };
    let name = file_name(&session.library().photo(photo).file.path);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, tr!("Preview of {name}", name)));
    let Some((map, picture)) = map else { return };
    heat::paint(painter, place, map, picture);
    let seen = heat::seen_part(place, map);
    let is_unseen = response.hover_pos().is_some_and(|at| place.contains(at) && !seen.contains(at));
    if is_unseen {
        response.on_hover_text_at_pointer(tr("The model does not look there"));
    }
}

/// Draws the switch and what it tells; returns whether it is on.
pub fn show_switch(ui: &mut Ui, is_on: bool, category: &str, state: Option<&HeatState>) -> bool {
    let mut is_on = is_on;
    ui.horizontal(|ui| {
        let button =
            Button::selectable(is_on, (RichText::new(icons::EYE).size(16.0), tr("Where"))).frame_when_inactive(true);
        let tip = tr!("Shows where in the photo the match with {category} lies", category);
        if ui.add(button).accessible_name(tr("Where")).on_hover_text(tip).clicked() {
            is_on = !is_on;
        }
        match state {
            Some(HeatState::Ready(_)) => show_scale(ui),
            Some(HeatState::Waiting) => drop(note(ui, tr("Looking at the photo's parts"))),
            Some(HeatState::Unknown(_)) | None => {}
        }
    });
    if let Some(HeatState::Unknown(reason)) = state {
        note(ui, message(reason));
    }
    is_on
}

fn show_scale(ui: &mut Ui) {
    note(ui, tr("less"));
    let (rect, response) = ui.allocate_exact_size(vec2(SCALE_WIDTH, 8.0), Sense::hover());
    heat::paint_scale(ui.painter(), rect);
    response.on_hover_text(tr("The lighter a part, the more clearly it shows what the category says"));
    note(ui, tr("more"));
}
