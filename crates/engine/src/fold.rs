//! Folding: equal hits of a subject become one finding with a count. Hits stay small until here.

use crate::answers::Answers;
use crate::class::class;
use crate::components::{self, Listed};
use crate::evaluate::{ControlCount, Evaluation, GapEntry, Gaps};
use crate::exceptions::{Excepted, Exception, ExceptionOrigin, ExceptionPolicy, Exceptions, Excusable};
use crate::matching::Candidate;
use crate::selection::Selection;
use crate::settings::Settings;
use kastell_analysis::Facts;
use kastell_controls::{Control, Parts};
use kastell_model::yaml::NodeId;
use kastell_model::{
    Date, Finding, Gap, GapReason, Hit, Object, ObjectKey, Outcome, Overridden, Place, RuleId, Severity, Subject,
    identity,
};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHasher};
use std::borrow::Cow;
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
    facts: &'a Facts,
    exceptions: Option<&'a Exceptions>,
    /// The configuration's exceptions for this object, looked up at the first hit.
    configured: Option<Vec<u32>>,
    shipped: Option<&'static Listed>,
    /// Keyed paths of containers from their pod, computed once for all controls.
    prefixes: Vec<(NodeId, String)>,
    path: String,
    folding: Folding,
}

impl<'a> Entry<'a> {
    pub(crate) fn new(
        facts: &'a Facts,
        index: u32,
        object: &'a Arc<Object>,
        parts: &Parts<'a>,
        exceptions: &'a Exceptions,
    ) -> Entry<'a> {
        Entry {
            index,
            object,
            subject: facts.owners().number(index).unwrap_or(index),
            about: None,
            several_pods: parts.pods.len() > 1,
            facts,
            exceptions: exceptions.concern(object).then_some(exceptions),
            configured: None,
            shipped: None,
            prefixes: Vec::new(),
            path: String::new(),
            folding: Folding::BySubject,
        }
    }

    /// The number of the subject that the object's answers are about.
    pub(crate) fn subject(&self) -> u32 {
        self.subject
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
    pub(crate) fn shipped(mut self, policy: ExceptionPolicy) -> Entry<'a> {
        if policy != ExceptionPolicy::None {
            self.shipped = self.facts.owners().subject(self.index).and_then(|s| components::of(s, self.object));
        }
        self
    }

    /// The number of what excuses a hit, if anything does: an exception (all that cover it are added to `used`), else a
    /// known component that ships it.
    fn exception(&mut self, control: &Control, hit: &Hit, now: Date, used: &mut Vec<u32>) -> Option<u32> {
        if let Some(exceptions) = self.exceptions {
            let (facts, object) = (self.facts, self.object);
            let configured = self.configured.get_or_insert_with(|| {
                let own = facts.owners().subject(self.index).map(|s| &s.key);
                let subject = self.about.as_ref().or(own).unwrap_or(&object.key);
                exceptions.configured_for(Candidate { facts, subject, object })
            });
            let part = hit.part.and_then(|p| part_name(object, p));
            let excusable = Excusable { object, control, node: hit.at, part: part.as_deref(), configured };
            let before = used.len();
            used.extend(exceptions.of(&excusable, now));
            if let Some(first) = used.get(before) {
                return Some(*first);
            }
        }
        let severity = hit.severity.unwrap_or(control.severity);
        let listed = self.shipped.filter(|_| components::excusable(control))?;
        let place = (self.object.as_ref(), hit.at, hit.missing);
        listed.ships(control.id, severity, place, hit.part, &hit.message).then_some(SHIPPED | listed.number)
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
    pub(crate) answers: Answers,
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
            answers: Answers::new(controls),
            workloads: 0,
        }
    }

    /// Takes in what `control` said of an object.
    pub(crate) fn add(&mut self, number: u16, control: &Control, entry: &mut Entry<'_>, outcome: Outcome, now: Date) {
        let status = outcome.status();
        if let Some(count) = self.counts.get_mut(usize::from(number)) {
            count.add(status);
        }
        match &entry.about {
            Some(about) => self.answers.note_named(about, number, status),
            None => self.answers.note(entry.subject, entry.index, number, status),
        }
        self.total += outcome.hits.len() as u64;
        for hit in outcome.hits {
            let exception = entry.exception(control, &hit, now, &mut self.used).unwrap_or(NO_EXCEPTION);
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
        self.answers.join(other.answers);
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
        out.exceptions = crate::complaints::about_exceptions(self, used, &mut out.findings);
        crate::complaints::about_expected(self, &out.gaps, &mut out.findings);
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
        out.subjects = folder.answers.by_subject(self.facts);
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
            owner: None,
            ticket: None,
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
        let part = hit.part.and_then(|p| part_name(object, p));
        let own = hit.severity.unwrap_or(control.severity);
        let about = Candidate { facts: self.facts, subject: &subject.key, object };
        let (severity, severity_overridden) = self.severity(control, about, part.as_deref(), own);
        let owner = self.settings.configured.owners.owner(self.facts, &subject.key, object);
        let (class, class_evidence) = class(&subject, object);
        let place = |node| Place { object: Arc::clone(object), node, missing: &[] };
        Some(Finding {
            rule: RuleId(control.id.into()),
            severity,
            severity_overridden,
            confidence: hit.confidence.unwrap_or(control.confidence),
            part: part.map(|p| p.as_ref().into()),
            at: Place { object: Arc::clone(object), node: hit.at, missing: hit.missing },
            related: hit.related.into_iter().map(|(node, why)| (place(node), why.as_ref().into())).collect(),
            message: hit.message.as_ref().into(),
            fixable: None,
            fingerprint: identity::fingerprint(control.first_id(), &subject.key, &path),
            path_hash: identity::path_hash(&path),
            count: folded.count,
            examples: folded.examples.iter().filter_map(|i| objects.get(*i as usize)).map(|o| o.key.clone()).collect(),
            only_in_pods: subject.present && !folded.in_subject && !subject.key.kind.is("", "Pod"),
            class,
            class_evidence,
            owner,
            subject,
        })
    }

    fn gap(&self, key: GapKey, folded: &FoldedGap) -> Option<GapEntry> {
        let control = self.selection.with_parameters().get(usize::from(key.control))?.0;
        let object = self.facts.cluster().objects().get(folded.object as usize)?;
        let subject = self.facts.owners().subject(folded.object)?.key.clone();
        let mut expected = self.settings.configured.expected.iter().filter(|e| e.id == control.id);
        let about = Candidate { facts: self.facts, subject: &subject, object };
        let expected = expected.find(|e| e.about.is_about(about, &self.settings.configured.production));
        Some(GapEntry {
            rule: RuleId(control.id.into()),
            reason: folded.gap.reason,
            expected: expected.map(|e| e.reason.clone()),
            subject,
            at: Place { object: Arc::clone(object), node: folded.gap.at, missing: &[] },
            detail: folded.gap.detail.as_ref().into(),
            count: folded.count,
        })
    }

    /// The severity of a finding here, and what it was where the configuration says another.
    fn severity(
        &self,
        control: &Control,
        about: Candidate<'_>,
        part: Option<&str>,
        own: Severity,
    ) -> (Severity, Option<Overridden>) {
        let configured = &self.settings.configured;
        let mut of_control = configured.severities.iter().filter(|s| s.id == control.id);
        let found = of_control.find(|s| s.about.has_container(part) && s.about.is_about(about, &configured.production));
        match found {
            Some(s) if s.severity != own => (s.severity, Some(Overridden { from: own, reason: s.reason.clone() })),
            _ => (own, None),
        }
    }
}

/// The name of a container.
fn part_name(object: &Object, part: NodeId) -> Option<Cow<'_, str>> {
    object.value(part).get("name")?.scalar_text()
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
