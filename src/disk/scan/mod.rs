//! The walk through a folder: which photos lie in it and below it.
//!
//! Promise: one step reads at most [`STEP_ENTRIES`] entries of one folder, so a walk can be paused, stopped or overtaken
//! between any two steps, and never holds more than one folder open. What cannot be read is reported and the walk goes on.
//!
//! A folder of which there is a listing is not read again if nothing was added, renamed or taken away since, as its time of
//! change tells on most file systems. On some it does not (FAT), and it never tells of a file whose content was replaced in
//! place: so who trusts listings must walk once more without them, when there is time.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry, Metadata, ReadDir};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::listing::Listing;
use crate::catalog::{Fingerprint, FoundFile, natural_order};

/// The most directory entries that one step reads.
pub const STEP_ENTRIES: usize = 256;
/// A step ends once it knows so many photos from listings.
const STEP_KNOWN: usize = 4096;
/// File systems tell times by ticks of up to two seconds (FAT): what changed in this moment may change again unseen.
const TICK: Duration = Duration::from_secs(3);

/// A walk under way.
pub struct Scan {
    /// The folder being read.
    open: Option<Reading>,
    waiting: Vec<Waiting>,
    /// Links to folders wait until all real folders are done, so that a folder inside the root keeps its real path.
    linked: Vec<PathBuf>,
    /// Real paths of the folders that were opened; this ends loops.
    seen: HashSet<PathBuf>,
}

/// What one step met, in the order of the file system.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ScanStep {
    pub found: Vec<FoundFile>,
    /// From listings.
    pub known: Vec<(FoundFile, Fingerprint)>,
    /// The folder that this step read to its end; no step goes on after that.
    pub ended: Option<FolderEnd>,
    pub problems: Vec<Problem>,
    /// Nothing is left; further steps find nothing.
    pub is_done: bool,
}

/// Something that could not be read, and why, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub path: PathBuf,
    pub reason: String,
}

/// A folder that was read to its end: all of its photos have been found.
#[derive(Debug, PartialEq, Eq)]
pub struct FolderEnd {
    pub folder: PathBuf,
    /// What else is in it. `None` where not everything could be read, or where it might still be changing unseen.
    pub listing: Option<Listing>,
}

enum Waiting {
    Root(PathBuf),
    Folder(PathBuf),
    /// To a folder, the last time.
    Link(PathBuf),
}

struct Reading {
    folder: PathBuf,
    entries: ReadDir,
    listing: Listing,
    /// Whether everything could be read so far.
    is_whole: bool,
}

impl Scan {
    /// A walk of the folder `root`, or of the one file `root`, whatever it is called.
    pub fn of(root: PathBuf) -> Scan {
        Scan { open: None, waiting: vec![Waiting::Root(root)], linked: Vec::new(), seen: HashSet::new() }
    }

    /// Reads on.
    pub fn step(&mut self) -> ScanStep {
        self.step_with(|_| None)
    }

    /// Reads on, but for folders that are as `listing_of` says.
    pub fn step_with(&mut self, listing_of: impl Fn(&Path) -> Option<Listing>) -> ScanStep {
        let mut step = ScanStep::default();
        for _ in 0..STEP_ENTRIES {
            if self.open.is_none() && !self.open_next(&mut step, &listing_of) {
                step.is_done = true;
                break;
            }
            self.read_entry(&mut step);
            if step.ended.is_some() || step.known.len() >= STEP_KNOWN {
                break;
            }
        }
        step
    }

    /// False where no folder is left. Counts as one entry, so that a tree of empty folders takes bounded steps too.
    fn open_next(&mut self, step: &mut ScanStep, listing_of: &impl Fn(&Path) -> Option<Listing>) -> bool {
        match self.waiting.pop().or_else(|| self.linked.pop().map(Waiting::Link)) {
            None => return false,
            Some(Waiting::Root(root)) => self.open_root(root, step, listing_of),
            // A link that leads nowhere any more is nobody's loss.
            Some(Waiting::Link(folder)) if !folder.is_dir() => {}
            Some(Waiting::Folder(folder) | Waiting::Link(folder)) => self.open_folder(folder, step, listing_of),
        }
        true
    }

    fn open_root(&mut self, root: PathBuf, step: &mut ScanStep, listing_of: &impl Fn(&Path) -> Option<Listing>) {
        match fs::metadata(&root) {
            Ok(metadata) if metadata.is_dir() => self.open_folder(root, step, listing_of),
            Ok(metadata) if metadata.is_file() => step.found.push(found(root, &metadata)),
            Ok(_) => step.problem(root, "This is neither a folder nor a file."),
            Err(error) => step.problem(root, &reason(&error)),
        }
    }

    fn open_folder(&mut self, folder: PathBuf, step: &mut ScanStep, listing_of: &impl Fn(&Path) -> Option<Listing>) {
        let real = fs::canonicalize(&folder);
        if real.as_ref().is_ok_and(|real| self.seen.contains(real)) {
            return;
        }
        // The time comes before the entries: what changes between the two is then noticed at the end, or the next time.
        match real.and_then(|real| Ok((real, fs::metadata(&folder)?))) {
            Ok((real, metadata)) => {
                self.seen.insert(real);
                let modified_ns = modified_ns(&metadata);
                match listing_of(&folder).filter(|known| modified_ns != 0 && known.modified_ns == modified_ns) {
                    Some(known) => self.take_listing(&folder, &known, step),
                    None => self.read_folder(folder, modified_ns, step),
                }
            }
            Err(error) => step.problem(folder, &reason(&error)),
        }
    }

    fn read_folder(&mut self, folder: PathBuf, modified_ns: i64, step: &mut ScanStep) {
        match fs::read_dir(&folder) {
            Ok(entries) => {
                let listing = Listing { modified_ns, ..Listing::default() };
                self.open = Some(Reading { folder, entries, listing, is_whole: true });
            }
            Err(error) => step.problem(folder, &reason(&error)),
        }
    }

    fn take_listing(&mut self, folder: &Path, listing: &Listing, step: &mut ScanStep) {
        step.known.extend(listing.photos.iter().map(|photo| photo.found_in(folder)));
        self.queue(folder, listing);
    }

    /// What lies below a folder comes next, in the order in which it is shown.
    fn queue(&mut self, folder: &Path, listing: &Listing) {
        self.waiting.extend(listing.folders.iter().rev().map(|name| Waiting::Folder(folder.join(name))));
        self.linked.extend(listing.links.iter().map(|name| folder.join(name)));
    }

    fn read_entry(&mut self, step: &mut ScanStep) {
        let Some(reading) = &mut self.open else { return };
        match reading.entries.next() {
            None => self.end_folder(step),
            Some(Ok(entry)) => reading.take(&entry, step),
            Some(Err(error)) => {
                step.problem(reading.folder.clone(), &reason(&error));
                reading.is_whole = false;
                // A folder that failed once may fail at the same entry for ever.
                self.end_folder(step);
            }
        }
    }

    fn end_folder(&mut self, step: &mut ScanStep) {
        let Some(Reading { folder, mut listing, is_whole, .. }) = self.open.take() else { return };
        let in_order = |a: &OsString, b: &OsString| natural_order(Path::new(a), Path::new(b));
        listing.folders.sort_by(in_order);
        listing.links.sort_by(in_order);
        self.queue(&folder, &listing);
        let is_settled = is_whole && is_settled(&folder, listing.modified_ns);
        step.ended = Some(FolderEnd { folder, listing: is_settled.then_some(listing) });
    }
}

/// Whether a folder is as it was, and has been so long enough that a later change would give it another time.
fn is_settled(folder: &Path, modified_ns: i64) -> bool {
    let Ok(metadata) = fs::metadata(folder) else { return false };
    let age = metadata.modified().ok().and_then(|modified| SystemTime::now().duration_since(modified).ok());
    modified_ns == self::modified_ns(&metadata) && age.is_some_and(|age| age > TICK)
}

impl Reading {
    fn take(&mut self, entry: &DirEntry, step: &mut ScanStep) {
        if is_passed_over(&entry.file_name()) || has_hidden_attribute(entry) {
            return;
        }
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => self.listing.folders.push(entry.file_name()),
            Ok(kind) if kind.is_symlink() => self.take_link(entry, step),
            Ok(kind) if kind.is_file() && is_picture_name(&path) => self.take_file(path, step),
            Ok(_) => {}
            Err(error) => self.fail(path, &error, step),
        }
    }

    fn take_link(&mut self, entry: &DirEntry, step: &mut ScanStep) {
        let path = entry.path();
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => self.listing.links.push(entry.file_name()),
            Ok(metadata) if metadata.is_file() && is_picture_name(&path) => step.found.push(found(path, &metadata)),
            Err(error) if is_picture_name(&path) => self.fail(path, &error, step),
            // A dangling link that does not claim to be a picture is nobody's loss, but may be back the next time.
            Err(_) => self.is_whole = false,
            Ok(_) => {}
        }
    }

    fn take_file(&mut self, path: PathBuf, step: &mut ScanStep) {
        match fs::metadata(&path) {
            Ok(metadata) => step.found.push(found(path, &metadata)),
            // Deleted between the listing and now: not a problem, only gone.
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.is_whole = false,
            Err(error) => self.fail(path, &error, step),
        }
    }

    fn fail(&mut self, path: PathBuf, error: &io::Error, step: &mut ScanStep) {
        self.is_whole = false;
        step.problem(path, &reason(error));
    }
}

impl ScanStep {
    fn problem(&mut self, path: PathBuf, reason: &str) {
        self.problems.push(Problem { path, reason: reason.to_owned() });
    }
}

/// A single file, as a scan would meet it.
pub fn found_file(path: &Path) -> Result<FoundFile, String> {
    let metadata = fs::metadata(path).map_err(|error| reason(&error))?;
    Ok(found(path.to_path_buf(), &metadata))
}

fn found(path: PathBuf, metadata: &Metadata) -> FoundFile {
    FoundFile { path: path.into(), size_bytes: metadata.len(), modified_ns: modified_ns(metadata) }
}

/// 0 where the file system does not say.
fn modified_ns(metadata: &Metadata) -> i64 {
    let Ok(modified) = metadata.modified() else { return 0 };
    match modified.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |ns| -ns),
    }
}

const KEPT_BY_OTHERS: [&str; 6] =
    ["@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found", "__MACOSX"];
const EXTENSIONS: [&str; 10] = ["jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "tif", "tiff", "bmp"];
/// Those whose previews are found.
const RAWS: [&str; 13] = ["cr2", "cr3", "nef", "nrw", "arw", "sr2", "srw", "dng", "gpr", "raf", "orf", "rw2", "pef"];

/// Another number whenever a walk comes to take other files for photos (FNV-1a of the names that decide).
pub(super) fn rules() -> u32 {
    let bytes = EXTENSIONS.iter().chain(&RAWS).chain(&KEPT_BY_OTHERS).flat_map(|name| name.bytes().chain([b'/']));
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Hidden by its name, or kept by a system or a photo station beside the photos.
fn is_passed_over(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".") || KEPT_BY_OTHERS.iter().any(|kept| name == *kept)
}

#[cfg(windows)]
fn has_hidden_attribute(entry: &DirEntry) -> bool {
    use std::os::windows::fs::MetadataExt;
    const FILE_ATTRIBUTE_HIDDEN: u32 = 0x2;
    entry.metadata().is_ok_and(|metadata| metadata.file_attributes() & FILE_ATTRIBUTE_HIDDEN != 0)
}

#[cfg(not(windows))]
fn has_hidden_attribute(_entry: &DirEntry) -> bool {
    false
}

fn is_picture_name(path: &Path) -> bool {
    ends_in(path, &EXTENSIONS) || is_raw_name(path)
}

/// Whether a file is named like one that holds what a camera's sensor saw.
pub(super) fn is_raw_name(path: &Path) -> bool {
    ends_in(path, &RAWS)
}

fn ends_in(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|found| extensions.iter().any(|known| found.eq_ignore_ascii_case(known)))
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "There is nothing here. Was it moved, or is its disk not connected?".to_owned(),
        io::ErrorKind::PermissionDenied => "Your account may not read this. Ask its owner for the right to.".to_owned(),
        _ => format!("This cannot be read: {error}."),
    }
}

#[cfg(test)]
mod tests;
