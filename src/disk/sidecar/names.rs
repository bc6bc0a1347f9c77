//! Which sidecars belong to a photo.
//!
//! Promise: no sidecar is given to two photos. `photo.jpg.xmp` belongs to `photo.jpg`; `photo.xmp` to the one photo of that
//! name, or to the raw one, as Lightroom has it; where that is not clear, nobody touches it.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::words::{name_of, name_too_long};
use crate::catalog::{Naming, SidecarPlace, TaggingOptions};

/// Pictures that other programs keep sidecars for, beside the raw ones.
const PICTURES: [&str; 20] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "tif", "tiff", "bmp", "heic", "heif", "hif", "avif", "jxl",
    "jp2", "psd", "psb", "exr", "dng",
];
/// Raw files into which no program writes, so that Lightroom gives them sidecars; DNG is not one of them.
const RAWS: [&str; 30] = [
    "3fr", "arw", "cap", "cr2", "cr3", "crw", "dcr", "erf", "fff", "gpr", "iiq", "k25", "kdc", "mef", "mos", "mrw",
    "nef", "nrw", "orf", "pef", "ptx", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw", "x3f", "dcs",
];
/// What every common file system holds.
const MOST_NAME_BYTES: usize = 255;

/// What lies in the folders of photos, each read once. A new one sees what changed since.
#[derive(Default)]
pub struct Neighbours {
    folders: HashMap<PathBuf, Arc<Listing>>,
}

/// The pictures and sidecars of a folder by their names without extension.
#[derive(Default)]
struct Listing {
    by_stem: HashMap<OsString, Vec<OsString>>,
}

/// Where the sidecars of a photo lie.
struct Home {
    folder: PathBuf,
    /// Other folders whose photos have their sidecars there too.
    others: Vec<PathBuf>,
}

/// Whose `photo.xmp` is.
enum Owner {
    ThisPhoto,
    AnotherPhoto,
    Unclear(PathBuf),
}

/// What there is of a photo's sidecars.
struct Found {
    own: Option<PathBuf>,
    stem: Option<PathBuf>,
    owner: Owner,
}

/// The files into which the keywords of this photo go: those that exist, or those that are to be made.
pub(super) fn targets(
    photo: &Path,
    options: &TaggingOptions,
    neighbours: &mut Neighbours,
) -> Result<Vec<PathBuf>, String> {
    if options.place == SidecarPlace::InPhoto {
        return Ok(vec![photo.to_path_buf()]);
    }
    let home = home(photo, &options.place)?;
    let targets = chosen(photo, &home, options.naming, neighbours)?;
    match targets.iter().find(|target| target.file_name().is_some_and(|name| name.len() > MOST_NAME_BYTES)) {
        Some(target) => Err(name_too_long(target)),
        None => Ok(targets),
    }
}

/// The sidecars beside a photo that speak of it, the stronger voice first.
pub(super) fn existing(photo: &Path, neighbours: &mut Neighbours) -> Vec<PathBuf> {
    let home = Home { folder: parent(photo), others: Vec::new() };
    let found = found(photo, &home, neighbours);
    let stem = found.stem.filter(|_| matches!(found.owner, Owner::ThisPhoto));
    found.own.into_iter().chain(stem).collect()
}

fn home(photo: &Path, place: &SidecarPlace) -> Result<Home, String> {
    let parent = parent(photo);
    let SidecarPlace::Folder { folder, roots } = place else {
        return Ok(Home { folder: parent, others: Vec::new() });
    };
    // A root inside another one has its place there already.
    let is_inside = |root: &PathBuf| roots.iter().any(|outer| outer != root && root.starts_with(outer));
    let outermost: Vec<&PathBuf> = roots.iter().filter(|root| !is_inside(root)).collect();
    let below = outermost.iter().find_map(|root| Some((*root, parent.strip_prefix(root).ok()?)));
    let Some((root, below)) = below else {
        return Err(format!("{} lies in none of the open folders. Open its folder and try again.", name_of(photo)));
    };
    let others = outermost.iter().filter(|other| **other != root).map(|other| other.join(below)).collect();
    Ok(Home { folder: folder.join(below), others })
}

fn chosen(photo: &Path, home: &Home, naming: Naming, neighbours: &mut Neighbours) -> Result<Vec<PathBuf>, String> {
    let found = found(photo, home, neighbours);
    if let Some(twin) = twin(photo, home, neighbours) {
        return Err(shared(photo, &twin));
    }
    let is_stem_wanted = found.stem.is_some() || naming != Naming::Ext || photo.extension().is_none();
    if let (Owner::Unclear(other), None, true) = (&found.owner, &found.own, is_stem_wanted) {
        return Err(shared(photo, other));
    }
    let has_stem = matches!(found.owner, Owner::ThisPhoto);
    let existing: Vec<PathBuf> = found.own.into_iter().chain(found.stem.filter(|_| has_stem)).collect();
    if !existing.is_empty() {
        return Ok(existing);
    }
    let own = home.folder.join(with_xmp(photo.file_name().unwrap_or_default()));
    let stem = home.folder.join(with_xmp(photo.file_stem().unwrap_or_default()));
    Ok(match naming {
        Naming::Stem if has_stem => vec![stem],
        Naming::Both if has_stem && stem != own => vec![own, stem],
        Naming::Ext | Naming::Stem | Naming::Both => vec![own],
    })
}

fn found(photo: &Path, home: &Home, neighbours: &mut Neighbours) -> Found {
    let beside = neighbours.listing(&parent(photo));
    let listing = neighbours.listing(&home.folder);
    let stem = listing.sidecar(photo.file_stem().unwrap_or_default());
    let own = own_names(photo, &beside).iter().find_map(|name| listing.sidecar(name));
    Found {
        // Without an extension both names are one.
        own: own.filter(|_| photo.extension().is_some()).map(|name| home.folder.join(name)),
        stem: stem.map(|name| home.folder.join(name)),
        owner: owner(photo, home, neighbours),
    }
}

/// The photo's name, and those that differ only in the case of its extension and are no other photo.
fn own_names(photo: &Path, beside: &Listing) -> Vec<OsString> {
    let name = photo.file_name().unwrap_or_default().to_owned();
    let Some(extension) = photo.extension() else { return vec![name] };
    let other_cases = [extension.to_ascii_lowercase(), extension.to_ascii_uppercase()];
    let others =
        other_cases.iter().filter_map(|case| Path::new(&name).with_extension(case).file_name().map(OsString::from));
    let others: Vec<OsString> = others.filter(|other| *other != name && !beside.has(other)).collect();
    std::iter::once(name).chain(others).collect()
}

fn owner(photo: &Path, home: &Home, neighbours: &mut Neighbours) -> Owner {
    let stem = photo.file_stem().unwrap_or_default();
    let folder = parent(photo);
    let beside = neighbours.listing(&folder);
    // The sidecar of `a.jpg.png` without its extension is that of `a.jpg` with its own.
    if photo.extension().is_some() && beside.has(stem) && is_picture(stem) {
        return Owner::AnotherPhoto;
    }
    let name = photo.file_name().unwrap_or_default();
    let mut sharers: Vec<PathBuf> =
        beside.pictures(stem).filter(|other| *other != name).map(|other| folder.join(other)).collect();
    for other in &home.others {
        let listing = neighbours.listing(other);
        sharers.extend(listing.pictures(stem).map(|name| other.join(name)));
    }
    let raws = sharers.iter().filter(|other| is_raw(other.as_os_str())).count();
    match (sharers.into_iter().next(), is_raw(name), raws) {
        (None, _, _) | (Some(_), true, 0) => Owner::ThisPhoto,
        (Some(_), false, 1) => Owner::AnotherPhoto,
        (Some(other), _, _) => Owner::Unclear(other),
    }
}

/// A photo of the same name whose sidecar would be the same file.
fn twin(photo: &Path, home: &Home, neighbours: &mut Neighbours) -> Option<PathBuf> {
    let name = photo.file_name()?;
    home.others.iter().find(|other| neighbours.listing(other).has(name)).map(|other| other.join(name))
}

fn shared(photo: &Path, other: &Path) -> String {
    format!(
        "{} and {} would have the same sidecar, and nobody can say whose keywords are in it. Choose names with the \
         photo's extension, or rename one of the photos together with its sidecar.",
        name_of(photo),
        if photo.file_name() == other.file_name() { other.display().to_string() } else { name_of(other) }
    )
}

impl Neighbours {
    fn listing(&mut self, folder: &Path) -> Arc<Listing> {
        if let Some(listing) = self.folders.get(folder) {
            return Arc::clone(listing);
        }
        let listing = Arc::new(Listing::of(folder));
        self.folders.insert(folder.to_path_buf(), Arc::clone(&listing));
        listing
    }
}

impl Listing {
    /// Empty where the folder cannot be read: what is tried in it then fails with its own reason.
    fn of(folder: &Path) -> Listing {
        let mut listing = Listing::default();
        let entries = fs::read_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
        for entry in entries.into_iter().flatten().flatten() {
            let name = entry.file_name();
            let stem = Path::new(&name).file_stem().unwrap_or_default().to_owned();
            if has_extension(&name, &["xmp"]) || is_picture(&name) {
                listing.by_stem.entry(stem).or_default().push(name);
            }
        }
        listing
    }

    fn names(&self, stem: &OsStr) -> impl Iterator<Item = &OsString> {
        self.by_stem.get(stem).into_iter().flatten()
    }

    fn pictures(&self, stem: &OsStr) -> impl Iterator<Item = &OsString> {
        self.names(stem).filter(|name| is_picture(name))
    }

    fn has(&self, name: &OsStr) -> bool {
        self.names(Path::new(name).file_stem().unwrap_or_default()).any(|other| other == name)
    }

    /// `stem.xmp`, in small letters if it exists in several.
    fn sidecar(&self, stem: &OsStr) -> Option<&OsString> {
        self.names(stem).filter(|name| has_extension(name, &["xmp"])).max_by_key(|name| name.as_encoded_bytes())
    }
}

fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).to_path_buf()
}

fn with_xmp(name: &OsStr) -> OsString {
    let mut name = name.to_owned();
    name.push(".xmp");
    name
}

fn is_picture(name: &OsStr) -> bool {
    has_extension(name, &PICTURES) || is_raw(name)
}

fn is_raw(name: &OsStr) -> bool {
    has_extension(name, &RAWS)
}

fn has_extension(name: &OsStr, extensions: &[&str]) -> bool {
    Path::new(name).extension().is_some_and(|found| extensions.iter().any(|known| found.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
