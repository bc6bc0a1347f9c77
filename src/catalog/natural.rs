//! The order people expect of file names: `IMG_2` before `IMG_10`.

use std::cmp::Ordering;
use std::path::Path;

/// Compares folder by folder; runs of digits count as numbers, and letters without regard to case where that decides.
/// A total order: only equal paths are equal.
pub fn natural_order(a: &Path, b: &Path) -> Ordering {
    let (mut left, mut right) = (a.components(), b.components());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return a.cmp(b),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => {
                let order = by_name(x.as_os_str().as_encoded_bytes(), y.as_os_str().as_encoded_bytes());
                if order.is_ne() {
                    return order;
                }
            }
        }
    }
}

fn by_name(mut a: &[u8], mut b: &[u8]) -> Ordering {
    while let (Some(x), Some(y)) = (a.first(), b.first()) {
        let order = if x.is_ascii_digit() && y.is_ascii_digit() {
            by_number(take_digits(&mut a), take_digits(&mut b))
        } else {
            (a, b) = (&a[1..], &b[1..]);
            x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase())
        };
        if order.is_ne() {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

fn take_digits<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    *text = rest;
    digits
}

/// Numbers of any length: without leading zeros, the longer is the larger.
fn by_number(a: &[u8], b: &[u8]) -> Ordering {
    let strip = |digits: &[u8]| digits.iter().position(|d| *d != b'0').unwrap_or(digits.len());
    let (x, y) = (&a[strip(a)..], &b[strip(b)..]);
    x.len().cmp(&y.len()).then_with(|| x.cmp(y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_people_read_them() {
        let sorted = ["a/IMG_2.jpg", "a/IMG_10.jpg", "a/img_11.jpg", "a/x/1.jpg", "b/0.jpg"];
        for pair in sorted.windows(2) {
            assert_eq!(natural_order(Path::new(pair[0]), Path::new(pair[1])), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn names_that_differ_only_in_case_or_zeros_are_not_equal() {
        for (a, b) in [("A", "a"), ("01", "1"), ("a1", "a01")] {
            assert_ne!(natural_order(Path::new(a), Path::new(b)), Ordering::Equal, "{a} {b}");
            assert_eq!(natural_order(Path::new(a), Path::new(b)), natural_order(Path::new(b), Path::new(a)).reverse());
        }
    }
}
