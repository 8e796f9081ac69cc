//! A run as it is kept: what a comparison needs of a report, without trees, texts and places that outlive nothing.
//!
//! Owns: the types alone. Who fills them (a reader of reports, an evaluation) and who compares them stand elsewhere.

use crate::finding::{Confidence, Finding, RuleId, Severity};
use crate::object::{ObjectKey, Origin, Str};
use crate::outcome::{GapReason, Status};
use std::collections::BTreeMap;

/// What every rule said of one subject.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubjectAnswers {
    /// The subject: the topmost controller, the object itself, or a namespace that is spoken about.
    pub key: ObjectKey,
    /// How many of the objects that were read belong to it; 0 for what is only spoken about.
    pub objects: u32,
    /// The answers, in the order of the rules that were asked: over all objects of the subject the worst, which is fail,
    /// then unknown, then pass.
    pub statuses: Vec<Status>,
}

/// A rule that was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordedRule {
    /// Its id.
    pub id: RuleId,
    /// What a finding means.
    pub title: Str,
    /// The release that brought it; `None` where the report does not say.
    pub since: Option<Str>,
}

/// A finding without its object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordedFinding {
    /// The rule.
    pub rule: RuleId,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What it is about.
    pub subject: ObjectKey,
    /// The container or other named part.
    pub part: Option<Str>,
    /// Where: `path:line:column`, or the field of a live object.
    pub place: Str,
    /// What is wrong.
    pub message: Str,
    /// The identity over time.
    pub fingerprint: u128,
    /// What of the fingerprint does not depend on the subject; `None` where the report does not say.
    pub path_hash: Option<u64>,
    /// How many equal hits this stands for.
    pub count: u32,
    /// How many times a multiset of fingerprints holds it: see [`Finding::copies`].
    pub copies: u32,
}

/// Something that was not decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordedGap {
    /// The rule that could not decide; `None` where it concerns all.
    pub rule: Option<RuleId>,
    /// What it is about; `None` where there is no object.
    pub subject: Option<ObjectKey>,
    /// Why.
    pub reason: GapReason,
    /// What is not known.
    pub detail: Str,
}

/// One run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Record {
    /// The version of the kastell that evaluated.
    pub release: Str,
    /// The day of the run, `YYYY-MM-DD`.
    pub now: Str,
    /// How many objects were read.
    pub objects: u32,
    /// The rules that were asked, sorted by id.
    pub rules: Vec<RecordedRule>,
    /// The answers, sorted by subject; `None` where the report does not say.
    pub subjects: Option<Vec<SubjectAnswers>>,
    /// A digest of what the objects of a subject say, without what servers write into them. It never leaves the process:
    /// objects hold secrets. `None` where the objects are not at hand.
    pub contents: Option<BTreeMap<ObjectKey, u64>>,
    /// The findings that no exception covers.
    pub findings: Vec<RecordedFinding>,
    /// Those that exceptions cover.
    pub excepted: Vec<RecordedFinding>,
    /// What was not decided.
    pub gaps: Vec<RecordedGap>,
    /// Whether something was not read or not understood.
    pub incomplete: bool,
}

impl RecordedFinding {
    /// What is kept of `finding`.
    pub fn of(finding: &Finding) -> RecordedFinding {
        let object = &finding.at.object;
        let place = if matches!(object.origin, Origin::Live { .. }) {
            finding.at.path()
        } else {
            let at = object.position(finding.at.span());
            format!("{}:{}:{}", object.source.path, at.line, at.column)
        };
        RecordedFinding {
            rule: finding.rule.clone(),
            severity: finding.severity,
            confidence: finding.confidence,
            subject: finding.subject.key.clone(),
            part: finding.part.clone(),
            place: place.into(),
            message: finding.message.clone(),
            fingerprint: finding.fingerprint,
            path_hash: Some(finding.path_hash),
            count: finding.count,
            copies: finding.copies(),
        }
    }
}

/// How many times a multiset of fingerprints holds a finding with this count whose folded objects include `examples`.
///
/// An object that stands there twice has the finding twice. Pods and replica sets of one controller come and go, however
/// many there are: with them it is there once.
pub fn copies<'a>(subject: &ObjectKey, count: u32, examples: impl IntoIterator<Item = &'a ObjectKey>) -> u32 {
    if examples.into_iter().all(|e| e == subject) { count.max(1) } else { 1 }
}

impl Finding {
    /// How many times a multiset of fingerprints holds this finding: see [`copies`].
    pub fn copies(&self) -> u32 {
        copies(&self.subject.key, self.count, &self.examples)
    }
}
