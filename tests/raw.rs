//! Raw files and JPEGs with several pictures: what is shown of them. No camera wrote the files in `fixtures/raws`;
//! `fixtures/make_raws.py` builds them after the published descriptions and has exiftool find the previews in them. They show
//! the scene of `decode.rs`, stored on its side.

#![allow(clippy::unwrap_used, reason = "a test that cannot set its scene has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use tagroll::catalog::Picture;
use tagroll::disk::{Least, Original, decode};

const SCENE: [[u8; 3]; 4] = [[220, 30, 40], [20, 180, 60], [30, 50, 210], [250, 250, 250]];
const FULL: Least = Least { short_px: u32::MAX, long_px: u32::MAX };
/// Twice this is less than 480 x 320, and four times is more.
const SMALL: Least = Least { short_px: 150, long_px: 200 };

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/raws").join(name)
}

/// The file that `change` makes of a fixture.
fn changed(name: &str, change: impl Fn(Vec<u8>) -> Vec<u8>, least: Least) -> Result<Original, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, change(fs::read(fixture(name)).unwrap())).unwrap();
    decode(&path, least).map_err(|unreadable| unreadable.reason)
}

fn size(picture: &Picture) -> (u32, u32) {
    (picture.width_px, picture.height_px)
}

/// The middles of the four quarters, in reading order.
fn quarters(picture: &Picture) -> [[u8; 3]; 4] {
    [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| {
        let (x, y) = ((picture.width_px * x / 4) as usize, (picture.height_px * y / 4) as usize);
        let at = (y * picture.width_px as usize + x) * 3;
        picture.rgb[at..at + 3].try_into().unwrap()
    })
}

fn is_scene(picture: &Picture) -> bool {
    let near = |found: &[u8; 3], expected: &[u8; 3]| found.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= 4);
    quarters(picture).iter().zip(&SCENE).all(|(found, expected)| near(found, expected))
}

/// With all its pixels, the fixture shows the scene upright and at this size.
fn check(name: &str, size_px: (u32, u32)) {
    let original = decode(&fixture(name), FULL).unwrap_or_else(|error| panic!("{name}: {}", error.reason));
    assert_eq!((original.width_px, original.height_px), size_px, "{name}");
    assert_eq!(size(&original.picture), size_px, "{name}");
    assert!(is_scene(&original.picture), "{name}: {:?}", quarters(&original.picture));
}

#[test]
fn every_kind_of_raw_file_shows_its_largest_preview_upright() {
    for kind in ["cr2", "cr3", "nef", "arw", "dng", "pef", "raf", "rw2"] {
        check(&format!("scene.{kind}"), (960, 640));
    }
    for name in ["scene.orf", "old.nef", "old.pef"] {
        check(name, (480, 320));
    }
}

#[test]
fn a_smaller_preview_is_enough_for_a_thumbnail_and_the_model() {
    for name in ["scene.cr3", "scene.dng"] {
        let original = decode(&fixture(name), SMALL).unwrap();
        assert_eq!(size(&original.picture), (480, 320), "{name}");
        assert_eq!((original.width_px, original.height_px), (960, 640), "{name}");
        assert!(is_scene(&original.picture), "{name}");
    }
}

#[test]
fn a_jpegs_smaller_copy_serves_where_few_pixels_are_wanted() {
    let small = decode(&fixture("several.jpg"), SMALL).unwrap();
    assert_eq!((size(&small.picture), small.width_px, small.height_px), ((480, 320), 960, 640));
    // Only the copy is grey: the light of red, green, blue and white, upright, as Pillow reads it.
    for (found, light) in quarters(&small.picture).iter().zip([88, 118, 62, 250_u8]) {
        assert!(found.iter().all(|value| value.abs_diff(light) <= 4), "{found:?} is not {light}");
    }
    check("several.jpg", (960, 640));
}

#[test]
fn a_copy_that_is_damaged_or_gone_is_left_aside() {
    let without_end = |mut file: Vec<u8>| {
        file.truncate(file.len() - 100);
        file
    };
    let original = changed("several.jpg", without_end, SMALL).unwrap();
    assert!(is_scene(&original.picture), "the picture itself is whole");
}

#[test]
fn a_raw_file_without_a_preview_or_with_a_tiny_one_has_a_reason() {
    let without_jpegs = |file: Vec<u8>| blinded(file, usize::MAX);
    let reason = changed("scene.nef", without_jpegs, FULL).unwrap_err();
    assert!(reason.contains("holds no preview"), "{reason}");
    let without_large = |file: Vec<u8>| blinded(file, 1);
    let reason = changed("scene.arw", without_large, FULL).unwrap_err();
    assert!(reason.contains("too small to judge (100 x 150)"), "{reason}");
}

/// Makes the first `count` JPEGs in a file something else.
fn blinded(mut file: Vec<u8>, count: usize) -> Vec<u8> {
    let starts = (0..file.len() - 3).filter(|at| file[*at..].starts_with(&[0xff, 0xd8, 0xff]));
    let starts: Vec<usize> = starts.take(count).collect();
    starts.into_iter().for_each(|at| file[at] = 0);
    file
}
