//! What stays where it is while the order changes under it.
//!
//! The focused photo keeps its place on screen if it was in view, else the first photo in view does. At the top of the
//! list the top stays, because the best photos stand there. A new question (another search, another category to rank
//! by) is answered from the top, and once it is withdrawn the old place returns.

use std::path::Path;
use std::sync::Arc;

use super::layout::{HEADING, Layout};
use crate::catalog::{CategoryId, Heading, Order, PhotoId};
use crate::engine::Session;

/// What the list is ranked by, where it is one list.
#[derive(Clone, Debug, PartialEq)]
enum Question {
    Find(String),
    Category(CategoryId),
}

impl Question {
    fn of(session: &Session) -> Option<Question> {
        match session.ranking().groups.first()?.heading {
            Heading::Find => Some(Question::Find(session.find().trim().to_owned())),
            Heading::Category(id) if session.order() == Order::Ranked => Some(Question::Category(id)),
            _ => None,
        }
    }
}

/// A photo and how far below the top edge it stood. Named by its file, because numbers are given anew with each visit.
#[derive(Clone, Debug)]
struct Anchor {
    file: Arc<Path>,
    below_top: f64,
}

#[derive(Debug, Default)]
pub struct Scroll {
    /// Height of the layout at the top edge.
    offset: f64,
    view_height: f64,
    /// Where to go in this frame.
    goal: Option<f64>,
    focused: Option<Anchor>,
    first: Option<Anchor>,
    question: Option<Question>,
    /// Where the list stood before there was a question.
    before: Option<Anchor>,
}

impl Scroll {
    pub fn offset(&self) -> f64 {
        self.offset
    }

    pub fn view_height(&self) -> f64 {
        self.view_height
    }

    /// Where the list has to go, if it must move.
    pub fn take_goal(&mut self) -> Option<f64> {
        self.goal.take()
    }

    /// The layout is another one: finds the offset at which what was on screen still is.
    pub fn keep_place(&mut self, layout: &Layout, session: &Session, view_height: f64) {
        self.view_height = view_height;
        let asked = self.take_question(session);
        if layout.photos() == 0 {
            return;
        }
        if asked || self.offset <= 0.0 && self.before.is_none() {
            self.go_to(layout, 0.0);
        } else if let Some((row, anchor)) = self.anchor(layout, session) {
            self.go_to(layout, layout.row_top(row) - anchor.below_top);
        } else {
            self.go_to(layout, self.offset);
        }
        let focused = self.focused.as_ref().filter(|_| !asked);
        if let Some(row) = focused.and_then(|anchor| row_of(layout, session, anchor)) {
            self.bring_into_view(layout, row);
        }
        if self.question.is_none() {
            self.before = None;
        }
    }

    /// Moves as little as needed for a row to show whole, free of the heading at the top.
    pub fn bring_into_view(&mut self, layout: &Layout, row: usize) {
        let now = self.goal.unwrap_or(self.offset);
        let top = layout.row_top(row) - HEADING;
        let bottom = layout.row_top(row) + layout.space().pitch() - self.view_height;
        let goal = if now > top { top } else { now.max(bottom).min(top) };
        if goal != now {
            self.go_to(layout, goal);
        }
    }

    /// Takes note of what shows, for when the order changes.
    pub fn note(&mut self, layout: &Layout, session: &Session, offset: f64, view_height: f64, focus: Option<PhotoId>) {
        (self.offset, self.view_height) = (offset, view_height);
        if layout.photos() == 0 {
            return;
        }
        let rows = layout.rows_within(offset + HEADING, offset + view_height);
        let whole = rows.clone().find(|row| layout.row_top(*row) >= offset + HEADING - 1.0);
        let first = whole.or(rows.clone().next()).and_then(|row| layout.cells(row).next());
        let anchor = |photo: PhotoId, place: usize| {
            let file = session.library().photo(photo).file.path.clone();
            Anchor { file, below_top: layout.row_top(layout.row_at(place)) - offset }
        };
        self.first = first.map(|cell| anchor(cell.photo, cell.place));
        self.focused = focus.and_then(|photo| {
            let place = layout.place_of(photo)?;
            rows.contains(&layout.row_at(place)).then(|| anchor(photo, place))
        });
    }

    /// Takes note of what is asked now; returns whether it is something new.
    fn take_question(&mut self, session: &Session) -> bool {
        let question = Question::of(session);
        if question == self.question {
            return false;
        }
        let is_first = self.question.is_none();
        self.question = question;
        if is_first {
            self.before = self.first.clone().filter(|_| self.offset > 0.0);
        }
        self.question.is_some()
    }

    /// What keeps its place, and the row where it stands now.
    fn anchor(&self, layout: &Layout, session: &Session) -> Option<(usize, &Anchor)> {
        let returning = self.before.as_ref().filter(|_| self.question.is_none());
        let anchors = [self.focused.as_ref(), returning, self.first.as_ref()];
        anchors.into_iter().flatten().find_map(|anchor| Some((row_of(layout, session, anchor)?, anchor)))
    }

    fn go_to(&mut self, layout: &Layout, offset: f64) {
        let goal = offset.min(layout.height() - self.view_height).max(0.0);
        self.goal = Some(goal);
    }
}

fn row_of(layout: &Layout, session: &Session, anchor: &Anchor) -> Option<usize> {
    let place = layout.place_of(session.library().photo_at(&anchor.file)?)?;
    Some(layout.row_at(place))
}
