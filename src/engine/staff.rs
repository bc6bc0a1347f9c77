//! The threads that work for a session, from their start to their end.
//!
//! Promise: dropping the staff stops each thread within one of its steps, and waits for that; what was to be remembered is
//! on the disk by then.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::event::Event;
use super::hands::Hands;
use super::turns::Turns;
use super::wish::Wish;
use super::{Options, Outbox, encoder, fetcher, loader, porter, spawn, steward};
use crate::disk::Places;

/// Events waiting for a window that does not look: enough to keep the threads busy, few enough to bound the pixels.
const EVENTS_WAITING: usize = 64;

pub struct Staff {
    // Dropped in this order by `drop`: a thread that is about to report must find nobody listening before it is joined.
    events: Option<Receiver<Event>>,
    wishes: Vec<Sender<Wish>>,
    threads: Vec<JoinHandle<()>>,
}

impl Staff {
    /// Starts all threads; the model loads in its own. `wake` is called from them whenever something is reported.
    pub fn start(options: &Options, places: &Places, wake: Arc<dyn Fn() + Send + Sync>) -> anyhow::Result<Staff> {
        let (report, events) = bounded(EVENTS_WAITING);
        let outbox = Outbox { events: report, wake };
        let mut staff = Staff { events: Some(events), wishes: Vec::new(), threads: Vec::new() };
        // On the command line, reading is what somebody waits for.
        let hands = Arc::new(Hands::new(options.remembers)?);
        let (inputs, encoder_inputs) = unbounded();
        // The encoder hears first: a photo that the loader sends it is then named by a wish that it has.
        let (at, out, its_hands) = (places.clone(), outbox.clone(), hands.clone());
        let turns = Arc::<Turns>::default();
        let its_turns = turns.clone();
        staff
            .hire("encoder", move |wishes| encoder::run(&at, its_hands, &wishes, &encoder_inputs, &its_turns, &out))?;
        // On the command line nobody looks meanwhile, and the result must be of what is there now.
        let ways = loader::Ways {
            with_verdicts: options.remembers || options.uses_verdicts,
            trusts_listings: options.remembers,
        };
        let (at, out) = (places.clone(), outbox.clone());
        staff.hire("loader", move |wishes| loader::run(&at, ways, hands, &wishes, inputs, turns, out))?;
        let (at, out) = (places.clone(), outbox.clone());
        staff.hire("porter", move |wishes| porter::run(&at, &wishes, &out))?;
        if options.remembers {
            let (at, out) = (places.clone(), outbox.clone());
            staff.hire("fetcher", move |wishes| fetcher::run(&at, &wishes, &out))?;
            let at = places.clone();
            staff.hire("steward", move |wishes| steward::run(&at, &wishes, &outbox))?;
        }
        Ok(staff)
    }

    fn hire(&mut self, name: &str, work: impl FnOnce(Receiver<Wish>) + Send + 'static) -> anyhow::Result<()> {
        let (wishes, inbox) = unbounded();
        self.wishes.push(wishes);
        self.threads.push(spawn(name, move || work(inbox))?);
        Ok(())
    }

    /// Tells everybody what is wanted now.
    pub fn tell(&self, wish: &Wish) {
        for inbox in &self.wishes {
            // A thread that is gone has panicked; what it did not answer stays unanswered, and the window stays open.
            let _ = inbox.send(wish.clone());
        }
    }

    /// The next report, if there is one.
    pub fn next(&self) -> Option<Event> {
        self.events.as_ref()?.try_recv().ok()
    }

    /// Waits for the next report, at most `timeout`.
    pub fn wait(&self, timeout: Duration) -> Option<Event> {
        self.events.as_ref()?.recv_timeout(timeout).ok()
    }

    pub fn has_news(&self) -> bool {
        self.events.as_ref().is_some_and(|events| !events.is_empty())
    }

    /// Whether a thread has ended although nobody asked it to.
    pub fn is_broken(&self) -> bool {
        self.threads.iter().any(JoinHandle::is_finished)
    }
}

impl Drop for Staff {
    fn drop(&mut self) {
        self.events.take();
        self.wishes.clear();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
