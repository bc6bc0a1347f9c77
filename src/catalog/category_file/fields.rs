//! Single fields of a category file: a text, a list, a number.
//!
//! Promise: whatever stands there, the answer is a value or a sentence with the place where the mistake begins.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{MOST_TEXT_CHARS, MOST_WEIGHT};
use crate::catalog::{Prompt, words};

/// What is wrong, and the byte at which it begins.
#[derive(Debug)]
pub struct Mistake {
    pub offset: usize,
    pub problem: String,
}

/// A table of which each field is asked for by its name.
pub struct Fields<'a, 'i> {
    table: &'a DeTable<'i>,
    /// Where the table begins.
    pub offset: usize,
}

pub fn mistake<T>(span: &Range<usize>, problem: impl Into<String>) -> Result<T, Mistake> {
    Err(Mistake { offset: span.start, problem: problem.into() })
}

impl<'a, 'i> Fields<'a, 'i> {
    pub fn of(table: &'a DeTable<'i>, offset: usize) -> Fields<'a, 'i> {
        Fields { table, offset }
    }

    pub fn get(&self, name: &str) -> Option<&'a Spanned<DeValue<'i>>> {
        self.table.get(name)
    }

    /// Refuses fields that are not `known`, the first one of the file first.
    pub fn only(&self, known: &[&str]) -> Result<(), Mistake> {
        let unknown = self.table.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
        let Some(key) = unknown.min_by_key(|key| key.span().start) else { return Ok(()) };
        mistake(&key.span(), format!("there is no field \"{}\" here; there are {}", key.get_ref(), known.join(", ")))
    }

    /// A text without the blanks around it.
    pub fn text(&self, name: &str) -> Result<Option<String>, Mistake> {
        self.get(name).map(|value| text(name, value)).transpose()
    }

    pub fn texts(&self, name: &str) -> Result<Vec<String>, Mistake> {
        self.list(name)?.map(|value| text(name, value)).collect()
    }

    pub fn prompts(&self, name: &str) -> Result<Vec<Prompt>, Mistake> {
        self.list(name)?.map(|value| prompt(name, value)).collect()
    }

    fn list(&self, name: &str) -> Result<impl Iterator<Item = &'a Spanned<DeValue<'i>>>, Mistake> {
        let list = match self.get(name).map(|value| (value.get_ref(), value)) {
            None => None,
            Some((DeValue::Array(list), _)) => Some(list),
            Some((other, value)) => {
                return mistake(
                    &value.span(),
                    format!("{name} is a list in brackets, and here stands {}", kind(other)),
                );
            }
        };
        Ok(list.into_iter().flat_map(|list| list.iter()))
    }
}

/// What stands there, for people.
pub fn kind(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A number as it is written, so that nothing is rounded twice; not a number where it cannot be one.
pub fn number(value: &DeValue) -> Option<f32> {
    match value {
        DeValue::Integer(integer) if integer.radix() == 10 => Some(integer.as_str().parse().unwrap_or(f32::NAN)),
        DeValue::Integer(integer) => {
            Some(i64::from_str_radix(integer.as_str(), integer.radix()).map_or(f32::NAN, |number| number as f32))
        }
        DeValue::Float(float) => Some(float.as_str().parse().unwrap_or(f32::NAN)),
        _ => None,
    }
}

fn text(name: &str, value: &Spanned<DeValue>) -> Result<String, Mistake> {
    let DeValue::String(text) = value.get_ref() else {
        return mistake(
            &value.span(),
            format!("{name} wants text in quotes, and here stands {}", kind(value.get_ref())),
        );
    };
    let text = text.trim();
    if text.is_empty() {
        return mistake(&value.span(), format!("a text in {name} is empty; write something or take it out"));
    }
    if text.chars().count() > MOST_TEXT_CHARS {
        let most = words::count(MOST_TEXT_CHARS);
        return mistake(&value.span(), format!("a text in {name} is longer than {most} characters"));
    }
    if text.chars().any(char::is_control) {
        return mistake(&value.span(), format!("a text in {name} holds a line break or another control character"));
    }
    Ok(text.to_owned())
}

fn prompt(name: &str, value: &Spanned<DeValue>) -> Result<Prompt, Mistake> {
    let DeValue::Table(table) = value.get_ref() else { return Ok(text(name, value)?.into()) };
    let fields = Fields::of(table, value.span().start);
    fields.only(&["text", "weight"])?;
    let Some(text) = fields.text("text")? else {
        return mistake(&value.span(), format!("this one of {name} has no text"));
    };
    let Some(written) = fields.get("weight") else { return Ok(text.into()) };
    let Some(weight) = number(written.get_ref()) else {
        return mistake(&written.span(), format!("weight is a number, and here stands {}", kind(written.get_ref())));
    };
    if !(weight > 0.0 && weight <= MOST_WEIGHT) {
        return mistake(&written.span(), format!("a weight lies above 0 and is at most {MOST_WEIGHT}"));
    }
    Ok(Prompt { text, weight })
}
