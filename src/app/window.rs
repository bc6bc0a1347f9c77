//! The window as the system sees it: its start, size, scale and title.

use std::cell::Cell;
use std::panic;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use eframe::egui::{Context, Vec2, ViewportBuilder, ViewportCommand, vec2};
use eframe::{NativeOptions, Renderer};

use super::App;
use super::renderer::{self, RendererChoice};
use super::toolbar::name_of;
use crate::engine::crash::Watch;
use crate::engine::{Command, Desktop, Engine, Options, Session, WindowPlace};
use crate::guard::{self, guarded};
use crate::language;

const ICON: &[u8] = include_bytes!("../../assets/icon/tagroll-256.png");

const DEFAULT_SIZE: Vec2 = vec2(1280.0, 800.0);
const LEAST_SIZE: Vec2 = vec2(480.0, 320.0);
/// The window is usable up to here.
const MOST_ZOOM: f32 = 3.0;
/// A size that stands this long is where somebody wanted it.
const SETTLED_SECS: f64 = 0.8;

/// What somebody asked for when the program was started.
pub struct Start {
    pub options: Options,
    /// Folders to open, if any.
    pub roots: Vec<PathBuf>,
    pub renderer: RendererChoice,
}

/// Opens the window and returns when it is closed.
pub fn run(start: &Start, watch: &Watch) -> anyhow::Result<()> {
    let mut failure = None;
    for renderer in start.renderer.renderers()? {
        // What comes after a new start is watched over anew.
        renderer.restart(|| watch.end())?;
        match open(start, watch)? {
            Opened::AndClosed => return Ok(()),
            Opened::Not(reason) => {
                log::warn!("{renderer:?} does not draw: {reason}");
                failure = Some(reason);
            }
        }
    }
    let reason = failure.unwrap_or_default();
    Err(anyhow::anyhow!("{CANNOT_OPEN}: {reason}. {NEEDS_OPENGL} {WITHOUT_SCREEN}"))
}

const CANNOT_OPEN: &str = "Could not open a window";
const NEEDS_OPENGL: &str = "Tagroll draws with OpenGL 2.0 or newer, which a remote desktop or a virtual machine may lack; \
                            its makers' graphics drivers bring it.";
const WITHOUT_SCREEN: &str = "`tagroll --help` lists what can be done without a screen.";

enum Opened {
    AndClosed,
    /// Why this renderer does not draw here; another one may.
    Not(String),
}

fn open(start: &Start, watch: &Watch) -> anyhow::Result<Opened> {
    // The engine is older than the window, because it knows where the window was.
    let late: Arc<OnceLock<Context>> = Arc::default();
    let waker = late.clone();
    let wake = move || waker.get().into_iter().for_each(Context::request_repaint);
    let mut engine = Engine::start(&Options { awaits_window: true, ..start.options.clone() }, wake)?;
    if !start.roots.is_empty() {
        engine.apply(Command::Open(start.roots.clone()));
    }
    let native = native_options(engine.session().window());
    let is_open = Rc::new(Cell::new(false));
    let opened = is_open.clone();
    let create: eframe::AppCreator<'_> = Box::new(move |creation| {
        let _ = late.set(creation.egui_ctx.clone());
        creation.gl.iter().for_each(|gl| watch.note_window(renderer::description(gl)));
        opened.set(true);
        // From here on a panic is a crash.
        guard::release();
        let desktop = watch_desktop(&creation.egui_ctx);
        Ok(Box::new(App { system: language::of_system(), desktop, ..App::of(engine, &creation.egui_ctx) }))
    });
    // Where a screen has nothing to draw with, eframe may panic before there is a window.
    match guarded(|| eframe::run_native("tagroll", native, create)) {
        Ok(Ok(())) => Ok(Opened::AndClosed),
        Ok(Err(error)) if is_open.get() => Err(anyhow::anyhow!("The system closed the window: {}.", words_of(&error))),
        Ok(Err(error)) if is_about_screen(&error) => {
            Err(anyhow::anyhow!("{CANNOT_OPEN}: {}. {WITHOUT_SCREEN}", words_of(&error)))
        }
        Ok(Err(error)) => Ok(Opened::Not(words_of(&error))),
        Err(panicked) if is_open.get() => panic::resume_unwind(panicked),
        Err(_) => Ok(Opened::Not("the graphics driver gave up".to_owned())),
    }
}

fn watch_desktop(ctx: &Context) -> Desktop {
    let ctx = ctx.clone();
    Desktop::watch(move || ctx.request_repaint())
}

/// Whether there is no screen at all, so that no renderer would help.
fn is_about_screen(error: &eframe::Error) -> bool {
    matches!(error, eframe::Error::Winit(_) | eframe::Error::WinitEventLoop(_) | eframe::Error::AppCreation(_))
}

/// The system's own words start with a place in a source file; what a person can use comes last.
fn words_of(error: &eframe::Error) -> String {
    log::error!("{error}");
    let reason = error.to_string();
    reason.rsplit(": ").next().unwrap_or("").trim_end_matches('.').to_owned()
}

fn native_options(place: Option<WindowPlace>) -> NativeOptions {
    let icon = eframe::icon_data::from_png_bytes(ICON).expect("the icon is compiled in, and a test reads it");
    let size = place.map_or(DEFAULT_SIZE, |place| vec2(place.width, place.height).max(LEAST_SIZE));
    let viewport = ViewportBuilder::default()
        .with_app_id("tagroll")
        .with_title("Tagroll")
        .with_icon(icon)
        .with_inner_size(size)
        .with_min_inner_size(LEAST_SIZE)
        .with_maximized(place.is_some_and(|place| place.is_maximized))
        .with_drag_and_drop(true);
    NativeOptions { viewport, renderer: Renderer::Glow, ..NativeOptions::default() }
}

/// The icon as a picture for the first page.
pub fn icon_texture(ctx: &Context) -> eframe::egui::TextureHandle {
    let icon = eframe::icon_data::from_png_bytes(ICON).expect("the icon is compiled in, and a test reads it");
    let size = [icon.width as usize, icon.height as usize];
    let image = eframe::egui::ColorImage::from_rgba_unmultiplied(size, &icon.rgba);
    ctx.load_texture("icon", image, eframe::egui::TextureOptions::LINEAR)
}

/// Follows where the window is put, and what it is called.
#[derive(Default)]
pub struct Window {
    title: String,
    /// A place that may still change, and since when it is this.
    moving: Option<(WindowPlace, f64)>,
}

impl Window {
    /// Gives the window the scale that it had when it was closed.
    pub fn restore(ctx: &Context, place: Option<WindowPlace>) {
        let zoom = place.map_or(1.0, |place| place.zoom);
        ctx.set_zoom_factor(zoom.clamp(0.5, MOST_ZOOM));
    }

    /// Keeps title and scale right. Returns where the window is, once it stands still in a new place.
    pub fn follow(&mut self, ctx: &Context, session: &Session) -> Option<Command> {
        self.set_title(ctx, session);
        if ctx.zoom_factor() > MOST_ZOOM {
            ctx.set_zoom_factor(MOST_ZOOM);
        }
        let place = place_of(ctx, session.window()).filter(|place| session.window() != Some(*place))?;
        let now = ctx.input(|input| input.time);
        match self.moving {
            Some((moving, since)) if moving == place && now - since >= SETTLED_SECS => {
                self.moving = None;
                return Some(Command::PlaceWindow(place));
            }
            Some((moving, _)) if moving == place => {}
            _ => self.moving = Some((place, now)),
        }
        ctx.request_repaint_after_secs(SETTLED_SECS as f32);
        None
    }

    /// Where the window was last, if nobody was told yet.
    pub fn last_place(&self) -> Option<Command> {
        self.moving.map(|(place, _)| Command::PlaceWindow(place))
    }

    fn set_title(&mut self, ctx: &Context, session: &Session) {
        let title = match session.roots().next() {
            Some(root) => format!("{} – Tagroll", name_of(root)),
            None => "Tagroll".to_owned(),
        };
        if title != self.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}

/// Where the window is. A maximised one keeps the size that it will have when it is no longer.
fn place_of(ctx: &Context, before: Option<WindowPlace>) -> Option<WindowPlace> {
    let zoom = ctx.zoom_factor();
    let (area, is_maximized) = ctx.input(|input| (input.viewport().inner_rect, input.viewport().maximized));
    let (area, is_maximized) = (area?, is_maximized.unwrap_or(false));
    let size = (area.size() * zoom).round();
    let size = before.filter(|_| is_maximized).map_or(size, |before| vec2(before.width, before.height));
    Some(WindowPlace { width: size.x, height: size.y, is_maximized, zoom })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_opens_where_it_was_closed_but_never_too_small_to_use() {
        let place = WindowPlace { width: 10.0, height: 900.0, is_maximized: true, zoom: 1.0 };
        let viewport = native_options(Some(place)).viewport;
        assert_eq!(viewport.inner_size, Some(vec2(480.0, 900.0)));
        assert_eq!(viewport.maximized, Some(true));
        assert_eq!(native_options(None).viewport.inner_size, Some(DEFAULT_SIZE));
    }
}
