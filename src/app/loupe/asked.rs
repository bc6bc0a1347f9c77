//! Which pictures the loupe asks for: its photo and the neighbours large, thumbnails until those come, and all pixels
//! of the photo once it is magnified beyond the large picture.

use eframe::egui::Context;

use super::Around;
use crate::app::textures::Textures;
use crate::catalog::{ContentState, PhotoId};
use crate::engine::{Command, Session};

/// What was asked for last.
#[derive(Debug, Default)]
pub struct Asked {
    large: Vec<PhotoId>,
    thumbnails: Vec<PhotoId>,
    full: Option<PhotoId>,
}

impl Asked {
    /// Asks for what has changed, and brings what has come of the neighbours to the graphics card. The photo is drawn
    /// `width_px` pixels of the screen wide.
    pub fn update(
        &mut self,
        ctx: &Context,
        session: &Session,
        textures: &mut Textures,
        around: &Around,
        width_px: f32,
        commands: &mut Vec<Command>,
    ) {
        // The previous photo before the next: it is here already and must not make room for the other.
        for photo in [around.previous, around.next].into_iter().flatten() {
            textures.prepare(ctx, session, photo);
            textures.large(ctx, session, photo);
        }
        let urgent = [Some(around.photo), around.next, around.previous].into_iter().flatten();
        let is_readable = |photo: &PhotoId| !matches!(session.library().state(*photo), ContentState::Unreadable(_));
        let large: Vec<PhotoId> = urgent.filter(is_readable).collect();
        let without = large.iter().copied().filter(|photo| !textures.has_thumbnail(session, *photo));
        let thumbnails: Vec<PhotoId> = without.collect();
        if large != self.large {
            commands.push(Command::ShowLarge(large.clone()));
        }
        if thumbnails != self.thumbnails {
            commands.push(Command::ShowThumbnails(thumbnails.clone()));
        }
        (self.large, self.thumbnails) = (large, thumbnails);
        self.update_full(session, textures, around.photo, width_px, commands);
    }

    fn update_full(
        &mut self,
        session: &Session,
        textures: &mut Textures,
        photo: PhotoId,
        width_px: f32,
        commands: &mut Vec<Command>,
    ) {
        let has_more = || {
            let (large, look) = (session.large(photo)?, session.library().look(photo)?);
            Some(large.width_px < look.width_px && large.width_px as f32 * 1.05 < width_px)
        };
        let full = Some(photo).filter(|_| has_more().unwrap_or(false));
        if full != self.full {
            textures.forget_full();
            commands.push(Command::ShowFull(full));
            self.full = full;
        }
    }
}
