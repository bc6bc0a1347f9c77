//! The keyboard of the window: which key does what, where it counts, and what Help says about it.
//!
//! A key typed in a text field is text: plain keys count only where nothing is being written.

use eframe::egui::{Context, Event, Key, KeyboardShortcut, Modifiers};

use crate::language::{text, tr};

/// What a key or a button makes the window do, beside commands to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    OpenFolder,
    TypePath,
    Models,
    /// Chooses a folder with a model.
    OpenModel,
    Find,
    LeaveFind,
    NewCategory,
    CycleOrder,
    PauseOrResume,
    Undo,
    Redo,
    NextPanel,
    PreviousPanel,
    ShowCategories,
    ShowUnreadable,
    /// Begins the review of the selected category, or ends it.
    Review,
    /// Shows or hides what is known of the photo in focus.
    Inspector,
    /// Shows it, whether it was shown or not.
    ShowInspector,
    /// Ranks everything by the photos that keys act on.
    FindSimilar,
    /// Opens or closes the filter.
    Filter,
    /// Looks for ways to describe the selected category better.
    Doctor,
    Sets,
    Settings,
    Evaluate,
    /// Opens what leads out of the window, or closes it.
    Export,
    /// Shows what would go to the trash.
    Trash,
    Help,
}

/// Where a key counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Everywhere,
    /// Not in text fields that keep their own history.
    OutsideFreeText,
    OutsideText,
    /// Not in text fields, and not while one photo fills the window.
    Grid,
}

/// What the keyboard writes into at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    Nothing,
    /// A field of a category, whose edits the program's own undo takes back.
    Category,
    /// A field whose edits only the field itself can take back.
    FreeText,
}

pub struct Binding {
    pub action: Action,
    pub shortcuts: &'static [KeyboardShortcut],
    /// What Help says; empty for a key that another row names.
    pub says: &'static str,
    reach: Reach,
}

const fn key(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn command(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn binding(action: Action, shortcuts: &'static [KeyboardShortcut], reach: Reach, says: &'static str) -> Binding {
    Binding { action, shortcuts, says, reach }
}

const COMMAND_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };

/// Also closes the page that it opened.
pub const MODELS: KeyboardShortcut = command(Key::M);
pub const EXPORT: KeyboardShortcut = command(Key::E);
pub const SETS: KeyboardShortcut = command(Key::L);
pub const SETTINGS: KeyboardShortcut = command(Key::Comma);
pub const EVALUATE: KeyboardShortcut = KeyboardShortcut::new(COMMAND_SHIFT, Key::E);

/// Of two keys that differ in a modifier, the one with more of them stands first: matching ignores an extra Shift.
pub const BINDINGS: &[Binding] = &[
    binding(
        Action::TypePath,
        &[KeyboardShortcut::new(COMMAND_SHIFT, Key::O)],
        Reach::Everywhere,
        text("Type the path of a folder"),
    ),
    binding(Action::OpenFolder, &[command(Key::O)], Reach::Everywhere, text("Open a folder")),
    binding(Action::Find, &[command(Key::F), key(Key::F)], Reach::Everywhere, text("Find photos by words")),
    binding(Action::NewCategory, &[command(Key::N)], Reach::Everywhere, text("Add a category")),
    binding(Action::Models, &[MODELS], Reach::Everywhere, text("Models: what sorts the photos, and on which device")),
    binding(Action::Evaluate, &[EVALUATE], Reach::Everywhere, text("Evaluation: how often the categories are right")),
    binding(
        Action::Export,
        &[EXPORT],
        Reach::Everywhere,
        text("Export: keywords into files, photos into folders, tables"),
    ),
    binding(Action::Sets, &[SETS], Reach::Everywhere, text("Sets of categories: keep, load, share")),
    binding(Action::Settings, &[SETTINGS], Reach::Everywhere, text("Settings: cores, battery, what is kept")),
    binding(Action::Redo, &[KeyboardShortcut::new(COMMAND_SHIFT, Key::Z)], Reach::OutsideFreeText, text("Redo")),
    binding(Action::Undo, &[command(Key::Z), key(Key::U)], Reach::OutsideFreeText, text("Undo")),
    binding(Action::CycleOrder, &[key(Key::G)], Reach::Grid, text("Groups, ranked, folder")),
    binding(Action::Review, &[key(Key::R)], Reach::OutsideText, text("Review: answer one question after another")),
    binding(Action::FindSimilar, &[key(Key::S)], Reach::Grid, text("Find photos like those selected")),
    binding(Action::Filter, &[key(Key::L)], Reach::Grid, text("Filter by keyword, stars or label")),
    binding(Action::Doctor, &[key(Key::D)], Reach::Grid, text("Prompt doctor for the selected category")),
    binding(Action::Inspector, &[key(Key::I)], Reach::Grid, text("Inspector: why a photo stands where it stands")),
    binding(
        Action::Trash,
        &[command(Key::Backspace)],
        Reach::Grid,
        text("Put the selected photos into the trash; shows first what would go"),
    ),
    binding(Action::PauseOrResume, &[key(Key::P)], Reach::OutsideText, text("Pause or go on")),
    binding(
        Action::PreviousPanel,
        &[KeyboardShortcut::new(Modifiers::SHIFT, Key::Tab)],
        Reach::OutsideText,
        text("Previous panel"),
    ),
    binding(Action::NextPanel, &[key(Key::Tab)], Reach::OutsideText, text("Next panel; arrows move within it")),
    binding(Action::Help, &[key(Key::F1)], Reach::Everywhere, text("This help")),
];

/// The actions whose keys went down in this frame. Their keys, and what they would have written, are taken from the
/// input, so that no text field sees them.
pub fn take(ctx: &Context, typing: Typing, is_photo_open: bool) -> Vec<Action> {
    let mut actions = Vec::new();
    for binding in BINDINGS {
        for shortcut in binding.shortcuts {
            if counts(binding.reach, shortcut, typing, is_photo_open) && ctx.input_mut(|i| i.consume_shortcut(shortcut))
            {
                actions.push(binding.action);
                if writes_text(shortcut) {
                    ctx.input_mut(|input| input.events.retain(|event| !matches!(event, Event::Text(_))));
                }
            }
        }
    }
    actions
}

/// Keeps what was typed after a key that acts for the next frame, in `held`: by then the key has moved the keyboard to
/// where the rest belongs. A slow frame would lose it otherwise, or write it into the wrong field.
pub fn hold_back(events: &mut Vec<Event>, held: &mut Vec<Event>) {
    held.append(events);
    let is_press = |event: &Event| matches!(event, Event::Key { pressed: true, .. });
    let acting = held.iter().position(acts);
    let next = acting.and_then(|at| held[at + 1..].iter().position(is_press).map(|after| at + 1 + after));
    let rest = next.map_or_else(Vec::new, |next| held.split_off(next));
    *events = std::mem::replace(held, rest);
}

/// What a tooltip adds about keys: " (Ctrl+O)".
pub fn hint(ctx: &Context, action: Action) -> String {
    let shortcut = of(action).and_then(|binding| binding.shortcuts.first());
    shortcut.map_or(String::new(), |shortcut| format!(" ({})", in_language(&ctx.format_shortcut(shortcut))))
}

/// All keys of a binding, for Help: "Ctrl+Z or U".
pub fn in_words(ctx: &Context, binding: &Binding) -> String {
    let keys: Vec<String> =
        binding.shortcuts.iter().map(|shortcut| in_language(&ctx.format_shortcut(shortcut))).collect();
    keys.join(tr(" or "))
}

/// A shortcut as the keyboards of the current language call its keys.
fn in_language(shortcut: &str) -> String {
    const NAMES: [&str; 4] = [text("Ctrl"), text("Shift"), text("Backspace"), text("Delete")];
    let name = |key: &str| NAMES.iter().find(|name| **name == key).map_or(key, |name| tr(name)).to_owned();
    shortcut.split('+').map(name).collect::<Vec<_>>().join("+")
}

fn of(action: Action) -> Option<&'static Binding> {
    BINDINGS.iter().find(|binding| binding.action == action)
}

fn counts(reach: Reach, shortcut: &KeyboardShortcut, typing: Typing, is_photo_open: bool) -> bool {
    if writes_text(shortcut) && typing != Typing::Nothing {
        return false;
    }
    match reach {
        Reach::Everywhere => true,
        Reach::OutsideFreeText => typing != Typing::FreeText,
        Reach::OutsideText => typing == Typing::Nothing,
        Reach::Grid => typing == Typing::Nothing && !is_photo_open,
    }
}

/// Whether the event may move the keyboard elsewhere.
fn acts(event: &Event) -> bool {
    let Event::Key { key, pressed: true, modifiers, .. } = event else { return false };
    let is_bound =
        |shortcut: &KeyboardShortcut| shortcut.logical_key == *key && modifiers.matches_logically(shortcut.modifiers);
    let moves_on = matches!(key, Key::Enter | Key::Escape | Key::Tab);
    moves_on || BINDINGS.iter().any(|binding| binding.shortcuts.iter().any(is_bound))
}

/// Whether a text field would take the key as a character.
fn writes_text(shortcut: &KeyboardShortcut) -> bool {
    let is_plain = !shortcut.modifiers.command && !shortcut.modifiers.alt;
    is_plain && !matches!(shortcut.logical_key, Key::F1 | Key::Tab)
}

#[cfg(test)]
mod tests {
    use eframe::egui::RawInput;

    use super::*;

    /// What the key does in a window that is in this state.
    fn pressed(key: Key, modifiers: Modifiers, typing: Typing, is_photo_open: bool) -> Vec<Action> {
        let event = Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers };
        let input = RawInput { events: vec![event, Event::Text("x".to_owned())], ..RawInput::default() };
        let ctx = Context::default();
        let mut actions = Vec::new();
        let drawn = ctx.run_ui(input, |ui| actions = take(ui.ctx(), typing, is_photo_open));
        drawn.drop_without_applying_deltas();
        actions
    }

    #[test]
    fn a_key_typed_in_a_text_field_is_text() {
        for key in [Key::F, Key::G, Key::P, Key::U] {
            assert_eq!(pressed(key, Modifiers::NONE, Typing::Category, false), [], "{key:?}");
            assert_eq!(pressed(key, Modifiers::NONE, Typing::Nothing, false).len(), 1, "{key:?}");
        }
    }

    #[test]
    fn undo_reaches_into_the_fields_of_a_category_but_not_into_find() {
        assert_eq!(pressed(Key::Z, Modifiers::COMMAND, Typing::Category, false), [Action::Undo]);
        assert_eq!(pressed(Key::Z, COMMAND_SHIFT, Typing::Category, false), [Action::Redo]);
        assert_eq!(pressed(Key::Z, Modifiers::COMMAND, Typing::FreeText, false), []);
    }

    #[test]
    fn one_photo_filling_the_window_keeps_the_keys_of_the_grid() {
        assert_eq!(pressed(Key::G, Modifiers::NONE, Typing::Nothing, true), []);
        assert_eq!(pressed(Key::P, Modifiers::NONE, Typing::Nothing, true), [Action::PauseOrResume]);
    }

    #[test]
    fn a_plain_key_that_acts_writes_nothing() {
        let event =
            Event::Key { key: Key::F, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE };
        let input = RawInput { events: vec![event, Event::Text("f".to_owned())], ..RawInput::default() };
        let ctx = Context::default();
        let drawn = ctx.run_ui(input, |ui| {
            take(ui.ctx(), Typing::Nothing, false);
            assert!(ui.input(|input| input.events.is_empty()));
        });
        drawn.drop_without_applying_deltas();
    }

    #[test]
    fn what_is_typed_after_a_key_that_acts_waits_for_the_next_frame() {
        let press =
            |key| Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE };
        let text = |text: &str| Event::Text(text.to_owned());
        let mut held = Vec::new();
        let mut events = vec![press(Key::A), text("a"), press(Key::Enter), press(Key::B), text("b")];
        hold_back(&mut events, &mut held);
        assert_eq!(events, [press(Key::A), text("a"), press(Key::Enter)]);
        events.clear();
        hold_back(&mut events, &mut held);
        assert_eq!(events, [press(Key::B), text("b")]);
        assert!(held.is_empty());
    }

    #[test]
    fn an_extra_modifier_makes_another_key() {
        assert_eq!(pressed(Key::O, COMMAND_SHIFT, Typing::Nothing, false), [Action::TypePath]);
        assert_eq!(pressed(Key::O, Modifiers::COMMAND, Typing::Nothing, false), [Action::OpenFolder]);
    }

    #[test]
    fn shift_tab_goes_back() {
        assert_eq!(pressed(Key::Tab, Modifiers::SHIFT, Typing::Nothing, false), [Action::PreviousPanel]);
        assert_eq!(pressed(Key::Tab, Modifiers::NONE, Typing::Nothing, false), [Action::NextPanel]);
    }
}
