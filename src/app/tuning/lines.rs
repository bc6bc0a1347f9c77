//! Lists of words and sentences that a category is made of, a field a line, edited in place.
//!
//! Enter adds a line, Backspace in an empty one removes it, the arrows move between lines; with Ctrl they change how
//! much a line counts.

use eframe::egui::{DragValue, FocusDirection, Id, Key, Modifiers, Rect, TextEdit, Ui, vec2};

use crate::app::controls::small_icon_button;
use crate::app::theme::CONTROL;
use crate::app::{Requests, icons};
use crate::catalog::{Category, CategoryId, DEFAULT_TEMPLATE, Prompt, expand};
use crate::engine::Command;
use crate::language::{filled, text, tr};

/// What a sentence may weigh beside the others.
const WEIGHTS: std::ops::RangeInclusive<f32> = 0.1..=5.0;
const WEIGHT_STEP: f32 = 0.1;
const WEIGHT_WIDTH: f32 = 40.0;

/// The lists that a category has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum List {
    Prompts,
    Negatives,
    Exclusions,
    Synonyms,
}

/// What a list of lines became, and the line that is to be written in next.
#[derive(Debug, PartialEq)]
struct Edited {
    lines: Vec<Prompt>,
    next: Option<usize>,
}

/// What was done to one line.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    is_removed: bool,
    is_entered: bool,
    is_changed: bool,
}

impl List {
    pub const ALL: [List; 4] = [List::Prompts, List::Negatives, List::Exclusions, List::Synonyms];

    /// Never empty, so that there is a line to write in.
    fn lines(self, category: &Category) -> Vec<Prompt> {
        let plain = |texts: &[String]| texts.iter().map(|text| Prompt::from(text.as_str())).collect();
        let lines: Vec<Prompt> = match self {
            List::Prompts => category.prompts.clone(),
            List::Negatives => category.negatives.clone(),
            List::Exclusions => plain(&category.exclusions),
            List::Synonyms => plain(&category.synonyms),
        };
        if lines.is_empty() { vec![Prompt::from("")] } else { lines }
    }

    fn command(self, id: CategoryId, lines: Vec<Prompt>) -> Command {
        let texts = |lines: Vec<Prompt>| lines.into_iter().map(|line| line.text).collect();
        match self {
            List::Prompts => Command::SetPrompts(id, lines),
            List::Negatives => Command::SetNegatives(id, lines),
            List::Exclusions => Command::SetExclusions(id, texts(lines)),
            List::Synonyms => Command::SetSynonyms(id, texts(lines)),
        }
    }

    fn has_weights(self) -> bool {
        matches!(self, List::Prompts | List::Negatives)
    }

    /// What the line of this number is called, what its weight is, and what removes it.
    fn names(self, number: usize) -> [String; 3] {
        let (name, weight, remove) = match self {
            List::Prompts => {
                (text("Prompt {number}"), text("Weight of prompt {number}"), text("Remove prompt {number}"))
            }
            List::Negatives => {
                (text("Negative {number}"), text("Weight of negative {number}"), text("Remove negative {number}"))
            }
            List::Exclusions => (text("Exclusion {number}"), "", text("Remove exclusion {number}")),
            List::Synonyms => (text("Synonym {number}"), "", text("Remove synonym {number}")),
        };
        [name, weight, remove].map(|name| filled(tr(name), &[("number", &number)]))
    }

    fn hint(self) -> &'static str {
        match self {
            List::Prompts => DEFAULT_TEMPLATE,
            List::Negatives => tr("what it is not"),
            List::Exclusions => tr("what must never show"),
            List::Synonyms => tr("another word for it"),
        }
    }
}

/// Whether `id` is a line of the category.
pub fn is_line_of(category: &Category, id: Id) -> bool {
    let fields = |list: List| (0..list.lines(category).len()).map(move |line| line_id(category.id, list, line));
    List::ALL.into_iter().flat_map(fields).any(|field| field == id)
}

/// Draws the lines of one list.
pub fn show(ui: &mut Ui, category: &Category, list: List, requests: &mut Requests) {
    let lines = list.lines(category);
    let mut edited = None;
    for place in 0..lines.len() {
        edited = show_line(ui, category, list, &lines, place, requests).or(edited);
    }
    let Some(Edited { lines, next }) = edited else { return };
    if let Some(line) = next {
        ui.memory_mut(|memory| {
            // An arrow has also asked for the next control, which is not what it means here.
            memory.move_focus(FocusDirection::None);
            memory.request_focus(line_id(category.id, list, line));
        });
    }
    if lines != list.lines(category) {
        requests.commands.push(list.command(category.id, lines));
    }
}

fn show_line(
    ui: &mut Ui,
    category: &Category,
    list: List,
    lines: &[Prompt],
    place: usize,
    requests: &mut Requests,
) -> Option<Edited> {
    let id = line_id(category.id, list, place);
    if let Some(edited) = by_key(ui, id, lines, place) {
        return Some(edited);
    }
    let mut line = lines[place].clone();
    let step = weight_step(ui, id, list);
    if step != 0.0 {
        line.weight = weighed(line.weight, step);
    }
    let done = ui
        .horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            show_fields(ui, category, (list, place, lines.len()), &mut line, requests)
        })
        .inner;
    let with = |line| [&lines[..place], &[line], &lines[place + 1..]].concat();
    if done.is_removed {
        return Some(Edited { lines: without(lines, place), next: None });
    }
    if done.is_entered && !line.text.trim().is_empty() {
        return Some(with_line_after(&with(line), place));
    }
    (done.is_changed || step != 0.0).then(|| Edited { lines: with(line), next: None })
}

fn show_fields(
    ui: &mut Ui,
    category: &Category,
    (list, place, of): (List, usize, usize),
    line: &mut Prompt,
    requests: &mut Requests,
) -> Done {
    let (id, [name, of_weight, remove]) = (line_id(category.id, list, place), list.names(place + 1));
    let is_removable = of > 1 || !line.text.is_empty();
    let shows_weight = list.has_weights() && is_removable && is_weight_shown(ui, id, line.weight);
    let mut width = ui.available_width();
    width -= if is_removable { 24.0 } else { 0.0 };
    width -= if shows_weight { WEIGHT_WIDTH + 2.0 } else { 0.0 };
    let field = TextEdit::singleline(&mut line.text).id(id).hint_text(list.hint()).desired_width(width);
    let response = ui.add(field).accessible_name(&name);
    let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if response.lost_focus() {
        requests.commands.push(Command::EndEdit);
    }
    let mut is_changed = response.changed();
    if !line.text.is_empty() && line.text.contains("{}") {
        response.on_hover_text(tr!("Read as \"{text}\"", text = expand(line.text.trim(), category.leaf())));
    }
    if shows_weight {
        is_changed |= show_weight(ui, id, &of_weight, &mut line.weight, requests);
    }
    let is_removed = is_removable && small_icon_button(ui, icons::X, &remove, &remove).clicked();
    Done { is_removed, is_entered, is_changed }
}

/// A weight of 1 shows only where it could be changed now.
fn is_weight_shown(ui: &Ui, line: Id, weight: f32) -> bool {
    let row = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), CONTROL));
    let control = ui.data(|data| data.get_temp::<Id>(weight_key(line)));
    let has_focus = ui.memory(|memory| memory.has_focus(line) || control.is_some_and(|id| memory.has_focus(id)));
    let is_held = control.is_some_and(|id| ui.ctx().is_being_dragged(id));
    weight != 1.0 || has_focus || is_held || ui.rect_contains_pointer(row)
}

fn show_weight(ui: &mut Ui, line: Id, name: &str, weight: &mut f32, requests: &mut Requests) -> bool {
    let in_figures = |weight: f64, _| format!("{}", (weight * 100.0).round() / 100.0);
    let value = DragValue::new(weight).range(WEIGHTS).speed(0.02).prefix("×").custom_formatter(in_figures);
    let response = ui
        .scope(|ui| {
            ui.spacing_mut().button_padding.x = 2.0;
            ui.spacing_mut().interact_size.x = WEIGHT_WIDTH;
            ui.add_sized(vec2(WEIGHT_WIDTH, CONTROL), value.update_while_editing(false))
        })
        .inner;
    ui.data_mut(|data| data.insert_temp(weight_key(line), response.id));
    let response = response.accessible_name(name);
    let is_changed = response.changed();
    if response.drag_stopped() || response.lost_focus() {
        requests.commands.push(Command::EndEdit);
    }
    let tip = tr("How much it counts beside the others. Drag, or click to type; Ctrl and the arrows work in its line");
    response.on_hover_text(tip);
    is_changed
}

/// Under which the control with the weight of a line is remembered.
fn weight_key(line: Id) -> Id {
    line.with("weight")
}

/// Keys that act on the line as a whole, before its field sees them.
fn by_key(ui: &Ui, id: Id, lines: &[Prompt], place: usize) -> Option<Edited> {
    if !ui.memory(|memory| memory.has_focus(id)) {
        return None;
    }
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let going_to = |line| Some(Edited { lines: lines.to_vec(), next: Some(line) });
    if lines[place].text.is_empty() && lines.len() > 1 && pressed(Modifiers::NONE, Key::Backspace) {
        return Some(Edited { lines: without(lines, place), next: Some(place.saturating_sub(1)) });
    }
    if place > 0 && pressed(Modifiers::NONE, Key::ArrowUp) {
        return going_to(place - 1);
    }
    if place + 1 < lines.len() && pressed(Modifiers::NONE, Key::ArrowDown) {
        return going_to(place + 1);
    }
    None
}

/// How much more the line is to weigh, by a key.
fn weight_step(ui: &Ui, id: Id, list: List) -> f32 {
    if !list.has_weights() || !ui.memory(|memory| memory.has_focus(id)) {
        return 0.0;
    }
    let pressed = |key| ui.input_mut(|input| input.count_and_consume_key(Modifiers::COMMAND, key)) as f32;
    let steps = pressed(Key::ArrowUp) - pressed(Key::ArrowDown);
    if steps != 0.0 {
        ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    }
    steps * WEIGHT_STEP
}

/// Weights stay at whole tenths, so that up and down lead back to 1.
fn weighed(weight: f32, step: f32) -> f32 {
    (((weight + step) * 10.0).round() / 10.0).clamp(*WEIGHTS.start(), *WEIGHTS.end())
}

fn without(lines: &[Prompt], place: usize) -> Vec<Prompt> {
    [&lines[..place], &lines[place + 1..]].concat()
}

fn with_line_after(lines: &[Prompt], place: usize) -> Edited {
    let lines = [&lines[..=place], &[Prompt::from("")], &lines[place + 1..]].concat();
    Edited { lines, next: Some(place + 1) }
}

fn line_id(category: CategoryId, list: List, place: usize) -> Id {
    Id::unique(("line", category, list, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[&str]) -> Vec<Prompt> {
        lines.iter().map(|line| Prompt::from(*line)).collect()
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
    fn weights_go_in_tenths_and_stay_within_reason() {
        assert_eq!(weighed(weighed(1.0, WEIGHT_STEP), -WEIGHT_STEP), 1.0);
        assert_eq!((0..20).fold(1.0, |weight, _| weighed(weight, -WEIGHT_STEP)), 0.1);
    }

    #[test]
    fn the_fields_of_a_category_are_known_by_their_ids() {
        let category = Category::named(CategoryId(3), "dog");
        for list in List::ALL {
            assert!(is_line_of(&category, line_id(CategoryId(3), list, 0)));
        }
        assert!(!is_line_of(&category, line_id(CategoryId(4), List::Prompts, 0)));
    }
}
