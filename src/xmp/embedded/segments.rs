//! The segments of a JPEG before its image, in order: what reading and writing of its metadata have in common.
//!
//! Source: ITU-T T.81, annex B; the namespaces are those of the XMP specification, part 3.
//!
//! Promise: fill bytes, markers without a length and stray bytes between segments are passed over, and there is an end to
//! every walk.

use std::io::{self, Read, Seek};
use std::ops::Range;

use super::source::Source;

pub(super) const APP0: u8 = 0xe0;
pub(crate) const APP1: u8 = 0xe1;
pub(super) const APP2: u8 = 0xe2;
pub(super) const APP13: u8 = 0xed;
const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: u8 = 0xd9;

pub(super) const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
pub(super) const EXTENDED_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
pub(crate) const EXIF: &[u8] = b"Exif\0";
pub(super) const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
pub(crate) const MULTI_PICTURE: &[u8] = b"MPF\0";

/// The longest of these names; reading that much of a segment tells what it is.
const NAME_BYTES: u64 = EXTENDED_XMP.len() as u64;
/// Stray bytes between two segments; what is longer is no longer a JPEG.
const MOST_STRAY_BYTES: u64 = 4 << 10;
/// 64 MiB of extended XMP need a thousand.
const MOST_SEGMENTS: usize = 16 << 10;

/// A marker with a length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub marker: u8,
    /// From its 0xFF to its last byte.
    pub whole: Range<u64>,
    /// Its first bytes after the length.
    pub name: Vec<u8>,
}

/// The segments before the image.
pub(crate) struct Segments {
    pub list: Vec<Segment>,
    /// Whether the walk came to the image, and not to the end of the file or to something that is no segment.
    pub is_complete: bool,
}

impl Segment {
    pub fn is(&self, marker: u8, name: &[u8]) -> bool {
        self.marker == marker && self.name.starts_with(name)
    }

    /// What follows `name`.
    pub fn after(&self, name: &[u8]) -> Range<u64> {
        (self.whole.start + 4 + name.len() as u64).min(self.whole.end)..self.whole.end
    }
}

/// Walks from the first marker to the image.
pub(crate) fn segments<R: Read + Seek>(source: &mut Source<R>) -> io::Result<Segments> {
    let mut list = Vec::new();
    let mut at = 2;
    while list.len() < MOST_SEGMENTS {
        let Some((marker, start)) = next_marker(source, at)? else { break };
        if matches!(marker, START_OF_SCAN | END_OF_IMAGE) {
            return Ok(Segments { list, is_complete: marker == START_OF_SCAN });
        }
        let Some(segment) = segment(source, marker, start)? else { break };
        at = segment.whole.end;
        list.push(segment);
    }
    Ok(Segments { list, is_complete: false })
}

/// The next marker that is not alone, and where its 0xFF stands.
fn next_marker<R: Read + Seek>(source: &mut Source<R>, at: u64) -> io::Result<Option<(u8, u64)>> {
    if let Some([0xff, code]) = source.array(at)?
        && !is_passed_over(code)
    {
        return Ok(Some((code, at)));
    }
    let bytes = source.bytes(at, MOST_STRAY_BYTES)?;
    let mut pairs = bytes.windows(2).zip(at..);
    Ok(pairs.find(|(pair, _)| pair[0] == 0xff && !is_passed_over(pair[1])).map(|(pair, start)| (pair[1], start)))
}

/// Fill bytes, codes that no JPEG has before its image, and markers that have no length.
fn is_passed_over(code: u8) -> bool {
    matches!(code, 0x00..=0xbf | 0xd0..=0xd8 | 0xff)
}

/// `None` where the file ends inside it, or its length is none.
fn segment<R: Read + Seek>(source: &mut Source<R>, marker: u8, start: u64) -> io::Result<Option<Segment>> {
    let Some(length) = source.array(start + 2)?.map(|length| u64::from(u16::from_be_bytes(length))) else {
        return Ok(None);
    };
    let end = start + 2 + length;
    if length < 2 || end > source.size() {
        return Ok(None);
    }
    let name = source.bytes(start + 4, NAME_BYTES.min(length - 2))?;
    Ok(Some(Segment { marker, whole: start..end, name }))
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Cursor;

    use super::*;

    /// A segment with its marker and length.
    pub fn built(marker: u8, name: &[u8], rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(2 + name.len() + rest.len()).unwrap();
        [&[0xff, marker], &length.to_be_bytes()[..], name, rest].concat()
    }

    /// A photo of these segments, and something that stands for an image.
    pub fn photo(segments: &[Vec<u8>]) -> Vec<u8> {
        [&[0xff, 0xd8], &segments.concat()[..], b"\xff\xda\0\x02image\xff\0\xff\xe1\xff\xd9after"].concat()
    }

    fn walked(photo: &[u8]) -> (Vec<u8>, bool) {
        let mut file = Cursor::new(photo);
        let found = segments(&mut Source::new(&mut file).unwrap()).unwrap();
        (found.list.iter().map(|segment| segment.marker).collect(), found.is_complete)
    }

    #[test]
    fn the_walk_ends_at_the_image() {
        let photo = photo(&[built(APP0, b"JFIF\0", b""), built(APP1, EXIF, b"\0tiff"), built(0xfe, b"", b"")]);
        assert_eq!(walked(&photo), (vec![APP0, APP1, 0xfe], true));
    }

    #[test]
    fn fill_bytes_lone_markers_and_stray_bytes_are_passed_over() {
        let odd = [b"\xff\xff\xff\xff".to_vec(), b"\xff\x01\xff\xd0\xff\0stray".to_vec()];
        let [fill, stray] = odd;
        let photo = photo(&[fill, built(APP1, EXIF, b""), stray, built(APP2, b"ICC", b"")]);
        assert_eq!(walked(&photo), (vec![APP1, APP2], true));
    }

    #[test]
    fn a_segment_that_the_file_does_not_hold_or_without_a_length_ends_the_walk() {
        assert_eq!(walked(b"\xff\xd8\xff\xe1\0\x02\xff\xe2\0\x10short"), (vec![APP1], false));
        assert_eq!(walked(b"\xff\xd8\xff\xe1\0\x01\xff\xe2\0\x02"), (vec![], false));
        assert_eq!(walked(b"\xff\xd8\xff\xe1\0\x02\xff\xd9"), (vec![APP1], false));
        assert_eq!(walked(&[&[0xff, 0xd8][..], &[0; 5000], &built(APP1, EXIF, b"")].concat()), (vec![], false));
    }
}
