//! The question before everything is forgotten: what goes, with its size, and what stays.

use eframe::egui::{Label, RichText, Ui};

use crate::app::controls::{at_the_right, note, primary_button, text_button};
use crate::app::icons;
use crate::app::theme::{STEP, semibold};
use crate::catalog::words::{count, counted, size};
use crate::engine::{Kept, KeptPart, KeptWhat, Session};
use crate::language::{message, tr};

/// Wider, a size would stand too far from what it is of.
const MOST_WIDTH: f32 = 420.0;

/// The question, as long as it is open.
#[derive(Default)]
pub struct Question {
    /// Whether it stood in the last frame already.
    is_asked: bool,
}

/// Draws the question; returns the answer once there is one. The keyboard starts at the answer that changes nothing, so that
/// a key held too long does not say yes.
pub fn ask(ui: &mut Ui, question: &mut Question, session: &Session) -> Option<bool> {
    // It was forgotten meanwhile.
    let Some(kept) = session.kept() else { return Some(false) };
    ui.add_space(2.0 * STEP);
    ui.add(Label::new(tr("This goes for good:")).wrap());
    ui.add_space(STEP);
    ui.scope(|ui| {
        ui.set_max_width(MOST_WIDTH);
        show_parts(ui, kept);
    });
    ui.add_space(2.0 * STEP);
    note(ui, tr("Your photos and the sidecars beside them stay as they are, with every keyword in them."));
    if kept.parts.iter().any(|part| part.what == KeptWhat::Exports) {
        note(ui, tr("Exports of the past can then no longer be undone."));
    }
    ui.add_space(2.0 * STEP);
    ui.horizontal_wrapped(|ui| {
        let is_yes = primary_button(ui, icons::TRASH, tr("Forget everything"), tr("There is no way back")).clicked();
        let refusal = text_button(ui, None, tr("Keep everything"), tr("Escape does the same"));
        if !question.is_asked {
            question.is_asked = true;
            refusal.request_focus();
        }
        if is_yes { Some(true) } else { refusal.clicked().then_some(false) }
    })
    .inner
}

fn show_parts(ui: &mut Ui, kept: &Kept) {
    for part in &kept.parts {
        show_line(ui, RichText::new(in_words(part)), RichText::new(size(part.size_bytes)));
    }
    ui.separator();
    let strong = |text: String| RichText::new(text).family(semibold());
    show_line(ui, strong(tr("Together").to_owned()), strong(size(kept.size_bytes())));
}

fn show_line(ui: &mut Ui, what: RichText, size: RichText) {
    ui.horizontal(|ui| {
        // A list is read line by line, and needs no room for the finger.
        ui.spacing_mut().interact_size.y = 20.0;
        ui.label(what);
        at_the_right(ui, |ui| ui.label(size));
    });
}

fn in_words(part: &KeptPart) -> String {
    let number = part.count as usize;
    match &part.what {
        KeptWhat::Thumbnails => counted(number, "thumbnail", "thumbnails"),
        KeptWhat::Vectors => tr!("What models saw in photos ({number})", number = count(number)),
        KeptWhat::Verdicts => counted(number, "verdict", "verdicts"),
        KeptWhat::Catalogue => tr("The list of photos, with their keywords").to_owned(),
        KeptWhat::Session => tr("Your categories and settings").to_owned(),
        KeptWhat::Sets => counted(number, "set of categories", "sets of categories"),
        KeptWhat::Exports => tr("What is needed to undo exports").to_owned(),
        KeptWhat::Model(name) => tr!("Model {name}", name = message(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_said_in_a_persons_words() {
        let check = |what: KeptWhat, count: u64, text: &str| {
            assert_eq!(in_words(&KeptPart { what, count, size_bytes: 1 }), text);
        };
        check(KeptWhat::Thumbnails, 12_403, "12,403 thumbnails");
        check(KeptWhat::Verdicts, 1, "1 verdict");
        check(KeptWhat::Model("SigLIP 2".to_owned()), 1, "Model SigLIP 2");
    }
}
