//! Every way of storing a picture that Tagroll promises to read, one small photo each; `fixtures/make_photos.py` draws
//! them. Most show one scene: red, green, blue and white quarters, from the top left in reading order.

#![allow(clippy::unwrap_used, reason = "a test that cannot set its scene has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use tagroll::catalog::Picture;
use tagroll::disk::{ALL, Least, Original, Thumbnail, Unreadable, decode, sketch};

const RED: [u8; 3] = [220, 30, 40];
const GREEN: [u8; 3] = [20, 180, 60];
const BLUE: [u8; 3] = [30, 50, 210];
const WHITE: [u8; 3] = [250, 250, 250];
const SCENE: [[u8; 3]; 4] = [RED, GREEN, BLUE, WHITE];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/photos").join(name)
}

fn full(name: &str) -> Original {
    decode(&fixture(name), ALL).unwrap_or_else(|reason| panic!("{name}: {}", reason.reason))
}

fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 3] {
    let at = (y as usize * picture.width_px as usize + x as usize) * 3;
    picture.rgb[at..at + 3].try_into().unwrap()
}

/// The middles of the four quarters, in reading order.
fn quarters(picture: &Picture) -> [[u8; 3]; 4] {
    let (width, height) = (picture.width_px, picture.height_px);
    [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| pixel(picture, width * x / 4, height * y / 4))
}

fn is_near(found: [u8; 3], expected: [u8; 3], tolerance: u8) -> bool {
    found.iter().zip(expected).all(|(found, expected)| found.abs_diff(expected) <= tolerance)
}

/// The photo `name` is 48 x 32 and its quarters have these colours, give or take what JPEG loses.
fn check(name: &str, expected: [[u8; 3]; 4]) {
    let original = full(name);
    assert_eq!((original.width_px, original.height_px), (48, 32), "{name}");
    assert_eq!((original.picture.width_px, original.picture.height_px), (48, 32), "{name}");
    let found = quarters(&original.picture);
    let all_near = found.iter().zip(expected).all(|(found, expected)| is_near(*found, expected, 4));
    assert!(all_near, "{name}: {found:?} is not {expected:?}");
}

fn reason_for(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo.jpg");
    fs::write(&path, bytes).unwrap();
    decode(&path, ALL).unwrap_err().reason
}

fn decoded(bytes: &[u8], least: Least) -> Original {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo");
    fs::write(&path, bytes).unwrap();
    decode(&path, least).unwrap()
}

#[test]
fn every_exif_orientation_is_turned_upright() {
    for number in 1..=8 {
        check(&format!("orientation-{number}.jpg"), SCENE);
    }
}

#[test]
fn orientation_counts_in_every_format_that_has_it() {
    for name in ["orientation-6.png", "orientation-6.webp", "orientation-6.tif"] {
        check(name, SCENE);
    }
}

#[test]
fn every_format_shows_the_scene() {
    for name in ["plain.bmp", "plain.tif", "palette.png", "plain.webp"] {
        check(name, SCENE);
    }
}

#[test]
fn an_animation_shows_its_first_frame() {
    check("animated.gif", SCENE);
    check("animated.webp", SCENE);
}

#[test]
fn content_decides_the_format_not_the_extension() {
    check("misnamed.png", SCENE);
}

#[test]
fn what_is_transparent_is_shown_on_white() {
    check("alpha.png", [RED, [255, 255, 255], [142, 152, 232], WHITE]);
    check("grey-alpha.png", [[0; 3], [255; 3], [127; 3], [200; 3]]);
}

#[test]
fn sixteen_bits_become_eight() {
    let greys = [[0; 3], [64; 3], [128; 3], [255; 3]];
    check("grey-16.png", greys);
    check("grey-16.tif", greys);
    check("rgb-16.png", SCENE);
    check("rgb-16.tif", SCENE);
}

#[test]
fn ink_becomes_light() {
    let printed = [[0, 255, 255], [255, 0, 255], [127, 127, 63], [255, 255, 255]];
    for name in ["cmyk.jpg", "cmyk-without-adobe.jpg", "ycck.jpg", "cmyk.tif"] {
        check(name, printed);
    }
}

#[test]
fn a_profile_for_ink_is_used() {
    let [first, second, ..] = quarters(&full("cmyk-profile.jpg").picture);
    assert!(first[0] > 180 && first[1] < 60, "the profile makes the first ink red: {first:?}");
    assert!(is_near(second, [185; 3], 6), "the profile makes the second ink grey: {second:?}");
}

#[test]
fn a_colour_profile_is_used_in_every_format_that_has_one() {
    for name in ["profile.jpg", "profile.png", "profile.tif", "profile.webp"] {
        check(name, SCENE);
    }
}

#[test]
fn a_grey_profile_is_used() {
    let greys = [[0; 3], [128; 3], [128; 3], [255; 3]];
    check("grey.jpg", greys);
    check("grey-profile.jpg", greys);
    check("grey-profile.png", greys);
}

/// The mean of each block of `times` x `times` pixels.
fn averaged(picture: &Picture, times: u32) -> Vec<f64> {
    let (width, height) = (picture.width_px / times, picture.height_px / times);
    let mut means = Vec::new();
    for (y, x, channel) in (0..height).flat_map(|y| (0..width).flat_map(move |x| (0..3).map(move |c| (y, x, c)))) {
        let block = (0..times * times).map(|at| (x * times + at % times, y * times + at / times));
        let sum: f64 = block.map(|(x, y)| f64::from(pixel(picture, x, y)[channel])).sum();
        means.push(sum / f64::from(times * times));
    }
    means
}

#[test]
fn a_scaled_jpeg_looks_like_the_full_one() {
    for name in ["texture-444.jpg", "texture-422.jpg", "texture-420.jpg", "texture-progressive.jpg"] {
        let whole = full(name).picture;
        for times in [2, 4, 8] {
            let least = Least { short_px: 96 / times, long_px: 128 / times };
            let small = decode(&fixture(name), least).unwrap();
            assert_eq!((small.picture.width_px, small.picture.height_px), (256 / times, 192 / times), "{name}");
            assert_eq!((small.width_px, small.height_px), (256, 192));
            let expected = averaged(&whole, times * 2);
            let found = averaged(&small.picture, 2);
            let off: f64 = expected.iter().zip(&found).map(|(expected, found)| (expected - found).abs()).sum();
            let mean = off / expected.len() as f64;
            assert!(mean < 1.0, "{name} at 1/{times} is {mean:.2} of 255 away");
        }
    }
}

#[test]
fn the_scale_leaves_twice_what_is_asked_also_where_sizes_are_odd() {
    for (short_px, expected) in [(10, (26, 20)), (11, (51, 40)), (21, (102, 79)), (40, (203, 157)), (500, (203, 157))] {
        let small = decode(&fixture("texture-odd.jpg"), Least { short_px, long_px: 1 }).unwrap();
        assert_eq!((small.picture.width_px, small.picture.height_px), expected);
        assert_eq!((small.width_px, small.height_px), (203, 157));
    }
}

#[test]
fn a_large_picture_without_a_scaled_decoder_is_brought_near_to_what_is_asked() {
    let whole = full("texture-444.jpg").picture;
    let png = png_of(&whole);
    let small = decoded(&png, Least { short_px: 10, long_px: 16 });
    assert_eq!((small.picture.width_px, small.picture.height_px), (32, 24));
    assert_eq!((small.width_px, small.height_px), (256, 192));
}

fn png_of(picture: &Picture) -> Vec<u8> {
    let mut png = std::io::Cursor::new(Vec::new());
    let color = image::ExtendedColorType::Rgb8;
    let (width, height) = (picture.width_px, picture.height_px);
    image::write_buffer_with_format(&mut png, &picture.rgb, width, height, color, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

#[test]
fn very_wide_and_very_tall_pictures_are_shown() {
    for (width_px, height_px) in [(20_000, 1), (1, 20_000), (3_000, 7)] {
        let rgb = vec![90; width_px as usize * height_px as usize * 3].into();
        let long = decoded(&png_of(&Picture { width_px, height_px, rgb }), Least { short_px: 224, long_px: 384 });
        assert_eq!((long.width_px, long.height_px), (width_px, height_px));
        let thumbnail = Thumbnail::of(&long).picture().unwrap();
        assert_eq!(thumbnail.width_px.max(thumbnail.height_px), 384);
    }
}

#[test]
fn a_jpeg_that_ends_early_is_shown_as_far_as_it_goes() {
    for name in ["texture-444.jpg", "texture-420.jpg", "texture-progressive.jpg"] {
        let bytes = fs::read(fixture(name)).unwrap();
        let part = decoded(&bytes[..bytes.len() * 7 / 10], ALL).picture;
        let whole = full(name).picture;
        assert_eq!((part.width_px, part.height_px), (256, 192));
        assert!(is_near(pixel(&part, 128, 40), pixel(&whole, 128, 40), 40), "{name}");
    }
}

#[test]
fn a_picture_with_nothing_but_its_start_says_so() {
    let jpeg = fs::read(fixture("texture-444.jpg")).unwrap();
    for length in [20, 300, 700] {
        let reason = reason_for(&jpeg[..length]);
        assert!(reason.contains("ends early"), "{length}: {reason}");
    }
    let png = fs::read(fixture("rgb-16.png")).unwrap();
    let reason = reason_for(&png[..60]);
    assert!(reason.contains("ends early"), "{reason}");
}

#[test]
fn files_that_are_no_pictures_have_a_reason() {
    assert_eq!(reason_for(b""), "The file is empty.");
    assert!(reason_for(b"dear diary").starts_with("Not a picture, or damaged"));
    assert!(reason_for(b"\0\0\0\x18ftypheic\0\0\0\0").contains("HEIC"));
    assert!(reason_for(b"\xff\xd8\xff\xff\xff\xff\xff\xff").contains("ends early"));
}

#[test]
fn files_that_cannot_be_opened_have_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(decode(&folder.path().join("gone.jpg"), ALL).unwrap_err().reason, "The file is no longer there.");
    assert!(decode(folder.path(), ALL).is_err());
}

#[test]
fn a_few_bytes_that_claim_to_be_huge_are_refused_before_memory_is_taken() {
    let mut jpeg = fs::read(fixture("texture-444.jpg")).unwrap();
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    assert!(reason_for(&jpeg).contains("65535 x 65535"));

    let mut bmp = fs::read(fixture("plain.bmp")).unwrap();
    bmp[18..22].copy_from_slice(&60_000i32.to_le_bytes());
    bmp[22..26].copy_from_slice(&60_000i32.to_le_bytes());
    assert!(reason_for(&bmp).contains("too large"), "{}", reason_for(&bmp));
}

/// A damaged file may give a picture or a reason, and must give one of them.
#[test]
fn damage_anywhere_never_stops_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo");
    for entry in fs::read_dir(fixture("")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        for at in (0..bytes.len()).step_by(bytes.len() / 24 + 1) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            fs::write(&path, &damaged).unwrap();
            if let Err(Unreadable { reason, .. }) = decode(&path, ALL) {
                assert!(reason.ends_with('.') && reason.len() > 10, "{reason}");
            }
        }
    }
}

#[test]
fn a_thumbnail_knows_the_upright_size_and_the_average_colour() {
    let original = full("orientation-6.jpg");
    let look = Thumbnail::of(&original).look;
    assert_eq!((look.width_px, look.height_px), (48, 32));
    let mean = [0, 1, 2].map(|at| (SCENE.iter().map(|colour| u32::from(colour[at])).sum::<u32>() / 4) as u8);
    assert!(is_near(look.average, mean, 3), "{:?}", look.average);
}

#[test]
fn a_tiny_picture_is_shown_upright_and_without_its_bars() {
    let sketch = sketch(&fixture("tiny-in-exif.jpg")).unwrap();
    assert_eq!((sketch.width_px, sketch.height_px), (48, 32));
    assert_eq!((sketch.picture.width_px, sketch.picture.height_px), (96, 64));
    let found = quarters(&sketch.picture);
    assert!(found.iter().zip(SCENE).all(|(found, expected)| is_near(*found, expected, 4)), "{found:?}");
    assert!(is_near(sketch.look().average, Thumbnail::of(&full("tiny-in-exif.jpg")).look.average, 3));
}

#[test]
fn what_has_no_tiny_picture_has_no_sketch() {
    for name in ["orientation-6.jpg", "plain.tif", "plain.webp", "not there.jpg"] {
        assert!(sketch(&fixture(name)).is_none(), "{name}");
    }
}

#[test]
fn damage_in_a_tiny_picture_never_stops_the_program() {
    let whole = fs::read(fixture("tiny-in-exif.jpg")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo.jpg");
    for place in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[place] ^= 0xff;
        fs::write(&path, &damaged).unwrap();
        sketch(&path);
        fs::write(&path, &whole[..place]).unwrap();
        sketch(&path);
    }
}
