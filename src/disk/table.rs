//! Tables of photos for spreadsheets (CSV) and for other programs (JSON).
//!
//! Promise: the JSON holds every text as it is. In the CSV a text that a spreadsheet would take for a formula gets an
//! apostrophe before it, because the names of photos come from anywhere and must not run as commands when a person opens
//! the table; numbers stay numbers.

use std::path::Path;

use anyhow::{Result, bail};
use serde::Serialize;

use crate::catalog::{Keyword, PhotoReport};

use super::{is_taken, write_atomically, write_new};

/// One row a photo, UTF-8, with a header. Keywords are separated by "; "; a photo without a score has empty cells.
pub fn to_csv(photos: &[PhotoReport], categories: &[String]) -> Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(header(categories))?;
    for photo in photos {
        table.write_record(cells(photo, categories))?;
    }
    Ok(table.into_inner()?)
}

/// An array of objects, named as `tagroll sort --json` names them.
pub fn to_json(photos: &[PhotoReport]) -> Result<Vec<u8>> {
    let mut json = serde_json::to_vec_pretty(&photos.iter().map(object).collect::<Vec<_>>())?;
    json.push(b'\n');
    Ok(json)
}

/// Puts a table at `path`; over another file only if the person agreed to it and if that one is a table by its name, so
/// that a slip never costs a photo or a sidecar.
pub fn write_table(path: &Path, bytes: &[u8], may_replace: bool) -> Result<()> {
    match (is_taken(path), may_replace) {
        (false, _) => write_new(path, bytes),
        (true, true) if is_table_name(path) => write_atomically(path, bytes),
        (true, true) => bail!("\"{}\" is there and is no table. Choose a name that ends with .csv.", path.display()),
        (true, false) => {
            bail!("\"{}\" is there already. Choose another name, or agree to replace it.", path.display())
        }
    }
}

fn is_table_name(path: &Path) -> bool {
    const EXTENSIONS: [&str; 4] = ["csv", "tsv", "txt", "json"];
    path.extension().is_some_and(|found| EXTENSIONS.iter().any(|known| found.eq_ignore_ascii_case(known)))
}

#[derive(Serialize)]
struct Photo<'a> {
    path: String,
    category: Option<&'a str>,
    categories: &'a [String],
    scores: Vec<Score<'a>>,
    keywords: Vec<String>,
    keywords_by_tagroll: Vec<String>,
    rating: Option<i8>,
    label: Option<&'a str>,
}

#[derive(Serialize)]
struct Score<'a> {
    category: &'a str,
    cosine: f32,
    probability: f32,
}

fn object(photo: &PhotoReport) -> Photo<'_> {
    let scores = photo.scores.iter().map(|(category, cosine, probability)| Score {
        category,
        cosine: *cosine,
        probability: *probability,
    });
    let texts = |keywords: &[Keyword]| keywords.iter().map(Keyword::to_string).collect();
    Photo {
        path: photo.path.to_string_lossy().into_owned(),
        category: photo.category.as_deref(),
        categories: &photo.categories,
        scores: scores.collect(),
        keywords: texts(&photo.metadata.keywords),
        keywords_by_tagroll: texts(&photo.metadata.ours),
        rating: photo.metadata.rating,
        label: photo.metadata.label.as_deref(),
    }
}

fn header(categories: &[String]) -> Vec<String> {
    let mut header = vec!["path".to_owned(), "category".to_owned(), "categories".to_owned()];
    for category in categories {
        header.push(harmless(&format!("{category} cosine")));
        header.push(harmless(&format!("{category} probability")));
    }
    header.extend(["keywords", "keywords by Tagroll", "rating", "label"].map(str::to_owned));
    header
}

fn cells(photo: &PhotoReport, categories: &[String]) -> Vec<String> {
    let mut cells = vec![
        harmless(&photo.path.to_string_lossy()),
        harmless(photo.category.as_deref().unwrap_or("")),
        harmless(&photo.categories.join("; ")),
    ];
    for category in categories {
        let score = photo.scores.iter().find(|(name, ..)| name == category);
        cells.push(score.map_or(String::new(), |(_, cosine, _)| cosine.to_string()));
        cells.push(score.map_or(String::new(), |(.., probability)| probability.to_string()));
    }
    let joined = |keywords: &[Keyword]| keywords.iter().map(Keyword::to_string).collect::<Vec<_>>().join("; ");
    cells.push(harmless(&joined(&photo.metadata.keywords)));
    cells.push(harmless(&joined(&photo.metadata.ours)));
    cells.push(photo.metadata.rating.map_or(String::new(), |rating| rating.to_string()));
    cells.push(harmless(photo.metadata.label.as_deref().unwrap_or("")));
    cells
}

/// The beginnings that spreadsheets take for formulas, after OWASP's page on CSV injection.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Metadata;

    fn report() -> PhotoReport {
        let keywords = |words: &[&str]| words.iter().map(|word| word.parse().unwrap()).collect();
        PhotoReport {
            path: Path::new("=cmd(), \"Urlaub\".jpg").into(),
            category: Some("-dog".to_owned()),
            categories: vec!["-dog".to_owned(), "beach".to_owned()],
            scores: vec![("-dog".to_owned(), 0.25, 0.5), ("unseen".to_owned(), 0.0, 0.0)],
            metadata: Metadata {
                keywords: keywords(&["Tier/Hund", "@home"]),
                ours: keywords(&["beach"]),
                rating: Some(-1),
                label: None,
            },
        }
    }

    #[test]
    fn a_csv_has_a_row_a_photo_and_no_formulas() {
        let csv = to_csv(&[report()], &["-dog".to_owned(), "beach".to_owned()]).unwrap();
        let expected = "path,category,categories,'-dog cosine,'-dog probability,beach cosine,beach probability,\
                        keywords,keywords by Tagroll,rating,label\n\
                        \"'=cmd(), \"\"Urlaub\"\".jpg\",'-dog,'-dog; beach,0.25,0.5,,,Tier/Hund; @home,beach,-1,\n";
        assert_eq!(String::from_utf8(csv).unwrap(), expected);
    }

    #[test]
    fn json_has_every_text_as_it_is() {
        let json: serde_json::Value = serde_json::from_slice(&to_json(&[report()]).unwrap()).unwrap();
        let expected = serde_json::json!([{
            "path": "=cmd(), \"Urlaub\".jpg",
            "category": "-dog",
            "categories": ["-dog", "beach"],
            "scores": [
                { "category": "-dog", "cosine": 0.25, "probability": 0.5 },
                { "category": "unseen", "cosine": 0.0, "probability": 0.0 },
            ],
            "keywords": ["Tier/Hund", "@home"],
            "keywords_by_tagroll": ["beach"],
            "rating": -1,
            "label": null,
        }]);
        assert_eq!(json, expected);
    }

    #[test]
    fn a_table_takes_the_place_of_a_file_only_where_that_was_said() {
        let folder = tempfile::tempdir().unwrap();
        let (table, photo) = (folder.path().join("photos.csv"), folder.path().join("a.jpg"));
        write_table(&table, b"first", false).unwrap();
        let reason = write_table(&table, b"second", false).unwrap_err().to_string();
        assert!(reason.contains("photos.csv\" is there already"), "{reason}");
        write_table(&table, b"third", true).unwrap();
        assert_eq!(std::fs::read_to_string(&table).unwrap(), "third");
        std::fs::write(&photo, "photo").unwrap();
        assert!(write_table(&photo, b"table", true).unwrap_err().to_string().contains("is no table"));
        assert_eq!(std::fs::read_to_string(&photo).unwrap(), "photo");
    }
}
