//! What the person should know, in a strip under the toolbar, until it is dismissed.

use eframe::egui::{Align, Label, Layout, RichText, ScrollArea, Ui};

use super::controls::{icon_button, text_button};
use super::theme::palette_of;
use super::{Requests, icons};
use crate::engine::{Command, Model, Session};
use crate::language::{message, text, tr};

const BROKEN: &str =
    text("A part of Tagroll has stopped working. What was read is kept; close Tagroll and start it again to go on.");

const CRASHED: &str = text(
    "Tagroll stopped unexpectedly the last time. What is known of it is in a report, which names none of your photos \
     and was sent nowhere.",
);

/// One line of the strip.
#[derive(Debug, PartialEq)]
pub struct Notice {
    pub text: String,
    /// What can be done about it, and what the button for it says.
    pub remedy: Option<(&'static str, Command)>,
    /// What takes it away; the others stand as long as they are true.
    pub dismissal: Option<Command>,
}

/// Everything that is to be said now.
pub fn of(session: &Session, is_broken: bool) -> Vec<Notice> {
    let lasting = |text: String| Notice { text, remedy: None, dismissal: None };
    let mut notices = Vec::new();
    if let Model::Failed(reason) = session.model() {
        notices.push(lasting(tr!(
            "The model could not be loaded, so photos are shown but not sorted. {reason}",
            reason = message(reason)
        )));
    } else if is_broken {
        notices.push(lasting(tr(BROKEN).to_owned()));
    }
    notices.extend(session.crash_report().map(|_| Notice {
        text: tr(CRASHED).to_owned(),
        remedy: Some((text("Show report"), Command::ShowCrashReport)),
        dismissal: Some(Command::DismissCrashReport),
    }));
    let dismissable = session.notices().iter().enumerate();
    notices.extend(dismissable.map(|(place, text)| Notice {
        text: message(text).into_owned(),
        remedy: None,
        dismissal: Some(Command::DismissNotice(place)),
    }));
    notices
}

/// What is higher is scrolled.
const MOST_HEIGHT: f32 = 120.0;

/// Draws the strip.
pub fn show(ui: &mut Ui, notices: &[Notice], requests: &mut Requests) {
    // The panel around it begins without any height, and would leave it at what is least to be scrolled.
    ScrollArea::vertical().max_height(MOST_HEIGHT).min_scrolled_height(MOST_HEIGHT).show(ui, |ui| {
        for notice in notices {
            show_notice(ui, notice, requests);
        }
    });
}

fn show_notice(ui: &mut Ui, notice: &Notice, requests: &mut Requests) {
    ui.with_layout(Layout::left_to_right(Align::TOP), |ui| {
        ui.label(RichText::new(icons::WARNING_CIRCLE).size(18.0).color(palette_of(ui).warning));
        let width = ui.available_width() - 40.0;
        ui.vertical(|ui| {
            ui.set_max_width(width);
            ui.set_min_width(width);
            ui.add_space(2.0);
            ui.add(Label::new(&notice.text).wrap().selectable(true));
            if let Some((name, command)) = &notice.remedy
                && text_button(ui, None, tr(name), "").clicked()
            {
                requests.commands.push(command.clone());
            }
        });
        if let Some(dismissal) = &notice.dismissal
            && icon_button(ui, icons::X, tr("Dismiss"), tr("Dismiss this notice")).clicked()
        {
            requests.commands.push(dismissal.clone());
        }
    });
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Panel, vec2};
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    use super::*;
    use crate::app::theme;
    use crate::engine::{Event, ModelRequest, Saved};

    #[test]
    fn what_can_be_done_is_seen_whole_below_a_long_text() {
        let notice = Notice {
            text: "A long story. ".repeat(20),
            remedy: Some(("Show report", Command::ShowCrashReport)),
            dismissal: None,
        };
        let draw = move |ui: &mut Ui, bottom: &mut f32| {
            let strip =
                Panel::top("strip").show(ui, |ui| show(ui, std::slice::from_ref(&notice), &mut Requests::default()));
            *bottom = strip.response.rect.bottom();
        };
        let builder = Harness::builder().with_size(vec2(600.0, 400.0)).with_context_setup(theme::install);
        let mut window = builder.build_ui_state(draw, 0.0);
        window.run();
        assert!(window.get_by_label("Show report").rect().bottom() <= *window.state());
    }

    #[test]
    fn a_model_that_failed_is_said_as_long_as_it_is_true() {
        let mut session = Session::new(Saved::default(), false);
        session.absorb(Event::Notice("The disk is full.".to_owned()));
        session.absorb(Event::ModelFailed { request: ModelRequest::default(), reason: "It is damaged.".to_owned() });
        let notices = of(&session, false);
        assert!(notices[0].text.ends_with("It is damaged."));
        assert_eq!(notices[0].dismissal, None);
        assert_eq!(notices[1].dismissal, Some(Command::DismissNotice(0)));
        session.apply(Command::DismissNotice(0));
        assert_eq!(of(&session, false).len(), 1);
    }

    #[test]
    fn a_crash_of_the_last_time_is_offered_until_it_is_dismissed() {
        let mut session = Session::new(Saved::default(), false);
        session.offer_report("crashes/crash-2026.txt".into());
        let notices = of(&session, false);
        assert_eq!(notices[0].remedy, Some((text("Show report"), Command::ShowCrashReport)));
        session.apply(notices[0].dismissal.clone().unwrap());
        assert_eq!(of(&session, false), []);
    }

    #[test]
    fn a_failed_model_explains_a_thread_that_ended() {
        let mut session = Session::new(Saved::default(), false);
        assert_eq!(of(&session, true).len(), 1);
        session.absorb(Event::ModelFailed { request: ModelRequest::default(), reason: "It is damaged.".to_owned() });
        assert_eq!(of(&session, true).len(), 1);
    }
}
