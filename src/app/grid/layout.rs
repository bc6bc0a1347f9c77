//! Where every photo of a ranking stands: groups with headings, in rows of thumbnails of one height.
//!
//! A photo keeps its shape; only its row is even. Distances are `f64`, because a hundred thousand large thumbnails are
//! taller than an `f32` can count in points. Finding what is on screen is a binary search, whatever the number.

use std::ops::Range;
use std::rc::Rc;

use crate::catalog::{Group, Heading, PhotoId, Ranking};

/// Between photos, both ways.
pub const GAP: f32 = 8.0;
pub const HEADING: f64 = 40.0;
/// The band that says where the cut-off falls.
pub const CUTOFF: f64 = 28.0;
const AFTER_GROUP: f64 = 12.0;

/// A photo that is not decoded yet stands as the commonest shape.
const UNKNOWN_ASPECT: f32 = 1.5;
/// Beyond these a photo is drawn smaller inside its cell, so that a panorama does not take a row and a strip can be hit.
const ASPECTS: (f32, f32) = (0.5, 3.0);

/// What a layout depends on besides its photos, in points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Space {
    pub width: f32,
    pub thumbnail_height: f32,
    /// What a row has below its thumbnails.
    pub caption_height: f32,
}

impl Space {
    /// From the top of one row to the top of the next.
    pub fn pitch(&self) -> f64 {
        f64::from(self.thumbnail_height + self.caption_height + GAP)
    }

    fn cell_width(&self, aspect: Option<f32>) -> f32 {
        let aspect = aspect.unwrap_or(UNKNOWN_ASPECT).clamp(ASPECTS.0, ASPECTS.1);
        (self.thumbnail_height * aspect).round().min(self.width)
    }
}

/// A group on screen. Its heading is `HEADING` tall and begins at `top`.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    pub top: f64,
    pub bottom: f64,
    /// Top of the band that parts what is above the cut-off from what is below.
    pub cutoff: Option<f64>,
    /// Place of its first photo among all photos.
    first: usize,
}

/// One photo's cell, `x` from the left edge of the space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    pub photo: PhotoId,
    /// Its place among all photos, in the order in which they are shown.
    pub place: usize,
    pub x: f32,
    pub width: f32,
}

impl Cell {
    pub fn centre(&self) -> f32 {
        self.x + self.width / 2.0
    }
}

#[derive(Clone, Copy, Debug)]
struct Row {
    top: f64,
    /// Place of its first photo; the row ends where the next begins.
    first: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Layout {
    ranking: Rc<Ranking>,
    space: Space,
    height: f64,
    sections: Vec<Section>,
    rows: Vec<Row>,
    photos: usize,
    /// By photo: its place, or `NOWHERE`.
    places: Vec<u32>,
    /// By place.
    widths: Vec<f32>,
}

const NOWHERE: u32 = u32::MAX;

impl Layout {
    /// `aspect` tells width over height of a photo, once it is known.
    #[cfg(test)]
    pub fn of(ranking: &Rc<Ranking>, space: Space, aspect: impl Fn(PhotoId) -> Option<f32>) -> Layout {
        let mut layout = Layout::default();
        layout.arrange(ranking, space, aspect);
        layout
    }

    /// The same in the memory that is there already: it is asked for with every keystroke.
    pub fn arrange(&mut self, ranking: &Rc<Ranking>, space: Space, aspect: impl Fn(PhotoId) -> Option<f32>) {
        (self.ranking, self.space, self.photos, self.height) = (ranking.clone(), space, ranking.len(), 0.0);
        self.sections.clear();
        self.rows.clear();
        self.widths.clear();
        self.places.fill(NOWHERE);
        for group in &ranking.groups {
            self.widths.extend(group.photos.iter().map(|photo| space.cell_width(aspect(*photo))));
            self.add_section(group);
        }
        self.note_places();
    }

    pub fn is_of(&self, ranking: &Rc<Ranking>, space: Space) -> bool {
        Rc::ptr_eq(&self.ranking, ranking) && self.space == space
    }

    pub fn space(&self) -> Space {
        self.space
    }

    pub fn height(&self) -> f64 {
        self.height
    }

    pub fn photos(&self) -> usize {
        self.photos
    }

    /// Groups that show between two heights.
    pub fn sections_within(&self, top: f64, bottom: f64) -> impl Iterator<Item = (&Group, &Section)> {
        let first = self.sections.partition_point(|section| section.bottom <= top);
        let shown = self.ranking.groups[first..].iter().zip(&self.sections[first..]);
        shown.take_while(move |(_, section)| section.top < bottom)
    }

    /// The group that a place belongs to.
    pub fn group_at(&self, place: usize) -> &Group {
        &self.ranking.groups[self.section_at(place)]
    }

    /// Rows that show between two heights.
    pub fn rows_within(&self, top: f64, bottom: f64) -> Range<usize> {
        let first = self.rows.partition_point(|row| row.top + self.space.pitch() <= top);
        let end = self.rows.partition_point(|row| row.top < bottom);
        first..end.max(first)
    }

    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    pub fn row_top(&self, row: usize) -> f64 {
        self.rows[row].top
    }

    /// The row that a place stands in.
    pub fn row_at(&self, place: usize) -> usize {
        self.rows.partition_point(|row| row.first as usize <= place).saturating_sub(1)
    }

    /// The photos of a row, from left to right.
    pub fn cells(&self, row: usize) -> impl Iterator<Item = Cell> {
        let places = self.places_in(row);
        let section = self.section_at(places.start);
        let (group, first) = (&self.ranking.groups[section], self.sections[section].first);
        let mut x = 0.0;
        places.map(move |place| {
            let cell = Cell { photo: group.photos[place - first], place, x, width: self.widths[place] };
            x += cell.width + GAP;
            cell
        })
    }

    pub fn place_of(&self, photo: PhotoId) -> Option<usize> {
        let place = self.places.get(photo.0 as usize).copied().filter(|place| *place != NOWHERE);
        place.map(|place| place as usize)
    }

    pub fn photo_at(&self, place: usize) -> Option<PhotoId> {
        let section = self.section_at(place);
        let group = self.ranking.groups.get(section)?;
        group.photos.get(place - self.sections[section].first).copied()
    }

    /// The photo of a row that stands nearest to `x`.
    pub fn nearest(&self, row: usize, x: f32) -> Option<Cell> {
        self.cells(row).min_by(|a, b| (a.centre() - x).abs().total_cmp(&(b.centre() - x).abs()))
    }

    fn places_in(&self, row: usize) -> Range<usize> {
        let end = self.rows.get(row + 1).map_or(self.photos, |next| next.first as usize);
        self.rows[row].first as usize..end
    }

    fn section_at(&self, place: usize) -> usize {
        self.sections.partition_point(|section| section.first <= place).saturating_sub(1)
    }

    fn add_section(&mut self, group: &Group) {
        let first = self.widths.len() - group.photos.len();
        let (top, above) = (self.height, above_the_line(group));
        self.height += HEADING;
        self.add_rows(first..first + above);
        let has_line = above < group.photos.len();
        let cutoff = has_line.then_some(self.height);
        if has_line {
            self.height += CUTOFF;
            self.add_rows(first + above..self.widths.len());
        }
        self.height += AFTER_GROUP;
        self.sections.push(Section { top, bottom: self.height, cutoff, first });
    }

    fn add_rows(&mut self, places: Range<usize>) {
        // Nothing fits before the first photo, so it starts a row.
        let mut x = f32::INFINITY;
        for place in places {
            let width = self.widths[place];
            if x + width > self.space.width {
                self.rows.push(Row { top: self.height, first: place as u32 });
                self.height += self.space.pitch();
                x = 0.0;
            }
            x += width + GAP;
        }
    }

    fn note_places(&mut self) {
        let shown = self.ranking.groups.iter().flat_map(|group| &group.photos);
        for (place, photo) in shown.enumerate() {
            let photo = photo.0 as usize;
            if photo >= self.places.len() {
                self.places.resize((photo + 1).max(self.photos), NOWHERE);
            }
            self.places[photo] = place as u32;
        }
    }
}

/// How many photos of a group stand above its line; all of them where no cut-off parts the group.
fn above_the_line(group: &Group) -> usize {
    match group.heading {
        Heading::Category(_) | Heading::Find => group.above_cutoff,
        _ => group.photos.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::CategoryId;

    const SPACE: Space = Space { width: 500.0, thumbnail_height: 100.0, caption_height: 0.0 };

    fn group(heading: Heading, photos: Range<u32>, above_cutoff: usize) -> Group {
        Group { heading, photos: photos.map(PhotoId).collect(), above_cutoff }
    }

    fn layout(groups: Vec<Group>, aspect: impl Fn(PhotoId) -> Option<f32>) -> Layout {
        Layout::of(&Rc::new(Ranking { groups }), SPACE, aspect)
    }

    fn all(layout: &Layout) -> impl Iterator<Item = (&Group, &Section)> {
        layout.sections_within(f64::NEG_INFINITY, f64::INFINITY)
    }

    fn rows(layout: &Layout) -> Vec<Vec<u32>> {
        (0..layout.rows()).map(|row| layout.cells(row).map(|cell| cell.photo.0).collect()).collect()
    }

    #[test]
    fn photos_wrap_at_the_width_and_keep_their_shape() {
        let layout =
            layout(vec![group(Heading::Folder, 0..5, 0)], |photo| Some([2.0, 1.0, 1.5, 1.0, 0.6][photo.0 as usize]));
        assert_eq!(rows(&layout), [vec![0, 1, 2], vec![3, 4]]);
        let cells: Vec<_> = layout.cells(0).map(|cell| (cell.x, cell.width)).collect();
        assert_eq!(cells, [(0.0, 200.0), (208.0, 100.0), (316.0, 150.0)]);
    }

    #[test]
    fn a_panorama_is_held_in_and_an_unknown_photo_is_three_to_two() {
        let layout =
            layout(vec![group(Heading::Folder, 0..3, 0)], |photo| [Some(20.0), None, Some(0.01)][photo.0 as usize]);
        let widths: Vec<_> = (0..2).flat_map(|row| layout.cells(row)).map(|cell| cell.width).collect();
        assert_eq!(widths, [300.0, 150.0, 50.0]);
    }

    #[test]
    fn a_photo_wider_than_the_window_still_gets_a_row() {
        let space = Space { width: 80.0, ..SPACE };
        let layout = Layout::of(&Rc::new(Ranking { groups: vec![group(Heading::Folder, 0..2, 0)] }), space, |_| None);
        assert_eq!(rows(&layout), [[0], [1]]);
        assert_eq!(layout.cells(0).next().map(|cell| cell.width), Some(80.0));
    }

    #[test]
    fn every_group_starts_a_row_below_its_heading() {
        let groups = vec![group(Heading::Unsorted, 0..1, 0), group(Heading::Waiting, 1..2, 0)];
        let layout = layout(groups, |_| None);
        assert_eq!(rows(&layout), [[0], [1]]);
        let tops: Vec<_> = all(&layout).map(|(_, section)| section.top).collect();
        assert_eq!(tops, [0.0, HEADING + SPACE.pitch() + AFTER_GROUP]);
        assert_eq!(layout.row_top(1), tops[1] + HEADING);
        assert_eq!(layout.group_at(1).heading, Heading::Waiting);
    }

    #[test]
    fn the_cut_off_starts_a_row_below_its_line() {
        let layout = layout(vec![group(Heading::Category(CategoryId(0)), 0..4, 1)], |_| Some(1.0));
        assert_eq!(rows(&layout), [vec![0], vec![1, 2, 3]]);
        let line = all(&layout).next().and_then(|(_, section)| section.cutoff);
        assert_eq!(line, Some(HEADING + SPACE.pitch()));
        assert_eq!(layout.row_top(1), HEADING + SPACE.pitch() + CUTOFF);
    }

    #[test]
    fn a_group_that_is_all_above_its_cut_off_has_no_line() {
        let layout = layout(vec![group(Heading::Find, 0..4, 4), group(Heading::Waiting, 4..6, 0)], |_| None);
        assert!(all(&layout).all(|(_, section)| section.cutoff.is_none()));
    }

    #[test]
    fn rows_on_screen_are_those_that_touch_it() {
        let layout = layout(vec![group(Heading::Folder, 0..300, 0)], |_| Some(1.0));
        let pitch = SPACE.pitch();
        assert_eq!(layout.rows_within(HEADING, HEADING + pitch), 0..1);
        assert_eq!(layout.rows_within(HEADING + pitch * 9.5, HEADING + pitch * 11.5), 9..12);
        assert_eq!(layout.rows_within(layout.height(), layout.height() + 500.0).len(), 0);
    }

    #[test]
    fn places_and_photos_are_each_others_inverse() {
        let groups = vec![group(Heading::Unsorted, 5..9, 0), group(Heading::Waiting, 0..4, 0)];
        let layout = layout(groups, |_| None);
        for place in 0..8 {
            let photo = layout.photo_at(place).unwrap();
            assert_eq!(layout.place_of(photo), Some(place));
            assert!(layout.cells(layout.row_at(place)).any(|cell| cell.photo == photo && cell.place == place));
        }
        assert_eq!((layout.photo_at(8), layout.place_of(PhotoId(4))), (None, None));
    }

    #[test]
    fn the_nearest_photo_of_a_row_is_judged_by_its_middle() {
        let layout = layout(vec![group(Heading::Folder, 0..3, 0)], |_| Some(1.0));
        assert_eq!(layout.nearest(0, 170.0).map(|cell| cell.photo), Some(PhotoId(1)));
        assert_eq!(layout.nearest(0, 9000.0).map(|cell| cell.photo), Some(PhotoId(2)));
    }

    #[test]
    fn an_empty_ranking_has_no_height() {
        let layout = layout(vec![], |_| None);
        assert_eq!((layout.height(), layout.rows(), layout.photo_at(0)), (0.0, 0, None));
        assert_eq!(layout.rows_within(0.0, 1000.0), 0..0);
    }
}
