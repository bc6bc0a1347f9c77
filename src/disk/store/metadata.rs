//! What is written down inside photos, by content.

use rusqlite::params;

use super::{Store, StoreError};
use crate::catalog::{Fingerprint, Metadata};

/// Grows whenever the reading of photos finds more than before: what an older reader found is then read anew.
const READER: i64 = 1;

impl Store {
    /// Of those of `of` that were read.
    pub fn metadata(&self, of: &[Fingerprint]) -> Result<Vec<(Fingerprint, Metadata)>, StoreError> {
        const SQL: &str = "SELECT json FROM metadata WHERE fingerprint = ?1 AND reader = ?2";
        self.lookup(SQL, &[&READER], of, |row| serde_json::from_str(row.get_ref(0).ok()?.as_str().ok()?).ok())
    }

    pub fn put_metadata(&mut self, of: &[(Fingerprint, Metadata)]) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO metadata VALUES (?, ?, ?)")?;
            of.iter().try_for_each(|(fingerprint, metadata)| {
                // Most photos have none, and then no more than this is kept.
                let json = if metadata.is_empty() { Ok("{}".to_owned()) } else { serde_json::to_string(metadata) };
                // Names, numbers and text are always JSON; a row that is not made is made another time.
                json.map_or(Ok(()), |json| put.execute(params![fingerprint.0, READER, json]).map(drop))
            })
        })
    }
}
