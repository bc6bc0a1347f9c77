//! What the line at the bottom says about models: the one that sorts, the change to another, and downloads.

use eframe::egui::{Button, Response, RichText, Ui};

use super::entry::{in_sentence, name_of_id, speed_of};
use super::row::STARTER;
use super::{device, words};
use crate::app::keys::{Action, hint};
use crate::app::panels::Panel;
use crate::app::status::rate_in_words;
use crate::app::theme::palette_of;
use crate::app::toolbar::short;
use crate::app::{Requests, icons};
use crate::catalog::words::{count, duration};
use crate::engine::{
    Activity, Command, Download, Model, ModelCard, ModelChoice, ModelRequest, Pace, Progress, Session, Switch,
};
use crate::language::{message, tr};

/// A change to another model, in words.
#[derive(Debug, PartialEq)]
pub struct Reading {
    pub text: String,
    pub hint: String,
    /// From 0 to 1, while photos are read.
    pub share: Option<f32>,
    /// What the button says that gives the change up.
    pub stay: String,
    /// Whether there is work that can be paused.
    pub can_pause: bool,
}

/// How far a change to another model is.
pub fn reading_again(session: &Session, pace: &Pace) -> Option<Reading> {
    let switch = session.switch()?;
    let request = session.request();
    let old = in_words(session, request, switch.to);
    let new = in_words(session, switch.to, request);
    let share = matches!(switch.model, Model::Ready(_)) && switch.of > 0;
    let text = match switch.model {
        Model::Loading => tr!("Loading {model}", model = new),
        Model::Failed(_) => tr!("{model} could not be loaded", model = new),
        Model::Ready(_) => reading(&switch, &new, session.activity(), pace),
    };
    Some(Reading {
        text,
        hint: tr!("The order on screen is still {model}'s, until the new one has seen the same photos.", model = old),
        share: share.then(|| switch.done as f32 / switch.of as f32),
        stay: tr!("Stay with {model}", model = old),
        can_pause: share,
    })
}

fn reading(switch: &Switch<'_>, new: &str, activity: Activity, pace: &Pace) -> String {
    let how_far = tr!("{part} of {all}", part = count(switch.done), all = count(switch.of));
    match activity {
        Activity::Paused => return tr!("Reading again with {model}: paused at {how_far}", model = new, how_far),
        Activity::OnBattery => {
            return tr!("Reading again with {model}: paused on battery at {how_far}", model = new, how_far);
        }
        Activity::Stopped => return tr!("Reading again with {model}: stopped at {how_far}", model = new, how_far),
        Activity::Running => {}
    }
    let mut text = tr!("Reading again with {model}: {how_far}", model = new, how_far);
    if let Some(rate) = pace.per_second() {
        text += &tr!(" · {number} a second", number = rate_in_words(rate));
    }
    let left = pace.time_left(switch.of.saturating_sub(switch.done));
    left.iter().for_each(|time| text += &tr!(" · {time} left", time = duration(*time)));
    text
}

/// What a request is called beside another one: by its model, or by its device where the model is the same.
fn in_words(session: &Session, request: &ModelRequest, other: &ModelRequest) -> String {
    let is_device = request.choice == other.choice;
    let name = brief(&in_sentence(session, &request.choice));
    if is_device {
        tr!("{model} on {device}", model = name, device = device::name_of(session, request.device))
    } else {
        name
    }
}

/// Draws the button that gives a change up.
pub fn show_stay(ui: &mut Ui, reading: &Reading, is_narrow: bool, is_tight: bool, requests: &mut Requests) {
    let button = match (is_narrow, is_tight) {
        (true, _) => Button::new(RichText::new(icons::X).size(16.0)).frame_when_inactive(false),
        (_, true) => Button::new(tr("Stay")),
        _ => Button::new(reading.stay.as_str()),
    };
    let response = ui.add(button).accessible_name(&reading.stay);
    requests.land(Panel::Status, false, response.id);
    let tip = tr!("{stay}: give up the change; what the new one has read is kept", stay = reading.stay);
    if response.on_hover_text(tip).clicked() {
        requests.commands.push(Command::KeepModel);
    }
}

/// Draws how far downloads are; a click opens the page.
pub fn show_downloads(ui: &mut Ui, session: &Session, is_short: bool, requests: &mut Requests) {
    let Some(Downloads { text, short, is_trouble }) = downloads(session) else { return };
    let icon = if is_trouble { icons::WARNING } else { icons::DOWNLOAD_SIMPLE };
    let colour = if is_trouble { palette_of(ui).warning } else { palette_of(ui).text };
    let picture = RichText::new(icon).size(16.0).color(colour);
    let button = Button::new((picture, if is_short { short.as_str() } else { text.as_str() }));
    let response = ui.add(button.frame_when_inactive(false)).accessible_name(&text);
    requests.land(Panel::Status, false, response.id);
    opens_page(&response.on_hover_text(tr!("{what}. Show all models", what = text)), requests);
}

/// What is to be known of downloads outside the page.
#[derive(Debug, PartialEq)]
struct Downloads {
    text: String,
    /// Where there is no room for the text.
    short: String,
    is_trouble: bool,
}

/// What most needs to be known: what went wrong, then what goes on, then what waits.
fn downloads(session: &Session) -> Option<Downloads> {
    let all: Vec<(&str, &Download)> = session.models().downloads().collect();
    let name = |id: &str| brief(&name_of_id(session, id));
    if let Some((id, _)) = all.iter().find(|(_, download)| matches!(download, Download::Failed(_))) {
        let text = tr!("{model} could not be downloaded", model = name(id));
        return Some(Downloads { text, short: String::new(), is_trouble: true });
    }
    let is_running = |download: &Download| matches!(download, Download::Running { .. });
    let running: Vec<_> = all.iter().filter(|(_, download)| is_running(download)).collect();
    let counted = if running.is_empty() { all.iter().collect() } else { running.clone() };
    let short = percent(counted.iter().filter_map(|(_, download)| progress_of(download)));
    let text = match (running.as_slice(), all.first()) {
        ([(id, _)], _) => tr!("Downloading {model}: {share}", model = name(id), share = short),
        ([], None) => return None,
        ([], Some((id, _))) => tr!("Download of {model} paused at {share}", model = name(id), share = short),
        (several, _) => tr!("Downloading {number} models: {share}", number = several.len(), share = short),
    };
    Some(Downloads { text, short, is_trouble: false })
}

fn progress_of(download: &Download) -> Option<&Progress> {
    match download {
        Download::Running { progress, .. } | Download::Paused(progress) => progress.as_ref(),
        Download::Failed(_) => None,
    }
}

/// How much has come of all of them together.
fn percent<'a>(known: impl Iterator<Item = &'a Progress>) -> String {
    let sum = |(done, total): (u64, u64), one: &Progress| (done + one.done_bytes, total + one.total_bytes);
    let (done_bytes, total_bytes) = known.fold((0, 0), sum);
    words::percent(words::share(Some(&Progress { file: String::new(), done_bytes, total_bytes })))
}

/// Draws what sorts the photos, and on what; a click opens the page.
pub fn show_model(ui: &mut Ui, session: &Session, is_narrow: bool, requests: &mut Requests) {
    let choice = &session.request().choice;
    let (text, tip) = match session.model() {
        Model::Loading => (tr!("Loading {model}", model = brief(&in_sentence(session, choice))), String::new()),
        Model::Failed(reason) => (tr("No model").to_owned(), format!("{}\n", message(reason))),
        Model::Ready(card) if card.is_basic => (
            tr!("{model}: basic · {device}", model = tr(&card.name), device = message(&card.device)),
            tip(session, choice, card),
        ),
        Model::Ready(card) => {
            (format!("{} · {}", named(session, choice, card), message(&card.device)), tip(session, choice, card))
        }
    };
    let button = match is_narrow {
        true => Button::new(RichText::new(icons::CPU).size(18.0)),
        false => Button::new(RichText::new(&text).small().weak()),
    };
    let response = ui.add(button.frame_when_inactive(false)).accessible_name(&text);
    requests.land(Panel::Status, false, response.id);
    let keys = hint(ui.ctx(), Action::Models);
    let title = if is_narrow { format!("{text}\n") } else { String::new() };
    opens_page(
        &response.on_hover_text(format!("{title}{tip}{}{keys}", tr("Choose another model or device"))),
        requests,
    );
}

/// The table's name reads better than what a folder is called.
fn named(session: &Session, choice: &ModelChoice, card: &ModelCard) -> String {
    match choice {
        ModelChoice::Installed(id) => brief(&name_of_id(session, id)),
        _ => brief(&card.name),
    }
}

/// A folder may have any name, and the line has other things to say.
fn brief(name: &str) -> String {
    short(name, 36)
}

fn tip(session: &Session, choice: &ModelChoice, card: &ModelCard) -> String {
    let mut lines = Vec::new();
    if card.is_basic {
        lines.push(format!("{} {}", tr("Comes with Tagroll."), tr(STARTER)));
    }
    if card.parameters > 0 {
        lines.push(words::parameters(card.parameters as f32 / 1e6));
    }
    lines.extend(
        card.input
            .size()
            .map(|seen| tr!("Sees {width} x {height} pixels", width = seen.width_px, height = seen.height_px)),
    );
    lines.extend(speed_of(session, choice).map(words::speed));
    lines.extend(card.device_note.as_deref().map(|note| message(note).into_owned()));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn opens_page(response: &Response, requests: &mut Requests) {
    if response.clicked() {
        requests.actions.push(Action::Models);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::engine::{Event, Saved};

    fn session() -> Session {
        Session::new(Saved::default(), false)
    }

    #[test]
    fn a_change_says_how_far_how_fast_and_how_long() {
        let to = ModelRequest::default();
        let switch = Switch { to: &to, model: &Model::Loading, done: 1_203, of: 10_000 };
        let mut pace = Pace::default();
        let text = |activity, pace: &Pace| reading(&switch, "SigLIP 2", activity, pace);
        assert_eq!(text(Activity::Running, &pace), "Reading again with SigLIP 2: 1,203 of 10,000");
        assert_eq!(text(Activity::Paused, &pace), "Reading again with SigLIP 2: paused at 1,203 of 10,000");
        assert_eq!(text(Activity::Stopped, &pace), "Reading again with SigLIP 2: stopped at 1,203 of 10,000");
        pace.record(Duration::ZERO, 0, true);
        pace.record(Duration::from_secs(10), 100, true);
        let running = "Reading again with SigLIP 2: 1,203 of 10,000 · 10 a second · 15 min left";
        assert_eq!(text(Activity::Running, &pace), running);
    }

    #[test]
    fn downloads_say_what_most_needs_to_be_known() {
        let mut session = session();
        let progress = |done_bytes| Progress { file: "weights".to_owned(), done_bytes, total_bytes: 100 };
        assert_eq!(downloads(&session), None);
        for (id, done) in [("a", 34), ("b", 80)] {
            session.apply(Command::Download(id.to_owned()));
            let (id, progress) = (id.to_owned(), progress(done));
            session.absorb(Event::Downloading { id, progress, bytes_per_second: None });
        }
        let text = |session: &Session| downloads(session).unwrap().text;
        assert_eq!(text(&session), "Downloading 2 models: 57 %");
        session.apply(Command::PauseDownload("b".to_owned()));
        assert_eq!(text(&session), "Downloading a: 34 %");
        session.apply(Command::PauseDownload("a".to_owned()));
        session.apply(Command::CancelDownload("b".to_owned()));
        assert_eq!(text(&session), "Download of a paused at 34 %");
        session.apply(Command::Download("a".to_owned()));
        session.absorb(Event::DownloadFailed { id: "a".to_owned(), reason: "The disk is full.".to_owned() });
        assert!(downloads(&session).unwrap().is_trouble);
    }
}
