//! Which findings make one entry, and what an entry looks like.

use crate::frame::{Frame, Spot, short_path};
use crate::report::{Report, Rule};
use crate::style::{Mask, Style, first_sentence, plural, severity};
use kastell_model::{Confidence, Finding, ObjectKey, Place, Safety, Severity};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One entry of the report: findings of one subject that are shown as one.
pub(crate) struct Entry<'a> {
    pub(crate) subject: &'a ObjectKey,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    /// Sorted as the report has them; never empty.
    pub(crate) findings: Vec<&'a Finding>,
    /// Whether these are the missing hardening fields of a workload.
    pub(crate) hardening: bool,
}

/// The least severity and confidence of the default view.
pub(crate) const DEFAULT_VIEW: (Severity, Confidence) = (Severity::Medium, Confidence::Medium);

/// The entries of a report, by subject, worst first; everything single where `all`.
pub(crate) fn entries(report: &Report, all: bool) -> Vec<Entry<'_>> {
    let mut entries: BTreeMap<(usize, usize, Severity), Entry<'_>> = BTreeMap::new();
    let hardening: BTreeSet<&str> = report.rules.iter().filter(|r| r.hardening).map(|r| &*r.id.0).collect();
    let ranks = subject_ranks(&report.findings);
    let mut first: HashMap<(usize, &str), usize> = HashMap::new();
    for ((i, f), rank) in report.findings.iter().enumerate().zip(ranks) {
        let folds = !all && hardening.contains(&*f.rule.0);
        // One number a subject for all hardening fields, one for each rule, one for each finding where all are shown.
        let slot = match (folds, all) {
            (true, _) => *first.entry((rank, "")).or_insert(i),
            (false, false) => *first.entry((rank, &f.rule.0)).or_insert(i),
            (false, true) => i,
        };
        let level = if folds { Severity::Info } else { f.severity };
        let e = entries.entry((rank, slot, level)).or_insert_with(|| Entry {
            subject: &f.subject.key,
            severity: f.severity,
            confidence: f.confidence,
            findings: Vec::new(),
            hardening: folds,
        });
        e.severity = e.severity.max(f.severity);
        e.confidence = e.confidence.max(f.confidence);
        e.findings.push(f);
    }
    worst_first(entries.into_iter().map(|((rank, ..), e)| (rank, e)).collect())
}

/// For each finding the place of its subject among all subjects in order: numbers are cheaper to compare than keys.
fn subject_ranks(findings: &[Finding]) -> Vec<usize> {
    let mut numbers: HashMap<&ObjectKey, usize> = HashMap::new();
    let of: Vec<usize> = findings
        .iter()
        .map(|f| {
            let next = numbers.len();
            *numbers.entry(&f.subject.key).or_insert(next)
        })
        .collect();
    let mut subjects: Vec<(&ObjectKey, usize)> = numbers.into_iter().collect();
    subjects.sort_unstable();
    let mut ranks = vec![0; subjects.len()];
    for (rank, (_, number)) in subjects.into_iter().enumerate() {
        if let Some(r) = ranks.get_mut(number) {
            *r = rank;
        }
    }
    of.into_iter().map(|number| ranks.get(number).copied().unwrap_or(0)).collect()
}

/// Subjects by their worst entry, then by the number of entries as bad, then users' own before add-ons, then by key.
/// Each entry comes with the rank of its subject.
fn worst_first(mut entries: Vec<(usize, Entry<'_>)>) -> Vec<Entry<'_>> {
    let subjects = entries.iter().map(|(rank, _)| rank + 1).max().unwrap_or(0);
    let mut weights = vec![[0_usize; 5]; subjects];
    for (rank, e) in &entries {
        let level = Severity::ALL.iter().position(|s| *s == e.severity).unwrap_or(0);
        if let Some(n) = weights.get_mut(*rank).and_then(|w| w.get_mut(level)) {
            *n += 1;
        }
    }
    entries.sort_by_cached_key(|(rank, e)| {
        let class = e.findings.first().map(|f| f.class);
        (Reverse(weights.get(*rank).copied()), class, *rank, Reverse(e.severity), Reverse(e.confidence), e.hardening)
    });
    entries.into_iter().map(|(_, e)| e).collect()
}

impl Entry<'_> {
    /// Whether the default view shows it.
    pub(crate) fn is_in_default_view(&self) -> bool {
        self.severity >= DEFAULT_VIEW.0 && self.confidence >= DEFAULT_VIEW.1
    }

    /// The entry as text, without a final line break.
    pub(crate) fn render(&self, report: &Report, mask: &dyn Mask, style: &Style) -> String {
        let Some(first) = self.findings.first() else { return String::new() };
        let rule = report.rule(&first.rule);
        if self.hardening { self.hardening(first, report, mask, style) } else { self.finding(first, rule, mask, style) }
    }

    fn finding(&self, f: &Finding, rule: Option<&Rule>, mask: &dyn Mask, style: &Style) -> String {
        let mut notes = Vec::new();
        let others = self.findings.get(1..).unwrap_or_default();
        if !others.is_empty() {
            notes.push(("also", also(others, style)));
        }
        for (place, why) in &f.related {
            let spot = Spot::of(place, String::new());
            notes.push(("see", if why.is_empty() { spot.at() } else { format!("{}: {why}", spot.at()) }));
        }
        if f.count > 1 {
            notes.push(("seen", seen(f)));
        } else if f.only_in_pods {
            notes.push(("note", "only the pods have it, the template does not".to_owned()));
        }
        if f.confidence < Confidence::High {
            notes.push(("confidence", f.confidence.name().to_owned()));
        }
        if let Some(rule) = rule {
            if let Some(maps) = maps(rule, style) {
                notes.push(("maps", maps));
            }
            let help = first_sentence(&rule.help);
            if !help.is_empty() {
                notes.push((fix_name(f.fixable), help));
            }
        }
        self.frame(&f.rule.0, f.message.to_string(), Spot::of(&f.at, beside(f, style)), notes, mask, style)
    }

    fn hardening(&self, f: &Finding, report: &Report, mask: &dyn Mask, style: &Style) -> String {
        let asked = report.rules.iter().filter(|r| r.hardening).count();
        let mut failed: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for f in &self.findings {
            failed.entry(&f.rule.0).or_default().insert(field_name(&f.at));
        }
        let fields: Vec<String> = failed
            .iter()
            .map(|(rule, fields)| fields.iter().find(|x| !x.is_empty()).cloned().unwrap_or_else(|| (*rule).to_owned()))
            .collect();
        let parts: BTreeSet<&str> = self.findings.iter().filter_map(|f| f.part.as_deref()).collect();
        let mut notes = vec![("missing", dedup(fields).join(style.dot()))];
        if parts.len() > 1 {
            notes.push(("containers", parts.into_iter().collect::<Vec<_>>().join(style.dot())));
        }
        let title = format!("{} of {asked} missing", failed.len());
        let mut spot = Spot::of(&f.at, beside(f, style));
        spot.label = String::new();
        self.frame("hardening", title, spot, notes, mask, style)
    }

    fn frame(
        &self,
        id: &str,
        title: String,
        spot: Spot<'_>,
        notes: Vec<(&'static str, String)>,
        mask: &dyn Mask,
        style: &Style,
    ) -> String {
        let frame = Frame {
            level: self.severity.name(),
            paint: severity(self.severity),
            id: Some(id),
            title,
            spot: Some(spot),
            path: None,
            notes,
        };
        frame.render(mask, style)
    }
}

fn dedup(names: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.into_iter().filter(|n| seen.insert(n.clone())).collect()
}

/// `Deployment shop/cart, app`.
fn beside(f: &Finding, style: &Style) -> String {
    match &f.part {
        Some(part) => format!("{}{}{part}", f.subject.key, style.dot()),
        None => f.subject.key.to_string(),
    }
}

/// The other places of a rule in one subject, the first few by name.
fn also(others: &[&Finding], style: &Style) -> String {
    const NAMED: usize = 4;
    let mut names: Vec<String> = others
        .iter()
        .take(NAMED)
        .map(|f| {
            let at = f.at.object.position(f.at.span());
            let part = f.part.as_ref().map(|p| format!(" ({p})")).unwrap_or_default();
            format!("{}:{}:{}{part}", f.at.object.source.path, at.line, at.column)
        })
        .collect();
    if others.len() > NAMED {
        names.push(format!("{} more", others.len() - NAMED));
    }
    names.join(style.dot())
}

fn seen(f: &Finding) -> String {
    let examples: Vec<String> = f.examples.iter().map(ToString::to_string).collect();
    let only = if f.only_in_pods { "; only the pods have it, the template does not" } else { "" };
    let count = plural(u64::from(f.count), "time");
    if examples.is_empty() { format!("{count}{only}") } else { format!("{count}, as in {}{only}", examples.join(", ")) }
}

fn fix_name(fixable: Option<Safety>) -> &'static str {
    match fixable {
        Some(Safety::Safe) => "fix (safe)",
        Some(Safety::Unsafe) => "fix (unsafe)",
        None => "help",
    }
}

/// The first mappings: frameworks before tools, one item each.
fn maps(rule: &Rule, style: &Style) -> Option<String> {
    const SHOWN: usize = 4;
    let mut by: Vec<(&str, Vec<&str>)> = Vec::new();
    for (framework, item) in &rule.maps {
        match by.iter_mut().find(|(f, _)| *f == &**framework) {
            Some((_, items)) => items.push(item),
            None => by.push((framework, vec![item])),
        }
    }
    let shown: Vec<String> = by.iter().take(SHOWN).map(|(f, items)| format!("{f} {}", items.join(", "))).collect();
    (!shown.is_empty()).then(|| shown.join(if style.unicode { " · " } else { "; " }))
}

/// The hardening field of a place: `runAsNonRoot`, `capabilities.drop`.
fn field_name(place: &Place) -> String {
    let path = short_path(place);
    path.strip_prefix("securityContext.").unwrap_or(&path).to_owned()
}
