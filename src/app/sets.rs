//! Sets of categories: those that come with the program and those that the person keeps; to load, copy, share and
//! remove.

use std::path::PathBuf;

use eframe::egui::{Context, Id, Key, Label, Modifiers, RichText, ScrollArea, TextEdit, Ui};

use super::controls::{at_the_right, heading, note, primary_button, text_button};
use super::dialog::Purpose;
use super::path_prompt::{PathPrompt, Words};
use super::theme::{STEP, palette_of, semibold};
use super::{Requests, icons};
use crate::catalog::words::counted;
use crate::engine::{Command, Session, SetEntry, SetSource};
use crate::language::{message, plural, text, tr};

/// What the page keeps while it is open.
#[derive(Default)]
pub struct SetsPage {
    name: String,
    /// A set that is about to be removed.
    removing: Option<String>,
    /// What was done last.
    said: Option<String>,
    path: Option<(Purpose, PathPrompt)>,
}

impl SetsPage {
    /// For a system whose own dialog does not answer.
    pub fn without_dialog(purpose: Purpose) -> SetsPage {
        SetsPage { path: Some((purpose, PathPrompt::default())), ..SetsPage::default() }
    }

    /// After a file was chosen or dropped.
    pub fn of_file(path: &std::path::Path, session: &Session) -> SetsPage {
        let name = super::toolbar::name_of(path);
        SetsPage { said: Some(replaced(&name, session.categories().len())), ..SetsPage::default() }
    }
}

/// What to do with a file of categories that somebody gave.
pub fn load_file(path: PathBuf) -> Command {
    Command::LoadSet { source: SetSource::File(path), replaces: true }
}

/// Draws the page.
pub fn show(ui: &mut Ui, page: &mut SetsPage, session: &Session, height: f32, requests: &mut Requests) {
    leave_by_escape(ui.ctx(), page);
    if let Some(said) = &page.said {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(icons::CHECK).color(palette_of(ui).accent));
            ui.add(Label::new(said).wrap());
            let tip = tr("Takes back the last change of the categories");
            let undo =
                session.can_undo().then(|| text_button(ui, Some(icons::ARROW_COUNTER_CLOCKWISE), tr("Undo"), tip));
            // The toolbar has an Undo, too.
            if undo.is_some_and(|undo| undo.accessible_name(tr("Undo the last change")).clicked()) {
                requests.commands.push(Command::Undo);
            }
        });
    }
    let notices = super::notices::of(session, false);
    if !notices.is_empty() {
        super::notices::show(ui, &notices, requests);
    }
    ScrollArea::vertical().id_salt("sets").max_height(height).min_scrolled_height(height).show(ui, |ui| {
        show_keeping(ui, page, session, requests);
        let sets = session.sets();
        part(ui, tr("Kept"), &sets.kept, false, page, session, requests);
        part(ui, tr("To begin with"), &sets.starters, true, page, session, requests);
        show_files(ui, page, session, requests);
    });
}

/// Draws the starter sets as a choice, for somebody who has no categories yet.
pub fn show_starters(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    let starters: Vec<&SetEntry> = session.sets().starters.iter().filter(|set| set.trouble.is_none()).collect();
    if starters.is_empty() {
        return;
    }
    ui.add_space(STEP);
    note(ui, tr("Or with a set for what you photograph:"));
    ui.horizontal_wrapped(|ui| {
        for set in starters {
            let tip = format!(
                "{}: {}",
                tr(set.description.as_deref().unwrap_or(&set.name)),
                counted(set.categories, "category", "categories")
            );
            let name = shown_name(set, true);
            let response = text_button(ui, None, &capitalised(name), &tip);
            if response.accessible_name(tr!("Load the set {name}", name)).clicked() {
                let source = SetSource::Starter(set.name.clone());
                requests.commands.push(Command::LoadSet { source, replaces: true });
            }
        }
    });
}

/// The first Escape takes back what was begun, the next one closes the page.
fn leave_by_escape(ctx: &Context, page: &mut SetsPage) {
    let is_begun = page.removing.is_some() || page.path.is_some();
    if is_begun && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        (page.removing, page.path) = (None, None);
    }
}

fn show_keeping(ui: &mut Ui, page: &mut SetsPage, session: &Session, requests: &mut Requests) {
    let categories = session.categories().len();
    if categories == 0 {
        note(ui, tr("There are no categories to keep yet. Load a set, or add categories of your own."));
        return;
    }
    note(
        ui,
        plural!(
            categories,
            "Keep the {n} category of now, to take it up again later.",
            "Keep the {n} categories of now, to take them up again later."
        ),
    );
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 64.0).max(80.0);
        let field =
            TextEdit::singleline(&mut page.name).id(Id::unique("name of a set")).hint_text(tr("Name of the set"));
        let response = ui.add(field.desired_width(width)).accessible_name(tr("Name of the set"));
        let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let is_clicked =
            text_button(ui, None, tr("Keep"), tr("Keeps the categories under this name (Enter)")).clicked();
        let name = page.name.trim().to_owned();
        if (is_entered || is_clicked) && !name.is_empty() {
            page.said =
                Some(plural!(categories, "Keeps {n} category as {name}.", "Keeps {n} categories as {name}.", name));
            page.name.clear();
            requests.commands.push(Command::SaveSet(name));
        }
    });
    let name = page.name.trim();
    if session.sets().kept.iter().any(|set| set.name == name) {
        note(ui, tr!("There is a set of this name. Keep replaces what {name} holds.", name));
    }
}

fn part(
    ui: &mut Ui,
    title: &str,
    sets: &[SetEntry],
    is_starter: bool,
    page: &mut SetsPage,
    session: &Session,
    requests: &mut Requests,
) {
    if sets.is_empty() {
        return;
    }
    ui.add_space(3.0 * STEP);
    heading(ui, title);
    for (place, set) in sets.iter().enumerate() {
        if place > 0 {
            ui.separator();
        }
        ui.push_id((is_starter, &set.name), |ui| show_set(ui, set, is_starter, page, session, requests));
    }
}

fn show_set(
    ui: &mut Ui,
    set: &SetEntry,
    is_starter: bool,
    page: &mut SetsPage,
    session: &Session,
    requests: &mut Requests,
) {
    ui.horizontal_wrapped(|ui| {
        let name = shown_name(set, is_starter);
        let name = if is_starter { capitalised(name) } else { name.to_owned() };
        ui.label(RichText::new(&name).family(semibold()));
        if set.trouble.is_none() {
            note(ui, counted(set.categories, "category", "categories"));
        }
        if is_starter {
            note(ui, tr(set.description.as_deref().unwrap_or_default()));
        }
        at_the_right(ui, |ui| {
            if !is_starter {
                show_own_buttons(ui, set, page, requests);
            }
            if set.trouble.is_none() {
                show_load_buttons(ui, set, is_starter, page, session, requests);
            }
        });
    });
    if let Some(trouble) = &set.trouble {
        let text = RichText::new(tr!("Cannot be used: {reason}", reason = message(trouble)))
            .small()
            .color(palette_of(ui).warning);
        ui.add(Label::new(text).wrap());
    }
    if page.removing.as_ref() == Some(&set.name) && !is_starter {
        ask_to_remove(ui, set, page, requests);
    }
}

fn show_load_buttons(
    ui: &mut Ui,
    set: &SetEntry,
    is_starter: bool,
    page: &mut SetsPage,
    session: &Session,
    requests: &mut Requests,
) {
    let (name, shown) = (set.name.clone(), shown_name(set, is_starter));
    let source = if is_starter { SetSource::Starter(name) } else { SetSource::Kept(name) };
    let has_categories = !session.categories().is_empty();
    let tip = tr("Adds those of its categories that are not there yet");
    let add = has_categories.then(|| text_button(ui, Some(icons::PLUS), tr("Add"), tip));
    if add.is_some_and(|add| add.accessible_name(tr!("Add {name}", name = shown)).clicked()) {
        page.said = Some(tr!("Added the categories of {name} that were missing.", name = shown));
        requests.commands.push(Command::LoadSet { source: source.clone(), replaces: false });
    }
    let tip = if has_categories { tr("Puts it in place of your categories; Undo brings them back") } else { "" };
    let load = text_button(ui, None, tr("Load"), tip).accessible_name(tr!("Load {name}", name = shown));
    if load.clicked() {
        page.said = Some(replaced(shown, session.categories().len()));
        requests.commands.push(Command::LoadSet { source, replaces: true });
    }
}

fn replaced(name: &str, categories: usize) -> String {
    match categories {
        0 => tr!("Loads {name}.", name),
        _ => plural!(
            categories,
            "Loads {name} in place of your {n} category. Undo brings the old one back.",
            "Loads {name} in place of your {n} categories. Undo brings the old ones back.",
            name
        ),
    }
}

fn show_own_buttons(ui: &mut Ui, set: &SetEntry, page: &mut SetsPage, requests: &mut Requests) {
    let remove =
        super::controls::icon_button(ui, icons::TRASH, &tr!("Remove {name}", name = set.name), tr("Remove this set"));
    if remove.clicked() {
        page.removing = Some(set.name.clone());
    }
    let name = tr!("Duplicate {name}", name = set.name);
    if set.trouble.is_none() && super::controls::icon_button(ui, icons::COPY, &name, tr("Keep a copy of it")).clicked()
    {
        page.said = Some(tr!("Keeps a copy of {name}.", name = set.name));
        requests.commands.push(Command::DuplicateSet(set.name.clone()));
    }
}

fn ask_to_remove(ui: &mut Ui, set: &SetEntry, page: &mut SetsPage, requests: &mut Requests) {
    ui.add(Label::new(tr!("Remove the set {name}? The categories that you use now stay.", name = set.name)).wrap());
    ui.horizontal_wrapped(|ui| {
        let is_yes = primary_button(ui, icons::TRASH, tr("Remove"), tr("Removes the kept set")).clicked();
        let is_no = text_button(ui, None, tr("Keep it"), tr("Escape does the same")).clicked();
        if is_yes {
            page.said = Some(tr!("Removes the set {name}.", name = set.name));
            requests.commands.push(Command::RemoveSet(set.name.clone()));
        }
        if is_yes || is_no {
            page.removing = None;
        }
    });
}

/// Files that are given to others, or come from them.
fn show_files(ui: &mut Ui, page: &mut SetsPage, session: &Session, requests: &mut Requests) {
    ui.add_space(3.0 * STEP);
    heading(ui, tr("Files"));
    if let Some((purpose, prompt)) = &mut page.path {
        let purpose = *purpose;
        let words = if purpose == Purpose::ExportSet { &EXPORT } else { &IMPORT };
        if let Some(path) = prompt.show(ui, words) {
            let is_export = purpose == Purpose::ExportSet;
            page.said = Some(match is_export {
                true => tr!("Writes the categories into {path}.", path = path.display()),
                false => replaced(&super::toolbar::name_of(&path), session.categories().len()),
            });
            requests.commands.push(if is_export { Command::ExportSet(path) } else { load_file(path) });
            page.path = None;
        }
        return;
    }
    ui.horizontal_wrapped(|ui| {
        let tip = tr("A set that somebody gave you, as a file; it takes the place of your categories");
        if text_button(ui, Some(icons::DOWNLOAD_SIMPLE), tr("Import…"), tip).clicked() {
            requests.dialog = Some(Purpose::ImportSet);
        }
        let tip = tr("Writes your categories into a file that you can give to others");
        let has_any = !session.categories().is_empty();
        if has_any && text_button(ui, Some(icons::EXPORT), tr("Export…"), tip).clicked() {
            requests.dialog = Some(Purpose::ExportSet);
        }
        note(ui, tr("or drop a set on the window"));
    });
}

const EXPORT: Words = Words {
    says: text("Write the path of the file that is to hold your categories. This system offers no dialog for it."),
    name: text("Path of a new file"),
    example: "/home/ada/garden.toml",
    icon: icons::EXPORT,
    button: text("Export"),
    hint: text("Write this file (Enter)"),
};

const IMPORT: Words = Words {
    says: text("Write the path of a set, or drop it on the window. This system offers no dialog for it."),
    name: text("Path of a set"),
    example: "/home/ada/garden.toml",
    icon: icons::DOWNLOAD_SIMPLE,
    button: text("Import"),
    hint: text("Load this set (Enter)"),
};

/// What a set is called in the current language.
fn shown_name(set: &SetEntry, is_starter: bool) -> &str {
    if is_starter { tr(&set.name) } else { &set.name }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use eframe::egui::vec2;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    use super::*;
    use crate::catalog::{Category, CategoryId};
    use crate::engine::Saved;

    type Bench = (SetsPage, Requests);

    /// A list of one set that somebody kept, over one category.
    fn list(trouble: Option<&str>) -> Harness<'static, Bench> {
        let sets = [SetEntry {
            name: "garden".to_owned(),
            description: None,
            categories: 6,
            trouble: trouble.map(str::to_owned),
        }];
        let categories = vec![Category::named(CategoryId(0), "dog")];
        let session = Session::new(Saved { categories, ..Saved::default() }, false);
        let draw = move |ui: &mut Ui, (page, requests): &mut Bench| {
            part(ui, "Kept", &sets, false, page, &session, requests);
        };
        let builder = Harness::builder().with_size(vec2(700.0, 300.0)).with_context_setup(crate::app::theme::install);
        let mut window = builder.build_ui_state(draw, (SetsPage::default(), Requests::default()));
        window.run();
        window
    }

    fn click(window: &mut Harness<'static, Bench>, name: &str) -> Vec<Command> {
        window.get_by_label(name).click();
        window.run();
        std::mem::take(&mut window.state_mut().1.commands)
    }

    #[test]
    fn a_kept_set_is_loaded_added_copied_and_removed_after_a_question() {
        let mut window = list(None);
        let load = |replaces| Command::LoadSet { source: SetSource::Kept("garden".to_owned()), replaces };
        assert_eq!(click(&mut window, "Load garden"), [load(true)]);
        assert_eq!(window.state().0.said, Some(replaced("garden", 1)));
        assert_eq!(click(&mut window, "Add garden"), [load(false)]);
        assert_eq!(click(&mut window, "Duplicate garden"), [Command::DuplicateSet("garden".to_owned())]);
        assert_eq!(click(&mut window, "Remove garden"), []);
        assert_eq!(click(&mut window, "Keep it"), []);
        click(&mut window, "Remove garden");
        assert_eq!(click(&mut window, "Remove"), [Command::RemoveSet("garden".to_owned())]);
    }

    #[test]
    fn a_set_that_cannot_be_used_says_why_and_can_only_be_removed() {
        let window = list(Some("line 12: \"cutof\" is not known."));
        window.get_by_label("Cannot be used: line 12: \"cutof\" is not known.");
        assert!(window.query_by_label("Load garden").is_none());
        window.get_by_label("Remove garden");
    }

    #[test]
    fn loading_says_how_to_get_back() {
        assert_eq!(replaced("travel", 0), "Loads travel.");
        let expected = "Loads travel in place of your 6 categories. Undo brings the old ones back.";
        assert_eq!(replaced("travel", 6), expected);
    }

    #[test]
    fn starter_sets_are_written_as_names_are() {
        assert_eq!(capitalised("travel"), "Travel");
    }
}
