//! What the sidecars of a photo say of it.

use std::path::Path;

use super::edit::Holder;
use super::names::{Neighbours, existing};
use super::target::look;
use super::words::name_of;
use crate::catalog::Metadata;
use crate::xmp;

/// What the sidecars beside `photo` say together: `photo.jpg.xmp` is the stronger voice, `photo.xmp` counts if it is this
/// photo's. The error names the sidecar that cannot be read.
pub fn sidecar_metadata(photo: &Path, neighbours: &mut Neighbours) -> Result<Metadata, String> {
    let mut metadata = Metadata::default();
    for file in existing(photo, neighbours) {
        // It may be gone since its folder was listed.
        let Some(old) = look(&file, Holder::Sidecar)?.old else { continue };
        let read = xmp::read(&old.bytes);
        metadata.join(read.map_err(|error| format!("{} cannot be read, because {error}.", name_of(&file)))?);
    }
    Ok(metadata)
}
