//! Entries of one rule that stand in many namespaces, as one line: what holds everywhere is one thing to do.

use super::entries::Entry;
use super::screen::Row;
use crate::report::Report;
use crate::style::{plural, severity};
use kastell_model::{ObjectKey, RuleId, Severity};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Namespaces from which on a rule is the same everywhere.
const MANY: usize = 5;

/// Namespaces that are named.
const NAMED: usize = 3;

/// A namespace of a unit.
type Namespace<'a> = (&'a str, &'a str);

/// One rule in many namespaces.
pub(crate) struct Same<'a> {
    /// `None` for the missing hardening fields of workloads.
    rule: Option<&'a RuleId>,
    severity: Severity,
    namespaces: BTreeSet<Namespace<'a>>,
    subjects: BTreeSet<&'a ObjectKey>,
}

/// Takes the rules that stand in many namespaces out of the entries; the critical ones stay what they are, since each is
/// one step from the worst. Both keep the order of severities.
pub(crate) fn fold<'e, 'a>(entries: &[&'e Entry<'a>]) -> (Vec<Same<'a>>, Vec<&'e Entry<'a>>) {
    let mut by: BTreeMap<(Reverse<Severity>, &str), Same<'a>> = BTreeMap::new();
    for e in entries.iter().filter(|e| e.severity < Severity::Critical) {
        let same = by.entry((Reverse(e.severity), e.name())).or_insert_with(|| Same {
            rule: e.findings.first().map(|f| &f.rule).filter(|_| !e.hardening),
            severity: e.severity,
            namespaces: BTreeSet::new(),
            subjects: BTreeSet::new(),
        });
        same.namespaces.extend(namespace(e.subject));
        same.subjects.insert(e.subject);
    }
    by.retain(|_, same| same.namespaces.len() >= MANY);
    let is_same = |e: &Entry<'_>| by.contains_key(&(Reverse(e.severity), e.name()));
    let single = entries.iter().filter(|e| !is_same(e)).copied().collect();
    let mut same: Vec<Same<'a>> = by.into_values().collect();
    same.sort_by_key(|s| (Reverse(s.severity), Reverse(s.namespaces.len()), Reverse(s.subjects.len())));
    (same, single)
}

/// The namespace that an object stands in, or is.
pub(crate) fn namespace(key: &ObjectKey) -> Option<Namespace<'_>> {
    let name = if key.kind.is("", "Namespace") { Some(&*key.name) } else { key.namespace.as_deref() };
    name.map(|name| (&*key.unit, name))
}

impl Same<'_> {
    /// The rule, how often it stands where, and a few of the namespaces.
    pub(crate) fn row(&self, report: &Report) -> Row {
        let several = report.head.clusters.len() > 1;
        let mut names: Vec<String> = Vec::new();
        for (unit, name) in self.namespaces.iter().take(NAMED) {
            names.push(if several { format!("{unit}/{name}") } else { (*name).to_owned() });
        }
        Row {
            level: self.severity.name(),
            paint: severity(self.severity),
            id: self.rule.map_or("hardening", |r| &r.0).to_owned(),
            place: subjects(self.subjects.iter().copied(), self.namespaces.len()),
            subject: String::new(),
            message: names.join(", "),
        }
    }
}

/// `38 namespaces`, `7 workloads in 5 namespaces`.
pub(crate) fn subjects<'a>(keys: impl Iterator<Item = &'a ObjectKey> + Clone, namespaces: usize) -> String {
    let n = keys.clone().count() as u64;
    let kinds: BTreeSet<&str> = keys.map(|k| &*k.kind.kind).collect();
    let what = match kinds.iter().copied().collect::<Vec<_>>().as_slice() {
        [one] => one.to_lowercase(),
        some if some.iter().all(|k| WORKLOADS.contains(k)) => "workload".to_owned(),
        _ => "object".to_owned(),
    };
    let subjects = plural(n, if WORKLOADS.iter().any(|w| w.eq_ignore_ascii_case(&what)) { "workload" } else { &what });
    match namespaces {
        _ if what == "namespace" => subjects,
        0 => subjects,
        some => format!("{subjects} in {}", plural(some as u64, "namespace")),
    }
}

/// The kinds that run pods.
const WORKLOADS: [&str; 8] =
    ["Pod", "Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job", "CronJob", "ReplicationController"];
