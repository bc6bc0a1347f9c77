//! WebP: the XMP packet in its chunk.
//!
//! Source: RFC 9649, section 2.7.

use std::io::{self, Read, Seek};

use super::Embedded;
use super::source::Source;

const FIRST_CHUNK: u64 = 12;

pub(super) fn find<R: Read + Seek>(source: &mut Source<R>, found: &mut Embedded) -> io::Result<()> {
    let mut at = FIRST_CHUNK;
    while let Some([name @ .., a, b, c, d]) = source.array::<8>(at)? {
        let length = u64::from(u32::from_le_bytes([a, b, c, d]));
        // The name with a zero is a mistake that has been made often enough.
        if matches!(&name, b"XMP " | b"XMP\0") {
            found.add_packet(source, at + 8, length)?;
        }
        at += 8 + length + length % 2;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::find_embedded;
    use super::*;

    fn chunk(name: &[u8; 4], bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        [&name[..], &length, bytes, &[0][..bytes.len() % 2]].concat()
    }

    fn found(chunks: &[Vec<u8>]) -> Embedded {
        let file = [&b"RIFF\0\0\0\0WEBP"[..], &chunks.concat()].concat();
        find_embedded(&mut Cursor::new(file)).unwrap()
    }

    #[test]
    fn the_packet_is_found_after_a_chunk_of_odd_length() {
        assert_eq!(found(&[chunk(b"VP8 ", b"odd"), chunk(b"XMP ", b"<x/>")]).packets, [b"<x/>"]);
        assert_eq!(found(&[chunk(b"XMP\0", b"<x/>")]).packets, [b"<x/>"]);
    }

    #[test]
    fn a_chunk_that_is_cut_short_is_told() {
        let found = found(&[b"XMP \xff\xff\xff\xff<x/>".to_vec()]);
        assert!(found.packets.is_empty() && found.troubles[0].contains("ends inside"));
    }
}
