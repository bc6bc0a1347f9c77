//! JPEG, decoded at a fraction of its size: the transform itself gives 1/8, 1/4 or 1/2 of the pixels for less work.
//!
//! Promise: the scale is the smallest that serves well, and four-colour pictures come out as amounts of ink.

use image::metadata::Orientation;
use jpeg_decoder::{CodingProcess, Decoder, Error, PixelFormat};

use super::colour::{Kind, Pixels};
use super::decode::{Decoded, Least, check_size};
use super::{baseline, reasons};

/// Why this decoder gave no picture.
pub(super) struct Refused {
    pub reason: String,
    /// Whether no other decoder should try.
    pub is_final: bool,
}

pub(super) fn decode(bytes: &[u8], least: Least) -> Result<Decoded, Refused> {
    let mut decoder = Decoder::new(bytes);
    decoder.read_info()?;
    let Some(full) = decoder.info() else { return Err(Refused::because(reasons::damaged("it has no header"))) };
    let full_px = (u32::from(full.width), u32::from(full.height));
    check_size(full_px, bytes_a_pixel(full.coding_process)).map_err(Refused::for_good)?;
    let scale = scale(full_px, least);
    if scale < WHOLE
        && full.coding_process == CodingProcess::DctSequential
        && let Some(pixels) = baseline::decode(bytes, scale as usize)
    {
        return Ok(decoded(&mut decoder, pixels, full_px));
    }
    if full.coding_process != CodingProcess::Lossless {
        let (width, height) = request(full_px, scale);
        decoder.scale(width, height)?;
    }
    let samples = decoder.decode()?;
    let Some(info) = decoder.info() else { return Err(Refused::because(reasons::damaged("it has no header"))) };
    let (kind, bytes) = match info.pixel_format {
        PixelFormat::L8 => (Kind::Grey, samples),
        PixelFormat::L16 => (Kind::Grey, high_bytes(&samples)),
        PixelFormat::RGB24 => (Kind::Rgb, samples),
        PixelFormat::CMYK32 => (Kind::Cmyk, ink(samples, bytes)),
    };
    let pixels = Pixels { width_px: u32::from(info.width), height_px: u32::from(info.height), kind, bytes };
    Ok(decoded(&mut decoder, pixels, full_px))
}

fn decoded(decoder: &mut Decoder<&[u8]>, pixels: Pixels, full_px: (u32, u32)) -> Decoded {
    let orientation = decoder.exif_data().and_then(Orientation::from_exif_chunk);
    let orientation = orientation.unwrap_or(Orientation::NoTransforms);
    Decoded { pixels, full_px, orientation, profile: decoder.icc_profile() }
}

/// What a JPEG says of itself before its image, without pixels. `bytes` may end where the image begins.
pub(super) fn header(bytes: &[u8]) -> Result<Decoded, Refused> {
    let mut decoder = Decoder::new(bytes);
    decoder.read_info()?;
    let Some(full) = decoder.info() else { return Err(Refused::because(reasons::damaged("it has no header"))) };
    let full_px = (u32::from(full.width), u32::from(full.height));
    let none = Pixels { width_px: 0, height_px: 0, kind: Kind::Rgb, bytes: Vec::new() };
    Ok(decoded(&mut decoder, none, full_px))
}

impl Refused {
    fn because(reason: String) -> Refused {
        Refused { reason, is_final: false }
    }

    fn for_good(reason: String) -> Refused {
        Refused { reason, is_final: true }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused::because(match error {
            Error::Io(error) => reasons::of_io(&error),
            Error::Unsupported(what) => reasons::unsupported(format!("{what:?} JPEG")),
            other => reasons::damaged(other),
        })
    }
}

/// A progressive picture keeps two bytes of each coefficient until its last scan.
fn bytes_a_pixel(process: CodingProcess) -> u64 {
    match process {
        CodingProcess::DctProgressive => 6,
        CodingProcess::DctSequential => 3,
        CodingProcess::Lossless => 8,
    }
}

/// Eighths that are the full size.
const WHOLE: u32 = 8;

/// The smallest scale, in eighths, that leaves twice `least`. At just `least`, where colours have half the resolution, the
/// resampled result is 3.4 of 255 away from that of a full decode, and at twice that size 1.1, for 3 ms more of about 50 with
/// 24 megapixels.
fn scale(full: (u32, u32), least: Least) -> u32 {
    [1, 2, 4].into_iter().find(|scale| least.times(2).is_met_by(at(full, *scale))).unwrap_or(WHOLE)
}

fn at((width, height): (u32, u32), scale: u32) -> (u32, u32) {
    ((width * scale).div_ceil(WHOLE), (height * scale).div_ceil(WHOLE))
}

/// What to ask the decoder for. It is content when *either* side serves, so only the longer one is asked for, where no two
/// scales round to the same size unless the shorter side does too.
fn request((width, height): (u32, u32), scale: u32) -> (u16, u16) {
    let (wanted_width, wanted_height) = at((width, height), scale);
    let (width, height) = if width >= height { (wanted_width, u32::MAX) } else { (u32::MAX, wanted_height) };
    (u16::try_from(width).unwrap_or(u16::MAX), u16::try_from(height).unwrap_or(u16::MAX))
}

/// Each sample is two bytes in the machine's order.
fn high_bytes(samples: &[u8]) -> Vec<u8> {
    samples.chunks_exact(2).map(|pair| u16::from_ne_bytes([pair[0], pair[1]]).to_be_bytes()[0]).collect()
}

/// The decoder inverts always, which is right for pictures with Adobe's marker: Adobe stores light, others ink.
fn ink(mut inverted: Vec<u8>, file: &[u8]) -> Vec<u8> {
    if !has_adobe_marker(file) {
        inverted.iter_mut().for_each(|byte| *byte = 255 - *byte);
    }
    inverted
}

/// Walks the segments before the first scan: each is FF, a marker and its length.
fn has_adobe_marker(file: &[u8]) -> bool {
    const APP14: u8 = 0xee;
    const START_OF_SCAN: u8 = 0xda;
    let mut rest = file.get(2..).unwrap_or_default();
    while let [0xff, marker, high, low, after @ ..] = rest {
        match *marker {
            // A marker may be preceded by any number of fill bytes.
            0xff => rest = &rest[1..],
            START_OF_SCAN => return false,
            APP14 if after.starts_with(b"Adobe") => return true,
            _ => rest = rest.get(2 + usize::from(u16::from_be_bytes([*high, *low]))..).unwrap_or_default(),
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(full: (u32, u32), least: (u32, u32), expected: (u16, u16)) {
        let scale = scale(full, Least { short_px: least.0, long_px: least.1 });
        assert_eq!(request(full, scale), expected);
    }

    #[test]
    fn the_smallest_scale_that_leaves_twice_the_least_is_asked_for() {
        check((6000, 4000), (224, 375), (750, u16::MAX));
        check((6000, 4000), (251, 375), (1500, u16::MAX));
        check((4000, 6000), (224, 376), (u16::MAX, 1500));
        check((6000, 400), (224, 384), (6000, u16::MAX));
        check((300, 200), (224, 384), (300, u16::MAX));
    }

    #[test]
    fn the_adobe_marker_is_seen_only_before_the_scan() {
        let adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00";
        let start = b"\xff\xd8\xff\xe0\x00\x04ab";
        assert!(has_adobe_marker(&[&start[..], &adobe[..]].concat()));
        assert!(!has_adobe_marker(&[&start[..], &b"\xff\xda\x00\x02"[..], &adobe[..]].concat()));
        assert!(!has_adobe_marker(b"\xff\xd8\xff"));
    }
}
