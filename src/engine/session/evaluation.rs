//! How often the categories are right, on open photos whose true category is known.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::rc::Rc;

use super::Session;
use crate::catalog::{Category, CategoryId, ContentState, Cutoff, Evaluation, PhotoId, TemplateSet, Verdict, evaluate};

const MOST_MISTAKES: usize = 60;

/// Who says which category a photo truly belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// The name of the folder that it lies in.
    Folders,
    /// The person's verdicts. Only the words are measured: what was learned from the same verdicts would flatter itself.
    Verdicts,
    /// The person's own keywords.
    Keywords,
}

/// Open photos that are sorted already, against what the categories make of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Sorted {
    /// The categories that are compared, in the order of the evaluation's rows and columns.
    pub categories: Vec<CategoryId>,
    pub evaluation: Evaluation,
    /// The worst first.
    pub mistakes: Vec<Mistake>,
    /// Folders of photos that no category has the name of, each with its number of photos.
    pub unmatched: Vec<(String, usize)>,
    /// Photos with a known category that are not encoded yet.
    pub waiting: usize,
}

/// A photo that fits another category better than its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mistake {
    pub photo: PhotoId,
    pub truth: CategoryId,
    pub taken_for: CategoryId,
    /// By how much it fits the other one better.
    pub margin: f32,
}

/// Worked out when asked for, until anything changes.
#[derive(Default)]
pub(super) struct Evaluations {
    by_folders: OnceCell<Option<Rc<Sorted>>>,
    by_verdicts: OnceCell<Option<Rc<Sorted>>>,
    by_keywords: OnceCell<Option<Rc<Sorted>>>,
}

impl Evaluations {
    pub fn forget(&mut self) {
        *self = Evaluations::default();
    }

    /// For when other keywords are known.
    pub fn forget_keywords(&mut self) {
        self.by_keywords.take();
    }
}

impl Session {
    /// `None` where there is neither a photo whose category is known nor a folder that could be one.
    pub fn evaluation(&self, truth: Truth) -> Option<Rc<Sorted>> {
        let known = match truth {
            Truth::Folders => &self.evaluations.by_folders,
            Truth::Verdicts => &self.evaluations.by_verdicts,
            Truth::Keywords => &self.evaluations.by_keywords,
        };
        known.get_or_init(|| self.evaluated(truth).map(Rc::new)).clone()
    }

    /// One category for each folder that has none of its name; they take the templates for photos.
    pub(super) fn add_folder_categories(&mut self) {
        let Some(sorted) = self.evaluation(Truth::Folders) else { return };
        let new: Vec<Category> = sorted.unmatched.iter().map(|(name, _)| self.folder_category(name)).collect();
        if !new.is_empty() {
            self.change(None, |tuning| tuning.categories.extend(new));
        }
    }

    fn folder_category(&mut self, name: &str) -> Category {
        let templates = Some(TemplateSet::Photos);
        Category { templates, cutoff: Cutoff::Auto, ..Category::named(self.new_id(), name) }
    }

    fn evaluated(&self, truth: Truth) -> Option<Sorted> {
        let mut unmatched: BTreeMap<String, usize> = BTreeMap::new();
        let mut folders: HashMap<&Path, Result<CategoryId, String>> = HashMap::new();
        let mut truths: Vec<(PhotoId, CategoryId)> = Vec::new();
        let by_keywords = if truth == Truth::Keywords { self.keyword_truths() } else { HashMap::new() };
        for id in self.library.folder_order() {
            if matches!(self.library.state(*id), ContentState::Unreadable(_)) {
                continue;
            }
            match truth {
                Truth::Folders => {
                    let folder = self.library.photo(*id).file.path.parent().unwrap_or(Path::new(""));
                    match folders.entry(folder).or_insert_with(|| self.folder_truth(folder)) {
                        Ok(category) => truths.push((*id, *category)),
                        Err(name) => *unmatched.entry(name.clone()).or_default() += 1,
                    }
                }
                Truth::Keywords => truths.extend(by_keywords.get(id).map(|category| (*id, *category))),
                Truth::Verdicts => truths.extend(self.confirmed(*id).map(|category| (*id, category))),
            }
        }
        if truths.is_empty() && unmatched.is_empty() {
            return None;
        }
        let mut sorted = self.judged(&truths, truth);
        sorted.unmatched = unmatched.into_iter().collect();
        Some(sorted)
    }

    fn judged(&self, truths: &[(PhotoId, CategoryId)], by: Truth) -> Sorted {
        let scored: Vec<&Category> =
            self.categories().iter().filter(|category| self.scoreboard.column(category.id).is_some()).collect();
        let ids: Vec<CategoryId> = scored.iter().map(|category| category.id).collect();
        let names: Vec<String> = scored.iter().map(|category| category.name.clone()).collect();
        let (mut photos, mut mistakes, mut waiting) = (Vec::new(), Vec::new(), 0);
        for (photo, truth) in truths {
            let row = self.library.photo(*photo).content.row();
            let fits: Option<Vec<f32>> = ids.iter().map(|id| self.fit_to_measure(*id, row, by)).collect();
            let place = ids.iter().position(|id| id == truth);
            let (Some(fits), Some(place)) = (fits.filter(|fits| !fits.is_empty()), place) else {
                waiting += 1;
                continue;
            };
            let best = (0..fits.len()).rev().max_by(|a, b| fits[*a].total_cmp(&fits[*b])).unwrap_or(place);
            if best != place {
                let margin = fits[best] - fits[place];
                mistakes.push(Mistake { photo: *photo, truth: *truth, taken_for: ids[best], margin });
            }
            photos.push((place, fits));
        }
        mistakes.sort_by(|a, b| b.margin.total_cmp(&a.margin));
        mistakes.truncate(MOST_MISTAKES);
        let evaluation = evaluate(&names, &photos);
        Sorted { categories: ids, evaluation, mistakes, unmatched: Vec::new(), waiting }
    }

    fn fit_to_measure(&self, category: CategoryId, row: usize, by: Truth) -> Option<f32> {
        let column = self.scoreboard.column(category)?;
        match by {
            Truth::Folders | Truth::Keywords => column.fit(row),
            Truth::Verdicts => Some(column.direction().zero_shot_fit(self.library.vectors().get(row)?)),
        }
    }

    /// The category that a folder is named after, or else the folder's name. It compares with all of them, so it is to be
    /// asked once a folder and not once a photo.
    fn folder_truth(&self, folder: &Path) -> Result<CategoryId, String> {
        let name = folder.file_name().map_or(String::new(), |name| name.to_string_lossy().replace('_', " "));
        let is_it = |category: &&Category| {
            let full = category.name.replace('_', " ");
            full.eq_ignore_ascii_case(&name) || category.leaf().replace('_', " ").eq_ignore_ascii_case(&name)
        };
        self.categories().iter().find(is_it).map(|category| category.id).ok_or(name)
    }

    /// Each photo's first category that its own keywords name.
    fn keyword_truths(&self) -> HashMap<PhotoId, CategoryId> {
        let mut truths = HashMap::new();
        for category in self.categories().iter().rev() {
            truths.extend(self.named_by_keywords(category).iter().map(|photo| (*photo, category.id)));
        }
        truths
    }

    /// The category that the person put the photo into; the first, where there are several.
    fn confirmed(&self, photo: PhotoId) -> Option<CategoryId> {
        let said = |category: &&Category| self.verdict(category.id, photo) == Some(Verdict::Yes);
        self.categories().iter().find(said).map(|category| category.id)
    }
}
