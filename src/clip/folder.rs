//! The files of a model folder and the family that they belong to. What is missing or unusable is an error that names the
//! file and says what to do.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

pub const CONFIG: &str = "config.json";
pub const TOKENIZER: &str = "tokenizer.json";
pub const OPEN_CLIP_CONFIG: &str = "open_clip_config.json";
const WEIGHTS: &str = "model.safetensors";
const SHARDS: &str = "model.safetensors.index.json";
const OPEN_CLIP_WEIGHTS: &str = "open_clip_model.safetensors";
const PREPROCESSOR: &str = "preprocessor_config.json";
/// Holds the preprocessor's settings too, in checkpoints written by newer versions of the reference.
const PROCESSOR: &str = "processor_config.json";
/// The two files of a byte-pair tokenizer from before there was `tokenizer.json`.
const VOCABULARY: &str = "vocab.json";
const MERGES: &str = "merges.txt";
/// Endings of files that PyTorch writes.
const PICKLES: [&str; 5] = ["bin", "pt", "pth", "ckpt", "th"];

/// A folder with a model's files.
pub struct ModelFolder {
    folder: PathBuf,
}

/// Whose files they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    HuggingFace,
    OpenClip,
}

/// A tokenizer as it lies in the folder.
pub enum TokenFiles {
    /// The text of `tokenizer.json`.
    Whole(String),
    /// The texts of `vocab.json` and `merges.txt`.
    Pair { vocabulary: String, merges: String },
}

impl ModelFolder {
    /// `path` is the folder, or a file inside.
    pub fn open(path: &Path) -> Result<ModelFolder> {
        let folder = if path.is_file() { path.parent().unwrap_or(path) } else { path };
        ensure!(
            folder.is_dir(),
            "There is no folder {}. Choose the folder that holds the model's {CONFIG}",
            folder.display()
        );
        Ok(ModelFolder { folder: folder.to_path_buf() })
    }

    /// HuggingFace's files win where both are complete, because they are what most programs read.
    pub fn layout(&self) -> Result<Layout> {
        let is_hugging_face = self.has(CONFIG) && (self.has(WEIGHTS) || self.has(SHARDS));
        let is_open_clip = self.has(OPEN_CLIP_CONFIG) && self.has(OPEN_CLIP_WEIGHTS);
        match (is_hugging_face, is_open_clip) {
            (true, _) => Ok(Layout::HuggingFace),
            (false, true) => Ok(Layout::OpenClip),
            // Which file is missing is said where it is needed.
            (false, false) if self.has(OPEN_CLIP_CONFIG) && !self.has(CONFIG) => Ok(Layout::OpenClip),
            (false, false) if self.has(CONFIG) => Ok(Layout::HuggingFace),
            (false, false) if self.has("modules.json") => bail!(
                "{} is a model of sentence-transformers. Choose a folder that holds a CLIP or SigLIP model itself",
                self.folder.display()
            ),
            (false, false) => Err(self.missing(CONFIG)),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Reads a text file of the model.
    pub fn read(&self, name: &str) -> Result<String> {
        let path = self.path(name);
        if !path.is_file() {
            return Err(self.missing(name));
        }
        fs::read_to_string(&path).with_context(|| format!("Could not read {}", path.display()))
    }

    /// Reads a file that need not be there, as JSON.
    pub fn read_optional(&self, name: &str) -> Result<Option<Value>> {
        if !self.has(name) {
            return Ok(None);
        }
        let unusable = || format!("{} cannot be used", self.path(name).display());
        Ok(Some(serde_json::from_str(&self.read(name)?).with_context(unusable)?))
    }

    /// The preprocessor's file by name.
    pub fn preprocessor(&self) -> Result<&'static str> {
        let found = [PREPROCESSOR, PROCESSOR].into_iter().find(|name| self.has(name));
        found.ok_or_else(|| self.missing(PREPROCESSOR))
    }

    /// `tokenizer.json`, else what it is made of, together with the name for messages.
    pub fn token_files(&self) -> Result<(&'static str, TokenFiles)> {
        if !self.has(TOKENIZER) && self.has(VOCABULARY) && self.has(MERGES) {
            let files = TokenFiles::Pair { vocabulary: self.read(VOCABULARY)?, merges: self.read(MERGES)? };
            return Ok((VOCABULARY, files));
        }
        Ok((TOKENIZER, TokenFiles::Whole(self.read(TOKENIZER)?)))
    }

    /// The files that hold the weights: one, or the parts that the index names.
    pub fn weights(&self, layout: Layout) -> Result<Vec<PathBuf>> {
        let whole = if layout == Layout::OpenClip { OPEN_CLIP_WEIGHTS } else { WEIGHTS };
        if self.has(whole) {
            return Ok(vec![self.path(whole)]);
        }
        if layout == Layout::HuggingFace && self.has(SHARDS) {
            return self.shards();
        }
        Err(self.missing(whole))
    }

    /// What people call the model: the folder's name. In HuggingFace's own cache, where folders are named by commits, it is
    /// the repository's name, or what the checkpoint calls itself.
    pub fn name(&self, own_name: Option<&str>) -> String {
        let path = fs::canonicalize(&self.folder).unwrap_or_else(|_| self.folder.clone());
        let folder = path.file_name().map_or_else(|| "Model".into(), |name| name.to_string_lossy().into_owned());
        let is_commit = folder.len() == 40 && folder.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_commit {
            return folder;
        }
        let own_name = own_name.filter(|name| !name.is_empty()).map(str::to_owned);
        repository(&path).or(own_name).unwrap_or(folder)
    }

    fn has(&self, name: &str) -> bool {
        self.folder.join(name).is_file()
    }

    fn shards(&self) -> Result<Vec<PathBuf>> {
        let index_path = self.path(SHARDS);
        let unusable = || format!("{} cannot be used. Download the file again", index_path.display());
        let index: Value = serde_json::from_str(&self.read(SHARDS)?).with_context(unusable)?;
        let map = index["weight_map"].as_object().context("it has no \"weight_map\"").with_context(unusable)?;
        let names: BTreeSet<&str> = map.values().filter_map(Value::as_str).collect();
        ensure!(!names.is_empty(), "{} names no file with weights", index_path.display());
        for name in &names {
            // An index comes from the network; it must not lead out of its folder.
            let is_plain = Path::new(name).file_name().is_some_and(|file| file == *name);
            ensure!(is_plain, "{} names \"{name}\", which is no file in its folder", index_path.display());
            if !self.has(name) {
                bail!(
                    "{} has no {name}, one of the {} parts of its weights. Download {name} from where the rest of the \
                     model came from",
                    self.folder.display(),
                    names.len()
                );
            }
        }
        Ok(names.into_iter().map(|name| self.path(name)).collect())
    }

    fn missing(&self, name: &str) -> anyhow::Error {
        anyhow::anyhow!("{} has no {name}. {}", self.folder.display(), self.advice(name))
    }

    fn advice(&self, missing: &str) -> String {
        let are_weights = [WEIGHTS, OPEN_CLIP_WEIGHTS, CONFIG].contains(&missing);
        if let Some(pickle) = self.pickle().filter(|_| are_weights) {
            return format!(
                "It has only {pickle}, which can run programs when it is opened; download the {} of the same model, or \
                 convert it with safetensors' convert.py",
                if missing == CONFIG { WEIGHTS } else { missing }
            );
        }
        format!("Download {missing} from where the rest of the model came from")
    }

    /// A file of PyTorch's own format.
    fn pickle(&self) -> Option<String> {
        let names = fs::read_dir(&self.folder).ok()?.flatten().map(|entry| entry.file_name());
        let mut names: Vec<String> = names.filter_map(|name| name.into_string().ok()).collect();
        names.sort();
        names.into_iter().find(|name| {
            let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
            extension.is_some_and(|extension| PICKLES.contains(&extension))
        })
    }
}

/// `google/siglip-base-patch16-224` of `models--google--siglip-base-patch16-224/snapshots/<commit>`.
fn repository(snapshot: &Path) -> Option<String> {
    let folder = snapshot.parent()?.parent()?.file_name()?.to_str()?;
    Some(folder.strip_prefix("models--")?.replace("--", "/"))
}
