//! From a file to upright sRGB pixels.
//!
//! Promise: any file gives a picture or a reason in plain words. Content decides the format, not the extension; memory
//! is bounded before it is taken; a decoder that panics is a reason too. Files are opened for reading only.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek};
use std::path::Path;
use std::sync::Arc;

use image::codecs::tiff::TiffDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, ImageResult, Limits, RgbImage};

use crate::catalog::Picture;
use crate::guard::guarded;
use crate::xmp::embedded::Source;

use super::colour::{self, Pixels};
use super::preview::{self, Found, Preview, Raw};
use super::{jpeg, reasons, shrink};

/// A decoded original.
#[derive(Clone, Debug)]
pub struct Original {
    /// Upright sRGB, maybe scaled down: for people.
    pub picture: Picture,
    /// The same pixels, their numbers taken for sRGB whatever the colour profile says: for the network, because that is
    /// how the pictures looked that CLIP models learned from.
    pub unprofiled: Picture,
    /// Full size of the original, upright.
    pub width_px: u32,
    pub height_px: u32,
}

/// The least size that the caller needs; both sides count, the shorter against `short_px`, the longer against `long_px`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Least {
    pub short_px: u32,
    pub long_px: u32,
}

/// Why a photo cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// A sentence for people.
    pub reason: String,
    /// Whether it is about the bytes. A file that could not be read may be readable tomorrow.
    pub is_lasting: bool,
}

/// Reads the photo at `path`: at full size, or at a smaller one that is cheap and still about twice `least` or more,
/// because the caller resamples once more and must not see this step. A raw file shows the preview that its camera made.
pub fn decode(path: &Path, least: Least) -> Result<Original, Unreadable> {
    let mut file = open_photo(path)?;
    // The decoders keep nothing between calls, so a panic leaves no half-changed state behind.
    let decoded = guarded(|| decode_file(&mut file, least));
    decoded.unwrap_or_else(|_| Err(of_bytes(reasons::damaged("its decoder gave up on it"))))
}

/// The tiny picture that cameras and editors put into a JPEG's EXIF, in the photo's shape: something to look at until the
/// photo is decoded, and not like it enough to be judged by.
pub fn sketch(path: &Path) -> Option<Original> {
    let sketched = guarded(|| open_photo(path).ok().and_then(|mut file| sketch_file(&mut file).ok().flatten()));
    sketched.ok().flatten()
}

/// What a decoder hands over: pixels as stored, and how to show them.
pub(super) struct Decoded {
    pub pixels: Pixels,
    /// Full size as stored, not yet upright.
    pub full_px: (u32, u32),
    pub orientation: Orientation,
    pub profile: Option<Vec<u8>>,
}

/// What a thumbnail and the smallest models need; a raw file that holds less cannot be judged by it.
const SMALLEST_PREVIEW: Least = Least { short_px: 224, long_px: 384 };

/// Every pixel there is.
pub const ALL: Least = Least { short_px: u32::MAX, long_px: u32::MAX };

const MOST_PIXELS: u64 = 400_000_000;
const MOST_BYTES: u64 = 2 << 30;

/// Refuses what would fill the memory: a few bytes can claim any size.
pub(super) fn check_size((width, height): (u32, u32), bytes_a_pixel: u64) -> Result<(), String> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(reasons::damaged("it has no pixels"));
    }
    let is_too_large = pixels > MOST_PIXELS || pixels.saturating_mul(bytes_a_pixel) > MOST_BYTES;
    if is_too_large { Err(reasons::too_large(Some((width, height)))) } else { Ok(()) }
}

impl Least {
    pub(super) fn times(self, factor: u32) -> Least {
        Least { short_px: self.short_px.saturating_mul(factor), long_px: self.long_px.saturating_mul(factor) }
    }

    /// Whether a picture of this size serves.
    pub(super) fn is_met_by(self, (width, height): (u32, u32)) -> bool {
        width.min(height) >= self.short_px && width.max(height) >= self.long_px
    }
}

fn of_bytes(reason: String) -> Unreadable {
    Unreadable { reason, is_lasting: true }
}

fn of_disk(error: &io::Error) -> Unreadable {
    Unreadable { reason: reasons::of_io(error), is_lasting: false }
}

fn open_photo(path: &Path) -> Result<File, Unreadable> {
    let passing = |reason: String| Unreadable { reason, is_lasting: false };
    let file = File::open(path).map_err(|error| of_disk(&error))?;
    let found = file.metadata().map_err(|error| of_disk(&error))?;
    match found.len() {
        _ if found.is_dir() => Err(passing(reasons::damaged("this is a folder"))),
        length if length > MOST_BYTES => Err(passing(reasons::too_large(None))),
        _ => Ok(file),
    }
}

/// Reading first and decoding then tells a disk that fails from a picture that is damaged.
fn decode_file(file: &mut File, least: Least) -> Result<Original, Unreadable> {
    let mut reader = BufReader::new(&mut *file);
    let mut source = Source::new(&mut reader).map_err(|error| of_disk(&error))?;
    match preview::find(&mut source).map_err(|error| of_disk(&error))? {
        Found::Raw(raw) => return decode_raw(&mut source, &raw, least),
        Found::Beside(previews, image_at) => {
            if let Some(original) = decode_beside(&mut source, &previews, image_at, least)? {
                return Ok(original);
            }
        }
        Found::Nothing => {}
    }
    let bytes = read_whole(file).map_err(|error| of_disk(&error))?;
    decode_bytes(&bytes, least).map_err(of_bytes)
}

fn read_whole(file: &mut File) -> io::Result<Vec<u8>> {
    file.rewind()?;
    let length = file.metadata()?.len().min(MOST_BYTES);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn sketch_file(file: &mut File) -> Result<Option<Original>, Unreadable> {
    let mut reader = BufReader::new(file);
    let mut source = Source::new(&mut reader).map_err(|error| of_disk(&error))?;
    let tiny = preview::tiny(&mut source).map_err(|error| of_disk(&error))?;
    let Some((tiny, image_at)) = tiny else { return Ok(None) };
    let header = source.bytes(0, image_at).map_err(|error| of_disk(&error))?;
    let bytes = read_preview(&mut source, tiny)?;
    let (Ok(header), Ok(tiny)) = (jpeg::header(&header), jpeg::decode(&bytes, ALL)) else { return Ok(None) };
    let pixels = tiny.pixels.with_shape_of(header.full_px);
    Ok(pixels.and_then(|pixels| finish(Decoded { pixels, ..header }, ALL).ok()))
}

fn read_preview<R: Read + Seek>(source: &mut Source<R>, preview: Preview) -> Result<Vec<u8>, Unreadable> {
    source.bytes(preview.at, preview.length).map_err(|error| of_disk(&error))
}

/// Shows a raw file as its camera saw it.
fn decode_raw<R: Read + Seek>(source: &mut Source<R>, raw: &Raw, least: Least) -> Result<Original, Unreadable> {
    let Some(preview) = preview::fitting(&raw.previews, least) else {
        return Err(of_bytes(reasons::RAW_WITHOUT_PREVIEW.to_owned()));
    };
    let full_px = raw.full_px();
    if !SMALLEST_PREVIEW.is_met_by(full_px) {
        return Err(of_bytes(reasons::small_preview(full_px)));
    }
    let bytes = read_preview(source, preview)?;
    let decoded = decode_jpeg(&bytes, least).map_err(of_bytes)?;
    let orientation = raw.orientation.and_then(Orientation::from_exif).unwrap_or(decoded.orientation);
    finish(Decoded { full_px, orientation, ..decoded }, least).map_err(of_bytes)
}

/// A smaller picture in place of a JPEG's own, where it serves and shows the same. What the file says of its own picture
/// counts for both; `None` where the own picture is to be decoded.
fn decode_beside<R: Read + Seek>(
    source: &mut Source<R>,
    previews: &[Preview],
    image_at: u64,
    least: Least,
) -> Result<Option<Original>, Unreadable> {
    let header = source.bytes(0, image_at).map_err(|error| of_disk(&error))?;
    let Ok(header) = jpeg::header(&header) else { return Ok(None) };
    let serves = |preview: &&Preview| {
        preview::has_shape_of(preview.size_px, header.full_px) && least.times(2).is_met_by(preview.size_px)
    };
    let serving: Vec<Preview> = previews.iter().filter(serves).copied().collect();
    let Some(preview) = preview::fitting(&serving, least) else { return Ok(None) };
    let bytes = read_preview(source, preview)?;
    let decoded = jpeg::decode(&bytes, least).ok();
    let decoded = decoded.map(|Decoded { pixels, .. }| Decoded { pixels, ..header });
    Ok(decoded.and_then(|decoded| finish(decoded, least).ok()))
}

fn decode_bytes(bytes: &[u8], least: Least) -> Result<Original, String> {
    let decoded = match bytes {
        [] => return Err(reasons::EMPTY.to_owned()),
        [0xff, 0xd8, 0xff, ..] => decode_jpeg(bytes, least)?,
        _ => decode_other(bytes)?,
    };
    finish(decoded, least)
}

/// The scaling decoder stops at the first fault; the other one shows what can be seen of a photo that ends early.
fn decode_jpeg(bytes: &[u8], least: Least) -> Result<Decoded, String> {
    let refused = match jpeg::decode(bytes, least) {
        Ok(decoded) => return Ok(decoded),
        Err(refused) if refused.is_final => return Err(refused.reason),
        Err(refused) => refused.reason,
    };
    let shows_nothing = |decoded: &Decoded| refused == reasons::ENDS_EARLY && decoded.pixels.is_flat_below_the_top();
    match decode_other(bytes) {
        Ok(decoded) if !shows_nothing(&decoded) => Ok(decoded),
        _ => Err(refused),
    }
}

fn decode_other(bytes: &[u8]) -> Result<Decoded, String> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| reasons::of_io(&error))?;
    if reader.format().is_none() {
        return Err(reasons::unknown_format(bytes));
    }
    let (mut decoder, profile) = open(reader).map_err(|error| reasons::of_image(&error))?;
    let full_px = decoder.dimensions();
    check_size(full_px, u64::from(decoder.color_type().bytes_per_pixel()))?;
    // A photo with broken metadata is still a photo: it is shown as stored.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(|error| reasons::of_image(&error))?;
    Ok(Decoded { pixels: Pixels::of(image), full_px, orientation, profile })
}

/// A decoder that keeps within its memory, and the colour profile.
fn open<'a, R: BufRead + Seek + 'a>(mut reader: ImageReader<R>) -> ImageResult<(BoxedDecoder<'a>, Option<Vec<u8>>)> {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_BYTES);
    if reader.format() == Some(ImageFormat::Tiff) {
        let mut decoder = TiffDecoder::new(reader.into_inner())?;
        // Read before the limits are set: they would count 32 bytes for each of the profile's, against the pixels.
        let profile = decoder.icc_profile().ok().flatten();
        decoder.set_limits(limits)?;
        return Ok((Box::new(decoder), profile));
    }
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let profile = decoder.icc_profile().ok().flatten();
    Ok((Box::new(decoder), profile))
}

type BoxedDecoder<'a> = Box<dyn ImageDecoder + 'a>;

fn finish(decoded: Decoded, least: Least) -> Result<Original, String> {
    let Decoded { pixels, full_px, orientation, profile } = decoded;
    let small = shrink::to_serve(pixels, least);
    let unprofiled = upright(small.clone(), None, orientation)?;
    let picture = match &profile {
        Some(profile) => upright(small, Some(profile), orientation)?,
        None => unprofiled.clone(),
    };
    let (width_px, height_px) = if is_turned(orientation) { (full_px.1, full_px.0) } else { full_px };
    Ok(Original { picture, unprofiled, width_px, height_px })
}

fn upright(pixels: Pixels, profile: Option<&[u8]>, orientation: Orientation) -> Result<Picture, String> {
    let (width, height) = (pixels.width_px, pixels.height_px);
    let rgb = RgbImage::from_raw(width, height, colour::to_srgb(pixels, profile));
    let mut upright = DynamicImage::ImageRgb8(rgb.ok_or_else(|| reasons::damaged("rows are missing"))?);
    upright.apply_orientation(orientation);
    Ok(picture_of(upright.into_rgb8()))
}

fn picture_of(image: RgbImage) -> Picture {
    Picture { width_px: image.width(), height_px: image.height(), rgb: Arc::from(image.into_raw()) }
}

/// Whether width and height change places.
fn is_turned(orientation: Orientation) -> bool {
    matches!(orientation.to_exif(), 5..=8)
}
