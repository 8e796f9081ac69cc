//! Reading a snapshot: block by block, the lines of a block on all cores.

use super::format::{DiagnosticLine, END, EndLine, Header, MAGIC, SNAPSHOT_VERSION, UNIT, UnitLine, Version};
use super::several;
use crate::load::{Loaded, Progress};
use kastell_model::kube::KubernetesVersion;
use kastell_model::yaml::json;
use kastell_model::{ClusterBuilder, Diagnostic, DiagnosticCode, DiagnosticLevel, GapReason, Object, Source, Str};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use thiserror::Error;

/// So many bytes are read at once, and then to the end of a line.
const BLOCK: usize = 4 << 20;

/// A header holds a few lines for each kind and namespace. A longer first line is something else.
const MAX_HEADER: usize = 64 << 20;

/// Of so many broken lines each is named, the others are counted.
const NAMED: usize = 20;

/// Why nothing could be read of a snapshot. Everything else that is wrong with it becomes a diagnostic.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// The bytes could not be read.
    #[error("`{path}` could not be read: {source}")]
    Io {
        /// The file, as given.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// It is something else.
    #[error("`{path}` is no snapshot of kastell: `kastell snapshot --cluster -o FILE` writes one")]
    NotASnapshot {
        /// The file, as given.
        path: String,
    },
    /// The first line is cut off or broken: nothing is known of how the cluster was read.
    #[error(
        "`{path}` is a snapshot whose first line is broken ({problem}), so nothing of it can be used: take it again"
    )]
    BrokenHeader {
        /// The file, as given.
        path: String,
        /// What is wrong with the line, without its content.
        problem: String,
    },
    /// A later release wrote it in a format that this one does not know.
    #[error(
        "`{path}` was written by a later kastell{}: its format has version {version}, and this release reads versions up to {}; \
         update kastell", written_by(.kastell), SNAPSHOT_VERSION
    )]
    Newer {
        /// The file, as given.
        path: String,
        /// The version of its format.
        version: u32,
        /// The release that wrote it; may be empty.
        kastell: String,
    },
}

fn written_by(release: &str) -> String {
    if release.is_empty() { String::new() } else { format!(" ({release})") }
}

/// Whether a file that begins with these bytes is a snapshot (of any version). About 20 bytes are enough.
pub fn is_snapshot(beginning: &[u8]) -> bool {
    beginning.starts_with(MAGIC)
}

/// Reads a snapshot. `path` is its name in errors; `version` overrides the Kubernetes version that it says; `progress`
/// counts the bytes.
///
/// What is cut off or broken costs only itself: a diagnostic says so, the run is incomplete, and kinds that lack objects
/// are not complete any more.
///
/// # Errors
/// Where the input cannot be read, is no snapshot, or is one of a later format.
pub fn read_snapshot(
    path: &str,
    input: impl Read,
    version: Option<KubernetesVersion>,
    progress: &Progress,
) -> Result<Loaded, SnapshotError> {
    read_into(path, input, version, progress, &BTreeSet::new())
}

/// As [`read_snapshot`], beside units that are `taken`.
pub(super) fn read_into(
    path: &str,
    input: impl Read,
    version: Option<KubernetesVersion>,
    progress: &Progress,
    taken: &BTreeSet<Str>,
) -> Result<Loaded, SnapshotError> {
    let start = Instant::now();
    let mut blocks = Blocks { input, rest: Vec::new(), is_over: false };
    let mut body = Body { path, taken: Some(taken), at_line: 1, ..Body::default() };
    let mut block = blocks.next_block().map_err(|source| SnapshotError::Io { path: path.into(), source })?;
    let (header, skip) = header(path, block.as_deref().unwrap_or_default())?;
    body.known = header.clusters.iter().map(|c| c.unit.clone()).collect();
    let mut bytes = 0;
    let mut from = skip;
    while let Some(lines) = block {
        body.block(lines.get(from..).unwrap_or_default());
        from = 0;
        bytes += lines.len() as u64;
        progress.done.fetch_add(lines.len() as u64, Ordering::Relaxed);
        block = match blocks.next_block() {
            Ok(next) => next,
            Err(error) => {
                body.diagnostics.push(trouble(
                    path,
                    "truncated-snapshot",
                    &format!("reading stopped in the middle: {error}"),
                ));
                None
            }
        };
    }
    body.finish();
    Ok(loaded(&header, body, version, bytes, start.elapsed()))
}

/// The header, and where the line after it begins.
fn header(path: &str, block: &[u8]) -> Result<(Header, usize), SnapshotError> {
    if !is_snapshot(block) {
        return Err(SnapshotError::NotASnapshot { path: path.into() });
    }
    let end = memchr::memchr(b'\n', block).unwrap_or(block.len());
    let line = block.get(..end).unwrap_or_default();
    let broken = |e: serde_json::Error| SnapshotError::BrokenHeader { path: path.into(), problem: category(&e) };
    if line.len() > MAX_HEADER {
        return Err(SnapshotError::BrokenHeader { path: path.into(), problem: "it is too long".into() });
    }
    let found: Version = serde_json::from_slice(line).map_err(broken)?;
    if found.kastell_snapshot > SNAPSHOT_VERSION {
        let (version, kastell) = (found.kastell_snapshot, found.kastell);
        return Err(SnapshotError::Newer { path: path.into(), version, kastell });
    }
    let mut header: Header = serde_json::from_slice(line).map_err(broken)?;
    let mut units = BTreeSet::new();
    header.clusters.retain(|c| units.insert(c.unit.clone()));
    Ok((header, (end + 1).min(block.len())))
}

/// What is wrong with a line of JSON, without anything of what stands in it.
fn category(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Eof => "it is cut off".into(),
        serde_json::error::Category::Data => {
            format!("a member is missing or of another type, column {}", error.column())
        }
        _ => format!("it is not JSON, column {}", error.column()),
    }
}

/// Whole lines, a few megabytes at a time.
struct Blocks<R> {
    input: R,
    /// The beginning of a line whose end was not read yet.
    rest: Vec<u8>,
    is_over: bool,
}

impl<R: Read> Blocks<R> {
    /// The next lines; the last one may lack its end. `None` at the end of the input.
    fn next_block(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut block = std::mem::take(&mut self.rest);
        while !self.is_over {
            let old = block.len();
            let read = self.input.by_ref().take(BLOCK as u64).read_to_end(&mut block)?;
            self.is_over = read < BLOCK;
            let fresh = block.get(old..).unwrap_or_default();
            if let Some(last) = memchr::memrchr(b'\n', fresh).filter(|_| !self.is_over) {
                self.rest = block.split_off(old + last + 1);
                break;
            }
        }
        Ok((!block.is_empty()).then_some(block))
    }
}

/// What stands below the header.
#[derive(Default)]
struct Body<'p> {
    path: &'p str,
    /// Units of other files.
    taken: Option<&'p BTreeSet<Str>>,
    /// The number of the last line that was taken, from 1.
    at_line: u64,
    /// The units of the header.
    known: BTreeSet<String>,
    /// The unit that the last line of its kind named.
    at_unit: Option<Str>,
    objects: Vec<Arc<Object>>,
    /// By unit, and then by kind.
    found: BTreeMap<Str, BTreeMap<String, u64>>,
    diagnostics: Vec<Diagnostic>,
    broken: u64,
    /// How many objects the last line promises.
    promised: Option<u64>,
}

/// A line of objects that waits to be read.
struct Job<'b> {
    line: &'b [u8],
    number: u64,
    unit: Str,
}

impl Body<'_> {
    /// Takes the lines of a block.
    fn block(&mut self, block: &[u8]) {
        let mut jobs = Vec::new();
        for line in lines(block) {
            self.at_line += 1;
            if line.is_empty() {
                continue;
            }
            if self.promised.is_some() {
                self.is_broken(self.at_line, "it stands after the end of the snapshot");
            } else if line.starts_with(UNIT) {
                match serde_json::from_slice::<UnitLine>(line) {
                    Ok(unit) if self.known.contains(&unit.kastell_unit) => {
                        self.at_unit = Some(self.unit(&unit.kastell_unit));
                    }
                    Ok(_) => {
                        self.at_unit = None;
                        self.is_broken(self.at_line, "it names a cluster that the first line does not know");
                    }
                    Err(error) => self.is_broken(self.at_line, &category(&error)),
                }
            } else if line.starts_with(END) {
                match serde_json::from_slice::<EndLine>(line) {
                    Ok(end) => self.promised = Some(end.kastell_end.objects),
                    Err(error) => self.is_broken(self.at_line, &category(&error)),
                }
            } else if let Some(unit) = &self.at_unit {
                jobs.push(Job { line, number: self.at_line, unit: unit.clone() });
            } else {
                self.is_broken(self.at_line, "no line before it says which known cluster it belongs to");
            }
        }
        let read: Vec<_> = jobs.par_iter().with_min_len(64).map(|job| (job.number, object(job))).collect();
        for (number, result) in read {
            match result {
                Ok(object) => {
                    let of_unit = self.found.entry(object.key.unit.clone()).or_default();
                    match of_unit.get_mut(&*kind_name(&object)) {
                        Some(n) => *n += 1,
                        None => drop(of_unit.insert(kind_name(&object).into_owned(), 1)),
                    }
                    self.objects.push(Arc::new(object));
                }
                Err(problem) => self.is_broken(number, &problem),
            }
        }
    }

    /// The name of a unit in this run.
    fn unit(&self, said: &str) -> Str {
        let is_taken = self.taken.is_some_and(|t| t.contains(said));
        if is_taken { format!("{said} ({})", self.path).into() } else { said.into() }
    }

    fn is_broken(&mut self, line: u64, problem: &str) {
        self.broken += 1;
        if self.broken <= NAMED as u64 {
            let message = format!("line {line} of this snapshot is broken: {problem}");
            self.diagnostics.push(trouble(self.path, "broken-snapshot-line", &message));
        }
    }

    /// Says what is missing.
    fn finish(&mut self) {
        if let Some(more) = self.broken.checked_sub(NAMED as u64).filter(|n| *n > 0) {
            let message = format!("{more} more lines of this snapshot are broken");
            self.diagnostics.push(trouble(self.path, "broken-snapshot-line", &message));
        }
        let read = self.objects.len() as u64;
        match self.promised {
            None => {
                let message = format!("this snapshot is cut off: its last line is missing; {read} objects were read");
                self.diagnostics.push(trouble(self.path, "truncated-snapshot", &message));
            }
            Some(promised) if promised > read && self.broken == 0 => {
                let message = format!("this snapshot lacks lines: {promised} objects were written, {read} are left");
                self.diagnostics.push(trouble(self.path, "truncated-snapshot", &message));
            }
            Some(_) => {}
        }
    }
}

/// `Kind`, or `Kind.group`, as headers count objects.
fn kind_name(object: &Object) -> std::borrow::Cow<'_, str> {
    let kind = &object.key.kind;
    if kind.group.is_empty() { (&*kind.kind).into() } else { kind.to_string().into() }
}

/// The lines of a block, without their ends.
fn lines(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = block;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, after) = (rest.get(..end).unwrap_or_default(), rest.get(end + 1..).unwrap_or_default());
        rest = after;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    })
}

/// The object of a line.
fn object(job: &Job<'_>) -> Result<Object, String> {
    let text = std::str::from_utf8(job.line).map_err(|_| "it is not UTF-8".to_owned())?;
    let tree = json::read_strict(text).map_err(|problem| problem.message)?;
    let source = Arc::new(Source::new(&job.unit, Arc::clone(tree.text())));
    let no_object = || "it is no Kubernetes object".to_owned();
    Object::live(&job.unit, &source, &Arc::new(tree)).ok_or_else(no_object)
}

fn trouble(path: &str, code: &str, message: &str) -> Diagnostic {
    Diagnostic {
        code: DiagnosticCode(code.into()),
        level: DiagnosticLevel::Error,
        message: message.into(),
        path: Some(path.into()),
        labels: Vec::new(),
        help: Some("take the snapshot again".into()),
        gap: Some(GapReason::Unreadable),
    }
}

fn loaded(
    header: &Header,
    body: Body<'_>,
    version: Option<KubernetesVersion>,
    bytes: u64,
    elapsed: Duration,
) -> Loaded {
    let said = header.kubernetes_version.as_deref().and_then(|v| v.parse().ok());
    let mut builder = ClusterBuilder { version: version.or(said), ..ClusterBuilder::default() };
    let nothing = BTreeMap::new();
    let mut clusters = Vec::new();
    for cluster in &header.clusters {
        let mut reading = cluster.reading();
        reading.unit = body.unit(&reading.unit);
        cluster.cover(&reading.unit, body.found.get(&reading.unit).unwrap_or(&nothing), &mut builder.coverage);
        clusters.push(reading);
    }
    builder.objects = body.objects;
    let mut diagnostics: Vec<Diagnostic> = header.diagnostics.iter().map(DiagnosticLine::diagnostic).collect();
    diagnostics.extend(body.diagnostics);
    Loaded {
        cluster: Arc::new(builder.build()),
        bytes,
        units: u32::try_from(clusters.len()).unwrap_or(u32::MAX),
        clusters,
        diagnostics,
        elapsed,
        ..several::nothing()
    }
}

/// What is left of a snapshot without a header.
pub(super) fn broken_header(path: &str, error: &SnapshotError) -> Loaded {
    let diagnostics = vec![trouble(path, "truncated-snapshot", &error.to_string())];
    Loaded { diagnostics, ..several::nothing() }
}
