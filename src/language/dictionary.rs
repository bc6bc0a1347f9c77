//! One language: what each text of the window is called in it, and what becomes of each message of the parts below.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::form::Form;

pub struct Dictionary {
    texts: HashMap<String, String>,
    /// Those that say most by themselves first, so that the one that fits best is found first.
    messages: Vec<(Form, String)>,
}

/// A file of `assets/languages`.
#[derive(serde::Deserialize)]
struct Written {
    /// English = translation, of texts of the window.
    texts: HashMap<String, String>,
    /// The same of messages. What stands in braces is any text, and may itself be a message.
    messages: BTreeMap<String, String>,
    /// Messages of the system, which stand within others.
    #[serde(default)]
    system: BTreeMap<String, String>,
}

impl Dictionary {
    pub fn of(file: &str) -> Dictionary {
        let Written { texts, messages, system } = toml::from_str(file).expect("it is compiled in, and a test reads it");
        let mut messages: Vec<(Form, String)> = messages
            .into_iter()
            .chain(system)
            .map(|(english, translation)| (Form::of(&english), translation))
            .collect();
        messages.sort_by_key(|(form, _)| std::cmp::Reverse(form.said()));
        Dictionary { texts, messages }
    }

    pub fn text(&self, english: &str) -> Option<&str> {
        self.texts.get(english).map(String::as_str)
    }

    /// A message by its form; else the parts of a chain "what was done: why", or the sentences, each by itself.
    pub fn message<'a>(&self, english: &'a str) -> Cow<'a, str> {
        if let Some(translation) = self.known(english) {
            return Cow::Owned(translation);
        }
        // A colon parts two halves of a sentence; a full stop belongs to the first of two.
        for (separator, kept) in [(": ", 0), (". ", 1)] {
            for (at, _) in english.match_indices(separator) {
                let (before, after) = (&english[..at + kept], &english[at + separator.len()..]);
                let between = &separator[kept..];
                match (self.known(before), self.known(after)) {
                    (Some(before), _) => return Cow::Owned(format!("{before}{between}{}", self.message(after))),
                    (None, Some(after)) => return Cow::Owned(format!("{before}{between}{after}")),
                    (None, None) => {}
                }
            }
        }
        Cow::Borrowed(english)
    }

    /// The same message may end a sentence, or stand within one.
    fn known(&self, english: &str) -> Option<String> {
        self.whole(english).or_else(|| Some(self.whole(english.strip_suffix('.')?)? + "."))
    }

    fn whole(&self, english: &str) -> Option<String> {
        self.messages.iter().find_map(|(form, translation)| {
            let values = form.values_in(english)?;
            let values: Vec<(&str, Cow<'_, str>)> =
                values.into_iter().map(|(name, value)| (name, self.message(value))).collect();
            let values: Vec<(&str, &dyn std::fmt::Display)> =
                values.iter().map(|(name, value)| (*name, value as &dyn std::fmt::Display)).collect();
            Some(super::filled(translation, &values))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [texts]
        "Open…" = "Öffnen…"
        [messages]
        "The file is empty." = "Die Datei ist leer."
        "Could not read {1}" = "{1} ist nicht lesbar"
        "Could not read {1}: {why}." = "{1} ist nicht lesbar: {why}."
        "the disk is full" = "der Datenträger ist voll"
    "#;

    #[test]
    fn a_message_is_known_by_its_form_and_its_parts_by_theirs() {
        let dictionary = Dictionary::of(FILE);
        for (english, german) in [
            ("The file is empty.", "Die Datei ist leer."),
            ("Could not read a.jpg: the disk is full.", "a.jpg ist nicht lesbar: der Datenträger ist voll."),
            ("Could not read a.jpg: os error 5", "a.jpg ist nicht lesbar: os error 5"),
            ("Could not read a.jpg: the disk is full", "a.jpg ist nicht lesbar: der Datenträger ist voll"),
            ("a.jpg: the disk is full.", "a.jpg: der Datenträger ist voll."),
            ("Something else. The file is empty.", "Something else. Die Datei ist leer."),
            ("Something else", "Something else"),
        ] {
            assert_eq!(dictionary.message(english), german);
        }
        assert_eq!((dictionary.text("Open…"), dictionary.text("Close")), (Some("Öffnen…"), None));
    }

    #[test]
    fn a_name_that_reads_like_a_text_of_the_window_stays_a_name() {
        assert_eq!(Dictionary::of(FILE).message("Could not read Open…"), "Open… ist nicht lesbar");
    }
}
