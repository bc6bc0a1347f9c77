//! Large pictures on the graphics card, cut into tiles, so that they arrive over several frames and no card is too small
//! for them.

use std::ops::Range;

use eframe::egui::{self, Color32, ColorImage, Rect, TextureFilter, TextureHandle, TextureId, TextureOptions, pos2};

use crate::catalog::Picture;

const TILE_PX: u32 = 1024;
/// Pixels that a tile shares with its neighbours, so that no seam shows where the card blends it down.
const TILE_BORDER_PX: u32 = 8;

/// Photos are shown smaller than they are stored: without mipmaps fine detail would shimmer.
pub const SMOOTH: TextureOptions = TextureOptions {
    magnification: TextureFilter::Linear,
    minification: TextureFilter::Linear,
    wrap_mode: egui::TextureWrapMode::ClampToEdge,
    mipmap_mode: Some(TextureFilter::Linear),
};

/// A large picture as far as it is on the card.
pub struct Large {
    pub tiles: Vec<Tile>,
    /// Column and row of tiles that are still to come, the topmost last.
    missing: Vec<(u32, u32)>,
    /// When it was last on screen.
    pub last_pass: u64,
}

/// A piece of a picture.
pub struct Tile {
    texture: TextureHandle,
    /// Where it stands in the picture, as shares of its sides.
    pub place: Rect,
    /// The part of the texture to show.
    pub uv: Rect,
}

impl Tile {
    pub fn texture(&self) -> TextureId {
        self.texture.id()
    }
}

impl Large {
    pub fn of(picture: &Picture) -> Large {
        let (columns, rows) = (picture.width_px.div_ceil(TILE_PX), picture.height_px.div_ceil(TILE_PX));
        let missing = (0..rows).rev().flat_map(|row| (0..columns).rev().map(move |column| (column, row)));
        Large { tiles: Vec::new(), missing: missing.collect(), last_pass: 0 }
    }

    /// Whether nothing of it is missing.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty()
    }

    /// Uploads what is missing in `view`, at most `tiles` tiles, of which those uploaded are taken.
    pub fn upload(&mut self, ctx: &egui::Context, picture: &Picture, view: Rect, tiles: &mut usize) {
        let shows = |tile: &(u32, u32)| place_of(picture, tile.0, tile.1).intersects(view);
        while let Some(next) = self.missing.iter().rposition(shows) {
            if *tiles == 0 {
                ctx.request_repaint();
                return;
            }
            *tiles -= 1;
            let (column, row) = self.missing.remove(next);
            self.tiles.push(tile_of(ctx, picture, column, row));
        }
    }
}

fn tile_of(ctx: &egui::Context, picture: &Picture, column: u32, row: u32) -> Tile {
    let (inner_x, outer_x) = spans(column, picture.width_px);
    let (inner_y, outer_y) = spans(row, picture.height_px);
    let uv = rect_of(share(&inner_x, &outer_x), share(&inner_y, &outer_y));
    let texture = ctx.load_texture("tile", part_of(picture, outer_x, outer_y), SMOOTH);
    Tile { texture, place: place_of(picture, column, row), uv }
}

fn place_of(picture: &Picture, column: u32, row: u32) -> Rect {
    let (x, y) = (spans(column, picture.width_px).0, spans(row, picture.height_px).0);
    rect_of(share(&x, &(0..picture.width_px)), share(&y, &(0..picture.height_px)))
}

/// Where a span begins and ends in another.
fn share(span: &Range<u32>, of: &Range<u32>) -> (f32, f32) {
    let share = |at: u32| (at - of.start) as f32 / (of.end - of.start) as f32;
    (share(span.start), share(span.end))
}

fn rect_of(x: (f32, f32), y: (f32, f32)) -> Rect {
    Rect::from_min_max(pos2(x.0, y.0), pos2(x.1, y.1))
}

/// What a tile shows along one side, and what its texture holds.
fn spans(place: u32, side_px: u32) -> (Range<u32>, Range<u32>) {
    let (start, end) = (place * TILE_PX, ((place + 1) * TILE_PX).min(side_px));
    (start..end, start.saturating_sub(TILE_BORDER_PX)..(end + TILE_BORDER_PX).min(side_px))
}

/// The pixels of a part of a picture, as the card takes them.
pub fn part_of(picture: &Picture, columns: Range<u32>, rows: Range<u32>) -> ColorImage {
    let size = [columns.len(), rows.len()];
    let mut pixels = Vec::with_capacity(size[0] * size[1]);
    for row in rows {
        let start = (row as usize * picture.width_px as usize + columns.start as usize) * 3;
        let line = &picture.rgb[start..start + size[0] * 3];
        pixels.extend(line.chunks_exact(3).map(|rgb| Color32::from_rgb(rgb[0], rgb[1], rgb[2])));
    }
    ColorImage::new(size, pixels)
}
