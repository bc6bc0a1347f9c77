//! Tokens equal those of HuggingFace's own classes on 200 prompts in fifteen scripts, with emoji, odd spaces, control
//! characters and texts that are too long. `tests/parity/make_tokens.py` wrote what is compared with.

use std::fmt::Write;

use serde_json::Value;

use super::folder::TokenFiles;
use super::siglip_tokens::{self, Settings};
use super::tokens::Tokens;

const CLIP: &str = include_str!("../../tests/fixtures/clip-tokenizer/tokenizer.json");
const SIGLIP: &str = include_str!("../../tests/fixtures/siglip-tokenizer/tokenizer.json");
const SIGLIP_CONFIG: &str = include_str!("../../tests/fixtures/siglip-tokenizer/tokenizer_config.json");
const SIGLIP2: &str = include_str!("../../tests/fixtures/siglip2-tokenizer/tokenizer.json");
const SIGLIP2_CONFIG: &str = include_str!("../../tests/fixtures/siglip2-tokenizer/tokenizer_config.json");

fn siglip(tokenizer: &str, config: &str) -> Tokens {
    let settings = Settings { tokenizer: serde_json::from_str(config).unwrap(), special_tokens: Value::Null };
    siglip_tokens::read(&TokenFiles::Whole(tokenizer.to_owned()), &settings, 64, 100_000).unwrap()
}

/// `pad` and `length` where the family fills up its texts; the reference's ids are kept without the padding.
fn check(tokens: &Tokens, family: &str, padding: Option<(u32, usize)>) {
    let goldens: Value = serde_json::from_str(include_str!("../../tests/parity/tokens.json")).unwrap();
    let prompts: Vec<String> = serde_json::from_value(goldens["prompts"].clone()).unwrap();
    let wanted: Vec<Vec<u32>> = serde_json::from_value(goldens[family].clone()).unwrap();
    assert_eq!((prompts.len(), wanted.len()), (200, 200));
    let mut different = String::new();
    for (prompt, mut wanted) in prompts.iter().zip(wanted) {
        if let Some((pad, length)) = padding {
            wanted.resize(length, pad);
        }
        let found = tokens.of(prompt).unwrap();
        if found != wanted {
            writeln!(different, "{prompt:?}\n  {found:?}\n  {wanted:?}").unwrap();
        }
    }
    assert!(different.is_empty(), "{family} differs:\n{different}");
}

#[test]
fn clips_tokens_equal_the_reference() {
    check(&Tokens::read(CLIP.as_bytes(), 77, 49408).unwrap(), "clip", None);
}

#[test]
fn clips_older_tokenizer_files_give_the_same_tokens() {
    let file: Value = serde_json::from_str(CLIP).unwrap();
    let merges: Vec<String> = serde_json::from_value(file["model"]["merges"].clone()).unwrap();
    let files = TokenFiles::Pair {
        vocabulary: file["model"]["vocab"].to_string(),
        merges: format!("#version: 0.2\n{}\n", merges.join("\n")),
    };
    check(&Tokens::read_files(&files, 77, 49408).unwrap(), "clip", None);
}

#[test]
fn siglips_tokens_equal_the_reference() {
    check(&siglip(SIGLIP, SIGLIP_CONFIG), "siglip", Some((1, 64)));
}

#[test]
fn siglip_2s_tokens_equal_the_reference() {
    check(&siglip(SIGLIP2, SIGLIP2_CONFIG), "siglip2", Some((0, 64)));
}
