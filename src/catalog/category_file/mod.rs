//! Sets of categories as people write them: a TOML file, or one argument on the command line.
//!
//! Promise: what is written is read back as it was, and every mistake is refused with the line that it stands in;
//! nothing is guessed or skipped. `assets/sets/README.md` describes the file for people.

mod fields;
mod reader;
mod writer;

pub use reader::{parse_category_set, read_category_set};
pub use writer::write_category_set;

use super::{Category, CategoryId, DEFAULT_TEMPLATE, Labels, Prompt};

/// The version of the file format that is written; older ones are read, too.
pub const SET_VERSION: u64 = 1;
/// A set of a thousand categories with ten sentences each fits in.
pub const MOST_SET_BYTES: usize = 1_000_000;
/// The longest name or sentence, in characters. Models read less than a tenth of it.
pub const MOST_TEXT_CHARS: usize = 1000;
/// The heaviest prompt.
pub const MOST_WEIGHT: f32 = 100.0;

/// Categories that belong together, to be kept and given to others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CategorySet {
    pub name: Option<String>,
    /// What it is for, in a sentence.
    pub description: Option<String>,
    /// How many categories a photo may be given; `None` leaves that as it is.
    pub labels: Option<Labels>,
    /// Numbered from 0; a session that takes them up gives them ids of its own.
    pub categories: Vec<Category>,
}

/// What is wrong, and in which line (from 1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct CategoryFileError {
    pub line: usize,
    pub problem: String,
}

/// The categories of a file, for those who need nothing else of it.
pub fn parse_category_file(text: &str) -> Result<Vec<Category>, CategoryFileError> {
    Ok(parse_category_set(text)?.categories)
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
    Ok(Category { prompts: prompts.into_iter().map(Prompt::from).collect(), ..Category::named(id, name) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Cutoff, TemplateSet};

    const GOOD: &str = "[[category]]\nname = \"dog\"\nprompts = [\"a photo of a {}\"]\n";

    fn refused(text: &str, line: usize, word: &str) {
        let error = parse_category_set(text).expect_err(text);
        assert_eq!(error.line, line, "{text}\n{error}");
        assert!(error.problem.contains(word), "{text}\n{error}");
    }

    #[test]
    fn a_file_of_before_versions_becomes_categories_in_its_order() {
        let text =
            format!("{GOOD}negatives = [\"a wolf\"]\ncutoff = 0.25\n\n[[category]]\nname=\"cat\"\nprompts=[\"cat\"]");
        let categories = parse_category_file(&text).unwrap();
        assert_eq!(categories.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["dog", "cat"]);
        assert_eq!(categories[0].negatives, [Prompt::from("a wolf")]);
        assert_eq!(categories[0].cutoff, Cutoff::At(0.25));
        assert_eq!(categories[1].cutoff, Cutoff::Everything);
    }

    #[test]
    fn every_field_is_read() {
        let text = "version = 1\nname = \"Pets\"\ndescription = \"At home\"\nlabels = \"several\"\n[[category]]\n\
                    name = \"animal/dog\"\nsynonyms = [\"puppy\"]\ntemplates = \"photos\"\n\
                    prompts = [\"a {}\", { text = \"a {} at play\", weight = 2 }]\n\
                    negatives = [{ text = \"a wolf\", weight = 0.5 }]\nexclusions = [\"a drawing\"]\n\
                    cutoff = \"auto\"\ngroup = \"animals\"\n";
        let set = parse_category_set(text).unwrap();
        assert_eq!((set.name.as_deref(), set.labels), (Some("Pets"), Some(Labels::Several)));
        let heavier = Prompt { text: "a {} at play".to_owned(), weight: 2.0 };
        let expected = Category {
            synonyms: vec!["puppy".to_owned()],
            templates: Some(TemplateSet::Photos),
            prompts: vec!["a {}".into(), heavier],
            negatives: vec![Prompt { text: "a wolf".to_owned(), weight: 0.5 }],
            exclusions: vec!["a drawing".to_owned()],
            cutoff: Cutoff::Auto,
            group: Some("animals".to_owned()),
            ..Category::named(CategoryId(0), "animal/dog")
        };
        assert_eq!(set.categories, [expected]);
    }

    #[test]
    fn mistakes_in_a_category_are_refused_with_their_line() {
        for (line, word) in [
            ("colour = 3", "colour"),
            ("cutoff = \"high\"", "auto"),
            ("cutoff = 7", "cosine"),
            ("cutoff = nan", "cosine"),
            ("cutoff = true", "true or false"),
            ("templates = \"films\"", "screenshots"),
            ("group = \" \"", "empty"),
            ("synonyms = \"puppy\"", "list"),
            ("negatives = [{ text = \"a wolf\", weight = 0 }]", "above 0"),
            ("negatives = [{ text = \"a wolf\", weight = 1e400 }]", "above 0"),
            ("negatives = [{ weight = 1 }]", "text"),
            ("negatives = [{ text = \"a wolf\", size = 1 }]", "size"),
            ("negatives = [3]", "number"),
            ("exclusions = [{ text = \"a wolf\" }]", "text"),
            ("name = \"cat\"", "duplicate"),
        ] {
            refused(&format!("{GOOD}{line}\n"), 4, word);
        }
        refused("[[category]]\nname = \"dog\"\nprompts = [\"\"]\n", 3, "prompts");
        refused("[[category]]\nname = \"dog\"\nprompts = [\n\"a\",\n2]\n", 5, "number");
        refused("[[category]]\nprompts = [\"a\"]\n", 1, "name");
        refused("[[category]]\nname = \"dog\"\n", 1, "prompts");
        refused("[[category]]\nname = \"dog\nprompts = []\n", 2, "");
        refused(&format!("{GOOD}{GOOD}"), 5, "line 2");
        refused(&format!("{GOOD}exclusions = [\"{}\"]", "x".repeat(1001)), 4, "1,000");
    }

    #[test]
    fn mistakes_in_a_set_are_refused_with_their_line() {
        refused("", 1, "[[category]]");
        refused("\n\nversion = 2\nnews = 3\n", 3, "newer");
        refused("version = \"one\"\n", 1, "number");
        refused(&format!("labels = \"some\"\n{GOOD}"), 1, "several");
        refused(&format!("name = \"\"\n{GOOD}"), 1, "empty");
        refused("category = 3\n", 1, "[[category]]");
        refused(&"#".repeat(MOST_SET_BYTES + 1), 1, "large");
        assert_eq!(read_category_set(b"version = 1\n# caf\xe9\n").unwrap_err().line, 2);
    }

    #[test]
    fn marks_and_line_ends_of_other_systems_change_nothing() {
        let plain = parse_category_set(GOOD).unwrap();
        assert_eq!(parse_category_set(&format!("\u{feff}{GOOD}")).unwrap(), plain);
        assert_eq!(parse_category_set(&GOOD.replace('\n', "\r\n")).unwrap(), plain);
    }

    #[test]
    fn an_argument_holds_a_name_and_its_prompts() {
        let category = parse_category(CategoryId(0), "dog=a photo of a dog|a photo of a puppy").unwrap();
        assert_eq!((category.name.as_str(), category.prompts.len()), ("dog", 2));
        assert_eq!(parse_category(CategoryId(0), "dog").unwrap().prompts, [Prompt::from(DEFAULT_TEMPLATE)]);
        assert!(parse_category(CategoryId(0), "=a dog").is_err());
        assert!(parse_category(CategoryId(0), "dog=").is_err());
    }
}
