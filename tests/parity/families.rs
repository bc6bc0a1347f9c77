//! OpenCLIP's own layout and SigLIP, against `open_clip` and `transformers` on random weights: vectors, probabilities, and
//! the way that graphics processors count, rehearsed on the CPU.

use std::fs;
use std::path::Path;

use candle_core::{DType, Tensor};
use serde_json::Value;
use tagroll::catalog::Embedding;
use tagroll::clip::{
    DeviceChoice, Encoder, ModelInput, ModelSource, Place, Precision, PrecisionChoice, open, open_at, pixels,
};
use tempfile::TempDir;

use crate::{checkpoint, compare, golden_picture, goldens, one_large_model, vectors};

/// The models of families.json, by their order there.
const OPEN_CLIP_B32: usize = 0;
const OPEN_CLIP_B16: usize = 1;
pub const ODD_OPEN_CLIP: usize = 2;
pub const NORM_BEFORE_MEAN: usize = 3;
const SIGLIP_B16: usize = 4;
const SIGLIP2_B16: usize = 5;
pub const ODD_SIGLIP: usize = 6;

#[test]
fn open_clips_own_layout_equals_the_reference() {
    for index in [OPEN_CLIP_B32, OPEN_CLIP_B16, ODD_OPEN_CLIP, NORM_BEFORE_MEAN] {
        check_on_cpu(index);
    }
}

#[test]
fn siglip_equals_the_reference() {
    for index in [SIGLIP_B16, ODD_SIGLIP] {
        check_on_cpu(index);
    }
}

#[test]
fn siglip_2_equals_the_reference() {
    check_on_cpu(SIGLIP2_B16);
}

#[test]
fn what_graphics_processors_do_equals_the_reference_in_full_precision() {
    for index in [OPEN_CLIP_B32, ODD_OPEN_CLIP, ODD_SIGLIP] {
        check_rehearsal(index, Precision::F32, 0.999_99);
    }
}

#[test]
fn eight_bits_stay_close_to_the_reference() {
    let place = Place::of(DeviceChoice::Cpu, PrecisionChoice::Int8);
    for index in [OPEN_CLIP_B32, OPEN_CLIP_B16, NORM_BEFORE_MEAN, SIGLIP_B16, SIGLIP2_B16] {
        check_at(index, &place, 0.999);
    }
}

#[test]
fn sixteen_bits_on_the_cpu_stay_close_to_the_reference() {
    let place = Place::of(DeviceChoice::Cpu, PrecisionChoice::Bf16);
    for index in [OPEN_CLIP_B32, ODD_OPEN_CLIP, ODD_SIGLIP] {
        check_at(index, &place, 0.999);
    }
}

#[test]
fn half_precision_stays_close_to_the_reference() {
    for index in [OPEN_CLIP_B32, ODD_OPEN_CLIP, ODD_SIGLIP] {
        for precision in [Precision::F16, Precision::Bf16] {
            check_rehearsal(index, precision, 0.999);
        }
    }
}

/// Where no such device can be used, the model runs on the CPU and says why.
#[cfg(any(feature = "cuda", feature = "metal"))]
#[test]
fn each_graphics_processor_stays_close_to_the_reference_or_says_why_not() {
    for device in tagroll::clip::devices().into_iter().filter(|device| device.choice != DeviceChoice::Cpu) {
        let place = Place::of(device.choice, PrecisionChoice::Auto);
        for index in [OPEN_CLIP_B32, ODD_OPEN_CLIP, SIGLIP_B16, ODD_SIGLIP] {
            let model = check_at(index, &place, 0.999);
            assert_eq!(model.card().device_note, device.trouble);
            assert_eq!(model.card().device == "CPU", device.trouble.is_some());
        }
    }
}

fn check_on_cpu(index: usize) {
    let _alone = one_large_model();
    let families = families();
    let golden = &families["models"][index];
    let folder = written(golden);
    let model = open(&ModelSource::Folder(folder.path().to_owned()), DeviceChoice::Cpu, PrecisionChoice::F32).unwrap();
    let (images, texts) = check_vectors(&families, golden, model.as_ref(), 0.999_99);
    check_probabilities(golden, model.as_ref(), &images, &texts);
    assert_eq!((model.card().device.as_str(), &model.card().device_note), ("CPU", &None));
}

fn check_rehearsal(index: usize, precision: Precision, least: f64) {
    check_at(index, &Place::rehearsal(precision), least);
}

fn check_at(index: usize, place: &Place, least: f64) -> Box<dyn Encoder> {
    let _alone = one_large_model();
    let families = families();
    let golden = &families["models"][index];
    let folder = written(golden);
    let model = open_at(&ModelSource::Folder(folder.path().to_owned()), place).unwrap();
    check_vectors(&families, golden, model.as_ref(), least);
    model
}

fn check_vectors(
    families: &Value,
    golden: &Value,
    model: &dyn Encoder,
    least: f64,
) -> (Vec<Embedding>, Vec<Embedding>) {
    let name = golden["name"].as_str().unwrap();
    let pictures: Vec<_> = goldens()["pictures"].as_array().unwrap().iter().map(golden_picture).collect();
    let spec = &model.card().input;
    let inputs: Vec<ModelInput> = pictures.iter().map(|picture| pixels::prepare(picture, spec)).collect();
    let images = model.encode_images(&inputs).unwrap();
    compare(name, &images, &vectors(&golden["images"]), least);
    let texts: Vec<String> = serde_json::from_value(families["texts"].clone()).unwrap();
    let texts = model.encode_texts(&texts).unwrap();
    compare(name, &texts, &vectors(&golden["texts"]), least);
    (images, texts)
}

/// Within 1e-4 of the reference, which are whole numbers of 1e-6.
fn check_probabilities(golden: &Value, model: &dyn Encoder, images: &[Embedding], texts: &[Embedding]) {
    let wanted: Vec<Vec<f32>> = serde_json::from_value(golden["probabilities"].clone()).unwrap();
    assert_eq!((images.len(), texts.len()), (wanted.len(), wanted[0].len()));
    for (image, wanted) in images.iter().zip(&wanted) {
        let cosines: Vec<f32> = texts.iter().map(|text| image.cosine(text)).collect();
        let found = model.card().scoring.probabilities(&cosines);
        for (found, wanted) in found.iter().zip(wanted) {
            let wanted = wanted / 1e6;
            assert!((found - wanted).abs() < 1e-4, "{}: {found} and {wanted}", golden["name"]);
        }
    }
}

/// A folder with one of the models.
pub fn folder_of(index: usize) -> TempDir {
    written(&families()["models"][index])
}

fn families() -> Value {
    serde_json::from_str(include_str!("families.json")).unwrap()
}

/// A folder as the model's authors would publish it.
fn written(golden: &Value) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    fs::write(place(config_name(golden)), golden["config"].to_string()).unwrap();
    if let Some(tokenizer) = golden["tokenizer"].as_str() {
        fs::write(place("preprocessor_config.json"), golden["processor"].to_string()).unwrap();
        for name in ["tokenizer.json", "tokenizer_config.json"] {
            let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
            fs::copy(fixtures.join(tokenizer).join(name), place(name)).unwrap();
        }
    } else {
        fs::copy(checkpoint::tokenizer(), place("tokenizer.json")).unwrap();
    }
    let weights = if golden["tokenizer"].is_null() { "open_clip_model.safetensors" } else { "model.safetensors" };
    candle_core::safetensors::save(&tensors(golden), place(weights)).unwrap();
    folder
}

fn config_name(golden: &Value) -> &'static str {
    if golden["tokenizer"].is_null() { "open_clip_config.json" } else { "config.json" }
}

/// The reference's own names and shapes; `#` stands for the number of a layer.
fn tensors(golden: &Value) -> std::collections::HashMap<String, Tensor> {
    let dtype = match golden["dtype"].as_str().unwrap() {
        "F16" => DType::F16,
        "BF16" => DType::BF16,
        _ => DType::F32,
    };
    let kinds: Vec<(String, Vec<usize>, usize)> = serde_json::from_value(golden["tensors"].clone()).unwrap();
    let named = kinds.into_iter().flat_map(|(kind, shape, layers)| {
        (0..layers).map(move |layer| (kind.replace('#', &layer.to_string()), shape.clone()))
    });
    named
        .map(|(name, shape)| {
            let tensor = checkpoint::tensor(&name, &shape).to_dtype(dtype).unwrap();
            (name, tensor)
        })
        .collect()
}
