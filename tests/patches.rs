//! Where a match lies, with the starter model on real photos: two photos side by side, of which each has its own subject.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::shared_photos;
use tagroll::catalog::{Embedding, PatchMap, Picture};
use tagroll::clip::{DeviceChoice, Encoder, ModelInput, ModelSource, PrecisionChoice, open, pixels};

/// Folders of the shared photos, and what they show.
const SUBJECTS: [(&str, &str); 10] = [
    ("dog", "a photo of a dog"),
    ("building", "a photo of a building"),
    ("fish", "a photo of a fish"),
    ("car_or_truck", "a photo of a car or truck"),
    ("bird", "a photo of a bird"),
    ("food", "a photo of food"),
    ("insect", "a photo of an insect"),
    ("musical_instrument", "a photo of a musical instrument"),
    ("cat", "a photo of a cat"),
    ("boat", "a photo of a boat"),
];

/// Neutral prompts.
const BACKGROUND: [&str; 24] = [
    "a person",
    "a crowd",
    "a hand",
    "a street",
    "a kitchen",
    "a shop",
    "a mountain",
    "a forest",
    "a river",
    "the sky",
    "a flower",
    "a horse",
    "an animal",
    "a bicycle",
    "a machine",
    "a road sign",
    "a drink",
    "a chair",
    "a book",
    "a tool",
    "a ball",
    "clothes",
    "a page of text",
    "a drawing",
];

const PAIRS: usize = 40;

#[test]
fn the_match_lies_on_the_side_of_its_photo() {
    let Some(photos) = shared_photos("where matches lie") else { return };
    let model = Model::open();
    let mut right = 0;
    for pair in 0..PAIRS {
        let (left, other) = (pair % SUBJECTS.len(), (pair + 1 + pair / SUBJECTS.len()) % SUBJECTS.len());
        let map = model.map(&side_by_side(&model, &photos, [(left, pair), (other, pair)]));
        let balance = |subject: usize| balance(&map, &model.contrast(&map, subject));
        for (subject, is_right) in [(left, balance(left) < 0.0), (other, balance(other) > 0.0)] {
            right += usize::from(is_right);
            if !is_right {
                println!("{pair}: {} is on the wrong side", SUBJECTS[subject].1);
            }
        }
    }
    println!("{right} of {} subjects on their side", 2 * PAIRS);
    assert!(right * 10 >= 2 * PAIRS * 9, "{right} of {}", 2 * PAIRS);
}

#[test]
fn what_is_in_a_photo_shines_and_what_is_not_stays_dark() {
    let Some(photos) = shared_photos("how bright maps are") else { return };
    let model = Model::open();
    let (mut there, mut absent) = (Vec::new(), Vec::new());
    for (subject, (folder, _)) in SUBJECTS.iter().enumerate() {
        for photo in files(&photos.join(folder)).iter().take(3) {
            let map = model.map(&pixels::prepare(&read(photo), &model.encoder.card().input));
            for other in 0..SUBJECTS.len() {
                let brightness = model.contrast(&map, other);
                let mean = brightness.iter().sum::<f32>() / brightness.len() as f32;
                if other == subject { there.push(mean) } else { absent.push(mean) }
            }
        }
    }
    let (there, absent) = (median(there), median(absent));
    println!("median brightness {there:.3} where the subject is in the photo, {absent:.3} where not");
    assert!(there > 0.25 && absent < 0.05, "{there} and {absent}");
}

#[test]
fn the_starter_models_map_reaches_a_little_over_the_photos_edge() {
    let model = Model::open();
    let rgb = vec![90; 300 * 200 * 3];
    let picture = Picture { width_px: 300, height_px: 200, rgb: rgb.into() };
    let map = model.map(&pixels::prepare(&picture, &model.encoder.card().input));
    assert_eq!((map.columns(), map.rows(), map.dim()), (9, 9, 384));
    // Cells of 32 pixels, of which the first has its middle on the fourth pixel of 260.
    let (begin, end) = (-12.5 / 260.0, 275.5 / 260.0);
    for (found, wanted) in map.area().iter().zip([begin, begin, end, end]) {
        assert!((found - wanted).abs() < 1e-6, "{:?}", map.area());
    }
}

struct Model {
    encoder: Box<dyn Encoder>,
    subjects: Vec<Embedding>,
    background: Vec<Embedding>,
}

impl Model {
    fn open() -> Model {
        let encoder = open(&ModelSource::Starter, DeviceChoice::Cpu, PrecisionChoice::F32).unwrap();
        let encode = |texts: Vec<String>| encoder.encode_texts(&texts).unwrap();
        let subjects = encode(SUBJECTS.iter().map(|(_, prompt)| (*prompt).to_owned()).collect());
        let background = encode(BACKGROUND.iter().map(|what| format!("a photo of {what}")).collect());
        Model { encoder, subjects, background }
    }

    fn map(&self, input: &ModelInput) -> PatchMap {
        self.encoder.map_patches(input).unwrap().unwrap()
    }

    fn contrast(&self, map: &PatchMap, subject: usize) -> Vec<f32> {
        let background: Vec<&[f32]> = self.background.iter().map(Embedding::as_slice).collect();
        map.contrast(self.subjects[subject].as_slice(), &background)
    }
}

/// Two photos, each squeezed to a square, as (subject, which of its photos).
fn side_by_side(model: &Model, photos: &Path, sides: [(usize, usize); 2]) -> ModelInput {
    let spec = &model.encoder.card().input;
    let [left, right] = sides.map(|(subject, which)| {
        let files = files(&photos.join(SUBJECTS[subject].0));
        pixels::prepare(&read(&files[which % files.len()]), spec)
    });
    let row_bytes = left.width_px as usize * 3;
    let rows = left.rgb.chunks_exact(row_bytes).zip(right.rgb.chunks_exact(row_bytes));
    let rgb: Vec<u8> = rows.flat_map(|(left, right)| [left, right].concat()).collect();
    let both = Picture { width_px: left.width_px * 2, height_px: left.height_px, rgb: rgb.into() };
    pixels::prepare(&both, spec)
}

/// The right side's sum less the left side's; the middle column belongs to neither.
fn balance(map: &PatchMap, contrast: &[f32]) -> f32 {
    let columns = map.columns();
    let half = columns / 2;
    let rows = contrast.chunks_exact(columns);
    rows.map(|row| row[columns - half..].iter().sum::<f32>() - row[..half].iter().sum::<f32>()).sum()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn read(photo: &Path) -> Picture {
    let image = image::open(photo).unwrap().to_rgb8();
    Picture { width_px: image.width(), height_px: image.height(), rgb: image.into_raw().into() }
}

fn median(mut numbers: Vec<f32>) -> f32 {
    numbers.sort_by(f32::total_cmp);
    numbers[numbers.len() / 2]
}
