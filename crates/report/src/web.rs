//! What the formats for code hosts, CI servers and browsers share: places in words and as links, owners, and how
//! findings of one rule in one subject are put together.

use crate::place;
use crate::report::Report;
use crate::style::{clean, plural};
use kastell_model::{Finding, ObjectKey, Owner, Place, RuleId};
use std::collections::HashMap;
use std::fmt::Write as _;

/// `file:line:column`; of a live object `context · Kind namespace/name: field`.
pub(crate) fn at(place: &Place) -> String {
    let at = place::at(place);
    clean(&if is_live(place) { format!("{} · {at}", place.object.key.unit) } else { at })
}

/// Whether a place is in an object of a running cluster, which no file holds.
pub(crate) fn is_live(place: &Place) -> bool {
    place::is_live(&place.object)
}

/// The line of a place, from 1; `None` for a live object.
pub(crate) fn line(place: &Place) -> Option<u32> {
    (!is_live(place)).then(|| place.object.source.position(place.span().start).line)
}

/// The address of a line of a file: below `base` where one is given, else relative. `None` where no file can be meant:
/// standard input, and absolute paths or those that lead out of the working directory.
pub(crate) fn href(base: Option<&str>, path: &str, line: Option<u32>) -> Option<String> {
    let path = path.strip_prefix("./").unwrap_or(path);
    let leads_out = path.split(['/', '\\']).any(|part| part == "..");
    if path.is_empty() || path == "-" || path.starts_with(['/', '\\']) || path.contains("://") || leads_out {
        return None;
    }
    let mut out = match base {
        Some(base) => format!("{base}/"),
        // Without it a colon in the first part would be taken for the end of a scheme.
        None => "./".to_owned(),
    };
    out.push_str(&percent_encoded(path));
    if let Some(line) = line {
        let _ = write!(out, "#L{line}");
    }
    Some(out)
}

/// A path as a URI reference (RFC 3986): all but unreserved characters and `/` is encoded.
pub(crate) fn percent_encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for b in path.bytes() {
        match b {
            b'\\' => out.push('/'),
            b'/' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(b)),
            b if b.is_ascii_alphanumeric() => out.push(char::from(b)),
            b => {
                let _ = write!(out, "%{b:02X}");
            }
        }
    }
    out
}

/// An object, behind its unit where a report has several.
pub(crate) fn subject(report: &Report, key: &ObjectKey) -> String {
    if report.head.units > 1 && !key.unit.is_empty() { format!("{}: {key}", key.unit) } else { key.to_string() }
}

/// The team, or that there is none.
pub(crate) fn owner(owner: &Owner) -> &str {
    match owner {
        Owner::Team(team) => team,
        Owner::Unowned => "(unowned)",
    }
}

/// Things of one rule that are about one subject, in the order of the report.
pub(crate) struct Group<'a, T> {
    pub(crate) rule: &'a RuleId,
    pub(crate) subject: &'a ObjectKey,
    /// Never empty.
    pub(crate) items: Vec<&'a T>,
}

/// Groups things by rule and subject; the groups stand in the order of their first items.
pub(crate) fn groups<'a, T>(
    items: impl Iterator<Item = &'a T>,
    key: impl Fn(&'a T) -> Option<(&'a RuleId, &'a ObjectKey)>,
) -> Vec<Group<'a, T>> {
    let mut out: Vec<Group<'a, T>> = Vec::new();
    let mut slots: HashMap<(&RuleId, &ObjectKey), usize> = HashMap::new();
    for item in items {
        let Some((rule, subject)) = key(item) else { continue };
        let slot = *slots.entry((rule, subject)).or_insert(out.len());
        if slot == out.len() {
            out.push(Group { rule, subject, items: Vec::new() });
        }
        if let Some(group) = out.get_mut(slot) {
            group.items.push(item);
        }
    }
    out
}

/// `in 50 pods, such as cart-x7x2p`, where a finding stands for several.
pub(crate) fn times(f: &Finding) -> Option<String> {
    if f.count <= 1 && !f.only_in_pods {
        return None;
    }
    let mut out = plural(u64::from(f.count), "time");
    if let Some(example) = f.examples.first() {
        let _ = write!(out, ", such as {} {}", example.kind.kind, example.name);
    }
    if f.only_in_pods {
        out.push_str("; the template does not have it");
    }
    Some(clean(&out))
}

/// The rings that a report speaks of: those that there are, in their order, then those of other rules.
pub(crate) fn rings(report: &Report) -> Vec<&str> {
    let mut rings: Vec<&str> = report.head.rings.iter().map(|r| &**r).collect();
    for rule in &report.rules {
        if !rings.contains(&&*rule.ring) {
            rings.push(&rule.ring);
        }
    }
    rings
}

/// `2 files, 3 documents, 2 objects, 1 workload`.
pub(crate) fn what_was_read(report: &Report) -> String {
    let h = &report.head;
    let read = [(h.files, "file"), (h.documents, "document"), (h.objects, "object"), (h.workloads, "workload")];
    read.map(|(n, what)| plural(u64::from(n), what)).join(", ")
}

/// What the user named, the first few.
pub(crate) fn inputs(report: &Report, most: usize) -> String {
    let inputs = &report.head.inputs;
    let clusters = report.head.clusters.iter().map(|c| &*c.unit);
    let names: Vec<String> = inputs.iter().map(|i| &**i).chain(clusters).map(clean).collect();
    match names.len() {
        0 => "nothing".to_owned(),
        n if n > most => format!("{} and {} more", names.get(..most).unwrap_or_default().join(", "), n - most),
        _ => names.join(", "),
    }
}

/// `7 findings in 2 subjects: 1 critical, 6 low`, or why there are none.
pub(crate) fn summary(report: &Report) -> String {
    if report.findings.is_empty() {
        let nothing = report.head.objects == 0;
        return if nothing { "no findings, because there was nothing to check" } else { "no findings" }.to_owned();
    }
    let by: Vec<String> = report.by_severity().iter().map(|(s, n)| format!("{n} {s}")).collect();
    let findings = plural(report.findings.len() as u64, "finding");
    format!("{findings} in {}: {}", plural(report.subjects() as u64, "subject"), by.join(", "))
}

/// What the findings mean for the run: `2 findings fail the run`.
pub(crate) fn verdict(report: &Report) -> String {
    match report.failing() {
        0 if report.incomplete => "incomplete: no finding fails the run, but not everything was read".to_owned(),
        0 => "no finding fails the run".to_owned(),
        1 => "1 finding fails the run".to_owned(),
        n => format!("{n} findings fail the run"),
    }
}

/// What must be said of a report that is not whole.
pub(crate) const INCOMPLETE: &str = "something was not read or not understood, so silence about it means nothing";

#[cfg(test)]
mod tests {
    use super::href;

    #[test]
    fn links_lead_below_the_base_and_nowhere_else() {
        let to = |path| href(None, path, Some(3));
        assert_eq!(to("./a b/ü:#?.yaml").as_deref(), Some("./a%20b/%C3%BC%3A%23%3F.yaml#L3"));
        assert_eq!(to("javascript:alert(1)").as_deref(), Some("./javascript%3Aalert%281%29#L3"));
        assert_eq!(href(Some("https://h/b"), "a.yaml", None).as_deref(), Some("https://h/b/a.yaml"));
        for nowhere in ["-", "", "/etc/a.yaml", "../a.yaml", "a/../../b", "\\\\host\\a", "https://h/a.yaml"] {
            assert_eq!(to(nowhere), None, "{nowhere}");
        }
    }
}
