//! An update keeps what older versions stored and remembered, and leaves alone what a newer one did.

#![allow(clippy::unwrap_used, reason = "a test that cannot set its scene has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tagroll::catalog::{Cutoff, Fingerprint, FoundFile, Verdict};
use tagroll::disk::{Store, StoreError};
use tagroll::engine::{Command, Engine, Options, remembered_set};

const PHOTO: Fingerprint = Fingerprint([1; 16]);
const BROKEN: Fingerprint = Fingerprint([2; 16]);

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn store(&self) -> PathBuf {
        self.0.path().join("tagroll.db")
    }

    fn session(&self) -> PathBuf {
        self.0.path().join("session.json")
    }

    /// What the window starts with.
    fn options(&self) -> Options {
        Options { data_dir: Some(self.0.path().to_path_buf()), remembers: true, ..Options::default() }
    }

    /// A store of this format, closed.
    fn with_store(format: i64) -> Folder {
        let folder = Folder::new();
        let text = fixture(&format!("store/format-{format}.sql"));
        Connection::open(folder.store()).unwrap().execute_batch(&text).unwrap();
        folder
    }

    fn with_session(text: &str) -> Folder {
        let folder = Folder::new();
        fs::write(folder.session(), text).unwrap();
        folder
    }

    /// A window that is opened, changed and closed; returns what it had to tell.
    fn use_window(&self) -> Vec<String> {
        let mut engine = Engine::start(&self.options(), || {}).unwrap();
        engine.apply(Command::AddCategory("mouse".to_owned()));
        let notices = engine.session().notices().to_vec();
        drop(engine);
        notices
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// The format of today.
fn newest() -> i64 {
    let folder = Folder::new();
    drop(Store::open(&folder.store()).unwrap());
    format_of(&folder)
}

fn format_of(folder: &Folder) -> i64 {
    let connection = Connection::open(folder.store()).unwrap();
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

#[test]
fn a_store_of_every_format_keeps_what_it_holds() {
    for format in 1..=newest() {
        let folder = Folder::with_store(format);
        assert_eq!(format_of(&folder), format);
        let store = Store::open(&folder.store()).unwrap();
        let file = FoundFile { path: Path::new("/photos/cat.jpg").into(), size_bytes: 5, modified_ns: 6 };
        assert_eq!(store.fingerprints(&[file]).unwrap(), [Some(PHOTO)], "format {format}");
        let thumbnail = store.thumbnail(PHOTO).unwrap().unwrap();
        assert_eq!((thumbnail.look.width_px, thumbnail.look.average), (6000, [1, 2, 3]), "format {format}");
        assert_eq!(thumbnail.jpeg, [0xff, 0xd8, 0xff, 0xd9], "format {format}");
        let embeddings = store.embeddings("starter", &[PHOTO]).unwrap();
        assert_eq!(embeddings[0].1.as_slice(), [0.6, 0.8], "format {format}");
        let verdicts = store.verdicts().unwrap();
        let said = [("cat".to_owned(), PHOTO, Verdict::Yes), ("dog".to_owned(), PHOTO, Verdict::No)];
        assert_eq!(verdicts, if format >= 2 { &said[..] } else { &[] }, "format {format}");
        let ratings: Vec<_> = store.metadata(&[PHOTO]).unwrap().into_iter().map(|(_, found)| found.rating).collect();
        assert_eq!(ratings, if format >= 3 { vec![Some(4)] } else { vec![] }, "format {format}");
        drop(store);
        assert_eq!(format_of(&folder), newest());
        let count = |table: &str| -> i64 {
            let connection = Connection::open(folder.store()).unwrap();
            connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
        };
        assert_eq!((count("files"), count("unreadable")), (1, 1), "format {format}");
    }
}

#[test]
fn a_store_of_every_format_takes_in_more() {
    for format in 1..=newest() {
        let folder = Folder::with_store(format);
        let mut store = Store::open(&folder.store()).unwrap();
        store.change_verdicts(&[("cat".to_owned(), BROKEN, Some(Verdict::No))]).unwrap();
        store.put_metadata(&[(BROKEN, Default::default())]).unwrap();
        assert!(store.verdicts().unwrap().contains(&("cat".to_owned(), BROKEN, Verdict::No)), "format {format}");
        assert_eq!(store.metadata(&[BROKEN]).unwrap().len(), 1, "format {format}");
    }
}

#[test]
fn a_newer_store_that_another_window_has_open_is_left_as_it_is() {
    let folder = Folder::with_store(newest());
    let newer = Connection::open(folder.store()).unwrap();
    newer.execute_batch("CREATE TABLE later (a); PRAGMA user_version = 99;").unwrap();
    // As a newer Tagroll leaves them that was ended by force: its last changes are not merged yet.
    let left = Folder::new();
    for end in ["", "-wal"] {
        let name = format!("tagroll.db{end}");
        fs::copy(folder.0.path().join(&name), left.0.path().join(&name)).unwrap();
    }
    let files = ["", "-wal"].map(|end| left.0.path().join(format!("tagroll.db{end}")));
    let before = files.each_ref().map(|file| fs::read(file).unwrap());
    assert!(!before[1].is_empty());
    let error = Store::open(&left.store()).err().unwrap();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
    assert_eq!(files.each_ref().map(|file| fs::read(file).unwrap()), before);
}

#[test]
fn a_refused_store_gets_no_files_beside_it() {
    let folder = Folder::with_store(newest());
    Connection::open(folder.store()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(Store::open(&folder.store()).is_err());
    assert_eq!(folder.names(), ["tagroll.db"]);
}

#[test]
fn a_store_that_lost_its_end_says_what_to_do_and_stays_as_it_is() {
    let folder = Folder::with_store(newest());
    let bytes = fs::read(folder.store()).unwrap();
    for length in [100, 16_384, bytes.len() / 2, bytes.len() - 16_384] {
        fs::write(folder.store(), &bytes[..length]).unwrap();
        let error = Store::open(&folder.store()).and_then(|store| store.looks(&[PHOTO])).err().unwrap();
        assert!(matches!(error, StoreError::Damaged { .. }), "{length}: {error}");
        assert!(error.to_string().contains("Move this file to another folder"), "{error}");
        assert_eq!(fs::read(folder.store()).unwrap(), bytes[..length], "{length}");
    }
}

#[test]
fn a_session_of_every_format_keeps_its_categories() {
    for format in [1, 2] {
        let folder = Folder::with_session(&fixture(&format!("session/format-{format}.json")));
        let categories = remembered_set(&folder.options()).unwrap().categories;
        let [cat, coffee] = &categories[..] else { panic!("format {format}: {categories:?}") };
        assert_eq!((cat.name.as_str(), cat.cutoff), ("cat", Cutoff::At(0.25)), "format {format}");
        assert_eq!(cat.negatives[0].text, "a dog", "format {format}");
        assert_eq!((coffee.prompts.len(), coffee.cutoff), (2, Cutoff::Everything), "format {format}");
        assert_eq!(folder.use_window(), Vec::<String>::new(), "format {format}");
        let names: Vec<_> = remembered_set(&folder.options()).unwrap().categories.into_iter().map(|c| c.name).collect();
        assert_eq!(names, ["cat", "coffee", "mouse"], "format {format}");
    }
}

#[test]
fn a_newer_session_is_refused_and_stays_as_it_is() {
    let text = r#"{"version": 99, "categories": [{"id": 0, "name": "cat", "prompts": "in a way of its own"}]}"#;
    let folder = Folder::with_session(text);
    let notices = folder.use_window();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].contains("written by a newer Tagroll") && notices[0].contains("session.json"), "{notices:?}");
    assert_eq!(fs::read_to_string(folder.session()).unwrap(), text);
}

#[test]
fn a_damaged_session_is_kept_beside_the_new_one() {
    let folder = Folder::new();
    let bytes = b"{\"categories\": [\xff";
    fs::write(folder.session(), bytes).unwrap();
    let notices = folder.use_window();
    assert!(notices[0].contains("It was kept as"), "{notices:?}");
    assert_eq!(fs::read(folder.0.path().join("session.damaged.json")).unwrap(), bytes);
    assert_eq!(remembered_set(&folder.options()).unwrap().categories[0].name, "mouse");
}
