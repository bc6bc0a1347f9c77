//! What is to be done with a person's files: planned, shown, done, and taken back.
//!
//! Promise: nothing is written but a plan that stood on screen when the person agreed.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Session;
use crate::catalog::{
    CategoryId, ContentState, Done, Fingerprint, Job, JobEntry, Keyword, PhotoId, PhotoReport, Placing, Plan, Row, Tag,
    Tagging, TaggingOptions, Verdict, Verdicts, Way,
};
use crate::engine::command::Command;
use crate::engine::event::JobAnswer;
use crate::engine::porter::Table;
use crate::engine::wish::{JobTask, JobWork};

/// Which photos a job is about, and which categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The photos that keys act on, with all their categories.
    Selected,
    /// One category on all open photos.
    Category(CategoryId),
    /// All open photos and all categories.
    Everything,
}

/// The job that somebody is busy with.
#[derive(Clone, Debug, PartialEq)]
pub struct Errand {
    /// `None` for a job of the past.
    pub job: Option<Job>,
    pub stage: Stage,
    /// The file of the plan that is shown line by line, and what it shows once that is known.
    pub diff: Option<(usize, Option<Result<String, String>>)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    Planning { done: usize, of: usize },
    Planned(Arc<Plan>),
    Running { done: usize, of: usize, is_stopping: bool },
    Done(Done),
    Undoing { done: usize, of: usize },
    Undone(Done),
    Failed(String),
}

#[derive(Default)]
pub struct Jobs {
    /// Of the past, the newest first.
    entries: Vec<JobEntry>,
    errand: Option<Errand>,
    waiting: Vec<Waiting>,
    next_number: u32,
    /// Photos that the job under way writes about.
    touched: HashSet<Arc<Path>>,
}

/// A task that has not been answered.
struct Waiting {
    task: JobTask,
    /// One that is not wanted any more ends early, but still answers.
    is_wanted: bool,
}

impl Jobs {
    /// With the question which jobs there were.
    pub fn asking() -> Jobs {
        let mut jobs = Jobs::default();
        jobs.ask(JobWork::List);
        jobs
    }

    pub(super) fn ask(&mut self, work: JobWork) {
        self.waiting.push(Waiting { task: JobTask { number: self.next_number, work }, is_wanted: true });
        self.next_number += 1;
    }

    pub(super) fn wish(&self) -> Vec<JobTask> {
        self.waiting.iter().filter(|waiting| waiting.is_wanted).map(|waiting| waiting.task.clone()).collect()
    }

    /// Begins with something new; what was being planned or looked at is not wanted any more.
    fn begin(&mut self, job: Option<Job>, stage: Stage, work: JobWork) {
        self.leave();
        self.errand = Some(Errand { job, stage, diff: None });
        self.ask(work);
    }

    fn leave(&mut self) {
        let is_idle = |work: &JobWork| matches!(work, JobWork::Plan(_) | JobWork::Diff { .. });
        self.waiting.retain(|waiting| !is_idle(&waiting.task.work));
        self.errand = None;
    }

    /// Whether everything that was asked has been answered; what there was before, nobody waits for.
    pub fn is_idle(&self) -> bool {
        self.waiting.iter().all(|waiting| waiting.task.work == JobWork::List)
    }

    /// Whether files are being written at the moment.
    fn is_writing(&self) -> bool {
        let is_writing = |waiting: &Waiting| matches!(waiting.task.work, JobWork::Run { .. } | JobWork::Undo(_));
        self.waiting.iter().any(is_writing)
    }
}

impl Session {
    /// The job that somebody is busy with.
    pub fn errand(&self) -> Option<&Errand> {
        self.jobs.errand.as_ref()
    }

    /// Whether no job is under way.
    pub fn is_idle(&self) -> bool {
        self.jobs.is_idle()
    }

    /// The jobs of the past, the newest first.
    pub fn past_jobs(&self) -> &[JobEntry] {
        &self.jobs.entries
    }

    pub(super) fn apply_to_jobs(&mut self, command: Command) {
        match command {
            Command::PlanTagging { scope, options } => {
                let taggings = self.taggings(scope).into();
                self.plan(Job::Tag { taggings, options });
            }
            Command::PlanUntagging(scope) => {
                let options = TaggingOptions { removes_all: true, ..TaggingOptions::default() };
                let taggings = self.scope_photos(scope).into_iter();
                let tagging = |photo| Tagging { photo: self.path(photo), add: Vec::new(), remove: Vec::new() };
                self.plan(Job::Tag { taggings: taggings.map(tagging).collect(), options });
            }
            Command::PlanPlacing { scope, into, way } => {
                let placings = self.placings(scope, way).into();
                self.plan(Job::Place { placings, into, way });
            }
            Command::PlanTrash => {
                let photos = self.acting_on().into_iter().map(|photo| self.path(photo)).collect();
                self.plan(Job::Trash { photos });
            }
            Command::RunJob => self.run_job(),
            Command::StopJob => self.stop_job(),
            Command::CloseJob if !self.jobs.is_writing() => self.jobs.leave(),
            Command::CloseJob => {}
            Command::UndoJob(id) => self.undo_job(id),
            Command::KeepJob(id) => self.jobs.ask(JobWork::Keep(id)),
            Command::ShowDiff(row) => self.show_diff(row),
            Command::WriteTable { path, may_replace } => self.write_table(path, may_replace),
            Command::Reveal(photo) => self.open_elsewhere(photo, JobWork::Reveal),
            Command::OpenWith(photo) => self.open_elsewhere(photo, JobWork::OpenWith),
            other => unreachable!("{other:?} is not about jobs; `apply` handles it"),
        }
    }

    fn plan(&mut self, job: Job) {
        if !self.jobs.is_writing() {
            self.jobs.begin(Some(job.clone()), Stage::Planning { done: 0, of: 0 }, JobWork::Plan(job));
        }
    }

    fn run_job(&mut self) {
        let Some(Errand { job: Some(job), stage, .. }) = &mut self.jobs.errand else { return };
        let Stage::Planned(plan) = stage else { return };
        let (job, plan) = (job.clone(), plan.clone());
        *stage = Stage::Running { done: 0, of: plan.rows.len(), is_stopping: false };
        self.jobs.touched = plan.rows.iter().map(|row| row.photo.clone()).collect();
        self.jobs.ask(JobWork::Run { job, plan });
    }

    /// What was written by then stays, and can be undone.
    fn stop_job(&mut self) {
        let running = self.jobs.waiting.iter_mut().filter(|waiting| matches!(waiting.task.work, JobWork::Run { .. }));
        running.for_each(|waiting| waiting.is_wanted = false);
        if let Some(Errand { stage: Stage::Running { is_stopping, .. }, .. }) = &mut self.jobs.errand {
            *is_stopping = true;
        }
    }

    fn undo_job(&mut self, id: String) {
        if !self.jobs.is_writing() {
            let job = self.jobs.errand.take().and_then(|errand| errand.job);
            self.jobs.begin(job, Stage::Undoing { done: 0, of: 0 }, JobWork::Undo(id));
        }
    }

    fn show_diff(&mut self, shown: Option<usize>) {
        let Some(Errand { job: Some(job), stage: Stage::Planned(plan), diff }) = &mut self.jobs.errand else { return };
        *diff = shown.filter(|at| *at < plan.rows.len()).map(|at| (at, None));
        if let Some((at, _)) = diff {
            let (job, row) = (job.clone(), Box::new(plan.rows[*at].clone()));
            self.jobs.ask(JobWork::Diff { job, row });
        }
    }

    fn write_table(&mut self, path: PathBuf, may_replace: bool) {
        let photos = self.reports().into();
        let categories = self.categories().iter().map(|category| category.name.clone()).collect();
        self.jobs.ask(JobWork::WriteTable(Table { path, photos, categories, may_replace }));
    }

    fn open_elsewhere(&mut self, photo: PhotoId, work: impl FnOnce(PathBuf) -> JobWork) {
        if (photo.0 as usize) < self.library.len() {
            self.jobs.ask(work(self.path(photo).to_path_buf()));
        }
    }

    pub(super) fn absorb_jobs(&mut self, entries: Vec<JobEntry>) {
        self.jobs.entries = entries;
    }

    pub(super) fn absorb_job_progress(&mut self, number: u32, now: usize, all: usize) {
        if !self.jobs.waiting.iter().any(|waiting| waiting.task.number == number) {
            return;
        }
        let stage = self.jobs.errand.as_mut().map(|errand| &mut errand.stage);
        if let Some(Stage::Planning { done, of } | Stage::Running { done, of, .. } | Stage::Undoing { done, of }) =
            stage
        {
            (*done, *of) = (now, all);
        }
    }

    pub(super) fn absorb_job_answer(&mut self, number: u32, answer: JobAnswer) {
        let Some(place) = self.jobs.waiting.iter().position(|waiting| waiting.task.number == number) else { return };
        let task = self.jobs.waiting.remove(place).task;
        match (task.work, answer) {
            (JobWork::Plan(_), JobAnswer::Planned(plan)) => self.set_stage(Stage::Planned(plan)),
            (JobWork::Run { job, .. }, JobAnswer::Done(done)) => {
                self.set_stage(Stage::Done(done));
                self.files_changed(Some(&job));
            }
            (JobWork::Undo(_), JobAnswer::Done(done)) => {
                self.set_stage(Stage::Undone(done));
                let job = self.jobs.errand.as_ref().and_then(|errand| errand.job.clone());
                self.files_changed(job.as_ref());
            }
            (JobWork::Diff { row, .. }, JobAnswer::Diff(text)) => self.put_diff(&row, Ok(text)),
            (JobWork::Diff { row, .. }, JobAnswer::Failed(reason)) => self.put_diff(&row, Err(reason)),
            (JobWork::Plan(_) | JobWork::Run { .. } | JobWork::Undo(_), JobAnswer::Failed(reason)) => {
                self.set_stage(Stage::Failed(reason));
            }
            (_, JobAnswer::Failed(reason)) => self.notice(reason),
            _ => {}
        }
    }

    fn set_stage(&mut self, stage: Stage) {
        if let Some(errand) = &mut self.jobs.errand {
            errand.stage = stage;
        }
    }

    fn put_diff(&mut self, row: &Row, text: Result<String, String>) {
        let Some(Errand { stage: Stage::Planned(plan), diff, .. }) = &mut self.jobs.errand else { return };
        if let Some((at, shown)) = diff
            && plan.rows.get(*at) == Some(row)
        {
            *shown = Some(text);
        }
    }

    /// Reads again what the job may have changed: sidecars alone, or the folders.
    fn files_changed(&mut self, job: Option<&Job>) {
        let is_of_sidecars = matches!(job, Some(Job::Tag { options, .. }) if !options.is_in_photos());
        if is_of_sidecars {
            let touched = std::mem::take(&mut self.jobs.touched);
            let is_touched = |session: &Session, photo| touched.is_empty() || touched.contains(&session.path(photo));
            self.forget_metadata(is_touched);
            self.jobs.touched = touched;
        } else {
            self.visit(self.roots.iter().map(|root| root.visit.root.to_path_buf()).collect());
        }
    }

    /// A picture with new keywords in it is the same picture: what was said of it stands.
    pub(super) fn absorb_same_contents(&mut self, renamed: &[(Fingerprint, Fingerprint)]) {
        let ids: Vec<CategoryId> = self.categories().iter().map(|category| category.id).collect();
        self.tuning.rewrite(|tuning| {
            ids.iter().for_each(|id| take_over(&mut tuning.verdicts, *id, renamed));
        });
        self.tuning_changed();
    }

    fn path(&self, photo: PhotoId) -> Arc<Path> {
        self.library.photo(photo).file.path.clone()
    }

    fn scope_photos(&self, scope: Scope) -> Vec<PhotoId> {
        match scope {
            Scope::Selected => self.acting_on(),
            Scope::Category(_) | Scope::Everything => self.library.folder_order().to_vec(),
        }
    }

    /// What each photo is to be given, and what is to be taken from it if Tagroll gave it before. Photos that are not
    /// encoded are left out: nothing is known of them.
    fn taggings(&self, scope: Scope) -> Vec<Tagging> {
        let entrants = self.entrants();
        let contest = self.contest();
        let model = self.model.card().map_or(String::new(), |card| card.name.clone());
        let keyword = |id: CategoryId| self.category(id)?.name.parse::<Keyword>().ok();
        let is_meant = |id: CategoryId| !matches!(scope, Scope::Category(only) if only != id);
        let meant: Vec<(usize, CategoryId, Keyword)> = entrants
            .iter()
            .enumerate()
            .filter(|(_, entrant)| is_meant(entrant.id))
            .filter_map(|(place, entrant)| Some((place, entrant.id, keyword(entrant.id)?)))
            .collect();
        let photos = self.scope_photos(scope).into_iter();
        let encoded = photos.filter(|photo| *self.library.state(*photo) == ContentState::Embedded);
        let tagging = |photo: PhotoId| {
            let labels = contest.labels(&self.library, &entrants, photo);
            let row = self.library.photo(photo).content.row();
            let mut tagging = Tagging { photo: self.path(photo), add: Vec::new(), remove: Vec::new() };
            for (place, id, keyword) in &meant {
                if labels.contains(place) {
                    let is_said = self.verdict(*id, photo) == Some(Verdict::Yes);
                    let score = entrants[*place].column.fit(row).filter(|_| !is_said);
                    let tag = Tag { keyword: keyword.clone(), model: model.clone(), score, date: String::new() };
                    tagging.add.push(tag);
                } else {
                    tagging.remove.push(keyword.clone());
                }
            }
            let is_given = |keyword: &Keyword| tagging.add.iter().any(|tag| tag.keyword.is_same(keyword));
            tagging.remove.retain(|keyword| !is_given(keyword));
            tagging
        };
        encoded.map(tagging).collect()
    }

    /// One folder a photo, that of its best category; a photo that can be in several places at once, one for each label.
    fn placings(&self, scope: Scope, way: Way) -> Vec<Placing> {
        let mut placings = Vec::new();
        for photo in self.scope_photos(scope) {
            let best = self.category_of(photo).map(|category| category.id);
            let labels = if way == Way::Move { best.into_iter().collect() } else { self.labels_of(photo) };
            let meant = labels.into_iter().filter(|id| !matches!(scope, Scope::Category(only) if only != *id));
            let folders = meant.filter_map(|id| self.category(id)?.name.parse().ok());
            placings.extend(folders.map(|folder| Placing { photo: self.path(photo), folder }));
        }
        placings
    }

    /// All that is known of each open photo, in folder order.
    pub fn reports(&self) -> Vec<PhotoReport> {
        let name = |id: CategoryId| self.category(id).map(|category| category.name.clone());
        let report = |photo: &PhotoId| PhotoReport {
            path: self.path(*photo),
            category: self.category_of(*photo).map(|category| category.name.clone()),
            categories: self.labels_of(*photo).into_iter().filter_map(name).collect(),
            scores: self
                .scores(*photo)
                .into_iter()
                .filter_map(|(id, score)| Some((name(id)?, score.cosine, score.probability)))
                .collect(),
            metadata: self.metadata(*photo).cloned().unwrap_or_default(),
        };
        self.library.folder_order().iter().map(report).collect()
    }
}

fn take_over(verdicts: &mut Verdicts, category: CategoryId, renamed: &[(Fingerprint, Fingerprint)]) {
    for (before, after) in renamed {
        if let (Some(said), None) = (verdicts.get(category, *before), verdicts.get(category, *after)) {
            verdicts.set(category, *after, Some(said));
        }
    }
}
