//! PNG: the XMP packet in its text, and IPTC records as ImageMagick and exiv2 (and so digiKam) write them, in
//! hexadecimal digits.
//!
//! Sources: PNG specification, third edition, section 11.3.3; XMP specification, part 3, section 1.1.5.

use std::io::{self, Read, Seek};

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::source::{Source, too_large};
use super::{Embedded, photoshop};

pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const XMP: &[u8] = b"XML:com.adobe.xmp\0";
const IPTC: &[u8] = b"Raw profile type iptc\0";

/// A few bytes can unfold to a thousand times as many, so only so many texts are unfolded, and only so far.
const MOST_TEXTS: usize = 8;
const MOST_UNFOLDED_BYTES: usize = 8 << 20;

pub(super) fn find<R: Read + Seek>(source: &mut Source<R>, found: &mut Embedded) -> io::Result<()> {
    let mut at = SIGNATURE.len() as u64;
    let mut texts = 0;
    while let Some([a, b, c, d, kind @ ..]) = source.array::<8>(at)?
        && kind != *b"IEND"
        && texts < MOST_TEXTS
    {
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        if is_ours(source, &kind, at + 8, length)? {
            texts += 1;
            match source.whole(at + 8, length)? {
                Ok(chunk) => take(&kind, &chunk, found),
                Err(trouble) => found.add_trouble(trouble),
            }
        }
        // After the chunk stands its checksum. XML has its own ways of telling that it is damaged.
        at += 12 + length;
    }
    Ok(())
}

fn is_ours<R: Read + Seek>(source: &mut Source<R>, kind: &[u8; 4], at: u64, length: u64) -> io::Result<bool> {
    let name = match kind {
        b"iTXt" => XMP,
        b"tEXt" | b"zTXt" => IPTC,
        _ => return Ok(false),
    };
    Ok(source.bytes(at, length.min(name.len() as u64))? == name)
}

fn take(kind: &[u8; 4], chunk: &[u8], found: &mut Embedded) {
    let text = match kind {
        b"iTXt" => international_text(chunk),
        b"zTXt" => chunk.get(IPTC.len() + 1..).map(unfolded),
        _ => chunk.get(IPTC.len()..).map(|text| Ok(text.to_vec())),
    };
    match text {
        Some(Ok(packet)) if kind == b"iTXt" => found.push_packet(packet),
        Some(Ok(digits)) => take_iptc(&profile(&digits), found),
        Some(Err(trouble)) => found.add_trouble(trouble),
        None => found.add_trouble(damaged()),
    }
}

/// What follows whether it is compressed, the method, the language and the name in that language.
fn international_text(chunk: &[u8]) -> Option<Result<Vec<u8>, String>> {
    let (flags, rest) = chunk.get(XMP.len()..)?.split_at_checked(2)?;
    let text = rest.splitn(3, |byte| *byte == 0).nth(2)?;
    Some(if flags[0] == 0 { Ok(text.to_vec()) } else { unfolded(text) })
}

fn unfolded(text: &[u8]) -> Result<Vec<u8>, String> {
    use miniz_oxide::inflate::TINFLStatus::HasMoreOutput;
    decompress_to_vec_zlib_with_limit(text, MOST_UNFOLDED_BYTES)
        .map_err(|error| if error.status == HasMoreOutput { too_large() } else { damaged() })
}

/// The bytes of a raw profile: a line with its name, a line with its length, and digits over many lines.
fn profile(text: &[u8]) -> Vec<u8> {
    let digits = text.trim_ascii_start().splitn(3, |byte| *byte == b'\n').nth(2).unwrap_or_default();
    let digits: Vec<u8> = digits.iter().filter_map(|byte| char::from(*byte).to_digit(16)).map(|d| d as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Most programs wrap the records up as Photoshop does; not all do.
fn take_iptc(profile: &[u8], found: &mut Embedded) {
    if profile.starts_with(b"8BIM") {
        photoshop::iptc_blocks(profile).for_each(|block| found.add_iptc(block));
    } else {
        found.add_iptc(profile);
    }
}

fn damaged() -> String {
    "The metadata in this PNG is damaged and was passed over.".to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use miniz_oxide::deflate::compress_to_vec_zlib;

    use super::super::{find_embedded, iptc};
    use super::*;

    fn chunk(kind: &[u8; 4], bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
        [&length[..], kind, bytes, b"sum!"].concat()
    }

    fn found(chunks: &[Vec<u8>]) -> Embedded {
        find_embedded(&mut Cursor::new([SIGNATURE, &chunks.concat()].concat())).unwrap()
    }

    #[test]
    fn the_packet_is_found_after_the_image_compressed_or_not() {
        let image = chunk(b"IDAT", b"pixels");
        let plain = chunk(b"iTXt", &[XMP, b"\0\0en\0XMP\0<x\0/>"].concat());
        let folded = chunk(b"iTXt", &[XMP, b"\x01\0\0\0", &compress_to_vec_zlib(b"<y/>", 6)].concat());
        let others = [chunk(b"iTXt", b"Comment\0\0\0\0\0text"), chunk(b"tEXt", XMP)];
        let [comment, other] = others;
        let found = found(&[image, comment, plain, other, folded, chunk(b"IEND", b"")]);
        assert_eq!((found.packets, found.troubles), (vec![b"<x\0/>".to_vec(), b"<y/>".to_vec()], vec![]));
    }

    #[test]
    fn iptc_is_read_from_digits_wrapped_up_or_not() {
        let digits = |bytes: &[u8]| {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}\n")).collect();
            format!("\niptc\n{:8}\n{digits}", bytes.len()).into_bytes()
        };
        let bare = digits(&iptc::record(2, 25, b"dog"));
        let wrapped = digits(&photoshop::resource(0x0404, &iptc::record(2, 25, b"sea")));
        let text = chunk(b"tEXt", &[IPTC, &bare].concat());
        let folded = chunk(b"zTXt", &[IPTC, b"\0", &compress_to_vec_zlib(&wrapped, 6)].concat());
        assert_eq!(found(&[text, folded]).words, ["dog", "sea"]);
    }

    #[test]
    fn a_text_that_unfolds_without_end_or_not_at_all_is_told() {
        let text = |folded: &[u8]| chunk(b"iTXt", &[XMP, b"\x01\0\0\0", folded].concat());
        let bomb = text(&compress_to_vec_zlib(&vec![b' '; MOST_UNFOLDED_BYTES + 1], 6));
        let found = found(&[bomb, text(b"not compressed")]);
        assert_eq!((found.packets.len(), found.troubles), (0, vec![too_large(), damaged()]));
    }
}
