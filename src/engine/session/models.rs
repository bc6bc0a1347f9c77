//! Which models there are, which are on their way, and how fast each is here.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Session;
use crate::clip::Device;
use crate::engine::choice::{ModelChoice, ModelRequest};
use crate::engine::command::Command;
use crate::engine::event::Event;
use crate::engine::saved::Saved;
use crate::engine::wish::{Model, ModelsWish};
use crate::hub::{self, Installed, KnownModel, Progress};

/// What the person can choose from.
#[derive(Clone, Debug, Default)]
pub struct Models {
    pub(super) installed: Vec<Installed>,
    pub(super) downloads: BTreeMap<String, Download>,
    pub(super) adding: Vec<PathBuf>,
    pub(super) removing: Vec<String>,
    pub(super) discarding: Vec<String>,
    pub(super) devices: Vec<Device>,
    pub(super) folder: PathBuf,
    pub(super) hub_host: String,
    pub(super) speeds: BTreeMap<ModelRequest, f32>,
    pub(super) packaged: Option<String>,
}

/// A download that was asked for and is not complete.
#[derive(Clone, Debug, PartialEq)]
pub enum Download {
    /// `progress` is `None` until the first byte.
    Running {
        progress: Option<Progress>,
        bytes_per_second: Option<f64>,
    },
    Paused(Option<Progress>),
    /// What is there stays, for another try.
    Failed(String),
}

impl Models {
    pub(super) fn remembered(saved: &Saved) -> Models {
        Models { speeds: saved.speeds.iter().cloned().collect(), ..Models::default() }
    }

    pub(super) fn wish(&self) -> ModelsWish {
        let is_running = |download: &Download| matches!(download, Download::Running { .. });
        let running = self.downloads.iter().filter(|(_, download)| is_running(download));
        ModelsWish {
            downloads: running.map(|(id, _)| id.clone()).collect(),
            discards: self.discarding.clone(),
            adds: self.adding.clone(),
            removals: self.removing.clone(),
        }
    }

    /// The table of models that Tagroll knows by name.
    pub fn known(&self) -> &'static [KnownModel] {
        hub::known_models()
    }

    /// Sorted by name.
    pub fn installed(&self) -> &[Installed] {
        &self.installed
    }

    pub fn is_installed(&self, id: &str) -> bool {
        self.installed.iter().any(|model| model.id == id)
    }

    pub fn download(&self, id: &str) -> Option<&Download> {
        self.downloads.get(id)
    }

    /// Those that were asked for, by the model's id.
    pub fn downloads(&self) -> impl Iterator<Item = (&str, &Download)> {
        self.downloads.iter().map(|(id, download)| (id.as_str(), download))
    }

    /// Folders that are being copied into the models folder.
    pub fn adding(&self) -> &[PathBuf] {
        &self.adding
    }

    /// The CPU and each graphics processor that was found; empty until the engine has looked.
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// The host that models are fetched from; empty until the engine has looked.
    pub fn hub_host(&self) -> &str {
        &self.hub_host
    }

    /// Where installed models lie.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// The id of the model that stands in for the starter model, because the program was packaged with it.
    pub fn packaged(&self) -> Option<&str> {
        self.packaged.as_deref()
    }

    /// Photos a second that the network alone managed in its trial on this computer.
    pub fn speed(&self, request: &ModelRequest) -> Option<f32> {
        self.speeds.get(request).copied()
    }
}

/// A change to another model that is under way: the old one still sorts what is on screen.
#[derive(Clone, Debug)]
pub struct Switch<'a> {
    pub to: &'a ModelRequest,
    pub model: &'a Model,
    /// Photos that the new model has seen, of those that are to be seen before it takes over.
    pub done: usize,
    pub of: usize,
}

impl Session {
    pub fn models(&self) -> &Models {
        &self.models
    }

    /// Says with which model the program was packaged.
    pub fn come_with(&mut self, packaged: Option<String>) {
        self.models.packaged = packaged;
    }

    /// The model and device in use, or being opened where none is.
    pub fn request(&self) -> &ModelRequest {
        &self.request
    }

    /// What somebody who has only the starter model should try.
    pub fn recommendation(&self) -> Option<&'static KnownModel> {
        let is_starter = self.request.choice == ModelChoice::Starter && self.models.packaged.is_none();
        let has_better = !is_starter || !self.models.installed.is_empty();
        let is_busy = !self.models.downloads.is_empty() || !self.models.adding.is_empty();
        let is_wanted = !self.is_recommendation_dismissed && !has_better && !is_busy && self.switch().is_none();
        is_wanted.then(hub::recommended)
    }

    pub(super) fn apply_to_models(&mut self, command: Command) {
        match command {
            Command::UseModel(choice) => self.request_model(ModelRequest { choice, ..self.wanted_request().clone() }),
            Command::UsePrecision(precision) => {
                self.request_model(ModelRequest { precision, ..self.wanted_request().clone() });
            }
            Command::UseDevice(device) => self.request_model(ModelRequest { device, ..self.wanted_request().clone() }),
            Command::KeepModel => self.abandon_switch(),
            Command::Download(id) => {
                let progress = match self.models.downloads.remove(&id) {
                    Some(Download::Running { progress, .. } | Download::Paused(progress)) => progress,
                    _ => None,
                };
                self.models.discarding.retain(|other| *other != id);
                self.models.downloads.insert(id, Download::Running { progress, bytes_per_second: None });
            }
            Command::PauseDownload(id) => {
                if let Some(download) = self.models.downloads.get_mut(&id)
                    && let Download::Running { progress, .. } = download
                {
                    *download = Download::Paused(progress.take());
                }
            }
            Command::CancelDownload(id) => {
                if self.models.downloads.remove(&id).is_some() {
                    self.models.discarding.push(id);
                }
            }
            Command::AddModel(path) => {
                if !self.models.adding.contains(&path) {
                    self.models.adding.push(path);
                }
            }
            Command::RemoveModel(id) => self.remove_model(id),
            Command::DismissRecommendation => self.is_recommendation_dismissed = true,
            other => unreachable!("{other:?} is not about models; `apply` handles it"),
        }
    }

    pub(super) fn absorb_models(&mut self, event: Event) {
        match event {
            Event::Installed { folder, models } => self.absorb_installed(folder, models),
            Event::Devices(devices) => self.models.devices = devices,
            Event::HubHost(host) => self.models.hub_host = host,
            Event::Downloading { id, progress, bytes_per_second } => match self.models.downloads.get_mut(&id) {
                Some(Download::Paused(known)) => *known = Some(progress),
                Some(download) => *download = Download::Running { progress: Some(progress), bytes_per_second },
                // It was cancelled meanwhile.
                None => {}
            },
            Event::DownloadFailed { id, reason } => {
                if let Some(download) = self.models.downloads.get_mut(&id) {
                    *download = Download::Failed(reason);
                }
            }
            Event::Discarded(id) => self.models.discarding.retain(|other| *other != id),
            Event::Added { from, outcome } => {
                self.models.adding.retain(|path| *path != from);
                match outcome {
                    Ok(model) => self.use_installed(model.id),
                    Err(reason) => self.notice(reason),
                }
            }
            Event::NotRemoved { id, reason } => {
                self.models.removing.retain(|other| *other != id);
                self.notice(reason);
            }
            Event::Trial { request, photos_per_second } => {
                self.models.speeds.insert(request, photos_per_second);
            }
            other => unreachable!("{other:?} is not about models; `absorb` handles it"),
        }
    }

    /// A model takes over from the starter model as soon as it is there, but from none that somebody chose.
    fn absorb_installed(&mut self, folder: PathBuf, models: Vec<Installed>) {
        self.models.folder = folder;
        self.models.installed = models;
        let fetched: Vec<String> =
            self.models.downloads.keys().filter(|id| self.models.is_installed(id)).cloned().collect();
        for id in fetched {
            self.models.downloads.remove(&id);
            self.use_installed(id);
        }
        let models = &mut self.models;
        models.removing.retain(|id| models.installed.iter().any(|model| model.id == *id));
    }

    fn use_installed(&mut self, id: String) {
        let ModelRequest { choice, device, precision } = self.wanted_request().clone();
        if choice == ModelChoice::Starter {
            self.request_model(ModelRequest { choice: ModelChoice::Installed(id), device, precision });
        }
    }

    /// A model that is in use cannot be taken away under the photos that it sorts: the starter model takes over.
    fn remove_model(&mut self, id: String) {
        let removed = ModelChoice::Installed(id.clone());
        if self.next.as_ref().is_some_and(|next| next.request.choice == removed) {
            self.abandon_switch();
        }
        if self.request.choice == removed {
            self.request_model(ModelRequest { choice: ModelChoice::Starter, ..self.request.clone() });
        }
        if !self.models.removing.contains(&id) {
            self.models.removing.push(id);
        }
    }
}
