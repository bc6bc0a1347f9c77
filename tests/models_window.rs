//! The page of models, the recommendation and what the status line says of both, as a person meets them.

#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "support/bench.rs"]
mod bench;
#[path = "support/gallery.rs"]
mod gallery;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bench::{Window, click, press, says, window_of};
use eframe::egui::accesskit::Role;
use eframe::egui::{DroppedFile, Key, Modifiers, Pos2, Rect, Vec2, vec2};
use egui_kittest::kittest::{AccessKitNode, NodeT, Queryable};
use tagroll::engine::{
    Command, Device, DeviceChoice, Event, Installed, KnownModel, ModelChoice, ModelRequest, PrecisionChoice, Progress,
    Session, precisions,
};

const SIZE: Vec2 = vec2(900.0, 600.0);
const FOLDER: &str = "/home/ada/tagroll/models";

fn window(session: Session) -> Window {
    window_of(session, SIZE)
}

/// Photos, sorted by the starter model; the models folder holds these.
fn session(installed: &[&str]) -> Session {
    let mut session = gallery::session(40);
    let models = installed.iter().map(|id| model_in_folder(id)).collect();
    session.absorb(Event::HubHost("hub.test".to_owned()));
    session.absorb(Event::Installed { folder: FOLDER.into(), models });
    session
}

fn model_in_folder(id: &str) -> Installed {
    Installed { id: id.to_owned(), name: id.to_owned(), folder: FOLDER.into(), size_bytes: 812_000_000 }
}

/// A model of the table.
fn known(is_offered: bool) -> &'static KnownModel {
    let session = Session::new(tagroll::engine::Saved::default(), false);
    session.models().known().iter().find(|known| known.is_offered == is_offered).unwrap()
}

fn downloading(done_bytes: u64) -> Event {
    let progress = Progress { file: "model.safetensors".to_owned(), done_bytes, total_bytes: 1_000_000 };
    Event::Downloading { id: known(true).id.clone(), progress, bytes_per_second: Some(10_000.0) }
}

fn device(choice: DeviceChoice, name: &str, trouble: Option<&str>) -> Device {
    Device { choice, name: name.to_owned(), trouble: trouble.map(str::to_owned) }
}

fn open_page(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::M);
    window.run();
    window.get_by_label("Models");
}

fn is_page_open(window: &Window) -> bool {
    window.query_by_label("Close").is_some()
}

/// What was asked for, beside what every frame asks for.
fn asked(window: &Window) -> Vec<Command> {
    let is_routine = |command: &&Command| {
        matches!(command, Command::ShowThumbnails(_) | Command::ShowLarge(_) | Command::ShowFull(_))
    };
    window.state().commands.iter().filter(|command| !is_routine(command)).cloned().collect()
}

fn check_asked(window: &Window, expected: &[Command]) {
    assert_eq!(asked(window), expected);
}

#[test]
fn the_page_opens_from_the_key_the_status_line_and_the_recommendation() {
    let mut window = window(session(&[]));
    open_page(&mut window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::M);
    window.run();
    assert!(!is_page_open(&window));
    for name in ["Made up · CPU", "Models…"] {
        click(&mut window, name);
        assert!(is_page_open(&window), "{name}");
        press(&mut window, Key::Escape);
        assert!(!is_page_open(&window), "{name}");
    }
    check_asked(&window, &[]);
}

#[test]
fn every_model_of_the_table_and_of_the_folder_has_a_row() {
    let mut window = window(session(&["mine"]));
    open_page(&mut window);
    let known = window.state().session.models().known();
    for name in known.iter().map(|known| known.name.as_str()).chain(["Starter model", "mine"]) {
        assert!(window.query_all_by_label(name).next().is_some(), "{name}");
    }
    assert!(says(&window, "In use"));
    assert!(says(&window, "One model, 812 MB, in"));
}

#[test]
fn nothing_is_fetched_before_somebody_read_what_will_be_fetched_and_said_yes() {
    let mut window = window(session(&[]));
    open_page(&mut window);
    let begin = format!("Download {}", known(true).name);
    click(&mut window, &begin);
    assert!(says(&window, &format!("from hub.test into {FOLDER}. Nothing else is sent: no photo, no prompt.")));
    assert!(window.get_by_label("Not now").is_focused());
    press(&mut window, Key::Enter);
    assert!(window.query_by_label("Not now").is_none());
    assert!(window.get_by_label(&begin).is_focused());

    click(&mut window, &begin);
    press(&mut window, Key::Escape);
    assert!(window.query_by_label("Not now").is_none() && is_page_open(&window));
    check_asked(&window, &[]);

    click(&mut window, &begin);
    click(&mut window, "Download and use");
    check_asked(&window, &[Command::Download(known(true).id.clone())]);
}

#[test]
fn the_first_model_that_is_fetched_takes_over_from_the_starter_model() {
    let mut window = window(session(&[]));
    open_page(&mut window);
    click(&mut window, &format!("Download {}", known(true).name));
    assert!(says(&window, "Then it reads your photos, and takes over when it has seen them"));
    click(&mut window, "Download and use");
    let id = &known(true).id;
    let models = vec![model_in_folder(id)];
    window.state_mut().session.absorb(Event::Installed { folder: FOLDER.into(), models });
    window.run();
    check_asked(&window, &[Command::Download(id.clone())]);
    let wanted = &window.state().session.wanted_request().choice;
    assert_eq!(wanted, &ModelChoice::Installed(id.clone()));
}

#[test]
fn a_download_can_be_paused_gone_on_with_tried_again_and_cancelled() {
    let model = known(true);
    let mut session = session(&[]);
    session.apply(Command::Download(model.id.clone()));
    session.absorb(downloading(340_000));
    let mut window = window(session);
    assert!(says(&window, &format!("Downloading {}: 34 %", model.name)));
    click(&mut window, &format!("Downloading {}: 34 %", model.name));
    assert!(says(&window, "34 % · 340 kB of 1.0 MB · 10 kB a second · 2 min left"));

    click(&mut window, &format!("Pause {}", model.name));
    assert!(says(&window, "Paused at 34 % · 340 kB of 1.0 MB"));
    click(&mut window, &format!("Go on {}", model.name));
    let reason = "The hub does not answer.".to_owned();
    window.state_mut().session.absorb(Event::DownloadFailed { id: model.id.clone(), reason });
    window.run();
    assert!(says(&window, "The hub does not answer."));
    click(&mut window, &format!("Try again {}", model.name));
    click(&mut window, &format!("Cancel {}", model.name));
    assert!(window.query_by_label(&format!("Download {}", model.name)).is_some());
    let done = [Command::PauseDownload, Command::Download, Command::Download, Command::CancelDownload];
    check_asked(&window, &done.map(|command: fn(String) -> Command| command(model.id.clone())));
}

#[test]
fn a_model_that_tagroll_was_packaged_with_stands_in_for_the_starter_model() {
    let model = known(true);
    let mut session = session(&[]);
    session.come_with(Some(model.id.clone()));
    assert_eq!(session.recommendation(), None, "what it says of the starter model is not true of this one");
    let mut window = window(session);
    open_page(&mut window);
    assert!(says(&window, &model.name) && says(&window, "Comes with Tagroll") && says(&window, &model.licence));
    assert!(!says(&window, "Starter model") && window.query_by_label(&format!("Download {}", model.name)).is_none());
}

#[test]
fn research_weights_are_not_offered_for_download() {
    let mut window = window(session(&[]));
    open_page(&mut window);
    let has = |button: &str| window.query_by_label(&format!("{button} {}", known(false).name)).is_some();
    assert!(has("Add from folder") && !has("Download"));
    assert!(says(&window, "Its licence allows research only"));
}

#[test]
fn a_model_is_removed_only_after_a_question() {
    let mut window = window(session(&["mine"]));
    open_page(&mut window);
    click(&mut window, "Remove mine");
    assert!(says(&window, "Deletes 812 MB from this computer."));
    click(&mut window, "Keep it");
    check_asked(&window, &[]);
    click(&mut window, "Remove mine");
    click(&mut window, "Remove");
    check_asked(&window, &[Command::RemoveModel("mine".to_owned())]);
}

#[test]
fn while_another_model_takes_over_one_can_stay_with_the_old_one() {
    let mut window = window(session(&["mine"]));
    open_page(&mut window);
    click(&mut window, "Use mine");
    assert!(says(&window, "Loading, to take over"));
    press(&mut window, Key::Escape);
    window.get_by_label("Loading mine");
    window.get_by_label("Made up · CPU");
    click(&mut window, "Stay with the starter model");
    assert!(window.query_by_label("Loading mine").is_none());
    check_asked(&window, &[Command::UseModel(ModelChoice::Installed("mine".to_owned())), Command::KeepModel]);
}

#[test]
fn a_model_that_loads_at_the_start_is_named() {
    let mut session = Session::new(tagroll::engine::Saved::default(), false);
    session.absorb(Event::Installed { folder: FOLDER.into(), models: Vec::new() });
    let mut window = window(session);
    window.get_by_label("Loading the starter model");
    window
        .state_mut()
        .session
        .absorb(Event::ModelFailed { request: ModelRequest::default(), reason: "Its weights are damaged.".to_owned() });
    window.run();
    window.get_by_label("No model");
    open_page(&mut window);
    assert!(says(&window, "It could not be loaded. Its weights are damaged."));
}

#[test]
fn a_device_that_cannot_be_used_says_why_and_is_not_chosen() {
    let mut session = session(&[]);
    session.absorb(Event::Devices(vec![
        device(DeviceChoice::Cpu, "CPU", None),
        device(DeviceChoice::Cuda(0), "NVIDIA H200", None),
        device(DeviceChoice::Cuda(1), "NVIDIA GT 730", Some("Its driver is too old.")),
    ]));
    let mut window = window(session);
    open_page(&mut window);
    assert!(says(&window, "Cannot be used. Its driver is too old."));
    click(&mut window, "NVIDIA GT 730");
    check_asked(&window, &[]);
    click(&mut window, "NVIDIA H200");
    check_asked(&window, &[Command::UseDevice(DeviceChoice::Cuda(0))]);
}

#[test]
fn where_there_is_only_a_cpu_one_line_says_so() {
    let mut session = session(&[]);
    session.absorb(Event::Devices(vec![Device { choice: DeviceChoice::Cpu, name: "CPU".to_owned(), trouble: None }]));
    let mut window = window(session);
    open_page(&mut window);
    assert!(says(&window, "The CPU does the work"));
    // What can still be chosen is how exact it is.
    assert_eq!(window.query_all_by_role(Role::RadioButton).count(), precisions().len());
}

#[test]
fn how_exact_the_network_is_can_be_chosen() {
    let mut window = window(session(&[]));
    open_page(&mut window);
    if precisions().is_empty() {
        return;
    }
    click(&mut window, "Full precision (f32)");
    check_asked(&window, &[Command::UsePrecision(PrecisionChoice::F32)]);
}

#[test]
fn a_better_model_is_recommended_until_somebody_says_not_now() {
    let mut window = window(session(&[]));
    assert!(says(&window, "is right about twice as often"));
    click(&mut window, "Not now: recommend no model");
    assert!(!says(&window, "is right about twice as often"));
    check_asked(&window, &[Command::DismissRecommendation]);
}

#[test]
fn nothing_is_recommended_while_a_download_runs_or_a_model_is_installed_or_nobody_has_looked() {
    let mut running = session(&[]);
    running.apply(Command::Download(known(true).id.clone()));
    for session in [running, session(&["mine"]), gallery::session(40)] {
        assert!(!says(&window(session), "is right about twice as often"));
    }
}

#[test]
fn the_first_page_recommends_too() {
    let mut session = Session::new(tagroll::engine::Saved::default(), false);
    session.absorb(Event::Installed { folder: FOLDER.into(), models: Vec::new() });
    let mut window = window(session);
    assert!(says(&window, "is right about twice as often"));
    click(&mut window, "Models…");
    assert!(is_page_open(&window));
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("nobody reads it here".to_owned())
    }
}

fn drop_on(window: &mut Window, path: &str) {
    window.input_mut().dropped_files = vec![Arc::new(Dropped(path.into()))];
    // A folder that is looked into is shown with a spinner, which never settles.
    window.run_steps(4);
}

#[test]
fn what_is_dropped_on_the_page_is_a_model_and_elsewhere_photos() {
    let mut window = window(session(&[]));
    open_page(&mut window);
    drop_on(&mut window, "/models/siglip/model.safetensors");
    assert!(says(&window, "Checking and copying /models/siglip/model.safetensors"));
    press(&mut window, Key::Escape);
    drop_on(&mut window, "/photos/norway");
    let expected =
        [Command::AddModel("/models/siglip/model.safetensors".into()), Command::Open(vec!["/photos/norway".into()])];
    check_asked(&window, &expected);
}

#[test]
fn a_model_is_added_by_its_path() {
    let mut window = window(session(&[]));
    open_page(&mut window);
    click(&mut window, "Type a model's path…");
    window.get_by_label("Path of a model").type_text("/models/siglip");
    window.run();
    press(&mut window, Key::Enter);
    check_asked(&window, &[Command::AddModel("/models/siglip".into())]);
    let reason = "Could not add siglip: it has no config.json.".to_owned();
    let added = Event::Added { from: "/models/siglip".into(), outcome: Err(reason.clone()) };
    window.state_mut().session.absorb(added);
    window.run();
    assert!(is_page_open(&window) && says(&window, &reason));
}

/// Goes round the page with Tab; returns the names of what the keyboard reaches, each of which must be in view.
fn tab_round(window: &mut Window, size: Vec2) -> Vec<String> {
    let is_reached = |node: &AccessKitNode<'_>| node.is_focused() && node.label().is_some();
    let mut names: Vec<String> = Vec::new();
    for _ in 0..200 {
        press(window, Key::Tab);
        let focused = window.query_all_by(is_reached).last().expect("the page keeps the keyboard");
        let name = focused.accesskit_node().label().unwrap_or_default();
        let rect = focused.rect();
        assert!(Rect::from_min_size(Pos2::ZERO, size).contains_rect(rect), "{name} is at {rect}");
        if names.first() == Some(&name) {
            return names;
        }
        names.push(name);
    }
    panic!("Tab does not come round: {names:?}");
}

fn check_keyboard(size: Vec2) {
    let mut window = window_of(session(&["mine"]), size);
    open_page(&mut window);
    let reached = tab_round(&mut window, size);
    let download = format!("Download {}", known(true).name);
    let own = format!("Add from folder {}", known(false).name);
    for name in
        ["Close", "Use mine", "Remove mine", "Add from folder…", "Type a model's path…", &download, &own, "Copy path"]
    {
        assert!(reached.iter().any(|reached| reached == name), "{name} is not among {reached:?}");
    }
}

#[test]
fn the_keyboard_reaches_everything_on_the_page_and_scrolls_it_into_view() {
    check_keyboard(SIZE);
}

#[test]
fn the_page_is_usable_at_three_times_the_size() {
    check_keyboard(vec2(1280.0, 800.0) / 3.0);
}
