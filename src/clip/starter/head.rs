//! The trained heads that bring both towers into one space. `config.json` has their formulas.

use anyhow::Result;
use candle_core::{D, Tensor};
use candle_nn::ops::softmax;

use super::config::StarterConfig;
use super::efficientnet::Features;
use crate::clip::Place;
use crate::clip::kernels::Activation;
use crate::clip::linear::Linear;
use crate::clip::weights::Weights;

/// How many classes the ImageNet classifier knows.
const CLASSES: usize = 1000;

/// A standardised feature further out than this many deviations counts as that far.
const FURTHEST: f64 = 6.0;

/// A straight path and one with a hidden layer, added.
struct Mlp {
    straight: Linear,
    widen: Linear,
    narrow: Linear,
}

impl Mlp {
    fn read(weights: &mut Weights, place: &Place, name: &str, [inputs, hidden, outputs]: [usize; 3]) -> Result<Mlp> {
        Ok(Mlp {
            straight: linear(weights, place, &format!("{name}.lin"), inputs, outputs)?,
            widen: linear(weights, place, &format!("{name}.f1"), inputs, hidden)?,
            narrow: linear(weights, place, &format!("{name}.f2"), hidden, outputs)?,
        })
    }

    fn forward(&self, rows: &Tensor) -> candle_core::Result<Tensor> {
        self.straight.forward(rows)? + self.narrow.forward(&self.widen.activated(rows, Activation::Gelu)?)?
    }
}

pub struct ImageHead {
    mean: Tensor,
    scale: Tensor,
    mlp: Mlp,
    classes: Option<ClassPath>,
}

impl ImageHead {
    pub fn read(weights: &mut Weights, config: &StarterConfig) -> Result<ImageHead> {
        let place = &weights.place().clone();
        let head = &config.image_proj;
        let classes = match head.class_path {
            true => Some(ClassPath::read(weights, config.image.head.out, config.embed_dim, place)?),
            false => None,
        };
        Ok(ImageHead {
            mean: weights.take("image_proj.mean", &[head.input])?,
            scale: weights.take("image_proj.inv_std", &[head.input])?,
            mlp: Mlp::read(weights, place, "image_proj", [head.input, head.hidden, config.embed_dim])?,
            classes,
        })
    }

    /// One row a row of the features.
    pub fn forward(&self, pictures: &[Features]) -> Result<Tensor> {
        let all: Vec<&Tensor> = pictures.iter().map(|picture| &picture.all).collect();
        let rows = Tensor::cat(&all, 0)?.broadcast_sub(&self.mean)?.broadcast_mul(&self.scale)?;
        let out = self.mlp.forward(&rows.clamp(-FURTHEST, FURTHEST)?)?;
        let Some(classes) = &self.classes else { return Ok(out) };
        let gap: Vec<&Tensor> = pictures.iter().map(|picture| &picture.gap).collect();
        Ok((out + classes.forward(&Tensor::cat(&gap, 0)?)?)?)
    }
}

/// The vectors of the classes' names, weighed by what the ImageNet classifier thinks of the picture.
struct ClassPath {
    classifier: Linear,
    /// Kept turned as in the file: `[classes, outputs]`.
    names: Tensor,
    sharpness: f64,
    gain: f64,
}

impl ClassPath {
    fn read(weights: &mut Weights, inputs: usize, outputs: usize, place: &Place) -> Result<ClassPath> {
        Ok(ClassPath {
            classifier: linear(weights, place, "image_proj.classifier", inputs, CLASSES)?,
            names: weights.take("image_proj.class_embed.weight", &[CLASSES, outputs])?,
            sharpness: f64::from(weights.take_number("image_proj.class_tau")?),
            gain: f64::from(weights.take_number("image_proj.class_gain")?),
        })
    }

    fn forward(&self, gap: &Tensor) -> candle_core::Result<Tensor> {
        let shares = softmax(&(self.classifier.forward(gap)? * self.sharpness)?, D::Minus1)?;
        unit_rows(&shares.matmul(&self.names)?)? * self.gain
    }
}

pub struct TextHead {
    mlp: Mlp,
    scale: f64,
}

impl TextHead {
    pub fn read(weights: &mut Weights, config: &StarterConfig) -> Result<TextHead> {
        let (inputs, hidden) = (config.text.hidden, config.image_proj.hidden);
        // Exactly: what a text loses here, every photo's order feels.
        let mlp = Mlp::read(weights, &Place::cpu(), "text_proj", [inputs, hidden, config.embed_dim])?;
        Ok(TextHead { mlp, scale: (inputs as f64).sqrt() })
    }

    /// `rows` are mean-pooled sentences.
    pub fn forward(&self, rows: &Tensor) -> Result<Tensor> {
        Ok(self.mlp.forward(&(unit_rows(rows)? * self.scale)?)?)
    }
}

fn linear(weights: &mut Weights, place: &Place, name: &str, inputs: usize, outputs: usize) -> Result<Linear> {
    let weight = weights.take(&format!("{name}.weight"), &[outputs, inputs])?;
    Ok(Linear::fine(&weight, Some(weights.take(&format!("{name}.bias"), &[outputs])?), place)?)
}

fn unit_rows(rows: &Tensor) -> candle_core::Result<Tensor> {
    rows.broadcast_div(&rows.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?)
}
