//! A model made of the shared towers, whatever family its files belong to.

use anyhow::{Context, Result, ensure};

use super::config::Sides;
use super::folder::{self, Layout, ModelFolder};
use super::pixels::InputSpec;
use super::place::Place;
use super::text::{End, TextTower};
use super::tokens::Tokens;
use super::vision::VisionTower;
use super::weights::Weights;
use super::{Encoder, ModelCard, ModelId, ModelInput, embeddings, open_clip, patch_map, share, siglip};
use super::{clip_model, config};
use crate::catalog::{Embedding, PatchMap, Scoring};

pub struct TwoTowers {
    card: ModelCard,
    place: Place,
    tokens: Tokens,
    text: TextTower,
    vision: VisionTower,
}

/// What a family makes of its files.
pub struct Parts {
    pub tokens: Tokens,
    pub scoring: Scoring,
    pub text: TextTower,
    pub vision: VisionTower,
}

/// A family's files but for the weights, read and checked.
pub trait Plan {
    /// Part of the id: raise it when the same files come to give other embeddings.
    const ARITHMETIC: &'static [u8];
    /// How the checkpoint calls itself.
    fn own_name(&self) -> Option<&str>;
    fn embed_dim(&self) -> usize;
    fn input(&self) -> &InputSpec;
    /// The texts that decide about embeddings of pictures.
    fn identity(&self) -> [&str; 2];
    fn parts(self, weights: &mut Weights) -> Result<Parts>;
}

/// More pictures at once gain nothing and need more memory.
const MOST_PICTURES_AT_ONCE: usize = 8;
const MOST_TEXTS_AT_ONCE: usize = 16;

/// Reads the model whose files lie in `folder`.
pub fn open(folder: &ModelFolder, place: &Place) -> Result<TwoTowers> {
    match folder.layout()? {
        Layout::OpenClip => build(folder, Layout::OpenClip, open_clip::plan(folder)?, place),
        Layout::HuggingFace => {
            let text = folder.read(folder::CONFIG)?;
            let unusable = || unusable(folder, folder::CONFIG);
            match config::family(&text).with_context(unusable)? {
                config::Family::Clip => build(folder, Layout::HuggingFace, clip_model::plan(folder, text)?, place),
                config::Family::Siglip => build(folder, Layout::HuggingFace, siglip::plan(folder, text)?, place),
            }
        }
    }
}

fn build<P: Plan>(folder: &ModelFolder, layout: Layout, plan: P, place: &Place) -> Result<TwoTowers> {
    let mut hasher = blake3::Hasher::new();
    let [config, input] = plan.identity();
    for part in [P::ARITHMETIC, config.as_bytes(), input.as_bytes()] {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    let mut weights = Weights::open(&folder.weights(layout)?, place, &mut hasher)?;
    let (name, embed_dim, input) = (folder.name(plan.own_name()), plan.embed_dim(), plan.input().clone());
    let parameters = weights.parameters();
    let Parts { tokens, scoring, text, vision } = plan.parts(&mut weights)?;
    let card = ModelCard {
        id: ModelId(format!("clip-{}{}", &hasher.finalize().to_hex()[..32], place.precision().id_suffix())),
        name,
        is_basic: false,
        embed_dim,
        scoring,
        input,
        parameters,
        device: place.name.clone(),
        device_note: place.note.clone(),
        precision: place.precision(),
    };
    Ok(TwoTowers { card, place: place.clone(), tokens, text, vision })
}

impl Encoder for TwoTowers {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    fn encode_images(&self, inputs: &[ModelInput]) -> Result<Vec<Embedding>> {
        share(&self.place, inputs, MOST_PICTURES_AT_ONCE, |inputs, parts| {
            embeddings(&self.vision.forward(inputs, parts)?)
        })
    }

    fn encode_texts(&self, texts: &[String]) -> Result<Vec<Embedding>> {
        share(&self.place, texts, MOST_TEXTS_AT_ONCE, |texts, parts| {
            let ids = texts.iter().map(|text| self.tokens.of(text)).collect::<Result<Vec<_>>>()?;
            embeddings(&self.text.forward(&ids, parts)?)
        })
    }

    fn map_patches(&self, input: &ModelInput) -> Result<Option<PatchMap>> {
        let patches = &self.vision.patches;
        patch_map(patches.grid(), patches.area(input), &self.vision.map(input)?).map(Some)
    }
}

/// The start of a message about one of the folder's files.
pub fn unusable(folder: &ModelFolder, name: &str) -> String {
    format!("{} cannot be used", folder.path(name).display())
}

/// The preprocessing must make pictures of the size that the network was built for.
pub fn check_size(input: &InputSpec, image: Sides, config: &str) -> Result<()> {
    let wanted = (image.width_px(), image.height_px());
    let made = (input.width_px() as usize, input.height_px() as usize);
    ensure!(
        made == wanted,
        "it makes pictures of {} x {} pixels (0 where that depends on the photo), but {config} wants {} x {}",
        made.0,
        made.1,
        wanted.0,
        wanted.1
    );
    Ok(())
}

/// The tokenizer must close each text with the token that the text tower looks for.
pub fn check_end(tokens: &Tokens, end: End) -> Result<()> {
    ensure!(end.of(&tokens.of("a")?).is_some(), "it adds no end-of-text token to a text");
    Ok(())
}
