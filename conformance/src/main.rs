//! `cargo run --release -p kastell-conformance -- [SUITE…] [--data DIR] [--json FILE] [--check] [--update]`

use anyhow::{Context as _, Result};
use clap::Parser;
use kastell_conformance::case::Case;
use kastell_conformance::data::{Data, VARIABLE};
use kastell_conformance::results::{self, Counts, summary};
use kastell_conformance::suite::{self, Suite};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Runs other projects' test suites and compares with the checked-in results.
#[derive(Parser)]
struct Args {
    /// Suites: a topic (`posture`) or a topic and set (`policy/psa`); none means all.
    suites: Vec<String>,
    /// The folder with the unpacked data; else the variable `KASTELL_CONFORMANCE_DATA`.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Writes a line of JSON a case.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Fails where the results differ from the checked-in ones.
    #[arg(long)]
    check: bool,
    /// Writes the checked-in results anew.
    #[arg(long, conflicts_with = "check")]
    update: bool,
}

/// The exit code of a wrong call.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(code) => code,
        Err(error) => {
            say_error(&format!("error: {error:#}"));
            ExitCode::from(USAGE)
        }
    }
}

fn run(args: &Args) -> Result<ExitCode> {
    let suites = suite::select(&args.suites)?;
    let explicit = args.data.is_some();
    let Some(data) = args.data.clone().map(|root| Data { root }).or_else(Data::from_environment) else {
        say(&format!("the suites were not run: neither --data nor {VARIABLE} names their data"))?;
        return Ok(ExitCode::SUCCESS);
    };
    let (present, missing): (Vec<Suite>, Vec<Suite>) = suites.into_iter().partition(|s| s.is_in(&data));
    let mut problems = 0_u32;
    let (mut all, mut figures): (Vec<Case>, Vec<(Suite, Counts)>) = (Vec::new(), Vec::new());
    for suite in &present {
        let cases = (suite.run)(&data).with_context(|| suite.name)?;
        figures.push((*suite, Counts::of(&cases)));
        if args.update {
            results::update(suite, &cases)?;
        }
        if args.check
            && let Some(problem) = results::check(suite, &cases)?
        {
            problems += 1;
            say_error(&problem);
        }
        all.extend(cases);
    }
    for line in results::totals_text(&figures).lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        say(line)?;
    }
    say(&format!("{:<32} {}", "total", summary(Counts::of(&all))))?;
    let complete = figures.len() == suite::SUITES.len();
    if args.update && complete {
        results::update_totals(&figures)?;
    }
    if args.check
        && complete
        && let Some(problem) = results::check_totals(&figures)
    {
        problems += 1;
        say_error(&problem);
    }
    if let Some(path) = &args.json {
        write_json(path, &all).with_context(|| path.display().to_string())?;
    }
    for suite in &missing {
        let path = data.path(suite.index);
        say_error(&format!("{} was not run: {} is not there", suite.name, path.display()));
    }
    Ok(if explicit && !missing.is_empty() {
        ExitCode::from(USAGE)
    } else if problems > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn write_json(path: &std::path::Path, cases: &[Case]) -> Result<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    for case in cases {
        serde_json::to_writer(&mut out, case)?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

fn say(line: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

fn say_error(line: &str) {
    // Nobody is left to tell where the standard error is closed.
    let _ = writeln!(std::io::stderr(), "{line}");
}
