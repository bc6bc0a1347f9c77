//! The models that Tagroll knows by name, from `assets/models.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

static TABLE: &str = include_str!("../../assets/models.toml");

/// A model that people publish, with what it costs and gains.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownModel {
    pub id: String,
    pub name: String,
    pub family: String,
    /// On the hub: "organisation/name".
    pub repository: String,
    pub revision: String,
    pub files: Vec<String>,
    pub parameters_millions: f32,
    pub download_bytes: u64,
    pub embed_dim: usize,
    /// Sides of the square that the network sees.
    pub image_px: u32,
    /// Work for one picture, in billions of additions and multiplications.
    pub gflops: f32,
    pub languages: String,
    /// Zero-shot top-1 on ImageNet, in percent.
    pub top1: Option<f32>,
    pub top1_source: String,
    pub licence: String,
    #[serde(default)]
    pub is_recommended: bool,
    /// `false` for weights whose licence allows research only: they can be added from a folder.
    pub is_offered: bool,
    #[serde(default)]
    pub note: String,
}

#[derive(Deserialize)]
struct Table {
    model: Vec<KnownModel>,
}

/// All of them, small ones first.
pub fn known_models() -> &'static [KnownModel] {
    static MODELS: OnceLock<Vec<KnownModel>> = OnceLock::new();
    MODELS.get_or_init(|| toml::from_str::<Table>(TABLE).expect("a test reads the compiled-in table").model)
}

pub fn known(id: &str) -> Option<&'static KnownModel> {
    known_models().iter().find(|model| model.id == id)
}

/// What somebody should try who has only the starter model.
pub fn recommended() -> &'static KnownModel {
    known_models().iter().find(|model| model.is_recommended).expect("a test checks that one is recommended")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// The files without which no layout can be read.
    const LAYOUTS: [&[&str]; 2] = [
        &["config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json"],
        &["open_clip_config.json", "open_clip_model.safetensors", "tokenizer.json"],
    ];

    #[test]
    fn every_model_of_the_table_is_described_and_has_a_name_of_its_own() {
        let ids: HashSet<&str> = known_models().iter().map(|model| model.id.as_str()).collect();
        assert_eq!(ids.len(), known_models().len());
        for model in known_models() {
            assert!(crate::hub::folder::plain(&model.id).is_some(), "{}", model.id);
            for text in [&model.name, &model.family, &model.languages, &model.licence, &model.top1_source, &model.note]
            {
                assert!(!text.is_empty(), "{}", model.id);
            }
            assert!(model.repository.split('/').count() == 2 && !model.revision.is_empty(), "{}", model.id);
            assert!(model.top1.is_some_and(|top1| (40.0..90.0).contains(&top1)), "{}", model.id);
            assert!((128..2048).contains(&model.embed_dim) && (128..1024).contains(&model.image_px), "{}", model.id);
        }
    }

    #[test]
    fn what_is_offered_may_be_used_by_everybody_and_is_complete() {
        let offered: Vec<&KnownModel> = known_models().iter().filter(|model| model.is_offered).collect();
        assert!(offered.len() >= 8, "{}", offered.len());
        for model in offered {
            assert!(["MIT", "Apache-2.0"].contains(&model.licence.as_str()), "{}", model.id);
            let has = |layout: &&[&str]| layout.iter().all(|file| model.files.iter().any(|known| known == file));
            assert!(LAYOUTS.iter().any(has), "{}", model.id);
            assert!(model.gflops > 0.0, "{}", model.id);
            // Four bytes a parameter, and the tokenizer.
            let rest_megabytes = model.download_bytes as f64 / 1e6 - f64::from(model.parameters_millions) * 4.0;
            assert!((0.0..45.0).contains(&rest_megabytes), "{}: {rest_megabytes} MB", model.id);
        }
    }

    #[test]
    fn one_small_model_is_recommended() {
        assert_eq!(known_models().iter().filter(|model| model.is_recommended).count(), 1);
        let model = recommended();
        assert!(model.is_offered && model.gflops < 20.0 && model.download_bytes < 700_000_000, "{model:?}");
        assert_eq!(known(&model.id), Some(model));
        assert_eq!(known("nothing"), None);
    }

    #[test]
    fn research_weights_are_listed_and_not_offered() {
        let research = known_models().iter().filter(|model| !model.is_offered);
        for model in research {
            assert!(model.licence.contains("research") && model.files.is_empty(), "{}", model.id);
        }
    }
}
