//! How often the categories are right, on photos whose true category is known.

use serde::Serialize;

/// One category of an [`Evaluation`]. Shares run from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CategoryResult {
    pub name: String,
    /// How many photos truly belong to it.
    pub photos: usize,
    /// Of the photos put here, the share that belongs; `None` where none was put here.
    pub precision: Option<f64>,
    /// Of the photos that belong, the share put here; `None` where none belongs.
    pub recall: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    pub photos: usize,
    /// The share whose true category is the best-scoring one.
    pub top1: f64,
    /// The share whose true category is among the five best-scoring ones.
    pub top5: f64,
    pub categories: Vec<CategoryResult>,
    /// Row: true category. Column: best-scoring category.
    pub confusion: Vec<Vec<usize>>,
}

/// Judges photos given as their true category and their cosine with every category. Ties go to the earlier category.
pub fn evaluate(names: &[String], photos: &[(usize, Vec<f32>)]) -> Evaluation {
    let mut confusion = vec![vec![0; names.len()]; names.len()];
    let mut in_top5 = 0;
    for (truth, cosines) in photos {
        let mut order: Vec<usize> = (0..cosines.len()).collect();
        order.sort_by(|a, b| cosines[*b].total_cmp(&cosines[*a]));
        confusion[*truth][order[0]] += 1;
        in_top5 += usize::from(order.iter().take(5).any(|category| category == truth));
    }
    let right: usize = (0..names.len()).map(|i| confusion[i][i]).sum();
    let categories = names.iter().enumerate().map(|(i, name)| result(i, name, &confusion)).collect();
    let share = |count: usize| share(count, photos.len()).unwrap_or(0.0);
    Evaluation { photos: photos.len(), top1: share(right), top5: share(in_top5), categories, confusion }
}

fn result(index: usize, name: &str, confusion: &[Vec<usize>]) -> CategoryResult {
    let belong = confusion[index].iter().sum();
    let put_here = confusion.iter().map(|row| row[index]).sum();
    let right = confusion[index][index];
    let (precision, recall) = (share(right, put_here), share(right, belong));
    CategoryResult { name: name.to_owned(), photos: belong, precision, recall }
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_follow_from_the_confusion_matrix() {
        let names = ["dog", "cat", "none"].map(str::to_owned);
        let photos = [(0, vec![0.9, 0.1, 0.0]), (0, vec![0.2, 0.3, 0.0]), (1, vec![0.1, 0.8, 0.0])];
        let evaluation = evaluate(&names, &photos);
        assert_eq!(evaluation.confusion, [[1, 1, 0], [0, 1, 0], [0, 0, 0]]);
        assert_eq!((evaluation.top1, evaluation.top5), (2.0 / 3.0, 1.0));
        let figures: Vec<_> = evaluation.categories.iter().map(|c| (c.photos, c.precision, c.recall)).collect();
        assert_eq!(figures, [(2, Some(1.0), Some(0.5)), (1, Some(0.5), Some(1.0)), (0, None, None)]);
    }
}
