//! What a folder that is no usable model says: which file, what is wrong with it, what to do.

use std::fs;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use serde_json::{Value, json};
use tagroll::catalog::Scoring;
use tagroll::clip::{DeviceChoice, Encoder, ModelSource, PrecisionChoice, open};
use tempfile::TempDir;

use crate::checkpoint;

#[test]
fn a_complete_folder_opens_and_is_named_after_itself() {
    let folder = small_model(&json!({}));
    let model = open_folder(folder.path()).unwrap();
    assert_eq!(model.card().name, folder.path().file_name().unwrap().to_string_lossy());
    assert_eq!((model.card().embed_dim, model.card().is_basic), (4, false));
    let Scoring::Softmax { scale } = model.card().scoring else { panic!("CLIP has a softmax") };
    assert!((scale - 14.2848).abs() < 1e-3);
    assert_eq!((model.card().input.width_px(), model.card().input.height_px()), (16, 16));
}

#[test]
fn a_folder_named_by_a_commit_takes_the_checkpoints_own_name() {
    let folder = small_model(&json!({ "_name_or_path": "openai/clip-vit-base-patch32" }));
    let commit = tempfile::tempdir().unwrap();
    let snapshot = commit.path().join("3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268");
    fs::rename(folder.path(), &snapshot).unwrap();
    assert_eq!(open_folder(&snapshot).unwrap().card().name, "openai/clip-vit-base-patch32");
}

#[test]
fn a_models_id_follows_its_content_and_not_its_folder() {
    let (first, second) = (small_model(&json!({})), small_model(&json!({})));
    assert_eq!(id(first.path()), id(second.path()));
    edit_weights(second.path(), |tensors| {
        let bias = tensors.get_mut("vision_model.post_layernorm.bias").unwrap();
        *bias = (&*bias + 0.5).unwrap();
    });
    assert_ne!(id(first.path()), id(second.path()));
    let third = small_model(&json!({}));
    fs::write(third.path().join("preprocessor_config.json"), r#"{"size": 16, "crop_size": 16, "resample": 2}"#)
        .unwrap();
    assert_ne!(id(first.path()), id(third.path()));
}

#[test]
fn a_missing_tensor_is_named_with_its_shape() {
    let name = "text_model.encoder.layers.0.mlp.fc2.bias";
    let folder = small_model(&json!({}));
    edit_weights(folder.path(), |tensors| drop(tensors.remove(name)));
    refuses(folder.path(), &["model.safetensors", name, "[8]"]);
}

#[test]
fn a_missing_class_embedding_is_never_filled_in() {
    let name = "vision_model.embeddings.class_embedding";
    let folder = small_model(&json!({}));
    edit_weights(folder.path(), |tensors| drop(tensors.remove(name)));
    refuses(folder.path(), &[name]);
}

#[test]
fn a_misshapen_tensor_is_named_with_both_shapes() {
    let name = "visual_projection.weight";
    let folder = small_model(&json!({}));
    edit_weights(folder.path(), |tensors| {
        tensors.insert(name.to_owned(), Tensor::zeros((4, 9), DType::F32, &Device::Cpu).unwrap());
    });
    refuses(folder.path(), &[name, "[4, 9]", "[4, 8]"]);
}

#[test]
fn weights_that_are_cut_off_say_so() {
    let folder = small_model(&json!({}));
    let weights = folder.path().join("model.safetensors");
    let bytes = fs::read(&weights).unwrap();
    for length in [0, 5, 100, bytes.len() - 1] {
        fs::write(&weights, &bytes[..length]).unwrap();
        refuses(folder.path(), &["model.safetensors", "Download the file again"]);
    }
    fs::write(&weights, &bytes[..bytes.len() - 1]).unwrap();
    refuses(folder.path(), &["it is cut off"]);
}

#[test]
fn bytes_that_are_no_weights_are_refused() {
    let folder = small_model(&json!({}));
    fs::write(folder.path().join("model.safetensors"), [0xFF; 64]).unwrap();
    refuses(folder.path(), &["not in the safetensors format"]);
}

#[test]
fn a_git_lfs_pointer_is_recognised() {
    let folder = small_model(&json!({}));
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 605157884\n";
    fs::write(folder.path().join("model.safetensors"), pointer).unwrap();
    refuses(folder.path(), &["model.safetensors", "Git LFS pointer", "git lfs pull"]);
}

#[test]
fn another_architecture_is_named() {
    let folder = small_model(&json!({ "model_type": "blip", "architectures": ["BlipModel"] }));
    refuses(folder.path(), &["config.json", "BlipModel", "CLIPModel"]);
}

#[test]
fn each_missing_file_is_named() {
    for name in ["config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json"] {
        let folder = small_model(&json!({}));
        fs::remove_file(folder.path().join(name)).unwrap();
        refuses(folder.path(), &[name, "Download"]);
    }
    refuses(Path::new("no/such/folder"), &["no/such/folder"]);
}

#[test]
fn weights_in_pytorchs_own_format_are_explained() {
    let folder = small_model(&json!({}));
    fs::rename(folder.path().join("model.safetensors"), folder.path().join("pytorch_model.bin")).unwrap();
    refuses(folder.path(), &["model.safetensors", "pytorch_model.bin", "convert"]);
}

#[test]
fn a_processor_that_makes_another_size_is_refused() {
    let folder = small_model(&json!({}));
    fs::write(folder.path().join("preprocessor_config.json"), r#"{"size": 32, "crop_size": 32}"#).unwrap();
    refuses(folder.path(), &["preprocessor_config.json", "32 x 32", "16 x 16"]);
}

#[test]
fn a_text_that_is_too_long_keeps_its_beginning_and_its_end_token() {
    let folder = small_model(&json!({}));
    let model = open_folder(folder.path()).unwrap();
    let long = "dog ".repeat(500);
    let exact = "dog ".repeat(10);
    let vectors = model.encode_texts(&[long, exact, "cat".to_owned()]).unwrap();
    assert!(vectors[0].cosine(&vectors[1]) > 0.999_999);
    assert!(vectors[0].cosine(&vectors[2]) < 0.999);
}

#[test]
fn an_empty_text_has_a_vector_too() {
    let folder = small_model(&json!({}));
    let model = open_folder(folder.path()).unwrap();
    assert_eq!(model.encode_texts(&[String::new()]).unwrap().len(), 1);
    assert!(model.encode_texts(&[]).unwrap().is_empty());
    assert_eq!(
        open(&ModelSource::Starter, DeviceChoice::Cpu, PrecisionChoice::F32)
            .unwrap()
            .encode_texts(&[String::new()])
            .unwrap()[0]
            .dim(),
        384
    );
}

#[test]
fn a_text_alone_has_the_vector_it_has_among_others() {
    let folder = small_model(&json!({}));
    let model = open_folder(folder.path()).unwrap();
    let texts = ["a dog", "two cats on a sofa", ""].map(str::to_owned);
    let together = model.encode_texts(&texts).unwrap();
    for (text, wanted) in texts.iter().zip(&together) {
        let alone = model.encode_texts(std::slice::from_ref(text)).unwrap();
        assert!(alone[0].cosine(wanted) > 0.999_999);
    }
}

#[test]
fn a_picture_of_another_size_is_refused() {
    let folder = small_model(&json!({}));
    let model = open_folder(folder.path()).unwrap();
    let picture = checkpoint::picture("any", 8, 16);
    let input = tagroll::clip::ModelInput { width_px: 8, height_px: 16, rgb: picture.rgb, area: [0.0, 0.0, 1.0, 1.0] };
    assert!(model.encode_images(&[input]).unwrap_err().to_string().contains("8 x 16"));
}

/// A folder with the smallest model; `changes` replace keys of its config.json.
pub fn small_model(changes: &Value) -> TempDir {
    let (mut config, processor) = checkpoint::smallest();
    let tensors = checkpoint::tensors(&config, DType::F32);
    for (key, value) in changes.as_object().unwrap() {
        config[key] = value.clone();
    }
    let folder = tempfile::tempdir().unwrap();
    checkpoint::write(folder.path(), &config, &processor, &tensors);
    folder
}

pub fn edit_weights(folder: &Path, edit: impl FnOnce(&mut std::collections::HashMap<String, Tensor>)) {
    let path = folder.join("model.safetensors");
    let mut tensors = candle_core::safetensors::load(&path, &Device::Cpu).unwrap();
    edit(&mut tensors);
    candle_core::safetensors::save(&tensors, path).unwrap();
}

pub fn open_folder(folder: &Path) -> anyhow::Result<Box<dyn Encoder>> {
    open(&ModelSource::Folder(folder.to_owned()), DeviceChoice::Cpu, PrecisionChoice::F32)
}

fn id(folder: &Path) -> String {
    open_folder(folder).unwrap().card().id.to_string()
}

/// The whole message, causes included, says all of `parts`.
pub fn refuses(folder: &Path, parts: &[&str]) {
    let message = open_folder(folder).map(|_| ()).expect_err("this folder is no usable model");
    let message = format!("{message:#}");
    for part in parts {
        assert!(message.contains(part), "\"{message}\" does not say \"{part}\"");
    }
}
