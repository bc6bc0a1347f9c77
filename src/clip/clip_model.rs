//! HuggingFace's `CLIPModel`: two transformers that project to one space.
//!
//! Tensor names are the checkpoint's. The arithmetic is that of `modeling_clip.py` in HuggingFace's `transformers`.

use anyhow::{Context, Result};

use super::config::ClipConfig;
use super::folder::ModelFolder;
use super::linear::Linear;
use super::patches::Patches;
use super::pixels::InputSpec;
use super::processor::{self, Defaults};
use super::text::{End, TextTower};
use super::tokens::Tokens;
use super::transformer::{Names, Norm, Projections, Transformer};
use super::two_towers::{Parts, Plan, check_end, check_size, unusable};
use super::vision::{Pool, VisionTower};
use super::weights::Weights;
use crate::catalog::Scoring;

/// What HuggingFace calls the parts of a block, in SigLIP too.
pub const NAMES: Names = Names {
    attention: Projections::Apart(["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"]),
    out: "self_attn.out_proj",
    norm_1: "layer_norm1",
    norm_2: "layer_norm2",
    widen: "mlp.fc1",
    narrow: "mlp.fc2",
};

pub struct ClipPlan {
    config: ClipConfig,
    config_text: String,
    input: InputSpec,
    input_text: String,
    tokens: Tokens,
}

/// Reads all but the weights.
pub fn plan(folder: &ModelFolder, config_text: String) -> Result<ClipPlan> {
    let config = ClipConfig::parse(&config_text).with_context(|| unusable(folder, super::folder::CONFIG))?;
    let preprocessor = folder.preprocessor()?;
    let input_text = folder.read(preprocessor)?;
    let input = processor::input_spec(&input_text, Defaults::Clip)
        .and_then(|input| check_size(&input, config.vision.image_size, super::folder::CONFIG).map(|()| input))
        .with_context(|| unusable(folder, preprocessor))?;
    let (name, files) = folder.token_files()?;
    let tokens = Tokens::read_files(&files, config.text.max_position_embeddings, config.text.vocab_size)
        .and_then(|tokens| check_end(&tokens, end(&config)).map(|()| tokens))
        .with_context(|| unusable(folder, name))?;
    Ok(ClipPlan { config, config_text, input, input_text, tokens })
}

impl Plan for ClipPlan {
    const ARITHMETIC: &'static [u8] = b"clip 1";

    fn own_name(&self) -> Option<&str> {
        self.config.name.as_deref()
    }

    fn embed_dim(&self) -> usize {
        self.config.projection_dim
    }

    fn input(&self) -> &InputSpec {
        &self.input
    }

    fn identity(&self) -> [&str; 2] {
        [&self.config_text, &self.input_text]
    }

    fn parts(self, weights: &mut Weights) -> Result<Parts> {
        let scoring = Scoring::Softmax { scale: weights.take_number("logit_scale")?.exp() };
        let text = text_tower(weights, &self.config)?;
        let vision = vision_tower(weights, &self.config, &self.input)?;
        Ok(Parts { tokens: self.tokens, scoring, text, vision })
    }
}

/// Checkpoints from before the reference knew the real number say 2; for them it takes the highest id, which is the
/// end-of-text token's. Otherwise it takes the first end-of-text token.
fn end(config: &ClipConfig) -> End {
    match config.text.eos_token_id {
        2 => End::Highest,
        token => End::Token(token),
    }
}

fn text_tower(weights: &mut Weights, config: &ClipConfig) -> Result<TextTower> {
    let (text, shape) = (&config.text, config.text.shape()?);
    let (width, epsilon) = (shape.width, shape.epsilon);
    let tokens = [text.vocab_size, width];
    let positions = [text.max_position_embeddings, width];
    Ok(TextTower {
        token_embedding: weights.put("text_model.embeddings.token_embedding.weight", &tokens)?,
        position_embedding: weights.put("text_model.embeddings.position_embedding.weight", &positions)?,
        transformer: Transformer::read(weights, "text_model.encoder.layers", shape, &NAMES)?,
        final_norm: Norm::read(weights, "text_model.final_layer_norm", width, epsilon)?,
        projection: Some(Linear::read_without_bias(weights, "text_projection", width, config.projection_dim)?),
        end: end(config),
    })
}

fn vision_tower(weights: &mut Weights, config: &ClipConfig, input: &InputSpec) -> Result<VisionTower> {
    let (vision, shape) = (&config.vision, config.vision.shape()?);
    let (width, epsilon) = (shape.width, shape.epsilon);
    let (image, patch) = (vision.image_size, vision.patch_size);
    let kernel = [width, 3, patch.height_px(), patch.width_px()];
    let kernel = weights.take("vision_model.embeddings.patch_embedding.weight", &kernel)?;
    let patches = Patches::new(&kernel, None, (image, patch), input, weights.place())?;
    let positions = [patches.count() + 1, width];
    Ok(VisionTower {
        patches,
        class_embedding: Some(weights.put("vision_model.embeddings.class_embedding", &[width])?.unsqueeze(0)?),
        position_embedding: weights.put("vision_model.embeddings.position_embedding.weight", &positions)?,
        // The name is misspelt in every checkpoint.
        first_norm: Some(Norm::read(weights, "vision_model.pre_layrnorm", width, epsilon)?),
        transformer: Transformer::read(weights, "vision_model.encoder.layers", shape, &NAMES)?,
        pool: Pool::Class(Norm::read(weights, "vision_model.post_layernorm", width, epsilon)?),
        projection: Some(Linear::read_without_bias(weights, "visual_projection", width, config.projection_dim)?),
    })
}
