//! What an entry looks like: a frame, or one line of a list.

use super::entries::Entry;
use super::screen::Row;
use crate::frame::{Frame, Spot, short_path};
use crate::place;
use crate::report::{Report, Rule};
use crate::style::{Mask, Style, first_sentence, plural, severity};
use kastell_model::{Confidence, Finding, ObjectKey, Place, Safety};
use std::collections::{BTreeMap, BTreeSet};

/// How many things a note names before it counts.
const NAMED: usize = 4;

impl Entry<'_> {
    /// The entry as a frame, without a final line break.
    pub(crate) fn frame(&self, report: &Report, mask: &dyn Mask, style: &Style) -> String {
        let Some(f) = self.findings.first() else { return String::new() };
        let mut spot = Spot::of(&f.at, beside(f, self.hardening, report, style));
        let (id, title, notes) = if self.hardening {
            spot.label = String::new();
            let fields = Fields::of(&self.findings);
            ("hardening", fields.title(report), vec![("missing", fields.names.join(style.dot()))])
        } else {
            let mut notes = self.notes(f, report.rule(&f.rule), style);
            if let Some(rule) = report.rule(&f.rule).filter(|_| report.is_of_new_control(f)) {
                notes.push((
                    "new control",
                    format!("since kastell {}; it fails no run that has this baseline", rule.since),
                ));
            }
            (&*f.rule.0, f.message.to_string(), notes)
        };
        let level = self.severity.name();
        Frame { level, paint: severity(self.severity), id: Some(id), title, spot: Some(spot), path: None, notes }
            .render(mask, style)
    }

    /// The entry as one line.
    pub(crate) fn row(&self, report: &Report) -> Row {
        let f = self.findings.first();
        let others = self.other_rules().len();
        let (id, message) = match f {
            Some(_) if self.hardening => {
                let names = Fields::of(&self.findings).names;
                (format!("hardening {}/{}", names.len(), asked(report)), format!("missing {}", names.join(", ")))
            }
            Some(f) => {
                let times = times(f).map(|t| format!(" ({t})")).unwrap_or_default();
                let new = if report.is_of_new_control(f) { " (new control)" } else { "" };
                (format!("{}{new}", f.rule.0), format!("{}{times}", f.message))
            }
            None => Default::default(),
        };
        Row {
            level: self.severity.name(),
            paint: severity(self.severity),
            id: if others == 0 { id } else { format!("{id} +{others}") },
            place: f.map(|f| row_place(f)).unwrap_or_default(),
            subject: subject(self.subject, report),
            message,
        }
    }

    fn notes(&self, f: &Finding, rule: Option<&Rule>, style: &Style) -> Vec<(&'static str, String)> {
        let mut notes = Vec::new();
        let also = self.other_rules();
        if !also.is_empty() {
            notes.push(("also", also.into_iter().collect::<Vec<_>>().join(style.dot())));
        }
        let others = self.findings.get(1..).unwrap_or_default();
        if !others.is_empty() {
            notes.push(("also at", places(others, style)));
        }
        for (place, why) in &f.related {
            let at = place::at(place);
            notes.push(("see", if why.is_empty() { at } else { format!("{at}: {why}") }));
        }
        if let Some(times) = times(f) {
            notes.push(("seen", times));
        }
        if f.confidence < Confidence::High {
            notes.push(("confidence", f.confidence.name().to_owned()));
        }
        if let Some(o) = &f.severity_overridden {
            notes.push((
                "severity",
                format!("{} by itself; the configuration says {}: {}", o.from, f.severity, o.reason),
            ));
        }
        if let Some(rule) = rule {
            notes.extend(maps(rule, style).map(|maps| ("maps", maps)));
            let help = first_sentence(&rule.help);
            if !help.is_empty() {
                notes.push((fix_name(f.fixable), help));
            }
        }
        notes
    }
}

/// `Deployment shop/cart`; of several clusters with the cluster in front.
fn subject(key: &ObjectKey, report: &Report) -> String {
    if report.head.clusters.len() > 1 { format!("{}: {key}", key.unit) } else { key.to_string() }
}

/// The place of a finding beside its subject: of the subject itself, live, the field alone.
fn row_place(f: &Finding) -> String {
    if place::is_live(&f.at.object) && f.at.object.key == f.subject.key {
        place::field(&f.at)
    } else {
        place::at(&f.at)
    }
}

/// `Deployment shop/cart, app`; without the container where the entry is about all of them. The place of a live object
/// names object and container already.
fn beside(f: &Finding, whole: bool, report: &Report, style: &Style) -> String {
    if place::is_live(&f.at.object) {
        let is_same = f.at.object.key == f.subject.key;
        let of = if is_same { String::new() } else { format!("of {}", f.subject.key) };
        return match report.head.clusters.as_slice() {
            [] | [_] => of,
            _ => format!("{of} in {}", f.at.object.key.unit).trim_start().to_owned(),
        };
    }
    match &f.part {
        Some(part) if !whole => format!("{}{}{part}", f.subject.key, style.dot()),
        _ => f.subject.key.to_string(),
    }
}

/// The other places of a rule in one subject, the first few by name; in the file of the first as line and column alone.
fn places(others: &[&Finding], style: &Style) -> String {
    let name = |f: &&Finding| {
        let part = f.part.as_ref().map(|p| format!(" ({p})")).unwrap_or_default();
        format!("{}{part}", place::at(&f.at))
    };
    let mut names: Vec<String> = others.iter().take(NAMED).map(name).collect();
    if others.len() > NAMED {
        names.push(format!("{} more", others.len() - NAMED));
    }
    names.join(style.dot())
}

/// `in 300 pods, such as cart-x7x2p`; nothing where there is one finding and the template has it.
fn times(f: &Finding) -> Option<String> {
    let only = "the template does not have it";
    if f.count <= 1 {
        return f.only_in_pods.then(|| format!("in the pods alone: {only}"));
    }
    let count = u64::from(f.count);
    let text = match f.examples.first() {
        Some(example) => format!("in {}, such as {}", plural(count, &kind_of(&f.examples)), example.name),
        None => format!("{count} times"),
    };
    Some(if f.only_in_pods { format!("{text}; {only}") } else { text })
}

/// `pod`, where all examples are of that kind.
fn kind_of(examples: &[ObjectKey]) -> String {
    let kinds: BTreeSet<&str> = examples.iter().map(|e| &*e.kind.kind).collect();
    match kinds.into_iter().collect::<Vec<_>>().as_slice() {
        [one] => one.to_lowercase(),
        _ => "object".to_owned(),
    }
}

fn fix_name(fixable: Option<Safety>) -> &'static str {
    match fixable {
        Some(Safety::Safe) => "fix (safe)",
        Some(Safety::Unsafe) => "fix (unsafe)",
        None => "help",
    }
}

/// How a frame names a standard or guide, by its stable name. Other tools' ids are for `explain`.
fn standard(name: &str) -> Option<&'static str> {
    Some(match name.split_once('-').map_or(name, |(family, _)| family) {
        "cis" => "CIS",
        "nsa" => "NSA",
        "pss" => "PSS",
        "attack" => "ATT&CK",
        "guide" if name == "guide-a" => "guide A",
        "guide" if name == "guide-b" => "guide B",
        _ => return None,
    })
}

/// `CIS 5.2.2 · NSA pod security · PSS baseline · ATT&CK T1611`: the first items of each, as many as one line holds.
fn maps(rule: &Rule, style: &Style) -> Option<String> {
    const ITEMS: usize = 2;
    let mut by: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, item) in rule.maps.iter().filter_map(|(f, item)| Some((standard(f)?, item))) {
        match by.iter_mut().find(|(f, _)| *f == name) {
            Some((_, items)) if items.len() == ITEMS => {}
            Some((_, items)) => items.push(item),
            None => by.push((name, vec![item])),
        }
    }
    let between = if style.unicode { " · " } else { "; " };
    // The gutter and the name of the note stand before it.
    let room = style.width.saturating_sub(16);
    let mut line = String::new();
    for (name, items) in by {
        let one = format!("{name} {}", items.join(", "));
        if !line.is_empty() && line.chars().count() + between.chars().count() + one.chars().count() > room {
            break;
        }
        if !line.is_empty() {
            line.push_str(between);
        }
        line.push_str(&one);
    }
    (!line.is_empty()).then_some(line)
}

/// What a workload lacks: one name for each hardening rule that failed.
struct Fields {
    names: Vec<String>,
}

impl Fields {
    fn of(findings: &[&Finding]) -> Fields {
        let mut rules: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for f in findings {
            rules.entry(&f.rule.0).or_default().push(f);
        }
        let all = parts(findings);
        let mut taken = BTreeSet::new();
        let names = rules.into_iter().map(|(rule, of)| {
            let field = of.first().and_then(|f| field_name(&f.at)).filter(|name| taken.insert(name.clone()));
            let name = field.unwrap_or_else(|| rule.to_owned());
            let parts = parts(&of);
            // Containers are only named where not all of them lack it.
            if parts.is_empty() || parts.len() == all.len() {
                name
            } else {
                format!("{name} ({})", parts.into_iter().collect::<Vec<_>>().join(", "))
            }
        });
        Fields { names: names.collect() }
    }

    /// `9 of 17 missing`, of all that were asked.
    fn title(&self, report: &Report) -> String {
        format!("{} of {} missing", self.names.len(), asked(report))
    }
}

/// How many hardening fields this run asked every workload for.
fn asked(report: &Report) -> usize {
    report.rules.iter().filter(|r| r.hardening).count()
}

fn parts<'a>(findings: &[&'a Finding]) -> BTreeSet<&'a str> {
    findings.iter().filter_map(|f| f.part.as_deref()).collect()
}

/// The field of a place as people name it: `runAsNonRoot`, `capabilities.drop`, `hostUsers`, `seccompProfile`. None for
/// an item of a list or a map of free keys: its rule says more.
fn field_name(place: &Place) -> Option<String> {
    let path = short_path(place);
    let path = path.strip_prefix("securityContext.").unwrap_or(&path);
    let path = path.strip_suffix(".type").unwrap_or(path);
    (!path.is_empty() && !path.contains(['[', '/'])).then(|| path.to_owned())
}
