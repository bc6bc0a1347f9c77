//! A field for a path, where the system has no dialog, or where typing is quicker.

use std::path::PathBuf;

use eframe::egui::{Id, Key, TextEdit, Ui};

use super::controls::{note, primary_button};
use crate::language::{text, tr};

#[derive(Default)]
pub struct PathPrompt {
    text: String,
    /// Why the field is shown, where nobody asked for it.
    reason: Option<&'static str>,
    has_been_focused: bool,
}

/// What stands around the field.
pub struct Words {
    pub says: &'static str,
    pub name: &'static str,
    pub example: &'static str,
    pub icon: &'static str,
    pub button: &'static str,
    pub hint: &'static str,
}

impl PathPrompt {
    /// For a system whose own dialog does not answer.
    pub fn instead_of_dialog() -> PathPrompt {
        PathPrompt { reason: Some(text("This system offers no dialog for folders.")), ..PathPrompt::default() }
    }

    /// Draws the field; returns the path once it is entered.
    pub fn show(&mut self, ui: &mut Ui, words: &Words) -> Option<PathBuf> {
        self.reason.iter().for_each(|reason| drop(note(ui, tr(reason))));
        note(ui, tr(words.says));
        let field = TextEdit::singleline(&mut self.text).id(path_id()).desired_width(f32::INFINITY);
        let response = ui.add(field.hint_text(words.example)).accessible_name(tr(words.name));
        if !self.has_been_focused {
            response.request_focus();
            response.scroll_to_me(None);
            self.has_been_focused = true;
        }
        let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let is_clicked = primary_button(ui, words.icon, tr(words.button), tr(words.hint)).clicked();
        path_of(&self.text, std::env::home_dir()).filter(|_| is_entered || is_clicked)
    }
}

/// The field in which a path is written.
fn path_id() -> Id {
    Id::unique("path")
}

/// The path that somebody typed or pasted: without quotes, and with `~` for the home folder.
pub fn path_of(text: &str, home: Option<PathBuf>) -> Option<PathBuf> {
    let text = text.trim().trim_matches(['"', '\'']);
    if text.is_empty() {
        return None;
    }
    match (text.strip_prefix('~'), home) {
        (Some(""), Some(home)) => Some(home),
        (Some(rest), Some(home)) if rest.starts_with(['/', '\\']) => Some(home.join(&rest[1..])),
        _ => Some(PathBuf::from(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_be_pasted_with_quotes_or_begin_at_home() {
        let path = |text: &str| path_of(text, Some("/home/ada".into()));
        assert_eq!(path(" '/photos/a b' "), Some("/photos/a b".into()));
        assert_eq!(path("~/Pictures"), Some("/home/ada/Pictures".into()));
        assert_eq!(path("~"), Some("/home/ada".into()));
        assert_eq!(path("~backup"), Some("~backup".into()));
        assert_eq!(path("  "), None);
    }
}
