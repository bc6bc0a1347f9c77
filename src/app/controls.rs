//! Controls that several panels share. Each has an accessible name, and says on hover what it does and by which key.

use eframe::egui::{Align, Button, Layout, Response, RichText, TextEdit, Ui, vec2};

use super::theme::{CONTROL, palette_of, semibold};

/// A square button with an icon alone.
pub fn icon_button(ui: &mut Ui, icon: &str, name: &str, hint: &str) -> Response {
    icon_button_if(ui, true, icon, name, hint)
}

/// The same, greyed out unless `is_enabled`.
pub fn icon_button_if(ui: &mut Ui, is_enabled: bool, icon: &str, name: &str, hint: &str) -> Response {
    let button = Button::new(RichText::new(icon).size(18.0)).frame_when_inactive(false);
    let button = button.min_size(vec2(CONTROL, CONTROL));
    let response = ui.scope(|ui| {
        ui.spacing_mut().button_padding.x = 4.0;
        ui.add_enabled(is_enabled, button)
    });
    named(response.inner, name, hint)
}

/// A small icon that belongs to a line of text.
pub fn small_icon_button(ui: &mut Ui, icon: &str, name: &str, hint: &str) -> Response {
    let button = Button::new(RichText::new(icon).size(14.0)).frame_when_inactive(false).min_size(vec2(22.0, 22.0));
    let response = ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(3.0, 1.0);
        ui.spacing_mut().interact_size.y = 22.0;
        ui.add(button)
    });
    named(response.inner, name, hint)
}

/// A button with words, and an icon before them where one helps.
pub fn text_button(ui: &mut Ui, icon: Option<&str>, text: &str, hint: &str) -> Response {
    let response = match icon {
        Some(icon) => ui.add(Button::new((RichText::new(icon).size(16.0), text))),
        None => ui.button(text),
    };
    named(response, text, hint)
}

/// The button that does what a person most likely wants here.
pub fn primary_button(ui: &mut Ui, icon: &str, text: &str, hint: &str) -> Response {
    let colours = palette_of(ui);
    let ink = |text: &str| RichText::new(text).color(colours.on_accent);
    let button = Button::new((ink(icon).size(18.0), ink(text).family(semibold())));
    let button = button.fill(colours.accent).min_size(vec2(0.0, CONTROL + 8.0));
    let response = ui.scope(|ui| {
        ui.spacing_mut().button_padding.x = 16.0;
        ui.add(button)
    });
    named(response.inner, text, hint)
}

/// A field that shows its frame only while it is pointed at or written in.
pub fn quiet_field<'a>(ui: &Ui, text: &'a mut String, id: eframe::egui::Id) -> TextEdit<'a> {
    let is_in_use = ui.memory(|memory| memory.has_focus(id));
    let field = TextEdit::singleline(text).id(id).desired_width(f32::INFINITY);
    if is_in_use { field } else { field.background_color(eframe::egui::Color32::TRANSPARENT) }
}

/// Small text that does not draw the eye.
pub fn note(ui: &mut Ui, text: impl Into<String>) -> Response {
    ui.label(RichText::new(text).small().weak())
}

/// The heading of a panel, or of a part of one.
pub fn heading(ui: &mut Ui, text: &str) -> Response {
    let colour = palette_of(ui).weak;
    ui.label(RichText::new(text).small().family(semibold()).color(colour))
}

/// Draws from the right edge; used for what stands at the end of a line.
pub fn at_the_right<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    ui.with_layout(Layout::right_to_left(Align::Center), content).inner
}

fn named(response: Response, name: &str, hint: &str) -> Response {
    let response = response.accessible_name(name);
    let hint = if hint.is_empty() { return response } else { hint };
    response.on_hover_text(hint).on_disabled_hover_text(hint)
}
