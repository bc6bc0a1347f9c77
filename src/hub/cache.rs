//! What HuggingFace's own programs fetched before: `models--<organisation>--<name>/refs/<revision>` names a commit, and
//! `snapshots/<commit>/` has its files, links to blobs that are named by their hash.

use std::fs;
use std::path::{Path, PathBuf};

use super::KnownModel;
use super::digest::Digest;

/// A model in the cache, with every file.
pub struct Cached {
    pub folder: PathBuf,
    pub commit: String,
}

/// The first cache that has every file of the model. Opens no connection.
pub fn find(caches: &[PathBuf], model: &KnownModel) -> Option<Cached> {
    caches.iter().find_map(|cache| {
        let repository = cache.join(format!("models--{}", model.repository.replace('/', "--")));
        let named = fs::read_to_string(repository.join("refs").join(&model.revision)).ok();
        let commit = named.map_or_else(|| model.revision.clone(), |commit| commit.trim().to_owned());
        let folder = repository.join("snapshots").join(&commit);
        let has = |file: &String| fs::metadata(folder.join(file)).is_ok_and(|found| found.is_file());
        model.files.iter().all(has).then_some(Cached { folder, commit })
    })
}

/// What the file's blob is named by, where the system keeps links.
pub fn expected(file: &Path) -> Option<Digest> {
    let blob = fs::canonicalize(file).ok()?;
    Digest::from_hex(blob.file_name()?.to_str()?)
}
