//! The tables of the store, and how an older store becomes one of today.
//!
//! Promise: a store is changed in one transaction or not at all, and one that this version does not know is not
//! touched.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Marks the file as Tagroll's, as SQLite's `application_id` is meant to: "TgRl".
const APPLICATION_ID: i64 = 0x5467_526c;

/// Each entry leads from the version of its index to the next. An entry that was released is never edited.
const MIGRATIONS: [&str; 4] = [
    "
    CREATE TABLE files (
        path BLOB PRIMARY KEY,
        size_bytes INTEGER NOT NULL,
        modified_ns INTEGER NOT NULL,
        fingerprint BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- Apart from the thumbnails, so that the looks of a whole folder are read without their pictures.
    CREATE TABLE looks (
        fingerprint BLOB PRIMARY KEY,
        width_px INTEGER NOT NULL,
        height_px INTEGER NOT NULL,
        average BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE thumbnails (
        fingerprint BLOB PRIMARY KEY,
        jpeg BLOB NOT NULL
    ) STRICT;
    CREATE TABLE unreadable (
        fingerprint BLOB PRIMARY KEY,
        program_version TEXT NOT NULL,
        reason TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE models (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE embeddings (
        model INTEGER NOT NULL,
        fingerprint BLOB NOT NULL,
        numbers BLOB NOT NULL,
        UNIQUE (model, fingerprint)
    ) STRICT;
",
    "
    -- By the category's name, which means the same in every session and in shared sets.
    CREATE TABLE verdicts (
        category TEXT NOT NULL,
        fingerprint BLOB NOT NULL,
        is_yes INTEGER NOT NULL,
        PRIMARY KEY (category, fingerprint)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- What is written down inside photos; sidecars change by themselves and are read anew.
    CREATE TABLE metadata (
        fingerprint BLOB PRIMARY KEY,
        reader INTEGER NOT NULL,
        json TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    "
    -- What lay in folders when they were last read, as `Listing` writes it.
    CREATE TABLE folders (
        path BLOB PRIMARY KEY,
        listing BLOB NOT NULL
    ) STRICT;
",
];

/// Another window that writes a batch holds the store for milliseconds; this is long enough for a slow disk.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);

/// Checks whose file this is, then makes it ready for use.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let of = |error: rusqlite::Error| StoreError::of(path, &error);
    connection.busy_timeout(BUSY_TIMEOUT).map_err(of)?;
    check_owner(connection, path)?;
    tune(connection).map_err(of)?;
    migrate(connection, path)
}

fn check_owner(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let owner = || -> rusqlite::Result<(i64, i64, i64)> {
        let tables = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok((pragma(connection, "application_id")?, pragma(connection, "user_version")?, tables))
    };
    match owner().map_err(|error| StoreError::of(path, &error))? {
        (APPLICATION_ID, version, _) => check_version(version, path),
        (0, 0, 0) => Ok(()),
        _ => Err(StoreError::Foreign { path: path.to_path_buf() }),
    }
}

fn check_version(found: i64, path: &Path) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as i64;
    if found > known { Err(StoreError::Newer { path: path.to_path_buf(), found, known }) } else { Ok(()) }
}

fn tune(connection: &Connection) -> rusqlite::Result<()> {
    // Several embeddings fit on one page of 16 KiB without waste; it counts only until the first table is there.
    connection.pragma_update(None, "page_size", 16_384)?;
    // Readers never wait for a writer. A file system that cannot do this keeps its own mode, which is only slower.
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // With WAL this may lose the last batches in a power cut, which are made again, but never the store.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // The indexes of 100,000 photos stay in memory, and the rest in that of the system; negative means KiB.
    connection.pragma_update(None, "cache_size", -12_288)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let of = |error: rusqlite::Error| StoreError::of(path, &error);
    if pragma(connection, "user_version").map_err(of)? == MIGRATIONS.len() as i64 {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(of)?;
    // Read again: another process may have migrated while this one waited for its turn.
    let found = pragma(&transaction, "user_version").map_err(of)?;
    check_version(found, path)?;
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(migration).map_err(of)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(of)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64).map_err(of)?;
    transaction.commit().map_err(of)
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}
