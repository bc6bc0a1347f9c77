//! What the page says.

use std::path::Path;

use super::What;
use super::tally::Tally;
use crate::catalog::words::{count, counted, size};
use crate::catalog::{Change, Done, Job, JobKind, JobState, Keyword, Plan, Row, Way};
use crate::language::{plural, text, tr};

/// Plans that need less of the disk say nothing about it.
const MUCH_BYTES: u64 = 100_000_000;

pub const WHATS: [(What, &str, &str); 5] = [
    (What::Sidecars, text("Keywords into sidecars"), text("Small .xmp files beside the photos")),
    (What::InPhotos, text("Keywords into the photos"), text("Only into JPEGs")),
    (What::Folders, text("Photos into folders"), text("One folder for each category")),
    (What::Table, text("A table"), text("One file with all scores and keywords")),
    (What::Remove, text("Remove keywords"), text("Those that Tagroll wrote, and no others")),
];

pub fn explained(what: What) -> &'static str {
    match what {
        What::Sidecars => text(
            "darktable, digiKam, Immich and many others read them. What other programs wrote in them stays to the byte.",
        ),
        What::InPhotos => text(
            "For Lightroom, which reads no sidecars of JPEGs. Only the part with keywords changes, never the picture; the \
             old files are kept until you say that all is well.",
        ),
        What::Folders => text("Nothing is overwritten. Sidecars go along when photos are copied or moved."),
        What::Table => {
            text("A row for each open photo, with its categories, how well it fits each, keywords, stars and label.")
        }
        What::Remove => text("Takes out of sidecars what Tagroll put in. Your own keywords stay."),
    }
}

/// "18 files: 15 new, 3 changed; 98 unchanged; 2 left alone."
pub fn summary(job: &Job, plan: &Plan, tally: &Tally) -> String {
    let mut parts = vec![match job {
        Job::Tag { .. } => format!("{}: {}", counted(tally.files, "file", "files"), new_and_changed(tally)),
        Job::Place { way: Way::Copy, .. } => tr!("{files} to copy", files = carried(tally)),
        Job::Place { way: Way::Move, .. } => tr!("{files} to move", files = carried(tally)),
        Job::Place { .. } => tr!("{files} to link to", files = carried(tally)),
        Job::Trash { .. } => tr!("{files} for the trash", files = carried(tally)),
    }];
    parts.extend((plan.unchanged > 0).then(|| tr!("{number} unchanged", number = count(plan.unchanged))));
    parts.extend((!plan.refused.is_empty()).then(|| tr!("{number} left alone", number = count(plan.refused.len()))));
    format!("{}.", parts.join("; "))
}

fn new_and_changed(tally: &Tally) -> String {
    let kinds = [(tally.new, tr("new")), (tally.changed, tr("changed"))];
    let there = kinds.iter().filter(|(number, _)| *number > 0);
    there.map(|(number, kind)| format!("{} {kind}", count(*number))).collect::<Vec<_>>().join(", ")
}

/// "2 photos and 1 sidecar".
fn carried(tally: &Tally) -> String {
    let (photos, sidecars) = (counted(tally.photos, "photo", "photos"), tally.sidecars());
    match (tally.photos, sidecars) {
        (_, 0) => photos,
        (0, _) => counted(sidecars, "sidecar", "sidecars"),
        _ => tr!("{one} and {other}", one = photos, other = counted(sidecars, "sidecar", "sidecars")),
    }
}

/// What is said of a plan without files.
pub fn nothing(plan: &Plan) -> String {
    match (plan.refused.len(), plan.unchanged) {
        (0, 0) => tr("Nothing to do: none of these photos belongs to a category.").to_owned(),
        (0, unchanged) => plural!(
            unchanged,
            "Nothing to do: {n} photo is as it should be.",
            "Nothing to do: all {n} photos are as they should be."
        ),
        (refused, _) => plural!(
            refused,
            "Nothing can be done: {n} file is left alone.",
            "Nothing can be done: {n} files are left alone."
        ),
    }
}

/// What is said while a plan waits for a person's word.
pub fn not_yet(job: Option<&Job>) -> &'static str {
    match job {
        Some(Job::Tag { .. }) => text("Nothing is written yet. Click a file to see its lines before and after."),
        Some(Job::Trash { .. }) => text("Nothing is in the trash yet. Sidecars go with their photos."),
        _ => text("Nothing is changed yet."),
    }
}

/// What a large plan needs of the disk, and whether that is more than there is.
pub fn room(plan: &Plan) -> Option<(bool, String)> {
    let free = plan.free_bytes.filter(|free| plan.needed_bytes > MUCH_BYTES.min(*free))?;
    let is_short = plan.needed_bytes > free;
    let advice = if is_short { tr(" Free some room, or choose fewer photos.") } else { "" };
    let (needed, free) = (size(plan.needed_bytes), size(free));
    Some((is_short, tr!("Needs {needed} on the disk; {free} are free.", needed, free) + advice))
}

/// What the button that does it says.
pub fn agreed(job: &Job, tally: &Tally) -> String {
    let files = counted(tally.files, "file", "files");
    let photos = if tally.photos > 0 { counted(tally.photos, "photo", "photos") } else { files.clone() };
    match job {
        Job::Tag { options, .. } if options.is_in_photos() => {
            plural!(tally.files, "Write into {n} photo", "Write into {n} photos")
        }
        Job::Tag { .. } => tr!("Write {files}", files),
        Job::Place { way: Way::Copy, .. } => tr!("Copy {photos}", photos),
        Job::Place { way: Way::Move, .. } => tr!("Move {photos}", photos),
        Job::Place { .. } => tr!("Link to {photos}", photos),
        Job::Trash { .. } => tr!("Put {photos} into the trash", photos),
    }
}

/// What was done to so many files, of those that were agreed on if it was stopped before the last.
pub fn done(job: Option<&Job>, done: &Done, agreed: Option<usize>) -> String {
    let handled = done.files + done.refused.len();
    let files = match agreed.filter(|agreed| handled < *agreed) {
        Some(agreed) => plural!(
            agreed,
            "{done} of {n} file, then stopped",
            "{done} of {n} files, then stopped",
            done = count(done.files)
        ),
        None => counted(done.files, "file", "files"),
    };
    match job {
        _ if done.files == 0 => tr("Nothing was changed.").to_owned(),
        Some(Job::Place { way: Way::Copy, .. }) => tr!("Copied {files}.", files),
        Some(Job::Place { way: Way::Move, .. }) => tr!("Moved {files}.", files),
        Some(Job::Place { .. }) => tr!("Linked to {files}.", files),
        Some(Job::Trash { .. }) => tr!("Put {files} into the trash.", files),
        Some(Job::Tag { .. }) | None => tr!("Wrote {files}.", files),
    }
}

/// What is being done, as one word.
pub fn doing(job: Option<&Job>) -> &'static str {
    match job {
        Some(Job::Place { way: Way::Copy, .. }) => text("Copying"),
        Some(Job::Place { way: Way::Move, .. } | Job::Trash { .. }) => text("Moving"),
        Some(Job::Place { .. }) => text("Linking"),
        Some(Job::Tag { .. }) | None => text("Writing"),
    }
}

/// What becomes of a file, in a word.
pub fn kind_of(row: &Row) -> &'static str {
    match &row.change {
        Change::Keywords(change) if change.before.is_none() => text("new"),
        Change::Keywords(_) => text("changed"),
        Change::Place { way: Way::Copy, .. } => text("copy"),
        Change::Place { way: Way::Move, .. } => text("moves"),
        Change::Place { .. } => text("link"),
        Change::Trash => text("trash"),
    }
}

/// "animal › dog".
pub fn keyword(keyword: &Keyword) -> String {
    keyword.joined(" › ")
}

/// A row for those who hear it.
pub fn spoken(row: &Row) -> String {
    let mut text = format!("{}, {}", name_and_folder(&row.file).0, tr(kind_of(row)));
    if let Change::Keywords(change) = &row.change {
        for (sign, keywords) in
            [("+", &change.added), ("\u{2212}", &change.removed), (tr("left out:"), &change.declined)]
        {
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
            lines.extend((!change.added.is_empty()).then(|| tr!("Adds {keywords}.", keywords = listed(&change.added))));
            lines.extend(
                (!change.removed.is_empty()).then(|| tr!("Removes {keywords}.", keywords = listed(&change.removed))),
            );
            lines.extend((!change.declined.is_empty()).then(|| {
                tr!(
                    "Leaves out {keywords}, which was removed in another program. \"More choices\" can bring it back.",
                    keywords = listed(&change.declined)
                )
            }));
            lines.push(tr("Click to see its lines before and after.").to_owned());
        }
        Change::Place { from, size_bytes, .. } => {
            lines.push(tr!("From {path}, {size}.", path = from.display(), size = size(*size_bytes)));
        }
        Change::Trash => lines.push(tr("Goes into the trash of your system, and is not deleted.").to_owned()),
    }
    lines.join("\n")
}

pub fn kind(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Sidecars => text("Keywords into sidecars"),
        JobKind::Photos => text("Keywords into photos"),
        JobKind::Copy => text("Photos copied"),
        JobKind::Move => text("Photos moved"),
        JobKind::Hardlink => text("Hard links to photos"),
        JobKind::Symlink => text("Links to photos"),
        JobKind::Trash => text("Photos into the trash"),
    }
}

pub fn state(state: JobState) -> &'static str {
    match state {
        JobState::Done => "",
        JobState::Undone => text("Taken back"),
        JobState::Kept => text("Kept for good"),
    }
}

/// "25 November 2026, 03:10 UTC", of a date as RFC 3339 has it.
pub fn date(date: &str) -> String {
    const MONTHS: [&str; 12] = [
        text("January"),
        text("February"),
        text("March"),
        text("April"),
        text("May"),
        text("June"),
        text("July"),
        text("August"),
        text("September"),
        text("October"),
        text("November"),
        text("December"),
    ];
    let part = |range: std::ops::Range<usize>| date.get(range).unwrap_or_default();
    let month = part(5..7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    let Some(month) = month else { return date.to_owned() };
    tr!(
        "{day} {month} {year}, {time} UTC",
        day = part(8..10).trim_start_matches('0'),
        month = tr(month),
        year = part(0..4),
        time = part(11..16)
    )
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
