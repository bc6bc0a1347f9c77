//! What a photo's content is called: 128 bits of BLAKE3, so that a moved or renamed file is known again.
//!
//! Promise: the name depends on bytes alone, never on the path or the time.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::catalog::{Fingerprint, FoundFile};

use super::{preview, reasons};

const WHOLE_BYTES: u64 = 1 << 20;
const END_BYTES: u64 = 256 << 10;
const BLOCKS: u64 = 8;
const BLOCK_BYTES: u64 = 16 << 10;

/// Reads the whole file up to 1 MiB, and of formats whose pixels lie uncompressed (TIFF that is not raw, BMP). Of other files it reads
/// the size, both ends and eight blocks between: an edit of a compressed picture moves bytes everywhere, and 100,000
/// photos must not be read whole just to be named. The error is the reason for people.
pub fn fingerprint(file: &FoundFile) -> Result<Fingerprint, String> {
    File::open(&file.path).and_then(of_file).map_err(|error| reasons::of_io(&error))
}

/// A stand-in for the name of a file that cannot be read, so that it can be listed with its reason.
pub fn fingerprint_of_path(path: &Path) -> Fingerprint {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"path").update(path.as_os_str().as_encoded_bytes());
    finish(&hasher)
}

fn of_file(mut file: File) -> io::Result<Fingerprint> {
    let size = file.metadata()?.len();
    let mut hasher = blake3::Hasher::new();
    hasher.update(&size.to_le_bytes());
    if size <= WHOLE_BYTES || is_uncompressed(&mut file)? {
        hasher.update_reader(&mut file)?;
    } else {
        for (start, length) in sampled_ranges(size) {
            file.seek(SeekFrom::Start(start))?;
            hasher.update_reader(file.by_ref().take(length))?;
        }
    }
    Ok(finish(&hasher))
}

fn finish(hasher: &blake3::Hasher) -> Fingerprint {
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    Fingerprint(bytes)
}

/// By content, not by extension, so that a renamed file keeps its name. Leaves `file` at its start.
fn is_uncompressed(file: &mut File) -> io::Result<bool> {
    let mut start = [0; 4];
    file.read_exact(&mut start)?;
    file.rewind()?;
    let is_like_tiff = matches!(&start, b"II*\0" | b"MM\0*" | b"II+\0" | b"MM\0+");
    let is_tiff = is_like_tiff && !preview::is_raw(&mut BufReader::new(&mut *file))?;
    file.rewind()?;
    Ok(is_tiff || start.starts_with(b"BM"))
}

/// Both ends and eight blocks evenly between; `size` is above [`WHOLE_BYTES`], so they do not meet.
fn sampled_ranges(size: u64) -> impl Iterator<Item = (u64, u64)> {
    let between = size - 2 * END_BYTES - BLOCK_BYTES;
    let blocks = (1..=BLOCKS).map(move |block| (END_BYTES + between / (BLOCKS + 1) * block, BLOCK_BYTES));
    [(0, END_BYTES)].into_iter().chain(blocks).chain([(size - END_BYTES, END_BYTES)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn fingerprint_of(path: &Path, bytes: &[u8]) -> Fingerprint {
        fs::write(path, bytes).unwrap();
        let file = FoundFile { path: path.into(), size_bytes: bytes.len() as u64, modified_ns: 0 };
        fingerprint(&file).unwrap()
    }

    /// Whether a change of the byte at `at` gives another fingerprint.
    fn is_noticed(mut bytes: Vec<u8>, at: usize) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("photo");
        let before = fingerprint_of(&path, &bytes);
        bytes[at] ^= 1;
        before != fingerprint_of(&path, &bytes)
    }

    #[test]
    fn equal_content_has_one_name_wherever_it_lies() {
        let folder = tempfile::tempdir().unwrap();
        let first = fingerprint_of(&folder.path().join("a.jpg"), b"content");
        assert_eq!(first, fingerprint_of(&folder.path().join("b.tif"), b"content"));
        assert_ne!(first, fingerprint_of(&folder.path().join("a.jpg"), b"Content"));
    }

    #[test]
    fn every_byte_of_a_small_file_counts() {
        assert!((0..64).all(|at| is_noticed(vec![7; 64], at)));
    }

    #[test]
    fn every_byte_of_a_large_uncompressed_file_counts() {
        let mut tiff = vec![0; 3 << 20];
        tiff[..4].copy_from_slice(b"II*\0");
        assert!([0x50_000, 0x123_457, 0x2f0_001].iter().all(|at| is_noticed(tiff.clone(), *at)));
    }

    #[test]
    fn both_ends_and_the_size_of_a_large_file_count() {
        let large = vec![0; 3 << 20];
        assert!(is_noticed(large.clone(), 0));
        assert!(is_noticed(large.clone(), large.len() - 1));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("photo");
        assert_ne!(fingerprint_of(&path, &large), fingerprint_of(&path, &large[1..]));
    }

    #[test]
    fn the_ranges_of_any_size_lie_inside_the_file_and_never_overlap() {
        for size in [WHOLE_BYTES + 1, WHOLE_BYTES + 12_345, 5 << 30] {
            let ranges: Vec<_> = sampled_ranges(size).collect();
            assert!(ranges.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0), "{size}: {ranges:?}");
            assert_eq!(ranges.last().map(|(start, length)| start + length), Some(size));
        }
    }

    #[test]
    fn a_file_that_is_gone_has_a_reason() {
        let gone = FoundFile { path: Path::new("no such photo.jpg").into(), size_bytes: 1, modified_ns: 0 };
        assert!(fingerprint(&gone).unwrap_err().contains("no longer"));
    }
}
