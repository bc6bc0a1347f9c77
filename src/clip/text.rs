//! The text tower that all families share: tokens, a transformer, and the row of one token.

use std::ops::Range;

use anyhow::{Context, Result};
use candle_core::{Device, Tensor};

use super::cpu::Keep;
use super::linear::Linear;
use super::transformer::{Norm, Transformer};

pub struct TextTower {
    pub token_embedding: Tensor,
    pub position_embedding: Tensor,
    pub transformer: Transformer,
    pub final_norm: Norm,
    pub projection: Option<Linear>,
    pub end: End,
}

/// Which token's row is the text's vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The first of the highest number.
    Highest,
    /// The first of this number.
    Token(u32),
    /// The last one, padding or not.
    Last,
}

impl End {
    pub fn of(self, ids: &[u32]) -> Option<usize> {
        match self {
            End::Highest => ids.iter().max().and_then(|highest| ids.iter().position(|id| id == highest)),
            End::Token(token) => ids.iter().position(|id| *id == token),
            End::Last => ids.len().checked_sub(1),
        }
    }
}

impl TextTower {
    /// Runs each text up to the token whose row is wanted and no further, because a tower that pools before the last
    /// token looks back only. A plain port pads each prompt to 77 tokens as the reference does, and takes about 100 ms
    /// where the 18 tokens that count take about 25.
    pub fn forward(&self, texts: &[Vec<u32>], parts: usize) -> Result<Tensor> {
        let mut rows = Vec::with_capacity(texts.len());
        let mut spans: Vec<Range<usize>> = Vec::with_capacity(texts.len());
        for ids in texts {
            let end = self.end.of(ids).context("A text has no end-of-text token")?;
            let ids = Tensor::from_slice(&ids[..=end], end + 1, &Device::Cpu)?;
            let ids = ids.to_device(self.token_embedding.device())?;
            let positions = self.position_embedding.narrow(0, 0, end + 1)?;
            rows.push((self.token_embedding.index_select(&ids, 0)? + positions)?);
            let start = spans.last().map_or(0, |span| span.end);
            spans.push(start..start + end + 1);
        }
        let last = self.transformer.forward(Tensor::cat(&rows, 0)?, &spans, Keep::Last, parts)?;
        let vectors = self.final_norm.forward(&last)?;
        Ok(match &self.projection {
            Some(projection) => projection.forward(&vectors)?,
            None => vectors,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_checkpoint_pools_at_the_highest_token() {
        assert_eq!(End::Highest.of(&[49406, 320, 49407, 49407]), Some(2));
        assert_eq!(End::Highest.of(&[5, 2, 9, 3]), Some(2));
    }

    #[test]
    fn a_new_checkpoint_pools_at_the_first_end_of_text() {
        assert_eq!(End::Token(3).of(&[7, 3, 8, 3]), Some(1));
        assert_eq!(End::Token(3).of(&[7, 8]), None);
    }

    #[test]
    fn siglip_pools_at_the_last_token() {
        assert_eq!(End::Last.of(&[7, 1, 1]), Some(2));
        assert_eq!(End::Last.of(&[]), None);
    }
}
