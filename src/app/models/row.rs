//! One model on the page: what it gains and costs, how far it is, and what can be done with it.

use eframe::egui::{Align, Button, Label, Layout, ProgressBar, Response, RichText, Ui};

use super::entry::{Entry, State, in_sentence, speed_of};
use super::words;
use crate::app::controls::note;
use crate::app::keys::Action;
use crate::app::theme::{STEP, palette_of, semibold};
use crate::app::{Requests, icons};
use crate::catalog::words::count;
use crate::engine::{Command, ModelChoice, Session};
use crate::language::{message, text, tr};

/// Below this width the buttons stand under the words.
const WIDE: f32 = 480.0;
const BUTTONS: f32 = 200.0;

/// What the starter model can do.
pub const STARTER: &str =
    text("Good at things such as dogs, food, rooms, receipts and snow; weak at colours, states and events.");

/// What is asked before something is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether this model is to be fetched.
    Download(String),
    /// Whether this model is to be deleted.
    Remove(String),
}

impl Question {
    pub fn id(&self) -> &str {
        match self {
            Question::Download(id) | Question::Remove(id) => id,
        }
    }
}

/// Draws the row, whose first button gets the keyboard if it `takes_keyboard`; returns what is to be asked about it.
pub fn show(
    ui: &mut Ui,
    session: &Session,
    entry: &Entry<'_>,
    takes_keyboard: bool,
    requests: &mut Requests,
) -> Option<Question> {
    if ui.available_width() < WIDE {
        show_words(ui, session, entry);
        ui.add_space(STEP);
        return ui.horizontal_wrapped(|ui| show_buttons(ui, session, entry, takes_keyboard, requests)).inner;
    }
    let row = ui.horizontal_top(|ui| {
        let width = ui.available_width() - BUTTONS - 2.0 * STEP;
        ui.vertical(|ui| {
            ui.set_width(width);
            show_words(ui, session, entry);
        });
        let layout = Layout::right_to_left(Align::TOP);
        ui.with_layout(layout, |ui| show_buttons(ui, session, entry, takes_keyboard, requests)).inner
    });
    row.inner
}

fn show_words(ui: &mut Ui, session: &Session, entry: &Entry<'_>) {
    ui.spacing_mut().item_spacing.y = 2.0;
    show_name(ui, entry);
    let (gain, source) = gain(entry);
    let label = ui.add(Label::new(gain).wrap());
    if !source.is_empty() {
        label.on_hover_text(source);
    }
    ui.add(Label::new(RichText::new(costs(session, entry)).small().weak()).wrap());
    let of_starter = if entry.is_starter() { STARTER } else { "" };
    let remark = entry.known.map_or(of_starter, |known| known.note.as_str());
    if !remark.is_empty() {
        ui.add(Label::new(RichText::new(tr(remark)).small().weak()).wrap());
    }
    show_state(ui, entry);
}

fn show_name(ui: &mut Ui, entry: &Entry<'_>) {
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(&entry.name).family(semibold()));
        if let Some(known) = entry.known {
            note(ui, &known.family);
        }
        let accent = palette_of(ui).accent;
        let mark = |ui: &mut Ui, icon: &str, text: &str| {
            ui.label(RichText::new(format!("{icon} {text}")).small().color(accent));
        };
        match entry.state {
            State::InUse => mark(ui, icons::CHECK_CIRCLE, tr("In use")),
            State::Offered if entry.known.is_some_and(|known| known.is_recommended) => {
                mark(ui, icons::SPARKLE, tr("Recommended to start with"));
            }
            _ => {}
        }
    });
}

/// How good the model is, and who says so.
fn gain(entry: &Entry<'_>) -> (String, String) {
    match (entry.known, &entry.choice) {
        (Some(known), _) => (words::gain(known), tr(&known.top1_source).to_owned()),
        (None, Some(ModelChoice::Starter)) if entry.is_starter() => (
            tr("Right about 44 in 100 on the hundred subjects of Caltech-101").to_owned(),
            tr("From its model card").to_owned(),
        ),
        (None, Some(ModelChoice::Starter)) => (tr("Tagroll's table has no figures for it").to_owned(), String::new()),
        (None, Some(ModelChoice::Folder(folder))) => {
            (tr!("Used where it lies: {path}", path = folder.display()), String::new())
        }
        (None, _) => (tr("Added from a folder; Tagroll's table has no figures for it").to_owned(), String::new()),
    }
}

fn costs(session: &Session, entry: &Entry<'_>) -> String {
    let mut parts = Vec::new();
    match (entry.installed, entry.known) {
        (Some(installed), _) => parts.push(tr!("{size} on disk", size = words::size(installed.size_bytes))),
        _ if entry.is_starter() => parts.push(tr("Comes with Tagroll · English").to_owned()),
        _ if entry.choice == Some(ModelChoice::Starter) => parts.push(tr("Comes with Tagroll").to_owned()),
        (None, Some(known)) if known.is_offered => {
            parts.push(tr!("{size} to download", size = words::size(known.download_bytes)));
        }
        _ => {}
    }
    if let Some(known) = entry.known {
        parts.push(words::parameters(known.parameters_millions));
    }
    let speed = entry.choice.as_ref().and_then(|choice| speed_of(session, choice));
    parts.extend(speed.map(words::speed));
    if let Some(known) = entry.known {
        parts.push(tr(&known.languages).to_owned());
        parts.push(tr!("Licence: {name}", name = tr(&known.licence)));
    }
    parts.join(" · ")
}

fn show_state(ui: &mut Ui, entry: &Entry<'_>) {
    match &entry.state {
        State::InUse | State::Installed | State::Offered => {}
        State::Loading => drop(note(ui, tr("Loading"))),
        State::Next { is_loaded: false, .. } => drop(note(ui, tr("Loading, to take over"))),
        State::Next { done, of, .. } => {
            show_share(ui, if *of == 0 { 0.0 } else { *done as f32 / *of as f32 });
            note(ui, tr!("Reading your photos: {part} of {all}", part = count(*done), all = count(*of)));
        }
        State::Downloading { progress, bytes_per_second } => {
            show_share(ui, words::share(*progress));
            let file = progress.map(|progress| progress.file.as_str()).unwrap_or_default();
            let response = note(ui, words::progress(*progress, *bytes_per_second));
            if !file.is_empty() {
                response.on_hover_text(tr!("Now {file}", file));
            }
        }
        State::Paused(progress) => {
            show_share(ui, words::share(*progress));
            note(ui, words::paused(*progress));
        }
        State::Failed(reason) => show_trouble(ui, &tr!("The download stopped. {reason}", reason = message(reason))),
        State::Broken(reason) | State::Refused(reason) => {
            show_trouble(ui, &tr!("It could not be loaded. {reason}", reason = message(reason)));
        }
        State::OwnFiles => {
            let text =
                tr("Its licence allows research only, so Tagroll does not fetch it. If you have its files and may \
                        use them, add their folder.");
            ui.add(Label::new(RichText::new(text).small().weak()).wrap());
        }
    }
}

fn show_share(ui: &mut Ui, share: f32) {
    ui.add_space(STEP);
    let width = ui.available_width().min(360.0);
    let colours = palette_of(ui);
    ui.scope(|ui| {
        ui.visuals_mut().extreme_bg_color = colours.line;
        let bar = ProgressBar::new(share).fill(colours.accent);
        ui.add(bar.desired_width(width).desired_height(STEP).corner_radius(2.0));
    });
}

fn show_trouble(ui: &mut Ui, text: &str) {
    let colour = palette_of(ui).warning;
    ui.add(
        Label::new(RichText::new(format!("{} {text}", icons::WARNING_CIRCLE)).color(colour)).wrap().selectable(true),
    );
}

/// The most likely one stands at the edge where the row is wide, and first where it is narrow.
fn show_buttons(
    ui: &mut Ui,
    session: &Session,
    entry: &Entry<'_>,
    takes_keyboard: bool,
    requests: &mut Requests,
) -> Option<Question> {
    let mut buttons = Buttons { ui, entry, takes_keyboard };
    let mut question = None;
    match &entry.state {
        State::InUse | State::Loading | State::Broken(_) => {}
        State::Installed => {
            let tip = tr("Sort with this model; the present order stays until it has seen your photos");
            if buttons.add(icons::CHECK, tr("Use"), tip) {
                requests.commands.extend(entry.choice.clone().map(Command::UseModel));
            }
        }
        State::Next { .. } | State::Refused(_) => {
            let old = in_sentence(session, &session.request().choice);
            let text = tr!("Stay with {model}", model = old);
            if buttons.add_named(icons::X, &text, &text, tr("Give up the change; what the new one has read is kept")) {
                requests.commands.push(Command::KeepModel);
            }
        }
        State::Offered => {
            if buttons.add(icons::DOWNLOAD_SIMPLE, tr("Download…"), tr("Says first what will be fetched")) {
                question = Some(Question::Download(entry.id.clone()));
            }
        }
        State::Downloading { .. } | State::Paused(_) | State::Failed(_) => show_download(&mut buttons, requests),
        State::OwnFiles => {
            if buttons.add(icons::FOLDER, tr("Add from folder…"), tr("Choose the folder with its files")) {
                requests.actions.push(Action::OpenModel);
            }
        }
    }
    if entry.installed.is_some() && buttons.add(icons::TRASH, tr("Remove…"), tr("Delete its files from this computer"))
    {
        question = Some(Question::Remove(entry.id.clone()));
    }
    question
}

fn show_download(buttons: &mut Buttons<'_, '_>, requests: &mut Requests) {
    let id = || buttons.entry.id.clone();
    let (icon, text, tip, command) = match buttons.entry.state {
        State::Downloading { .. } => {
            (icons::PAUSE, tr("Pause"), tr("Stop for now; what has come is kept"), Command::PauseDownload(id()))
        }
        State::Paused(_) => (icons::PLAY, tr("Go on"), tr("Fetch the rest"), Command::Download(id())),
        _ => (icons::ARROW_CLOCKWISE, tr("Try again"), tr("Fetch what is missing"), Command::Download(id())),
    };
    let cancel = Command::CancelDownload(id());
    if buttons.add(icon, text, tip) {
        requests.commands.push(command);
    }
    if buttons.add(icons::X, tr("Cancel"), tr("Throw away what has come")) {
        requests.commands.push(cancel);
    }
}

/// The buttons of one row.
struct Buttons<'a, 'b> {
    ui: &'a mut Ui,
    entry: &'a Entry<'b>,
    /// Whether the first one gets the keyboard.
    takes_keyboard: bool,
}

impl Buttons<'_, '_> {
    /// Named with the model, so that a person who hears the page knows the buttons apart. Returns whether it is pressed.
    fn add(&mut self, icon: &str, text: &str, hint: &str) -> bool {
        let text_alone = text.trim_end_matches('…');
        let name = tr!("{what} {model}", what = text_alone, model = self.entry.name);
        self.add_named(icon, text, &name, hint)
    }

    fn add_named(&mut self, icon: &str, text: &str, name: &str, hint: &str) -> bool {
        let button = Button::new((RichText::new(icon).size(16.0), text));
        let response = in_view(self.ui.add(button)).accessible_name(name);
        if std::mem::take(&mut self.takes_keyboard) {
            response.request_focus();
        }
        response.on_hover_text(hint).clicked()
    }
}

/// What Tab lands on is scrolled into view.
pub fn in_view(response: Response) -> Response {
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    response
}
