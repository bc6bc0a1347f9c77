//! OpenCLIP's own layout: `open_clip_config.json` beside `open_clip_model.safetensors`.
//!
//! Tensor names are the checkpoint's. The arithmetic is that of `model.py` and `transformer.py` in `open_clip`.

use anyhow::{Context, Result, ensure};

use super::folder::{ModelFolder, OPEN_CLIP_CONFIG};
use super::linear::Linear;
use super::open_clip_config::OpenClipConfig;
use super::patches::Patches;
use super::pixels::InputSpec;
use super::text::{End, TextTower};
use super::tokens::Tokens;
use super::transformer::{Names, Norm, Projections, Transformer};
use super::two_towers::{Parts, Plan, check_end, unusable};
use super::vision::{Pool, VisionTower};
use super::weights::Weights;
use crate::catalog::Scoring;

const NAMES: Names = Names {
    attention: Projections::Together { weight: "attn.in_proj_weight", bias: "attn.in_proj_bias" },
    out: "attn.out_proj",
    norm_1: "ln_1",
    norm_2: "ln_2",
    widen: "mlp.c_fc",
    narrow: "mlp.c_proj",
};

pub struct OpenClipPlan {
    config: OpenClipConfig,
    config_text: String,
    tokens: Tokens,
}

/// Reads all but the weights.
pub fn plan(folder: &ModelFolder) -> Result<OpenClipPlan> {
    let config_text = folder.read(OPEN_CLIP_CONFIG)?;
    let config = OpenClipConfig::parse(&config_text).with_context(|| unusable(folder, OPEN_CLIP_CONFIG))?;
    let (name, files) = folder.token_files()?;
    let tokens = Tokens::read_files(&files, config.text.context_length, config.text.vocab_size)
        .and_then(|tokens| check_end(&tokens, end(&config)).map(|()| tokens))
        .with_context(|| unusable(folder, name))?;
    Ok(OpenClipPlan { config, config_text, tokens })
}

impl Plan for OpenClipPlan {
    const ARITHMETIC: &'static [u8] = b"open_clip 1";

    /// The file has no name for the model.
    fn own_name(&self) -> Option<&str> {
        None
    }

    fn embed_dim(&self) -> usize {
        self.config.embed_dim
    }

    fn input(&self) -> &InputSpec {
        &self.config.input
    }

    /// The preprocessing stands in the same file.
    fn identity(&self) -> [&str; 2] {
        [&self.config_text, ""]
    }

    fn parts(self, weights: &mut Weights) -> Result<Parts> {
        let scale = weights.take_number("logit_scale")?.exp();
        let scoring = if weights.has("logit_bias") {
            Scoring::Sigmoid { scale, bias: weights.take_number("logit_bias")? }
        } else {
            Scoring::Softmax { scale }
        };
        let text = text_tower(weights, &self.config)?;
        let vision = vision_tower(weights, &self.config)?;
        Ok(Parts { tokens: self.tokens, scoring, text, vision })
    }
}

fn end(config: &OpenClipConfig) -> End {
    match config.text.pool_type.as_str() {
        "eos" => End::Token(config.text.eos_id),
        _ => End::Highest,
    }
}

fn text_tower(weights: &mut Weights, config: &OpenClipConfig) -> Result<TextTower> {
    // Newer checkpoints keep the text tower apart.
    let prefix = if weights.has("text.token_embedding.weight") { "text." } else { "" };
    let name = |part: &str| format!("{prefix}{part}");
    let (text, shape) = (&config.text, config.text_shape()?);
    let (width, epsilon) = (shape.width, shape.epsilon);
    Ok(TextTower {
        token_embedding: weights.put(&name("token_embedding.weight"), &[text.vocab_size, width])?,
        position_embedding: weights.put(&name("positional_embedding"), &[text.context_length, width])?,
        transformer: Transformer::read(weights, &name("transformer.resblocks"), shape, &NAMES)?,
        final_norm: Norm::read(weights, &name("ln_final"), width, epsilon)?,
        projection: text_projection(weights, &name("text_projection"), width, config)?,
        end: end(config),
    })
}

fn text_projection(weights: &mut Weights, name: &str, width: usize, config: &OpenClipConfig) -> Result<Option<Linear>> {
    let outputs = config.embed_dim;
    if config.text.proj_type == "none" {
        ensure!(width == outputs, "The texts become {width} numbers and the pictures {outputs}");
        return Ok(None);
    }
    Ok(Some(match config.text.proj_bias {
        true => Linear::read(weights, name, width, outputs)?,
        false => Linear::read_turned(weights, name, width, outputs)?,
    }))
}

fn vision_tower(weights: &mut Weights, config: &OpenClipConfig) -> Result<VisionTower> {
    let (vision, shape) = (&config.vision, config.vision_shape()?);
    let (width, epsilon) = (shape.width, shape.epsilon);
    let (image, patch) = (vision.image_size, vision.patch_size);
    let kernel = weights.take("visual.conv1.weight", &[width, 3, patch.height_px(), patch.width_px()])?;
    let patches = Patches::new(&kernel, None, (image, patch), &config.input, weights.place())?;
    let positions = [patches.count() + 1, width];
    let first_norm = match vision.no_ln_pre {
        true => None,
        false => Some(Norm::read(weights, "visual.ln_pre", width, epsilon)?),
    };
    let last_norm = Norm::read(weights, "visual.ln_post", width, epsilon)?;
    Ok(VisionTower {
        patches,
        class_embedding: Some(weights.put("visual.class_embedding", &[width])?.unsqueeze(0)?),
        position_embedding: weights.put("visual.positional_embedding", &positions)?,
        first_norm,
        transformer: Transformer::read(weights, "visual.transformer.resblocks", shape, &NAMES)?,
        pool: match (vision.pool_type.as_str(), vision.final_ln_after_pool) {
            ("avg", true) => Pool::MeanThenNorm(last_norm),
            ("avg", false) => Pool::NormThenMean(last_norm),
            _ => Pool::Class(last_norm),
        },
        projection: Some(Linear::read_turned(weights, "visual.proj", width, config.embed_dim)?),
    })
}
