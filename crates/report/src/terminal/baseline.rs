//! What a baseline hides, and what became of its findings.

use crate::report::{Baseline, Report};
use crate::style::{Style, clean, plural, wrap};

/// `compared with main.json (kastell 0.1.0, 2026-11-24): 12 findings are known and not shown; 3 fixed since`. Nothing
/// where there is no baseline.
pub(crate) fn head(report: &Report, style: &Style) -> String {
    let Some(b) = &report.baseline else { return String::new() };
    let known = match b.known.len() as u64 {
        1 => "1 finding is known and not shown".to_owned(),
        n => format!("{} are known and not shown", plural(n, "finding")),
    };
    let (path, release, now) = (clean(&b.path), clean(&b.release), clean(&b.now));
    let text = format!("compared with {path} (kastell {release}, {now}): {known}; {}", gone(b, report.incomplete));
    let mut out = wrap(&text, style.width, "  ").trim_start().to_owned();
    out.push_str(&controls(report, style));
    out
}

/// What became of the findings of the baseline that are no more.
fn gone(b: &Baseline, incomplete: bool) -> String {
    let mut parts = vec![match (b.fixed, incomplete) {
        (n, false) => format!("{n} fixed since"),
        // What was not read may hold them.
        (n, true) => format!("{n} not found again, which may be for want of reading"),
    }];
    for (n, what) in [
        (b.removed, "gone with their objects"),
        (b.excepted, "excepted now"),
        (b.undecided, "not decided again"),
        (b.not_asked, "not asked again"),
    ] {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    }
    parts.join(", ")
}

/// Controls that the baseline says nothing about.
fn controls(report: &Report, style: &Style) -> String {
    let Some(b) = &report.baseline else { return String::new() };
    let mut out = String::new();
    if !b.new_controls.is_empty() {
        let findings = report.findings.iter().filter(|f| report.is_of_new_control(f)).count() as u64;
        let text = format!(
            "{} newer than kastell {}: {} marked as of a new control, which fail no run",
            plural(b.new_controls.len() as u64, "control"),
            clean(&b.release),
            plural(findings, "finding"),
        );
        out.push_str(wrap(&text, style.width, "  ").trim_start());
    }
    if !b.newly_asked.is_empty() {
        let text =
            format!("{} that it did not ask: whatever they find is new", plural(b.newly_asked.len() as u64, "control"));
        out.push_str(wrap(&text, style.width, "  ").trim_start());
    }
    out
}
