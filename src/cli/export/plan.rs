//! A plan, and what came of it, as text and as JSON.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

use super::files;
use crate::catalog::{Change, Done, Keyword, Plan, Refusal, Row, Way};
use crate::cli::driver::Driver;
use crate::cli::{Common, output};
use crate::engine::Command;

#[derive(Serialize)]
struct Report<'a> {
    is_dry_run: bool,
    files: Vec<File<'a>>,
    unchanged: usize,
    refused: Vec<&'a Refusal>,
    written: usize,
    /// For `--undo`.
    id: Option<&'a str>,
}

#[derive(Serialize)]
struct File<'a> {
    photo: String,
    file: String,
    change: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    added: Vec<&'a Keyword>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed: Vec<&'a Keyword>,
    /// Removed in another program since Tagroll wrote them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<&'a Keyword>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<&'a str>,
}

/// Each file of the plan, line by line.
pub fn diffs(driver: &mut Driver, rows: usize) -> anyhow::Result<Vec<String>> {
    let mut diffs = Vec::new();
    for row in 0..rows {
        driver.apply(Command::ShowDiff(Some(row)));
        driver.finish()?;
        let shown = driver.session().errand().and_then(|errand| errand.diff.clone());
        let text = shown.and_then(|(_, text)| text).unwrap_or(Err("It was not compared.".to_owned()));
        diffs.push(text.unwrap_or_else(|reason| reason));
    }
    Ok(diffs)
}

/// Prints the plan; `done` is what came of it, if it was done.
pub fn show(common: &Common, plan: &Plan, diffs: &[String], done: Option<&Done>) -> anyhow::Result<()> {
    let refused: Vec<&Refusal> = plan.refused.iter().chain(done.iter().flat_map(|done| &done.refused)).collect();
    if common.json {
        let file = |(place, row)| file(row, diffs.get(place).map(String::as_str));
        return output::print_json(&Report {
            is_dry_run: done.is_none(),
            files: plan.rows.iter().enumerate().map(file).collect(),
            unchanged: plan.unchanged,
            refused,
            written: done.map_or(0, |done| done.files),
            id: done.and_then(|done| done.id.as_deref()),
        });
    }
    let mut text = String::new();
    for (place, row) in plan.rows.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", line(row));
        diffs.get(place).into_iter().for_each(|diff| text.push_str(diff));
    }
    text.push_str(&summary(plan, done));
    output::print(&text)?;
    refused.iter().for_each(|refusal| output::say(&format!("{}: {}", refusal.file.display(), refusal.reason)));
    Ok(())
}

fn summary(plan: &Plan, done: Option<&Done>) -> String {
    match done {
        None => format!("Would write {}; {} unchanged. Nothing was written.\n", files(plan.rows.len()), plan.unchanged),
        Some(Done { files: 0, .. }) => format!("Nothing to write; {} unchanged.\n", plan.unchanged),
        Some(Done { id: Some(id), files: written, .. }) => format!(
            "Wrote {}; {} unchanged. `tagroll export --undo {id}` takes it back.\n",
            files(*written),
            plan.unchanged
        ),
        Some(Done { files: written, .. }) => format!("Wrote {}; {} unchanged.\n", files(*written), plan.unchanged),
    }
}

/// "a.jpg.xmp  + dog, animal/cat  - fox".
fn line(row: &Row) -> String {
    let mut line = row.file.display().to_string();
    match &row.change {
        Change::Keywords(change) => {
            for (sign, keywords) in [("+", &change.added), ("-", &change.removed), ("left out:", &change.declined)] {
                if !keywords.is_empty() {
                    let keywords: Vec<String> = keywords.iter().map(Keyword::to_string).collect();
                    let _ = write!(line, "  {sign} {}", keywords.join(", "));
                }
            }
        }
        Change::Place { from, .. } => {
            let _ = write!(line, "  from {}", from.display());
        }
        Change::Trash => line.push_str("  to the trash"),
    }
    line
}

fn file<'a>(row: &'a Row, diff: Option<&'a str>) -> File<'a> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let keywords = match &row.change {
        Change::Keywords(change) => Some(change),
        Change::Place { .. } | Change::Trash => None,
    };
    File {
        photo: text(&row.photo),
        file: text(&row.file),
        change: match &row.change {
            Change::Keywords(change) if change.before.is_none() => "new",
            Change::Keywords(_) => "changed",
            Change::Place { way: Way::Copy, .. } => "copy",
            Change::Place { way: Way::Move, .. } => "move",
            Change::Place { way: Way::Hardlink, .. } => "hardlink",
            Change::Place { way: Way::Symlink, .. } => "symlink",
            Change::Trash => "trash",
        },
        added: keywords.iter().flat_map(|change| &change.added).collect(),
        removed: keywords.iter().flat_map(|change| &change.removed).collect(),
        left_out: keywords.iter().flat_map(|change| &change.declined).collect(),
        diff,
    }
}
