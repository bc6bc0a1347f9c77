//! The porter thread: everything that writes beside a person's photos, or puts them elsewhere, in small steps; and what
//! takes it back.
//!
//! It is a thread of its own because ten thousand sidecars take seconds, in which thumbnails go on arriving. A job that is
//! no longer wished for stops between two steps; what it wrote by then can be undone.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Context;
use crossbeam_channel::Receiver;

use super::event::{Event, JobAnswer};
use super::wish::{JobTask, JobWork, Wish};
use super::{Closed, Outbox, newest};
use crate::catalog::{Change, Done, Fingerprint, Job, JobEntry, JobKind, Plan, Row, SidecarPlace, Tagging};
use crate::disk::sidecar::{self, Neighbours, TaggingRun};
use crate::disk::{self, PlacementPlanner, PlacementRun, PlacementUndo, Places, Store};

/// Photos that are planned between two looks at the wishes.
const PLANNED_AT_ONCE: usize = 64;
/// Photos that are put elsewhere between two looks.
const PLACED_AT_ONCE: usize = 8;

/// Works until the engine is dropped.
pub fn run(places: &Places, wishes: &Receiver<Wish>, outbox: &Outbox) {
    let desk = Desk { places, wishes, outbox, tasks: Vec::new(), next: 0 };
    let _ = desk.work();
}

struct Desk<'a> {
    places: &'a Places,
    wishes: &'a Receiver<Wish>,
    outbox: &'a Outbox,
    tasks: Vec<JobTask>,
    /// Tasks before this one are done.
    next: u32,
}

/// Why a task ends early: nobody wants it any more, or it cannot be done.
enum End {
    Closed,
    Unwanted,
    Failed(String),
}

impl From<Closed> for End {
    fn from(_: Closed) -> End {
        End::Closed
    }
}

impl From<anyhow::Error> for End {
    fn from(error: anyhow::Error) -> End {
        End::Failed(format!("{error:#}"))
    }
}

impl Desk<'_> {
    fn work(mut self) -> Result<(), Closed> {
        loop {
            let task = self.tasks.iter().find(|task| task.number >= self.next).cloned();
            self.hear(task.is_none())?;
            let Some(task) = task.filter(|task| self.is_wanted(task.number)) else { continue };
            self.next = task.number + 1;
            let answer = match self.answer(&task) {
                Ok(answer) => answer,
                Err(End::Closed) => return Err(Closed),
                Err(End::Unwanted) => continue,
                Err(End::Failed(reason)) => JobAnswer::Failed(reason),
            };
            if matches!(task.work, JobWork::Run { .. } | JobWork::Undo(_) | JobWork::Keep(_)) {
                self.outbox.send(Event::Jobs(entries(self.places)))?;
            }
            self.outbox.send(Event::JobAnswered { number: task.number, answer })?;
        }
    }

    fn hear(&mut self, must_wait: bool) -> Result<(), Closed> {
        if let Some(wish) = newest(self.wishes, must_wait, |_| {})? {
            self.tasks = wish.jobs;
        }
        Ok(())
    }

    fn is_wanted(&self, number: u32) -> bool {
        self.tasks.iter().any(|task| task.number == number)
    }

    /// To be called between two steps.
    fn go_on(&mut self, number: u32, done: usize, of: usize) -> Result<(), End> {
        self.outbox.send(Event::JobProgress { number, done, of })?;
        self.hear(false)?;
        if self.is_wanted(number) { Ok(()) } else { Err(End::Unwanted) }
    }

    fn answer(&mut self, task: &JobTask) -> Result<JobAnswer, End> {
        let number = task.number;
        Ok(match &task.work {
            JobWork::List => {
                self.outbox.send(Event::Jobs(entries(self.places)))?;
                JobAnswer::Nothing
            }
            JobWork::Plan(job) => JobAnswer::Planned(Arc::new(self.plan(number, job)?)),
            JobWork::Run { job, plan } => JobAnswer::Done(self.run_job(number, job, plan)?),
            JobWork::Undo(id) => JobAnswer::Done(self.undo(number, id)?),
            JobWork::Keep(id) => {
                sidecar::keep(self.places, id)?;
                JobAnswer::Nothing
            }
            JobWork::Diff { job, row } => JobAnswer::Diff(diff(job, row).map_err(End::Failed)?),
            JobWork::WriteTable(table) => {
                table.write()?;
                JobAnswer::Nothing
            }
            JobWork::Reveal(path) => nothing(reveal(path))?,
            JobWork::OpenWith(path) => nothing(open_with(path))?,
        })
    }

    fn plan(&mut self, number: u32, job: &Job) -> Result<Plan, End> {
        match job {
            Job::Tag { taggings, options } => {
                let mut plan = Plan::default();
                let mut neighbours = Neighbours::default();
                for (at, chunk) in taggings.chunks(PLANNED_AT_ONCE).enumerate() {
                    self.go_on(number, at * PLANNED_AT_ONCE, taggings.len())?;
                    for tagging in chunk {
                        sidecar::plan_tagging(tagging, options, &mut neighbours).add_to(&mut plan);
                    }
                }
                plan.free_bytes = plan.rows.first().and_then(|row| disk::free_bytes_at(folder_of(&row.file)));
                Ok(plan)
            }
            Job::Place { placings, into, way } => {
                let mut planner = PlacementPlanner::new(placings.clone(), into, *way);
                while planner.step() {
                    if planner.looked_at().is_multiple_of(PLANNED_AT_ONCE) {
                        self.go_on(number, planner.looked_at(), placings.len())?;
                    }
                }
                Ok(planner.finish())
            }
            Job::Trash { photos } => Ok(disk::plan_trash(photos)),
        }
    }

    fn run_job(&mut self, number: u32, job: &Job, plan: &Plan) -> Result<Done, End> {
        match job {
            Job::Tag { taggings, options } => {
                let taggings: Arc<[Tagging]> = dated(taggings);
                let is_in_photos = options.place == SidecarPlace::InPhoto;
                let photos: Vec<Arc<Path>> = plan.rows.iter().map(|row| row.photo.clone()).collect();
                let names = Renaming::begin(is_in_photos.then_some(&photos[..]));
                let mut run = TaggingRun::new(self.places, plan.rows.clone(), taggings, options.clone());
                loop {
                    let progress = run.step();
                    let is_wanted = self.go_on(number, progress.done, progress.of);
                    if progress.is_done() || is_wanted.is_err() {
                        break;
                    }
                }
                let done = run.finish();
                self.tell_names(names.end())?;
                Ok(done)
            }
            Job::Place { .. } | Job::Trash { .. } => {
                let into = if let Job::Place { into, .. } = job { disk::free_bytes_at(into) } else { None };
                let mut run = PlacementRun::start(self.places, plan, into)?;
                while (0..PLACED_AT_ONCE).all(|_| run.step()) {
                    let (done, of) = run.progress();
                    if self.go_on(number, done, of).is_err() {
                        break;
                    }
                }
                Ok(run.finish())
            }
        }
    }

    /// To its end, even if the window is closed meanwhile: half of it would be worse.
    fn undo(&mut self, number: u32, id: &str) -> Result<Done, End> {
        let outbox = self.outbox;
        let progress = |done, of| _ = outbox.send(Event::JobProgress { number, done, of });
        let (done, renamed) = undo_job(self.places, id, progress)?;
        self.tell_names(renamed)?;
        Ok(done)
    }

    /// A photo that holds new keywords is another content of the same picture: what is known of the old one is true of it.
    fn tell_names(&self, renamed: Vec<(Fingerprint, Fingerprint)>) -> Result<(), End> {
        if renamed.is_empty() {
            return Ok(());
        }
        let stored = Store::open(&self.places.store()).and_then(|mut store| store.copy_contents(&renamed));
        if let Err(error) = stored {
            self.outbox.send(Event::Notice(error.to_string()))?;
        }
        Ok(self.outbox.send(Event::SameContents(renamed))?)
    }
}

/// Undoes a job of the past; also says what photos that it put keywords into were called before and are called now.
pub fn undo_job(
    places: &Places,
    id: &str,
    mut progress: impl FnMut(usize, usize),
) -> anyhow::Result<(Done, Vec<(Fingerprint, Fingerprint)>)> {
    let entries = entries(places);
    let entry = entries.iter().find(|entry| entry.id == id);
    let entry =
        entry.with_context(|| format!("There is no job {id} to undo; `tagroll export --list` shows those of now."))?;
    if !matches!(entry.kind, JobKind::Sidecars | JobKind::Photos) {
        let mut undo = PlacementUndo::open(places, id)?;
        while undo.step() {
            let (done, of) = undo.progress();
            progress(done, of);
        }
        return Ok((undo.finish(), Vec::new()));
    }
    let photos = if entry.kind == JobKind::Photos { sidecar::files_of(places, id) } else { Vec::new() };
    let names = Renaming::begin(Some(&photos));
    let done = sidecar::undo(places, id)?;
    Ok((done, names.end()))
}

/// What photos are called before and after something was written into them.
struct Renaming(Vec<(Arc<Path>, Fingerprint)>);

impl Renaming {
    fn begin(photos: Option<&[Arc<Path>]>) -> Renaming {
        let photos = photos.into_iter().flatten();
        Renaming(photos.filter_map(|photo| Some((photo.clone(), name_of(photo)?))).collect())
    }

    fn end(self) -> Vec<(Fingerprint, Fingerprint)> {
        let now = self.0.into_iter().filter_map(|(photo, before)| Some((before, name_of(&photo)?)));
        now.filter(|(before, after)| before != after).collect()
    }
}

fn name_of(photo: &Arc<Path>) -> Option<Fingerprint> {
    disk::found_file(photo).and_then(|file| disk::fingerprint(&file)).ok()
}

/// All jobs, the newest first.
pub fn entries(places: &Places) -> Vec<JobEntry> {
    let mut entries = sidecar::jobs(places);
    entries.extend(disk::placement_jobs(places));
    entries.sort_by(|a, b| b.id.cmp(&a.id));
    entries
}

/// Everything that one run writes carries one date.
fn dated(taggings: &[Tagging]) -> Arc<[Tagging]> {
    let date = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let mut dated = taggings.to_vec();
    dated.iter_mut().flat_map(|tagging| &mut tagging.add).for_each(|tag| tag.date = date.clone());
    dated.into()
}

/// The old and the new contents of a file, line by line.
fn diff(job: &Job, row: &Row) -> Result<String, String> {
    let (Job::Tag { taggings, options }, Change::Keywords(_)) = (job, &row.change) else {
        return Err("Only keywords are shown line by line.".to_owned());
    };
    let tagging = taggings.iter().find(|tagging| tagging.photo == row.photo);
    let tagging = tagging.ok_or("This photo is no longer part of the plan.")?;
    let dated = dated(std::slice::from_ref(tagging));
    let preview = sidecar::preview(row, &dated[0], options)?;
    Ok(sidecar::diff(&preview.before, &preview.after))
}

fn nothing(outcome: Result<(), String>) -> Result<JobAnswer, End> {
    outcome.map(|()| JobAnswer::Nothing).map_err(End::Failed)
}

#[cfg(feature = "gui")]
fn reveal(path: &Path) -> Result<(), String> {
    disk::reveal(path)
}

#[cfg(feature = "gui")]
fn open_with(path: &Path) -> Result<(), String> {
    disk::open_with_default(path)
}

#[cfg(not(feature = "gui"))]
fn reveal(_: &Path) -> Result<(), String> {
    Err("This build of Tagroll has no window, and opens no other.".to_owned())
}

#[cfg(not(feature = "gui"))]
fn open_with(path: &Path) -> Result<(), String> {
    reveal(path)
}

fn folder_of(file: &Path) -> &Path {
    file.parent().unwrap_or(file)
}

/// A table of photos that is to be a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub path: PathBuf,
    /// CSV or JSON, by the path's ending.
    pub photos: Arc<[crate::catalog::PhotoReport]>,
    pub categories: Vec<String>,
    pub may_replace: bool,
}

impl Table {
    fn write(&self) -> anyhow::Result<()> {
        let is_json = self.path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let bytes = if is_json { disk::to_json(&self.photos)? } else { disk::to_csv(&self.photos, &self.categories)? };
        disk::write_table(&self.path, &bytes, self.may_replace)
    }
}
