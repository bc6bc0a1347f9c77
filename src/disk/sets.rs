//! The folder of category sets that a person kept: one file a set, named after it.
//!
//! Promise: two different names never share a file, on no system, and what is taken away is set aside, not deleted.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::names::{MOST_NAME_BYTES, safe_name};

/// The names of the sets in `folder`, in the order of their letters. A folder that is not there holds none.
pub fn set_names(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| {
                format!("\"{}\" cannot be read. Make sure that it is a folder that may be opened.", folder.display())
            });
        }
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut names: Vec<String> = paths.filter_map(|path| name_of(&path)).collect();
    names.sort_by_key(|name| (name.to_lowercase(), name.clone()));
    names.dedup();
    Ok(names)
}

/// The file of the set of this name; the error says what is wrong with the name.
pub fn set_path(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let stem = safe_name(name);
    if stem.is_empty() {
        return Err("A set needs a name.".to_owned());
    }
    if stem.len() > MOST_NAME_BYTES {
        return Err("This name is too long for a file. Choose a shorter one.".to_owned());
    }
    Ok(folder.join(stem + ".toml"))
}

/// The first bytes of a file, at most `most_bytes`; `None` where there is no such file.
pub fn read_at_most(path: &Path, most_bytes: usize) -> Result<Option<Vec<u8>>> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(path)?.take(most_bytes as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if io::Error::kind(&error) == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("\"{}\" cannot be read.", path.display())),
    }
}

/// Takes a file out of the list by a longer name, in place of one that was set aside before.
pub fn set_aside(path: &Path) -> Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".removed");
    fs::rename(path, &aside).with_context(|| {
        format!("\"{}\" cannot be removed. Make sure that its folder may be written to.", path.display())
    })
}

/// Whether there is anything at `path`, also a link to nothing.
pub fn is_taken(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// `None` for a file that is no set.
fn name_of(path: &Path) -> Option<String> {
    let stem = path.file_name().and_then(OsStr::to_str)?.strip_suffix(".toml")?;
    if stem.is_empty() || stem.starts_with('.') || !path.is_file() {
        return None;
    }
    let mut parts = stem.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok())?);
        bytes.extend(part.get(2..)?.as_bytes());
    }
    let name = String::from_utf8(bytes).ok()?;
    // A file that somebody named by hand in another way could not be found again by its name.
    (safe_name(&name) == stem).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["Reise 2024", "写真", "a/b\\c:d", "..", "con", "LPT¹.old", "100 %", "%41", "tab\there", "é"];
        for name in names {
            let path = set_path(folder.path(), name).unwrap();
            assert_eq!(path.parent(), Some(folder.path()), "{name}");
            fs::write(&path, "").unwrap();
        }
        fs::write(folder.path().join("old.toml.removed"), "").unwrap();
        fs::write(folder.path().join(".hidden.toml"), "").unwrap();
        fs::create_dir(folder.path().join("folder.toml")).unwrap();
        let mut expected = names.map(str::to_owned).to_vec();
        expected.sort_by_key(|name| (name.to_lowercase(), name.clone()));
        assert_eq!(set_names(folder.path()).unwrap(), expected);
        assert_eq!(set_path(folder.path(), "con").unwrap().file_name(), Some(OsStr::new("%63on.toml")));
    }

    #[test]
    fn a_name_that_no_file_can_have_is_refused() {
        assert!(set_path(Path::new("sets"), "  ").unwrap_err().contains("needs a name"));
        assert!(set_path(Path::new("sets"), &"字".repeat(100)).unwrap_err().contains("too long"));
        assert_eq!(set_names(Path::new("no such folder")).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_is_set_aside_is_still_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = set_path(folder.path(), "Pets").unwrap();
        for text in ["first", "second"] {
            fs::write(&path, text).unwrap();
            set_aside(&path).unwrap();
        }
        assert!(!is_taken(&path));
        assert_eq!(fs::read_to_string(folder.path().join("Pets.toml.removed")).unwrap(), "second");
        assert_eq!(read_at_most(&folder.path().join("Pets.toml.removed"), 3).unwrap().as_deref(), Some(&b"sec"[..]));
        assert_eq!(read_at_most(&path, 3).unwrap(), None);
    }
}
