//! What will stand where: planned photo by photo, before anything is written.
//!
//! Promise: planning writes nothing, and no row of a plan has a target that is there or that another row has.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;

use crate::catalog::{Change, Keyword, Placing, Plan, Refusal, Row, Way};
use crate::disk::names::{MOST_NAME_BYTES, safe_name};
use crate::disk::reasons;

use super::sidecars::{SidecarFinder, renamed};
use super::targets::{Spot, Targets, nearest};
use super::ways;

const MOVED_ALREADY: &str = "A photo can be moved into one folder only, and it is already to be moved into another. \
                             Copy it instead, or link to it.";
const MOVED_LINK: &str = "It is a link, which would lead nowhere from another folder. Move the photo that it leads to, \
                          or copy it.";
const OTHER_DISK: &str = "A hard link cannot lead to another disk. Copy the photo, or make a symbolic link.";

/// A plan under way.
pub struct PlacementPlanner {
    placings: Arc<[Placing]>,
    into: PathBuf,
    way: Way,
    next: usize,
    plan: Plan,
    sidecars: SidecarFinder,
    targets: Targets,
    /// The folders that each photo is to be in.
    folders: HashMap<PathBuf, HashSet<PathBuf>>,
}

impl PlacementPlanner {
    /// Below `into` there will be a folder for each category.
    pub fn new(placings: Arc<[Placing]>, into: &Path, way: Way) -> PlacementPlanner {
        let into = full(into);
        PlacementPlanner {
            placings,
            way,
            next: 0,
            plan: Plan { free_bytes: free_bytes_at(&into), ..Plan::default() },
            sidecars: SidecarFinder::default(),
            targets: Targets::default(),
            folders: HashMap::new(),
            into,
        }
    }

    /// Plans one photo; false once none is left.
    pub fn step(&mut self) -> bool {
        let Some(placing) = self.placings.get(self.next).cloned() else { return false };
        self.next += 1;
        match self.rows_of(&placing) {
            Ok(rows) if rows.is_empty() => self.plan.unchanged += 1,
            Ok(mut rows) => self.plan.rows.append(&mut rows),
            Err(reason) => self.plan.refused.push(Refusal { file: placing.photo.to_path_buf(), reason }),
        }
        self.next < self.placings.len()
    }

    /// How many photos have been looked at.
    pub fn looked_at(&self) -> usize {
        self.next
    }

    /// Of the photos that were looked at.
    pub fn finish(self) -> Plan {
        self.plan
    }

    /// None where the photo is there already.
    fn rows_of(&mut self, placing: &Placing) -> Result<Vec<Row>, String> {
        let photo = full(&placing.photo);
        self.check_source(&photo)?;
        let folder = folder_below(&self.into, &placing.folder)?;
        let folders = self.folders.entry(photo.clone()).or_default();
        if !folders.insert(folder.clone()) {
            return Ok(Vec::new());
        }
        if self.way == Way::Move && folders.len() > 1 {
            return Err(MOVED_ALREADY.to_owned());
        }
        if lies_in(&photo, &folder) {
            return Ok(Vec::new());
        }
        let is_same_disk = nearest(&folder).is_some_and(|nearest| ways::is_same_disk(&photo, nearest));
        if self.way == Way::Hardlink && !is_same_disk {
            return Err(OTHER_DISK.to_owned());
        }
        let pairs = self.pairs(&photo, &folder)?;
        let rows: Vec<Row> = pairs.into_iter().map(|(from, to)| self.row(&placing.photo, from, to)).collect();
        if self.way == Way::Copy || (self.way == Way::Move && !is_same_disk) {
            self.plan.needed_bytes += rows.iter().map(size_of).sum::<u64>();
        }
        Ok(rows)
    }

    fn check_source(&self, photo: &Path) -> Result<(), String> {
        let metadata = fs::metadata(photo).map_err(|error| reasons::of_io(&error))?;
        if !metadata.is_file() {
            return Err("It is no file.".to_owned());
        }
        if self.way == Way::Move && photo.is_symlink() {
            return Err(MOVED_LINK.to_owned());
        }
        Ok(())
    }

    /// Where the photo, and the sidecars that go with it, come from and get to.
    fn pairs(&mut self, photo: &Path, folder: &Path) -> Result<Vec<(PathBuf, PathBuf)>, String> {
        let target = self.targets.open(folder)?;
        let sidecars = match self.way {
            Way::Copy | Way::Move => self.sidecars.of(photo),
            // A program that saves the sidecar would break the link, and the two would drift apart.
            Way::Hardlink | Way::Symlink => Vec::new(),
        };
        match target.place(photo, &sidecars) {
            Spot::Free(names) => {
                let sources = std::iter::once(photo.to_path_buf()).chain(sidecars);
                Ok(sources.zip(names.iter().map(|name| folder.join(name))).collect())
            }
            // The original stays where it is, and so do its sidecars.
            Spot::There(_) if self.way != Way::Copy => Ok(Vec::new()),
            Spot::There(name) => {
                // Sidecars are often written after the photo has been copied.
                let old = photo.file_name().unwrap_or_default();
                let with_names = sidecars.into_iter().map(|sidecar| {
                    let name = renamed(sidecar.file_name().unwrap_or_default(), old, &name);
                    (sidecar, name)
                });
                let missing = with_names.filter(|(_, name)| target.take_if_free(name));
                Ok(missing.map(|(sidecar, name)| (sidecar, folder.join(name))).collect())
            }
        }
    }

    fn row(&self, photo: &Arc<Path>, from: PathBuf, file: PathBuf) -> Row {
        let size_bytes = fs::metadata(&from).map_or(0, |metadata| metadata.len());
        Row { photo: photo.clone(), file, change: Change::Place { way: self.way, from, size_bytes } }
    }
}

/// What is free on the disk of a folder, which need not be there yet; `None` where the disk does not say.
pub fn free_bytes_at(folder: &Path) -> Option<u64> {
    fs4::available_space(nearest(&full(folder))?).ok()
}

/// The working folder may be another when the plan is carried out or undone.
pub fn full(path: &Path) -> PathBuf {
    absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// The folder of a category.
fn folder_below(into: &Path, category: &Keyword) -> Result<PathBuf, String> {
    let mut folder = into.to_path_buf();
    for part in category.parts() {
        let name = safe_name(part);
        if name.len() > MOST_NAME_BYTES {
            return Err(format!("The name \"{part}\" is too long for a folder. Give the category a shorter one."));
        }
        folder.push(name);
    }
    Ok(folder)
}

fn lies_in(photo: &Path, folder: &Path) -> bool {
    let parent = photo.parent().and_then(|parent| parent.canonicalize().ok());
    parent.is_some_and(|parent| folder.canonicalize().is_ok_and(|folder| folder == parent))
}

fn size_of(row: &Row) -> u64 {
    match row.change {
        Change::Place { size_bytes, .. } => size_bytes,
        Change::Keywords(_) | Change::Trash => 0,
    }
}
