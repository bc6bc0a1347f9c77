//! `tagroll index`: reads and encodes ahead.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use serde::Serialize;

use super::driver::Driver;
use super::{Common, output};
use crate::catalog::words;

#[derive(Debug, Args)]
pub struct Index {
    /// Folders or photos
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Indexed {
    found: usize,
    encoded: usize,
    unreadable: usize,
    seconds: f64,
}

impl Index {
    pub fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let begun = Instant::now();
        let mut driver = Driver::open(common, &self.paths)?;
        let is_done = driver.finish()?;
        let unreadable = driver.unreadable();
        let (found, encoded) = (driver.session().counts().found, driver.session().encoded());
        let indexed = Indexed { found, encoded, unreadable: unreadable.len(), seconds: begun.elapsed().as_secs_f64() };
        if common.json {
            output::print_json(&indexed)?;
        } else {
            unreadable.iter().for_each(|u| output::say(&format!("{}: {}", u.path.display(), u.reason)));
            output::print(&summary(&indexed))?;
        }
        if !is_done {
            output::say("Stopped. What was encoded is kept; run the same command to go on.");
        }
        // Here the store is the result, so that it could not be written is a failure.
        let has_failed = !is_done || !driver.session().notices().is_empty() || (found == 0 && !unreadable.is_empty());
        Ok(if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

fn summary(indexed: &Indexed) -> String {
    format!(
        "Found {}, encoded {}, {} unreadable, in {:.1} s.\n",
        words::counted(indexed.found, "photo", "photos"),
        words::count(indexed.encoded),
        words::count(indexed.unreadable),
        indexed.seconds
    )
}
