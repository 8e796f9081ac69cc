//! Why a finding of one run has no counterpart in another one: what the other run has to say about its rule and subject.

use crate::evaluate::Evaluation;
use crate::selection::{Selection, parse_release};
use kastell_model::record::{Record, RecordedFinding};
use kastell_model::{ObjectKey, RuleId};
use std::collections::{BTreeMap, BTreeSet};

/// What makes two findings of two runs one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Identity<'a> {
    /// The fingerprint.
    Fingerprint(u128),
    /// What a fingerprint is made of: rule, subject and the hash of the path. For subjects that are called otherwise.
    Parts(&'a str, Subject<'a>, u64),
}

/// What the other run says about a finding that it does not have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Standing {
    /// It asked, and does not have the finding.
    Answered,
    /// The subject is not among what it read.
    NoObject,
    /// It has the finding, and somebody accepted it there.
    Excepted,
    /// It could not decide.
    Undecided,
    /// It did not ask the rule, though its release had it.
    NotAsked,
    /// Its release did not have the rule.
    NewControl,
}

/// What identifies a subject whatever unit it is deployed with.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Subject<'a> {
    group: &'a str,
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
}

/// Namespaces of the first run that are called otherwise in the second.
#[derive(Clone, Debug, Default)]
pub struct NamespaceMap(pub BTreeMap<String, String>);

/// Both runs call their namespaces alike.
pub(crate) static NO_MAP: NamespaceMap = NamespaceMap(BTreeMap::new());

impl NamespaceMap {
    pub(crate) fn map<'a>(&'a self, namespace: &'a str) -> &'a str {
        self.0.get(namespace).map_or(namespace, String::as_str)
    }

    /// The subject as the second run calls it.
    pub(crate) fn subject<'a>(&'a self, key: &'a ObjectKey) -> Subject<'a> {
        let is_namespace = key.kind.is("", "Namespace");
        Subject {
            group: &key.kind.group,
            kind: &key.kind.kind,
            namespace: self.map(key.namespace.as_deref().unwrap_or("")),
            name: if is_namespace { self.map(&key.name) } else { &key.name },
        }
    }

    pub(crate) fn identity<'a>(&'a self, f: &'a RecordedFinding, by_parts: bool) -> Identity<'a> {
        match f.path_hash.filter(|_| by_parts) {
            Some(hash) => Identity::Parts(current(&f.rule), self.subject(&f.subject), hash),
            None => Identity::Fingerprint(f.fingerprint),
        }
    }

    /// A sentence as the second run would say it: the names of namespaces in it stand between backticks.
    pub(crate) fn sentence(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for (i, piece) in text.split('`').enumerate() {
            if i > 0 {
                out.push('`');
            }
            out.push_str(if i % 2 == 1 { self.map(piece) } else { piece });
        }
        out
    }
}

/// What a run asked, read and left open.
pub(crate) struct Side<'a> {
    release: Option<[u32; 3]>,
    asked: BTreeSet<&'a str>,
    /// The subjects whose objects were read; `None` where nothing says which.
    subjects: Option<BTreeSet<Subject<'a>>>,
    open: BTreeSet<(&'a str, Subject<'a>)>,
    excepted: BTreeSet<Identity<'a>>,
}

impl<'a> Side<'a> {
    pub(crate) fn of_record(record: &'a Record, map: &'a NamespaceMap, by_parts: bool) -> Side<'a> {
        let subjects = record.subjects.as_ref();
        let gaps = record.gaps.iter();
        Side {
            release: parse_release(&record.release),
            asked: record.rules.iter().map(|r| current(&r.id)).collect(),
            subjects: subjects.map(|all| all.iter().filter(|s| !is_nothing(s)).map(|s| map.subject(&s.key)).collect()),
            open: gaps.filter_map(|g| Some((current(g.rule.as_ref()?), map.subject(g.subject.as_ref()?)))).collect(),
            excepted: record.excepted.iter().map(|f| map.identity(f, by_parts)).collect(),
        }
    }

    pub(crate) fn of_evaluation(evaluation: &'a Evaluation, selection: &Selection) -> Side<'a> {
        let map = &NO_MAP;
        let subjects = evaluation.subjects.iter().filter(|s| !is_nothing(s)).map(|s| map.subject(&s.key));
        Side {
            release: parse_release(env!("CARGO_PKG_VERSION")),
            asked: selection.controls().map(|c| c.id).collect(),
            subjects: Some(subjects.collect()),
            open: evaluation.gaps.iter().map(|g| (current(&g.rule), map.subject(&g.subject))).collect(),
            excepted: evaluation.excepted.iter().map(|e| Identity::Fingerprint(e.finding.fingerprint)).collect(),
        }
    }

    /// As [`Side::standing`], of a finding that calls its namespaces as this run does.
    pub(crate) fn of_finding(&self, f: &RecordedFinding) -> Standing {
        self.standing(&f.rule, &NO_MAP.subject(&f.subject), &Identity::Fingerprint(f.fingerprint))
    }

    /// What this run says about a finding of another one that it does not have.
    pub(crate) fn standing(&self, rule: &RuleId, subject: &Subject<'_>, identity: &Identity<'_>) -> Standing {
        let rule = current(rule);
        if self.excepted.contains(identity) {
            return Standing::Excepted;
        }
        // Rules of the engine speak about exceptions, whenever there is one: nobody has to ask them.
        let control = kastell_controls::find(rule);
        if let Some(control) = control.filter(|_| !self.asked.contains(rule)) {
            let newer = parse_release(control.since) > self.release;
            return if newer { Standing::NewControl } else { Standing::NotAsked };
        }
        if self.open.contains(&(rule, subject.clone())) {
            Standing::Undecided
        } else if self.subjects.as_ref().is_some_and(|all| !all.contains(subject)) {
            Standing::NoObject
        } else {
            Standing::Answered
        }
    }
}

/// Whether nothing at all is known of a subject: no object, no answer.
fn is_nothing(s: &kastell_model::record::SubjectAnswers) -> bool {
    s.objects == 0 && s.statuses.iter().all(|s| *s == kastell_model::Status::NotApplicable)
}

/// The id of a rule as this release calls it.
pub(crate) fn current(rule: &RuleId) -> &str {
    kastell_controls::find(&rule.0).map_or(&rule.0, |c| c.id)
}
