//! What a person said of photos, by category name and content.

use rusqlite::params;

use super::{Store, StoreError};
use crate::catalog::{Fingerprint, Verdict};

impl Store {
    /// Everything that was said, by name, then by content.
    pub fn verdicts(&self) -> Result<Vec<(String, Fingerprint, Verdict)>, StoreError> {
        const SQL: &str = "SELECT category, fingerprint, is_yes FROM verdicts ORDER BY category, fingerprint";
        self.read(|transaction| {
            let mut statement = transaction.prepare_cached(SQL)?;
            let rows = statement.query_map([], |row| {
                let verdict = if row.get::<_, bool>(2)? { Verdict::Yes } else { Verdict::No };
                Ok((row.get(0)?, row.get(1).map(Fingerprint)?, verdict))
            })?;
            rows.collect()
        })
    }

    /// Puts verdicts, and takes those out that are `None`.
    pub fn change_verdicts(&mut self, changes: &[(String, Fingerprint, Option<Verdict>)]) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?)")?;
            let mut take = transaction.prepare_cached("DELETE FROM verdicts WHERE category = ? AND fingerprint = ?")?;
            changes.iter().try_for_each(|(category, photo, verdict)| match verdict {
                Some(verdict) => put.execute(params![category, photo.0, *verdict == Verdict::Yes]).map(drop),
                None => take.execute(params![category, photo.0]).map(drop),
            })
        })
    }
}
