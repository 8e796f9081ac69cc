//! The view of running clusters: what is known of the threats, who has what to do, what is the same everywhere, and the
//! worst findings as far as the screen goes. Nothing is left out without being counted.

use super::entries::{Entry, entries, frames_first};
use super::problems::{self, Problem};
use super::same::{self, Same};
use super::screen::{self, Look, height};
use super::{ALL_FLAG, fill_problems, more, next, not_shown, questions, summary, verdict};
use crate::report::Report;
use crate::style::{Mask, Style, clean, plural, wrap};
use kastell_model::{Class, Finding, Seen, Severity};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Lines that rules which stand in many namespaces take, and the lines that these must leave for single findings.
const SAME: [(usize, usize); 4] = [(6, 14), (4, 13), (3, 5), (2, 3)];

/// Lines that the problems of reading may take.
const PROBLEMS: usize = 3;

/// Components that are named with what they ship.
const COMPONENTS: usize = 4;

/// Kinds that are named where they could not be read.
const KINDS: usize = 4;

/// The code of a diagnostic about a kind that could not be read; its reason stands in the account of the reading.
const UNREAD_KIND: &str = "unread-kind";

/// Everything below the head.
pub(crate) fn body(report: &Report, mask: &dyn Mask, style: &Style, head: &str) -> String {
    let entries = entries(report, false);
    let (shown, hidden): (Vec<&Entry<'_>>, Vec<&Entry<'_>>) = entries.iter().partition(|e| e.is_in_default_view());
    let (own, others): (Vec<&Entry<'_>>, Vec<&Entry<'_>>) = shown.into_iter().partition(|e| e.class() == Class::Yours);
    let (same, mut single) = same::fold(&own);
    // What others ship is counted by component; the worst of it stands among the findings all the same.
    single.extend(others.iter().filter(|e| e.severity >= Severity::High));
    single.sort_by_key(|e| (Reverse(e.severity), e.class()));
    let single = frames_first(&single, screen::FRAMES);

    let questions = questions::section(report, style);
    let owners = summary::by_owner(report.findings.iter().filter(|f| f.class == Class::Yours), style, false);
    let shipped = shipped(report, style);
    let problems = problems(report, mask, style);
    let tail = tail(report, &single, &hidden, style);
    let fixed: usize = [head, &questions, &owners, &shipped, &problems, &tail].iter().map(|t| height(t, style)).sum();
    let left = style.height.map_or(usize::MAX, |all| all.saturating_sub(fixed));
    let same = SAME
        .iter()
        .map(|(rows, leaves)| (same_everywhere(report, &same, *rows, style), *leaves))
        .find(|(text, leaves)| left.saturating_sub(height(text, style)) >= *leaves.min(&(3 * single.len())))
        .map(|(text, _)| text)
        .unwrap_or_else(|| same_everywhere(report, &same, 1, style));
    let room = left.saturating_sub(height(&same, style));
    let findings = fill(report, &single, room, mask, style);
    format!("{questions}{owners}{shipped}{same}{findings}{problems}{tail}")
}

/// The findings in at most `room` lines: a frame or more where they leave room for a list.
fn fill(report: &Report, single: &[&Entry<'_>], room: usize, mask: &dyn Mask, style: &Style) -> String {
    if single.is_empty() {
        return String::new();
    }
    let look = Look {
        frame: &|e: &&Entry<'_>| e.frame(report, mask, style),
        row: &|e: &&Entry<'_>| e.row(report),
        rest: &|from| more(single, from),
    };
    let first = single.first().map_or(0, |e| height(&e.frame(report, mask, style), style));
    // The frame, a blank line, two lines of a list, how many more there are, a blank line.
    let most = if room >= first + 5 { screen::FRAMES } else { 0 };
    screen::fill(single, room.max(3), most, &look, style)
}

/// What went wrong around the findings, without the kinds that are named where the gaps are counted.
fn problems(report: &Report, mask: &dyn Mask, style: &Style) -> String {
    let problems: Vec<Problem<'_>> = problems::problems(report, false)
        .into_iter()
        .filter(|p| matches!(p, Problem::Diagnostic(d) if &*d.code.0 != UNREAD_KIND))
        .collect();
    fill_problems(&problems, PROBLEMS, 0, mask, style)
}

fn same_everywhere(report: &Report, same: &[Same<'_>], rows: usize, style: &Style) -> String {
    if same.is_empty() {
        return String::new();
    }
    let (shown, rest) = same.split_at(rows.min(same.len()));
    let mut out = format!("{}\n", style.paint(crate::style::DIM, "same in many namespaces"));
    out.push_str(&screen::list(&shown.iter().map(|s| s.row(report)).collect::<Vec<_>>(), style));
    if !rest.is_empty() {
        let _ = writeln!(out, "{} and {}", style.ellipsis(), plural(rest.len() as u64, "more rule"));
    }
    out.push('\n');
    out
}

/// What the findings of others' software come to, by component, the worst first.
fn shipped(report: &Report, style: &Style) -> String {
    let mut by: BTreeMap<String, [u64; 5]> = BTreeMap::new();
    for f in report.findings.iter().filter(|f| f.class != Class::Yours) {
        let slot = Severity::ALL.iter().position(|s| *s == f.severity);
        if let Some(n) = slot.and_then(|slot| by.entry(whose(f)).or_default().get_mut(slot)) {
            *n += 1;
        }
    }
    let excused = report.excepted.iter().filter(|e| e.origin.name() == "component").count();
    if by.is_empty() && excused == 0 {
        return String::new();
    }
    let mut by: Vec<(String, [u64; 5])> = by.into_iter().collect();
    by.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut parts: Vec<String> =
        by.iter().take(COMPONENTS).map(|(name, n)| format!("{} {}", clean(name), worst_two(n))).collect();
    if let Some(rest) = by.get(COMPONENTS..).filter(|rest| !rest.is_empty()) {
        let findings = rest.iter().flat_map(|(_, n)| n).sum();
        parts.push(format!("{} more with {}", rest.len(), plural(findings, "finding")));
    }
    if excused > 0 {
        parts.push(format!("{} excused as shipped", plural(excused as u64, "finding")));
    }
    format!("{}\n", wrap(&format!("shipped by others: {}", parts.join("; ")), style.width, "  ").replacen("  ", "", 1))
}

/// Which component a finding of others' software belongs to, as the evidence of its class says it.
fn whose(f: &Finding) -> String {
    let evidence = f.class_evidence.as_deref().unwrap_or(f.class.name());
    match evidence.strip_prefix("listed as ") {
        Some(listed) => listed.split(" (").next().unwrap_or(listed).to_owned(),
        None => evidence.strip_prefix("stands in ").or(evidence.strip_prefix("is ")).unwrap_or(evidence).to_owned(),
    }
}

/// `2 critical, 14 high`: the worst two severities that there are.
fn worst_two(n: &[u64; 5]) -> String {
    let some = Severity::ALL.iter().zip(n).filter(|(_, n)| **n > 0).take(2);
    some.map(|(s, n)| format!("{n} {}", s.name())).collect::<Vec<_>>().join(", ")
}

fn tail(report: &Report, single: &[&Entry<'_>], hidden: &[&Entry<'_>], style: &Style) -> String {
    let mut out = verdict(report, style);
    if !hidden.is_empty() {
        let _ = writeln!(out, "not shown: {} ({ALL_FLAG} shows all)", not_shown(hidden));
    }
    out.push_str(&unread(report, style));
    out.push_str(&summary::counts(report, style));
    if let Some(s) = &report.statistics {
        out.push_str(&summary::statistics(s));
    }
    out.push_str(&next::commands(report, single, !report.findings.is_empty(), style));
    out
}

/// The kinds that could not be read, one line for each reason.
fn unread(report: &Report, style: &Style) -> String {
    let several = report.head.clusters.len() > 1;
    let mut by: BTreeMap<&str, BTreeMap<String, BTreeSet<&str>>> = BTreeMap::new();
    for cluster in &report.head.clusters {
        for kind in &cluster.kinds {
            let Seen::Failed(why) = &kind.seen else { continue };
            let name =
                if several { format!("{} of {}", kind.resource, cluster.unit) } else { kind.resource.to_string() };
            let namespaces = by.entry(summary::clause(why)).or_default().entry(name).or_default();
            namespaces.extend(kind.namespace.as_deref());
        }
    }
    let mut out = String::new();
    for (why, kinds) in by {
        let mut names: Vec<String> =
            kinds.iter().take(KINDS).map(|(name, namespaces)| named(name, namespaces)).collect();
        if kinds.len() > KINDS {
            names.push(format!("{} more", kinds.len() - KINDS));
        }
        let kinds = plural(kinds.len() as u64, "kind");
        let line = format!("{kinds} could not be read ({}): {}", clean(why), clean(&names.join(", ")));
        let _ = writeln!(out, "{}", crate::style::cut(&line, style.width, style));
    }
    out
}

/// `secrets`, `secrets in shop`, `secrets in 12 namespaces`.
fn named(name: &str, namespaces: &BTreeSet<&str>) -> String {
    match namespaces.first() {
        None => name.to_owned(),
        Some(one) if namespaces.len() == 1 => format!("{name} in {one}"),
        Some(_) => format!("{name} in {} namespaces", namespaces.len()),
    }
}
