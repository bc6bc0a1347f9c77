//! What a walk finds, and what it passes over.

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
    while !scan.step().is_done {}
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
        // Nothing is locked for the superuser.
        if !is_superuser {
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
            // This file system takes only UTF-8 names.
            return;
        }
        assert_eq!(walk(root.path()).0, [PathBuf::from(name)]);
    }
}

/// Folders whose times tests can set.
#[cfg(unix)]
mod of_listed_folders {
    use super::*;
    use crate::disk::listing::Listed;

    /// As if nothing had changed in the folder since then.
    fn set_modified(folder: &Path, modified: SystemTime) {
        fs::File::open(folder).unwrap().set_modified(modified).unwrap();
    }

    fn long_ago() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_000_000_000)
    }

    /// What a walk finds, knows and lists.
    fn walk_with(root: &Path, listing: Option<&Listing>) -> (Vec<String>, Vec<String>, Vec<Option<Listing>>) {
        let name = |file: &FoundFile| file.path.file_name().unwrap().to_string_lossy().into_owned();
        let mut scan = Scan::of(root.to_path_buf());
        let (mut found, mut known, mut listings) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let step = scan.step_with(|folder| listing.filter(|_| folder == root).cloned());
            found.extend(step.found.iter().map(name));
            known.extend(step.known.iter().map(|(file, _)| name(file)));
            listings.extend(step.ended.map(|end| end.listing));
            if step.is_done {
                return (found, known, listings);
            }
        }
    }

    fn listed(name: &str) -> Listed {
        Listed { name: name.into(), size_bytes: 1, modified_ns: 1, fingerprint: Fingerprint([1; 16]) }
    }

    #[test]
    fn a_folder_that_has_not_changed_is_taken_as_it_was_listed_and_one_below_it_is_walked() {
        let root = folder_with(&["not listed.jpg", "below/b.jpg"]);
        set_modified(root.path(), long_ago());
        let photos = vec![listed("listed.jpg")];
        let listing = Listing {
            modified_ns: 1_000_000_000_000_000_000,
            folders: vec!["below".into()],
            links: Vec::new(),
            photos,
        };
        let (found, known, _) = walk_with(root.path(), Some(&listing));
        assert_eq!((found, known), (vec!["b.jpg".to_owned()], vec!["listed.jpg".to_owned()]));
    }

    #[test]
    fn a_folder_that_has_changed_since_is_read() {
        let root = folder_with(&["new.jpg"]);
        set_modified(root.path(), long_ago());
        let listing = Listing { modified_ns: 5, photos: vec![listed("listed.jpg")], ..Listing::default() };
        let (found, known, listings) = walk_with(root.path(), Some(&listing));
        assert_eq!((found, known.len()), (vec!["new.jpg".to_owned()], 0));
        assert_eq!(listings[0].as_ref().map(|listing| listing.modified_ns), Some(1_000_000_000_000_000_000));
    }

    #[test]
    fn a_folder_that_changed_just_now_is_not_listed() {
        let root = folder_with(&["a.jpg"]);
        // However long the test takes.
        set_modified(root.path(), SystemTime::now() + Duration::from_secs(60));
        assert_eq!(walk_with(root.path(), None).2, [None]);
    }
}
