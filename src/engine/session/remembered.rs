//! What of a session is there again at the next start.

use super::Session;
use crate::engine::saved::{Saved, WindowPlace};
use crate::language::LanguageChoice;

impl Session {
    pub fn window(&self) -> Option<WindowPlace> {
        self.window
    }

    /// What the window speaks.
    pub fn language(&self) -> LanguageChoice {
        self.language
    }

    /// The part that is remembered.
    pub fn saved(&self) -> Saved {
        let mut saved = Saved {
            roots: self.roots.iter().map(|root| root.visit.root.to_path_buf()).collect(),
            recent: self.recent.clone(),
            categories: self.categories().to_vec(),
            labels: self.labels(),
            selected: self.selected,
            order: self.order,
            thumbnail_height: self.thumbnail_height,
            window: self.window,
            language: self.language,
            request: self.chosen.clone(),
            speeds: self.models.speeds.iter().map(|(request, speed)| (request.clone(), *speed)).collect(),
            is_recommendation_dismissed: self.is_recommendation_dismissed,
            ..Saved::default()
        };
        self.politeness.remember(&mut saved);
        saved
    }
}
