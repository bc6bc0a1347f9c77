//! SentencePiece's table of spellings: which characters become which, such as full-width letters their plain forms.
//!
//! A `tokenizer.json` carries the table of the model that it was made from, but the `tokenizers` library looks up one
//! grapheme of less than six bytes at a time, where SentencePiece takes the longest match wherever it ends. So a half-width
//! kana with its mark or a syllable of separate jamo came out wrong; this is SentencePiece's own way (`normalizer.cc`).

use anyhow::{Context, Result, ensure};
use serde_json::Value;

pub struct Charsmap {
    /// A double array: each unit is a node, with its label, the way to its children, and whether a key ends there.
    units: Vec<u32>,
    /// The spellings, each closed by a zero.
    spellings: Vec<u8>,
}

impl Charsmap {
    /// The table inside the normaliser of a `tokenizer.json`, if it has one.
    pub fn of_tokenizer(json: &Value) -> Result<Option<Charsmap>> {
        find(&json["normalizer"]).map(|text| Charsmap::parse(&base64(text)?)).transpose()
    }

    /// The size of the array in bytes, the array, the spellings.
    fn parse(table: &[u8]) -> Result<Charsmap> {
        let (size, rest) = table.split_first_chunk::<4>().context("its table of spellings is empty")?;
        let size = u32::from_le_bytes(*size) as usize;
        ensure!(size.is_multiple_of(4) && size <= rest.len(), "its table of spellings is cut off");
        let (array, spellings) = rest.split_at(size);
        let units = array.chunks_exact(4).map(|unit| u32::from_le_bytes([unit[0], unit[1], unit[2], unit[3]]));
        Ok(Charsmap { units: units.collect(), spellings: spellings.to_vec() })
    }

    /// The text in the table's spelling, with single spaces and none at the ends.
    pub fn spell(&self, text: &str) -> String {
        let mut spelled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (length, spelling) = self.longest(rest).unwrap_or((first.len_utf8(), &rest[..first.len_utf8()]));
            spelled.push_str(spelling);
            rest = &rest[length..];
        }
        spelled.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The longest key that `text` starts with: its length in bytes and its spelling.
    fn longest(&self, text: &str) -> Option<(usize, &str)> {
        let mut found = None;
        let mut at = way(*self.units.first()?);
        for (index, byte) in text.bytes().enumerate() {
            at ^= usize::from(byte);
            let Some(unit) = self.units.get(at).filter(|unit| label(**unit) == u32::from(byte)) else { break };
            at ^= way(*unit);
            // A key never ends within a character.
            if ends_a_key(*unit) && text.is_char_boundary(index + 1) {
                found = self.units.get(at).map(|leaf| (index + 1, (leaf & !(1 << 31)) as usize));
            }
        }
        let (length, start) = found?;
        let spelling = self.spellings.get(start..)?.split(|byte| *byte == 0).next()?;
        Some((length, std::str::from_utf8(spelling).ok()?))
    }
}

/// The sign bit marks a leaf, which has no label.
fn label(unit: u32) -> u32 {
    unit & (1 << 31 | 0xFF)
}

fn way(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 1 << 9) >> 6)) as usize
}

fn ends_a_key(unit: u32) -> bool {
    unit >> 8 & 1 == 1
}

/// Normalisers can be nested.
fn find(normalizer: &Value) -> Option<&str> {
    if normalizer["type"] == "Precompiled" {
        return normalizer["precompiled_charsmap"].as_str();
    }
    normalizer["normalizers"].as_array()?.iter().find_map(find)
}

fn base64(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => anyhow::bail!("its table of spellings is not written in base64"),
        };
        (bits, count) = (bits << 6 | u32::from(six), count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xFF) as u8);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read() {
        assert_eq!(base64("aGVsbG8gd29ybGQ=").unwrap(), b"hello world");
        assert_eq!(base64("+/8A").unwrap(), [0xFB, 0xFF, 0x00]);
        assert!(base64("a b").is_err());
    }

    #[test]
    fn the_longest_spelling_is_taken() {
        let json = include_str!("../../tests/fixtures/siglip-tokenizer/tokenizer.json");
        let map = Charsmap::of_tokenizer(&serde_json::from_str(json).unwrap()).unwrap().unwrap();
        for (text, wanted) in [
            ("ＡＢ！", "AB!"),
            ("e\u{301}", "é"),
            ("ｶ\u{ff9e}", "ガ"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
            ("  a \u{a0} b\t", "a b"),
            ("日本", "日本"),
        ] {
            assert_eq!(map.spell(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_table_that_is_cut_off_is_refused() {
        assert!(Charsmap::parse(&[1, 0]).is_err());
        assert!(Charsmap::parse(&[8, 0, 0, 0, 1]).is_err());
    }
}
