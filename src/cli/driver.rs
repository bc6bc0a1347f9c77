//! Drives the engine until its wishes are fulfilled, showing progress on standard error.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use serde::Serialize;

use super::{Common, output};
use crate::catalog::words;
use crate::engine::{Command, Engine, Model, Options, Session};

/// How often a terminal's line is renewed, and a file's line added.
const TERMINAL_EVERY: Duration = Duration::from_millis(200);
const FILE_EVERY: Duration = Duration::from_secs(10);

/// A photo or folder that could not be read.
#[derive(Debug, Serialize)]
pub struct Unreadable {
    pub path: PathBuf,
    pub reason: String,
}

pub struct Driver {
    engine: Engine,
    is_interrupted: Arc<AtomicBool>,
    shown: Option<Instant>,
    is_terminal: bool,
}

impl Driver {
    /// Starts the engine on these photos. Ctrl-C stops it between two steps.
    pub fn open(common: &Common, paths: &[PathBuf]) -> anyhow::Result<Driver> {
        Driver::open_with(&common.options(false), paths)
    }

    pub fn open_with(options: &Options, paths: &[PathBuf]) -> anyhow::Result<Driver> {
        let is_interrupted = Arc::new(AtomicBool::new(false));
        let flag = is_interrupted.clone();
        ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed)).context("Could not listen for Ctrl-C")?;
        let mut engine = Engine::start(options, || {})?;
        if !paths.is_empty() {
            engine.apply(Command::Open(paths.to_vec()));
        }
        Ok(Driver { engine, is_interrupted, shown: None, is_terminal: io::stderr().is_terminal() })
    }

    pub fn apply(&mut self, command: Command) {
        self.engine.apply(command);
    }

    /// Works until everything asked for is there. Returns whether it was; `false` after Ctrl-C.
    pub fn finish(&mut self) -> anyhow::Result<bool> {
        loop {
            // First, because a model that cannot be opened is said even where there turns out to be nothing to encode.
            if let Model::Failed(reason) = self.session().model() {
                self.end_line();
                bail!(reason.to_string());
            }
            if self.session().is_fulfilled() {
                break;
            }
            if self.is_interrupted.load(Ordering::Relaxed) {
                self.end_line();
                return Ok(false);
            }
            if self.engine.is_broken() && !self.engine.pump() {
                self.end_line();
                bail!("A part of Tagroll stopped working; start it again. Nothing that was stored is lost.");
            }
            self.engine.wait(Duration::from_millis(100));
            self.show_progress();
        }
        self.end_line();
        self.session().notices().iter().for_each(|notice| output::say(notice));
        Ok(true)
    }

    /// After Ctrl-C: waits until what was asked to stop has stopped. It takes one more step at most.
    pub fn settle(&mut self) {
        while !self.session().is_idle() && !self.engine.is_broken() {
            self.engine.wait(Duration::from_millis(100));
        }
    }

    pub fn session(&self) -> &Session {
        self.engine.session()
    }

    pub fn unreadable(&self) -> Vec<Unreadable> {
        let problems = self.session().problems().into_iter();
        problems.map(|problem| Unreadable { path: problem.path, reason: problem.reason }).collect()
    }

    /// An error if there is not one photo that could be looked at.
    pub fn require_photos(&self) -> anyhow::Result<()> {
        if self.session().counts().embedded > 0 {
            return Ok(());
        }
        match self.unreadable().first() {
            Some(first) => Err(anyhow!("No photo could be read. {}: {}", first.path.display(), first.reason)),
            None => Err(anyhow!("No photos there: Tagroll reads JPEG, PNG, WebP, GIF, TIFF, BMP and raw files.")),
        }
    }

    fn show_progress(&mut self) {
        let every = if self.is_terminal { TERMINAL_EVERY } else { FILE_EVERY };
        let now = Instant::now();
        let last = *self.shown.get_or_insert(now);
        if now - last < every {
            return;
        }
        self.shown = Some(now);
        let line = self.progress();
        if self.is_terminal {
            // Clears what a longer line before it left over.
            let _ = write!(io::stderr(), "\r\x1b[K{line}");
        } else {
            output::say(&line);
        }
    }

    fn progress(&self) -> String {
        let counts = self.session().counts();
        if counts.is_scanning && counts.embedded == 0 {
            return format!("Looking for photos: {}", words::count(counts.found));
        }
        let done = words::count(counts.found - counts.waiting());
        let mut line = format!("Reading {done} of {}", words::count(counts.found));
        let pace = self.engine.pace();
        if let (Some(rate), Some(left)) = (pace.per_second(), pace.time_left(counts.waiting())) {
            line.push_str(&format!(" · {rate:.0} a second · {} left", words::duration(left)));
        }
        line
    }

    fn end_line(&self) {
        if self.is_terminal && self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
