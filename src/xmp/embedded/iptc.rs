//! Keywords in IPTC-IIM records.
//!
//! Source: IPTC-NAA Information Interchange Model, version 4.2: dataset 2:25 is a keyword, 1:90 the character set.
//!
//! Promise: records that are cut short, or are none, end the list and nothing else.

use std::borrow::Cow;

const TAG_MARKER: u8 = 0x1c;
const CHARACTER_SET: (u8, u8) = (1, 90);
const KEYWORD: (u8, u8) = (2, 25);

/// The first `most` words, in order and as often as they stand there.
pub(super) fn keywords(block: &[u8], most: usize) -> Vec<String> {
    let block = in_order(block);
    let is_utf8 = records(&block).any(|(dataset, value)| dataset == CHARACTER_SET && says_utf8(value));
    let values = records(&block).filter(|(dataset, _)| *dataset == KEYWORD);
    values.map(|(_, value)| text(value, is_utf8)).filter(|word| !word.is_empty()).take(most).collect()
}

/// Records that a TIFF holds as 32-bit numbers, which they are not, have been turned round by some programs.
fn in_order(block: &[u8]) -> Cow<'_, [u8]> {
    let is_turned = block.first() != Some(&TAG_MARKER) && block.get(3) == Some(&TAG_MARKER);
    if !is_turned {
        return block.into();
    }
    block.chunks(4).flat_map(|number| number.iter().rev()).copied().collect::<Vec<u8>>().into()
}

fn records(block: &[u8]) -> impl Iterator<Item = ((u8, u8), &[u8])> {
    let mut rest = block;
    std::iter::from_fn(move || {
        let (dataset, value, after) = first_record(rest)?;
        rest = after;
        Some((dataset, value))
    })
}

type Record<'a> = ((u8, u8), &'a [u8], &'a [u8]);

/// A record, and what follows it.
fn first_record(bytes: &[u8]) -> Option<Record<'_>> {
    let ([TAG_MARKER, record, dataset, high, low], rest) = bytes.split_first_chunk()? else {
        return None;
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let (length, rest) = if *high < 0x80 { (length, rest) } else { extended_length(length & 0x7fff, rest)? };
    Some(((*record, *dataset), rest.get(..length)?, &rest[length..]))
}

/// The length stands in so many bytes of its own.
fn extended_length(length_bytes: usize, rest: &[u8]) -> Option<(usize, &[u8])> {
    let (digits, rest) = rest.split_at_checked(length_bytes)?;
    let add = |length: usize, digit: &u8| length.checked_mul(256)?.checked_add(usize::from(*digit));
    Some((digits.iter().try_fold(0, add)?, rest))
}

/// ISO 2022's escape sequences for UTF-8, without and with an implementation level.
fn says_utf8(value: &[u8]) -> bool {
    matches!(value, [0x1b, b'%', b'G', ..] | [0x1b, b'%', b'/', b'G'..=b'I', ..])
}

/// Few programs say which characters they use, and UTF-8 is hardly ever right by accident.
fn text(value: &[u8], is_utf8: bool) -> String {
    let text = match str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        // A keyword may have 64 bytes, and some programs cut one inside a letter.
        Err(error) if is_utf8 && error.error_len().is_none() => {
            String::from_utf8_lossy(&value[..error.valid_up_to()]).into_owned()
        }
        Err(_) if is_utf8 => String::from_utf8_lossy(value).into_owned(),
        Err(_) => value.iter().map(|byte| windows_1252(*byte)).collect(),
    };
    text.trim_matches(['\0', ' ']).to_owned()
}

/// Latin-1, with the letters that Windows has where Latin-1 has controls.
fn windows_1252(byte: u8) -> char {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => FROM_80[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
pub(super) use tests::record;

#[cfg(test)]
mod tests {
    use super::*;

    pub fn record(record: u8, dataset: u8, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(value.len()).unwrap().to_be_bytes();
        [&[TAG_MARKER, record, dataset], &length[..], value].concat()
    }

    fn words(records: &[Vec<u8>]) -> Vec<String> {
        keywords(&records.concat(), usize::MAX)
    }

    #[test]
    fn keywords_are_found_among_other_records() {
        let records = [record(2, 0, &[0, 4]), record(2, 25, b"dog"), record(2, 120, b"caption"), record(2, 25, b"sea")];
        assert_eq!(words(&records), ["dog", "sea"]);
    }

    #[test]
    fn letters_are_utf8_where_they_can_be_and_else_those_of_windows() {
        assert_eq!(words(&[record(2, 25, "Käse".as_bytes()), record(2, 25, b"K\xe4se \x80")]), ["Käse", "Käse €"]);
        for says_utf8 in [&b"\x1b%G"[..], b"\x1b%/I"] {
            let cut = &"Straßenfest für Käse".as_bytes()[..15];
            assert_eq!(words(&[record(1, 90, says_utf8), record(2, 25, cut)]), ["Straßenfest f"]);
            assert_eq!(words(&[record(1, 90, says_utf8), record(2, 25, b"K\xe4se")]), ["K\u{fffd}se"]);
        }
        assert_eq!(words(&[record(1, 90, b"\x1b.A"), record(2, 25, b"\xdc\0")]), ["Ü"]);
    }

    #[test]
    fn a_length_may_stand_in_bytes_of_its_own() {
        let long = [&[TAG_MARKER, 2, 25, 0x80, 4, 0, 0, 0, 3][..], b"dog"].concat();
        assert_eq!(words(&[long, record(2, 25, b"sea")]), ["dog", "sea"]);
        let absurd = [&[TAG_MARKER, 2, 25, 0x80, 9][..], &[0xff; 9], b"dog"].concat();
        assert_eq!(words(&[record(2, 25, b"sea"), absurd]), ["sea"]);
    }

    #[test]
    fn records_that_are_cut_short_end_the_list() {
        let records = [record(2, 25, b"dog"), record(2, 25, b"sea")].concat();
        let counts: Vec<usize> = (0..=records.len()).map(|end| keywords(&records[..end], 9).len()).collect();
        assert_eq!(counts, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
    }

    #[test]
    fn records_that_were_turned_round_as_numbers_are_turned_back() {
        let records = [record(2, 25, b"dog"), record(2, 25, b"sea")].concat();
        let turned: Vec<u8> = records.chunks(4).flat_map(|number| number.iter().rev()).copied().collect();
        assert_eq!(keywords(&turned, 9), ["dog", "sea"]);
    }
}
