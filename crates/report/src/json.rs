//! The JSON format, version 1: explicit views, so that a change of a type of the model changes no field name.
//!
//! It holds no source text at all. The schema is generated from the same views.

use crate::clusters::{self, ClusterView};
use crate::place;
use crate::report::{Baseline, Counts, Excepted, GapEntry, Report, Rule};
use kastell_model::record::SubjectAnswers;
use kastell_model::yaml::Span;
use kastell_model::{Diagnostic, Finding, ObjectKey, Origin, Overridden, Owner, Place, Safety, Source};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;

/// Raised when a field changes its meaning or goes away; new fields do not raise it.
pub const SCHEMA_VERSION: u32 = 1;

/// A kastell report.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "kastell report")]
struct ReportView<'a> {
    /// The version of this format.
    schema_version: u32,
    /// The program that wrote it.
    tool: ToolView<'a>,
    /// What was asked.
    run: RunView<'a>,
    /// What was read.
    read: ReadView<'a>,
    /// Whether something of the input was not read or not understood.
    incomplete: bool,
    /// The counts.
    summary: SummaryView,
    /// Every rule that was asked.
    rules: Vec<RuleView<'a>>,
    /// What the rules said of every subject.
    subjects: Vec<SubjectView<'a>>,
    /// What the run has to do with the baseline that it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<BaselineView<'a>>,
    /// The findings that no exception covers: with a baseline the known ones too, so that a report is a whole baseline.
    findings: Vec<FindingView<'a>>,
    /// The findings that exceptions cover.
    excepted: Vec<ExceptedView<'a>>,
    /// What was not decided.
    gaps: Vec<GapView<'a>>,
    /// What went wrong around the findings.
    diagnostics: Vec<DiagnosticView<'a>>,
    /// Figures of the run itself, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<StatisticsView<'a>>,
}

/// A program.
#[derive(Serialize, JsonSchema)]
struct ToolView<'a> {
    /// Its name.
    name: &'static str,
    /// Its version.
    version: &'a str,
}

/// What was asked.
#[derive(Serialize, JsonSchema)]
struct RunView<'a> {
    /// The Kubernetes version that the questions are about.
    kubernetes_version: &'a str,
    /// Whether that version was given; else it is the newest that kastell knows.
    kubernetes_version_given: bool,
    /// The date that expiries were compared with, `YYYY-MM-DD`.
    now: &'a str,
    /// What the user named.
    inputs: Vec<&'a str>,
    /// The least severity that fails a run; null where no finding does.
    #[schemars(extend("enum" = ["critical", "high", "medium", "low", "info", null]))]
    fail_on: Option<&'static str>,
    /// The least confidence that a finding needs to fail a run.
    #[schemars(extend("enum" = ["high", "medium", "low"]))]
    min_confidence: &'static str,
}

/// What was read.
#[derive(Serialize, JsonSchema)]
struct ReadView<'a> {
    /// Files.
    files: u32,
    /// Documents.
    documents: u32,
    /// Objects.
    objects: u32,
    /// Objects that run pods.
    workloads: u32,
    /// Units: what is deployed together.
    units: u32,
    /// Requests sent to a server.
    requests: u32,
    /// How each running cluster was read; empty for files.
    clusters: Vec<ClusterView<'a>>,
    /// Files and documents that were skipped, by reason.
    skipped: BTreeMap<&'a str, u32>,
}

/// The counts.
#[derive(Serialize, JsonSchema)]
struct SummaryView {
    /// Findings by severity.
    findings: BTreeMap<&'static str, u64>,
    /// Findings at or above `fail_on` with at least `min_confidence`.
    failing: u64,
    /// Subjects with a finding.
    subjects: u64,
    /// Excepted findings by origin of the exception.
    excepted: BTreeMap<&'static str, u64>,
    /// Equal hits that were folded away.
    folded: u64,
    /// What is unknown, by reason; what the configuration expects is among it.
    unknown: BTreeMap<&'static str, u64>,
    /// Gaps that the configuration expects.
    expected_unknown: u64,
}

/// A rule.
#[derive(Serialize, JsonSchema)]
struct RuleView<'a> {
    /// Its id.
    id: &'a str,
    /// What a finding means.
    title: &'a str,
    /// Its ring.
    ring: &'a str,
    /// The severity of a finding that does not say otherwise.
    #[schemars(extend("enum" = ["critical", "high", "medium", "low", "info"]))]
    severity: &'static str,
    /// The confidence of a finding that does not say otherwise.
    #[schemars(extend("enum" = ["high", "medium", "low"]))]
    confidence: &'static str,
    /// The release that brought it.
    since: &'a str,
    /// Whether it asks for a hardening field of a workload.
    hardening: bool,
    /// The reason, Markdown.
    docs: &'a str,
    /// The fix, Markdown.
    help: &'a str,
    /// What it maps to.
    maps: Vec<MapView<'a>>,
    /// Objects by status.
    counts: CountsView,
}

/// What the rules said of one subject.
#[derive(Serialize, JsonSchema)]
struct SubjectView<'a> {
    /// The topmost controller, the object itself, or a namespace that is spoken about.
    #[serde(flatten)]
    object: ObjectView<'a>,
    /// How many of the objects that were read belong to it; 0 for what is only spoken about.
    objects: u32,
    /// A letter for each of `rules`, in their order: `p` passed, `f` at least one finding (excepted or not), `u` could
    /// not be decided, `-` not concerned. Over several objects the worst: `f`, then `u`, then `p`.
    #[schemars(regex(pattern = "^[pfu-]*$"))]
    answers: String,
}

/// What the run has to do with a baseline.
#[derive(Serialize, JsonSchema)]
struct BaselineView<'a> {
    /// The file, as the user named it.
    path: &'a str,
    /// The version of kastell that wrote it.
    release: &'a str,
    /// The day that it is of, `YYYY-MM-DD`.
    now: &'a str,
    /// Findings that it has too; they fail no run.
    known: u64,
    /// Findings that it does not have.
    new: u64,
    /// Of its findings, those that were mended: their questions were asked again, and nothing was found.
    fixed: u32,
    /// Those whose subject is not among what was read.
    removed: u32,
    /// Those that an exception covers now.
    excepted: u32,
    /// Those that could not be decided again.
    undecided: u32,
    /// Those of rules that this run did not ask.
    not_asked: u32,
    /// Controls that its release did not have. Their findings are new and fail no run.
    new_controls: Vec<&'a str>,
    /// Controls that its release had and that its run did not ask. Their findings are new.
    newly_asked: Vec<&'a str>,
}

/// One mapping of a rule.
#[derive(Serialize, JsonSchema)]
struct MapView<'a> {
    /// The framework, guide or tool.
    framework: &'a str,
    /// Its item.
    item: &'a str,
}

/// Objects by status.
#[derive(Serialize, JsonSchema)]
struct CountsView {
    /// Passed.
    pass: u32,
    /// At least one finding.
    fail: u32,
    /// Could not be decided.
    unknown: u32,
    /// Not concerned.
    not_applicable: u32,
}

/// An object's identity.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ObjectView<'a> {
    /// The unit that it is deployed with.
    unit: &'a str,
    /// API group; empty for the core API.
    group: &'a str,
    /// Kind.
    kind: &'a str,
    /// Namespace, where the object says one.
    namespace: Option<&'a str>,
    /// Name, or `generateName` with `*` behind it.
    name: &'a str,
}

/// A place: of a text, or a field of a live object. Lines and columns count from 1, columns count characters; the end is
/// exclusive.
#[derive(Serialize, JsonSchema)]
struct LocationView<'a> {
    /// Whether it is in a text, and then path and lines are there, or in a live object.
    #[schemars(extend("enum" = ["text", "live"]))]
    kind: &'static str,
    #[serde(flatten)]
    text: Option<TextView<'a>>,
    /// The path from the object's root, missing keys included. Items of lists stand by index in a text
    /// (`containers[0]`), and in a live object by their keys where they have some (`containers[name=app]`).
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// Whether the field is not there, and the position is that of the nearest ancestor.
    missing: bool,
    /// Whether the positions are approximate.
    approximate: bool,
}

/// Where in a text.
#[derive(Serialize, JsonSchema)]
struct TextView<'a> {
    /// The text's name: a path relative to the working directory, or what was given for it.
    path: &'a str,
    /// First line.
    line: u32,
    /// First column.
    column: u32,
    /// Last line.
    end_line: u32,
    /// Column after the last character.
    end_column: u32,
}

/// A place and what there is to say about it.
#[derive(Serialize, JsonSchema)]
struct NoteView<'a> {
    /// The place.
    location: LocationView<'a>,
    /// What is here; may be empty.
    message: &'a str,
}

/// A finding.
#[derive(Serialize, JsonSchema)]
struct FindingView<'a> {
    /// The rule's id.
    rule: &'a str,
    /// How bad.
    #[schemars(extend("enum" = ["critical", "high", "medium", "low", "info"]))]
    severity: &'static str,
    /// Where the configuration says another severity than the control: what the control says, and why; else null.
    severity_overridden: Option<OverriddenView<'a>>,
    /// How sure.
    #[schemars(extend("enum" = ["high", "medium", "low"]))]
    confidence: &'static str,
    /// What is wrong.
    message: &'a str,
    /// What it is about: the topmost controller, or the object itself.
    subject: ObjectView<'a>,
    /// Whether the subject itself was among the objects read.
    subject_present: bool,
    /// The object that the place is in.
    object: ObjectView<'a>,
    /// `apiVersion` of that object.
    api_version: String,
    /// Where that object came from.
    #[schemars(extend("enum" = ["file", "rendered", "live", "other"]))]
    origin: &'static str,
    /// The container or other named part.
    part: Option<&'a str>,
    /// Where.
    location: LocationView<'a>,
    /// Other places that explain it.
    related: Vec<NoteView<'a>>,
    /// How safe the known fix is; null where none is known.
    #[schemars(extend("enum" = ["safe", "unsafe", null]))]
    fix: Option<&'static str>,
    /// The identity over time: 32 hexadecimal digits.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    fingerprint: String,
    /// What of the fingerprint does not depend on the subject: 16 hexadecimal digits.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    path_hash: String,
    /// With a baseline: whether the baseline does not have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<bool>,
    /// How many equal hits this stands for.
    count: u32,
    /// Up to three of the objects that were folded away.
    examples: Vec<ObjectView<'a>>,
    /// Whether only pods have it and their controller's template does not.
    only_in_pods: bool,
    /// Whose software.
    #[schemars(extend("enum" = ["yours", "platform", "system"]))]
    class: &'static str,
    /// What the class rests on; null for what is the users' own because nothing says otherwise.
    class_evidence: Option<&'a str>,
    /// Whose team; null where nobody's.
    owner: Option<&'a str>,
}

/// A severity that the configuration changed.
#[derive(Serialize, JsonSchema)]
struct OverriddenView<'a> {
    /// The severity that the control gave.
    #[schemars(extend("enum" = ["critical", "high", "medium", "low", "info"]))]
    from: &'static str,
    /// Why it is another here.
    reason: &'a str,
}

/// An excepted finding.
#[derive(Serialize, JsonSchema)]
struct ExceptedView<'a> {
    /// Who accepted it.
    #[schemars(extend("enum" = ["inline", "annotation", "config", "component"]))]
    origin: &'static str,
    /// Why.
    reason: &'a str,
    /// Until when, `YYYY-MM-DD`.
    until: Option<&'a str>,
    /// Who answers for that.
    owner: Option<&'a str>,
    /// Where it was decided.
    ticket: Option<&'a str>,
    /// The known component that ships it; null where another kind of exception covers it.
    component: Option<ComponentView<'a>>,
    /// The finding.
    finding: FindingView<'a>,
}

/// A known component.
#[derive(Serialize, JsonSchema)]
struct ComponentView<'a> {
    /// The stable id.
    id: &'a str,
    /// The name for people.
    name: &'a str,
    /// The day or month of its manifests, `YYYY-MM-DD` or `YYYY-MM`.
    date: &'a str,
}

/// Something that was not decided.
#[derive(Serialize, JsonSchema)]
struct GapView<'a> {
    /// The rule that could not decide; null where it concerns all.
    rule: Option<&'a str>,
    /// Why.
    #[schemars(extend("enum" = ["unreadable", "unrendered", "invalid", "unsupported", "limit", "dynamic", "needs-source"]))]
    reason: &'static str,
    /// Whether it makes the run incomplete.
    incomplete: bool,
    /// What is not known and what would decide it.
    detail: &'a str,
    /// What it is about.
    subject: Option<ObjectView<'a>>,
    /// Where.
    location: Option<LocationView<'a>>,
    /// The file or directory, where there is no object.
    path: Option<&'a str>,
    /// How many equal gaps this stands for.
    count: u32,
    /// Why the configuration expects it; null where it does not.
    expected: Option<&'a str>,
}

/// A diagnostic.
#[derive(Serialize, JsonSchema)]
struct DiagnosticView<'a> {
    /// Its kind.
    code: &'a str,
    /// Its weight.
    #[schemars(extend("enum" = ["error", "warning", "note"]))]
    level: &'static str,
    /// What is wrong and why.
    message: &'a str,
    /// The file or directory.
    path: Option<&'a str>,
    /// Places, the main one first.
    labels: Vec<NoteView<'a>>,
    /// What to do about it.
    help: Option<&'a str>,
    /// Where something was not read: why.
    #[schemars(extend("enum" = ["unreadable", "unrendered", "invalid", "unsupported", "limit", "dynamic", "needs-source", null]))]
    gap: Option<&'static str>,
}

/// Figures of the run itself.
#[derive(Serialize, JsonSchema)]
struct StatisticsView<'a> {
    /// Wall time of each stage.
    stages: Vec<StageView<'a>>,
    /// Bytes read.
    bytes: u64,
    /// Hits before folding.
    hits: u64,
}

/// One stage of a run.
#[derive(Serialize, JsonSchema)]
struct StageView<'a> {
    /// Its name.
    name: &'a str,
    /// Its wall time in milliseconds.
    milliseconds: f64,
}

/// Writes the report as JSON, indented, with a final line break.
///
/// # Errors
/// What `out` says.
pub fn json(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &view(report))?;
    out.write_all(b"\n")
}

/// The JSON Schema (draft 2020-12) of what [`json`] writes.
pub fn json_schema() -> String {
    let schema =
        SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<ReportView<'_>>();
    // Plain values with text keys always serialise.
    let mut text = serde_json::to_string_pretty(schema.as_value()).unwrap_or_default();
    text.push('\n');
    text
}

fn view(r: &Report) -> ReportView<'_> {
    ReportView {
        schema_version: SCHEMA_VERSION,
        tool: ToolView { name: "kastell", version: &r.head.version },
        run: RunView {
            kubernetes_version: &r.head.kubernetes_version,
            kubernetes_version_given: r.head.version_given,
            now: &r.head.now,
            inputs: r.head.inputs.iter().map(|i| &**i).collect(),
            fail_on: r.head.fail_on.map(kastell_model::Severity::name),
            min_confidence: r.head.min_confidence.name(),
        },
        read: ReadView {
            files: r.head.files,
            documents: r.head.documents,
            objects: r.head.objects,
            workloads: r.head.workloads,
            units: r.head.units,
            requests: r.head.requests,
            clusters: clusters::views(&r.head.clusters),
            skipped: r.head.skipped.iter().map(|(k, n)| (&**k, *n)).collect(),
        },
        incomplete: r.incomplete,
        summary: SummaryView {
            findings: r.by_severity().into_iter().map(|(s, n)| (s.name(), n as u64)).collect(),
            failing: r.failing() as u64,
            subjects: r.subjects() as u64,
            excepted: r.excepted_by_origin(),
            folded: r.folded(),
            unknown: r.unknown_by_reason(),
            expected_unknown: r.expected(),
        },
        rules: r.rules.iter().map(rule).collect(),
        subjects: r.subjects.iter().map(subject).collect(),
        baseline: r.baseline.as_ref().map(|b| baseline(b, r)),
        findings: findings(r),
        excepted: r.excepted.iter().map(excepted).collect(),
        gaps: r.gaps.iter().map(gap).collect(),
        diagnostics: r.diagnostics.iter().map(diagnostic).collect(),
        statistics: r.statistics.as_ref().map(|s| StatisticsView {
            stages: s
                .stages
                .iter()
                .map(|(name, milliseconds)| StageView { name, milliseconds: *milliseconds })
                .collect(),
            bytes: s.bytes,
            hits: s.hits,
        }),
    }
}

fn rule(r: &Rule) -> RuleView<'_> {
    let Counts { pass, fail, unknown, not_applicable } = r.counts;
    RuleView {
        id: &r.id.0,
        title: &r.title,
        ring: &r.ring,
        severity: r.severity.name(),
        confidence: r.confidence.name(),
        since: &r.since,
        hardening: r.hardening,
        docs: &r.docs,
        help: &r.help,
        maps: r.maps.iter().map(|(framework, item)| MapView { framework, item }).collect(),
        counts: CountsView { pass, fail, unknown, not_applicable },
    }
}

fn subject(s: &SubjectAnswers) -> SubjectView<'_> {
    let answers = s.statuses.iter().map(|s| s.letter()).collect();
    SubjectView { object: object(&s.key), objects: s.objects, answers }
}

fn baseline<'a>(b: &'a Baseline, r: &Report) -> BaselineView<'a> {
    BaselineView {
        path: &b.path,
        release: &b.release,
        now: &b.now,
        known: b.known.len() as u64,
        new: r.findings.len() as u64,
        fixed: b.fixed,
        removed: b.removed,
        excepted: b.excepted,
        undecided: b.undecided,
        not_asked: b.not_asked,
        new_controls: b.new_controls.iter().map(|id| &*id.0).collect(),
        newly_asked: b.newly_asked.iter().map(|id| &*id.0).collect(),
    }
}

/// The findings that no exception covers, and whether they are new: first those that are.
fn findings(r: &Report) -> Vec<FindingView<'_>> {
    let is_new = r.baseline.is_some().then_some(true);
    let new = r.findings.iter().map(|f| FindingView { new: is_new, ..finding(f) });
    let known = r.baseline.iter().flat_map(|b| &b.known);
    new.chain(known.map(|f| FindingView { new: Some(false), ..finding(f) })).collect()
}

pub(crate) fn object(k: &ObjectKey) -> ObjectView<'_> {
    ObjectView {
        unit: &k.unit,
        group: &k.kind.group,
        kind: &k.kind.kind,
        namespace: k.namespace.as_deref(),
        name: &k.name,
    }
}

fn location(source: &Source, span: Span) -> LocationView<'_> {
    let (start, end) = (source.position(span.start), source.position(span.end));
    LocationView {
        kind: "text",
        text: Some(TextView {
            path: &source.path,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }),
        field: None,
        missing: false,
        approximate: false,
    }
}

fn place(p: &Place) -> LocationView<'_> {
    let missing = !p.missing.is_empty();
    if place::is_live(&p.object) {
        return LocationView { kind: "live", text: None, field: Some(place::field(p)), missing, approximate: false };
    }
    LocationView {
        field: Some(p.path()),
        missing,
        approximate: p.object.tree.is_approximate(),
        ..location(&p.object.source, p.span())
    }
}

fn finding(f: &Finding) -> FindingView<'_> {
    FindingView {
        rule: &f.rule.0,
        severity: f.severity.name(),
        severity_overridden: f.severity_overridden.as_ref().map(overridden),
        confidence: f.confidence.name(),
        message: &f.message,
        subject: object(&f.subject.key),
        subject_present: f.subject.present,
        object: object(&f.at.object.key),
        api_version: f.at.object.api_version(),
        origin: match f.at.object.origin {
            Origin::File { .. } => "file",
            Origin::Rendered { .. } => "rendered",
            Origin::Live { .. } => "live",
            _ => "other",
        },
        part: f.part.as_deref(),
        location: place(&f.at),
        related: f.related.iter().map(|(p, message)| NoteView { location: place(p), message }).collect(),
        fix: f.fixable.map(|s| if s == Safety::Safe { "safe" } else { "unsafe" }),
        fingerprint: format!("{:032x}", f.fingerprint),
        path_hash: format!("{:016x}", f.path_hash),
        new: None,
        count: f.count,
        examples: f.examples.iter().map(object).collect(),
        only_in_pods: f.only_in_pods,
        class: f.class.name(),
        class_evidence: f.class_evidence.as_deref(),
        owner: match &f.owner {
            Owner::Team(t) => Some(t),
            Owner::Unowned => None,
        },
    }
}

fn overridden(o: &Overridden) -> OverriddenView<'_> {
    OverriddenView { from: o.from.name(), reason: &o.reason }
}

fn excepted(e: &Excepted) -> ExceptedView<'_> {
    ExceptedView {
        origin: e.origin.name(),
        reason: &e.reason,
        until: e.until.as_deref(),
        owner: e.owner.as_deref(),
        ticket: e.ticket.as_deref(),
        component: e.component.as_ref().map(|c| ComponentView { id: &c.id, name: &c.name, date: &c.date }),
        finding: finding(&e.finding),
    }
}

fn gap(g: &GapEntry) -> GapView<'_> {
    GapView {
        rule: g.rule.as_ref().map(|r| &*r.0),
        reason: g.reason.name(),
        incomplete: g.is_incomplete(),
        detail: &g.detail,
        subject: g.subject.as_ref().map(object),
        location: g.at.as_ref().map(place),
        path: g.path.as_deref(),
        count: g.count,
        expected: g.expected.as_deref(),
    }
}

fn diagnostic(d: &Diagnostic) -> DiagnosticView<'_> {
    DiagnosticView {
        code: &d.code.0,
        level: d.level.name(),
        message: &d.message,
        path: d.path.as_deref(),
        labels: d
            .labels
            .iter()
            .map(|l| NoteView { location: location(&l.source, l.span), message: &l.message })
            .collect(),
        help: d.help.as_deref(),
        gap: d.gap.map(kastell_model::GapReason::name),
    }
}
