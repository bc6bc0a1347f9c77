//! What a frame of the grid costs on the processor with 100,000 photos, without a graphics card:
//! `cargo bench --bench grid`.
//!
//! Each frame scrolls on, so new rows come in, their thumbnails arrive and are handed to the (absent) card, and shapes
//! are turned into triangles as they would be for drawing.

#![allow(clippy::unwrap_used, reason = "a benchmark that fails says so")]

#[path = "../support/gallery.rs"]
mod gallery;

use std::time::{Duration, Instant};

use eframe::egui::{self, Event as Input, Key, Modifiers, RawInput, Rect, pos2, vec2};
use tagroll::app::grid::Grid;
use tagroll::app::textures::Textures;
use tagroll::app::theme;
use tagroll::catalog::Look;
use tagroll::engine::{Command, Event, Session};

const PHOTOS: u32 = 100_000;
const FRAMES: usize = 300;

/// The window without its frame.
struct Window {
    ctx: egui::Context,
    session: Session,
    grid: Grid,
    textures: Textures,
    size: egui::Vec2,
    frames: u32,
    meshes: usize,
    thumbnails: usize,
}

impl Window {
    fn new(session: Session, size: egui::Vec2) -> Window {
        let ctx = egui::Context::default();
        theme::install_fonts(&ctx);
        let (grid, textures) = (Grid::new(), Textures::new());
        Window { ctx, session, grid, textures, size, frames: 0, meshes: 0, thumbnails: 0 }
    }

    /// Draws one frame; returns what it cost. What the threads would answer arrives afterwards.
    fn frame(&mut self, events: Vec<Input>) -> Duration {
        self.frames += 1;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), self.size)),
            time: Some(f64::from(self.frames) / 60.0),
            events,
            ..RawInput::default()
        };
        let (mut commands, begun) = (Vec::new(), Instant::now());
        let (grid, session, textures) = (&mut self.grid, &self.session, &mut self.textures);
        let egui::FullOutput { shapes, pixels_per_point, mut textures_delta, .. } = self.ctx.run_ui(input, |ui| {
            egui::CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| {
                grid.show(ui, session, textures, &mut commands);
            });
        });
        self.meshes = self.ctx.tessellate(shapes, pixels_per_point).len();
        let cost = begun.elapsed();
        textures_delta.clear();
        self.answer(commands);
        cost
    }

    /// Lets everything arrive and every movement end.
    fn settle(&mut self) {
        for _ in 0..120 {
            self.frame(Vec::new());
        }
    }

    fn answer(&mut self, commands: Vec<Command>) {
        for command in commands {
            let wanted = if let Command::ShowThumbnails(wanted) = &command { wanted.clone() } else { Vec::new() };
            self.session.apply(command);
            self.thumbnails += wanted.len();
            for photo in wanted {
                self.session.absorb(Event::Thumbnail(gallery::name(photo.0), gallery::thumbnail(photo.0)));
            }
        }
    }
}

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let ms = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{what:100} {:6.2} ms median, {:6.2} ms at 95 %", ms(0.5), ms(0.95));
}

fn wheel(points: f32) -> Vec<Input> {
    let (unit, phase) = (egui::MouseWheelUnit::Point, egui::TouchPhase::Move);
    vec![
        Input::PointerMoved(pos2(300.0, 400.0)),
        Input::MouseWheel {
            unit,
            delta: vec2(0.0, -points),
            phase,
            modifiers: Modifiers::NONE,
            source: egui::MouseWheelSource::Unknown,
        },
    ]
}

fn key(key: Key) -> Vec<Input> {
    vec![Input::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE }]
}

fn measure(window: &mut Window, what: &str, mut events: impl FnMut() -> Vec<Input>) {
    let before = window.thumbnails;
    let times: Vec<Duration> = (0..FRAMES).map(|_| window.frame(events())).collect();
    let arrived = window.thumbnails - before;
    print(&format!("{what} ({arrived} thumbnails came, {} meshes at the end)", window.meshes), times);
}

fn main() {
    println!("{PHOTOS} photos, {FRAMES} frames each");
    let session = gallery::session(PHOTOS);
    let mut window = Window::new(session, vec2(980.0, 720.0));
    window.session.ranking();
    print("the first frame, with its layout", vec![window.frame(Vec::new())]);
    window.settle();
    measure(&mut window, "a frame in which nothing happens", Vec::new);
    measure(&mut window, "a frame that scrolls slowly", || wheel(12.0));
    measure(&mut window, "a frame that scrolls by a page", || wheel(700.0));
    measure(&mut window, "a frame in which the focus moves on", || key(Key::ArrowDown));
    window.ctx.enable_accesskit();
    measure(&mut window, "a slow scroll with a screen reader listening", || wheel(12.0));
    window.ctx.disable_accesskit();
    let mut height = 128.0;
    let layout = |number: usize| {
        height += if number.is_multiple_of(2) { 1.0 } else { -1.0 };
        window.session.apply(Command::SetThumbnailHeight(height));
        window.frame(Vec::new())
    };
    print("a frame with a new layout", (0..21).map(layout).collect());
    let looks = |number: u32| {
        let look = Look { average: [number as u8; 3], ..gallery::look(number) };
        window.session.absorb(Event::Looks(vec![(gallery::name(number), look)]));
        window.frame(Vec::new())
    };
    print("a frame after a shape became known", (0..21).map(looks).collect());
    window.session.apply(Command::SetThumbnailHeight(64.0));
    window.size = vec2(2560.0, 1440.0);
    window.settle();
    measure(&mut window, "small thumbnails on a large screen, scrolling slowly", || wheel(12.0));
}
