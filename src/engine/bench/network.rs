//! The two towers.

use anyhow::Result;

use super::{Bench, Figure, Vectors, photos, repeat, timed};
use crate::clip::{Encoder, ModelInput};

const BATCH: usize = 8;
/// Sixteen words.
const PROMPT: &str = "a photo of a brown dog running along a sandy beach beside the sea at sunset";

/// Pictures a second, in batches, from pixels to vector.
pub fn images(bench: &Bench, encoder: &dyn Encoder) -> Result<Figure> {
    let inputs = match &bench.photos {
        Some(_) => photos::inputs(bench, encoder.card())?,
        None => (0..BATCH).map(|number| noise(encoder, number as u32)).collect(),
    };
    let batch: Vec<ModelInput> = inputs.into_iter().cycle().take(BATCH).collect();
    repeat("image tower", "pictures/s", 9, || {
        let (seconds, vectors) = timed(|| encoder.encode_images(&batch));
        vectors?;
        Ok(BATCH as f64 / seconds)
    })
}

/// Milliseconds for one prompt.
pub fn text(encoder: &dyn Encoder) -> Result<Figure> {
    let prompt = [PROMPT.to_owned()];
    repeat("text tower", "ms", 21, || {
        let (seconds, vectors) = timed(|| encoder.encode_texts(&prompt));
        vectors?;
        Ok(seconds * 1e3)
    })
}

/// What becomes of each photo and of the prompt.
pub fn vectors(bench: &Bench, encoder: &dyn Encoder) -> Result<Vectors> {
    let inputs = if bench.photos.is_some() { photos::inputs(bench, encoder.card())? } else { Vec::new() };
    let images = encoder.encode_images(&inputs)?;
    let texts = encoder.encode_texts(&[PROMPT.to_owned()])?;
    let plain = |all: Vec<crate::catalog::Embedding>| all.iter().map(|one| one.as_slice().to_vec()).collect();
    Ok(Vectors { images: plain(images), texts: plain(texts) })
}

/// A picture of noise: the network takes as long for it as for any other.
fn noise(encoder: &dyn Encoder, seed: u32) -> ModelInput {
    let input = &encoder.card().input;
    let (width_px, height_px) = (input.width_px(), input.height_px());
    let mut state = seed.wrapping_add(1).wrapping_mul(747_796_405);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let rgb = (0..width_px as usize * height_px as usize * 3).map(|_| next()).collect();
    ModelInput { width_px, height_px, rgb, area: [0.0, 0.0, 1.0, 1.0] }
}
