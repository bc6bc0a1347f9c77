//! From whatever numbers a file stores to eight-bit sRGB.
//!
//! Promise: every pixel gets a colour. A profile that is broken or belongs to another kind of picture is left aside,
//! as browsers do: slightly wrong colours are better than no photo.

use image::{ColorType, DynamicImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Eight-bit pixels in the layout of their file, rows from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    pub width_px: u32,
    pub height_px: u32,
    pub kind: Kind,
    /// `width_px * height_px * kind.channels()` bytes.
    pub bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
    /// Amounts of ink: 255 is full ink.
    Cmyk,
}

impl Kind {
    pub fn channels(self) -> usize {
        match self {
            Kind::Grey => 1,
            Kind::GreyAlpha => 2,
            Kind::Rgb => 3,
            Kind::Rgba | Kind::Cmyk => 4,
        }
    }
}

impl Pixels {
    /// Sixteen-bit and floating-point numbers become eight bits here.
    pub fn of(image: DynamicImage) -> Pixels {
        let (width_px, height_px) = (image.width(), image.height());
        let (kind, bytes) = match image.color() {
            ColorType::L8 | ColorType::L16 => (Kind::Grey, image.into_luma8().into_raw()),
            ColorType::La8 | ColorType::La16 => (Kind::GreyAlpha, image.into_luma_alpha8().into_raw()),
            ColorType::Rgb8 | ColorType::Rgb16 | ColorType::Rgb32F => (Kind::Rgb, image.into_rgb8().into_raw()),
            _ => (Kind::Rgba, image.into_rgba8().into_raw()),
        };
        Pixels { width_px, height_px, kind, bytes }
    }

    /// The middle of it, in the shape of another size: tiny pictures often have black bars. `None` where the shapes have too
    /// little in common for that, so that it shows something else.
    pub fn with_shape_of(self, (width, height): (u32, u32)) -> Option<Pixels> {
        const MOST_BARS: f64 = 1.4;
        let wanted = f64::from(width) / f64::from(height);
        let bars = f64::from(self.width_px) / f64::from(self.height_px) / wanted;
        if !(MOST_BARS.recip()..=MOST_BARS).contains(&bars) {
            return None;
        }
        let width_px = self.width_px.min((f64::from(self.height_px) * wanted) as u32).max(1);
        let height_px = self.height_px.min((f64::from(self.width_px) / wanted) as u32).max(1);
        let (left, top) = ((self.width_px - width_px) / 2, (self.height_px - height_px) / 2);
        let channels = self.kind.channels();
        let rows = self.bytes.chunks_exact(self.width_px as usize * channels);
        let row = |row: &[u8]| row[left as usize * channels..][..width_px as usize * channels].to_vec();
        let bytes = rows.skip(top as usize).take(height_px as usize).flat_map(row).collect();
        Some(Pixels { width_px, height_px, kind: self.kind, bytes })
    }

    /// Whether nothing is seen below the first tenth of the rows: every row there equals the last one.
    pub fn is_flat_below_the_top(&self) -> bool {
        let row_bytes = self.width_px as usize * self.kind.channels();
        let mut rows = self.bytes.chunks_exact(row_bytes.max(1)).skip(self.height_px as usize / 10);
        let Some(first) = rows.next() else { return true };
        rows.all(|row| row == first)
    }
}

/// Red, green and blue bytes. What is transparent becomes white, as on the paper or page that such pictures are made
/// for.
pub fn to_srgb(pixels: Pixels, profile: Option<&[u8]>) -> Vec<u8> {
    let Pixels { kind, bytes, .. } = pixels;
    let profiled = profile.and_then(|profile| through_profile(kind, &bytes, profile));
    let bytes = profiled.unwrap_or_else(|| plainly(kind, bytes));
    match kind {
        Kind::GreyAlpha | Kind::Rgba => over_white(&bytes),
        Kind::Grey | Kind::Rgb | Kind::Cmyk => bytes,
    }
}

/// RGB, or RGBA where `kind` has alpha; `None` where the profile cannot be used.
fn through_profile(kind: Kind, bytes: &[u8], profile: &[u8]) -> Option<Vec<u8>> {
    let profile = ColorProfile::new_from_slice(profile).ok()?;
    let (space, from, to) = match kind {
        Kind::Grey => (DataColorSpace::Gray, Layout::Gray, Layout::Rgb),
        Kind::GreyAlpha => (DataColorSpace::Gray, Layout::GrayAlpha, Layout::Rgba),
        Kind::Rgb => (DataColorSpace::Rgb, Layout::Rgb, Layout::Rgb),
        Kind::Rgba => (DataColorSpace::Rgb, Layout::Rgba, Layout::Rgba),
        Kind::Cmyk => (DataColorSpace::Cmyk, Layout::Rgba, Layout::Rgb),
    };
    if profile.color_space != space {
        return None;
    }
    let srgb = ColorProfile::new_srgb();
    let transform = profile.create_transform_8bit(from, &srgb, to, TransformOptions::default()).ok()?;
    let mut converted = vec![0; bytes.len() / from.channels() * to.channels()];
    transform.transform(bytes, &mut converted).ok()?;
    Some(converted)
}

/// RGB, or RGBA where `kind` has alpha, as if the numbers were sRGB already.
fn plainly(kind: Kind, bytes: Vec<u8>) -> Vec<u8> {
    match kind {
        Kind::Rgb | Kind::Rgba => bytes,
        Kind::Grey => bytes.iter().flat_map(|grey| [*grey; 3]).collect(),
        Kind::GreyAlpha => bytes.chunks_exact(2).flat_map(|pixel| [pixel[0], pixel[0], pixel[0], pixel[1]]).collect(),
        Kind::Cmyk => bytes.chunks_exact(4).flat_map(|ink| [0, 1, 2].map(|at| without(ink[at], ink[3]))).collect(),
    }
}

/// The light left by one ink and black.
fn without(ink: u8, black: u8) -> u8 {
    scaled(255 - ink, 255 - black)
}

/// `a * b / 255`, rounded.
fn scaled(a: u8, b: u8) -> u8 {
    ((u32::from(a) * u32::from(b) + 127) / 255) as u8
}

fn over_white(rgba: &[u8]) -> Vec<u8> {
    rgba.chunks_exact(4).flat_map(|pixel| [0, 1, 2].map(|at| 255 - scaled(255 - pixel[at], pixel[3]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, bytes: &[u8], expected: [u8; 3]) {
        let pixels = Pixels { width_px: 1, height_px: 1, kind, bytes: bytes.to_vec() };
        assert_eq!(to_srgb(pixels, None), expected);
    }

    #[test]
    fn what_is_transparent_becomes_white() {
        check(Kind::Rgba, &[10, 20, 30, 255], [10, 20, 30]);
        check(Kind::Rgba, &[10, 20, 30, 0], [255, 255, 255]);
        check(Kind::GreyAlpha, &[0, 128], [127, 127, 127]);
    }

    #[test]
    fn ink_takes_light_away() {
        check(Kind::Cmyk, &[0, 0, 0, 0], [255, 255, 255]);
        check(Kind::Cmyk, &[255, 0, 0, 0], [0, 255, 255]);
        check(Kind::Cmyk, &[0, 0, 0, 255], [0, 0, 0]);
    }

    #[test]
    fn a_broken_profile_is_left_aside() {
        let pixels = Pixels { width_px: 1, height_px: 1, kind: Kind::Rgb, bytes: vec![1, 2, 3] };
        assert_eq!(to_srgb(pixels, Some(b"no profile")), [1, 2, 3]);
    }

    #[test]
    fn a_picture_is_flat_when_all_rows_below_the_top_are_equal() {
        let mut pixels = Pixels { width_px: 2, height_px: 20, kind: Kind::Grey, bytes: vec![5; 40] };
        pixels.bytes[3] = 9;
        assert!(pixels.is_flat_below_the_top());
        pixels.bytes[10] = 9;
        assert!(!pixels.is_flat_below_the_top());
    }

    #[test]
    fn bars_are_cut_away_and_what_is_of_another_shape_is_none_of_it() {
        let check = |size: (u32, u32), of: (u32, u32), expected: Option<(u32, u32)>| {
            let pixels = Pixels {
                width_px: size.0,
                height_px: size.1,
                kind: Kind::Rgb,
                bytes: vec![0; (size.0 * size.1 * 3) as usize],
            };
            let cut = pixels.with_shape_of(of);
            assert_eq!(cut.as_ref().map(|cut| (cut.width_px, cut.height_px)), expected);
            assert!(cut.is_none_or(|cut| cut.bytes.len() == (cut.width_px * cut.height_px * 3) as usize));
        };
        check((160, 120), (6000, 4000), Some((160, 106)));
        check((160, 120), (4000, 3000), Some((160, 120)));
        check((120, 160), (4000, 6000), Some((106, 160)));
        check((160, 120), (4000, 6000), None);
        check((160, 120), (8000, 1000), None);
        let pixels = Pixels { width_px: 3, height_px: 4, kind: Kind::Grey, bytes: (0..12).collect() };
        assert_eq!(pixels.with_shape_of((3, 3)).unwrap().bytes, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }
}
