//! `tagroll sort`: photos into categories.

use std::collections::HashSet;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::driver::{Driver, Unreadable};
use super::{Common, output};
use crate::catalog::{Category, CategoryId, CategorySet, Group, Heading, Labels, PhotoId, parse_category, words};
use crate::engine::{Command, Session, load_set};

#[derive(Debug, Args)]
pub struct Sort {
    /// Folders or photos
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// A category and its prompts, such as 'dog=a photo of a dog|a photo of a puppy'; a name alone gets "a photo of a …"
    #[arg(long = "category", value_name = "NAME=PROMPT|…", value_parser = one_category)]
    categories: Vec<Category>,

    /// A TOML file of categories
    #[arg(
        long = "categories",
        value_name = "FILE",
        conflicts_with = "categories",
        required_unless_present = "categories"
    )]
    file: Option<PathBuf>,

    /// Print only the best N photos of each category
    #[arg(long, value_name = "N")]
    top: Option<usize>,
}

#[derive(Serialize)]
struct Sorted<'a> {
    photos: Vec<SortedPhoto<'a>>,
    unreadable: Vec<Unreadable>,
}

#[derive(Serialize)]
struct SortedPhoto<'a> {
    path: String,
    /// The best of its categories.
    category: Option<&'a str>,
    /// All that it belongs to, more than one only if the file says that photos may have several.
    categories: Vec<&'a str>,
    scores: Vec<CategoryScore<'a>>,
}

#[derive(Serialize)]
struct CategoryScore<'a> {
    category: &'a str,
    cosine: f32,
    probability: f32,
}

impl Sort {
    pub fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let set = match &self.file {
            Some(file) => load_set(file)?,
            None => CategorySet { categories: self.categories, ..CategorySet::default() },
        };
        let mut driver = Driver::open(common, &self.paths)?;
        driver.apply(Command::SetLabels(set.labels.unwrap_or(Labels::One)));
        driver.apply(Command::SetCategories(set.categories));
        if !driver.finish()? {
            return Ok(ExitCode::FAILURE);
        }
        driver.require_photos()?;
        let (session, unreadable) = (driver.session(), driver.unreadable());
        if common.json {
            let photos = listed(session, self.top).into_iter().map(|photo| sorted_photo(session, photo)).collect();
            output::print_json(&Sorted { photos, unreadable })?;
        } else {
            output::print(&table(session, self.top))?;
            unreadable.iter().for_each(|u| output::say(&format!("{}: {}", u.path.display(), u.reason)));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn one_category(text: &str) -> Result<Category, String> {
    parse_category(CategoryId(0), text)
}

/// Groups of photos that have scores, cut to the best `top`.
fn groups(session: &Session, top: Option<usize>) -> Vec<Group> {
    let is_scored = |group: &Group| !matches!(group.heading, Heading::Waiting | Heading::Unreadable);
    let mut groups: Vec<Group> = session.ranking().groups.iter().filter(|group| is_scored(group)).cloned().collect();
    groups.iter_mut().for_each(|group| group.photos.truncate(top.unwrap_or(usize::MAX)));
    groups
}

/// Every photo of the groups once, although several of them may hold it.
fn listed(session: &Session, top: Option<usize>) -> Vec<PhotoId> {
    let mut seen = HashSet::new();
    groups(session, top).into_iter().flat_map(|group| group.photos).filter(|photo| seen.insert(*photo)).collect()
}

fn sorted_photo(session: &Session, photo: PhotoId) -> SortedPhoto<'_> {
    let scores = session.scores(photo).into_iter().filter_map(|(id, score)| {
        let category = session.category(id)?.name.as_str();
        Some(CategoryScore { category, cosine: score.cosine, probability: score.probability })
    });
    let labels = session.labels_of(photo).into_iter();
    SortedPhoto {
        path: session.library().photo(photo).file.path.to_string_lossy().into_owned(),
        category: session.category_of(photo).map(|category| category.name.as_str()),
        categories: labels.filter_map(|id| Some(session.category(id)?.name.as_str())).collect(),
        scores: scores.collect(),
    }
}

fn table(session: &Session, top: Option<usize>) -> String {
    let mut text = String::new();
    for group in groups(session, top) {
        let (name, of) = match group.heading {
            Heading::Category(id) => (session.category(id).map_or("", |c| c.name.as_str()), session.count(id)),
            _ => ("unsorted", session.unsorted_count()),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name}  {}", words::count(of));
        for photo in group.photos {
            let path = session.library().photo(photo).file.path.display().to_string();
            let also = also(session, photo, group.heading);
            match session.fit(photo, group.heading) {
                Some(fit) => _ = writeln!(text, "  {fit:.3}  {path}{also}"),
                None => _ = writeln!(text, "         {path}{also}"),
            }
        }
    }
    text
}

/// The other categories of a photo, which stands only under the one that it fits best.
fn also(session: &Session, photo: PhotoId, heading: Heading) -> String {
    let others = session.labels_of(photo).into_iter().filter(|id| heading != Heading::Category(*id));
    let names: Vec<&str> = others.filter_map(|id| Some(session.category(id)?.name.as_str())).collect();
    if names.is_empty() { String::new() } else { format!("  (also {})", names.join(", ")) }
}
