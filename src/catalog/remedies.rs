//! What the prompt doctor can prescribe: templates, other words, and what a category is easily mistaken for.

use super::{Category, Prompt, TemplateSet, thesaurus};

/// One change of a category.
#[derive(Clone, Debug, PartialEq)]
pub struct Remedy {
    /// What it does, for people.
    pub says: String,
    /// The category after it.
    pub category: Category,
}

/// Negatives count half: a photo of a dog beside a cat is still one of a dog.
const NEGATIVE_WEIGHT: f32 = 0.5;

/// Changes that may help `category`; `all` are the categories that it stands among.
pub fn remedies(category: &Category, all: &[Category]) -> Vec<Remedy> {
    let mut remedies = with_templates(category);
    remedies.extend(with_synonyms(category));
    remedies.extend(with_negatives(category, all));
    remedies
}

fn with_templates(category: &Category) -> Vec<Remedy> {
    let other = TemplateSet::ALL.into_iter().filter(|set| category.templates != Some(*set));
    let remedy = |set: TemplateSet| Remedy {
        says: format!("Use the {} templates, {} sentences", set.name(), set.templates().len()),
        category: Category { templates: Some(set), ..category.clone() },
    };
    other.map(remedy).collect()
}

fn with_synonyms(category: &Category) -> Vec<Remedy> {
    let Some(entry) = thesaurus::entry(category.leaf()) else { return Vec::new() };
    let is_new = |word: &&String| !category.synonyms.iter().any(|known| known.eq_ignore_ascii_case(word));
    let remedy = |word: &String| {
        let mut with = category.clone();
        with.synonyms.push(word.clone());
        // Synonyms fill the braces of sentences; where there are none, they need a sentence.
        if !with.prompts.iter().any(|prompt| prompt.text.contains("{}")) && with.templates.is_none() {
            with.prompts.push(super::DEFAULT_TEMPLATE.into());
        }
        Remedy { says: format!("Also say \u{201c}{word}\u{201d}"), category: with }
    };
    entry.synonyms.iter().filter(is_new).map(remedy).collect()
}

/// What the thesaurus says it is mistaken for, and the categories beside it.
fn with_negatives(category: &Category, all: &[Category]) -> Vec<Remedy> {
    let mistaken = thesaurus::entry(category.leaf()).map_or(&[][..], |entry| &entry.lookalikes);
    let beside = all.iter().filter(|other| other.id != category.id).map(Category::leaf);
    let mut words: Vec<&str> = Vec::new();
    for word in mistaken.iter().map(String::as_str).chain(beside).filter(|word| !word.is_empty()) {
        let is_own = word.eq_ignore_ascii_case(category.leaf())
            || category.synonyms.iter().any(|own| own.eq_ignore_ascii_case(word));
        if !is_own && !words.iter().any(|known| known.eq_ignore_ascii_case(word)) {
            words.push(word);
        }
    }
    let prompt = |word: &str| Prompt { text: format!("a photo of {} {word}.", article(word)), weight: NEGATIVE_WEIGHT };
    let is_new = |word: &&str| !category.negatives.iter().any(|known| known.text == prompt(word).text);
    let remedy = |word: &str| {
        let mut with = category.clone();
        with.negatives.push(prompt(word));
        Remedy { says: format!("But not \u{201c}{word}\u{201d}"), category: with }
    };
    words.into_iter().filter(is_new).take(24).map(remedy).collect()
}

/// By the letter: wrong for an hour and a unicorn, which a person may correct.
fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']) { "an" } else { "a" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::CategoryId;

    #[test]
    fn every_remedy_changes_the_category_and_none_is_given_twice() {
        let (dog, cat) = (Category::named(CategoryId(1), "animal/dog"), Category::named(CategoryId(2), "cat"));
        let remedies = remedies(&dog, &[dog.clone(), cat]);
        assert!(remedies.iter().all(|remedy| remedy.category != dog));
        assert!(remedies.iter().any(|remedy| remedy.says.contains("cat")));
        let mut words: Vec<&str> = remedies.iter().map(|remedy| remedy.says.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), remedies.len());
    }
}
