//! Reads the texts out of source files: what is translated, and every other text.

use std::fs;
use std::path::{Path, PathBuf};

/// The code of a file, in which each text is the number of its place in `texts`, in quotes.
pub struct Source {
    /// Below `src/`.
    pub path: String,
    code: String,
    pub texts: Vec<String>,
}

/// All files in these folders of `src/`, without their tests.
pub fn sources(folders: &[&str]) -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = folders.iter().flat_map(|folder| files_in(&src.join(folder)));
    files
        .map(|file| {
            let path = file.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
            let text = fs::read_to_string(&file).unwrap();
            let (code, texts) = read(text.split("#[cfg(test)]").next().unwrap_or_default());
            Source { path, code, texts }
        })
        .filter(|source| !source.path.contains("test"))
        .collect()
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let rust = files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    rust.chain(folders.iter().flat_map(|folder| files_in(folder))).collect()
}

impl Source {
    /// The places of texts that are translated: in `tr`, `text`, `counted` and `plural!`.
    pub fn translated(&self) -> Vec<usize> {
        let first =
            ["tr", "tr!", "text"].iter().flat_map(|name| self.calls(name)).filter_map(|call| number(call.first()?));
        let pairs = ["counted", "plural!"].iter().flat_map(|name| self.calls(name));
        first.chain(pairs.flat_map(|call| call.into_iter().skip(1).take(2)).filter_map(number)).collect()
    }

    /// What stands before a text, without spaces.
    pub fn before(&self, place: usize) -> &str {
        let at = self.code.find(&format!("\"{place}\"")).unwrap();
        self.code[..at].trim_end()
    }

    /// What is given to each call of a function or macro.
    fn calls(&self, name: &str) -> Vec<Vec<&str>> {
        let opening = format!("{name}(");
        let is_part = |before: &str| before.ends_with(|c: char| c.is_alphanumeric() || "_.!".contains(c));
        let starts = self.code.match_indices(&opening).filter(|(at, _)| !is_part(&self.code[..*at]));
        starts.map(|(at, _)| arguments(&self.code[at + opening.len()..])).collect()
    }
}

/// The arguments up to the closing bracket.
fn arguments(code: &str) -> Vec<&str> {
    let (mut depth, mut start, mut arguments) = (0, 0, Vec::new());
    for (at, letter) in code.char_indices() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => {
                arguments.push(code[start..at].trim());
                break;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                arguments.push(code[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    arguments
}

fn number(argument: &str) -> Option<usize> {
    argument.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

/// The code without remarks and letters in quotes, with numbers in place of its texts; and the texts.
fn read(source: &str) -> (String, Vec<String>) {
    let (mut code, mut texts, mut rest) = (String::new(), Vec::new(), source);
    while let Some(letter) = rest.chars().next() {
        let is_named = code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if let Some((text, after)) = raw_text(rest).filter(|_| !is_named) {
            code += &format!("\"{}\"", texts.len());
            texts.push(text);
            rest = after;
        } else if letter == '"' {
            let (text, after) = plain_text(&rest[1..]);
            code += &format!("\"{}\"", texts.len());
            texts.push(text);
            rest = after;
        } else if let Some(after) = quoted_letter(rest) {
            code += "' '";
            rest = after;
        } else {
            code.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    (code, texts)
}

fn raw_text(rest: &str) -> Option<(String, &str)> {
    let marks = rest.strip_prefix('r')?;
    let hashes = marks.len() - marks.trim_start_matches('#').len();
    let inner = marks[hashes..].strip_prefix('"')?;
    let (text, after) = inner.split_once(&format!("\"{}", "#".repeat(hashes)))?;
    Some((text.to_owned(), after))
}

/// A letter in quotes; a lifetime has no closing one.
fn quoted_letter(rest: &str) -> Option<&str> {
    let inner = rest.strip_prefix('\'')?;
    let end = if inner.starts_with('\\') { 2 + inner[2..].find('\'')? } else { inner.chars().next()?.len_utf8() };
    inner[end..].strip_prefix('\'')
}

/// A text from its opening quote on, as the program sees it, and what follows it.
fn plain_text(inner: &str) -> (String, &str) {
    let (mut text, mut letters) = (String::new(), inner.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => match letters.next() {
                Some('n') => text.push('\n'),
                Some('u') => {
                    let code = letters.by_ref().skip(1).take_while(|letter| *letter != '}').collect::<String>();
                    text.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                }
                Some('\n') => letters = letters.as_str().trim_start().chars(),
                Some(other) => text.push(other),
                None => {}
            },
            other => text.push(other),
        }
    }
    (text, letters.as_str())
}

#[test]
fn texts_are_told_from_remarks_letters_and_lifetimes() {
    let source =
        "// \"no\"\nfn a<'a>(b: &'a str) { tr(\"one \\\n   text\"); c(r#\"a \"raw\" one\"#, '\"', \"\\u{201c}\\\"\") }";
    let (code, texts) = read(source);
    assert_eq!(texts, ["one text", "a \"raw\" one", "“\""]);
    assert!(code.contains("tr(\"0\"); c(\"1\", ' ', \"2\")"), "{code}");
}
