//! The steward thread: what is to be known beside photos and models: the computer's power, and what Tagroll keeps.
//!
//! Promise: it sleeps unless somebody needs an answer. A person who wants to pause on battery is answered within
//! [`LOOK_EVERY`], and only while there is something to pause.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::event::Event;
use super::kept;
use super::wish::Wish;
use super::{Closed, Outbox};
use crate::disk::{self, Places, Power};

const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Works until the engine is dropped.
pub fn run(places: &Places, wishes: &Receiver<Wish>, outbox: &Outbox) {
    let _ = Desk { places, wishes, outbox, wish: Wish::default(), looked: None, power: None, answered: None }.work();
}

struct Desk<'a> {
    places: &'a Places,
    wishes: &'a Receiver<Wish>,
    outbox: &'a Outbox,
    wish: Wish,
    looked: Option<Instant>,
    power: Option<Power>,
    /// The last question what is kept that has its answer.
    answered: Option<u32>,
}

impl Desk<'_> {
    fn work(mut self) -> Result<(), Closed> {
        loop {
            // Once for everybody: the setting is offered only where the answer is known.
            if self.looked.is_none_or(|looked| self.wish.watches_power && looked.elapsed() >= LOOK_EVERY) {
                self.look_at_power()?;
            }
            self.measure()?;
            self.hear()?;
        }
    }

    fn look_at_power(&mut self) -> Result<(), Closed> {
        self.looked = Some(Instant::now());
        let power = disk::power();
        if power != self.power {
            self.power = power;
            self.outbox.send(Event::Power(power))?;
        }
        Ok(())
    }

    fn measure(&mut self) -> Result<(), Closed> {
        let Some(number) = self.wish.kept.filter(|number| self.answered != Some(*number)) else { return Ok(()) };
        self.answered = Some(number);
        let kept = Arc::new(kept::measure(self.places));
        self.outbox.send(Event::Kept { number, kept })
    }

    /// Waits for a wish, and while power is watched not for longer than until the next look.
    fn hear(&mut self) -> Result<(), Closed> {
        let heard = if self.wish.watches_power {
            let since = self.looked.map_or(LOOK_EVERY, |looked| looked.elapsed());
            self.wishes.recv_timeout(LOOK_EVERY.saturating_sub(since))
        } else {
            self.wishes.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match heard {
            Ok(wish) => self.wish = self.wishes.try_iter().last().unwrap_or(wish),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(Closed),
        }
        Ok(())
    }
}
