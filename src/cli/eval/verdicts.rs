//! The truth is what the person said in the window.
//!
//! Promise: a category that learned from verdicts is measured on fits that were not learned from the photo in question,
//! so that it is not flattered.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::bail;
use serde::Serialize;

use super::{Eval, share};
use crate::catalog::{Category, CategorySet, Cutoff, Estimate, Verdict, average_precision, words};
use crate::cli::driver::Driver;
use crate::cli::{Common, output};
use crate::engine::{Command, Options, Session, load_set, remembered_set};

#[derive(Serialize)]
struct Report {
    /// Open photos of which something was said, once for each category.
    verdicts: usize,
    categories: Vec<Measured>,
}

/// Shares run from 0 to 1; `None` where they cannot be told.
#[derive(Serialize)]
pub(super) struct Measured {
    pub category: String,
    pub yes: usize,
    pub no: usize,
    pub average_precision: Option<f64>,
    pub cutoff: Option<f32>,
    pub precision: Option<f64>,
    pub recall: Option<f64>,
}

impl Eval {
    pub(super) fn by_verdicts(&self, common: &Common) -> anyhow::Result<ExitCode> {
        let options = Options { uses_verdicts: true, ..common.options(false) };
        let set = self.set(&options)?;
        let dir = std::path::absolute(&self.dir)?;
        let mut driver = Driver::open_with(&options, &[dir])?;
        driver.apply(Command::SetCategories(set.categories));
        if !driver.finish()? {
            return Ok(ExitCode::FAILURE);
        }
        driver.require_photos()?;
        let categories: Vec<Measured> =
            driver.session().categories().iter().map(|category| measured(driver.session(), category)).collect();
        let verdicts = categories.iter().map(|measured| measured.yes + measured.no).sum();
        if verdicts == 0 {
            bail!(
                "Nothing was said of these photos under these categories yet. Say yes or no to some of them in the \
                 window first."
            );
        }
        let report = Report { verdicts, categories };
        if common.json {
            output::print_json(&report)?;
        } else {
            let last = format!("Measured on {}.", words::counted(verdicts, "verdict", "verdicts"));
            output::print(&table(&report.categories, &last))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The categories of the file, else those of the window.
    pub(super) fn set(&self, options: &Options) -> anyhow::Result<CategorySet> {
        let set = match &self.file {
            Some(file) => load_set(file)?,
            None => remembered_set(options)?,
        };
        if set.categories.is_empty() {
            bail!("The window has no categories yet. Name a file of them with --categories.");
        }
        Ok(set)
    }
}

fn measured(session: &Session, category: &Category) -> Measured {
    let scored = scored(session, category);
    let yes = scored.iter().filter(|(_, belongs)| *belongs).count();
    let cutoff = session.cutoff(category.id);
    let used = if category.cutoff == Cutoff::Everything { Some(f32::NEG_INFINITY) } else { cutoff };
    let (average_precision, precision, recall) = match session.estimate(category.id) {
        Some(Estimate { average_precision, precision, recall, .. }) => (average_precision, precision, recall),
        None => zero_shot(scored.clone(), used),
    };
    let (name, no) = (category.name.clone(), scored.len() - yes);
    Measured { category: name, yes, no, average_precision, cutoff, precision, recall }
}

/// The fits of the open photos of which something was said. A photo that several files hold counts once.
fn scored(session: &Session, category: &Category) -> Vec<(f32, bool)> {
    let mut seen = std::collections::HashSet::new();
    let library = session.library();
    let photos = library.folder_order().iter().filter(|id| seen.insert(library.fingerprint(**id)));
    photos
        .filter_map(|id| {
            let verdict = session.verdict(category.id, *id)?;
            let (_, score) = session.scores(*id).into_iter().find(|(scored, _)| *scored == category.id)?;
            Some((score.cosine, verdict == Verdict::Yes))
        })
        .collect()
}

/// Average precision, and precision and recall at the cut-off.
pub(super) fn zero_shot(mut scored: Vec<(f32, bool)>, cutoff: Option<f32>) -> (Option<f64>, Option<f64>, Option<f64>) {
    let let_in = |(fit, _): &&(f32, bool)| cutoff.is_some_and(|cutoff| *fit >= cutoff);
    let belong = scored.iter().filter(|(_, belongs)| *belongs).count();
    let right = scored.iter().filter(let_in).filter(|(_, belongs)| *belongs).count();
    let of = |whole: usize| (cutoff.is_some() && whole > 0).then(|| right as f64 / whole as f64);
    let (precision, recall) = (of(scored.iter().filter(let_in).count()), of(belong));
    (average_precision(&mut scored), precision, recall)
}

/// One line a category, then `last`.
pub(super) fn table(categories: &[Measured], last: &str) -> String {
    let mut text = String::new();
    let width = categories.iter().map(|m| m.category.chars().count()).max().unwrap_or(0).max(8);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{:width$}   yes    no  average precision  cut-off  precision  recall", "category");
    for Measured { category, yes, no, average_precision, cutoff, precision, recall } in categories {
        let cutoff = cutoff.map_or("     –".to_owned(), |cutoff| format!("{cutoff:6.3}"));
        let shares = [average_precision, precision, recall].map(|of| share(*of));
        let [average_precision, precision, recall] = shares;
        let _ = writeln!(
            text,
            "{category:width$}  {yes:4}  {no:4}             {average_precision}   {cutoff}     {precision}  {recall}"
        );
    }
    let _ = writeln!(text, "\n{last}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_what_was_judged() {
        let judged = vec![(0.3, true), (0.2, false), (0.1, true)];
        let (average_precision, precision, recall) = zero_shot(judged.clone(), Some(0.15));
        assert_eq!((precision, recall), (Some(0.5), Some(0.5)));
        assert!((average_precision.unwrap() - (1.0 + 2.0 / 3.0) / 2.0).abs() < 1e-9);
        assert_eq!(zero_shot(judged, None).1, None);
        assert_eq!(zero_shot(vec![(0.3, false)], Some(0.1)), (None, Some(0.0), None));
    }
}
