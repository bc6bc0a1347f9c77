//! Reads the arguments; opens the window or runs the command line.

use std::process::ExitCode;

use clap::Parser;
use tagroll::cli::{self, Arguments};
use tagroll::engine::crash;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // A window remembers, and so it also hears of a program that ended without a word.
    let _watch = crash::watch(&arguments.common.options(arguments.command.is_none()), cli::say);
    match arguments.command {
        Some(command) => cli::run(command, &arguments.common),
        None => open_window(arguments),
    }
}

#[cfg(feature = "gui")]
fn open_window(arguments: Arguments) -> ExitCode {
    match tagroll::app::run(&arguments.common.options(true), arguments.paths) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::failed(&error),
    }
}

#[cfg(not(feature = "gui"))]
fn open_window(_: Arguments) -> ExitCode {
    cli::failed(&anyhow::anyhow!("This build of Tagroll has no window; `tagroll --help` lists the commands."));
    ExitCode::from(2)
}
