//! What was learnt of photos, kept between runs: fingerprints of files, looks, thumbnails, embeddings and reasons.
//!
//! Promise: everything but the lists of files is keyed by content, so moving or renaming a photo loses nothing, and
//! embeddings of different models never mix. A call that writes is one transaction: a stop at any instant loses that
//! call at most. Several threads and processes may hold the same store open. A row that makes no sense counts as not
//! there, so that it is made again.

mod contents;
mod error;
mod folders;
mod metadata;
mod schema;
mod shares;
mod verdicts;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, ToSql, Transaction, TransactionBehavior, params};

use crate::catalog::{Embedding, Fingerprint, FoundFile, Look};

use super::thumbnail::Thumbnail;

pub use error::StoreError;

/// An open store: one SQLite file and one connection to it.
pub struct Store {
    path: PathBuf,
    connection: Connection,
}

/// How much a store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreCounts {
    /// Paths that were ever seen.
    pub files: u64,
    /// Different contents among them.
    pub contents: u64,
    pub thumbnails: u64,
    /// Model and number of embeddings, by name.
    pub embeddings: Vec<(String, u64)>,
    /// On disk, with what SQLite has yet to merge into its main file.
    pub size_bytes: u64,
}

impl Store {
    /// Opens the store at `path`; makes its folder and itself where they are missing.
    pub fn open(path: &Path) -> Result<Store, StoreError> {
        let of_io = |error: io::Error| StoreError::Io { path: path.to_path_buf(), reason: error.to_string() };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(of_io)?;
        let _turn = take_turn(path).map_err(of_io)?;
        // Not as a URI: a folder may be called "file:".
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags);
        let mut connection = connection.map_err(|error| StoreError::of(path, &error))?;
        schema::prepare(&mut connection, path)?;
        Ok(Store { path: path.to_path_buf(), connection })
    }

    /// What is known of files by path, size and time of change, in order: those need not be read again.
    pub fn fingerprints(&self, files: &[FoundFile]) -> Result<Vec<Option<Fingerprint>>, StoreError> {
        const SQL: &str = "SELECT fingerprint FROM files WHERE path = ? AND size_bytes = ? AND modified_ns = ?";
        self.read(|transaction| {
            let mut statement = transaction.prepare_cached(SQL)?;
            let known = files.iter().map(|file| {
                let key = params![path_key(&file.path), file.size_bytes as i64, file.modified_ns];
                let found = statement.query_row(key, |row| Ok(row.get(0).ok().map(Fingerprint)));
                found.optional().map(Option::flatten)
            });
            known.collect()
        })
    }

    pub fn put_files(&mut self, files: &[(FoundFile, Fingerprint)]) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)")?;
            files.iter().try_for_each(|(file, fingerprint)| {
                let size_bytes = file.size_bytes as i64;
                put.execute(params![path_key(&file.path), size_bytes, file.modified_ns, fingerprint.0]).map(drop)
            })
        })
    }

    pub fn looks(&self, of: &[Fingerprint]) -> Result<Vec<(Fingerprint, Look)>, StoreError> {
        self.lookup("SELECT width_px, height_px, average FROM looks WHERE fingerprint = ?", &[], of, look)
    }

    pub fn thumbnail(&self, of: Fingerprint) -> Result<Option<Thumbnail>, StoreError> {
        const SQL: &str = "SELECT width_px, height_px, average, jpeg FROM looks JOIN thumbnails USING (fingerprint)
            WHERE fingerprint = ?";
        let found = self.lookup(SQL, &[], &[of], |row| Some(Thumbnail { look: look(row)?, jpeg: row.get(3).ok()? }))?;
        Ok(found.into_iter().next().map(|(_, thumbnail)| thumbnail))
    }

    pub fn put_thumbnails(&mut self, thumbnails: &[(Fingerprint, Thumbnail)]) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut put_look = transaction.prepare_cached("INSERT OR REPLACE INTO looks VALUES (?, ?, ?, ?)")?;
            let mut put_jpeg = transaction.prepare_cached("INSERT OR REPLACE INTO thumbnails VALUES (?, ?)")?;
            thumbnails.iter().try_for_each(|(fingerprint, Thumbnail { look, jpeg })| {
                put_look.execute(params![fingerprint.0, look.width_px, look.height_px, look.average])?;
                put_jpeg.execute(params![fingerprint.0, jpeg]).map(drop)
            })
        })
    }

    /// Those of `of` that `model` has embedded.
    pub fn embeddings(&self, model: &str, of: &[Fingerprint]) -> Result<Vec<(Fingerprint, Embedding)>, StoreError> {
        const SQL: &str = "SELECT numbers FROM embeddings
            WHERE model = (SELECT id FROM models WHERE name = ?2) AND fingerprint = ?1";
        self.lookup(SQL, &[&model], of, |row| embedding(row.get_ref(0).ok()?.as_blob().ok()?))
    }

    pub fn put_embeddings(&mut self, model: &str, of: &[(Fingerprint, Embedding)]) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.execute("INSERT OR IGNORE INTO models (name) VALUES (?)", [model])?;
            let id: i64 = transaction.query_row("SELECT id FROM models WHERE name = ?", [model], |row| row.get(0))?;
            let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)")?;
            of.iter().try_for_each(|(fingerprint, embedding)| {
                put.execute(params![id, fingerprint.0, bytes_of(embedding)]).map(drop)
            })
        })
    }

    /// Those of `of` that this version of the program could not read, and why; a newer one may do better and tries.
    pub fn unreadable(&self, of: &[Fingerprint]) -> Result<Vec<(Fingerprint, String)>, StoreError> {
        const SQL: &str = "SELECT reason FROM unreadable WHERE fingerprint = ?1 AND program_version = ?2";
        self.lookup(SQL, &[&PROGRAM_VERSION], of, |row| row.get(0).ok())
    }

    /// Keeps reasons that are true of the content, and so of every copy at any time (see `Unreadable::is_lasting`).
    pub fn put_unreadable(&mut self, of: &[(Fingerprint, String)]) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO unreadable VALUES (?, ?, ?)")?;
            of.iter().try_for_each(|(fingerprint, reason)| {
                put.execute(params![fingerprint.0, PROGRAM_VERSION, reason]).map(drop)
            })
        })
    }

    pub fn counts(&self) -> Result<StoreCounts, StoreError> {
        let mut counts = self.read(count)?;
        let mut merged_later = self.path.clone().into_os_string();
        merged_later.push("-wal");
        let size_of = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
        counts.size_bytes = size_of(&self.path) + size_of(Path::new(&merged_later));
        Ok(counts)
    }

    /// One row for each fingerprint that has one: `sql` takes the fingerprint first, then `more`. One transaction, so
    /// that 100,000 look-ups take their lock once.
    fn lookup<T>(
        &self,
        sql: &str,
        more: &[&dyn ToSql],
        of: &[Fingerprint],
        read: impl Fn(&Row) -> Option<T>,
    ) -> Result<Vec<(Fingerprint, T)>, StoreError> {
        self.read(|transaction| {
            let mut statement = transaction.prepare_cached(sql)?;
            let mut found = Vec::new();
            for fingerprint in of {
                let keys: Vec<&dyn ToSql> =
                    [&fingerprint.0 as &dyn ToSql].into_iter().chain(more.iter().copied()).collect();
                let row = statement.query_row(keys.as_slice(), |row| Ok(read(row))).optional()?;
                found.extend(row.flatten().map(|value| (*fingerprint, value)));
            }
            Ok(found)
        })
    }

    fn read<T>(&self, work: impl FnOnce(&Transaction) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        // "Unchecked" only in that transactions could nest, and nothing called here begins another.
        let transaction = self.connection.unchecked_transaction();
        let result = transaction.and_then(|transaction| work(&transaction));
        result.map_err(|error| StoreError::of(&self.path, &error))
    }

    fn write(&mut self, work: impl FnOnce(&Transaction) -> rusqlite::Result<()>) -> Result<(), StoreError> {
        // Taking the write lock at once makes a second writer wait; upgrading a read lock would fail instead.
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let result = transaction.and_then(|transaction| work(&transaction).and_then(|()| transaction.commit()));
        result.map_err(|error| StoreError::of(&self.path, &error))
    }
}

/// Lets one process at a time open the store: SQLite refuses, rather than waits, when two turn a new file into one with
/// a write-ahead log at once. The turn ends when the lock's file is closed.
fn take_turn(path: &Path) -> io::Result<File> {
    let mut lock = path.to_path_buf().into_os_string();
    lock.push("-lock");
    let lock = File::options().create(true).truncate(false).write(true).open(lock)?;
    match lock.lock() {
        // Without locks the first start of two windows at once may fail, and the second attempt works.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(lock),
        locked => locked.map(|()| lock),
    }
}

const PROGRAM_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The bytes of an absolute path as the platform has it, so that names that are not UTF-8 differ too. Only compared,
/// never read back: should another toolchain write them differently, files are named by content once more.
fn path_key(path: &Path) -> Vec<u8> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    absolute.into_os_string().into_encoded_bytes()
}

fn look(row: &Row) -> Option<Look> {
    Some(Look { width_px: row.get(0).ok()?, height_px: row.get(1).ok()?, average: row.get(2).ok()? })
}

/// Little-endian `f32`.
fn bytes_of(embedding: &Embedding) -> Vec<u8> {
    embedding.as_slice().iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// `None` where the bytes are no longer the unit vector that was stored.
fn embedding(bytes: &[u8]) -> Option<Embedding> {
    let (numbers, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    Embedding::of_unit(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}

fn count(transaction: &Transaction) -> rusqlite::Result<StoreCounts> {
    let number = |sql: &str| transaction.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
    let mut models = transaction.prepare(
        "SELECT name, count(*) FROM embeddings JOIN models ON models.id = embeddings.model GROUP BY name ORDER BY name",
    )?;
    let embeddings = models.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
    Ok(StoreCounts {
        files: number("SELECT count(*) FROM files")?,
        contents: number("SELECT count(DISTINCT fingerprint) FROM files")?,
        thumbnails: number("SELECT count(*) FROM thumbnails")?,
        embeddings: embeddings.collect::<rusqlite::Result<_>>()?,
        size_bytes: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_plainly_and_what_was_stored_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("tagroll.db")).unwrap();
        let look = Look { width_px: 1, height_px: 1, average: [0; 3] };
        let small = (Fingerprint([1; 16]), Thumbnail { look, jpeg: vec![7] });
        let large = (Fingerprint([2; 16]), Thumbnail { look, jpeg: vec![7; 4 << 20] });
        store.put_thumbnails(std::slice::from_ref(&small)).unwrap();
        store.connection.pragma_update(None, "max_page_count", 40).unwrap();

        let error = store.put_thumbnails(&[large]).unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }), "{error}");
        assert!(error.to_string().starts_with("There is no room left"), "{error}");
        assert_eq!(store.thumbnail(small.0).unwrap(), Some(small.1));
        assert_eq!(store.looks(&[Fingerprint([2; 16])]).unwrap(), []);
    }
}
