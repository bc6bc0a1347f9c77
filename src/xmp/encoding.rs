//! The bytes of a packet as text, and back, so that text that was not changed gives the very bytes it came from.

use super::XmpError;

/// More than any program writes into a sidecar; a larger file is something else.
pub const MOST_BYTES: usize = 64 << 20;

/// How the text lies in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    unit: Unit,
    has_mark: bool,
    /// Zero characters behind the packet, with which some programs fill a fixed space.
    zeros: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Utf8,
    Utf16Little,
    Utf16Big,
}

impl Default for Encoding {
    /// UTF-8 without a mark, as new packets are written.
    fn default() -> Encoding {
        Encoding { unit: Unit::Utf8, has_mark: false, zeros: 0 }
    }
}

/// Reads UTF-8 and UTF-16, with a byte order mark or without.
pub fn decode(bytes: &[u8]) -> Result<(String, Encoding), XmpError> {
    if bytes.len() > MOST_BYTES {
        return Err(unsupported("it is larger than 64 MB"));
    }
    let (unit, mark_bytes) = unit_of(bytes)?;
    let body = &bytes[mark_bytes..];
    let text = match unit {
        Unit::Utf8 => String::from_utf8(body.to_vec()).map_err(|_| unsupported("its text is not UTF-8")),
        Unit::Utf16Little => of_units(body, u16::from_le_bytes),
        Unit::Utf16Big => of_units(body, u16::from_be_bytes),
    };
    let mut text = text?;
    let written = text.len();
    text.truncate(text.trim_end_matches('\0').len());
    check_declaration(&text)?;
    let encoding = Encoding { unit, has_mark: mark_bytes > 0, zeros: written - text.len() };
    Ok((text, encoding))
}

/// The inverse of [`decode`].
pub fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    let Encoding { unit, has_mark, zeros } = encoding;
    let mark = if has_mark { "\u{feff}" } else { "" };
    let zeros = "\0".repeat(zeros);
    let parts = [mark, text, &zeros];
    match unit {
        Unit::Utf8 => parts.concat().into_bytes(),
        Unit::Utf16Little => parts.iter().flat_map(|part| part.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        Unit::Utf16Big => parts.iter().flat_map(|part| part.encode_utf16()).flat_map(u16::to_be_bytes).collect(),
    }
}

/// Unit and length of the byte order mark. A packet begins with `<` or white space, which tells UTF-16 without a mark.
fn unit_of(bytes: &[u8]) -> Result<(Unit, usize), XmpError> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] | [0, 0, 0, b'<', ..] | [b'<', 0, 0, 0, ..] => {
            Err(unsupported("its text is UTF-32; save it as UTF-8"))
        }
        [0xef, 0xbb, 0xbf, ..] => Ok((Unit::Utf8, 3)),
        [0xff, 0xfe, ..] => Ok((Unit::Utf16Little, 2)),
        [0xfe, 0xff, ..] => Ok((Unit::Utf16Big, 2)),
        [b'<' | b' ' | b'\r' | b'\n' | b'\t', 0, ..] => Ok((Unit::Utf16Little, 0)),
        [0, b'<' | b' ' | b'\r' | b'\n' | b'\t', ..] => Ok((Unit::Utf16Big, 0)),
        _ => Ok((Unit::Utf8, 0)),
    }
}

fn of_units(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, XmpError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    let text = String::from_utf16(&units).ok().filter(|_| rest.is_empty());
    text.ok_or_else(|| unsupported("its text is not whole UTF-16"))
}

/// A packet that says that it is in some other encoding is not taken for UTF-8, even where its letters so far would fit.
fn check_declaration(text: &str) -> Result<(), XmpError> {
    let Some(declaration) = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) else { return Ok(()) };
    let Some((_, value)) = declaration.0.split_once("encoding") else { return Ok(()) };
    let name = value.trim_start().trim_start_matches('=').trim().trim_start_matches(['"', '\'']);
    let name: String = name.chars().take_while(|c| !matches!(c, '"' | '\'')).collect();
    let is_known = ["utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii"];
    match is_known.contains(&name.to_ascii_lowercase().as_str()) {
        true => Ok(()),
        false => Err(unsupported(&format!("its text is in the encoding {name}; save it as UTF-8"))),
    }
}

fn unsupported(what: &str) -> XmpError {
    XmpError::Unsupported(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_gives_its_own_bytes_again() {
        let text = "<a>Füchse 🦊</a>\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let forms = [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [text.as_bytes(), b"\0\0\0"].concat(),
            little.clone(),
            [b"\xff\xfe", &little[..], b"\0\0"].concat(),
            big.clone(),
            [b"\xfe\xff", &big[..]].concat(),
        ];
        for bytes in forms {
            let (read, encoding) = decode(&bytes).unwrap();
            assert_eq!((read.as_str(), encode(&read, encoding)), (text, bytes));
        }
    }

    #[test]
    fn what_is_in_another_encoding_is_refused() {
        let refused: [&[u8]; 5] = [
            b"<a>F\xfcchse</a>",
            b"\xff\xfe\0\0<\0\0\0",
            b"\xff\xfe<\0a",
            b"\xff\xfe\0\xd8",
            b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
        ];
        for bytes in refused {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
        assert!(decode(b"<?xml version=\"1.0\" encoding = \"UTF-8\"?><a/>").is_ok());
    }
}
