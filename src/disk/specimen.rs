//! Photos to measure with: the same ones on every machine.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};

const SPECIMEN_PX: (u32, u32) = (6000, 4000);

/// Pictures that are drawn; further files show them again, and are told apart by a byte behind the picture.
const DRAWN: usize = 8;

/// Writes `count` different JPEG files of 24 megapixels into a folder that it makes.
pub fn write_specimens(folder: &Path, count: usize) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder).with_context(|| format!("\"{}\" cannot be made.", folder.display()))?;
    let drawn: Vec<Vec<u8>> = (0..count.min(DRAWN)).map(|number| specimen(number as u32)).collect::<Result<_>>()?;
    (0..count)
        .map(|number| {
            let path = folder.join(format!("specimen-{number:02}.jpg"));
            let bytes = [&drawn[number % DRAWN][..], &[(number / DRAWN) as u8]].concat();
            fs::write(&path, bytes).with_context(|| format!("\"{}\" cannot be written.", path.display()))?;
            Ok(path)
        })
        .collect()
}

/// Writes `count` different small files with names of photos into a folder that it makes, 500 in each of its folders. They
/// stand for photos that are known already, of which nobody opens the file.
pub fn write_stand_ins(folder: &Path, count: usize) -> Result<()> {
    for number in 0..count {
        let part = folder.join(format!("{:03}", number / 500));
        if number % 500 == 0 {
            fs::create_dir_all(&part).with_context(|| format!("\"{}\" cannot be made.", part.display()))?;
        }
        let path = part.join(format!("IMG_{number:06}.jpg"));
        fs::write(&path, number.to_le_bytes()).with_context(|| format!("\"{}\" cannot be written.", path.display()))?;
    }
    Ok(())
}

/// Takes a folder away that was made to measure in. What is left of it is the system's to tidy up.
pub fn remove_scratch(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
}

/// Soft gradients and fine grain, as in photos: about 10 MB.
fn specimen(seed: u32) -> Result<Vec<u8>> {
    let (width, height) = SPECIMEN_PX;
    let mut state = seed.wrapping_add(1).wrapping_mul(747_796_405);
    let mut rgb = Vec::with_capacity(width as usize * height as usize * 3);
    for y in 0..height {
        for x in 0..width {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (state >> 28) + (state >> 24 & 15);
            let wave = |a: u32, b: u32| (x * a + y * b + seed * 1000) / 16 % 448;
            let level = |wave: u32| wave.min(448 - wave);
            rgb.extend([wave(1, 2), wave(2, 1), wave(3, 0)].map(|wave| (level(wave) + grain).min(255) as u8));
        }
    }
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 90).write_image(&rgb, width, height, ExtendedColorType::Rgb8)?;
    Ok(jpeg)
}
