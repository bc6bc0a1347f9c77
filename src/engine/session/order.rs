//! Which photos belong where, and the order in which they are shown.

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use super::Session;
use crate::catalog::{Category, CategoryId, Contest, Entrant, Heading, Order, PhotoId, Ranking, Scratch, Tier};

/// Contest and ranking, worked out when they are asked for, in memory that is used again.
#[derive(Default)]
pub(super) struct Sorting {
    contest: RefCell<Contest>,
    is_contest_current: Cell<bool>,
    ranking: RefCell<Option<Rc<Ranking>>>,
    /// Rankings before it, which the window may still be drawing.
    before: RefCell<Vec<Rc<Ranking>>>,
    scratch: RefCell<Scratch>,
}

impl Sorting {
    pub fn forget(&mut self) {
        self.is_contest_current.set(false);
        if let Some(ranking) = self.ranking.take() {
            self.before.get_mut().push(ranking);
        }
    }
}

impl Session {
    /// The photos in the order in which they are shown.
    pub fn ranking(&self) -> Rc<Ranking> {
        if let Some(ranking) = self.sorting.ranking.borrow().as_ref() {
            return ranking.clone();
        }
        let mut scratch = self.sorting.scratch.borrow_mut();
        for before in self.sorting.before.take() {
            match Rc::try_unwrap(before) {
                Ok(unused) => scratch.take_back(unused),
                Err(in_use) => self.sorting.before.borrow_mut().push(in_use),
            }
        }
        let ranking = Rc::new(self.ranked(&mut scratch));
        self.sorting.ranking.replace(Some(ranking.clone()));
        ranking
    }

    /// How many photos belong to a category.
    pub fn count(&self, category: CategoryId) -> usize {
        let place = self.entrants().iter().position(|entrant| entrant.id == category);
        place.map_or(0, |place| self.contest().count(place))
    }

    /// How many encoded photos belong to none.
    pub fn unsorted_count(&self) -> usize {
        self.contest().unsorted()
    }

    /// All categories that a photo belongs to, in their order.
    pub fn labels_of(&self, photo: PhotoId) -> Vec<CategoryId> {
        let entrants = self.entrants();
        self.contest().labels(&self.library, &entrants, photo).into_iter().map(|place| entrants[place].id).collect()
    }

    /// The cut-off of a category as a number, whatever its rule; `None` where everything belongs, or nothing is known yet.
    pub fn cutoff(&self, category: CategoryId) -> Option<f32> {
        self.scoreboard.cutoff(self.category(category)?, &self.library)
    }

    /// The category that a photo fits best of those that it belongs to.
    pub fn category_of(&self, photo: PhotoId) -> Option<&Category> {
        let place = self.contest().winner(&self.library, photo)?;
        self.category(self.entrants()[place].id)
    }

    /// What decides where a photo stands in a category, before its fit does; `None` until both are encoded.
    pub fn tier(&self, photo: PhotoId, category: CategoryId) -> Option<Tier> {
        let row = self.library.photo(photo).content.row();
        Some(self.scoreboard.column(category)?.standing(row)?.tier())
    }

    pub(super) fn entrants(&self) -> Vec<Entrant<'_>> {
        self.scoreboard.entrants(self.categories(), &self.library)
    }

    pub(super) fn contest(&self) -> Ref<'_, Contest> {
        if !self.sorting.is_contest_current.replace(true) {
            let entrants = self.entrants();
            self.sorting.contest.borrow_mut().update(&self.library, &entrants, self.labels());
        }
        self.sorting.contest.borrow()
    }

    fn ranked(&self, scratch: &mut Scratch) -> Ranking {
        let ranking = self.ranked_whole(scratch);
        if !self.is_filtered() {
            return ranking;
        }
        let passes = self.passes();
        ranking.keep_only(|photo| passes[photo.0 as usize], scratch)
    }

    fn ranked_whole(&self, scratch: &mut Scratch) -> Ranking {
        if let Some(column) = self.scoreboard.find().filter(|_| self.is_searching()) {
            return Ranking::by(&self.library, Heading::Find, column, None, scratch);
        }
        match self.order {
            Order::Folder => Ranking::as_in_folders(&self.library, scratch),
            Order::Groups => Ranking::in_groups(&self.library, &self.entrants(), &self.contest(), scratch),
            Order::Ranked => self.ranked_by_selected(scratch),
            Order::Alike => Ranking::of_alike(&self.alike()),
        }
    }

    /// Without a category to rank by, folder order is the only honest one.
    fn ranked_by_selected(&self, scratch: &mut Scratch) -> Ranking {
        let selected = self.selected.and_then(|id| self.category(id)).or(self.categories().first());
        let ranked = selected.and_then(|category| {
            let (column, cutoff) = (self.scoreboard.column(category.id)?, self.cutoff(category.id));
            Some(Ranking::by(&self.library, Heading::Category(category.id), column, cutoff, scratch))
        });
        ranked.unwrap_or_else(|| Ranking::as_in_folders(&self.library, scratch))
    }
}
