//! Checkpoints, pictures and vectors made of pseudo-random numbers, so that a model of 600 MB is a formula.
//!
//! `make_goldens.py` has the same formulas in numpy; change both or none.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic as the tests do")]

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use serde_json::{Value, json};
use tagroll::catalog::Picture;

/// MurmurHash3's finaliser over a seed and a position.
pub fn hash(seed: u32, index: u32) -> u32 {
    let mut x = index.wrapping_mul(0x9E37_79B1).wrapping_add(seed);
    x = (x ^ (x >> 16)).wrapping_mul(0x85EB_CA6B);
    x = (x ^ (x >> 13)).wrapping_mul(0xC2B2_AE35);
    x ^ (x >> 16)
}

/// FNV-1a of a name, or of a picture's bytes.
pub fn seed(name: impl AsRef<[u8]>) -> u32 {
    name.as_ref().iter().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// Which numbers a tensor holds: evenly spread around a centre.
fn centre_and_spread(name: &str, shape: &[usize]) -> (f64, f64) {
    let fan_in: usize = shape.iter().skip(1).product();
    match name {
        "logit_scale" => (2.6592, 0.0),
        "logit_bias" => (-2.0, 0.0),
        _ if name.contains("token_embedding") => (0.0, 1.7),
        _ if name.contains("position_embedding") || name.contains("positional_embedding") => (0.0, 0.5),
        _ if name.contains("class_embedding") || name.contains("probe") => (0.0, 1.0),
        _ if (name.contains("norm") || name.contains("ln_")) && name.ends_with("weight") => (1.0, 0.3),
        _ if name.ends_with("bias") => (0.0, 0.2),
        _ if name.contains("q_proj") || name.contains("k_proj") => (0.0, 3.0 / (fan_in as f64).sqrt()),
        _ => (0.0, 1.7 / (fan_in as f64).sqrt()),
    }
}

pub fn tensor(name: &str, shape: &[usize]) -> Tensor {
    let (seed, (centre, spread)) = (seed(name), centre_and_spread(name, shape));
    let count: usize = shape.iter().product();
    let step = spread / f64::from(1u32 << 23);
    let number = |index: usize| (centre - spread + f64::from(hash(seed, index as u32) >> 8) * step) as f32;
    Tensor::from_vec((0..count).map(number).collect::<Vec<f32>>(), shape, &Device::Cpu).unwrap()
}

/// The names and shapes of a `CLIPModel`, from its configuration.
pub fn shapes(config: &Value) -> Vec<(String, Vec<usize>)> {
    let number = |section: &str, key: &str| config[section][key].as_u64().unwrap() as usize;
    let projection = config["projection_dim"].as_u64().unwrap() as usize;
    let (text, vision) = (number("text_config", "hidden_size"), number("vision_config", "hidden_size"));
    let patch = number("vision_config", "patch_size");
    let patches = (number("vision_config", "image_size") / patch).pow(2);
    let words = number("text_config", "vocab_size");
    let positions = number("text_config", "max_position_embeddings");
    let mut all = vec![
        ("logit_scale".to_owned(), vec![]),
        ("text_projection.weight".to_owned(), vec![projection, text]),
        ("visual_projection.weight".to_owned(), vec![projection, vision]),
        ("text_model.embeddings.token_embedding.weight".to_owned(), vec![words, text]),
        ("text_model.embeddings.position_embedding.weight".to_owned(), vec![positions, text]),
        ("vision_model.embeddings.class_embedding".to_owned(), vec![vision]),
        ("vision_model.embeddings.patch_embedding.weight".to_owned(), vec![vision, 3, patch, patch]),
        ("vision_model.embeddings.position_embedding.weight".to_owned(), vec![patches + 1, vision]),
    ];
    for (name, outputs) in [
        ("text_model.final_layer_norm", text),
        ("vision_model.pre_layrnorm", vision),
        ("vision_model.post_layernorm", vision),
    ] {
        layer(&mut all, name, outputs, None);
    }
    for (prefix, section) in [("text_model", "text_config"), ("vision_model", "vision_config")] {
        for index in 0..number(section, "num_hidden_layers") {
            let (width, wide) = (number(section, "hidden_size"), number(section, "intermediate_size"));
            block(&mut all, &format!("{prefix}.encoder.layers.{index}"), width, wide);
        }
    }
    all
}

fn block(all: &mut Vec<(String, Vec<usize>)>, prefix: &str, width: usize, wide: usize) {
    for name in ["q_proj", "k_proj", "v_proj", "out_proj"] {
        layer(all, &format!("{prefix}.self_attn.{name}"), width, Some(width));
    }
    layer(all, &format!("{prefix}.layer_norm1"), width, None);
    layer(all, &format!("{prefix}.layer_norm2"), width, None);
    layer(all, &format!("{prefix}.mlp.fc1"), wide, Some(width));
    layer(all, &format!("{prefix}.mlp.fc2"), width, Some(wide));
}

fn layer(all: &mut Vec<(String, Vec<usize>)>, name: &str, outputs: usize, inputs: Option<usize>) {
    all.push((format!("{name}.weight"), std::iter::once(outputs).chain(inputs).collect()));
    all.push((format!("{name}.bias"), vec![outputs]));
}

/// Every tensor of a `CLIPModel`.
pub fn tensors(config: &Value, dtype: DType) -> HashMap<String, Tensor> {
    shapes(config)
        .into_iter()
        .map(|(name, shape)| {
            let tensor = tensor(&name, &shape).to_dtype(dtype).unwrap();
            (name, tensor)
        })
        .collect()
}

/// Writes a model folder that the program can open.
pub fn write(folder: &Path, config: &Value, processor: &Value, tensors: &HashMap<String, Tensor>) {
    fs::write(folder.join("config.json"), config.to_string()).unwrap();
    fs::write(folder.join("preprocessor_config.json"), processor.to_string()).unwrap();
    fs::copy(tokenizer(), folder.join("tokenizer.json")).unwrap();
    candle_core::safetensors::save(tensors, folder.join("model.safetensors")).unwrap();
}

/// A tokenizer of CLIP's own vocabulary.
pub fn tokenizer() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/clip-tokenizer/tokenizer.json"))
}

/// A `CLIPModel` of a few kilobytes, but for its vocabulary.
#[allow(dead_code, reason = "the benchmark shares this file and does not need a small model")]
pub fn smallest() -> (Value, Value) {
    let tower = json!({ "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
        "hidden_act": "gelu" });
    let mut text = tower.clone();
    text["vocab_size"] = json!(49408);
    text["max_position_embeddings"] = json!(12);
    text["eos_token_id"] = json!(49407);
    let mut vision = tower;
    vision["image_size"] = json!(16);
    vision["patch_size"] = json!(8);
    let config = json!({ "model_type": "clip", "architectures": ["CLIPModel"], "projection_dim": 4,
        "text_config": text, "vision_config": vision });
    (config, json!({ "size": { "shortest_edge": 16 }, "crop_size": { "height": 16, "width": 16 } }))
}

/// Five by five patches of colour under a little noise.
pub fn picture(name: &str, width_px: u32, height_px: u32) -> Picture {
    let (colours, noise) = (seed(name), seed(format!("{name} noise")));
    let mut rgb = Vec::with_capacity((width_px * height_px * 3) as usize);
    for y in 0..height_px {
        for x in 0..width_px {
            let patch = (y * 5 / height_px) * 5 + x * 5 / width_px;
            for channel in 0..3 {
                let colour = hash(colours, patch * 3 + channel) & 255;
                let grain = hash(noise, (y * width_px + x) * 3 + channel) & 31;
                rgb.push((colour as i32 + grain as i32 - 16).clamp(0, 255) as u8);
            }
        }
    }
    Picture { width_px, height_px, rgb: Arc::from(rgb) }
}
