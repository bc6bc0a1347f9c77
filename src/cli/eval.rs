//! `tagroll eval`: how often the model is right, on photos whose folders say what they show.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use super::driver::Driver;
use super::{Common, output};
use crate::catalog::{
    Category, CategoryId, CategoryResult, DEFAULT_TEMPLATE, Evaluation, PhotoId, evaluate, natural_order, words,
};
use crate::engine::{Command, Session};

#[derive(Debug, Args)]
pub struct Eval {
    /// A folder whose sub-folders are named after what their photos show
    #[arg(value_name = "DIR")]
    dir: PathBuf,

    /// The prompt of every category, in which {} stands for the folder's name; several make an ensemble
    #[arg(long = "template", value_name = "TEXT", default_value = DEFAULT_TEMPLATE)]
    templates: Vec<String>,
}

impl Eval {
    pub fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let dir = std::path::absolute(&self.dir)?;
        let mut driver = Driver::open(common, std::slice::from_ref(&dir))?;
        if !driver.finish()? {
            return Ok(ExitCode::FAILURE);
        }
        driver.require_photos()?;
        let folders = folders(driver.session(), &dir);
        if folders.len() < 2 {
            bail!("{} needs two or more sub-folders with photos, each named after what they show.", dir.display());
        }
        let names: Vec<String> = folders.iter().map(|(folder, _)| folder.replace('_', " ")).collect();
        driver.apply(Command::SetCategories(names.iter().map(|name| self.category(name)).collect()));
        if !driver.finish()? {
            return Ok(ExitCode::FAILURE);
        }
        let judged: Vec<(usize, Vec<f32>)> = judged(driver.session(), &folders);
        if judged.iter().any(|(_, cosines)| cosines.len() != names.len()) {
            bail!("The model could not encode every template; try shorter ones.");
        }
        let evaluation = evaluate(&names, &judged);
        if common.json {
            output::print_json(&evaluation)?;
        } else {
            output::print(&table(&evaluation))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn category(&self, name: &str) -> Category {
        Category { prompts: self.templates.clone(), ..Category::named(CategoryId(0), name) }
    }
}

/// The encoded photos below each sub-folder of `dir`, in natural order.
fn folders(session: &Session, dir: &Path) -> Vec<(String, Vec<PhotoId>)> {
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

fn judged(session: &Session, folders: &[(String, Vec<PhotoId>)]) -> Vec<(usize, Vec<f32>)> {
    let photos = folders.iter().enumerate().flat_map(|(truth, (_, photos))| photos.iter().map(move |id| (truth, *id)));
    let scored = photos.map(|(truth, id)| (truth, session.scores(id).iter().map(|(_, score)| score.cosine).collect()));
    scored.filter(|(_, cosines): &(usize, Vec<f32>)| !cosines.is_empty()).collect()
}

fn table(evaluation: &Evaluation) -> String {
    let mut text = String::new();
    let width = evaluation.categories.iter().map(|category| category.name.chars().count()).max().unwrap_or(0).max(8);
    let share = |share: Option<f64>| share.map_or("     –".to_owned(), |share| format!("{:5.1}%", share * 100.0));
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
    text
}

fn most_often_taken_for(evaluation: &Evaluation, truth: usize) -> String {
    let row = &evaluation.confusion[truth];
    let others = (0..row.len()).filter(|other| *other != truth && row[*other] > 0);
    let worst = others.max_by_key(|other| row[*other]);
    worst.map_or(String::new(), |other| format!("{} ({})", evaluation.categories[other].name, row[other]))
}
