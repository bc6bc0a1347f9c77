//! The note in EXIF that each maker writes in a way of its own. Some cameras keep their preview there, above all older ones.
//!
//! Source: ExifTool's tables of the notes of Nikon, Olympus and Pentax.

use std::io::{self, Read, Seek};

use crate::xmp::embedded::{Layout, Source};

use super::Preview;
use super::raw::{Directory, JPEG};

/// Nikon's directory of the preview.
const NIKON_PREVIEW: u16 = 0x11;

/// Olympus' own directory of settings, and where in it the preview is.
const OLYMPUS_SETTINGS: u16 = 0x2020;
const OLYMPUS_PREVIEW: [u16; 2] = [0x101, 0x102];

const PENTAX_PREVIEW: [u16; 2] = [4, 3];

/// Adds the preview of the note that begins at `at`, in a file of this layout.
pub fn look<R: Read + Seek>(
    source: &mut Source<R>,
    layout: Layout,
    at: u64,
    previews: &mut Vec<Preview>,
) -> io::Result<()> {
    let start = source.bytes(at, 18)?;
    match start.as_slice() {
        // A TIFF of its own.
        [b'N', b'i', b'k', b'o', b'n', 0, _, _, _, _, own @ ..] => match Layout::of(own) {
            Some(own) => nikon(source, own.from(at + 10), at + 14, previews),
            None => Ok(()),
        },
        [b'O', b'L', b'Y', b'M', b'P', b'U', b'S', 0, order, ..] => {
            olympus(source, Layout::plain(*order == b'I').from(at), at + 12, previews)
        }
        [b'O', b'M', b' ', b'S', b'Y', b'S', b'T', b'E', b'M', 0, 0, 0, order, ..] => {
            olympus(source, Layout::plain(*order == b'I').from(at), at + 16, previews)
        }
        // In older cameras offsets count from the beginning of the file.
        [b'O', b'L', b'Y', b'M', b'P', 0, ..] => olympus(source, layout, at + 8, previews),
        [b'A', b'O', b'C', 0, order @ (b'I' | b'M'), ..] => {
            let own = Layout::plain(*order == b'I').from(layout.base());
            Directory::read(source, own, at + 6)?.0.add_jpeg(source, PENTAX_PREVIEW, previews)
        }
        _ => Ok(()),
    }
}

fn nikon<R: Read + Seek>(
    source: &mut Source<R>,
    layout: Layout,
    first_at: u64,
    previews: &mut Vec<Preview>,
) -> io::Result<()> {
    let first = layout.read_offset(source, first_at)?;
    let note = Directory::read(source, layout, first)?.0;
    let Some(preview) = note.number(source, NIKON_PREVIEW)? else { return Ok(()) };
    let preview = Directory::read(source, layout, layout.base().saturating_add(preview))?.0;
    preview.add_jpeg(source, JPEG, previews)
}

fn olympus<R: Read + Seek>(
    source: &mut Source<R>,
    layout: Layout,
    first: u64,
    previews: &mut Vec<Preview>,
) -> io::Result<()> {
    let note = Directory::read(source, layout, first)?.0;
    // The directory itself is the value in older cameras, and its place in newer ones.
    let Some(entry) = note.entry(OLYMPUS_SETTINGS) else { return Ok(()) };
    let settings = match note.number(source, OLYMPUS_SETTINGS)? {
        Some(at) => layout.base().saturating_add(at),
        None => entry.at,
    };
    Directory::read(source, layout, settings)?.0.add_jpeg(source, OLYMPUS_PREVIEW, previews)
}
