//! `tagroll place`: photos into one folder a category. `tagroll table`: all that is known of them, in one file.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::Common;
use super::export::{Categories, finish, sorted};
use crate::catalog::Way;
use crate::engine::{Command, Scope};

#[derive(Debug, Args)]
pub struct Place {
    /// Folders or photos
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    categories: Categories,

    /// The folder that gets one folder for each category
    #[arg(long, value_name = "DIR")]
    into: PathBuf,

    /// How photos get there; nothing is ever overwritten
    #[arg(long, value_enum, default_value_t = How::Copy)]
    how: How,

    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum How {
    Copy,
    Move,
    Hardlink,
    Symlink,
}

#[derive(Debug, Args)]
pub struct Table {
    /// Folders or photos
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    categories: Categories,

    /// The file to write: CSV, or JSON if it ends in .json
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Replace the file if it is there
    #[arg(long)]
    replace: bool,
}

impl Place {
    pub fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let set = self.categories.load()?;
        let Some(mut driver) = sorted(common, &self.paths, set, false)? else { return Ok(ExitCode::FAILURE) };
        let way = match self.how {
            How::Copy => Way::Copy,
            How::Move => Way::Move,
            How::Hardlink => Way::Hardlink,
            How::Symlink => Way::Symlink,
        };
        driver.apply(Command::PlanPlacing { scope: Scope::Everything, into: self.into, way });
        finish(driver, common, self.dry_run, false)
    }
}

impl Table {
    pub fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let set = self.categories.load()?;
        let Some(mut driver) = sorted(common, &self.paths, set, true)? else { return Ok(ExitCode::FAILURE) };
        driver.apply(Command::WriteTable { path: self.out.clone(), may_replace: self.replace });
        let before = driver.session().notices().len();
        let is_done = driver.finish()? && driver.session().notices().len() == before;
        Ok(if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
