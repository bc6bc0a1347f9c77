//! TIFF, BigTIFF, and what is built like them, such as DNG: XMP, IPTC and Photoshop's resources in any directory.
//!
//! Sources: TIFF 6.0; XMP specification, part 3, section 1.1.6; DNG specification for directories inside directories.
//!
//! Promise: every directory is visited once, and only so many, so a loop of them ends.

use std::collections::{HashSet, VecDeque};
use std::io::{self, Read, Seek};

use super::source::Source;
use super::{Embedded, photoshop};

const SUB_DIRECTORIES: u16 = 330;
const XMP: u16 = 700;
const IPTC: u16 = 33723;
const PHOTOSHOP: u16 = 34377;

/// A photo has a few; a scanned book has one a page.
const MOST_DIRECTORIES: usize = 64;
/// Real directories have below a hundred.
const MOST_ENTRIES: u64 = 4096;

/// How numbers are written, and from where offsets count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    is_little_endian: bool,
    /// BigTIFF, whose offsets and counts have 8 bytes.
    is_big: bool,
    base: u64,
}

/// What a directory says of one tag: where in the file its value lies, and how long it is.
pub(crate) struct Entry {
    pub tag: u16,
    kind: u64,
    pub at: u64,
    pub length: u64,
}

impl Entry {
    /// How many bytes each number has, if the value is whole numbers.
    pub fn whole_number_bytes(&self) -> Option<u64> {
        match self.kind {
            3 => Some(2),
            4 | 13 => Some(4),
            16 | 18 => Some(8),
            _ => None,
        }
    }
}

pub(super) fn find<R: Read + Seek>(source: &mut Source<R>, layout: Layout, found: &mut Embedded) -> io::Result<()> {
    let mut waiting = VecDeque::from([layout.read_offset(source, if layout.is_big { 8 } else { 4 })?]);
    let mut seen = HashSet::from([0]);
    while let Some(at) = waiting.pop_front() {
        if seen.len() > MOST_DIRECTORIES {
            break;
        }
        if seen.insert(at) {
            let (entries, next) = layout.directory(source, at)?;
            waiting.push_back(next);
            for entry in entries {
                take(source, layout, &entry, found, &mut waiting)?;
            }
        }
    }
    Ok(())
}

fn take<R: Read + Seek>(
    source: &mut Source<R>,
    layout: Layout,
    entry: &Entry,
    found: &mut Embedded,
    waiting: &mut VecDeque<u64>,
) -> io::Result<()> {
    match entry.tag {
        XMP => found.add_packet(source, entry.at, entry.length)?,
        IPTC => match source.whole(entry.at, entry.length)? {
            Ok(block) => found.add_iptc(&block),
            Err(trouble) => found.add_trouble(trouble),
        },
        PHOTOSHOP => match source.whole(entry.at, entry.length)? {
            Ok(resources) => photoshop::iptc_blocks(&resources).for_each(|block| found.add_iptc(block)),
            Err(trouble) => found.add_trouble(trouble),
        },
        SUB_DIRECTORIES => {
            let offsets = source.bytes(entry.at, entry.length.min((MOST_DIRECTORIES * 8) as u64))?;
            waiting.extend(offsets.chunks_exact(layout.offset_bytes()).map(|offset| layout.number(offset)));
        }
        _ => {}
    }
    Ok(())
}

impl Layout {
    /// `None` where these are not the first bytes of a TIFF.
    pub fn of(start: &[u8]) -> Option<Layout> {
        let (is_little_endian, is_big) = match start.get(..8)? {
            [b'I', b'I', 42, 0, ..] => (true, false),
            [b'M', b'M', 0, 42, ..] => (false, false),
            b"II\x2b\0\x08\0\0\0" => (true, true),
            b"MM\0\x2b\0\x08\0\0" => (false, true),
            _ => return None,
        };
        Some(Layout { is_little_endian, is_big, base: 0 })
    }

    /// Of a directory whose file begins in another way, with offsets of four bytes.
    pub fn plain(is_little_endian: bool) -> Layout {
        Layout { is_little_endian, is_big: false, base: 0 }
    }

    /// The same with offsets that count from `base`.
    pub fn from(self, base: u64) -> Layout {
        Layout { base, ..self }
    }

    pub fn base(self) -> u64 {
        self.base
    }

    fn offset_bytes(self) -> usize {
        if self.is_big { 8 } else { 4 }
    }

    /// At most 8 bytes as a number.
    pub fn number(self, bytes: &[u8]) -> u64 {
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        if self.is_little_endian { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) }
    }

    /// 0, which is no place of a directory, where the file ends before.
    pub fn read_offset<R: Read + Seek>(self, source: &mut Source<R>, at: u64) -> io::Result<u64> {
        let bytes = source.bytes(at, self.offset_bytes() as u64)?;
        let is_there = bytes.len() == self.offset_bytes();
        let offset = Some(self.number(&bytes)).filter(|offset| is_there && *offset > 0);
        Ok(offset.and_then(|offset| self.base.checked_add(offset)).unwrap_or(0))
    }

    /// The entries of a directory, and the offset of the next one or 0.
    pub fn directory<R: Read + Seek>(self, source: &mut Source<R>, at: u64) -> io::Result<(Vec<Entry>, u64)> {
        let (count_bytes, entry_bytes) = if self.is_big { (8, 20) } else { (2, 12) };
        let count = source.bytes(at, count_bytes)?;
        let is_there = count.len() as u64 == count_bytes;
        let count = self.number(&count);
        if !is_there || count > MOST_ENTRIES {
            return Ok((Vec::new(), 0));
        }
        let Some(first) = at.checked_add(count_bytes) else { return Ok((Vec::new(), 0)) };
        let table = source.bytes(first, count * entry_bytes)?;
        let places = (first..).step_by(self.entry_bytes());
        let entries = table.chunks_exact(self.entry_bytes()).zip(places);
        let entries = entries.filter_map(|(entry, place)| self.entry(entry, place)).collect();
        Ok((entries, self.read_offset(source, first + count * entry_bytes)?))
    }

    fn entry_bytes(self) -> usize {
        4 + 2 * self.offset_bytes()
    }

    /// An entry whose value stands in it where that is short enough, and else at an offset.
    fn entry(self, entry: &[u8], place: u64) -> Option<Entry> {
        let (tag, rest) = entry.split_at_checked(2)?;
        let (kind, rest) = rest.split_at_checked(2)?;
        let (count, value) = rest.split_at_checked(self.offset_bytes())?;
        let kind = self.number(kind);
        let length = self.number(count).checked_mul(value_bytes(kind)?)?;
        let is_inside = length <= self.offset_bytes() as u64;
        let at = if is_inside {
            place + 4 + self.offset_bytes() as u64
        } else {
            self.base.checked_add(self.number(value))?
        };
        Some(Entry { tag: u16::try_from(self.number(tag)).ok()?, kind, at, length })
    }
}

/// XMP and IPTC should be bytes, but are found with other types; what counts is how long they are.
fn value_bytes(kind: u64) -> Option<u64> {
    match kind {
        1 | 2 | 6 | 7 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 | 16..=18 => Some(8),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::{find_embedded, iptc};
    use super::*;

    const LITTLE: Layout = Layout { is_little_endian: true, is_big: false, base: 0 };
    const LAYOUTS: [Layout; 4] = [
        LITTLE,
        Layout { is_little_endian: false, is_big: false, base: 0 },
        Layout { is_little_endian: true, is_big: true, base: 0 },
        Layout { is_little_endian: false, is_big: true, base: 0 },
    ];

    impl Layout {
        fn written(self, number: u64, length: usize) -> Vec<u8> {
            let bytes = number.to_le_bytes()[..length].to_vec();
            if self.is_little_endian { bytes } else { bytes.into_iter().rev().collect() }
        }

        fn offset(self, number: u64) -> Vec<u8> {
            self.written(number, self.offset_bytes())
        }

        fn header(self) -> Vec<u8> {
            let mark = if self.is_little_endian { b"II" } else { b"MM" };
            let version = self.written(if self.is_big { 43 } else { 42 }, 2);
            let size = if self.is_big { [self.written(8, 2), vec![0, 0]].concat() } else { vec![] };
            [mark.to_vec(), version, size].concat()
        }

        /// A directory at `at`, its values, and the offset of the next directory.
        fn built(self, at: usize, entries: &[(u16, u64, &[u8])], next: u64) -> Vec<u8> {
            let count_bytes = if self.is_big { 8 } else { 2 };
            let mut table = self.written(entries.len() as u64, count_bytes);
            let mut values = Vec::new();
            let values_at = at + count_bytes + entries.len() * self.entry_bytes() + self.offset_bytes();
            for (tag, kind, value) in entries {
                table.extend([self.written((*tag).into(), 2), self.written(*kind, 2)].concat());
                table.extend(self.offset(value.len() as u64 / value_bytes(*kind).unwrap()));
                if value.len() <= self.offset_bytes() {
                    table.extend([*value, &vec![0; self.offset_bytes() - value.len()]].concat());
                } else {
                    table.extend(self.offset((values_at + values.len()) as u64));
                    values.extend(*value);
                }
            }
            [table, self.offset(next), values].concat()
        }

        /// A file of one directory.
        fn file(self, entries: &[(u16, u64, &[u8])]) -> Vec<u8> {
            let at = self.header().len() + self.offset_bytes();
            [self.header(), self.offset(at as u64), self.built(at, entries, 0)].concat()
        }
    }

    fn found(file: &[u8]) -> Embedded {
        find_embedded(&mut Cursor::new(file)).unwrap()
    }

    #[test]
    fn every_layout_gives_its_packet_and_its_words() {
        let iptc = [iptc::record(2, 25, b"dog"), vec![0; 4]].concat();
        let resources = photoshop::resource(0x0404, &iptc::record(2, 25, b"sea"));
        for layout in LAYOUTS {
            let entries = [(XMP, 1, &b"<a long packet/>"[..]), (IPTC, 4, &iptc), (PHOTOSHOP, 7, &resources)];
            let found = found(&layout.file(&entries));
            assert_eq!(found.packets, [b"<a long packet/>"]);
            assert_eq!((found.words, found.troubles), (vec!["dog".to_owned(), "sea".to_owned()], vec![]));
        }
    }

    #[test]
    fn a_short_value_stands_in_its_entry() {
        for layout in LAYOUTS {
            assert_eq!(found(&layout.file(&[(XMP, 7, b"<x/>")])).packets, [b"<x/>"]);
        }
    }

    #[test]
    fn directories_that_follow_and_directories_inside_are_visited_and_a_loop_ends() {
        let second = LITTLE.built(100, &[(XMP, 1, b"<2/>")], 8);
        let inside = LITTLE.built(200, &[(XMP, 1, b"<3/>")], 200);
        let mut file = [LITTLE.header(), LITTLE.offset(8)].concat();
        file.extend(LITTLE.built(8, &[(SUB_DIRECTORIES, 4, &LITTLE.offset(200)), (XMP, 1, b"<1/>")], 100));
        file.resize(100, 0);
        file.extend(second);
        file.resize(200, 0);
        file.extend(inside);
        assert_eq!(found(&file).packets, [b"<1/>", b"<2/>", b"<3/>"]);
    }

    #[test]
    fn a_length_that_the_file_does_not_have_is_told_and_the_rest_is_read() {
        let mut file = LITTLE.file(&[(XMP, 1, b"<a packet/>"), (IPTC, 7, &iptc::record(2, 25, b"dog"))]);
        file[14..18].copy_from_slice(&u32::MAX.to_le_bytes());
        let found = found(&file);
        assert_eq!((found.packets.len(), found.words), (0, vec!["dog".to_owned()]));
        assert!(found.troubles[0].contains("ends inside"), "{:?}", found.troubles);
    }
}
