//! Canon's CR3, built of boxes like a film: a preview in a box of its own, and one of full size as the first track.
//!
//! Sources: ISO/IEC 14496-12 for the boxes; Laurent Clévy's description of CR3 for Canon's own.

use std::io::{self, Read, Seek};
use std::ops::Range;

use crate::xmp::embedded::{Layout, Source};

use super::raw::orientation;
use super::{Raw, add};

const CANON: &[u8] = b"\x85\xc0\xb6\x87\x82\x0f\x11\xe0\x81\x11\xf4\xce\x46\x2b\x6a\x48";
const PREVIEW: &[u8] = b"\xea\xf4\x2b\x5e\x1c\x98\x4b\x88\xb9\xfb\xb7\xdc\x40\x6e\x4d\x16";
const NAME_BYTES: u64 = 16;
/// Eight bytes stand between the name of that box and the box within.
const BEFORE_PREVIEW: u64 = 8;
/// What stands in that box before the JPEG: its size and name, then 16 bytes of which the last four are a length.
const PREVIEW_HEADER: u64 = 24;
/// A file has some fifty; film of hours may have more, and is no photo.
const MOST_BOXES: usize = 1024;
const DEEPEST: usize = 8;

/// A box without its size and name.
struct Opened {
    kind: [u8; 4],
    inside: Range<u64>,
}

/// What a walk has found.
#[derive(Default)]
struct Walk {
    raw: Raw,
    boxes: usize,
    /// Of the track under way: where its first sample lies, and its length.
    sample_at: Option<u64>,
    sample_length: Option<u64>,
}

pub fn is_cr3(start: &[u8]) -> bool {
    start.get(4..12) == Some(b"ftypcrx ")
}

pub fn find<R: Read + Seek>(source: &mut Source<R>) -> io::Result<Raw> {
    let mut walk = Walk::default();
    let whole = 0..source.size();
    walk.enter(source, whole, 0)?;
    Ok(walk.raw)
}

impl Walk {
    fn enter<R: Read + Seek>(&mut self, source: &mut Source<R>, inside: Range<u64>, depth: usize) -> io::Result<()> {
        let mut at = inside.start;
        while at < inside.end && depth < DEEPEST && self.boxes < MOST_BOXES {
            let Some(opened) = open(source, at, inside.end)? else { break };
            self.boxes += 1;
            at = opened.inside.end;
            self.look(source, &opened, depth + 1)?;
        }
        Ok(())
    }

    fn look<R: Read + Seek>(&mut self, source: &mut Source<R>, opened: &Opened, depth: usize) -> io::Result<()> {
        let inside = opened.inside.clone();
        match &opened.kind {
            b"moov" | b"mdia" | b"minf" | b"stbl" => self.enter(source, inside, depth)?,
            b"trak" => {
                (self.sample_at, self.sample_length) = (None, None);
                self.enter(source, inside, depth)?;
                if let (Some(at), Some(length)) = (self.sample_at, self.sample_length) {
                    add(source, at, length, &mut self.raw.previews)?;
                }
            }
            b"uuid" => self.look_named(source, inside, depth)?,
            b"CMT1" if self.raw.orientation.is_none() => {
                let start = source.bytes(inside.start, 8)?;
                if let Some(layout) = Layout::of(&start) {
                    self.raw.orientation = orientation(source, layout.from(inside.start))?;
                }
            }
            // After a version and a count: the offsets of samples, in four bytes or in eight.
            b"stco" => self.sample_at = number(source, inside.start + 8, 4)?,
            b"co64" => self.sample_at = number(source, inside.start + 8, 8)?,
            // After a version: the length of all samples or 0, their count, and in the second case their lengths.
            b"stsz" => {
                let common = number(source, inside.start + 4, 4)?.filter(|length| *length > 0);
                self.sample_length = if common.is_some() { common } else { number(source, inside.start + 12, 4)? };
            }
            b"PRVW" => {
                let jpeg = inside.start + PREVIEW_HEADER - 8;
                if let Some(length) = number(source, jpeg - 4, 4)? {
                    add(source, jpeg, length, &mut self.raw.previews)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn look_named<R: Read + Seek>(
        &mut self,
        source: &mut Source<R>,
        inside: Range<u64>,
        depth: usize,
    ) -> io::Result<()> {
        let name = source.bytes(inside.start, NAME_BYTES)?;
        let content = inside.start + NAME_BYTES;
        match name.as_slice() {
            CANON => self.enter(source, content..inside.end, depth),
            PREVIEW => self.enter(source, content + BEFORE_PREVIEW..inside.end, depth),
            _ => Ok(()),
        }
    }
}

/// The box at `at`, which ends before `end`; `None` where there is none.
fn open<R: Read + Seek>(source: &mut Source<R>, at: u64, end: u64) -> io::Result<Option<Opened>> {
    let Some([a, b, c, d, kind @ ..]) = source.array::<8>(at)? else { return Ok(None) };
    let (header, size) = match u32::from_be_bytes([a, b, c, d]) {
        // To the end of the file.
        0 => (8, Some(end - at)),
        1 => (16, number(source, at + 8, 8)?),
        size => (8, Some(u64::from(size))),
    };
    let inside = size.and_then(|size| Some(at + header..at.checked_add(size)?));
    let inside = inside.filter(|inside| inside.start <= inside.end && inside.end <= end);
    Ok(inside.map(|inside| Opened { kind, inside }))
}

fn number<R: Read + Seek>(source: &mut Source<R>, at: u64, bytes: u64) -> io::Result<Option<u64>> {
    let found = source.bytes(at, bytes)?;
    let is_there = found.len() as u64 == bytes;
    Ok(is_there.then(|| found.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))))
}
