//! How good an order of photos is, where the true answer is known: average precision, and the best possible cut-off.
//!
//! Photos of equal score are judged together, so no result depends on the order in which they are given.

/// A score, and whether the photo truly belongs.
pub type Scored = (f32, bool);

/// The best that a cut-off can do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BestF1 {
    /// Halfway between the worst score that it lets in and the best that it keeps out.
    pub cutoff: f32,
    pub f1: f64,
}

/// The mean precision over the photos that belong: the sum of `(recall gained) * precision` down the list (Zhu 2004).
/// From 0 to 1; `None` where none belongs. Sorts `scored`, best first.
pub fn average_precision(scored: &mut [Scored]) -> Option<f64> {
    let belong = sort(scored);
    let steps = steps(scored);
    let mut before = 0;
    let total: f64 = steps
        .map(|step| {
            let gained = step.right - before;
            before = step.right;
            gained as f64 * step.right as f64 / step.let_in as f64
        })
        .sum();
    (belong > 0).then(|| total / belong as f64)
}

/// The cut-off of the highest F1; of equals, the highest cut-off. `None` where no photo belongs. Sorts `scored`, best first.
pub fn best_f1(scored: &mut [Scored]) -> Option<BestF1> {
    let belong = sort(scored);
    let mut best: Option<(f64, usize)> = None;
    for step in steps(scored) {
        let f1 = f1(step.right, step.let_in, belong);
        if best.is_none_or(|(most, _)| f1 > most) {
            best = Some((f1, step.let_in));
        }
    }
    let (f1, let_in) = best.filter(|_| belong > 0)?;
    let lowest = scored[let_in - 1].0;
    let cutoff = scored.get(let_in).map_or(lowest, |next| lowest - (lowest - next.0) / 2.0);
    Some(BestF1 { cutoff, f1 })
}

/// The F1 of letting in every photo that scores at least `cutoff`: the harmonic mean of precision and recall. Zero where
/// no photo belongs.
pub fn f1_at(scored: &[Scored], cutoff: f32) -> f64 {
    let let_in = scored.iter().filter(|(score, _)| *score >= cutoff);
    let (right, count) = let_in.fold((0, 0), |(right, count), (_, belongs)| (right + usize::from(*belongs), count + 1));
    f1(right, count, scored.iter().filter(|(_, belongs)| *belongs).count())
}

/// The photos down to the last one of some score.
struct Step {
    let_in: usize,
    right: usize,
}

fn f1(right: usize, let_in: usize, belong: usize) -> f64 {
    if right == 0 { 0.0 } else { 2.0 * right as f64 / (let_in + belong) as f64 }
}

/// How many belong.
fn sort(scored: &mut [Scored]) -> usize {
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.iter().filter(|(_, belongs)| *belongs).count()
}

fn steps(scored: &[Scored]) -> impl Iterator<Item = Step> + '_ {
    let mut right = 0;
    scored.iter().enumerate().filter_map(move |(at, (score, belongs))| {
        right += usize::from(*belongs);
        let is_last = scored.get(at + 1).is_none_or(|next| next.0 != *score);
        is_last.then_some(Step { let_in: at + 1, right })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_order_has_an_average_precision_of_one() {
        assert_eq!(average_precision(&mut [(0.1, false), (0.9, true), (0.8, true)]), Some(1.0));
    }

    #[test]
    fn average_precision_is_the_mean_of_the_precision_at_each_photo_that_belongs() {
        let ap = average_precision(&mut [(0.9, true), (0.8, false), (0.7, true), (0.6, false)]).unwrap();
        assert!((ap - (1.0 + 2.0 / 3.0) / 2.0).abs() < 1e-12);
    }

    #[test]
    fn photos_of_equal_score_count_together_in_whatever_order_they_come() {
        assert_eq!(average_precision(&mut [(0.5, true), (0.5, false)]), Some(0.5));
        assert_eq!(average_precision(&mut [(0.5, false), (0.5, true)]), Some(0.5));
    }

    #[test]
    fn nothing_can_be_said_where_nothing_belongs() {
        assert_eq!(average_precision(&mut [(0.5, false)]), None);
        assert_eq!(average_precision(&mut []), None);
        assert_eq!(best_f1(&mut [(0.5, false)]), None);
    }

    #[test]
    fn the_best_cutoff_lies_between_what_it_lets_in_and_what_it_keeps_out() {
        let mut scored = [(0.25, false), (0.75, true), (0.5, true), (0.0, false)];
        let best = best_f1(&mut scored).unwrap();
        assert_eq!(best, BestF1 { cutoff: 0.375, f1: 1.0 });
        assert_eq!(f1_at(&scored, best.cutoff), 1.0);
        assert_eq!(f1_at(&scored, 0.6), 2.0 / 3.0);
        assert_eq!(f1_at(&scored, 2.0), 0.0);
    }
}
