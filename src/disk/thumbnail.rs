//! Small pictures for the grid, kept as JPEG, and what is known of a photo before its thumbnail is loaded.
//!
//! Promise: a thumbnail keeps its photo's aspect and is never larger than the photo.

use std::sync::Arc;

use image::ExtendedColorType;
use image::ImageFormat;
use image::codecs::jpeg::JpegEncoder;

use crate::catalog::{Look, Picture};

use super::colour::{Kind, Pixels};
use super::decode::Original;
use super::{reasons, shrink};

/// The long side of a thumbnail, at most.
pub const THUMBNAIL_PX: u32 = 384;

/// Chosen by eye and size: below 80 skies show bands, and above 85 files grow by half for nothing that is seen.
const JPEG_QUALITY: u8 = 82;

/// A thumbnail as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Thumbnail {
    pub look: Look,
    pub jpeg: Vec<u8>,
}

impl Original {
    /// By its pixels, or by those of a smaller picture of it.
    pub fn look(&self) -> Look {
        self.look_like(&self.picture.rgb)
    }

    fn look_like(&self, rgb: &[u8]) -> Look {
        Look { width_px: self.width_px, height_px: self.height_px, average: average(rgb) }
    }
}

impl Thumbnail {
    pub fn of(original: &Original) -> Thumbnail {
        let small = small(&original.picture);
        Thumbnail { look: original.look_like(&small.bytes), jpeg: encode(&small) }
    }

    /// The pixels; the error is the reason for people.
    pub fn picture(&self) -> Result<Picture, String> {
        let image = image::load_from_memory_with_format(&self.jpeg, ImageFormat::Jpeg);
        let image = image.map_err(|error| reasons::of_image(&error))?.into_rgb8();
        Ok(Picture { width_px: image.width(), height_px: image.height(), rgb: Arc::from(image.into_raw()) })
    }
}

fn small(picture: &Picture) -> Pixels {
    let (width_px, height_px) = (picture.width_px, picture.height_px);
    let pixels = Pixels { width_px, height_px, kind: Kind::Rgb, bytes: picture.rgb.to_vec() };
    let long = width_px.max(height_px);
    if long <= THUMBNAIL_PX {
        return pixels;
    }
    let side = |px: u32| ((f64::from(px) * f64::from(THUMBNAIL_PX) / f64::from(long)).round() as u32).max(1);
    shrink::shrunk(&pixels, side(width_px), side(height_px))
}

fn encode(pixels: &Pixels) -> Vec<u8> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY)
        .encode(&pixels.bytes, pixels.width_px, pixels.height_px, ExtendedColorType::Rgb8)
        .expect("memory takes every byte, and 1 to 384 pixels a side fit into a JPEG");
    jpeg
}

fn average(rgb: &[u8]) -> [u8; 3] {
    let mut sums = [0u64; 3];
    for pixel in rgb.chunks_exact(3) {
        for (sum, value) in sums.iter_mut().zip(pixel) {
            *sum += u64::from(*value);
        }
    }
    let count = (rgb.len() as u64 / 3).max(1);
    sums.map(|sum| (sum / count) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn original(width_px: u32, height_px: u32) -> Original {
        let rgb = [200, 100, 50].repeat(width_px as usize * height_px as usize).into();
        let picture = Picture { width_px, height_px, rgb };
        Original { unprofiled: picture.clone(), picture, width_px: width_px * 8, height_px: height_px * 8 }
    }

    fn check(size: (u32, u32), expected: (u32, u32)) {
        let thumbnail = Thumbnail::of(&original(size.0, size.1));
        let picture = thumbnail.picture().unwrap();
        assert_eq!((picture.width_px, picture.height_px), expected);
        assert_eq!((thumbnail.look.width_px, thumbnail.look.height_px), (size.0 * 8, size.1 * 8));
        assert_eq!(thumbnail.look.average, [200, 100, 50]);
    }

    #[test]
    fn the_long_side_becomes_the_thumbnails_and_the_aspect_stays() {
        check((768, 512), (384, 256));
        check((512, 768), (256, 384));
        check((20_000, 3), (384, 1));
    }

    #[test]
    fn a_photo_smaller_than_a_thumbnail_keeps_its_size() {
        check((40, 30), (40, 30));
        check((1, 1), (1, 1));
    }

    #[test]
    fn a_damaged_thumbnail_is_a_reason() {
        let thumbnail = Thumbnail { jpeg: vec![1, 2, 3], ..Thumbnail::of(&original(4, 4)) };
        assert!(thumbnail.picture().is_err());
    }
}
