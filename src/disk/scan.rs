//! The walk through a folder: which photos lie in it and below it.
//!
//! Promise: one step reads at most [`STEP_ENTRIES`] entries, so a walk can be paused, stopped or overtaken between any
//! two steps, and never holds more than one folder open. What cannot be read is reported and the walk goes on.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, DirEntry, Metadata, ReadDir};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::catalog::FoundFile;

/// The most directory entries that one step reads.
pub const STEP_ENTRIES: usize = 256;

/// A walk under way.
pub struct Scan {
    /// The folder being read.
    open: Option<(PathBuf, ReadDir)>,
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

enum Waiting {
    Root(PathBuf),
    Folder(PathBuf),
}

impl Scan {
    /// A walk of the folder `root`, or of the one file `root`, whatever it is called.
    pub fn of(root: PathBuf) -> Scan {
        Scan { open: None, waiting: vec![Waiting::Root(root)], linked: Vec::new(), seen: HashSet::new() }
    }

    pub fn step(&mut self) -> ScanStep {
        let mut step = ScanStep::default();
        for _ in 0..STEP_ENTRIES {
            if self.open.is_none() && !self.open_next(&mut step) {
                step.is_done = true;
                break;
            }
            self.read_entry(&mut step);
        }
        step
    }

    /// False where no folder is left. Counts as one entry, so that a tree of empty folders takes bounded steps too.
    fn open_next(&mut self, step: &mut ScanStep) -> bool {
        match self.waiting.pop().or_else(|| self.linked.pop().map(Waiting::Folder)) {
            None => return false,
            Some(Waiting::Root(root)) => self.open_root(root, step),
            Some(Waiting::Folder(folder)) => self.open_folder(folder, step),
        }
        true
    }

    fn open_root(&mut self, root: PathBuf, step: &mut ScanStep) {
        match fs::metadata(&root) {
            Ok(metadata) if metadata.is_dir() => self.open_folder(root, step),
            Ok(metadata) if metadata.is_file() => step.found.push(found(root, &metadata)),
            Ok(_) => step.problem(root, "This is neither a folder nor a file."),
            Err(error) => step.problem(root, &reason(&error)),
        }
    }

    fn open_folder(&mut self, folder: PathBuf, step: &mut ScanStep) {
        let opened = fs::canonicalize(&folder).and_then(|real| {
            let is_new = self.seen.insert(real);
            if is_new { fs::read_dir(&folder).map(Some) } else { Ok(None) }
        });
        match opened {
            Ok(entries) => self.open = entries.map(|entries| (folder, entries)),
            Err(error) => step.problem(folder, &reason(&error)),
        }
    }

    fn read_entry(&mut self, step: &mut ScanStep) {
        let Some((folder, entries)) = &mut self.open else { return };
        match entries.next() {
            None => self.open = None,
            Some(Ok(entry)) => self.take(&entry, step),
            Some(Err(error)) => {
                step.problem(folder.clone(), &reason(&error));
                // A folder that failed once may fail at the same entry for ever.
                self.open = None;
            }
        }
    }

    fn take(&mut self, entry: &DirEntry, step: &mut ScanStep) {
        if is_passed_over(&entry.file_name()) || has_hidden_attribute(entry) {
            return;
        }
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => self.waiting.push(Waiting::Folder(path)),
            Ok(kind) if kind.is_symlink() => self.take_link(path, step),
            Ok(kind) if kind.is_file() && is_picture_name(&path) => take_file(path, step),
            Ok(_) => {}
            Err(error) => step.problem(path, &reason(&error)),
        }
    }

    fn take_link(&mut self, path: PathBuf, step: &mut ScanStep) {
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => self.linked.push(path),
            Ok(metadata) if metadata.is_file() && is_picture_name(&path) => step.found.push(found(path, &metadata)),
            Err(error) if is_picture_name(&path) => step.problem(path, &reason(&error)),
            // A dangling link that does not claim to be a picture is nobody's loss.
            Ok(_) | Err(_) => {}
        }
    }
}

impl ScanStep {
    fn problem(&mut self, path: PathBuf, reason: &str) {
        self.problems.push(Problem { path, reason: reason.to_owned() });
    }
}

fn take_file(path: PathBuf, step: &mut ScanStep) {
    match fs::metadata(&path) {
        Ok(metadata) => step.found.push(found(path, &metadata)),
        // Deleted between the listing and now: not a problem, only gone.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => step.problem(path, &reason(&error)),
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

/// Hidden by its name, or kept by a system or a photo station beside the photos.
fn is_passed_over(name: &OsStr) -> bool {
    const KEPT_BY_OTHERS: [&str; 6] =
        ["@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found", "__MACOSX"];
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
    const EXTENSIONS: [&str; 10] = ["jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "tif", "tiff", "bmp"];
    /// Those whose previews are found.
    const RAWS: [&str; 13] =
        ["cr2", "cr3", "nef", "nrw", "arw", "sr2", "srw", "dng", "gpr", "raf", "orf", "rw2", "pef"];
    let is_known = |found: &OsStr| EXTENSIONS.iter().chain(&RAWS).any(|known| found.eq_ignore_ascii_case(known));
    path.extension().is_some_and(is_known)
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "There is nothing here. Was it moved, or is its disk not connected?".to_owned(),
        io::ErrorKind::PermissionDenied => "Your account may not read this. Ask its owner for the right to.".to_owned(),
        _ => format!("This cannot be read: {error}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Walks to the end; the names found, sorted, and the problems.
    fn walk(root: &Path) -> (Vec<PathBuf>, Vec<Problem>) {
        let mut scan = Scan::of(root.to_path_buf());
        let (mut names, mut problems) = (Vec::new(), Vec::new());
        loop {
            let step = scan.step();
            names.extend(step.found.iter().map(|file| file.path.strip_prefix(root).unwrap().to_path_buf()));
            problems.extend(step.problems);
            if step.is_done {
                names.sort();
                return (names, problems);
            }
        }
    }

    fn folder_with(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"x").unwrap();
        }
        root
    }

    fn check(files: &[&str], expected: &[&str]) {
        let root = folder_with(files);
        let (names, problems) = walk(root.path());
        assert_eq!(names, expected.iter().map(PathBuf::from).collect::<Vec<_>>());
        assert_eq!(problems, []);
    }

    #[test]
    fn pictures_are_found_at_any_depth_and_in_any_case() {
        check(&["b.JPG", "a/c.jpeg", "a/b/d.TiFf", "e.webp"], &["a/b/d.TiFf", "a/c.jpeg", "b.JPG", "e.webp"]);
    }

    #[test]
    fn raw_files_are_found_beside_their_jpegs() {
        check(&["a.CR3", "a.jpg", "b.nef", "c.rw2.xmp"], &["a.CR3", "a.jpg", "b.nef"]);
    }

    #[test]
    fn sidecars_and_other_files_are_not_pictures() {
        check(&["a.jpg.xmp", "a.xmp", "notes.txt", "jpg", "film.mp4", "a.jpg"], &["a.jpg"]);
    }

    #[test]
    fn hidden_files_and_the_folders_of_other_programs_are_passed_over() {
        check(&["._a.jpg", ".thumbnails/a.jpg", "@eaDir/a.jpg/thumb.jpg", "$RECYCLE.BIN/a.jpg", "a.jpg"], &["a.jpg"]);
    }

    #[test]
    fn one_file_is_a_walk_of_its_own_whatever_its_name() {
        let root = folder_with(&["picture.of.mine"]);
        let step = Scan::of(root.path().join("picture.of.mine")).step();
        assert_eq!((step.found.len(), step.problems.len(), step.is_done), (1, 0, true));
        assert_eq!(step.found[0].size_bytes, 1);
        assert!(step.found[0].modified_ns > 0);
    }

    #[test]
    fn a_root_that_is_not_there_is_a_problem_with_a_reason() {
        let root = tempfile::tempdir().unwrap();
        let step = Scan::of(root.path().join("gone")).step();
        assert!(step.problems[0].reason.contains("not connected"));
        assert!(step.is_done);
    }

    #[test]
    fn a_large_folder_takes_bounded_steps() {
        let names: Vec<String> = (0..3_000).map(|number| format!("{number}.jpg")).collect();
        let root = folder_with(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let mut scan = Scan::of(root.path().to_path_buf());
        let mut steps = 0;
        let mut total = 0;
        loop {
            let step = scan.step();
            assert!(step.found.len() <= STEP_ENTRIES);
            total += step.found.len();
            steps += 1;
            if step.is_done {
                break;
            }
        }
        assert_eq!(total, 3_000);
        assert!(steps >= 3_000 / STEP_ENTRIES);
    }

    #[test]
    fn a_finished_walk_finds_nothing_more() {
        let root = folder_with(&["a.jpg"]);
        let mut scan = Scan::of(root.path().to_path_buf());
        assert!(scan.step().is_done);
        assert_eq!(scan.step(), ScanStep { is_done: true, ..ScanStep::default() });
    }

    #[cfg(unix)]
    mod on_unix {
        use super::*;
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::{PermissionsExt, symlink};

        #[test]
        fn links_that_lead_back_end_the_walk() {
            let root = folder_with(&["a/b/c.jpg"]);
            symlink(root.path(), root.path().join("a/b/up")).unwrap();
            symlink(root.path().join("a"), root.path().join("a/self")).unwrap();
            let (names, problems) = walk(root.path());
            assert_eq!(names, [PathBuf::from("a/b/c.jpg")]);
            assert_eq!(problems, []);
        }

        #[test]
        fn a_linked_folder_outside_is_followed_once() {
            let outside = folder_with(&["far.jpg"]);
            let root = folder_with(&["near.jpg"]);
            symlink(outside.path(), root.path().join("one")).unwrap();
            symlink(outside.path(), root.path().join("two")).unwrap();
            let (names, problems) = walk(root.path());
            assert_eq!(names.len(), 2, "{names:?}");
            assert_eq!(problems, []);
        }

        #[test]
        fn a_picture_that_is_a_link_to_nothing_is_a_problem() {
            let root = folder_with(&["a.jpg"]);
            symlink(root.path().join("gone"), root.path().join("b.jpg")).unwrap();
            let (names, problems) = walk(root.path());
            assert_eq!(names, [PathBuf::from("a.jpg")]);
            assert_eq!(problems[0].path, root.path().join("b.jpg"));
        }

        #[test]
        fn a_folder_that_may_not_be_read_is_a_problem_and_the_rest_is_found() {
            let root = folder_with(&["locked/a.jpg", "open/b.jpg"]);
            let locked = root.path().join("locked");
            fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
            let (names, problems) = walk(root.path());
            let is_superuser = fs::read_dir(&locked).is_ok();
            fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
            if is_superuser {
                eprintln!("Nothing is locked for the superuser: only the rest of this test was checked.");
            } else {
                assert_eq!(problems[0].path, locked);
                assert!(problems[0].reason.contains("may not read"));
            }
            assert!(names.contains(&PathBuf::from("open/b.jpg")));
        }

        #[test]
        fn names_that_are_not_utf_8_are_found() {
            let root = tempfile::tempdir().unwrap();
            let name = OsStr::from_bytes(b"caf\xe9.jpg");
            if fs::write(root.path().join(name), b"x").is_err() {
                eprintln!("This file system takes only UTF-8 names: nothing was checked.");
                return;
            }
            assert_eq!(walk(root.path()).0, [PathBuf::from(name)]);
        }
    }
}
