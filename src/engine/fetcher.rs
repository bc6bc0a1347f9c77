//! The fetcher thread: the models folder. It fetches models that somebody asked for; nothing else in the window opens a
//! connection.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, select, unbounded};

use super::event::Event;
use super::wish::{ModelsWish, Wish};
use super::{Closed, Outbox, newest};
use crate::clip::{self, DeviceChoice, ModelSource, PrecisionChoice};
use crate::disk::Places;
use crate::hub::{self, Go, Hub, Installed, KnownModel, Progress, Trouble};

/// Often enough to look alive.
const REPORT_EVERY: Duration = Duration::from_millis(250);

/// Works until the engine is dropped.
pub fn run(places: &Places, wishes: &Receiver<Wish>, outbox: &Outbox) {
    let desk = Desk { models: places.models(), wishes, outbox, wish: ModelsWish::default(), answered: Vec::new() };
    let _ = desk.work();
}

struct Desk<'a> {
    models: PathBuf,
    wishes: &'a Receiver<Wish>,
    outbox: &'a Outbox,
    wish: ModelsWish,
    /// Jobs that ended, as long as the wish still names them.
    answered: Vec<Job>,
}

#[derive(Clone, Debug, PartialEq)]
enum Job {
    Remove(String),
    Discard(String),
    Add(PathBuf),
    Fetch(String),
}

impl Job {
    fn is_wanted(&self, wish: &ModelsWish) -> bool {
        match self {
            Job::Remove(id) => wish.removals.contains(id),
            Job::Discard(id) => wish.discards.contains(id),
            Job::Add(path) => wish.adds.contains(path),
            Job::Fetch(id) => wish.downloads.contains(id),
        }
    }
}

impl Desk<'_> {
    fn work(mut self) -> Result<(), Closed> {
        self.report_installed()?;
        self.outbox.send(Event::HubHost(Hub::from_env().host().to_owned()))?;
        self.outbox.send(Event::Devices(clip::devices()))?;
        loop {
            let next = self.next();
            self.hear(next.is_none())?;
            if let Some(job) = next.filter(|job| job.is_wanted(&self.wish)) {
                self.answered.push(job.clone());
                self.run(job)?;
            }
        }
    }

    /// What is quick comes first.
    fn next(&self) -> Option<Job> {
        let ModelsWish { downloads, discards, adds, removals } = &self.wish;
        let quick = removals.iter().cloned().map(Job::Remove).chain(discards.iter().cloned().map(Job::Discard));
        let slow = adds.iter().cloned().map(Job::Add).chain(downloads.iter().cloned().map(Job::Fetch));
        quick.chain(slow).find(|job| !self.answered.contains(job))
    }

    fn hear(&mut self, must_wait: bool) -> Result<(), Closed> {
        let answered = &mut self.answered;
        let passing = |wish: &Wish| answered.retain(|job| job.is_wanted(&wish.models));
        if let Some(wish) = newest(self.wishes, must_wait, passing)? {
            self.wish = wish.models;
        }
        Ok(())
    }

    fn run(&mut self, job: Job) -> Result<(), Closed> {
        match job {
            Job::Remove(id) => match hub::remove(&self.models, &id) {
                Ok(()) => self.report_installed(),
                Err(trouble) => self.outbox.send(Event::NotRemoved { id, reason: trouble.to_string() }),
            },
            Job::Discard(id) => {
                if let Err(trouble) = hub::discard(&self.models, &id) {
                    self.outbox.send(Event::Notice(trouble.to_string()))?;
                }
                self.outbox.send(Event::Discarded(id))
            }
            Job::Add(from) => {
                let outcome = self.add(&from)?;
                self.report_installed()?;
                self.outbox.send(Event::Added { from, outcome })
            }
            Job::Fetch(id) => self.fetch(&id),
        }
    }

    /// A model that cannot be opened is not taken in.
    fn add(&mut self, from: &Path) -> Result<Result<Installed, String>, Closed> {
        let source = ModelSource::Folder(from.to_path_buf());
        if let Err(error) = clip::open(&source, DeviceChoice::Cpu, PrecisionChoice::Auto) {
            return Ok(Err(format!("{error:#}")));
        }
        let job = Job::Add(from.to_path_buf());
        let models = self.models.clone();
        let added = hub::add(&models, from, &mut |_| self.go_on(&job));
        if self.is_closed() {
            return Err(Closed);
        }
        Ok(added.map_err(|trouble| trouble.to_string()))
    }

    /// A download that was paused or cancelled says nothing.
    fn fetch(&mut self, id: &str) -> Result<(), Closed> {
        let Some(known) = hub::known(id).filter(|model| model.is_offered) else {
            let reason = format!("Tagroll knows no model \"{id}\" that it may fetch.");
            return self.outbox.send(Event::DownloadFailed { id: id.to_owned(), reason });
        };
        let job = Job::Fetch(id.to_owned());
        let fetched = self.watch(known, &job)?;
        match fetched {
            Ok(_) => self.report_installed(),
            // Asked for again meanwhile, it goes on.
            Err(Trouble::Stopped) => {
                self.answered.retain(|answered| *answered != job);
                Ok(())
            }
            Err(Trouble::Failed(reason)) => self.outbox.send(Event::DownloadFailed { id: id.to_owned(), reason }),
        }
    }

    /// Fetches on a thread of its own, because a silent server is waited for, and passes its progress on, until it is
    /// there or not wanted any more.
    fn watch(&mut self, known: &'static KnownModel, job: &Job) -> Result<Result<Installed, Trouble>, Closed> {
        let (models, hub) = (self.models.clone(), Hub::from_env());
        let stop = hub.stop.clone();
        let (tell, told) = unbounded();
        let download = super::spawn("download", move || {
            let fetched = hub::pull(&models, known, &hub, &mut |progress| {
                let is_heard = tell.send(Told::Progress(progress)).is_ok();
                if is_heard { Go::On } else { Go::Stop }
            });
            // A desk that is gone wants no answer.
            let _ = tell.send(Told::Done(fetched));
        });
        if let Err(error) = download {
            return Ok(Err(Trouble::Failed(format!("Could not start the download: {error}."))));
        }
        let wishes = self.wishes;
        let mut meter = Meter::default();
        loop {
            select! {
                recv(wishes) -> wish => {
                    let wish = wish.inspect_err(|_| stop.stop()).map_err(|_| Closed)?;
                    self.answered.retain(|job| job.is_wanted(&wish.models));
                    self.wish = wish.models;
                    if !job.is_wanted(&self.wish) {
                        stop.stop();
                    }
                }
                recv(told) -> told => match told {
                    Ok(Told::Progress(progress)) => {
                        if let Some(bytes_per_second) = meter.due(&progress) {
                            let id = known.id.clone();
                            let report = Event::Downloading { id, progress, bytes_per_second };
                            self.outbox.send(report).inspect_err(|_| stop.stop())?;
                        }
                    }
                    Ok(Told::Done(fetched)) => return Ok(fetched),
                    Err(_) => {
                        let reason = "The download stopped working. What is here is kept; try again.".to_owned();
                        return Ok(Err(Trouble::Failed(reason)));
                    }
                },
            }
        }
    }

    fn go_on(&mut self, job: &Job) -> Go {
        let is_open = self.hear(false).is_ok();
        if is_open && job.is_wanted(&self.wish) { Go::On } else { Go::Stop }
    }

    /// Whether the engine is being dropped.
    fn is_closed(&mut self) -> bool {
        self.hear(false).is_err()
    }

    fn report_installed(&self) -> Result<(), Closed> {
        let models = hub::installed(&self.models);
        self.outbox.send(Event::Installed { folder: self.models.clone(), models })
    }
}

/// What the download's own thread says.
enum Told {
    Progress(Progress),
    Done(Result<Installed, Trouble>),
}

/// How fast a download is, and when to say so.
#[derive(Default)]
struct Meter {
    /// When it began, and what was there already.
    begun: Option<(Instant, u64)>,
    reported: Option<Instant>,
}

impl Meter {
    /// The rate, where it is known yet, if it is time for a report.
    fn due(&mut self, progress: &Progress) -> Option<Option<f64>> {
        let (begun, before) = *self.begun.get_or_insert((Instant::now(), progress.done_bytes));
        if self.reported.is_some_and(|at| at.elapsed() < REPORT_EVERY) {
            return None;
        }
        self.reported = Some(Instant::now());
        let seconds = begun.elapsed().as_secs_f64();
        Some((seconds > 1.0).then(|| progress.done_bytes.saturating_sub(before) as f64 / seconds))
    }
}
