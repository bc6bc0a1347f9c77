//! The worst mistakes of an evaluation, side by side.

use eframe::egui::accesskit::Role;
use eframe::egui::{Color32, Label, Rect, RichText, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::app::controls::text_button;
use crate::app::grid::{file_name, fitted};
use crate::app::textures::Textures;
use crate::app::theme::{SMALL, STEP, hue, paint_mark, palette_of};
use crate::app::{Requests, thumbnails};
use crate::catalog::CategoryId;
use crate::catalog::words::{count, decimal};
use crate::engine::{Command, Mistake, Session, Sorted};
use crate::language::tr;

/// Shown before somebody asks for more.
const FIRST: usize = 12;
const CARD: f32 = 152.0;
const PICTURE: f32 = 112.0;
const GAP: f32 = 3.0 * STEP;

/// Draws them; returns whether one is to be seen in the grid.
pub fn show(
    ui: &mut Ui,
    sorted: &Sorted,
    shows_all: &mut bool,
    session: &Session,
    textures: &mut Textures,
    requests: &mut Requests,
) -> bool {
    let most = if *shows_all { sorted.mistakes.len() } else { FIRST.min(sorted.mistakes.len()) };
    let in_a_row = (((ui.available_width() + GAP) / (CARD + GAP)) as usize).max(1);
    let mut is_chosen = false;
    for row in sorted.mistakes[..most].chunks(in_a_row) {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            for mistake in row {
                is_chosen |= show_mistake(ui, mistake, session, textures, requests);
            }
        });
        ui.add_space(GAP);
    }
    if sorted.mistakes.len() > FIRST && !*shows_all {
        let text = tr!("Show {number} more", number = count(sorted.mistakes.len() - FIRST));
        *shows_all = text_button(ui, None, &text, tr("Mistakes by a smaller margin")).clicked();
    }
    ui.add_space(4.0 * STEP);
    is_chosen
}

fn show_mistake(
    ui: &mut Ui,
    mistake: &Mistake,
    session: &Session,
    textures: &mut Textures,
    requests: &mut Requests,
) -> bool {
    let photo = mistake.photo;
    if photo.0 as usize >= session.library().len() {
        return false;
    }
    let name_of = |id: CategoryId| session.category(id).map_or("", |category| category.name.as_str());
    let (truth, taken_for) = (name_of(mistake.truth), name_of(mistake.taken_for));
    let file = file_name(&session.library().photo(photo).file.path);
    let response = ui
        .vertical(|ui| {
            ui.set_width(CARD);
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.spacing_mut().interact_size.y = 16.0;
            let (frame, response) = ui.allocate_exact_size(vec2(CARD, PICTURE), Sense::click());
            if ui.is_rect_visible(frame) {
                let aspect = session.library().look(photo).map_or(1.5, |look| look.aspect());
                let place = fitted(frame, aspect);
                let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                match thumbnails::beside(ui.ctx(), session, textures, photo, requests) {
                    Some(texture) => ui.painter().image(texture, place, all, Color32::WHITE),
                    None => ui.painter().rect_filled(place, 0.0, palette_of(ui).raised),
                };
                if response.hovered() || response.has_focus() {
                    let stroke = Stroke::new(2.0, palette_of(ui).accent);
                    ui.painter().rect_stroke(place, 0.0, stroke, StrokeKind::Outside);
                }
            }
            show_category(ui, mistake.truth, &tr!("is {category}", category = truth));
            show_category(ui, mistake.taken_for, &tr!("taken for {category}", category = taken_for));
            response
        })
        .inner;
    let name = tr!("{category}, taken for {other}: {file}", category = truth, other = taken_for, file);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let tip = tr!(
        "{file}\nFits {other} better than {category}, by a cosine of {margin}\nClick shows it in the grid",
        file,
        other = taken_for,
        category = truth,
        margin = decimal(mistake.margin, 3)
    );
    let is_clicked = response.on_hover_text(tip).clicked();
    if is_clicked {
        requests.commands.push(Command::Focus(Some(photo)));
    }
    is_clicked
}

fn show_category(ui: &mut Ui, id: CategoryId, text: &str) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = STEP;
        let (mark, _) = ui.allocate_exact_size(vec2(12.0, 16.0), Sense::hover());
        let colour = hue(id.0 as usize, ui.visuals().dark_mode);
        paint_mark(ui.painter(), mark.center(), 4.0, id.0 as usize, colour);
        ui.add(Label::new(RichText::new(text).size(SMALL)).truncate());
    });
}
