//! The truth is what the person has written down about the photos with any program: how far the categories agree.
//!
//! Keywords that Tagroll itself wrote say nothing here, and verdicts teach nothing, so nothing is measured on itself.

use std::collections::HashMap;
use std::process::ExitCode;

use anyhow::bail;
use serde::Serialize;

use super::Eval;
use super::verdicts::{Measured, table, zero_shot};
use crate::catalog::{Category, CategoryId, Cutoff, Namesake, PhotoId, words};
use crate::cli::driver::Driver;
use crate::cli::{Common, output};
use crate::engine::{Command, Options, Session};

#[derive(Serialize)]
struct Report {
    /// Open photos whose keywords name at least one of the categories.
    photos: usize,
    categories: Vec<Measured>,
}

/// A photo of the truth, and how it fits every category.
struct Judged {
    photo: PhotoId,
    fits: HashMap<CategoryId, f32>,
}

impl Eval {
    pub(super) fn by_keywords(&self, common: &Common) -> anyhow::Result<ExitCode> {
        let options = Options { uses_metadata: true, ..common.options(false) };
        let set = self.set(&options)?;
        let dir = std::path::absolute(&self.dir)?;
        let mut driver = Driver::open_with(&options, &[dir])?;
        driver.apply(Command::SetCategories(set.categories));
        if !driver.finish()? {
            return Ok(ExitCode::FAILURE);
        }
        driver.require_photos()?;
        say_troubles(driver.session());
        let photos = judged(driver.session());
        if photos.is_empty() {
            bail!(
                "No photo there has a keyword of yours that is the name of a category. Keywords are read from the photos \
                 and from sidecars beside them."
            );
        }
        let session = driver.session();
        let categories = session.categories().iter().map(|category| measured(session, category, &photos)).collect();
        let report = Report { photos: photos.len(), categories };
        if common.json {
            output::print_json(&report)?;
        } else {
            let photos = words::counted(report.photos, "photo", "photos");
            output::print(&table(&report.categories, &format!("Agreement with your own keywords on {photos}.")))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Of a photo with keywords of which none names a category, nobody knows whether it belongs to one.
fn judged(session: &Session) -> Vec<Judged> {
    let names: Vec<Namesake> = session.categories().iter().map(|category| Namesake::of(&category.name)).collect();
    let is_known = |photo: &&PhotoId| names.iter().any(|name| is_named(session, name, **photo));
    let fits = |photo: PhotoId| session.scores(photo).into_iter().map(|(id, score)| (id, score.cosine)).collect();
    let known = session.library().folder_order().iter().filter(is_known);
    known.map(|photo| Judged { photo: *photo, fits: fits(*photo) }).filter(|judged| !judged.fits.is_empty()).collect()
}

fn is_named(session: &Session, name: &Namesake, photo: PhotoId) -> bool {
    session.metadata(photo).is_some_and(|metadata| name.is_among(&metadata.keywords))
}

fn measured(session: &Session, category: &Category, photos: &[Judged]) -> Measured {
    let name = Namesake::of(&category.name);
    let scored = photos.iter().filter_map(|Judged { photo, fits }| {
        let fit = fits.get(&category.id)?;
        Some((*fit, is_named(session, &name, *photo)))
    });
    let scored: Vec<(f32, bool)> = scored.collect();
    let yes = scored.iter().filter(|(_, belongs)| *belongs).count();
    let no = scored.len() - yes;
    let cutoff = session.cutoff(category.id);
    let used = if category.cutoff == Cutoff::Everything { Some(f32::NEG_INFINITY) } else { cutoff };
    let (average_precision, precision, recall) = zero_shot(scored, used);
    Measured { category: category.name.clone(), yes, no, average_precision, cutoff, precision, recall }
}

/// Keywords that could not be read are missing in the figures.
fn say_troubles(session: &Session) {
    for photo in session.library().folder_order() {
        if let Some(trouble) = session.metadata_trouble(*photo) {
            output::say(&format!("{}: {trouble}", session.library().photo(*photo).file.path.display()));
        }
    }
}
