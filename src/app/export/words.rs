//! What the page says.

use std::path::Path;

use super::What;
use crate::catalog::words::{count, counted};
use crate::catalog::{Change, Job, JobKind, JobState, Plan, Row, Way};

pub const WHATS: [(What, &str, &str); 5] = [
    (What::Sidecars, "Keywords into sidecars", "Small .xmp files beside the photos"),
    (What::InPhotos, "Keywords into the photos", "Only into JPEGs"),
    (What::Folders, "Photos into folders", "One folder for each category"),
    (What::Table, "A table", "One file with all scores and keywords"),
    (What::Remove, "Remove keywords", "Those that Tagroll wrote, and no others"),
];

pub fn explained(what: What) -> &'static str {
    match what {
        What::Sidecars => {
            "darktable, digiKam, Immich and many others read them. What other programs wrote in them stays to the byte."
        }
        What::InPhotos => {
            "For Lightroom, which reads no sidecars of JPEGs. Only the part with keywords changes, never the picture; the \
             old files are kept until you say that all is well."
        }
        What::Folders => "Nothing is overwritten. Sidecars go along when photos are copied or moved.",
        What::Table => {
            "A row for each open photo, with its categories, how well it fits each, keywords, stars and label."
        }
        What::Remove => "Takes out of sidecars what Tagroll put in. Your own keywords stay.",
    }
}

/// "18 files: 15 new, 3 changed. 98 photos stay as they are."
pub fn summary(plan: &Plan) -> String {
    let is_new = |row: &&Row| matches!(&row.change, Change::Keywords(change) if change.before.is_none());
    let keywords = plan.rows.iter().filter(|row| matches!(row.change, Change::Keywords(_))).count();
    let new = plan.rows.iter().filter(is_new).count();
    let mut text = counted(plan.rows.len(), "file", "files");
    if keywords > 0 {
        text += &format!(": {} new, {} changed", count(new), count(keywords - new));
    }
    text += ".";
    if plan.unchanged > 0 {
        text += &format!(" {}.", counted(plan.unchanged, "photo stays as it is", "photos stay as they are"));
    }
    if let Some(free) = plan.free_bytes.filter(|_| plan.needed_bytes > 100 << 20) {
        text += &format!(" Needs {} MB; {} MB are free.", count(mb(plan.needed_bytes)), count(mb(free)));
    }
    text
}

fn mb(bytes: u64) -> usize {
    (bytes >> 20) as usize
}

/// What the button that does it says.
pub fn agreed(job: &Job, rows: usize) -> String {
    let files = counted(rows, "file", "files");
    match job {
        Job::Tag { .. } => format!("Write {files}"),
        Job::Place { way: Way::Copy, .. } => format!("Copy {files}"),
        Job::Place { way: Way::Move, .. } => format!("Move {files}"),
        Job::Place { .. } => format!("Link {files}"),
        Job::Trash { .. } => format!("Put {files} into the trash"),
    }
}

/// What was done to so many files.
pub fn done(job: Option<&Job>, files: usize) -> String {
    let files = counted(files, "file", "files");
    match job {
        Some(Job::Place { way: Way::Copy, .. }) => format!("Copied {files}."),
        Some(Job::Place { way: Way::Move, .. }) => format!("Moved {files}."),
        Some(Job::Place { .. }) => format!("Linked {files}."),
        Some(Job::Trash { .. }) => format!("Put {files} into the trash."),
        Some(Job::Tag { .. }) | None => format!("Wrote {files}."),
    }
}

pub fn kind(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Sidecars => "Sidecars",
        JobKind::Photos => "Keywords in photos",
        JobKind::Copy => "Copies",
        JobKind::Move => "Moved",
        JobKind::Hardlink => "Hard links",
        JobKind::Symlink => "Links",
        JobKind::Trash => "Trash",
    }
}

pub fn state(state: JobState) -> &'static str {
    match state {
        JobState::Done => "",
        JobState::Undone => "taken back",
        JobState::Kept => "kept for good",
    }
}

/// "2026-11-25 03:10", of a date as RFC 3339 has it.
pub fn date(date: &str) -> String {
    let short: String = date.chars().take(16).collect();
    format!("{} UTC", short.replace('T', " "))
}

/// Name and folder of a file.
pub fn name_and_folder(file: &Path) -> (String, String) {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = file.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    (name, folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::KeywordChange;

    #[test]
    fn a_plan_is_summed_up_in_words() {
        let row = |before| Row {
            photo: Path::new("a.jpg").into(),
            file: "a.jpg.xmp".into(),
            change: Change::Keywords(KeywordChange { before, ..KeywordChange::default() }),
        };
        let plan = Plan { rows: vec![row(None), row(Some([0; 32]))], unchanged: 1200, ..Plan::default() };
        assert_eq!(summary(&plan), "2 files: 1 new, 1 changed. 1,200 photos stay as they are.");
        assert_eq!(summary(&Plan { rows: Vec::new(), unchanged: 1, ..plan }), "0 files. 1 photo stays as it is.");
    }

    #[test]
    fn a_date_is_said_to_the_minute() {
        assert_eq!(date("2026-11-25T03:10:37Z"), "2026-11-25 03:10 UTC");
    }
}
