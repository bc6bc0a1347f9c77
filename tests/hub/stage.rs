//! A models folder, a model and a hub to fetch it from.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tagroll::hub::{self, Go, Hub, Installed, KnownModel, Patience, Progress, Proxies, Stop, Trouble};
use tempfile::TempDir;

use super::server::{Files, Reply, Request, Server};

pub const WEIGHTS: &str = "model.safetensors";

/// Bytes that differ from each other, so that a shift shows.
pub fn noise(count: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..count).map(|_| next()).collect()
}

pub fn files(weights: usize) -> Files {
    Files::new(&[
        ("config.json", b"{\"model_type\": \"clip\"}".to_vec()),
        (WEIGHTS, noise(weights, 1)),
        ("tokenizer.json", noise(500, 2)),
    ])
}

pub fn model(files: &Files) -> KnownModel {
    KnownModel {
        id: "test-model".into(),
        name: "Test model".into(),
        family: "CLIP".into(),
        repository: "org/name".into(),
        revision: "main".into(),
        files: files.names(),
        parameters_millions: 1.0,
        download_bytes: 1000,
        embed_dim: 4,
        image_px: 8,
        gflops: 0.1,
        languages: "English".into(),
        top1: None,
        top1_source: String::new(),
        licence: "MIT".into(),
        is_recommended: false,
        is_offered: true,
        note: String::new(),
    }
}

/// Waits for a silent server and pauses between tries are short; everything else may take as long as it takes.
pub fn patience() -> Patience {
    Patience {
        connect: Duration::from_secs(60),
        quiet: Duration::from_secs(60),
        least_bytes: 1,
        tries: 4,
        fresh_bytes: u64::MAX,
        first_pause: Duration::from_millis(1),
        longest_pause: Duration::from_secs(60),
    }
}

pub fn hub(endpoint: &str) -> Hub {
    let (endpoint, token) = (endpoint.to_owned(), Some("hf_secret".to_owned()));
    let proxies = Proxies::default();
    Hub { endpoint, token, caches: Vec::new(), proxies, authorities: None, patience: patience(), stop: Stop::default() }
}

/// A hub with these files, of which `fault` may answer otherwise.
pub struct Stage {
    pub folder: TempDir,
    pub files: Files,
    pub model: KnownModel,
    pub hub: Hub,
    pub server: Server,
}

impl Stage {
    pub fn new(files: Files, fault: impl Fn(&Request, Reply) -> Reply + Send + Sync + 'static) -> Stage {
        let held = files.clone();
        let server = Server::start(move |request| fault(request, held.reply(request)));
        let (folder, model, hub) = (tempfile::tempdir().unwrap(), model(&files), hub(&server.url()));
        Stage { folder, files, model, hub, server }
    }

    pub fn models(&self) -> PathBuf {
        self.folder.path().join("models")
    }

    pub fn pull(&self) -> Result<Installed, Trouble> {
        self.pull_telling(&mut |_| Go::On)
    }

    pub fn pull_telling(&self, tell: &mut dyn FnMut(Progress) -> Go) -> Result<Installed, Trouble> {
        hub::pull(&self.models(), &self.model, &self.hub, tell)
    }

    /// Pulls until the model has so many bytes, and stops there.
    pub fn pull_until(&self, bytes: u64) {
        let mut stop = |progress: Progress| if progress.done_bytes >= bytes { Go::Stop } else { Go::On };
        assert_eq!(self.pull_telling(&mut stop), Err(Trouble::Stopped));
        assert_eq!(hub::installed(&self.models()), []);
    }

    /// The pull must end with the right files.
    pub fn check_arrives(&self) {
        let installed = self.pull().unwrap();
        self.check_installed(&installed);
    }

    pub fn check_installed(&self, installed: &Installed) {
        assert_eq!(hub::installed(&self.models()), std::slice::from_ref(installed));
        for name in self.files.names() {
            assert!(fs::read(installed.folder.join(&name)).unwrap() == self.files.bytes(&name), "{name} is wrong");
        }
        assert_eq!(hub::verify(&self.models(), &installed.id, &mut |_| Go::On), Ok(vec![]));
        assert_eq!(visible(&self.models()), ["test-model"]);
        assert!(!self.models().join(".partial-test-model").exists(), "what is done is not partial");
    }

    /// The pull must end with these words, and without a model.
    pub fn check_fails(&self, words: &[&str]) {
        let Err(Trouble::Failed(said)) = self.pull() else { panic!("it did not fail") };
        for word in words {
            assert!(said.contains(word), "\"{said}\" lacks \"{word}\"");
        }
        assert_eq!(hub::installed(&self.models()), []);
        assert_eq!(visible(&self.models()), Vec::<String>::new());
    }
}

/// What a person sees in the models folder.
pub fn visible(models: &Path) -> Vec<String> {
    let entries = fs::read_dir(models).into_iter().flatten();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names
}

pub fn healthy(_: &Request, reply: Reply) -> Reply {
    reply
}

/// A hub that answers the first `times` questions for the weights in another way.
pub fn failing(times: usize, fault: impl Fn(Reply) -> Reply + Send + Sync + 'static) -> Stage {
    Stage::new(
        files(2000),
        move |request, reply| {
            if request.is("GET", WEIGHTS) && request.before < times { fault(reply) } else { reply }
        },
    )
}
