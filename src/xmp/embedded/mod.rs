//! Metadata inside photos: the XMP packets and IPTC keywords of JPEG, TIFF (and so DNG), PNG and WebP.
//!
//! Promise: a photo is never trusted. What it says of lengths is checked against the bytes that are there before anything
//! is allocated, no photo makes Tagroll read more than 64 MiB of metadata, and what is damaged costs only itself: the
//! rest is still read. Only errors of the disk are errors.

mod iptc;
mod jpeg;
mod padding;
mod photoshop;
mod png;
mod segments;
mod source;
mod tiff;
mod webp;
mod write;

use std::collections::HashSet;
use std::io::{self, Read, Seek};

use crate::catalog::{Keyword, Metadata};

pub(crate) use segments::{APP1, EXIF, MULTI_PICTURE, segments};
pub(crate) use source::Source;
pub(crate) use tiff::{Entry, Layout};
pub use write::{EmbedError, TaggedJpeg, tag_jpeg};

/// More keywords than a person gives to a photo, and few enough to compare each with all others.
const MOST_WORDS: usize = 1000;
/// A photo has one or two, a TIFF one a page.
const MOST_PACKETS: usize = 16;

/// What a photo says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    pub metadata: Metadata,
    /// What was passed over and why, in sentences for people.
    pub trouble: Option<String>,
}

/// What lies in a photo, before its XMP is understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embedded {
    /// As they are stored, the strongest voice first: in a JPEG the main packet stands before the extended one.
    pub packets: Vec<Vec<u8>>,
    /// Keywords of IPTC, each once, in the order of the file; at most 1000.
    pub words: Vec<String>,
    /// What was passed over and why, a sentence each.
    pub troubles: Vec<String>,
}

/// Reads what a photo says of itself. The format is known by its first bytes; a file of another format says nothing.
pub fn read_embedded(file: &mut (impl Read + Seek)) -> io::Result<Reading> {
    find_embedded(file).map(understood)
}

/// Finds packets and keywords without looking into the packets.
pub fn find_embedded(file: &mut (impl Read + Seek)) -> io::Result<Embedded> {
    let mut source = Source::new(file)?;
    let mut found = Embedded::default();
    let start = source.bytes(0, 16)?;
    if start.starts_with(&[0xff, 0xd8]) {
        jpeg::find(&mut source, &mut found)?;
    } else if start.starts_with(png::SIGNATURE) {
        png::find(&mut source, &mut found)?;
    } else if start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP") {
        webp::find(&mut source, &mut found)?;
    } else if let Some(layout) = tiff::Layout::of(&start) {
        tiff::find(&mut source, layout, &mut found)?;
    }
    Ok(found)
}

impl Embedded {
    /// Takes in a block of IPTC records.
    fn add_iptc(&mut self, block: &[u8]) {
        for word in iptc::keywords(block, MOST_WORDS - self.words.len()) {
            if !self.words.contains(&word) {
                self.words.push(word);
            }
        }
    }

    /// Reads a packet that lies in one piece.
    fn add_packet<R: Read + Seek>(&mut self, source: &mut Source<R>, at: u64, length: u64) -> io::Result<()> {
        match source.whole(at, length)? {
            Ok(packet) => self.push_packet(packet),
            Err(trouble) => self.add_trouble(trouble),
        }
        Ok(())
    }

    fn push_packet(&mut self, packet: Vec<u8>) {
        if !packet.is_empty() && self.packets.len() < MOST_PACKETS {
            self.packets.push(packet);
        }
    }

    /// One sentence is enough for many packets that have the same fault.
    fn add_trouble(&mut self, trouble: String) {
        if !self.troubles.contains(&trouble) {
            self.troubles.push(trouble);
        }
    }
}

fn understood(mut found: Embedded) -> Reading {
    let mut metadata = Metadata::default();
    for packet in std::mem::take(&mut found.packets) {
        match crate::xmp::read(without_padding(&packet)) {
            Ok(said) => metadata.join(said),
            Err(error) => found.add_trouble(format!("The XMP in this photo was passed over: {error}.")),
        }
    }
    let keywords = unsaid(&found.words, &metadata);
    metadata.join(Metadata { keywords, ..Metadata::default() });
    let trouble = (!found.troubles.is_empty()).then(|| found.troubles.join(" "));
    Reading { metadata, trouble }
}

/// The words that are no part of a path that XMP gave. IPTC knows no paths, so programs that write both put each part of
/// `animal/dog` there as a word of its own.
fn unsaid(words: &[String], metadata: &Metadata) -> Vec<Keyword> {
    let paths = metadata.keywords.iter().chain(&metadata.ours);
    let said: HashSet<String> = paths.flat_map(Keyword::folded).collect();
    let keywords = words.iter().filter_map(|word| Keyword::flat(word).ok());
    keywords.filter(|keyword| !keyword.folded().iter().any(|part| said.contains(part))).collect()
}

/// Some cameras fill the place of a packet up with zeros, which XML does not allow.
fn without_padding(packet: &[u8]) -> &[u8] {
    // In UTF-16 a zero is half of a letter.
    if packet.iter().take(2).any(|byte| *byte == 0) {
        return packet;
    }
    let end = packet.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &packet[..end]
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn a_file_of_another_format_says_nothing() {
        for bytes in [&b""[..], b"GIF89a", b"BM", b"RIFF\x04\0\0\0WAVE", b"\xff", b"II", b"text"] {
            assert_eq!(read_embedded(&mut Cursor::new(bytes)).unwrap(), Reading::default());
        }
    }

    #[test]
    fn a_word_that_is_part_of_a_path_is_not_said_again() {
        let metadata = Metadata {
            keywords: vec!["Animal/Dog".parse().unwrap()],
            ours: vec!["beach".parse().unwrap()],
            ..Metadata::default()
        };
        let words = ["dog", "animal", "Beach", "sea"].map(str::to_owned);
        assert_eq!(unsaid(&words, &metadata), [Keyword::flat("sea").unwrap()]);
    }

    #[test]
    fn words_of_iptc_are_keywords_and_troubles_are_told_together() {
        let found = Embedded {
            words: vec!["dog".to_owned(), "km/h".to_owned(), "\u{1}".to_owned()],
            troubles: vec!["One.".to_owned(), "Two.".to_owned()],
            ..Embedded::default()
        };
        let reading = understood(found);
        assert_eq!(reading.metadata.keywords, ["dog", "km/h"].map(|word| Keyword::flat(word).unwrap()));
        assert_eq!(reading.trouble.as_deref(), Some("One. Two."));
    }

    #[test]
    fn zeros_after_a_packet_are_padding_unless_they_are_half_of_a_letter() {
        assert_eq!(without_padding(b"<x/>\0\0"), b"<x/>");
        assert_eq!(without_padding(b"<\0/\0>\0"), b"<\0/\0>\0");
        assert_eq!(without_padding(b""), b"");
    }

    #[test]
    fn a_thousand_words_are_enough() {
        let mut found = Embedded::default();
        for word in 0..2000 {
            found.add_iptc(&iptc::record(2, 25, format!("{word}").as_bytes()));
        }
        assert_eq!((found.words.len(), found.words.last().map(String::as_str)), (1000, Some("999")));
    }
}
