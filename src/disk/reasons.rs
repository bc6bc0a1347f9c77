//! Why a photo cannot be shown, in words for the person whose photo it is.
//!
//! Promise: every reason is a sentence that says what is wrong and, where something helps, what to do.

use std::io;
use std::path::Path;

use image::ImageError;
use image::error::LimitErrorKind;

pub const EMPTY: &str = "The file is empty.";
pub const RAW_WITHOUT_PREVIEW: &str =
    "This raw file holds no preview, or its end is missing. Make a JPEG of it in your raw developer.";
pub const ENDS_EARLY: &str = "The picture ends early; copy it again from the card.";

/// A file that the disk does not give.
pub fn of_io(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "The file is no longer there.".to_owned(),
        io::ErrorKind::PermissionDenied => "Your account may not read this file.".to_owned(),
        io::ErrorKind::UnexpectedEof => ENDS_EARLY.to_owned(),
        _ => format!("The disk does not give this file: {error}."),
    }
}

/// A folder whose names the disk does not give.
pub fn of_folder(folder: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => format!("Your account may not look into \"{}\".", folder.display()),
        _ => format!("\"{}\" cannot be read: {error}.", folder.display()),
    }
}

/// Bytes that a decoder does not accept.
pub fn of_image(error: &ImageError) -> String {
    match error {
        ImageError::IoError(error) => of_io(error),
        ImageError::Limits(limit) if matches!(limit.kind(), LimitErrorKind::InsufficientMemory) => too_large(None),
        ImageError::Unsupported(what) => unsupported(what),
        other => damaged(other),
    }
}

pub fn damaged(what: impl std::fmt::Display) -> String {
    format!("Not a picture, or damaged: {what}.")
}

pub fn unsupported(what: impl std::fmt::Display) -> String {
    format!("A kind of picture that Tagroll cannot read yet: {what}.")
}

/// A raw file whose largest preview has this size.
pub fn small_preview((width, height): (u32, u32)) -> String {
    format!(
        "The preview inside this raw file is too small to judge ({width} x {height}). Make a JPEG of it in your raw \
         developer."
    )
}

/// `size` is width and height in pixels, where the file says them.
pub fn too_large(size: Option<(u32, u32)>) -> String {
    let size = size.map_or(String::new(), |(width, height)| format!(" ({width} x {height})"));
    format!("The picture is too large to open safely{size}. Save a smaller copy of it.")
}

/// A file whose first bytes belong to no format that can be read.
pub fn unknown_format(start: &[u8]) -> String {
    let brand = start.get(4..12).and_then(|bytes| bytes.strip_prefix(b"ftyp"));
    match brand {
        Some(b"heic" | b"heix" | b"mif1" | b"msf1" | b"hevc") => unsupported("HEIC"),
        Some(b"avif" | b"avis") => unsupported("AVIF"),
        Some(_) => damaged("this is a film or another media file"),
        None => damaged("its first bytes are not those of a known picture format"),
    }
}
