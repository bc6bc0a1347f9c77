//! The filter: a button in the toolbar, and below it what photos must have to be shown.

use eframe::egui::{
    Button, Context, Frame, Id, Key, Margin, Popup, PopupCloseBehavior, Response, RichText, Role, Sense, TextEdit, Ui,
    WidgetInfo, vec2,
};

use super::chips::{Chip, label_colour, paint_star};
use super::controls::{at_the_right, heading, note, small_icon_button, text_button};
use super::keys::{Action, hint};
use super::theme::{CONTROL, STEP, palette_of};
use super::{Requests, icons};
use crate::catalog::words::{count, counted};
use crate::catalog::{Filter, RatingFilter, same_label};
use crate::engine::{Command, Session};
use crate::language::{plural, text, tr};

const WIDTH: f32 = 264.0;
const STAR: f32 = 9.0;

/// Opens it, with the keyboard in its first field, or closes it.
pub fn toggle(ctx: &Context) {
    Popup::toggle_id(ctx, popup_id());
    take_keyboard(ctx);
}

/// "Shows 214 of 4,120 photos".
pub fn in_words(session: &Session) -> String {
    plural!(
        session.library().len(),
        "Shows {passing} of {n} photo",
        "Shows {passing} of {n} photos",
        passing = count(session.passing())
    )
}

/// Draws the button, and the fields while they are open.
pub fn show(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    let colours = palette_of(ui);
    let is_on = session.is_filtered();
    let icon = RichText::new(icons::SLIDERS_HORIZONTAL).size(18.0);
    let icon = if is_on { icon.color(colours.on_accent) } else { icon };
    let button = Button::new(icon).frame_when_inactive(is_on).min_size(vec2(CONTROL, CONTROL)).selected(false);
    let button = if is_on { button.fill(colours.accent) } else { button };
    let response = ui.scope(|ui| {
        ui.spacing_mut().button_padding.x = 4.0;
        ui.add(button)
    });
    let state = if is_on { in_words(session) } else { tr("Show only some photos").to_owned() };
    let tip = tr!("{what}: by keyword, stars or label", what = state) + &hint(ui.ctx(), Action::Filter);
    let response = response.inner.accessible_name(tr("Filter")).on_hover_text(tip);
    if response.clicked() {
        take_keyboard(ui.ctx());
    }
    let popup = Popup::from_toggle_button_response(&response).id(popup_id()).width(WIDTH);
    popup.close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        Frame::new().inner_margin(Margin::symmetric(8, 4)).show(ui, |ui| {
            ui.set_width(WIDTH);
            show_fields(ui, session, requests);
        });
    });
    ui.add_space(STEP);
}

fn popup_id() -> Id {
    Id::unique("filter")
}

fn is_opening() -> Id {
    Id::unique("filter is opening")
}

/// The field is there only in a later frame.
fn take_keyboard(ctx: &Context) {
    ctx.data_mut(|data| data.insert_temp(is_opening(), true));
    ctx.request_repaint();
}

/// A small button that shows all photos again.
pub fn show_clear(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    if session.is_filtered()
        && small_icon_button(ui, icons::X, tr("Clear the filter"), tr("Show all photos (Escape)")).clicked()
    {
        requests.commands.push(Command::SetFilter(Filter::default()));
    }
}

fn show_fields(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    let mut filter = session.filter().clone();
    show_keyword(ui, &mut filter);
    show_rating(ui, &mut filter);
    show_label(ui, session, &mut filter);
    show_tagged(ui, &mut filter);
    ui.add_space(2.0 * STEP);
    ui.separator();
    ui.horizontal(|ui| {
        note(ui, in_words(session));
        at_the_right(ui, |ui| {
            if filter.is_on() && text_button(ui, None, tr("Show all"), tr("Ask for nothing")).clicked() {
                filter = Filter::default();
            }
        });
    });
    if session.undescribed() > 0 {
        note(ui, super::centre::undescribed(session));
    }
    if filter != *session.filter() {
        requests.commands.push(Command::SetFilter(filter));
    }
}

/// Enter has seen enough.
fn show_keyword(ui: &mut Ui, filter: &mut Filter) {
    heading(ui, tr("Keyword"));
    let field = TextEdit::singleline(&mut filter.keyword).hint_text(tr("any")).desired_width(f32::INFINITY);
    let response = ui.add(field).accessible_name(tr("Keyword contains"));
    // In the pass that only measures, nothing takes the keyboard.
    if !ui.is_sizing_pass() && ui.data_mut(|data| data.remove_temp::<bool>(is_opening())).is_some() {
        response.request_focus();
    }
    let tip = tr("A part of a keyword, yours or Tagroll's; parts of a path stand with / between them");
    if response.on_hover_text(tip).lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
        ui.close();
    }
}

fn show_rating(ui: &mut Ui, filter: &mut Filter) {
    ui.add_space(2.0 * STEP);
    heading(ui, tr("Rating"));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let least = match filter.rating {
            Some(RatingFilter::AtLeast(least)) => least,
            _ => 0,
        };
        for stars in 1..=5 {
            if show_star(ui, stars, least).clicked() {
                filter.rating = (stars != least).then_some(RatingFilter::AtLeast(stars));
            }
        }
        at_the_right(ui, |ui| {
            let is_on = filter.rating == Some(RatingFilter::Rejected);
            let chip = Chip { is_on, ..Chip::of(tr("Rejected")) };
            if chip.show(ui, tr("Rejected")).on_hover_text(tr("Photos that were rejected in another program")).clicked()
            {
                filter.rating = (!is_on).then_some(RatingFilter::Rejected);
            }
        });
    });
}

fn show_star(ui: &mut Ui, stars: u8, least: u8) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(2.0 * STAR + 6.0, CONTROL), Sense::click());
    let name = match stars {
        5 => counted(5, "star", "stars"),
        stars => plural!(stars.into(), "{n} star or more", "{n} stars or more"),
    };
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), stars == least, &name));
    let colours = palette_of(ui);
    let is_filled = stars <= least;
    let colour = match is_filled {
        true => colours.accent,
        false if response.hovered() || response.has_focus() => colours.text,
        false => colours.weak,
    };
    paint_star(ui.painter(), rect.center(), STAR, colour, is_filled);
    response.on_hover_text(name)
}

/// Those that there are, and the one that is asked for.
fn show_label(ui: &mut Ui, session: &Session, filter: &mut Filter) {
    ui.add_space(2.0 * STEP);
    heading(ui, tr("Label"));
    let asked = filter.label.clone();
    let is_asked = |label: &str| asked.as_deref().is_some_and(|asked| same_label(asked, label));
    let is_missing = |asked: &&str| !session.known_labels().any(|label| same_label(label, asked));
    let labels: Vec<&str> = session.known_labels().chain(asked.as_deref().filter(is_missing)).collect();
    if labels.is_empty() {
        note(ui, tr("No photo here has one"));
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(STEP, STEP);
        for label in labels {
            let (is_on, dot) = (is_asked(label), label_colour(label, ui.visuals().dark_mode));
            let name = super::chips::label_name(label);
            let chip = Chip { is_on, dot, ..Chip::of(name) };
            if chip.show(ui, &tr!("Label {name}", name)).clicked() {
                filter.label = (!is_on).then(|| label.to_owned());
            }
        }
    });
}

fn show_tagged(ui: &mut Ui, filter: &mut Filter) {
    ui.add_space(2.0 * STEP);
    heading(ui, tr("Tagged by Tagroll"));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = STEP;
        for (is_tagged, text, name) in [
            (None, text("Either"), text("Tagged or not")),
            (Some(true), text("Yes"), text("Only tagged by Tagroll")),
            (Some(false), text("No"), text("Not tagged by Tagroll")),
        ] {
            let chip = Chip { is_on: filter.is_tagged == is_tagged, ..Chip::of(tr(text)) };
            if chip.show(ui, tr(name)).clicked() {
                filter.is_tagged = is_tagged;
            }
        }
    });
}
