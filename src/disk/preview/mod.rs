//! The JPEG pictures that cameras keep in their files for a quick look: in raw files, and behind the picture of a JPEG.
//!
//! | Module | What it finds |
//! |-|-|
//! | `raw` | previews in raw files that are built like TIFF (CR2, NEF, ARW, DNG, PEF, ORF, RW2), and in RAF |
//! | `note` | previews in the notes of Nikon, Olympus and Pentax |
//! | `boxes` | previews in CR3 |
//! | `beside` | the smaller pictures of a JPEG: for screens (CIPA DC-007), and the tiny one of EXIF |
//! | `header` | what a JPEG says of itself before its pixels |
//!
//! Promise: a preview is named only where a JPEG begins that says its size and lies in the file whole. Every walk ends, and
//! reads no more than [`Source`] allows, whatever the bytes say.

mod beside;
mod boxes;
mod header;
mod note;
mod raw;

use std::io::{self, Read, Seek};

use crate::xmp::embedded::Source;

use super::decode::Least;
pub use beside::tiny;

/// A JPEG inside a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preview {
    pub at: u64,
    pub length: u64,
    pub size_px: (u32, u32),
}

/// A raw file: its own pixels are not read, but the previews that its camera made of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Raw {
    pub previews: Vec<Preview>,
    /// As EXIF counts it; `None` where the preview itself says it.
    pub orientation: Option<u8>,
}

impl Raw {
    /// Of the largest preview: it is all that can be shown.
    pub fn full_px(&self) -> (u32, u32) {
        self.previews.iter().max_by_key(|preview| pixels(preview)).map_or((0, 0), |preview| preview.size_px)
    }
}

/// What there is to look at besides the pixels of the file itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Raw(Raw),
    /// Smaller pictures of a JPEG, and where its own image begins.
    Beside(Vec<Preview>, u64),
    Nothing,
}

/// The format is known by its first bytes, and a raw file that is built like a TIFF by what its directories say.
pub fn find<R: Read + Seek>(source: &mut Source<R>) -> io::Result<Found> {
    let start = source.bytes(0, 16)?;
    if start.starts_with(&[0xff, 0xd8, 0xff]) {
        return beside::find(source);
    }
    let raw = if boxes::is_cr3(&start) { Some(boxes::find(source)?) } else { raw::find(source, &start)? };
    Ok(raw.map_or(Found::Nothing, Found::Raw))
}

/// Whether the file is raw: it is compressed, or too large to be read whole only to be named.
pub fn is_raw<R: Read + Seek>(file: &mut R) -> io::Result<bool> {
    Ok(matches!(find(&mut Source::new(file)?)?, Found::Raw(_)))
}

/// The smallest preview that serves at twice `least`, of those that show the same part of the scene as the largest; else
/// the largest.
pub fn fitting(previews: &[Preview], least: Least) -> Option<Preview> {
    let largest = *previews.iter().max_by_key(|preview| pixels(preview))?;
    let serving = previews
        .iter()
        .filter(|preview| has_shape_of(preview.size_px, largest.size_px) && least.times(2).is_met_by(preview.size_px));
    Some(serving.min_by_key(|preview| pixels(preview)).copied().unwrap_or(largest))
}

/// Whether both have the same shape, but for a rounded pixel: some small previews have black bars.
pub fn has_shape_of((width, height): (u32, u32), (other_width, other_height): (u32, u32)) -> bool {
    let (one, other) = (f64::from(width) / f64::from(height), f64::from(other_width) / f64::from(other_height));
    (one / other - 1.0).abs() < 0.01
}

fn pixels(preview: &Preview) -> u64 {
    u64::from(preview.size_px.0) * u64::from(preview.size_px.1)
}

/// Takes in what is said to be a JPEG, if it is one.
fn add<R: Read + Seek>(source: &mut Source<R>, at: u64, length: u64, previews: &mut Vec<Preview>) -> io::Result<()> {
    let is_new = previews.iter().all(|preview| preview.at != at);
    if previews.len() < MOST_PREVIEWS
        && is_new
        && let Some(size_px) = header::size_px(source, at, length)?
    {
        previews.push(Preview { at, length, size_px });
    }
    Ok(())
}

/// Cameras write up to four.
const MOST_PREVIEWS: usize = 16;

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::path::Path;

    use super::*;

    fn preview(width: u32, height: u32) -> Preview {
        Preview { at: u64::from(width), length: 1, size_px: (width, height) }
    }

    #[test]
    fn the_smallest_preview_that_serves_is_taken_unless_its_shape_is_another() {
        let least = Least { short_px: 400, long_px: 400 };
        let check = |previews: &[(u32, u32)], expected: Option<(u32, u32)>| {
            let previews: Vec<Preview> = previews.iter().map(|(width, height)| preview(*width, *height)).collect();
            assert_eq!(fitting(&previews, least).map(|preview| preview.size_px), expected);
        };
        check(&[(160, 120), (6000, 4000), (1620, 1080)], Some((1620, 1080)));
        check(&[(6000, 4000), (1600, 1200)], Some((6000, 4000)));
        check(&[(160, 120), (900, 600)], Some((900, 600)));
        check(&[], None);
    }

    fn fixtures() -> Vec<(String, Vec<u8>)> {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/raws");
        let files = std::fs::read_dir(fixtures).unwrap().map(|entry| entry.unwrap().path());
        files.map(|path| (path.display().to_string(), std::fs::read(path).unwrap())).collect()
    }

    fn found(file: &[u8]) -> Found {
        let mut file = Cursor::new(file);
        find(&mut Source::new(&mut file).unwrap()).unwrap()
    }

    /// Every preview lies in the file, whatever became of it.
    fn check(name: &str, file: &[u8]) {
        let (Found::Raw(Raw { previews, .. }) | Found::Beside(previews, _)) = found(file) else { return };
        for Preview { at, length, .. } in previews {
            assert!(at + length <= file.len() as u64, "{name}");
        }
    }

    #[test]
    fn a_file_cut_off_anywhere_is_no_harm() {
        for (name, file) in fixtures() {
            (0..file.len()).step_by(7).for_each(|length| check(&name, &file[..length]));
        }
    }

    #[test]
    fn a_file_with_wrong_bytes_is_no_harm() {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut random = move |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 33) as usize % below
        };
        for (name, file) in fixtures() {
            // Few bytes are not the pixels of a preview.
            let meant: Vec<usize> = (0..file.len()).filter(|at| *at < 400 || file.len() - at < 1200).collect();
            for _ in 0..2000 {
                let mut wrong = file.clone();
                for _ in 0..=random(4) {
                    wrong[meant[random(meant.len())]] = [0, 1, 0x7f, 0xff, random(256) as u8][random(5)];
                }
                check(&name, &wrong);
            }
        }
    }

    #[test]
    fn a_tiff_is_not_taken_for_a_raw_file() {
        let tiff = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/photos/plain.tif");
        assert_eq!(found(&std::fs::read(tiff).unwrap()), Found::Nothing);
        assert!(fixtures().iter().filter(|(_, file)| matches!(found(file), Found::Raw(_))).count() == 11);
    }
}
