//! Runs a command and writes, as the last line of standard error, how much memory it held at most, in bytes.

#![expect(clippy::print_stderr, reason = "its one line for the tests")]

use nix::sys::resource::{UsageWho, getrusage};
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else { return ExitCode::from(2) };
    let code = match Command::new(&program).args(words).status() {
        Ok(status) => status.code().and_then(|c| u8::try_from(c).ok()).unwrap_or(128),
        Err(error) => {
            eprintln!("{}: {error}", program.display());
            127
        }
    };
    // Linux counts in KiB.
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN).map(|usage| usage.max_rss() * 1024).unwrap_or_default();
    eprintln!("{}{peak}", kastell_e2e::PEAK);
    ExitCode::from(code)
}
