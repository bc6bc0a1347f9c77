//! HuggingFace's `SiglipModel`: SigLIP, and SigLIP 2 at a fixed resolution.
//!
//! Tensor names are the checkpoint's. The arithmetic is that of `modeling_siglip.py` in HuggingFace's `transformers`: every
//! text is as long as the tower allows, padding counts like words, and the last row is the text's vector.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::attention_pool::AttentionPool;
use super::clip_model::NAMES;
use super::config::{TextConfig, VisionConfig};
use super::folder::{self, ModelFolder, TokenFiles};
use super::linear::Linear;
use super::patches::Patches;
use super::pixels::InputSpec;
use super::processor::{self, Defaults};
use super::siglip_tokens;
use super::text::{End, TextTower};
use super::tokens::Tokens;
use super::transformer::{Norm, Transformer};
use super::two_towers::{Parts, Plan, check_size, unusable};
use super::vision::{Pool, VisionTower};
use super::weights::Weights;
use crate::catalog::Scoring;

/// Everything the network's shape depends on.
#[derive(Debug)]
struct SiglipConfig {
    name: Option<String>,
    /// How many numbers an embedding has.
    embed_dim: usize,
    text: TextConfig,
    vision: VisionConfig,
}

pub struct SiglipPlan {
    config: SiglipConfig,
    config_text: String,
    input: InputSpec,
    input_text: String,
    tokens: Tokens,
}

/// Reads all but the weights.
pub fn plan(folder: &ModelFolder, config_text: String) -> Result<SiglipPlan> {
    let config = SiglipConfig::parse(&config_text).with_context(|| unusable(folder, folder::CONFIG))?;
    let preprocessor = folder.preprocessor()?;
    let input_text = folder.read(preprocessor)?;
    let input = processor::input_spec(&input_text, Defaults::Siglip)
        .and_then(|input| check_size(&input, config.vision.image_size, folder::CONFIG).map(|()| input))
        .with_context(|| unusable(folder, preprocessor))?;
    let tokenizer = folder.read(folder::TOKENIZER)?;
    let settings = siglip_tokens::Settings {
        tokenizer: folder.read_optional("tokenizer_config.json")?.unwrap_or_default(),
        special_tokens: folder.read_optional("special_tokens_map.json")?.unwrap_or_default(),
    };
    let (length, words) = (config.text.max_position_embeddings, config.text.vocab_size);
    let tokens = siglip_tokens::read(&TokenFiles::Whole(tokenizer), &settings, length, words)
        .with_context(|| unusable(folder, folder::TOKENIZER))?;
    Ok(SiglipPlan { config, config_text, input, input_text, tokens })
}

impl Plan for SiglipPlan {
    const ARITHMETIC: &'static [u8] = b"siglip 1";

    fn own_name(&self) -> Option<&str> {
        self.config.name.as_deref()
    }

    fn embed_dim(&self) -> usize {
        self.config.embed_dim
    }

    fn input(&self) -> &InputSpec {
        &self.input
    }

    fn identity(&self) -> [&str; 2] {
        [&self.config_text, &self.input_text]
    }

    fn parts(self, weights: &mut Weights) -> Result<Parts> {
        let scale = weights.take_number("logit_scale")?.exp();
        let scoring = Scoring::Sigmoid { scale, bias: weights.take_number("logit_bias")? };
        let text = text_tower(weights, &self.config)?;
        let vision = vision_tower(weights, &self.config.vision, &self.input)?;
        Ok(Parts { tokens: self.tokens, scoring, text, vision })
    }
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "_name_or_path")]
    name: Option<String>,
    text_config: Option<Map<String, Value>>,
    vision_config: Option<Map<String, Value>>,
}

impl SiglipConfig {
    fn parse(text: &str) -> Result<SiglipConfig> {
        let file: File = serde_json::from_str(text)?;
        let (text, vision) = (file.text_config.unwrap_or_default(), file.vision_config.unwrap_or_default());
        ensure!(
            vision.get("vision_use_head") != Some(&Value::Bool(false)),
            "its image tower has no pooling head, which is not supported. Take the model that its authors published"
        );
        let embed_dim = text.get("projection_size").and_then(Value::as_u64);
        let same = json!({ "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
            "num_attention_heads": 12, "hidden_act": "gelu_pytorch_tanh", "layer_norm_eps": 1e-6 });
        let words = json!({ "vocab_size": 32000, "max_position_embeddings": 64, "eos_token_id": 0 });
        let pictures = json!({ "image_size": 224, "patch_size": 16, "num_channels": 3 });
        // SigLIP has no use for it, and some checkpoints write a list.
        let without_eos = text.into_iter().filter(|(key, _)| key != "eos_token_id").collect();
        let text: TextConfig = section(without_eos, [&same, &words])?;
        let vision: VisionConfig = section(vision, [&same, &pictures])?;
        vision.check()?;
        let embed_dim = embed_dim.map_or_else(|| Ok(text.shape()?.width), |size| anyhow::Ok(size as usize))?;
        let seen = vision.shape()?.width;
        ensure!(embed_dim == seen, "its texts become {embed_dim} numbers and its pictures {seen}");
        Ok(SiglipConfig { name: file.name, embed_dim, text, vision })
    }
}

/// A section with the reference's values where keys are absent or null.
fn section<T: DeserializeOwned>(mut keys: Map<String, Value>, defaults: [&Value; 2]) -> Result<T> {
    keys.retain(|_, value| !value.is_null());
    for (key, value) in defaults.into_iter().filter_map(Value::as_object).flatten() {
        keys.entry(key).or_insert_with(|| value.clone());
    }
    Ok(serde_json::from_value(Value::Object(keys))?)
}

fn text_tower(weights: &mut Weights, config: &SiglipConfig) -> Result<TextTower> {
    let mut shape = config.text.shape()?;
    // Every word sees every other, the padding included.
    shape.is_causal = false;
    let (width, epsilon) = (shape.width, shape.epsilon);
    let tokens = [config.text.vocab_size, width];
    let positions = [config.text.max_position_embeddings, width];
    Ok(TextTower {
        token_embedding: weights.put("text_model.embeddings.token_embedding.weight", &tokens)?,
        position_embedding: weights.put("text_model.embeddings.position_embedding.weight", &positions)?,
        transformer: Transformer::read(weights, "text_model.encoder.layers", shape, &NAMES)?,
        final_norm: Norm::read(weights, "text_model.final_layer_norm", width, epsilon)?,
        projection: Some(Linear::read(weights, "text_model.head", width, config.embed_dim)?),
        end: End::Last,
    })
}

fn vision_tower(weights: &mut Weights, vision: &VisionConfig, input: &InputSpec) -> Result<VisionTower> {
    let shape = vision.shape()?;
    let (width, epsilon) = (shape.width, shape.epsilon);
    let (image, patch) = (vision.image_size, vision.patch_size);
    let kernel = [width, 3, patch.height_px(), patch.width_px()];
    let kernel = weights.take("vision_model.embeddings.patch_embedding.weight", &kernel)?;
    let bias = weights.take("vision_model.embeddings.patch_embedding.bias", &[width])?;
    let patches = Patches::new(&kernel, Some(bias), (image, patch), input, weights.place())?;
    let positions = [patches.count(), width];
    let norm = Norm::read(weights, "vision_model.post_layernorm", width, epsilon)?;
    Ok(VisionTower {
        patches,
        class_embedding: None,
        position_embedding: weights.put("vision_model.embeddings.position_embedding.weight", &positions)?,
        first_norm: None,
        pool: Pool::Attention(norm, Box::new(AttentionPool::read(weights, "vision_model.head", &shape)?)),
        transformer: Transformer::read(weights, "vision_model.encoder.layers", shape, &NAMES)?,
        projection: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::kernels::Activation;

    #[test]
    fn absent_keys_mean_the_sizes_of_siglip_base() {
        let config = SiglipConfig::parse(r#"{"model_type": "siglip", "text_config": {"eos_token_id": [1]}}"#).unwrap();
        let (text, vision) = (config.text.shape().unwrap(), config.vision.shape().unwrap());
        assert_eq!((config.embed_dim, text.width, text.heads, text.layers), (768, 768, 12, 12));
        assert_eq!((config.text.vocab_size, config.text.max_position_embeddings), (32000, 64));
        assert_eq!((vision.activation, vision.epsilon), (Activation::TanhGelu, 1e-6));
        assert_eq!((config.vision.image_size.width_px(), config.vision.patch_size.width_px()), (224, 16));
    }

    #[test]
    fn a_text_tower_may_be_narrower_than_the_image_tower() {
        let text = r#"{"text_config": {"hidden_size": 1152, "num_attention_heads": 16, "projection_size": 1536},
            "vision_config": {"hidden_size": 1536, "num_attention_heads": 16}}"#;
        assert_eq!(SiglipConfig::parse(text).unwrap().embed_dim, 1536);
        assert!(SiglipConfig::parse(&text.replace("1536}", "1000}")).is_err());
    }
}
