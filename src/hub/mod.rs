//! The models that one can have: which there are, how they come here, and the folder of those that are installed.
//!
//! | Module | What it does |
//! |-|-|
//! | `table` | the models that Tagroll knows by name |
//! | `folder` | the models folder: what is installed, removing, checking |
//! | `traces` | everything that Tagroll put into it, and taking that away |
//! | `add` | copies a model that is on this computer already |
//! | `pull` | downloads a model, or takes it from the hub's own cache |
//! | `settings`, `remote`, `fetch`, `cache` | where the hub is; what it has; one file from it; what other programs fetched |
//! | `meter` | counts bytes and asks the listener whether to go on |
//! | `http`, `wire`, `address`, `pause` | one question to a server; waiting that can be stopped |
//! | `digest`, `room` | hashes of files; space on the disk |
//!
//! Promise: a model is in its place only when every byte was written, checked and flushed; whatever happens before,
//! what is in the models folder stays as it was. Everything here blocks, and ends within about a second of [`Stop::stop`]
//! (two seconds while a host is being reached; the look-up of its name cannot be cut short, only bounded). [`Go::Stop`] is
//! heard as soon as the listener is asked, which it is not while a server is silent. Only [`pull`] opens a connection.

mod add;
mod address;
mod cache;
mod digest;
mod fetch;
mod folder;
mod http;
mod meter;
mod pause;
mod pull;
mod remote;
mod room;
mod settings;
mod table;
mod traces;
mod wire;

use std::io;
use std::path::{Path, PathBuf};

pub use add::add;
pub use folder::{discard, installed, partial_bytes, remove, verify};
pub use pull::pull;
pub use settings::{Hub, Patience, Proxies, Stop};
pub use table::{KnownModel, known, known_models, recommended};
pub use traces::{forget, traces};

/// A model in the models folder: `<models>/<id>/` with its files and `tagroll-model.json`, the record of where it came
/// from and of each file's size and SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    pub id: String,
    pub name: String,
    pub folder: PathBuf,
    pub size_bytes: u64,
}

/// How far a download or a copy is, over all files of the model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub file: String,
    pub done_bytes: u64,
    pub total_bytes: u64,
}

/// What a listener to [`Progress`] wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    On,
    /// Ends the work with [`Trouble::Stopped`].
    Stop,
}

/// Why a model did not come, or did not go.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("Stopped before it was done.")]
    Stopped,
    /// In words for the person who asked.
    #[error("{0}")]
    Failed(String),
}

/// A file of an installed model that is not as it was when it was installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub file: String,
    /// What is wrong with it, as the rest of a sentence that begins with the file's name.
    pub what: String,
}

impl Trouble {
    /// `what` begins the sentence: "Could not write".
    fn of_file(what: &str, path: &Path, error: &io::Error) -> Trouble {
        let path = path.display();
        Trouble::Failed(match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                format!("{what} {path}: the disk is full. Free some room, then try again.")
            }
            io::ErrorKind::PermissionDenied => {
                format!("{what} {path}: your account may not do that there.")
            }
            _ => format!("{what} {path}: {error}."),
        })
    }
}

impl Go {
    fn or_stop(self) -> Result<(), Trouble> {
        if self == Go::Stop { Err(Trouble::Stopped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_with_what_to_do() {
        for (kind, words) in [
            (io::ErrorKind::StorageFull, "the disk is full. Free some room"),
            (io::ErrorKind::QuotaExceeded, "the disk is full. Free some room"),
            (io::ErrorKind::PermissionDenied, "your account may not"),
        ] {
            let said = Trouble::of_file("Could not write", Path::new("models/a"), &kind.into()).to_string();
            assert!(said.starts_with("Could not write models/a: ") && said.contains(words), "{said}");
        }
    }
}
