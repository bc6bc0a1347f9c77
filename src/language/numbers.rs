//! Numbers as the current language writes them.

use super::{Language, current};

/// `12403` as "12,403".
pub fn count(number: usize) -> String {
    grouped(number, current())
}

/// A number with so many decimals: "9.4".
pub fn decimal(number: impl Into<f64>, decimals: usize) -> String {
    pointed(number.into(), decimals, current())
}

fn grouped(number: usize, language: Language) -> String {
    let (thousands, _) = language.separators();
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(thousands);
        }
        text.push(digit);
    }
    text
}

fn pointed(number: f64, decimals: usize, language: Language) -> String {
    let text = format!("{number:.decimals$}");
    match language.separators() {
        (_, '.') => text,
        (_, point) => text.replace('.', point.encode_utf8(&mut [0; 4])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_each_language_does() {
        let both = |number| Language::ALL.map(|language| grouped(number, language));
        assert_eq!(both(999), ["999", "999"]);
        assert_eq!(both(1_234_567), ["1,234,567", "1.234.567"]);
        assert_eq!(Language::ALL.map(|language| pointed(9.44, 1, language)), ["9.4", "9,4"]);
        assert_eq!(pointed(-0.5, 3, Language::German), "-0,500");
    }
}
