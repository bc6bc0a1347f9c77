//! Which photos a hand or a key selects. Without any, keys act on the photo in focus alone.

use eframe::egui::Modifiers;

use super::layout::Layout;
use crate::catalog::PhotoId;
use crate::engine::Session;

/// What is being selected. The session keeps what is selected.
#[derive(Default)]
pub struct Selecting {
    /// Where a run of photos begins.
    anchor: Option<PhotoId>,
    /// What this frame makes of the selection, if anything.
    now: Option<Vec<PhotoId>>,
}

impl Selecting {
    /// Selects nothing, so that only the photo in focus counts.
    pub fn clear(&mut self) {
        (self.anchor, self.now) = (None, Some(Vec::new()));
    }

    pub fn all(&mut self, layout: &Layout) {
        self.now = Some(run(layout, 0, layout.photos()));
    }

    /// A click on `photo` while `focus` had the focus.
    pub fn click(
        &mut self,
        session: &Session,
        layout: &Layout,
        (focus, photo): (Option<PhotoId>, PhotoId),
        keys: Modifiers,
    ) {
        if keys.shift {
            self.extend(layout, focus, photo);
        } else if keys.command {
            self.toggle(session, focus, photo);
        } else {
            self.clear();
        }
    }

    /// Everything from the anchor to `photo`; the focus before is the anchor of a run that begins.
    pub fn extend(&mut self, layout: &Layout, focus: Option<PhotoId>, photo: PhotoId) {
        let place = |photo: Option<PhotoId>| Some((photo?, layout.place_of(photo?)?));
        let Some((_, to)) = place(Some(photo)) else { return };
        let (anchor, from) = place(self.anchor).or_else(|| place(focus)).unwrap_or((photo, to));
        self.anchor = Some(anchor);
        self.now = Some(run(layout, from.min(to), from.max(to) + 1));
    }

    /// The first photo that is added to others makes the one in focus one of them.
    fn toggle(&mut self, session: &Session, focus: Option<PhotoId>, photo: PhotoId) {
        let mut selected = self.photos(session, focus);
        match selected.iter().position(|other| *other == photo) {
            Some(place) => _ = selected.remove(place),
            None => selected.push(photo),
        }
        (self.anchor, self.now) = (Some(photo), Some(selected));
    }

    /// The photos that keys act on: those selected, else the one in focus.
    pub fn photos(&self, session: &Session, focus: Option<PhotoId>) -> Vec<PhotoId> {
        let selected = self.now.clone().unwrap_or_else(|| session.selection().collect());
        if selected.is_empty() { focus.into_iter().collect() } else { selected }
    }

    /// What became of the selection in this frame, if it changed.
    pub fn take(&mut self, session: &Session) -> Option<Vec<PhotoId>> {
        let now = self.now.take()?;
        let is_same = now.len() == session.selection().len() && now.iter().all(|photo| session.is_selected(*photo));
        (!is_same).then_some(now)
    }
}

fn run(layout: &Layout, from: usize, to: usize) -> Vec<PhotoId> {
    (from..to).filter_map(|place| layout.photo_at(place)).collect()
}
