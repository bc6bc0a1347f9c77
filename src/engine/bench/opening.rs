//! A library of 100,000 photos, opened again.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::library::{AT_ONCE, PHOTOS, Random};
use super::{Bench, Figure, Scratch, figure};
use crate::catalog::{Category, CategoryId, Cutoff, PhotoId, Picture};
use crate::clip::ModelCard;
use crate::disk::{self, Original, Scan, Store, Thumbnail};
use crate::engine::{Command, Engine, Options, Saved, Session};

const ROUNDS: usize = 5;
/// About what a window of 1280 x 800 points shows.
const ON_SCREEN: usize = 48;
const CATEGORIES: [&str; 3] = ["dog", "mountain", "receipt"];
/// A frame of the window, which looks for news no more often.
const FRAME: Duration = Duration::from_millis(16);

/// Milliseconds from the start until thumbnails for a screen are there, and until everything is sorted, with automatic
/// cut-offs. It includes opening the model.
pub fn opening(bench: &Bench, card: &ModelCard) -> Result<Vec<Figure>> {
    let scratch = Scratch::new("opening")?;
    let options =
        Options { data_dir: Some(scratch.places().data_dir().to_path_buf()), remembers: true, ..bench.options.clone() };
    write_library(&scratch, card)?;
    // The start after the last change of a folder reads it, and the model has its trial.
    open(&options)?;
    let (mut first, mut all) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (first_s, all_s) = open(&options)?;
        first.push(first_s * 1e3);
        all.push(all_s * 1e3);
    }
    Ok(vec![
        figure("opening 100,000 photos, first thumbnails", "ms", first)?,
        figure("opening 100,000 photos, all sorted", "ms", all)?,
    ])
}

/// Opens the library; seconds until there are thumbnails, and until all is done.
fn open(options: &Options) -> Result<(f64, f64)> {
    let begun = Instant::now();
    let mut engine = Engine::start(options, || {})?;
    let mut shown: Vec<PhotoId> = Vec::new();
    let mut first = None;
    while !is_open(engine.session()) || first.is_none() {
        engine.wait(FRAME);
        let session = engine.session();
        if let Some(notice) = session.notices().first() {
            bail!("{notice}");
        }
        let top: Vec<PhotoId> = session.ranking().photos().take(ON_SCREEN).collect();
        if first.is_none() && top.len() == ON_SCREEN && top.iter().all(|photo| session.thumbnail(*photo).is_some()) {
            first = Some(begun.elapsed().as_secs_f64());
        }
        if top != shown {
            shown.clone_from(&top);
            engine.apply(Command::ShowThumbnails(top));
        }
    }
    let all = begun.elapsed().as_secs_f64();
    ensure!(engine.session().counts().embedded == PHOTOS as usize, "Not all photos were known.");
    Ok((first.unwrap_or(all), all))
}

fn is_open(session: &Session) -> bool {
    let counts = session.counts();
    let is_read = !counts.is_scanning && counts.embedded == PHOTOS as usize;
    is_read && !session.has_work() && session.wish().texts.is_empty()
}

/// Files, what the store knows of them, and a session that opens them.
fn write_library(scratch: &Scratch, card: &ModelCard) -> Result<()> {
    let (folder, places) = (scratch.0.join("photos"), scratch.places());
    disk::write_stand_ins(&folder, PHOTOS as usize)?;
    let mut store = Store::open(&places.store())?;
    let (mut scan, mut random, thumbnail) = (Scan::of(folder.clone()), Random(7), thumbnail());
    let (mut files, mut is_done) = (Vec::new(), false);
    while !is_done {
        let step = scan.step();
        is_done = step.is_done;
        files.extend(step.found.into_iter().map(|file| {
            let name = disk::fingerprint_of_path(&file.path);
            (file, name)
        }));
        if files.len() >= AT_ONCE as usize || is_done {
            let names = files.iter().map(|(_, name)| *name);
            let thumbnails: Vec<_> = names.clone().map(|name| (name, thumbnail.clone())).collect();
            let vectors: Vec<_> = names.map(|name| (name, random.vector(card.embed_dim))).collect();
            store.put_thumbnails(&thumbnails)?;
            store.put_embeddings(&card.id.0, &vectors)?;
            store.put_files(&files)?;
            files.clear();
        }
    }
    let category = |(id, name): (usize, &&str)| {
        let prompts = vec!["a photo of a {}.".into()];
        Category { prompts, cutoff: Cutoff::Auto, ..Category::named(CategoryId(id as u32), name) }
    };
    let categories = CATEGORIES.iter().enumerate().map(category).collect();
    let saved = Saved { roots: vec![folder], categories, ..Saved::default() };
    disk::write_atomically(&places.session(), &serde_json::to_vec(&saved)?)
}

/// As large as thumbnails are, with soft colours.
fn thumbnail() -> Thumbnail {
    let (width_px, height_px) = (384, 256);
    let pixel = |place: u32| [place % width_px / 2, place / width_px, 90].map(|level| level as u8);
    let rgb: Vec<u8> = (0..width_px * height_px).flat_map(pixel).collect();
    let picture = Picture { width_px, height_px, rgb: rgb.into() };
    Thumbnail::of(&Original { unprofiled: picture.clone(), picture, width_px, height_px })
}
