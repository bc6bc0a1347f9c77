//! Commands in, events absorbed, wishes out.
//!
//! [`Engine`] is the only place where the session meets threads and the clock. The loader does the file work, the
//! encoder runs the network; each takes the newest wish, does its most urgent small step and reports one event.

pub mod bench;
mod choice;
mod command;
mod doctor;
mod encoder;
mod event;
mod fetcher;
mod files;
mod history;
mod loader;
mod metadata_wish;
mod missing;
pub mod models;
mod opening;
mod pace;
mod porter;
mod saved;
mod session;
mod turns;
mod wish;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

pub use choice::{ModelChoice, ModelRequest};
pub use command::Command;
pub use doctor::{Report, examine};
pub use event::{Described, Event, JobAnswer, Problem};
pub use files::{keep_job, load_set, past_jobs, remembered_set, sample_photos, undo_job};
pub use metadata_wish::{MetadataWish, Undescribed};
pub use missing::Missing;
pub use pace::Pace;
pub use porter::Table;
pub use saved::{Saved, WindowPlace};
pub use session::{
    Activity, Against, Counts, Doctor, Download, Errand, ExampleState, Heat, HeatState, Mistake, Models, Proposal,
    Review, Scope, Session, SetEntry, SetSource, Sets, Similar, Sorted, Stage, Switch, Truth, Why, Written,
};
pub use wish::{AlikeQuestion, JobTask, JobWork, Model, ModelsWish, SetTask, SetWork, Visit, Wanted, Wish};

pub use crate::clip::{Device, DeviceChoice, ModelCard, PrecisionChoice, precisions};
pub use crate::hub::{Installed, KnownModel, Progress};

use crate::disk::Places;
use turns::Turns;

/// Events waiting for a window that does not look: enough to keep the threads busy, few enough to bound the pixels.
const EVENTS_WAITING: usize = 64;

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
    session: Session,
    pace: Pace,
    started: Instant,
    // Dropped in this order by `drop`: a thread that is about to report must find nobody listening before it is joined.
    events: Option<Receiver<Event>>,
    wishes: Vec<Sender<Wish>>,
    threads: Vec<JoinHandle<()>>,
}

impl Engine {
    /// Starts both threads; the model loads in its own. `wake` is called from them whenever there is something to pump.
    pub fn start(options: &Options, wake: impl Fn() + Send + Sync + 'static) -> anyhow::Result<Engine> {
        let places = options.places()?;
        let (saved, notice) = if options.remembers { files::load_saved(&places) } else { Default::default() };
        let chosen = if options.remembers { saved.request.clone() } else { files::chosen_model(&places) };
        let request = choice::request(options, chosen.as_ref(), &places)?;
        let mut session = Session::new(saved, options.remembers);
        session.begin_with(request, options.model.is_some());
        if options.remembers || options.uses_metadata {
            session.read_metadata();
        }
        notice.into_iter().for_each(|notice| session.absorb(Event::Notice(notice)));

        let (report, events) = bounded(EVENTS_WAITING);
        let outbox = Outbox { events: report, wake: Arc::new(wake) };
        let (to_loader, loader_wishes) = unbounded();
        let (to_encoder, encoder_wishes) = unbounded();
        let (inputs, encoder_inputs) = unbounded();
        // The encoder hears first: a photo that the loader sends it is then named by a wish that it has.
        let mut wishes = vec![to_encoder, to_loader];
        let mut threads = Vec::new();
        if options.remembers {
            let (to_fetcher, fetcher_wishes) = unbounded();
            wishes.push(to_fetcher);
            let (places, outbox) = (places.clone(), outbox.clone());
            threads.push(spawn("fetcher", move || fetcher::run(&places, &fetcher_wishes, &outbox))?);
        }
        // On the command line nobody looks meanwhile, and the result must be of what is there now.
        let ways = loader::Ways {
            with_verdicts: options.remembers || options.uses_verdicts,
            trusts_listings: options.remembers,
        };
        let (encoder_places, encoder_outbox) = (places.clone(), outbox.clone());
        let (porter_places, porter_outbox) = (places.clone(), outbox.clone());
        let turns = Arc::new(Turns::default());
        let encoder_turns = turns.clone();
        threads.push(spawn("loader", move || {
            loader::run(&places, ways, &loader_wishes, inputs, turns, outbox);
        })?);
        threads.push(spawn("encoder", move || {
            encoder::run(&encoder_places, &encoder_wishes, &encoder_inputs, &encoder_turns, &encoder_outbox);
        })?);
        let (to_porter, porter_wishes) = unbounded();
        wishes.push(to_porter);
        threads.push(spawn("porter", move || porter::run(&porter_places, &porter_wishes, &porter_outbox))?);
        let pace = Pace::default();
        let engine = Engine { session, pace, started: Instant::now(), events: Some(events), wishes, threads };
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
        self.threads.iter().any(JoinHandle::is_finished)
    }

    /// Takes in what was reported, as much as a frame has time for; returns whether there was anything.
    pub fn pump(&mut self) -> bool {
        self.absorb(None)
    }

    /// Waits for the next report, at most `timeout`, then takes in those that are there.
    pub fn wait(&mut self, timeout: Duration) -> bool {
        let first = self.events.as_ref().and_then(|events| events.recv_timeout(timeout).ok());
        self.absorb(first)
    }

    /// Whether there is more to take in or to work out, now.
    pub fn has_more(&self) -> bool {
        self.session.has_work() || self.events.as_ref().is_some_and(|events| !events.is_empty())
    }

    fn absorb(&mut self, first: Option<Event>) -> bool {
        let begun = Instant::now();
        let mut has_news = false;
        let mut next = first;
        while let Some(event) = next.take().or_else(|| self.events.as_ref()?.try_recv().ok()) {
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
        let wish = self.session.wish();
        for inbox in &self.wishes {
            // A thread that is gone has panicked; what it did not answer stays unanswered, and the window stays open.
            let _ = inbox.send(wish.clone());
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.events.take();
        self.wishes.clear();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
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
