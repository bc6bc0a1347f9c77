//! A session of made-up photos: numbered, in three categories, of many shapes and colours.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::path::Path;
use std::sync::Arc;

use tagroll::catalog::{Category, CategoryId, Embedding, Fingerprint, FoundFile, Look, Picture, Scoring};
use tagroll::clip::pixels::{Filter, Levels, Resize};
use tagroll::clip::{InputSpec, ModelCard, ModelId};
use tagroll::engine::{Event, Saved, Session};

pub const NAMES: [&str; 3] = ["dog", "mountain", "receipt"];

pub fn name(photo: u32) -> Fingerprint {
    Fingerprint(u128::from(photo).to_be_bytes())
}

pub fn file_name(photo: u32) -> String {
    format!("IMG_{photo:06}.jpg")
}

/// As a visit finds it.
pub fn file(photo: u32) -> (FoundFile, Fingerprint) {
    let path = Path::new("/photos").join(file_name(photo)).into();
    (FoundFile { path, size_bytes: 1, modified_ns: 0 }, name(photo))
}

/// A direction in the plane; photos and categories are spread around it.
pub fn vector(turns: f32) -> Embedding {
    let (y, x) = (turns * std::f32::consts::TAU).sin_cos();
    Embedding::normalised(vec![x, y]).unwrap()
}

/// What a photo shows, as a direction: well mixed, and the same in every run.
pub fn turns(photo: u32) -> f32 {
    (photo as f32 * 0.618_034).fract()
}

pub fn look(photo: u32) -> Look {
    const SHAPES: [(u32, u32); 6] =
        [(6000, 4000), (4000, 6000), (4000, 3000), (3000, 3000), (8000, 2000), (4032, 2268)];
    let (width_px, height_px) = SHAPES[photo as usize * 7 % 11 % SHAPES.len()];
    let shade = |of: u32| (60 + photo.wrapping_mul(of) % 140) as u8;
    Look { width_px, height_px, average: [shade(37), shade(59), shade(83)] }
}

/// A thumbnail of the photo's shape.
pub fn thumbnail(photo: u32) -> Picture {
    let look = look(photo);
    let long = look.width_px.max(look.height_px);
    let (width_px, height_px) = (look.width_px * 384 / long, look.height_px * 384 / long);
    let pixel = |i: u32| {
        let fade = i / width_px * 90 / height_px;
        look.average.map(|level| level.saturating_add(fade as u8))
    };
    let rgb: Vec<u8> = (0..width_px * height_px).flat_map(pixel).collect();
    Picture { width_px, height_px, rgb: rgb.into() }
}

/// Categories without cut-offs and without photos.
pub fn saved() -> Saved {
    let category = |id: u32| {
        let name = NAMES[id as usize];
        Category { prompts: vec![name.into()], ..Category::named(CategoryId(id), name) }
    };
    Saved { categories: (0..3).map(category).collect(), roots: vec!["/photos".into()], ..Saved::default() }
}

/// All photos are encoded and their shapes known.
pub fn session(photos: u32) -> Session {
    let mut session = Session::new(saved(), false);
    session.absorb(Event::ModelReady { request: session.request().clone(), card: Arc::new(card("made up")) });
    let texts = NAMES.iter().enumerate().map(|(i, name)| ((*name).to_owned(), Ok(vector(i as f32 / 3.0))));
    session.absorb(Event::Texts { model: model(), texts: texts.collect() });
    let visit = session.wish().visits[0].clone();
    session.absorb(Event::Found { visit: visit.clone(), photos: (0..photos).map(file).collect() });
    session.absorb(Event::Visited(visit));
    session.absorb(Event::Looks((0..photos).map(|i| (name(i), look(i))).collect()));
    let embeddings = (0..photos).map(|i| (name(i), vector(turns(i)))).collect();
    session.absorb(Event::Stored { model: model(), embeddings });
    session
}

/// The model of these sessions.
pub fn model() -> ModelId {
    ModelId("made up".to_owned())
}

pub fn card(id: &str) -> ModelCard {
    let levels = Levels { rescale: 1.0 / 255.0, mean: [0.5; 3], deviation: [0.5; 3] };
    ModelCard {
        id: ModelId(id.to_owned()),
        name: "Made up".to_owned(),
        is_basic: false,
        embed_dim: 2,
        scoring: Scoring::Softmax { scale: 10.0 },
        input: InputSpec { resize: Resize::None, filter: Filter::Bilinear, crop: None, levels },
        parameters: 0,
        device: "CPU".to_owned(),
        device_note: None,
        precision: tagroll::clip::Precision::F32,
    }
}
