//! How fast photos are being encoded, and how long the rest will take.

use std::collections::VecDeque;
use std::time::Duration;

/// Long enough to smooth batches, short enough to follow a change of load.
const WINDOW: Duration = Duration::from_secs(15);

/// Counts over the last seconds in which work went on.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    counts: VecDeque<(Duration, usize)>,
}

impl Pace {
    /// Notes that `done` photos were encoded `at` this time since the start. A pause starts the measurement anew.
    pub fn record(&mut self, at: Duration, done: usize, is_running: bool) {
        if !is_running {
            self.counts.clear();
            return;
        }
        self.counts.push_back((at, done));
        while self.counts.len() > 2 && at - self.counts[1].0 > WINDOW {
            self.counts.pop_front();
        }
    }

    /// Photos a second; `None` until there is enough to go by.
    pub fn per_second(&self) -> Option<f64> {
        let (first, last) = (self.counts.front()?, self.counts.back()?);
        let (seconds, photos) = ((last.0 - first.0).as_secs_f64(), last.1 - first.1);
        (seconds > 0.5 && photos > 0).then(|| photos as f64 / seconds)
    }

    /// How long `photos` more will take.
    pub fn time_left(&self, photos: usize) -> Option<Duration> {
        self.per_second().map(|rate| Duration::from_secs_f64(photos as f64 / rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut pace = Pace::default();
        assert_eq!(pace.per_second(), None);
        for second in 0..60 {
            pace.record(Duration::from_secs(second), second as usize * 10, true);
        }
        assert_eq!(pace.per_second(), Some(10.0));
        assert_eq!(pace.time_left(50), Some(Duration::from_secs(5)));
        pace.record(Duration::from_secs(61), 600, false);
        assert_eq!(pace.per_second(), None);
    }
}
