//! The order in which photos are shown: in groups by category, ranked by one category, or as they lie in their folders.

use serde::{Deserialize, Serialize};

use super::{CategoryId, Column, ContentState, Contest, Library, PhotoId, Standing};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    #[default]
    Groups,
    Ranked,
    Folder,
    /// Photos that are almost the same stand together.
    Alike,
}

/// A category that competes for photos.
#[derive(Clone, Copy)]
pub struct Entrant<'a> {
    pub id: CategoryId,
    pub column: &'a Column,
    /// The least fit of photos that belong; `None` lets in whatever is not ruled out or rejected.
    pub cutoff: Option<f32>,
    /// Entrants of the same group exclude each other.
    pub group: Option<&'a str>,
    /// Another one whenever the column changes.
    pub version: u64,
}

/// What a group of photos has in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Heading {
    /// They fit this category best, or are ranked by it.
    Category(CategoryId),
    /// They are ranked by what is being looked for: words, photos or both.
    Find,
    /// They are almost the same; the number tells such groups apart.
    Alike(u32),
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

/// Memory that rankings are made in, kept from one to the next: what is asked for with every keystroke must not ask for
/// memory that grows with the library.
#[derive(Debug, Default)]
pub struct Scratch {
    keys: Vec<u64>,
    /// The content row of each photo in folder order, and the version of the files that it is of.
    rows: Vec<u32>,
    rows_version: Option<u64>,
    /// By place in folder order: the group, or `NOWHERE`.
    groups_of_ranks: Vec<u16>,
    /// By group: where its keys begin.
    starts: Vec<usize>,
    lists: Vec<Vec<PhotoId>>,
}

const NOWHERE: u16 = u16::MAX;

impl Scratch {
    /// Takes the memory of a ranking that nobody looks at any more.
    pub fn take_back(&mut self, ranking: Ranking) {
        self.lists.extend(ranking.groups.into_iter().map(|group| group.photos));
        self.lists.sort_by_key(Vec::capacity);
    }

    fn note_rows(&mut self, library: &Library) {
        if self.rows_version != Some(library.files_version()) {
            self.rows.clear();
            self.rows.extend(library.folder_order().iter().map(|id| library.photo(*id).content.0));
            self.rows_version = Some(library.files_version());
        }
    }

    /// An empty list with room for so many.
    fn list(&mut self, photos: usize) -> Vec<PhotoId> {
        // An empty group is dropped, and would take memory with it.
        if photos == 0 {
            return Vec::new();
        }
        let fitting = self.lists.partition_point(|list| list.capacity() < photos);
        let mut list = if fitting < self.lists.len() { self.lists.remove(fitting) } else { Vec::new() };
        list.clear();
        // A group grows and shrinks while somebody types.
        list.reserve(photos.next_power_of_two());
        list
    }
}

impl Ranking {
    /// One group a category, in their order, then what fits none, what waits and what cannot be read.
    pub fn in_groups(library: &Library, entrants: &[Entrant], contest: &Contest, scratch: &mut Scratch) -> Ranking {
        scratch.note_rows(library);
        let Scratch { keys, rows, starts, groups_of_ranks, .. } = scratch;
        // One more group for what fits none; what is not encoded stands in none of them.
        let group_of = |row: u32| match contest.winner_of_row(row as usize) {
            Some(place) => Some(place),
            None => library.vectors().has(row as usize).then_some(entrants.len()),
        };
        starts.clear();
        starts.resize(entrants.len() + 2, 0);
        groups_of_ranks.clear();
        groups_of_ranks.extend(rows.iter().map(|row| group_of(*row).map_or(NOWHERE, |group| group as u16)));
        for group in groups_of_ranks.iter().filter(|group| **group != NOWHERE) {
            starts[usize::from(*group) + 1] += 1;
        }
        (1..starts.len()).for_each(|group| starts[group] += starts[group - 1]);
        keys.clear();
        keys.resize(starts[entrants.len() + 1], 0);
        let mut next: Vec<usize> = starts.clone();
        for (rank, (row, group)) in rows.iter().zip(groups_of_ranks.iter()).enumerate() {
            let group = usize::from(*group);
            if group <= entrants.len() {
                let column = entrants.get(group).map(|entrant| entrant.column);
                keys[next[group]] = column.map_or(rank as u64, |column| key(column, *row, rank));
                next[group] += 1;
            }
        }
        let mut groups = Vec::with_capacity(entrants.len() + 3);
        for (place, entrant) in entrants.iter().enumerate() {
            let photos = sorted(scratch, place, library);
            groups.push(Group { heading: Heading::Category(entrant.id), above_cutoff: photos.len(), photos });
        }
        let photos = sorted(scratch, entrants.len(), library);
        groups.push(Group { heading: Heading::Unsorted, above_cutoff: 0, photos });
        Ranking::with_the_rest(groups, library, &scratch.rows)
    }

    /// Every encoded photo by how well it fits one entrant.
    pub fn by(
        library: &Library,
        heading: Heading,
        column: &Column,
        cutoff: Option<f32>,
        scratch: &mut Scratch,
    ) -> Ranking {
        scratch.note_rows(library);
        let Scratch { keys, rows, starts, .. } = scratch;
        let embedded = rows.iter().enumerate().filter(|(_, row)| library.vectors().has(**row as usize));
        keys.clear();
        keys.extend(embedded.map(|(rank, row)| key(column, *row, rank)));
        starts.clear();
        starts.extend([0, keys.len()]);
        let photos = sorted(scratch, 0, library);
        let least = Standing::of_cutoff(cutoff);
        let reaches = |id: &PhotoId| column.standing(library.photo(*id).content.row()) >= Some(least);
        let above_cutoff = photos.partition_point(reaches);
        Ranking::with_the_rest(vec![Group { heading, photos, above_cutoff }], library, &scratch.rows)
    }

    /// Every photo, as it lies in its folder.
    pub fn as_in_folders(library: &Library, scratch: &mut Scratch) -> Ranking {
        let mut photos = scratch.list(library.len());
        photos.extend_from_slice(library.folder_order());
        Ranking::of_groups(vec![Group { heading: Heading::Folder, above_cutoff: 0, photos }])
    }

    /// Photos that are almost the same, one group for each set of them; the rest is left out.
    pub fn of_alike(sets: &[Vec<PhotoId>]) -> Ranking {
        let group = |(number, photos): (usize, &Vec<PhotoId>)| Group {
            heading: Heading::Alike(number as u32),
            photos: photos.clone(),
            above_cutoff: 0,
        };
        Ranking::of_groups(sets.iter().enumerate().map(group).collect())
    }

    /// Leaves out the photos that do not pass, and groups of which none does; the others stay in their order.
    pub fn keep_only(mut self, passes: impl Fn(PhotoId) -> bool, scratch: &mut Scratch) -> Ranking {
        for Group { photos, above_cutoff, .. } in &mut self.groups {
            let (mut place, mut above) = (0, 0);
            photos.retain(|photo| {
                let stays = passes(*photo);
                above += usize::from(stays && place < *above_cutoff);
                place += 1;
                stays
            });
            *above_cutoff = above;
        }
        let (groups, emptied) = self.groups.into_iter().partition(|group: &Group| !group.photos.is_empty());
        scratch.take_back(Ranking { groups: emptied });
        Ranking { groups }
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

    /// `rows` are those of the photos in folder order.
    fn with_the_rest(mut groups: Vec<Group>, library: &Library, rows: &[u32]) -> Ranking {
        let (mut waiting, mut unreadable) = (Vec::new(), Vec::new());
        for (id, _) in library.folder_order().iter().zip(rows).filter(|(_, row)| !library.vectors().has(**row as usize))
        {
            match library.state(*id) {
                ContentState::Unreadable(_) => unreadable.push(*id),
                ContentState::Waiting | ContentState::Embedded => waiting.push(*id),
            }
        }
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
fn key(column: &Column, row: u32, rank: usize) -> u64 {
    let standing = column.standing(row as usize).map_or(f32::NEG_INFINITY, Standing::number);
    u64::from(!ordered_bits(standing)) << 32 | rank as u64
}

/// The photos of a group by their keys.
fn sorted(scratch: &mut Scratch, group: usize, library: &Library) -> Vec<PhotoId> {
    let range = scratch.starts[group]..scratch.starts[group + 1];
    let mut photos = scratch.list(range.len());
    let keys = &mut scratch.keys[range];
    keys.sort_unstable();
    photos.extend(keys.iter().map(|key| library.folder_order()[(key & 0xffff_ffff) as usize]));
    photos
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
    use crate::catalog::{Direction, Embedding, Fingerprint, FoundFile, Labels};

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
        let direction = Direction::new(&[(unit(x, y), 1.0)], vec![], vec![]).unwrap();
        Column::of(direction, vec![], library.vectors())
    }

    fn numbers(group: &Group) -> Vec<u32> {
        group.photos.iter().map(|id| id.0).collect()
    }

    #[test]
    fn a_photo_stands_under_the_best_category_whose_cutoff_it_reaches() {
        let library = library(&[Some(unit(1.0, 0.1)), Some(unit(0.1, 1.0)), Some(unit(-1.0, -1.0)), None]);
        let (east, north) = (column(&library, 1.0, 0.0), column(&library, 0.0, 1.0));
        let entrants = [
            Entrant { id: CategoryId(0), column: &east, cutoff: Some(0.0), group: None, version: 0 },
            Entrant { id: CategoryId(1), column: &north, cutoff: Some(0.0), group: None, version: 0 },
        ];
        let contest = Contest::of(&library, &entrants, Labels::One);
        let ranking = Ranking::in_groups(&library, &entrants, &contest, &mut Scratch::default());
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
        let ranking = Ranking::by(&library, Heading::Find, &east, Some(0.0), &mut Scratch::default());
        assert_eq!(numbers(&ranking.groups[0]), [1, 0, 2, 3]);
        assert_eq!(ranking.groups[0].above_cutoff, 3);
    }

    #[test]
    fn what_does_not_pass_is_left_out_and_the_rest_keeps_its_order() {
        let library = library(&[Some(unit(0.1, 1.0)), Some(unit(1.0, 0.0)), Some(unit(0.0, 1.0)), None]);
        let (east, mut scratch) = (column(&library, 1.0, 0.0), Scratch::default());
        let ranking = Ranking::by(&library, Heading::Find, &east, Some(0.05), &mut scratch);
        assert_eq!((numbers(&ranking.groups[0]), ranking.groups[0].above_cutoff), (vec![1, 0, 2], 2));
        let kept = ranking.keep_only(|photo| photo.0 != 1 && photo.0 != 3, &mut scratch);
        assert_eq!(kept.groups.len(), 1, "no group is empty");
        assert_eq!((numbers(&kept.groups[0]), kept.groups[0].above_cutoff), (vec![0, 2], 1));
    }

    #[test]
    fn bits_compare_as_numbers_do() {
        for pair in [-1.0f32, -0.5, 0.0, 1e-9, 0.25, 1.0].windows(2) {
            assert!(ordered_bits(pair[0]) < ordered_bits(pair[1]), "{pair:?}");
        }
    }
}
