//! The bar at the top: what is open, what is looked for, and in which order photos stand. It drops what a narrow
//! window has no room for into one menu, so nothing is out of reach.

use std::path::{Path, PathBuf};

use eframe::egui::containers::menu::{MenuButton, MenuConfig};
use eframe::egui::{Align2, Button, Id, Key, PopupCloseBehavior, Response, RichText, Slider, TextEdit, Ui};

use super::controls::{icon_button, icon_button_if, small_icon_button, text_button};
use super::keys::{Action, hint};
use super::theme::palette_of;
use super::{Requests, filter, grid, icons};
use crate::catalog::Order;
use crate::engine::{Command, Session};
use crate::language::{text, tr};

const ORDERS: [(Order, &str, &str); 4] = [
    (Order::Groups, text("Groups"), text("Each photo under the category that it fits best")),
    (Order::Ranked, text("Ranked"), text("All photos by how well they fit the selected category")),
    (Order::Folder, text("Folder"), text("All photos as they lie in their folders")),
    (Order::Alike, text("Alike"), text("Photos that are almost the same stand together: bursts, copies, small edits")),
];

/// Those that the key goes through; comparing all photos with each other is not for passing by.
const CYCLED: usize = 3;

/// How much the bar shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Room {
    Narrow,
    Medium,
    Wide,
}

impl Room {
    pub fn of(width: f32) -> Room {
        match width {
            ..560.0 => Room::Narrow,
            ..1040.0 => Room::Medium,
            _ => Room::Wide,
        }
    }
}

/// The field that is looked for in.
pub fn find_id() -> Id {
    Id::unique("find")
}

/// The order after this one, as the key cycles them.
pub fn next_order(order: Order) -> Order {
    let place = ORDERS.iter().position(|(other, ..)| *other == order).unwrap_or(0);
    ORDERS[if place < CYCLED { (place + 1) % CYCLED } else { 0 }].0
}

/// Draws the bar.
pub fn show(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    let room = Room::of(ui.available_width());
    let has_photos = session.roots().next().is_some();
    ui.horizontal(|ui| {
        show_open(ui, room, session, requests);
        if room == Room::Wide && has_photos {
            show_path(ui, session, requests);
        }
        if has_photos {
            // What stands to the right is as wide as it was in the last frame.
            let width_id = ui.scope_id().with("width at the right");
            let at_right = ui.data(|data| data.get_temp::<f32>(width_id)).unwrap_or(200.0);
            let gap = ui.spacing().item_spacing.x;
            show_find(ui, session, requests, (ui.available_width() - at_right - gap).max(60.0));
            let rest = ui.horizontal(|ui| show_rest(ui, room, session, requests));
            ui.data_mut(|data| data.insert_temp(width_id, rest.response.rect.width()));
        } else {
            show_settings_and_help(ui, requests);
        }
    });
}

fn show_open(ui: &mut Ui, room: Room, session: &Session, requests: &mut Requests) {
    let tip = format!("{}{}", tr("Open folders in place of these"), hint(ui.ctx(), Action::OpenFolder));
    let response = match room {
        Room::Narrow => icon_button(ui, icons::FOLDER_OPEN, tr("Open…"), &tip),
        _ => text_button(ui, Some(icons::FOLDER_OPEN), tr("Open…"), &tip),
    };
    requests.land(super::Panel::Toolbar, false, response.id);
    if response.clicked() {
        requests.actions.push(Action::OpenFolder);
    }
    if room != Room::Narrow {
        let caret = Button::new(RichText::new(icons::CARET_DOWN).size(14.0)).frame_when_inactive(false);
        let (response, _) = MenuButton::from_button(caret).ui(ui, |ui| show_recent(ui, session, requests));
        response.accessible_name(tr("Recent folders")).on_hover_text(tr("Recent folders"));
    }
}

/// Folders opened before, and the other ways to open one.
fn show_recent(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    ui.set_max_width(420.0);
    for path in session.recent() {
        let button = Button::new((RichText::new(icons::FOLDER), name_of(path))).truncate();
        if ui.add(button).on_hover_text(path.display().to_string()).clicked() {
            requests.commands.push(Command::Open(vec![path.clone()]));
            ui.close();
        }
    }
    if !session.recent().is_empty() {
        ui.separator();
    }
    let tip = format!("{}{}", tr("Write where the photos are"), hint(ui.ctx(), Action::TypePath));
    if text_button(ui, Some(icons::PENCIL_SIMPLE), tr("Type a path…"), &tip).clicked() {
        requests.actions.push(Action::TypePath);
        ui.close();
    }
    let (has_folder, tip) = (session.roots().next().is_some(), tr("Look for new, changed and removed photos"));
    if has_folder && text_button(ui, Some(icons::ARROW_CLOCKWISE), tr("Look again"), tip).clicked() {
        requests.commands.push(Command::Refresh);
        ui.close();
    }
    let forget = tr("Forget recent folders");
    if !session.recent().is_empty() && text_button(ui, Some(icons::TRASH), forget, tr("Empty this list")).clicked() {
        requests.commands.push(Command::ForgetRecent);
        ui.close();
    }
}

/// The open folder and the two above it; each opens itself.
fn show_path(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    let roots: Vec<&Path> = session.roots().collect();
    let [first, rest @ ..] = roots.as_slice() else { return };
    ui.spacing_mut().item_spacing.x = 2.0;
    let colours = palette_of(ui);
    let crumbs = crumbs(first, if rest.is_empty() { 3 } else { 1 });
    let widest = 300.0 / crumbs.len() as f32;
    for (place, path) in crumbs.iter().enumerate() {
        if place > 0 {
            ui.label(RichText::new(icons::CARET_RIGHT).small().color(colours.weak));
        }
        let is_open = place + 1 == crumbs.len();
        let colour = if is_open { colours.text } else { colours.weak };
        let text = RichText::new(short(&name_of(path), (widest / 7.0) as usize)).color(colour);
        let response = ui.add(Button::new(text).frame_when_inactive(false));
        let tip = if is_open { path.display().to_string() } else { tr!("Open {name}", name = path.display()) };
        if response.on_hover_text(tip).clicked() && !is_open {
            requests.commands.push(Command::Open(vec![path.clone()]));
        }
    }
    if !rest.is_empty() {
        let others: Vec<String> = rest.iter().map(|path| path.display().to_string()).collect();
        ui.label(RichText::new(tr!("and {number} more", number = rest.len())).weak()).on_hover_text(others.join("\n"));
    }
}

/// The folder and those above it, outermost first.
fn crumbs(folder: &Path, most: usize) -> Vec<PathBuf> {
    let named = folder.ancestors().filter(|path| path.file_name().is_some());
    let mut crumbs: Vec<PathBuf> = named.take(most).map(Path::to_path_buf).collect();
    if crumbs.is_empty() {
        crumbs.push(folder.to_path_buf());
    }
    crumbs.reverse();
    crumbs
}

/// The last part of a path, or all of it where there is none.
pub fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Keeps the start and the end of a long name, where names of folders differ.
pub fn short(name: &str, most: usize) -> String {
    let letters: Vec<char> = name.chars().collect();
    let most = most.max(8);
    if letters.len() <= most {
        return name.to_owned();
    }
    let tail = most / 3;
    let head: String = letters[..most - tail - 1].iter().collect();
    let tail: String = letters[letters.len() - tail..].iter().collect();
    format!("{head}…{tail}")
}

fn show_find(ui: &mut Ui, session: &Session, requests: &mut Requests, width: f32) {
    let mut text = session.find().to_owned();
    let colours = palette_of(ui);
    let field = TextEdit::singleline(&mut text)
        .id(find_id())
        .hint_text(tr("Find: a dog on the beach"))
        .prefix(RichText::new(icons::MAGNIFYING_GLASS).size(16.0).color(colours.weak))
        .align(Align2::LEFT_CENTER)
        .desired_width(if session.find().is_empty() { width } else { width - 30.0 });
    let tip = tr("Ranks the photos by these words as you type. Enter keeps them as a category, Escape returns");
    let tip = format!("{tip}{}", hint(ui.ctx(), Action::Find));
    let response = ui.add(field).accessible_name(tr("Find")).on_hover_text(tip);
    if response.changed() {
        requests.commands.push(Command::Find(text));
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) && !session.find().trim().is_empty() {
        requests.commands.push(Command::KeepFind);
        requests.commands.push(Command::SetOrder(Order::Ranked));
    }
    if !session.find().is_empty()
        && small_icon_button(ui, icons::X, tr("Leave find"), tr("Return to the order before (Escape)")).clicked()
    {
        requests.actions.push(Action::LeaveFind);
    }
}

fn show_rest(ui: &mut Ui, room: Room, session: &Session, requests: &mut Requests) {
    filter::show(ui, session, requests);
    match room {
        Room::Wide => {
            show_orders(ui, session, requests);
            ui.add_space(8.0);
            show_size(ui, session, requests);
            show_undo(ui, session, requests);
            show_export(ui, requests);
            show_menu(ui, session, requests, |ui, _, requests| show_pages(ui, requests));
            show_settings_and_help(ui, requests);
        }
        Room::Medium => {
            show_orders(ui, session, requests);
            show_export(ui, requests);
            show_menu(ui, session, requests, |ui, session, requests| {
                show_size(ui, session, requests);
                show_pages(ui, requests);
                show_undo_in_menu(ui, session, requests);
            });
        }
        Room::Narrow => {
            let tip = tr("Show or hide the categories");
            if icon_button(ui, icons::SIDEBAR, tr("Categories"), tip).clicked() {
                requests.actions.push(Action::ShowCategories);
            }
            show_menu(ui, session, requests, |ui, session, requests| {
                ui.horizontal(|ui| show_orders(ui, session, requests));
                show_size(ui, session, requests);
                show_pages(ui, requests);
                show_undo_in_menu(ui, session, requests);
                ui.separator();
                show_recent(ui, session, requests);
            });
        }
    }
}

fn show_menu(
    ui: &mut Ui,
    session: &Session,
    requests: &mut Requests,
    content: impl FnOnce(&mut Ui, &Session, &mut Requests),
) -> Response {
    let button = Button::new(RichText::new(icons::DOTS_THREE).size(18.0)).frame_when_inactive(false);
    // A slider is dragged, and undo pressed several times, before a menu with them has done its work.
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let menu = MenuButton::from_button(button).config(config);
    let (response, _) = menu.ui(ui, |ui| {
        eframe::egui::ScrollArea::vertical().show(ui, |ui| content(ui, session, requests));
    });
    response.accessible_name(tr("More")).on_hover_text(tr("Export, inspector, sets of categories, evaluation and more"))
}

/// The panel and the pages of the workbench.
fn show_pages(ui: &mut Ui, requests: &mut Requests) {
    let pages = [
        (icons::SIDEBAR, text("Inspector"), text("What is known of the photo in focus, and why"), Action::Inspector),
        (icons::EXPORT, text("Export…"), text("Keywords into files, photos into folders, tables"), Action::Export),
        (icons::TAG, text("Sets…"), text("Sets of categories: keep, load and share them"), Action::Sets),
        (icons::CHECK_CIRCLE, text("Evaluation…"), text("How often the categories are right"), Action::Evaluate),
        (icons::GEAR, text("Settings…"), text("Cores, battery, what is kept"), Action::Settings),
        (icons::QUESTION, text("Help"), text("What the keys do"), Action::Help),
    ];
    for (icon, name, tip, action) in pages {
        let tip = format!("{}{}", tr(tip), hint(ui.ctx(), action));
        if text_button(ui, Some(icon), tr(name), &tip).clicked() {
            requests.actions.push(action);
            ui.close();
        }
    }
}

fn show_orders(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    let is_finding = session.is_searching() || !session.find().is_empty();
    ui.spacing_mut().item_spacing.x = 2.0;
    for (order, name, tip) in ORDERS {
        let is_on = session.order() == order && !is_finding;
        let keys = if order == Order::Alike { String::new() } else { hint(ui.ctx(), Action::CycleOrder) };
        let response = ui.add(Button::selectable(is_on, tr(name))).on_hover_text(format!("{}{keys}", tr(tip)));
        if response.clicked() {
            if session.similar().is_some() {
                requests.commands.push(Command::FindSimilar(Vec::new()));
            }
            if !session.find().is_empty() {
                requests.commands.push(Command::Find(String::new()));
            }
            requests.commands.push(Command::SetOrder(order));
        }
    }
}

fn show_size(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    let mut height = session.thumbnail_height();
    ui.spacing_mut().slider_width = 96.0;
    ui.spacing_mut().interact_size.y = 18.0;
    let slider = Slider::new(&mut height, grid::HEIGHTS).logarithmic(true).show_value(false);
    let response = ui.add(slider).accessible_name(tr("Thumbnail size"));
    if response.on_hover_text(tr("Thumbnail size (+ and -)")).changed() {
        requests.commands.push(Command::SetThumbnailHeight(height));
    }
}

/// Icon, name, tooltip, action, and whether it can be done.
fn undo_and_redo(session: &Session) -> [(&'static str, &'static str, &'static str, Action, bool); 2] {
    let (undo, redo) = (tr("Undo the last change of a category"), tr("Redo the last change of a category"));
    [
        (icons::ARROW_COUNTER_CLOCKWISE, tr("Undo"), undo, Action::Undo, session.can_undo()),
        (icons::ARROW_CLOCKWISE, tr("Redo"), redo, Action::Redo, session.can_redo()),
    ]
}

fn show_undo(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    for (icon, name, tip, action, is_possible) in undo_and_redo(session) {
        let tip = format!("{tip}{}", hint(ui.ctx(), action));
        if icon_button_if(ui, is_possible, icon, name, &tip).clicked() {
            requests.actions.push(action);
        }
    }
}

/// In a menu there is room for words. It stays open, because undo is often wanted twice.
fn show_undo_in_menu(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    for (icon, name, tip, action, is_possible) in undo_and_redo(session) {
        ui.add_enabled_ui(is_possible, |ui| {
            let tip = format!("{tip}{}", hint(ui.ctx(), action));
            if text_button(ui, Some(icon), name, &tip).clicked() {
                requests.actions.push(action);
            }
        });
    }
}

fn show_export(ui: &mut Ui, requests: &mut Requests) {
    let tip = tr("Export: keywords into files, photos into folders, tables");
    show_icon(ui, icons::EXPORT, tr("Export"), tip, Action::Export, requests);
}

fn show_settings_and_help(ui: &mut Ui, requests: &mut Requests) {
    let tip = tr("Settings: cores, battery, what is kept");
    show_icon(ui, icons::GEAR, tr("Settings"), tip, Action::Settings, requests);
    show_icon(ui, icons::QUESTION, tr("Help"), tr("Help: what the keys do"), Action::Help, requests);
}

fn show_icon(ui: &mut Ui, icon: &str, name: &str, says: &str, action: Action, requests: &mut Requests) {
    let tip = format!("{says}{}", hint(ui.ctx(), action));
    if icon_button(ui, icon, name, &tip).clicked() {
        requests.actions.push(action);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_by_its_last_folders() {
        let names = |path: &str| crumbs(Path::new(path), 3).iter().map(|p| name_of(p)).collect::<Vec<_>>();
        assert_eq!(names("/home/ada/Pictures/2024/Norway"), ["Pictures", "2024", "Norway"]);
        assert_eq!(names("/photos"), ["photos"]);
        assert_eq!(names("/"), ["/"]);
    }

    #[test]
    fn a_long_name_keeps_its_start_and_its_end() {
        assert_eq!(short("Summer holidays in Norway 2024", 16), "Summer hol… 2024");
        assert_eq!(short("Norway", 16), "Norway");
    }

    #[test]
    fn the_key_cycles_through_all_orders() {
        let mut order = Order::Groups;
        for expected in [Order::Ranked, Order::Folder, Order::Groups] {
            order = next_order(order);
            assert_eq!(order, expected);
        }
    }

    #[test]
    fn a_narrow_window_has_room_for_less() {
        assert_eq!([300.0, 620.0, 1280.0].map(Room::of), [Room::Narrow, Room::Medium, Room::Wide]);
    }
}
