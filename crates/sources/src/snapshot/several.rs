//! Snapshots by name: which files are some, and several of them as one run.

use super::read::{SnapshotError, broken_header, is_snapshot, read_into};
use crate::load::{Loaded, Progress};
use kastell_model::kube::KubernetesVersion;
use kastell_model::{ClusterBuilder, ClusterReading, Diagnostic, Str};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Which snapshots to read.
#[derive(Clone, Debug, Default)]
pub struct SnapshotRequest {
    /// The files; `-` is standard input.
    pub paths: Vec<String>,
    /// The Kubernetes version that the questions are about, instead of the one that the snapshots say.
    pub version: Option<KubernetesVersion>,
}

/// Whether `path` is a file that begins as a snapshot does.
pub fn is_snapshot_file(path: &str) -> bool {
    let mut beginning = Vec::new();
    let read = File::open(path).and_then(|f| f.take(32).read_to_end(&mut beginning));
    read.is_ok() && is_snapshot(&beginning)
}

/// Reads snapshots, each cluster a unit of its own; a unit that a file before it has too gets the file's name beside its
/// own. Of several Kubernetes versions the oldest decides, as for running clusters.
///
/// # Errors
/// Where a file cannot be read, is no snapshot, or is one of a later format. A snapshot whose first line is broken is a
/// diagnostic: it may have been written halfway.
pub fn load_snapshots(request: &SnapshotRequest, progress: &Progress) -> Result<Loaded, SnapshotError> {
    let start = Instant::now();
    let sizes = request.paths.iter().filter_map(|p| Some(std::fs::metadata(p).ok()?.len()));
    progress.total.store(sizes.sum(), Ordering::Relaxed);
    let mut taken: BTreeSet<Str> = BTreeSet::new();
    let mut all = Vec::new();
    for path in &request.paths {
        let read = open(path).and_then(|input| read_into(path, input, request.version, progress, &taken));
        let loaded = match read {
            Err(error @ SnapshotError::BrokenHeader { .. }) => broken_header(path, &error),
            other => other?,
        };
        taken.extend(loaded.clusters.iter().map(|c| c.unit.clone()));
        all.push(loaded);
    }
    let mut loaded = join(all, request.version);
    loaded.elapsed = start.elapsed();
    Ok(loaded)
}

/// Reads a snapshot and gives each of its clusters for itself. What went wrong with the file as a whole is said for each.
///
/// # Errors
/// As [`super::read_snapshot`].
pub fn load_each(
    path: &str,
    input: impl std::io::Read,
    progress: &Progress,
) -> Result<Vec<(ClusterReading, Loaded)>, SnapshotError> {
    let mut loaded = read_into(path, input, None, progress, &BTreeSet::new())?;
    if loaded.clusters.len() < 2 {
        let only = loaded.clusters.first().cloned();
        return Ok(only.map(|reading| (reading, loaded)).into_iter().collect());
    }
    let clusters = std::mem::take(&mut loaded.clusters);
    Ok(clusters.into_iter().map(|reading| of_unit(&loaded, reading)).collect())
}

/// One cluster of several.
fn of_unit(all: &Loaded, reading: ClusterReading) -> (ClusterReading, Loaded) {
    let own = reading.version.as_deref().and_then(|v| v.parse().ok());
    let said = all.cluster.version_is_given().then(|| all.cluster.version());
    let objects = all.cluster.objects().iter().filter(|o| o.key.unit == reading.unit);
    let builder = ClusterBuilder {
        objects: objects.cloned().collect(),
        coverage: all.cluster.coverage().clone(),
        version: own.or(said),
    };
    let is_of_another = |d: &Diagnostic| {
        let path = d.path.as_ref();
        path.is_some_and(|p| *p != reading.unit && all.cluster.coverage().unit(p).is_some())
    };
    let loaded = Loaded {
        cluster: Arc::new(builder.build()),
        bytes: all.bytes,
        units: 1,
        diagnostics: all.diagnostics.iter().filter(|d| !is_of_another(d)).cloned().collect(),
        clusters: vec![reading.clone()],
        ..nothing()
    };
    (reading, loaded)
}

fn open(path: &str) -> Result<Box<dyn std::io::Read>, SnapshotError> {
    if path == "-" {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    match File::open(path) {
        Ok(file) => Ok(Box::new(file)),
        Err(source) => Err(SnapshotError::Io { path: path.to_owned(), source }),
    }
}

/// Several readings, of different units, as one.
fn join(mut all: Vec<Loaded>, version: Option<KubernetesVersion>) -> Loaded {
    if all.len() == 1
        && let Some(only) = all.pop()
    {
        return only;
    }
    let said = all.iter().filter(|l| l.cluster.version_is_given()).map(|l| l.cluster.version()).min();
    let mut builder = ClusterBuilder { version: version.or(said), ..ClusterBuilder::default() };
    let mut joined = nothing();
    for loaded in all {
        builder.objects.extend(loaded.cluster.objects().iter().cloned());
        builder.coverage.extend(loaded.cluster.coverage());
        joined.bytes += loaded.bytes;
        joined.units += loaded.units;
        joined.clusters.extend(loaded.clusters);
        joined.diagnostics.extend(loaded.diagnostics);
    }
    joined.cluster = Arc::new(builder.build());
    joined
}

/// A reading of nothing.
pub(super) fn nothing() -> Loaded {
    Loaded {
        cluster: Arc::new(ClusterBuilder::default().build()),
        files: 0,
        files_read: 0,
        bytes: 0,
        documents: 0,
        skipped: BTreeMap::new(),
        units: 0,
        clusters: Vec::new(),
        diagnostics: Vec::new(),
        elapsed: Duration::ZERO,
    }
}
