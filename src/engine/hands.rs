//! The threads that decode and encode what nobody waits for. Other programs come before them, and they are as many as
//! the person lets Tagroll have.
//!
//! Promise: what somebody waits for, a typed prompt or a photo on screen, never runs here, but on threads of normal
//! priority and on every core.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use thread_priority::{ThreadPriority, set_current_thread_priority};

use crate::catalog::Embedding;
use crate::clip::{Encoder, ModelInput};

/// "Nice" 9 on Linux, "below normal" on Windows: about an eighth of a core that another program wants all of, and all of a
/// core that nobody wants.
const LOW: u8 = 25;

/// Shared by the loader and the encoder.
pub struct Hands {
    is_polite: bool,
    crew: Mutex<Crew>,
}

struct Crew {
    /// `None` for all there are.
    cores: Option<usize>,
    decoders: Arc<ThreadPool>,
    encoders: Arc<ThreadPool>,
}

impl Hands {
    /// On every core, at low priority if `is_polite`.
    pub fn new(is_polite: bool) -> Result<Hands, ThreadPoolBuildError> {
        Ok(Hands { is_polite, crew: Mutex::new(Crew::of(None, is_polite)?) })
    }

    /// Works on so many cores from the next batch on; `None` for all.
    pub fn use_cores(&self, cores: Option<usize>) {
        let mut crew = self.crew();
        if crew.cores != cores {
            match Crew::of(cores, self.is_polite) {
                Ok(changed) => *crew = changed,
                Err(error) => log::warn!("the number of cores stays as it was: {error}"),
            }
        }
    }

    /// Those that decode photos ahead.
    pub fn decoders(&self) -> Arc<ThreadPool> {
        self.crew().decoders.clone()
    }

    /// Those that run photos through the network.
    pub fn encoders(&self) -> Arc<ThreadPool> {
        self.crew().encoders.clone()
    }

    /// Runs photos through the network; also says how long that took, not counting the wait for a free thread. A graphics
    /// processor is asked from the caller's own thread.
    pub fn encode(
        &self,
        encoder: &mut Box<dyn Encoder>,
        photos: &[ModelInput],
    ) -> (anyhow::Result<Vec<Embedding>>, Duration) {
        let is_on_cpu = encoder.card().device == "CPU";
        let timed = move || {
            let begun = Instant::now();
            (encoder.encode_images(photos), begun.elapsed())
        };
        if is_on_cpu { self.encoders().install(timed) } else { timed() }
    }

    fn crew(&self) -> MutexGuard<'_, Crew> {
        self.crew.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Crew {
    fn of(cores: Option<usize>, is_polite: bool) -> Result<Crew, ThreadPoolBuildError> {
        let decoders = Arc::new(pool("ahead", cores, is_polite)?);
        let encoders = Arc::new(pool("network", cores, is_polite)?);
        Ok(Crew { cores, decoders, encoders })
    }
}

fn pool(name: &'static str, cores: Option<usize>, is_polite: bool) -> Result<ThreadPool, ThreadPoolBuildError> {
    let begin = move |_| {
        if is_polite && let Err(error) = set_current_thread_priority(low()) {
            log::debug!("a thread keeps its priority: {error}");
        }
    };
    // 0 means one for each core.
    let builder = ThreadPoolBuilder::new().num_threads(cores.unwrap_or(0)).thread_name(move |i| format!("{name} {i}"));
    builder.start_handler(begin).build()
}

fn low() -> ThreadPriority {
    LOW.try_into().map_or(ThreadPriority::Min, ThreadPriority::Crossplatform)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_threads_work_as_the_person_allows_and_a_change_counts_at_once() {
        let hands = Hands::new(true).unwrap();
        let all = hands.decoders().current_num_threads();
        assert_eq!(hands.encoders().current_num_threads(), all);
        hands.use_cores(Some(1));
        assert_eq!(hands.decoders().current_num_threads(), 1);
        assert_eq!(hands.encoders().current_num_threads(), 1);
        hands.use_cores(None);
        assert_eq!(hands.encoders().current_num_threads(), all);
    }

    /// Linux only: its priority is a number that can be read back.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_nobody_waits_for_comes_after_other_programs_if_it_is_polite() {
        let nice = |is_polite: bool| {
            let hands = Hands::new(is_polite).unwrap();
            hands.decoders().install(|| rustix::process::getpriority_process(None).unwrap())
        };
        assert!(nice(true) > nice(false));
    }
}
