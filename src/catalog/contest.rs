//! Which categories each photo belongs to.
//!
//! A photo reaches an entrant if its standing reaches the cut-off. Of entrants that exclude each other, and of all of
//! them where a photo has but one label, only the best that it reaches counts; what a person confirmed always does.
//!
//! After one entrant changed, only what it decides is worked out anew, in the same memory: a change is heard while
//! somebody types.

use super::{CategoryId, Entrant, Labels, Library, PhotoId, Standing, Tier};

/// The outcome of all entrants' competition for all photos.
#[derive(Clone, Debug, Default)]
pub struct Contest {
    labels: Labels,
    /// What the outcome is of.
    files_version: u64,
    entrants: Vec<Known>,
    /// By content row: how many open files hold it.
    files: Vec<u32>,
    /// By content row: the best entrant that it reaches, and how it stands there.
    best: Vec<(u16, f32)>,
    /// By entrant: how many photos belong to it.
    counts: Vec<usize>,
    /// How many photos somebody won.
    won: usize,
    unsorted: usize,
    /// Rows whose winner lost them, while the next one is looked for; memory to be used again.
    lost: Vec<u32>,
}

/// An entrant as it was.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    id: CategoryId,
    version: u64,
    cutoff: Option<f32>,
    group: Option<String>,
}

const NOBODY: u16 = u16::MAX;
const UNREACHED: (u16, f32) = (NOBODY, f32::NEG_INFINITY);

impl Contest {
    /// Of two entrants that fit alike, the earlier wins.
    pub fn of(library: &Library, entrants: &[Entrant], labels: Labels) -> Contest {
        let mut contest = Contest::default();
        contest.begin(library, entrants, labels);
        contest
    }

    /// Brings the outcome in line with what changed since.
    pub fn update(&mut self, library: &Library, entrants: &[Entrant], labels: Labels) {
        let is_same =
            |known: &Known, entrant: &Entrant| known.id == entrant.id && known.group.as_deref() == entrant.group;
        let has_same_field = self.labels == labels
            && self.files_version == library.files_version()
            && self.best.len() == library.vectors().rows()
            && self.entrants.len() == entrants.len()
            && self.entrants.iter().zip(entrants).all(|(known, entrant)| is_same(known, entrant));
        let mut changed = (0..entrants.len()).filter(|place| {
            let (known, entrant) = (&self.entrants[*place], &entrants[*place]);
            known.version != entrant.version || known.cutoff != entrant.cutoff
        });
        if !has_same_field {
            return self.begin(library, entrants, labels);
        }
        match (changed.next(), changed.next()) {
            (None, _) => {}
            (Some(place), None) => {
                drop(changed);
                self.replay(place, entrants);
            }
            _ => {
                drop(changed);
                self.begin(library, entrants, labels);
            }
        }
    }

    /// The place of the entrant that the photo fits best of those that it belongs to.
    pub fn winner(&self, library: &Library, photo: PhotoId) -> Option<usize> {
        self.winner_of_row(library.photo(photo).content.row())
    }

    pub fn winner_of_row(&self, row: usize) -> Option<usize> {
        self.best.get(row).map(|(place, _)| *place).filter(|place| *place != NOBODY).map(usize::from)
    }

    /// The places of all entrants that the photo belongs to, in their order.
    pub fn labels(&self, library: &Library, entrants: &[Entrant], photo: PhotoId) -> Vec<usize> {
        let row = library.photo(photo).content.row();
        (0..entrants.len()).filter(|place| self.belongs(row, *place, entrants)).collect()
    }

    /// Whether any open file holds what stands in this row.
    pub fn is_open(&self, row: usize) -> bool {
        self.files.get(row).is_some_and(|files| *files > 0)
    }

    /// How many photos belong to the entrant at `place`.
    pub fn count(&self, place: usize) -> usize {
        self.counts.get(place).copied().unwrap_or(0)
    }

    /// How many encoded photos belong to none.
    pub fn unsorted(&self) -> usize {
        self.unsorted
    }

    fn begin(&mut self, library: &Library, entrants: &[Entrant], labels: Labels) {
        let known = |entrant: &Entrant| Known {
            id: entrant.id,
            version: entrant.version,
            cutoff: entrant.cutoff,
            group: entrant.group.map(str::to_owned),
        };
        self.entrants = entrants.iter().map(known).collect();
        (self.labels, self.files_version) = (labels, library.files_version());
        self.best.clear();
        self.best.resize(library.vectors().rows(), UNREACHED);
        self.files.clear();
        self.files.resize(self.best.len(), 0);
        for id in library.folder_order() {
            if let Some(files) = self.files.get_mut(library.photo(*id).content.row()) {
                *files += 1;
            }
        }
        for (place, entrant) in entrants.iter().enumerate() {
            let least = Standing::of_cutoff(entrant.cutoff).number();
            for (best, standing) in self.best.iter_mut().zip(entrant.column.standings()) {
                if standing.number() >= least && standing.number() > best.1 {
                    *best = (place as u16, standing.number());
                }
            }
        }
        match self.labels {
            Labels::One => self.count_winners(entrants),
            Labels::Several => {
                self.counts = (0..entrants.len()).map(|place| self.counted(place, entrants)).collect();
            }
        }
        self.count_unsorted(library);
    }

    /// One entrant changed.
    fn replay(&mut self, place: usize, entrants: &[Entrant]) {
        let entrant = &entrants[place];
        (self.entrants[place].version, self.entrants[place].cutoff) = (entrant.version, entrant.cutoff);
        let least = Standing::of_cutoff(entrant.cutoff).number();
        let before = self.won;
        let mut lost = std::mem::take(&mut self.lost);
        lost.clear();
        for (row, standing) in entrant.column.standings().iter().enumerate().take(self.best.len()) {
            let (winner, best) = self.best[row];
            let standing = standing.number();
            let reaches = standing >= least;
            let beats = reaches && (standing > best || standing == best && (place as u16) < winner);
            if beats {
                self.best[row] = (place as u16, standing);
            } else if usize::from(winner) == place {
                lost.push(row as u32);
            }
        }
        self.find_winners(&lost, entrants);
        self.lost = lost;
        match self.labels {
            Labels::One => self.count_winners(entrants),
            Labels::Several => {
                let rivals: Vec<usize> = (0..entrants.len()).filter(|other| self.are_rivals(place, *other)).collect();
                rivals.into_iter().for_each(|rival| self.counts[rival] = self.counted(rival, entrants));
            }
        }
        self.won = self.wins();
        self.unsorted = (self.unsorted + before).saturating_sub(self.won);
    }

    /// Who wins these rows, in their order. Entrant by entrant, because row by row each look at a column would wait for
    /// memory.
    fn find_winners(&mut self, rows: &[u32], entrants: &[Entrant]) {
        rows.iter().for_each(|row| self.best[*row as usize] = UNREACHED);
        for (place, entrant) in entrants.iter().enumerate() {
            let (least, standings) = (Standing::of_cutoff(entrant.cutoff).number(), entrant.column.standings());
            for row in rows {
                let best = &mut self.best[*row as usize];
                let standing = standings.get(*row as usize).map_or(f32::NAN, |standing| standing.number());
                if standing >= least && standing > best.1 {
                    *best = (place as u16, standing);
                }
            }
        }
    }

    /// How many photos somebody won.
    fn wins(&self) -> usize {
        let won = self.best.iter().zip(&self.files).filter(|((place, _), _)| *place != NOBODY);
        won.map(|(_, files)| *files as usize).sum()
    }

    fn count_unsorted(&mut self, library: &Library) {
        let vectors = library.vectors();
        let encoded = self.files.iter().enumerate().filter(|(row, _)| vectors.has(*row));
        self.won = self.wins();
        self.unsorted = encoded.map(|(_, files)| *files as usize).sum::<usize>() - self.won;
    }

    /// Whether what one wins or loses can change how many belong to the other.
    fn are_rivals(&self, place: usize, other: usize) -> bool {
        let groups = (&self.entrants[place].group, &self.entrants[other].group);
        place == other || self.labels == Labels::One || (groups.0.is_some() && groups.0 == groups.1)
    }

    /// The counts where a photo has one label: the winner's, and what a person confirmed besides.
    fn count_winners(&mut self, entrants: &[Entrant]) {
        self.counts.clear();
        self.counts.resize(entrants.len(), 0);
        for ((winner, _), files) in self.best.iter().zip(&self.files) {
            if let Some(count) = self.counts.get_mut(usize::from(*winner)) {
                *count += *files as usize;
            }
        }
        for (place, entrant) in entrants.iter().enumerate() {
            let elsewhere = entrant
                .column
                .verdicts()
                .iter()
                .filter(|(row, _)| self.winner_of_row(*row) != Some(place) && self.belongs(*row, place, entrants));
            let files = elsewhere.filter_map(|(row, _)| self.files.get(*row)).map(|files| *files as usize);
            self.counts[place] += files.sum::<usize>();
        }
    }

    /// The count of one entrant where a photo may have several labels.
    fn counted(&self, place: usize, entrants: &[Entrant]) -> usize {
        let (least, column) = (Standing::of_cutoff(entrants[place].cutoff).number(), entrants[place].column);
        let has_rivals = (0..entrants.len()).any(|other| other != place && self.are_rivals(place, other));
        let reached = column.standings().iter().zip(&self.files).enumerate();
        let reached = reached.filter(|(_, (standing, _))| standing.number() >= least);
        let belonging = reached.filter(|(row, _)| !has_rivals || self.belongs(*row, place, entrants));
        belonging.map(|(_, (_, files))| *files as usize).sum()
    }

    fn belongs(&self, row: usize, place: usize, entrants: &[Entrant]) -> bool {
        let reached = |place: usize| {
            let standing = entrants[place].column.standing(row)?;
            (standing >= Standing::of_cutoff(entrants[place].cutoff)).then_some(standing)
        };
        let Some(standing) = reached(place) else { return false };
        let beats = |other: usize| {
            reached(other).is_some_and(|theirs| theirs > standing || theirs == standing && other < place)
        };
        standing.tier() == Tier::Confirmed
            || match self.labels {
                Labels::One => self.winner_of_row(row) == Some(place),
                Labels::Several => {
                    !(0..entrants.len()).any(|other| other != place && self.are_rivals(place, other) && beats(other))
                }
            }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::catalog::{Column, Direction, Embedding, Fingerprint, FoundFile, Verdict};

    fn unit(x: f32, y: f32) -> Embedding {
        Embedding::normalised(vec![x, y]).unwrap()
    }

    /// Photos 0.jpg, 1.jpg, … in these directions.
    fn library(photos: &[(f32, f32)]) -> Library {
        let mut library = Library::default();
        for (i, (x, y)) in photos.iter().enumerate() {
            let (path, name) = (Path::new(&format!("{i}.jpg")).into(), Fingerprint([i as u8; 16]));
            library.add(vec![(FoundFile { path, size_bytes: 0, modified_ns: 0 }, name)]);
            library.set_embedding(name, &unit(*x, *y));
        }
        library
    }

    fn column(library: &Library, x: f32, y: f32, verdicts: &[(usize, Verdict)]) -> Column {
        let direction = Direction::new(&[(unit(x, y), 1.0)], vec![], vec![]).unwrap();
        Column::of(direction, verdicts.to_vec(), library.vectors())
    }

    fn entrant<'a>(id: u32, column: &'a Column, cutoff: f32, group: Option<&'a str>) -> Entrant<'a> {
        Entrant { id: CategoryId(id), column, cutoff: Some(cutoff), group, version: u64::from(id) }
    }

    fn labels_of(library: &Library, entrants: &[Entrant], labels: Labels) -> Vec<Vec<usize>> {
        let contest = Contest::of(library, entrants, labels);
        let photos = library.folder_order().iter();
        let of_photos: Vec<Vec<usize>> = photos.map(|id| contest.labels(library, entrants, *id)).collect();
        for place in 0..entrants.len() {
            let counted = of_photos.iter().filter(|labels| labels.contains(&place)).count();
            assert_eq!(contest.count(place), counted, "the count of entrant {place}");
        }
        assert_eq!(contest.unsorted(), of_photos.iter().filter(|labels| labels.is_empty()).count());
        of_photos
    }

    #[test]
    fn a_photo_has_one_label_or_several_but_one_of_each_group() {
        let library = library(&[(1.0, 1.0), (1.0, 0.2), (-1.0, -1.0)]);
        let (east, north) = (column(&library, 1.0, 0.0, &[]), column(&library, 0.0, 1.0, &[]));
        let both = column(&library, 1.0, 1.0, &[]);
        let free = [entrant(0, &east, 0.1, None), entrant(1, &north, 0.1, None), entrant(2, &both, 0.1, None)];
        assert_eq!(labels_of(&library, &free, Labels::One), [vec![2], vec![0], vec![]]);
        assert_eq!(labels_of(&library, &free, Labels::Several), [vec![0, 1, 2], vec![0, 1, 2], vec![]]);
        let grouped =
            [entrant(0, &east, 0.1, Some("way")), entrant(1, &north, 0.1, Some("way")), entrant(2, &both, 0.1, None)];
        assert_eq!(labels_of(&library, &grouped, Labels::Several), [vec![0, 2], vec![0, 2], vec![]]);
    }

    #[test]
    fn what_a_person_said_decides_whatever_the_labels() {
        let library = library(&[(1.0, 0.1), (1.0, 0.1)]);
        let east = column(&library, 1.0, 0.0, &[(1, Verdict::No)]);
        let north = column(&library, 0.0, 1.0, &[(0, Verdict::Yes)]);
        let south = column(&library, 0.0, -1.0, &[(0, Verdict::Yes)]);
        let entrants = [entrant(0, &east, 0.5, None), entrant(1, &north, 0.5, None), entrant(2, &south, 0.5, None)];
        assert_eq!(labels_of(&library, &entrants, Labels::One), [vec![1, 2], vec![]]);
    }

    #[test]
    fn one_change_gives_what_a_new_contest_gives() {
        let photos: Vec<(f32, f32)> = (0..200).map(|i| ((i as f32).sin(), (i as f32 * 0.7).cos())).collect();
        let library = library(&photos);
        for labels in [Labels::One, Labels::Several] {
            let mut columns: Vec<Column> =
                (0..6).map(|i| column(&library, (i as f32).cos(), (i as f32).sin(), &[(i, Verdict::Yes)])).collect();
            let group = |id: u32| ["a", "a", "b", "b"].get(id as usize).copied();
            let mut contest = Contest::default();
            for round in 0..30u32 {
                let place = (round * 5 % 6) as usize;
                columns[place] = column(&library, (round as f32).sin(), 0.3, &[(round as usize, Verdict::No)]);
                let entrants: Vec<Entrant> = columns
                    .iter()
                    .enumerate()
                    .map(|(i, column)| Entrant {
                        version: if i == place { u64::from(round) } else { (round as u64).saturating_sub(1) },
                        ..entrant(i as u32, column, 0.4 + 0.01 * i as f32, group(i as u32))
                    })
                    .collect();
                // Everybody but one is as they were.
                contest.entrants.iter_mut().zip(&entrants).for_each(|(known, now)| {
                    if now.id.0 as usize != place {
                        known.version = now.version;
                    } else {
                        known.version = u64::MAX;
                    }
                });
                contest.update(&library, &entrants, labels);
                let anew = Contest::of(&library, &entrants, labels);
                assert_eq!((&contest.best, &contest.counts), (&anew.best, &anew.counts), "round {round}");
                assert_eq!(contest.unsorted, anew.unsorted, "round {round}");
            }
        }
    }
}
