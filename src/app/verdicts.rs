//! What a person says of photos by key: yes, no, or nothing any more; and the line that says what stood in the way.
//!
//! Y, N and 0 are about the category that is selected, the other digits about the category at that place in the list.

use eframe::egui::{Align2, Event, FontId, InputState, Key, Rect, Role, Sense, Ui, WidgetInfo, vec2};

use super::theme;
use crate::catalog::words::counted;
use crate::catalog::{CategoryId, PhotoId, Verdict};
use crate::engine::{Command, Session};
use crate::language::tr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// `None` takes back what was said.
    OfSelected(Option<Verdict>),
    /// Yes to the category at this place in the list, from 0.
    OfPlace(usize),
}

impl Said {
    /// Whether it is done with the photo, so that the next one can come.
    pub fn moves_on(self) -> bool {
        self != Said::OfSelected(None)
    }

    /// The category that it is about; else what a person can do to make it count.
    fn category(self, session: &Session) -> Result<CategoryId, String> {
        match self {
            _ if session.categories().is_empty() => {
                Err(tr("Add a category first, then say which photos belong.").to_owned())
            }
            Said::OfSelected(_) => session
                .selected()
                .ok_or_else(|| tr("Select a category in the list first: Y, N and 0 are about that one.").to_owned()),
            Said::OfPlace(place) => {
                let category = session.categories().get(place).map(|category| category.id);
                category.ok_or_else(|| tr!("There is no category {number}.", number = place + 1))
            }
        }
    }

    fn verdict(self) -> Option<Verdict> {
        match self {
            Said::OfSelected(verdict) => verdict,
            Said::OfPlace(_) => Some(Verdict::Yes),
        }
    }
}

/// A line over the photos that stays until the next key or click.
#[derive(Default)]
pub struct Remark(Option<String>);

/// Takes the keys of this frame that say something, in their order. A key that is held down says it once.
pub fn take(input: &mut InputState) -> Vec<Said> {
    let mut said = Vec::new();
    input.events.retain(|event| {
        let meant = meant_by(event);
        said.extend(meant);
        meant.is_none()
    });
    said
}

fn meant_by(event: &Event) -> Option<Said> {
    const DIGITS: [Key; 9] =
        [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];
    let Event::Key { key, pressed: true, repeat: false, modifiers, .. } = event else { return None };
    if modifiers.command || modifiers.ctrl || modifiers.alt {
        return None;
    }
    match key {
        Key::Y => Some(Said::OfSelected(Some(Verdict::Yes))),
        Key::N => Some(Said::OfSelected(Some(Verdict::No))),
        Key::Num0 => Some(Said::OfSelected(None)),
        digit => DIGITS.iter().position(|key| key == digit).map(Said::OfPlace),
    }
}

/// What is to be done; else why nothing can be.
pub fn command(session: &Session, said: Said, photos: Vec<PhotoId>) -> Result<Command, String> {
    let category = said.category(session)?;
    if photos.is_empty() {
        return Err(tr("Click a photo first, or go to one with the arrow keys.").to_owned());
    }
    Ok(Command::Judge { category, photos, verdict: said.verdict() })
}

/// What was done, where the photos on screen do not show it.
pub fn in_words(session: &Session, command: &Command) -> Option<String> {
    let Command::Judge { category, photos, verdict } = command else { return None };
    let is_shown = session.selected() == Some(*category) && photos.len() == 1;
    let name = session.category(*category).filter(|_| !is_shown)?.leaf();
    let photos = counted(photos.len(), "photo", "photos");
    Some(match verdict {
        Some(Verdict::Yes) => tr!("{photos}: yes, {category}", photos, category = name),
        Some(Verdict::No) => tr!("{photos}: no, not {category}", photos, category = name),
        None => tr!("{photos}: nothing said of {category} any more", photos, category = name),
    })
}

/// "12 photos: yes, dog, by your keywords".
pub fn adopted_in_words(photos: usize, category: &str) -> String {
    tr!("{photos}: yes, {category}, by your keywords", photos = counted(photos, "photo", "photos"), category)
}

impl Remark {
    pub fn set(&mut self, text: Option<String>) {
        self.0 = text;
    }

    /// To be called before the keys of a frame are taken.
    pub fn forget_after_input(&mut self, ui: &Ui) {
        let is_over = ui.input(|input| {
            let is_key = |event: &Event| matches!(event, Event::Key { pressed: true, .. });
            input.pointer.any_pressed() || input.events.iter().any(is_key)
        });
        if is_over {
            self.0 = None;
        }
    }

    /// Draws it at the lower edge of `view`.
    pub fn show(&self, ui: &Ui, view: Rect) {
        let Some(text) = &self.0 else { return };
        let (painter, colours) = (ui.painter(), theme::palette_of(ui));
        let font = FontId::proportional(theme::BODY);
        let room = (view.width() - 16.0 * theme::STEP).max(80.0);
        let galley = painter.layout(text.clone(), font, colours.text, room);
        let size = galley.size() + vec2(6.0, 3.0) * theme::STEP;
        let middle = view.center_bottom() - vec2(0.0, size.y / 2.0 + 4.0 * theme::STEP);
        let pill = Align2::CENTER_CENTER.anchor_size(middle, size);
        painter.rect(pill, 6.0, colours.panel, (1.0, colours.line), eframe::egui::StrokeKind::Inside);
        painter.galley(pill.center() - galley.size() / 2.0, galley, colours.text);
        let response = ui.interact(pill, ui.unique_id().with("remark"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::Modifiers;

    use super::*;
    use crate::engine::Saved;

    fn press(key: Key, repeat: bool, modifiers: Modifiers) -> Event {
        Event::Key { key, physical_key: None, pressed: true, repeat, modifiers }
    }

    #[test]
    fn digits_name_categories_by_their_place_and_zero_takes_back() {
        let meant = |key| meant_by(&press(key, false, Modifiers::NONE));
        assert_eq!(meant(Key::Num1), Some(Said::OfPlace(0)));
        assert_eq!(meant(Key::Num9), Some(Said::OfPlace(8)));
        assert_eq!(meant(Key::Num0), Some(Said::OfSelected(None)));
        assert_eq!(meant(Key::N), Some(Said::OfSelected(Some(Verdict::No))));
        assert_eq!(meant(Key::X), None);
    }

    #[test]
    fn a_key_that_is_held_down_or_has_another_meaning_says_nothing() {
        assert_eq!(meant_by(&press(Key::Y, true, Modifiers::NONE)), None);
        assert_eq!(meant_by(&press(Key::Num0, false, Modifiers::COMMAND)), None);
    }

    #[test]
    fn what_stands_in_the_way_is_said() {
        let mut session = Session::new(Saved::default(), false);
        let yes = Said::OfSelected(Some(Verdict::Yes));
        assert!(command(&session, yes, vec![PhotoId(0)]).unwrap_err().starts_with("Add a category"));
        session.apply(Command::AddCategory("dog".to_owned()));
        assert!(command(&session, yes, Vec::new()).unwrap_err().starts_with("Click a photo"));
        assert_eq!(command(&session, Said::OfPlace(4), vec![PhotoId(0)]).unwrap_err(), "There is no category 5.");
        session.apply(Command::SelectCategory(None));
        assert!(command(&session, yes, vec![PhotoId(0)]).unwrap_err().starts_with("Select a category"));
    }
}
