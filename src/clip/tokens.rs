//! From a sentence to token numbers, as the checkpoint's tokenizer files say.

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::{Value, json};
use tokenizers::{PaddingParams, Tokenizer, TruncationParams};

use super::charsmap::Charsmap;
use super::folder::TokenFiles;

pub struct Tokens {
    tokenizer: Tokenizer,
    vocabulary: usize,
    spelling: Spelling,
}

/// What happens to a text before the tokenizer sees it.
pub enum Spelling {
    /// Nothing.
    AsWritten,
    /// SigLIP's: no ASCII punctuation, single spaces, and no capitals where `is_lower`; then the tokenizer's own table.
    Canonical { is_lower: bool, table: Option<Charsmap> },
}

impl Tokens {
    /// A text of more than `longest` tokens loses its end but keeps the closing token.
    /// `vocabulary` is how many tokens the network knows.
    pub fn read(json: &[u8], longest: usize, vocabulary: usize) -> Result<Tokens> {
        let tokenizer = Tokenizer::from_bytes(json).map_err(|error| anyhow!(error))?;
        Tokens::of_tokenizer(tokenizer, None, Spelling::AsWritten, longest, vocabulary)
    }

    /// The same from either form of a CLIP tokenizer.
    pub fn read_files(files: &TokenFiles, longest: usize, vocabulary: usize) -> Result<Tokens> {
        match files {
            TokenFiles::Whole(json) => Tokens::read(json.as_bytes(), longest, vocabulary),
            TokenFiles::Pair { vocabulary: words, merges } => {
                Tokens::read(clip_tokenizer(words, merges)?.to_string().as_bytes(), longest, vocabulary)
            }
        }
    }

    pub fn of_tokenizer(
        mut tokenizer: Tokenizer,
        padding: Option<PaddingParams>,
        spelling: Spelling,
        longest: usize,
        vocabulary: usize,
    ) -> Result<Tokens> {
        ensure!(longest > 2, "a text of {longest} tokens has no room for a word");
        let truncation = TruncationParams { max_length: longest, ..TruncationParams::default() };
        tokenizer.with_padding(padding).with_truncation(Some(truncation)).map_err(|error| anyhow!(error))?;
        Ok(Tokens { tokenizer, vocabulary, spelling })
    }

    /// With the opening and closing tokens, and with padding where the family wants it.
    pub fn of(&self, text: &str) -> Result<Vec<u32>> {
        let text = match &self.spelling {
            Spelling::AsWritten => text.to_owned(),
            Spelling::Canonical { is_lower, table: None } => canonical(text, *is_lower),
            Spelling::Canonical { is_lower, table: Some(table) } => table.spell(&canonical(text, *is_lower)),
        };
        let encoding = self.tokenizer.encode_fast(text, true).map_err(|error| anyhow!(error))?;
        let ids = encoding.get_ids().to_vec();
        if let Some(unknown) = ids.iter().find(|id| **id as usize >= self.vocabulary) {
            bail!(
                "the tokenizer made the token {unknown}, but the network knows only {} tokens: \
                 they belong to different models",
                self.vocabulary
            );
        }
        ensure!(!ids.is_empty(), "the tokenizer made no token at all, not even the closing one");
        Ok(ids)
    }
}

/// As `canonicalize_text` of the reference.
fn canonical(text: &str, is_lower: bool) -> String {
    let text = if is_lower { text.to_lowercase() } else { text.to_owned() };
    let text = text.replace(|c: char| c.is_ascii_punctuation(), "").replace('▁', " ");
    // Python counts the four separators of ASCII as spaces, Rust does not.
    let is_space = |c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c);
    text.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// CLIP's tokenizer in the form of `tokenizer.json`, as `CLIPTokenizerFast` builds it from the two older files.
fn clip_tokenizer(vocabulary: &str, merges: &str) -> Result<Value> {
    const START: &str = "<|startoftext|>";
    const END: &str = "<|endoftext|>";
    let words: Value = serde_json::from_str(vocabulary)?;
    let id = |token: &str| words[token].as_u64().with_context(|| format!("it does not know \"{token}\""));
    let added = |token: &str| {
        anyhow::Ok(json!({ "id": id(token)?, "content": token, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true }))
    };
    let is_merge = |line: &&str| !line.is_empty() && !line.starts_with("#version");
    let merges: Vec<&str> = merges.lines().filter(is_merge).collect();
    let words_of = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";
    Ok(json!({
        "version": "1.0",
        "added_tokens": [added(START)?, added(END)?],
        "normalizer": { "type": "Sequence", "normalizers": [{ "type": "NFC" },
            { "type": "Replace", "pattern": { "Regex": r"\s+" }, "content": " " }, { "type": "Lowercase" }] },
        "pre_tokenizer": { "type": "Sequence", "pretokenizers": [
            { "type": "Split", "pattern": { "Regex": words_of }, "behavior": "Removed", "invert": true },
            { "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true }] },
        "post_processor": { "type": "RobertaProcessing", "sep": [END, id(END)?], "cls": [START, id(START)?],
            "trim_offsets": false, "add_prefix_space": false },
        "decoder": { "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true },
        "model": { "type": "BPE", "dropout": null, "unk_token": END, "continuing_subword_prefix": "",
            "end_of_word_suffix": "</w>", "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
            "vocab": words, "merges": merges },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siglips_spelling_has_no_capitals_no_punctuation_and_single_spaces() {
        assert_eq!(canonical("  A Dog,\t(asleep)\u{1f}on\u{a0}it! ", true), "a dog asleep on it");
        assert_eq!(canonical("A-B", false), "AB");
        assert_eq!(canonical("ΟΔΟΣ", true), "οδος");
    }
}
