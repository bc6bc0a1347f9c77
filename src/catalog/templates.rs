//! Sets of templates: many ways to say what a picture shows, for different kinds of pictures.
//!
//! An ensemble of sentences fits better than any one of them (Radford et al. 2021, section 3.1.4). These were written
//! for Tagroll.
//!
//! The name always stands in the singular after "a": no sentence adds an "s", which would make "mouses". "a owl" is left
//! as it is, because models hardly tell it from "an owl", while a rule for it would be wrong about "hour" and "uniform".
//! Names that take no article, such as "snow", are better served by prompts of their own.

use serde::{Deserialize, Serialize};

use crate::language::text;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TemplateSet {
    /// For what one can point a camera at: animals, things, people, places.
    Photos,
    /// For what is drawn or painted, whatever it shows.
    Sketches,
    /// For what a screen shows: programs, messages, web pages.
    Screenshots,
    /// For what is on paper and there to be read: receipts, letters, notes.
    Documents,
}

impl TemplateSet {
    pub const ALL: [TemplateSet; 4] =
        [TemplateSet::Photos, TemplateSet::Sketches, TemplateSet::Screenshots, TemplateSet::Documents];

    /// As it is written in files.
    pub fn name(self) -> &'static str {
        match self {
            TemplateSet::Photos => text("photos"),
            TemplateSet::Sketches => text("sketches"),
            TemplateSet::Screenshots => text("screenshots"),
            TemplateSet::Documents => text("documents"),
        }
    }

    /// The sentences, with `{}` for the name.
    pub fn templates(self) -> &'static [&'static str] {
        match self {
            TemplateSet::Photos => &[
                "a photo of a {}.",
                "a close-up photo of a {}.",
                "a photo of a {} outdoors.",
                "a photo of a {} indoors.",
                "a dark photo of a {}.",
                "a bright photo of a {}.",
                "a photo of a {} seen from far away.",
                "a blurry snapshot of a {}.",
            ],
            TemplateSet::Sketches => &[
                "a sketch of a {}.",
                "a pencil drawing of a {}.",
                "a painting of a {}.",
                "a cartoon of a {}.",
                "a simple line drawing of a {}.",
            ],
            TemplateSet::Screenshots => &[
                "a screenshot of a {}.",
                "a computer screen that shows a {}.",
                "a screenshot of a phone with a {}.",
                "a {} in the window of a program.",
            ],
            TemplateSet::Documents => &[
                "a scan of a {}.",
                "a photo of a printed {}.",
                "a photo of a {} lying on a table.",
                "a {} on paper.",
                "a page of a {} with text.",
                "a {} held in a hand.",
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_has_one_place_for_the_name_and_adds_nothing_to_it() {
        for template in TemplateSet::ALL.iter().flat_map(|set| set.templates()) {
            assert_eq!(template.matches("{}").count(), 1, "{template}");
            assert!(!template.contains("{}s") && template.contains("a "), "{template}");
        }
    }
}
