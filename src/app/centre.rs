//! What stands in the middle of the window while there are no photos to show: why, and what can be done.

use eframe::egui::{Align, Layout, RichText, ScrollArea, Spinner, Ui, UiBuilder, vec2};

use super::controls::{note, primary_button, text_button};
use super::keys::Action;
use super::theme::{STEP, palette_of, semibold};
use super::toolbar::name_of;
use super::welcome::{self, Welcome};
use super::{Requests, icons};
use crate::catalog::words::count;
use crate::catalog::{Filter, Order};
use crate::engine::{Command, Problem, Session};
use crate::language::{message, plural, tr};

/// What the middle of the window is for at the moment.
#[derive(Clone, Debug, PartialEq)]
pub enum Centre {
    /// Nothing is open.
    Welcome,
    /// The folder is being looked into, and nothing was found yet.
    Looking,
    /// What was to be opened is not there, or may not be read.
    Unreachable(Problem),
    Empty,
    NothingReadable,
    /// Photos that are almost the same are asked for, and there are none.
    NoneAlike,
    /// There are photos, but the filter lets none through.
    NonePasses,
    Photos,
}

impl Centre {
    pub fn of(session: &Session) -> Centre {
        let counts = session.counts();
        let has_folder = session.roots().next().is_some();
        match counts.found {
            _ if !has_folder => Centre::Welcome,
            0 => unreachable_root(session)
                .map_or(if counts.is_scanning { Centre::Looking } else { Centre::Empty }, Centre::Unreachable),
            found if found == counts.unreadable && !counts.is_scanning => Centre::NothingReadable,
            _ if session.is_filtered() && session.passing() == 0 => Centre::NonePasses,
            _ if is_without_alike(session) => Centre::NoneAlike,
            _ => Centre::Photos,
        }
    }
}

/// Whether photos are open that others can be compared with.
pub fn has_photos(session: &Session) -> bool {
    matches!(Centre::of(session), Centre::Photos | Centre::NoneAlike | Centre::NonePasses)
}

fn is_without_alike(session: &Session) -> bool {
    session.order() == Order::Alike && !session.is_searching() && session.ranking().is_empty()
}

/// The reason why a folder as a whole cannot be looked into.
fn unreachable_root(session: &Session) -> Option<Problem> {
    let problems = session.problems();
    let is_root = |problem: &&Problem| session.roots().any(|root| root == problem.path);
    problems.iter().find(is_root).cloned()
}

/// Draws the middle of the window where there are no photos to show.
pub fn show(ui: &mut Ui, centre: &Centre, welcome: &Welcome, session: &Session, requests: &mut Requests) {
    let open = session.roots().next().map(name_of).unwrap_or_default();
    match centre {
        Centre::Welcome => welcome::show(ui, welcome, session, requests),
        Centre::Photos => {}
        Centre::Looking => page(ui, |ui| {
            ui.add(Spinner::new().size(28.0));
            title(ui, &tr!("Looking for photos in {folder}", folder = open));
        }),
        Centre::Unreachable(problem) => page(ui, |ui| show_unreachable(ui, problem, requests)),
        Centre::Empty => page(ui, |ui| {
            picture(ui, icons::IMAGES);
            title(ui, &tr!("There are no photos in {folder}", folder = open));
            note(
                ui,
                tr(
                    "Tagroll reads JPEG, PNG, WebP, GIF, TIFF, BMP and raw files, in this folder and in those below it.",
                ),
            );
            show_ways_on(ui, requests);
        }),
        Centre::NonePasses => page(ui, |ui| show_none_passes(ui, session, requests)),
        Centre::NoneAlike => page(ui, |ui| show_none_alike(ui, session, requests)),
        Centre::NothingReadable => page(ui, |ui| {
            picture(ui, icons::IMAGE_BROKEN);
            title(
                ui,
                &plural!(
                    session.counts().found,
                    "The one photo in {folder} cannot be read",
                    "None of the {n} photos in {folder} can be read",
                    folder = open
                ),
            );
            if text_button(ui, Some(icons::LIST), tr("Show why"), tr("Each photo with its reason")).clicked() {
                requests.actions.push(Action::ShowUnreadable);
            }
            show_ways_on(ui, requests);
        }),
    }
}

/// While a folder is dragged over the window.
pub fn show_drop(ui: &Ui, files: usize, is_model: bool, may_be_similar: bool) {
    let colours = palette_of(ui);
    let area = ui.ctx().content_rect();
    let painter = ui
        .ctx()
        .layer_painter(eframe::egui::LayerId::new(eframe::egui::Order::Foreground, eframe::egui::Id::unique("drop")));
    painter.rect_filled(area, 0.0, colours.panel.gamma_multiply(0.9));
    let frame = area.shrink(4.0 * STEP);
    let stroke = eframe::egui::Stroke::new(2.0, colours.accent);
    painter.rect_stroke(frame, 8.0, stroke, eframe::egui::StrokeKind::Inside);
    let text = match files {
        _ if is_model => tr("Let go to add this model").to_owned(),
        _ if may_be_similar => tr("Let go to open it, or to find photos like it").to_owned(),
        0 | 1 => tr("Let go to open it").to_owned(),
        _ => tr!("Let go to open these {files}", files = count(files)),
    };
    let font = eframe::egui::FontId::new(super::theme::LARGE, semibold());
    painter.text(area.center(), eframe::egui::Align2::CENTER_CENTER, text, font, colours.text);
}

fn show_none_passes(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    picture(ui, icons::SLIDERS_HORIZONTAL);
    title(ui, tr("No photo passes the filter"));
    if session.undescribed() > 0 {
        note_paragraph(ui, &undescribed(session));
    }
    if text_button(ui, Some(icons::SQUARES_FOUR), tr("Show all photos"), tr("Clear the filter (Escape)")).clicked() {
        requests.commands.push(Command::SetFilter(Filter::default()));
    }
}

/// How many photos the filter cannot judge yet.
pub fn undescribed(session: &Session) -> String {
    plural!(session.undescribed(), "{n} photo is still to be looked into.", "{n} photos are still to be looked into.")
}

fn show_none_alike(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    let waiting = session.counts().waiting();
    picture(ui, icons::COPY);
    match waiting {
        0 if session.is_comparing() => title(ui, tr("Comparing the photos")),
        0 => title(ui, tr("No photos are almost the same")),
        _ => title(ui, tr("Photos that are almost the same show when all are read")),
    }
    match waiting {
        0 => note_paragraph(ui, tr("Bursts, copies and small edits of one photo would stand together here.")),
        _ => note_paragraph(ui, &plural!(waiting, "{n} photo is to be read yet.", "{n} photos are to be read yet.")),
    }
    if text_button(ui, Some(icons::SQUARES_FOUR), tr("Show groups"), tr("Each photo under its category")).clicked() {
        requests.commands.push(Command::SetOrder(Order::Groups));
    }
}

fn show_unreachable(ui: &mut Ui, problem: &Problem, requests: &mut Requests) {
    picture(ui, icons::WARNING);
    title(ui, &tr!("{name} cannot be opened", name = name_of(&problem.path)));
    note_paragraph(ui, &format!("{}: {}", problem.path.display(), message(&problem.reason)));
    note_paragraph(
        ui,
        tr("If it is on a drive that was taken out, connect it and try again. What was read before is kept."),
    );
    show_ways_on(ui, requests);
}

/// What can be done where a folder shows nothing.
fn show_ways_on(ui: &mut Ui, requests: &mut Requests) {
    ui.add_space(2.0 * STEP);
    if primary_button(ui, icons::FOLDER_OPEN, tr("Open another folder…"), tr("Choose folders with photos")).clicked()
    {
        requests.actions.push(Action::OpenFolder);
    }
    if text_button(ui, Some(icons::ARROW_CLOCKWISE), tr("Look again"), tr("Look into this folder once more")).clicked()
    {
        requests.commands.push(Command::Refresh);
    }
}

/// A column in the middle, which scrolls where the window is low.
pub fn page(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let height_id = ui.scope_id().with("height of the page");
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        let height = ui.data(|data| data.get_temp::<f32>(height_id)).unwrap_or(280.0);
        let above = ((ui.available_height() - height) * 0.45).max(3.0 * STEP);
        let width = ui.available_width().min(520.0);
        let area = ui.available_rect_before_wrap();
        let column = eframe::egui::Rect::from_min_size(
            eframe::egui::pos2(area.center().x - width / 2.0, area.top() + above),
            vec2(width, f32::INFINITY.min(area.height())),
        );
        let builder = UiBuilder::new().max_rect(column).layout(Layout::top_down(Align::Center));
        let drawn = ui.scope_builder(builder, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0 * STEP;
            content(ui);
        });
        ui.data_mut(|data| data.insert_temp(height_id, drawn.response.rect.height()));
    });
}

pub fn title(ui: &mut Ui, text: &str) {
    ui.heading(text);
}

pub fn note_paragraph(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).weak());
}

fn picture(ui: &mut Ui, icon: &str) {
    ui.label(RichText::new(icon).size(48.0).color(palette_of(ui).weak));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::catalog::{Fingerprint, FoundFile};
    use crate::engine::{Event, Saved, Visit};

    const ROOT: &str = "photos";

    fn opened() -> Session {
        let mut session = Session::new(Saved::default(), false);
        session.apply(Command::Open(vec![ROOT.into()]));
        session
    }

    fn visit(session: &Session) -> Visit {
        session.wish().visits.remove(0)
    }

    fn found(name: &str) -> (FoundFile, Fingerprint) {
        let file = FoundFile { path: Path::new(ROOT).join(name).into(), size_bytes: 1, modified_ns: 0 };
        (file, Fingerprint([name.len() as u8; 16]))
    }

    #[test]
    fn nothing_open_is_a_welcome() {
        assert_eq!(Centre::of(&Session::new(Saved::default(), false)), Centre::Welcome);
    }

    #[test]
    fn a_folder_without_photos_is_looked_into_and_then_empty() {
        let mut session = opened();
        assert_eq!(Centre::of(&session), Centre::Looking);
        session.absorb(Event::Visited(visit(&session)));
        assert_eq!(Centre::of(&session), Centre::Empty);
    }

    #[test]
    fn a_folder_that_is_gone_says_so() {
        let mut session = opened();
        let visit = visit(&session);
        let problem = Problem { path: ROOT.into(), reason: "It is not there.".to_owned() };
        session.absorb(Event::Problems { visit: visit.clone(), problems: vec![problem.clone()] });
        session.absorb(Event::Visited(visit));
        assert_eq!(Centre::of(&session), Centre::Unreachable(problem));
    }

    #[test]
    fn a_folder_of_unreadable_photos_says_so_once_all_were_tried() {
        let mut session = opened();
        let visit = visit(&session);
        let (photo, other) = (found("a.jpg"), found("bb.jpg"));
        session.absorb(Event::Found { visit: visit.clone(), photos: vec![photo.clone(), other.clone()] });
        session.absorb(Event::Unreadable(vec![(photo.1, "damaged".to_owned())]));
        session.absorb(Event::Visited(visit));
        assert_eq!(Centre::of(&session), Centre::Photos);
        session.absorb(Event::Unreadable(vec![(other.1, "damaged".to_owned())]));
        assert_eq!(Centre::of(&session), Centre::NothingReadable);
    }
}
