//! What there is to say about exceptions and expected gaps themselves: those that cannot be read, have expired, or match
//! nothing. They are findings like any other.

use crate::class::class;
use crate::evaluate::GapEntry;
use crate::exceptions::{Exception, ExceptionStatus, ExceptionUse};
use crate::fold::{Report, keyed};
use crate::matching::{Candidate, Match};
use crate::rules::{self, EngineRule};
use kastell_model::yaml::NodeId;
use kastell_model::{Confidence, Finding, Object, Place, RuleId, Seen, Subject, identity};
use std::sync::Arc;

/// What became of every exception; findings about them are added. `used`: the number of the exception for every hit that
/// one covers.
pub(crate) fn about_exceptions(
    report: &Report<'_>,
    mut used: Vec<u32>,
    findings: &mut Vec<Finding>,
) -> Vec<ExceptionUse> {
    used.sort_unstable();
    let mut out = Vec::new();
    for (number, e) in (0..).zip(report.exceptions.all()) {
        let covered = used.partition_point(|n| *n <= number) - used.partition_point(|n| *n < number);
        let ids = e.ids.join(", ");
        let mut complain = |rule: &EngineRule, confidence, message: String| {
            findings.push(finding(report, rule, confidence, (&e.object, e.node), &suffix(e), message));
        };
        let status = if let Some(problem) = &e.problem {
            complain(&rules::INVALID, Confidence::High, format!("this exception does not count: {problem}"));
            ExceptionStatus::Invalid
        } else if let Some(until) = e.until.filter(|u| *u < report.settings.now) {
            complain(&rules::EXPIRED, Confidence::High, format!("the exception for {ids} ended on {until}"));
            ExceptionStatus::Expired
        } else if covered > 0 {
            ExceptionStatus::Used
        } else if e.ids.iter().all(|id| report.selection.has(id)) {
            let (confidence, why) = match report.exceptions.about(number) {
                Some(about) => whom(report, about),
                None => (Confidence::High, "stands here any more"),
            };
            complain(&rules::STALE, confidence, format!("no finding of {ids} {why}"));
            if confidence == Confidence::High { ExceptionStatus::Stale } else { ExceptionStatus::Absent }
        } else {
            ExceptionStatus::NotAsked
        };
        let covered = u32::try_from(covered).unwrap_or(u32::MAX);
        out.push(ExceptionUse { exception: e.clone(), status, covered });
    }
    out
}

/// Several exceptions may stand at one node.
fn suffix(e: &Exception) -> String {
    format!("#{}", e.ids.join(","))
}

/// Adds a finding for every expected gap that does not occur.
pub(crate) fn about_expected(report: &Report<'_>, gaps: &[GapEntry], findings: &mut Vec<Finding>) {
    let configured = &report.settings.configured;
    let Some(object) = &configured.object else { return };
    for e in configured.expected.iter().filter(|e| report.selection.has(e.id)) {
        let occurs = gaps.iter().any(|g| {
            let about = Candidate { facts: report.facts, subject: &g.subject, object: &g.at.object };
            &*g.rule.0 == e.id && e.about.is_about(about, &configured.production)
        });
        if !occurs {
            let (confidence, why) = whom(report, &e.about);
            let message = format!("no unknown answer of {} {why}", e.id);
            findings.push(finding(report, &rules::STALE_EXPECTED, confidence, (object, e.node), "", message));
        }
    }
}

/// How sure it is that an entry is useless, and why: whom it means was looked at, or was not there. Among files there may
/// be more than was given to this run.
fn whom(report: &Report<'_>, about: &Match) -> (Confidence, &'static str) {
    let cluster = report.facts.cluster();
    let production = &report.settings.configured.production;
    let is_there = (0..).zip(cluster.objects()).any(|(index, object)| {
        let subject = report.facts.owners().subject(index).map_or(&object.key, |s| &s.key);
        about.is_about(Candidate { facts: report.facts, subject, object }, production)
    });
    let pods = kastell_model::GroupKind::new("", "Pod");
    let is_all = |unit| cluster.coverage().of(unit, &pods, None) == Seen::All;
    if is_there {
        (Confidence::High, "is left for whom this entry means")
    } else if report.facts.index().units().iter().all(is_all) {
        (Confidence::High, "can be left: what this entry means is not in the cluster")
    } else {
        (Confidence::Low, "was found: what this entry means is not among what was given")
    }
}

fn finding(
    report: &Report<'_>,
    rule: &EngineRule,
    confidence: Confidence,
    (object, node): (&Arc<Object>, NodeId),
    suffix: &str,
    message: String,
) -> Finding {
    let subject = Subject { key: object.key.clone(), present: true };
    let (class, class_evidence) = class(&subject, object);
    let path = format!("{}{suffix}", keyed(object, true, None, node, &[]));
    Finding {
        rule: RuleId(rule.id.into()),
        severity: rule.severity,
        severity_overridden: None,
        confidence,
        fingerprint: identity::fingerprint(rule.id, &object.key, &path),
        path_hash: identity::path_hash(&path),
        subject,
        part: None,
        at: Place { object: Arc::clone(object), node, missing: &[] },
        related: Vec::new(),
        message: message.into(),
        fixable: None,
        count: 1,
        examples: Vec::new(),
        only_in_pods: false,
        class,
        class_evidence,
        owner: report.settings.configured.owners.owner(report.facts, &object.key, object),
    }
}
