//! From what was evaluated to what is reported.

use crate::args::ScanArgs;
use kastell_controls::{CONTROLS, Control, Framework};
use kastell_engine::{Compared, ControlCount, ENGINE_RULES, Evaluation, ExceptionOrigin, Selection, Standing, Timings};
use kastell_model::record::{Record, SubjectAnswers};
use kastell_model::{Confidence, Date, DiagnosticLevel, RuleId, Status, Str};
use kastell_report::{Baseline, Counts, Excepted, GapEntry, Head, Question, Report, Rule, Statistics};
use kastell_sources::Loaded;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// The rules of the engine came with the first release.
const FIRST_RELEASE: &str = "0.1.0";

/// What a control maps to, as pairs of names.
pub(crate) fn maps(control: &Control) -> Vec<(Str, Str)> {
    let mut maps = control.maps.to_vec();
    maps.sort_unstable();
    maps.into_iter().map(|(f, item)| (f.name().into(), item.into())).collect()
}

fn rule(control: &Control, count: ControlCount) -> Rule {
    Rule {
        id: RuleId(control.id.into()),
        title: control.title.into(),
        ring: control.ring.name().into(),
        severity: control.severity,
        confidence: control.confidence,
        docs: kastell_report::reason(control.docs).into(),
        since: control.since.into(),
        help: kastell_report::fix(control.docs).into(),
        hardening: control.hardening,
        maps: maps(control),
        counts: Counts { pass: count.pass, fail: count.fail, unknown: count.unknown, not_applicable: 0 },
    }
}

/// Fills the report.
pub(crate) fn report(
    args: &ScanArgs,
    loaded: &Loaded,
    selection: &Selection,
    evaluation: Evaluation,
    now: Date,
    incomplete: bool,
) -> Report {
    let objects = loaded.cluster.objects().len();
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let mut rules: Vec<Rule> = selection
        .controls()
        .zip(&evaluation.counts)
        .map(|(control, (_, count))| {
            let mut rule = rule(control, *count);
            let asked = count.pass + count.fail + count.unknown;
            rule.counts.not_applicable = narrow(objects).saturating_sub(asked);
            rule
        })
        .collect();
    for engine in ENGINE_RULES.iter().filter(|r| evaluation.findings.iter().any(|f| &*f.rule.0 == r.id)) {
        let fail = evaluation.findings.iter().filter(|f| &*f.rule.0 == engine.id).count();
        rules.push(Rule {
            id: RuleId(engine.id.into()),
            title: engine.title.into(),
            ring: "operations".into(),
            severity: engine.severity,
            confidence: Confidence::High,
            docs: engine.docs.into(),
            help: engine.fix.into(),
            since: FIRST_RELEASE.into(),
            hardening: false,
            maps: Vec::new(),
            counts: Counts { fail: narrow(fail), ..Counts::default() },
        });
    }
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    let inputs = crate::input::names(&args.input, loaded);
    let version = loaded.cluster.version();
    let mut diagnostics = loaded.diagnostics.clone();
    if objects == 0 && loaded.clusters.is_empty() {
        diagnostics.push(nothing(loaded, args.allow_empty));
    }
    let subjects = subjects(&evaluation.subjects, selection, &rules);
    Report {
        head: Head {
            version: env!("CARGO_PKG_VERSION").into(),
            kubernetes_version: format!("{}.{}", version.major, version.minor).into(),
            version_given: loaded.cluster.version_is_given(),
            now: now.to_string().into(),
            inputs,
            files: loaded.files_read,
            documents: loaded.documents,
            objects: narrow(objects),
            workloads: evaluation.workloads,
            requests: loaded.clusters.iter().map(|c| c.requests).sum(),
            clusters: loaded.clusters.clone(),
            skipped: loaded.skipped.iter().map(|(k, v)| (Str::from(*k), *v)).collect(),
            units: loaded.units,
            rings: kastell_controls::Ring::ALL.iter().map(|r| r.name().into()).collect(),
            fail_on: args.fail_on.severity(),
            min_confidence: args.min_confidence.confidence(),
        },
        rules,
        questions: kastell_controls::QUESTIONS.iter().map(question).collect(),
        subjects,
        baseline: None,
        gaps: evaluation.gaps.into_iter().map(gap).collect(),
        excepted: evaluation.excepted.into_iter().map(excepted).collect(),
        findings: evaluation.findings,
        diagnostics,
        incomplete,
        statistics: None,
    }
}

fn question(q: &kastell_controls::Question) -> Question {
    Question {
        text: q.text.into(),
        rules: q.controls.iter().map(|id| RuleId((*id).into())).collect(),
        not_asked: (!q.not_asked.is_empty()).then(|| q.not_asked.into()),
    }
}

/// The answers in the order of `rules`: those of the selection, and rules of the engine that answer for no subject.
fn subjects(all: &[SubjectAnswers], selection: &Selection, rules: &[Rule]) -> Vec<SubjectAnswers> {
    let places: BTreeMap<&str, usize> = selection.controls().map(|c| c.id).zip(0..).collect();
    let columns: Vec<Option<usize>> = rules.iter().map(|r| places.get(&*r.id.0).copied()).collect();
    let status = |s: &SubjectAnswers, column: &Option<usize>| column.and_then(|i| s.statuses.get(i)).copied();
    let in_order = |s: &SubjectAnswers| SubjectAnswers {
        statuses: columns.iter().map(|c| status(s, c).unwrap_or(Status::NotApplicable)).collect(),
        ..s.clone()
    };
    all.iter().map(in_order).collect()
}

/// What an evaluation has to do with a baseline, as reports know it.
pub(crate) fn baseline(path: &Path, record: &Record, compared: Compared) -> Baseline {
    let of = |standing: Standing| compared.gone.iter().filter(|(_, _, s)| *s == standing).map(|(_, n, _)| n).sum();
    Baseline {
        path: path.display().to_string().into(),
        release: record.release.clone(),
        now: record.now.clone(),
        fixed: of(Standing::Answered),
        removed: of(Standing::NoObject),
        excepted: of(Standing::Excepted),
        undecided: of(Standing::Undecided),
        not_asked: of(Standing::NotAsked) + of(Standing::NewControl),
        known: compared.known,
        new_controls: compared.new_controls,
        newly_asked: compared.not_asked,
    }
}

/// A gap of the engine, as reports know it.
pub(crate) fn gap(g: kastell_engine::GapEntry) -> GapEntry {
    GapEntry {
        rule: Some(g.rule),
        reason: g.reason,
        subject: Some(g.subject),
        at: Some(g.at),
        path: None,
        detail: g.detail,
        count: g.count,
        expected: g.expected,
    }
}

/// An excepted finding of the engine, as reports know it.
pub(crate) fn excepted(e: kastell_engine::Excepted) -> Excepted {
    Excepted {
        finding: e.finding,
        origin: match e.exception.origin {
            ExceptionOrigin::Inline => kastell_report::ExceptionOrigin::Inline,
            ExceptionOrigin::Annotation => kastell_report::ExceptionOrigin::Annotation,
            ExceptionOrigin::Config => kastell_report::ExceptionOrigin::Config,
            ExceptionOrigin::Component => kastell_report::ExceptionOrigin::Component,
        },
        reason: e.exception.reason,
        until: e.exception.until.map(|d| d.to_string().into()),
        owner: e.exception.owner,
        ticket: e.exception.ticket,
        component: e.component.map(|c| kastell_report::Component {
            id: c.id.into(),
            name: c.name.into(),
            date: c.date.into(),
        }),
    }
}

/// An input without any object was not checked, whatever else is said of it.
fn nothing(loaded: &Loaded, allowed: bool) -> kastell_model::Diagnostic {
    let message = if loaded.files == 0 {
        "no manifest was found: nothing was checked"
    } else {
        "no Kubernetes object was found in what was given: nothing was checked"
    };
    kastell_model::Diagnostic {
        code: kastell_model::DiagnosticCode("nothing-checked".into()),
        level: if allowed { DiagnosticLevel::Warning } else { DiagnosticLevel::Error },
        message: message.into(),
        path: None,
        labels: Vec::new(),
        help: Some("name files that end in .yaml, .yml or .json, or a folder that holds some".into()),
        gap: None,
    }
}

/// The figures of `--statistics`.
pub(crate) fn statistics(loaded: &Loaded, timings: Timings, reporting: Duration, hits: u64) -> Statistics {
    let stage = |name: &str, d: Duration| (Str::from(name), d.as_secs_f64() * 1000.0);
    Statistics {
        stages: vec![
            stage("reading", loaded.elapsed),
            stage("facts", timings.facts),
            stage("checks", timings.checks),
            stage("folding", timings.folding),
            stage("reporting", reporting),
        ],
        bytes: loaded.bytes,
        hits,
    }
}

/// The frameworks that `--framework NAME` means: `guides` stands for both.
pub(crate) fn frameworks(name: &str) -> anyhow::Result<Vec<Framework>> {
    if name == "guides" {
        return Ok(vec![Framework::GuideA, Framework::GuideB]);
    }
    match Framework::ALL.into_iter().find(|f| f.name() == name) {
        Some(f) => Ok(vec![f]),
        None => {
            let names: Vec<&str> = Framework::ALL.iter().map(|f| f.name()).collect();
            anyhow::bail!("there is no framework `{name}`; there are guides, {}", names.join(", "))
        }
    }
}

/// Every control, for lists.
pub(crate) fn controls(ring: Option<&str>) -> anyhow::Result<Vec<&'static Control>> {
    if let Some(ring) = ring
        && !kastell_controls::Ring::ALL.iter().any(|r| r.name() == ring)
    {
        let names: Vec<&str> = kastell_controls::Ring::ALL.iter().map(|r| r.name()).collect();
        anyhow::bail!("there is no ring `{ring}`; the rings are {}", names.join(", "));
    }
    Ok(CONTROLS.iter().copied().filter(|c| ring.is_none_or(|r| c.ring.name() == r)).collect())
}
