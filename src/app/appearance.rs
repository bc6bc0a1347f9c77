//! Dark or light: as the person chose, or as the desktop is.

use eframe::egui::{Button, Context, ThemePreference, Ui};

use super::Requests;
use crate::engine::{Appearance, Command, Desktop, Session};
use crate::language::tr;

/// Draws the choice as a row.
pub fn show(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    ui.horizontal_wrapped(|ui| {
        for choice in [Appearance::System, Appearance::Dark, Appearance::Light] {
            let name = match choice {
                Appearance::System => tr("As the system"),
                Appearance::Dark => tr("Dark"),
                Appearance::Light => tr("Light"),
            };
            let response = ui.add(Button::selectable(session.appearance() == choice, name));
            if response.on_hover_text(tr("Counts at once, and at the next start")).clicked() {
                requests.commands.push(Command::SetAppearance(choice));
            }
        }
    });
}

/// Has the next frame drawn as the person wants it.
pub fn follow(ctx: &Context, session: &Session, desktop: &Desktop) {
    let preference = match session.appearance() {
        Appearance::Dark => ThemePreference::Dark,
        Appearance::Light => ThemePreference::Light,
        Appearance::System => match desktop.is_dark() {
            None => ThemePreference::System,
            Some(true) => ThemePreference::Dark,
            Some(false) => ThemePreference::Light,
        },
    };
    if ctx.options(|options| options.theme_preference) != preference {
        ctx.set_theme(preference);
    }
}
