//! SARIF 2.1.0, for code scanning in pull requests. It holds no source text.

mod model;

use crate::clusters;
use crate::place;
use crate::report::{Excepted, ExceptionOrigin, GapEntry, Report, Rule};
use crate::web::percent_encoded;
use kastell_model::yaml::Span;
use kastell_model::{
    Confidence, Diagnostic, DiagnosticLevel, Finding, GapReason, Owner, Place, RuleId, Severity, Source,
};
use model::{
    ArtifactLocation, BaseId, Configuration, Descriptor, Driver, Invocation, InvocationProperties, Location, Log,
    LogicalLocation, Markdown, Notification, OwnText, PhysicalLocation, Reference, Region, ResultProperties,
    RuleProperties, Run, RunProperties, SarifResult, Suppression, SuppressionProperties, Text, Tool,
};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

/// The base that relative paths stand on: the working directory, which is the repository's root in a pipeline.
const ROOT: &str = "%SRCROOT%";

/// GitHub refuses rules with more tags.
const TAGS: usize = 20;

/// Writes the report as SARIF 2.1.0, indented, with a final line break.
///
/// # Errors
/// What `out` says.
pub fn sarif(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &log(report))?;
    out.write_all(b"\n")
}

fn log(report: &Report) -> Log<'_> {
    let index: BTreeMap<&RuleId, usize> = report.rules.iter().enumerate().map(|(i, r)| (&r.id, i)).collect();
    let mut results = compared(report, &index);
    results.extend(report.excepted.iter().map(|e| suppressed(e, &index)));
    let mut notifications: Vec<Notification<'_>> = report.diagnostics.iter().map(diagnostic).collect();
    notifications.extend(report.gaps.iter().map(|g| gap(g, &index)));
    let head = &report.head;
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: "kastell",
                version: &head.version,
                semantic_version: &head.version,
                information_uri: "https://github.com/kastell-dev/kastell",
                rules: report.rules.iter().map(descriptor).collect(),
            },
        },
        invocations: [Invocation {
            execution_successful: !report.incomplete,
            tool_execution_notifications: notifications,
            properties: (!head.clusters.is_empty())
                .then(|| InvocationProperties { clusters: clusters::views(&head.clusters) }),
        }],
        original_uri_base_ids: [(ROOT, BaseId { description: Text { text: "The working directory of the run." } })]
            .into(),
        results,
        column_kind: "unicodeCodePoints",
        properties: RunProperties {
            kubernetes_version: &head.kubernetes_version,
            now: &head.now,
            incomplete: report.incomplete,
            folded: report.folded(),
            unknown: report.unknown_by_reason(),
            skipped: head.skipped.iter().map(|(k, n)| (&**k, *n)).collect(),
        },
    };
    Log { schema: model::SCHEMA, version: "2.1.0", runs: [run] }
}

/// The results that no exception covers. With a baseline each says its state (3.27.24): new, or unchanged. Those that are
/// gone are left out: code hosts that do not know `absent` would show them as found.
fn compared<'a>(report: &'a Report, index: &BTreeMap<&RuleId, usize>) -> Vec<SarifResult<'a>> {
    let state = |name| report.baseline.is_some().then_some(name);
    let new = report.findings.iter().map(|f| SarifResult { baseline_state: state("new"), ..result(f, index) });
    let known = report.baseline.iter().flat_map(|b| &b.known);
    new.chain(known.map(|f| SarifResult { baseline_state: state("unchanged"), ..result(f, index) })).collect()
}

fn level(s: Severity) -> &'static str {
    match s {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// Code scanning sorts by this number: above 9 is critical, from 7 high, from 4 medium.
fn security_severity(s: Severity) -> &'static str {
    match s {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.5",
    }
}

fn precision(c: Confidence) -> &'static str {
    match c {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

fn descriptor(r: &Rule) -> Descriptor<'_> {
    let maps: Vec<String> = r.maps.iter().map(|(framework, item)| format!("{framework} {item}")).collect();
    let mut markdown = r.docs.to_string();
    let mut text = r.docs.to_string();
    if !r.help.is_empty() {
        let _ = write!(markdown, "\n\n**Fix.** {}", r.help);
        let _ = write!(text, "\n\nFix: {}", r.help);
    }
    if !maps.is_empty() {
        let _ = write!(markdown, "\n\n**Maps to** {}", maps.join(" · "));
        let _ = write!(text, "\n\nMaps to: {}", maps.join("; "));
    }
    let mut tags = vec!["security".to_owned(), "kubernetes".to_owned(), r.ring.to_string()];
    for tag in maps {
        if tags.len() < TAGS && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Descriptor {
        id: &r.id.0,
        short_description: Text { text: &r.title },
        full_description: Text { text: if r.docs.is_empty() { &r.title } else { &r.docs } },
        help: Markdown { text, markdown },
        default_configuration: Configuration { level: level(r.severity) },
        properties: RuleProperties {
            tags,
            precision: precision(r.confidence),
            security_severity: security_severity(r.severity),
            ring: &r.ring,
        },
    }
}

fn result<'a>(f: &'a Finding, index: &BTreeMap<&RuleId, usize>) -> SarifResult<'a> {
    // Most viewers show the message alone: it says what it is about.
    let part = f.part.as_ref().map(|p| format!(", {p}")).unwrap_or_default();
    SarifResult {
        rule_id: &f.rule.0,
        rule_index: index.get(&f.rule).copied(),
        level: level(f.severity),
        message: OwnText { text: format!("{} ({}{part})", f.message, f.subject.key) },
        locations: [place(&f.at)],
        related_locations: (1..)
            .zip(&f.related)
            .map(|(id, (p, why))| Location {
                id: Some(id),
                message: (!why.is_empty()).then_some(Text { text: why }),
                ..place(p)
            })
            .collect(),
        partial_fingerprints: [("kastell/v1", format!("{:032x}", f.fingerprint))].into(),
        occurrence_count: f.count.max(1),
        baseline_state: None,
        suppressions: Vec::new(),
        properties: ResultProperties {
            severity: f.severity.name(),
            confidence: f.confidence.name(),
            class: f.class.name(),
            owner: match &f.owner {
                Owner::Team(t) => Some(t),
                Owner::Unowned => None,
            },
            part: f.part.as_deref(),
        },
    }
}

fn suppressed<'a>(e: &'a Excepted, index: &BTreeMap<&RuleId, usize>) -> SarifResult<'a> {
    let kind = match e.origin {
        ExceptionOrigin::Inline | ExceptionOrigin::Annotation => "inSource",
        ExceptionOrigin::Config | ExceptionOrigin::Component => "external",
    };
    let suppression = Suppression {
        kind,
        status: "accepted",
        justification: &e.reason,
        properties: e.until.as_deref().map(|until| SuppressionProperties { until }),
    };
    SarifResult { suppressions: vec![suppression], ..result(&e.finding, index) }
}

fn place(p: &Place) -> Location<'_> {
    let key = &p.object.key;
    let path = place::field(p);
    let mut logical_locations =
        vec![LogicalLocation { name: Some(&key.name), fully_qualified_name: key.to_string(), kind: "object" }];
    if !path.is_empty() {
        logical_locations.push(LogicalLocation {
            name: None,
            fully_qualified_name: format!("{key}: {path}"),
            kind: "member",
        });
    }
    if place::is_live(&p.object) {
        return Location { id: None, physical_location: None, logical_locations, message: None };
    }
    Location { logical_locations, ..span(&p.object.source, p.span()) }
}

fn span(source: &Source, span: Span) -> Location<'_> {
    let (start, end) = (source.position(span.start), source.position(span.end));
    Location {
        physical_location: Some(PhysicalLocation {
            region: Some(Region {
                start_line: start.line,
                start_column: start.column,
                end_line: end.line,
                end_column: end.column,
            }),
            ..file(&source.path)
        }),
        id: None,
        logical_locations: Vec::new(),
        message: None,
    }
}

fn file(path: &str) -> PhysicalLocation {
    let absolute = path.starts_with('/');
    let relative = path.strip_prefix("./").unwrap_or(path);
    let uri = if absolute { format!("file://{}", percent_encoded(path)) } else { percent_encoded(relative) };
    PhysicalLocation {
        artifact_location: ArtifactLocation { uri, uri_base_id: (!absolute).then_some(ROOT) },
        region: None,
    }
}

fn diagnostic(d: &Diagnostic) -> Notification<'_> {
    let mut locations: Vec<Location<'_>> = d
        .labels
        .iter()
        .map(|l| Location {
            message: (!l.message.is_empty()).then_some(Text { text: &l.message }),
            ..span(&l.source, l.span)
        })
        .collect();
    if let (true, Some(path)) = (locations.is_empty(), &d.path) {
        locations.push(in_file(path));
    }
    let help = d.help.as_ref().map(|h| format!("; {h}")).unwrap_or_default();
    Notification {
        descriptor: Reference { id: &d.code.0, index: None },
        associated_rule: None,
        level: match d.level {
            DiagnosticLevel::Error => "error",
            DiagnosticLevel::Warning => "warning",
            DiagnosticLevel::Note => "note",
        },
        message: OwnText { text: format!("{}{help}", d.message) },
        locations,
    }
}

fn in_file(path: &str) -> Location<'_> {
    Location { id: None, physical_location: Some(file(path)), logical_locations: Vec::new(), message: None }
}

fn gap<'a>(g: &'a GapEntry, index: &BTreeMap<&RuleId, usize>) -> Notification<'a> {
    let location = match (&g.at, &g.path) {
        (Some(p), _) => Some(place(p)),
        (None, Some(path)) => Some(in_file(path)),
        (None, None) => None,
    };
    let subject = g.subject.as_ref().map(|s| format!(" ({s})")).unwrap_or_default();
    Notification {
        descriptor: Reference { id: gap_id(g.reason), index: None },
        associated_rule: g.rule.as_ref().map(|r| Reference { id: &r.0, index: index.get(r).copied() }),
        level: if g.is_incomplete() { "warning" } else { "note" },
        message: OwnText { text: format!("{}{subject}", g.detail) },
        locations: location.into_iter().collect(),
    }
}

fn gap_id(reason: GapReason) -> &'static str {
    match reason {
        GapReason::Unreadable => "gap/unreadable",
        GapReason::Unrendered => "gap/unrendered",
        GapReason::Invalid => "gap/invalid",
        GapReason::Unsupported => "gap/unsupported",
        GapReason::Limit => "gap/limit",
        GapReason::Dynamic => "gap/dynamic",
        GapReason::NeedsSource => "gap/needs-source",
    }
}
