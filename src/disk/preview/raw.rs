//! Raw files that are built like TIFF, and Fuji's.
//!
//! Sources: TIFF 6.0 and TIFF/EP; the DNG specification; ExifTool's tables for what makers put where (the
//! preview that Panasonic keeps in tag 46, RAF's header).

use std::collections::{HashSet, VecDeque};
use std::io::{self, Read, Seek};

use crate::xmp::embedded::{Entry, Layout, Source};

use super::{Preview, Raw, add, note};

const PANASONIC_PREVIEW: u16 = 46;
const COMPRESSION: u16 = 259;
const PHOTOMETRIC: u16 = 262;
const STRIP_OFFSETS: u16 = 273;
const ORIENTATION: u16 = 274;
const STRIP_LENGTHS: u16 = 279;
const SUB_DIRECTORIES: u16 = 330;
const EXIF_DIRECTORY: u16 = 34665;
const MAKER_NOTE: u16 = 37500;
const DNG_VERSION: u16 = 50706;

/// Where a JPEG is, and how long.
pub const JPEG: [u16; 2] = [513, 514];

/// The colours of a sensor, with its filter or without.
const SENSOR: [u64; 2] = [32803, 34892];
/// Sony's, Samsung's, Nikon's and Pentax' own compressions.
const OWN_COMPRESSIONS: [u64; 4] = [32767, 32770, 34713, 65535];
const JPEG_COMPRESSIONS: [u64; 2] = [6, 7];

/// A raw file has up to ten.
const MOST_DIRECTORIES: usize = 64;
const MOST_SUB_DIRECTORIES: u64 = 16;

const FUJI: &[u8] = b"FUJIFILMCCD-RAW ";
/// Where a RAF says at which place its JPEG begins, and how long it is.
const FUJI_PREVIEW: u64 = 84;

/// Raw files, by their first bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Maker {
    Canon,
    Olympus,
    Panasonic,
    /// As an ordinary TIFF begins.
    Any,
}

struct Walk {
    maker: Maker,
    waiting: VecDeque<(Layout, u64)>,
    seen: HashSet<u64>,
    is_raw: bool,
    raw: Raw,
}

/// `None` where this is no raw file.
pub fn find<R: Read + Seek>(source: &mut Source<R>, start: &[u8]) -> io::Result<Option<Raw>> {
    if start.starts_with(FUJI) {
        return fuji(source).map(Some);
    }
    let Some((layout, maker)) = opened(start) else { return Ok(None) };
    let first = layout.read_offset(source, 4)?;
    let is_raw = maker != Maker::Any;
    let mut walk =
        Walk { maker, waiting: [(layout, first)].into(), seen: HashSet::from([0]), is_raw, raw: Raw::default() };
    walk.raw.orientation = orientation(source, layout)?;
    walk.run(source)?;
    Ok(walk.is_raw.then_some(walk.raw))
}

/// What the first directory says.
pub fn orientation<R: Read + Seek>(source: &mut Source<R>, layout: Layout) -> io::Result<Option<u8>> {
    let first = layout.read_offset(source, layout.base() + 4)?;
    let directory = Directory::read(source, layout, first)?.0;
    let said = directory.number(source, ORIENTATION)?;
    Ok(said.and_then(|said| u8::try_from(said).ok()).filter(|said| (1..=8).contains(said)))
}

fn opened(start: &[u8]) -> Option<(Layout, Maker)> {
    let maker = match start.get(..4)? {
        b"IIRO" | b"IIRS" | b"MMOR" => Maker::Olympus,
        b"IIU\0" => Maker::Panasonic,
        _ if start.get(8..10) == Some(b"CR") => Maker::Canon,
        _ => Maker::Any,
    };
    let layout = match maker {
        Maker::Olympus | Maker::Panasonic => Layout::plain(start.starts_with(b"I")),
        Maker::Canon | Maker::Any => Layout::of(start)?,
    };
    Some((layout, maker))
}

fn fuji<R: Read + Seek>(source: &mut Source<R>) -> io::Result<Raw> {
    let mut raw = Raw::default();
    if let Some([a, b, c, d, e, f, g, h]) = source.array(FUJI_PREVIEW)? {
        let (at, length) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
        add(source, at.into(), length.into(), &mut raw.previews)?;
    }
    Ok(raw)
}

impl Walk {
    fn run<R: Read + Seek>(&mut self, source: &mut Source<R>) -> io::Result<()> {
        while let Some((layout, at)) = self.waiting.pop_front() {
            if self.seen.len() > MOST_DIRECTORIES {
                break;
            }
            if self.seen.insert(at) {
                let (directory, next) = Directory::read(source, layout, at)?;
                self.waiting.push_back((layout, next));
                self.look(source, &directory)?;
            }
        }
        Ok(())
    }

    fn look<R: Read + Seek>(&mut self, source: &mut Source<R>, directory: &Directory) -> io::Result<()> {
        let compression = directory.number(source, COMPRESSION)?.unwrap_or(0);
        let photometric = directory.number(source, PHOTOMETRIC)?.unwrap_or(0);
        self.is_raw |= directory.entry(DNG_VERSION).is_some()
            || SENSOR.contains(&photometric)
            || OWN_COMPRESSIONS.contains(&compression);
        let is_jpeg = JPEG_COMPRESSIONS.contains(&compression);
        directory.add_jpeg(source, JPEG, &mut self.raw.previews)?;
        if is_jpeg {
            directory.add_jpeg(source, [STRIP_OFFSETS, STRIP_LENGTHS], &mut self.raw.previews)?;
        }
        if let (Maker::Panasonic, Some(jpeg)) = (self.maker, directory.entry(PANASONIC_PREVIEW)) {
            add(source, jpeg.at, jpeg.length, &mut self.raw.previews)?;
        }
        if let Some(note) = directory.entry(MAKER_NOTE) {
            note::look(source, directory.layout, note.at, &mut self.raw.previews)?;
        }
        for tag in [SUB_DIRECTORIES, EXIF_DIRECTORY] {
            let places = directory.numbers(source, tag, MOST_SUB_DIRECTORIES)?;
            let base = directory.layout.base();
            self.waiting.extend(places.into_iter().filter_map(|at| Some((directory.layout, base.checked_add(at)?))));
        }
        Ok(())
    }
}

/// A directory that was read, and how its numbers are written.
pub struct Directory {
    layout: Layout,
    entries: Vec<Entry>,
}

impl Directory {
    /// With the place of the next one, or 0.
    pub fn read<R: Read + Seek>(source: &mut Source<R>, layout: Layout, at: u64) -> io::Result<(Directory, u64)> {
        let (entries, next) = layout.directory(source, at)?;
        Ok((Directory { layout, entries }, next))
    }

    /// A JPEG whose place and length stand in two entries, one number each: what is cut into strips is no preview.
    pub fn add_jpeg<R: Read + Seek>(
        &self,
        source: &mut Source<R>,
        [at, length]: [u16; 2],
        previews: &mut Vec<Preview>,
    ) -> io::Result<()> {
        let (at, length) = (self.numbers(source, at, 2)?, self.numbers(source, length, 2)?);
        match (at.as_slice(), length.as_slice()) {
            ([at], [length]) => add(source, self.layout.base().saturating_add(*at), *length, previews),
            _ => Ok(()),
        }
    }

    pub fn entry(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    pub fn number<R: Read + Seek>(&self, source: &mut Source<R>, tag: u16) -> io::Result<Option<u64>> {
        Ok(self.numbers(source, tag, 1)?.first().copied())
    }

    /// The first `most` whole numbers of an entry; none where it is not there or is of another kind.
    fn numbers<R: Read + Seek>(&self, source: &mut Source<R>, tag: u16, most: u64) -> io::Result<Vec<u64>> {
        let Some(entry) = self.entry(tag) else { return Ok(Vec::new()) };
        let Some(bytes) = entry.whole_number_bytes() else { return Ok(Vec::new()) };
        let found = source.bytes(entry.at, entry.length.min(most * bytes))?;
        let numbers = found.chunks_exact(usize::try_from(bytes).unwrap_or(1));
        Ok(numbers.map(|number| self.layout.number(number)).collect())
    }
}
