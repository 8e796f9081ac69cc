//! At most five commands that fit what was found.

use super::ALL_FLAG;
use super::entries::Entry;
use crate::report::Report;
use crate::style::{BOLD, Style, clean};
use kastell_model::{GapReason, Origin};
use std::fmt::Write as _;

const AT_MOST: usize = 5;

/// Findings from which adopting kastell by exceptions is worth a line.
const MANY: usize = 20;

pub(crate) fn commands(report: &Report, shown: &[&Entry<'_>], hides: bool, style: &Style) -> String {
    let scan = scan(report);
    let mut commands: Vec<(String, &str)> = Vec::new();
    // The worst entry that is a rule of its own; the hardening entry explains itself.
    if let Some(f) = shown.iter().find(|e| !e.hardening).and_then(|e| e.findings.first()) {
        commands.push((format!("kastell explain {}", quote(&f.rule.0)), "why it matters and how to fix it"));
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
    if report.findings.len() >= MANY {
        commands.push((format!("{scan} --add-ignore --reason REASON"), "accept today's findings, fail on new ones"));
    }
    if !report.findings.is_empty() {
        commands.push((format!("{scan} --format sarif --output kastell.sarif"), "for code scanning in a pull request"));
    }
    commands.truncate(AT_MOST);
    if commands.is_empty() {
        return String::new();
    }
    let width = commands.iter().map(|(c, _)| c.chars().count()).max().unwrap_or(0);
    let fits = commands.iter().all(|(_, why)| width + why.len() + 6 <= style.width);
    let mut out = format!("\n{}\n", style.paint(BOLD, "next:"));
    for (command, why) in commands {
        if fits {
            let _ = writeln!(out, "  {command:width$}  # {why}");
        } else {
            let _ = writeln!(out, "  {command}");
        }
    }
    out
}

/// The scan as the user would write it again.
fn scan(report: &Report) -> String {
    let inputs: Vec<String> = report.head.inputs.iter().take(3).map(|i| quote(i)).collect();
    let more = if report.head.inputs.len() > 3 { " ..." } else { "" };
    format!("kastell scan {}{more}", inputs.join(" "))
}

/// A word for a POSIX shell, quoted only where it must be.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    let word = clean(word);
    if !word.is_empty() && word.chars().all(plain) { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
