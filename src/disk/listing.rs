//! What lay in a folder when it was last read to its end, so that one that has not changed need not be read again.
//!
//! Promise: the bytes of a listing give the same listing back, or nothing. They begin with the rules by which the walk
//! chose what to list: with other rules, a listing of before says nothing.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::catalog::{Fingerprint, FoundFile};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// When an entry was last added, renamed or taken away: nanoseconds since 1970. A file whose content was replaced in
    /// place leaves it as it was.
    pub modified_ns: i64,
    pub folders: Vec<OsString>,
    /// Links to folders.
    pub links: Vec<OsString>,
    pub photos: Vec<Listed>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub name: OsString,
    pub size_bytes: u64,
    pub modified_ns: i64,
    pub fingerprint: Fingerprint,
}

impl Listed {
    /// `None` for a path that ends in no name.
    pub fn of(file: &FoundFile, fingerprint: Fingerprint) -> Option<Listed> {
        let name = file.path.file_name()?.to_owned();
        Some(Listed { name, size_bytes: file.size_bytes, modified_ns: file.modified_ns, fingerprint })
    }

    pub fn found_in(&self, folder: &Path) -> (FoundFile, Fingerprint) {
        let path = folder.join(&self.name).into();
        (FoundFile { path, size_bytes: self.size_bytes, modified_ns: self.modified_ns }, self.fingerprint)
    }
}

impl Listing {
    /// `None` where a name cannot be written down.
    pub fn to_bytes(&self, rules: u32) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(32 + self.photos.len() * 64);
        bytes.extend(rules.to_le_bytes());
        bytes.extend(self.modified_ns.to_le_bytes());
        for names in [&self.folders, &self.links] {
            bytes.extend(u32::try_from(names.len()).ok()?.to_le_bytes());
            names.iter().try_for_each(|name| put_name(&mut bytes, name))?;
        }
        for photo in &self.photos {
            put_name(&mut bytes, &photo.name)?;
            bytes.extend(photo.size_bytes.to_le_bytes());
            bytes.extend(photo.modified_ns.to_le_bytes());
            bytes.extend(photo.fingerprint.0);
        }
        Some(bytes)
    }

    /// `None` for bytes of other rules, and for bytes that make no sense.
    pub fn of_bytes(bytes: &[u8], rules: u32) -> Option<Listing> {
        let mut rest = Rest(bytes);
        if rest.number()? != rules {
            return None;
        }
        let modified_ns = i64::from_le_bytes(rest.take()?);
        let (folders, links) = (rest.names()?, rest.names()?);
        let mut photos = Vec::with_capacity(rest.0.len() / 48);
        while !rest.0.is_empty() {
            photos.push(Listed {
                name: rest.name()?,
                size_bytes: u64::from_le_bytes(rest.take()?),
                modified_ns: i64::from_le_bytes(rest.take()?),
                fingerprint: Fingerprint(rest.take()?),
            });
        }
        Some(Listing { modified_ns, folders, links, photos })
    }
}

fn put_name(bytes: &mut Vec<u8>, name: &OsStr) -> Option<()> {
    let name = bytes_of(name)?;
    bytes.extend(u32::try_from(name.len()).ok()?.to_le_bytes());
    bytes.extend(name);
    Some(())
}

/// The bytes that are still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn name(&mut self) -> Option<OsString> {
        let length = self.number()? as usize;
        let (name, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        name_of(name)
    }

    fn names(&mut self) -> Option<Vec<OsString>> {
        (0..self.number()?).map(|_| self.name()).collect()
    }
}

#[cfg(unix)]
fn bytes_of(name: &OsStr) -> Option<&[u8]> {
    Some(std::os::unix::ffi::OsStrExt::as_bytes(name))
}

#[cfg(unix)]
fn name_of(bytes: &[u8]) -> Option<OsString> {
    Some(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes).to_owned())
}

/// Elsewhere the few names that are not Unicode cannot be read back safely: their folders are read again at every start.
#[cfg(not(unix))]
fn bytes_of(name: &OsStr) -> Option<&[u8]> {
    name.to_str().map(str::as_bytes)
}

#[cfg(not(unix))]
fn name_of(bytes: &[u8]) -> Option<OsString> {
    std::str::from_utf8(bytes).ok().map(OsString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing() -> Listing {
        let photo = |name: &str, number: u8| Listed {
            name: name.into(),
            size_bytes: 1 << number,
            modified_ns: -i64::from(number),
            fingerprint: Fingerprint([number; 16]),
        };
        Listing {
            modified_ns: 7,
            folders: vec!["2024".into(), "Łódź".into()],
            links: vec!["elsewhere".into()],
            photos: vec![photo("a.jpg", 1), photo("写真.png", 40)],
        }
    }

    #[test]
    fn a_listing_reads_back_what_it_writes() {
        for listing in [listing(), Listing::default()] {
            assert_eq!(Listing::of_bytes(&listing.to_bytes(5).unwrap(), 5), Some(listing));
        }
    }

    #[test]
    fn a_listing_by_other_rules_says_nothing() {
        assert_eq!(Listing::of_bytes(&listing().to_bytes(5).unwrap(), 6), None);
    }

    #[test]
    fn bytes_that_were_cut_off_say_nothing_or_less_but_never_something_else() {
        let (whole, bytes) = (listing(), listing().to_bytes(5).unwrap());
        for end in 0..bytes.len() {
            if let Some(part) = Listing::of_bytes(&bytes[..end], 5) {
                assert!(whole.photos.starts_with(&part.photos), "{end}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_unicode_come_back_too() {
        let name = name_of(b"caf\xe9").unwrap();
        let listing = Listing { folders: vec![name], ..Listing::default() };
        assert_eq!(Listing::of_bytes(&listing.to_bytes(0).unwrap(), 0), Some(listing));
    }
}
