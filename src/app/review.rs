//! The review: one photo after another, large, each with one question that a key answers. Those whose answers teach
//! most come first.

use eframe::egui::{
    self, Align, Button, Id, Key, Layout, Modifiers, Rect, RichText, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo,
    pos2, vec2,
};

use super::controls::{at_the_right, icon_button, note, text_button};
use super::grid::{Ears, file_name, fitted};
use super::keys::{Action, hint};
use super::loupe::{Zoom, paint, stage_of};
use super::textures::Textures;
use super::theme::{self, STEP, palette_of, semibold};
use super::{Requests, histogram, icons, tuning};
use crate::catalog::words::{count, counted};
use crate::catalog::{Category, Heading, PhotoId, Verdict};
use crate::engine::{Command, Review, Session};
use crate::language::tr;

const HEADER: f32 = 44.0;
const QUESTION: f32 = 108.0;
const STRIP: f32 = 72.0;
const SIDE: f32 = 248.0;
const BAND: f32 = 60.0;
/// Narrower or lower than this, the photo has the room of the histogram or of the strip.
const LEAST_WIDTH_WITH_SIDE: f32 = 720.0;
const LEAST_HEIGHT_WITH_STRIP: f32 = 420.0;

/// What the page keeps from one frame to the next.
#[derive(Default)]
pub struct ReviewPage {
    is_shown: bool,
    ears: Ears,
    large: Vec<PhotoId>,
    thumbnails: Vec<PhotoId>,
}

/// What the answer to the question can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    Say(Verdict),
    Skip,
    Leave,
}

/// Begins the review of the selected category, or of the first; or ends it.
pub fn toggled(session: &Session, is_shown: bool) -> Option<Command> {
    if is_shown {
        return Some(Command::Review(None));
    }
    let category = session.selected().or(session.categories().first().map(|category| category.id))?;
    Some(Command::Review(Some(category)))
}

impl ReviewPage {
    /// Whether the page was drawn in the last frame.
    pub fn is_shown(&self) -> bool {
        self.is_shown
    }

    /// Draws the page if a review is under way; returns whether it is.
    pub fn show(&mut self, ui: &mut Ui, session: &Session, textures: &mut Textures, requests: &mut Requests) -> bool {
        let review = session.review().filter(|review| session.category(review.category).is_some());
        let Some(review) = review else {
            self.close(textures, &mut requests.commands);
            return false;
        };
        self.is_shown = true;
        let own = ui.make_persistent_id("review");
        let parts = Parts::of(ui.available_rect_before_wrap());
        let reply = self.take_keys(ui, own);
        self.ask(ui, session, textures, &review, &mut requests.commands);
        let clicked = show_page(ui, own, session, &review, textures, &parts, requests);
        match reply.or(clicked) {
            Some(Reply::Say(verdict)) => requests.commands.push(Command::AnswerQuestion(verdict)),
            Some(Reply::Skip) => requests.commands.push(Command::SkipQuestion),
            Some(Reply::Leave) => requests.commands.push(Command::Review(None)),
            None => {}
        }
        true
    }

    fn close(&mut self, textures: &mut Textures, commands: &mut Vec<Command>) {
        if std::mem::take(self).is_shown {
            textures.forget_large();
            commands.push(Command::ShowLarge(Vec::new()));
        }
    }

    fn take_keys(&mut self, ui: &Ui, own: Id) -> Option<Reply> {
        if !self.ears.hear(ui.ctx(), own) {
            return None;
        }
        const KEYS: [(Key, Reply); 5] = [
            (Key::Y, Reply::Say(Verdict::Yes)),
            (Key::N, Reply::Say(Verdict::No)),
            (Key::Space, Reply::Skip),
            (Key::ArrowRight, Reply::Skip),
            (Key::Escape, Reply::Leave),
        ];
        ui.input_mut(|input| {
            let mut pressed = KEYS.into_iter().filter(|(key, _)| input.consume_key(Modifiers::NONE, *key));
            pressed.next().map(|(_, reply)| reply)
        })
    }

    /// Asks for the photo large, with the one that comes next, and for thumbnails of those that follow.
    fn ask(
        &mut self,
        ui: &Ui,
        session: &Session,
        textures: &mut Textures,
        review: &Review,
        commands: &mut Vec<Command>,
    ) {
        let next = review.upcoming.first().copied();
        if let Some(next) = next {
            textures.large(ui.ctx(), session, next);
        }
        let large: Vec<PhotoId> = review.question.into_iter().chain(next).collect();
        if large != self.large {
            commands.push(Command::ShowLarge(large.clone()));
            self.large = large;
        }
        let shown = review.question.iter().chain(&review.upcoming).copied();
        let thumbnails: Vec<PhotoId> = shown.filter(|photo| !textures.has_thumbnail(session, *photo)).collect();
        if thumbnails != self.thumbnails {
            commands.push(Command::ShowThumbnails(thumbnails.clone()));
            self.thumbnails = thumbnails;
        }
    }
}

fn show_page(
    ui: &mut Ui,
    own: Id,
    session: &Session,
    review: &Review,
    textures: &mut Textures,
    parts: &Parts,
    requests: &mut Requests,
) -> Option<Reply> {
    let category = session.category(review.category)?;
    ui.painter().rect_filled(parts.whole, 0.0, palette_of(ui).ground);
    let mut reply = within(ui, parts.header, |ui| show_header(ui, session, category, review, requests));
    if let Some(side) = parts.side {
        ui.painter().rect_filled(side, 0.0, palette_of(ui).panel);
        within(ui, side, |ui| show_side(ui, session, category, review));
    }
    if let Some(band) = parts.band {
        within(ui, band, |ui| {
            histogram::show_small(ui, session, category, fit_of(session, review));
            tuning::show_estimate(ui, session, category.id);
        });
    }
    let Some(photo) = review.question else {
        return reply.or(within(ui, parts.stage, |ui| show_end(ui, session, category, review)));
    };
    let stage = stage_of(ui, session, photo, parts.stage);
    paint(ui, &stage, Zoom::Fit.place(&stage), session, textures, photo);
    let response = ui.interact(parts.stage, own, Sense::FOCUSABLE);
    let name = file_name(&session.library().photo(photo).file.path);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    reply = reply.or(within(ui, parts.question, |ui| show_question(ui, category)));
    if let Some(strip) = parts.strip {
        show_upcoming(ui, strip, session, review, textures);
    }
    reply
}

fn within<R>(ui: &mut Ui, rect: Rect, content: impl FnOnce(&mut Ui) -> R) -> R {
    let builder = UiBuilder::new().max_rect(rect.shrink2(vec2(4.0 * STEP, 2.0 * STEP)));
    ui.scope_builder(builder, content).inner
}

/// What is reviewed, how far it is, and the way back.
fn show_header(
    ui: &mut Ui,
    session: &Session,
    category: &Category,
    review: &Review,
    requests: &mut Requests,
) -> Option<Reply> {
    let mut reply = None;
    ui.horizontal(|ui| {
        ui.label(RichText::new(tr("Review")).family(semibold()));
        show_choice(ui, session, category, requests);
        note(ui, counted(review.answered, "answer", "answers"));
        at_the_right(ui, |ui| {
            let tip = tr("Back to the photos (Escape)");
            if icon_button(ui, icons::X, tr("Leave the review"), tip).clicked() {
                reply = Some(Reply::Leave);
            }
            let tip = format!("{}{}", tr("Take back the last answer"), hint(ui.ctx(), Action::Undo));
            let button = Button::new(RichText::new(icons::ARROW_COUNTER_CLOCKWISE).size(18.0));
            let button = button.frame_when_inactive(false);
            let response = ui.add_enabled(review.answered > 0, button).accessible_name(tr("Take back the last answer"));
            if response.on_hover_text(tip).clicked() {
                requests.actions.push(Action::Undo);
            }
        });
    });
    reply
}

/// Another category can be reviewed without a way back to the list.
fn show_choice(ui: &mut Ui, session: &Session, category: &Category, requests: &mut Requests) {
    let text = format!("{}  {}", category.name, icons::CARET_DOWN);
    let menu = ui.menu_button(text, |ui| {
        for other in session.categories() {
            if ui.selectable_label(other.id == category.id, &other.name).clicked() {
                requests.commands.push(Command::SelectCategory(Some(other.id)));
                requests.commands.push(Command::Review(Some(other.id)));
                ui.close();
            }
        }
    });
    menu.response.accessible_name(tr("Category under review")).on_hover_text(tr("Review another category"));
}

fn show_question(ui: &mut Ui, category: &Category) -> Option<Reply> {
    let mut reply = None;
    ui.vertical_centered(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0 * STEP;
        let text = tr!("Does this belong to {category}?", category = category.leaf());
        ui.label(RichText::new(text).size(theme::LARGE).family(semibold()).color(palette_of(ui).text));
        // Three buttons of one width, with the gaps between them, stand in the middle.
        let size = vec2(((ui.available_width() - 4.0 * STEP) / 3.0).min(136.0), 44.0);
        let row = vec2(3.0 * size.x + 4.0 * STEP, size.y);
        ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0 * STEP;
            // On the ground of the photos, the colour of a button at rest would not stand out.
            ui.visuals_mut().widgets.inactive.weak_bg_fill = palette_of(ui).panel;
            let replies = [
                (icons::CHECK, tr("Yes"), "Y", tr("It belongs there"), Reply::Say(Verdict::Yes)),
                (icons::X, tr("No"), "N", tr("It does not belong there"), Reply::Say(Verdict::No)),
                (icons::CARET_RIGHT, tr("Skip"), tr("Space"), tr("Ask about another photo"), Reply::Skip),
            ];
            for (icon, name, key, tip, on_click) in replies {
                if answer_button(ui, size, icon, name, key).on_hover_text(format!("{tip} ({key})")).clicked() {
                    reply = Some(on_click);
                }
            }
        });
    });
    reply
}

/// The key stands on the button, because it is the quicker way.
fn answer_button(ui: &mut Ui, size: Vec2, icon: &str, name: &str, key: &str) -> egui::Response {
    let key = RichText::new(key).small().color(palette_of(ui).weak);
    let text = RichText::new(name).family(semibold());
    let button = Button::new((RichText::new(icon).size(18.0), text, key)).min_size(size);
    ui.add(button).accessible_name(name)
}

/// The histogram moves with every answer; beside it what is known of how good the category is.
fn show_side(ui: &mut Ui, session: &Session, category: &Category, review: &Review) {
    ui.spacing_mut().item_spacing.y = 2.0 * STEP;
    histogram::show_fixed(ui, session, category, fit_of(session, review));
    ui.add_space(STEP);
    tuning::show_estimate(ui, session, category.id);
    let (yes, no) = session.verdict_counts(category.id);
    note(
        ui,
        tr!("You said {yes} and {no}.", yes = counted(yes, "yes", "times yes"), no = counted(no, "no", "times no")),
    );
}

/// How well the photo that is asked about fits.
fn fit_of(session: &Session, review: &Review) -> Option<f32> {
    session.fit(review.question?, Heading::Category(review.category))
}

/// The photos that would be asked about next.
fn show_upcoming(ui: &Ui, strip: Rect, session: &Session, review: &Review, textures: &mut Textures) {
    let (mut x, height) = (strip.left() + 4.0 * STEP, strip.height() - 4.0 * STEP);
    for photo in &review.upcoming {
        let aspect = session.library().look(*photo).map_or(1.5, |look| look.aspect()).clamp(0.5, 2.0);
        let frame = Rect::from_min_size(pos2(x, strip.top()), vec2(height * aspect, height));
        if frame.right() > strip.right() - 4.0 * STEP {
            break;
        }
        x = frame.right() + 2.0 * STEP;
        let place = session.library().look(*photo).map_or(frame, |look| fitted(frame, look.aspect()));
        match textures.thumbnail(ui.ctx(), session, *photo) {
            Some(texture) => {
                let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                // Fainter than the photo that is asked about.
                ui.painter().image(texture, place, all, egui::Color32::from_gray(150));
            }
            None => _ = ui.painter().rect_filled(place, 0.0, palette_of(ui).raised),
        }
        let response = ui.interact(frame, ui.unique_id().with(("upcoming", photo.0)), Sense::hover());
        let name = tr!("Next: {name}", name = file_name(&session.library().photo(*photo).file.path));
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    }
}

/// There is nothing to ask: not yet, or not any more.
fn show_end(ui: &mut Ui, session: &Session, category: &Category, review: &Review) -> Option<Reply> {
    let counts = session.counts();
    let (icon, title, text) = if counts.waiting() > 0 || !session.is_scored(category.id) {
        let text = tr!(
            "{done} of {found} photos are read. Questions come by themselves as more are.",
            done = count(counts.embedded),
            found = count(counts.found)
        );
        (icons::HOURGLASS, tr("Nothing to ask yet"), text)
    } else {
        let given = counted(review.answered, "answer", "answers");
        let text =
            tr!("Every photo is answered or skipped; you gave {answers}. What you said is kept.", answers = given);
        (icons::CHECK_CIRCLE, tr("Nothing left to ask"), text)
    };
    let mut reply = None;
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.3).max(STEP));
        ui.label(RichText::new(icon).size(48.0).color(palette_of(ui).weak));
        ui.heading(title);
        ui.label(RichText::new(text).weak());
        ui.add_space(2.0 * STEP);
        if text_button(ui, None, tr("Back to the photos"), tr("Leave the review (Escape)")).clicked() {
            reply = Some(Reply::Leave);
        }
    });
    reply
}

/// How the space is divided.
#[derive(Debug, PartialEq)]
struct Parts {
    whole: Rect,
    header: Rect,
    stage: Rect,
    question: Rect,
    strip: Option<Rect>,
    side: Option<Rect>,
    /// Has the histogram where there is no side.
    band: Option<Rect>,
}

impl Parts {
    fn of(whole: Rect) -> Parts {
        let has_side = whole.width() >= LEAST_WIDTH_WITH_SIDE;
        let has_strip = whole.height() >= LEAST_HEIGHT_WITH_STRIP;
        let split = if has_side { whole.right() - SIDE } else { whole.right() };
        let (left, side) = whole.split_left_right_at_x(split);
        let (header, rest) = left.split_top_bottom_at_y(whole.top() + HEADER);
        let foot = QUESTION + if has_strip { STRIP } else { 0.0 };
        let (stage, foot) = rest.split_top_bottom_at_y(rest.bottom() - foot);
        let (question, strip) = foot.split_top_bottom_at_y(foot.top() + QUESTION);
        let has_band = has_strip && !has_side;
        let (band, stage) = stage.split_top_bottom_at_y(stage.top() + if has_band { BAND } else { 0.0 });
        let stage = stage.shrink2(vec2(4.0 * STEP, 0.0));
        let (strip, side) = (has_strip.then_some(strip), has_side.then_some(side));
        Parts { whole, header, stage, question, strip, side, band: has_band.then_some(band) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::CategoryId;
    use crate::engine::Saved;

    #[test]
    fn the_photo_has_most_of_the_room_in_every_window() {
        for (width, height) in [(1008.0, 680.0), (628.0, 480.0), (480.0, 320.0)] {
            let parts = Parts::of(Rect::from_min_size(pos2(0.0, 0.0), vec2(width, height)));
            assert!(parts.stage.height() > 0.4 * height && parts.stage.width() > 0.6 * width, "{parts:?}");
        }
    }

    #[test]
    fn the_review_is_of_the_selected_category_or_else_of_the_first() {
        let mut session = Session::new(Saved::default(), false);
        assert_eq!(toggled(&session, false), None);
        session.apply(Command::AddCategory("dog".to_owned()));
        session.apply(Command::AddCategory("cat".to_owned()));
        assert_eq!(toggled(&session, false), Some(Command::Review(Some(CategoryId(1)))));
        session.apply(Command::SelectCategory(None));
        assert_eq!(toggled(&session, false), Some(Command::Review(Some(CategoryId(0)))));
        assert_eq!(toggled(&session, true), Some(Command::Review(None)));
    }
}
