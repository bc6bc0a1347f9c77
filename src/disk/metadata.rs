//! What a photo says of itself, from its file.
//!
//! Promise: the photo is opened for reading only, and of a large one only its metadata is read.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use crate::xmp::embedded::{Reading, read_embedded};

use super::reasons;

/// Keywords, rating and label inside `photo`. A kind of file that can hold none says nothing. The error is the reason for
/// people why the file cannot be read.
pub fn embedded_metadata(photo: &Path) -> Result<Reading, String> {
    let reading = File::open(photo).and_then(|file| read_embedded(&mut BufReader::new(file)));
    reading.map_err(|error| reasons::of_io(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_gone_or_no_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let gone = embedded_metadata(&folder.path().join("gone.jpg")).unwrap_err();
        assert!(gone.contains("no longer there"), "{gone}");
        assert!(embedded_metadata(folder.path()).is_err());
    }

    #[test]
    fn a_text_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "II* is how a TIFF begins").unwrap();
        assert_eq!(embedded_metadata(&path), Ok(Reading::default()));
    }
}
