//! What is written down about the photo: its stars and label, the person's keywords, and beside them Tagroll's own.

use eframe::egui::{RichText, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::app::chips::{Chip, label_colour, paint_star, rating_in_words};
use crate::app::controls::heading;
use crate::app::theme::{STEP, palette_of};
use crate::app::{Requests, icons};
use crate::catalog::{Filter, Keyword, Metadata, PhotoId};
use crate::engine::{Command, Session};
use crate::language::{message, tr};

const STAR: f32 = 7.0;

/// Draws what there is, and nothing where there is nothing.
pub fn show(ui: &mut Ui, session: &Session, photo: PhotoId, requests: &mut Requests) {
    let Some(metadata) = session.metadata(photo) else { return };
    show_rating_and_label(ui, metadata);
    let trouble = session.metadata_trouble(photo);
    if metadata.keywords.is_empty() && metadata.ours.is_empty() && trouble.is_none() {
        return;
    }
    ui.add_space(3.0 * STEP);
    heading(ui, tr("Keywords"));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(STEP, STEP);
        metadata.keywords.iter().for_each(|keyword| show_keyword(ui, keyword, false, session, requests));
        metadata.ours.iter().for_each(|keyword| show_keyword(ui, keyword, true, session, requests));
    });
    if let Some(trouble) = trouble {
        let text = tr!("Not all could be read. {reason}", reason = message(trouble));
        ui.label(RichText::new(text).small().color(palette_of(ui).warning));
    }
}

fn show_rating_and_label(ui: &mut Ui, metadata: &Metadata) {
    let rating = metadata.rating.filter(|rating| *rating != 0);
    if rating.is_none() && metadata.label.is_none() {
        return;
    }
    ui.horizontal(|ui| {
        if let Some(rating) = rating {
            show_rating(ui, rating);
        }
        if let Some(label) = &metadata.label {
            if let Some(colour) = label_colour(label, ui.visuals().dark_mode) {
                let (rect, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
                ui.painter().circle_filled(rect.center(), 5.0, colour);
            }
            ui.label(crate::app::chips::label_name(label))
                .on_hover_text(tr("The label that the photo has in other programs"));
        }
    });
}

fn show_rating(ui: &mut Ui, rating: i8) {
    let spoken = tr!("Rating: {stars}", stars = rating_in_words(rating));
    let Ok(stars @ 1..) = u8::try_from(rating) else {
        ui.label(RichText::new(tr("Rejected")).color(palette_of(ui).warning)).on_hover_text(spoken);
        return;
    };
    let width = 2.0 * STAR + 3.0;
    let (rect, response) = ui.allocate_exact_size(vec2(5.0 * width, 2.0 * STAR + 2.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    let colours = palette_of(ui);
    for place in 0..5u8 {
        let centre = pos2(rect.left() + STAR + f32::from(place) * width, rect.center().y + 1.0);
        let colour = if place < stars { colours.text } else { colours.line };
        paint_star(ui.painter(), centre, STAR, colour, place < stars);
    }
    response.on_hover_text(spoken);
}

/// A click shows the photos that have it.
fn show_keyword(ui: &mut Ui, keyword: &Keyword, is_ours: bool, session: &Session, requests: &mut Requests) {
    let text = keyword.joined(" › ");
    let (name, whose) = match is_ours {
        true => (tr!("{keyword}, by Tagroll", keyword = text), tr("Tagroll wrote this keyword")),
        false => (text.clone(), tr("Your own keyword")),
    };
    let icon = is_ours.then_some(icons::TAG);
    let chip = Chip { icon, ..Chip::of(&text) };
    if chip
        .show(ui, &name)
        .on_hover_text(format!("{text}\n{}", tr!("{whose}. Click shows only photos that have it", whose)))
        .clicked()
    {
        let filter = Filter { keyword: keyword.to_string(), ..session.filter().clone() };
        requests.commands.push(Command::SetFilter(filter));
    }
}
