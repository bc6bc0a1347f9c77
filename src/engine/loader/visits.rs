//! Reading folders: what lies there, and what it is called.

use rayon::prelude::*;

use super::Desk;
use crate::catalog::{Fingerprint, FoundFile};
use crate::disk::{self, Scan, Unreadable};
use crate::engine::Closed;
use crate::engine::event::{Event, Problem};
use crate::engine::wish::Visit;

impl Desk<'_> {
    /// Makes one step of a visit.
    pub(super) fn scan(&mut self) -> Result<bool, Closed> {
        if self.asked.visit.is_none() {
            let next = self.wish.visits.iter().find(|visit| !self.asked.visits.contains(visit)).cloned();
            self.asked.visit = next.map(|visit| (visit.clone(), Scan::of(visit.root.to_path_buf())));
        }
        let Some((visit, scan)) = &mut self.asked.visit else { return Ok(false) };
        let (visit, step) = (visit.clone(), scan.step());
        if !step.problems.is_empty() {
            let problems = step.problems.into_iter().map(|p| Problem { path: p.path, reason: p.reason }).collect();
            self.outbox.send(Event::Problems { visit: visit.clone(), problems })?;
        }
        if !step.found.is_empty() {
            self.name_found(&visit, step.found)?;
        }
        if step.is_done {
            self.asked.visit = None;
            self.asked.visits.insert(visit.clone());
            self.outbox.send(Event::Visited(visit))?;
        }
        Ok(true)
    }

    /// Fingerprints what the store does not know by path, size and time.
    fn name_found(&mut self, visit: &Visit, found: Vec<FoundFile>) -> Result<(), Closed> {
        let known = self.store.as_ref().and_then(|store| store.fingerprints(&found).ok());
        let known = known.unwrap_or_else(|| vec![None; found.len()]);
        let named: Vec<(FoundFile, Result<Fingerprint, String>, bool)> = self.ahead().install(|| {
            let name = |(file, known): (FoundFile, Option<Fingerprint>)| {
                let fingerprint = known.map_or_else(|| disk::fingerprint(&file), Ok);
                (file, fingerprint, known.is_none())
            };
            found.into_par_iter().zip(known).map(name).collect()
        });
        let (mut photos, mut new, mut closed) = (Vec::new(), Vec::new(), Vec::new());
        for (file, fingerprint, is_new) in named {
            let name = fingerprint.unwrap_or_else(|reason| {
                let stand_in = disk::fingerprint_of_path(&file.path);
                closed.push((stand_in, Unreadable { reason, is_lasting: false }));
                stand_in
            });
            if is_new && closed.last().is_none_or(|(stand_in, _)| *stand_in != name) {
                new.push((file.clone(), name));
            }
            photos.push((file, name));
        }
        self.keep(|store| store.put_files(&new))?;
        let all: Vec<Fingerprint> = photos.iter().map(|(_, name)| *name).collect();
        let looks = self.store.as_ref().and_then(|store| store.looks(&all).ok()).unwrap_or_default();
        self.outbox.send(Event::Looks(looks))?;
        self.outbox.send(Event::Found { visit: visit.clone(), photos })?;
        self.report_unreadable(closed)
    }
}
