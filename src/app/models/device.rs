//! The choice of what the network runs on, and how exact it is there.

use eframe::egui::{Label, RadioButton, RichText, Ui};

use super::row::in_view;
use crate::app::Requests;
use crate::app::controls::note;
use crate::engine::{Command, Device, DeviceChoice, Model, PrecisionChoice, Session, precisions};
use crate::language::{message, text, tr};

/// Draws the choice, or one quiet line where there is none.
pub fn show(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    super::part(ui, tr("Where it runs"));
    let devices = session.models().devices();
    match devices {
        [] => drop(note(ui, tr("Looking for graphics processors"))),
        [only] if only.choice == DeviceChoice::Cpu && session.wanted_request().device != DeviceChoice::Cpu => {
            note(ui, tr("The CPU does the work: there is no graphics processor here that Tagroll can use."));
        }
        _ => show_choice(ui, session, devices, requests),
    }
    if let Model::Ready(card) = session.model()
        && let Some(reason) = &card.device_note
    {
        ui.add(
            Label::new(
                RichText::new(tr!(
                    "Now on {device}: {reason}",
                    device = message(&card.device),
                    reason = message(reason)
                ))
                .small()
                .weak(),
            )
            .wrap(),
        );
    }
    show_precision(ui, session, requests);
}

fn show_precision(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    let choices = precisions();
    if choices.is_empty() || matches!(session.model(), Model::Ready(card) if card.device != "CPU") {
        return;
    }
    super::part(ui, tr("How exact it is on the CPU"));
    let wanted = session.wanted_request().precision;
    for choice in choices {
        let name = match choice {
            PrecisionChoice::Auto => text("Automatic: the fastest that sorts like full precision"),
            PrecisionChoice::F32 => text("Full precision (f32)"),
            PrecisionChoice::Bf16 => text("Half the bits (bf16)"),
            PrecisionChoice::Int8 => text("Fastest (int8): about one photo in a hundred lands elsewhere"),
        };
        if in_view(ui.add(RadioButton::new(wanted == choice, tr(name)))).clicked() && wanted != choice {
            requests.commands.push(Command::UsePrecision(choice));
        }
    }
}

fn show_choice(ui: &mut Ui, session: &Session, devices: &[Device], requests: &mut Requests) {
    let wanted = session.wanted_request().device;
    let mut offer = |ui: &mut Ui, choice: DeviceChoice, name: &str, trouble: Option<&str>| {
        let button = RadioButton::new(wanted == choice, name);
        let response = in_view(ui.add_enabled(trouble.is_none(), button));
        if response.clicked() && wanted != choice {
            requests.commands.push(Command::UseDevice(choice));
        }
        if let Some(trouble) = trouble {
            ui.indent(("trouble", name), |ui| {
                ui.add(
                    Label::new(
                        RichText::new(tr!("Cannot be used. {reason}", reason = message(trouble))).small().weak(),
                    )
                    .wrap(),
                )
            });
        }
    };
    offer(ui, DeviceChoice::Auto, tr("Automatic: a graphics processor where one can be used"), None);
    for device in devices {
        offer(ui, device.choice, &message(&device.name), device.trouble.as_deref());
    }
}

/// What a device is called that was asked for.
pub fn name_of(session: &Session, choice: DeviceChoice) -> String {
    let found = session.models().devices().iter().find(|device| device.choice == choice);
    match (choice, found) {
        (DeviceChoice::Auto, _) => tr("the best device").to_owned(),
        (DeviceChoice::Cpu, _) => tr("the CPU").to_owned(),
        (_, Some(device)) => message(&device.name).into_owned(),
        (other, None) => other.to_string(),
    }
}
