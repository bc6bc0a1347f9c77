//! The window. Panels read the session and ask for things; after drawing, [`App`] does what they asked for.
//!
//! Nothing here waits for anything: files, network and threads are the engine's.

mod appearance;
mod categories;
mod centre;
mod chips;
mod controls;
mod dialog;
mod doctor;
mod evaluation;
mod export;
mod filter;
pub mod grid;
mod help;
mod histogram;
mod icons;
mod inspector;
mod keys;
mod language_choice;
pub mod loupe;
mod marks;
mod models;
mod notices;
mod overlay;
mod panels;
mod path_prompt;
mod renderer;
mod review;
mod scores;
pub mod screen;
mod sets;
mod settings;
mod similar;
mod status;
pub mod textures;
pub mod theme;
mod thumbnails;
mod tiles;
mod toolbar;
mod tuning;
mod unreadable;
mod verdicts;
mod welcome;
mod window;

use eframe::egui::{self, Context, Id, Ui};

use dialog::Purpose;
pub use dialog::tell_failure;
use keys::Action;
use panels::{Panel, Panels};
pub use renderer::RendererChoice;
use screen::{Screen, Shown};
use window::Window;
pub use window::{Start, run};

use crate::catalog::PhotoId;
use crate::engine::{Command, Desktop, Engine, Options, Session};
use crate::language::Language;

/// Models wait no longer than this for the first photos.
const WAITING_SECS: f64 = 0.5;

/// What panels ask for while they draw.
#[derive(Default)]
struct Requests {
    commands: Vec<Command>,
    actions: Vec<Action>,
    panels: Panels,
    /// A dialog of the system.
    dialog: Option<Purpose>,
    /// Photos whose thumbnails a panel or a page shows beside those of the grid.
    beside: Vec<PhotoId>,
}

impl Requests {
    /// Names a control where Tab may land.
    fn land(&mut self, panel: Panel, is_preferred: bool, id: Id) {
        self.panels.land(panel, is_preferred, id);
    }
}

pub struct App {
    engine: Engine,
    screen: Screen,
    window: Window,
    /// The system's language.
    system: Language,
    desktop: Desktop,
}

impl App {
    /// Starts the engine, which wakes the window `ctx` whenever it has news.
    pub fn new(ctx: &Context, options: &Options) -> anyhow::Result<App> {
        let waker = ctx.clone();
        Ok(App::of(Engine::start(options, move || waker.request_repaint())?, ctx))
    }

    /// The window of an engine that runs already.
    fn of(engine: Engine, ctx: &Context) -> App {
        theme::install(ctx);
        Window::restore(ctx, engine.session().window());
        App {
            engine,
            screen: Screen::new(ctx),
            window: Window::default(),
            system: Language::default(),
            desktop: Desktop::default(),
        }
    }

    /// What is shown, for those who look at it from outside.
    pub fn session(&self) -> &Session {
        self.engine.session()
    }

    /// Tells the engine when photos are on screen, or when none come.
    fn let_models_open(&mut self, ctx: &Context) {
        if !self.engine.awaits_window() {
            return;
        }
        let (left, has_drawn) = (WAITING_SECS - ctx.input(|input| input.time), ctx.cumulative_pass_nr() > 0);
        let is_drawn = has_drawn && (!self.screen.textures.is_empty() || self.session().roots().next().is_none());
        if is_drawn || left <= 0.0 {
            self.engine.window_is_drawn();
        } else {
            ctx.request_repaint_after_secs(left as f32);
        }
    }

    /// Does what a panel would have asked for.
    pub fn apply(&mut self, command: Command) {
        self.engine.apply(command);
    }
}

impl eframe::App for App {
    fn raw_input_hook(&mut self, ctx: &Context, input: &mut egui::RawInput) {
        self.screen.hold_back(ctx, input);
    }

    fn logic(&mut self, ctx: &Context, _: &mut eframe::Frame) {
        self.let_models_open(ctx);
        self.engine.pump();
        language_choice::follow(self.engine.session(), self.system);
        appearance::follow(ctx, self.engine.session(), &self.desktop);
        if self.engine.has_more() {
            // What there is takes several frames, and nothing else may come that would ask for the next one.
            ctx.request_repaint();
        }
        let answered = self.screen.take_answer(ctx);
        let moved = self.window.follow(ctx, self.engine.session());
        answered.into_iter().chain(moved).for_each(|command| self.apply(command));
    }

    /// A window that is closed soon after it was moved is remembered where it was.
    fn on_exit(&mut self, _: Option<&eframe::glow::Context>) {
        self.window.last_place().into_iter().for_each(|command| self.apply(command));
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        let is_broken = self.engine.is_broken();
        let shown = Shown { session: self.engine.session(), pace: self.engine.pace(), is_broken };
        let commands = self.screen.ui(ui, &shown);
        if commands.contains(&Command::ForgetEverything) {
            // What it keeps is about photos that are no longer there.
            self.screen = Screen::new(ui.ctx());
        }
        commands.into_iter().for_each(|command| self.apply(command));
    }
}
