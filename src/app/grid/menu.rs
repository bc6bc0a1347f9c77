//! What can be done with a photo by its menu.

use eframe::egui::{Response, Ui};

use crate::app::verdicts::Said;
use crate::catalog::{PhotoId, Verdict};
use crate::engine::Session;
use crate::language::tr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Open,
    Say(Said),
    FindSimilar,
    Why,
    Reveal,
    OpenWith,
    Trash,
    ShowNames(bool),
}

/// Draws the menu while it is open; returns what was chosen.
pub fn show(response: &Response, session: &Session, photo: PhotoId, shows_names: bool) -> Option<Choice> {
    let mut chosen = None;
    response.context_menu(|ui| {
        chosen = item(ui, tr("Open"), tr("See it large (Space)"), Choice::Open);
        chosen = chosen.or(show_verdicts(ui, session));
        ui.separator();
        let tip = tr("Rank all photos by how like this they are (S)");
        chosen = chosen.or(item(ui, tr("Find similar"), tip, Choice::FindSimilar));
        let tip = tr("What decides where this photo stands");
        chosen = chosen.or(item(ui, tr("Why this?"), tip, Choice::Why));
        if ui.button(tr("Copy path")).on_hover_text(tr("Put the path of the file on the clipboard")).clicked() {
            ui.ctx().copy_text(session.library().photo(photo).file.path.display().to_string());
            ui.close();
        }
        ui.separator();
        let tip = tr("Show the file where it lies");
        chosen = chosen.or(item(ui, tr("Show in file manager"), tip, Choice::Reveal));
        let tip = tr("With the program that the system has for it");
        chosen = chosen.or(item(ui, tr("Open with another program"), tip, Choice::OpenWith));
        let tip = tr("Shows first what would go: the selected photos with their sidecars (Delete)");
        chosen = chosen.or(item(ui, tr("Move to trash…"), tip, Choice::Trash));
        ui.separator();
        let mut names = shows_names;
        if ui.checkbox(&mut names, tr("Show names")).on_hover_text(tr("File names under all photos")).changed() {
            chosen = Some(Choice::ShowNames(names));
            ui.close();
        }
    });
    chosen
}

/// About the category that is selected; without one there is nothing to say yes to.
fn show_verdicts(ui: &mut Ui, session: &Session) -> Option<Choice> {
    let category = session.selected().and_then(|id| session.category(id))?;
    let name = category.leaf();
    ui.separator();
    let say = |verdict| Choice::Say(Said::OfSelected(verdict));
    let yes = item(ui, &tr!("Yes, {category}", category = name), tr("It belongs there (Y)"), say(Some(Verdict::Yes)));
    let no = item(
        ui,
        &tr!("No, not {category}", category = name),
        tr("It does not belong there (N)"),
        say(Some(Verdict::No)),
    );
    let clear = item(ui, tr("Take back what was said"), tr("Let the fit decide (0)"), say(None));
    yes.or(no).or(clear)
}

fn item(ui: &mut Ui, text: &str, tip: &str, choice: Choice) -> Option<Choice> {
    let is_chosen = ui.button(text).on_hover_text(tip).clicked();
    if is_chosen {
        ui.close();
    }
    is_chosen.then_some(choice)
}
