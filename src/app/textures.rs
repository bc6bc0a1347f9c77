//! Pictures on the graphics card, within a budget: what was on screen longest ago goes first.
//!
//! A picture is uploaded once however many photos share it, and no frame uploads more than it can without a stutter.

use std::collections::HashMap;

use eframe::egui::{self, Rect, TextureHandle, TextureId, pos2};

use super::tiles::{Large, SMOOTH, part_of};
use crate::catalog::{Fingerprint, PhotoId, Picture};
use crate::engine::Session;

const THUMBNAIL_BUDGET_BYTES: usize = 256 << 20;
/// About 4 ms of copying.
const UPLOADS_A_FRAME: usize = 24;
/// A tile is as much as a dozen thumbnails.
const TILES_A_FRAME: usize = 3;
/// The photo in the loupe and one to each side.
const LARGE_KEPT: usize = 3;

/// All of a picture, in shares of its sides.
const EVERYTHING: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

pub struct Textures {
    thumbnails: HashMap<Fingerprint, Thumbnail>,
    large: HashMap<Fingerprint, Large>,
    /// The one photo that is seen pixel by pixel.
    full: Option<(Fingerprint, Large)>,
    used_bytes: usize,
    budget_bytes: usize,
    pass: u64,
    uploads: usize,
    /// Tiles that this frame may still upload.
    tiles: usize,
    /// Whether this frame may still upload what is not on screen.
    has_room: bool,
}

impl Default for Textures {
    fn default() -> Textures {
        Textures::new()
    }
}

impl Textures {
    pub fn new() -> Textures {
        Textures::within(THUMBNAIL_BUDGET_BYTES)
    }

    /// The budget is for thumbnails that are not on screen; what is on screen is kept whatever it takes.
    pub fn within(budget_bytes: usize) -> Textures {
        let (thumbnails, large, full) = (HashMap::new(), HashMap::new(), None);
        Textures {
            thumbnails,
            large,
            full,
            used_bytes: 0,
            budget_bytes,
            pass: 0,
            uploads: 0,
            tiles: TILES_A_FRAME,
            has_room: true,
        }
    }

    /// The thumbnail of a photo that is on screen, if it is here or can be uploaded now.
    pub fn thumbnail(&mut self, ctx: &egui::Context, session: &Session, photo: PhotoId) -> Option<TextureId> {
        self.begin(ctx);
        let name = session.library().fingerprint(photo);
        self.bring(ctx, session, photo, name);
        let thumbnail = self.thumbnails.get_mut(&name)?;
        thumbnail.last_pass = self.pass;
        Some(thumbnail.texture.id())
    }

    /// Uploads the thumbnail of a photo that soon will be on screen, if nothing that is on screen has to go for it.
    pub fn prepare(&mut self, ctx: &egui::Context, session: &Session, photo: PhotoId) {
        self.begin(ctx);
        let name = session.library().fingerprint(photo);
        if let Some(thumbnail) = self.thumbnails.get_mut(&name) {
            thumbnail.last_pass = self.pass;
        } else if self.has_room
            && let Some(picture) = session.thumbnail(photo)
        {
            self.has_room = self.make_room(bytes_of(picture));
            if self.has_room {
                self.upload(ctx, name, picture, false);
            }
        }
    }

    /// Whether no photo was shown yet.
    pub fn is_empty(&self) -> bool {
        self.thumbnails.is_empty()
    }

    /// Whether a photo's thumbnail is on the card, so that its pixels need not be read again.
    pub fn has_thumbnail(&self, session: &Session, photo: PhotoId) -> bool {
        self.has(session.library().fingerprint(photo))
    }

    fn has(&self, name: Fingerprint) -> bool {
        self.thumbnails.get(&name).is_some_and(|thumbnail| !thumbnail.is_sketch)
    }

    /// Uploads the thumbnail or what stands in for it, if there is more than is on the card already.
    fn bring(&mut self, ctx: &egui::Context, session: &Session, photo: PhotoId, name: Fingerprint) {
        if self.has(name) {
            return;
        }
        match (session.thumbnail(photo), session.sketch(photo)) {
            (Some(picture), _) => self.upload(ctx, name, picture, false),
            (None, Some(sketch)) if !self.thumbnails.contains_key(&name) => self.upload(ctx, name, sketch, true),
            _ => {}
        }
    }

    /// The tiles of a large picture that are here; more arrive with each frame until it is whole.
    pub fn large(&mut self, ctx: &egui::Context, session: &Session, photo: PhotoId) -> Option<&Large> {
        self.begin(ctx);
        let name = session.library().fingerprint(photo);
        if let Some(picture) = session.large(photo) {
            if !self.large.contains_key(&name) {
                self.forget_oldest_large();
            }
            let large = self.large.entry(name).or_insert_with(|| Large::of(picture));
            large.upload(ctx, picture, EVERYTHING, &mut self.tiles);
        }
        let large = self.large.get_mut(&name)?;
        large.last_pass = self.pass;
        Some(large)
    }

    /// The tiles of a photo with all its pixels, as far as they are here. Only those that touch `view`, in shares of
    /// the photo's sides, are brought: all of a large photo can be more than a card holds.
    pub fn full(&mut self, ctx: &egui::Context, session: &Session, photo: PhotoId, view: Rect) -> Option<&Large> {
        self.begin(ctx);
        let (name, picture) = (session.library().fingerprint(photo), session.full(photo)?);
        let known = self.full.take().filter(|(known, _)| *known == name);
        let (_, full) = self.full.insert(known.unwrap_or_else(|| (name, Large::of(picture))));
        full.upload(ctx, picture, view, &mut self.tiles);
        Some(full)
    }

    /// Lets go of all large pictures.
    pub fn forget_large(&mut self) {
        self.large.clear();
        self.full = None;
    }

    /// Lets go of the photo that was seen pixel by pixel.
    pub fn forget_full(&mut self) {
        self.full = None;
    }

    fn begin(&mut self, ctx: &egui::Context) {
        let pass = ctx.cumulative_pass_nr();
        if pass != self.pass {
            (self.pass, self.uploads, self.tiles, self.has_room) = (pass, 0, TILES_A_FRAME, true);
        }
    }

    fn upload(&mut self, ctx: &egui::Context, name: Fingerprint, picture: &Picture, is_sketch: bool) {
        if self.uploads == UPLOADS_A_FRAME {
            ctx.request_repaint();
            return;
        }
        self.uploads += 1;
        self.make_room(bytes_of(picture));
        let image = part_of(picture, 0..picture.width_px, 0..picture.height_px);
        let texture = ctx.load_texture("thumbnail", image, SMOOTH);
        let thumbnail = Thumbnail { texture, bytes: bytes_of(picture), last_pass: self.pass, is_sketch };
        self.used_bytes += thumbnail.bytes;
        let before = self.thumbnails.insert(name, thumbnail);
        self.used_bytes -= before.map_or(0, |before| before.bytes);
    }

    /// Drops what is not on screen, oldest first; returns whether that was enough.
    fn make_room(&mut self, bytes: usize) -> bool {
        while self.used_bytes + bytes > self.budget_bytes {
            let oldest = self.thumbnails.iter().min_by_key(|(_, thumbnail)| thumbnail.last_pass);
            // What this frame has not come to yet was on screen in the last one.
            let unseen = oldest.filter(|(_, thumbnail)| thumbnail.last_pass + 1 < self.pass);
            let Some(name) = unseen.map(|(name, _)| *name) else { return false };
            if let Some(gone) = self.thumbnails.remove(&name) {
                self.used_bytes -= gone.bytes;
            }
        }
        true
    }

    fn forget_oldest_large(&mut self) {
        let oldest = self.large.iter().min_by_key(|(_, large)| large.last_pass).map(|(name, _)| *name);
        if let Some(name) = oldest.filter(|_| self.large.len() >= LARGE_KEPT) {
            self.large.remove(&name);
        }
    }
}

struct Thumbnail {
    texture: TextureHandle,
    bytes: usize,
    last_pass: u64,
    /// Whether the thumbnail itself is still to come.
    is_sketch: bool,
}

/// On the card, with a third more for mipmaps.
fn bytes_of(picture: &Picture) -> usize {
    picture.width_px as usize * picture.height_px as usize * 4 * 4 / 3
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::app::tiles::Tile;
    use crate::catalog::{FoundFile, Look};
    use crate::engine::{Command, Event, Saved};

    fn name(content: u8) -> Fingerprint {
        Fingerprint([content; 16])
    }

    fn picture(width_px: u32, height_px: u32) -> Picture {
        Picture { width_px, height_px, rgb: vec![9; (width_px * height_px * 3) as usize].into() }
    }

    /// One photo for each of these contents, with its thumbnail.
    fn session(contents: &[u8]) -> Session {
        let mut session = Session::new(Saved { roots: vec!["/photos".into()], ..Saved::default() }, false);
        let visit = session.wish().visits[0].clone();
        let file = |i: usize| {
            let path = Path::new(&format!("/photos/{i}.jpg")).into();
            (FoundFile { path, size_bytes: 1, modified_ns: 0 }, name(contents[i]))
        };
        session.absorb(Event::Found { visit, photos: (0..contents.len()).map(file).collect() });
        session.apply(Command::ShowThumbnails((0..contents.len() as u32).map(PhotoId).collect()));
        contents.iter().for_each(|content| session.absorb(Event::Thumbnail(name(*content), picture(30, 10))));
        session
    }

    /// What one thumbnail of `session` takes on the card.
    const BYTES: usize = 400 * 4;

    /// Draws a frame with these photos on screen; returns which of them had a texture.
    fn frame(ctx: &egui::Context, textures: &mut Textures, session: &Session, photos: &[u32]) -> Vec<bool> {
        let mut has = Vec::new();
        let output = ctx.run_ui(egui::RawInput::default(), |ui| {
            let texture = |photo: &u32| textures.thumbnail(ui.ctx(), session, PhotoId(*photo)).is_some();
            has = photos.iter().map(texture).collect();
        });
        output.drop_without_applying_deltas();
        has
    }

    #[test]
    fn photos_of_one_content_share_one_texture() {
        let (ctx, session, mut textures) = (egui::Context::default(), session(&[1, 1, 1]), Textures::new());
        assert_eq!(frame(&ctx, &mut textures, &session, &[0, 1, 2]), [true; 3]);
        assert_eq!((textures.thumbnails.len(), textures.used_bytes), (1, BYTES));
    }

    #[test]
    fn a_frame_uploads_no_more_than_its_share() {
        let contents: Vec<u8> = (0..60).collect();
        let (ctx, session, mut textures) = (egui::Context::default(), session(&contents), Textures::new());
        let all: Vec<u32> = (0..60).collect();
        let uploaded = |has: Vec<bool>| has.into_iter().filter(|has| *has).count();
        assert_eq!(uploaded(frame(&ctx, &mut textures, &session, &all)), UPLOADS_A_FRAME);
        assert_eq!(uploaded(frame(&ctx, &mut textures, &session, &all)), 2 * UPLOADS_A_FRAME);
        assert_eq!(uploaded(frame(&ctx, &mut textures, &session, &all)), 60);
    }

    #[test]
    fn a_thumbnail_takes_the_place_of_its_sketch() {
        let (ctx, mut session, mut textures) = (egui::Context::default(), session(&[0]), Textures::new());
        session.apply(Command::ShowThumbnails(Vec::new()));
        session.apply(Command::ShowThumbnails(vec![PhotoId(0)]));
        let look = Look { width_px: 300, height_px: 100, average: [9; 3] };
        session.absorb(Event::Sketch(name(0), look, picture(15, 5)));
        assert_eq!(session.library().look(PhotoId(0)), Some(look));
        assert_eq!(frame(&ctx, &mut textures, &session, &[0]), [true]);
        assert!(!textures.has_thumbnail(&session, PhotoId(0)));
        session.absorb(Event::Thumbnail(name(0), picture(30, 10)));
        assert_eq!(frame(&ctx, &mut textures, &session, &[0]), [true]);
        assert!(textures.has_thumbnail(&session, PhotoId(0)));
        assert_eq!((textures.thumbnails.len(), textures.used_bytes), (1, BYTES));
        session.absorb(Event::Sketch(name(0), look, picture(15, 5)));
        assert!(session.sketch(PhotoId(0)).is_none(), "it came too late");
    }

    #[test]
    fn what_was_on_screen_longest_ago_goes_first() {
        let (ctx, session, mut textures) =
            (egui::Context::default(), session(&[0, 1, 2, 3]), Textures::within(3 * BYTES));
        for shown in [&[0][..], &[1, 2], &[0], &[0], &[3]] {
            frame(&ctx, &mut textures, &session, shown);
        }
        let kept: Vec<bool> = (0..4).map(|photo| textures.has_thumbnail(&session, PhotoId(photo))).collect();
        assert_eq!(kept.iter().filter(|kept| **kept).count(), 3);
        assert!(kept[0] && kept[3], "{kept:?}");
    }

    #[test]
    fn what_is_on_screen_stays_whatever_the_budget() {
        let (ctx, session, mut textures) = (egui::Context::default(), session(&[0, 1, 2, 3]), Textures::within(BYTES));
        assert_eq!(frame(&ctx, &mut textures, &session, &[0, 1, 2, 3]), [true; 4]);
        assert_eq!(frame(&ctx, &mut textures, &session, &[0, 1, 2, 3]), [true; 4]);
    }

    #[test]
    fn what_is_not_on_screen_never_takes_the_place_of_what_is() {
        let (ctx, session, mut textures) = (egui::Context::default(), session(&[0, 1]), Textures::within(BYTES));
        frame(&ctx, &mut textures, &session, &[0]);
        let output = ctx.run_ui(egui::RawInput::default(), |ui| textures.prepare(ui.ctx(), &session, PhotoId(1)));
        output.drop_without_applying_deltas();
        assert!(textures.has_thumbnail(&session, PhotoId(0)) && !textures.has_thumbnail(&session, PhotoId(1)));
    }

    #[test]
    fn tiles_cover_a_large_picture_and_arrive_over_several_frames() {
        let (ctx, mut session, mut textures) = (egui::Context::default(), session(&[5]), Textures::new());
        session.apply(Command::ShowLarge(vec![PhotoId(0)]));
        session.absorb(Event::Large(name(5), picture(2500, 1100)));
        let mut seen = Vec::new();
        for _ in 0..3 {
            let output = ctx.run_ui(egui::RawInput::default(), |ui| {
                let large = textures.large(ui.ctx(), &session, PhotoId(0)).unwrap();
                seen.push((large.tiles.len(), large.is_whole()));
            });
            output.drop_without_applying_deltas();
        }
        assert_eq!(seen, [(3, false), (6, true), (6, true)]);
        let area = |tile: &Tile| tile.place.area();
        let covered: f32 = textures.large.values().flat_map(|large| large.tiles.iter().map(area)).sum();
        assert!((covered - 1.0).abs() < 1e-4);
    }
}
