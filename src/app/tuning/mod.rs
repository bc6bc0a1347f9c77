//! What the selected category is made of, edited in place: its cut-off, its prompts, what it is not, and more.

mod cutoff;
mod lines;
mod more;

use eframe::egui::{Id, RichText, Ui};

use super::controls::{at_the_right, heading, note, small_icon_button, text_button};
use super::keys::{Action, hint};
use super::theme::{STEP, palette_of};
use super::{Requests, icons};
use crate::catalog::{Category, CategoryId};
use crate::engine::{Command, Model, Session};
use crate::language::{message, plural, tr};

pub use cutoff::show_estimate;
use lines::List;

/// The field with the name of a category.
pub fn name_id(category: CategoryId) -> Id {
    Id::unique(("name", category))
}

/// Whether `id` is a field of the category: what is written there is taken back by the program's own undo.
pub fn is_field_of(category: &Category, id: Id) -> bool {
    id == name_id(category.id) || id == more::group_id(category.id) || lines::is_line_of(category, id)
}

/// Draws all of it.
pub fn show(ui: &mut Ui, session: &Session, category: &Category, requests: &mut Requests) {
    ui.spacing_mut().item_spacing.y = STEP;
    show_trouble(ui, session, category);
    cutoff::show(ui, session, category, requests);
    heading(ui, tr("Prompts")).on_hover_text(tr("Sentences that describe the photos; {} stands for the name"));
    lines::show(ui, category, List::Prompts, requests);
    heading(ui, tr("But not")).on_hover_text(tr("A photo that fits one of these better loses the difference"));
    lines::show(ui, category, List::Negatives, requests);
    more::show(ui, session, category, requests);
    show_adopt(ui, session, category, requests);
    show_foot(ui, session, category, requests);
}

fn show_trouble(ui: &mut Ui, session: &Session, category: &Category) {
    if let Some(trouble) = session.trouble(category.id) {
        ui.label(RichText::new(&*message(trouble)).small().color(palette_of(ui).warning));
    } else if matches!(session.model(), Model::Loading) && !session.is_scored(category.id) {
        note(ui, tr("Waiting for the model"));
    }
}

/// Only where the person's own keywords say something that no verdict says yet.
fn show_adopt(ui: &mut Ui, session: &Session, category: &Category, requests: &mut Requests) {
    // While keywords come in, the number would have to be found anew with each of them.
    let photos = if session.undescribed() == 0 { session.adoptable(category.id) } else { 0 };
    if photos == 0 {
        return;
    }
    let text = plural!(photos, "Use my keywords for {n} photo", "Use my keywords for {n} photos");
    let tip = tr!(
        "Says yes to every photo that has \"{category}\" among your own keywords and of which you have said nothing here. \
         Undo takes it back",
        category = category.leaf()
    );
    if text_button(ui, Some(icons::TAG), &text, &tip).clicked() {
        requests.commands.push(Command::AdoptKeywords(Some(category.id)));
    }
}

/// What can be done with the category as a whole.
fn show_foot(ui: &mut Ui, session: &Session, category: &Category, requests: &mut Requests) {
    let place = session.categories().iter().position(|other| other.id == category.id).unwrap_or(0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let tip = format!(
            "{}{}",
            tr("Answer one question after another; it learns from you"),
            hint(ui.ctx(), Action::Review)
        );
        if text_button(ui, Some(icons::SPARKLE), tr("Review"), &tip).clicked() {
            requests.commands.push(Command::Review(Some(category.id)));
        }
        at_the_right(ui, |ui| {
            let mut button = |icon, name: &str, tip: &str, command| {
                if small_icon_button(ui, icon, name, tip).clicked() {
                    requests.commands.push(command);
                }
            };
            let id = category.id;
            button(
                icons::TRASH,
                tr("Remove category"),
                tr("Remove this category (Delete)"),
                Command::RemoveCategory(id),
            );
            let tip = tr("Add a copy below it, with its verdicts, to try something out");
            button(icons::COPY, tr("Duplicate category"), tip, Command::DuplicateCategory(id));
            let down = Command::MoveCategory(id, place + 1);
            button(icons::CARET_DOWN, tr("Move down"), tr("Move down (Alt+Down)"), down);
            let up = Command::MoveCategory(id, place.saturating_sub(1));
            button(icons::CARET_UP, tr("Move up"), tr("Move up (Alt+Up)"), up);
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_category_are_its_own() {
        let category = Category::named(CategoryId(3), "dog");
        assert!(is_field_of(&category, name_id(CategoryId(3))));
        assert!(is_field_of(&category, more::group_id(CategoryId(3))));
        assert!(!is_field_of(&category, name_id(CategoryId(4))));
    }
}
