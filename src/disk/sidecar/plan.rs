//! What an export would change, photo by photo. Nothing is written.

use std::path::{Path, PathBuf};

use super::edit::{Holder, edit_of, edited};
use super::names::{Neighbours, targets};
use super::target::{Old, look};
use super::words::changed_since_preview;
use crate::catalog::{Change, KeywordChange, Plan, Refusal, Row, Tagging, TaggingOptions};
use crate::xmp::{Edit, Merged};

/// What would become of one photo; neither rows nor refusals where there is nothing to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PhotoPlan {
    pub rows: Vec<Row>,
    pub refused: Vec<Refusal>,
    /// For the new files, and for what is kept of the old ones.
    pub needed_bytes: u64,
}

/// A file before and after what is planned; empty before if it will be new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    pub before: Vec<u8>,
    pub after: Vec<u8>,
}

pub fn plan_tagging(tagging: &Tagging, options: &TaggingOptions, neighbours: &mut Neighbours) -> PhotoPlan {
    let mut plan = PhotoPlan::default();
    let edit = edit_of(tagging, options);
    match targets(&tagging.photo, options, neighbours) {
        Err(reason) => plan.refuse(tagging.photo.to_path_buf(), reason),
        Ok(files) => files.into_iter().for_each(|file| plan.take(tagging, file, Holder::of(options), &edit)),
    }
    plan
}

/// What a row of a plan would write. The error says why that is no longer so.
pub fn preview(row: &Row, tagging: &Tagging, options: &TaggingOptions) -> Result<Preview, String> {
    let holder = Holder::of(options);
    let old = look(&row.file, holder)?.old;
    if !is_as_planned(row, old.as_ref()) {
        return Err(changed_since_preview(&row.file));
    }
    let before = old.map(|old| old.bytes);
    let merged = edited(holder, &row.file, before.as_deref(), &edit_of(tagging, options))?;
    Ok(Preview { before: before.unwrap_or_default(), after: merged.bytes })
}

/// Whether a file still is what the plan saw.
pub(super) fn is_as_planned(row: &Row, old: Option<&Old>) -> bool {
    let Change::Keywords(change) = &row.change else { return false };
    change.before == old.map(|old| *old.hash.as_bytes())
}

impl PhotoPlan {
    /// Adds this photo to what is planned for all of them.
    pub fn add_to(self, plan: &mut Plan) {
        plan.unchanged += usize::from(self.rows.is_empty() && self.refused.is_empty());
        plan.rows.extend(self.rows);
        plan.refused.extend(self.refused);
        plan.needed_bytes += self.needed_bytes;
    }

    fn take(&mut self, tagging: &Tagging, file: PathBuf, holder: Holder, edit: &Edit) {
        match change(&file, holder, edit) {
            Err(reason) => self.refuse(file, reason),
            Ok(None) => {}
            Ok(Some((change, needed_bytes))) => {
                self.needed_bytes += needed_bytes;
                let change = Change::Keywords(change);
                self.rows.push(Row { photo: tagging.photo.clone(), file, change });
            }
        }
    }

    fn refuse(&mut self, file: PathBuf, reason: String) {
        self.refused.push(Refusal { file, reason });
    }
}

/// What becomes of a file, and the bytes that this needs.
fn change(file: &Path, holder: Holder, edit: &Edit) -> Result<Option<(KeywordChange, u64)>, String> {
    let old = look(file, holder)?.old;
    // A sidecar is not made for the sake of what is to be removed from it.
    if old.is_none() && edit.add.is_empty() {
        return Ok(None);
    }
    let before = old.as_ref().map(|old| old.bytes.as_slice());
    let Merged { bytes, added, removed, declined, splices } = edited(holder, file, before, edit)?;
    if before.unwrap_or_default() == bytes {
        return Ok(None);
    }
    let needed_bytes = (bytes.len() + before.map_or(0, <[u8]>::len)) as u64;
    let before = old.map(|old| *old.hash.as_bytes());
    Ok(Some((KeywordChange { added, removed, declined, before, splices: splices.into() }, needed_bytes)))
}
