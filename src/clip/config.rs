//! `config.json` of HuggingFace: which family it describes, and the sizes of a `CLIPModel`. Absent keys have the values that
//! the reference gives them.

use anyhow::{Result, bail, ensure};
use serde::Deserialize;

use super::kernels::Activation;
use super::transformer::{Order, Shape};

/// The families that HuggingFace's files can describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Clip,
    Siglip,
}

/// What `config.json` describes; an error names what is not supported and says what to take instead.
pub fn family(text: &str) -> Result<Family> {
    let file: Kind = serde_json::from_str(text)?;
    let kind = file.model_type.as_deref().unwrap_or_default();
    let architectures = file.architectures.unwrap_or_default();
    let is = |architecture: &str| architectures.is_empty() || architectures.iter().any(|name| name == architecture);
    match kind {
        "clip" if is("CLIPModel") => return Ok(Family::Clip),
        "siglip" if is("SiglipModel") => return Ok(Family::Siglip),
        "siglip2" => bail!(
            "it describes a SigLIP 2 model for pictures of any shape (NaFlex), which is not supported. Take one of a fixed \
             resolution, such as siglip2-base-patch16-256"
        ),
        _ => {}
    }
    let found = architectures.first().map_or(kind, String::as_str);
    let found = if found.is_empty() { "an unnamed model" } else { found };
    let advice = "Choose the folder of a CLIP or SigLIP model";
    if is_text_alone(found) {
        bail!("it describes {found}, which reads texts but sees no pictures. {advice}");
    }
    if found.contains("Vision") || found.contains("ForImageClassification") {
        bail!("it describes {found}, which sees pictures but reads no texts. {advice}");
    }
    bail!("it describes {found}, but only CLIPModel and SiglipModel are supported. {advice}")
}

/// Half of a CLIP model, and the families that sentence embeddings come from.
fn is_text_alone(name: &str) -> bool {
    let name = name.to_lowercase();
    let families = ["bert", "mpnet", "t5", "gemma", "llama", "qwen", "mistral", "gpt", "electra"];
    name.contains("text") || families.iter().any(|family| name.contains(family))
}

/// Everything the network's shape depends on.
#[derive(Debug)]
pub struct ClipConfig {
    /// How the checkpoint calls itself.
    pub name: Option<String>,
    pub projection_dim: usize,
    pub text: TextConfig,
    pub vision: VisionConfig,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct TextConfig {
    pub vocab_size: usize,
    pub max_position_embeddings: usize,
    pub eos_token_id: u32,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    hidden_act: String,
    layer_norm_eps: f64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct VisionConfig {
    pub image_size: Sides,
    pub patch_size: Sides,
    num_channels: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    hidden_act: String,
    layer_norm_eps: f64,
}

/// One number for a square, or height and width.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
pub enum Sides {
    Square(usize),
    HeightWidth([usize; 2]),
}

impl Sides {
    pub fn height_px(self) -> usize {
        match self {
            Sides::Square(side) | Sides::HeightWidth([side, _]) => side,
        }
    }

    pub fn width_px(self) -> usize {
        match self {
            Sides::Square(side) | Sides::HeightWidth([_, side]) => side,
        }
    }
}

impl ClipConfig {
    /// Reads the file's text, which describes a `CLIPModel`. An activation that is not supported is an error that names it.
    pub fn parse(text: &str) -> Result<ClipConfig> {
        let file: File = serde_json::from_str(text)?;
        // The older of two ways to write the same; where both are there, the reference prefers this one.
        let text = file.text_config_dict.or(file.text_config).unwrap_or_default();
        let vision = file.vision_config_dict.or(file.vision_config).unwrap_or_default();
        vision.check()?;
        text.shape()?;
        vision.shape()?;
        Ok(ClipConfig { name: file.name, projection_dim: file.projection_dim.unwrap_or(512), text, vision })
    }
}

impl TextConfig {
    pub fn shape(&self) -> Result<Shape> {
        let shape = Shape {
            width: self.hidden_size,
            heads: self.num_attention_heads,
            layers: self.num_hidden_layers,
            intermediate: self.intermediate_size,
            activation: activation(&self.hidden_act)?,
            epsilon: self.layer_norm_eps,
            order: Order::Before,
            is_causal: true,
        };
        checked(shape, "text_config")
    }
}

impl VisionConfig {
    /// The network must be made for colour pictures of at least one patch.
    pub fn check(&self) -> Result<()> {
        ensure!(self.num_channels == 3, "the model wants {} colour channels, not 3", self.num_channels);
        check_patches(self.image_size, self.patch_size)
    }

    pub fn shape(&self) -> Result<Shape> {
        let shape = Shape {
            width: self.hidden_size,
            heads: self.num_attention_heads,
            layers: self.num_hidden_layers,
            intermediate: self.intermediate_size,
            activation: activation(&self.hidden_act)?,
            epsilon: self.layer_norm_eps,
            order: Order::Before,
            is_causal: false,
        };
        checked(shape, "vision_config")
    }
}

impl Default for TextConfig {
    fn default() -> TextConfig {
        TextConfig {
            vocab_size: 49408,
            max_position_embeddings: 77,
            eos_token_id: 49407,
            hidden_size: 512,
            intermediate_size: 2048,
            num_hidden_layers: 12,
            num_attention_heads: 8,
            hidden_act: "quick_gelu".to_owned(),
            layer_norm_eps: 1e-5,
        }
    }
}

impl Default for VisionConfig {
    fn default() -> VisionConfig {
        VisionConfig {
            image_size: Sides::Square(224),
            patch_size: Sides::Square(32),
            num_channels: 3,
            hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            hidden_act: "quick_gelu".to_owned(),
            layer_norm_eps: 1e-5,
        }
    }
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "_name_or_path")]
    name: Option<String>,
    projection_dim: Option<usize>,
    text_config: Option<TextConfig>,
    text_config_dict: Option<TextConfig>,
    vision_config: Option<VisionConfig>,
    vision_config_dict: Option<VisionConfig>,
}

#[derive(Deserialize)]
struct Kind {
    model_type: Option<String>,
    architectures: Option<Vec<String>>,
}

fn activation(name: &str) -> Result<Activation> {
    match name {
        "quick_gelu" => Ok(Activation::QuickGelu),
        "gelu" => Ok(Activation::Gelu),
        "gelu_pytorch_tanh" | "gelu_new" => Ok(Activation::TanhGelu),
        other => bail!("the activation \"{other}\" is not supported; such models have quick_gelu or gelu"),
    }
}

/// No side of a picture is longer in any model; beyond it, sums of a made-up file could overflow.
const LONGEST_SIDE_PX: usize = 1 << 14;
const WIDEST: usize = 1 << 20;

/// A picture must hold at least one patch.
pub fn check_patches(image: Sides, patch: Sides) -> Result<()> {
    let fits = |image: usize, patch: usize| patch > 0 && (patch..=LONGEST_SIDE_PX).contains(&image);
    ensure!(
        fits(image.height_px(), patch.height_px()) && fits(image.width_px(), patch.width_px()),
        "\"image_size\" is smaller than \"patch_size\", or larger than {LONGEST_SIDE_PX}"
    );
    Ok(())
}

/// Heads must share the width evenly.
pub fn checked(shape: Shape, section: &str) -> Result<Shape> {
    ensure!(shape.width.max(shape.intermediate) <= WIDEST, "in \"{section}\", the layers are wider than {WIDEST}");
    ensure!(
        shape.heads > 0 && shape.width.is_multiple_of(shape.heads),
        "in \"{section}\", the width {} cannot be shared by {} heads",
        shape.width,
        shape.heads
    );
    Ok(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_keys_mean_the_sizes_of_vit_b_32() {
        let config = ClipConfig::parse(r#"{"model_type": "clip", "text_config": {}}"#).unwrap();
        let (text, vision) = (config.text.shape().unwrap(), config.vision.shape().unwrap());
        assert_eq!((config.projection_dim, text.width, text.heads, text.layers), (512, 512, 8, 12));
        assert_eq!((vision.width, vision.heads, vision.intermediate), (768, 12, 3072));
        assert_eq!((config.text.eos_token_id, vision.activation), (49407, Activation::QuickGelu));
    }

    #[test]
    fn the_older_way_to_write_a_section_wins() {
        let text =
            r#"{"model_type": "clip", "text_config": {"hidden_size": 8}, "text_config_dict": {"hidden_size": 768}}"#;
        assert_eq!(ClipConfig::parse(text).unwrap().text.shape().unwrap().width, 768);
        let text = r#"{"model_type": "clip", "text_config": {"hidden_size": 8}, "text_config_dict": null}"#;
        assert_eq!(ClipConfig::parse(text).unwrap().text.shape().unwrap().width, 8);
    }

    fn refuses(text: &str, part: &str) {
        let message = family(text).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    }

    #[test]
    fn both_families_are_told_apart() {
        assert_eq!(family(r#"{"model_type": "clip"}"#).unwrap(), Family::Clip);
        assert_eq!(family(r#"{"model_type": "siglip", "architectures": ["SiglipModel"]}"#).unwrap(), Family::Siglip);
    }

    #[test]
    fn what_is_not_supported_is_refused_by_its_name() {
        refuses(r#"{"model_type": "blip", "architectures": ["BlipModel"]}"#, "BlipModel, but only CLIPModel");
        refuses(r#"{"model_type": "siglip2", "architectures": ["Siglip2Model"]}"#, "NaFlex");
        refuses("{}", "an unnamed model");
    }

    #[test]
    fn half_a_model_is_refused_as_such() {
        refuses(r#"{"model_type": "clip", "architectures": ["CLIPTextModel"]}"#, "sees no pictures");
        refuses(r#"{"model_type": "bert", "architectures": ["BertModel"]}"#, "sees no pictures");
        refuses(r#"{"model_type": "clip_text_model"}"#, "sees no pictures");
        refuses(r#"{"model_type": "clip", "architectures": ["CLIPVisionModel"]}"#, "reads no texts");
    }

    #[test]
    fn an_unknown_activation_is_refused_by_its_name() {
        let text = r#"{"model_type": "clip", "vision_config": {"hidden_act": "relu"}}"#;
        assert!(ClipConfig::parse(text).unwrap_err().to_string().contains("relu"));
    }
}
