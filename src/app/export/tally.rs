//! How much a plan is: counted once, because a plan may hold a file for each of a hundred thousand photos.

use crate::catalog::{Change, Plan};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that are created, changed or put elsewhere.
    pub files: usize,
    /// Those that are photos, where photos are put elsewhere.
    pub photos: usize,
    /// Those that are created, where keywords are written.
    pub new: usize,
    /// Those that are there already, where keywords are written.
    pub changed: usize,
}

impl Tally {
    pub fn of(plan: &Plan) -> Tally {
        let mut tally = Tally { files: plan.rows.len(), ..Tally::default() };
        for row in &plan.rows {
            match &row.change {
                Change::Keywords(change) if change.before.is_none() => tally.new += 1,
                Change::Keywords(_) => tally.changed += 1,
                Change::Place { from, .. } => tally.photos += usize::from(**from == *row.photo),
                Change::Trash => tally.photos += usize::from(*row.file == *row.photo),
            }
        }
        tally
    }

    /// Files that go along with photos.
    pub fn sidecars(&self) -> usize {
        self.files - self.photos - self.new - self.changed
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::catalog::Row;

    #[test]
    fn sidecars_that_go_along_are_told_from_photos() {
        let row = |file: &str| Row { photo: Path::new("a.jpg").into(), file: file.into(), change: Change::Trash };
        let tally = Tally::of(&Plan { rows: vec![row("a.jpg"), row("a.jpg.xmp")], ..Plan::default() });
        assert_eq!((tally.files, tally.photos, tally.sidecars()), (2, 1, 1));
    }
}
