//! Which sidecars belong to a photo, and what they are called where the photo is called otherwise.
//!
//! Promise: a sidecar that two photos share goes with neither, so that the one that stays does not lose it; unless one
//! of them is raw, because `photo.xmp` is then the raw file's.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

/// Pictures that may lie beside a photo under the same stem, whether or not Tagroll can show them.
const PICTURES: [&str; 18] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "tif", "tiff", "bmp", "heic", "heif", "avif", "jxl", "jp2",
    "psd", "psb", "tga",
];
const RAW: [&str; 26] = [
    "3fr", "arw", "cr2", "cr3", "crw", "dcr", "dng", "erf", "fff", "iiq", "kdc", "mef", "mos", "mrw", "nef", "nrw",
    "orf", "pef", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw", "x3f",
];

/// Remembers the names in the folders that it looked into.
#[derive(Default)]
pub struct SidecarFinder {
    folders: HashMap<PathBuf, Stems>,
}

/// The files of a folder, by what stands before their extension.
type Stems = HashMap<OsString, Vec<OsString>>;

impl SidecarFinder {
    /// Regular files only: a link or a folder of such a name stays where it is.
    pub fn of(&mut self, photo: &Path) -> Vec<PathBuf> {
        let (Some(folder), Some(name), Some(stem)) = (photo.parent(), photo.file_name(), photo.file_stem()) else {
            return Vec::new();
        };
        let stems = self.folders.entry(folder.to_path_buf()).or_insert_with(|| stems_of(folder));
        let beside = |stem: &OsStr| stems.get(stem).map_or(&[][..], Vec::as_slice).iter();
        let mut sidecars: Vec<&OsString> = beside(name).filter(|name| is_sidecar(name)).collect();
        if is_owner(name, beside(stem)) {
            sidecars.extend(beside(stem).filter(|name| is_sidecar(name)));
        }
        let paths = sidecars.into_iter().map(|name| folder.join(name));
        paths.filter(|path| fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())).collect()
    }
}

/// What the sidecar of `photo` is called beside `renamed`.
pub fn renamed(sidecar: &OsStr, photo: &OsStr, renamed: &OsStr) -> OsString {
    let is_whole = Path::new(sidecar).file_stem() == Some(photo);
    let stem = if is_whole { renamed } else { Path::new(renamed).file_stem().unwrap_or(renamed) };
    let mut name = stem.to_owned();
    name.push(".");
    name.push(Path::new(sidecar).extension().unwrap_or(OsStr::new("xmp")));
    name
}

/// A folder that cannot be read has no sidecars that could be taken along.
fn stems_of(folder: &Path) -> Stems {
    let mut stems = Stems::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if let Some(stem) = Path::new(&name).file_stem() {
            stems.entry(stem.to_owned()).or_default().push(name);
        }
    }
    stems.values_mut().for_each(|names| names.sort());
    stems
}

/// Whether `photo.xmp` is this photo's, given all files of that stem.
fn is_owner<'a>(photo: &OsStr, beside: impl Iterator<Item = &'a OsString>) -> bool {
    let pictures: Vec<&OsString> = beside.filter(|name| has_extension(name, &PICTURES) || is_raw(name)).collect();
    let others = pictures.iter().filter(|name| name.as_os_str() != photo);
    others.clone().count() == 0 || (is_raw(photo) && !others.clone().any(|name| is_raw(name)))
}

fn is_raw(name: &OsStr) -> bool {
    has_extension(name, &RAW)
}

fn is_sidecar(name: &OsStr) -> bool {
    has_extension(name, &["xmp"])
}

fn has_extension(name: &OsStr, extensions: &[&str]) -> bool {
    Path::new(name).extension().is_some_and(|found| extensions.iter().any(|known| found.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[&str], photo: &str, expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|name| fs::write(folder.path().join(name), name).unwrap());
        let found = SidecarFinder::default().of(&folder.path().join(photo));
        let names: Vec<&str> = found.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, expected, "{photo} among {files:?}");
    }

    #[test]
    fn both_names_of_a_sidecar_are_found() {
        check(&["a.jpg", "a.jpg.xmp", "a.XMP", "a.mov", "b.xmp"], "a.jpg", &["a.jpg.xmp", "a.XMP"]);
        check(&["a.jpg"], "a.jpg", &[]);
    }

    #[test]
    fn a_shared_sidecar_goes_with_the_raw_file_or_with_nobody() {
        check(&["a.jpg", "a.png", "a.xmp", "a.png.xmp"], "a.png", &["a.png.xmp"]);
        check(&["a.jpg", "a.CR3", "a.xmp"], "a.jpg", &[]);
        check(&["a.jpg", "a.CR3", "a.xmp"], "a.CR3", &["a.xmp"]);
    }

    #[test]
    fn a_folder_is_no_sidecar() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a.jpg.xmp")).unwrap();
        assert!(SidecarFinder::default().of(&folder.path().join("a.jpg")).is_empty());
    }

    #[test]
    fn a_sidecar_follows_the_new_name_of_its_photo() {
        let name = |sidecar: &str| renamed(OsStr::new(sidecar), OsStr::new("a.jpg"), OsStr::new("a (2).jpg"));
        assert_eq!((name("a.jpg.xmp"), name("a.XMP")), ("a (2).jpg.xmp".into(), "a (2).XMP".into()));
    }
}
