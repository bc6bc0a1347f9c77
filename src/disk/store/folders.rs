//! What lay in folders when they were last read.

use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError, path_key};
use crate::disk::listing::Listing;
use crate::disk::scan;

impl Store {
    /// `None` where the folder is not known, or was listed by other rules.
    pub fn listing(&self, folder: &Path) -> Result<Option<Listing>, StoreError> {
        const SQL: &str = "SELECT listing FROM folders WHERE path = ?";
        self.read(|transaction| {
            let mut statement = transaction.prepare_cached(SQL)?;
            let read = |row: &rusqlite::Row| Ok(row.get_ref(0)?.as_blob().ok().and_then(of_bytes));
            Ok(statement.query_row([path_key(folder)], read).optional()?.flatten())
        })
    }

    /// A folder with `None` is forgotten: it will be read again.
    pub fn put_listings(&mut self, of: &[(PathBuf, Option<Listing>)]) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO folders VALUES (?, ?)")?;
            let mut forget = transaction.prepare_cached("DELETE FROM folders WHERE path = ?")?;
            of.iter().try_for_each(|(folder, listing)| {
                let bytes = listing.as_ref().and_then(|listing| listing.to_bytes(scan::rules()));
                match bytes {
                    Some(bytes) => put.execute(params![path_key(folder), bytes]).map(drop),
                    None => forget.execute([path_key(folder)]).map(drop),
                }
            })
        })
    }
}

fn of_bytes(bytes: &[u8]) -> Option<Listing> {
    Listing::of_bytes(bytes, scan::rules())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_kept_until_it_is_forgotten() {
        let scratch = tempfile::tempdir().unwrap();
        let mut store = Store::open(&scratch.path().join("tagroll.db")).unwrap();
        let (folder, listing) = (PathBuf::from("/photos"), Listing { modified_ns: 7, ..Listing::default() });
        store.put_listings(&[(folder.clone(), Some(listing.clone()))]).unwrap();
        assert_eq!(store.listing(&folder).unwrap(), Some(listing));
        assert_eq!(store.listing(Path::new("/other")).unwrap(), None);
        store.put_listings(&[(folder.clone(), None)]).unwrap();
        assert_eq!(store.listing(&folder).unwrap(), None);
    }

    #[test]
    fn a_damaged_listing_says_nothing() {
        let scratch = tempfile::tempdir().unwrap();
        let mut store = Store::open(&scratch.path().join("tagroll.db")).unwrap();
        let folder = PathBuf::from("/photos");
        store.put_listings(&[(folder.clone(), Some(Listing::default()))]).unwrap();
        store.connection.execute("UPDATE folders SET listing = x'0102'", []).unwrap();
        assert_eq!(store.listing(&folder).unwrap(), None);
    }
}
