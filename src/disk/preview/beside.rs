//! JPEG files that hold several pictures: the photo, smaller ones for screens, and a tiny one, as most cameras write them.
//!
//! Sources: CIPA DC-007 (Multi-Picture Format); CIPA DC-008 (EXIF), whose second directory has the tiny one.

use std::io::{self, Read, Seek};

use crate::xmp::embedded::{APP1, EXIF, Layout, MULTI_PICTURE, Source, segments};

use super::raw::{Directory, JPEG};
use super::{Found, Preview, add};

const APP2: u8 = 0xe2;
const PICTURES: u16 = 0xb002;
const ENTRY_BYTES: usize = 16;
const MOST_ENTRIES: usize = 64;
/// Most are 160 pixels wide; what is much larger takes too long for a first look.
const MOST_TINY_PX: u32 = 1024;
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

/// The tiny picture of a JPEG, and where its own image begins.
pub fn tiny<R: Read + Seek>(source: &mut Source<R>) -> io::Result<Option<(Preview, u64)>> {
    let segments = segments(source)?;
    let exif = segments.list.iter().find(|segment| segment.is(APP1, EXIF));
    let (Some(exif), true) = (exif, segments.is_complete) else { return Ok(None) };
    // Behind the name is one more byte.
    let base = exif.after(EXIF).start + 1;
    let Some(layout) = Layout::of(&source.bytes(base, 8)?) else { return Ok(None) };
    let layout = layout.from(base);
    let first = layout.read_offset(source, base + 4)?;
    let (_, second) = Directory::read(source, layout, first)?;
    let mut previews = Vec::new();
    Directory::read(source, layout, second)?.0.add_jpeg(source, JPEG, &mut previews)?;
    let image = segments.list.last().map_or(0, |segment| segment.whole.end);
    let is_tiny = |preview: &Preview| preview.size_px.0.max(preview.size_px.1) <= MOST_TINY_PX;
    Ok(previews.pop().filter(is_tiny).map(|tiny| (tiny, image)))
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
