//! Which photos are shown at all.

use std::cell::{Cell, Ref, RefCell};

use super::Session;
use crate::catalog::{Filter, PhotoId, Searchable};

/// The filter, and which photos pass it: worked out when asked for, in memory that is used again.
#[derive(Default)]
pub(super) struct Filtering {
    filter: Filter,
    is_current: Cell<bool>,
    /// By number of the photo.
    passes: RefCell<Vec<bool>>,
    passing: Cell<usize>,
}

impl Filtering {
    pub fn is_on(&self) -> bool {
        self.filter.is_on()
    }

    /// For when photos, or what is known of them, have changed.
    pub fn forget(&mut self) {
        self.is_current.set(false);
    }
}

impl Session {
    pub fn filter(&self) -> &Filter {
        &self.filtering.filter
    }

    /// Whether photos are left out.
    pub fn is_filtered(&self) -> bool {
        self.filtering.is_on()
    }

    /// How many of the open photos pass the filter.
    pub fn passing(&self) -> usize {
        if !self.is_filtered() {
            return self.library.len();
        }
        drop(self.passes());
        self.filtering.passing.get()
    }

    pub(super) fn set_filter(&mut self, filter: Filter) {
        if filter == self.filtering.filter {
            return;
        }
        let showed_all = !self.is_filtered() && !filter.is_on();
        self.filtering.filter = filter;
        self.filtering.forget();
        if !showed_all {
            self.drop_hidden();
            self.forget_order();
        }
    }

    /// By number of the photo. One of which nothing is known yet does not pass.
    pub(super) fn passes(&self) -> Ref<'_, Vec<bool>> {
        if !self.filtering.is_current.replace(true) {
            let mut passes = self.filtering.passes.borrow_mut();
            let (sieve, nothing) = (self.filtering.filter.sieve(), Searchable::default());
            let photos = (0..self.library.len()).map(|number| PhotoId(number as u32));
            passes.clear();
            passes.extend(photos.map(|photo| {
                let described = self.descriptions.searchable(photo).unwrap_or(&nothing);
                !self.descriptions.is_unknown(photo) && sieve.passes(described)
            }));
            self.filtering.passing.set(passes.iter().filter(|passes| **passes).count());
        }
        self.filtering.passes.borrow()
    }

    /// Keys do not act on photos that nobody sees.
    fn drop_hidden(&mut self) {
        if !self.is_filtered() {
            return;
        }
        let mut selection = std::mem::take(&mut self.selection);
        let passes = self.passes();
        selection.retain(|photo| passes[photo.0 as usize]);
        let focus = self.focus.filter(|photo| passes.get(photo.0 as usize) == Some(&true));
        drop(passes);
        (self.selection, self.focus) = (selection, focus);
    }
}
