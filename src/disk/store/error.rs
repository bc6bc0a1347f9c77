//! What can go wrong with the store, in words for the person whose disk it lies on.
//!
//! Promise: each message names the file and says what to do; nothing here deletes or repairs anything.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error(
        "\"{}\" was written by a newer Tagroll: its format is {found}, and this version knows {known}. Install the \
         newer version, or name another folder with --data-dir.", path.display()
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error(
        "\"{}\" is damaged: {reason}. Your photos are not affected. Move this file to another folder; Tagroll then \
         makes a new one and reads the photos again.", path.display()
    )]
    Damaged { path: PathBuf, reason: String },
    #[error(
        "\"{}\" does not belong to Tagroll. Move it to another folder, or name another folder with --data-dir.",
        path.display()
    )]
    Foreign { path: PathBuf },
    #[error(
        "There is no room left on the disk for \"{}\". Free some space and try again; all that was stored before is \
         kept.", path.display()
    )]
    Full { path: PathBuf },
    #[error("\"{}\" is held by another program. Close that program and try again.", path.display())]
    Busy { path: PathBuf },
    #[error(
        "\"{}\" cannot be used: {reason}. Make sure that its folder may be written to, or name another folder with \
         --data-dir.", path.display()
    )]
    Io { path: PathBuf, reason: String },
}

impl StoreError {
    pub(super) fn of(path: &Path, error: &rusqlite::Error) -> StoreError {
        let path = path.to_path_buf();
        let reason = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged { path, reason },
            Some(ErrorCode::DiskFull) => StoreError::Full { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path },
            Some(_) => StoreError::Io { path, reason },
            // Errors without a code come from rows whose columns are not what the schema says.
            None => StoreError::Damaged { path, reason },
        }
    }
}
