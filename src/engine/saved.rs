//! What is remembered from one start to the next.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::choice::ModelRequest;
use crate::catalog::{Category, CategoryId, Labels, Order};
use crate::language::LanguageChoice;

/// The remembered part of a session; the default is a first start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
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
    /// The model and device that the person chose; `None` until then.
    pub request: Option<ModelRequest>,
    /// Photos a second in each model's trial.
    pub speeds: Vec<(ModelRequest, f32)>,
    pub is_recommendation_dismissed: bool,
    /// Cores that reading may take; `None` for all.
    pub cores: Option<usize>,
    pub pauses_on_battery: bool,
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
            roots: Vec::new(),
            recent: Vec::new(),
            categories: Vec::new(),
            labels: Labels::default(),
            selected: None,
            order: Order::Groups,
            thumbnail_height: 128.0,
            window: None,
            language: LanguageChoice::System,
            request: None,
            speeds: Vec::new(),
            is_recommendation_dismissed: false,
            cores: None,
            pauses_on_battery: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_from_before_there_was_a_choice_of_language_follows_the_system() {
        let before: Saved = serde_json::from_str(r#"{"order":"Ranked","thumbnail_height":96.0}"#).unwrap();
        assert_eq!((before.language, before.order), (LanguageChoice::System, Order::Ranked));
        let chosen = Saved { language: LanguageChoice::German, ..before };
        let text = serde_json::to_string(&chosen).unwrap();
        assert_eq!(serde_json::from_str::<Saved>(&text).unwrap(), chosen);
    }
}
