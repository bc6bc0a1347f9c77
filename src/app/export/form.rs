//! What is to be exported, of which photos, and how.

use std::path::PathBuf;

use eframe::egui::{Id, TextEdit, Ui};

use super::{ExportPage, What, Whose, words};
use crate::app::controls::{heading, note, primary_button, text_button};
use crate::app::dialog::Purpose;
use crate::app::theme::STEP;
use crate::app::{Requests, icons};
use crate::catalog::words::counted;
use crate::catalog::{Naming, SidecarPlace, TaggingOptions, Way};
use crate::engine::{Command, Scope, Session};

pub fn show(ui: &mut Ui, page: &mut ExportPage, session: &Session, requests: &mut Requests) {
    if session.library().is_empty() {
        note(ui, "There are no photos to export yet. Open a folder.");
        return;
    }
    heading(ui, "What");
    for (what, text, tip) in words::WHATS {
        let response = ui.radio_value(&mut page.what, what, text);
        response.on_hover_text(tip);
    }
    note(ui, words::explained(page.what));
    ui.add_space(2.0 * STEP);
    if page.what != What::Table {
        show_whose(ui, page, session);
    }
    match page.what {
        What::Sidecars => show_more(ui, page),
        What::Folders => show_folders(ui, page, requests),
        What::Table => show_table(ui, page, requests),
        What::InPhotos | What::Remove => {}
    }
    ui.add_space(2.0 * STEP);
    show_button(ui, page, session, requests);
    page.said.iter().for_each(|said| drop(note(ui, said.clone())));
}

fn show_whose(ui: &mut Ui, page: &mut ExportPage, session: &Session) {
    heading(ui, "Which photos");
    let selected = session.acting_on().len();
    let category = session.selected().and_then(|id| session.category(id));
    let belonging = session.counts().embedded.saturating_sub(session.unsorted_count());
    if (page.whose == Whose::Selected && selected == 0) || (page.whose == Whose::Category && category.is_none()) {
        page.whose = Whose::Everything;
    }
    let all = match page.what {
        What::Remove => format!("All {}", counted(session.library().len(), "open photo", "open photos")),
        _ => format!("All that belong to a category ({})", counted(belonging, "photo", "photos")),
    };
    ui.radio_value(&mut page.whose, Whose::Everything, all);
    if let Some(category) = category.filter(|_| page.what != What::Remove) {
        let text = format!("{} ({})", category.leaf(), counted(session.count(category.id), "photo", "photos"));
        ui.radio_value(&mut page.whose, Whose::Category, text);
    }
    if selected > 0 {
        ui.radio_value(&mut page.whose, Whose::Selected, format!("Selected: {}", counted(selected, "photo", "photos")));
    }
    ui.add_space(2.0 * STEP);
}

fn show_more(ui: &mut Ui, page: &mut ExportPage) {
    let text = if page.shows_more { "Fewer choices" } else { "More choices" };
    let icon = if page.shows_more { icons::CARET_UP } else { icons::CARET_DOWN };
    if text_button(ui, Some(icon), text, "Names and places of sidecars, and what goes into them").clicked() {
        page.shows_more = !page.shows_more;
    }
    if !page.shows_more {
        return;
    }
    heading(ui, "Names of new sidecars");
    for (naming, text, tip) in [
        (Naming::Ext, "photo.jpg.xmp", "As darktable and digiKam name them"),
        (Naming::Stem, "photo.xmp", "As Lightroom names them"),
        (Naming::Both, "both", "For several programs at once"),
    ] {
        ui.radio_value(&mut page.naming, naming, text).on_hover_text(tip);
    }
    note(ui, "A sidecar that is there is updated, whatever its name.");
    let tip = "Of \"animal/dog\", writes \"animal\" beside \"dog\"";
    ui.checkbox(&mut page.with_ancestors, "Every part of a path as a word of its own").on_hover_text(tip);
    let tip = "Otherwise what you removed in another program stays removed";
    ui.checkbox(&mut page.again, "Also what was removed in another program").on_hover_text(tip);
    note(ui, "For photos that lie where nothing can be written: another folder for the sidecars, or empty.");
    let field = TextEdit::singleline(&mut page.elsewhere).id(Id::unique("sidecar folder")).desired_width(f32::INFINITY);
    ui.add(field.hint_text("beside the photos")).accessible_name("Folder for sidecars");
}

fn show_folders(ui: &mut Ui, page: &mut ExportPage, requests: &mut Requests) {
    heading(ui, "How");
    ui.horizontal_wrapped(|ui| {
        for (way, text, tip) in [
            (Way::Copy, "Copy", "The photos stay where they are"),
            (Way::Move, "Move", "With their sidecars"),
            (Way::Hardlink, "Hard link", "A second name for the same file; takes no room"),
            (Way::Symlink, "Link", "Points to the photo where it is"),
        ] {
            ui.radio_value(&mut page.way, way, text).on_hover_text(tip);
        }
    });
    heading(ui, "Into one folder for each category, in");
    path_field(ui, &mut page.into, "Target folder", "/home/ada/Sorted", Purpose::Target, requests);
}

fn show_table(ui: &mut Ui, page: &mut ExportPage, requests: &mut Requests) {
    heading(ui, "File (.csv or .json)");
    path_field(ui, &mut page.table, "File of the table", "/home/ada/photos.csv", Purpose::Table, requests);
}

fn path_field(ui: &mut Ui, text: &mut String, name: &str, hint: &str, purpose: Purpose, requests: &mut Requests) {
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 120.0).max(80.0);
        let field = TextEdit::singleline(text).id(Id::unique(name)).desired_width(width).hint_text(hint);
        ui.add(field).accessible_name(name);
        if text_button(ui, Some(icons::FOLDER_OPEN), "Choose…", "Choose with the system's dialog").clicked() {
            requests.dialog = Some(purpose);
        }
    });
}

fn show_button(ui: &mut Ui, page: &mut ExportPage, session: &Session, requests: &mut Requests) {
    let (text, tip) = match page.what {
        What::Table => ("Write table", "Writes the file; one that is there is not replaced"),
        _ => ("Preview", "Shows every file that would change; nothing is written yet"),
    };
    let is_ready = match page.what {
        What::Folders => !page.into.trim().is_empty(),
        What::Table => !page.table.trim().is_empty(),
        _ => true,
    };
    let response = ui.add_enabled_ui(is_ready, |ui| primary_button(ui, icons::EXPORT, text, tip)).inner;
    if response.clicked() {
        if page.what == What::Table {
            page.said = Some(format!("Writes {}.", page.table.trim()));
        }
        requests.commands.push(command(page, session));
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
        What::Table => Command::WriteTable { path: path(&page.table), may_replace: false },
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
