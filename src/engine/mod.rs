//! Commands in, events absorbed, wishes out.
//!
//! [`Engine`] is the only place where the session meets threads and the clock. The loader does the file work, the
//! encoder runs the network; each takes the newest wish, does its most urgent small step and reports one event.

pub mod bench;
mod choice;
mod command;
pub mod crash;
#[cfg(feature = "gui")]
mod desktop;
mod doctor;
mod encoder;
mod event;
mod fetcher;
mod files;
mod forgetting;
mod hands;
mod history;
mod kept;
mod loader;
mod metadata_wish;
mod missing;
pub mod models;
mod opening;
mod pace;
mod porter;
mod saved;
mod session;
mod staff;
mod steward;
mod turns;
mod wish;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

pub use choice::{ModelChoice, ModelRequest};
pub use command::Command;
#[cfg(feature = "gui")]
pub use desktop::Desktop;
pub use doctor::{Report, examine};
pub use event::{Described, Event, JobAnswer, Problem};
pub use files::{keep_job, load_set, past_jobs, remembered_set, undo_job};
pub use kept::{Kept, KeptPart, KeptWhat};
pub use metadata_wish::{MetadataWish, Undescribed};
pub use missing::Missing;
pub use pace::Pace;
pub use porter::Table;
pub use saved::{Appearance, Saved, WindowPlace};
pub use session::{
    Activity, Against, Counts, Doctor, Download, Errand, ExampleState, Heat, HeatState, Mistake, Models, Proposal,
    Review, Scope, Session, SetEntry, SetSource, Sets, Similar, Sorted, Stage, Switch, Truth, Why, Written,
};
pub use wish::{AlikeQuestion, JobTask, JobWork, Model, ModelsWish, SetTask, SetWork, Visit, Wanted, Wish};

pub use crate::clip::{Device, DeviceChoice, ModelCard, PrecisionChoice, precisions};
pub use crate::disk::{Power, sample_photos};
pub use crate::hub::{Installed, KnownModel, Progress};

use crate::disk::{self, Places};
use forgetting::Forgetting;
use staff::Staff;

/// How long reports are taken in before they are drawn: a library of 100,000 photos comes in over some frames.
const ABSORBING: Duration = Duration::from_millis(30);

/// Where things are and what to use.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where the store and the saved session live; `None` for the platform's own place.
    pub data_dir: Option<PathBuf>,
    /// A model for this start only: "starter", the id of an installed one, or a model folder.
    pub model: Option<String>,
    /// A device for this start only.
    pub device: Option<DeviceChoice>,
    /// A precision for this start only.
    pub precision: Option<PrecisionChoice>,
    /// Whether what a person said of photos counts even where nothing is remembered.
    pub uses_verdicts: bool,
    /// Whether what is written down about photos is read even where nothing is remembered.
    pub uses_metadata: bool,
    /// Whether the session is taken up from the last start and saved for the next.
    pub remembers: bool,
    /// Whether models are opened only after [`Engine::window_is_drawn`]: opening one takes the core and the disk that the
    /// first photos need.
    pub awaits_window: bool,
}

impl Options {
    pub(crate) fn places(&self) -> anyhow::Result<Places> {
        match &self.data_dir {
            Some(dir) => Ok(Places::at(dir.clone())),
            None => Places::of_platform(),
        }
    }
}

/// The session and the threads that work for it. Dropping it stops each within one of its steps.
pub struct Engine {
    options: Options,
    places: Places,
    wake: Arc<dyn Fn() + Send + Sync>,
    session: Session,
    pace: Pace,
    started: Instant,
    /// `None` while everything is being forgotten.
    staff: Option<Staff>,
    forgetting: Option<Forgetting>,
    awaits_window: bool,
}

impl Engine {
    /// Starts the threads; the model loads in its own. `wake` is called from them whenever there is something to pump.
    pub fn start(options: &Options, wake: impl Fn() + Send + Sync + 'static) -> anyhow::Result<Engine> {
        let places = options.places()?;
        let remembered = if options.remembers { files::load_saved(&places) } else { Default::default() };
        let files::Remembered { saved, trouble, must_stay } = remembered;
        let chosen = if options.remembers { saved.request.clone() } else { files::chosen_model(&places) };
        let request = choice::request(options, chosen.as_ref(), &places)?;
        let mut session = Session::new(saved, options.remembers && !must_stay);
        session.begin_with(request, options.model.is_some());
        session.come_with(choice::packaged_id());
        session.begin_on(std::thread::available_parallelism().map_or(1, usize::from));
        if options.remembers || options.uses_metadata {
            session.read_metadata();
        }
        if let Some(report) = disk::newest_report(&places.crashes()).filter(|_| options.remembers) {
            session.offer_report(report);
        }
        trouble.into_iter().for_each(|trouble| session.absorb(Event::Notice(trouble)));
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(wake);
        let staff = Some(Staff::start(options, &places, wake.clone())?);
        let (pace, started, awaits_window) = (Pace::default(), Instant::now(), options.awaits_window);
        let (options, forgetting) = (options.clone(), None);
        let engine = Engine { options, places, wake, session, pace, started, staff, forgetting, awaits_window };
        engine.publish();
        Ok(engine)
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    /// How fast photos are being encoded.
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Does what a person asked for. Paths count from the folder that the program was started in; the session knows only
    /// full ones, because the next start may be from another folder.
    pub fn apply(&mut self, command: Command) {
        log::debug!("{command:?}");
        if command == Command::ForgetEverything {
            return self.forget_everything();
        }
        let command = match command {
            Command::Open(paths) => Command::Open(paths.into_iter().map(full_path).collect()),
            Command::ExportSet(path) => Command::ExportSet(full_path(path)),
            Command::PlanPlacing { scope, into, way } => Command::PlanPlacing { scope, into: full_path(into), way },
            Command::WriteTable { path, may_replace } => Command::WriteTable { path: full_path(path), may_replace },
            Command::LoadSet { source: SetSource::File(path), replaces } => {
                Command::LoadSet { source: SetSource::File(full_path(path)), replaces }
            }
            other => other,
        };
        self.session.apply(command);
        self.publish();
    }

    /// Whether a thread has ended although nobody asked it to: what is missing will not come.
    pub fn is_broken(&self) -> bool {
        self.forgetting.is_none() && self.staff.as_ref().is_none_or(Staff::is_broken)
    }

    /// Takes in what was reported, as much as a frame has time for; returns whether there was anything.
    pub fn pump(&mut self) -> bool {
        let is_back = self.take_up_work(Duration::ZERO);
        self.absorb(None) || is_back
    }

    /// Waits for the next report, at most `timeout`, then takes in those that are there.
    pub fn wait(&mut self, timeout: Duration) -> bool {
        let is_back = self.take_up_work(timeout);
        let first = self.staff.as_ref().filter(|_| !is_back).and_then(|staff| staff.wait(timeout));
        self.absorb(first) || is_back
    }

    /// Makes the session one of a first start at once, and deletes what is kept beside it.
    fn forget_everything(&mut self) {
        if !self.session.is_idle() || self.staff.is_none() {
            let busy = "Nothing was forgotten, because an export is under way. Wait until it is done.";
            return self.session.absorb(Event::Notice(busy.to_owned()));
        }
        self.session.apply(Command::ForgetEverything);
        self.pace = Pace::default();
        match Forgetting::begin(self.staff.take(), self.places.clone(), self.wake.clone()) {
            Ok(forgetting) => self.forgetting = Some(forgetting),
            Err(error) => self.session.absorb(Event::Notice(format!("Nothing was forgotten: {error}. Try again."))),
        }
    }

    /// Begins anew once everything is forgotten; waits for that at most `patience`. Returns whether it did.
    fn take_up_work(&mut self, patience: Duration) -> bool {
        let Some(left) = self.forgetting.as_ref().and_then(|forgetting| forgetting.ended(patience)) else {
            return false;
        };
        self.forgetting = None;
        left.into_iter().for_each(|left| self.session.absorb(Event::Notice(left)));
        // A model that was named for this start may be gone.
        let request = choice::request(&self.options, None, &self.places).unwrap_or_default();
        self.session.begin_with(request, self.options.model.is_some());
        match Staff::start(&self.options, &self.places, self.wake.clone()) {
            Ok(staff) => self.staff = Some(staff),
            Err(error) => self.session.absorb(Event::Notice(format!("Could not begin anew: {error:#}."))),
        }
        self.publish();
        true
    }

    /// Whether models wait for [`Engine::window_is_drawn`].
    pub fn awaits_window(&self) -> bool {
        self.awaits_window
    }

    /// Lets models be opened, if they waited.
    pub fn window_is_drawn(&mut self) {
        if std::mem::take(&mut self.awaits_window) {
            self.publish();
        }
    }

    /// Whether there is more to take in or to work out, now.
    pub fn has_more(&self) -> bool {
        self.session.has_work() || self.staff.as_ref().is_some_and(Staff::has_news)
    }

    fn absorb(&mut self, first: Option<Event>) -> bool {
        let begun = Instant::now();
        let mut has_news = false;
        let mut next = first;
        while let Some(event) = next.take().or_else(|| self.staff.as_ref()?.next()) {
            self.session.absorb(event);
            has_news = true;
            if begun.elapsed() > ABSORBING {
                break;
            }
        }
        let has_work = self.session.has_work();
        self.session.work();
        if has_news {
            let is_running = self.session.activity() == Activity::Running;
            self.pace.record(self.started.elapsed(), self.session.encoded(), is_running);
            self.publish();
        }
        has_news || has_work
    }

    fn publish(&self) {
        if let Some(staff) = &self.staff {
            let wish = self.session.wish();
            staff.tell(&if self.awaits_window { Wish { in_use: None, next: None, ..wish } } else { wish });
        }
    }
}

/// Where a thread reports.
#[derive(Clone)]
struct Outbox {
    events: Sender<Event>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

/// Nobody listens any more: the engine is being dropped.
struct Closed;

impl Outbox {
    fn send(&self, event: Event) -> Result<(), Closed> {
        self.events.send(event).map_err(|_| Closed)?;
        (self.wake)();
        Ok(())
    }
}

/// Takes the newest wish if there is one, showing each on the way to `pass`; waits for one if `must_wait`.
/// `Err` when the engine is being dropped.
fn newest(inbox: &Receiver<Wish>, must_wait: bool, mut pass: impl FnMut(&Wish)) -> Result<Option<Wish>, Closed> {
    let mut newest = if must_wait { Some(inbox.recv().map_err(|_| Closed)?) } else { None };
    newest.iter().for_each(&mut pass);
    loop {
        match inbox.try_recv() {
            Ok(wish) => {
                pass(&wish);
                newest = Some(wish);
            }
            Err(crossbeam_channel::TryRecvError::Empty) => return Ok(newest),
            // The last wish still counts: what is to be remembered stands in it.
            Err(crossbeam_channel::TryRecvError::Disconnected) => return newest.map(Some).ok_or(Closed),
        }
    }
}

fn full_path(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> anyhow::Result<JoinHandle<()>> {
    Ok(std::thread::Builder::new().name(name.to_owned()).spawn(work)?)
}
