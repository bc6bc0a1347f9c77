//! How far a job is, and what became of it.

use eframe::egui::{Color32, Label, ProgressBar, RichText, Ui};

use super::{refused, words};
use crate::app::controls::{note, primary_button, text_button};
use crate::app::theme::{STEP, palette_of, semibold};
use crate::app::{Requests, icons};
use crate::catalog::words::count;
use crate::catalog::{Done, Job, JobState};
use crate::engine::{Command, Errand, Session};
use crate::language::{message, plural, text, tr};

/// Room for what stands around a list of files that were left.
const AROUND: f32 = 140.0;

/// `is_stopping` is `None` where the work cannot be stopped, or need not.
pub fn show_progress(
    ui: &mut Ui,
    verb: &str,
    done: usize,
    of: usize,
    is_stopping: Option<bool>,
    requests: &mut Requests,
) {
    let doing = tr(verb);
    let text = match of {
        0 => tr!("{doing} files", doing),
        _ => tr!("{doing} {part} of {all}", doing, part = count(done), all = count(of)),
    };
    ui.label(text);
    ui.add(ProgressBar::new(if of == 0 { 0.0 } else { done as f32 / of as f32 }).desired_height(6.0));
    ui.add_space(STEP);
    if is_stopping == Some(true) {
        note(ui, tr("Stops after these files. What was written can be undone."));
    }
    let can_stop = is_stopping == Some(false);
    if can_stop {
        note(ui, tr("This goes on if you close the page; the line at the bottom of the window leads back here."));
    }
    if can_stop
        && text_button(ui, Some(icons::STOP), tr("Stop"), tr("What was written by then can be undone")).clicked()
    {
        requests.commands.push(Command::StopJob);
    }
}

/// Returns whether the page has done its work.
pub fn show_done(
    ui: &mut Ui,
    (errand, done): (&Errand, &Done),
    agreed: Option<usize>,
    session: &Session,
    height: f32,
    requests: &mut Requests,
) -> bool {
    say(ui, icons::CHECK_CIRCLE, palette_of(ui).added, &words::done(errand.job.as_ref(), done, agreed));
    let state = session.past_jobs().iter().find(|entry| Some(&entry.id) == done.id.as_ref()).map(|entry| entry.state);
    if state == Some(JobState::Kept) {
        note(ui, tr("Kept for good. The old files are gone, so this cannot be undone any more."));
    }
    if done.files > 0 {
        ui.add(Label::new(RichText::new(tr(advice(errand.job.as_ref()))).small().weak()).wrap());
    }
    refused::show(ui, &done.refused, (height - AROUND).max(AROUND));
    ui.add_space(2.0 * STEP);
    let mut is_closed = false;
    ui.horizontal_wrapped(|ui| {
        is_closed = primary_button(ui, icons::CHECK, tr("Close"), tr("Back to the photos (Escape)")).clicked();
        if let Some(id) = done.id.as_ref().filter(|_| state != Some(JobState::Kept)) {
            show_ways_back(ui, errand, id, requests);
        }
        if text_button(ui, None, tr("Export more"), tr("Back to the choices")).clicked() {
            requests.commands.push(Command::CloseJob);
        }
    });
    is_closed
}

fn show_ways_back(ui: &mut Ui, errand: &Errand, id: &str, requests: &mut Requests) {
    let tip = tr("Puts every file back as it was, unless it was changed since");
    let undo = text_button(ui, Some(icons::ARROW_COUNTER_CLOCKWISE), tr("Undo"), tip);
    if undo.accessible_name(tr("Undo export")).clicked() {
        requests.commands.push(Command::UndoJob(id.to_owned()));
    }
    let is_in_photos = matches!(&errand.job, Some(Job::Tag { options, .. }) if options.is_in_photos());
    let tip = tr("Lets go of the old files; after that it cannot be undone");
    if is_in_photos && text_button(ui, None, tr("Keep for good"), tip).clicked() {
        requests.commands.push(Command::KeepJob(id.to_owned()));
    }
}

pub fn show_undone(ui: &mut Ui, done: &Done, height: f32, requests: &mut Requests) -> bool {
    let text = plural!(done.files, "Took back {n} file.", "Took back {n} files.");
    say(ui, icons::ARROW_COUNTER_CLOCKWISE, palette_of(ui).accent, &text);
    if !done.refused.is_empty() {
        note(ui, tr("The files below were not taken back, because they are no longer as they were left."));
    }
    refused::show(ui, &done.refused, (height - AROUND).max(AROUND));
    close(ui, requests)
}

pub fn show_failed(ui: &mut Ui, reason: &str, requests: &mut Requests) -> bool {
    say(ui, icons::WARNING_CIRCLE, palette_of(ui).warning, &message(reason));
    close(ui, requests)
}

fn say(ui: &mut Ui, icon: &str, colour: Color32, text: &str) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(icon).size(20.0).color(colour));
        ui.add(Label::new(RichText::new(text).family(semibold())).wrap().selectable(true));
    });
}

fn close(ui: &mut Ui, requests: &mut Requests) -> bool {
    ui.add_space(2.0 * STEP);
    let mut is_closed = false;
    ui.horizontal_wrapped(|ui| {
        is_closed = primary_button(ui, icons::CHECK, tr("Close"), tr("Back to the photos (Escape)")).clicked();
        if text_button(ui, None, tr("Back"), tr("Back to the choices")).clicked() {
            requests.commands.push(Command::CloseJob);
        }
    });
    is_closed
}

/// What other programs need to be told.
fn advice(job: Option<&Job>) -> &'static str {
    match job {
        Some(Job::Tag { options, .. }) if options.is_in_photos() => text(
            "In Lightroom: Metadata > Read Metadata from File. The old files are kept, so that this can be undone, until \
             you say \"Keep for good\".",
        ),
        Some(Job::Tag { .. }) => text(
            "darktable reads a sidecar when it imports the photo; of photos that it knows, its own database counts until \
             you choose \"load sidecar file\" there. digiKam: Item > Reread Metadata. Lightroom: Metadata > Read Metadata \
             from File.",
        ),
        Some(Job::Trash { .. }) => {
            text("They are in the trash of your system, from which they can be brought back, too.")
        }
        _ => "",
    }
}
