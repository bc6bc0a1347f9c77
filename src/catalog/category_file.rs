//! Categories as people write them: a TOML file, or one argument on the command line.
//!
//! Every mistake is refused with the line it stands in; nothing is guessed or skipped.

use serde::Deserialize;
use toml::Spanned;

use super::{Category, CategoryId, DEFAULT_TEMPLATE};

/// What is wrong, and in which line (from 1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct CategoryFileError {
    pub line: usize,
    pub problem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    category: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    prompts: Spanned<Vec<String>>,
    #[serde(default)]
    negatives: Vec<String>,
    cutoff: Option<Spanned<f64>>,
}

/// Reads `[[category]]` tables with `name`, `prompts`, and optionally `negatives` and `cutoff` (a cosine from -1 to 1).
pub fn parse_category_file(text: &str) -> Result<Vec<Category>, CategoryFileError> {
    let at = |offset: usize, problem: String| CategoryFileError { line: line_of(text, offset), problem };
    let file: File = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        at(offset, error.message().trim().replace('\n', "; "))
    })?;
    if file.category.is_empty() {
        return Err(at(0, "the file holds no [[category]]".to_owned()));
    }
    let mut categories: Vec<Category> = Vec::new();
    for (index, entry) in file.category.into_iter().enumerate() {
        let category = checked(CategoryId(index as u32), entry, &at)?;
        categories.push(category);
    }
    Ok(categories)
}

/// Reads `name=prompt|prompt`, or a name alone, which gets the default template.
pub fn parse_category(id: CategoryId, text: &str) -> Result<Category, String> {
    let (name, prompts) = text.split_once('=').unwrap_or((text, DEFAULT_TEMPLATE));
    let name = name.trim();
    let prompts: Vec<String> = prompts.split('|').map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect();
    if name.is_empty() {
        return Err(format!("\"{text}\" has no name; write it as 'dog=a photo of a dog|a photo of a puppy'"));
    }
    if prompts.is_empty() {
        return Err(format!("\"{text}\" has no prompt after \"=\"; leave \"=\" out for the default one"));
    }
    Ok(Category { prompts, ..Category::named(id, name) })
}

fn checked(
    id: CategoryId,
    entry: Spanned<Entry>,
    at: &impl Fn(usize, String) -> CategoryFileError,
) -> Result<Category, CategoryFileError> {
    let Entry { name, prompts, negatives, cutoff } = entry.into_inner();
    if name.get_ref().trim().is_empty() {
        return Err(at(name.span().start, "the name is empty".to_owned()));
    }
    if prompts.get_ref().iter().all(|prompt| prompt.trim().is_empty()) {
        let problem = format!("\"{}\" has no prompts; write at least one sentence", name.get_ref());
        return Err(at(prompts.span().start, problem));
    }
    if let Some(cutoff) = cutoff.as_ref().filter(|c| !(-1.0..=1.0).contains(c.get_ref())) {
        let problem = format!("the cut-off {} is not a cosine; it lies between -1 and 1", cutoff.get_ref());
        return Err(at(cutoff.span().start, problem));
    }
    Ok(Category {
        id,
        name: name.into_inner().trim().to_owned(),
        prompts: prompts.into_inner(),
        negatives,
        cutoff: cutoff.map(|c| c.into_inner() as f32),
    })
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[[category]]\nname = \"dog\"\nprompts = [\"a photo of a {}\"]\n";

    fn refused(text: &str, line: usize, word: &str) {
        let error = parse_category_file(text).expect_err(text);
        assert_eq!(error.line, line, "{error}");
        assert!(error.problem.contains(word), "{error}");
    }

    #[test]
    fn a_file_becomes_categories_in_its_order() {
        let text =
            format!("{GOOD}negatives = [\"a wolf\"]\ncutoff = 0.25\n\n[[category]]\nname=\"cat\"\nprompts=[\"cat\"]");
        let categories = parse_category_file(&text).unwrap();
        assert_eq!(categories.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["dog", "cat"]);
        assert_eq!(categories[0].negatives, ["a wolf"]);
        assert_eq!(categories[0].cutoff, Some(0.25));
        assert_eq!(categories[1].cutoff, None);
    }

    #[test]
    fn mistakes_are_refused_with_their_line() {
        refused(&format!("{GOOD}colour = 3\n"), 4, "colour");
        refused(&format!("{GOOD}cutoff = \"high\"\n"), 4, "string");
        refused(&format!("{GOOD}cutoff = 7\n"), 4, "cosine");
        refused("[[category]]\nname = \"dog\"\nprompts = [\"\"]\n", 3, "prompts");
        refused("[[category]]\nprompts = [\"a\"]\n", 1, "name");
        refused("[[category]]\nname = \"dog\nprompts = []\n", 2, "");
        refused("", 1, "[[category]]");
    }

    #[test]
    fn an_argument_holds_a_name_and_its_prompts() {
        let category = parse_category(CategoryId(0), "dog=a photo of a dog|a photo of a puppy").unwrap();
        assert_eq!((category.name.as_str(), category.prompts.len()), ("dog", 2));
        assert_eq!(parse_category(CategoryId(0), "dog").unwrap().prompt_texts(), ["a photo of a dog."]);
        assert!(parse_category(CategoryId(0), "=a dog").is_err());
        assert!(parse_category(CategoryId(0), "dog=").is_err());
    }
}
