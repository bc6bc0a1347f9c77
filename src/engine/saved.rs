//! What is remembered from one start to the next.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::choice::ModelRequest;
use crate::catalog::{Category, CategoryId, Labels, Order};
use crate::language::LanguageChoice;

/// Grows with every change that an older Tagroll would lose by writing the session anew. What has no version is older than
/// versions.
pub const SAVED_VERSION: u32 = 3;

/// The remembered part of a session; the default is a first start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    /// Of the Tagroll that wrote it.
    pub version: u32,
    pub roots: Vec<PathBuf>,
    pub recent: Vec<PathBuf>,
    pub categories: Vec<Category>,
    pub labels: Labels,
    pub selected: Option<CategoryId>,
    pub order: Order,
    /// In points, before the window's scale.
    pub thumbnail_height: f32,
    pub window: Option<WindowPlace>,
    /// What the window speaks.
    pub language: LanguageChoice,
    pub appearance: Appearance,
    /// The model and device that the person chose; `None` until then.
    pub request: Option<ModelRequest>,
    /// Photos a second in each model's trial.
    pub speeds: Vec<(ModelRequest, f32)>,
    pub is_recommendation_dismissed: bool,
    /// Cores that reading may take; `None` for all.
    pub cores: Option<usize>,
    pub pauses_on_battery: bool,
    /// The name of the newest report of a crash that somebody was shown.
    pub seen_report: Option<String>,
}

/// Whether the window is dark or light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Appearance {
    #[default]
    System,
    Dark,
    Light,
}

/// Where the window was, in points before its zoom.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowPlace {
    pub width: f32,
    pub height: f32,
    pub is_maximized: bool,
    /// Of everything in the window, on top of the system's own scale.
    #[serde(default = "unscaled")]
    pub zoom: f32,
}

fn unscaled() -> f32 {
    1.0
}

impl Default for Saved {
    fn default() -> Saved {
        Saved {
            version: SAVED_VERSION,
            roots: Vec::new(),
            recent: Vec::new(),
            categories: Vec::new(),
            labels: Labels::default(),
            selected: None,
            order: Order::Groups,
            thumbnail_height: 128.0,
            window: None,
            language: LanguageChoice::System,
            appearance: Appearance::System,
            request: None,
            speeds: Vec::new(),
            is_recommendation_dismissed: false,
            cores: None,
            pauses_on_battery: false,
            seen_report: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_from_before_there_was_a_choice_follows_the_system() {
        let before: Saved = serde_json::from_str(r#"{"order":"Ranked","thumbnail_height":96.0}"#).unwrap();
        assert_eq!((before.language, before.order), (LanguageChoice::System, Order::Ranked));
        assert_eq!(before.appearance, Appearance::System);
        let chosen = Saved { language: LanguageChoice::German, appearance: Appearance::Light, ..before };
        let text = serde_json::to_string(&chosen).unwrap();
        assert_eq!(serde_json::from_str::<Saved>(&text).unwrap(), chosen);
    }
}
