//! The whole way of a photo, from the file through scaled decoding to its vector, against the reference on the full image.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use support::{engine, shared_photos, wait_until};
use tagroll::catalog::Embedding;
use tagroll::engine::{Command, Session};

/// Least cosine with the reference.
const LEAST: f32 = 0.985;

/// The reference's vectors of some shared photos, by the photo's path below the folder.
fn reference() -> BTreeMap<String, Embedding> {
    let text = include_str!("parity/shared_photos.json");
    let file: serde_json::Value = serde_json::from_str(text).unwrap();
    let vector = |photo: &serde_json::Value| {
        let numbers = photo["embedding"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect();
        (photo["path"].as_str().unwrap().to_owned(), Embedding::normalised(numbers).unwrap())
    };
    file["chosen"].as_array().unwrap().iter().map(vector).collect()
}

fn vectors(photos: Vec<std::path::PathBuf>) -> BTreeMap<std::path::PathBuf, Embedding> {
    let data = tempfile::tempdir().unwrap();
    let mut engine = engine(data.path());
    engine.apply(Command::Open(photos));
    wait_until(&mut engine, Session::is_fulfilled);
    let library = engine.session().library();
    let vector = |id| {
        let photo = library.photo(id);
        let numbers = library.vectors().get(photo.content.row()).unwrap().to_vec();
        (photo.file.path.to_path_buf(), Embedding::normalised(numbers).unwrap())
    };
    library.folder_order().iter().map(|id| vector(*id)).collect()
}

#[test]
fn the_pipeline_agrees_with_the_reference_on_real_photos() {
    let Some(photos) = shared_photos("agreement of the pipeline with the reference") else { return };
    let reference = reference();
    assert_eq!(reference.len(), 20);
    let ours = vectors(reference.keys().map(|name| photos.join(name)).collect());
    let cosines: Vec<f32> = reference.iter().map(|(name, theirs)| theirs.cosine(&ours[&photos.join(name)])).collect();
    for (name, cosine) in reference.keys().zip(&cosines) {
        println!("{cosine:.4} {name}");
    }
    let mean = cosines.iter().sum::<f32>() / cosines.len() as f32;
    let least = cosines.iter().copied().fold(f32::INFINITY, f32::min);
    println!("cosine with the reference: mean {mean:.4}, least {least:.4}");
    assert!(least >= LEAST, "{cosines:?}");
}

/// Cameras make larger photos than the shared ones: there the decoder really scales.
#[test]
fn a_photo_of_24_megapixels_keeps_its_vector_when_it_is_decoded_small() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["cat.jpg", "mountain-lake.jpg", "city-night.jpg", "handwriting.jpg"];
    let (mut small, mut large) = (Vec::new(), Vec::new());
    for name in names {
        let photo = image::open(support::sample_photos().join(name)).unwrap().into_rgb8();
        let enlarged = image::imageops::resize(&photo, 6000, 4000, image::imageops::FilterType::CatmullRom);
        // The same pixels, once in a format that is decoded whole and once in one that is decoded scaled.
        let same_shape = image::imageops::resize(&enlarged, 1500, 1000, image::imageops::FilterType::Triangle);
        small.push(folder.path().join(name).with_extension("png"));
        same_shape.save(small.last().unwrap()).unwrap();
        large.push(folder.path().join(name));
        enlarged.save(large.last().unwrap()).unwrap();
    }
    let vectors = vectors([small.clone(), large.clone()].concat());
    for (small, large) in small.iter().zip(&large) {
        let cosine = vectors[Path::new(small)].cosine(&vectors[Path::new(large)]);
        println!("{}: {cosine:.4}", large.file_name().unwrap().display());
        assert!(cosine >= LEAST, "{}: {cosine}", large.display());
    }
}
