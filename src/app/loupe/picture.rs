//! The photo itself, as well as it can be shown at the moment.

use eframe::egui::{Align2, Color32, FontId, Painter, Pos2, Rect, TextureId, Ui, Vec2, pos2, vec2};

use super::zoom::Stage;
use crate::app::textures::Textures;
use crate::app::tiles::Large;
use crate::app::{icons, theme};
use crate::catalog::PhotoId;
use crate::engine::Session;
use crate::language::{message, tr};

/// What lies so near the edge of the stage is brought before a hand pulls it in.
const NEARBY: f32 = 160.0;

/// Until its size is known a photo is as large as its thumbnail, or stands as the commonest shape.
pub fn stage_of(ui: &Ui, session: &Session, photo: PhotoId, rect: Rect) -> Stage {
    let look = session.library().look(photo).map(|look| vec2(look.width_px as f32, look.height_px as f32));
    let thumbnail = || session.thumbnail(photo).map(|picture| vec2(picture.width_px as f32, picture.height_px as f32));
    let size_px = look.or_else(thumbnail).unwrap_or(vec2(600.0, 400.0)).max(Vec2::splat(1.0));
    Stage { rect, size_px, pixels_per_point: ui.pixels_per_point() }
}

/// Draws a photo at `place`: its thumbnail, over it the large picture as far as it is here, over that its own pixels.
pub fn paint(ui: &Ui, stage: &Stage, place: Rect, session: &Session, textures: &mut Textures, photo: PhotoId) {
    let painter = ui.painter().with_clip_rect(stage.rect);
    let stand_in = textures.thumbnail(ui.ctx(), session, photo);
    let large = textures.large(ui.ctx(), session, photo);
    if large.is_none_or(|large| !large.is_whole()) {
        paint_stand_in(ui, &painter, place, session, (photo, stand_in));
    }
    large.iter().for_each(|large| paint_tiles(&painter, place, large));
    let shows = stage.rect.intersect(place).expand(NEARBY);
    let view = Rect::from_min_max(share_in(place, shows.min), share_in(place, shows.max));
    if let Some(full) = textures.full(ui.ctx(), session, photo, view) {
        paint_tiles(&painter, place, full);
    }
}

fn paint_stand_in(
    ui: &Ui,
    painter: &Painter,
    place: Rect,
    session: &Session,
    (photo, thumbnail): (PhotoId, Option<TextureId>),
) {
    let colour =
        session.library().look(photo).map(|look| Color32::from_rgb(look.average[0], look.average[1], look.average[2]));
    let neutral = ui.visuals().widgets.noninteractive.bg_fill;
    let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    match thumbnail {
        Some(texture) => painter.image(texture, place, all, Color32::WHITE),
        None => painter.rect_filled(place, 0.0, colour.unwrap_or(neutral)),
    };
}

fn paint_tiles(painter: &Painter, place: Rect, picture: &Large) {
    for tile in &picture.tiles {
        let corner = |share: Pos2| place.lerp_inside(share.to_vec2());
        let at = Rect::from_min_max(corner(tile.place.min), corner(tile.place.max));
        painter.image(tile.texture(), at, tile.uv, Color32::WHITE);
    }
}

/// Where a point of the screen lies in `place`, in shares of its sides.
fn share_in(place: Rect, at: Pos2) -> Pos2 {
    ((at - place.min) / place.size()).to_pos2()
}

/// What stands in the place of a photo that has no picture.
pub fn show_unreadable(ui: &Ui, rect: Rect, reason: &str) {
    let (painter, colour) = (ui.painter(), ui.visuals().weak_text_color());
    let middle = rect.center();
    painter.text(
        middle - vec2(0.0, 24.0),
        Align2::CENTER_BOTTOM,
        icons::IMAGE_BROKEN,
        FontId::proportional(48.0),
        colour,
    );
    let words = tr!("This photo could not be read: {reason}", reason = message(reason));
    let galley = painter.layout(words, FontId::proportional(theme::BODY), colour, (rect.width() - 64.0).max(80.0));
    painter.galley(middle - vec2(galley.size().x / 2.0, 0.0), galley, colour);
}
