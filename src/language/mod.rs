//! The languages that the window speaks. English stands in the source, where it is used, and is the key to its
//! translations; each further language is one file in `assets/languages`, compiled in.
//!
//! The language is one for the whole process, and English until somebody sets another: the command line never does, so
//! its words and its JSON stay English. What the parts below the window say is English as well, because it is stored,
//! compared and printed; the window translates it by its form when it is shown ([`message`]).
//!
//! Another language needs one file and a line in [`Language::ALL`] and its neighbours.

mod dictionary;
mod form;
#[cfg(feature = "gui")]
mod macros;
mod numbers;

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use serde::{Deserialize, Serialize};

use dictionary::Dictionary;
#[cfg(feature = "gui")]
pub(crate) use macros::{plural, tr};
pub use numbers::{count, decimal};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    German,
}

/// What a person chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LanguageChoice {
    /// The system's language, where Tagroll speaks it.
    #[default]
    System,
    English,
    German,
}

static CURRENT: AtomicU8 = AtomicU8::new(Language::English as u8);

impl Language {
    pub const ALL: [Language; 2] = [Language::English, Language::German];

    /// The language that a locale such as "de_AT.UTF-8" asks for, else English.
    pub fn of_locale(locale: &str) -> Language {
        let code = locale.split(['-', '_', '.', '@']).next().unwrap_or_default();
        match code.to_ascii_lowercase().as_str() {
            "de" => Language::German,
            _ => Language::English,
        }
    }

    /// How numbers are written: what parts thousands, and what comes before the decimals.
    fn separators(self) -> (char, char) {
        match self {
            Language::English => (',', '.'),
            Language::German => ('.', ','),
        }
    }

    /// `None` for English, which needs none.
    fn dictionary(self) -> Option<&'static Dictionary> {
        static GERMAN: OnceLock<Dictionary> = OnceLock::new();
        match self {
            Language::English => None,
            Language::German => {
                Some(GERMAN.get_or_init(|| Dictionary::of(include_str!("../../assets/languages/de.toml"))))
            }
        }
    }
}

impl LanguageChoice {
    pub const ALL: [LanguageChoice; 3] = [LanguageChoice::System, LanguageChoice::English, LanguageChoice::German];

    /// What is to be spoken on a system with this language.
    pub fn language(self, system: Language) -> Language {
        match self {
            LanguageChoice::System => system,
            LanguageChoice::English => Language::English,
            LanguageChoice::German => Language::German,
        }
    }
}

/// The language that is spoken now.
pub fn current() -> Language {
    let number = CURRENT.load(Ordering::Relaxed);
    Language::ALL.into_iter().find(|language| *language as u8 == number).unwrap_or_default()
}

/// Speaks this language from now on.
pub fn speak(language: Language) {
    CURRENT.store(language as u8, Ordering::Relaxed);
}

/// The language of the system, where Tagroll speaks it.
pub fn of_system() -> Language {
    sys_locale::get_locale().map_or(Language::English, |locale| Language::of_locale(&locale))
}

/// A text of the window in the current language. One that has no translation stays English.
pub fn tr(text: &str) -> &str {
    current().dictionary().and_then(|dictionary| dictionary.text(text)).unwrap_or(text)
}

/// A text that stands in a table and is translated with [`tr`] where it is shown.
pub const fn text(text: &'static str) -> &'static str {
    text
}

/// What a part below the window has said, such as a reason or a notice, in the current language. What is not known stays
/// as it is: words of the system or of a library, and names.
pub fn message(message: &str) -> Cow<'_, str> {
    current().dictionary().map_or(Cow::Borrowed(message), |dictionary| dictionary.message(message))
}

/// A translated text with values in place of the names in braces.
pub fn filled(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16 * values.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let named = after.split_once('}').and_then(|(name, after)| {
            let value = values.iter().find(|(known, _)| *known == name)?.1;
            Some((value, after))
        });
        match named {
            Some((value, after)) => {
                filled.push_str(&value.to_string());
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_of_any_spelling_names_its_language() {
        let languages = ["de", "de-DE", "de_AT.UTF-8", "DE", "en_GB", "fr", "C", ""].map(Language::of_locale);
        let expected = [[Language::German; 4], [Language::English; 4]].concat();
        assert_eq!(languages.as_slice(), expected);
    }

    #[test]
    fn values_take_the_places_of_their_names() {
        let photos = 3;
        assert_eq!(filled("{n} of {m}: {}", &[("m", &photos), ("n", &"two")]), "two of 3: {}");
        assert_eq!(filled(tr("Open {name}"), &[("name", &"a")]), "Open a");
    }

    #[test]
    fn english_is_spoken_until_another_language_is_set() {
        assert_eq!(current(), Language::English);
        assert_eq!((tr("Open…"), &*message("The file is empty.")), ("Open…", "The file is empty."));
    }
}
