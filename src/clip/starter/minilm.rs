//! The text tower: all-MiniLM-L6-v2, a small BERT whose sentence vector is the mean over its tokens.

use std::ops::Range;

use anyhow::Result;
use candle_core::{Device, Tensor};

use super::config::TextConfig;
use crate::clip::cpu::Keep;
use crate::clip::tokens::Tokens;
use crate::clip::transformer::{Names, Norm, Projections, Transformer};
use crate::clip::weights::Weights;

const NAMES: Names = Names {
    attention: Projections::Apart(["q", "k", "v"]),
    out: "o",
    norm_1: "ln1",
    norm_2: "ln2",
    widen: "ff1",
    narrow: "ff2",
};

pub struct MiniLm {
    tokens: Tokens,
    words: Tensor,
    positions: Tensor,
    first_norm: Norm,
    transformer: Transformer,
}

impl MiniLm {
    pub fn read(weights: &mut Weights, config: &TextConfig, tokenizer: &[u8]) -> Result<MiniLm> {
        let shape = config.shape();
        Ok(MiniLm {
            tokens: Tokens::read(tokenizer, config.max_len, config.vocab)?,
            words: weights.take("text.word_embeddings.weight", &[config.vocab, config.hidden])?,
            positions: weights.take("text.position_embeddings.weight", &[config.max_len, config.hidden])?,
            first_norm: Norm::read(weights, "text.emb_ln", config.hidden, shape.epsilon)?,
            transformer: Transformer::read(weights, "text.layers", shape, &NAMES)?,
        })
    }

    /// `[texts, width]`: the mean over each text's tokens, the opening and closing ones included.
    pub fn forward(&self, texts: &[String], parts: usize) -> Result<Tensor> {
        let mut rows = Vec::with_capacity(texts.len());
        let mut spans: Vec<Range<usize>> = Vec::with_capacity(texts.len());
        for text in texts {
            let ids = self.tokens.of(text)?;
            let start = spans.last().map_or(0, |span| span.end);
            spans.push(start..start + ids.len());
            let positions = self.positions.narrow(0, 0, ids.len())?;
            let ids = Tensor::new(ids, &Device::Cpu)?;
            rows.push((self.words.index_select(&ids, 0)? + positions)?);
        }
        let rows = self.first_norm.forward(&Tensor::cat(&rows, 0)?)?;
        let rows = self.transformer.forward(rows, &spans, Keep::All, parts)?;
        let means = spans
            .iter()
            .map(|span| rows.narrow(0, span.start, span.len())?.mean(0))
            .collect::<candle_core::Result<Vec<_>>>()?;
        Ok(Tensor::stack(&means, 0)?)
    }
}
