//! The truth is in the names of folders.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use serde::Serialize;

use super::{Eval, share};
use crate::catalog::{
    Category, CategoryId, CategoryResult, CategorySet, Cutoff, Evaluation, PhotoId, average_precision, best_f1,
    evaluate, f1_at, natural_order, words,
};
use crate::cli::driver::Driver;
use crate::cli::{Common, output};
use crate::engine::{Command, Session, load_set};

/// The true category of a photo, by its place in the list, and its cosine with every category.
type Judged = (usize, Vec<f32>);

#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    evaluation: Evaluation,
    /// For the categories of a file only: a category made of a folder's name has no cut-off of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    cutoffs: Option<Vec<CutoffResult>>,
}

/// How well a category's cut-off does, beside the best that there could be. Shares run from 0 to 1.
#[derive(Serialize)]
struct CutoffResult {
    category: String,
    average_precision: Option<f64>,
    /// `None` where everything belongs, or nothing is known.
    cutoff: Option<f32>,
    f1: Option<f64>,
    best_cutoff: Option<f32>,
    best_f1: Option<f64>,
}

impl Eval {
    pub(super) fn by_folders(&self, common: &Common) -> anyhow::Result<ExitCode> {
        let dir = std::path::absolute(&self.dir)?;
        let set = self.file.as_deref().map(load_set).transpose()?;
        let mut driver = Driver::open(common, std::slice::from_ref(&dir))?;
        if !driver.finish()? {
            return Ok(ExitCode::FAILURE);
        }
        driver.require_photos()?;
        let folders = folders(driver.session(), &dir);
        let (set, truths) = match set {
            Some(set) => matched(set, &folders, &dir)?,
            None => self.named_after(&folders, &dir)?,
        };
        let names: Vec<String> = set.categories.iter().map(|category| category.name.clone()).collect();
        driver.apply(Command::SetCategories(set.categories));
        if !driver.finish()? {
            return Ok(ExitCode::FAILURE);
        }
        let judged = judged(driver.session(), &truths);
        if judged.iter().any(|(_, cosines)| cosines.len() != names.len()) {
            bail!("The model could not encode every template; try shorter ones.");
        }
        let evaluation = evaluate(&names, &judged);
        let cutoffs = self.file.is_some().then(|| cutoffs(driver.session(), &judged));
        let report = Report { evaluation, cutoffs };
        if common.json {
            output::print_json(&report)?;
        } else {
            output::print(&table(&report))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// One category for each folder, described by the templates.
    fn named_after<'a>(&self, folders: &'a [Folder], dir: &Path) -> anyhow::Result<(CategorySet, Vec<Truth<'a>>)> {
        if folders.len() < 2 {
            bail!("{} needs two or more sub-folders with photos, each named after what they show.", dir.display());
        }
        let prompts: Vec<_> = self.templates.iter().map(|template| template.as_str().into()).collect();
        let category = |(name, _): &Folder| Category {
            prompts: prompts.clone(),
            ..Category::named(CategoryId(0), &name.replace('_', " "))
        };
        let categories = folders.iter().map(category).collect();
        let truths = folders.iter().enumerate().map(|(place, (_, photos))| (place, photos.as_slice())).collect();
        Ok((CategorySet { categories, ..CategorySet::default() }, truths))
    }
}

/// A folder's name, and the photos below it.
type Folder = (String, Vec<PhotoId>);
/// The place of a category, and photos that truly belong to it.
type Truth<'a> = (usize, &'a [PhotoId]);

/// The photos below each sub-folder of `dir`, in natural order.
fn folders(session: &Session, dir: &Path) -> Vec<Folder> {
    let mut folders: BTreeMap<String, Vec<PhotoId>> = BTreeMap::new();
    for id in session.library().folder_order() {
        let path = &session.library().photo(*id).file.path;
        let mut below = path.strip_prefix(dir).unwrap_or(path).components();
        // A photo that lies in `dir` itself has no true category.
        if let (Some(folder), Some(_)) = (below.next(), below.next()) {
            folders.entry(folder.as_os_str().to_string_lossy().into_owned()).or_default().push(*id);
        }
    }
    let mut folders: Vec<_> = folders.into_iter().collect();
    folders.sort_by(|(a, _), (b, _)| natural_order(Path::new(a), Path::new(b)));
    folders
}

/// Finds the folder of each category, and says which of either have no counterpart.
fn matched<'a>(set: CategorySet, folders: &'a [Folder], dir: &Path) -> anyhow::Result<(CategorySet, Vec<Truth<'a>>)> {
    let place_of = |folder: &Folder| place_of(&folder.0, &set.categories);
    let truths: Vec<Truth> = folders.iter().filter_map(|f| Some((place_of(f)?, f.1.as_slice()))).collect();
    if truths.is_empty() {
        bail!("No category of the file has the name of a sub-folder of {} with photos.", dir.display());
    }
    let without = |names: Vec<&str>, what: &str| {
        if !names.is_empty() {
            output::say(&format!("{what}: {}", names.join(", ")));
        }
    };
    let strange = folders.iter().filter(|folder| place_of(folder).is_none()).map(|(name, _)| name.as_str());
    without(strange.collect(), "Folders that no category is named after, which are left out");
    let has_folder = |place: usize| truths.iter().any(|(truth, _)| *truth == place);
    let missing = set.categories.iter().enumerate().filter(|(place, _)| !has_folder(*place));
    without(missing.map(|(_, category)| category.name.as_str()).collect(), "Categories without a folder of their name");
    Ok((set, truths))
}

/// The category that a folder is named after: by the whole name, else by its last part.
fn place_of(folder: &str, categories: &[Category]) -> Option<usize> {
    let plain = |name: &str| name.replace('_', " ").trim().to_lowercase();
    let folder = plain(folder);
    let whole = categories.iter().position(|category| plain(&category.name) == folder);
    whole.or_else(|| categories.iter().position(|category| plain(category.leaf()) == folder))
}

fn judged(session: &Session, truths: &[Truth]) -> Vec<Judged> {
    let photos = truths.iter().flat_map(|(truth, photos)| photos.iter().map(move |id| (*truth, *id)));
    let scored = photos.map(|(truth, id)| (truth, session.scores(id).iter().map(|(_, score)| score.cosine).collect()));
    scored.filter(|(_, cosines): &Judged| !cosines.is_empty()).collect()
}

/// By category, each against all photos of the folders that were matched.
fn cutoffs(session: &Session, judged: &[Judged]) -> Vec<CutoffResult> {
    let result = |(place, category): (usize, &Category)| {
        let mut scored: Vec<(f32, bool)> =
            judged.iter().map(|(truth, cosines)| (cosines[place], *truth == place)).collect();
        let cutoff = session.cutoff(category.id);
        let used = if category.cutoff == Cutoff::Everything { Some(f32::NEG_INFINITY) } else { cutoff };
        let best = best_f1(&mut scored);
        CutoffResult {
            category: category.name.clone(),
            average_precision: average_precision(&mut scored),
            cutoff,
            f1: used.filter(|_| best.is_some()).map(|used| f1_at(&scored, used)),
            best_cutoff: best.map(|best| best.cutoff),
            best_f1: best.map(|best| best.f1),
        }
    };
    session.categories().iter().enumerate().map(result).collect()
}

fn table(Report { evaluation, cutoffs }: &Report) -> String {
    let mut text = String::new();
    let width = evaluation.categories.iter().map(|category| category.name.chars().count()).max().unwrap_or(0).max(8);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{:width$}  photos  precision  recall  most often taken for", "category");
    for (index, category) in evaluation.categories.iter().enumerate() {
        let CategoryResult { name, photos, precision, recall } = category;
        let taken_for = most_often_taken_for(evaluation, index);
        let (precision, recall) = (share(*precision), share(*recall));
        let _ = writeln!(text, "{name:width$}  {photos:6}     {precision}  {recall}  {taken_for}");
    }
    let photos = words::counted(evaluation.photos, "photo", "photos");
    let (top1, top5) = (evaluation.top1 * 100.0, evaluation.top5 * 100.0);
    let _ = writeln!(text, "\n{photos}: the right category comes first for {top1:.1}%, among five for {top5:.1}%.");
    if let Some(cutoffs) = cutoffs {
        write_cutoffs(&mut text, width, cutoffs);
    }
    text
}

fn write_cutoffs(text: &mut String, width: usize, cutoffs: &[CutoffResult]) {
    let number = |cutoff: Option<f32>| cutoff.map_or("     –".to_owned(), |cutoff| format!("{cutoff:6.3}"));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\n{:width$}  cut-off      F1    best      F1  average precision", "category");
    for result in cutoffs {
        let (cutoff, best_cutoff) = (number(result.cutoff), number(result.best_cutoff));
        let (f1, best_f1, precision) = (share(result.f1), share(result.best_f1), share(result.average_precision));
        let _ = writeln!(
            text,
            "{:width$}   {cutoff}  {f1}  {best_cutoff}  {best_f1}             {precision}",
            result.category
        );
    }
}

fn most_often_taken_for(evaluation: &Evaluation, truth: usize) -> String {
    let row = &evaluation.confusion[truth];
    let others = (0..row.len()).filter(|other| *other != truth && row[*other] > 0);
    let worst = others.max_by_key(|other| row[*other]);
    worst.map_or(String::new(), |other| format!("{} ({})", evaluation.categories[other].name, row[other]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_finds_its_category_by_the_whole_name_or_its_last_part() {
        let categories = ["animal/Cat", "cat", "car or truck"].map(|name| Category::named(CategoryId(0), name));
        assert_eq!(place_of("CAT", &categories), Some(1));
        assert_eq!(place_of("cat", &categories[..1]), Some(0));
        assert_eq!(place_of("car_or_truck", &categories), Some(2));
        assert_eq!(place_of("animal", &categories), None);
    }
}
