//! The starter model's `config.json`.

use anyhow::{Result, ensure};
use serde::Deserialize;

use crate::clip::kernels::Activation;
use crate::clip::pixels::{Filter, InputSpec, Levels, Resize, Size};
use crate::clip::transformer::{Order, Shape};

#[derive(Deserialize)]
pub struct StarterConfig {
    format: String,
    version: u32,
    pub embed_dim: usize,
    /// Not its logarithm.
    pub logit_scale: f32,
    pub image: ImageConfig,
    pub image_proj: HeadConfig,
    pub text: TextConfig,
}

#[derive(Deserialize)]
pub struct ImageConfig {
    pub size: u32,
    mean: [f64; 3],
    std: [f64; 3],
    pub stem: StemConfig,
    pub blocks: Vec<BlockConfig>,
    pub head: LayerConfig,
    pub features: FeaturesConfig,
}

#[derive(Deserialize)]
pub struct StemConfig {
    pub out: usize,
    pub kernel: usize,
    pub stride: usize,
}

#[derive(Deserialize)]
pub struct LayerConfig {
    pub out: usize,
}

/// One inverted residual: widen, look around within each channel, narrow.
#[derive(Clone, Deserialize)]
pub struct BlockConfig {
    pub kernel: usize,
    pub stride: usize,
    pub expand: bool,
    pub cin: usize,
    pub cmid: usize,
    pub cout: usize,
    pub residual: bool,
}

/// Which averages over the picture make up its features, and in which order.
#[derive(Clone, Deserialize)]
pub struct FeaturesConfig {
    pub order: Vec<String>,
    pub taps: Vec<TapConfig>,
}

#[derive(Clone, Deserialize)]
pub struct TapConfig {
    pub name: String,
    pub after_block: usize,
}

#[derive(Deserialize)]
pub struct HeadConfig {
    pub input: usize,
    pub hidden: usize,
    /// The ImageNet classifier's opinion is added through the classes' names.
    pub class_path: bool,
}

#[derive(Deserialize)]
pub struct TextConfig {
    layers: usize,
    pub hidden: usize,
    heads: usize,
    intermediate: usize,
    pub vocab: usize,
    pub max_len: usize,
    layer_norm_eps: f64,
}

impl StarterConfig {
    pub fn parse(text: &str) -> Result<StarterConfig> {
        let config: StarterConfig = serde_json::from_str(text)?;
        ensure!(
            (config.format.as_str(), config.version) == ("starter-dual-encoder", 1),
            "the starter model's format is {} {}, which this program does not know",
            config.format,
            config.version
        );
        Ok(config)
    }
}

impl ImageConfig {
    /// The whole photo, squeezed to a square with antialiased bilinear filtering.
    pub fn input_spec(&self) -> InputSpec {
        InputSpec {
            resize: Resize::Exact(Size { width_px: self.size, height_px: self.size }),
            filter: Filter::Bilinear,
            crop: None,
            levels: Levels { rescale: 1.0, mean: self.mean, deviation: self.std },
        }
    }
}

impl TextConfig {
    pub fn shape(&self) -> Shape {
        Shape {
            width: self.hidden,
            heads: self.heads,
            layers: self.layers,
            intermediate: self.intermediate,
            activation: Activation::Gelu,
            epsilon: self.layer_norm_eps,
            order: Order::After,
            is_causal: false,
        }
    }
}
