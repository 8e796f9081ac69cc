//! The JSON form of a comparison, version 1. The schema is generated from the same views.

use super::{DiffAnswers, DiffFinding, DiffPair, DiffReport, DiffSide};
use crate::json::{ObjectView, object};
use kastell_model::record::RecordedFinding;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use std::io;

/// Raised when a field changes its meaning or goes away; new fields do not raise it.
pub const DIFF_SCHEMA_VERSION: u32 = 1;

/// A kastell comparison of two runs.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "kastell diff")]
struct DiffView<'a> {
    /// The version of this format.
    schema_version: u32,
    /// The version of kastell that compares.
    version: &'a str,
    /// What there was.
    before: SideView<'a>,
    /// What there is.
    after: SideView<'a>,
    /// Whether a side is incomplete.
    incomplete: bool,
    /// The counts.
    summary: SummaryView,
    /// Objects by kind, where they differ; objects of one controller count as one. Null where a report does not say them.
    objects: Option<Vec<KindView<'a>>>,
    /// Whether the objects themselves were compared; else `changed` is 0 everywhere.
    contents: bool,
    /// Questions answered differently about subjects that both sides know, the worst first. Null where a report does not
    /// say its answers.
    answers: Option<Vec<AnswersView<'a>>>,
    /// Findings that only the second side has.
    new: Vec<SingleView<'a>>,
    /// Findings that only the first side has.
    gone: Vec<SingleView<'a>>,
    /// Findings that both have, and that are not the same in both.
    changed: Vec<PairView<'a>>,
    /// Rules that only the first side asked.
    asked_before: Vec<&'a str>,
    /// Rules that only the second side asked.
    asked_after: Vec<&'a str>,
}

/// One of the two runs.
#[derive(Serialize, JsonSchema)]
struct SideView<'a> {
    /// What the user named.
    name: &'a str,
    /// Whether it was read from a report of kastell.
    report: bool,
    /// The version of kastell that evaluated.
    release: &'a str,
    /// The day of the run, `YYYY-MM-DD`.
    now: &'a str,
    /// How many objects were read.
    objects: u32,
    /// Whether something of it was not read or not understood.
    incomplete: bool,
}

/// The counts.
#[derive(Serialize, JsonSchema)]
struct SummaryView {
    /// New findings.
    new: u64,
    /// Those of them that fail the run.
    failing: u64,
    /// Findings that are gone because they were mended.
    fixed: u64,
    /// Findings that are gone for another reason.
    gone_otherwise: u64,
    /// Changed findings.
    changed: u64,
    /// Findings that are the same.
    unchanged: u64,
    /// Questions that both sides answered: pairs of a rule and a subject.
    questions: u64,
    /// Those that are answered differently.
    answered_differently: u64,
}

/// How the objects of a kind differ.
#[derive(Serialize, JsonSchema)]
struct KindView<'a> {
    /// API group; empty for the core API.
    group: &'a str,
    /// Kind.
    kind: &'a str,
    /// Only in the second side.
    added: u32,
    /// Only in the first.
    removed: u32,
    /// In both, and not the same.
    changed: u32,
}

/// Subjects about which a rule is answered differently in the same way and for the same reason.
#[derive(Serialize, JsonSchema)]
struct AnswersView<'a> {
    /// The rule's id.
    rule: &'a str,
    /// What a finding of it means.
    title: &'a str,
    /// The answer of the first side.
    #[schemars(extend("enum" = ["pass", "fail", "unknown", "not-applicable"]))]
    before: &'static str,
    /// The answer of the second.
    #[schemars(extend("enum" = ["pass", "fail", "unknown", "not-applicable"]))]
    after: &'static str,
    /// What the side that found or doubted something said: the second, where both did. May be empty.
    cause: &'a str,
    /// The subjects, as the second side calls them.
    subjects: Vec<ObjectView<'a>>,
}

/// A finding.
#[derive(Serialize, JsonSchema)]
struct RecordedView<'a> {
    /// The rule's id.
    rule: &'a str,
    /// How bad.
    #[schemars(extend("enum" = ["critical", "high", "medium", "low", "info"]))]
    severity: &'static str,
    /// How sure.
    #[schemars(extend("enum" = ["high", "medium", "low"]))]
    confidence: &'static str,
    /// What is wrong.
    message: &'a str,
    /// What it is about.
    subject: ObjectView<'a>,
    /// The container or other named part.
    part: Option<&'a str>,
    /// Where: `path:line:column`, or the field of a live object.
    place: &'a str,
    /// The identity over time: 32 hexadecimal digits.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    fingerprint: String,
    /// How many equal hits this stands for.
    count: u32,
}

/// A finding that only one side has.
#[derive(Serialize, JsonSchema)]
struct SingleView<'a> {
    /// How many of its copies only this side has.
    copies: u32,
    /// What the other side says about it: it asked and found nothing (`answered`: fixed, or new), has no such object, has
    /// the finding and an exception for it, could not decide, did not ask, or its release did not have the control.
    #[schemars(extend("enum" = ["answered", "no-object", "excepted", "undecided", "not-asked", "new-control"]))]
    other: &'static str,
    /// Whether it fails the run.
    fails: bool,
    /// The finding.
    finding: RecordedView<'a>,
}

/// A finding that both sides have and that is not the same in both.
#[derive(Serialize, JsonSchema)]
struct PairView<'a> {
    /// What differs: `severity`, `confidence`, `count`, `message`.
    changed: Vec<&'static str>,
    /// As it was.
    before: RecordedView<'a>,
    /// As it is.
    after: RecordedView<'a>,
}

/// Writes a comparison as JSON, indented, with a final line break.
///
/// # Errors
/// What `out` says.
pub fn diff_json(report: &DiffReport<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &view(report))?;
    out.write_all(b"\n")
}

/// The JSON Schema (draft 2020-12) of what [`diff_json`] writes.
pub fn diff_json_schema() -> String {
    let schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<DiffView<'_>>();
    // Plain values with text keys always serialise.
    let mut text = serde_json::to_string_pretty(schema.as_value()).unwrap_or_default();
    text.push('\n');
    text
}

fn view<'a>(r: &'a DiffReport<'_>) -> DiffView<'a> {
    DiffView {
        schema_version: DIFF_SCHEMA_VERSION,
        version: &r.version,
        before: side(&r.before),
        after: side(&r.after),
        incomplete: r.is_incomplete(),
        summary: SummaryView {
            new: r.new.len() as u64,
            failing: r.failing() as u64,
            fixed: r.fixed() as u64,
            gone_otherwise: (r.gone.len() - r.fixed()) as u64,
            changed: r.changed.len() as u64,
            unchanged: r.unchanged,
            questions: r.questions,
            answered_differently: r.answered_differently(),
        },
        objects: r.kinds.as_ref().map(|all| {
            let kind = |k: &'a super::DiffKind| KindView {
                group: &k.kind.group,
                kind: &k.kind.kind,
                added: k.added,
                removed: k.removed,
                changed: k.changed,
            };
            all.iter().map(kind).collect()
        }),
        contents: r.contents,
        answers: r.answers.as_ref().map(|all| all.iter().map(answers).collect()),
        new: r.new.iter().map(single).collect(),
        gone: r.gone.iter().map(single).collect(),
        changed: r.changed.iter().map(pair).collect(),
        asked_before: r.asked_before.iter().map(|id| &*id.0).collect(),
        asked_after: r.asked_after.iter().map(|id| &*id.0).collect(),
    }
}

fn side(s: &DiffSide) -> SideView<'_> {
    SideView {
        name: &s.name,
        report: s.is_report,
        release: &s.release,
        now: &s.now,
        objects: s.objects,
        incomplete: s.incomplete,
    }
}

fn answers<'a>(g: &'a DiffAnswers<'_>) -> AnswersView<'a> {
    AnswersView {
        rule: &g.rule.0,
        title: g.title,
        before: g.before.name(),
        after: g.after.name(),
        cause: &g.cause,
        subjects: g.subjects.iter().map(|s| object(s)).collect(),
    }
}

fn recorded(f: &RecordedFinding) -> RecordedView<'_> {
    RecordedView {
        rule: &f.rule.0,
        severity: f.severity.name(),
        confidence: f.confidence.name(),
        message: &f.message,
        subject: object(&f.subject),
        part: f.part.as_deref(),
        place: &f.place,
        fingerprint: format!("{:032x}", f.fingerprint),
        count: f.count,
    }
}

fn single<'a>(f: &DiffFinding<'a>) -> SingleView<'a> {
    SingleView { copies: f.copies, other: f.other.name(), fails: f.fails, finding: recorded(f.finding) }
}

fn pair<'a>(p: &DiffPair<'a>) -> PairView<'a> {
    PairView { changed: p.changed.clone(), before: recorded(p.before), after: recorded(p.after) }
}
