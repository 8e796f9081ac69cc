//! The terminal report: what was read, the worst findings first, at most a screenful, counts, and what to do next.

mod baseline;
mod cluster;
mod entries;
mod next;
mod problems;
mod questions;
mod same;
mod screen;
mod summary;
mod view;

use crate::report::{Head, Report};
use crate::style::{BOLD, Mask, Style, clean, cut, plural, severity, thousands, wrap};
use entries::{DEFAULT_VIEW, Entry, entries, frames_first};
use kastell_model::{ClusterReading, KindReading};
pub(crate) use next::quote;
use problems::Problem;
use screen::Look;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

/// The flag that shows everything, as the next commands name it.
pub const ALL_FLAG: &str = "--verbose";

/// Renders a report for people. `all` shows every finding, gap and diagnostic, however many there are.
pub fn terminal(report: &Report, mask: &dyn Mask, style: &Style, all: bool) -> String {
    let head = head(report, style);
    if !report.head.clusters.is_empty() && !all {
        return format!("{head}{}", cluster::body(report, mask, style, &head));
    }
    let entries = entries(report, all);
    let (shown, hidden): (Vec<&Entry<'_>>, Vec<&Entry<'_>>) =
        entries.iter().partition(|e| all || e.is_in_default_view());
    let most = if all { usize::MAX } else { screen::FRAMES };
    let shown = if all { shown } else { frames_first(&shown, most) };
    let tail = tail(report, &shown, &hidden, style, all);
    let room = match style.height {
        Some(height) if !all => height.saturating_sub(lines(&head) + lines(&tail)),
        _ => usize::MAX,
    };
    // Findings win the screen, but what was not read is never pushed off it.
    let problems = problems::problems(report, all);
    let (space, frames) = match problems.len() {
        _ if all || shown.is_empty() => (room, most),
        1 => (room, 1),
        _ => (room.min(PROBLEMS), 0),
    };
    let problems = fill_problems(&problems, space, frames, mask, style);
    let room = room.saturating_sub(lines(&problems));
    let look = Look {
        frame: &|e: &&Entry<'_>| e.frame(report, mask, style),
        row: &|e: &&Entry<'_>| e.row(report),
        rest: &|from| more(&shown, from),
    };
    let findings = screen::fill(&shown, room, most, &look, style);
    format!("{head}{findings}{problems}{tail}")
}

/// Diagnostics as frames, in the order given, with a blank line between them.
pub fn diagnostics(list: &[kastell_model::Diagnostic], mask: &dyn Mask, style: &Style) -> String {
    list.iter().map(|d| Problem::Diagnostic(d).frame(mask, style)).collect::<Vec<_>>().join("\n\n")
}

/// Lines that several problems may take where there are findings.
const PROBLEMS: usize = 6;

fn fill_problems(problems: &[Problem<'_>], room: usize, frames: usize, mask: &dyn Mask, style: &Style) -> String {
    let look = Look {
        frame: &|p: &Problem<'_>| p.frame(mask, style),
        row: &|p: &Problem<'_>| p.row(),
        rest: &|from| match problems.len() - from {
            1 => "1 more problem".to_owned(),
            n => format!("{n} more problems"),
        },
    };
    screen::fill(problems, room, frames, &look, style)
}

fn lines(text: &str) -> usize {
    text.lines().count()
}

/// `3 more in 2 subjects (--verbose shows all)`, for the entries from `from` on.
fn more(shown: &[&Entry<'_>], from: usize) -> String {
    let rest = shown.get(from..).unwrap_or_default();
    let subjects: HashSet<_> = rest.iter().map(|e| e.subject).collect();
    format!("{} more in {} ({ALL_FLAG} shows all)", rest.len(), plural(subjects.len() as u64, "subject"))
}

fn head(report: &Report, style: &Style) -> String {
    let h = &report.head;
    let given = if h.version_given { "" } else { " (the newest known; --kubernetes-version says yours)" };
    let name = style.paint(BOLD, &format!("kastell {}", clean(&h.version)));
    let dot = style.dot();
    let mut out = format!("{name}{dot}Kubernetes {}{given}{dot}{}\n", clean(&h.kubernetes_version), clean(&h.now));
    if !h.clusters.is_empty() {
        return out + &clusters(h, style);
    }
    let inputs = match h.inputs.as_slice() {
        [] => "nothing".to_owned(),
        [one] => clean(one),
        [one, rest @ ..] => format!("{} and {} more", clean(one), rest.len()),
    };
    let read = [
        plural(u64::from(h.files), "file"),
        plural(u64::from(h.documents), "document"),
        plural(u64::from(h.objects), "object"),
        plural(u64::from(h.workloads), "workload"),
    ];
    let _ = writeln!(out, "read {inputs}: {}", read.join(", "));
    let _ = writeln!(out, "{}; nothing was written or sent", plural(u64::from(h.requests), "request"));
    out.push_str(&baseline::head(report, style));
    out.push('\n');
    out
}

/// Clusters that have a line of their own.
const CLUSTERS: usize = 5;

/// How each cluster was read, and that nothing else was done.
fn clusters(h: &Head, style: &Style) -> String {
    let mut out = String::new();
    let shown = if h.clusters.len() == CLUSTERS + 1 { CLUSTERS + 1 } else { CLUSTERS };
    for c in h.clusters.iter().take(shown) {
        // One cluster may take two lines, of several each has one.
        match h.clusters.len() {
            1 => out.push_str(&wrap(&cluster_line(c), style.width, "  ").replacen("  ", "", 1)),
            _ => out.push_str(&(cut(&cluster_line(c), style.width, style) + "\n")),
        }
    }
    if let Some(rest) = h.clusters.get(shown..).filter(|rest| !rest.is_empty()) {
        let objects = rest.iter().flat_map(|c| &c.kinds).map(|k| u64::from(k.objects)).sum();
        let requests = rest.iter().map(|c| u64::from(c.requests)).sum();
        let (n, objects) = (plural(rest.len() as u64, "more cluster"), plural(objects, "object"));
        let _ = writeln!(out, "read {n}: {objects} in {}", plural(requests, "request"));
    }
    let secrets = h.clusters.iter().flat_map(|c| &c.kinds).any(|k| k.metadata_only);
    let secrets = if secrets { "; of Secrets only metadata was asked for" } else { "" };
    let _ = writeln!(out, "nothing was written or sent elsewhere{secrets}\n");
    out
}

/// `read prod: 60 namespaces, 2,314 objects of 41 kinds in 57 requests from https://10.0.0.1:6443 (v1.37.2) as admin`.
fn cluster_line(c: &ClusterReading) -> String {
    let is_namespace = |k: &&KindReading| k.kind.is("", "Namespace");
    let namespaces: u32 = c.kinds.iter().filter(is_namespace).map(|k| k.objects).sum();
    let objects: u64 = c.kinds.iter().map(|k| u64::from(k.objects)).sum();
    let kinds = c.kinds.iter().filter(|k| k.objects > 0).map(|k| &k.kind).collect::<HashSet<_>>().len();
    let namespaces =
        if namespaces == 0 { String::new() } else { format!("{}, ", plural(u64::from(namespaces), "namespace")) };
    let version = c.version.as_deref().unwrap_or("version unknown");
    let reader = c.reader.as_ref().map(|r| format!(" as {r}")).unwrap_or_default();
    clean(&format!(
        "read {}: {namespaces}{} of {} in {} from {} ({version}){reader}",
        c.unit,
        plural(objects, "object"),
        plural(kinds as u64, "kind"),
        plural(u64::from(c.requests), "request"),
        c.server,
    ))
}

fn tail(report: &Report, shown: &[&Entry<'_>], hidden: &[&Entry<'_>], style: &Style, all: bool) -> String {
    let mut out = String::new();
    if report.head.objects > 0 {
        out.push_str(&summary::by_ring(report, style));
    }
    if !report.findings.is_empty() {
        out.push_str(&summary::by_owner(report.findings.iter(), style, all));
    }
    out.push_str(&verdict(report, style));
    if !hidden.is_empty() {
        let _ = writeln!(out, "not shown: {} ({ALL_FLAG} shows all)", not_shown(hidden));
    }
    out.push_str(&summary::counts(report, style));
    if let Some(s) = &report.statistics {
        out.push_str(&summary::statistics(s));
    }
    out.push_str(&next::commands(report, shown, !hidden.is_empty(), style));
    out
}

/// `4 low, 1 info, 2 of low confidence`.
fn not_shown(hidden: &[&Entry<'_>]) -> String {
    let mut by: BTreeMap<(bool, std::cmp::Reverse<kastell_model::Severity>), usize> = BTreeMap::new();
    let mut doubtful = 0;
    for e in hidden {
        if e.severity < DEFAULT_VIEW.0 {
            *by.entry((true, std::cmp::Reverse(e.severity))).or_default() += e.len();
        } else {
            doubtful += e.len();
        }
    }
    let mut parts: Vec<String> = by.iter().map(|((_, s), n)| format!("{n} {}", s.0.name())).collect();
    if doubtful > 0 {
        parts.push(format!("{doubtful} of low confidence"));
    }
    parts.join(", ")
}

/// What the run comes to, in one or two lines.
fn verdict(report: &Report, style: &Style) -> String {
    let mut out = String::new();
    if report.findings.is_empty() {
        let nothing = report.head.objects == 0;
        out.push_str(match (nothing, &report.baseline) {
            (true, _) => "no findings, because there was nothing to check\n",
            (false, Some(_)) => "no new findings\n",
            (false, None) => "no findings\n",
        });
    } else {
        let by: Vec<String> = report
            .by_severity()
            .iter()
            .map(|(s, n)| style.paint(severity(*s), &format!("{} {}", thousands(*n as u64), s.name())))
            .collect();
        let all = plural(report.findings.len() as u64, "finding");
        let _ = writeln!(out, "{all} in {}: {}", plural(report.subjects() as u64, "subject"), by.join(", "));
        if let Some(least) = report.head.fail_on {
            let _ = writeln!(
                out,
                "{} the run (--fail-on {least}, --min-confidence {})",
                fails(report.failing()),
                report.head.min_confidence.name()
            );
        }
    }
    if report.incomplete {
        let text = "incomplete: something was not read or not understood, so silence about it means nothing";
        let _ = writeln!(out, "{}", style.paint(severity(kastell_model::Severity::Medium), text));
    }
    out
}

fn fails(n: usize) -> String {
    match n {
        0 => "none of them fails".to_owned(),
        1 => "1 of them fails".to_owned(),
        n => format!("{} of them fail", thousands(n as u64)),
    }
}
