//! `tagroll embed`: unit vectors, for parity checks and scripts.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use serde::Serialize;

use super::driver::{Driver, Unreadable};
use super::{Common, output};
use crate::catalog::{Category, CategoryId};
use crate::engine::{Command, Model, Session};

#[derive(Debug, Args)]
pub struct Embed {
    /// A text; may be given several times
    #[arg(long = "text", value_name = "TEXT", conflicts_with = "files", value_parser = written)]
    texts: Vec<String>,

    /// Photos, or folders of photos
    #[arg(value_name = "FILE", required_unless_present = "texts")]
    files: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Embeddings {
    model: String,
    embeddings: Vec<Named>,
    unreadable: Vec<Unreadable>,
}

#[derive(Serialize)]
struct Named {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<PathBuf>,
    vector: Vec<f32>,
}

impl Embed {
    pub fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let has_files = !self.files.is_empty();
        let mut driver = Driver::open(common, &self.files)?;
        driver.apply(Command::SetCategories(self.texts.iter().map(|text| verbatim(text)).collect()));
        if !driver.finish()? {
            return Ok(ExitCode::FAILURE);
        }
        let session = driver.session();
        let embeddings = if has_files { of_photos(session) } else { of_texts(session, &self.texts)? };
        let model = match session.model() {
            Model::Ready(card) => card.id.0.clone(),
            _ => String::new(),
        };
        if has_files {
            driver.require_photos()?;
        }
        let all = Embeddings { model, embeddings, unreadable: driver.unreadable() };
        if common.json {
            output::print_json(&all)?;
        } else {
            output::print(&lines(&all.embeddings))?;
            all.unreadable.iter().for_each(|u| output::say(&format!("{}: {}", u.path.display(), u.reason)));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn written(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err("the text is empty".to_owned()) } else { Ok(text.to_owned()) }
}

/// A category whose only prompt is this text, braces and all: its name puts them back where a template would fill them.
fn verbatim(text: &str) -> Category {
    Category { prompts: vec![text.into()], ..Category::named(CategoryId(0), "{}") }
}

fn of_texts(session: &Session, texts: &[String]) -> anyhow::Result<Vec<Named>> {
    let embed = |text: &String| {
        let embedding = session.embedding_of_text(text).unwrap_or(Err("it was not encoded"));
        let embedding = embedding.map_err(|reason| anyhow!("Could not encode \"{text}\": {reason}"))?;
        Ok(Named { text: Some(text.clone()), path: None, vector: embedding.as_slice().to_vec() })
    };
    texts.iter().map(embed).collect()
}

fn of_photos(session: &Session) -> Vec<Named> {
    let library = session.library();
    let photos = library.folder_order().iter().map(|id| library.photo(*id));
    let embed = |photo: &crate::catalog::Photo| {
        let vector = library.vectors().get(photo.content.row())?.to_vec();
        Some(Named { text: None, path: Some(photo.file.path.to_path_buf()), vector })
    };
    photos.filter_map(embed).collect()
}

/// One line each: the name, a tab, and the numbers.
fn lines(embeddings: &[Named]) -> String {
    let mut text = String::new();
    for Named { text: sentence, path, vector } in embeddings {
        let path = path.as_ref().map(|path| path.display().to_string());
        let numbers: Vec<String> = vector.iter().map(|number| format!("{number:.6}")).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}\t{}", sentence.clone().or(path).unwrap_or_default(), numbers.join(" "));
    }
    text
}
