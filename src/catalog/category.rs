//! A category: a name, the sentences that describe it, and how well a photo must fit to belong.

use serde::{Deserialize, Serialize};

use super::TemplateSet;

/// What a category is described by until somebody writes something better; the template that CLIP's authors use.
pub const DEFAULT_TEMPLATE: &str = "a photo of a {}.";

/// Names a category for as long as it lives, whatever it is renamed to. Never reused within a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CategoryId(pub u32);

/// A sentence, in which `{}` stands for the category's name, and how much it counts beside the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "WrittenPrompt", into = "WrittenPrompt")]
pub struct Prompt {
    pub text: String,
    /// Above 0; 1 unless somebody changed it.
    pub weight: f32,
}

/// How well a photo must fit to belong: a rule, which outlives a change of models where a number would not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "WrittenCutoff", into = "WrittenCutoff")]
pub enum Cutoff {
    /// Every photo that is not ruled out.
    #[default]
    Everything,
    /// Photos that fit at least this well.
    At(f32),
    /// Where the photos themselves, and the person's verdicts, show the edge to be; see [`super::calibration`].
    Auto,
}

/// How many categories one photo may be given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Labels {
    /// The one that it fits best.
    #[default]
    One,
    /// Every one whose cut-off it reaches; of categories that exclude each other, the best.
    Several,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Category {
    pub id: CategoryId,
    /// May be a path, "animal/dog"; sentences use its last part.
    pub name: String,
    /// Other words for the same: each sentence with `{}` is read once with each of them, too.
    #[serde(default)]
    pub synonyms: Vec<String>,
    /// Sentences that are added to the prompts.
    #[serde(default)]
    pub templates: Option<TemplateSet>,
    /// Together with the templates they are the prompt ensemble; with neither, it is the default template.
    pub prompts: Vec<Prompt>,
    /// What the category is not: a photo that fits one of these better than the prompts loses the difference, times its weight.
    #[serde(default)]
    pub negatives: Vec<Prompt>,
    /// What rules a photo out: one that fits any of these better than the prompts does not belong.
    #[serde(default)]
    pub exclusions: Vec<String>,
    #[serde(default)]
    pub cutoff: Cutoff,
    /// Categories of one group exclude each other; `None` stands for itself.
    #[serde(default)]
    pub group: Option<String>,
}

/// A prompt as files hold it: the sentence alone where its weight is 1.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WrittenPrompt {
    Plain(String),
    Weighted { text: String, weight: f32 },
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WrittenCutoff {
    At(f32),
    Rule(CutoffRule),
    Nothing(()),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CutoffRule {
    Auto,
}

impl Category {
    /// A category described by the default template.
    pub fn named(id: CategoryId, name: &str) -> Category {
        Category {
            id,
            name: name.to_owned(),
            synonyms: Vec::new(),
            templates: None,
            prompts: vec![DEFAULT_TEMPLATE.into()],
            negatives: Vec::new(),
            exclusions: Vec::new(),
            cutoff: Cutoff::Everything,
            group: None,
        }
    }

    /// The last part of a name that is a path: "dog" of "animal/dog".
    pub fn leaf(&self) -> &str {
        self.name.rsplit('/').map(str::trim).find(|part| !part.is_empty()).unwrap_or(self.name.trim())
    }

    /// The prompt ensemble as the model reads it, with weights; never empty.
    pub fn prompt_texts(&self) -> Vec<(String, f32)> {
        let templates = self.templates.iter().flat_map(|set| set.templates());
        let templates = templates.map(|template| Prompt::from(*template));
        let mut texts = self.read(self.prompts.iter().cloned().chain(templates));
        if texts.is_empty() {
            texts = self.read(std::iter::once(DEFAULT_TEMPLATE.into()));
        }
        texts
    }

    /// The negatives as the model reads them, with weights.
    pub fn negative_texts(&self) -> Vec<(String, f32)> {
        self.read(self.negatives.iter().cloned())
    }

    /// The exclusions as the model reads them.
    pub fn exclusion_texts(&self) -> Vec<String> {
        let prompts = self.exclusions.iter().map(|text| Prompt::from(text.as_str()));
        self.read(prompts).into_iter().map(|(text, _)| text).collect()
    }

    /// Every text that must be encoded before the category can be scored.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        let weighted = self.prompt_texts().into_iter().chain(self.negative_texts());
        weighted.map(|(text, _)| text).chain(self.exclusion_texts())
    }

    /// Puts the names in place of the braces. Synonyms share the weight of their sentence. Empty lines are rows that
    /// somebody has not filled yet, not sentences.
    fn read(&self, prompts: impl Iterator<Item = Prompt>) -> Vec<(String, f32)> {
        let synonyms = self.synonyms.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
        let names: Vec<&str> = std::iter::once(self.leaf()).chain(synonyms).collect();
        let mut texts: Vec<(String, f32)> = Vec::new();
        for prompt in prompts.filter(|prompt| !prompt.text.trim().is_empty()) {
            let used = if prompt.text.contains("{}") { names.len() } else { 1 };
            for name in &names[..used] {
                texts.push((expand(prompt.text.trim(), name), prompt.weight / used as f32));
            }
        }
        texts.retain(|(text, _)| !text.is_empty());
        texts
    }
}

impl From<&str> for Prompt {
    fn from(text: &str) -> Prompt {
        Prompt { text: text.to_owned(), weight: 1.0 }
    }
}

impl From<String> for Prompt {
    fn from(text: String) -> Prompt {
        Prompt { text, weight: 1.0 }
    }
}

impl From<WrittenPrompt> for Prompt {
    fn from(written: WrittenPrompt) -> Prompt {
        match written {
            WrittenPrompt::Plain(text) => text.into(),
            WrittenPrompt::Weighted { text, weight } => Prompt { text, weight },
        }
    }
}

impl From<Prompt> for WrittenPrompt {
    fn from(prompt: Prompt) -> WrittenPrompt {
        let Prompt { text, weight } = prompt;
        if weight == 1.0 { WrittenPrompt::Plain(text) } else { WrittenPrompt::Weighted { text, weight } }
    }
}

impl From<WrittenCutoff> for Cutoff {
    fn from(written: WrittenCutoff) -> Cutoff {
        match written {
            WrittenCutoff::At(fit) => Cutoff::At(fit),
            WrittenCutoff::Rule(CutoffRule::Auto) => Cutoff::Auto,
            WrittenCutoff::Nothing(()) => Cutoff::Everything,
        }
    }
}

impl From<Cutoff> for WrittenCutoff {
    fn from(cutoff: Cutoff) -> WrittenCutoff {
        match cutoff {
            Cutoff::At(fit) => WrittenCutoff::At(fit),
            Cutoff::Auto => WrittenCutoff::Rule(CutoffRule::Auto),
            Cutoff::Everything => WrittenCutoff::Nothing(()),
        }
    }
}

/// Puts `name` where the template says `{}`.
pub fn expand(template: &str, name: &str) -> String {
    template.replace("{}", name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(category: &Category) -> Vec<String> {
        category.prompt_texts().into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn the_name_takes_the_place_of_the_braces() {
        let category = Category::named(CategoryId(1), "red fox");
        assert_eq!(texts(&category), ["a photo of a red fox."]);
    }

    #[test]
    fn a_category_with_only_blank_prompts_reads_as_the_default_template() {
        let category = Category { prompts: vec!["  ".into()], ..Category::named(CategoryId(1), "boat") };
        assert_eq!(texts(&category), ["a photo of a boat."]);
    }

    #[test]
    fn sentences_use_the_last_part_of_a_name_that_is_a_path() {
        assert_eq!(texts(&Category::named(CategoryId(1), "animal/dog")), ["a photo of a dog."]);
        assert_eq!(Category::named(CategoryId(1), "animal/").leaf(), "animal");
        assert_eq!(Category::named(CategoryId(1), "").leaf(), "");
    }

    #[test]
    fn synonyms_share_the_weight_of_their_sentence() {
        let category = Category {
            synonyms: vec!["puppy".to_owned(), " ".to_owned()],
            prompts: vec!["a {}".into(), "man's best friend".into()],
            ..Category::named(CategoryId(1), "dog")
        };
        let expected = [("a dog", 0.5), ("a puppy", 0.5), ("man's best friend", 1.0)];
        assert_eq!(category.prompt_texts(), expected.map(|(text, weight)| (text.to_owned(), weight)));
    }

    #[test]
    fn what_an_older_version_saved_is_read_as_it_was_meant() {
        let old = r#"{"id":3,"name":"dog","prompts":["a dog"],"negatives":[],"cutoff":0.25}"#;
        let category: Category = serde_json::from_str(old).unwrap();
        assert_eq!((category.cutoff, category.prompts), (Cutoff::At(0.25), vec![Prompt::from("a dog")]));
        let old = r#"{"id":3,"name":"dog","prompts":[],"cutoff":null}"#;
        assert_eq!(serde_json::from_str::<Category>(old).unwrap().cutoff, Cutoff::Everything);
    }

    #[test]
    fn a_category_reads_back_what_it_writes() {
        let mut category = Category::named(CategoryId(1), "dog");
        category.prompts.push(Prompt { text: "a hound".to_owned(), weight: 0.5 });
        for cutoff in [Cutoff::Everything, Cutoff::Auto, Cutoff::At(0.25)] {
            category.cutoff = cutoff;
            let text = serde_json::to_string(&category).unwrap();
            assert_eq!(serde_json::from_str::<Category>(&text).unwrap(), category, "{text}");
        }
    }
}
