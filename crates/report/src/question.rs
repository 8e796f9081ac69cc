//! What is known of the questions of a threat model: counted from the findings, gaps and passes of their rules.

use crate::report::{Question, Report};
use kastell_model::{Class, Confidence, Finding, ObjectKey, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of one question.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Known<'a> {
    /// What findings are about, sorted.
    pub(crate) subjects: BTreeSet<&'a ObjectKey>,
    /// How many of these are the users' own.
    pub(crate) yours: usize,
    /// Findings of each rule, most first.
    pub(crate) rules: Vec<(&'a str, usize)>,
    /// Objects that passed, summed over the rules.
    pub(crate) passed: u64,
    /// What could not be decided.
    pub(crate) unknown: u64,
    /// How many of the question's rules were part of the run.
    pub(crate) asked: usize,
}

/// Counts what a report says about a question: findings of medium severity and confidence or more.
pub(crate) fn known<'a>(report: &'a Report, question: &Question) -> Known<'a> {
    let mut known = Known::default();
    let is_of = |rule: &str| question.rules.iter().any(|r| &*r.0 == rule);
    let counts = |f: &&Finding| f.severity >= Severity::Medium && f.confidence >= Confidence::Medium;
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    let mut yours: BTreeSet<&ObjectKey> = BTreeSet::new();
    for f in report.findings.iter().filter(|f| is_of(&f.rule.0)).filter(counts) {
        *rules.entry(&f.rule.0).or_default() += 1;
        known.subjects.insert(&f.subject.key);
        if f.class == Class::Yours {
            yours.insert(&f.subject.key);
        }
    }
    known.yours = yours.len();
    known.rules = rules.into_iter().collect();
    known.rules.sort_by_key(|(rule, n)| (std::cmp::Reverse(*n), *rule));
    for rule in report.rules.iter().filter(|r| is_of(&r.id.0)) {
        known.asked += 1;
        known.passed += u64::from(rule.counts.pass);
    }
    let gaps = report.gaps.iter().filter(|g| g.rule.as_ref().is_some_and(|r| is_of(&r.0)));
    known.unknown = gaps.map(|g| u64::from(g.count)).sum();
    known
}
