//! A photo's names: where it lies, and what it holds.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

/// What a photo's bytes are called, wherever the file lies: 128 bits of BLAKE3. `disk::fingerprint` says over which bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 16]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = String;

    /// Reads the 32 hexadecimal digits that `Display` writes.
    fn from_str(text: &str) -> Result<Fingerprint, String> {
        let number = u128::from_str_radix(text, 16).ok().filter(|_| text.len() == 32);
        number.map(|n| Fingerprint(n.to_be_bytes())).ok_or_else(|| format!("\"{text}\" is not a fingerprint"))
    }
}

/// A file that a scan met, as the file system describes it; nothing of it has been read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FoundFile {
    pub path: Arc<Path>,
    pub size_bytes: u64,
    /// Nanoseconds since 1970.
    pub modified_ns: i64,
}

/// What is needed to draw a photo's place before its thumbnail is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Size of the original, upright.
    pub width_px: u32,
    pub height_px: u32,
    /// Average colour, sRGB.
    pub average: [u8; 3],
}

impl Look {
    /// Width over height.
    pub fn aspect(&self) -> f32 {
        self.width_px.max(1) as f32 / self.height_px.max(1) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_reads_back_what_it_writes() {
        let fingerprint = Fingerprint([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        assert!("12ab".parse::<Fingerprint>().is_err());
    }
}
