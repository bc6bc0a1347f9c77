//! What a frame of the window costs while another model reads 10,000 photos that the old one has read already:
//! `cargo bench --bench switch`.
//!
//! The window, the threads, the store and the photos are real; only the photos are small, and the new model too, so that
//! the change is over in seconds and as many answers as possible arrive in each frame.

#![allow(clippy::unwrap_used, reason = "a benchmark that fails says so")]

#[path = "../parity/checkpoint.rs"]
#[allow(dead_code, reason = "the parity tests need more of it")]
mod checkpoint;

use std::path::Path;
use std::time::{Duration, Instant};

use candle_core::DType;
use eframe::egui::vec2;
use egui_kittest::Harness;
use tagroll::app::App;
use tagroll::catalog::{Embedding, FoundFile};
use tagroll::clip::{DeviceChoice, ModelSource, PrecisionChoice, open};
use tagroll::disk::{self, Places, Store};
use tagroll::engine::{Command, ModelChoice, Options, Session};

const PHOTOS: usize = 10_000;
/// A frame at 60 a second.
const FRAME: Duration = Duration::from_micros(16_667);

type Window = Harness<'static, App>;

fn main() {
    let (data, photos, model) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (config, processor) = checkpoint::smallest();
    checkpoint::write(model.path(), &config, &processor, &checkpoint::tensors(&config, DType::F32));
    write_photos(photos.path());
    store_embeddings(data.path(), photos.path());

    let options = Options { data_dir: Some(data.path().to_path_buf()), ..Options::default() };
    let mut window = Harness::builder()
        .with_size(vec2(1280.0, 800.0))
        .build_eframe(|creation| App::new(&creation.egui_ctx, &options).unwrap());
    let state = window.state_mut();
    state.apply(Command::Open(vec![photos.path().to_path_buf()]));
    ["cat", "dog", "boat"].iter().for_each(|name| state.apply(Command::AddCategory((*name).to_owned())));
    until(&mut window, Session::is_fulfilled);
    // A few are on screen before the store has been asked, and have no thumbnail yet.
    let encoded_before = window.state().session().encoded();

    window.state_mut().apply(Command::UseModel(ModelChoice::Folder(model.path().to_path_buf())));
    let begun = Instant::now();
    let mut frames = until(&mut window, |session| session.switch().is_none() && session.is_fulfilled());
    let took = begun.elapsed();
    assert_eq!(window.state().session().encoded() - encoded_before, PHOTOS, "each photo is encoded once");
    frames.sort();
    let ms = |share: f64| frames[((frames.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{PHOTOS} photos read by another model in {:.1} s, {} frames", took.as_secs_f64(), frames.len());
    println!("a frame: {:.1} ms median, {:.1} ms at 95 %, {:.1} ms at most", ms(0.5), ms(0.95), ms(1.0));
    let late = frames.iter().filter(|frame| **frame > FRAME).count();
    println!("frames over {:.1} ms: {late}", FRAME.as_secs_f64() * 1e3);
}

/// Draws frames until the session is as wished; returns what each cost.
fn until(window: &mut Window, is_so: impl Fn(&Session) -> bool) -> Vec<Duration> {
    let mut frames = Vec::new();
    while !is_so(window.state().session()) {
        let begun = Instant::now();
        window.step();
        frames.push(begun.elapsed());
        std::thread::sleep(FRAME.saturating_sub(begun.elapsed()));
    }
    frames
}

/// Small pictures, no two alike.
fn write_photos(folder: &Path) {
    for number in 0..PHOTOS {
        let picture = checkpoint::picture(&number.to_string(), 24, 16);
        let part = folder.join((number / 500).to_string());
        std::fs::create_dir_all(&part).unwrap();
        let path = part.join(format!("{number}.png"));
        image::save_buffer(path, &picture.rgb, picture.width_px, picture.height_px, image::ColorType::Rgb8).unwrap();
    }
}

/// As if the starter model had read the photos.
fn store_embeddings(data: &Path, photos: &Path) {
    let card = open(&ModelSource::Starter, DeviceChoice::Cpu, PrecisionChoice::F32).unwrap().card().clone();
    let mut store = Store::open(&Places::at(data.to_path_buf()).store()).unwrap();
    let mut scan = disk::Scan::of(photos.to_path_buf());
    loop {
        let step = scan.step();
        let embeddings: Vec<_> =
            step.found.iter().map(|file| (disk::fingerprint(file).unwrap(), any(file, card.embed_dim))).collect();
        store.put_embeddings(&card.id.0, &embeddings).unwrap();
        if step.is_done {
            return;
        }
    }
}

fn any(file: &FoundFile, dim: usize) -> Embedding {
    let seed = checkpoint::seed(file.path.as_os_str().as_encoded_bytes());
    let number = |index| f64::from(checkpoint::hash(seed, index)) / f64::from(u32::MAX) - 0.5;
    Embedding::normalised((0..dim as u32).map(|index| number(index) as f32).collect()).unwrap()
}
