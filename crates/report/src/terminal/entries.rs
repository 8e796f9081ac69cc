//! Which findings make one entry, and in which order entries stand.

use crate::report::Report;
use kastell_model::{Class, Confidence, Finding, ObjectKey, Severity};
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

/// One entry of the report: findings of one subject that are shown as one.
pub(crate) struct Entry<'a> {
    pub(crate) subject: &'a ObjectKey,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    /// Those of the rule that names the entry, as the report has them; never empty.
    pub(crate) findings: Vec<&'a Finding>,
    /// Findings of other rules about the very same places.
    pub(crate) also: Vec<&'a Finding>,
    /// Whether these are the missing hardening fields of a workload.
    pub(crate) hardening: bool,
}

/// The least severity and confidence of the default view.
pub(crate) const DEFAULT_VIEW: (Severity, Confidence) = (Severity::Medium, Confidence::Medium);

impl<'a> Entry<'a> {
    fn new(f: &'a Finding, hardening: bool) -> Entry<'a> {
        Entry {
            subject: &f.subject.key,
            severity: f.severity,
            confidence: f.confidence,
            findings: Vec::new(),
            also: Vec::new(),
            hardening,
        }
    }

    fn add(&mut self, f: &'a Finding) {
        self.severity = self.severity.max(f.severity);
        self.confidence = self.confidence.max(f.confidence);
        self.findings.push(f);
    }

    /// Whether the default view shows it.
    pub(crate) fn is_in_default_view(&self) -> bool {
        self.severity >= DEFAULT_VIEW.0 && self.confidence >= DEFAULT_VIEW.1
    }

    /// How many findings it stands for.
    pub(crate) fn len(&self) -> usize {
        self.findings.len() + self.also.len()
    }

    /// The ids of the other rules that say something about the same places, each once.
    pub(crate) fn other_rules(&self) -> BTreeSet<&'a str> {
        self.also.iter().map(|f| &*f.rule.0).collect()
    }

    /// The rule that names it; the hardening entry is one for all of its rules.
    pub(crate) fn name(&self) -> &'a str {
        if self.hardening { "" } else { self.findings.first().map_or("", |f| &*f.rule.0) }
    }

    /// Whose software its subject is.
    pub(crate) fn class(&self) -> Class {
        self.findings.first().map_or(Class::Yours, |f| f.class)
    }
}

/// The entries of a report: every finding where `all`, by subject; else by rule, and the worst first.
pub(crate) fn entries(report: &Report, all: bool) -> Vec<Entry<'_>> {
    let entries =
        if all { report.findings.iter().map(|f| single(f)).collect() } else { same_places(report, by_rule(report)) };
    let mut entries = ranked(entries);
    if !all {
        // Stable: within a severity subjects stay together and in their order.
        entries.sort_by_key(|e| Reverse(e.severity));
    }
    entries
}

fn single(f: &Finding) -> Entry<'_> {
    let mut e = Entry::new(f, false);
    e.add(f);
    e
}

/// One entry for each rule and severity of a subject, and one for all hardening fields of a subject.
fn by_rule(report: &Report) -> Vec<Entry<'_>> {
    let hardening: BTreeSet<&str> = report.rules.iter().filter(|r| r.hardening).map(|r| &*r.id.0).collect();
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut slots: HashMap<(&ObjectKey, &str, Severity), usize> = HashMap::new();
    for f in &report.findings {
        let folds = hardening.contains(&*f.rule.0);
        let key = if folds { (&f.subject.key, "", Severity::Info) } else { (&f.subject.key, &*f.rule.0, f.severity) };
        let slot = *slots.entry(key).or_insert(entries.len());
        if slot == entries.len() {
            entries.push(Entry::new(f, folds));
        }
        if let Some(e) = entries.get_mut(slot) {
            e.add(f);
        }
    }
    entries
}

/// A value that a finding is about: the subject, the ring, the object, and the bytes of its source.
type At<'a> = (&'a ObjectKey, &'a str, (&'a ObjectKey, &'a str), u32, u32);

/// Puts the findings of a rule that are all about values that a worse (or equal) entry is about already into that entry.
/// Only within a ring: another ring asks another question. Only values: what is said about an object as a whole stands at its name, whatever it is about.
fn same_places<'a>(report: &'a Report, mut entries: Vec<Entry<'a>>) -> Vec<Entry<'a>> {
    entries.sort_by_key(|e| Reverse(e.severity));
    let mut kept: Vec<Entry<'_>> = Vec::with_capacity(entries.len());
    let mut holder: HashMap<At<'_>, usize> = HashMap::new();
    for e in entries {
        let at: Option<Vec<At<'_>>> =
            if e.hardening { None } else { e.findings.iter().map(|f| value_at(report, f)).collect() };
        let at = at.unwrap_or_default();
        let mut holders = at.iter().map(|a| holder.get(a).copied());
        let same = match holders.next() {
            Some(Some(first)) if holders.all(|h| h == Some(first)) => kept.get_mut(first),
            _ => None,
        };
        if let Some(worse) = same {
            worse.confidence = worse.confidence.max(e.confidence);
            worse.also.extend(e.findings);
            continue;
        }
        for a in at {
            holder.entry(a).or_insert(kept.len());
        }
        kept.push(e);
    }
    kept
}

/// Where a finding about a single value is; `None` for one about an object, a part of one, or something missing.
fn value_at<'a>(report: &'a Report, f: &'a Finding) -> Option<At<'a>> {
    let place = &f.at;
    let v = place.object.value(place.node);
    let is_value = !v.is_mapping() && !v.is_sequence() && place.missing.is_empty();
    if !is_value || place.path().starts_with("metadata.") {
        return None;
    }
    let span = place.span();
    let ring = report.rule(&f.rule).map_or("", |r| &*r.ring);
    Some((&f.subject.key, ring, (&place.object.key, &place.object.source.path), span.start, span.end))
}

/// Subjects by their worst entry, then by the number of entries as bad, then users' own before add-ons, then by key.
fn ranked(entries: Vec<Entry<'_>>) -> Vec<Entry<'_>> {
    let mut weight: HashMap<&ObjectKey, [usize; 5]> = HashMap::new();
    for e in &entries {
        let slot = Severity::ALL.iter().position(|s| *s == e.severity).unwrap_or(0);
        if let Some(n) = weight.entry(e.subject).or_default().get_mut(slot) {
            *n += 1;
        }
    }
    let mut ranked: Vec<([usize; 5], Entry<'_>)> =
        entries.into_iter().map(|e| (weight.get(e.subject).copied().unwrap_or_default(), e)).collect();
    ranked.sort_by(|(wa, a), (wb, b)| {
        wb.cmp(wa)
            .then_with(|| a.class().cmp(&b.class()))
            .then_with(|| a.subject.cmp(b.subject))
            .then_with(|| b.severity.cmp(&a.severity))
            .then_with(|| b.confidence.cmp(&a.confidence))
            .then_with(|| a.hardening.cmp(&b.hardening))
    });
    ranked.into_iter().map(|(_, e)| e).collect()
}

/// Puts the entries to show as frames in front: within a severity those that say something new come before another
/// subject of a rule that has a frame already. The others keep their order.
pub(crate) fn frames_first<'e, 'a>(entries: &[&'e Entry<'a>], frames: usize) -> Vec<&'e Entry<'a>> {
    let mut times: HashMap<&str, usize> = HashMap::new();
    let mut picks: Vec<(Reverse<Severity>, usize, usize)> = Vec::with_capacity(entries.len());
    for (i, e) in entries.iter().enumerate() {
        let n = times.entry(e.name()).or_default();
        picks.push((Reverse(e.severity), *n, i));
        *n += 1;
    }
    picks.sort_unstable();
    picks.truncate(frames);
    let picked: BTreeSet<usize> = picks.iter().map(|(_, _, i)| *i).collect();
    let front = picks.iter().filter_map(|(_, _, i)| entries.get(*i).copied());
    let rest = entries.iter().enumerate().filter(|(i, _)| !picked.contains(i)).map(|(_, e)| *e);
    front.chain(rest).collect()
}
