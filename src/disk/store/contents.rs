//! Contents that Tagroll made of others, by writing keywords into photos.

use rusqlite::params;

use super::{Store, StoreError};
use crate::catalog::Fingerprint;

impl Store {
    /// What is known of the first of each pair is true of the second, too: the pixels are the same.
    pub fn copy_contents(&mut self, pairs: &[(Fingerprint, Fingerprint)]) -> Result<(), StoreError> {
        const COPIES: [&str; 4] = [
            "INSERT OR IGNORE INTO looks SELECT ?2, width_px, height_px, average FROM looks WHERE fingerprint = ?1",
            "INSERT OR IGNORE INTO thumbnails SELECT ?2, jpeg FROM thumbnails WHERE fingerprint = ?1",
            "INSERT OR IGNORE INTO embeddings SELECT model, ?2, numbers FROM embeddings WHERE fingerprint = ?1",
            "INSERT OR IGNORE INTO verdicts SELECT category, ?2, is_yes FROM verdicts WHERE fingerprint = ?1",
        ];
        self.write(|transaction| {
            for sql in COPIES {
                let mut copy = transaction.prepare_cached(sql)?;
                pairs.iter().try_for_each(|(from, to)| copy.execute(params![from.0, to.0]).map(drop))?;
            }
            Ok(())
        })
    }
}
