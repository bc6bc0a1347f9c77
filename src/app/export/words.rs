//! What the page says.

use std::path::Path;

use super::What;
use super::tally::Tally;
use crate::catalog::words::{count, counted, size};
use crate::catalog::{Change, Done, Job, JobKind, JobState, Keyword, Plan, Row, Way};

/// Plans that need less of the disk say nothing about it.
const MUCH_BYTES: u64 = 100_000_000;

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

/// "18 files: 15 new, 3 changed; 98 unchanged; 2 left alone."
pub fn summary(job: &Job, plan: &Plan, tally: &Tally) -> String {
    let mut parts = vec![match job {
        Job::Tag { .. } => format!("{}: {}", counted(tally.files, "file", "files"), new_and_changed(tally)),
        Job::Place { way: Way::Copy, .. } => format!("{} to copy", carried(tally)),
        Job::Place { way: Way::Move, .. } => format!("{} to move", carried(tally)),
        Job::Place { .. } => format!("{} to link to", carried(tally)),
        Job::Trash { .. } => format!("{} for the trash", carried(tally)),
    }];
    parts.extend((plan.unchanged > 0).then(|| format!("{} unchanged", count(plan.unchanged))));
    parts.extend((!plan.refused.is_empty()).then(|| format!("{} left alone", count(plan.refused.len()))));
    format!("{}.", parts.join("; "))
}

fn new_and_changed(tally: &Tally) -> String {
    let kinds = [(tally.new, "new"), (tally.changed, "changed")];
    let there = kinds.iter().filter(|(number, _)| *number > 0);
    there.map(|(number, kind)| format!("{} {kind}", count(*number))).collect::<Vec<_>>().join(", ")
}

/// "2 photos and 1 sidecar".
fn carried(tally: &Tally) -> String {
    let (photos, sidecars) = (counted(tally.photos, "photo", "photos"), tally.sidecars());
    match (tally.photos, sidecars) {
        (_, 0) => photos,
        (0, _) => counted(sidecars, "sidecar", "sidecars"),
        _ => format!("{photos} and {}", counted(sidecars, "sidecar", "sidecars")),
    }
}

/// What is said of a plan without files.
pub fn nothing(plan: &Plan) -> String {
    match (plan.refused.len(), plan.unchanged) {
        (0, 0) => "Nothing to do: none of these photos belongs to a category.".to_owned(),
        (0, 1) => "Nothing to do: 1 photo is as it should be.".to_owned(),
        (0, unchanged) => format!("Nothing to do: all {} photos are as they should be.", count(unchanged)),
        (refused, _) => format!("Nothing can be done: {} left alone.", counted(refused, "file is", "files are")),
    }
}

/// What is said while a plan waits for a person's word.
pub fn not_yet(job: Option<&Job>) -> &'static str {
    match job {
        Some(Job::Tag { .. }) => "Nothing is written yet. Click a file to see its lines before and after.",
        Some(Job::Trash { .. }) => "Nothing is in the trash yet. Sidecars go with their photos.",
        _ => "Nothing is changed yet.",
    }
}

/// What a large plan needs of the disk, and whether that is more than there is.
pub fn room(plan: &Plan) -> Option<(bool, String)> {
    let free = plan.free_bytes.filter(|free| plan.needed_bytes > MUCH_BYTES.min(*free))?;
    let is_short = plan.needed_bytes > free;
    let advice = if is_short { " Free some room, or choose fewer photos." } else { "" };
    Some((is_short, format!("Needs {} on the disk; {} are free.{advice}", size(plan.needed_bytes), size(free))))
}

/// What the button that does it says.
pub fn agreed(job: &Job, tally: &Tally) -> String {
    let files = counted(tally.files, "file", "files");
    let photos = if tally.photos > 0 { counted(tally.photos, "photo", "photos") } else { files.clone() };
    match job {
        Job::Tag { options, .. } if options.is_in_photos() => {
            format!("Write into {}", counted(tally.files, "photo", "photos"))
        }
        Job::Tag { .. } => format!("Write {files}"),
        Job::Place { way: Way::Copy, .. } => format!("Copy {photos}"),
        Job::Place { way: Way::Move, .. } => format!("Move {photos}"),
        Job::Place { .. } => format!("Link to {photos}"),
        Job::Trash { .. } => format!("Put {photos} into the trash"),
    }
}

/// What was done to so many files, of those that were agreed on if it was stopped before the last.
pub fn done(job: Option<&Job>, done: &Done, agreed: Option<usize>) -> String {
    let handled = done.files + done.refused.len();
    let files = match agreed.filter(|agreed| handled < *agreed) {
        Some(agreed) => format!("{} of {}, then stopped", count(done.files), counted(agreed, "file", "files")),
        None => counted(done.files, "file", "files"),
    };
    match job {
        _ if done.files == 0 => "Nothing was changed.".to_owned(),
        Some(Job::Place { way: Way::Copy, .. }) => format!("Copied {files}."),
        Some(Job::Place { way: Way::Move, .. }) => format!("Moved {files}."),
        Some(Job::Place { .. }) => format!("Linked to {files}."),
        Some(Job::Trash { .. }) => format!("Put {files} into the trash."),
        Some(Job::Tag { .. }) | None => format!("Wrote {files}."),
    }
}

/// What is being done, as one word.
pub fn doing(job: Option<&Job>) -> &'static str {
    match job {
        Some(Job::Place { way: Way::Copy, .. }) => "Copying",
        Some(Job::Place { way: Way::Move, .. } | Job::Trash { .. }) => "Moving",
        Some(Job::Place { .. }) => "Linking",
        Some(Job::Tag { .. }) | None => "Writing",
    }
}

/// What becomes of a file, in a word.
pub fn kind_of(row: &Row) -> &'static str {
    match &row.change {
        Change::Keywords(change) if change.before.is_none() => "new",
        Change::Keywords(_) => "changed",
        Change::Place { way: Way::Copy, .. } => "copy",
        Change::Place { way: Way::Move, .. } => "moves",
        Change::Place { .. } => "link",
        Change::Trash => "trash",
    }
}

/// "animal › dog".
pub fn keyword(keyword: &Keyword) -> String {
    keyword.joined(" › ")
}

/// A row for those who hear it.
pub fn spoken(row: &Row) -> String {
    let mut text = format!("{}, {}", name_and_folder(&row.file).0, kind_of(row));
    if let Change::Keywords(change) = &row.change {
        for (sign, keywords) in [("+", &change.added), ("\u{2212}", &change.removed), ("left out:", &change.declined)] {
            keywords.iter().for_each(|one| text += &format!(", {sign} {}", keyword(one)));
        }
    }
    text
}

/// Everything about a row, for which its line has no room.
pub fn in_full(row: &Row) -> String {
    let mut lines = vec![row.file.display().to_string()];
    match &row.change {
        Change::Keywords(change) => {
            let listed = |keywords: &[Keyword]| keywords.iter().map(keyword).collect::<Vec<_>>().join(", ");
            lines.extend((!change.added.is_empty()).then(|| format!("Adds {}.", listed(&change.added))));
            lines.extend((!change.removed.is_empty()).then(|| format!("Removes {}.", listed(&change.removed))));
            lines.extend((!change.declined.is_empty()).then(|| {
                format!(
                    "Leaves out {}, which was removed in another program. \"More choices\" can bring it back.",
                    listed(&change.declined)
                )
            }));
            lines.push("Click to see its lines before and after.".to_owned());
        }
        Change::Place { from, size_bytes, .. } => {
            lines.push(format!("From {}, {}.", from.display(), size(*size_bytes)));
        }
        Change::Trash => lines.push("Goes into the trash of your system, and is not deleted.".to_owned()),
    }
    lines.join("\n")
}

pub fn kind(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Sidecars => "Keywords into sidecars",
        JobKind::Photos => "Keywords into photos",
        JobKind::Copy => "Photos copied",
        JobKind::Move => "Photos moved",
        JobKind::Hardlink => "Hard links to photos",
        JobKind::Symlink => "Links to photos",
        JobKind::Trash => "Photos into the trash",
    }
}

pub fn state(state: JobState) -> &'static str {
    match state {
        JobState::Done => "",
        JobState::Undone => "Taken back",
        JobState::Kept => "Kept for good",
    }
}

/// "25 November 2026, 03:10 UTC", of a date as RFC 3339 has it.
pub fn date(date: &str) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let part = |range: std::ops::Range<usize>| date.get(range).unwrap_or_default();
    let month = part(5..7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    let Some(month) = month else { return date.to_owned() };
    format!("{} {month} {}, {} UTC", part(8..10).trim_start_matches('0'), part(0..4), part(11..16))
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
    use crate::catalog::{KeywordChange, Refusal, TaggingOptions};

    const BOTH_KINDS: &[Option<[u8; 32]>] = &[None, Some([0; 32])];

    fn plan(before: &[Option<[u8; 32]>], unchanged: usize, refused: usize) -> Plan {
        let row = |before: &Option<[u8; 32]>| Row {
            photo: Path::new("a.jpg").into(),
            file: "a.jpg.xmp".into(),
            change: Change::Keywords(KeywordChange { before: *before, ..KeywordChange::default() }),
        };
        let refusal = Refusal { file: "b.jpg".into(), reason: "It is read-only.".to_owned() };
        let rows = before.iter().map(row).collect();
        Plan { rows, unchanged, refused: vec![refusal; refused], ..Plan::default() }
    }

    fn tag() -> Job {
        Job::Tag { taggings: Vec::new().into(), options: TaggingOptions::default() }
    }

    #[test]
    fn a_plan_is_summed_up_in_words() {
        let said = |plan: &Plan| summary(&tag(), plan, &Tally::of(plan));
        assert_eq!(said(&plan(BOTH_KINDS, 1200, 2)), "2 files: 1 new, 1 changed; 1,200 unchanged; 2 left alone.");
        assert_eq!(said(&plan(&[None], 0, 0)), "1 file: 1 new.");
    }

    #[test]
    fn a_plan_without_files_says_why() {
        assert_eq!(nothing(&plan(&[], 1, 0)), "Nothing to do: 1 photo is as it should be.");
        assert_eq!(nothing(&plan(&[], 5, 2)), "Nothing can be done: 2 files are left alone.");
        assert_eq!(nothing(&plan(&[], 0, 0)), "Nothing to do: none of these photos belongs to a category.");
    }

    #[test]
    fn the_button_says_what_it_will_do_to_how_many() {
        let tally = Tally { files: 3, photos: 2, ..Tally::default() };
        let placing = |way| Job::Place { placings: Vec::new().into(), into: "x".into(), way };
        assert_eq!(agreed(&tag(), &Tally::of(&plan(BOTH_KINDS, 0, 0))), "Write 2 files");
        assert_eq!(agreed(&placing(Way::Move), &tally), "Move 2 photos");
        assert_eq!(agreed(&Job::Trash { photos: Vec::new().into() }, &tally), "Put 2 photos into the trash");
        assert_eq!(summary(&placing(Way::Copy), &plan(&[], 0, 0), &tally), "2 photos and 1 sidecar to copy.");
    }

    #[test]
    fn a_job_that_was_stopped_says_how_far_it_got() {
        let halfway = Done { files: 12, ..Done::default() };
        assert_eq!(done(Some(&tag()), &halfway, Some(18)), "Wrote 12 of 18 files, then stopped.");
        assert_eq!(done(Some(&tag()), &halfway, Some(12)), "Wrote 12 files.");
        assert_eq!(done(Some(&tag()), &Done::default(), Some(12)), "Nothing was changed.");
    }

    #[test]
    fn room_is_spoken_of_where_much_is_needed_or_too_little_is_free() {
        let needing = |needed_bytes, free| Plan { needed_bytes, free_bytes: Some(free), ..Plan::default() };
        assert_eq!(room(&needing(5_000, 9_000_000)), None);
        let (is_short, text) = room(&needing(2_000_000_000, 80_000_000_000)).unwrap();
        assert_eq!((is_short, text.as_str()), (false, "Needs 2.0 GB on the disk; 80.0 GB are free."));
        assert!(room(&needing(20_000_000, 10_000_000)).is_some_and(|(is_short, _)| is_short));
    }

    #[test]
    fn a_date_is_said_to_the_minute() {
        assert_eq!(date("2026-11-05T03:10:37Z"), "5 November 2026, 03:10 UTC");
        assert_eq!(date("yesterday"), "yesterday");
    }
}
