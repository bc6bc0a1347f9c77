//! From files to vectors.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use rayon::prelude::*;

use super::{Bench, Figure, Scratch, figure, repeat, timed};
use crate::clip::{Encoder, ModelCard, ModelInput, pixels};
use crate::disk::{self, Least, Problem, Scan, THUMBNAIL_PX, Thumbnail};
use crate::engine::{Command, Engine, Model, Options};

/// Enough that filling and emptying the pipeline is a small part of it.
const SPECIMENS: usize = 48;
const ROUNDS: usize = 5;

/// Each photo of the folder as the model wants it, in the order of their names.
pub fn inputs(bench: &Bench, card: &ModelCard) -> Result<Vec<ModelInput>> {
    let folder = bench.photos.clone().context("No folder of photos was named.")?;
    photos(&folder)?.par_iter().map(|photo| Ok(read(photo, card)?.1)).collect()
}

/// Photos a second that are decoded, made into thumbnails and prepared for the model, by all cores.
pub fn decode(bench: &Bench, card: &ModelCard) -> Result<Vec<Figure>> {
    let specimens = Specimens::of(bench, 4)?;
    let photos = &specimens.photos;
    Ok(vec![repeat("decode", "photos/s", 3, || {
        let (seconds, read) = timed(|| photos.par_iter().map(|photo| read(photo, card)).collect::<Result<Vec<_>>>());
        Ok(read?.len() as f64 / seconds)
    })?])
}

/// Photos a second through all of it, from an open folder to stored vectors, and through its two parts alone. The share is of
/// what these allow that share all cores without a gap: `1 / (decode / cores + network)`, with the seconds that one core takes
/// to decode a photo, make its thumbnail and prepare it while the others do the same, and those that all cores together
/// take for a photo in the network, in batches of eight. That is below either part alone. Opening the folder, naming the
/// photos by their content, the store and the last photos, beside which nothing is left to do, count against the share.
pub fn pipeline(bench: &Bench, encoder: &dyn Encoder) -> Result<Vec<Figure>> {
    let specimens = Specimens::of(bench, SPECIMENS)?;
    let (photos, card) = (&specimens.photos, encoder.card());
    let (mut decode, mut network, mut whole, mut shares) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let count = photos.len() as f64;
    for _ in 0..ROUNDS {
        let each = photos.par_iter().map(|photo| timed(|| read(photo, card)));
        let each: Vec<(f64, Result<(Thumbnail, ModelInput)>)> = each.collect();
        let decode_s = each.iter().map(|(seconds, _)| seconds).sum::<f64>() / rayon::current_num_threads() as f64;
        let inputs: Vec<ModelInput> = each.into_iter().map(|(_, read)| Ok(read?.1)).collect::<Result<_>>()?;
        let (network_s, encoded) =
            timed(|| inputs.chunks(8).try_for_each(|some| encoder.encode_images(some).map(drop)));
        encoded?;
        let whole_s = through(bench, &specimens.folder, photos.len())?;
        decode.push(count / decode_s);
        network.push(count / network_s);
        whole.push(count / whole_s);
        shares.push(100.0 * (decode_s + network_s) / whole_s);
    }
    Ok(vec![
        figure("pipeline", "photos/s", whole)?,
        figure("pipeline, decoding alone", "photos/s", decode)?,
        figure("pipeline, network alone", "photos/s", network)?,
        figure("pipeline, of what its parts allow", "%", shares)?,
    ])
}

/// Seconds from opening the folder until each photo has its vector, in a library of its own.
fn through(bench: &Bench, folder: &Path, photos: usize) -> Result<f64> {
    let scratch = Scratch::new("pipeline")?;
    let data_dir = Some(scratch.places().data_dir().to_path_buf());
    let mut engine = Engine::start(&Options { data_dir, ..bench.options.clone() }, || {})?;
    while !matches!(engine.session().model(), Model::Ready(_)) {
        if let Model::Failed(reason) = engine.session().model() {
            bail!(reason.to_string());
        }
        engine.wait(Duration::from_millis(20));
    }
    let (seconds, ()) = timed(|| {
        engine.apply(Command::Open(vec![folder.to_path_buf()]));
        while engine.session().counts().embedded < photos && engine.session().problems().is_empty() {
            engine.wait(Duration::from_millis(20));
        }
    });
    match engine.session().problems().first() {
        Some(problem) => Err(anyhow!("{}: {}", problem.path.display(), problem.reason)),
        None => Ok(seconds),
    }
}

fn read(photo: &Path, card: &ModelCard) -> Result<(Thumbnail, ModelInput)> {
    let least = Least { short_px: card.input.least_short_side_px(), long_px: THUMBNAIL_PX };
    let original = disk::decode(photo, least).map_err(|error| anyhow!("{}: {}", photo.display(), error.reason))?;
    Ok((Thumbnail::of(&original), pixels::prepare(&original.unprofiled, &card.input)))
}

/// Photos to measure with, which go when this is dropped if they were made for it.
struct Specimens {
    photos: Vec<PathBuf>,
    folder: PathBuf,
    _made: Option<Scratch>,
}

impl Specimens {
    fn of(bench: &Bench, count: usize) -> Result<Specimens> {
        if let Some(folder) = &bench.photos {
            return Ok(Specimens { photos: photos(folder)?, folder: folder.clone(), _made: None });
        }
        let made = Scratch::new("photos")?;
        let folder = made.0.join("photos");
        Ok(Specimens { photos: disk::write_specimens(&folder, count)?, folder, _made: Some(made) })
    }
}

/// Those in a folder, sorted by name.
fn photos(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut scan, mut photos, mut is_done) = (Scan::of(folder.to_path_buf()), Vec::new(), false);
    while !is_done {
        let step = scan.step();
        photos.extend(step.found.iter().map(|file| file.path.to_path_buf()));
        if let Some(Problem { path, reason }) = step.problems.first() {
            bail!("{}: {reason}", path.display());
        }
        is_done = step.is_done;
    }
    photos.sort();
    anyhow::ensure!(!photos.is_empty(), "There are no photos in {}.", folder.display());
    Ok(photos)
}
