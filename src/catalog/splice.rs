//! Changes of bytes by place: what is not named stays.

/// What stands between two places, and what comes in its stead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    pub from: usize,
    pub to: usize,
    pub text: Box<str>,
}

/// The new bytes; `None` unless the splices are in order and each within the old ones.
pub fn spliced(bytes: &[u8], splices: &[Splice]) -> Option<Vec<u8>> {
    let mut changed = Vec::with_capacity(bytes.len() + splices.iter().map(|splice| splice.text.len()).sum::<usize>());
    let mut done = 0;
    for Splice { from, to, text } in splices {
        changed.extend_from_slice(bytes.get(done..*from)?);
        changed.extend_from_slice(text.as_bytes());
        done = *to;
        if done < *from {
            return None;
        }
    }
    changed.extend_from_slice(bytes.get(done..)?);
    Some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn splice(from: usize, to: usize, text: &str) -> Splice {
        Splice { from, to, text: text.into() }
    }

    #[test]
    fn what_is_not_named_stays() {
        let splices = [splice(0, 2, ""), splice(3, 3, "x"), splice(3, 4, "Y")];
        assert_eq!(spliced(b"abcdef", &splices).unwrap(), b"cxYef");
        assert_eq!(spliced(b"abcdef", &[]).unwrap(), b"abcdef");
    }

    #[test]
    fn splices_of_other_bytes_are_refused() {
        for wrong in [
            [splice(0, 9, ""), splice(9, 9, "")],
            [splice(3, 4, ""), splice(2, 3, "")],
            [splice(3, 1, ""), splice(3, 3, "")],
        ] {
            assert_eq!(spliced(b"abcdef", &wrong), None);
        }
    }
}
