//! Keywords in XMP packets: read them, and change them so that every byte that is not Tagroll's stays as it was.
//!
//! Bytes in, bytes out; nothing here opens a file. The rules come from the XMP specification, part 1 and 2, and from what
//! darktable, digiKam and Lightroom do with sidecars.

pub mod embedded;
mod merge;

pub use merge::{Edit, Merged, XmpError, merge, read};
