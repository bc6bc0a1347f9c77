//! Which thumbnails the grid asks for: those on screen, then those of the screen that comes next; none that is on the
//! graphics card already.

use std::collections::HashSet;
use std::ops::Range;

use eframe::egui::Context;

use super::layout::Layout;
use crate::app::textures::Textures;
use crate::catalog::{ContentState, PhotoId};
use crate::engine::{Command, Session};

#[derive(Debug, Default)]
pub struct Wanted {
    rows: Range<usize>,
    is_going_up: bool,
    asked: HashSet<PhotoId>,
    pass: u64,
}

impl Wanted {
    /// Asks when what shows has changed or got lost, and once more when all is here, so that the pixels can be dropped.
    pub fn update(
        &mut self,
        ctx: &Context,
        session: &Session,
        (layout, is_new): (&Layout, bool),
        rows: Range<usize>,
        textures: &mut Textures,
        commands: &mut Vec<Command>,
    ) {
        if rows.start != self.rows.start {
            self.is_going_up = rows.start < self.rows.start;
        }
        let was_away = ctx.cumulative_pass_nr() > self.pass + 1;
        self.pass = ctx.cumulative_pass_nr();
        let has_moved = std::mem::replace(&mut self.rows, rows.clone()) != rows;
        let next = self.next_screen(layout);
        photos_in(layout, next.clone()).for_each(|photo| textures.prepare(ctx, session, photo));

        let is_missing = |photo: &PhotoId| is_missing(session, textures, *photo);
        let got_lost =
            || photos_in(layout, rows.clone()).any(|photo| is_missing(&photo) && !self.asked.contains(&photo));
        let is_fulfilled = || !self.asked.is_empty() && !self.asked.iter().any(is_missing);
        if is_new || was_away || has_moved || got_lost() || is_fulfilled() {
            let on_screen = photos_in(layout, rows.clone());
            let missing: Vec<PhotoId> = on_screen.chain(photos_in(layout, next)).filter(is_missing).collect();
            let asked: HashSet<PhotoId> = missing.iter().copied().collect();
            if asked != self.asked || was_away {
                commands.push(Command::ShowThumbnails(missing));
            }
            self.asked = asked;
        }
    }

    fn next_screen(&self, layout: &Layout) -> Range<usize> {
        let Range { start, end } = self.rows.clone();
        let screen = end - start;
        if self.is_going_up { start.saturating_sub(screen)..start } else { end..(end + screen).min(layout.rows()) }
    }
}

fn photos_in(layout: &Layout, rows: Range<usize>) -> impl Iterator<Item = PhotoId> {
    rows.flat_map(|row| layout.cells(row)).map(|cell| cell.photo)
}

/// An unreadable photo has no thumbnail to wait for.
fn is_missing(session: &Session, textures: &Textures, photo: PhotoId) -> bool {
    !textures.has_thumbnail(session, photo) && !matches!(session.library().state(photo), ContentState::Unreadable(_))
}
