//! What is to be exported, of which photos, and how.

use std::path::PathBuf;

use eframe::egui::{Id, Label, RichText, TextEdit, Ui};

use super::{ExportPage, What, Whose, words};
use crate::app::controls::{heading, note, primary_button, text_button};
use crate::app::dialog::Purpose;
use crate::app::theme::STEP;
use crate::app::{Requests, icons};
use crate::catalog::words::counted;
use crate::catalog::{Naming, SidecarPlace, TaggingOptions, Way};
use crate::engine::{Command, Scope, Session};
use crate::language::{plural, text, tr};

pub fn show(ui: &mut Ui, page: &mut ExportPage, session: &Session, requests: &mut Requests) {
    if session.library().is_empty() {
        note(ui, tr("There are no photos to export yet. Open a folder."));
        return;
    }
    heading(ui, tr("What"));
    for (what, text, tip) in words::WHATS {
        if ui.radio_value(&mut page.what, what, tr(text)).on_hover_text(tr(tip)).changed() {
            page.said = None;
        }
        if page.what == what {
            ui.indent(what, |ui| {
                ui.add(Label::new(RichText::new(tr(words::explained(what))).small().weak()).wrap());
            });
        }
    }
    ui.add_space(3.0 * STEP);
    if page.what != What::Table {
        show_whose(ui, page, session);
    }
    match page.what {
        What::Sidecars | What::InPhotos => show_more(ui, page, requests),
        What::Folders => show_folders(ui, page, requests),
        What::Table => show_table(ui, page, requests),
        What::Remove => {}
    }
    ui.add_space(3.0 * STEP);
    show_button(ui, page, session, requests);
    page.said.iter().for_each(|said| drop(note(ui, said.clone())));
}

fn show_whose(ui: &mut Ui, page: &mut ExportPage, session: &Session) {
    heading(ui, tr("Which photos"));
    let selected = session.acting_on().len();
    let category = session.selected().and_then(|id| session.category(id));
    let belonging = session.counts().embedded.saturating_sub(session.unsorted_count());
    if (page.whose == Whose::Selected && selected == 0) || (page.whose == Whose::Category && category.is_none()) {
        page.whose = Whose::Everything;
    }
    let all = match page.what {
        What::Remove => plural!(session.library().len(), "The {n} open photo", "All {n} open photos"),
        _ => tr!("Everything above its cut-off ({photos})", photos = counted(belonging, "photo", "photos")),
    };
    ui.radio_value(&mut page.whose, Whose::Everything, all);
    if let Some(category) = category.filter(|_| page.what != What::Remove) {
        let number = counted(session.count(category.id), "photo", "photos");
        let text = tr!("The category “{category}” ({photos})", category = category.leaf(), photos = number);
        ui.radio_value(&mut page.whose, Whose::Category, text);
    }
    if selected > 0 {
        let text = match session.selection().len() {
            0 => tr("The photo in focus").to_owned(),
            photos => plural!(photos, "The {n} selected photo", "The {n} selected photos"),
        };
        ui.radio_value(&mut page.whose, Whose::Selected, text);
    }
    let waiting = session.counts().waiting();
    if waiting > 0 && page.what != What::Remove {
        note(
            ui,
            plural!(waiting, "{n} photo is not read yet, and left out.", "{n} photos are not read yet, and left out."),
        );
    }
    ui.add_space(3.0 * STEP);
}

fn show_more(ui: &mut Ui, page: &mut ExportPage, requests: &mut Requests) {
    let text = if page.shows_more { tr("Fewer choices") } else { tr("More choices") };
    let icon = if page.shows_more { icons::CARET_UP } else { icons::CARET_DOWN };
    if text_button(ui, Some(icon), text, tr("What exactly is written, and where")).clicked() {
        page.shows_more = !page.shows_more;
    }
    if !page.shows_more {
        return;
    }
    ui.add_space(STEP);
    let tip = tr("Of \"animal/dog\", writes \"animal\" beside \"dog\"");
    ui.checkbox(&mut page.with_ancestors, tr("Every part of a path as a word of its own")).on_hover_text(tip);
    let tip = tr("Otherwise what you removed in another program stays removed");
    ui.checkbox(&mut page.again, tr("Bring back what was removed in another program")).on_hover_text(tip);
    if page.what == What::Sidecars {
        ui.add_space(2.0 * STEP);
        show_naming(ui, page);
        ui.add_space(2.0 * STEP);
        heading(ui, tr("Sidecars in another folder"));
        note(ui, tr("For photos that lie where nothing can be written; leave it empty otherwise."));
        path_field(ui, page, Field::Sidecars, requests);
    }
}

fn show_naming(ui: &mut Ui, page: &mut ExportPage) {
    heading(ui, tr("Names of new sidecars"));
    for (naming, text, says) in [
        (Naming::Ext, "photo.jpg.xmp", "darktable, digiKam, Immich"),
        (Naming::Stem, "photo.xmp", text("Lightroom, for raw photos; Immich")),
        (Naming::Both, text("Both"), text("for several programs at once")),
    ] {
        ui.horizontal(|ui| {
            ui.radio_value(&mut page.naming, naming, tr(text));
            note(ui, tr(says));
        });
    }
    note(ui, tr("A sidecar that is there is updated, whatever its name."));
}

fn show_folders(ui: &mut Ui, page: &mut ExportPage, requests: &mut Requests) {
    heading(ui, tr("How"));
    ui.horizontal_wrapped(|ui| {
        for (way, text, tip) in [
            (Way::Copy, text("Copy"), text("The photos stay where they are")),
            (Way::Move, text("Move"), text("With their sidecars")),
            (Way::Hardlink, text("Hard link"), text("A second name for the same file; takes no room")),
            (Way::Symlink, text("Symbolic link"), text("Points to the photo where it is")),
        ] {
            ui.radio_value(&mut page.way, way, tr(text)).on_hover_text(tr(tip));
        }
    });
    ui.add_space(2.0 * STEP);
    heading(ui, tr("Into one folder for each category, in"));
    path_field(ui, page, Field::Target, requests);
}

fn show_table(ui: &mut Ui, page: &mut ExportPage, requests: &mut Requests) {
    heading(ui, tr("File (.csv or .json)"));
    path_field(ui, page, Field::Table, requests);
    ui.checkbox(&mut page.may_replace, tr("Replace a file of this name"));
}

/// Which path is written.
#[derive(Clone, Copy)]
enum Field {
    Sidecars,
    Target,
    Table,
}

/// A path to type, or to choose where the system has a dialog.
fn path_field(ui: &mut Ui, page: &mut ExportPage, field: Field, requests: &mut Requests) {
    let (text, name, hint, purpose) = match field {
        Field::Sidecars => {
            (&mut page.elsewhere, text("Folder for sidecars"), text("beside the photos"), Purpose::Target)
        }
        Field::Target => (&mut page.into, text("Target folder"), "/home/ada/Sorted", Purpose::Target),
        Field::Table => (&mut page.table, text("File of the table"), "/home/ada/photos.csv", Purpose::Table),
    };
    let is_changed = ui.horizontal(|ui| {
        let width = (ui.available_width() - 112.0).max(80.0);
        let field = TextEdit::singleline(text).id(Id::unique(name)).desired_width(width).hint_text(tr(hint));
        let response = ui.add(field).accessible_name(tr(name));
        if text_button(ui, Some(icons::FOLDER_OPEN), tr("Choose…"), tr("Choose with the system's dialog")).clicked() {
            requests.dialog = Some(purpose);
        }
        response.changed()
    });
    if is_changed.inner {
        // What was agreed to was another file.
        page.may_replace = false;
    }
    if page.lacks_dialog {
        note(ui, tr("This system offers no dialog for that. Write the path into the field."));
    }
}

fn show_button(ui: &mut Ui, page: &mut ExportPage, session: &Session, requests: &mut Requests) {
    let (text, tip) = match page.what {
        What::Table => (text("Write table"), text("Writes the file at once; nothing else is changed")),
        _ => (text("Preview"), text("Shows every file that would change; nothing is written yet")),
    };
    let obstacle = obstacle(page, session);
    let response =
        ui.add_enabled_ui(obstacle.is_none(), |ui| primary_button(ui, icons::EXPORT, tr(text), tr(tip))).inner;
    if response.clicked() {
        if page.what == What::Table {
            page.said = Some(tr!("Writes {name}.", name = page.table.trim()));
        }
        page.agreed = None;
        requests.commands.push(command(page, session));
    }
    obstacle.iter().for_each(|obstacle| drop(note(ui, tr(obstacle))));
}

/// What has to be done first.
fn obstacle(page: &ExportPage, session: &Session) -> Option<&'static str> {
    match page.what {
        What::Table if page.table.trim().is_empty() => Some(text("Write where the table is to go, or choose it.")),
        What::Folders if page.into.trim().is_empty() => {
            Some(text("Write where the folders are to go, or choose a place."))
        }
        What::Sidecars | What::InPhotos | What::Folders if session.categories().is_empty() => {
            Some(text("Add a category first: its name becomes the keyword."))
        }
        _ => None,
    }
}

fn command(page: &ExportPage, session: &Session) -> Command {
    let scope = match (page.whose, session.selected()) {
        (Whose::Selected, _) => Scope::Selected,
        (Whose::Category, Some(category)) => Scope::Category(category),
        _ => Scope::Everything,
    };
    match page.what {
        What::Sidecars | What::InPhotos => Command::PlanTagging { scope, options: options(page, session) },
        What::Folders => Command::PlanPlacing { scope, into: path(&page.into), way: page.way },
        What::Table => Command::WriteTable { path: path(&page.table), may_replace: page.may_replace },
        What::Remove => Command::PlanUntagging(scope),
    }
}

fn options(page: &ExportPage, session: &Session) -> TaggingOptions {
    let place = match page.elsewhere.trim() {
        _ if page.what == What::InPhotos => SidecarPlace::InPhoto,
        "" => SidecarPlace::Beside,
        folder => {
            let roots = session.roots().map(std::path::Path::to_path_buf).collect();
            SidecarPlace::Folder { folder: path(folder), roots }
        }
    };
    TaggingOptions {
        naming: page.naming,
        place,
        with_ancestors: page.with_ancestors,
        again: page.again,
        removes_all: false,
    }
}

fn path(text: &str) -> PathBuf {
    crate::app::path_prompt::path_of(text, std::env::home_dir()).unwrap_or_default()
}
