//! A running cluster, read through its API.
//!
//! Owns: which clusters a run means, which requests are sent and how often, and what a reply becomes: objects, coverage and
//! an account of the reading. Only GET is sent; of Secrets only metadata is asked for. Must not know: controls, findings,
//! output.

mod api;
mod config;
mod crds;
mod discovery;
mod errors;
mod list;
mod plan;
mod proxy;
mod prune;
mod read;
mod split;
#[cfg(test)]
mod tests;

use crate::load::{Loaded, Progress};
use kastell_model::kube::KubernetesVersion;
use kastell_model::{
    ClusterBuilder, ClusterReading, Coverage, Diagnostic, DiagnosticCode, DiagnosticLevel, GapReason, KindReading,
    Seen, Str,
};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use errors::LiveError;
pub use plan::{PlannedRequest, plan};

/// A kind that some question looks at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// API group; empty for the core group.
    pub group: &'static str,
    /// Kind.
    pub kind: &'static str,
    /// What it is called in paths, for plans made without a server.
    pub resource: String,
    /// Whether only its metadata may be asked for.
    pub metadata_only: bool,
}

/// Which running clusters to read, and how.
#[derive(Clone, Debug)]
pub struct LiveRequest {
    /// The kubeconfig to use instead of `$KUBECONFIG` and `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// Contexts by name or pattern (`prod-*`); none: the current one, or the cluster that the program runs in.
    pub contexts: Vec<String>,
    /// Only these namespaces; none: all.
    pub namespaces: Vec<String>,
    /// The most requests in any second.
    pub requests_per_second: u32,
    /// The kinds that are read.
    pub kinds: Vec<Wanted>,
    /// The Kubernetes version that the questions are about, instead of the server's.
    pub version: Option<KubernetesVersion>,
    /// What the program calls itself to the server.
    pub user_agent: String,
}

/// Reads the clusters that `request` names, one after the other; `progress` can be watched from another thread.
///
/// # Errors
/// Where it is not known which cluster is meant. A cluster that cannot be reached is a diagnostic, and coverage says so.
pub fn load_live(request: &LiveRequest, progress: &Progress) -> Result<Loaded, LiveError> {
    let start = Instant::now();
    let targets = config::targets(request)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(LiveError::Runtime)?;
    let mut builder = ClusterBuilder::default();
    let mut loaded = nothing();
    let mut versions: Vec<KubernetesVersion> = Vec::new();
    for target in &targets {
        progress.label(&target.unit);
        let read = runtime.block_on(read::cluster(target, request, progress));
        builder.objects.extend(read.objects);
        cover(&mut builder.coverage, &read.reading);
        if let Some(trouble) = &read.trouble {
            builder.coverage.set_unit(read.reading.unit.clone(), Seen::Failed(trouble.message.as_str().into()));
        }
        loaded.diagnostics.extend(read.trouble.map(|t| unreachable(&target.unit, &t)));
        loaded.diagnostics.extend(unread(&read.reading));
        versions.extend(read.reading.version.as_deref().and_then(|v| v.parse::<KubernetesVersion>().ok()));
        loaded.bytes += read.bytes;
        loaded.clusters.push(read.reading);
    }
    // Of several clusters the oldest decides: what it lacks must not be asked for.
    builder.version = request.version.or_else(|| versions.into_iter().min());
    loaded.units = u32::try_from(targets.len()).unwrap_or(u32::MAX);
    loaded.cluster = Arc::new(builder.build());
    loaded.elapsed = start.elapsed();
    Ok(loaded)
}

fn nothing() -> Loaded {
    Loaded {
        cluster: Arc::new(ClusterBuilder::default().build()),
        files: 0,
        files_read: 0,
        bytes: 0,
        documents: 0,
        skipped: std::collections::BTreeMap::new(),
        units: 0,
        clusters: Vec::new(),
        diagnostics: Vec::new(),
        elapsed: Duration::ZERO,
    }
}

/// What was seen of a cluster, from the account of its reading: the same for a live cluster and for a snapshot of it. Kinds
/// without an entry were not asked for.
pub fn cover(coverage: &mut Coverage, reading: &ClusterReading) {
    let unit = &reading.unit;
    coverage.set_unit(unit.clone(), Seen::NotAsked);
    for k in &reading.kinds {
        coverage.set_kind(unit.clone(), k.kind.clone(), k.namespace.clone(), k.seen.clone());
    }
}

/// A gap for every reason for which kinds could not be read: the same for a live cluster and for a snapshot of it.
pub fn unread(reading: &ClusterReading) -> Vec<Diagnostic> {
    let mut by_reason: Vec<(&Str, Vec<&KindReading>)> = Vec::new();
    for k in &reading.kinds {
        let Seen::Failed(why) = &k.seen else { continue };
        match by_reason.iter_mut().find(|(known, _)| *known == why) {
            Some((_, kinds)) => kinds.push(k),
            None => by_reason.push((why, vec![k])),
        }
    }
    let diagnostic = |(why, kinds): (&Str, Vec<&KindReading>)| Diagnostic {
        code: DiagnosticCode("unread-kind".into()),
        level: DiagnosticLevel::Error,
        message: format!("{} could not be read: {why}", listed(&kinds)).into(),
        path: Some(reading.unit.clone()),
        labels: Vec::new(),
        help: kinds.first().and_then(|k| errors::help_for(why, &k.resource, &k.kind.group)).map(Into::into),
        gap: Some(GapReason::Unreadable),
    };
    by_reason.into_iter().map(diagnostic).collect()
}

/// `pods, jobs.batch of namespace shop and 12 more kinds`.
fn listed(kinds: &[&KindReading]) -> String {
    let name = |k: &&KindReading| {
        let (group, resource) = (&k.kind.group, &k.resource);
        let name = if group.is_empty() { resource.to_string() } else { format!("{resource}.{group}") };
        k.namespace.as_ref().map_or(name.clone(), |ns| format!("{name} of namespace {ns}"))
    };
    let shown: Vec<String> = kinds.iter().take(5).map(name).collect();
    match kinds.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more kinds", shown.join(", ")),
    }
}

fn unreachable(unit: &Str, trouble: &errors::Trouble) -> Diagnostic {
    Diagnostic {
        code: DiagnosticCode("unread-cluster".into()),
        level: DiagnosticLevel::Error,
        message: trouble.message.as_str().into(),
        path: Some(unit.clone()),
        labels: Vec::new(),
        help: trouble.help.clone(),
        gap: Some(GapReason::Unreadable),
    }
}
