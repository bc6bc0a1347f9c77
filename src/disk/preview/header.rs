//! What a JPEG inside a file says of itself before its pixels.

use std::io::{self, Read, Seek};

use crate::xmp::embedded::Source;

/// Before the size there are tables and metadata, a dozen segments at most.
const MOST_SEGMENTS: usize = 128;
const START_OF_IMAGE: [u8; 2] = [0xff, 0xd8];
/// Baseline, extended and progressive frames; lossless ones hold raw pixels.
const FRAMES: [u8; 3] = [0xc0, 0xc1, 0xc2];

/// Width and height of the JPEG that lies there; `None` where there is none, not all of it, or one that is not for looking.
pub fn size_px<R: Read + Seek>(source: &mut Source<R>, at: u64, length: u64) -> io::Result<Option<(u32, u32)>> {
    let Some(end) = at.checked_add(length).filter(|end| *end <= source.size()) else { return Ok(None) };
    if source.array(at)? != Some(START_OF_IMAGE) {
        return Ok(None);
    }
    let mut place = at + 2;
    for _ in 0..MOST_SEGMENTS {
        let Some([0xff, marker, high, low]) = source.array(place)?.filter(|_| place < end) else { return Ok(None) };
        match marker {
            // A marker may be preceded by any number of fill bytes.
            0xff => place += 1,
            marker if FRAMES.contains(&marker) => return frame_px(source, place),
            // Other frames, and the ends of a JPEG without one.
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf | 0xd0..=0xda => return Ok(None),
            _ => place += 2 + u64::from(u16::from_be_bytes([high, low])),
        }
    }
    Ok(None)
}

fn frame_px<R: Read + Seek>(source: &mut Source<R>, frame: u64) -> io::Result<Option<(u32, u32)>> {
    let Some([8, a, b, c, d]) = source.array(frame + 4)? else { return Ok(None) };
    let (height, width) = (u16::from_be_bytes([a, b]).into(), u16::from_be_bytes([c, d]).into());
    Ok((width > 0 && height > 0).then_some((width, height)))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn check(file: &[u8], at: u64, length: u64, expected: Option<(u32, u32)>) {
        let mut file = Cursor::new(file);
        assert_eq!(size_px(&mut Source::new(&mut file).unwrap(), at, length).unwrap(), expected);
    }

    #[test]
    fn a_jpeg_says_its_size_and_what_is_none_or_not_whole_says_nothing() {
        let table = b"\xff\xdb\x00\x04ab";
        let frame = b"\xff\xff\xc2\x00\x11\x08\x01\x00\x02\x03rest";
        let jpeg = [&b"..\xff\xd8"[..], table, frame].concat();
        let length = jpeg.len() as u64 - 2;
        check(&jpeg, 2, length, Some((0x203, 0x100)));
        check(&jpeg, 2, length + 1, None);
        check(&jpeg, 0, length, None);
        check(&jpeg, 2, u64::MAX, None);
        let mut raw = jpeg.clone();
        raw[12] = 0xc3;
        check(&raw, 2, length, None);
    }
}
