//! `tagroll eval`: how often the model is right, on photos whose true categories are known.

mod folders;
mod keywords;
mod verdicts;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::Common;
use crate::catalog::DEFAULT_TEMPLATE;

#[derive(Debug, Args)]
pub struct Eval {
    /// A folder whose sub-folders are named after what their photos show; with --verdicts or --keywords, any folder
    #[arg(value_name = "DIR")]
    dir: PathBuf,

    /// The prompt of every category, in which {} stands for the folder's name; several make an ensemble
    #[arg(long = "template", value_name = "TEXT", default_value = DEFAULT_TEMPLATE, conflicts_with_all = ["file", "verdicts", "keywords"])]
    templates: Vec<String>,

    /// Measure the categories of this TOML file, which are matched to the folders by name
    #[arg(long = "categories", value_name = "FILE")]
    file: Option<PathBuf>,

    /// Measure by what you said of the photos in the window, whatever their folders; without --categories, the
    /// window's categories
    #[arg(long)]
    verdicts: bool,

    /// Measure by your own keywords, in the photos and in sidecars beside them, whatever their folders;
    /// without --categories, the window's categories
    #[arg(long, conflicts_with = "verdicts")]
    keywords: bool,
}

impl Eval {
    pub fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        match (self.verdicts, self.keywords) {
            (true, _) => self.by_verdicts(common),
            (_, true) => self.by_keywords(common),
            _ => self.by_folders(common),
        }
    }
}

/// A share in a table; a dash where there is none.
fn share(share: Option<f64>) -> String {
    share.map_or("     –".to_owned(), |share| format!("{:5.1}%", share * 100.0))
}
