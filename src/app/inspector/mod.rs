//! What is known of the photo in focus: the photo itself, where and why it matches a category, the confirmed photos that
//! it is most like, and how well it fits each category.

mod heat;
mod keywords;
mod nearest;
mod preview;
mod why;

use eframe::egui::{ScrollArea, Ui};

use heat::HeatPicture;
use why::About;

use super::controls::{at_the_right, heading, note, small_icon_button};
use super::keys::{Action, hint};
use super::textures::Textures;
use super::theme::STEP;
use super::{Requests, icons, scores, thumbnails};
use crate::catalog::{Category, CategoryId, ContentState, PhotoId, Scoring};
use crate::engine::{Command, HeatState, Model, Session, Why};
use crate::language::tr;

/// Scores that are listed before somebody asks for all.
const BEST: usize = 4;

#[derive(Default)]
pub struct Inspector {
    /// Whether the photo is shown with its heat map.
    shows_where: bool,
    /// What the inspector itself asked to have explained.
    asked: Option<PhotoId>,
    /// A category that was chosen here, and what was selected elsewhere at the time.
    chosen: Option<(CategoryId, Option<CategoryId>)>,
    shows_all_scores: bool,
    picture: HeatPicture,
}

impl Inspector {
    /// Draws the panel.
    pub fn show(&mut self, ui: &mut Ui, session: &Session, textures: &mut Textures, requests: &mut Requests) {
        ui.horizontal(|ui| {
            heading(ui, tr("Photo"));
            at_the_right(ui, |ui| {
                let tip = format!("{}{}", tr("Hide the inspector"), hint(ui.ctx(), Action::Inspector));
                let close = small_icon_button(ui, icons::X, tr("Hide inspector"), &tip);
                requests.land(super::Panel::Inspector, false, close.id);
                if close.clicked() {
                    requests.actions.push(Action::Inspector);
                }
            });
        });
        let photo = session.focus().filter(|photo| (photo.0 as usize) < session.library().len());
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| match photo {
            Some(photo) => self.show_photo(ui, session, photo, textures, requests),
            None => drop(note(ui, tr("Choose a photo to see what it fits, and why."))),
        });
        self.ask(session, photo, requests);
    }

    /// To be called instead of `show` while the panel is hidden.
    pub fn rest(&mut self, session: &Session, requests: &mut Requests) {
        self.ask(session, None, requests);
        self.picture.forget();
    }

    fn show_photo(
        &mut self,
        ui: &mut Ui,
        session: &Session,
        photo: PhotoId,
        textures: &mut Textures,
        requests: &mut Requests,
    ) {
        let is_readable = !matches!(session.library().state(photo), ContentState::Unreadable(_));
        let category = self.category(session, photo);
        if is_readable {
            self.show_picture(ui, session, photo, category, textures, requests);
        }
        ui.add_space(STEP);
        scores::show_file(ui, session, photo);
        keywords::show(ui, session, photo, requests);
        if let Some(category) = category {
            show_why(ui, session, photo, category, textures, requests);
        }
        ui.add_space(3.0 * STEP);
        if let Some(chosen) = self.show_scores(ui, session, photo, category) {
            self.chosen = Some((chosen, session.selected()));
        }
    }

    fn show_picture(
        &mut self,
        ui: &mut Ui,
        session: &Session,
        photo: PhotoId,
        category: Option<&Category>,
        textures: &mut Textures,
        requests: &mut Requests,
    ) {
        let is_explained = self.shows_where && session.explained() == Some(photo);
        let state = category.filter(|_| self.shows_where).map(|category| match is_explained {
            true => session.heat(category.id),
            false => HeatState::Waiting,
        });
        let texture = thumbnails::beside(ui.ctx(), session, textures, photo, requests);
        let map = match &state {
            Some(HeatState::Ready(heat)) => Some((heat, self.picture.texture(ui.ctx(), heat))),
            _ => None,
        };
        preview::show(ui, session, photo, texture, map);
        if let Some(category) = category {
            self.shows_where = preview::show_switch(ui, self.shows_where, category.leaf(), state.as_ref());
        }
    }

    /// The category that the sentences are about: what was chosen here, else the likeliest.
    fn category<'a>(&self, session: &'a Session, photo: PhotoId) -> Option<&'a Category> {
        let chosen = self.chosen.filter(|(_, selected)| *selected == session.selected()).map(|(chosen, _)| chosen);
        chosen.and_then(|id| session.category(id)).or_else(|| likeliest(session, photo))
    }

    /// Returns the category that was clicked.
    fn show_scores(
        &mut self,
        ui: &mut Ui,
        session: &Session,
        photo: PhotoId,
        category: Option<&Category>,
    ) -> Option<CategoryId> {
        let most = if self.shows_all_scores { usize::MAX } else { BEST };
        let clicked = scores::show_best(ui, session, photo, most, category.map(|category| category.id));
        let all = session.categories().len();
        if all > BEST && !session.scores(photo).is_empty() {
            let (text, tip) = match self.shows_all_scores {
                true => (tr!("Show the best {number}", number = BEST), tr("Hide the categories that it fits least")),
                false => (tr!("Show all {number}", number = all), tr("Every category, best first")),
            };
            if super::controls::text_button(ui, None, &text, tip).clicked() {
                self.shows_all_scores = !self.shows_all_scores;
            }
        }
        clicked
    }

    /// Has the photo explained as long as its map is shown. Somebody else who asks for it wants to see it here.
    fn ask(&mut self, session: &Session, photo: Option<PhotoId>, requests: &mut Requests) {
        let explained = session.explained();
        if explained.is_some() && explained != self.asked {
            (self.shows_where, self.asked) = (true, explained);
        }
        let wanted = photo.filter(|_| self.shows_where);
        if wanted != explained {
            requests.commands.push(Command::Explain(wanted));
            self.asked = wanted;
        }
    }
}

/// Draws the sentences alone, about the category that a person most likely wants to know of.
pub fn show_reasons(ui: &mut Ui, session: &Session, photo: PhotoId) {
    if let Some((category, why)) = likeliest(session, photo).and_then(|of| Some((of, session.why(photo, of.id)?))) {
        show_sentences(ui, session, category, &why);
    }
}

/// What is selected, else what the photo belongs to, else what it fits best.
fn likeliest(session: &Session, photo: PhotoId) -> Option<&Category> {
    let best = || {
        let scores = session.scores(photo);
        let best = scores.iter().max_by(|a, b| a.1.cosine.total_cmp(&b.1.cosine))?;
        session.category(best.0)
    };
    let selected = session.selected().and_then(|id| session.category(id));
    selected.or_else(|| session.category_of(photo)).or_else(best)
}

/// Draws the sentences about one category, and the photos that speak for them.
fn show_why(
    ui: &mut Ui,
    session: &Session,
    photo: PhotoId,
    category: &Category,
    textures: &mut Textures,
    requests: &mut Requests,
) {
    let Some(why) = session.why(photo, category.id) else { return };
    show_sentences(ui, session, category, &why);
    nearest::show(ui, session, &why.nearest, textures, requests);
}

fn show_sentences(ui: &mut Ui, session: &Session, category: &Category, why: &Why) {
    ui.add_space(3.0 * STEP);
    heading(ui, &tr!("Why {category}", category = category.leaf()));
    let (yes, no) = session.verdict_counts(category.id);
    let rival = why.next_best.and_then(|(id, _)| session.category(id)).map(Category::leaf);
    let about = About { category: category.leaf(), rival, scale: scale(session), verdicts: yes + no };
    why::show(ui, &why::sentences(why, &about));
}

fn scale(session: &Session) -> f32 {
    match session.model() {
        Model::Ready(card) => match card.scoring {
            Scoring::Softmax { scale } | Scoring::Sigmoid { scale, .. } => scale,
        },
        Model::Loading | Model::Failed(_) => 1.0,
    }
}
