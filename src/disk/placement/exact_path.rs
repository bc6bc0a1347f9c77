//! Paths in JSON that come back as they were, also those that are no text.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Text where it is text, else the system's own units: bytes, or UTF-16 on Windows.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Exact {
    Text(String),
    Units(Vec<u16>),
}

pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    exact(path).serialize(serializer)
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    Exact::deserialize(deserializer).map(path_of)
}

pub mod list {
    //! The same for several of them.

    use super::*;

    pub fn serialize<S: Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(paths.iter().map(|path| exact(path)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
        Ok(Vec::<Exact>::deserialize(deserializer)?.into_iter().map(path_of).collect())
    }
}

fn exact(path: &Path) -> Exact {
    match path.to_str() {
        Some(text) => Exact::Text(text.to_owned()),
        None => Exact::Units(units_of(path.as_os_str())),
    }
}

fn path_of(exact: Exact) -> PathBuf {
    match exact {
        Exact::Text(text) => text.into(),
        Exact::Units(units) => of_units(&units).into(),
    }
}

#[cfg(unix)]
fn units_of(name: &OsStr) -> Vec<u16> {
    use std::os::unix::ffi::OsStrExt;
    name.as_bytes().iter().map(|byte| u16::from(*byte)).collect()
}

#[cfg(unix)]
fn of_units(units: &[u16]) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(units.iter().map(|unit| *unit as u8).collect())
}

#[cfg(windows)]
fn units_of(name: &OsStr) -> Vec<u16> {
    use std::os::windows::ffi::OsStrExt;
    name.encode_wide().collect()
}

#[cfg(windows)]
fn of_units(units: &[u16]) -> OsString {
    use std::os::windows::ffi::OsStringExt;
    OsString::from_wide(units)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Kept(#[serde(with = "super")] PathBuf);

    #[test]
    fn a_name_that_is_no_text_comes_back_to_the_byte() {
        for path in [PathBuf::from("Ferien/Strand.jpg"), PathBuf::from(of_units(&[b'a'.into(), 0xff, 0xfe]))] {
            let json = serde_json::to_string(&Kept(path.clone())).unwrap();
            assert_eq!(serde_json::from_str::<Kept>(&json).unwrap(), Kept(path), "{json}");
        }
    }
}
