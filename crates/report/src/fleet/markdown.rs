//! The fleet as Markdown, for pages and pull requests.

use super::{FleetReport, FleetRow, cell, days};
use crate::style::{clean, plural};
use std::fmt::Write as _;

/// With more clusters the table counts them instead of giving each a column.
const COLUMNS: usize = 12;

/// The fleet as Markdown.
pub fn fleet_markdown(fleet: &FleetReport) -> String {
    let clusters = plural(fleet.clusters.len() as u64, "cluster");
    let mut out = format!("# Fleet of {clusters}, {}\n\n", fleet.now);
    if !fleet.problems.is_empty() {
        out.push_str("**Problems:**\n\n");
        for (source, message) in &fleet.problems {
            let _ = writeln!(out, "- {}: {}", text(source), text(message));
        }
        out.push('\n');
    }
    controls(&mut out, fleet);
    differing(&mut out, fleet);
    seen(&mut out, fleet);
    let _ = writeln!(out, "kastell {}", text(&fleet.version));
    out
}

/// Text of an input that starts no markup and ends no cell.
fn text(raw: &str) -> String {
    let mut out = String::new();
    for c in clean(raw).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '@' | '$' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

fn controls(out: &mut String, fleet: &FleetReport) {
    let failing: Vec<&FleetRow> = fleet.rows.iter().filter(|r| r.fail > 0).collect();
    if failing.is_empty() {
        out.push_str("No control fails in any cluster.\n\n");
        return;
    }
    let wide = fleet.clusters.len() <= COLUMNS;
    out.push_str("| severity | control | fails in | unknown in | passes in | objects |");
    if wide {
        for i in 0..fleet.clusters.len() {
            let _ = write!(out, " {} |", text(&fleet.label(i)));
        }
    }
    out.push_str("\n|---|---|--:|--:|--:|--:|");
    out.push_str(&"--:|".repeat(if wide { fleet.clusters.len() } else { 0 }));
    out.push('\n');
    for r in failing {
        let (level, id) = (r.severity.name(), text(&r.id));
        let _ = write!(out, "| {level} | {id} | {} | {} | {} | {} |", r.fail, r.unknown, r.pass, r.objects);
        for c in r.cells.iter().filter(|_| wide) {
            let _ = write!(out, " {} |", cell(*c));
        }
        out.push('\n');
    }
    if wide {
        out.push_str("\nOf each cluster: failing objects, `?` unknown, `ok` passed, `-` not concerned or not asked.\n");
    }
    out.push('\n');
}

fn differing(out: &mut String, fleet: &FleetReport) {
    if fleet.outliers.is_empty() {
        return;
    }
    out.push_str("## Clusters that differ from most others\n\n");
    for cluster in 0..fleet.clusters.len() {
        for (fails, says) in [(true, "fails what most others pass"), (false, "passes what most others fail")] {
            let ids: Vec<String> = fleet.outlying(cluster, fails).into_iter().map(text).collect();
            if !ids.is_empty() {
                let _ = writeln!(out, "- **{}** {says}: {}", text(&fleet.label(cluster)), ids.join(", "));
            }
        }
    }
    out.push('\n');
}

fn seen(out: &mut String, fleet: &FleetReport) {
    out.push_str(
        "## Clusters\n\n| cluster | Kubernetes | objects | last seen | source | |\n|---|---|--:|---|---|---|\n",
    );
    for (i, c) in fleet.clusters.iter().enumerate() {
        let days = days(fleet.stale_after);
        let mut notes = Vec::new();
        if fleet.stale.contains(&i) {
            notes.push(format!("not seen for {days} or more"));
        }
        if c.incomplete {
            notes.push("not everything was read".to_owned());
        }
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            text(&fleet.label(i)),
            text(&c.kubernetes_version),
            c.objects,
            text(c.seen.as_deref().unwrap_or("unknown")),
            text(&c.source),
            notes.join("; ")
        );
    }
    if !fleet.superseded.is_empty() {
        let n = plural(fleet.superseded.len() as u64, "older source");
        let _ = writeln!(out, "\n{n} of the same clusters left out.");
    }
    out.push('\n');
}
