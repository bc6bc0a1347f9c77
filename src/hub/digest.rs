//! Hashes of files: SHA-256, and git's own for the small files that the hub keeps in git.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use super::{Go, Trouble};

/// Bytes read or written between two looks at whether to go on.
pub const CHUNK_BYTES: usize = 1 << 18;

/// Bytes written between two flushes: the last one would take long, and nobody could stop it.
pub const FLUSH_BYTES: u64 = 64 << 20;

/// What a file should hash to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Digest {
    Sha256(String),
    /// SHA-1 over "blob", the length and the bytes: <https://git-scm.com/book/en/v2/Git-Internals-Git-Objects>.
    GitBlob(String),
}

/// What a file hashes to.
pub struct Digests {
    pub size_bytes: u64,
    pub sha256: String,
    /// Whether it is what was expected, if anything was.
    pub is_expected: bool,
}

impl Digest {
    /// Told apart by length; `None` for a tag that is no hash.
    pub fn from_hex(hex: &str) -> Option<Digest> {
        let is_hex = hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match hex.len() {
            64 if is_hex => Some(Digest::Sha256(hex.to_owned())),
            40 if is_hex => Some(Digest::GitBlob(hex.to_owned())),
            _ => None,
        }
    }
}

/// Reads a file from the disk and hashes it; `watch` hears how many bytes are done.
pub fn of_file(path: &Path, expected: Option<&Digest>, watch: &mut dyn FnMut(u64) -> Go) -> Result<Digests, Trouble> {
    let trouble = |error| Trouble::of_file("Could not read", path, &error);
    let mut file = File::open(path).map_err(trouble)?;
    let size_bytes = file.metadata().map_err(trouble)?.len();
    let mut sha256 = Context::new(&SHA256);
    // The older hash is slow, and needed for small files only.
    let mut git_blob = matches!(expected, Some(Digest::GitBlob(_))).then(|| Context::new(&SHA1_FOR_LEGACY_USE_ONLY));
    git_blob.iter_mut().for_each(|hash| hash.update(format!("blob {size_bytes}\0").as_bytes()));
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut done_bytes = 0;
    loop {
        let count = file.read(&mut chunk).map_err(trouble)?;
        if count == 0 {
            break;
        }
        sha256.update(&chunk[..count]);
        git_blob.iter_mut().for_each(|hash| hash.update(&chunk[..count]));
        done_bytes += count as u64;
        watch(done_bytes).or_stop()?;
    }
    let (sha256, git_blob) = (hex(sha256), git_blob.map(hex));
    let is_expected = match expected {
        None => true,
        Some(Digest::Sha256(expected)) => *expected == sha256,
        Some(Digest::GitBlob(expected)) => git_blob.is_some_and(|found| *expected == found),
    };
    Ok(Digests { size_bytes: done_bytes, sha256, is_expected })
}

fn hex(context: Context) -> String {
    context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_sha256sum_and_git() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hello");
        std::fs::write(&path, "hello\n").unwrap();
        let sha256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
        let wrong = "0".repeat(64);
        for (hex, is_expected) in
            [(sha256, true), ("ce013625030ba8dba906f756967f9e9ca394464a", true), (&wrong, false), (&wrong[..40], false)]
        {
            let digests = of_file(&path, Digest::from_hex(hex).as_ref(), &mut |_| Go::On).unwrap();
            assert_eq!((digests.sha256.as_str(), digests.is_expected), (sha256, is_expected), "{hex}");
        }
        assert_eq!(Digest::from_hex("hello"), None);
    }
}
