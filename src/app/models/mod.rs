//! The page of models: what sorts the photos, what else could, what that would gain and cost, and on which device.

mod device;
mod entry;
mod recommendation;
mod row;
mod status;
mod words;

use std::path::PathBuf;

use eframe::egui::{Context, Key, Label, Modifiers, RichText, ScrollArea, Ui, vec2};

use entry::{Entries, Entry, State};
pub use recommendation::{in_words as recommendation_in_words, recommendation, show as show_recommendation};
use row::{Question, in_view};
pub use status::{reading_again, show_downloads, show_model, show_stay};

use super::controls::{heading, note, primary_button, small_icon_button, text_button};
use super::keys::Action;
use super::path_prompt::{PathPrompt, Words};
use super::theme::STEP;
use super::{Requests, icons, notices};
use crate::engine::{Command, ModelChoice, Session};
use crate::language::{plural, text, tr};

/// What the page keeps while it is open.
#[derive(Default)]
pub struct ModelsPage {
    question: Option<Question>,
    /// Whether the question stood in the last frame already.
    is_asked: bool,
    /// The row that gets the keyboard back after a question.
    returns_to: Option<String>,
    path: Option<PathPrompt>,
}

impl ModelsPage {
    /// For a system whose own dialog does not answer.
    pub fn without_dialog() -> ModelsPage {
        ModelsPage { path: Some(PathPrompt::instead_of_dialog()), ..ModelsPage::default() }
    }
}

/// The models among what was dropped on the page: of the files of one folder, the weights stand for all.
pub fn among(mut dropped: Vec<PathBuf>) -> Vec<PathBuf> {
    let is_weights = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "safetensors");
    if dropped.iter().any(is_weights) {
        dropped.retain(is_weights);
        dropped.dedup_by(|a, b| a.parent() == b.parent());
    }
    dropped
}

/// Draws the page.
pub fn show(ui: &mut Ui, page: &mut ModelsPage, session: &Session, height: f32, requests: &mut Requests) {
    leave_by_escape(ui.ctx(), page);
    let notices = notices::of(session, false);
    if !notices.is_empty() {
        notices::show(ui, &notices, requests);
        ui.add_space(STEP);
    }
    ScrollArea::vertical().id_salt("models").max_height(height).min_scrolled_height(height).show(ui, |ui| {
        scroll_by_keys(ui, height);
        let entries = Entries::of(session);
        show_part(ui, tr("On this computer"), &entries.here, page, session, requests);
        show_adding(ui, page, session, requests);
        show_part(ui, tr("To download"), &entries.offered, page, session, requests);
        show_part(ui, tr("Bring your own"), &entries.own_files, page, session, requests);
        device::show(ui, session, requests);
        show_folder(ui, session);
    });
}

/// The first Escape takes back what was begun, the next one closes the page.
fn leave_by_escape(ctx: &Context, page: &mut ModelsPage) {
    let is_begun = page.question.is_some() || page.path.is_some();
    if is_begun && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        page.returns_to = page.question.take().map(|question| question.id().to_owned());
        page.path = None;
    }
}

fn scroll_by_keys(ui: &Ui, height: f32) {
    let pressed = |key| ui.input(|input| input.key_pressed(key));
    let pages = f32::from(i8::from(pressed(Key::PageUp)) - i8::from(pressed(Key::PageDown)));
    if pages != 0.0 {
        ui.scroll_with_delta(vec2(0.0, pages * height * 0.9));
    }
}

fn show_part(
    ui: &mut Ui,
    title: &str,
    entries: &[Entry<'_>],
    page: &mut ModelsPage,
    session: &Session,
    requests: &mut Requests,
) {
    if entries.is_empty() {
        return;
    }
    part(ui, title);
    for (place, entry) in entries.iter().enumerate() {
        if place > 0 {
            ui.separator();
        }
        ui.push_id(("model", &entry.id), |ui| show_entry(ui, entry, page, session, requests));
    }
}

fn part(ui: &mut Ui, title: &str) {
    ui.add_space(3.0 * STEP);
    heading(ui, title);
    ui.add_space(STEP);
}

fn show_entry(ui: &mut Ui, entry: &Entry<'_>, page: &mut ModelsPage, session: &Session, requests: &mut Requests) {
    let takes_keyboard = page.returns_to.take_if(|id| *id == entry.id).is_some();
    if let Some(question) = row::show(ui, session, entry, takes_keyboard, requests) {
        (page.question, page.is_asked) = (Some(question), false);
    }
    let Some(question) = page.question.clone().filter(|question| question.id() == entry.id) else { return };
    let answer = match question {
        Question::Download(id) if entry.state == State::Offered => {
            let (text, yes) = (download_in_words(entry, session), download_button(session));
            let answer = ask(ui, &text, icons::DOWNLOAD_SIMPLE, yes, tr("Not now"), page);
            answer.map(|is_yes| is_yes.then_some(Command::Download(id)))
        }
        Question::Remove(id) if entry.installed.is_some() => {
            let answer = ask(ui, &removal_in_words(entry), icons::TRASH, tr("Remove"), tr("Keep it"), page);
            answer.map(|is_yes| is_yes.then_some(Command::RemoveModel(id)))
        }
        // It was done meanwhile.
        _ => Some(None),
    };
    if let Some(answer) = answer {
        requests.commands.extend(answer);
        page.question = None;
        page.returns_to = Some(entry.id.clone());
    }
}

/// Draws a question; returns the answer once there is one. The keyboard starts at the answer that changes nothing, so
/// that a key held too long does not say yes.
fn ask(ui: &mut Ui, text: &str, icon: &str, yes: &str, no: &str, page: &mut ModelsPage) -> Option<bool> {
    let asked = ui.vertical(|ui| {
        ui.add_space(STEP);
        ui.add(Label::new(text).wrap());
        ui.horizontal_wrapped(|ui| {
            let is_yes = in_view(primary_button(ui, icon, yes, "")).clicked();
            let refusal = in_view(text_button(ui, None, no, tr("Escape does the same")));
            if !page.is_asked {
                page.is_asked = true;
                refusal.request_focus();
            }
            if is_yes { Some(true) } else { refusal.clicked().then_some(false) }
        })
        .inner
    });
    if page.question.is_some() && asked.inner.is_none() && asked.response.rect.bottom() > ui.clip_rect().bottom() {
        asked.response.scroll_to_me(None);
    }
    asked.inner
}

fn download_in_words(entry: &Entry<'_>, session: &Session) -> String {
    let size = entry.known.map_or(0, |known| known.download_bytes);
    let folder = session.models().folder();
    let into =
        if folder.as_os_str().is_empty() { String::new() } else { tr!(" into {folder}", folder = folder.display()) };
    let then = match takes_over(session) {
        true => tr(" Then it reads your photos, and takes over from the starter model when it has seen them."),
        false => "",
    };
    let text = tr!(
        "Downloads {size} from {place}{into}. Nothing else is sent: no photo, no prompt.",
        size = words::size(size),
        place = words::hub(session.models().hub_host()),
        into
    );
    text + then
}

fn download_button(session: &Session) -> &'static str {
    if takes_over(session) { tr("Download and use") } else { tr("Download") }
}

fn removal_in_words(entry: &Entry<'_>) -> String {
    let size = entry.installed.map_or(0, |installed| installed.size_bytes);
    let after = match entry.state {
        State::InUse | State::Loading | State::Broken(_) => tr(" The starter model takes over."),
        State::Next { .. } => tr(" The model in use goes on sorting."),
        _ => "",
    };
    tr!(
        "Deletes {size} from this computer.{after} What it has read of your photos is kept, so none is read again should \
         you add it once more.",
        size = words::size(size),
        after
    )
}

/// What is being copied, and the ways to add more.
fn show_adding(ui: &mut Ui, page: &mut ModelsPage, session: &Session, requests: &mut Requests) {
    ui.add_space(2.0 * STEP);
    for path in session.models().adding() {
        note(ui, tr!("Checking and copying {path}", path = path.display()));
    }
    if let Some(prompt) = &mut page.path {
        const WORDS: Words = Words {
            says: text("Write the path of a folder with the files of a model, or drop it on this page."),
            name: text("Path of a model"),
            example: "/home/ada/models/siglip",
            icon: icons::PLUS,
            button: text("Add"),
            hint: text("Copy this model to Tagroll's own (Enter)"),
        };
        if let Some(path) = prompt.show(ui, &WORDS) {
            requests.commands.push(Command::AddModel(path));
            page.path = None;
        }
        return;
    }
    ui.horizontal_wrapped(|ui| {
        let tip = tr("A folder with a model's files as its authors publish them; it is copied, nothing is fetched");
        if in_view(text_button(ui, Some(icons::FOLDER), tr("Add from folder…"), tip)).clicked() {
            requests.actions.push(Action::OpenModel);
        }
        let tip = tr("Write where the folder of a model is");
        if in_view(text_button(ui, Some(icons::PENCIL_SIMPLE), tr("Type a model's path…"), tip)).clicked() {
            page.path = Some(PathPrompt::default());
        }
        note(ui, tr("or drop it on this page"));
    });
}

fn show_folder(ui: &mut Ui, session: &Session) {
    let models = session.models();
    if models.folder().as_os_str().is_empty() {
        return;
    }
    part(ui, tr("Where they lie"));
    let total = models.installed().iter().map(|installed| installed.size_bytes).sum();
    let text = match models.installed().len() {
        0 => tr("Nothing was added yet. Models will lie in").to_owned(),
        many => {
            plural!(many, "One model, {size}, in", "{n} models, {size} together, in", size = words::size(total))
        }
    };
    ui.horizontal_wrapped(|ui| {
        let path = models.folder().display().to_string();
        ui.add(Label::new(RichText::new(format!("{text} {path}")).small().weak()).wrap());
        if in_view(small_icon_button(ui, icons::COPY, tr("Copy path"), tr("Copy where models lie"))).clicked() {
            ui.ctx().copy_text(path);
        }
    });
}

/// Whether the next download will sort the photos when it is here, so that its button can say so.
fn takes_over(session: &Session) -> bool {
    session.wanted_request().choice == ModelChoice::Starter && session.models().downloads().next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_one_folder_are_one_model() {
        let dropped = |paths: &[&str]| among(paths.iter().map(PathBuf::from).collect());
        let shards = ["/m/config.json", "/m/model-1.safetensors", "/m/model-2.safetensors", "/m/tokenizer.json"];
        assert_eq!(dropped(&shards), [PathBuf::from("/m/model-1.safetensors")]);
        assert_eq!(dropped(&["/m", "/n"]), [PathBuf::from("/m"), PathBuf::from("/n")]);
    }
}
