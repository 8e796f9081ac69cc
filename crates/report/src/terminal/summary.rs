//! The tables and counts at the end of a terminal report.

use crate::report::{Report, Statistics};
use crate::style::{Style, clean, plural};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use kastell_model::{Finding, ObjectKey, Owner, Severity};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Rows of the table by owner that the default view shows.
const OWNERS: usize = 4;

/// A table without lines whose columns after the first are numbers; nothing where there is no row.
pub(crate) fn table(header: &[&str], rows: Vec<Vec<String>>, style: &Style) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(style.width.max(40)).unwrap_or(u16::MAX));
    table.set_header(header.to_vec());
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut out = String::new();
    for line in table.lines() {
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out.push('\n');
    out
}

/// Findings of each severity, worst first.
fn severities<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<String> {
    let mut counts = Severity::ALL.map(|s| (s, 0));
    for f in findings {
        for (s, n) in &mut counts {
            *n += u64::from(*s == f.severity);
        }
    }
    counts.map(|(_, n)| number(n)).into()
}

/// A count; nothing is a dash.
fn number(n: u64) -> String {
    if n == 0 { "-".to_owned() } else { n.to_string() }
}

/// One row for each ring that has something to say.
pub(crate) fn by_ring(report: &Report, style: &Style) -> String {
    let ring: BTreeMap<&str, &str> = report.rules.iter().map(|r| (&*r.id.0, &*r.ring)).collect();
    let ring_of = |rule: &str| ring.get(rule).copied().unwrap_or("other");
    let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    let mut unknown: BTreeMap<&str, u64> = BTreeMap::new();
    let mut passed: BTreeMap<&str, u64> = BTreeMap::new();
    for f in &report.findings {
        findings.entry(ring_of(&f.rule.0)).or_default().push(f);
    }
    for g in &report.gaps {
        if let Some(rule) = &g.rule {
            *unknown.entry(ring_of(&rule.0)).or_default() += u64::from(g.count);
        }
    }
    for r in &report.rules {
        *passed.entry(&r.ring).or_default() += u64::from(r.counts.pass);
    }
    let rings: BTreeSet<&str> = findings
        .keys()
        .chain(unknown.keys())
        .copied()
        .chain(passed.iter().filter(|(_, n)| **n > 0).map(|(r, _)| *r))
        .collect();
    let rows = rings.into_iter().map(|ring| {
        let mut row = vec![clean(ring)];
        row.extend(severities(findings.get(ring).into_iter().flatten().copied()));
        row.push(number(unknown.get(ring).copied().unwrap_or(0)));
        row.push(number(passed.get(ring).copied().unwrap_or(0)));
        row
    });
    table(&["ring", "critical", "high", "medium", "low", "info", "unknown", "passed"], rows.collect(), style)
}

/// One row an owner, the one with the worst findings first.
pub(crate) fn by_owner(report: &Report, style: &Style, all: bool) -> String {
    let mut owners: BTreeMap<&Owner, Vec<&Finding>> = BTreeMap::new();
    for f in &report.findings {
        owners.entry(&f.owner).or_default().push(f);
    }
    let mut owners: Vec<(&Owner, Vec<&Finding>)> = owners.into_iter().collect();
    let weight = |fs: &[&Finding]| Severity::ALL.map(|s| fs.iter().filter(|f| f.severity == s).count());
    owners.sort_by(|a, b| weight(&b.1).cmp(&weight(&a.1)).then_with(|| a.0.cmp(b.0)));
    let shown = if all { owners.len() } else { OWNERS };
    let more: Vec<&Finding> = owners.iter().skip(shown).flat_map(|(_, fs)| fs.iter().copied()).collect();
    let mut rows: Vec<Vec<String>> = owners
        .iter()
        .take(shown)
        .map(|(owner, fs)| {
            let name = match owner {
                Owner::Team(t) => clean(t),
                Owner::Unowned => "(unowned)".to_owned(),
            };
            owner_row(name, fs)
        })
        .collect();
    if !more.is_empty() {
        rows.push(owner_row(format!("({} more)", owners.len() - shown), &more));
    }
    table(&["owner", "critical", "high", "medium", "low", "info", "subjects"], rows, style)
}

fn owner_row(name: String, findings: &[&Finding]) -> Vec<String> {
    let subjects: BTreeSet<&ObjectKey> = findings.iter().map(|f| &f.subject.key).collect();
    let mut row = vec![name];
    row.extend(severities(findings.iter().copied()));
    row.push(number(subjects.len() as u64));
    row
}

/// What was excepted, folded, unknown and skipped: always said, also where it is nothing.
pub(crate) fn counts(report: &Report) -> String {
    let skipped: BTreeMap<&str, u64> = report.head.skipped.iter().map(|(k, n)| (&**k, u64::from(*n))).collect();
    let parts = [
        counted("excepted", &report.excepted_by_origin()),
        format!("folded {}", report.folded()),
        counted("unknown", &report.unknown_by_reason()),
        counted("skipped", &skipped),
    ];
    format!("{}\n", parts.join("; "))
}

/// `unknown 3 (2 dynamic, 1 limit)`.
fn counted(what: &str, by: &BTreeMap<&str, u64>) -> String {
    let total: u64 = by.values().sum();
    if total == 0 {
        return format!("{what} 0");
    }
    let parts: Vec<String> = by.iter().filter(|(_, n)| **n > 0).map(|(k, n)| format!("{n} {}", clean(k))).collect();
    format!("{what} {total} ({})", parts.join(", "))
}

/// Figures of the run.
pub(crate) fn statistics(s: &Statistics) -> String {
    let stages: Vec<String> = s.stages.iter().map(|(name, ms)| format!("{} {ms:.1} ms", clean(name))).collect();
    let read = plural(s.bytes, "byte");
    format!("statistics: {read}, {} before folding; {}\n", plural(s.hits, "hit"), stages.join(", "))
}
