//! How far a job is, and what became of it.

use eframe::egui::{ProgressBar, Ui};

use super::words;
use crate::app::controls::{note, primary_button, text_button};
use crate::app::theme::STEP;
use crate::app::{Requests, icons};
use crate::catalog::words::{count, counted};
use crate::catalog::{Done, Job};
use crate::engine::{Command, Errand};

/// `is_stopping` is `None` where the work cannot be stopped, or need not.
pub fn show_progress(
    ui: &mut Ui,
    verb: &str,
    done: usize,
    of: usize,
    is_stopping: Option<bool>,
    requests: &mut Requests,
) {
    let text = if of == 0 { format!("{verb} files") } else { format!("{verb} {} of {}", count(done), count(of)) };
    ui.label(text);
    ui.add(ProgressBar::new(if of == 0 { 0.0 } else { done as f32 / of as f32 }).desired_height(6.0));
    ui.add_space(STEP);
    if is_stopping == Some(true) {
        note(ui, "Stops after these files. What was written can be undone.");
    }
    let can_stop = is_stopping == Some(false);
    if can_stop && text_button(ui, Some(icons::STOP), "Stop", "What was written by then can be undone").clicked() {
        requests.commands.push(Command::StopJob);
    }
}

/// Returns whether the page has done its work.
pub fn show_done(ui: &mut Ui, errand: &Errand, done: &Done, height: f32, requests: &mut Requests) -> bool {
    ui.label(words::done(errand.job.as_ref(), done.files));
    note(ui, advice(errand.job.as_ref()));
    show_left(ui, done, height);
    ui.add_space(STEP);
    let mut is_closed = false;
    ui.horizontal_wrapped(|ui| {
        is_closed = primary_button(ui, icons::CHECK, "Close", "Back to the photos").clicked();
        if let Some(id) = &done.id {
            let tip = "Puts every file back as it was, unless it was changed since";
            let undo = text_button(ui, Some(icons::ARROW_COUNTER_CLOCKWISE), "Undo", tip);
            if undo.accessible_name("Undo export").clicked() {
                requests.commands.push(Command::UndoJob(id.clone()));
            }
            let is_in_photos = matches!(&errand.job, Some(Job::Tag { options, .. }) if options.is_in_photos());
            let tip = "Lets go of the old files; after that it cannot be undone";
            if is_in_photos && text_button(ui, None, "Keep for good", tip).clicked() {
                requests.commands.push(Command::KeepJob(id.clone()));
                requests.commands.push(Command::CloseJob);
            }
        }
        if text_button(ui, None, "Export more", "Back to the choices").clicked() {
            requests.commands.push(Command::CloseJob);
        }
    });
    if is_closed {
        requests.commands.push(Command::CloseJob);
    }
    is_closed
}

pub fn show_undone(ui: &mut Ui, done: &Done, height: f32, requests: &mut Requests) -> bool {
    ui.label(format!("Took back {}.", counted(done.files, "file", "files")));
    show_left(ui, done, height);
    close(ui, requests)
}

pub fn show_failed(ui: &mut Ui, reason: &str, requests: &mut Requests) -> bool {
    ui.label(reason);
    close(ui, requests)
}

fn close(ui: &mut Ui, requests: &mut Requests) -> bool {
    ui.add_space(STEP);
    let mut is_closed = false;
    ui.horizontal_wrapped(|ui| {
        is_closed = primary_button(ui, icons::CHECK, "Close", "Back to the photos").clicked();
        if text_button(ui, None, "Back", "Back to the choices").clicked() || is_closed {
            requests.commands.push(Command::CloseJob);
        }
    });
    is_closed
}

fn show_left(ui: &mut Ui, done: &Done, height: f32) {
    if done.refused.is_empty() {
        return;
    }
    ui.label(format!("{} left as they are:", counted(done.refused.len(), "file was", "files were")));
    let list = eframe::egui::ScrollArea::vertical().id_salt("left").max_height((height - 120.0).max(60.0));
    list.show_rows(ui, 20.0, done.refused.len(), |ui, range| {
        for refusal in &done.refused[range] {
            let text = eframe::egui::RichText::new(&refusal.reason).small();
            ui.add(eframe::egui::Label::new(text).truncate()).on_hover_text(&refusal.reason);
        }
    });
}

/// What other programs need to be told.
fn advice(job: Option<&Job>) -> &'static str {
    match job {
        Some(Job::Tag { options, .. }) if options.is_in_photos() => {
            "In Lightroom: Metadata, Read Metadata from File. The old files are kept until you say \"Keep for good\"."
        }
        Some(Job::Tag { .. }) => {
            "darktable reads a sidecar when it imports the photo; of photos that it knows, its own library counts until \
             you load the sidecar there. digiKam: Item, Reread Metadata. Lightroom: Metadata, Read Metadata from File."
        }
        _ => "",
    }
}
