//! Which findings stand where on the page, and which ones are left out: a page has a bound, and says what is beyond it.

use crate::report::Report;
use crate::web;
use kastell_model::{Class, Finding, ObjectKey, Owner, RuleId, Severity};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Subjects from which equal findings of at most medium severity are one entry.
const SAME: usize = 5;

/// Entries of one rule, and of all, that the page shows.
const OF_RULE: usize = 100;
const OF_PAGE: usize = 2_500;

/// An entry: findings of one rule in one subject, or the same in several.
pub(super) struct Entry<'a> {
    pub(super) rule: &'a RuleId,
    pub(super) severity: Severity,
    pub(super) class: Class,
    /// Never empty.
    pub(super) findings: Vec<&'a Finding>,
    pub(super) subjects: usize,
}

/// Entries of one subject.
pub(super) struct Subject<'a> {
    pub(super) key: &'a ObjectKey,
    pub(super) entries: Vec<Entry<'a>>,
}

/// What the section of the findings shows.
pub(super) struct Listing<'a> {
    /// Owners, numbered for the script.
    pub(super) owners: Vec<&'a Owner>,
    /// The users' own, by owner, the worst first.
    pub(super) by_owner: Vec<(&'a Owner, Vec<Subject<'a>>)>,
    /// The same in many subjects.
    pub(super) same: Vec<Entry<'a>>,
    /// What others ship, by class.
    pub(super) by_class: Vec<(Class, Vec<Subject<'a>>)>,
    /// Findings of each rule that found no room.
    pub(super) left_out: BTreeMap<&'a RuleId, usize>,
}

impl<'a> Listing<'a> {
    pub(super) fn of(report: &'a Report) -> Listing<'a> {
        let owners: BTreeSet<&Owner> = report.findings.iter().map(|f| &f.owner).collect();
        let (mut entries, mut same) = folded(single(report));
        entries.sort_by_key(|e| Reverse(e.severity));
        same.sort_by_key(|e| (Reverse(e.severity), Reverse(e.subjects)));
        let mut left_out = BTreeMap::new();
        let mut room = Room::default();
        same.retain(|e| room.takes(e, &mut left_out));
        entries.retain(|e| room.takes(e, &mut left_out));
        let (yours, shipped): (Vec<Entry<'_>>, Vec<Entry<'_>>) =
            entries.into_iter().partition(|e| e.class == Class::Yours);
        Listing {
            owners: owners.into_iter().collect(),
            by_owner: by(yours, |e| e.findings.first().map(|f| &f.owner)),
            same,
            by_class: by(shipped, |e| Some(e.class)),
            left_out,
        }
    }

    /// How many findings the page shows.
    pub(super) fn left_out(&self) -> usize {
        self.left_out.values().sum()
    }
}

/// How much room is left.
#[derive(Default)]
struct Room<'a> {
    of_rule: HashMap<&'a RuleId, usize>,
    of_page: usize,
}

impl<'a> Room<'a> {
    fn takes(&mut self, e: &Entry<'a>, left_out: &mut BTreeMap<&'a RuleId, usize>) -> bool {
        let of_rule = self.of_rule.entry(e.rule).or_default();
        let takes = *of_rule < OF_RULE && self.of_page < OF_PAGE;
        if takes {
            *of_rule += 1;
            self.of_page += 1;
        } else {
            *left_out.entry(e.rule).or_default() += e.findings.len();
        }
        takes
    }
}

/// One entry for each rule and severity of a subject.
fn single(report: &Report) -> Vec<Entry<'_>> {
    let mut out = Vec::new();
    for severity in Severity::ALL {
        let of = report.findings.iter().filter(|f| f.severity == severity);
        let groups = web::groups(of, |f| Some((&f.rule, &f.subject.key)));
        out.extend(groups.into_iter().map(|g| Entry {
            rule: g.rule,
            severity,
            class: g.items.first().map_or(Class::Yours, |f| f.class),
            findings: g.items,
            subjects: 1,
        }));
    }
    out
}

/// Takes together what says the same of many subjects: nothing that is said of one is lost. What is worse than medium
/// stays with its subject.
fn folded(entries: Vec<Entry<'_>>) -> (Vec<Entry<'_>>, Vec<Entry<'_>>) {
    let mut times: HashMap<(&RuleId, Class, Vec<&str>), usize> = HashMap::new();
    let key = |e: &Entry<'_>| -> Option<_> { (e.severity <= Severity::Medium).then_some(()) };
    for e in entries.iter().filter(|e| key(e).is_some()) {
        *times.entry((e.rule, e.class, messages(e))).or_default() += 1;
    }
    let (mut rest, mut same): (Vec<Entry<'_>>, Vec<Entry<'_>>) = (Vec::new(), Vec::new());
    let mut slots: HashMap<(&RuleId, Class, Vec<&str>, Severity), usize> = HashMap::new();
    for e in entries {
        let said = messages(&e);
        let many = times.get(&(e.rule, e.class, said.clone())).is_some_and(|n| *n >= SAME);
        if !many || e.severity > Severity::Medium {
            rest.push(e);
            continue;
        }
        let slot = *slots.entry((e.rule, e.class, said, e.severity)).or_insert(same.len());
        match same.get_mut(slot) {
            Some(known) => {
                known.findings.extend(e.findings);
                known.subjects += 1;
            }
            None => same.push(e),
        }
    }
    (rest, same)
}

/// The different sentences of an entry, sorted.
pub(super) fn messages<'a>(e: &Entry<'a>) -> Vec<&'a str> {
    let messages: BTreeSet<&str> = e.findings.iter().map(|f| &*f.message).collect();
    messages.into_iter().collect()
}

/// Entries by something and then by subject, the worst first.
fn by<'a, K: Copy + Eq + std::hash::Hash>(
    entries: Vec<Entry<'a>>,
    key: impl Fn(&Entry<'a>) -> Option<K>,
) -> Vec<(K, Vec<Subject<'a>>)> {
    let mut out: Vec<(K, Vec<Subject<'a>>)> = Vec::new();
    let mut slots: HashMap<(K, &ObjectKey), (usize, usize)> = HashMap::new();
    let mut outer: HashMap<K, usize> = HashMap::new();
    // They come the worst first, so what is new stands behind what is worse.
    for e in entries {
        let (Some(k), Some(subject)) = (key(&e), e.findings.first().map(|f| &f.subject.key)) else { continue };
        let i = *outer.entry(k).or_insert(out.len());
        if i == out.len() {
            out.push((k, Vec::new()));
        }
        let Some((_, subjects)) = out.get_mut(i) else { continue };
        let (_, j) = *slots.entry((k, subject)).or_insert((i, subjects.len()));
        if j == subjects.len() {
            subjects.push(Subject { key: subject, entries: Vec::new() });
        }
        if let Some(s) = subjects.get_mut(j) {
            s.entries.push(e);
        }
    }
    out
}
