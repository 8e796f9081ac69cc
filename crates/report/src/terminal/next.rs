//! At most five commands that fit what was found.

use super::ALL_FLAG;
use super::entries::Entry;
use crate::place;
use crate::report::Report;
use crate::style::{BOLD, DIM, Style, clean};
use kastell_model::{Finding, GapReason, Origin};
use std::fmt::Write as _;

const AT_MOST: usize = 5;

/// Findings from which adopting kastell by exceptions is worth a line.
const MANY: usize = 20;

/// Characters that several inputs may take in a command.
const INPUTS: usize = 40;

pub(crate) fn commands(report: &Report, shown: &[&Entry<'_>], hides: bool, style: &Style) -> String {
    let scan = scan(report, style);
    let mut commands: Vec<(String, &str)> = Vec::new();
    // The worst entry that is a rule of its own; the hardening entry explains itself.
    if let Some(f) = shown.iter().find(|e| !e.hardening).and_then(|e| e.findings.first()) {
        commands.push((format!("kastell explain {}", quote(&f.rule.0)), "why it matters and how to fix it"));
    }
    if let Some(f) = shown.first().and_then(|e| e.findings.first()).filter(|f| place::is_live(&f.at.object)) {
        commands.push((explain_live(report, f), "every question asked of this object"));
    }
    if let Some(f) = shown.first().and_then(|e| e.findings.first())
        && matches!(f.at.object.origin, Origin::File { .. })
        && &*f.at.object.source.path != "-"
    {
        let key = &f.at.object.key;
        let object = quote(&format!("{}/{}", key.kind.kind, key.name));
        let file = quote(&f.at.object.source.path);
        commands.push((format!("kastell explain {file} {object}"), "every question asked of this object"));
    }
    let unrendered = report.diagnostics.iter().filter_map(|d| d.gap).chain(report.gaps.iter().map(|g| g.reason));
    if unrendered.into_iter().any(|r| r == GapReason::Unrendered) {
        commands.push(("helm template CHART | kastell scan -".to_owned(), "scan what a chart renders to"));
    }
    if hides {
        commands.push((format!("{scan} {ALL_FLAG}"), "show everything"));
    }
    if report.findings.len() >= MANY && report.findings.iter().any(|f| takes_comment(report, f)) {
        commands.push((format!("{scan} --add-ignore --reason REASON"), "accept today's findings, fail on new ones"));
    }
    if !report.head.clusters.is_empty() {
        if report.findings.len() >= MANY {
            commands.push(("kastell init".to_owned(), "a kastell.yaml for owners, exceptions and severities"));
        }
        let (cluster, kept) = (flags(report, style), "keep what was read, to scan and compare it later");
        commands.push((format!("kastell snapshot {cluster} > cluster.snapshot"), kept));
    } else if !report.findings.is_empty() {
        commands.push((format!("{scan} --format sarif --output kastell.sarif"), "for code scanning in a pull request"));
    }
    if report.gaps.iter().any(|g| g.rule.as_ref().is_some_and(|r| r.0.starts_with("pod-security"))) {
        commands.push((format!("{scan} --pod-security restricted"), "what Pod Security would refuse"));
    }
    commands.truncate(AT_MOST);
    if commands.is_empty() {
        return String::new();
    }
    // Commands too long to have their purpose beside them don't push the others' away.
    let why = commands.iter().map(|(_, why)| why.len()).max().unwrap_or(0);
    let room = style.width.saturating_sub(why + 6);
    let width = commands.iter().map(|(c, _)| c.chars().count()).filter(|n| *n <= room).max().unwrap_or(0);
    let mut out = format!("\n{}\n", style.paint(BOLD, "next:"));
    for (command, why) in commands {
        if command.chars().count() <= width {
            let why = style.paint(DIM, &format!("# {why}"));
            let _ = writeln!(out, "  {command:width$}  {why}");
        } else {
            let _ = writeln!(out, "  {command}");
        }
    }
    out
}

/// Whether a finding fails the run and stands in a file that can hold an exception: JSON has no comments.
fn takes_comment(report: &Report, f: &Finding) -> bool {
    let path = &*f.at.object.source.path;
    report.fails(f) && !place::is_live(&f.at.object) && path != "-" && !path.to_ascii_lowercase().ends_with(".json")
}

/// The scan as the user would write it again; many inputs are a mark, they stand in the user's history.
fn scan(report: &Report, style: &Style) -> String {
    if !report.head.clusters.is_empty() {
        return format!("kastell scan {}", flags(report, style));
    }
    let inputs: Vec<String> = report.head.inputs.iter().map(|i| quote(i)).collect();
    match inputs.as_slice() {
        [] => format!("kastell scan {}", style.ellipsis()),
        [one] => format!("kastell scan {one}"),
        some if some.len() <= 3 && some.iter().map(String::len).sum::<usize>() <= INPUTS => {
            format!("kastell scan {}", some.join(" "))
        }
        _ => format!("kastell scan {}", style.ellipsis()),
    }
}

/// The flags that read the same clusters again.
fn flags(report: &Report, style: &Style) -> String {
    let units: Vec<String> = report.head.clusters.iter().map(|c| quote(&c.unit)).collect();
    let units = if units.len() > CONTEXTS { vec![style.ellipsis().to_owned()] } else { units };
    format!("--cluster --context {}", units.join(" --context "))
}

/// Contexts that a command names.
const CONTEXTS: usize = 3;

/// The command that asks everything of a finding's object.
fn explain_live(report: &Report, f: &Finding) -> String {
    let key = &f.at.object.key;
    let name = match &key.namespace {
        Some(ns) => format!("{}/{ns}/{}", key.kind.kind, key.name),
        None => format!("{}/{}", key.kind.kind, key.name),
    };
    let context =
        if report.head.clusters.len() > 1 { format!(" --context {}", quote(&key.unit)) } else { String::new() };
    format!("kastell explain --cluster{context} {}", quote(&name))
}

/// A word for a POSIX shell, quoted only where it must be.
pub(crate) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    let word = clean(word);
    if !word.is_empty() && word.chars().all(plain) { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
