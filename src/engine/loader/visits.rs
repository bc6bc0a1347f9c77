//! Reading folders: what lies there, and what it is called.
//!
//! In the window, folders that seem not to have changed are taken as they were listed the last time, so that it opens at
//! once. That misses files whose content was replaced in place, and all changes on file systems whose folders do not tell of
//! them. So when nothing else is left to do, everything is looked at once more, file by file.

use std::cell::Cell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::Desk;
use crate::catalog::{Fingerprint, FoundFile, natural_order};
use crate::disk::{self, FolderEnd, Listed, Listing, STEP_ENTRIES, Scan, ScanStep, Unreadable};
use crate::engine::Closed;
use crate::engine::event::{Event, Problem};
use crate::engine::wish::{Model, Visit};

/// Small folders that one report is about, at most.
const FOLDERS_AT_ONCE: usize = 64;

/// Photos that are reported before the window has taken them in, about: while it draws, it needs the cores more.
const UNHEARD: usize = 8192;

/// A root on its way.
pub(super) struct Walk {
    pub visit: Visit,
    scan: Scan,
    kind: Kind,
    /// Whether there was a listing of any folder.
    has_listings: bool,
    /// Of a walk that trusts, all that it reported; of a check, what of that it has still to meet.
    reported: HashMap<Arc<Path>, (FoundFile, Fingerprint)>,
    /// Photos of the folder that is being read; `None` where one of them could not be named.
    folder: Option<Vec<(FoundFile, Fingerprint)>>,
    has_problems: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// File by file.
    Thorough,
    /// By listings where there are any.
    Trusting,
    /// File by file, after a walk that trusted.
    Check,
}

/// What several steps met.
#[derive(Default)]
struct Batch {
    photos: Vec<(FoundFile, Fingerprint)>,
    /// Those whose names the store does not know.
    new: Vec<(FoundFile, Fingerprint)>,
    closed: Vec<(Fingerprint, Unreadable)>,
    problems: Vec<Problem>,
    listings: Vec<(PathBuf, Option<Listing>)>,
    is_done: bool,
}

impl Walk {
    fn of(visit: Visit, kind: Kind) -> Walk {
        let scan = Scan::of(visit.root.to_path_buf());
        let (has_listings, has_problems, reported) = Default::default();
        Walk { visit, scan, kind, has_listings, reported, folder: Some(Vec::new()), has_problems }
    }

    /// Takes down what is to be checked.
    fn note(&mut self, photos: &[(FoundFile, Fingerprint)]) {
        if self.kind == Kind::Trusting {
            self.reported.extend(photos.iter().map(|photo| (photo.0.path.clone(), photo.clone())));
        }
    }
}

impl Desk<'_> {
    /// Goes on with a visit.
    pub(super) fn scan(&mut self) -> Result<bool, Closed> {
        if self.unheard >= UNHEARD {
            return Ok(false);
        }
        if self.asked.walk.is_none() {
            let next = self.wish.visits.iter().find(|visit| !self.asked.visits.contains(visit)).cloned();
            // Who asks for the second time wants to know how it is now.
            let trusts = |visit: &Visit| self.trusts_listings && !self.visited_roots.contains(&visit.root);
            let kind = |visit: &Visit| if trusts(visit) { Kind::Trusting } else { Kind::Thorough };
            self.asked.walk = next.map(|visit| (kind(&visit), visit)).map(|(kind, visit)| Walk::of(visit, kind));
        }
        let Some(mut walk) = self.asked.walk.take() else { return Ok(false) };
        if !self.walk_on(&mut walk)? {
            self.asked.walk = Some(walk);
            return Ok(true);
        }
        let visit = walk.visit.clone();
        self.asked.visits.insert(visit.clone());
        self.visited_roots.insert(visit.root.clone());
        self.outbox.send(Event::Visited(visit.clone()))?;
        if !walk.has_listings {
            self.outbox.send(Event::Checked(visit))?;
            return Ok(true);
        }
        self.asked.checks.push(Walk { reported: walk.reported, ..Walk::of(visit, Kind::Check) });
        Ok(true)
    }

    /// Goes on with looking whether folders are as they were listed. While the model is being opened, others need the disk.
    pub(super) fn check(&mut self) -> Result<bool, Closed> {
        if matches!(self.wish.model, Model::Loading) {
            return Ok(false);
        }
        let Some(mut walk) = self.asked.checks.pop() else { return Ok(false) };
        if !self.walk_on(&mut walk)? {
            self.asked.checks.push(walk);
            return Ok(true);
        }
        // What could not be looked into says nothing of what is gone.
        if walk.reported.is_empty() || walk.has_problems {
            self.outbox.send(Event::Checked(walk.visit))?;
        } else {
            self.outbox.send(Event::Gone(walk.visit))?;
        }
        Ok(true)
    }

    /// Makes some steps of a walk; returns whether it is at its end.
    fn walk_on(&mut self, walk: &mut Walk) -> Result<bool, Closed> {
        let mut batch = Batch::default();
        for _ in 0..FOLDERS_AT_ONCE {
            let store = self.store.as_ref().filter(|_| walk.kind == Kind::Trusting);
            let has_listing = Cell::new(false);
            let step = walk.scan.step_with(|folder| {
                let listing = store?.listing(folder).ok()??;
                has_listing.set(true);
                Some(listing)
            });
            walk.has_listings |= has_listing.get();
            self.take(step, walk, &mut batch);
            if batch.is_done || batch.photos.len() >= STEP_ENTRIES {
                break;
            }
        }
        let is_done = batch.is_done;
        self.report(&walk.visit, batch)?;
        Ok(is_done)
    }

    fn take(&mut self, step: ScanStep, walk: &mut Walk, batch: &mut Batch) {
        walk.has_problems |= !step.problems.is_empty();
        batch.problems.extend(step.problems.into_iter().map(|p| Problem { path: p.path, reason: p.reason }));
        batch.is_done = step.is_done;
        walk.note(&step.known);
        batch.photos.extend(step.known);
        let mut news = Vec::new();
        for file in step.found {
            match walk.reported.remove(&file.path) {
                Some((known, name)) if known == file => _ = walk.folder.as_mut().map(|all| all.push((file, name))),
                _ => news.push(file),
            }
        }
        let before = batch.photos.len();
        self.name(news, walk, batch);
        walk.note(&batch.photos[before..]);
        if let Some(FolderEnd { folder, listing }) = step.ended {
            let photos = walk.folder.replace(Vec::new());
            let listing = listing.zip(photos).map(|(listing, photos)| with_photos(listing, &photos));
            let before = self.store.as_ref().and_then(|store| store.listing(&folder).ok().flatten());
            if before != listing {
                batch.listings.push((folder, listing));
            }
        }
    }

    /// Fingerprints what the store does not know by path, size and time.
    fn name(&self, found: Vec<FoundFile>, walk: &mut Walk, batch: &mut Batch) {
        let known = self.store.as_ref().and_then(|store| store.fingerprints(&found).ok());
        let known = known.unwrap_or_else(|| vec![None; found.len()]);
        let named: Vec<(FoundFile, Result<Fingerprint, String>, bool)> = self.ahead().install(|| {
            let name = |(file, known): (FoundFile, Option<Fingerprint>)| {
                let fingerprint = known.map_or_else(|| disk::fingerprint(&file), Ok);
                (file, fingerprint, known.is_none())
            };
            found.into_par_iter().zip(known).map(name).collect()
        });
        for (file, fingerprint, is_new) in named {
            let name = match fingerprint {
                Ok(name) => name,
                Err(reason) => {
                    let stand_in = disk::fingerprint_of_path(&file.path);
                    batch.closed.push((stand_in, Unreadable { reason, is_lasting: false }));
                    batch.photos.push((file, stand_in));
                    walk.folder = None;
                    continue;
                }
            };
            if is_new {
                batch.new.push((file.clone(), name));
            }
            walk.folder.iter_mut().for_each(|all| all.push((file.clone(), name)));
            batch.photos.push((file, name));
        }
    }

    fn report(&mut self, visit: &Visit, batch: Batch) -> Result<(), Closed> {
        let Batch { photos, new, closed, problems, listings, .. } = batch;
        if !problems.is_empty() {
            self.outbox.send(Event::Problems { visit: visit.clone(), problems })?;
        }
        if !new.is_empty() {
            self.keep(|store| store.put_files(&new))?;
        }
        if !listings.is_empty() {
            self.keep(|store| store.put_listings(&listings))?;
        }
        if photos.is_empty() {
            return Ok(());
        }
        let all: Vec<Fingerprint> = photos.iter().map(|(_, name)| *name).collect();
        let looks = self.store.as_ref().and_then(|store| store.looks(&all).ok()).unwrap_or_default();
        self.outbox.send(Event::Looks(looks))?;
        self.outbox.send(Event::Found { visit: visit.clone(), photos })?;
        self.unheard += all.len();
        self.foresee(&all)?;
        self.report_unreadable(closed)
    }
}

/// In the order in which photos are shown, so that nobody has to sort them at the next start.
fn with_photos(listing: Listing, photos: &[(FoundFile, Fingerprint)]) -> Listing {
    let mut photos: Vec<Listed> = photos.iter().filter_map(|(file, name)| Listed::of(file, *name)).collect();
    photos.sort_by(|a, b| natural_order(Path::new(&a.name), Path::new(&b.name)));
    Listing { photos, ..listing }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    use crossbeam_channel::unbounded;

    use super::*;
    use crate::disk::Places;
    use crate::engine::hands::Hands;
    use crate::engine::loader::{Ways, run};
    use crate::engine::wish::Wish;
    use crate::engine::{Outbox, turns::Turns};

    const PHOTOS: usize = UNHEARD + 4 * STEP_ENTRIES;

    /// A window that draws sends no wish; one that has taken in what there was does.
    #[test]
    fn a_walk_goes_no_further_ahead_of_the_window_than_it_should() {
        let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        disk::write_stand_ins(&folder.path().join("photos"), PHOTOS).unwrap();
        let places = Places::at(data.path().to_path_buf());
        let ((events, told), (wishes, inbox)) = (unbounded(), unbounded());
        let outbox = Outbox { events, wake: Arc::new(|| ()) };
        let hands = Arc::new(Hands::new(false).unwrap());
        let ways = Ways { with_verdicts: false, trusts_listings: false };
        let visit = Visit { root: folder.path().into(), number: 0 };
        let wish = Wish { visits: vec![visit], ..Wish::default() };
        let photos = |event: Event| if let Event::Found { photos, .. } = event { photos.len() } else { 0 };
        let next = || photos(told.recv_timeout(Duration::from_secs(60)).unwrap());
        thread::scope(|scope| {
            scope.spawn(|| run(&places, ways, hands, &inbox, unbounded().0, Arc::<Turns>::default(), outbox));
            wishes.send(wish.clone()).unwrap();
            let mut found = 0;
            while found < UNHEARD {
                found += next();
            }
            while let Ok(event) = told.recv_timeout(Duration::from_secs(1)) {
                found += photos(event);
            }
            assert!(found < PHOTOS);
            wishes.send(wish).unwrap();
            while found < PHOTOS {
                found += next();
            }
            drop(wishes);
        });
    }
}
