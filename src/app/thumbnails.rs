//! Which thumbnails the window as a whole asks for: those of the grid or the large view in its middle, and those that
//! panels and pages show beside it. One wish for all, because a newer wish replaces the older one.

use eframe::egui::{Context, TextureId};

use super::Requests;
use super::textures::Textures;
use crate::catalog::{ContentState, PhotoId};
use crate::engine::{Command, Session};

#[derive(Debug, Default)]
pub struct Thumbnails {
    /// What the middle of the window asked for last.
    middle: Vec<PhotoId>,
    asked: Vec<PhotoId>,
}

impl Thumbnails {
    /// Puts one wish in place of those among the commands. What is `beside` the middle comes after it; a page that
    /// covers the middle has only what is its own.
    pub fn join(&mut self, commands: &mut Vec<Command>, beside: Vec<PhotoId>, is_covered: bool) {
        let mut has_asked = false;
        commands.retain_mut(|command| {
            let Command::ShowThumbnails(photos) = command else { return true };
            self.middle = std::mem::take(photos);
            has_asked = true;
            false
        });
        if is_covered {
            self.middle.clear();
        }
        let mut all = self.middle.clone();
        beside.into_iter().for_each(|photo| {
            if !all.contains(&photo) {
                all.push(photo);
            }
        });
        if has_asked || all != self.asked {
            commands.push(Command::ShowThumbnails(all.clone()));
            self.asked = all;
        }
    }
}

/// The thumbnail of a photo that a panel shows; one that is not there is asked for.
pub fn beside(
    ctx: &Context,
    session: &Session,
    textures: &mut Textures,
    photo: PhotoId,
    requests: &mut Requests,
) -> Option<TextureId> {
    let texture = textures.thumbnail(ctx, session, photo);
    if texture.is_none() && !matches!(session.library().state(photo), ContentState::Unreadable(_)) {
        requests.beside.push(photo);
    }
    texture
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photos(numbers: &[u32]) -> Vec<PhotoId> {
        numbers.iter().copied().map(PhotoId).collect()
    }

    fn joined(thumbnails: &mut Thumbnails, grid: Option<&[u32]>, beside: &[u32], is_covered: bool) -> Vec<Command> {
        let mut commands = vec![Command::Undo];
        commands.extend(grid.map(|grid| Command::ShowThumbnails(photos(grid))));
        thumbnails.join(&mut commands, photos(beside), is_covered);
        commands.remove(0);
        commands
    }

    fn show(numbers: &[u32]) -> Command {
        Command::ShowThumbnails(photos(numbers))
    }

    #[test]
    fn what_panels_show_is_asked_for_after_what_the_grid_shows() {
        let mut thumbnails = Thumbnails::default();
        assert_eq!(joined(&mut thumbnails, Some(&[1, 2]), &[2, 7], false), [show(&[1, 2, 7])]);
        assert_eq!(joined(&mut thumbnails, None, &[2, 7], false), []);
        assert_eq!(joined(&mut thumbnails, None, &[], false), [show(&[1, 2])]);
    }

    #[test]
    fn a_page_that_covers_the_grid_asks_for_its_own_alone() {
        let mut thumbnails = Thumbnails::default();
        joined(&mut thumbnails, Some(&[1, 2]), &[], false);
        assert_eq!(joined(&mut thumbnails, None, &[5], true), [show(&[5])]);
        assert_eq!(joined(&mut thumbnails, Some(&[1]), &[], false), [show(&[1])]);
    }
}
