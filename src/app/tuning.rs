//! What the selected category is made of: prompts, negatives and cut-off, edited in place.
//!
//! Enter adds a line, Backspace in an empty one removes it, the arrows move between lines.

use eframe::egui::{Id, Key, Modifiers, RichText, TextEdit, Ui};

use super::controls::{at_the_right, heading, note, small_icon_button};
use super::theme::{STEP, palette_of};
use super::{Requests, icons};
use crate::catalog::{Category, CategoryId, Cutoff, DEFAULT_TEMPLATE, Prompt, expand};
use crate::engine::{Command, Model, Session};

/// The two lists of sentences that a category has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum List {
    Prompts,
    Negatives,
}

/// What a list of lines became, and the line that is to be written in next.
#[derive(Debug, PartialEq)]
struct Edited {
    lines: Vec<String>,
    next: Option<usize>,
}

impl List {
    fn lines(self, category: &Category) -> Vec<String> {
        let lines: Vec<String> = match self {
            List::Prompts => category.prompts.iter().map(|prompt| prompt.text.clone()).collect(),
            List::Negatives => category.negatives.iter().map(|prompt| prompt.text.clone()).collect(),
        };
        if lines.is_empty() { vec![String::new()] } else { lines }
    }

    fn command(self, id: CategoryId, lines: Vec<String>) -> Command {
        let prompts = lines.into_iter().map(Prompt::from).collect();
        match self {
            List::Prompts => Command::SetPrompts(id, prompts),
            List::Negatives => Command::SetNegatives(id, prompts),
        }
    }

    fn name(self) -> &'static str {
        match self {
            List::Prompts => "Prompt",
            List::Negatives => "Negative",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            List::Prompts => DEFAULT_TEMPLATE,
            List::Negatives => "what it is not",
        }
    }
}

/// The field with the name of a category.
pub fn name_id(category: CategoryId) -> Id {
    Id::unique(("name", category))
}

/// Whether `id` is a field of the category: what is written there is taken back by the program's own undo.
pub fn is_field_of(category: &Category, id: Id) -> bool {
    let fields = |list: List| (0..list.lines(category).len()).map(move |line| line_id(category.id, list, line));
    id == name_id(category.id) || fields(List::Prompts).chain(fields(List::Negatives)).any(|field| field == id)
}

/// Draws the prompts, negatives and cut-off of the selected category.
pub fn show(ui: &mut Ui, session: &Session, category: &Category, requests: &mut Requests) {
    ui.spacing_mut().item_spacing.y = STEP;
    show_trouble(ui, session, category);
    heading(ui, "Prompts").on_hover_text("Sentences that describe the photos; {} stands for the name");
    show_lines(ui, category, List::Prompts, requests);
    heading(ui, "But not").on_hover_text("A photo that fits one of these better loses the difference");
    show_lines(ui, category, List::Negatives, requests);
    show_foot(ui, session, category, requests);
}

fn show_trouble(ui: &mut Ui, session: &Session, category: &Category) {
    if let Some(trouble) = session.trouble(category.id) {
        ui.label(RichText::new(trouble).small().color(palette_of(ui).warning));
    } else if matches!(session.model(), Model::Loading) && !session.is_scored(category.id) {
        note(ui, "Waiting for the model");
    }
}

fn show_lines(ui: &mut Ui, category: &Category, list: List, requests: &mut Requests) {
    let lines = list.lines(category);
    let mut edited = None;
    for place in 0..lines.len() {
        edited = show_line(ui, category, list, &lines, place, requests).or(edited);
    }
    let Some(Edited { lines, next }) = edited else { return };
    if let Some(line) = next {
        ui.memory_mut(|memory| memory.request_focus(line_id(category.id, list, line)));
    }
    if lines != list.lines(category) {
        requests.commands.push(list.command(category.id, lines));
    }
}

fn show_line(
    ui: &mut Ui,
    category: &Category,
    list: List,
    lines: &[String],
    place: usize,
    requests: &mut Requests,
) -> Option<Edited> {
    let id = line_id(category.id, list, place);
    if let Some(edited) = by_key(ui, id, lines, place) {
        return Some(edited);
    }
    let mut line = lines[place].clone();
    let name = format!("{} {}", list.name(), place + 1);
    let is_removable = lines.len() > 1 || !lines[0].is_empty();
    let (response, is_removed) = ui
        .horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let width = ui.available_width() - if is_removable { 24.0 } else { 0.0 };
            let field = TextEdit::singleline(&mut line).id(id).hint_text(list.hint()).desired_width(width);
            let response = ui.add(field).accessible_name(&name);
            let remove = format!("Remove {}", name.to_lowercase());
            let is_removed = is_removable && small_icon_button(ui, icons::X, &remove, &remove).clicked();
            (response, is_removed)
        })
        .inner;
    let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if response.lost_focus() {
        requests.commands.push(Command::EndEdit);
    }
    let has_changed = response.changed();
    if !line.is_empty() && line.contains("{}") {
        response.on_hover_text(format!("Read as \"{}\"", expand(line.trim(), category.leaf())));
    }
    let with = |line| [&lines[..place], &[line], &lines[place + 1..]].concat();
    match (is_removed, is_entered, has_changed) {
        (true, ..) => Some(Edited { lines: without(lines, place), next: None }),
        (_, true, _) if !line.trim().is_empty() => Some(with_line_after(&with(line), place)),
        (.., true) => Some(Edited { lines: with(line), next: None }),
        _ => None,
    }
}

/// Keys that act on the line as a whole, before its field sees them.
fn by_key(ui: &Ui, id: Id, lines: &[String], place: usize) -> Option<Edited> {
    if !ui.memory(|memory| memory.has_focus(id)) {
        return None;
    }
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let going_to = |line| Some(Edited { lines: lines.to_vec(), next: Some(line) });
    if lines[place].is_empty() && lines.len() > 1 && pressed(Key::Backspace) {
        return Some(Edited { lines: without(lines, place), next: Some(place.saturating_sub(1)) });
    }
    if place > 0 && pressed(Key::ArrowUp) {
        return going_to(place - 1);
    }
    if place + 1 < lines.len() && pressed(Key::ArrowDown) {
        return going_to(place + 1);
    }
    None
}

fn without(lines: &[String], place: usize) -> Vec<String> {
    [&lines[..place], &lines[place + 1..]].concat()
}

fn with_line_after(lines: &[String], place: usize) -> Edited {
    let lines = [&lines[..=place], &[String::new()], &lines[place + 1..]].concat();
    Edited { lines, next: Some(place + 1) }
}

fn line_id(category: CategoryId, list: List, place: usize) -> Id {
    Id::unique(("line", category, list, place))
}

/// The cut-off in words, and what can be done with the category as a whole.
fn show_foot(ui: &mut Ui, session: &Session, category: &Category, requests: &mut Requests) {
    let place = session.categories().iter().position(|other| other.id == category.id).unwrap_or(0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        match session.cutoff(category.id) {
            Some(cutoff) => {
                note(ui, format!("Cut-off {cutoff:.3}"));
                if small_icon_button(ui, icons::X, "No cut-off", "Let every photo in").clicked() {
                    requests.commands.push(Command::SetCutoff(category.id, Cutoff::Everything));
                    requests.commands.push(Command::EndEdit);
                }
            }
            None => drop(note(ui, "No cut-off").on_hover_text("Drag in the histogram to set one")),
        }
        at_the_right(ui, |ui| {
            if small_icon_button(ui, icons::TRASH, "Remove category", "Remove this category (Delete)").clicked() {
                requests.commands.push(Command::RemoveCategory(category.id));
            }
            if small_icon_button(ui, icons::CARET_DOWN, "Move down", "Move down (Alt+Down)").clicked() {
                requests.commands.push(Command::MoveCategory(category.id, place + 1));
            }
            if small_icon_button(ui, icons::CARET_UP, "Move up", "Move up (Alt+Up)").clicked() {
                requests.commands.push(Command::MoveCategory(category.id, place.saturating_sub(1)));
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn enter_adds_an_empty_line_after_the_one_it_was_pressed_in() {
        let edited = with_line_after(&lines(&["a", "b"]), 0);
        assert_eq!(edited, Edited { lines: lines(&["a", "", "b"]), next: Some(1) });
    }

    #[test]
    fn a_line_can_be_taken_out_anywhere() {
        assert_eq!(without(&lines(&["a", "b", "c"]), 1), lines(&["a", "c"]));
        assert!(without(&lines(&["a"]), 0).is_empty());
    }

    #[test]
    fn the_fields_of_a_category_are_known_by_their_ids() {
        let category = Category::named(CategoryId(3), "dog");
        assert!(is_field_of(&category, name_id(CategoryId(3))));
        assert!(is_field_of(&category, line_id(CategoryId(3), List::Prompts, 0)));
        assert!(is_field_of(&category, line_id(CategoryId(3), List::Negatives, 0)));
        assert!(!is_field_of(&category, line_id(CategoryId(4), List::Prompts, 0)));
    }
}
