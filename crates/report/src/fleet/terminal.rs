//! The fleet on a terminal: at most a screenful, however many clusters there are.

use super::{FleetReport, FleetRow, cell, days};
use crate::style::{BOLD, DIM, Style, clean, cut, plural, severity, wrap};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// With more clusters the table counts them instead of giving each a column.
const COLUMNS: usize = 8;
/// Characters of a cluster's name in a column's head, and elsewhere.
const HEAD: usize = 14;
const NAME: usize = 30;
/// Lines for outliers, for problems with sources, and for clusters that were not seen for a while.
const OUTLIERS: usize = 10;
const PROBLEMS: usize = 5;
const STALE: usize = 3;
/// Lines beside the table that do not depend on the fleet: head, headings, blank lines, next commands.
const AROUND: usize = 16;

/// The fleet as text. Without a bound of height (`--verbose`) nothing is left out.
pub fn fleet_terminal(fleet: &FleetReport, style: &Style) -> String {
    let mut out = head(fleet, style);
    let problems = problems(fleet, style);
    let outliers = outliers(fleet, style);
    let stale = stale(fleet, style);
    let lines = |text: &str| text.lines().count();
    let used = AROUND + lines(&out) + lines(&problems) + lines(&outliers) + lines(&stale);
    let room = style.height.map(|h| h.saturating_sub(used).max(5));
    out.push_str(&problems);
    out.push_str(&table(fleet, room, style));
    out.push_str(&outliers);
    out.push_str(&stale);
    out.push_str(&next(fleet));
    out
}

fn head(fleet: &FleetReport, style: &Style) -> String {
    let dot = style.dot();
    let clusters = plural(fleet.clusters.len() as u64, "cluster");
    let title = format!("kastell {}{dot}fleet of {clusters}{dot}{}", fleet.version, fleet.now);
    let objects: u64 = fleet.clusters.iter().map(|c| u64::from(c.objects)).sum();
    let mut versions: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for c in &fleet.clusters {
        // Ordered as versions: 1.9 before 1.34.
        *versions.entry((c.kubernetes_version.len(), &c.kubernetes_version)).or_default() += 1;
    }
    let versions: Vec<String> = versions.into_iter().rev().map(|((_, v), n)| format!("{} ({n})", clean(v))).collect();
    let mut says = vec![plural(objects, "object")];
    if !versions.is_empty() {
        says.push(format!("Kubernetes {}", versions.join(", ")));
    }
    if !fleet.superseded.is_empty() {
        says.push(format!("{} of the same clusters left out", plural(fleet.superseded.len() as u64, "older source")));
    }
    if fleet.skipped > 0 {
        says.push(format!("{} skipped (neither a snapshot nor a report)", plural(u64::from(fleet.skipped), "file")));
    }
    format!("{}\n{}\n", style.paint(BOLD, &title), wrap(&says.join("; "), style.width, ""))
}

/// What could not be used, and what is not whole.
fn problems(fleet: &FleetReport, style: &Style) -> String {
    let mut out = String::new();
    let warn = severity(kastell_model::Severity::High);
    let shown = style.height.map_or(fleet.problems.len(), |_| PROBLEMS);
    for (source, message) in fleet.problems.iter().take(shown) {
        let text = cut(&format!("{}: {}", clean(source), clean(message)), style.width.saturating_sub(10), style);
        let _ = writeln!(out, "{} {text}", style.paint(warn, "problem:"));
    }
    if fleet.problems.len() > shown {
        let _ = writeln!(out, "and {}", plural((fleet.problems.len() - shown) as u64, "more problem"));
    }
    let incomplete = fleet.incomplete_clusters();
    if !incomplete.is_empty() {
        let names = named(&incomplete, style.width * 2 - 60, style);
        let text = format!("incomplete: {names}: something of them was not read, so silence about it means nothing");
        out.push_str(&wrap(&text, style.width, ""));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// As many names as have room, and how many more there are.
fn named(names: &[String], room: usize, style: &Style) -> String {
    let mut out = String::new();
    for (i, name) in names.iter().enumerate() {
        let name = cut(&clean(name), NAME, style);
        if i > 0 && out.chars().count() + name.chars().count() > room {
            let _ = write!(out, " and {} more", names.len() - i);
            break;
        }
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(&name);
    }
    out
}

fn table(fleet: &FleetReport, room: Option<usize>, style: &Style) -> String {
    let failing: Vec<&FleetRow> = fleet.rows.iter().filter(|r| r.fail > 0).collect();
    let shown = room.map_or(failing.len(), |r| r.min(failing.len()));
    let rows = failing.get(..shown).unwrap_or_default();
    let wide = fleet.clusters.len() <= COLUMNS && fleet.clusters.len() * (HEAD + 2) + 60 <= style.width.max(100);
    let mut out = if rows.is_empty() {
        "no control fails in any cluster\n".to_owned()
    } else if wide {
        each_cluster(fleet, rows, style)
    } else {
        counted(fleet, rows, style)
    };
    if shown < failing.len() {
        let _ = writeln!(
            out,
            "and {} that fail somewhere (--verbose shows all)",
            plural((failing.len() - shown) as u64, "more control")
        );
    }
    let quiet = fleet.rows.iter().filter(|r| r.fail == 0);
    let (unknown, passed): (Vec<&FleetRow>, Vec<&FleetRow>) = quiet.partition(|r| r.unknown > 0);
    let _ = writeln!(
        out,
        "{} fail nowhere and are unknown somewhere; {} pass wherever they apply",
        plural(unknown.len() as u64, "control"),
        passed.len()
    );
    out.push('\n');
    out
}

/// A column a cluster.
fn each_cluster(fleet: &FleetReport, rows: &[&FleetRow], style: &Style) -> String {
    let mut head = vec!["control".to_owned()];
    head.extend((0..fleet.clusters.len()).map(|i| cut(&clean(&fleet.label(i)), HEAD, style)));
    let lines = rows.iter().map(|r| {
        let mut line = vec![clean(&r.id)];
        line.extend(r.cells.iter().map(|c| cell(*c)));
        line
    });
    aligned(rows, head, lines.collect(), false, style)
}

/// How many clusters, and where most.
fn counted(fleet: &FleetReport, rows: &[&FleetRow], style: &Style) -> String {
    let head = ["control", "fails in", "unknown", "passes", "objects", "most"].map(str::to_owned).to_vec();
    let lines = rows.iter().map(|r| {
        let in_all = format!("{}/{}", r.fail, fleet.clusters.len());
        let numbers = [r.unknown.to_string(), r.pass.to_string(), r.objects.to_string()];
        let mut line = vec![clean(&r.id), in_all];
        line.extend(numbers);
        line.push(most(fleet, r, style));
        line
    });
    aligned(rows, head, lines.collect(), true, style)
}

/// The cluster with the most failing objects.
fn most(fleet: &FleetReport, row: &FleetRow, style: &Style) -> String {
    let counts = row.cells.iter().enumerate().filter_map(|(i, c)| Some((i, (*c)?.fail)));
    match counts.max_by_key(|(i, n)| (*n, Reverse(*i))) {
        Some((i, n)) => format!("{} ({n})", cut(&clean(&fleet.label(i)), NAME, style)),
        None => String::new(),
    }
}

/// Lines with the severity in front; numbers are aligned at their right, and with `text_last` the last column is text.
fn aligned(rows: &[&FleetRow], head: Vec<String>, lines: Vec<Vec<String>>, text_last: bool, style: &Style) -> String {
    let columns = head.len();
    let width = |column: usize| {
        let all = std::iter::once(&head).chain(&lines).filter_map(|l| l.get(column));
        all.map(|c| c.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let join = |cells: &[String]| {
        let mut line = String::new();
        for (i, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            let left = i == 0 || (text_last && i + 1 == columns);
            let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
            line.push_str(&if left { format!("  {cell}{pad}") } else { format!("  {pad}{cell}") });
        }
        cut(line.trim_end(), style.width.saturating_sub(9), style)
    };
    let mut out = format!("{}\n", style.paint(DIM, &format!("{:8}{}", "severity", join(&head))));
    for (row, cells) in rows.iter().zip(&lines) {
        let level = style.paint(severity(row.severity), &format!("{:8}", row.severity.name()));
        let _ = writeln!(out, "{level}{}", join(cells));
    }
    out
}

/// A line for each cluster that differs, those with the most first.
fn outliers(fleet: &FleetReport, style: &Style) -> String {
    let mut lines = Vec::new();
    for cluster in 0..fleet.clusters.len() {
        for (fails, says) in [(true, "fails what most others pass"), (false, "passes what most others fail")] {
            let ids = fleet.outlying(cluster, fails);
            if !ids.is_empty() {
                lines.push((ids.len(), fails, cluster, says, ids));
            }
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    lines.sort_by_key(|(n, fails, cluster, ..)| (!*fails, Reverse(*n), *cluster));
    let mut out = format!("{}\n", style.paint(BOLD, "clusters that differ from most others"));
    let shown = style.height.map_or(lines.len(), |_| OUTLIERS);
    for (_, _, cluster, says, ids) in lines.iter().take(shown) {
        let head = format!("  {} {says}: ", cut(&clean(&fleet.label(*cluster)), NAME, style));
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let room = style.width.saturating_sub(head.chars().count() + 12);
        let _ = writeln!(out, "{head}{}", named(&ids, room, style));
    }
    if lines.len() > shown {
        let _ = writeln!(out, "  and {} (--verbose shows all)", plural((lines.len() - shown) as u64, "more line"));
    }
    out.push('\n');
    out
}

fn stale(fleet: &FleetReport, style: &Style) -> String {
    if fleet.stale.is_empty() {
        return String::new();
    }
    let names: Vec<String> = fleet
        .stale
        .iter()
        .filter_map(|i| {
            let seen = fleet.clusters.get(*i)?.seen.as_deref();
            let day = seen.and_then(|s| s.get(..10)).unwrap_or("nobody knows when");
            Some(format!("{} ({})", cut(&fleet.label(*i), NAME, style), day))
        })
        .collect();
    let room = style.height.map_or(usize::MAX, |_| style.width * STALE - 60);
    let mut out = String::new();
    let mut listed = String::new();
    for (i, name) in names.iter().enumerate() {
        if listed.chars().count() + name.chars().count() > room {
            let _ = write!(listed, " and {} more", names.len() - i);
            break;
        }
        let _ = write!(listed, "{}{}", if i == 0 { "" } else { ", " }, clean(name));
    }
    let days = days(fleet.stale_after);
    out.push_str(&wrap(&format!("not seen for {days} or more: {listed}"), style.width, ""));
    out.push('\n');
    out
}

fn next(fleet: &FleetReport) -> String {
    let worst = fleet.rows.iter().find(|r| r.fail > 0);
    let mut out = String::from("next:\n");
    if let Some(row) = worst {
        let _ = writeln!(out, "  kastell explain {}", clean(&row.id));
    }
    out.push_str("  kastell scan --snapshot FILE                      one of them, with every finding\n");
    out.push_str("  kastell fleet report --format json PATH           every control in every cluster\n");
    out
}
