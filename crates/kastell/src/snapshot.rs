//! `kastell snapshot`: a running cluster, as a scan would read it, into a file.

use crate::args::{InputArgs, LiveArgs};
use crate::{Exit, input, output};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use kastell_sources::Loaded;
use kastell_sources::snapshot::write_snapshot;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

const HELP: &str = "\
The file holds what a scan reads: no status, no managed fields, and of Secrets only their metadata and the names of their
keys. Environment variables and ConfigMaps are in it as they are in the cluster, so whoever may not read those there should
not read the file; with -o only its owner can.

Examples:
  kastell snapshot --cluster -o prod.snapshot               the cluster of the current context
  kastell snapshot --context 'prod-*' -o prod.snapshot      several clusters in one file
  kastell snapshot --cluster | kastell scan --snapshot -    what `kastell scan --cluster` says
  kastell fleet report snapshots/                           many clusters side by side";

#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct SnapshotArgs {
    /// The running cluster
    #[command(flatten)]
    pub(crate) live: LiveArgs,
    /// The Kubernetes version that the questions are about [default: the server's]
    #[arg(long, value_name = "VERSION", help_heading = "Questions")]
    pub(crate) kubernetes_version: Option<String>,
    /// Writes to FILE, which only its owner can read, instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Ends with 0 although something was not read; the snapshot says it all the same
    #[arg(long, help_heading = "Verdict")]
    pub(crate) allow_incomplete: bool,
}

pub(crate) fn run(args: &SnapshotArgs) -> Result<Exit> {
    let input = InputArgs {
        paths: Vec::new(),
        files_from: None,
        stdin_filename: None,
        live: args.live.clone(),
        snapshot: Vec::new(),
        kubernetes_version: args.kubernetes_version.clone(),
    };
    if !input.live.is_asked() {
        bail!("a snapshot is taken of a running cluster: add --cluster, or --context NAME");
    }
    if input.live.plan {
        return input::print_plan(&input);
    }
    let loaded = input::read(&input)?;
    tell(&loaded, args.output.as_deref());
    if loaded.cluster.objects().is_empty() {
        output::note("nothing was read, so nothing was written");
        return Ok(Exit::Incomplete);
    }
    match &args.output {
        Some(path) => {
            let context = || format!("`{}` could not be written", path.display());
            let mut out = BufWriter::with_capacity(1 << 16, create(path).with_context(context)?);
            write_snapshot(&loaded, &mut out).and_then(|()| out.flush()).with_context(context)?;
        }
        None => {
            let mut sink = output::Sink::new(None)?;
            write_snapshot(&loaded, &mut sink)?;
            sink.finish()?;
        }
    }
    let is_whole = loaded.is_complete() || args.allow_incomplete;
    Ok(if is_whole { Exit::Clean } else { Exit::Incomplete })
}

/// A new or emptied file for its owner's eyes.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Says what was read and what was not, beside the file.
fn tell(loaded: &Loaded, file: Option<&Path>) {
    for d in &loaded.diagnostics {
        let about = d.path.as_deref().map_or(String::new(), |p| format!("{p}: "));
        output::note(&format!("{}: {about}{}", d.level.name(), d.message));
    }
    for c in &loaded.clusters {
        let objects = loaded.cluster.objects().iter().filter(|o| o.key.unit == c.unit).count();
        let place = file.map_or(String::new(), |f| format!(" into {}", f.display()));
        output::note(&format!(
            "{}: {objects} objects in {} requests to {}{place}; nothing was written to the cluster",
            c.unit, c.requests, c.server
        ));
    }
}
