//! The JPEG of nearly all cameras, one baseline scan, decoded to a half, a quarter or an eighth of its size.
//!
//! | Module | What it does |
//! |-|-|
//! | `segments` | the tables before the picture |
//! | `bits` | the picture's bits, without what was stuffed between them |
//! | `huffman` | from bits to coefficients, of which most are only passed over |
//! | `transform` | from coefficients to a few pixels a block |
//!
//! Written by hand because most of the time for a small picture of a large photo goes into coefficients that the small picture
//! does not need: passing several of them over in one look-up takes two thirds of jpeg-decoder's time for 24 megapixels at a
//! quarter, which is as much as libjpeg-turbo needs or more, and a library in C would cost the cross-build. Sources: ITU-T T.81
//! and T.871.
//!
//! Promise: a picture comes out only if it is whole and simple; of any other there is none, and jpeg-decoder is asked.

mod bits;
mod huffman;
mod segments;
mod transform;

use super::colour::{Kind, Pixels};
use crate::catalog::vectorised;
use bits::Bits;
use segments::{Component, Header};
use transform::Transform;

/// Coefficients of a block.
const BLOCK: usize = 64;
/// Samples of a block's side.
const SIDE: usize = 8;

/// One component's rows of the blocks that are decoded together.
struct Plane<'a> {
    component: &'a Component,
    transform: Transform,
    /// As wide as the whole picture, with what its last blocks have too much.
    samples: Vec<u8>,
    /// The first coefficient of the block before.
    before: i32,
}

/// `scale` samples of eight: 1, 2 or 4.
pub fn decode(file: &[u8], scale: usize) -> Option<Pixels> {
    let header = segments::read(file)?;
    let (columns, rows) = header.units();
    let (unit_width, unit_height) = (header.across * scale, header.down * scale);
    let stride = columns * unit_width;
    let mut planes = planes(&header, scale, stride * unit_height)?;
    let (width, height) = ((header.width * scale).div_ceil(SIDE), (header.height * scale).div_ceil(SIDE));
    let mut out = Vec::with_capacity(width * height * planes.len());
    let mut bits = Bits::new(file.get(header.picture_at..)?);
    let mut until_restart = header.restart_units;
    for row in 0..rows {
        // All that a row needs is inlined here, for the instructions of this processor.
        vectorised(
            #[inline(always)]
            || {
                let mut here = bits;
                for column in 0..columns {
                    if header.restart_units > 0 {
                        if until_restart == 0 {
                            here.restart()?;
                            planes.iter_mut().for_each(|plane| plane.before = 0);
                            until_restart = header.restart_units;
                        }
                        until_restart -= 1;
                    }
                    for plane in &mut planes {
                        plane.decode_unit(&mut here, column * unit_width, stride)?;
                    }
                }
                let visible = unit_height.min(height - row * unit_height);
                (0..visible).for_each(|line| put_line(&planes, line * stride, width, &mut out));
                bits = here;
                (!bits.are_exhausted()).then_some(())
            },
        )?;
    }
    let kind = if planes.len() == 1 { Kind::Grey } else { Kind::Rgb };
    Some(Pixels { width_px: width as u32, height_px: height as u32, kind, bytes: out })
}

/// Each component at the resolution of the result: where colours have fewer samples, more are made of each block.
fn planes(header: &Header, scale: usize, samples: usize) -> Option<Vec<Plane<'_>>> {
    let planes = header.components.iter().map(|component| {
        let (width, height) = (header.across / component.across * scale, header.down / component.down * scale);
        let transform = Transform::new(width, height, &component.quantisation)?;
        Some(Plane { component, transform, samples: vec![0; samples], before: 0 })
    });
    planes.collect()
}

impl Plane<'_> {
    /// The blocks of one unit, whose samples begin at the column `at`.
    #[inline(always)]
    fn decode_unit(&mut self, bits: &mut Bits, at: usize, stride: usize) -> Option<()> {
        let (width, height) = self.transform.size();
        for down in 0..self.component.down {
            for across in 0..self.component.across {
                let mut block = [0.0; BLOCK];
                let last = self.component.decode_block(bits, &mut self.before, &self.transform, &mut block)?;
                let start = down * height * stride + at + across * width;
                self.transform.apply(&block, last, &mut self.samples[start..], stride);
            }
        }
        Some(())
    }
}

impl Component {
    /// Puts the coefficients that the transform needs into `block`, times their factors. Returns whether there are any but the
    /// first.
    #[inline(always)]
    fn decode_block(
        &self,
        bits: &mut Bits,
        before: &mut i32,
        transform: &Transform,
        block: &mut [f32; BLOCK],
    ) -> Option<bool> {
        *before = before.wrapping_add(self.first.difference(bits)?);
        block[0] = *before as f32 * transform.factors[0];
        let (mut at, mut has_more) = (1, false);
        while at < transform.needed {
            let (run, value) = self.others.coefficient(bits)?;
            let Some(value) = value else {
                if run == 0 {
                    return Some(has_more);
                }
                at += run;
                continue;
            };
            at += run;
            if at >= BLOCK {
                return None;
            }
            block[transform::PLACES[at]] = value as f32 * transform.factors[at];
            has_more = true;
            at += 1;
        }
        self.others.pass_over(bits, at)?;
        Some(has_more)
    }
}

/// A line of samples as grey or RGB.
#[inline(always)]
fn put_line(planes: &[Plane], from: usize, width: usize, out: &mut Vec<u8>) {
    match planes {
        [light, blue, red] => {
            let [light, blue, red] = [light, blue, red].map(|plane| &plane.samples[from..from + width]);
            let start = out.len();
            out.resize(start + 3 * width, 0);
            let pixels = out[start..].as_chunks_mut::<3>().0;
            for (((pixel, light), blue), red) in pixels.iter_mut().zip(light).zip(blue).zip(red) {
                *pixel = transform::rgb(*light, *blue, *red);
            }
        }
        planes => out.extend(planes.iter().take(1).flat_map(|plane| &plane.samples[from..from + width])),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const TEXTURES: [&str; 5] = ["420", "422", "444", "odd", "restarts"];

    fn texture(name: &str) -> Vec<u8> {
        let photos = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/photos");
        std::fs::read(photos.join(format!("texture-{name}.jpg"))).unwrap()
    }

    /// What jpeg-decoder makes of it at the same scale.
    fn reference(file: &[u8], scale: usize) -> Vec<u8> {
        let mut decoder = jpeg_decoder::Decoder::new(file);
        decoder.read_info().unwrap();
        let width = usize::from(decoder.info().unwrap().width);
        decoder.scale((width * scale).div_ceil(SIDE) as u16, u16::MAX).unwrap();
        decoder.decode().unwrap()
    }

    #[test]
    fn pixels_are_those_of_jpeg_decoder() {
        for name in TEXTURES {
            let file = texture(name);
            // At an eighth, jpeg-decoder spreads out colours of half the resolution, and here they have all of it.
            for (scale, tolerance) in [(1, 1.5), (2, 0.5), (4, 0.5)] {
                let (ours, theirs) = (decode(&file, scale).unwrap().bytes, reference(&file, scale));
                assert_eq!(ours.len(), theirs.len(), "{name} at {scale}/8");
                let apart: u32 = ours.iter().zip(&theirs).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
                let apart = f64::from(apart) / ours.len() as f64;
                assert!(apart < tolerance, "{name} at {scale}/8: {apart} of 255");
            }
        }
    }

    #[test]
    fn a_picture_that_ends_early_or_is_of_another_kind_is_left_to_the_other_decoder() {
        for name in TEXTURES {
            let file = texture(name);
            let end = file.len() - file.len() / 3;
            assert!((0..end).step_by(13).all(|length| decode(&file[..length], 2).is_none()), "{name}");
        }
        assert!(decode(&texture("progressive"), 2).is_none());
    }

    #[test]
    fn wrong_bytes_are_no_harm() {
        let mut state = 1u32;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % below
        };
        for name in TEXTURES {
            let file = texture(name);
            for round in 0..300 {
                let mut wrong = file.clone();
                // Every other time in the tables.
                let reach = if round % 2 == 0 { 700 } else { file.len() };
                (0..=random(3)).for_each(|_| wrong[random(reach)] = random(256) as u8);
                let size = decode(&wrong, [1, 2, 4][round % 3]);
                assert!(size.is_none_or(|pixels| {
                    pixels.bytes.len() == (pixels.width_px * pixels.height_px) as usize * pixels.kind.channels()
                }));
            }
        }
    }
}
