//! The questions of a threat model, one line each: what is known so far, and what is not asked yet.

use super::same::{namespace, subjects};
use crate::question::{Known, known};
use crate::report::{Question, Report};
use crate::style::{DIM, Style, clean, cut, plural};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Rules that are named with what they found.
const RULES: usize = 3;

/// All questions under a heading, with a blank line behind; nothing where there are none.
pub(crate) fn section(report: &Report, style: &Style) -> String {
    if report.questions.is_empty() {
        return String::new();
    }
    let mut out = format!("{}\n", style.paint(DIM, "threat questions, and what is known so far"));
    let width = report.questions.iter().map(|q| q.text.chars().count()).max().unwrap_or(0);
    let room = style.width.saturating_sub(width + 4);
    for question in &report.questions {
        let answer = answer(&known(report, question), question, room, style);
        let _ = writeln!(out, "  {:width$}  {answer}", clean(&question.text));
    }
    out.push('\n');
    out
}

/// The fullest form that fits: the names of rules give way first, what is not asked stays to the last.
fn answer(known: &Known<'_>, question: &Question, room: usize, style: &Style) -> String {
    let open = question.not_asked.as_ref().map(|open| clean(open));
    let head = found(known, open.as_deref());
    let forms = (0..=RULES.min(known.rules.len())).rev().map(|n| {
        let rules = rules(known, n);
        let colon = if rules.is_empty() { "" } else { ": " };
        match &open {
            Some(open) if known.asked > 0 => format!("{head}{colon}{rules}; not asked yet: {open}"),
            _ => format!("{head}{colon}{rules}"),
        }
    });
    let mut last = String::new();
    for form in forms {
        if form.chars().count() <= room {
            return form;
        }
        last = form;
    }
    cut(&last, room, style)
}

/// `7 workloads in 5 namespaces`, `nothing found in 412 answers`, `nothing found so far, 14 unknown`.
fn found(known: &Known<'_>, open: Option<&str>) -> String {
    if known.asked == 0 {
        return open.map_or_else(|| "not asked in this run".to_owned(), |open| format!("not asked yet: {open}"));
    }
    if known.subjects.is_empty() {
        return match (known.unknown, known.passed) {
            (0, 0) => "nothing that was read concerns it".to_owned(),
            (0, passed) => format!("nothing found in {}", plural(passed, "check")),
            (unknown, _) => format!("nothing found, but {} unknown", plural(unknown, "check")),
        };
    }
    let namespaces: BTreeSet<_> = known.subjects.iter().filter_map(|key| namespace(key)).collect();
    let mut out = subjects(known.subjects.iter().copied(), namespaces.len());
    if known.yours < known.subjects.len() {
        let _ = write!(out, " ({} yours)", known.yours);
    }
    if known.unknown > 0 {
        let _ = write!(out, ", {} unknown", known.unknown);
    }
    out
}

/// `privileged-container 3, host-pid 2, 4 more`.
fn rules(known: &Known<'_>, most: usize) -> String {
    if most == 0 {
        return String::new();
    }
    let mut names: Vec<String> =
        known.rules.iter().take(most).map(|(rule, n)| format!("{} {n}", clean(rule))).collect();
    if known.rules.len() > most {
        names.push(format!("{} more", known.rules.len() - most));
    }
    names.join(", ")
}
