//! The starter model: an EfficientNet-Lite2 and a MiniLM whose heads were trained to share a space.
//!
//! It is compiled into the program, so that photos can be sorted without a download, unless the program is built to be
//! packaged with another model. `assets/starter-model/MODEL_CARD.md` says what it is good at.

mod config;
mod depthwise;
mod efficientnet;
mod head;
mod minilm;

use std::path::Path;

use anyhow::{Context, Result};
use rayon::prelude::*;

use self::config::StarterConfig;
use self::efficientnet::EfficientNet;
use self::head::{ImageHead, TextHead};
use self::minilm::MiniLm;
use super::weights::Weights;
use super::{
    DeviceChoice, Encoder, ModelCard, ModelId, ModelInput, Place, PrecisionChoice, embeddings, patch_map, share,
};
use crate::catalog::{Embedding, PatchMap, Scoring};

static FILES: Option<Files> = if cfg!(feature = "starter") {
    Some(Files {
        config: include_str!("../../../assets/starter-model/config.json"),
        weights: include_bytes!("../../../assets/starter-model/model.safetensors"),
        tokenizer: include_bytes!("../../../assets/starter-model/tokenizer.json"),
    })
} else {
    None
};

/// The model's files, inside the program.
struct Files {
    config: &'static str,
    weights: &'static [u8],
    tokenizer: &'static [u8],
}

/// Pictures or texts that go through a matrix together.
const MOST_AT_ONCE: usize = 16;

/// Part of the id: raise it when the same files come to give other embeddings.
const ARITHMETIC: &[u8] = b"starter 1";

pub struct Starter {
    card: ModelCard,
    place: Place,
    image: EfficientNet,
    image_head: ImageHead,
    text: MiniLm,
    text_head: TextHead,
}

/// Opens the model that the program carries. Its convolutions are written for the CPU, which is fast enough for it. By itself
/// it counts in `f32`: where a photo fits two categories alike, even `bf16` may prefer the other one (`tests/calibration.rs`).
pub fn open(device: DeviceChoice, precision: PrecisionChoice) -> Result<Starter> {
    let files = FILES.as_ref().context(
        "This build of Tagroll has no model inside, and none lies beside it. Install it again, or choose a model's folder",
    )?;
    let precision = if precision == PrecisionChoice::Auto { PrecisionChoice::F32 } else { precision };
    let mut starter = read(files, Place::of(DeviceChoice::Cpu, precision))
        .context("The starter model inside the program is damaged. Install the program again")?;
    if matches!(device, DeviceChoice::Cuda(_) | DeviceChoice::Metal) {
        starter.card.device_note = Some("The starter model always runs on the CPU.".to_owned());
    }
    Ok(starter)
}

fn read(files: &Files, place: Place) -> Result<Starter> {
    let config = StarterConfig::parse(files.config)?;
    let mut hasher = blake3::Hasher::new();
    for part in [ARITHMETIC, files.config.as_bytes()] {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    let path = Path::new("starter-model/model.safetensors");
    let mut weights = Weights::of_bytes(files.weights, path, &place, &mut hasher)?;
    let card = ModelCard {
        id: ModelId(format!("starter-{}{}", &hasher.finalize().to_hex()[..32], place.precision().id_suffix())),
        name: "Starter model".to_owned(),
        is_basic: true,
        embed_dim: config.embed_dim,
        scoring: Scoring::Softmax { scale: config.logit_scale },
        input: config.image.input_spec(),
        parameters: weights.parameters(),
        device: "CPU".to_owned(),
        device_note: None,
        precision: place.precision(),
    };
    Ok(Starter {
        image: EfficientNet::read(&mut weights, &config.image)?,
        image_head: ImageHead::read(&mut weights, &config)?,
        text: MiniLm::read(&mut weights, &config.text, files.tokenizer)?,
        text_head: TextHead::read(&mut weights, &config)?,
        card,
        place,
    })
}

impl Encoder for Starter {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    fn encode_images(&self, inputs: &[ModelInput]) -> Result<Vec<Embedding>> {
        let features = inputs.par_iter().map(|input| self.image.forward(input)).collect::<Result<Vec<_>>>()?;
        // The heads' matrices are larger than what a picture becomes, so they are fetched for as many pictures as possible.
        share(&self.place, &features, MOST_AT_ONCE, |features, _| embeddings(&self.image_head.forward(features)?))
    }

    fn encode_texts(&self, texts: &[String]) -> Result<Vec<Embedding>> {
        share(&self.place, texts, MOST_AT_ONCE, |texts, parts| {
            embeddings(&self.text_head.forward(&self.text.forward(texts, parts)?)?)
        })
    }

    /// Each cell of the last layer as if it were the average over the picture that the head was trained on (class activation
    /// maps, Zhou et al. 2016).
    fn map_patches(&self, input: &ModelInput) -> Result<Option<PatchMap>> {
        let vectors = self.image_head.forward(&[self.image.cells(input)?])?;
        let side = self.image.cells_a_side();
        patch_map((side, side), self.image.cells_area(input), &vectors).map(Some)
    }
}
