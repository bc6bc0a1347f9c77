//! The ways in which a model's files can lie in a folder: whole or in parts, in either layout, old or new; and what folders
//! say that hold something else.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde_json::{Value, json};
use tagroll::catalog::Scoring;
use tagroll::clip::{DeviceChoice, ModelSource, PrecisionChoice, open};

use crate::checkpoint;
use crate::families::{NORM_BEFORE_MEAN, ODD_SIGLIP, folder_of};
use crate::loading::{edit_weights, open_folder, refuses, small_model};

#[test]
fn weights_in_parts_give_the_same_vectors_as_in_one_file() {
    let (whole, parts) = (small_model(&json!({})), small_model(&json!({})));
    split_weights(parts.path());
    let texts = ["a dog".to_owned()];
    let vector = |folder: &Path| open_folder(folder).unwrap().encode_texts(&texts).unwrap();
    assert_eq!(vector(whole.path()), vector(parts.path()));
}

#[test]
fn a_missing_part_of_the_weights_is_named() {
    let folder = small_model(&json!({}));
    split_weights(folder.path());
    fs::remove_file(folder.path().join("model-00002-of-00002.safetensors")).unwrap();
    refuses(folder.path(), &["model-00002-of-00002.safetensors", "2 parts", "Download"]);
}

#[test]
fn an_index_that_leads_out_of_its_folder_is_refused() {
    let folder = small_model(&json!({}));
    fs::remove_file(folder.path().join("model.safetensors")).unwrap();
    for name in ["../model.safetensors", "/model.safetensors", ".."] {
        let index = json!({ "weight_map": { "logit_scale": name } });
        fs::write(folder.path().join("model.safetensors.index.json"), index.to_string()).unwrap();
        refuses(folder.path(), &["model.safetensors.index.json", name]);
    }
}

#[test]
fn a_number_that_is_none_is_named_with_its_tensor() {
    let name = "text_model.encoder.layers.0.mlp.fc1.weight";
    for number in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let folder = small_model(&json!({}));
        edit_weights(folder.path(), |tensors| {
            let mut numbers: Vec<f32> = tensors[name].flatten_all().unwrap().to_vec1().unwrap();
            *numbers.last_mut().unwrap() = number;
            tensors.insert(name.to_owned(), Tensor::from_vec(numbers, (16, 8), &Device::Cpu).unwrap());
        });
        refuses(folder.path(), &["model.safetensors", name, "infinite"]);
    }
}

#[test]
fn a_mask_that_no_tower_wants_does_no_harm() {
    let folder = small_model(&json!({}));
    edit_weights(folder.path(), |tensors| {
        let mask = Tensor::full(f32::NEG_INFINITY, (4, 4), &Device::Cpu).unwrap();
        tensors.insert("attn_mask".to_owned(), mask);
    });
    assert!(open_folder(folder.path()).is_ok());
}

#[test]
fn the_two_older_tokenizer_files_serve_as_well() {
    let (new, old) = (small_model(&json!({})), small_model(&json!({})));
    let tokenizer: Value = serde_json::from_slice(&fs::read(checkpoint::tokenizer()).unwrap()).unwrap();
    let merges: Vec<String> = serde_json::from_value(tokenizer["model"]["merges"].clone()).unwrap();
    fs::remove_file(old.path().join("tokenizer.json")).unwrap();
    refuses(old.path(), &["tokenizer.json", "Download"]);
    fs::write(old.path().join("vocab.json"), tokenizer["model"]["vocab"].to_string()).unwrap();
    fs::write(old.path().join("merges.txt"), format!("#version: 0.2\n{}\n", merges.join("\n"))).unwrap();
    let texts = ["Two cats on a sofa".to_owned()];
    let vector = |folder: &Path| open_folder(folder).unwrap().encode_texts(&texts).unwrap();
    assert_eq!(vector(new.path()), vector(old.path()));
}

#[test]
fn a_file_of_the_model_stands_for_its_folder() {
    let folder = small_model(&json!({}));
    let source = ModelSource::Folder(folder.path().join("model.safetensors"));
    let by_file = open(&source, DeviceChoice::Cpu, PrecisionChoice::F32).unwrap();
    assert_eq!(by_file.card().id, open_folder(folder.path()).unwrap().card().id);
    assert_eq!(by_file.card().name, folder.path().file_name().unwrap().to_string_lossy());
}

#[test]
fn in_hugging_faces_cache_a_model_is_named_after_its_repository() {
    let folder = small_model(&json!({}));
    let cache = tempfile::tempdir().unwrap();
    let snapshots = cache.path().join("models--timm--vit_tiny/snapshots");
    fs::create_dir_all(&snapshots).unwrap();
    let snapshot = snapshots.join("3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268");
    fs::rename(folder.path(), &snapshot).unwrap();
    assert_eq!(open_folder(&snapshot).unwrap().card().name, "timm/vit_tiny");
}

#[test]
fn hugging_faces_files_win_where_both_layouts_are_there() {
    let folder = small_model(&json!({}));
    let alone = open_folder(folder.path()).unwrap().card().id.clone();
    for name in ["open_clip_config.json", "open_clip_model.safetensors"] {
        fs::write(folder.path().join(name), "no model at all").unwrap();
    }
    assert_eq!(open_folder(folder.path()).unwrap().card().id, alone);
}

#[test]
fn open_clips_files_are_taken_where_hugging_faces_weights_are_missing() {
    let folder = folder_of(NORM_BEFORE_MEAN);
    fs::write(folder.path().join("config.json"), "{}").unwrap();
    assert_eq!(open_folder(folder.path()).unwrap().card().embed_dim, 64);
}

#[test]
fn broken_weights_of_open_clip_say_what_is_wrong() {
    let folder = folder_of(NORM_BEFORE_MEAN);
    let weights = folder.path().join("open_clip_model.safetensors");
    let bytes = fs::read(&weights).unwrap();
    fs::write(&weights, &bytes[..bytes.len() - 1]).unwrap();
    refuses(folder.path(), &["open_clip_model.safetensors", "it is cut off", "Download the file again"]);
    fs::write(&weights, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 605157884\n").unwrap();
    refuses(folder.path(), &["open_clip_model.safetensors", "git lfs pull"]);
    fs::rename(&weights, folder.path().join("open_clip_pytorch_model.bin")).unwrap();
    refuses(folder.path(), &["open_clip_model.safetensors", "open_clip_pytorch_model.bin", "convert"]);
}

#[test]
fn an_open_clip_tower_of_another_kind_is_named() {
    let folder = folder_of(NORM_BEFORE_MEAN);
    let config = folder.path().join("open_clip_config.json");
    let mut changed: Value = serde_json::from_slice(&fs::read(&config).unwrap()).unwrap();
    changed["model_cfg"]["vision_cfg"]["timm_model_name"] = json!("fastvit_mci1");
    fs::write(&config, changed.to_string()).unwrap();
    refuses(folder.path(), &["open_clip_config.json", "MobileCLIP", "fastvit_mci1"]);
}

#[test]
fn models_that_only_read_texts_are_refused_as_such() {
    for (kind, architecture) in [("clip_text_model", "CLIPTextModel"), ("bert", "BertModel"), ("t5", "T5EncoderModel")]
    {
        let folder = small_model(&json!({ "model_type": kind, "architectures": [architecture] }));
        refuses(folder.path(), &["config.json", architecture, "sees no pictures"]);
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("modules.json"), "[]").unwrap();
    refuses(folder.path(), &["sentence-transformers"]);
}

#[test]
fn naflex_is_refused_with_what_to_take_instead() {
    let folder = small_model(&json!({ "model_type": "siglip2", "architectures": ["Siglip2Model"] }));
    refuses(folder.path(), &["config.json", "NaFlex", "fixed resolution"]);
}

#[test]
fn a_folder_with_pytorchs_file_alone_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mobileclip_s0.pt"), [0; 9]).unwrap();
    refuses(folder.path(), &["config.json", "mobileclip_s0.pt"]);
}

#[test]
fn siglip_needs_its_bias_and_its_tokenizer() {
    let folder = folder_of(ODD_SIGLIP);
    let model = open_folder(folder.path()).unwrap();
    let Scoring::Sigmoid { scale, bias } = model.card().scoring else { panic!("SigLIP has a sigmoid") };
    assert!((scale - 14.2848).abs() < 1e-3 && (bias + 2.0).abs() < 1e-6);
    edit_weights(folder.path(), |tensors| drop(tensors.remove("logit_bias")));
    refuses(folder.path(), &["model.safetensors", "logit_bias"]);
    fs::remove_file(folder.path().join("tokenizer.json")).unwrap();
    refuses(folder.path(), &["tokenizer.json", "Download"]);
}

#[test]
fn a_tokenizer_of_another_model_is_noticed() {
    let folder = folder_of(ODD_SIGLIP);
    fs::copy(checkpoint::tokenizer(), folder.path().join("tokenizer.json")).unwrap();
    fs::remove_file(folder.path().join("tokenizer_config.json")).unwrap();
    refuses(folder.path(), &["tokenizer.json", "fill up texts"]);
}

#[cfg(not(feature = "cuda"))]
#[test]
fn a_build_without_cuda_runs_on_the_cpu_and_says_why() {
    let folder = small_model(&json!({}));
    let model =
        open(&ModelSource::Folder(folder.path().to_owned()), DeviceChoice::Cuda(0), PrecisionChoice::F32).unwrap();
    assert_eq!(model.card().device, "CPU");
    assert!(model.card().device_note.as_deref().unwrap().contains("cannot use NVIDIA cards"));
}

#[test]
fn the_starter_model_says_that_it_stays_on_the_cpu() {
    let model = open(&ModelSource::Starter, DeviceChoice::Metal, PrecisionChoice::F32).unwrap();
    assert_eq!(model.card().device, "CPU");
    assert!(model.card().device_note.as_deref().unwrap().contains("CPU"));
}

/// Replaces `model.safetensors` by two files and their index.
fn split_weights(folder: &Path) {
    let whole = folder.join("model.safetensors");
    let tensors = candle_core::safetensors::load(&whole, &Device::Cpu).unwrap();
    let (mut map, mut parts) = (serde_json::Map::new(), [HashMap::new(), HashMap::new()]);
    for (index, (name, tensor)) in tensors.into_iter().enumerate() {
        map.insert(name.clone(), json!(part_name(index % 2)));
        parts[index % 2].insert(name, tensor);
    }
    for (index, part) in parts.iter().enumerate() {
        candle_core::safetensors::save(part, folder.join(part_name(index))).unwrap();
    }
    fs::remove_file(whole).unwrap();
    let index = json!({ "metadata": {}, "weight_map": map });
    fs::write(folder.join("model.safetensors.index.json"), index.to_string()).unwrap();
}

fn part_name(index: usize) -> String {
    format!("model-0000{}-of-00002.safetensors", index + 1)
}
