//! Tasks of the workspace. `cargo xtask generate` rewrites every generated file, `cargo xtask bench` measures.

mod bench;
mod dist;
mod generate;
mod image;
mod known_components;
mod measure;

use clap::{Parser, Subcommand};
use std::path::PathBuf;

#[derive(Parser)]
#[command(about = "Tasks of the workspace")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Rewrites registries, documents and schemas
    Generate {
        /// Changes nothing; fails where a file would change
        #[arg(long)]
        check: bool,
    },
    /// Evaluates what known components ship and writes the table of it
    KnownComponents {
        /// A folder with `corpus` and `charts`
        #[arg(long, env = "KASTELL_CONFORMANCE_DATA")]
        data: PathBuf,
        /// Changes nothing; fails where the table would change
        #[arg(long)]
        check: bool,
    },
    /// Builds the one static binary, its archive and its container image into target/dist
    Dist {
        /// Writes the archive's checksum and the image's digest into deploy/
        #[arg(long)]
        pin: bool,
    },
    /// Measures reading, checking and reporting, beside other tools that are on PATH
    Bench {
        /// A folder with `corpus` and `bench`
        #[arg(long, env = "KASTELL_CONFORMANCE_DATA")]
        data: PathBuf,
        /// Runs of each command; the median is shown
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// Writes the table into README.md, naming the machine so
        #[arg(long, value_name = "MACHINE")]
        readme: Option<String>,
        /// Leaves other tools out
        #[arg(long)]
        alone: bool,
    },
    /// Runs a command and prints its resource usage as one line (used by bench)
    #[command(hide = true)]
    Measure {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().task {
        Task::Generate { check } => generate::run(check),
        Task::KnownComponents { data, check } => known_components::run(&data, check),
        Task::Dist { pin } => dist::run(pin),
        Task::Bench { data, runs, readme, alone } => bench::run(&data, runs, readme.as_deref(), alone),
        Task::Measure { command } => measure::child(&command),
    }
}

/// The root of the workspace.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap_or_else(|_| PathBuf::from("."))
}
