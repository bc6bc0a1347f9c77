//! A category: a name, the sentences that describe it, and how well a photo must fit to belong.

use serde::{Deserialize, Serialize};

/// What a category is described by until somebody writes something better; the template that CLIP's authors use.
pub const DEFAULT_TEMPLATE: &str = "a photo of a {}.";

/// Names a category for as long as it lives, whatever it is renamed to. Never reused within a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CategoryId(pub u32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Category {
    pub id: CategoryId,
    pub name: String,
    /// Sentences, in which `{}` stands for the name. Together they are the prompt ensemble; with none, the default template.
    pub prompts: Vec<String>,
    /// What the category is not: a photo that fits one of these better than the prompts loses the difference.
    #[serde(default)]
    pub negatives: Vec<String>,
    /// The least cosine of a photo that belongs; `None` lets every photo in.
    #[serde(default)]
    pub cutoff: Option<f32>,
}

impl Category {
    /// A category described by the default template.
    pub fn named(id: CategoryId, name: &str) -> Category {
        let prompts = vec![DEFAULT_TEMPLATE.to_owned()];
        Category { id, name: name.to_owned(), prompts, negatives: Vec::new(), cutoff: None }
    }

    /// The prompts as the model reads them; never empty.
    pub fn prompt_texts(&self) -> Vec<String> {
        let texts = written(&self.prompts, &self.name);
        if texts.is_empty() { vec![expand(DEFAULT_TEMPLATE, &self.name)] } else { texts }
    }

    /// The negatives as the model reads them.
    pub fn negative_texts(&self) -> Vec<String> {
        written(&self.negatives, &self.name)
    }
}

/// Puts `name` where the template says `{}`.
pub fn expand(template: &str, name: &str) -> String {
    template.replace("{}", name)
}

/// Empty lines are rows that somebody has not filled yet, not sentences.
fn written(prompts: &[String], name: &str) -> Vec<String> {
    prompts.iter().map(|prompt| expand(prompt.trim(), name)).filter(|text| !text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_takes_the_place_of_the_braces() {
        let category = Category::named(CategoryId(1), "red fox");
        assert_eq!(category.prompt_texts(), ["a photo of a red fox."]);
    }

    #[test]
    fn a_category_with_only_blank_prompts_reads_as_the_default_template() {
        let category = Category { prompts: vec!["  ".to_owned()], ..Category::named(CategoryId(1), "boat") };
        assert_eq!(category.prompt_texts(), ["a photo of a boat."]);
    }
}
