//! Waiting that can be stopped.

use std::thread;
use std::time::{Duration, Instant};

use super::Trouble;
use super::meter::Meter;

/// How long a wait may go on without a look at whether to stop.
pub const BEAT: Duration = Duration::from_millis(200);

pub fn pause(duration: Duration, meter: &mut Meter) -> Result<(), Trouble> {
    let end = Instant::now() + duration;
    loop {
        meter.beat()?;
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(left.min(BEAT));
    }
}
