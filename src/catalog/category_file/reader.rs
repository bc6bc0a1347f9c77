//! From a file's text to a set of categories.

use std::collections::HashMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fields::{Fields, Mistake, kind, mistake, number};
use super::{CategoryFileError, CategorySet, MOST_SET_BYTES, SET_VERSION};
use crate::catalog::{Category, CategoryId, Cutoff, Labels, TemplateSet, words};

const SET_FIELDS: [&str; 5] = ["version", "name", "description", "labels", "category"];
const CATEGORY_FIELDS: [&str; 8] =
    ["name", "prompts", "synonyms", "templates", "negatives", "exclusions", "cutoff", "group"];

/// Reads a file's bytes; see [`parse_category_set`].
pub fn read_category_set(bytes: &[u8]) -> Result<CategorySet, CategoryFileError> {
    if bytes.len() > MOST_SET_BYTES {
        return Err(too_large());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => parse_category_set(text),
        Err(error) => {
            let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            let problem = "this is not text in UTF-8; save the file in that encoding".to_owned();
            Err(CategoryFileError { line, problem })
        }
    }
}

/// Reads a set; a file without a version is one of before there were versions.
pub fn parse_category_set(text: &str) -> Result<CategorySet, CategoryFileError> {
    if text.len() > MOST_SET_BYTES {
        return Err(too_large());
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let at = |Mistake { offset, problem }| CategoryFileError { line: line_of(text, offset), problem };
    let table = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        at(Mistake { offset, problem: error.message().trim().replace('\n', "; ") })
    })?;
    set(text, &Fields::of(table.get_ref(), 0)).map_err(at)
}

fn too_large() -> CategoryFileError {
    let most = words::count(MOST_SET_BYTES);
    CategoryFileError { line: 1, problem: format!("the file is too large: a set has at most {most} bytes") }
}

fn set(text: &str, fields: &Fields) -> Result<CategorySet, Mistake> {
    // First, because what a newer version added is no mistake.
    check_version(fields)?;
    fields.only(&SET_FIELDS)?;
    let (name, description) = (fields.text("name")?, fields.text("description")?);
    let labels = fields.text("labels")?.map(|labels| labels_of(fields, &labels)).transpose()?;
    let mut categories: Vec<Category> = Vec::new();
    let mut lines: HashMap<String, usize> = HashMap::new();
    for (index, entry) in entries(fields)?.iter().enumerate() {
        let DeValue::Table(table) = entry.get_ref() else {
            return mistake(&entry.span(), format!("a category is a table, and here stands {}", kind(entry.get_ref())));
        };
        let fields = Fields::of(table, entry.span().start);
        let category = category(CategoryId(index as u32), &fields)?;
        let offset = fields.get("name").map_or(fields.offset, |name| name.span().start);
        if let Some(line) = lines.insert(category.name.clone(), line_of(text, offset)) {
            let problem = format!("there is a category called \"{}\" in line {line} already", category.name);
            return Err(Mistake { offset, problem });
        }
        categories.push(category);
    }
    Ok(CategorySet { name, description, labels, categories })
}

fn check_version(fields: &Fields) -> Result<(), Mistake> {
    let Some(value) = fields.get("version") else { return Ok(()) };
    let version = match value.get_ref() {
        DeValue::Integer(integer) => u64::from_str_radix(integer.as_str(), integer.radix()).ok(),
        other => return mistake(&value.span(), format!("version is a number, and here stands {}", kind(other))),
    };
    match version {
        Some(SET_VERSION) => Ok(()),
        Some(newer) if newer > SET_VERSION => {
            let problem =
                format!("this file was written by a newer Tagroll (version {newer} of the format); update it");
            mistake(&value.span(), problem)
        }
        _ => mistake(&value.span(), format!("there is no such version of the format; write version = {SET_VERSION}")),
    }
}

fn entries<'a, 'i>(fields: &Fields<'a, 'i>) -> Result<&'a [Spanned<DeValue<'i>>], Mistake> {
    match fields.get("category").map(|value| (value.get_ref(), value.span())) {
        Some((DeValue::Array(entries), _)) if !entries.is_empty() => Ok(entries),
        Some((other, span)) if !matches!(other, DeValue::Array(_)) => {
            mistake(&span, format!("each category begins with [[category]], and here stands {}", kind(other)))
        }
        _ => mistake(&(0..0), "the file holds no [[category]]"),
    }
}

fn labels_of(fields: &Fields, labels: &str) -> Result<Labels, Mistake> {
    match labels {
        "one" => Ok(Labels::One),
        "several" => Ok(Labels::Several),
        _ => Err(Mistake { offset: offset(fields, "labels"), problem: "labels is \"one\" or \"several\"".to_owned() }),
    }
}

fn category(id: CategoryId, fields: &Fields) -> Result<Category, Mistake> {
    fields.only(&CATEGORY_FIELDS)?;
    let Some(name) = fields.text("name")? else {
        return mistake(&(fields.offset..fields.offset), "this category has no name");
    };
    let templates = fields.text("templates")?.map(|name| templates_of(fields, &name)).transpose()?;
    let prompts = fields.prompts("prompts")?;
    if prompts.is_empty() && templates.is_none() {
        let problem = format!("\"{name}\" has no prompts; write at least one sentence, or name templates");
        return Err(Mistake { offset: offset(fields, "prompts"), problem });
    }
    Ok(Category {
        templates,
        prompts,
        synonyms: fields.texts("synonyms")?,
        negatives: fields.prompts("negatives")?,
        exclusions: fields.texts("exclusions")?,
        cutoff: cutoff(fields)?,
        group: fields.text("group")?,
        ..Category::named(id, &name)
    })
}

fn templates_of(fields: &Fields, name: &str) -> Result<TemplateSet, Mistake> {
    TemplateSet::ALL.into_iter().find(|set| set.name() == name).ok_or_else(|| {
        let known = TemplateSet::ALL.map(|set| format!("\"{}\"", set.name())).join(", ");
        Mistake { offset: offset(fields, "templates"), problem: format!("templates is one of {known}") }
    })
}

fn cutoff(fields: &Fields) -> Result<Cutoff, Mistake> {
    let Some(value) = fields.get("cutoff") else { return Ok(Cutoff::Everything) };
    if value.get_ref().as_str() == Some("auto") {
        return Ok(Cutoff::Auto);
    }
    match number(value.get_ref()) {
        Some(cosine) if (-1.0..=1.0).contains(&cosine) => Ok(Cutoff::At(cosine)),
        Some(_) => mistake(&value.span(), "this cut-off is not a cosine, which lies between -1 and 1"),
        None => {
            let stands = kind(value.get_ref());
            mistake(&value.span(), format!("a cut-off is a number or \"auto\", and here stands {stands}"))
        }
    }
}

/// Where a field's value stands; the table's beginning where there is none.
fn offset(fields: &Fields, name: &str) -> usize {
    fields.get(name).map_or(fields.offset, |value| value.span().start)
}

/// Never past the last line: a file that ends too early is wrong where it ends.
fn line_of(text: &str, offset: usize) -> usize {
    let line = text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
    line.min(text.lines().count().max(1))
}
