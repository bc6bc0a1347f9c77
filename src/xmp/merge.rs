//! An edit of a packet, from bytes to bytes.
//!
//! Promise: every byte that is not Tagroll's stays as it was; the same edit twice is the same as once; what is added and
//! then removed leaves the packet as it was. What comes out of [`merge`] is read again before it is given out, and refused
//! if it does not say what it should.

use super::decide::{Decision, decide};
use super::encoding::{Encoding, decode, encode};
use super::packet::Packet;
use super::{fresh, write};
use crate::catalog::{Keyword, Splice, Tag, spliced};

/// What is to become of Tagroll's keywords in one packet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edit {
    pub add: Vec<Tag>,
    /// Only what Tagroll added itself is removed.
    pub remove: Vec<Keyword>,
    /// All of it, as if each were named.
    pub remove_all: bool,
    /// Write every part of a path into `dc:subject`, not only the last.
    pub with_ancestors: bool,
    /// Add also what was removed in another program since Tagroll wrote it.
    pub again: bool,
}

/// A packet after an edit. Equal bytes mean that there was nothing to do; none, that nothing is left of a packet that
/// Tagroll made itself, so that its file can go.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    pub bytes: Vec<u8>,
    pub added: Vec<Keyword>,
    pub removed: Vec<Keyword>,
    /// Asked for, but removed in another program since Tagroll wrote them.
    pub declined: Vec<Keyword>,
    /// What makes `bytes` out of the old ones; empty where they are not UTF-8 text from their first byte on, or nothing is left.
    pub splices: Vec<Splice>,
}

/// Why a packet cannot be edited or read; it stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmpError {
    #[error("it is not valid XML: {0}")]
    NotXml(String),
    #[error("it has no rdf:RDF, so it is not an XMP packet")]
    NotXmp,
    #[error("{0}")]
    Unsupported(String),
}

/// Edits a packet, or makes a new one where there is none.
pub fn merge(before: Option<&[u8]>, edit: &Edit) -> Result<Merged, XmpError> {
    let (bytes, decision, splices) = edited(before, edit, check)?;
    let Decision { added, removed, declined, .. } = decision;
    Ok(Merged { bytes, added, removed, declined, splices })
}

/// The bytes of [`merge`] once more, without reading them again: for an edit that it made of the same packet before.
pub fn merge_again(before: Option<&[u8]>, edit: &Edit) -> Result<Vec<u8>, XmpError> {
    Ok(edited(before, edit, |_, _| Ok(()))?.0)
}

fn edited(
    before: Option<&[u8]>,
    edit: &Edit,
    check: impl Fn(&str, &Decision) -> Result<(), XmpError>,
) -> Result<(Vec<u8>, Decision, Vec<Splice>), XmpError> {
    let (text, encoding) = match before {
        Some(bytes) => decode(bytes)?,
        None => (fresh::packet(), Encoding::default()),
    };
    let packet = Packet::parse(&text)?;
    let decision = decide(&packet, edit)?;
    if decision.is_nothing() {
        return Ok((before.unwrap_or_default().to_vec(), decision, Vec::new()));
    }
    let mut splices = write::write(&packet, &decision);
    let after = spliced(text.as_bytes(), &splices).and_then(|bytes| String::from_utf8(bytes).ok());
    let after = after.ok_or_else(|| broken("the places of its keywords"))?;
    check(&after, &decision)?;
    let bytes = if fresh::is_untouched(&after) { Vec::new() } else { encode(&after, encoding) };
    if before.is_none() || bytes.is_empty() || encoding != Encoding::default() {
        splices.clear();
    }
    Ok((bytes, decision, splices))
}

/// Reads the new packet, and compares its lists with what was decided.
fn check(after: &str, decision: &Decision) -> Result<(), XmpError> {
    let packet = Packet::parse(after).map_err(|error| broken(&error.to_string()))?;
    for shelf in &decision.shelves {
        let Ok(found) = packet.list(shelf.list) else { continue };
        let items: Vec<String> =
            found.map(|found| found.items).unwrap_or_default().into_iter().map(|item| item.value).collect();
        if !items.iter().map(String::as_str).eq(shelf.live()) {
            return Err(broken(shelf.list.property()));
        }
    }
    let records = super::record::records(&packet).into_iter().map(|(record, _)| record);
    match records.eq(decision.kept.iter().map(|kept| kept.record.clone())) {
        true => Ok(()),
        false => Err(broken("its record")),
    }
}

fn broken(what: &str) -> XmpError {
    XmpError::Unsupported(format!("it is built in a way that Tagroll cannot add to ({what})"))
}
