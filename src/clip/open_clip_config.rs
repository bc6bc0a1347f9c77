//! `open_clip_config.json`: the shape of an OpenCLIP model and how it wants its pictures. Absent keys have the values that
//! `open_clip` gives them; what the towers here cannot do is refused by its name.

use anyhow::{Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::config::{Sides, check_patches, checked};
use super::kernels::Activation;
use super::pixels::{Crop, Filter, InputSpec, Levels, Middle, Resize, Size};
use super::transformer::{Order, Shape};

#[derive(Debug)]
pub struct OpenClipConfig {
    pub embed_dim: usize,
    pub vision: VisionConfig,
    pub text: TextConfig,
    pub input: InputSpec,
    is_quick: bool,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub struct VisionConfig {
    pub image_size: Sides,
    pub patch_size: Sides,
    pub no_ln_pre: bool,
    pub final_ln_after_pool: bool,
    pub pool_type: String,
    width: usize,
    layers: usize,
    head_width: usize,
    mlp_ratio: f64,
    act_kwargs: Map<String, Value>,
    norm_kwargs: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub struct TextConfig {
    pub context_length: usize,
    pub vocab_size: usize,
    pub eos_id: u32,
    pub pool_type: String,
    pub proj_type: String,
    pub proj_bias: bool,
    width: usize,
    heads: usize,
    layers: usize,
    mlp_ratio: f64,
    act_kwargs: Map<String, Value>,
    norm_kwargs: Map<String, Value>,
}

#[derive(Deserialize)]
struct File {
    model_cfg: Map<String, Value>,
    #[serde(default)]
    preprocess_cfg: Map<String, Value>,
}

impl OpenClipConfig {
    pub fn parse(text: &str) -> Result<OpenClipConfig> {
        let mut file: File = serde_json::from_str(text)?;
        refuse(
            &file.model_cfg,
            "multimodal_cfg",
            "it is a CoCa model, which also writes captions; that is not supported",
        )?;
        let (vision, text) = (section(&mut file.model_cfg, "vision_cfg"), section(&mut file.model_cfg, "text_cfg"));
        refuse_vision(&vision)?;
        refuse_text(&text)?;
        let vision: VisionConfig = serde_json::from_value(Value::Object(vision))?;
        let text: TextConfig = serde_json::from_value(Value::Object(text))?;
        let number = |key: &str| file.model_cfg.get(key).and_then(Value::as_u64);
        let Some(embed_dim) = number("embed_dim") else { bail!("\"model_cfg\" has no \"embed_dim\"") };
        let config = OpenClipConfig {
            embed_dim: embed_dim as usize,
            input: input_spec(file.preprocess_cfg, vision.image_size)?,
            is_quick: is_there(&file.model_cfg, "quick_gelu"),
            vision,
            text,
        };
        config.vision_shape()?;
        config.text_shape()?;
        Ok(config)
    }

    pub fn vision_shape(&self) -> Result<Shape> {
        let vision = &self.vision;
        check_patches(vision.image_size, vision.patch_size)?;
        ensure!(vision.head_width > 0, "\"head_width\" is zero");
        let shape = Shape {
            width: vision.width,
            heads: vision.width / vision.head_width,
            layers: vision.layers,
            intermediate: (vision.width as f64 * vision.mlp_ratio) as usize,
            activation: self.activation(&vision.act_kwargs)?,
            epsilon: epsilon(&vision.norm_kwargs),
            order: Order::Before,
            is_causal: false,
        };
        checked(shape, "vision_cfg")
    }

    pub fn text_shape(&self) -> Result<Shape> {
        let text = &self.text;
        let shape = Shape {
            width: text.width,
            heads: text.heads,
            layers: text.layers,
            intermediate: (text.width as f64 * text.mlp_ratio) as usize,
            activation: self.activation(&text.act_kwargs)?,
            epsilon: epsilon(&text.norm_kwargs),
            order: Order::Before,
            is_causal: true,
        };
        checked(shape, "text_cfg")
    }

    fn activation(&self, settings: &Map<String, Value>) -> Result<Activation> {
        match settings.get("approximate").and_then(Value::as_str) {
            _ if self.is_quick => Ok(Activation::QuickGelu),
            None | Some("none") => Ok(Activation::Gelu),
            Some("tanh") => Ok(Activation::TanhGelu),
            Some(other) => bail!("the activation \"{other}\" is not supported"),
        }
    }
}

impl Default for VisionConfig {
    fn default() -> VisionConfig {
        VisionConfig {
            image_size: Sides::Square(224),
            patch_size: Sides::Square(16),
            no_ln_pre: false,
            final_ln_after_pool: false,
            pool_type: "tok".to_owned(),
            width: 768,
            layers: 12,
            head_width: 64,
            mlp_ratio: 4.0,
            act_kwargs: Map::new(),
            norm_kwargs: Map::new(),
        }
    }
}

impl Default for TextConfig {
    fn default() -> TextConfig {
        TextConfig {
            context_length: 77,
            vocab_size: 49408,
            eos_id: 2,
            pool_type: "argmax".to_owned(),
            proj_type: "linear".to_owned(),
            proj_bias: false,
            width: 512,
            heads: 8,
            layers: 12,
            mlp_ratio: 4.0,
            act_kwargs: Map::new(),
            norm_kwargs: Map::new(),
        }
    }
}

/// One of the inner objects, without the keys that are null.
fn section(outer: &mut Map<String, Value>, name: &str) -> Map<String, Value> {
    let Some(Value::Object(mut keys)) = outer.remove(name) else { return Map::new() };
    keys.retain(|_, value| !value.is_null());
    keys
}

fn epsilon(settings: &Map<String, Value>) -> f64 {
    settings.get("eps").and_then(Value::as_f64).unwrap_or(1e-5)
}

/// Whether a key is there and switches something on.
fn is_there(keys: &Map<String, Value>, key: &str) -> bool {
    keys.get(key).is_some_and(|value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(inner) => !inner.is_empty(),
        _ => true,
    })
}

fn refuse(keys: &Map<String, Value>, key: &str, why: &str) -> Result<()> {
    ensure!(!is_there(keys, key), "{why}");
    Ok(())
}

/// Parts of a block that only few models have.
const RARE: [&str; 8] = [
    "ls_init_value",
    "block_type",
    "qk_norm",
    "scaled_cosine_attn",
    "scale_heads",
    "scale_attn_inner",
    "scale_attn",
    "scale_fc",
];

fn refuse_rare(keys: &Map<String, Value>, more: &[&str]) -> Result<()> {
    for key in RARE.iter().chain(more) {
        refuse(keys, key, &format!("it is built with \"{key}\", which is not supported"))?;
    }
    Ok(())
}

fn refuse_vision(vision: &Map<String, Value>) -> Result<()> {
    if let Some(name) = vision.get("timm_model_name").and_then(Value::as_str).filter(|name| !name.is_empty()) {
        // Apple's towers are called fastvit_mci0 and the like.
        let family = if name.contains("mci") { "MobileCLIP's" } else { "one of timm's" };
        bail!(
            "its image tower is {family} (\"{name}\"), which is not supported. Take a model with a plain vision \
             transformer, or the same one in HuggingFace's own layout"
        );
    }
    ensure!(
        !vision.get("layers").is_some_and(Value::is_array),
        "its image tower is a ResNet, which is not supported. Take a model with a vision transformer (ViT)"
    );
    refuse_rare(vision, &["attentional_pool"])?;
    let pool = vision.get("pool_type").and_then(Value::as_str).unwrap_or("tok");
    ensure!(["tok", "avg"].contains(&pool), "its image tower pools by \"{pool}\", which is not supported");
    Ok(())
}

fn refuse_text(text: &Map<String, Value>) -> Result<()> {
    if let Some(name) = text.get("hf_model_name").and_then(Value::as_str).filter(|name| !name.is_empty()) {
        bail!(
            "its text tower is \"{name}\" of HuggingFace, which is not supported. Take a model with CLIP's own text tower"
        );
    }
    refuse_rare(text, &["embed_cls", "no_causal_mask", "tokenizer_kwargs", "tokenizer_mode"])?;
    let pool = text.get("pool_type").and_then(Value::as_str).unwrap_or("argmax");
    ensure!(["argmax", "eos"].contains(&pool), "its text tower pools by \"{pool}\", which is not supported");
    Ok(())
}

/// Absent keys have the values of `PreprocessCfg`. Its size is not among them: the reference takes that of the network,
/// and most checkpoints leave it out.
#[derive(Deserialize)]
#[serde(default)]
struct Preprocess {
    mean: [f64; 3],
    std: [f64; 3],
    interpolation: String,
    resize_mode: String,
}

impl Default for Preprocess {
    fn default() -> Preprocess {
        Preprocess {
            mean: [0.481_454_66, 0.457_827_5, 0.408_210_73],
            std: [0.268_629_54, 0.261_302_58, 0.275_777_11],
            interpolation: "bicubic".to_owned(),
            resize_mode: "shortest".to_owned(),
        }
    }
}

fn input_spec(mut keys: Map<String, Value>, image: Sides) -> Result<InputSpec> {
    keys.retain(|_, value| !value.is_null());
    for key in ["mean", "std"] {
        if let Some(value) = keys.get_mut(key).filter(|value| value.is_number()) {
            *value = vec![value.clone(); 3].into();
        }
    }
    let Preprocess { mean, std, interpolation, resize_mode } = serde_json::from_value(Value::Object(keys))?;
    let size = Size { width_px: u32::try_from(image.width_px())?, height_px: u32::try_from(image.height_px())? };
    ensure!(!std.contains(&0.0), "\"std\" holds a zero");
    let filter = match interpolation.as_str() {
        "bilinear" => Filter::Bilinear,
        // At inference, "random" is bicubic in the reference too.
        "bicubic" | "random" => Filter::Bicubic,
        other => bail!("the interpolation \"{other}\" is not supported"),
    };
    let (resize, crop) = match resize_mode.as_str() {
        "squash" => (Resize::Exact(size), None),
        "shortest" if size.width_px == size.height_px => {
            (Resize::ShortestEdge(size.width_px), Some(Crop { size, middle: Middle::RoundedToEven }))
        }
        "shortest" => bail!("it crops pictures to an oblong, which is not supported"),
        other => bail!("the resize mode \"{other}\" is not supported; only \"shortest\" and \"squash\" are"),
    };
    Ok(InputSpec { resize, filter, crop, levels: Levels { rescale: 1.0 / 255.0, mean, deviation: std } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(vision: &str, text: &str, preprocess: &str) -> Result<OpenClipConfig> {
        OpenClipConfig::parse(&format!(
            r#"{{"model_cfg": {{"embed_dim": 512, "vision_cfg": {vision}, "text_cfg": {text}}}, "preprocess_cfg": {preprocess}}}"#
        ))
    }

    fn refuses(vision: &str, text: &str, preprocess: &str, part: &str) {
        let message = parse(vision, text, preprocess).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    }

    #[test]
    fn absent_keys_have_open_clips_values() {
        let config = parse("{}", "{}", "{}").unwrap();
        let (vision, text) = (config.vision_shape().unwrap(), config.text_shape().unwrap());
        assert_eq!((vision.width, vision.heads, vision.layers, vision.intermediate), (768, 12, 12, 3072));
        assert_eq!((text.width, text.heads, text.activation), (512, 8, Activation::Gelu));
        assert_eq!(config.input.resize, Resize::ShortestEdge(224));
    }

    #[test]
    fn null_means_the_same_as_absent() {
        let config = parse(r#"{"width": null, "timm_model_name": null}"#, r#"{"hf_model_name": ""}"#, "{}").unwrap();
        assert_eq!(config.vision_shape().unwrap().width, 768);
    }

    #[test]
    fn squashed_pictures_keep_height_and_width_apart() {
        let vision = r#"{"image_size": [208, 112]}"#;
        let config = parse(vision, "{}", r#"{"resize_mode": "squash", "mean": 0.5}"#).unwrap();
        assert_eq!(config.input.resize, Resize::Exact(Size { width_px: 112, height_px: 208 }));
        assert_eq!(config.input.levels.mean, [0.5; 3]);
    }

    #[test]
    fn pictures_are_as_large_as_the_network_wants_whatever_the_preprocessing_says() {
        for preprocess in ["{}", r#"{"size": 224}"#, r#"{"size": [3, 224, 224]}"#] {
            let config = parse(r#"{"image_size": 256, "patch_size": 32}"#, "{}", preprocess).unwrap();
            assert_eq!(config.input.resize, Resize::ShortestEdge(256));
        }
    }

    #[test]
    fn towers_of_other_kinds_are_refused_by_their_names() {
        refuses(r#"{"timm_model_name": "fastvit_mci1"}"#, "{}", "{}", "MobileCLIP's (\"fastvit_mci1\")");
        refuses(r#"{"timm_model_name": "vit_base_patch16_siglip_224"}"#, "{}", "{}", "timm's");
        refuses(r#"{"layers": [3, 4, 6, 3]}"#, "{}", "{}", "ResNet");
        refuses(r#"{"attentional_pool": true}"#, "{}", "{}", "attentional_pool");
        refuses("{}", r#"{"hf_model_name": "roberta-base"}"#, "{}", "roberta-base");
        refuses("{}", r#"{"no_causal_mask": true}"#, "{}", "no_causal_mask");
        refuses("{}", "{}", r#"{"resize_mode": "longest"}"#, "longest");
        let coca = r#"{"model_cfg": {"embed_dim": 8, "multimodal_cfg": {"width": 8}}}"#;
        assert!(OpenClipConfig::parse(coca).unwrap_err().to_string().contains("CoCa"));
    }
}
