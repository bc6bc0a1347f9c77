//! The store as the program uses it: kept between runs, shared between windows, and honest about a broken file.

#![allow(clippy::unwrap_used, reason = "a test that cannot set its scene has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use proptest::prelude::*;
use rusqlite::Connection;
use tagroll::catalog::{Embedding, Fingerprint, FoundFile, Look, Metadata};
use tagroll::disk::{Store, StoreError, Thumbnail, fingerprint};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("new folder").join("tagroll.db")
    }

    fn store(&self) -> Store {
        Store::open(&self.file()).unwrap()
    }
}

fn print(number: u8) -> Fingerprint {
    Fingerprint([number; 16])
}

fn embedding(seed: u32) -> Embedding {
    let numbers = (0..384u32).map(|at| ((seed * 31 + at * 17) % 101) as f32 - 50.0).collect();
    Embedding::normalised(numbers).unwrap()
}

fn is_same(found: &Embedding, stored: &Embedding) -> bool {
    found.dim() == stored.dim() && found.as_slice().iter().zip(stored.as_slice()).all(|(a, b)| (a - b).abs() < 1e-6)
}

fn thumbnail(jpeg: &[u8]) -> Thumbnail {
    Thumbnail { look: Look { width_px: 6000, height_px: 4000, average: [1, 2, 3] }, jpeg: jpeg.to_vec() }
}

fn found(path: &Path, size_bytes: u64, modified_ns: i64) -> FoundFile {
    FoundFile { path: path.into(), size_bytes, modified_ns }
}

#[test]
fn what_was_stored_is_there_in_the_next_run() {
    let folder = Folder::new();
    let mut store = folder.store();
    store.put_files(&[(found(Path::new("/a.jpg"), 5, 6), print(1))]).unwrap();
    store.put_thumbnails(&[(print(1), thumbnail(b"jpeg"))]).unwrap();
    store.put_embeddings("model", &[(print(1), embedding(1))]).unwrap();
    store.put_unreadable(&[(print(2), "The file is empty.".to_owned())]).unwrap();
    drop(store);

    let store = folder.store();
    assert_eq!(store.fingerprints(&[found(Path::new("/a.jpg"), 5, 6)]).unwrap(), [Some(print(1))]);
    assert_eq!(store.thumbnail(print(1)).unwrap(), Some(thumbnail(b"jpeg")));
    assert_eq!(store.looks(&[print(9), print(1)]).unwrap(), [(print(1), thumbnail(b"").look)]);
    let embeddings = store.embeddings("model", &[print(1), print(2)]).unwrap();
    assert!(matches!(embeddings.as_slice(), [(of, found)] if *of == print(1) && is_same(found, &embedding(1))));
    let reasons = store.unreadable(&[print(1), print(2)]).unwrap();
    assert_eq!(reasons, [(print(2), "The file is empty.".to_owned())]);
}

#[test]
fn what_is_written_inside_photos_is_remembered_and_so_is_that_it_is_nothing() {
    let folder = Folder::new();
    let keywords = vec!["animal/dog".parse().unwrap()];
    let written = Metadata { keywords, rating: Some(-1), label: Some("Blau".to_owned()), ..Metadata::default() };
    let nothing = Metadata::default();
    folder.store().put_metadata(&[(print(1), written.clone()), (print(2), nothing.clone())]).unwrap();
    let known = folder.store().metadata(&[print(1), print(2), print(3)]).unwrap();
    assert_eq!(known, [(print(1), written), (print(2), nothing)]);
}

#[test]
fn what_an_older_reader_found_in_photos_is_read_anew() {
    let folder = Folder::new();
    let mut store = folder.store();
    store.put_metadata(&[(print(1), Metadata::default()), (print(2), Metadata::default())]).unwrap();
    let other = Connection::open(folder.file()).unwrap();
    other.execute("UPDATE metadata SET reader = 0 WHERE fingerprint = ?", [print(1).0]).unwrap();
    other.execute("UPDATE metadata SET json = '{' WHERE fingerprint = ?", [print(2).0]).unwrap();
    assert_eq!(store.metadata(&[print(1), print(2)]).unwrap(), []);
}

#[test]
fn a_store_of_a_version_that_knew_no_metadata_keeps_what_it_has() {
    let folder = Folder::new();
    folder.store().put_embeddings("model", &[(print(1), embedding(1))]).unwrap();
    let other = Connection::open(folder.file()).unwrap();
    other.execute_batch("DROP TABLE metadata; DROP TABLE folders; PRAGMA user_version = 2").unwrap();
    let mut store = folder.store();
    assert_eq!(store.metadata(&[print(1)]).unwrap(), []);
    store.put_metadata(&[(print(1), Metadata::default())]).unwrap();
    assert_eq!(store.metadata(&[print(1)]).unwrap().len(), 1);
    assert_eq!(store.embeddings("model", &[print(1)]).unwrap().len(), 1);
}

#[test]
fn an_empty_store_knows_nothing() {
    let folder = Folder::new();
    let store = folder.store();
    assert_eq!(store.fingerprints(&[found(Path::new("/a.jpg"), 5, 6)]).unwrap(), [None]);
    assert_eq!(store.thumbnail(print(1)).unwrap(), None);
    assert_eq!(store.looks(&[print(1)]).unwrap(), []);
    assert_eq!(store.embeddings("model", &[print(1)]).unwrap(), []);
    assert_eq!(store.unreadable(&[print(1)]).unwrap(), []);
}

#[test]
fn a_changed_file_is_read_again() {
    let folder = Folder::new();
    let mut store = folder.store();
    let path = Path::new("/a.jpg");
    store.put_files(&[(found(path, 5, 6), print(1))]).unwrap();
    assert_eq!(store.fingerprints(&[found(path, 5, 7), found(path, 6, 6)]).unwrap(), [None, None]);
    store.put_files(&[(found(path, 5, 7), print(2))]).unwrap();
    assert_eq!(store.fingerprints(&[found(path, 5, 7), found(path, 5, 6)]).unwrap(), [Some(print(2)), None]);
}

#[test]
fn a_moved_file_keeps_its_embedding() {
    let folder = Folder::new();
    let mut store = folder.store();
    let (before, after) = (folder.0.path().join("before.jpg"), folder.0.path().join("after.jpg"));
    fs::write(&before, b"a photo").unwrap();
    let known = fingerprint(&found(&before, 7, 0)).unwrap();
    store.put_embeddings("model", &[(known, embedding(1))]).unwrap();
    fs::rename(&before, &after).unwrap();
    let again = fingerprint(&found(&after, 7, 0)).unwrap();
    assert_eq!(store.embeddings("model", &[again]).unwrap().len(), 1);
}

#[test]
fn embeddings_of_different_models_never_mix() {
    let folder = Folder::new();
    let mut store = folder.store();
    store.put_embeddings("one", &[(print(1), embedding(1))]).unwrap();
    store.put_embeddings("two", &[(print(1), embedding(2)), (print(2), embedding(3))]).unwrap();
    assert!(is_same(&store.embeddings("one", &[print(1)]).unwrap()[0].1, &embedding(1)));
    assert!(is_same(&store.embeddings("two", &[print(1)]).unwrap()[0].1, &embedding(2)));
    assert_eq!(store.embeddings("three", &[print(1)]).unwrap(), []);
    assert_eq!(store.counts().unwrap().embeddings, [("one".to_owned(), 1), ("two".to_owned(), 2)]);
}

#[test]
fn a_damaged_embedding_counts_as_not_there_and_can_be_replaced() {
    let nan = f32::NAN.to_le_bytes();
    for damage in [&b""[..], &b"abc"[..], &nan[..], &[0; 1536][..]] {
        let folder = Folder::new();
        let mut store = folder.store();
        store.put_embeddings("model", &[(print(1), embedding(1))]).unwrap();
        let other = Connection::open(folder.file()).unwrap();
        assert_eq!(other.execute("UPDATE embeddings SET numbers = ?", [damage]).unwrap(), 1);
        assert_eq!(store.embeddings("model", &[print(1)]).unwrap(), []);
        store.put_embeddings("model", &[(print(1), embedding(1))]).unwrap();
        assert_eq!(store.embeddings("model", &[print(1)]).unwrap().len(), 1);
    }
}

#[test]
fn a_reason_of_another_version_is_not_believed() {
    let folder = Folder::new();
    let mut store = folder.store();
    store.put_unreadable(&[(print(1), "The file is empty.".to_owned())]).unwrap();
    let other = Connection::open(folder.file()).unwrap();
    other.execute("UPDATE unreadable SET program_version = '0.0.1'", []).unwrap();
    assert_eq!(store.unreadable(&[print(1)]).unwrap(), []);
}

#[test]
fn counts_say_what_is_there() {
    let folder = Folder::new();
    let mut store = folder.store();
    let copies = ["/a.jpg", "/b.jpg", "/c.jpg"].map(|path| found(Path::new(path), 1, 1));
    let [a, b, c] = copies;
    store.put_files(&[(a, print(1)), (b, print(1)), (c, print(2))]).unwrap();
    store.put_thumbnails(&[(print(1), thumbnail(b"jpeg"))]).unwrap();
    let counts = store.counts().unwrap();
    assert_eq!((counts.files, counts.contents, counts.thumbnails), (3, 2, 1));
    assert!(counts.size_bytes > 0);
}

#[test]
fn two_windows_write_at_once() {
    let folder = Folder::new();
    thread::scope(|scope| {
        for writer in 0..2u8 {
            let file = folder.file();
            scope.spawn(move || {
                let mut store = Store::open(&file).unwrap();
                for batch in 0..50u8 {
                    let of = Fingerprint([[writer, batch]; 8].concat().try_into().unwrap());
                    store.put_embeddings("model", &[(of, embedding(u32::from(batch)))]).unwrap();
                    assert_eq!(store.embeddings("model", &[of]).unwrap().len(), 1);
                }
            });
        }
    });
    assert_eq!(folder.store().counts().unwrap().embeddings, [("model".to_owned(), 100)]);
}

#[test]
fn many_windows_open_a_new_store_at_once() {
    for _ in 0..10 {
        let folder = Folder::new();
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| folder.store());
            }
        });
    }
}

#[test]
fn a_newer_store_is_refused_and_left_as_it_is() {
    let folder = Folder::new();
    drop(folder.store());
    Connection::open(folder.file()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(folder.file()).unwrap();
    let error = Store::open(&folder.file()).err().unwrap();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }));
    assert!(error.to_string().contains("Install the newer version"), "{error}");
    assert_eq!(fs::read(folder.file()).unwrap(), before);
}

#[test]
fn a_file_that_is_no_store_is_damaged_and_left_as_it_is() {
    let folder = Folder::new();
    drop(folder.store());
    fs::write(folder.file(), "not a database at all, ".repeat(100)).unwrap();
    let before = fs::read(folder.file()).unwrap();
    let error = Store::open(&folder.file()).err().unwrap();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("tagroll.db") && error.to_string().contains("not affected"), "{error}");
    assert_eq!(fs::read(folder.file()).unwrap(), before);
}

#[test]
fn a_store_that_lost_its_middle_says_so() {
    let folder = Folder::new();
    let mut store = folder.store();
    let many: Vec<_> = (0..200).map(|number| (print(number), embedding(u32::from(number)))).collect();
    store.put_embeddings("model", &many).unwrap();
    drop(store);
    let mut bytes = fs::read(folder.file()).unwrap();
    bytes[16_384..].fill(0x5a);
    fs::write(folder.file(), bytes).unwrap();
    let read = Store::open(&folder.file()).and_then(|store| store.embeddings("model", &[print(1)]));
    assert!(matches!(read, Err(StoreError::Damaged { .. })), "{read:?}");
}

#[test]
fn a_database_of_another_program_is_not_written_to() {
    let folder = Folder::new();
    fs::create_dir_all(folder.file().parent().unwrap()).unwrap();
    Connection::open(folder.file()).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
    let error = Store::open(&folder.file()).err().unwrap();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
}

#[test]
fn a_store_where_none_can_be_is_an_error_that_names_it() {
    let folder = Folder::new();
    let taken = folder.0.path().join("taken");
    fs::write(&taken, b"a file").unwrap();
    let error = Store::open(&taken.join("tagroll.db")).err().unwrap();
    assert!(matches!(error, StoreError::Io { .. }) && error.to_string().contains("tagroll.db"), "{error}");
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf_8_are_told_apart() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new();
    let mut store = folder.store();
    let files =
        [&b"/caf\xe9.jpg"[..], &b"/caf\xe8.jpg"[..]].map(|name| found(Path::new(OsStr::from_bytes(name)), 1, 1));
    store.put_files(&[(files[0].clone(), print(1)), (files[1].clone(), print(2))]).unwrap();
    assert_eq!(store.fingerprints(&files).unwrap(), [Some(print(1)), Some(print(2))]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_file_any_look_and_any_vector_come_back(
        path in "[^\\x00]{1,40}",
        size_bytes in 0..u64::MAX / 2,
        modified_ns in any::<i64>(),
        name in any::<[u8; 16]>(),
        (width_px, height_px, average) in any::<(u32, u32, [u8; 3])>(),
        jpeg in proptest::collection::vec(any::<u8>(), 0..500),
        numbers in proptest::collection::vec(-1e3f32..1e3, 1..64),
        reason in ".{0,60}",
    ) {
        let folder = Folder::new();
        let mut store = folder.store();
        let of = Fingerprint(name);
        let file = found(Path::new(&path), size_bytes, modified_ns);
        store.put_files(&[(file.clone(), of)]).unwrap();
        prop_assert_eq!(store.fingerprints(&[file]).unwrap(), [Some(of)]);
        let thumbnail = Thumbnail { look: Look { width_px, height_px, average }, jpeg };
        store.put_thumbnails(&[(of, thumbnail.clone())]).unwrap();
        prop_assert_eq!(store.thumbnail(of).unwrap(), Some(thumbnail));
        store.put_unreadable(&[(of, reason.clone())]).unwrap();
        prop_assert_eq!(store.unreadable(&[of]).unwrap(), [(of, reason)]);
        if let Ok(embedding) = Embedding::normalised(numbers) {
            store.put_embeddings("model", &[(of, embedding.clone())]).unwrap();
            prop_assert!(is_same(&store.embeddings("model", &[of]).unwrap()[0].1, &embedding));
        }
    }
}
