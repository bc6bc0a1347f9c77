//! The grid: all photos in the order of the ranking, as thumbnails under the headings of their groups.
//!
//! Only what shows is drawn, so a frame costs the same for a hundred photos and for a hundred thousand. The order never
//! jumps under a hand (see [`scroll`]).

mod badges;
mod cell;
mod headings;
mod keys;
mod layout;
mod menu;
mod scroll;
mod selection;
mod wanted;

use std::ops::Range;

use eframe::egui::accesskit::Role;
use eframe::egui::{self, Id, Modifiers, Rect, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

pub use cell::{file_name, fitted, pixel_size, title};
pub use keys::{Ears, HEIGHTS};

use cell::Cell;
use keys::{Move, Pressed, Step};
use layout::{Layout, Space};
use menu::Choice;
use scroll::Scroll;
use selection::Selecting;
use wanted::Wanted;

use super::keys::Action;
use super::textures::Textures;
use super::verdicts::{self, Remark, Said};
use crate::catalog::{Heading, PhotoId};
use crate::engine::{Command, Session};
use crate::language::tr;

/// Beside the photos; on the right the scroll bar lies in it.
const MARGIN: f32 = 16.0;

#[derive(Default)]
pub struct Grid {
    layout: Layout,
    looks_version: u64,
    scroll: Scroll,
    wanted: Wanted,
    ears: Ears,
    /// The focus as the grid last knew it.
    focus: Option<PhotoId>,
    /// Where moves up and down keep to.
    column: Option<f32>,
    selecting: Selecting,
    remark: Remark,
    shows_names: bool,
    /// The photo whose menu is open.
    menu: Option<PhotoId>,
    /// What was asked of the window.
    actions: Vec<Action>,
}

impl Grid {
    pub fn new() -> Grid {
        Grid::default()
    }

    /// Draws the ranking in the available space. Returns a photo that is to be seen large.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        session: &Session,
        textures: &mut Textures,
        commands: &mut Vec<Command>,
    ) -> Option<PhotoId> {
        let (view, own) = (ui.available_rect_before_wrap(), ui.make_persistent_id("photo grid"));
        let is_new = self.arrange(session, view);
        self.follow_focus(session);
        self.remark.forget_after_input(ui);
        let keys = keys::take(ui, own, &mut self.ears);
        self.press(session, &keys, commands);
        self.actions.extend(keys.trashes.then_some(Action::Trash));
        self.resize(ui, view, keys.larger, session, commands);
        let response = ui.interact(view, own, Sense::FOCUSABLE);
        response.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, tr("Photos")));
        if response.gained_focus() && self.focus.is_none() {
            self.focus = self.first_on_screen();
        }

        let touched = ui.scope_builder(UiBuilder::new().accessibility_parent(own), |ui| {
            // Photos are judged to their very edge.
            ui.spacing_mut().scroll.fade.strength = 0.0;
            self.show_photos(ui, own, session, textures, commands, is_new)
        });
        self.remark.show(ui, view);
        let opened = self.follow_hand(ui, own, session, &touched.inner, commands);
        if self.focus != session.focus() {
            commands.push(Command::Focus(self.focus));
        }
        commands.extend(self.selecting.take(session).map(Command::Select));
        opened.or(self.focus.filter(|_| keys.opens))
    }

    /// What was asked of the window since this was last called.
    pub(in crate::app) fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// Shows a line until the next key or click.
    pub(in crate::app) fn remark_on(&mut self, text: String) {
        self.remark.set(Some(text));
    }

    /// What was remarked on is no longer so.
    pub(in crate::app) fn forget_remark(&mut self) {
        self.remark.set(None);
    }

    /// Lays the photos out anew if anything that it depends on has changed; returns whether it has.
    fn arrange(&mut self, session: &Session, view: Rect) -> bool {
        let caption = cell::CAPTION + if self.shows_names { cell::NAME } else { 0.0 };
        let space = Space {
            width: (view.width() - 2.0 * MARGIN).max(1.0),
            thumbnail_height: session.thumbnail_height().clamp(*keys::HEIGHTS.start(), *keys::HEIGHTS.end()),
            caption_height: caption,
        };
        let (ranking, library) = (session.ranking(), session.library());
        if self.layout.is_of(&ranking, space) && self.looks_version == library.looks_version() {
            return false;
        }
        self.looks_version = library.looks_version();
        self.layout.arrange(&ranking, space, |photo| library.look(photo).map(|look| look.aspect()));
        self.scroll.keep_place(&self.layout, session, f64::from(view.height()));
        true
    }

    /// A focus that somebody else has moved, such as the loupe, is brought into view.
    fn follow_focus(&mut self, session: &Session) {
        if self.focus != session.focus() {
            self.focus = session.focus();
            self.column = None;
            self.show_focus();
        }
    }

    fn show_focus(&mut self) {
        if let Some(place) = self.focus.and_then(|photo| self.layout.place_of(photo)) {
            self.scroll.bring_into_view(&self.layout, self.layout.row_at(place));
        }
    }

    fn press(&mut self, session: &Session, keys: &Pressed, commands: &mut Vec<Command>) {
        for step in &keys.moves {
            self.step(*step);
        }
        if keys.selects_all {
            self.selecting.all(&self.layout);
        }
        for said in &keys.said {
            self.say(session, *said, said.moves_on(), commands);
        }
        if keys.opens && self.focus.is_none() {
            self.focus = self.first_on_screen();
        }
    }

    /// Says it of the selected photos or of the one in focus, and goes on to the next after them.
    fn say(&mut self, session: &Session, said: Said, moves_on: bool, commands: &mut Vec<Command>) {
        let photos = self.selecting.photos(session, self.focus);
        let last = photos.iter().filter_map(|photo| self.layout.place_of(*photo)).max();
        match verdicts::command(session, said, photos) {
            Ok(command) => {
                self.remark.set(verdicts::in_words(session, &command));
                commands.push(command);
            }
            Err(obstacle) => return self.remark.set(Some(obstacle)),
        }
        if !moves_on {
            return;
        }
        self.selecting.clear();
        self.focus = last.and_then(|last| self.layout.photo_at(last + 1)).or(self.focus);
        self.column = None;
        self.show_focus();
    }

    fn step(&mut self, step: Step) {
        let before = self.focus;
        self.go(step.to);
        match self.focus {
            Some(photo) if step.extends => self.selecting.extend(&self.layout, before, photo),
            _ => self.selecting.clear(),
        }
    }

    fn go(&mut self, step: Move) {
        let Some(place) = self.focus.and_then(|photo| self.layout.place_of(photo)) else {
            return self.start(step);
        };
        let here = self.layout.cells(self.layout.row_at(place)).find(|cell| cell.place == place);
        let x = self.column.or(here.map(|cell| cell.centre())).unwrap_or(0.0);
        let to = keys::destination(&self.layout, place, step, x, self.scroll.view_height());
        let keeps_column = matches!(step, Move::Up | Move::Down | Move::PageUp | Move::PageDown);
        self.column = keeps_column.then_some(x);
        self.focus = self.layout.photo_at(to);
        self.show_focus();
    }

    /// The first move of all: to an end of the list, or to what is looked at.
    fn start(&mut self, step: Move) {
        self.focus = match step {
            Move::Home => self.layout.photo_at(0),
            Move::End => self.layout.photos().checked_sub(1).and_then(|last| self.layout.photo_at(last)),
            _ => self.first_on_screen(),
        };
        self.show_focus();
    }

    fn first_on_screen(&self) -> Option<PhotoId> {
        let top = self.scroll.offset() + layout::HEADING;
        let row = self.layout.rows_within(top, top + self.scroll.view_height()).next()?;
        self.layout.cells(row).next().map(|cell| cell.photo)
    }

    fn resize(&self, ui: &Ui, view: Rect, steps: i32, session: &Session, commands: &mut Vec<Command>) {
        let pinch = if ui.rect_contains_pointer(view) { ui.input(egui::InputState::zoom_delta) } else { 1.0 };
        if let Some(height) = keys::new_height(session.thumbnail_height(), steps, pinch) {
            commands.push(Command::SetThumbnailHeight(height));
        }
    }

    fn show_photos(
        &mut self,
        ui: &mut Ui,
        own: Id,
        session: &Session,
        textures: &mut Textures,
        commands: &mut Vec<Command>,
        is_new: bool,
    ) -> Touched {
        let mut area = ScrollArea::vertical().id_salt("photos").auto_shrink(false).content_margin(egui::Margin::ZERO);
        if let Some(goal) = self.scroll.take_goal() {
            area = area.vertical_scroll_offset(goal as f32);
        }
        let output = area.show_viewport(ui, |ui, viewport| {
            ui.set_height(self.layout.height() as f32);
            let view = Rect::from_min_size(ui.clip_rect().min, viewport.size());
            let (offset, bottom) = (f64::from(viewport.top()), f64::from(viewport.bottom()));
            self.scroll.note(&self.layout, session, offset, f64::from(viewport.height()), self.focus);
            let rows = self.layout.rows_within(offset, bottom);
            let mut page = Page { ui, own, session, view, offset };
            let touched = self.show_rows(&mut page, rows.clone(), textures);
            self.show_headings(&page, bottom);
            self.wanted.update(ui.ctx(), session, (&self.layout, is_new), rows, textures, commands);
            touched
        });
        output.inner
    }

    fn show_rows(&self, page: &mut Page, rows: Range<usize>, textures: &mut Textures) -> Touched {
        let mut touched = Touched::default();
        let mut group: Option<(Heading, Option<cell::Range>)> = None;
        for row in rows {
            let top = page.screen(self.layout.row_top(row));
            for place in self.layout.cells(row) {
                let of = self.layout.group_at(place.place);
                let (heading, range) = match group {
                    Some(known) if known.0 == of.heading => known,
                    _ => (of.heading, cell::Range::of(page.session, of.heading, &of.photos)),
                };
                group = Some((heading, range));
                let corner = pos2(page.view.left() + MARGIN + place.x, top);
                let cell = Cell {
                    session: page.session,
                    photo: place.photo,
                    heading,
                    range,
                    frame: Rect::from_min_size(corner, vec2(place.width, self.layout.space().thumbnail_height)),
                    texture: textures.thumbnail(page.ui.ctx(), page.session, place.photo),
                    is_focused: self.focus == Some(place.photo),
                    is_selected: page.session.is_selected(place.photo),
                    shows_name: self.shows_names,
                };
                self.show_cell(page, &cell, &mut touched);
            }
        }
        touched
    }

    fn show_cell(&self, page: &Page, cell: &Cell, touched: &mut Touched) {
        let (id, photo) = (page.own.with(cell.photo.0), cell.photo);
        let response = cell.show(page.ui, id);
        if cell.is_focused {
            page.ui.ctx().accesskit_node_builder(page.own, |grid| grid.set_active_descendant(id.accesskit_id()));
        }
        if response.clicked() {
            touched.clicked = Some((photo, page.ui.input(|input| input.modifiers)));
        }
        if response.double_clicked() {
            touched.opened = Some(photo);
        }
        if response.secondary_clicked() || self.menu == Some(photo) {
            touched.menu = Some(photo).filter(|_| response.secondary_clicked()).or(touched.menu);
            let chosen = menu::show(&response, page.session, photo, self.shows_names);
            touched.chosen = chosen.or(touched.chosen);
        }
    }

    fn show_headings(&self, page: &Page, bottom: f64) {
        for (group, section) in self.layout.sections_within(page.offset, bottom) {
            if let Some(line) = section.cutoff {
                headings::show_cutoff(page.ui, group, page.screen(line), page.view);
            }
            headings::show(page.ui, page.session, group, section, page.view, |height| page.screen(height));
        }
    }

    fn follow_hand(
        &mut self,
        ui: &Ui,
        own: Id,
        session: &Session,
        touched: &Touched,
        commands: &mut Vec<Command>,
    ) -> Option<PhotoId> {
        if let Some((photo, keys)) = touched.clicked {
            self.selecting.click(session, &self.layout, (self.focus, photo), keys);
        } else if touched.menu.is_some_and(|photo| !session.is_selected(photo)) {
            self.selecting.clear();
        }
        if let Some(photo) = touched.clicked.map(|(photo, _)| photo).or(touched.menu) {
            self.focus = Some(photo);
            self.column = None;
            ui.memory_mut(|memory| memory.request_focus(own));
        }
        self.menu = touched.menu.or(self.menu);
        let chosen = touched.chosen.and_then(|choice| self.choose(session, choice, commands));
        touched.opened.or(chosen)
    }

    /// Does what was chosen in the menu; returns a photo that is to be seen large.
    fn choose(&mut self, session: &Session, choice: Choice, commands: &mut Vec<Command>) -> Option<PhotoId> {
        match choice {
            Choice::Open => return self.menu,
            Choice::Say(said) => self.say(session, said, false, commands),
            Choice::FindSimilar => {
                commands.push(Command::FindSimilar(self.selecting.photos(session, self.menu)));
            }
            Choice::Why => {
                commands.push(Command::Explain(self.menu));
                self.actions.push(Action::ShowInspector);
            }
            Choice::Reveal => commands.extend(self.menu.map(Command::Reveal)),
            Choice::OpenWith => commands.extend(self.menu.map(Command::OpenWith)),
            Choice::Trash => self.actions.push(Action::Trash),
            Choice::ShowNames(shows_names) => self.shows_names = shows_names,
        }
        None
    }
}

/// The part of the layout that shows.
struct Page<'a> {
    ui: &'a mut Ui,
    own: Id,
    session: &'a Session,
    view: Rect,
    offset: f64,
}

impl Page<'_> {
    /// Where a height of the layout lies on screen, on a whole pixel so that nothing blurs.
    fn screen(&self, height: f64) -> f32 {
        let below_top = (height - self.offset) as f32;
        let scale = self.ui.pixels_per_point();
        ((self.view.top() + below_top) * scale).round() / scale
    }
}

/// What a hand did to the photos in one frame.
#[derive(Clone, Copy, Default)]
struct Touched {
    /// A photo, and the keys that were held.
    clicked: Option<(PhotoId, Modifiers)>,
    opened: Option<PhotoId>,
    /// The photo whose menu was opened.
    menu: Option<PhotoId>,
    chosen: Option<Choice>,
}
