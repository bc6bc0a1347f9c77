//! Maps of patches: the towers' against HuggingFace's and open_clip's own modules on random weights, and which part of a photo
//! they cover.

use candle_core::DType;
use serde_json::{Value, json};
use tagroll::catalog::{Embedding, PatchMap, Picture};
use tagroll::clip::{DeviceChoice, Encoder, ModelSource, Place, Precision, PrecisionChoice, open_at, pixels};
use tempfile::TempDir;

use crate::families::{NORM_BEFORE_MEAN, ODD_OPEN_CLIP, ODD_SIGLIP, folder_of};
use crate::loading::{open_folder, small_model};
use crate::{checkpoint, compare, golden_picture, goldens, vectors};

/// The small model of goldens.json.
const ODD_CLIP: usize = 3;

#[test]
fn a_class_towers_patches_are_their_values_in_the_last_block() {
    check(&maps()["models"][0], &odd_clip());
}

#[test]
fn an_averaging_towers_patches_are_their_own_rows() {
    check(&maps()["models"][1], &folder_of(ODD_OPEN_CLIP));
    check(&maps()["models"][2], &folder_of(NORM_BEFORE_MEAN));
}

#[test]
fn siglips_patches_go_through_its_pooling_head_alone() {
    check(&maps()["models"][3], &folder_of(ODD_SIGLIP));
}

#[test]
fn a_map_covers_the_middle_square_of_a_photo() {
    let folder = small_model(&json!({}));
    let model = open_folder(folder.path()).unwrap();
    for (width_px, height_px, area) in
        [(64, 32, [0.25, 0.0, 0.75, 1.0]), (32, 64, [0.0, 0.25, 1.0, 0.75]), (40, 40, [0.0, 0.0, 1.0, 1.0])]
    {
        let map = map(model.as_ref(), &checkpoint::picture("any", width_px, height_px));
        assert_eq!((map.columns(), map.rows(), map.area()), (2, 2, area));
    }
}

#[test]
fn what_is_no_whole_patch_is_outside_the_map() {
    let folder = folder_of(ODD_SIGLIP);
    let model = open_folder(folder.path()).unwrap();
    // Seven patches of 14 of 100 pixels.
    let map = map(model.as_ref(), &checkpoint::picture("any", 300, 200));
    assert_eq!((map.columns(), map.rows()), (7, 7));
    for (found, wanted) in map.area().iter().zip([0.0, 0.0, 0.98, 0.98]) {
        assert!((found - wanted).abs() < 1e-6, "{:?}", map.area());
    }
}

/// On the CPU, and by the steps of graphics processors.
fn check(golden: &Value, folder: &TempDir) {
    let picture = golden_picture(&goldens()["pictures"][0]);
    let step = maps()["step"].as_u64().unwrap() as usize;
    for place in [Place::of(DeviceChoice::Cpu, PrecisionChoice::F32), Place::rehearsal(Precision::F32)] {
        let model = open_at(&ModelSource::Folder(folder.path().to_owned()), &place).unwrap();
        let map = map(model.as_ref(), &picture);
        let grid = json!([map.columns(), map.rows()]);
        assert_eq!(grid, json!([golden["columns"], golden["rows"]]));
        assert_eq!(map.dim(), model.card().embed_dim);
        let found: Vec<_> = patches(&map).into_iter().step_by(step).collect();
        compare(golden["name"].as_str().unwrap(), &found, &vectors(&golden["vectors"]), 0.999_99);
    }
}

fn map(model: &dyn Encoder, picture: &Picture) -> PatchMap {
    model.map_patches(&pixels::prepare(picture, &model.card().input)).unwrap().unwrap()
}

/// Each patch's vector: the heat of a direction along one axis is that axis' number.
fn patches(map: &PatchMap) -> Vec<Embedding> {
    let axis = |at: usize| (0..map.dim()).map(|i| if i == at { 1.0 } else { 0.0 }).collect::<Vec<f32>>();
    let numbers: Vec<Vec<f32>> = (0..map.dim()).map(|at| map.heat(&axis(at))).collect();
    let vector = |patch: usize| numbers.iter().map(|heat| heat[patch]).collect();
    (0..map.columns() * map.rows()).map(|patch| Embedding::normalised(vector(patch)).unwrap()).collect()
}

fn maps() -> Value {
    serde_json::from_str(include_str!("patches.json")).unwrap()
}

fn odd_clip() -> TempDir {
    let golden = &goldens()["models"][ODD_CLIP];
    let folder = tempfile::tempdir().unwrap();
    let tensors = checkpoint::tensors(&golden["config"], DType::F32);
    checkpoint::write(folder.path(), &golden["config"], &golden["processor"], &tensors);
    folder
}
