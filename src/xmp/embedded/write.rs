//! Keywords into a JPEG, for programs that read no sidecars of JPEGs.
//!
//! Promise: only the segment of the main XMP packet changes or is added. All other bytes stay as they are and in their
//! order, the image above all; where that cannot be kept, the photo is refused.

use std::io::Cursor;
use std::ops::Range;

use crate::catalog::Keyword;
use crate::xmp::{Edit, XmpError, merge};

use super::padding::fitted;
use super::segments::{APP0, APP1, APP2, EXIF, MULTI_PICTURE, Segment, XMP, segments};
use super::source::Source;

/// What the XMP specification (part 3, section 1.1.3) allows. The segment's length, 65,535 with its own 2 bytes and the
/// 29 of the namespace, would hold 2 more, which a strict reader need not take.
const MOST_PACKET_BYTES: usize = 65_502;

/// A JPEG with its keywords. Equal bytes mean that there was nothing to do.
#[derive(Clone, Debug, PartialEq)]
pub struct TaggedJpeg {
    pub bytes: Vec<u8>,
    pub added: Vec<Keyword>,
    pub removed: Vec<Keyword>,
    /// Asked for, but removed in another program since Tagroll wrote them.
    pub declined: Vec<Keyword>,
}

/// Why a photo stays as it is, as a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmbedError {
    #[error("This is not a JPEG, and keywords can be put only into JPEGs. Write them into a sidecar.")]
    NotJpeg,
    #[error("This JPEG is damaged before its image begins, so nothing was put into it. Write a sidecar.")]
    Damaged,
    #[error("This photo has {0} XMP packets, and which of them counts cannot be known. Write a sidecar.")]
    SeveralPackets(usize),
    #[error(
        "With these keywords the XMP of this photo would have {0} bytes, and a JPEG holds {MOST_PACKET_BYTES}. \
         Write a sidecar."
    )]
    TooLarge(usize),
    #[error(
        "This file holds several pictures, and with these keywords those after the first could no longer be found. \
         Write a sidecar."
    )]
    PicturesWouldMove,
    #[error("The XMP in this photo cannot be changed, so nothing was put into it: {0}.")]
    Xmp(#[from] XmpError),
}

/// Changes Tagroll's keywords in the main packet, which is made where there is none. An extended packet stays as it is.
pub fn tag_jpeg(photo: &[u8], edit: &Edit) -> Result<TaggedJpeg, EmbedError> {
    let mut lists = None;
    let bytes = replace_packet(photo, |before| {
        let merged = merge(before, edit)?;
        lists = Some((merged.added, merged.removed, merged.declined));
        Ok(merged.bytes)
    })?;
    let (added, removed, declined) = lists.unwrap_or_default();
    Ok(TaggedJpeg { bytes, added, removed, declined })
}

/// Puts what `edit` makes of the packet in its place.
fn replace_packet(
    photo: &[u8],
    edit: impl FnOnce(Option<&[u8]>) -> Result<Vec<u8>, EmbedError>,
) -> Result<Vec<u8>, EmbedError> {
    let segments = segments_of(photo)?;
    let place = place(&segments)?;
    let before = photo[place.clone()].get(4 + XMP.len()..);
    let after = edit(before)?;
    if after == before.unwrap_or_default() {
        return Ok(photo.to_vec());
    }
    // Nothing is left of a packet that Tagroll made.
    if after.is_empty() && !is_after_index(&segments, &place) {
        return Ok([&photo[..place.start], &photo[place.end..]].concat());
    }
    let must_keep = is_after_index(&segments, &place);
    let after = match before {
        Some(before) => fitted(after, before.len(), must_keep),
        None => after,
    };
    let segment = segment(&after)?;
    if must_keep && segment.len() != place.len() {
        return Err(EmbedError::PicturesWouldMove);
    }
    Ok([&photo[..place.start], &segment, &photo[place.end..]].concat())
}

fn segments_of(photo: &[u8]) -> Result<Vec<Segment>, EmbedError> {
    if !photo.starts_with(&[0xff, 0xd8]) {
        return Err(EmbedError::NotJpeg);
    }
    let mut file = Cursor::new(photo);
    let walk = Source::new(&mut file).and_then(|mut source| segments(&mut source));
    walk.ok().filter(|walk| walk.is_complete).map(|walk| walk.list).ok_or(EmbedError::Damaged)
}

/// The segment of the main packet, or the empty place where a new one belongs.
fn place(segments: &[Segment]) -> Result<Range<usize>, EmbedError> {
    let packets: Vec<&Segment> = segments.iter().filter(|segment| segment.is(APP1, XMP)).collect();
    let place = match packets[..] {
        [] => new_place(segments),
        [segment] => segment.whole.clone(),
        _ => return Err(EmbedError::SeveralPackets(packets.len())),
    };
    let end = |end: u64| usize::try_from(end).map_err(|_| EmbedError::Damaged);
    Ok(end(place.start)?..end(place.end)?)
}

/// Behind JFIF and Exif, each of which wants to be first.
fn new_place(segments: &[Segment]) -> Range<u64> {
    let is_first = |segment: &&Segment| segment.marker == APP0 || segment.is(APP1, EXIF);
    let end = segments.iter().take_while(is_first).last().map_or(2, |segment| segment.whole.end);
    end..end
}

/// Whether an index of several pictures stands before the packet. Its offsets count from the index itself (CIPA DC-007,
/// section 5.2.3.3.3), so they stay right when something grows before it, and go wrong when something grows between it
/// and the later pictures. The size that it notes for the first picture is then too small by the growth; readers find
/// the end of that picture by its marker.
fn is_after_index(segments: &[Segment], place: &Range<usize>) -> bool {
    let mut indexes = segments.iter().filter(|segment| segment.is(APP2, MULTI_PICTURE));
    indexes.any(|index| index.whole.start < place.start as u64)
}

fn segment(packet: &[u8]) -> Result<Vec<u8>, EmbedError> {
    let length = u16::try_from(2 + XMP.len() + packet.len()).ok().filter(|_| packet.len() <= MOST_PACKET_BYTES);
    let length = length.ok_or(EmbedError::TooLarge(packet.len()))?;
    Ok([&[0xff, APP1], &length.to_be_bytes()[..], XMP, packet].concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::segments::EXTENDED_XMP;
    use super::super::segments::tests::{built, photo};
    use super::*;

    fn jfif() -> Vec<u8> {
        built(APP0, b"JFIF\0", b"\x01\x02")
    }

    fn exif() -> Vec<u8> {
        built(APP1, EXIF, b"\0II*\0")
    }

    fn index() -> Vec<u8> {
        built(APP2, MULTI_PICTURE, b"II*\0")
    }

    fn comment() -> Vec<u8> {
        built(0xfe, b"taken by hand", b"")
    }

    fn xmp(packet: &[u8]) -> Vec<u8> {
        built(APP1, XMP, packet)
    }

    fn padded(body: &str, spaces: usize) -> Vec<u8> {
        format!("<x>{body}</x>\n{}\n<?xpacket end=\"w\"?>", " ".repeat(spaces)).into_bytes()
    }

    fn replaced(photo: &[u8], packet: &[u8]) -> Result<Vec<u8>, EmbedError> {
        replace_packet(photo, |_| Ok(packet.to_vec()))
    }

    #[test]
    fn a_new_packet_stands_behind_jfif_and_exif() {
        let before = photo(&[jfif(), exif(), index(), comment()]);
        let expected = photo(&[jfif(), exif(), xmp(b"<x/>"), index(), comment()]);
        assert_eq!(replaced(&before, b"<x/>"), Ok(expected));
        assert_eq!(replaced(&photo(&[comment(), jfif()]), b"<x/>"), Ok(photo(&[xmp(b"<x/>"), comment(), jfif()])));
    }

    #[test]
    fn the_packet_that_is_there_is_handed_over_and_replaced_in_its_place() {
        let extended = built(APP1, EXTENDED_XMP, b"a part");
        let before = photo(&[jfif(), extended.clone(), xmp(b"<before/>"), comment()]);
        let after = replace_packet(&before, |packet| {
            assert_eq!(packet, Some(&b"<before/>"[..]));
            Ok(b"<x/>".to_vec())
        });
        assert_eq!(after, Ok(photo(&[jfif(), extended, xmp(b"<x/>"), comment()])));
    }

    #[test]
    fn an_edit_that_changes_nothing_gives_the_same_bytes() {
        for before in [photo(&[jfif()]), photo(&[xmp(b"<x/>"), index()]), photo(&[index(), xmp(&padded("", 0))])] {
            let after = replace_packet(&before, |packet| Ok(packet.unwrap_or_default().to_vec()));
            assert_eq!(after.as_ref(), Ok(&before));
        }
    }

    #[test]
    fn a_packet_behind_the_index_of_several_pictures_keeps_its_length_or_is_refused() {
        let before = photo(&[index(), xmp(&padded("", 9))]);
        let after = replaced(&before, &padded("123456789", 9)).unwrap();
        assert_eq!(after, photo(&[index(), xmp(&padded("123456789", 0))]));
        assert_eq!(replaced(&after, &padded("", 0)), Ok(before.clone()));
        assert_eq!(replaced(&before, &padded(&"1".repeat(99), 9)), Err(EmbedError::PicturesWouldMove));
        let moved = photo(&[xmp(&padded("", 9)), index()]);
        assert!(replaced(&moved, &padded(&"1".repeat(99), 9)).is_ok());
    }

    #[test]
    fn a_packet_that_no_segment_holds_is_refused() {
        let before = photo(&[jfif()]);
        assert!(replaced(&before, &[b' '; MOST_PACKET_BYTES]).is_ok());
        let refused = replaced(&before, &[b' '; MOST_PACKET_BYTES + 1]).unwrap_err();
        assert_eq!(refused, EmbedError::TooLarge(65_503));
        assert!(refused.to_string().contains("65503 bytes, and a JPEG holds 65502."), "{refused}");
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        let whole = photo(&[jfif(), exif()]);
        for (bytes, expected) in [
            (&b"\x89PNG\r\n\x1a\n"[..], EmbedError::NotJpeg),
            (b"", EmbedError::NotJpeg),
            (&whole[..20], EmbedError::Damaged),
            (b"\xff\xd8\xff\xd9", EmbedError::Damaged),
            (&photo(&[xmp(b"<x/>"), xmp(b"<x/>")]), EmbedError::SeveralPackets(2)),
        ] {
            assert_eq!(replaced(bytes, b"<y/>"), Err(expected));
        }
        let refused = replace_packet(&whole, |_| Err(XmpError::NotXmp.into())).unwrap_err();
        assert!(refused.to_string().contains("cannot be changed"), "{refused}");
    }

    fn other_segment() -> impl Strategy<Value = Vec<u8>> {
        let stray = prop::collection::vec(b' '..=b'~', 0..9);
        let any = (0xe2..=0xfe_u8, prop::collection::vec(any::<u8>(), 0..60));
        prop_oneof![
            Just(jfif()),
            Just(exif()),
            Just(comment()),
            Just(vec![0xff; 3]),
            Just(built(APP1, EXTENDED_XMP, b"a part")),
            stray,
            any.prop_map(|(marker, bytes)| built(marker, b"any", &bytes)),
        ]
    }

    proptest! {
        #[test]
        fn all_but_the_packet_stays_whatever_stands_around_it(
            head in prop::collection::vec(other_segment(), 0..6),
            tail in prop::collection::vec(other_segment(), 0..6),
            spaces in (0..40_usize, 0..40_usize),
            body in "[a-z]{0,80}",
        ) {
            let before = photo(&[&head[..], &[xmp(&padded("", spaces.0))], &tail].concat());
            let after = replaced(&before, &padded(&body, spaces.1)).unwrap();
            let (head, tail) = ([&[0xff, 0xd8], &head.concat()[..]].concat(), photo(&tail)[2..].to_vec());
            let changed = after.strip_prefix(&head[..]).unwrap().strip_suffix(&tail[..]).unwrap();
            let packet = changed.get(4 + XMP.len()..).unwrap();
            prop_assert_eq!(changed, xmp(packet));
            let is_kept = packet.starts_with(format!("<x>{body}</x>").as_bytes());
            prop_assert!(is_kept && packet.ends_with(b"\n<?xpacket end=\"w\"?>"));
        }

        #[test]
        fn all_stays_in_its_order_around_a_new_packet(segments in prop::collection::vec(other_segment(), 0..9)) {
            let before = photo(&segments);
            let after = replaced(&before, b"<x/>").unwrap();
            let new = xmp(b"<x/>");
            let at = after.windows(new.len()).position(|window| window == new).unwrap();
            prop_assert_eq!([&after[..at], &after[at + new.len()..]].concat(), before);
        }
    }
}
