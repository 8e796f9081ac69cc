//! The counts of one of kastell's own JSON reports: no finding is looked at.

use crate::json::SCHEMA_VERSION;
use crate::report::Counts;
use kastell_model::Severity;
use serde::Deserialize;
use thiserror::Error;

/// What a fleet needs of a report.
#[derive(Clone, Debug)]
pub struct ReportSummary {
    /// The day that the report is of, `YYYY-MM-DD`.
    pub now: String,
    /// The Kubernetes version that its questions are about.
    pub kubernetes_version: String,
    /// The running clusters that it is about; empty for files.
    pub clusters: Vec<SummaryCluster>,
    /// Objects.
    pub objects: u32,
    /// Whether something was not read or not understood.
    pub incomplete: bool,
    /// Every rule that was asked.
    pub rules: Vec<SummaryRule>,
}

/// A running cluster of a report.
#[derive(Clone, Debug, Deserialize)]
pub struct SummaryCluster {
    /// What it is called.
    pub unit: String,
    /// The uid of its namespace `kube-system`.
    pub uid: Option<String>,
    /// When it was read.
    pub read_at: Option<String>,
}

/// A rule of a report.
#[derive(Clone, Debug)]
pub struct SummaryRule {
    /// Its id.
    pub id: String,
    /// What a finding means.
    pub title: String,
    /// Its ring.
    pub ring: String,
    /// The severity of a finding that does not say otherwise.
    pub severity: Severity,
    /// Objects by status.
    pub counts: Counts,
}

/// Why a text is no report whose counts can be read. The sentences quote nothing of the text.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum SummaryError {
    /// It is something else.
    #[error("it is neither a snapshot nor a JSON report of kastell")]
    NotAReport,
    /// A later release wrote it.
    #[error(
        "it was written by a later kastell{}: its format has version {version}, and this release reads version \
         {SCHEMA_VERSION}; update kastell",
        if .release.is_empty() { String::new() } else { format!(" ({release})") }
    )]
    Newer {
        /// The version of its format.
        version: u32,
        /// The release; may be empty.
        release: String,
    },
    /// It begins as a report does and cannot be read to its end.
    #[error("it is a report of kastell that is damaged at line {line}, column {column}")]
    Damaged {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
}

#[derive(Deserialize)]
struct Beginning {
    schema_version: u32,
    tool: Tool,
}

#[derive(Deserialize)]
struct Tool {
    name: String,
    #[serde(default)]
    version: String,
}

#[derive(Deserialize)]
struct File {
    run: Run,
    read: Read,
    incomplete: bool,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Run {
    kubernetes_version: String,
    now: String,
}

#[derive(Deserialize)]
struct Read {
    objects: u32,
    /// Reports of files, and those of the first release, have none.
    #[serde(default)]
    clusters: Vec<SummaryCluster>,
}

#[derive(Deserialize)]
struct Rule {
    id: String,
    title: String,
    ring: String,
    severity: String,
    counts: RuleCounts,
}

#[derive(Deserialize)]
struct RuleCounts {
    pass: u32,
    fail: u32,
    unknown: u32,
    not_applicable: u32,
}

/// Whether a file that begins with these bytes may be a report: a JSON object whose first key is that of our reports.
pub fn is_report(beginning: &[u8]) -> bool {
    let mut rest = beginning.iter().copied().filter(|b| !b.is_ascii_whitespace());
    b"{\"schema_version\":".iter().all(|b| rest.next() == Some(*b))
}

/// Reads the counts of a report.
///
/// # Errors
/// Where the text is no report, or one of a later format, or is damaged.
pub fn summary(text: &[u8]) -> Result<ReportSummary, SummaryError> {
    let damaged = |e: &serde_json::Error| SummaryError::Damaged { line: e.line(), column: e.column() };
    let beginning: Beginning = serde_json::from_slice(text).map_err(|e| match is_report(text) {
        true if !e.is_data() => damaged(&e),
        _ => SummaryError::NotAReport,
    })?;
    if beginning.tool.name != "kastell" {
        return Err(SummaryError::NotAReport);
    }
    if beginning.schema_version > SCHEMA_VERSION {
        return Err(SummaryError::Newer { version: beginning.schema_version, release: beginning.tool.version });
    }
    let file: File = serde_json::from_slice(text).map_err(|e| damaged(&e))?;
    Ok(ReportSummary {
        now: file.run.now,
        kubernetes_version: file.run.kubernetes_version,
        clusters: file.read.clusters,
        objects: file.read.objects,
        incomplete: file.incomplete,
        rules: file.rules.into_iter().map(rule).collect(),
    })
}

/// A severity that this release does not know is taken for the worst.
fn rule(r: Rule) -> SummaryRule {
    let severity = Severity::ALL.into_iter().find(|s| s.name() == r.severity).unwrap_or(Severity::Critical);
    let RuleCounts { pass, fail, unknown, not_applicable } = r.counts;
    let counts = Counts { pass, fail, unknown, not_applicable };
    SummaryRule { id: r.id, title: r.title, ring: r.ring, severity, counts }
}
