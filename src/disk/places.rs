//! Where Tagroll keeps what it makes: one folder for the store, the session and the models.
//!
//! Promise: naming a place creates nothing and reads nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use directories::ProjectDirs;

/// The folder that holds everything Tagroll writes for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    data_dir: PathBuf,
}

impl Places {
    /// The folder that the platform gives to programs: `~/.local/share/tagroll` on Linux, `~/Library/Application
    /// Support/tagroll` on macOS, `%LOCALAPPDATA%\tagroll\data` on Windows.
    pub fn of_platform() -> Result<Places> {
        let project = ProjectDirs::from("", "", "tagroll")
            .context("This account has no home folder to keep the store in. Name a folder with --data-dir.")?;
        // On Windows the roaming folder would be copied over the network at every log-in, with all thumbnails in it.
        Ok(Places::at(project.data_local_dir().to_path_buf()))
    }

    /// A folder that the person named.
    pub fn at(data_dir: PathBuf) -> Places {
        Places { data_dir }
    }

    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The database of thumbnails and embeddings.
    pub fn store(&self) -> PathBuf {
        self.data_dir.join("tagroll.db")
    }

    /// What the window remembers from one start to the next.
    pub fn session(&self) -> PathBuf {
        self.data_dir.join("session.json")
    }

    /// The category sets that the person kept.
    pub fn sets(&self) -> PathBuf {
        self.data_dir.join("sets")
    }

    /// What is needed to undo what was written: one folder a job.
    pub fn exports(&self) -> PathBuf {
        self.data_dir.join("exports")
    }

    /// Reports of crashes, and the marks of programs that run.
    pub fn crashes(&self) -> PathBuf {
        self.data_dir.join("crashes")
    }

    /// One folder a model.
    pub fn models(&self) -> PathBuf {
        self.data_dir.join("models")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_folder_holds_everything() {
        let places = Places::at(PathBuf::from("photos-data"));
        let small = [places.store(), places.session(), places.sets()];
        for place in small.into_iter().chain([places.exports(), places.crashes(), places.models()]) {
            assert!(place.starts_with("photos-data"));
        }
    }
}
