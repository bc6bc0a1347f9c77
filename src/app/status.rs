//! The line at the bottom: how far the work is, what could not be read, and what sorts.

use eframe::egui::{Align, Button, Label, Layout, Rect, Response, RichText, Ui, Vec2, vec2};

use super::controls::{at_the_right, icon_button, text_button};
use super::keys::{Action, hint};
use super::theme::palette_of;
use super::toolbar::Room;
use super::{Requests, export, filter, icons, models};
use crate::catalog::words::{count, counted, decimal, duration};
use crate::engine::{Activity, Command, Counts, Model, Pace, Session};
use crate::language::{plural, tr};

/// Room around the line.
pub const MARGIN: Vec2 = vec2(12.0, 4.0);

/// Below this width, what a change to another model says needs the room of its button.
const TIGHT: f32 = 1000.0;

/// How far the work is.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    pub text: String,
    /// From 0 to 1, while there is anything to do whose size is known.
    pub share: Option<f32>,
    pub is_done: bool,
}

/// Says how far the work is, in words.
pub fn progress(counts: Counts, activity: Activity, model: &Model, pace: &Pace) -> Progress {
    let done = counts.embedded + counts.unreadable;
    let found = counts.found;
    let is_done = counts.waiting() == 0 && !counts.is_scanning;
    let share = (found > 0 && !is_done).then(|| done as f32 / found as f32);
    let of = tr!("{part} of {all}", part = count(done), all = count(found));
    let text = match activity {
        _ if is_done => counted(found, "photo", "photos"),
        Activity::Paused => tr!("Paused at {how_far}", how_far = of),
        Activity::OnBattery if found > 0 => tr!("Paused on battery at {how_far}", how_far = of),
        Activity::Stopped => tr!("Stopped at {how_far}", how_far = of),
        Activity::Running | Activity::OnBattery => running(counts, &of, model, pace),
    };
    let has_no_model = matches!(model, Model::Failed(_));
    let share = share.filter(|_| !has_no_model);
    Progress { text, share, is_done: is_done || (has_no_model && !counts.is_scanning) }
}

fn running(counts: Counts, of: &str, model: &Model, pace: &Pace) -> String {
    if counts.found == 0 {
        return tr("Looking for photos").to_owned();
    }
    match model {
        Model::Failed(_) => plural!(counts.found, "{n} photo, not sorted", "{n} photos, not sorted"),
        Model::Loading => {
            plural!(counts.found, "{n} photo found, loading the model", "{n} photos found, loading the model")
        }
        Model::Ready(_) => reading(counts, of, pace),
    }
}

/// The time left is not guessed before the scan has seen everything.
fn reading(counts: Counts, of: &str, pace: &Pace) -> String {
    let mut text = match counts.is_scanning {
        true => tr!("Reading {how_far} so far", how_far = of),
        false => tr!("Reading {how_far}", how_far = of),
    };
    if let Some(rate) = pace.per_second() {
        text += &tr!(" · {number} a second", number = rate_in_words(rate));
    }
    let time_left = pace.time_left(counts.waiting()).filter(|_| !counts.is_scanning);
    time_left.iter().for_each(|time| text += &tr!(" · {time} left", time = duration(*time)));
    text
}

/// Slow machines do less than one photo a second.
pub fn rate_in_words(per_second: f64) -> String {
    if per_second < 9.5 { decimal(per_second, 1) } else { count(per_second.round() as usize) }
}

/// What the one button for both does.
pub fn pause_or_resume(activity: Activity) -> Command {
    match activity {
        Activity::Running => Command::Pause,
        Activity::Paused | Activity::OnBattery | Activity::Stopped => Command::Resume,
    }
}

/// Draws the line.
pub fn show(ui: &mut Ui, session: &Session, pace: &Pace, requests: &mut Requests) {
    let progress = progress(session.counts(), session.activity(), session.model(), pace);
    let change = models::reading_again(session, pace);
    let has_folder = session.roots().next().is_some();
    let share = change.as_ref().map_or(progress.share.filter(|_| has_folder), |change| change.share);
    share.iter().for_each(|share| paint_share(ui, *share));
    let is_narrow = Room::of(ui.available_width()) == Room::Narrow;
    let is_tight = ui.available_width() < TIGHT;
    ui.horizontal(|ui| {
        at_the_right(ui, |ui| {
            models::show_model(ui, session, is_narrow, requests);
            show_unreadable(ui, session, is_narrow, requests);
            show_export(ui, session, requests);
            // A change says more than a download, and is longer.
            let is_short = is_narrow || change.is_some();
            models::show_downloads(ui, session, is_short, requests);
            let fill = Layout::left_to_right(Align::Center);
            ui.with_layout(fill, |ui| match &change {
                Some(change) => show_line(ui, &change.text, &change.hint, |ui| {
                    if change.can_pause {
                        show_controls(ui, session.activity(), requests);
                    }
                    models::show_stay(ui, change, is_narrow, is_tight, requests);
                }),
                None if has_folder => show_line(ui, &in_words(&progress, session), "", |ui| {
                    filter::show_clear(ui, session, requests);
                    if !progress.is_done {
                        show_controls(ui, session.activity(), requests);
                    }
                }),
                None => {}
            });
        });
    });
}

/// How far the work is, how many photos the filter lets through, and how many are selected.
fn in_words(progress: &Progress, session: &Session) -> String {
    let (done, selected) = (&progress.text, selected(session));
    match session.is_filtered() {
        false => format!("{done}{selected}"),
        true if progress.is_done => format!("{}{selected}", filter::in_words(session)),
        true => tr!("{progress} · shows {number}", progress = done, number = count(session.passing())) + &selected,
    }
}

/// What is added where photos are selected.
fn selected(session: &Session) -> String {
    match session.selection().len() {
        0 => String::new(),
        photos => tr!(" · {number} selected", number = count(photos)),
    }
}

/// The text gets the room that its controls leave: they were as wide in the last frame.
fn show_line(ui: &mut Ui, text: &str, hint: &str, controls: impl FnOnce(&mut Ui)) {
    let width_id = ui.scope_id().with("width of the controls");
    let controls_width = ui.data(|data| data.get_temp::<f32>(width_id)).unwrap_or(80.0);
    let room = (ui.available_width() - controls_width - ui.spacing().item_spacing.x).max(0.0);
    ui.scope(|ui| {
        ui.set_max_width(room);
        let response = ui.add(Label::new(text).truncate());
        if !hint.is_empty() {
            response.on_hover_text(format!("{text}\n{hint}"));
        }
    });
    let drawn = ui.horizontal(controls);
    ui.data_mut(|data| data.insert_temp(width_id, drawn.response.rect.width()));
}

/// Along the upper edge, where it costs no room.
fn paint_share(ui: &Ui, share: f32) {
    let colours = palette_of(ui);
    let panel = ui.max_rect().expand2(MARGIN);
    let track = Rect::from_min_size(panel.min, vec2(panel.width(), 2.0));
    ui.painter().rect_filled(track, 0.0, colours.line);
    let done = Rect::from_min_size(track.min, vec2(track.width() * share, 2.0));
    ui.painter().rect_filled(done, 0.0, colours.accent);
}

fn show_controls(ui: &mut Ui, activity: Activity, requests: &mut Requests) {
    let keys = hint(ui.ctx(), Action::PauseOrResume);
    let (icon, name, tip) = match activity {
        Activity::Running => (icons::PAUSE, tr("Pause"), tr("Pause reading")),
        Activity::Paused | Activity::OnBattery => (icons::PLAY, tr("Resume"), tr("Resume reading")),
        Activity::Stopped => {
            let response =
                text_button(ui, Some(icons::PLAY), tr("Continue"), &format!("{}{keys}", tr("Read the rest")));
            requests.land(super::Panel::Status, false, response.id);
            if response.clicked() {
                requests.commands.push(Command::Resume);
            }
            return;
        }
    };
    let response = icon_button(ui, icon, name, &format!("{tip}{keys}"));
    requests.land(super::Panel::Status, false, response.id);
    if response.clicked() {
        requests.actions.push(Action::PauseOrResume);
    }
    if icon_button(ui, icons::STOP, tr("Stop"), tr("Read no more; what is done stays")).clicked() {
        requests.commands.push(Command::Stop);
    }
}

/// Files that are being written, or were, while the page of exports is closed.
fn show_export(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    let Some(text) = session.errand().and_then(export::in_status) else { return };
    if text_button(ui, Some(icons::EXPORT), &text, tr("Show the export")).clicked() {
        requests.actions.push(Action::Export);
    }
}

fn show_unreadable(ui: &mut Ui, session: &Session, is_narrow: bool, requests: &mut Requests) {
    let unreadable = session.counts().unreadable;
    if unreadable == 0 {
        return;
    }
    let text = tr!("{number} unreadable", number = count(unreadable));
    let icon = RichText::new(icons::WARNING).size(16.0).color(palette_of(ui).warning);
    let button = if is_narrow { Button::new(icon) } else { Button::new((icon, text.as_str())) };
    let response: Response = ui.add(button.frame_when_inactive(false)).accessible_name(&text);
    requests.land(super::Panel::Status, false, response.id);
    if response.on_hover_text(tr!("{what}. Show which photos, and why", what = text)).clicked() {
        requests.actions.push(Action::ShowUnreadable);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn counts(found: usize, embedded: usize, is_scanning: bool) -> Counts {
        Counts { found, embedded, unreadable: 0, is_scanning }
    }

    fn check(counts: Counts, activity: Activity, model: &Model, text: &str) {
        assert_eq!(progress(counts, activity, model, &Pace::default()).text, text);
    }

    #[test]
    fn every_state_of_the_work_has_its_words() {
        let (loading, failed) = (Model::Loading, Model::Failed("damaged".into()));
        check(counts(0, 0, true), Activity::Running, &loading, "Looking for photos");
        check(counts(1000, 0, false), Activity::Running, &loading, "1,000 photos found, loading the model");
        check(counts(1000, 300, false), Activity::Paused, &loading, "Paused at 300 of 1,000");
        check(counts(1000, 300, false), Activity::Stopped, &loading, "Stopped at 300 of 1,000");
        check(counts(1000, 300, false), Activity::OnBattery, &loading, "Paused on battery at 300 of 1,000");
        check(counts(0, 0, true), Activity::OnBattery, &loading, "Looking for photos");
        check(counts(1000, 0, false), Activity::Running, &failed, "1,000 photos, not sorted");
        check(counts(1, 1, false), Activity::Running, &loading, "1 photo");
    }

    #[test]
    fn nothing_is_left_to_do_without_a_model() {
        let failed = Model::Failed("damaged".into());
        let progress = progress(counts(10, 0, false), Activity::Running, &failed, &Pace::default());
        assert_eq!((progress.share, progress.is_done), (None, true));
    }

    #[test]
    fn slow_and_fast_machines_both_get_a_rate_that_means_something() {
        assert_eq!([0.42, 9.4, 61.3, 1234.0].map(rate_in_words), ["0.4", "9.4", "61", "1,234"]);
    }

    #[test]
    fn the_time_left_is_not_guessed_before_the_scan_has_seen_everything() {
        let mut pace = Pace::default();
        pace.record(Duration::ZERO, 0, true);
        pace.record(Duration::from_secs(10), 100, true);
        let text = |is_scanning| reading(counts(700, 100, is_scanning), "100 of 700", &pace);
        assert_eq!(text(true), "Reading 100 of 700 so far · 10 a second");
        assert_eq!(text(false), "Reading 100 of 700 · 10 a second · 1 min left");
    }
}
