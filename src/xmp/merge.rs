//! (under construction)

use crate::catalog::{Keyword, Metadata, Tag};

/// What is to become of Tagroll's keywords in one packet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edit {
    pub add: Vec<Tag>,
    /// Only what Tagroll added itself is removed.
    pub remove: Vec<Keyword>,
    /// Write every part of a path into `dc:subject`, not only the last.
    pub with_ancestors: bool,
    /// Add also what was removed in another program since Tagroll wrote it.
    pub again: bool,
}

/// A packet after an edit. Equal bytes mean that there was nothing to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    pub bytes: Vec<u8>,
    pub added: Vec<Keyword>,
    pub removed: Vec<Keyword>,
    /// Asked for, but removed in another program since Tagroll wrote them.
    pub declined: Vec<Keyword>,
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
pub fn merge(before: Option<&[u8]>, _edit: &Edit) -> Result<Merged, XmpError> {
    Ok(Merged { bytes: before.unwrap_or_default().to_vec(), added: vec![], removed: vec![], declined: vec![] })
}

/// What a packet says of its photo.
pub fn read(_packet: &[u8]) -> Result<Metadata, XmpError> {
    Ok(Metadata::default())
}
