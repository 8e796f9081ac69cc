//! Two runs compared: findings that are new, fixed and changed, and questions that are answered differently.
//!
//! Owns: what counts as the same finding, the same subject and the same question in two runs. Must not know: where the
//! runs were read from and how a comparison looks. The second run is what there is now; what is only in the first one
//! was there before.

use crate::diff::{Item, diff};
use crate::standing::{Identity, NO_MAP, NamespaceMap, Side, Standing, Subject, current};
use kastell_model::record::{Record, RecordedFinding, RecordedRule, SubjectAnswers};
use kastell_model::{GroupKind, ObjectKey, RuleId, Status};
use std::collections::{BTreeMap, BTreeSet};

/// A finding that only one of the runs has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Single<'a> {
    /// The finding.
    pub finding: &'a RecordedFinding,
    /// How many of its copies only this run has.
    pub copies: u32,
    /// What the other run says about it.
    pub other: Standing,
}

/// What differs in a finding that both runs have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Changed {
    /// How bad it is.
    Severity,
    /// How sure it is.
    Confidence,
    /// How many equal hits it stands for.
    Count,
    /// What it says.
    Message,
}

impl Changed {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Changed::Severity => "severity",
            Changed::Confidence => "confidence",
            Changed::Count => "count",
            Changed::Message => "message",
        }
    }
}

/// A finding that both runs have and that is not the same in both.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair<'a> {
    /// As it was.
    pub before: &'a RecordedFinding,
    /// As it is.
    pub after: &'a RecordedFinding,
    /// What differs.
    pub changed: Vec<Changed>,
}

/// Subjects about which a rule is answered differently in the same way and for the same reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnswerGroup<'a> {
    /// The rule, as the second run names it.
    pub rule: &'a RecordedRule,
    /// The answer of the first run.
    pub before: Status,
    /// The answer of the second.
    pub after: Status,
    /// What the run that found or doubted something said: the second, where both did.
    pub cause: String,
    /// The subjects, as the second run calls them, sorted.
    pub subjects: Vec<&'a ObjectKey>,
}

/// How the objects of a kind differ. Objects of one controller count as one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KindChange {
    /// The kind.
    pub kind: GroupKind,
    /// Only in the second run.
    pub added: u32,
    /// Only in the first.
    pub removed: u32,
    /// In both and not the same; 0 where the objects themselves are not at hand.
    pub changed: u32,
}

/// Two runs compared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comparison<'a> {
    /// Only in the second run, in its order.
    pub new: Vec<Single<'a>>,
    /// Only in the first, in its order.
    pub gone: Vec<Single<'a>>,
    /// In both, and changed.
    pub changed: Vec<Pair<'a>>,
    /// Findings that are the same in both.
    pub unchanged: u64,
    /// Questions that are answered differently about subjects that both runs know; the worst first. `None` where a report
    /// does not say its answers.
    pub answers: Option<Vec<AnswerGroup<'a>>>,
    /// How many questions were answered in both runs: pairs of a rule and a subject.
    pub questions: u64,
    /// Objects, by kind; kinds without a difference are left out. `None` as for the answers.
    pub kinds: Option<Vec<KindChange>>,
    /// Whether the objects themselves were compared, so that `changed` of a kind means something.
    pub contents: bool,
    /// Rules that only the first run asked.
    pub asked_before: Vec<&'a RuleId>,
    /// Rules that only the second run asked.
    pub asked_after: Vec<&'a RuleId>,
}

/// Compares what was (`before`) with what is (`after`); `map` says how namespaces of the first are called in the second.
///
/// Findings are the same where their fingerprints are; as many are new as the second has more. With a `map` the parts of
/// the fingerprint are compared ([`can_map`] says whether both runs have them), and last what they say.
pub fn compare<'a>(before: &'a Record, after: &'a Record, map: &NamespaceMap) -> Comparison<'a> {
    let none = &NO_MAP;
    let by_parts = can_map(before, after);
    let was = Side::of_record(before, map, by_parts);
    let is = Side::of_record(after, none, by_parts);
    let how = (by_parts, !map.0.is_empty());
    let items = diff(&items(&before.findings, map, how), &items(&after.findings, none, how));
    let new = items.new.into_iter().map(|(f, copies)| Single {
        finding: f,
        copies,
        other: standing(&was, f, none, by_parts),
    });
    let gone =
        items.gone.into_iter().map(|(f, copies)| Single { finding: f, copies, other: standing(&is, f, map, by_parts) });
    let mut changed = Vec::new();
    let mut unchanged = 0;
    for (a, b, copies) in items.both {
        let what = differences(a, b, map);
        if what.is_empty() {
            unchanged += u64::from(copies);
        } else {
            changed.push(Pair { before: a, after: b, changed: what });
        }
    }
    let only = |a: &'a Record, b: &Record| {
        let theirs: BTreeSet<&str> = b.rules.iter().map(|r| current(&r.id)).collect();
        a.rules.iter().map(|r| &r.id).filter(|id| !theirs.contains(current(id))).collect()
    };
    let (answers, questions) = answers(before, after, map);
    let (new, gone) = (new.collect(), gone.collect());
    Comparison {
        new,
        gone,
        changed,
        unchanged,
        answers,
        questions,
        kinds: kinds(before, after, map),
        contents: before.contents.is_some() && after.contents.is_some(),
        asked_before: only(before, after),
        asked_after: only(after, before),
    }
}

/// Whether every finding of both runs says the parts of its fingerprint, so that namespaces can be mapped.
pub fn can_map(before: &Record, after: &Record) -> bool {
    let all = [&before.findings, &before.excepted, &after.findings, &after.excepted];
    all.into_iter().flatten().all(|f| f.path_hash.is_some())
}

fn standing(side: &Side<'_>, f: &RecordedFinding, map: &NamespaceMap, by_parts: bool) -> Standing {
    side.standing(&f.rule, &map.subject(&f.subject), &map.identity(f, by_parts))
}

/// What findings are paired by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum FindingKey<'a> {
    /// One identity, with the same message, from the same unit.
    Same(Identity<'a>, String, &'a str),
    /// One identity with the same message.
    Alike(Identity<'a>, String),
    /// One identity.
    One(Identity<'a>),
    /// Rule, subject, part and message: where namespaces are mapped, a path may hold the digest of an item that names one.
    Told(&'a str, Subject<'a>, Option<&'a str>, String),
}

fn items<'a: 'm, 'm>(
    findings: &'a [RecordedFinding],
    map: &'m NamespaceMap,
    (by_parts, mapped): (bool, bool),
) -> Vec<Item<'a, FindingKey<'m>, RecordedFinding, 4>> {
    let item = |f: &'a RecordedFinding| {
        let (id, message) = (map.identity(f, by_parts), map.sentence(&f.message));
        let told = match mapped {
            true => FindingKey::Told(current(&f.rule), map.subject(&f.subject), f.part.as_deref(), message.clone()),
            false => FindingKey::One(id.clone()),
        };
        Item {
            keys: [
                FindingKey::Same(id.clone(), message.clone(), &f.subject.unit),
                FindingKey::Alike(id.clone(), message),
                FindingKey::One(id),
                told,
            ],
            weight: f.copies,
            value: f,
        }
    };
    findings.iter().map(item).collect()
}

fn differences(a: &RecordedFinding, b: &RecordedFinding, map: &NamespaceMap) -> Vec<Changed> {
    // The number of copies is a matter of what is new and what is gone.
    let folded = |f: &RecordedFinding| f.count != f.copies;
    [
        (a.severity != b.severity, Changed::Severity),
        (a.confidence != b.confidence, Changed::Confidence),
        ((folded(a) || folded(b)) && a.count != b.count, Changed::Count),
        (map.sentence(&a.message) != *b.message, Changed::Message),
    ]
    .into_iter()
    .filter_map(|(differs, what)| differs.then_some(what))
    .collect()
}

type Pairs<'a> = Vec<(&'a SubjectAnswers, &'a SubjectAnswers)>;
type SubjectKey<'a> = (Subject<'a>, Option<&'a str>);

fn subject_items<'a: 'm, 'm>(
    all: &'a [SubjectAnswers],
    map: &'m NamespaceMap,
) -> Vec<Item<'a, SubjectKey<'m>, SubjectAnswers, 2>> {
    let item = |s: &'a SubjectAnswers| {
        let subject = map.subject(&s.key);
        Item { keys: [(subject.clone(), Some(&*s.key.unit)), (subject, None)], weight: 1, value: s }
    };
    all.iter().map(item).collect()
}

/// The answers that differ, grouped, and how many questions both runs answered.
fn answers<'a>(before: &'a Record, after: &'a Record, map: &NamespaceMap) -> (Option<Vec<AnswerGroup<'a>>>, u64) {
    let (Some(a), Some(b)) = (&before.subjects, &after.subjects) else { return (None, 0) };
    let pairs: Pairs<'a> =
        diff(&subject_items(a, map), &subject_items(b, &NO_MAP)).both.into_iter().map(|(a, b, _)| (a, b)).collect();
    let columns = columns(before, after);
    let (causes_before, causes_after) = (Causes::of(before), Causes::of(after));
    let mut questions = 0;
    let mut groups: BTreeMap<(Status, Status, &str, String), AnswerGroup<'a>> = BTreeMap::new();
    for (a, b) in pairs {
        for (i, j, rule) in &columns {
            let (Some(was), Some(is)) = (a.statuses.get(*i).copied(), b.statuses.get(*j).copied()) else { continue };
            let concerned = was != Status::NotApplicable || is != Status::NotApplicable;
            questions += u64::from(concerned);
            if was == is {
                continue;
            }
            let cause = causes_after.find(&rule.id, &b.key, is).map(str::to_owned);
            let cause = cause.or_else(|| causes_before.find(&rule.id, &a.key, was).map(|c| map.sentence(c)));
            let cause = cause.unwrap_or_default();
            let key = (is, was, &*rule.id.0, cause.clone());
            let new = || AnswerGroup { rule, before: was, after: is, cause, subjects: Vec::new() };
            groups.entry(key).or_insert_with(new).subjects.push(&b.key);
        }
    }
    let mut groups: Vec<AnswerGroup<'a>> = groups.into_values().collect();
    for g in &mut groups {
        g.subjects.sort();
    }
    (Some(groups), questions)
}

/// The rules that both runs asked: their places in the answers of each.
fn columns<'a>(before: &'a Record, after: &'a Record) -> Vec<(usize, usize, &'a RecordedRule)> {
    let places: BTreeMap<&str, usize> = before.rules.iter().enumerate().map(|(i, r)| (current(&r.id), i)).collect();
    let after = after.rules.iter().enumerate();
    after.filter_map(|(j, r)| Some((*places.get(current(&r.id))?, j, r))).collect()
}

/// What a run said about a rule and a subject: of findings and of gaps the first each.
struct Causes<'a> {
    findings: BTreeMap<(&'a str, &'a ObjectKey), &'a str>,
    gaps: BTreeMap<(&'a str, &'a ObjectKey), &'a str>,
}

impl<'a> Causes<'a> {
    fn of(record: &'a Record) -> Causes<'a> {
        let mut causes = Causes { findings: BTreeMap::new(), gaps: BTreeMap::new() };
        for f in record.findings.iter().chain(&record.excepted) {
            causes.findings.entry((current(&f.rule), &f.subject)).or_insert(&f.message);
        }
        for g in &record.gaps {
            if let (Some(rule), Some(subject)) = (&g.rule, &g.subject) {
                causes.gaps.entry((current(rule), subject)).or_insert(&g.detail);
            }
        }
        causes
    }

    fn find(&self, rule: &RuleId, subject: &ObjectKey, status: Status) -> Option<&'a str> {
        let of = match status {
            Status::Fail => &self.findings,
            Status::Unknown => &self.gaps,
            Status::Pass | Status::NotApplicable => return None,
        };
        of.get(&(current(rule), subject)).copied()
    }
}

/// Objects that were added, removed and changed, by kind.
fn kinds(before: &Record, after: &Record, map: &NamespaceMap) -> Option<Vec<KindChange>> {
    let read = |record: &Record| -> Option<Vec<SubjectAnswers>> {
        Some(record.subjects.as_ref()?.iter().filter(|s| s.objects > 0).cloned().collect())
    };
    let (a, b) = (read(before)?, read(after)?);
    let found = diff(&subject_items(&a, map), &subject_items(&b, &NO_MAP));
    let mut by: BTreeMap<&GroupKind, [u32; 3]> = BTreeMap::new();
    for (s, _) in &found.new {
        by.entry(&s.key.kind).or_default()[0] += 1;
    }
    for (s, _) in &found.gone {
        by.entry(&s.key.kind).or_default()[1] += 1;
    }
    if let (Some(was), Some(is)) = (&before.contents, &after.contents) {
        for (_, b, _) in found.both.iter().filter(|(a, b, _)| was.get(&a.key) != is.get(&b.key)) {
            by.entry(&b.key.kind).or_default()[2] += 1;
        }
    }
    let change = |(kind, [added, removed, changed]): (&GroupKind, [u32; 3])| KindChange {
        kind: kind.clone(),
        added,
        removed,
        changed,
    };
    Some(by.into_iter().map(change).collect())
}
