//! The network equals the reference: HuggingFace's `CLIPModel` and `SiglipModel` and OpenCLIP on random weights in true shapes,
//! and the starter model's own reference on its fixtures. Vectors also agree after the mean over the inputs is taken off, which is where a wrong
//! step shows: plain vectors of one network always look alike.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic as the tests do")]

#[path = "parity/checkpoint.rs"]
mod checkpoint;
#[path = "parity/families.rs"]
mod families;
#[path = "parity/layouts.rs"]
mod layouts;
#[path = "parity/loading.rs"]
mod loading;
#[path = "parity/maps.rs"]
mod maps;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::DType;
use serde_json::Value;
use tagroll::catalog::{Embedding, Picture, Scoring};
use tagroll::clip::pixels::{Filter, InputSpec, Levels, Resize, Size};
use tagroll::clip::{DeviceChoice, ModelInput, ModelSource, PrecisionChoice, open, pixels};

/// Held while a large model is in memory, so that there is one at a time however tests are run.
fn one_large_model() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn random_weights_in_true_shapes_and_odd_ones_equal_the_reference() {
    let goldens = goldens();
    for (index, dtype) in [DType::F32, DType::F16, DType::BF16, DType::F32].into_iter().enumerate() {
        check_golden(&goldens, &goldens["models"][index], dtype);
    }
}

#[test]
fn every_filter_gives_pillows_bytes() {
    let goldens = goldens();
    let filters = [Filter::Nearest, Filter::Lanczos, Filter::Bilinear, Filter::Bicubic, Filter::Box, Filter::Hamming];
    for golden in goldens["resampling"].as_array().unwrap() {
        let number = |key: &str| golden[key].as_u64().unwrap() as u32;
        let size = Size { width_px: number("width_px"), height_px: number("height_px") };
        let spec = InputSpec {
            resize: Resize::Exact(size),
            filter: filters[number("resample") as usize],
            crop: None,
            levels: Levels { rescale: 1.0, mean: [0.0; 3], deviation: [1.0; 3] },
        };
        let picture = golden_picture(&goldens["pictures"][number("picture") as usize]);
        let found = checkpoint::seed(pixels::prepare(&picture, &spec).rgb);
        assert_eq!(found, number("hash"), "{picture:?} to {size:?} with {:?}", spec.filter);
    }
}

#[test]
fn the_starter_model_gives_the_vectors_of_its_fixtures() {
    let starter = open(&ModelSource::Starter, DeviceChoice::Cpu, PrecisionChoice::F32).unwrap();
    let fixtures = fixtures();
    let images: Vec<&Value> = fixtures["images"].as_array().unwrap().iter().collect();
    let inputs: Vec<ModelInput> =
        images.iter().map(|image| as_input(&png(image["input_png"].as_str().unwrap()))).collect();
    let wanted: Vec<Embedding> = images.iter().map(|image| vector(&image["embedding"])).collect();
    compare("inputs", &starter.encode_images(&inputs).unwrap(), &wanted, 0.9999);

    let texts: Vec<&Value> = fixtures["texts"].as_array().unwrap().iter().collect();
    let wanted: Vec<Embedding> = texts.iter().map(|text| vector(&text["embedding"])).collect();
    let texts: Vec<String> = texts.iter().map(|text| text["text"].as_str().unwrap().to_owned()).collect();
    compare("texts", &starter.encode_texts(&texts).unwrap(), &wanted, 0.9999);
}

#[test]
fn the_starter_models_own_preprocessing_gives_the_vectors_of_its_fixtures() {
    let starter = open(&ModelSource::Starter, DeviceChoice::Cpu, PrecisionChoice::F32).unwrap();
    let fixtures = fixtures();
    let images: Vec<&Value> = fixtures["images"].as_array().unwrap().iter().collect();
    let inputs = images.iter().map(|image| {
        let input = pixels::prepare(&png(image["source"].as_str().unwrap()), &starter.card().input);
        let wanted = png(image["input_png"].as_str().unwrap());
        assert!(input.rgb == wanted.rgb, "{} differs from Pillow", image["name"]);
        input
    });
    let found = starter.encode_images(&inputs.collect::<Vec<_>>()).unwrap();
    let wanted: Vec<Embedding> = images.iter().map(|image| vector(&image["embedding"])).collect();
    compare("originals", &found, &wanted, 0.9999);
}

#[test]
fn the_starter_model_is_the_same_every_time() {
    let (first, second) = (
        open(&ModelSource::Starter, DeviceChoice::Cpu, PrecisionChoice::F32).unwrap(),
        open(&ModelSource::Starter, DeviceChoice::Cpu, PrecisionChoice::F32).unwrap(),
    );
    assert_eq!(first.card().id, second.card().id);
    assert!(first.card().is_basic);
    assert_eq!((first.card().embed_dim, first.card().scoring), (384, Scoring::Softmax { scale: 48.018_51 }));
}

#[test]
fn one_picture_alone_has_the_vector_it_has_among_others() {
    let starter = open(&ModelSource::Starter, DeviceChoice::Cpu, PrecisionChoice::F32).unwrap();
    let inputs: Vec<ModelInput> = ["a", "b", "c"].map(|name| as_input(&checkpoint::picture(name, 260, 260))).into();
    let together = starter.encode_images(&inputs).unwrap();
    for (input, wanted) in inputs.iter().zip(&together) {
        assert!(starter.encode_images(std::slice::from_ref(input)).unwrap()[0].cosine(wanted) > 0.999_999);
    }
    assert!(starter.encode_images(&[]).unwrap().is_empty());
}

fn check_golden(goldens: &Value, golden: &Value, dtype: DType) {
    let _alone = one_large_model();
    let name = golden["name"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = &golden["config"];
    checkpoint::write(folder.path(), config, &golden["processor"], &checkpoint::tensors(config, dtype));
    let model = open(&ModelSource::Folder(folder.path().to_owned()), DeviceChoice::Cpu, PrecisionChoice::F32).unwrap();

    let pictures = goldens["pictures"].as_array().unwrap().iter().map(golden_picture);
    let inputs: Vec<ModelInput> = pictures.map(|picture| pixels::prepare(&picture, &model.card().input)).collect();
    compare(name, &model.encode_images(&inputs).unwrap(), &vectors(&golden["images"]), 0.999_99);
    let texts: Vec<String> = serde_json::from_value(goldens["texts"].clone()).unwrap();
    compare(name, &model.encode_texts(&texts).unwrap(), &vectors(&golden["texts"]), 0.999_99);
}

fn goldens() -> Value {
    serde_json::from_str(include_str!("parity/goldens.json")).unwrap()
}

fn golden_picture(golden: &Value) -> Picture {
    let side = |key: &str| golden[key].as_u64().unwrap() as u32;
    checkpoint::picture(golden["name"].as_str().unwrap(), side("width_px"), side("height_px"))
}

/// Each vector as it is, and less the mean of all.
fn compare(what: &str, found: &[Embedding], wanted: &[Embedding], least: f64) {
    assert_eq!(found.len(), wanted.len());
    for (index, (found, wanted)) in centred(found).iter().zip(&centred(wanted)).enumerate() {
        let plain = cosine(&found.0, &wanted.0);
        let centred = cosine(&found.1, &wanted.1);
        println!("{what} {index}: cosine 1 - {:.1e}, centred 1 - {:.1e}", 1.0 - plain, 1.0 - centred);
        assert!(plain >= least, "{what} {index}: cosine {plain}");
        assert!(centred >= 1.0 - 4.0 * (1.0 - least), "{what} {index}: centred cosine {centred}");
    }
}

/// Each vector, and the same less the mean.
fn centred(embeddings: &[Embedding]) -> Vec<(Vec<f64>, Vec<f64>)> {
    let rows: Vec<Vec<f64>> = embeddings.iter().map(|e| e.as_slice().iter().map(|x| f64::from(*x)).collect()).collect();
    let mean: Vec<f64> =
        (0..rows[0].len()).map(|i| rows.iter().map(|row| row[i]).sum::<f64>() / rows.len() as f64).collect();
    rows.into_iter()
        .map(|row| {
            let centred = row.iter().zip(&mean).map(|(x, mean)| x - mean).collect();
            (row, centred)
        })
        .collect()
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn vectors(rows: &Value) -> Vec<Embedding> {
    rows.as_array().unwrap().iter().map(vector).collect()
}

fn vector(row: &Value) -> Embedding {
    let numbers = row.as_array().unwrap().iter().map(|number| number.as_f64().unwrap() as f32).collect();
    Embedding::normalised(numbers).unwrap()
}

fn as_input(picture: &Picture) -> ModelInput {
    ModelInput {
        width_px: picture.width_px,
        height_px: picture.height_px,
        rgb: picture.rgb.clone(),
        area: [0.0, 0.0, 1.0, 1.0],
    }
}

fn starter_fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/starter").join(name.trim_start_matches("fixtures/"))
}

fn fixtures() -> Value {
    serde_json::from_str(&std::fs::read_to_string(starter_fixture("fixtures.json")).unwrap()).unwrap()
}

fn png(name: &str) -> Picture {
    let image = image::open(starter_fixture(name)).unwrap().to_rgb8();
    Picture { width_px: image.width(), height_px: image.height(), rgb: Arc::from(image.into_raw()) }
}
