//! A photo as bytes at offsets.
//!
//! Promise: nothing is allocated that the file does not hold, and all that is read of one file together is bounded.

use std::io::{self, Read, Seek, SeekFrom};

/// The largest packet, and all metadata of one photo together. Real packets are below 100 KiB; those that hold a depth
/// map or the history of an edit reach a few MiB.
pub(super) const MOST_BYTES: u64 = 64 << 20;

pub(crate) struct Source<'a, R> {
    file: &'a mut R,
    size: u64,
    position: u64,
    /// So that a photo cannot have one large place read again and again.
    left: u64,
}

impl<'a, R: Read + Seek> Source<'a, R> {
    pub fn new(file: &'a mut R) -> io::Result<Source<'a, R>> {
        let size = file.seek(SeekFrom::End(0))?;
        file.rewind()?;
        Ok(Source { file, size, position: 0, left: MOST_BYTES })
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// The bytes from `at` on: `length` of them, or fewer where the file ends or enough has been read of it.
    pub fn bytes(&mut self, at: u64, length: u64) -> io::Result<Vec<u8>> {
        let length = self.size.saturating_sub(at).min(length).min(self.left);
        let Some(length_usize) = usize::try_from(length).ok().filter(|length| *length > 0) else {
            return Ok(Vec::new());
        };
        self.go_to(at)?;
        let mut bytes = vec![0; length_usize];
        self.file.read_exact(&mut bytes)?;
        self.position += length;
        self.left -= length;
        Ok(bytes)
    }

    /// A few bytes, or `None` where the file ends before.
    pub fn array<const N: usize>(&mut self, at: u64) -> io::Result<Option<[u8; N]>> {
        Ok(self.bytes(at, N as u64)?.try_into().ok())
    }

    /// All the bytes of a packet or block, or why there are none, as a sentence.
    pub fn whole(&mut self, at: u64, length: u64) -> io::Result<Result<Vec<u8>, String>> {
        if at.checked_add(length).is_none_or(|end| end > self.size) {
            return Ok(Err("The file ends inside its metadata; copy it again from where it came.".to_owned()));
        }
        if length > self.left {
            return Ok(Err(too_large()));
        }
        self.bytes(at, length).map(Ok)
    }

    fn go_to(&mut self, at: u64) -> io::Result<()> {
        // A relative step lets a buffered reader keep what it has already read.
        let step = i64::try_from(at).ok().zip(i64::try_from(self.position).ok()).map(|(to, from)| to - from);
        match step {
            Some(0) => {}
            Some(step) => self.file.seek_relative(step)?,
            None => drop(self.file.seek(SeekFrom::Start(at))?),
        }
        self.position = at;
        Ok(())
    }
}

pub(super) fn too_large() -> String {
    format!("The metadata in this photo is larger than {} MiB, so some of it was passed over.", MOST_BYTES >> 20)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn bytes_end_where_the_file_ends() {
        let mut file = Cursor::new(b"abcdef");
        let mut source = Source::new(&mut file).unwrap();
        assert_eq!(source.bytes(4, u64::MAX).unwrap(), b"ef");
        assert_eq!(source.bytes(u64::MAX, 1).unwrap(), b"");
        assert_eq!(source.bytes(1, 2).unwrap(), b"bc");
        assert_eq!((source.array(3).unwrap(), source.array::<4>(3).unwrap()), (Some(*b"def"), None));
        assert!(source.whole(u64::MAX, 2).unwrap().unwrap_err().contains("ends inside"));
    }

    #[test]
    fn one_file_is_not_read_without_end() {
        let mut file = Cursor::new(vec![0; 20 << 20]);
        let mut source = Source::new(&mut file).unwrap();
        for _ in 0..3 {
            assert_eq!(source.whole(0, 20 << 20).unwrap().unwrap().len(), 20 << 20);
        }
        assert!(source.whole(0, 20 << 20).unwrap().unwrap_err().contains("64 MiB"));
        assert_eq!(source.bytes(0, 20 << 20).unwrap().len(), 4 << 20);
        assert_eq!(source.bytes(0, 1).unwrap(), b"");
    }
}
