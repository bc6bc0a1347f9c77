//! Which photos to ask about: those whose answers would teach most.
//!
//! A photo near the cut-off is one that the category is unsure about (uncertainty sampling: Lewis and Gale 1994), and one
//! unlike those already judged says something new (diversity: Settles 2009, section 5). So the photos nearest the cut-off
//! are looked at, as many from above it as from below, and the next question is one that is near to it and unlike what was
//! judged or asked before. Questions come from above while there are no more yes than no, else from below, so that both
//! answers are found. The same photos give the same questions.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::dot;

/// How many photos on either side of the cut-off are looked at closely.
const NEAREST: usize = 32;

/// In deviations of the fit among those looked at: how much nearer a photo must be to make up for being the same as
/// another one.
const NOVELTY_WORTH: f32 = 1.0;

/// The photos to ask about, best first, at most `n` and at most 32 from either side of the cut-off. The time grows
/// with the candidates, the memory does not.
///
/// `candidates` are the rows that are not judged yet, with their fits, in any order. `judged` are the vectors of those that
/// are, and whether they belong. Rows without a vector are left out.
pub fn next_questions<'a>(
    candidates: impl Iterator<Item = (usize, f32)>,
    cutoff: f32,
    judged: &[(&'a [f32], bool)],
    vector_of: impl Fn(usize) -> Option<&'a [f32]>,
    n: usize,
) -> Vec<usize> {
    let near = nearest(candidates, cutoff).map(|rows| considered(&rows, &vector_of));
    let middle = middle(judged.iter().map(|(photo, _)| *photo).chain(near.iter().flatten().map(|(_, photo)| *photo)));
    let spread = deviation(near.iter().flatten().map(|(near, _)| near.distance)).max(1e-6);
    let mut sides = near.map(|side| side.iter().map(|near| Question::of(*near, spread, &middle)).collect::<Vec<_>>());
    for (photo, _) in judged {
        let known = seen_from(&middle, photo);
        sides.iter_mut().flatten().for_each(|question| question.compare(&known));
    }
    let yes = judged.iter().filter(|(_, belongs)| *belongs).count();
    // What is asked next is expected to be answered as its side of the cut-off says.
    let mut surplus = yes as isize - (judged.len() - yes) as isize;
    let mut questions = Vec::new();
    while questions.len() < n {
        let from_above = (surplus <= 0 && !sides[1].is_empty()) || sides[0].is_empty();
        let Some(question) = take_best(&mut sides[usize::from(from_above)]) else { break };
        sides.iter_mut().flatten().for_each(|other| other.compare(&question.direction));
        questions.push(question.row);
        surplus += if from_above { 1 } else { -1 };
    }
    questions
}

/// A photo that might be asked about.
struct Question {
    row: usize,
    /// From the cut-off, in deviations of all that are looked at.
    distance: f32,
    /// Of the photo, seen from the middle of all of them, from where even photos of one category differ.
    direction: Vec<f32>,
    /// The cosine with the most similar photo that was judged or is asked before; at least zero.
    likeness: f32,
}

impl Question {
    fn of((near, photo): (Near, &[f32]), spread: f32, middle: &[f32]) -> Question {
        let direction = seen_from(middle, photo);
        Question { row: near.row, distance: near.distance / spread, direction, likeness: 0.0 }
    }

    fn compare(&mut self, known: &[f32]) {
        self.likeness = self.likeness.max(dot(&self.direction, known));
    }

    fn value(&self) -> f32 {
        -self.distance - NOVELTY_WORTH * self.likeness
    }
}

/// Of equals, the nearest to the cut-off.
fn take_best(side: &mut Vec<Question>) -> Option<Question> {
    let better = |a: &usize, b: &usize| side[*a].value().total_cmp(&side[*b].value()).then(b.cmp(a));
    let best = (0..side.len()).max_by(better)?;
    Some(side.remove(best))
}

/// A row and how far it is from the cut-off; the farthest is the greatest, and of equals the later.
#[derive(Clone, Copy)]
struct Near {
    distance: f32,
    row: usize,
}

impl Ord for Near {
    fn cmp(&self, other: &Near) -> Ordering {
        self.distance.total_cmp(&other.distance).then(self.row.cmp(&other.row))
    }
}

impl PartialOrd for Near {
    fn partial_cmp(&self, other: &Near) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Near {
    fn eq(&self, other: &Near) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Near {}

/// The rows nearest the cut-off, nearest first: those below it, and those that reach it.
fn nearest(candidates: impl Iterator<Item = (usize, f32)>, cutoff: f32) -> [Vec<Near>; 2] {
    let mut sides: [BinaryHeap<Near>; 2] = [BinaryHeap::new(), BinaryHeap::new()];
    for (row, fit) in candidates.filter(|(_, fit)| fit.is_finite()) {
        let side = &mut sides[usize::from(fit >= cutoff)];
        let near = Near { distance: (fit - cutoff).abs(), row };
        if side.len() < NEAREST {
            side.push(near);
        } else if let Some(mut farthest) = side.peek_mut()
            && near < *farthest
        {
            *farthest = near;
        }
    }
    sides.map(BinaryHeap::into_sorted_vec)
}

fn considered<'a>(rows: &[Near], vector_of: &impl Fn(usize) -> Option<&'a [f32]>) -> Vec<(Near, &'a [f32])> {
    rows.iter().filter_map(|near| Some((*near, vector_of(near.row)?))).collect()
}

/// The unit vector that points from the middle to the photo; zero where it lies in the middle.
fn seen_from(middle: &[f32], photo: &[f32]) -> Vec<f32> {
    let mut direction: Vec<f32> = photo.iter().zip(middle).map(|(x, middle)| x - middle).collect();
    let length = dot(&direction, &direction).sqrt().max(1e-6);
    direction.iter_mut().for_each(|x| *x /= length);
    direction
}

fn middle<'a>(photos: impl Iterator<Item = &'a [f32]>) -> Vec<f32> {
    let (mut sum, mut count) = (Vec::new(), 0.0f32);
    for photo in photos {
        sum.resize(photo.len(), 0.0);
        sum.iter_mut().zip(photo).for_each(|(sum, x)| *sum += x);
        count += 1.0;
    }
    sum.iter_mut().for_each(|sum| *sum /= count);
    sum
}

fn deviation(distances: impl Iterator<Item = f32>) -> f32 {
    let (squares, count) = distances.fold((0.0, 0.0f32), |(squares, count), x| (squares + x * x, count + 1.0));
    if count > 0.0 { (squares / count).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Photos on a circle, at these angles.
    fn photos(angles: &[f32]) -> Vec<[f32; 2]> {
        angles.iter().map(|angle| [angle.cos(), angle.sin()]).collect()
    }

    fn ask(fits: &[f32], photos: &[[f32; 2]], judged: &[(&[f32], bool)], n: usize) -> Vec<usize> {
        let candidates = fits.iter().copied().enumerate();
        next_questions(candidates, 0.5, judged, |row| photos.get(row).map(<[f32; 2]>::as_slice), n)
    }

    #[test]
    fn the_first_question_is_the_photo_nearest_above_the_cutoff() {
        let photos = photos(&[0.0, 1.0, 2.0, 3.0]);
        assert_eq!(ask(&[0.9, 0.52, 0.49, 0.1], &photos, &[], 1), [1]);
    }

    #[test]
    fn the_next_question_comes_from_the_side_whose_answer_is_rarer() {
        let photos = photos(&[0.0, 1.0, 2.0, 3.0]);
        let fits = [0.9, 0.52, 0.49, 0.1];
        let known = [1.0, 0.0];
        assert_eq!(ask(&fits, &photos, &[(&known, true)], 1), [2]);
        assert_eq!(ask(&fits, &photos, &[(&known, false)], 1), [1]);
    }

    #[test]
    fn of_photos_equally_near_the_one_unlike_the_judged_is_asked() {
        let photos = photos(&[0.1, 2.0, 3.0]);
        let judged = photos[0];
        assert_eq!(ask(&[0.55, 0.55, 0.1], &photos, &[(&judged, false)], 1), [1]);
    }

    #[test]
    fn the_same_photo_is_not_asked_twice_and_both_sides_take_turns() {
        let photos = photos(&(0..20).map(|i| i as f32 * 0.3).collect::<Vec<_>>());
        let fits: Vec<f32> = (0..20).map(|i| 0.4 + 0.01 * i as f32).collect();
        let mut asked = ask(&fits, &photos, &[], 20);
        assert!(asked.iter().take(6).filter(|row| fits[**row] >= 0.5).count() == 3, "{asked:?}");
        asked.sort_unstable();
        assert_eq!(asked, (0..20).collect::<Vec<_>>());
    }

    #[test]
    fn only_the_nearest_of_a_large_library_are_looked_at() {
        let photos = photos(&(0..1000).map(|i| i as f32).collect::<Vec<_>>());
        let fits: Vec<f32> = (0..1000).map(|i| i as f32 / 1000.0).collect();
        let asked = ask(&fits, &photos, &[], 1000);
        assert_eq!(asked.len(), 2 * NEAREST);
        assert!(asked.iter().all(|row| (fits[*row] - 0.5).abs() < 0.04));
    }

    #[test]
    fn photos_without_fit_or_vector_are_not_asked() {
        assert_eq!(ask(&[f32::NAN, 0.6, 0.5], &photos(&[0.0, 1.0]), &[], 9), [1]);
        assert!(ask(&[], &[], &[], 3).is_empty());
    }
}
