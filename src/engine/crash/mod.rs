//! What is left of a crash: a report in the data folder, which the next window offers to show.
//!
//! Promise: a report names no photo, folder or person, and goes nowhere. What a decoder gives up on is no crash
//! (`guard`). A kill or a fault in a driver, of which the program itself hears nothing, is reported at the next start,
//! but only where the system says whether the machine was turned off meanwhile; the others keep such reports themselves.

mod scrub;

use std::backtrace::Backtrace;
use std::panic::{self, PanicHookInfo};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::SystemTime;

use super::Options;
use crate::disk::{self, Mark};
use crate::guard;

/// The first of a run say the most; a part that fails again and again must not push out older runs.
const MOST_IN_A_RUN: u32 = 3;
/// What a program that was asked to end by a signal ends with.
const ENDED_BY_SIGNAL: i32 = 130;

/// What the window is drawn with, once it is known.
static WINDOW: OnceLock<String> = OnceLock::new();

/// Watches over the program for as long as it lives.
pub struct Watch {
    mark: Arc<Mutex<Option<Mark>>>,
}

/// Begins to write reports, and hands each one's place to `say` for the terminal. With `options.remembers` a program that
/// ended without a word before this one gets a report, too, and this one leaves its mark.
pub fn watch(options: &Options, say: fn(&str)) -> Watch {
    started();
    let mark = Arc::default();
    // Without a place for data the program says so by itself.
    let Ok(places) = options.places() else { return Watch { mark } };
    let folder = places.crashes();
    if options.remembers {
        report_abandoned(&folder);
        set_mark(&folder, &mark);
    }
    report_panics(folder, say);
    Watch { mark }
}

impl Watch {
    /// Notes what the window is drawn with: drivers are what crashes most.
    pub fn note_window(&self, renderer: String) {
        log::info!("{renderer}");
        let _ = WINDOW.set(renderer);
        if let Some(mark) = &mut *self.mark.lock().unwrap_or_else(PoisonError::into_inner)
            && let Some(text) = mark_text()
        {
            // A mark that says less than it could is still a mark.
            let _ = mark.write(&text);
        }
    }

    /// No end of the program is a crash from here on, as before it becomes another one.
    pub fn end(&self) {
        drop(self.mark.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

impl Drop for Watch {
    /// Whoever listens to signals holds the mark, too.
    fn drop(&mut self) {
        self.end();
    }
}

/// A mark says in its first line since when the machine runs, then what a report is to say.
fn mark_text() -> Option<String> {
    Some(format!("{}\n{}", disk::boot_id()?, surroundings()))
}

fn set_mark(folder: &Path, mark: &Arc<Mutex<Option<Mark>>>) {
    let Some(text) = mark_text() else { return };
    let Ok(set) = Mark::set(folder, &text) else { return };
    *mark.lock().unwrap_or_else(PoisonError::into_inner) = Some(set);
    let mark = mark.clone();
    // Logging out ends programs by signals, which is no crash. What is to be remembered is on disk already.
    let is_heard = ctrlc::set_handler(move || {
        drop(mark.lock().unwrap_or_else(PoisonError::into_inner).take());
        process::exit(ENDED_BY_SIGNAL);
    });
    if let Err(error) = is_heard {
        log::warn!("signals are not listened to: {error}");
    }
}

fn report_abandoned(folder: &Path) {
    let Some(now) = disk::boot_id() else { return };
    let ended = disk::take_abandoned(folder).into_iter().filter_map(|text| {
        let (booted, surroundings) = text.split_once('\n')?;
        (booted == now).then(|| surroundings.to_owned())
    });
    for surroundings in ended {
        let text = report(
            &surroundings,
            "It ended without a word. What does this is a fault in a graphics driver or another part of the system, too \
             little memory, or somebody who ended it by force.\n",
        );
        if let Err(error) = disk::keep_report(folder, &text) {
            log::warn!("no report was written: {error:#}");
        }
    }
}

fn report_panics(folder: PathBuf, say: fn(&str)) {
    static WRITTEN: AtomicU32 = AtomicU32::new(0);
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if guard::is_guarded() {
            log::debug!("{info}");
            return;
        }
        print(info);
        if WRITTEN.fetch_add(1, Ordering::Relaxed) < MOST_IN_A_RUN
            && let Ok(path) = disk::keep_report(&folder, &report(&surroundings(), &words_of(info)))
        {
            say(&format!("A report of this crash is in {}. It was sent nowhere.", path.display()));
        }
    }));
}

fn report(surroundings: &str, what: &str) -> String {
    format!(
        "A crash of Tagroll\n\n\
         This file was written on your computer and sent nowhere. It names no photos or folders, and not you. Whoever \
         looks for the cause is helped by all of it.\n\n\
         {surroundings}\n{what}"
    )
}

/// What the program runs in.
fn surroundings() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    format!(
        "version    {}\nstarted    {}\nsystem     {}\nprocessor  {}, {cores} cores\nwindow     {}\n",
        env!("CARGO_PKG_VERSION"),
        humantime::format_rfc3339_seconds(started()),
        disk::system_name(),
        disk::processor_name(),
        WINDOW.get().map_or("none", String::as_str),
    )
}

/// The same at every call: when this was first asked.
fn started() -> SystemTime {
    static STARTED: OnceLock<SystemTime> = OnceLock::new();
    *STARTED.get_or_init(SystemTime::now)
}

fn words_of(info: &PanicHookInfo) -> String {
    let message = info.payload_as_str().unwrap_or("none");
    let place = info.location().map_or_else(String::new, |place| scrub::place(&place.to_string()));
    format!(
        "crashed    {}\nthread     {}\nplace      {place}\nmessage    {}\n\nbacktrace\n{}",
        humantime::format_rfc3339_seconds(SystemTime::now()),
        thread::current().name().unwrap_or("without a name"),
        scrub::message(message),
        scrub::backtrace(&Backtrace::force_capture().to_string()),
    )
}
