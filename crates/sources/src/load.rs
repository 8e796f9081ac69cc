//! Reading: paths to files, files to documents, documents to objects, with an account of the rest.

use crate::kustomize;
use crate::walk::{self, Trouble};
use kastell_model::kube::KubernetesVersion;
use kastell_model::yaml::{Level, Problem, ProblemCode, Span, Stream};
use kastell_model::{
    Cluster, ClusterBuilder, ClusterReading, Diagnostic, DiagnosticCode, DiagnosticLevel, GapReason, Ingested, Label,
    Object, Seen, SkipReason, Source, Str,
};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use thiserror::Error;

/// What to read.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Files and directories, as given. `-` is standard input.
    pub paths: Vec<String>,
    /// More files, one a line, from a list that was read already.
    pub listed: Vec<String>,
    /// What standard input is called in reports.
    pub stdin_name: Option<String>,
    /// The Kubernetes version that the questions are about.
    pub version: Option<KubernetesVersion>,
}

/// Why nothing was read at all. Usage errors.
#[derive(Debug, Error)]
pub enum SourceError {
    /// A path does not exist.
    #[error("`{path}` does not exist")]
    Missing {
        /// The path as given.
        path: String,
    },
    /// Nothing was named.
    #[error("no path was given: name files or directories, or `-` for standard input")]
    NoPath,
}

/// Everything that was read, and an account of what was not.
#[derive(Debug)]
pub struct Loaded {
    /// The objects.
    pub cluster: Arc<Cluster>,
    /// Files that were given or found.
    pub files: u32,
    /// Files that could be read (as text; their documents may still have errors).
    pub files_read: u32,
    /// Bytes read.
    pub bytes: u64,
    /// Documents with content.
    pub documents: u32,
    /// What gave no object, by reason.
    pub skipped: BTreeMap<&'static str, u32>,
    /// Units.
    pub units: u32,
    /// How each running cluster was read; empty for files.
    pub clusters: Vec<ClusterReading>,
    /// Errors and warnings, in order of path and place.
    pub diagnostics: Vec<Diagnostic>,
    /// How long reading and parsing took.
    pub elapsed: Duration,
}

impl Loaded {
    /// Whether nothing that could hold an object was left unread.
    pub fn is_complete(&self) -> bool {
        !self.diagnostics.iter().any(|d| d.gap.is_some_and(GapReason::is_incomplete))
    }
}

/// A file to read, and the unit that it belongs to.
struct Job {
    path: PathBuf,
    shown: String,
    unit: u32,
    size: u64,
    stdin: bool,
}

/// How far reading has come: in bytes of files (every file counts as at least one), or in kinds of a cluster.
#[derive(Debug, Default)]
pub struct Progress {
    /// All there is to read; 0 until that is known.
    pub total: AtomicU64,
    /// What has been read.
    pub done: AtomicU64,
    /// What was read last, where that is worth showing: a context, a resource.
    label: Mutex<Str>,
}

impl Progress {
    /// Says what was read last.
    pub(crate) fn label(&self, text: &Str) {
        if let Ok(mut label) = self.label.lock() {
            *label = text.clone();
        }
    }

    /// Adds to what there is to read.
    pub(crate) fn expect(&self, more: u64) {
        self.total.fetch_add(more, Ordering::Relaxed);
    }

    /// What was read last; empty for files.
    pub fn last(&self) -> Str {
        self.label.lock().map_or_else(|_| Str::default(), |l| l.clone())
    }
}

/// What one file gave.
#[derive(Default)]
struct FileResult {
    objects: Vec<Arc<Object>>,
    skipped: BTreeMap<&'static str, u32>,
    diagnostics: Vec<Diagnostic>,
    patches: Vec<PathBuf>,
    documents: u32,
    bytes: u64,
    read: bool,
}

/// The unit of all single files of a run.
const FILES: &str = "files";

/// Reads what `request` names; `progress` can be watched from another thread.
///
/// # Errors
/// A path that does not exist, or none at all. Everything else becomes a diagnostic.
pub fn load(request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
    let start = Instant::now();
    let mut plan = Plan::of(request)?;
    plan.jobs.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.path.cmp(&b.path)));
    progress.total.store(plan.jobs.iter().map(|j| j.size.max(1)).sum(), Ordering::Relaxed);
    let mut results: Vec<(usize, FileResult)> = plan
        .jobs
        .par_iter()
        .enumerate()
        .with_max_len(1)
        .map(|(n, job)| {
            let result = read_file(job, &plan.units);
            progress.done.fetch_add(job.size.max(1), Ordering::Relaxed);
            (n, result)
        })
        .collect();
    results.sort_by(|(a, _), (b, _)| {
        let shown = |n: &usize| plan.jobs.get(*n).map(|j| j.shown.as_str());
        shown(a).cmp(&shown(b))
    });
    let patches: FxHashSet<PathBuf> = results.iter_mut().flat_map(|(_, r)| std::mem::take(&mut r.patches)).collect();
    let mut builder = ClusterBuilder { version: request.version, ..ClusterBuilder::default() };
    let mut loaded = Loaded {
        cluster: Arc::new(ClusterBuilder::default().build()),
        files: u32::try_from(plan.jobs.len()).unwrap_or(u32::MAX) + plan.skipped.values().sum::<u32>(),
        files_read: 0,
        bytes: 0,
        documents: 0,
        skipped: std::mem::take(&mut plan.skipped),
        units: 0,
        clusters: Vec::new(),
        diagnostics: plan.troubles.iter().map(diagnostic_of_trouble).collect(),
        elapsed: Duration::ZERO,
    };
    for (n, result) in results {
        loaded.files_read += u32::from(result.read);
        loaded.bytes += result.bytes;
        loaded.documents += result.documents;
        for (reason, count) in result.skipped {
            *loaded.skipped.entry(reason).or_default() += count;
        }
        loaded.diagnostics.extend(result.diagnostics);
        let path = plan.jobs.get(n).map(|j| kustomize::normal(&j.path));
        if path.is_some_and(|p| patches.contains(&p)) {
            builder.objects.extend(result.objects.into_iter().map(as_patch));
        } else {
            builder.objects.extend(result.objects);
        }
    }
    let used: FxHashSet<&Str> = builder.objects.iter().map(|o| &o.key.unit).collect();
    loaded.units = u32::try_from(used.len()).unwrap_or(u32::MAX);
    for unit in &plan.units {
        builder.coverage.set_unit(unit.clone(), Seen::Open);
    }
    loaded.cluster = Arc::new(builder.build());
    loaded.elapsed = start.elapsed();
    Ok(loaded)
}

fn as_patch(object: Arc<Object>) -> Arc<Object> {
    match Arc::try_unwrap(object) {
        Ok(o) => Arc::new(Object { patch: true, ..o }),
        Err(shared) => shared,
    }
}

#[derive(Default)]
struct Plan {
    jobs: Vec<Job>,
    units: Vec<Str>,
    skipped: BTreeMap<&'static str, u32>,
    troubles: Vec<Trouble>,
}

impl Plan {
    fn of(request: &Request) -> Result<Plan, SourceError> {
        if request.paths.is_empty() && request.listed.is_empty() {
            return Err(SourceError::NoPath);
        }
        let mut plan = Plan { units: vec![FILES.into()], ..Plan::default() };
        let mut seen: FxHashMap<PathBuf, ()> = FxHashMap::default();
        for path in &request.paths {
            if path == "-" {
                let shown = request.stdin_name.clone().unwrap_or_else(|| "<stdin>".into());
                plan.jobs.push(Job { path: PathBuf::from(&shown), shown, unit: 0, size: 0, stdin: true });
                continue;
            }
            let found = Path::new(path);
            match std::fs::metadata(found) {
                Ok(m) if m.is_dir() => plan.directory(path, found, &mut seen),
                Ok(m) => plan.file(found, m.len(), 0, &mut seen),
                Err(_) if std::fs::symlink_metadata(found).is_ok() => plan.file(found, 0, 0, &mut seen),
                Err(_) => return Err(SourceError::Missing { path: path.clone() }),
            }
        }
        for path in &request.listed {
            let found = Path::new(path);
            // A list may name what has gone since: the file is then unread, not a wrong call.
            let size = std::fs::metadata(found).map_or(0, |m| m.len());
            plan.file(found, size, 0, &mut seen);
        }
        Ok(plan)
    }

    fn directory(&mut self, given: &str, path: &Path, seen: &mut FxHashMap<PathBuf, ()>) {
        let unit = u32::try_from(self.units.len()).unwrap_or(u32::MAX);
        let trimmed = given.trim_end_matches('/');
        self.units.push(if trimmed.is_empty() { given.into() } else { trimmed.into() });
        let walked = walk::walk(path);
        for (reason, count) in walked.skipped {
            *self.skipped.entry(reason).or_default() += count;
        }
        self.troubles.extend(walked.troubles);
        for (file, size) in walked.files {
            self.file(&file, size, unit, seen);
        }
    }

    /// A file named twice is read once.
    fn file(&mut self, path: &Path, size: u64, unit: u32, seen: &mut FxHashMap<PathBuf, ()>) {
        if seen.insert(kustomize::normal(path), ()).is_none() {
            let shown = kustomize::normal(path).display().to_string();
            self.jobs.push(Job { path: path.to_path_buf(), shown, unit, size, stdin: false });
        }
    }
}

/// Files up to this size are read into a buffer of the thread: fresh memory would have to be cleared for each.
const SMALL: u64 = 1 << 20;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The bytes of a job, and the documents in them.
fn read_stream(job: &Job) -> std::io::Result<(u64, Stream)> {
    let whole = |bytes: Vec<u8>| (bytes.len() as u64, kastell_yaml::read_bytes(bytes));
    if job.stdin {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(whole(bytes));
    }
    if job.size > SMALL {
        return std::fs::read(&job.path).map(whole);
    }
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        std::fs::File::open(&job.path)?.read_to_end(buffer)?;
        Ok((buffer.len() as u64, kastell_yaml::read_slice(buffer)))
    })
}

fn read_file(job: &Job, units: &[Str]) -> FileResult {
    let mut out = FileResult::default();
    let (bytes, stream) = match read_stream(job) {
        Ok(read) => read,
        Err(error) => {
            out.diagnostics.push(unreadable(&job.shown, &error));
            return out;
        }
    };
    out.read = true;
    out.bytes = bytes;
    let source = Arc::new(Source::new(&job.shown, Arc::clone(&stream.text)));
    let unit = units.get(job.unit as usize).cloned().unwrap_or_else(|| FILES.into());
    for problem in &stream.problems {
        out.diagnostics.push(of_problem(&source, problem, Span::default()));
    }
    take_documents(&mut out, &unit, &source, &stream);
    if kustomize::is_kustomization(&job.path) {
        for document in stream.documents.iter().filter_map(|d| d.tree.as_ref()) {
            out.patches.extend(kustomize::patches(&job.path, document.root()));
        }
    }
    out
}

fn take_documents(out: &mut FileResult, unit: &Str, source: &Arc<Source>, stream: &Stream) {
    if stream.documents.is_empty() && stream.problems.is_empty() {
        *out.skipped.entry(SkipReason::Empty.name()).or_default() += 1;
    }
    for (number, document) in (0_u32..).zip(&stream.documents) {
        out.documents += 1;
        let ingested = document.tree.as_ref().map(|tree| Ingested::from_document(unit, source, number, tree));
        let is_object = ingested.as_ref().is_none_or(|i| !i.objects.is_empty());
        for problem in &document.problems {
            // What stands out in a file that is not Kubernetes' is its owner's affair.
            if is_object {
                out.diagnostics.push(of_problem(source, problem, document.span));
            }
        }
        let Some(ingested) = ingested else { continue };
        for skip in &ingested.skipped {
            *out.skipped.entry(skip.reason.name()).or_default() += 1;
        }
        out.objects.extend(ingested.objects);
    }
}

fn unreadable(shown: &str, error: &std::io::Error) -> Diagnostic {
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "it is not there (any more), or it is a link that leads nowhere".to_string(),
        std::io::ErrorKind::IsADirectory => "it is a directory".to_string(),
        std::io::ErrorKind::PermissionDenied => "its permissions do not allow it".to_string(),
        _ => error.to_string(),
    };
    Diagnostic {
        code: DiagnosticCode("unreadable-file".into()),
        level: DiagnosticLevel::Error,
        message: format!("this could not be read: {why}").into(),
        path: Some(shown.into()),
        labels: Vec::new(),
        help: None,
        gap: Some(GapReason::Unreadable),
    }
}

fn diagnostic_of_trouble(t: &Trouble) -> Diagnostic {
    Diagnostic {
        code: DiagnosticCode(t.code.into()),
        level: DiagnosticLevel::Error,
        message: t.message.as_str().into(),
        path: Some(kustomize::normal(&t.path).display().to_string().into()),
        labels: Vec::new(),
        help: t.help.map(Into::into),
        gap: Some(t.reason),
    }
}

/// A reader's problem as a diagnostic; `document`: the document's bytes, to tell templates from broken YAML.
fn of_problem(source: &Arc<Source>, problem: &Problem, document: Span) -> Diagnostic {
    let text = source.text.get(document.start as usize..document.end as usize).unwrap_or("");
    let is_error = problem.level == Level::Error;
    let is_template = is_error && problem.code != ProblemCode::NotUtf8 && text.contains("{{");
    let (code, message, help, gap) = if is_template {
        (
            "unrendered-template",
            "this is a template that nobody has rendered, so its objects were not checked".to_string(),
            Some("render it and give kastell the output: helm template CHART | kastell scan -"),
            Some(GapReason::Unrendered),
        )
    } else {
        (problem.code.name(), problem.message.clone(), None, is_error.then_some(GapReason::Unreadable))
    };
    Diagnostic {
        code: DiagnosticCode(code.into()),
        level: if is_error { DiagnosticLevel::Error } else { DiagnosticLevel::Warning },
        message: message.into(),
        path: Some(source.path.clone()),
        labels: vec![Label { source: Arc::clone(source), span: problem.span, message: "".into() }],
        help: help.map(Into::into),
        gap,
    }
}
