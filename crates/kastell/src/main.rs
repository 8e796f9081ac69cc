//! The binary: command line, wiring and exit codes. No rule lives here.

mod args;
mod baseline;
mod config;
mod controls;
mod diff;
mod exceptions;
mod explain;
mod fleet;
mod formats;
mod guides;
mod ignores;
mod init;
mod input;
mod man;
mod mask;
mod output;
mod progress;
mod scan;
mod snapshot;
mod wiring;

use args::{Cli, Command};
use clap::Parser as _;
use std::process::ExitCode;

/// musl's allocator would cost more than half of the speed.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a run says to the program that started it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Exit {
    /// Nothing at or above the threshold, everything read.
    Clean = 0,
    /// Findings at or above the threshold.
    Findings = 1,
    /// The command line or a configuration is wrong.
    Usage = 2,
    /// Something was not read or not understood.
    Incomplete = 3,
    /// A defect of kastell itself.
    Internal = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let is_help = !error.use_stderr();
            output::print_clap(&error);
            return if is_help { Exit::Clean } else { Exit::Usage }.into();
        }
    };
    let run = std::panic::catch_unwind(move || match &cli.command {
        Command::Scan(args) => scan::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Fleet(args) => fleet::run(args),
        Command::Exceptions(args) => exceptions::run(args),
        Command::Init(args) => init::run(args),
        Command::Snapshot(args) => snapshot::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Controls(args) => controls::run(args),
        Command::Completions(args) => output::completions(args),
        Command::Man(args) => man::run(args),
    });
    match run {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(error)) if output::is_closed_pipe(&error) => Exit::Clean.into(),
        Ok(Err(error)) => {
            output::complain(&format!("{error:#}"));
            Exit::Usage.into()
        }
        Err(_) => {
            output::complain("this is a defect of kastell; please report it with the input that led here");
            Exit::Internal.into()
        }
    }
}
