//! kastell's own JSON reports, read again: what baselines and comparisons need of them.
//!
//! Owns: which reports can be read, and what to say of those that cannot. Fields that are not needed are not looked at;
//! fields that came later than the first release may be missing. No message quotes the file: any file can be given.

use crate::json::SCHEMA_VERSION;
use kastell_model::record::{Record, RecordedFinding, RecordedGap, RecordedRule, SubjectAnswers, copies};
use kastell_model::{Confidence, GapReason, GroupKind, ObjectKey, RuleId, Severity, Status, Str};
use serde::Deserialize;
use thiserror::Error;

/// Why a text is no report that can be read. The sentences go on behind the file's name.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ReadError {
    /// It is not JSON.
    #[error("it is no JSON (line {line}, column {column}); `kastell scan --format json` writes one")]
    NotJson {
        /// Where the text stops being JSON.
        line: usize,
        /// The column.
        column: usize,
    },
    /// It is JSON, and no report of kastell.
    #[error("it is no report of kastell; `kastell scan --format json` writes one")]
    NotAReport,
    /// It is a report of another version of the format.
    #[error("it is a report of format version {found}, and this kastell reads version {SCHEMA_VERSION}")]
    OtherVersion {
        /// The version that it says.
        found: u64,
    },
    /// It says to be a report and is not made like one.
    #[error("it is a damaged report: {what}")]
    Damaged {
        /// What is not as it should be.
        what: String,
    },
}

/// What is read first, and decides whether the rest can be.
#[derive(Deserialize)]
struct Header {
    schema_version: Option<u64>,
    tool: Option<Tool>,
}

#[derive(Deserialize)]
struct Tool {
    name: Option<String>,
}

#[derive(Deserialize)]
struct ReportFile {
    tool: ToolFile,
    run: RunFile,
    read: ReadFile,
    incomplete: bool,
    rules: Vec<RuleFile>,
    subjects: Option<Vec<SubjectFile>>,
    findings: Vec<FindingFile>,
    excepted: Vec<ExceptedFile>,
    gaps: Vec<GapFile>,
}

#[derive(Deserialize)]
struct ToolFile {
    version: Str,
}

#[derive(Deserialize)]
struct RunFile {
    now: Str,
}

#[derive(Deserialize)]
struct ReadFile {
    objects: u32,
}

#[derive(Deserialize)]
struct RuleFile {
    id: Str,
    title: Str,
    since: Option<Str>,
}

#[derive(Deserialize)]
struct ObjectFile {
    unit: Str,
    group: Str,
    kind: Str,
    namespace: Option<Str>,
    name: Str,
}

#[derive(Deserialize)]
struct SubjectFile {
    unit: Str,
    group: Str,
    kind: Str,
    namespace: Option<Str>,
    name: Str,
    objects: u32,
    answers: String,
}

#[derive(Deserialize)]
struct FindingFile {
    rule: Str,
    severity: String,
    confidence: String,
    message: Str,
    subject: ObjectFile,
    part: Option<Str>,
    location: LocationFile,
    fingerprint: String,
    path_hash: Option<String>,
    count: u32,
    examples: Vec<ObjectFile>,
}

#[derive(Deserialize)]
struct LocationFile {
    path: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    field: Option<Str>,
}

impl LocationFile {
    /// `path:line:column` of a text, the field of a live object.
    fn place(self) -> Str {
        match (self.path, self.line, self.column) {
            (Some(path), Some(line), Some(column)) => format!("{path}:{line}:{column}").into(),
            _ => self.field.unwrap_or_default(),
        }
    }
}

#[derive(Deserialize)]
struct ExceptedFile {
    finding: FindingFile,
}

#[derive(Deserialize)]
struct GapFile {
    rule: Option<Str>,
    reason: String,
    detail: Str,
    subject: Option<ObjectFile>,
}

/// Whether a text says that it is a report of kastell, whatever its version.
pub fn is_report(text: &str) -> bool {
    text.trim_start().starts_with('{') && header(text).is_ok()
}

fn header(text: &str) -> Result<u64, ReadError> {
    let header: Header = serde_json::from_str(text).map_err(|e| match e.classify() {
        serde_json::error::Category::Data => ReadError::NotAReport,
        _ => ReadError::NotJson { line: e.line(), column: e.column() },
    })?;
    let ours = header.tool.and_then(|t| t.name).is_some_and(|n| n == "kastell");
    header.schema_version.filter(|_| ours).ok_or(ReadError::NotAReport)
}

/// Reads a report that [`json`](crate::json()) wrote, in this release or an earlier one.
///
/// # Errors
/// A text that is no JSON, no report, a report of another format version, or a damaged one.
pub fn read_record(text: &str) -> Result<Record, ReadError> {
    let found = header(text)?;
    if found != u64::from(SCHEMA_VERSION) {
        return Err(ReadError::OtherVersion { found });
    }
    let file: ReportFile = serde_json::from_str(text)
        .map_err(|e| damaged(&format!("line {}, column {} is not what it should be", e.line(), e.column())))?;
    record(file)
}

fn damaged(what: &str) -> ReadError {
    ReadError::Damaged { what: what.to_owned() }
}

fn record(file: ReportFile) -> Result<Record, ReadError> {
    if !is_release(&file.tool.version) {
        return Err(damaged("its tool has no version"));
    }
    let rules: Vec<RecordedRule> =
        file.rules.into_iter().map(|r| RecordedRule { id: RuleId(r.id), title: r.title, since: r.since }).collect();
    let subjects = file.subjects.map(|all| all.into_iter().map(|s| subject(s, rules.len())).collect()).transpose()?;
    Ok(Record {
        release: file.tool.version,
        now: file.run.now,
        objects: file.read.objects,
        rules,
        subjects,
        contents: None,
        findings: file.findings.into_iter().map(finding).collect::<Result<_, _>>()?,
        excepted: file.excepted.into_iter().map(|e| finding(e.finding)).collect::<Result<_, _>>()?,
        gaps: file.gaps.into_iter().map(gap).collect::<Result<_, _>>()?,
        incomplete: file.incomplete,
    })
}

/// Whether it is three numbers between dots: without them nothing says which controls the release had.
fn is_release(version: &str) -> bool {
    let mut parts = version.split('.');
    (0..3).all(|_| parts.next().is_some_and(|p| p.parse::<u32>().is_ok())) && parts.next().is_none()
}

fn subject(s: SubjectFile, rules: usize) -> Result<SubjectAnswers, ReadError> {
    let statuses: Option<Vec<Status>> = s.answers.chars().map(Status::from_letter).collect();
    let statuses = statuses.filter(|all| all.len() == rules);
    let statuses = statuses.ok_or_else(|| damaged("the answers about a subject are not those of its rules"))?;
    let key = key(ObjectFile { unit: s.unit, group: s.group, kind: s.kind, namespace: s.namespace, name: s.name });
    Ok(SubjectAnswers { key, objects: s.objects, statuses })
}

fn key(o: ObjectFile) -> ObjectKey {
    ObjectKey { unit: o.unit, kind: GroupKind { group: o.group, kind: o.kind }, namespace: o.namespace, name: o.name }
}

fn finding(f: FindingFile) -> Result<RecordedFinding, ReadError> {
    let subject = key(f.subject);
    let examples: Vec<ObjectKey> = f.examples.into_iter().map(key).collect();
    let hash = |text: String| u64::from_str_radix(&text, 16).map_err(|_| damaged("a path_hash is not hexadecimal"));
    Ok(RecordedFinding {
        rule: RuleId(f.rule),
        severity: Severity::from_name(&f.severity).ok_or_else(|| damaged("a finding has no known severity"))?,
        confidence: Confidence::from_name(&f.confidence).ok_or_else(|| damaged("a finding has no known confidence"))?,
        part: f.part,
        place: f.location.place(),
        message: f.message,
        fingerprint: u128::from_str_radix(&f.fingerprint, 16)
            .map_err(|_| damaged("a fingerprint is not hexadecimal"))?,
        path_hash: f.path_hash.map(hash).transpose()?,
        count: f.count,
        copies: copies(&subject, f.count, &examples),
        subject,
    })
}

fn gap(g: GapFile) -> Result<RecordedGap, ReadError> {
    Ok(RecordedGap {
        rule: g.rule.map(RuleId),
        subject: g.subject.map(key),
        reason: GapReason::from_name(&g.reason).ok_or_else(|| damaged("a gap has no known reason"))?,
        detail: g.detail,
    })
}
