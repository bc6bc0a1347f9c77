//! What each part of the store takes, for people who want to know what is kept of their photos.

use super::{Store, StoreError};

/// How many there are of a kind, and what they take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub count: u64,
    pub size_bytes: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreShares {
    pub thumbnails: Share,
    pub embeddings: Share,
    pub verdicts: Share,
}

impl Store {
    /// Counts what pictures, vectors and verdicts take. SQLite knows a picture's length without reading it.
    pub fn shares(&self) -> Result<StoreShares, StoreError> {
        const SQL: [&str; 3] = [
            "SELECT count(*), coalesce(sum(length(jpeg)), 0) FROM thumbnails",
            "SELECT count(*), coalesce(sum(length(numbers)), 0) FROM embeddings",
            "SELECT count(*), coalesce(sum(length(category) + length(fingerprint)), 0) FROM verdicts",
        ];
        self.read(|transaction| {
            let share = |sql: &str| -> rusqlite::Result<Share> {
                let of = |row: &rusqlite::Row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
                let (count, size_bytes) = transaction.query_row(sql, [], of)?;
                Ok(Share { count: count as u64, size_bytes: size_bytes as u64 })
            };
            Ok(StoreShares { thumbnails: share(SQL[0])?, embeddings: share(SQL[1])?, verdicts: share(SQL[2])? })
        })
    }
}
