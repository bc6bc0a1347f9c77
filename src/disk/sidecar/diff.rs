//! Old and new contents beside each other, as programmers compare texts.

use std::fmt::Write;

use similar::{Change, ChangeTag, TextDiff};

/// Lines around a change that are shown.
const CONTEXT_LINES: usize = 3;
/// Longer lines are cut: packets of other programs hold whole pictures in one.
const MOST_CHARS: usize = 160;

/// What differs, in the form of `diff -u`. What is not UTF-8 is shown with a stand-in, and long lines are shortened around
/// what differs in them.
pub fn diff(before: &[u8], after: &[u8]) -> String {
    let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    let diff = TextDiff::from_lines(before.as_ref(), after.as_ref());
    let mut text = String::new();
    for hunk in diff.unified_diff().context_radius(CONTEXT_LINES).iter_hunks() {
        let _ = writeln!(text, "{}", hunk.header());
        let changes: Vec<Change<&str>> = hunk.iter_changes().collect();
        for (place, change) in changes.iter().enumerate() {
            let (start, end) = twin(&changes, place).map_or((0, 0), |twin| differing(change.value(), twin));
            let _ = writeln!(text, "{}{}", change.tag(), shortened(change.value().trim_end(), start, end));
        }
    }
    text
}

/// The line that stands on the other side in the place of this one.
fn twin<'a>(changes: &[Change<&'a str>], place: usize) -> Option<&'a str> {
    let tag = changes[place].tag();
    let is_other = |change: &&Change<&str>| change.tag() != tag;
    let is_same = |change: &&Change<&str>| change.tag() == tag;
    match tag {
        ChangeTag::Equal => None,
        ChangeTag::Delete => {
            let nth = changes[..place].iter().rev().take_while(is_same).count();
            let added = changes[place..].iter().skip_while(is_same);
            added.take_while(|change| change.tag() == ChangeTag::Insert).nth(nth).map(Change::value)
        }
        ChangeTag::Insert => {
            let nth = changes[..place].iter().rev().take_while(is_same).count();
            let removed = changes[..place - nth].iter().rev().take_while(is_other);
            let removed: Vec<&str> =
                removed.take_while(|change| change.tag() == ChangeTag::Delete).map(Change::value).collect();
            removed.iter().rev().nth(nth).copied()
        }
    }
}

/// The characters of `line`, from and to, that `twin` does not have.
fn differing(line: &str, twin: &str) -> (usize, usize) {
    let start = line.chars().zip(twin.chars()).take_while(|(a, b)| a == b).count();
    let most = line.chars().count().min(twin.chars().count()) - start;
    let same_end = line.chars().rev().zip(twin.chars().rev()).take(most).take_while(|(a, b)| a == b).count();
    (start, line.chars().count() - same_end)
}

fn shortened(line: &str, start: usize, end: usize) -> String {
    let length = line.chars().count();
    if length <= MOST_CHARS {
        return line.to_owned();
    }
    let around = MOST_CHARS.saturating_sub(end.saturating_sub(start)) / 2;
    let from = start.saturating_sub(around);
    let middle: String = line.chars().skip(from).take(MOST_CHARS).collect();
    let is_cut = from + MOST_CHARS < length;
    format!("{}{middle}{}", if from > 0 { "…" } else { "" }, if is_cut { "…" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown_with_three_lines_around() {
        let before = (1..=20).map(|number| format!("{number}\n")).collect::<String>();
        let after = before.replace("10\n", "ten\n");
        assert_eq!(
            diff(before.as_bytes(), after.as_bytes()),
            "@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n"
        );
        assert_eq!(diff(b"same", b"same"), "");
        assert_eq!(diff(b"", b"new\n"), "@@ -0,0 +1 @@\n+new\n");
    }

    #[test]
    fn a_long_line_is_shortened_around_what_differs_in_it() {
        let before = format!("{}dog{}", "a".repeat(9000), "b".repeat(9000));
        let shown = diff(before.as_bytes(), before.replace("dog", "cat").as_bytes());
        assert!(shown.contains("aadogbb") && shown.contains("aacatbb"), "{shown}");
        assert!(shown.chars().count() < 2 * MOST_CHARS + 60, "{shown}");
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_with_a_stand_in() {
        assert!(diff(b"caf\xe9\n", b"cafe\n").contains("-caf\u{fffd}\n+cafe\n"));
    }

    #[test]
    fn every_line_meets_the_one_in_its_place() {
        let long = |word: &str| format!("{}{word}{}\n", "a".repeat(500), "b".repeat(500));
        let before = long("one") + &long("two");
        let after = long("uno") + &long("dos") + "three\n";
        let shown = diff(before.as_bytes(), after.as_bytes());
        for word in ["aoneb", "atwob", "aunob", "adosb", "+three"] {
            assert!(shown.contains(word), "{word}: {shown}");
        }
    }
}
