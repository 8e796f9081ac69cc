//! What a verb reads: files, running clusters, or snapshots of them. The same for every verb that analyses.

use crate::args::{InputArgs, LiveArgs, WhichExceptions};
use crate::{Exit, output, progress};
use anyhow::{Context as _, Result, bail};
use kastell_engine::{ExceptionPolicy, kinds};
use kastell_model::Str;
use kastell_sources::live::{LiveRequest, PlannedRequest, Wanted, load_live, plan};
use kastell_sources::snapshot::{SnapshotRequest, is_snapshot_file, load_snapshots};
use kastell_sources::{Loaded, Progress, Request, load};
use std::fmt::Write as _;
use std::io::{BufRead as _, Read as _};

/// Reads what the command line names.
pub(crate) fn read(input: &InputArgs) -> Result<Loaded> {
    if let Some(request) = live(input)? {
        let progress = Progress::default();
        return Ok(progress::watch(&progress, || load_live(&request, &progress))?);
    }
    let snapshots = snapshots(input)?;
    if snapshots.is_empty() {
        return files(input);
    }
    let version = input.kubernetes_version.as_deref().map(str::parse).transpose()?;
    let request = SnapshotRequest { paths: snapshots, version };
    let progress = Progress::default();
    Ok(progress::watch(&progress, || load_snapshots(&request, &progress))?)
}

/// The snapshots that are meant, by `--snapshot` or because a path is one; none where files are meant.
///
/// # Errors
/// Where files and snapshots are meant at once.
fn snapshots(input: &InputArgs) -> Result<Vec<String>> {
    let (found, files): (Vec<&String>, Vec<&String>) = input.paths.iter().partition(|p| is_snapshot_file(p));
    let snapshots: Vec<String> = input.snapshot.iter().chain(found).cloned().collect();
    if !snapshots.is_empty() && (!files.is_empty() || input.files_from.is_some()) {
        bail!("files and the snapshot of a cluster are two questions: run kastell once for each");
    }
    Ok(snapshots)
}

fn files(input: &InputArgs) -> Result<Loaded> {
    if input.files_from.as_deref() == Some("-") && input.paths.iter().any(|p| p == "-") {
        bail!("standard input cannot be both a manifest and a list of files");
    }
    let version = input.kubernetes_version.as_deref().map(str::parse).transpose()?;
    let listed = match input.files_from.as_deref() {
        None => Vec::new(),
        Some("-") => std::io::stdin().lock().lines().collect::<Result<Vec<_>, _>>().context("standard input")?,
        Some(file) => {
            let mut text = String::new();
            std::fs::File::open(file)
                .and_then(|mut f| f.read_to_string(&mut text))
                .with_context(|| format!("the list `{file}` could not be read"))?;
            text.lines().map(String::from).collect()
        }
    };
    let listed: Vec<String> = listed.into_iter().filter(|l| !l.trim().is_empty()).collect();
    if input.files_from.is_some() && listed.is_empty() && input.paths.is_empty() {
        bail!("the list names no file: nothing would be checked");
    }
    let request = Request { paths: input.paths.clone(), listed, stdin_name: input.stdin_filename.clone(), version };
    let progress = Progress::default();
    Ok(progress::watch(&progress, || load(&request, &progress))?)
}

/// What to read of running clusters; `None` where files are meant.
///
/// # Errors
/// Where files and a cluster are meant at once, or an option of one is given for the other.
pub(crate) fn live(input: &InputArgs) -> Result<Option<LiveRequest>> {
    let args = &input.live;
    let has_files = !input.paths.is_empty() || input.files_from.is_some() || !input.snapshot.is_empty();
    if !args.is_asked() {
        let stray = [
            (args.kubeconfig.is_some(), "--kubeconfig"),
            (!args.namespace.is_empty(), "--namespace"),
            (args.plan, "--plan"),
        ];
        if let Some((_, flag)) = stray.iter().find(|(given, _)| *given) {
            bail!("{flag} is about a running cluster: add --cluster, or --context NAME");
        }
        return Ok(None);
    }
    if has_files {
        bail!("files (or snapshots) and a running cluster are two questions: run kastell once for each");
    }
    let kubernetes_version = input.kubernetes_version.as_deref().map(str::parse).transpose()?;
    Ok(Some(request(args, kubernetes_version)))
}

fn request(args: &LiveArgs, version: Option<kastell_model::kube::KubernetesVersion>) -> LiveRequest {
    let wanted = |k: kinds::ReadKind| Wanted {
        group: k.group,
        kind: k.kind,
        resource: k.resource(),
        metadata_only: k.metadata_only(),
    };
    LiveRequest {
        kubeconfig: args.kubeconfig.clone(),
        contexts: args.context.clone(),
        namespaces: args.namespace.clone(),
        requests_per_second: args.requests_per_second,
        kinds: kinds::read_kinds().into_iter().map(wanted).collect(),
        version,
        user_agent: concat!("kastell/", env!("CARGO_PKG_VERSION")).into(),
    }
}

/// Which exceptions count: by default all for files, and for a running cluster, whose objects anybody may have
/// annotated, those of the configuration.
pub(crate) fn exceptions(asked: Option<WhichExceptions>, loaded: &Loaded) -> ExceptionPolicy {
    match asked {
        Some(which) => which.policy(),
        None if loaded.clusters.is_empty() => ExceptionPolicy::All,
        None => ExceptionPolicy::Config,
    }
}

/// What the head of a report says was read: paths as they were given, or the units of the clusters.
pub(crate) fn names(input: &InputArgs, loaded: &Loaded) -> Vec<Str> {
    let mut names: Vec<Str> = Vec::new();
    // A snapshot is called what the cluster is called: the report is that of the cluster.
    if loaded.clusters.is_empty() {
        names.extend(input.paths.iter().map(|p| Str::from(p.as_str())));
    }
    names.extend(input.files_from.iter().map(|f| format!("--files-from {f}").into()));
    names.extend(loaded.clusters.iter().map(|c| c.unit.clone()));
    names
}

/// `--plan`: prints the requests that a reading would make.
pub(crate) fn print_plan(input: &InputArgs) -> Result<Exit> {
    let Some(request) = live(input)? else { bail!("--plan is about a running cluster") };
    let mut text = String::new();
    for (unit, server, requests) in plan(&request)? {
        let _ = writeln!(text, "# context {unit}, {server}");
        for PlannedRequest { path, accept } in requests {
            let _ = writeln!(text, "GET {path}  Accept: {accept}");
        }
    }
    text.push_str(NOTE);
    output::print(&text)?;
    Ok(Exit::Clean)
}

/// What a plan cannot know.
const NOTE: &str = "\
# Nothing was sent. Only the server knows what it serves: kinds that it does not serve are not asked for, and custom kinds
# whose definitions embed a pod template are asked for besides. Lists come in pages of 500 objects, one request a page;
# requests that fail in passing are sent again. Of Secrets only metadata is asked for. Nothing is ever written.
";
