//! Takes out of a crash what belongs to the person.
//!
//! Promise: what a message says is kept up to the first thing that may be a name of a photo, a folder or a category, and
//! of paths only what lies inside the program's own source, its libraries' or the standard library's.

/// What Rust itself puts between backticks.
const CODE: [&str; 8] = [
    "`left == right`",
    "`left != right`",
    "`Option::unwrap()`",
    "`Result::unwrap()`",
    "`Result::unwrap_err()`",
    "`None`",
    "`Err`",
    "`Ok`",
];
const LEFT_OUT: &str = "…";
const MOST_LINES: usize = 400;

/// A message without what it quotes: names stand in quotation marks, or are paths, or end in ".jpg".
pub fn message(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some(code) = CODE.iter().find(|code| rest.starts_with(**code)) {
            kept.push_str(code);
            rest = &rest[code.len()..];
        } else if may_begin_name(kept.chars().next_back(), rest) {
            return kept.trim_end().to_owned() + " " + LEFT_OUT;
        } else {
            kept.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    kept
}

/// Whether a name may stand here: in quotation marks, as a path, or as a word with an ending.
fn may_begin_name(before: Option<char>, rest: &str) -> bool {
    let mut chars = rest.chars();
    let next = chars.next().unwrap_or(' ');
    if matches!(next, '"' | '`' | '“' | '‘' | '«' | '„' | '\\' | '/') {
        return true;
    }
    // An apostrophe inside a word quotes nothing, but one before a word does.
    let is_quote = next == '\'' && !before.is_some_and(char::is_alphanumeric);
    let word: String = rest.chars().take_while(|c| !c.is_whitespace()).collect();
    is_quote || word.contains(['/', '\\']) || has_ending(&word)
}

/// Whether a letter follows a dot inside the word, as in "a.jpg" but not in "1.5", "0..4" or "there.".
fn has_ending(word: &str) -> bool {
    word.match_indices('.').any(|(at, _)| {
        let before = word[..at].chars().next_back();
        let after = word[at + 1..].chars().next();
        before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphabetic)
    })
}

/// A place in source code, from where its project begins.
pub fn place(path: &str) -> String {
    let path = path.replace('\\', "/");
    if let Some((_, library)) = path.split_once("/registry/src/") {
        return below_first_folder(library);
    }
    if let Some(library) = path.strip_prefix("/rustc/") {
        return below_first_folder(library);
    }
    if path.starts_with("src/") || path.starts_with("./src/") {
        return path;
    }
    match path.rfind("/src/") {
        Some(at) => path[at + 1..].to_owned(),
        None => path.rsplit('/').next().unwrap_or_default().to_owned(),
    }
}

fn below_first_folder(path: &str) -> String {
    path.split_once('/').map_or(path, |(_, below)| below).to_owned()
}

/// The functions that were under way, each with its place.
pub fn backtrace(text: &str) -> String {
    let line = |line: &str| match line.trim_start().strip_prefix("at ") {
        Some(path) => format!("             at {}\n", place(path)),
        None => format!("{line}\n"),
    };
    text.lines().take(MOST_LINES).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_where_a_name_may_begin() {
        for (text, kept) in [
            (
                "Found { visit: Visit { root: \"/home/anna/Photos\" } } is not of a visit",
                "Found { visit: Visit { root: …",
            ),
            ("nothing at /home/anna/My Photos/a b.jpg today", "nothing at …"),
            ("nothing at C:\\Users\\Anna today", "nothing at …"),
            (
                "byte index 1 is not a char boundary; it is inside 'é' (bytes 0..2) of `é.jpg`",
                "byte index 1 is not a char boundary; it is inside …",
            ),
            ("photo IMG_2041.JPG is gone", "photo …"),
            (
                "called `Result::unwrap()` on an `Err` value: Os { code: 2, message: \"No\" }",
                "called `Result::unwrap()` on an `Err` value: Os { code: 2, message: …",
            ),
            ("a category called `dog`", "a category called …"),
        ] {
            assert_eq!(message(text), kept);
        }
    }

    #[test]
    fn a_message_without_names_stays_whole() {
        for text in [
            "index out of bounds: the len is 3 but the index is 7",
            "assertion `left == right` failed: rows\n  left: 1\n right: 2.5",
            "range 0..4 doesn't end there.",
        ] {
            assert_eq!(message(text), text);
        }
    }

    #[test]
    fn a_place_begins_where_its_project_does() {
        for (path, kept) in [
            ("src/disk/decode.rs:75:9", "src/disk/decode.rs:75:9"),
            ("/home/anna/src/tagroll/src/disk/decode.rs:75:9", "src/disk/decode.rs:75:9"),
            ("C:\\Users\\Anna\\tagroll\\src\\main.rs:3:1", "src/main.rs:3:1"),
            (
                "/home/anna/.cargo/registry/src/index.crates.io-1949/egui-0.37.0/src/ui.rs:5:1",
                "egui-0.37.0/src/ui.rs:5:1",
            ),
            ("/rustc/59807616/library/core/src/panicking.rs:80:14", "library/core/src/panicking.rs:80:14"),
            ("/home/anna/main.rs:1:1", "main.rs:1:1"),
        ] {
            assert_eq!(place(path), kept);
        }
    }

    #[test]
    fn a_backtrace_keeps_functions_and_places() {
        let text = "   0: tagroll::disk::decode\n             at /home/anna/tagroll/src/disk/decode.rs:75:9\n";
        assert_eq!(backtrace(text), "   0: tagroll::disk::decode\n             at src/disk/decode.rs:75:9\n");
    }
}
