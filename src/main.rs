//! Reads the arguments; opens the window or runs the command line.

use std::process::ExitCode;

use clap::Parser;
#[cfg(feature = "gui")]
use tagroll::cli::RendererName;
use tagroll::cli::{self, Arguments};
use tagroll::engine::crash::{self, Watch};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // A window remembers, and so it also hears of a program that ended without a word.
    let watch = crash::watch(&arguments.common.options(arguments.command.is_none()), cli::say);
    match arguments.command {
        Some(command) => cli::run(command, &arguments.common),
        None => open_window(arguments, &watch),
    }
}

#[cfg(feature = "gui")]
fn open_window(arguments: Arguments, watch: &Watch) -> ExitCode {
    use tagroll::app::{self, RendererChoice, Start};
    let renderer = match arguments.renderer {
        RendererName::Auto => RendererChoice::Auto,
        RendererName::Gl => RendererChoice::OpenGl,
        RendererName::Software => RendererChoice::Software,
    };
    let start = Start { options: arguments.common.options(true), roots: arguments.paths, renderer };
    match app::run(&start, watch) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let code = cli::failed(&error);
            if !cli::has_terminal() {
                app::tell_failure(&format!("{error:#}"));
            }
            code
        }
    }
}

#[cfg(not(feature = "gui"))]
fn open_window(_: Arguments, _: &Watch) -> ExitCode {
    cli::failed(&anyhow::anyhow!("This build of Tagroll has no window; `tagroll --help` lists the commands."));
    ExitCode::from(2)
}
