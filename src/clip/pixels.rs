//! From a decoded picture to the pixels that a model wants.
//!
//! `prepare` equals the reference preprocessing (Pillow's resampling with antialiasing, HuggingFace's rounding of sizes and
//! centre crop) byte for byte.

use std::sync::Arc;

use super::resample::{Window, resample};
use crate::catalog::Picture;

pub use super::resample::{Filter, Size};

/// How a model wants its pictures. A pure value, so that the thread that decodes can have it without the model.
#[derive(Clone, Debug, PartialEq)]
pub struct InputSpec {
    pub resize: Resize,
    pub filter: Filter,
    /// Cut from the middle after resizing; what a picture is too small for becomes black.
    pub crop: Option<Crop>,
    pub levels: Levels,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop {
    pub size: Size,
    pub middle: Middle,
}

/// Where the middle is when an odd number of pixels has to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Middle {
    /// The odd pixel is cut at the end (HuggingFace).
    RoundedDown,
    /// Half the rest, rounded to an even number (torchvision, which OpenCLIP uses).
    RoundedToEven,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resize {
    None,
    /// The shorter side gets this length, the longer one follows.
    ShortestEdge(u32),
    /// The shape of the picture is not kept.
    Exact(Size),
}

/// From bytes to the network's numbers: `(byte * rescale - mean) / deviation`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    pub rescale: f64,
    pub mean: [f64; 3],
    pub deviation: [f64; 3],
}

/// Pixels at the model's size: `width_px * height_px * 3` bytes, before mean and deviation.
#[derive(Clone)]
pub struct ModelInput {
    pub width_px: u32,
    pub height_px: u32,
    pub rgb: Arc<[u8]>,
    /// Left, top, right and bottom of these pixels as shares of the upright photo; beyond 0 and 1 where the photo is framed
    /// in black.
    pub area: [f32; 4],
}

impl ModelInput {
    /// Where left, top, right and bottom in pixels lie as shares of the upright photo.
    pub fn area_of(&self, [left, top, right, bottom]: [f32; 4]) -> [f32; 4] {
        let across = |x: f32| self.area[0] + (self.area[2] - self.area[0]) * x / self.width_px as f32;
        let down = |y: f32| self.area[1] + (self.area[3] - self.area[1]) * y / self.height_px as f32;
        [across(left), down(top), across(right), down(bottom)]
    }
}

impl InputSpec {
    /// The size that every picture gets, or `None` where it would depend on the picture.
    pub fn size(&self) -> Option<Size> {
        match (self.crop, self.resize) {
            (Some(Crop { size, .. }), _) | (None, Resize::Exact(size)) => Some(size),
            _ => None,
        }
    }

    /// 0 where it depends on the picture; no opened model has such an input.
    pub fn width_px(&self) -> u32 {
        self.size().map_or(0, |size| size.width_px)
    }

    /// 0 where it depends on the picture; no opened model has such an input.
    pub fn height_px(&self) -> u32 {
        self.size().map_or(0, |size| size.height_px)
    }

    /// A photo that was decoded at a smaller scale should keep at least this short side: twice what is needed, because
    /// then the decoder's own, coarser filter does not show.
    pub fn least_short_side_px(&self) -> u32 {
        match self.resize {
            // Without resizing the crop sees full-size pixels.
            Resize::None => u32::MAX,
            Resize::ShortestEdge(side) => side.saturating_mul(2),
            Resize::Exact(size) => size.width_px.max(size.height_px).saturating_mul(2),
        }
    }
}

impl Levels {
    /// What each byte of each channel becomes.
    pub fn table(&self) -> [[f32; 256]; 3] {
        std::array::from_fn(|channel| {
            std::array::from_fn(|byte| {
                let value = (byte as f64 * self.rescale) as f32;
                (value - self.mean[channel] as f32) / self.deviation[channel] as f32
            })
        })
    }
}

/// Resizes and crops. A picture without pixels becomes black.
pub fn prepare(picture: &Picture, spec: &InputSpec) -> ModelInput {
    let from = Size { width_px: picture.width_px, height_px: picture.height_px };
    let to = resized(from, spec.resize);
    let Crop { size, middle } = spec.crop.unwrap_or(Crop { size: to, middle: Middle::RoundedDown });
    let across = Overlap::of(to.width_px, size.width_px, middle);
    let down = Overlap::of(to.height_px, size.height_px, middle);
    let rgb = if picture.rgb.is_empty() {
        vec![0; size.width_px as usize * size.height_px as usize * 3]
    } else {
        let window = Window { columns: across.kept(), rows: down.kept() };
        framed(resample(&picture.rgb, from, to, spec.filter, &window), size, &across, &down)
    };
    let ([left, right], [top, bottom]) = (across.shares(to.width_px), down.shares(to.height_px));
    let area = [left, top, right, bottom];
    ModelInput { width_px: size.width_px, height_px: size.height_px, rgb: rgb.into(), area }
}

/// The longer side is cut to a whole number, not rounded, as the reference does.
fn resized(from: Size, resize: Resize) -> Size {
    match resize {
        Resize::None => from,
        Resize::Exact(size) => size,
        Resize::ShortestEdge(side) => {
            let (short, long) = (from.width_px.min(from.height_px), from.width_px.max(from.height_px));
            let long = (u64::from(side) * u64::from(long) / u64::from(short.max(1))) as u32;
            match from.width_px <= from.height_px {
                true => Size { width_px: side, height_px: long },
                false => Size { width_px: long, height_px: side },
            }
        }
    }
}

/// Puts what the crop kept into black, where the picture was smaller than the crop.
fn framed(kept: Vec<u8>, size: Size, across: &Overlap, down: &Overlap) -> Vec<u8> {
    let row_bytes = size.width_px as usize * 3;
    if kept.len() == row_bytes * size.height_px as usize {
        return kept;
    }
    let mut out = vec![0; row_bytes * size.height_px as usize];
    let rows = out.chunks_exact_mut(row_bytes).skip(down.to);
    for (row, kept) in rows.zip(kept.chunks_exact(across.length * 3)) {
        row[across.to * 3..][..kept.len()].copy_from_slice(kept);
    }
    out
}

/// Which part of one side a centre crop keeps, and where it puts it.
struct Overlap {
    from: usize,
    to: usize,
    length: usize,
    /// The crop's own length.
    whole: usize,
}

impl Overlap {
    fn of(from_px: u32, to_px: u32, middle: Middle) -> Overlap {
        let (from, to) = (from_px as usize, to_px as usize);
        let (cut, filled) = (from.saturating_sub(to), to.saturating_sub(from));
        let length = from.min(to);
        match middle {
            // The odd pixel goes above and to the left when filling.
            Middle::RoundedDown => Overlap { from: cut / 2, to: filled.div_ceil(2), length, whole: to },
            Middle::RoundedToEven => Overlap { from: (cut + cut / 2 % 2) / 2, to: filled / 2, length, whole: to },
        }
    }

    fn kept(&self) -> std::ops::Range<usize> {
        self.from..self.from + self.length
    }

    /// Where the crop begins and ends on a side of `from_px`.
    fn shares(&self, from_px: u32) -> [f32; 2] {
        let begin = self.from as f32 - self.to as f32;
        [begin, begin + self.whole as f32].map(|at| at / from_px.max(1) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width_px: u32, height_px: u32) -> Size {
        Size { width_px, height_px }
    }

    #[test]
    fn the_longer_side_is_cut_to_a_whole_number() {
        // 224 * 500 / 333 = 336.3; 224 * 1023 / 768 = 298.4; 224 * 1151 / 768 = 335.7.
        for (from, to) in [
            (size(333, 500), size(224, 336)),
            (size(1023, 768), size(298, 224)),
            (size(1151, 768), size(335, 224)),
            (size(90, 90), size(224, 224)),
        ] {
            assert_eq!(resized(from, Resize::ShortestEdge(224)), to);
        }
    }

    /// Crops without resizing.
    fn cropped(rgb: &[u8], from: Size, to: Size) -> Vec<u8> {
        let levels = Levels { rescale: 1.0, mean: [0.0; 3], deviation: [1.0; 3] };
        let crop = Some(Crop { size: to, middle: Middle::RoundedDown });
        let spec = InputSpec { resize: Resize::None, filter: Filter::Bicubic, crop, levels };
        let input = prepare(&Picture { width_px: from.width_px, height_px: from.height_px, rgb: rgb.into() }, &spec);
        assert_eq!((input.width_px, input.height_px), (to.width_px, to.height_px));
        input.rgb.to_vec()
    }

    fn pixels(values: &[u8]) -> Vec<u8> {
        values.iter().flat_map(|value| [*value; 3]).collect()
    }

    #[test]
    fn the_crop_drops_the_odd_pixel_at_the_end() {
        assert_eq!(cropped(&pixels(&[0, 1, 2, 3, 4]), size(5, 1), size(2, 1)), pixels(&[1, 2]));
    }

    #[test]
    fn torchvisions_middle_is_rounded_to_even() {
        // `int(round(cut / 2.0))` in Python.
        for (cut, from) in [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 2), (6, 3), (7, 4), (9, 4), (11, 6)] {
            assert_eq!(Overlap::of(100 + cut, 100, Middle::RoundedToEven).from, from, "{cut}");
        }
    }

    #[test]
    fn a_picture_smaller_than_the_crop_is_framed_in_black() {
        assert_eq!(cropped(&pixels(&[9, 9]), size(2, 1), size(5, 1)), pixels(&[0, 0, 9, 9, 0]));
        assert_eq!(cropped(&pixels(&[7, 8]), size(1, 2), size(1, 3)), pixels(&[0, 7, 8]));
    }

    fn area(from: Size, resize: Resize, crop: Size) -> [f32; 4] {
        let levels = Levels { rescale: 1.0, mean: [0.0; 3], deviation: [1.0; 3] };
        let crop = Some(Crop { size: crop, middle: Middle::RoundedDown });
        let spec = InputSpec { resize, filter: Filter::Bicubic, crop, levels };
        let rgb = vec![0; (from.width_px * from.height_px * 3) as usize];
        prepare(&Picture { width_px: from.width_px, height_px: from.height_px, rgb: rgb.into() }, &spec).area
    }

    #[test]
    fn the_middle_square_is_the_area_of_a_crop() {
        let resize = Resize::ShortestEdge(8);
        assert_eq!(area(size(32, 16), resize, size(8, 8)), [0.25, 0.0, 0.75, 1.0]);
        assert_eq!(area(size(16, 32), resize, size(8, 8)), [0.0, 0.25, 1.0, 0.75]);
        assert_eq!(area(size(16, 32), Resize::Exact(size(8, 8)), size(8, 8)), [0.0, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn a_frame_lies_outside_the_photo() {
        assert_eq!(area(size(2, 4), Resize::None, size(4, 4)), [-0.5, 0.0, 1.5, 1.0]);
    }

    #[test]
    fn a_picture_without_pixels_becomes_black() {
        assert_eq!(cropped(&[], size(0, 0), size(4, 4)), [0; 48]);
    }

    #[test]
    fn a_byte_is_scaled_before_the_mean_is_taken_off() {
        let levels = Levels { rescale: 1.0 / 255.0, mean: [0.5; 3], deviation: [0.25; 3] };
        let table = levels.table();
        assert_eq!((table[0][0], table[2][255]), (-2.0, 2.0));
    }
}
