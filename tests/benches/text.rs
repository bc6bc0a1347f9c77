//! How long a prompt and a picture take, next to candle-transformers' CLIP on the same random weights in the same run.
//!
//! `cargo bench --bench text`. Ratios mean more than figures: machines differ, and one machine differs from day to day.

#[path = "../parity/checkpoint.rs"]
mod checkpoint;

use std::path::Path;
use std::time::Instant;

use candle_core::{DType, Device, Tensor};
use candle_nn::{Module, VarBuilder};
use candle_transformers::models::clip::text_model::{ClipTextConfig, ClipTextTransformer};
use candle_transformers::models::clip::vision_model::{ClipVisionConfig, ClipVisionTransformer};
use serde_json::json;
use tagroll::clip::{DeviceChoice, Encoder, ModelInput, ModelSource, PrecisionChoice, open, pixels};

const PROMPT: &str = "a photo of two brown dogs that play with a ball in the snow at sunset";
const BATCH: usize = 8;

fn main() {
    let folder = tempfile::tempdir().expect("the temporary folder can be written");
    let text = json!({ "hidden_size": 512, "intermediate_size": 2048, "num_hidden_layers": 12,
        "num_attention_heads": 8, "vocab_size": 49408, "max_position_embeddings": 77, "eos_token_id": 49407 });
    let vision = json!({ "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
        "num_attention_heads": 12, "image_size": 224, "patch_size": 32 });
    let config = json!({ "model_type": "clip", "projection_dim": 512, "text_config": text, "vision_config": vision });
    checkpoint::write(folder.path(), &config, &json!({}), &checkpoint::tensors(&config, DType::F32));
    let started = Instant::now();
    let clip = open(&ModelSource::Folder(folder.path().to_owned()), DeviceChoice::Cpu, PrecisionChoice::F32)
        .expect("the model is complete");
    println!("open ViT-B/32: {:.2} s", started.elapsed().as_secs_f64());
    texts(clip.as_ref(), folder.path());
    pictures(clip.as_ref(), folder.path());
    starter();
    preparation();
}

fn texts(clip: &dyn Encoder, folder: &Path) {
    let theirs = ClipTextTransformer::new(weights(folder).pp("text_model"), &ClipTextConfig::vit_base_patch32())
        .expect("the checkpoint has a text tower");
    let projection = weights(folder).get((512, 512), "text_projection.weight").expect("it has a projection");
    let ids = tokens(PROMPT);
    let mut padded = ids.clone();
    padded.resize(77, 49407);
    println!("prompt of {} words, {} tokens:", PROMPT.split(' ').count(), ids.len());
    let run = |ids: &[u32]| {
        let ids = Tensor::new(ids, &Device::Cpu).and_then(|ids| ids.unsqueeze(0)).expect("ids fit");
        let rows = theirs.forward(&ids).and_then(|row| row.matmul(&projection.t()?)).expect("it runs");
        rows.flatten_all().and_then(|row| row.to_vec1::<f32>()).expect("it is one row")
    };
    let ours = clip.encode_texts(&[PROMPT.to_owned()]).expect("it runs").remove(0);
    let other = tagroll::catalog::Embedding::normalised(run(&ids)).expect("it is finite");
    println!("  cosine between the two: {:.6}", ours.cosine(&other));
    let ours = milliseconds(|| drop(clip.encode_texts(&[PROMPT.to_owned()])));
    let short = milliseconds(|| drop(run(&ids)));
    let full = milliseconds(|| drop(run(&padded)));
    println!("  ours {ours:.1} ms");
    println!("  candle-transformers, unpadded {short:.1} ms, ratio {:.2}", short / ours);
    println!("  candle-transformers, padded to 77 {full:.1} ms, ratio {:.2}", full / ours);
    let eighty: Vec<String> = (0..80).map(|index| format!("a photo of a thing called {index}")).collect();
    println!("  ours, 80 prompts at once: {:.1} ms each", milliseconds(|| drop(clip.encode_texts(&eighty))) / 80.0);
}

fn pictures(clip: &dyn Encoder, folder: &Path) {
    let theirs = ClipVisionTransformer::new(weights(folder).pp("vision_model"), &ClipVisionConfig::vit_base_patch32())
        .expect("the checkpoint has a vision tower");
    let values = Tensor::zeros((BATCH, 3, 224, 224), DType::F32, &Device::Cpu).expect("it fits in memory");
    let inputs: Vec<ModelInput> = (0..BATCH).map(|index| input(&format!("picture {index}"), 224)).collect();
    let per_second = |milliseconds: f64| BATCH as f64 * 1000.0 / milliseconds;
    let ours = per_second(milliseconds(|| drop(clip.encode_images(&inputs))));
    let other = per_second(milliseconds(|| drop(theirs.forward(&values))));
    println!(
        "ViT-B/32, batch of {BATCH}: ours {ours:.1} pictures/s, candle-transformers {other:.1}, ratio {:.2}",
        ours / other
    );
}

fn starter() {
    let started = Instant::now();
    let starter =
        open(&ModelSource::Starter, DeviceChoice::Cpu, PrecisionChoice::F32).expect("it is part of the program");
    println!("open the starter model: {:.2} s", started.elapsed().as_secs_f64());
    let inputs: Vec<ModelInput> = (0..BATCH).map(|index| input(&format!("picture {index}"), 260)).collect();
    for count in [1, BATCH] {
        let each = milliseconds(|| drop(starter.encode_images(&inputs[..count]))) / count as f64;
        println!("starter model, batch of {count}: {each:.1} ms a picture, {:.1} pictures/s", 1000.0 / each);
    }
    println!("starter model, one prompt: {:.1} ms", milliseconds(|| drop(starter.encode_texts(&[PROMPT.to_owned()]))));
}

fn preparation() {
    let picture = checkpoint::picture("a photo", 1000, 667);
    let spec = open(&ModelSource::Starter, DeviceChoice::Cpu, PrecisionChoice::F32)
        .expect("it is part of the program")
        .card()
        .input
        .clone();
    println!(
        "prepare 1000 x 667 for the starter model: {:.1} ms",
        milliseconds(|| drop(pixels::prepare(&picture, &spec)))
    );
}

fn input(name: &str, side_px: u32) -> ModelInput {
    ModelInput {
        width_px: side_px,
        height_px: side_px,
        rgb: checkpoint::picture(name, side_px, side_px).rgb,
        area: [0.0, 0.0, 1.0, 1.0],
    }
}

fn weights(folder: &Path) -> VarBuilder<'static> {
    let bytes = std::fs::read(folder.join("model.safetensors")).expect("it was just written");
    VarBuilder::from_buffered_safetensors(bytes, DType::F32, &Device::Cpu).expect("it is a checkpoint")
}

fn tokens(text: &str) -> Vec<u32> {
    let tokenizer = tokenizers::Tokenizer::from_file(checkpoint::tokenizer()).expect("the fixture is a tokenizer");
    tokenizer.encode(text, true).expect("it can be encoded").get_ids().to_vec()
}

/// The middle of eleven runs, after one that warms up.
fn milliseconds(mut run: impl FnMut()) -> f64 {
    run();
    let mut times: Vec<f64> = (0..11)
        .map(|_| {
            let started = Instant::now();
            run();
            started.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[5]
}
