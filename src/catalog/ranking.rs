//! The order in which photos are shown: in groups by category, ranked by one category, or as they lie in their folders.

use serde::{Deserialize, Serialize};

use super::{CategoryId, Column, ContentState, Library, PhotoId};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    #[default]
    Groups,
    Ranked,
    Folder,
}

/// A category that competes for photos.
#[derive(Clone, Copy)]
pub struct Entrant<'a> {
    pub id: CategoryId,
    pub column: &'a Column,
    pub cutoff: Option<f32>,
}

/// What a group of photos has in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Heading {
    /// They fit this category best, or are ranked by it.
    Category(CategoryId),
    /// They are ranked by what is being looked for.
    Find,
    /// They fit no category well enough.
    Unsorted,
    /// All of them, as they lie in their folders.
    Folder,
    /// They are not encoded yet.
    Waiting,
    Unreadable,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub heading: Heading,
    /// Best first; ties, and groups without a score, in folder order.
    pub photos: Vec<PhotoId>,
    /// How many of them, from the front, are above the cut-off.
    pub above_cutoff: usize,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranking {
    /// No photo stands twice, and no group is empty.
    pub groups: Vec<Group>,
}

/// Which category each photo belongs to: the best one of those whose cut-off it reaches.
#[derive(Clone, Debug, Default)]
pub struct Contest {
    /// By content row: the place of the winner among the entrants.
    winners: Vec<Option<u16>>,
    /// By entrant: how many photos it won.
    counts: Vec<usize>,
    unsorted: usize,
}

impl Contest {
    /// Of two entrants that fit alike, the earlier wins.
    pub fn of(library: &Library, entrants: &[Entrant]) -> Contest {
        let mut winners: Vec<Option<u16>> = vec![None; library.vectors().rows()];
        let mut best = vec![f32::NEG_INFINITY; winners.len()];
        for (place, entrant) in entrants.iter().enumerate() {
            let least = entrant.cutoff.unwrap_or(f32::NEG_INFINITY);
            for row in 0..winners.len() {
                let fit = entrant.column.fit(row).unwrap_or(f32::NEG_INFINITY);
                if fit >= least && fit > best[row] {
                    (best[row], winners[row]) = (fit, Some(place as u16));
                }
            }
        }
        let mut contest = Contest { winners, counts: vec![0; entrants.len()], unsorted: 0 };
        for id in library.folder_order() {
            match contest.winner(library, *id) {
                Some(place) => contest.counts[place] += 1,
                None => contest.unsorted += usize::from(*library.state(*id) == ContentState::Embedded),
            }
        }
        contest
    }

    /// The winner's place among the entrants.
    pub fn winner(&self, library: &Library, photo: PhotoId) -> Option<usize> {
        self.winners.get(library.photo(photo).content.row()).copied().flatten().map(usize::from)
    }

    /// How many photos the entrant at `place` won.
    pub fn count(&self, place: usize) -> usize {
        self.counts.get(place).copied().unwrap_or(0)
    }

    /// How many encoded photos nobody won.
    pub fn unsorted(&self) -> usize {
        self.unsorted
    }
}

impl Ranking {
    /// One group a category, in their order, then what fits none, what waits and what cannot be read.
    pub fn in_groups(library: &Library, entrants: &[Entrant], contest: &Contest) -> Ranking {
        let mut keys: Vec<Vec<u64>> = vec![Vec::new(); entrants.len()];
        let mut unsorted = Vec::new();
        for (rank, id) in library.folder_order().iter().enumerate() {
            match contest.winner(library, *id) {
                Some(place) => keys[place].push(key(entrants[place].column, library, *id, rank)),
                None if *library.state(*id) == ContentState::Embedded => unsorted.push(*id),
                None => {}
            }
        }
        let mut groups: Vec<Group> = Vec::new();
        for (entrant, keys) in entrants.iter().zip(keys) {
            let photos = sorted(keys, library);
            groups.push(Group { heading: Heading::Category(entrant.id), above_cutoff: photos.len(), photos });
        }
        groups.push(Group { heading: Heading::Unsorted, above_cutoff: 0, photos: unsorted });
        Ranking::with_the_rest(groups, library)
    }

    /// Every encoded photo by how well it fits one entrant.
    pub fn by(library: &Library, heading: Heading, column: &Column, cutoff: Option<f32>) -> Ranking {
        let order = library.folder_order().iter().enumerate();
        let embedded = order.filter(|(_, id)| column.fit(library.photo(**id).content.row()).is_some());
        let keys: Vec<u64> = embedded.map(|(rank, id)| key(column, library, *id, rank)).collect();
        let photos = sorted(keys, library);
        let reaches = |id: &PhotoId| column.fit(library.photo(*id).content.row()) >= cutoff;
        let above_cutoff = if cutoff.is_none() { photos.len() } else { photos.partition_point(reaches) };
        Ranking::with_the_rest(vec![Group { heading, photos, above_cutoff }], library)
    }

    /// Every photo, as it lies in its folder.
    pub fn as_in_folders(library: &Library) -> Ranking {
        let photos = library.folder_order().to_vec();
        Ranking::of_groups(vec![Group { heading: Heading::Folder, above_cutoff: 0, photos }])
    }

    /// How many photos it holds.
    pub fn len(&self) -> usize {
        self.groups.iter().map(|group| group.photos.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Every photo, from the first group's best.
    pub fn photos(&self) -> impl Iterator<Item = PhotoId> + '_ {
        self.groups.iter().flat_map(|group| group.photos.iter().copied())
    }

    fn with_the_rest(mut groups: Vec<Group>, library: &Library) -> Ranking {
        let having = |wanted: fn(&ContentState) -> bool| {
            let ids = library.folder_order().iter();
            ids.filter(|id| wanted(library.state(**id))).copied().collect()
        };
        let waiting = having(|state| *state == ContentState::Waiting);
        let unreadable = having(|state| matches!(state, ContentState::Unreadable(_)));
        groups.push(Group { heading: Heading::Waiting, photos: waiting, above_cutoff: 0 });
        groups.push(Group { heading: Heading::Unreadable, photos: unreadable, above_cutoff: 0 });
        Ranking::of_groups(groups)
    }

    fn of_groups(mut groups: Vec<Group>) -> Ranking {
        groups.retain(|group| !group.photos.is_empty());
        Ranking { groups }
    }
}

/// Sorts best first, then by folder order, as one integer: half the time of comparing floats and then ranks.
fn key(column: &Column, library: &Library, id: PhotoId, rank: usize) -> u64 {
    let fit = column.fit(library.photo(id).content.row()).unwrap_or(f32::NEG_INFINITY);
    u64::from(!ordered_bits(fit)) << 32 | rank as u64
}

fn sorted(mut keys: Vec<u64>, library: &Library) -> Vec<PhotoId> {
    keys.sort_unstable();
    keys.iter().map(|key| library.folder_order()[(key & 0xffff_ffff) as usize]).collect()
}

/// Bits that compare as the numbers do: negative numbers turn round, positive ones go above them.
fn ordered_bits(number: f32) -> u32 {
    let bits = number.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::catalog::{Direction, Embedding, Fingerprint, FoundFile};

    fn unit(x: f32, y: f32) -> Embedding {
        Embedding::normalised(vec![x, y]).unwrap()
    }

    /// Photos 0.jpg, 1.jpg, … with these vectors; `None` waits.
    fn library(vectors: &[Option<Embedding>]) -> Library {
        let mut library = Library::default();
        for (i, vector) in vectors.iter().enumerate() {
            let path = Path::new(&format!("{i}.jpg")).into();
            let name = Fingerprint([i as u8; 16]);
            library.add(vec![(FoundFile { path, size_bytes: 0, modified_ns: 0 }, name)]);
            if let Some(vector) = vector {
                library.set_embedding(name, vector);
            }
        }
        library
    }

    fn column(library: &Library, x: f32, y: f32) -> Column {
        Column::of(Direction::new(&[unit(x, y)], vec![]).unwrap(), library.vectors())
    }

    fn numbers(group: &Group) -> Vec<u32> {
        group.photos.iter().map(|id| id.0).collect()
    }

    #[test]
    fn a_photo_stands_under_the_best_category_whose_cutoff_it_reaches() {
        let library = library(&[Some(unit(1.0, 0.1)), Some(unit(0.1, 1.0)), Some(unit(-1.0, -1.0)), None]);
        let (east, north) = (column(&library, 1.0, 0.0), column(&library, 0.0, 1.0));
        let entrants = [
            Entrant { id: CategoryId(0), column: &east, cutoff: Some(0.0) },
            Entrant { id: CategoryId(1), column: &north, cutoff: Some(0.0) },
        ];
        let contest = Contest::of(&library, &entrants);
        let ranking = Ranking::in_groups(&library, &entrants, &contest);
        let groups: Vec<_> = ranking.groups.iter().map(|group| (group.heading, numbers(group))).collect();
        assert_eq!(
            groups,
            [
                (Heading::Category(CategoryId(0)), vec![0]),
                (Heading::Category(CategoryId(1)), vec![1]),
                (Heading::Unsorted, vec![2]),
                (Heading::Waiting, vec![3]),
            ]
        );
        assert_eq!((contest.count(0), contest.count(1), contest.unsorted()), (1, 1, 1));
    }

    #[test]
    fn a_ranked_list_is_best_first_and_keeps_folder_order_for_ties() {
        let library =
            library(&[Some(unit(0.0, 1.0)), Some(unit(1.0, 0.0)), Some(unit(0.0, 1.0)), Some(unit(-1.0, 0.0))]);
        let east = column(&library, 1.0, 0.0);
        let ranking = Ranking::by(&library, Heading::Find, &east, Some(0.0));
        assert_eq!(numbers(&ranking.groups[0]), [1, 0, 2, 3]);
        assert_eq!(ranking.groups[0].above_cutoff, 3);
    }

    #[test]
    fn bits_compare_as_numbers_do() {
        for pair in [-1.0f32, -0.5, 0.0, 1e-9, 0.25, 1.0].windows(2) {
            assert!(ordered_bits(pair[0]) < ordered_bits(pair[1]), "{pair:?}");
        }
    }
}
