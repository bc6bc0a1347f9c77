//! One photo large, with its scores beside it. The arrow keys walk the ranking; the neighbours are loaded ahead, and
//! until a large picture is there its thumbnail stands in for it.

mod asked;
mod picture;
mod zoom;

use eframe::egui::accesskit::Role;
use eframe::egui::{
    self, Align, Id, Key, Layout, Modifiers, Rect, Response, RichText, ScrollArea, Sense, Ui, UiBuilder, Vec2,
    WidgetInfo, vec2,
};

use asked::Asked;
pub(in crate::app) use picture::{paint, show_unreadable, stage_of};
pub(in crate::app) use zoom::{Stage, Zoom};

use super::grid::{Ears, file_name};
use super::textures::Textures;
use super::verdicts::{self, Remark, Said};
use super::{icons, scores, theme};
use crate::catalog::{Category, ContentState, PhotoId, Verdict, words};
use crate::engine::{Command, Session};
use crate::language::tr;

const SIDE_WIDTH: f32 = 264.0;
/// Narrower than this, the photo has all the room.
const LEAST_WIDTH_WITH_SIDE: f32 = 620.0;
const STRIP_HEIGHT: f32 = 40.0;
const ZOOM_STEP: f32 = 1.25;

#[derive(Default)]
pub struct Loupe {
    photo: Option<PhotoId>,
    zoom: Zoom,
    asked: Asked,
    takes_keyboard: bool,
    ears: Ears,
    remark: Remark,
}

impl Loupe {
    pub fn closed() -> Loupe {
        Loupe::default()
    }

    pub fn open(&mut self, photo: PhotoId) {
        *self = Loupe { photo: Some(photo), takes_keyboard: true, ..Loupe::default() };
    }

    pub fn is_open(&self) -> bool {
        self.photo.is_some()
    }

    /// Draws over all of the available space. Space and Escape close it.
    pub fn show(&mut self, ui: &mut Ui, session: &Session, textures: &mut Textures, commands: &mut Vec<Command>) {
        let Some(photo) = self.photo else { return };
        if photo.0 as usize >= session.library().len() {
            self.close(textures, commands);
            return;
        }
        let (whole, own) = (ui.available_rect_before_wrap(), ui.make_persistent_id("loupe"));
        ui.allocate_rect(whole, Sense::hover());
        ui.painter().rect_filled(whole, 0.0, theme::palette_of(ui).ground);
        let around = Around::of(session, photo);
        let parts = Parts::of(whole);
        let stage = stage_of(ui, session, photo, parts.stage);

        self.remark.forget_after_input(ui);
        let mut act = take_keys(ui, own, &mut self.ears);
        act = act.or(self.show_stage(ui, own, &stage, session, textures, &around));
        act = act.or(self.show_strip(ui, &parts, &stage, session, &around));
        show_side(ui, parts.side, session, photo);
        let is_large = self.zoom.magnification(&stage) * stage.size_px.x;
        self.asked.update(ui.ctx(), session, textures, &around, is_large, commands);
        self.remark.show(ui, parts.stage);
        if let Some(Act::Say(said)) = act {
            self.say(session, said, &around, commands);
        } else {
            self.act(act, &stage, &around, textures, commands);
        }
    }

    /// What was remarked on is no longer so.
    pub(in crate::app) fn forget_remark(&mut self) {
        self.remark.set(None);
    }

    /// Says it of the photo that shows, whatever is selected in the grid, and goes on to the next.
    fn say(&mut self, session: &Session, said: Said, around: &Around, commands: &mut Vec<Command>) {
        match verdicts::command(session, said, vec![around.photo]) {
            Ok(command) => {
                self.remark.set(verdicts::in_words(session, &command));
                commands.push(command);
                self.walk_to(around.next.filter(|_| said.moves_on()), commands);
            }
            Err(obstacle) => self.remark.set(Some(obstacle)),
        }
    }

    fn show_stage(
        &mut self,
        ui: &Ui,
        own: Id,
        stage: &Stage,
        session: &Session,
        textures: &mut Textures,
        around: &Around,
    ) -> Option<Act> {
        let response = ui.interact(stage.rect, own, Sense::click_and_drag());
        if std::mem::take(&mut self.takes_keyboard) {
            response.request_focus();
        }
        let name = file_name(&session.library().photo(around.photo).file.path);
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{name}, {}", around.position())));
        if let ContentState::Unreadable(reason) = session.library().state(around.photo) {
            show_unreadable(ui, stage.rect, reason);
            return None;
        }
        self.follow_hand(ui, &response, stage);
        paint(ui, stage, self.zoom.place(stage), session, textures, around.photo);
        // A key that egui takes for a click on what has the keyboard is not one.
        let clicked = response.clicked_by(egui::PointerButton::Primary);
        response.interact_pointer_pos().filter(|_| clicked).map(Act::Toggle)
    }

    /// The wheel magnifies at the pointer, a drag moves.
    fn follow_hand(&mut self, ui: &Ui, response: &Response, stage: &Stage) {
        if let Some(at) = response.hover_pos() {
            let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
            let factor = (wheel / 200.0).exp() * pinch;
            if factor != 1.0 {
                self.zoom = self.zoom.by(stage, factor, at);
            }
        }
        if response.dragged() && response.drag_delta() != Vec2::ZERO {
            self.zoom = self.zoom.panned(stage, response.drag_delta());
        }
        if self.zoom != Zoom::Fit && response.hovered() {
            ui.set_cursor_icon(if response.dragged() { egui::CursorIcon::Grabbing } else { egui::CursorIcon::Grab });
        }
    }

    fn show_strip(&self, ui: &mut Ui, parts: &Parts, stage: &Stage, session: &Session, around: &Around) -> Option<Act> {
        let row = UiBuilder::new().max_rect(parts.strip.shrink2(vec2(2.0 * theme::STEP, theme::STEP)));
        let shown = ui.scope_builder(row.layout(Layout::left_to_right(Align::Center)), |ui| {
            let back = (icons::CARET_LEFT, tr("Previous photo"), tr("Previous photo (Left arrow)"));
            let on = (icons::CARET_RIGHT, tr("Next photo"), tr("Next photo (Right arrow)"));
            let mut act = strip_button(ui, back, Act::Back, around.previous.is_some());
            act = act.or(strip_button(ui, on, Act::On, around.next.is_some()));
            ui.label(RichText::new(around.position()).weak());
            act = act.or(show_verdicts(ui, session, around.photo));
            let end = Layout::right_to_left(Align::Center);
            act.or(ui.with_layout(end, |ui| self.show_strip_end(ui, parts, stage, session, around)).inner)
        });
        shown.inner
    }

    /// From the right edge: the way back, the zoom, and the name where nothing beside the photo tells it.
    fn show_strip_end(
        &self,
        ui: &mut Ui,
        parts: &Parts,
        stage: &Stage,
        session: &Session,
        around: &Around,
    ) -> Option<Act> {
        let mut act =
            strip_button(ui, (icons::X, tr("Close"), tr("Back to the grid (Space or Escape)")), Act::Close, true);
        if !matches!(session.library().state(around.photo), ContentState::Unreadable(_)) {
            act = act.or(strip_button(ui, self.toggle_words(), Act::Toggle(stage.rect.center()), true));
            ui.label(RichText::new(format!("{} %", words::decimal(self.zoom.magnification(stage) * 100.0, 0))).weak());
        }
        if parts.side.is_none() {
            ui.add_space(2.0 * theme::STEP);
            let name = file_name(&session.library().photo(around.photo).file.path);
            ui.add(egui::Label::new(name).truncate());
        }
        act
    }

    /// Icon, name and tooltip of the button that zooms.
    fn toggle_words(&self) -> (&'static str, &'static str, &'static str) {
        match self.zoom {
            Zoom::Fit => (icons::ARROWS_OUT, tr("Full size"), tr("Show at 100 % (Z or click)")),
            Zoom::At { .. } => (icons::ARROWS_IN, tr("Fit"), tr("Fit into the window (Z or click)")),
        }
    }

    fn act(
        &mut self,
        act: Option<Act>,
        stage: &Stage,
        around: &Around,
        textures: &mut Textures,
        commands: &mut Vec<Command>,
    ) {
        match act {
            None | Some(Act::Say(_)) => {}
            Some(Act::Close) => self.close(textures, commands),
            Some(Act::Toggle(at)) => self.zoom = self.zoom.toggled(stage, at),
            Some(Act::Magnify(factor)) => self.zoom = self.zoom.by(stage, factor, stage.rect.center()),
            Some(Act::Back) => self.walk_to(around.previous, commands),
            Some(Act::On) => self.walk_to(around.next, commands),
        }
    }

    /// The zoom stays, so that two shots can be compared.
    fn walk_to(&mut self, photo: Option<PhotoId>, commands: &mut Vec<Command>) {
        if let Some(photo) = photo {
            self.photo = Some(photo);
            commands.push(Command::Focus(Some(photo)));
        }
    }

    fn close(&mut self, textures: &mut Textures, commands: &mut Vec<Command>) {
        self.photo = None;
        textures.forget_large();
        commands.push(Command::ShowLarge(Vec::new()));
        commands.push(Command::ShowFull(None));
    }
}

/// What is asked of the loupe.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Close,
    /// Between fit and 100 %, around this point.
    Toggle(egui::Pos2),
    Magnify(f32),
    Back,
    On,
    Say(Said),
}

/// Draws a button with an icon, a name and a tooltip; returns the act if it is clicked.
fn strip_button(
    ui: &mut Ui,
    (icon, name, tip): (impl Into<RichText>, &str, &str),
    on_click: Act,
    is_on: bool,
) -> Option<Act> {
    let button = egui::Button::new(icon.into()).frame(false).min_size(Vec2::splat(theme::CONTROL));
    let response = ui.add_enabled(is_on, button).on_hover_text(tip);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, is_on, name));
    response.clicked().then_some(on_click)
}

/// Yes and no for the category that is selected; what was said stands in the accent.
fn show_verdicts(ui: &mut Ui, session: &Session, photo: PhotoId) -> Option<Act> {
    let category = session.selected().and_then(|id| session.category(id))?;
    let said = session.verdict(category.id, photo);
    let mut act = None;
    for verdict in [Verdict::Yes, Verdict::No] {
        let is_said = said == Some(verdict);
        let (icon, name, tip) = verdict_words(category, verdict, is_said);
        let ink = if is_said { theme::palette_of(ui).accent } else { ui.visuals().text_color() };
        let on_click = Act::Say(Said::OfSelected((!is_said).then_some(verdict)));
        act = act.or(strip_button(ui, (RichText::new(icon).color(ink), &name, &tip), on_click, true));
    }
    act
}

/// Icon, name and tooltip of a button with a verdict.
fn verdict_words(category: &Category, verdict: Verdict, is_said: bool) -> (&'static str, String, String) {
    let name = category.leaf();
    let (icon, text, key) = match verdict {
        Verdict::Yes => (icons::THUMBS_UP, tr!("Yes, {category}", category = name), "Y"),
        Verdict::No => (icons::THUMBS_DOWN, tr!("No, not {category}", category = name), "N"),
    };
    let tip = if is_said { tr("You said so. Click to take it back (0)").to_owned() } else { format!("{text} ({key})") };
    (icon, text, tip)
}

fn take_keys(ui: &Ui, own: Id, ears: &mut Ears) -> Option<Act> {
    if !ears.hear(ui.ctx(), own) {
        return None;
    }
    let middle = ui.available_rect_before_wrap().center();
    let at = ui.input(|input| input.pointer.hover_pos()).unwrap_or(middle);
    let acts = [
        (Key::Space, Act::Close),
        (Key::Enter, Act::Close),
        (Key::Escape, Act::Close),
        (Key::Z, Act::Toggle(at)),
        (Key::ArrowLeft, Act::Back),
        (Key::ArrowRight, Act::On),
        (Key::Plus, Act::Magnify(ZOOM_STEP)),
        (Key::Equals, Act::Magnify(ZOOM_STEP)),
        (Key::Minus, Act::Magnify(1.0 / ZOOM_STEP)),
    ];
    ui.input_mut(|input| {
        let said = verdicts::take(input).first().map(|said| Act::Say(*said));
        said.or_else(|| acts.into_iter().find(|(key, _)| input.consume_key(Modifiers::NONE, *key)).map(|(_, act)| act))
    })
}

/// A photo and its neighbours in the ranking.
struct Around {
    photo: PhotoId,
    previous: Option<PhotoId>,
    next: Option<PhotoId>,
    /// Its place, from 1, and of how many.
    place: Option<usize>,
    of: usize,
}

impl Around {
    fn of(session: &Session, photo: PhotoId) -> Around {
        let ranking = session.ranking();
        let mut order = ranking.groups.iter().flat_map(|group| group.photos.iter().copied());
        let mut around = Around { photo, previous: None, next: None, place: None, of: ranking.len() };
        let place = order.by_ref().inspect(|other| around.note_before(*other)).position(|other| other == photo);
        around.place = place.map(|place| place + 1);
        around.next = order.next();
        around
    }

    fn note_before(&mut self, other: PhotoId) {
        if other != self.photo {
            self.previous = Some(other);
        }
    }

    fn position(&self) -> String {
        let place = self.place.map_or_else(|| "–".to_owned(), words::count);
        tr!("{part} of {all}", part = place, all = words::count(self.of))
    }
}

/// How the space is divided.
struct Parts {
    strip: Rect,
    stage: Rect,
    side: Option<Rect>,
}

impl Parts {
    fn of(whole: Rect) -> Parts {
        let has_side = whole.width() >= LEAST_WIDTH_WITH_SIDE;
        let split = if has_side { whole.right() - SIDE_WIDTH } else { whole.right() };
        let (left, right) = whole.split_left_right_at_x(split);
        let (strip, stage) = left.split_top_bottom_at_y(whole.top() + STRIP_HEIGHT);
        Parts { strip, stage, side: has_side.then_some(right) }
    }
}

fn show_side(ui: &mut Ui, rect: Option<Rect>, session: &Session, photo: PhotoId) {
    let Some(rect) = rect else { return };
    ui.painter().rect_filled(rect, 0.0, ui.visuals().panel_fill);
    ui.scope_builder(UiBuilder::new().max_rect(rect.shrink(4.0 * theme::STEP)), |ui| {
        ScrollArea::vertical().id_salt("scores").auto_shrink(false).show(ui, |ui| scores::show(ui, session, photo));
    });
}
