//! The image tower that all families share: patches, a transformer, and one row out of many.

use anyhow::Result;
use candle_core::{D, Tensor};

use super::ModelInput;
use super::attention_pool::AttentionPool;
use super::cpu::Keep;
use super::linear::Linear;
use super::patches::Patches;
use super::transformer::{Norm, Transformer};

pub struct VisionTower {
    pub patches: Patches,
    /// `[1, width]`; a row of its own before the patches.
    pub class_embedding: Option<Tensor>,
    /// One row each for the class and the patches.
    pub position_embedding: Tensor,
    pub first_norm: Option<Norm>,
    pub transformer: Transformer,
    pub pool: Pool,
    pub projection: Option<Linear>,
}

/// From a picture's rows to its vector.
pub enum Pool {
    /// The normalised row of the class.
    Class(Norm),
    /// The mean of the patches, normalised.
    MeanThenNorm(Norm),
    /// The mean of the normalised patches.
    NormThenMean(Norm),
    /// A learned question to the normalised patches.
    Attention(Norm, Box<AttentionPool>),
}

impl VisionTower {
    /// One row a picture, by as many threads as there are `parts`.
    pub fn forward(&self, inputs: &[ModelInput], parts: usize) -> Result<Tensor> {
        let count = inputs.len();
        let rows = self.embedded(inputs)?;
        let length = rows.dim(0)? / count.max(1);
        let spans: Vec<_> = (0..count).map(|index| index * length..(index + 1) * length).collect();
        let width = rows.dim(1)?;
        let keep = if matches!(self.pool, Pool::Class(_)) { Keep::First } else { Keep::All };
        let rows = self.transformer.forward(rows, &spans, keep, parts)?;
        self.projected(self.pool.forward(&rows.reshape((count, (), width))?)?)
    }

    /// One row a patch of one picture, in the space of the pictures' rows: what the pool would make of that patch alone.
    ///
    /// A class row gathers from the patches by attention, and only what it gathers was ever trained to mean something, not
    /// what the patches' own rows become. So the last block gives each patch's value through the output layer, which is its
    /// own part of what is gathered (MaskCLIP, Zhou et al. 2022); without the sum and the linear layers after it, which
    /// carry what patches keep for themselves (ClearCLIP, Lan et al. 2024). The other pools read the patches' rows as
    /// they are.
    pub fn map(&self, input: &ModelInput) -> Result<Tensor> {
        let rows = self.embedded(std::slice::from_ref(input))?;
        let span = 0..rows.dim(0)?;
        let spans = std::slice::from_ref(&span);
        let rows = match self.pool {
            Pool::Class(_) => self.transformer.last_values(rows, spans)?,
            _ => self.transformer.forward(rows, spans, Keep::All, 1)?,
        };
        self.projected(self.pool.each(&rows)?)
    }

    /// What the transformer is given, one picture below the other.
    fn embedded(&self, inputs: &[ModelInput]) -> Result<Tensor> {
        let count = inputs.len();
        let rows = self.patches.forward(inputs)?.reshape((count, self.patches.count(), ()))?;
        let rows = match &self.class_embedding {
            Some(class) => Tensor::cat(&[&class.unsqueeze(0)?.repeat((count, 1, 1))?, &rows], 1)?,
            None => rows,
        };
        let rows = rows.broadcast_add(&self.position_embedding)?.flatten_to(1)?;
        Ok(match &self.first_norm {
            Some(norm) => norm.forward(&rows)?,
            None => rows,
        })
    }

    fn projected(&self, vectors: Tensor) -> Result<Tensor> {
        Ok(match &self.projection {
            Some(projection) => projection.forward(&vectors)?,
            None => vectors,
        })
    }
}

impl Pool {
    /// `pictures` is `[pictures, rows, width]`, where the class pool needs the first row alone; the result `[pictures, width]`.
    fn forward(&self, pictures: &Tensor) -> candle_core::Result<Tensor> {
        let after_class = || pictures.narrow(1, 1, pictures.dim(1)? - 1);
        match self {
            Pool::Class(norm) => norm.forward(&pictures.narrow(1, 0, 1)?.squeeze(1)?.contiguous()?),
            Pool::MeanThenNorm(norm) => norm.forward(&after_class()?.mean(1)?),
            Pool::NormThenMean(norm) => norm.forward(&after_class()?.contiguous()?)?.mean(D::Minus2),
            Pool::Attention(norm, pool) => pool.forward(&norm.forward(pictures)?),
        }
    }

    /// `rows` is `[rows, width]` of one picture; the result `[patches, width]`.
    fn each(&self, rows: &Tensor) -> candle_core::Result<Tensor> {
        match self {
            Pool::Class(norm) | Pool::MeanThenNorm(norm) | Pool::NormThenMean(norm) => {
                norm.forward(&rows.narrow(0, 1, rows.dim(0)? - 1)?.contiguous()?)
            }
            Pool::Attention(norm, pool) => pool.forward(&norm.forward(rows)?.unsqueeze(1)?),
        }
    }
}
