//! JPEG files that hold several pictures: the photo, and smaller ones for screens, as most cameras write them.
//!
//! Source: CIPA DC-007 (Multi-Picture Format).

use std::io::{self, Read, Seek};

use crate::xmp::embedded::{Layout, MULTI_PICTURE, Source, segments};

use super::{Found, Preview, add};

const APP2: u8 = 0xe2;
const PICTURES: u16 = 0xb002;
const ENTRY_BYTES: usize = 16;
const MOST_ENTRIES: usize = 64;
/// Smaller copies of the photo, from a television's size upwards. Other kinds are other pictures: of a panorama, say.
const LARGE_THUMBNAILS: std::ops::RangeInclusive<u64> = 0x1_0001..=0x1_0005;

pub fn find<R: Read + Seek>(source: &mut Source<R>) -> io::Result<Found> {
    let segments = segments(source)?;
    let index = segments.list.iter().find(|segment| segment.is(APP2, MULTI_PICTURE));
    let (Some(index), true) = (index, segments.is_complete) else { return Ok(Found::Nothing) };
    let previews = previews(source, index.after(MULTI_PICTURE).start)?;
    let image = segments.list.last().map_or(0, |segment| segment.whole.end);
    Ok(if previews.is_empty() { Found::Nothing } else { Found::Beside(previews, image) })
}

/// Of the index that begins at `base`, from which all its offsets count.
fn previews<R: Read + Seek>(source: &mut Source<R>, base: u64) -> io::Result<Vec<Preview>> {
    let mut previews = Vec::new();
    let Some(layout) = Layout::of(&source.bytes(base, 8)?) else { return Ok(previews) };
    let layout = layout.from(base);
    let first = layout.read_offset(source, base + 4)?;
    let (entries, _) = layout.directory(source, first)?;
    let Some(list) = entries.iter().find(|entry| entry.tag == PICTURES) else { return Ok(previews) };
    let list = source.bytes(list.at, list.length.min((MOST_ENTRIES * ENTRY_BYTES) as u64))?;
    for entry in list.chunks_exact(ENTRY_BYTES) {
        let [kind, length, offset] = [0, 4, 8].map(|at| layout.number(&entry[at..at + 4]));
        if LARGE_THUMBNAILS.contains(&(kind & 0xff_ffff)) && offset > 0 {
            add(source, base + offset, length, &mut previews)?;
        }
    }
    Ok(previews)
}
