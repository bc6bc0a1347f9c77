//! JPEG: the main XMP packet, the extended one that it names, and the IPTC keywords in Photoshop's segments.
//!
//! Source: XMP specification, part 3, section 1.1.3.

use std::io::{self, Read, Seek};
use std::ops::Range;

use super::segments::{APP1, APP13, EXTENDED_XMP, PHOTOSHOP, Segment, XMP, segments};
use super::source::{MOST_BYTES, Source, too_large};
use super::{Embedded, photoshop};

const GUID_BYTES: usize = 32;
/// The GUID, the length of the whole and the offset of this part in it.
const PART_HEADER_BYTES: u64 = GUID_BYTES as u64 + 4 + 4;

/// One segment of an extended packet.
struct Part {
    guid: [u8; GUID_BYTES],
    total_bytes: u64,
    offset: u64,
    place: Range<u64>,
}

pub(super) fn find<R: Read + Seek>(source: &mut Source<R>, found: &mut Embedded) -> io::Result<()> {
    let segments = segments(source)?.list;
    for segment in segments.iter().filter(|segment| segment.is(APP1, XMP)) {
        let place = segment.after(XMP);
        found.add_packet(source, place.start, place.end - place.start)?;
    }
    find_extended(source, &segments, found)?;
    find_iptc(source, &segments, found)
}

fn find_extended<R: Read + Seek>(source: &mut Source<R>, segments: &[Segment], found: &mut Embedded) -> io::Result<()> {
    let Some(guid) = found.packets.iter().find_map(|packet| named_guid(packet)) else {
        return Ok(());
    };
    let mut parts = Vec::new();
    for segment in segments.iter().filter(|segment| segment.is(APP1, EXTENDED_XMP)) {
        parts.extend(part(source, segment)?.filter(|part| part.guid.eq_ignore_ascii_case(&guid)));
    }
    match assembled(source, parts)? {
        Ok(packet) => found.push_packet(packet),
        Err(trouble) => found.add_trouble(trouble),
    }
    Ok(())
}

/// The value of `xmpNote:HasExtendedXMP`, whether it is written as an attribute or as an element.
fn named_guid(packet: &[u8]) -> Option<[u8; GUID_BYTES]> {
    const NAME: &[u8] = b"HasExtendedXMP";
    let at = packet.windows(NAME.len()).position(|window| window == NAME)?;
    let value = packet[at + NAME.len()..].trim_ascii_start();
    let value = value.strip_prefix(b"=").unwrap_or(value).trim_ascii_start();
    let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).or(value.strip_prefix(b">"))?;
    let guid: [u8; GUID_BYTES] = value.trim_ascii_start().get(..GUID_BYTES)?.try_into().ok()?;
    guid.iter().all(u8::is_ascii_hexdigit).then_some(guid)
}

fn part<R: Read + Seek>(source: &mut Source<R>, segment: &Segment) -> io::Result<Option<Part>> {
    let place = segment.after(EXTENDED_XMP);
    if place.end - place.start < PART_HEADER_BYTES {
        return Ok(None);
    }
    let (Some(guid), Some([total_bytes, offset])) =
        (source.array(place.start)?, numbers(source, place.start + GUID_BYTES as u64)?)
    else {
        return Ok(None);
    };
    Ok(Some(Part { guid, total_bytes, offset, place: place.start + PART_HEADER_BYTES..place.end }))
}

fn numbers<R: Read + Seek>(source: &mut Source<R>, at: u64) -> io::Result<Option<[u64; 2]>> {
    let Some([a, b, c, d, e, f, g, h]) = source.array(at)? else { return Ok(None) };
    Ok(Some([u32::from_be_bytes([a, b, c, d]).into(), u32::from_be_bytes([e, f, g, h]).into()]))
}

/// The packet of these parts, whose order in the file means nothing; or why there is none.
fn assembled<R: Read + Seek>(source: &mut Source<R>, mut parts: Vec<Part>) -> io::Result<Result<Vec<u8>, String>> {
    let total_bytes = parts.first().map_or(0, |part| part.total_bytes);
    if total_bytes > MOST_BYTES {
        return Ok(Err(too_large()));
    }
    parts.sort_by_key(|part| part.offset);
    let mut packet = Vec::new();
    for part in parts {
        // A part that comes a second time says nothing new.
        if part.offset != packet.len() as u64 {
            continue;
        }
        match source.whole(part.place.start, part.place.end - part.place.start)? {
            Ok(bytes) => packet.extend(bytes),
            Err(trouble) => return Ok(Err(trouble)),
        }
    }
    let is_whole = !packet.is_empty() && packet.len() as u64 == total_bytes;
    Ok(if is_whole { Ok(packet) } else { Err(incomplete()) })
}

fn incomplete() -> String {
    "A part of this photo's extended XMP is missing, so only its main XMP was read.".to_owned()
}

/// The image resources may be cut anywhere to fit into segments.
fn find_iptc<R: Read + Seek>(source: &mut Source<R>, segments: &[Segment], found: &mut Embedded) -> io::Result<()> {
    let mut resources = Vec::new();
    for segment in segments.iter().filter(|segment| segment.is(APP13, PHOTOSHOP)) {
        let place = segment.after(PHOTOSHOP);
        match source.whole(place.start, place.end - place.start)? {
            Ok(bytes) => resources.extend(bytes),
            Err(trouble) => found.add_trouble(trouble),
        }
    }
    photoshop::iptc_blocks(&resources).for_each(|block| found.add_iptc(block));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::segments::tests::{built, photo};
    use super::super::{Embedded, find_embedded, iptc};
    use super::*;

    const GUID: &[u8] = b"0123456789ABCDEF0123456789ABCDEF";

    fn found(segments: &[Vec<u8>]) -> Embedded {
        find_embedded(&mut Cursor::new(photo(segments))).unwrap()
    }

    fn main_packet() -> Vec<u8> {
        let packet = [b"<x xmpNote:HasExtendedXMP=\"", GUID, b"\"/>"].concat();
        built(APP1, XMP, &packet)
    }

    fn part(guid: &[u8], total_bytes: u32, offset: u32, bytes: &[u8]) -> Vec<u8> {
        let header = [guid, &total_bytes.to_be_bytes(), &offset.to_be_bytes()].concat();
        built(APP1, EXTENDED_XMP, &[&header, bytes].concat())
    }

    #[test]
    fn the_packet_is_what_follows_its_namespace() {
        let found = found(&[built(APP1, b"Exif\0\0", b"II"), built(APP1, XMP, b"<x/>")]);
        assert_eq!((found.packets, found.troubles), (vec![b"<x/>".to_vec()], vec![]));
    }

    #[test]
    fn extended_parts_are_joined_in_any_order_and_others_are_left() {
        let other = b"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";
        let parts = [part(GUID, 6, 3, b"def"), part(other, 3, 0, b"xyz"), part(GUID, 6, 0, b"abc")];
        let twice = part(GUID, 6, 3, b"def");
        let [second, foreign, first] = parts;
        let found = found(&[second, foreign, main_packet(), first, twice]);
        assert_eq!((found.packets.len(), found.packets[1].as_slice()), (2, &b"abcdef"[..]));
    }

    #[test]
    fn an_extended_packet_with_a_hole_or_of_absurd_length_is_told_and_the_main_one_stays() {
        for parts in [vec![part(GUID, 9, 0, b"abc"), part(GUID, 9, 6, b"ghi")], vec![], vec![part(GUID, 9, 9, b"")]] {
            let found = found(&[vec![main_packet()], parts].concat());
            assert_eq!((found.packets.len(), found.troubles), (1, vec![incomplete()]));
        }
        assert_eq!(found(&[main_packet(), part(GUID, u32::MAX, 0, b"abc")]).troubles, [too_large()]);
    }

    #[test]
    fn the_extended_packet_is_named_by_an_attribute_or_an_element() {
        for (before, after) in [("='", "'"), (" = \"", "\""), (">", "</"), (">\n ", "\n</")] {
            let packet = [b"<x a:HasExtendedXMP", before.as_bytes(), GUID, after.as_bytes()].concat();
            assert_eq!(named_guid(&packet).as_ref().map(<[u8; 32]>::as_slice), Some(GUID), "{before}");
        }
        assert_eq!(named_guid(b"HasExtendedXMP=\"0123\""), None);
        assert_eq!(named_guid(b"HasExtendedXMP"), None);
    }

    #[test]
    fn iptc_that_is_cut_over_segments_is_joined() {
        let resource = photoshop::resource(0x0404, &iptc::record(2, 25, b"dog"));
        let (first, second) = resource.split_at(15);
        let found = found(&[built(APP13, PHOTOSHOP, first), built(APP13, PHOTOSHOP, second)]);
        assert_eq!(found.words, ["dog"]);
    }
}
