//! `tagroll generate`: manual pages and completions for shells, which packages carry. Made from the same declarations as the
//! command line itself, so they cannot say anything else.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Arguments;

#[derive(Debug, Args)]
pub struct Generate {
    /// The folder to write manual pages and completions into
    #[arg(value_name = "DIR")]
    into: PathBuf,
}

impl Generate {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let into = &self.into;
        let unwritten = || format!("Could not write manual pages and completions into {}", into.display());
        let mut command = Arguments::command();
        clap_mangen::generate_to(command.clone(), into).with_context(unwritten)?;
        for shell in [Shell::Bash, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
            clap_complete::generate_to(shell, &mut command, "tagroll", into).with_context(unwritten)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
