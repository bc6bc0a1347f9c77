//! From a sentence to SigLIP's token numbers, as HuggingFace's `SiglipTokenizer` (SigLIP) and `Siglip2Tokenizer` (SigLIP 2) make
//! them: without capitals, closed by the end token and filled up to the tower's length.

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use tokenizers::processors::template::TemplateProcessing;
use tokenizers::{
    ModelWrapper, NormalizerWrapper, PaddingDirection, PaddingParams, PaddingStrategy, Tokenizer,
    normalizers::{Lowercase, Sequence},
};

use super::charsmap::Charsmap;
use super::folder::TokenFiles;
use super::tokens::{Spelling, Tokens};

/// The files beside `tokenizer.json`; null where they are absent.
pub struct Settings {
    pub tokenizer: Value,
    pub special_tokens: Value,
}

/// `longest` is how many tokens every text gets, and `vocabulary` how many the network knows.
pub fn read(files: &TokenFiles, settings: &Settings, longest: usize, vocabulary: usize) -> Result<Tokens> {
    let TokenFiles::Whole(json) = files else { bail!("SigLIP needs a tokenizer.json") };
    let mut tokenizer = Tokenizer::from_bytes(json).map_err(|error| anyhow!(error))?;
    let is_lower = settings.tokenizer["do_lower_case"].as_bool().unwrap_or(true);
    let pad_name = pad_name(settings, &tokenizer)?;
    let pad_id = tokenizer.token_to_id(&pad_name).with_context(|| format!("it does not know \"{pad_name}\""))?;
    let spelling = match tokenizer.get_model() {
        ModelWrapper::Unigram(_) => {
            let table = Charsmap::of_tokenizer(&serde_json::from_str(json)?)?;
            if table.is_some() {
                // What it would do is done by then, and its punctuation rule would meet what the table has made.
                tokenizer.with_normalizer(None::<NormalizerWrapper>).map_err(|error| anyhow!(error))?;
            }
            Spelling::Canonical { is_lower, table }
        }
        _ => {
            close_as_configured(&mut tokenizer, &settings.tokenizer)?;
            if is_lower {
                lower(&mut tokenizer)?;
            }
            Spelling::AsWritten
        }
    };
    let padding = PaddingParams {
        strategy: PaddingStrategy::Fixed(longest),
        direction: direction(settings, &tokenizer),
        pad_id,
        pad_token: pad_name,
        ..PaddingParams::default()
    };
    Tokens::of_tokenizer(tokenizer, Some(padding), spelling, longest, vocabulary)
}

/// A token is a string, or an object that holds it.
fn content(token: &Value) -> Option<String> {
    token.as_str().or_else(|| token["content"].as_str()).map(str::to_owned)
}

fn pad_name(settings: &Settings, tokenizer: &Tokenizer) -> Result<String> {
    let files = [&settings.tokenizer["pad_token"], &settings.special_tokens["pad_token"]];
    let named = files.into_iter().find_map(content);
    let inside = || tokenizer.get_padding().map(|padding| padding.pad_token.clone());
    let usual = || ["<pad>", "</s>"].into_iter().find(|name| tokenizer.token_to_id(name).is_some()).map(str::to_owned);
    named.or_else(inside).or_else(usual).context("no file names a token to fill up texts with")
}

/// The class `Siglip2Tokenizer` fills up at the left if no file says otherwise.
fn direction(settings: &Settings, tokenizer: &Tokenizer) -> PaddingDirection {
    match settings.tokenizer["padding_side"].as_str() {
        Some("left") => PaddingDirection::Left,
        Some(_) => PaddingDirection::Right,
        None => tokenizer.get_padding().map_or(PaddingDirection::Right, |padding| padding.direction),
    }
}

/// Gemma's settings say which tokens open and close a text; where they do, they count, not the template.
fn close_as_configured(tokenizer: &mut Tokenizer, settings: &Value) -> Result<()> {
    let (opens, closes) = (settings["add_bos_token"].as_bool(), settings["add_eos_token"].as_bool());
    if opens.is_none() && closes.is_none() {
        return Ok(());
    }
    let mut template = Vec::new();
    let mut special = Vec::new();
    for (is_wanted, key, usual, is_before) in
        [(opens, "bos_token", "<bos>", true), (closes, "eos_token", "<eos>", false)]
    {
        if !is_before {
            template.push("$A".to_owned());
        }
        if is_wanted == Some(true) {
            let name = content(&settings[key]).unwrap_or_else(|| usual.to_owned());
            let id = tokenizer.token_to_id(&name).with_context(|| format!("it does not know \"{name}\""))?;
            template.push(name.clone());
            special.push((name, id));
        }
    }
    let template = TemplateProcessing::builder()
        .try_single(template)
        .map_err(|error| anyhow!(error))?
        .special_tokens(special)
        .build()
        .map_err(|error| anyhow!(error.to_string()))?;
    tokenizer.with_post_processor(Some(template));
    Ok(())
}

/// SigLIP 2 was trained on texts without capitals; its `tokenizer.json` is Gemma's and keeps them.
fn lower(tokenizer: &mut Tokenizer) -> Result<()> {
    let mut steps: Vec<NormalizerWrapper> = vec![Lowercase.into()];
    steps.extend(tokenizer.get_normalizer().cloned());
    tokenizer.with_normalizer(Some(Sequence::new(steps))).map_err(|error| anyhow!(error))?;
    Ok(())
}
