//! Folding: equal hits of a subject become one finding with a count. Hits stay small until here.

use crate::class::class;
use crate::components::{self, Listed};
use crate::evaluate::{ControlCount, Evaluation, GapEntry, Gaps, status};
use crate::exceptions::{Excepted, Exception, ExceptionOrigin, ExceptionPolicy, Exceptions};
use crate::ownership::owner;
use crate::rules;
use crate::selection::Selection;
use crate::settings::Settings;
use kastell_analysis::Facts;
use kastell_controls::{Control, Parts};
use kastell_model::yaml::NodeId;
use kastell_model::{
    Confidence, Date, Finding, Gap, GapReason, Hit, Object, ObjectKey, Outcome, Place, RuleId, Subject, identity,
};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHasher};
use std::cmp::{Ordering, Reverse};
use std::hash::{Hash, Hasher as _};
use std::sync::Arc;

/// What makes two hits equal: rule, subject, path, message, and whether the same exception holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Key {
    control: u16,
    subject: u32,
    about: u64,
    path: u64,
    message: u64,
    exception: u32,
}

/// What makes two gaps equal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct GapKey {
    control: u16,
    subject: u32,
    path: u64,
    detail: u64,
    reason: GapReason,
}

/// Equal hits: the one that is shown, and the others' count and names.
#[derive(Debug)]
pub(crate) struct Folded {
    hit: Hit,
    object: u32,
    about: Option<ObjectKey>,
    count: u32,
    examples: Vec<u32>,
    /// Whether one of the hits stands in the subject itself, not only in its pods.
    in_subject: bool,
}

/// Equal gaps.
#[derive(Debug)]
pub(crate) struct FoldedGap {
    gap: Gap,
    object: u32,
    count: u32,
}

/// No exception holds.
const NO_EXCEPTION: u32 = u32::MAX;

/// From here on the number of an exception is that of an object that a known component ships.
const SHIPPED: u32 = 1 << 31;

/// How many folded objects are named.
const EXAMPLES: usize = 3;

/// Which hits become one finding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Folding {
    /// Equal ones of all objects of a subject.
    BySubject,
    /// None: every place of every object stays a finding of its own.
    None,
}

/// One object on its way through all controls.
pub(crate) struct Entry<'a> {
    index: u32,
    object: &'a Arc<Object>,
    subject: u32,
    pub(crate) about: Option<ObjectKey>,
    several_pods: bool,
    exceptions: Option<&'a Exceptions>,
    shipped: Option<&'static Listed>,
    /// Keyed paths of containers from their pod, computed once for all controls.
    prefixes: Vec<(NodeId, String)>,
    path: String,
    folding: Folding,
}

impl<'a> Entry<'a> {
    pub(crate) fn new(
        index: u32,
        object: &'a Arc<Object>,
        subject: u32,
        parts: &Parts<'a>,
        exceptions: &'a Exceptions,
    ) -> Entry<'a> {
        Entry {
            index,
            object,
            subject,
            about: None,
            several_pods: parts.pods.len() > 1,
            exceptions: exceptions.concern(object).then_some(exceptions),
            shipped: None,
            prefixes: Vec::new(),
            path: String::new(),
            folding: Folding::BySubject,
        }
    }

    /// Sets which hits become one finding.
    pub(crate) fn folding(mut self, folding: Folding) -> Entry<'a> {
        self.folding = folding;
        if folding == Folding::None {
            self.subject = self.index;
        }
        self
    }

    /// Looks the object up among what known components ship, unless no exception counts.
    pub(crate) fn shipped(mut self, facts: &Facts, policy: ExceptionPolicy) -> Entry<'a> {
        if policy != ExceptionPolicy::None {
            self.shipped = facts.owners().subject(self.index).and_then(|s| components::of(s, self.object));
        }
        self
    }

    /// The number of what excuses a hit of `control`, if anything does.
    fn exception(&self, control: &Control, hit: &Hit, now: Date, used: &mut Vec<u32>) -> u32 {
        if let Some(e) = self.exceptions.and_then(|e| e.of(self.object, control, hit.at, now)) {
            used.push(e);
            return e;
        }
        let severity = hit.severity.unwrap_or(control.severity);
        match self.shipped.filter(|_| components::excusable(control)) {
            Some(l) if l.ships(control.id, severity, (self.object, hit.at, hit.missing), hit.part, &hit.message) => {
                SHIPPED | l.number
            }
            _ => NO_EXCEPTION,
        }
    }

    /// The hash of the keyed path of a place.
    fn path_hash(&mut self, hit: &Hit) -> u64 {
        if self.folding == Folding::None {
            let mut h = FxHasher::default();
            (hit.at, hit.missing).hash(&mut h);
            return h.finish();
        }
        self.path.clear();
        let from = match hit.part {
            Some(part) => {
                let known = self.prefixes.iter().position(|(p, _)| *p == part);
                let at = known.unwrap_or_else(|| {
                    let prefix = keyed(self.object, self.several_pods, hit.pod, part, &[]);
                    self.prefixes.push((part, prefix));
                    self.prefixes.len() - 1
                });
                if let Some((_, prefix)) = self.prefixes.get(at) {
                    self.path.push_str(prefix);
                }
                part
            }
            None => hit.pod.filter(|_| !self.several_pods).unwrap_or(self.object.root),
        };
        if hit.at != from {
            self.path.push_str(&identity::keyed_path(self.object, from, hit.at, &[]));
        }
        let mut h = FxHasher::default();
        self.path.hash(&mut h);
        hit.missing.hash(&mut h);
        h.finish()
    }
}

/// The keyed path of a place of a pod starts at the pod, whatever carries it, unless the object carries several.
pub(crate) fn keyed(
    object: &Object,
    several_pods: bool,
    pod: Option<NodeId>,
    node: NodeId,
    missing: &[&str],
) -> String {
    match pod {
        Some(pod) if !several_pods => {
            let path = identity::keyed_path(object, pod, node, missing);
            // A carrier without a `spec` key of its own stands for the specification.
            if object.value(pod).get("spec").is_some() || path.is_empty() { path } else { format!("spec.{path}") }
        }
        _ => identity::keyed_path(object, object.root, node, missing),
    }
}

fn text_hash(s: &str) -> u64 {
    let mut h = FxHasher::default();
    s.hash(&mut h);
    h.finish()
}

/// Collects the outcomes of a part of the objects.
pub(crate) struct Folder {
    /// Where in `folded` the hits of a key are: the table stays small, whatever a hit weighs.
    numbers: FxHashMap<Key, u32>,
    folded: Vec<(Key, Folded)>,
    gaps: Gaps,
    counts: Vec<ControlCount>,
    total: u64,
    /// Exceptions that matched something, by number.
    used: Vec<u32>,
    pub(crate) workloads: u32,
}

impl Folder {
    pub(crate) fn new(controls: usize) -> Folder {
        Folder {
            numbers: FxHashMap::default(),
            folded: Vec::new(),
            gaps: FxHashMap::default(),
            counts: vec![ControlCount::default(); controls],
            total: 0,
            used: Vec::new(),
            workloads: 0,
        }
    }

    /// Takes in what `control` said of an object.
    pub(crate) fn add(&mut self, number: u16, control: &Control, entry: &mut Entry<'_>, outcome: Outcome, now: Date) {
        if let Some(count) = self.counts.get_mut(usize::from(number)) {
            count.add(status(&outcome));
        }
        self.total += outcome.hits.len() as u64;
        for hit in outcome.hits {
            let exception = entry.exception(control, &hit, now, &mut self.used);
            let key = Key {
                control: number,
                subject: entry.subject,
                about: entry.about.as_ref().map_or(0, |k| text_hash(&k.to_string())),
                path: entry.path_hash(&hit),
                message: text_hash(&hit.message),
                exception,
            };
            let new = Folded {
                hit,
                object: entry.index,
                about: entry.about.clone(),
                count: 1,
                examples: Vec::new(),
                in_subject: !entry.object.is("", "Pod"),
            };
            self.put(key, new);
        }
        for gap in outcome.gaps {
            let path = text_hash(&identity::keyed_path(entry.object, entry.object.root, gap.at, &[]));
            let key = GapKey {
                control: number,
                subject: entry.subject,
                path,
                detail: text_hash(&gap.detail),
                reason: gap.reason,
            };
            let new = FoldedGap { gap, object: entry.index, count: 1 };
            self.gaps.entry(key).and_modify(|f| f.count += 1).or_insert(new);
        }
    }

    fn put(&mut self, key: Key, new: Folded) {
        let next = u32::try_from(self.folded.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(key).or_insert(next);
        match self.folded.get_mut(number as usize) {
            Some((_, known)) => known.join(new),
            None => self.folded.push((key, new)),
        }
    }

    /// Joins the parts; their order does not show in what is reported.
    pub(crate) fn of_parts(controls: usize, parts: Vec<Folder>) -> Folder {
        let mut all = Folder::new(controls);
        let hits = parts.iter().map(|p| p.folded.len()).sum();
        all.numbers.reserve(hits);
        all.folded.reserve(hits);
        for part in parts {
            all.join(part);
        }
        all
    }

    fn join(&mut self, other: Folder) {
        for (key, folded) in other.folded {
            self.put(key, folded);
        }
        for (key, folded) in other.gaps {
            match self.gaps.entry(key) {
                std::collections::hash_map::Entry::Occupied(mut o) => {
                    let mine = o.get_mut();
                    let count = mine.count + folded.count;
                    if folded.object < mine.object {
                        *mine = folded;
                    }
                    mine.count = count;
                }
                std::collections::hash_map::Entry::Vacant(v) => {
                    v.insert(folded);
                }
            }
        }
        for (a, b) in self.counts.iter_mut().zip(other.counts) {
            a.fail += b.fail;
            a.unknown += b.unknown;
            a.pass += b.pass;
        }
        self.total += other.total;
        self.used.extend(other.used);
        self.workloads += other.workloads;
    }
}

impl Folded {
    /// The hit in the subject itself stands for all; else the first in the order of objects.
    fn join(&mut self, mut other: Folded) {
        let other_first = (!other.in_subject, other.object) < (!self.in_subject, self.object);
        if other_first {
            std::mem::swap(self, &mut other);
        }
        self.count += other.count;
        self.in_subject |= other.in_subject;
        self.examples.push(other.object);
        self.examples.append(&mut other.examples);
        self.examples.sort_unstable();
        self.examples.dedup();
        self.examples.truncate(EXAMPLES);
    }
}

/// Builds what is reported from what was folded.
pub(crate) struct Report<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) selection: &'a Selection,
    pub(crate) exceptions: &'a Exceptions,
    pub(crate) settings: &'a Settings,
}

impl Report<'_> {
    /// What was folded, and what there is to say about exceptions.
    pub(crate) fn build(&self, mut folder: Folder) -> Evaluation {
        let used = std::mem::take(&mut folder.used);
        let mut out = self.unfold(folder);
        let known = out.findings.len();
        self.about_exceptions(used, &mut out.findings);
        if out.findings.len() > known {
            out.findings.par_sort_by(order);
        }
        out
    }

    /// What was folded, sorted.
    pub(crate) fn unfold(&self, mut folder: Folder) -> Evaluation {
        let mut out = Evaluation { hits: folder.total, workloads: folder.workloads, ..Evaluation::default() };
        drop(folder.numbers);
        let is_excepted = |(key, _): &mut (Key, Folded)| key.exception != NO_EXCEPTION;
        for (key, folded) in folder.folded.extract_if(.., is_excepted) {
            out.excepted.extend(self.excepted(key, folded));
        }
        let hits = folder.folded.into_par_iter().with_min_len(64);
        out.findings = hits.filter_map(|(key, folded)| self.finding(key, folded)).collect();
        out.findings.par_sort_by(order);
        out.excepted.sort_by(|a, b| order(&a.finding, &b.finding));
        out.gaps = folder.gaps.into_iter().filter_map(|(key, folded)| self.gap(key, &folded)).collect();
        out.gaps.sort_by(|a, b| {
            let key = |g: &GapEntry| (g.subject.clone(), g.rule.clone(), g.at.node, g.detail.clone());
            a.reason.cmp(&b.reason).then_with(|| key(a).cmp(&key(b)))
        });
        out.counts = self.selection.controls().map(|c| c.id).zip(folder.counts).collect();
        out
    }

    fn excepted(&self, key: Key, folded: Folded) -> Option<Excepted> {
        let finding = self.finding(key, folded)?;
        if key.exception < SHIPPED {
            let exception = self.exceptions.get(key.exception)?.clone();
            return Some(Excepted { finding, exception, component: None });
        }
        let component = components::component(key.exception & !SHIPPED)?;
        let exception = Exception {
            origin: ExceptionOrigin::Component,
            ids: vec![finding.rule.0.to_string()],
            reason: component.reason().into(),
            until: None,
            object: Arc::clone(&finding.at.object),
            node: finding.at.node,
            line: finding.at.object.position(finding.at.span()).line,
            problem: None,
        };
        Some(Excepted { finding, exception, component: Some(component) })
    }

    fn finding(&self, key: Key, folded: Folded) -> Option<Finding> {
        let control = self.selection.with_parameters().get(usize::from(key.control))?.0;
        let objects = self.facts.cluster().objects();
        let object = objects.get(folded.object as usize)?;
        let subject = match folded.about {
            Some(about) => {
                let present = self.facts.index().find(self.facts.cluster(), &about).is_some();
                Subject { key: about, present }
            }
            None => self.facts.owners().subject(folded.object)?.clone(),
        };
        let hit = folded.hit;
        let several = several_pods(object, hit.pod);
        let path = keyed(object, several, hit.pod, hit.at, hit.missing);
        let part = hit.part.and_then(|p| object.value(p).get("name")).and_then(|n| n.scalar_text());
        let (class, class_evidence) = class(&subject, object);
        let place = |node| Place { object: Arc::clone(object), node, missing: &[] };
        Some(Finding {
            rule: RuleId(control.id.into()),
            severity: hit.severity.unwrap_or(control.severity),
            confidence: hit.confidence.unwrap_or(control.confidence),
            part: part.map(|p| p.as_ref().into()),
            at: Place { object: Arc::clone(object), node: hit.at, missing: hit.missing },
            related: hit.related.into_iter().map(|(node, why)| (place(node), why.as_ref().into())).collect(),
            message: hit.message.as_ref().into(),
            fixable: None,
            fingerprint: identity::fingerprint(control.id, &subject.key, &path),
            count: folded.count,
            examples: folded.examples.iter().filter_map(|i| objects.get(*i as usize)).map(|o| o.key.clone()).collect(),
            only_in_pods: subject.present && !folded.in_subject && !subject.key.kind.is("", "Pod"),
            class,
            class_evidence,
            owner: owner(object),
            subject,
        })
    }

    fn gap(&self, key: GapKey, folded: &FoldedGap) -> Option<GapEntry> {
        let control = self.selection.with_parameters().get(usize::from(key.control))?.0;
        let object = self.facts.cluster().objects().get(folded.object as usize)?;
        Some(GapEntry {
            rule: RuleId(control.id.into()),
            reason: folded.gap.reason,
            subject: self.facts.owners().subject(folded.object)?.key.clone(),
            at: Place { object: Arc::clone(object), node: folded.gap.at, missing: &[] },
            detail: folded.gap.detail.as_ref().into(),
            count: folded.count,
        })
    }

    /// Findings about exceptions: those that cannot be read, have expired, or match nothing.
    fn about_exceptions(&self, mut used: Vec<u32>, findings: &mut Vec<Finding>) {
        used.sort_unstable();
        used.dedup();
        for (number, e) in (0..).zip(self.exceptions.all()) {
            let (rule, message) = if let Some(problem) = &e.problem {
                (rules::INVALID, format!("this exception does not count: {problem}"))
            } else if let Some(until) = e.until.filter(|u| *u < self.settings.now) {
                (rules::EXPIRED, format!("the exception for {} ended on {until}", e.ids.join(", ")))
            } else if used.binary_search(&number).is_err() && e.ids.iter().all(|id| self.selection.has(id)) {
                (rules::STALE, format!("no finding of {} stands here any more", e.ids.join(", ")))
            } else {
                continue;
            };
            let at = Place { object: Arc::clone(&e.object), node: e.node, missing: &[] };
            let subject = Subject { key: e.object.key.clone(), present: true };
            let (class, class_evidence) = class(&subject, &e.object);
            let path = keyed(&e.object, true, None, e.node, &[]);
            let path = format!("{path}#{}", e.ids.join(","));
            findings.push(Finding {
                rule: RuleId(rule.id.into()),
                severity: rule.severity,
                confidence: Confidence::High,
                fingerprint: identity::fingerprint(rule.id, &e.object.key, &path),
                subject,
                part: None,
                at,
                related: Vec::new(),
                message: message.into(),
                fixable: None,
                count: 1,
                examples: Vec::new(),
                only_in_pods: false,
                class,
                class_evidence,
                owner: owner(&e.object),
            });
        }
    }
}

fn several_pods(object: &Object, pod: Option<NodeId>) -> bool {
    pod.is_some() && kastell_model::carriers::find(object).len() > 1
}

/// Worst first; then whose; then by subject, rule and place.
fn order(a: &Finding, b: &Finding) -> Ordering {
    let start = |f: &Finding| f.at.span().start;
    (Reverse(a.severity), a.class)
        .cmp(&(Reverse(b.severity), b.class))
        .then_with(|| a.subject.key.cmp(&b.subject.key))
        .then_with(|| a.rule.cmp(&b.rule))
        .then_with(|| a.at.object.source.path.cmp(&b.at.object.source.path))
        .then_with(|| start(a).cmp(&start(b)))
        .then_with(|| a.fingerprint.cmp(&b.fingerprint))
        .then_with(|| a.message.cmp(&b.message))
}
