//! The system's dialogs that choose folders and files. One is asked without waiting, and wakes the window when it has an answer.
//!
//! Some desktops have no such dialogs; then the window is told, so that it can offer a field for the path instead.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use eframe::egui;
use rfd::{AsyncFileDialog, FileHandle};

use crate::language::{text, tr};

/// No person closes a dialog that fast, so an empty answer within this time came from no person.
const NOBODY_ANSWERS_SECS: f64 = 0.4;

type Chosen = Pin<Box<dyn Future<Output = Option<Vec<FileHandle>>>>>;

/// What is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Photos,
    /// One folder with the files of a model.
    Model,
    /// A file with a set of categories.
    ImportSet,
    /// A new file for the categories.
    ExportSet,
    /// The folder that photos or sidecars are put into.
    Target,
    /// A new file for a table.
    Table,
}

#[derive(Default)]
pub struct FolderDialog {
    open: Option<Open>,
}

struct Open {
    chosen: Chosen,
    purpose: Purpose,
    shown_at_secs: f64,
}

/// How a dialog ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Chosen(Purpose, Vec<PathBuf>),
    Cancelled,
    /// This desktop has no dialog to offer.
    NoDialog(Purpose),
}

impl FolderDialog {
    /// Shows the dialog, unless it is open already.
    pub fn show(&mut self, ctx: &egui::Context, purpose: Purpose, start: Option<PathBuf>) {
        if self.open.is_none() {
            let shown_at_secs = ctx.input(|input| input.time);
            self.open = Some(Open { chosen: ask(purpose, start), purpose, shown_at_secs });
        }
    }

    /// Looks whether there is an answer. To be called in every frame.
    pub fn poll(&mut self, ctx: &egui::Context) -> Option<Answer> {
        let open = self.open.as_mut()?;
        let waker = Waker::from(Arc::new(Repaint(ctx.clone())));
        let Poll::Ready(chosen) = open.chosen.as_mut().poll(&mut Context::from_waker(&waker)) else { return None };
        let open_secs = ctx.input(|input| input.time) - open.shown_at_secs;
        let purpose = open.purpose;
        self.open = None;
        let paths = chosen.unwrap_or_default().iter().map(|handle| handle.path().to_path_buf()).collect();
        Some(answer(purpose, paths, open_secs))
    }
}

fn ask(purpose: Purpose, start: Option<PathBuf>) -> Chosen {
    let title = match purpose {
        Purpose::Photos => text("Open folders with photos"),
        Purpose::Model => text("Add the folder of a model"),
        Purpose::ImportSet => text("Load a set of categories"),
        Purpose::ExportSet => text("Write the categories into a file"),
        Purpose::Target => text("Choose a folder"),
        Purpose::Table => text("Write a table"),
    };
    let mut dialog = AsyncFileDialog::new().set_title(tr(title));
    if let Some(start) = start {
        dialog = dialog.set_directory(start);
    }
    match purpose {
        Purpose::Photos => Box::pin(dialog.pick_folders()),
        Purpose::Model | Purpose::Target => one(dialog.pick_folder()),
        Purpose::ImportSet => one(dialog.add_filter(tr("Sets of categories"), &["toml"]).pick_file()),
        Purpose::Table => one(dialog.set_file_name("photos.csv").save_file()),
        Purpose::ExportSet => one(dialog.set_file_name("categories.toml").save_file()),
    }
}

fn one(chosen: impl Future<Output = Option<FileHandle>> + 'static) -> Chosen {
    Box::pin(async move { chosen.await.map(|path| vec![path]) })
}

fn answer(purpose: Purpose, paths: Vec<PathBuf>, open_secs: f64) -> Answer {
    match paths.is_empty() {
        false => Answer::Chosen(purpose, paths),
        true if open_secs < NOBODY_ANSWERS_SECS => Answer::NoDialog(purpose),
        true => Answer::Cancelled,
    }
}

struct Repaint(egui::Context);

impl Wake for Repaint {
    fn wake(self: Arc<Self>) {
        self.0.request_repaint();
    }
}

/// Tells what went wrong where there is no window and no terminal to tell it. Waits until it was read.
#[cfg(any(windows, target_os = "macos"))]
pub fn tell_failure(words: &str) {
    let dialog = rfd::MessageDialog::new().set_level(rfd::MessageLevel::Error);
    dialog.set_title("Tagroll").set_description(words).show();
}

/// Tells what went wrong where there is no window and no terminal to tell it, with the first of the desktops' own programs
/// that is there. Waits until it was read.
#[cfg(not(any(windows, target_os = "macos")))]
pub fn tell_failure(words: &str) {
    if ["DISPLAY", "WAYLAND_DISPLAY"].iter().all(|screen| std::env::var_os(screen).is_none()) {
        return;
    }
    let programs: [&[&str]; 4] = [
        &["zenity", "--error", "--no-markup", "--title", "Tagroll", "--text"],
        &["kdialog", "--title", "Tagroll", "--error"],
        &["xmessage", "-center"],
        &["notify-send", "Tagroll"],
    ];
    let told = programs.iter().any(|program| {
        let mut command = std::process::Command::new(program[0]);
        command.args(&program[1..]).arg(words).stderr(std::process::Stdio::null()).status().is_ok()
    });
    if !told {
        log::warn!("this desktop has no dialog for: {words}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_answer_that_comes_at_once_came_from_no_person() {
        let purpose = Purpose::Model;
        assert_eq!(answer(purpose, vec![], 0.1), Answer::NoDialog(purpose));
        assert_eq!(answer(purpose, vec![], 2.0), Answer::Cancelled);
        assert_eq!(answer(purpose, vec!["a".into()], 0.1), Answer::Chosen(purpose, vec!["a".into()]));
    }
}
