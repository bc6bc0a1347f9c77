//! New contents of a file that holds keywords, from the old ones.

use std::path::Path;

use super::words::name_of;
use crate::catalog::{Change, KeywordChange, Row, SidecarPlace, Tagging, TaggingOptions, spliced};
use crate::xmp::{self, Edit, Merged};

/// What kind of file holds the keywords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Sidecar,
    /// The photo itself.
    Photo,
}

impl Holder {
    pub fn of(options: &TaggingOptions) -> Holder {
        if options.place == SidecarPlace::InPhoto { Holder::Photo } else { Holder::Sidecar }
    }

    /// The largest file that is edited. Sidecars of 50 MB exist: they hold the strokes of brushes.
    pub fn most_bytes(self) -> u64 {
        match self {
            Holder::Sidecar => 64 << 20,
            Holder::Photo => 512 << 20,
        }
    }
}

pub(super) fn edit_of(tagging: &Tagging, options: &TaggingOptions) -> Edit {
    Edit {
        add: tagging.add.clone(),
        remove: tagging.remove.clone(),
        remove_all: options.removes_all,
        with_ancestors: options.with_ancestors,
        again: options.again,
    }
}

/// The bytes alone of an edit that was planned by [`edited`] from the same bytes, which need not be read back again, nor
/// parsed where the plan knows the splices.
pub(super) fn edited_again(
    holder: Holder,
    row: &Row,
    before: Option<&[u8]>,
    edit: impl FnOnce() -> Edit,
) -> Result<Vec<u8>, String> {
    if let (Change::Keywords(KeywordChange { splices, .. }), Some(before)) = (&row.change, before)
        && !splices.is_empty()
        && let Some(bytes) = spliced(before, splices)
    {
        return Ok(bytes);
    }
    let (file, edit) = (&row.file, &edit());
    match holder {
        Holder::Sidecar => xmp::merge_again(before, edit).map_err(|error| left_alone(file, &error)),
        Holder::Photo => Ok(edited(holder, file, before, edit)?.bytes),
    }
}

fn left_alone(file: &Path, error: &xmp::XmpError) -> String {
    format!("{} is left as it is, because {error}.", name_of(file))
}

/// Knows how each kind of file is edited. The error names the file and says why it stays as it is.
pub(super) fn edited(holder: Holder, file: &Path, before: Option<&[u8]>, edit: &Edit) -> Result<Merged, String> {
    match holder {
        Holder::Sidecar => xmp::merge(before, edit).map_err(|error| left_alone(file, &error)),
        Holder::Photo => {
            let photo = before.ok_or_else(|| format!("{} is no longer there.", name_of(file)))?;
            let tagged = xmp::embedded::tag_jpeg(photo, edit);
            let tagged = tagged.map_err(|error| format!("{} is left as it is: {error}", name_of(file)))?;
            let xmp::embedded::TaggedJpeg { bytes, added, removed, declined } = tagged;
            Ok(Merged { bytes, added, removed, declined, splices: Vec::new() })
        }
    }
}
