//! The choice of the language that the window speaks. What is chosen is spoken from the next frame on.

use eframe::egui::{Button, Ui};

use super::Requests;
use super::controls::note;
use crate::engine::{Command, Session};
use crate::language::{self, Language, LanguageChoice, tr};

/// Draws the choice as a row.
pub fn show(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    ui.horizontal_wrapped(|ui| {
        for choice in LanguageChoice::ALL {
            let response = ui.add(Button::selectable(session.language() == choice, name(choice)));
            if response.on_hover_text(tr("Spoken at once, and at the next start")).clicked() {
                requests.commands.push(Command::SetLanguage(choice));
            }
        }
        note(ui, tr("Prompts stay in the language that the model understands"));
    });
}

/// Speaks what was chosen; `system` is the language of the system.
pub fn follow(session: &Session, system: Language) {
    language::speak(session.language().language(system));
}

/// A language is called by its own name, so that whoever needs it finds it.
fn name(choice: LanguageChoice) -> &'static str {
    match choice {
        LanguageChoice::System => tr("As the system"),
        LanguageChoice::English => "English",
        LanguageChoice::German => "Deutsch",
    }
}
