//! A window without an engine, and how a person handles it.

#![allow(dead_code, reason = "each test binary uses its own part")]

use eframe::egui::{self, Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, HarnessBuilder};
use tagroll::app::screen::{Screen, Shown};
use tagroll::app::theme;
use tagroll::engine::{Command, Pace, Session};

/// What is asked for is noted, and done to the session.
pub struct Bench {
    pub session: Session,
    screen: Option<Screen>,
    pub commands: Vec<Command>,
}

pub type Window = Harness<'static, Bench>;

pub fn window_of(session: Session, size: Vec2) -> Window {
    window_built(Harness::builder().with_size(size), session)
}

pub fn window_built(builder: HarnessBuilder<Bench>, session: Session) -> Window {
    let builder = builder.with_max_steps(240).with_context_setup(theme::install);
    let draw = |ui: &mut egui::Ui, bench: &mut Bench| {
        let screen = bench.screen.get_or_insert_with(|| Screen::new(ui.ctx()));
        let shown = Shown { session: &bench.session, pace: &Pace::default(), is_broken: false };
        for command in screen.ui(ui, &shown) {
            bench.commands.push(command.clone());
            bench.session.apply(command);
        }
    };
    let mut window = builder.build_ui_state(draw, Bench { session, screen: None, commands: Vec::new() });
    window.run();
    window
}

pub fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).scroll_to_me();
    window.run();
    window.get_by_label(name).click();
    window.run();
}

pub fn press(window: &mut Window, key: Key) {
    press_with(window, Modifiers::NONE, key);
}

pub fn press_with(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run();
}

pub fn has(window: &Window, name: &str) -> bool {
    window.query_by_label(name).is_some()
}

/// Whether anything has a name with this part.
pub fn says(window: &Window, part: &str) -> bool {
    window.query_all_by_label_contains(part).next().is_some()
}
