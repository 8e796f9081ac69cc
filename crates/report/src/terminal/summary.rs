//! The tables and counts at the end of a terminal report.

use crate::report::{Report, Statistics};
use crate::style::{DIM, Style, clean, cut, plural, thousands, wrap};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use kastell_model::{Finding, GapReason, ObjectKey, Owner, Severity};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

/// Rows of the table by owner that the default view shows.
const OWNERS: usize = 4;

/// Characters of an owner's name that the table shows.
const OWNER: usize = 30;

/// Columns of the tables below which their headers are short.
const NARROW: usize = 76;

/// The columns of severities, the worst first, between the first and the last ones of a table.
fn header(first: &'static str, last: &[&'static str], style: &Style) -> Vec<&'static str> {
    let severities = if style.width < NARROW {
        ["crit", "high", "med", "low", "info"]
    } else {
        ["critical", "high", "medium", "low", "info"]
    };
    [first].into_iter().chain(severities).chain(last.iter().copied()).collect()
}

/// A table without lines whose columns after the first are numbers; nothing where there is no row.
fn table(header: Vec<&str>, rows: Vec<Vec<String>>, style: &Style) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut out = String::new();
    for (i, line) in table.lines().enumerate() {
        let line = line.trim_end();
        let _ = writeln!(out, "{}", if i == 0 { style.paint(DIM, line) } else { line.to_owned() });
    }
    out
}

/// A count; nothing is a dash.
fn number(n: u64) -> String {
    if n == 0 { "-".to_owned() } else { thousands(n) }
}

/// What the rules of a ring came to.
#[derive(Default)]
struct RingRow {
    severities: [u64; 5],
    unknown: u64,
    passed: u64,
    /// Whether a rule of it was part of the run.
    selected: bool,
}

impl RingRow {
    fn is_asked(&self) -> bool {
        self.unknown > 0 || self.passed > 0 || self.severities.iter().any(|n| *n > 0)
    }
}

/// One row for each ring that answered something, in the order of the rings; the others are named.
pub(crate) fn by_ring(report: &Report, style: &Style) -> String {
    let rows = ring_rows(report);
    let cells = rows.iter().filter(|(_, r)| r.is_asked()).map(|(ring, r)| {
        let mut row = vec![clean(ring)];
        row.extend(r.severities.map(number));
        row.extend([number(r.unknown), number(r.passed)]);
        row
    });
    let mut out = table(header("ring", &["unknown", "passed"], style), cells.collect(), style);
    let names = |selected: bool| {
        let of = rows.iter().filter(|(_, r)| !r.is_asked() && r.selected == selected).map(|(ring, _)| clean(ring));
        of.collect::<Vec<_>>().join(", ")
    };
    let parts: Vec<String> =
        [(names(true), "nothing that was read concerns them"), (names(false), "no control of theirs in this run")]
            .into_iter()
            .filter(|(names, _)| !names.is_empty())
            .map(|(names, why)| format!("{names} ({why})"))
            .collect();
    if !parts.is_empty() {
        let text = wrap(&format!("not asked: {}", parts.join("; ")), style.width, "   ");
        let _ = writeln!(out, " {}", text.trim());
    }
    out.push('\n');
    out
}

/// The rings in their order, whether or not they were asked, and those of rules whose ring is not among them.
fn ring_rows(report: &Report) -> Vec<(&str, RingRow)> {
    let mut rows: Vec<(&str, RingRow)> = report.head.rings.iter().map(|r| (&**r, RingRow::default())).collect();
    let mut index: HashMap<&str, usize> = HashMap::new();
    for r in &report.rules {
        let i = rows.iter().position(|(ring, _)| *ring == &*r.ring).unwrap_or_else(|| {
            rows.push((&r.ring, RingRow::default()));
            rows.len() - 1
        });
        index.insert(&r.id.0, i);
        if let Some((_, row)) = rows.get_mut(i) {
            row.selected = true;
            row.passed += u64::from(r.counts.pass);
        }
    }
    for f in &report.findings {
        let slot = Severity::ALL.iter().position(|s| *s == f.severity);
        let row = index.get(&*f.rule.0).and_then(|i| rows.get_mut(*i));
        if let Some(n) = row.zip(slot).and_then(|((_, row), slot)| row.severities.get_mut(slot)) {
            *n += 1;
        }
    }
    for g in &report.gaps {
        let i = g.rule.as_ref().and_then(|rule| index.get(&*rule.0));
        if let Some((_, row)) = i.and_then(|i| rows.get_mut(*i)) {
            row.unknown += u64::from(g.count);
        }
    }
    rows
}

/// What the findings of an owner come to.
#[derive(Default)]
struct OwnerRow<'a> {
    /// By severity, the worst first.
    severities: [u64; 5],
    subjects: HashSet<&'a ObjectKey>,
}

impl<'a> OwnerRow<'a> {
    fn add(&mut self, f: &'a Finding) {
        let slot = Severity::ALL.iter().position(|s| *s == f.severity);
        if let Some(n) = slot.and_then(|slot| self.severities.get_mut(slot)) {
            *n += 1;
        }
        self.subjects.insert(&f.subject.key);
    }

    fn join(&mut self, other: &OwnerRow<'a>) {
        for (n, more) in self.severities.iter_mut().zip(other.severities) {
            *n += more;
        }
        self.subjects.extend(&other.subjects);
    }

    fn cells(&self, name: String) -> Vec<String> {
        let mut row = vec![name];
        row.extend(self.severities.map(number));
        row.push(number(self.subjects.len() as u64));
        row
    }
}

/// One row an owner, the one with the worst findings first. A single owner is a line: its numbers are those of all.
pub(crate) fn by_owner<'a>(findings: impl Iterator<Item = &'a Finding>, style: &Style, all: bool) -> String {
    let mut owners: BTreeMap<&Owner, OwnerRow<'_>> = BTreeMap::new();
    for f in findings {
        owners.entry(&f.owner).or_default().add(f);
    }
    let mut owners: Vec<(&Owner, OwnerRow<'_>)> = owners.into_iter().collect();
    match owners.as_slice() {
        [] => return String::new(),
        [(Owner::Team(team), _)] => return format!("owner of all: {}\n", clean(team)),
        [(Owner::Unowned, _)] => {
            return "owner of all: unknown (the label app.kubernetes.io/part-of says it)\n".to_owned();
        }
        _ => {}
    }
    owners.sort_by(|a, b| b.1.severities.cmp(&a.1.severities).then_with(|| a.0.cmp(b.0)));
    let shown = if all { owners.len() } else { OWNERS };
    // What nobody owns is always named: nobody else will look for it.
    if let Some(unowned) = owners.iter().position(|(o, _)| **o == Owner::Unowned).filter(|i| *i >= shown) {
        let row = owners.remove(unowned);
        owners.insert(shown.saturating_sub(1), row);
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (owner, row) in owners.iter().take(shown) {
        rows.push(row.cells(match owner {
            Owner::Team(t) => cut(&clean(t), OWNER, style),
            Owner::Unowned => "(unowned)".to_owned(),
        }));
    }
    if owners.len() > shown {
        let mut rest = OwnerRow::default();
        owners.iter().skip(shown).for_each(|(_, row)| rest.join(row));
        rows.push(rest.cells(format!("({} more)", owners.len() - shown)));
    }
    let mut out = table(header("owner", &["subjects"], style), rows, style);
    out.push('\n');
    out
}

/// What was unknown, excepted, folded and skipped: always said, also where it is nothing.
pub(crate) fn counts(report: &Report, style: &Style) -> String {
    let skipped: BTreeMap<&str, u64> = report.head.skipped.iter().map(|(k, n)| (&**k, u64::from(*n))).collect();
    let folded = match report.folded() {
        0 => "0 folded".to_owned(),
        n => format!("{n} folded (the same of another pod or copy)"),
    };
    let mut parts = vec![counted("excepted", &report.excepted_by_origin()), folded, counted("skipped", &skipped)];
    let unknown = unknown(report, style);
    if unknown.is_empty() {
        parts.push("0 unknown".to_owned());
    }
    if report.expected() > 0 {
        parts.push(format!("{} of the unknown expected by the configuration", report.expected()));
    }
    format!("{unknown}{}\n", parts.join("; "))
}

/// One line for each reason for which something is unknown (none where nothing is), with what most of them lack and the
/// rule that asks.
fn unknown(report: &Report, style: &Style) -> String {
    let mut details: HashMap<GapReason, BTreeMap<(&str, &str), u64>> = HashMap::new();
    let gaps = report.gaps.iter().map(|g| {
        let rule = g.rule.as_ref().map_or("", |r| &*r.0);
        (g.reason, &*g.detail, rule, u64::from(g.count))
    });
    // What a diagnostic is about stands above, in its own words.
    let diagnostics = report.diagnostics.iter().filter_map(|d| Some((d.gap?, "", "", 1)));
    for (reason, detail, rule, count) in gaps.chain(diagnostics) {
        *details.entry(reason).or_default().entry((clause(detail), rule)).or_default() += count;
    }
    let mut lines: Vec<(GapReason, u64, String)> = details
        .into_iter()
        .map(|(reason, by)| (reason, by.values().sum(), by))
        .map(|(reason, n, by)| (reason, n, unknown_line(reason, n, &by, style)))
        .collect();
    lines.sort_by_key(|(reason, n, _)| (Reverse(*n), *reason));
    lines.into_iter().map(|(_, _, line)| line).collect()
}

/// `15 unknown need a source that was not given: the pod's Namespace (pod-security-violation, 1 more)`.
fn unknown_line(reason: GapReason, n: u64, by: &BTreeMap<(&str, &str), u64>, style: &Style) -> String {
    let most = by.iter().max_by_key(|(what, n)| (**n, Reverse(**what))).map(|(what, _)| *what);
    let (detail, rule) = most.unwrap_or_default();
    let more = match by.len() - usize::from(!by.is_empty()) {
        0 => String::new(),
        n => format!("{n} more"),
    };
    let about: Vec<String> = [clean(rule), more].into_iter().filter(|t| !t.is_empty()).collect();
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
    let colon = if detail.is_empty() { "" } else { ": " };
    let head = format!("{} unknown {}{colon}", thousands(n), in_words(reason, n));
    // The line says already that it is about reading.
    let detail = detail.split(" could not be read").next().unwrap_or(detail);
    let room = style.width.saturating_sub(head.chars().count() + about.chars().count()).max(12);
    format!("{head}{}{about}\n", cut(&clean(detail), room, style))
}

/// The first clause of a sentence: what is not known, without what follows from it.
pub(crate) fn clause(detail: &str) -> &str {
    detail.find([',', ';']).and_then(|i| detail.get(..i)).unwrap_or(detail)
}

/// Why something is unknown, behind how many of it are.
fn in_words(reason: GapReason, n: u64) -> &'static str {
    match reason {
        GapReason::Unreadable => "could not be read",
        GapReason::Unrendered if n == 1 => "is a template that was not rendered",
        GapReason::Unrendered => "are templates that were not rendered",
        GapReason::Invalid if n == 1 => "makes no sense for Kubernetes",
        GapReason::Invalid => "make no sense for Kubernetes",
        GapReason::Unsupported if n == 1 => "has a form that kastell does not understand",
        GapReason::Unsupported => "have a form that kastell does not understand",
        GapReason::Limit => "reached a limit of kastell",
        GapReason::Dynamic if n == 1 => "is known only at run time",
        GapReason::Dynamic => "are known only at run time",
        GapReason::NeedsSource if n == 1 => "needs a source that was not given",
        GapReason::NeedsSource => "need a source that was not given",
    }
}

/// `3 skipped (2 empty, 1 values)`.
fn counted(what: &str, by: &BTreeMap<&str, u64>) -> String {
    let total: u64 = by.values().sum();
    if total == 0 {
        return format!("0 {what}");
    }
    let parts: Vec<String> = by.iter().filter(|(_, n)| **n > 0).map(|(k, n)| format!("{n} {}", clean(k))).collect();
    format!("{total} {what} ({})", parts.join(", "))
}

/// Figures of the run.
pub(crate) fn statistics(s: &Statistics) -> String {
    let stages: Vec<String> = s.stages.iter().map(|(name, ms)| format!("{} {ms:.1} ms", clean(name))).collect();
    let read = plural(s.bytes, "byte");
    format!("statistics: {read}, {} before folding; {}\n", plural(s.hits, "hit"), stages.join(", "))
}
