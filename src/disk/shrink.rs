//! Smaller pictures, by antialiased resampling.
//!
//! Promise: a side never gets shorter than asked for, nor than one pixel, and never longer than it was.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::colour::{Kind, Pixels};
use super::decode::Least;

/// Brings a picture that is far larger than `least` down to twice `least`, so that colours, turning and whatever the
/// caller does next handle few pixels.
pub(super) fn to_serve(pixels: Pixels, least: Least) -> Pixels {
    const FAR: u32 = 4;
    let size = (pixels.width_px, pixels.height_px);
    if !least.times(FAR).is_met_by(size) {
        return pixels;
    }
    let (width, height) = smallest_that_serves(size, least.times(2));
    shrunk(&pixels, width, height)
}

/// Resamples to `width` x `height`.
pub(super) fn shrunk(pixels: &Pixels, width: u32, height: u32) -> Pixels {
    let bytes = resample(pixels, width, height)
        .expect("the buffer has the size that its width, height and kind say, and both types are the same");
    Pixels { width_px: width, height_px: height, kind: pixels.kind, bytes }
}

fn resample(pixels: &Pixels, width: u32, height: u32) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let kind = match pixels.kind {
        Kind::Grey => PixelType::U8,
        Kind::GreyAlpha => PixelType::U8x2,
        Kind::Rgb => PixelType::U8x3,
        Kind::Rgba | Kind::Cmyk => PixelType::U8x4,
    };
    let source = ImageRef::new(pixels.width_px, pixels.height_px, &pixels.bytes, kind)?;
    let mut target = Image::new(width, height, kind);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    // Black ink lies where other pictures have alpha, and must not weigh the other inks.
    let options = options.use_alpha(pixels.kind != Kind::Cmyk);
    Resizer::new().resize(&source, &mut target, &options)?;
    Ok(target.into_vec())
}

/// Keeps the aspect; both sides are rounded up.
fn smallest_that_serves((width, height): (u32, u32), least: Least) -> (u32, u32) {
    let (short, long) = (width.min(height), width.max(height));
    let scale = ratio(least.short_px, short).max(ratio(least.long_px, long)).min(1.0);
    let side = |px: u32| ((f64::from(px) * scale).ceil() as u32).clamp(1, px);
    (side(width), side(height))
}

fn ratio(part: u32, whole: u32) -> f64 {
    f64::from(part) / f64::from(whole.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: Least = Least { short_px: 10, long_px: 12 };

    fn grey(width_px: u32, height_px: u32) -> Pixels {
        let bytes = vec![77; width_px as usize * height_px as usize];
        Pixels { width_px, height_px, kind: Kind::Grey, bytes }
    }

    fn check(size: (u32, u32), expected: (u32, u32)) {
        let small = to_serve(grey(size.0, size.1), LEAST);
        assert_eq!((small.width_px, small.height_px), expected);
        assert!(small.bytes.iter().all(|byte| *byte == 77));
    }

    #[test]
    fn only_a_picture_far_larger_than_asked_for_is_shrunk() {
        check((100, 50), (40, 20));
        check((50, 100), (20, 40));
        check((47, 1000), (20, 426));
        check((39, 1000), (39, 1000));
        check((5, 5), (5, 5));
    }

    #[test]
    fn black_ink_is_not_taken_for_alpha() {
        let mut pixels = Pixels { width_px: 2, height_px: 1, kind: Kind::Cmyk, bytes: vec![200, 0, 0, 0] };
        pixels.bytes.extend([100, 0, 0, 255]);
        assert_eq!(shrunk(&pixels, 1, 1).bytes[0], 150);
    }
}
