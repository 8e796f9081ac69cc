//! A comparison for people: at most a screenful, then counts.

use super::{DiffReport, DiffSide, change_in_words, kinds_in_words, severities, subjects_in_words};
use crate::style::{BOLD, Style, clean, cut, plural, severity, status, wrap};
use anstyle::Style as Ansi;
use std::fmt::Write as _;

/// A line of a section: the first cell with its colour, then cells that are aligned, the last of which gives way.
struct Line {
    paint: Ansi,
    cells: Vec<String>,
}

/// A title, and the lines below it.
struct Section {
    title: String,
    lines: Vec<Line>,
}

/// Lines that a section may always have, however many there are of the others.
const LEAST: usize = 6;

/// Renders a comparison. `all` shows every line.
pub fn diff_terminal(report: &DiffReport<'_>, style: &Style, all: bool) -> String {
    let (head, tail) = (head(report, style), tail(report, style));
    let sections: Vec<Section> = [answers(report, style), new(report), changed(report, style), gone(report)]
        .into_iter()
        .filter(|s| !s.lines.is_empty())
        .collect();
    let room = match style.height {
        Some(height) if !all => {
            let fixed = head.lines().count() + tail.lines().count() + 3 * sections.len();
            height.saturating_sub(fixed)
        }
        _ => usize::MAX,
    };
    let shares = shares(&sections, room);
    let mut out = head;
    for (section, share) in sections.iter().zip(shares) {
        let _ = writeln!(out, "{}", style.paint(BOLD, &section.title));
        out.push_str(&columns(section.lines.get(..share).unwrap_or(&section.lines), style));
        match section.lines.len().saturating_sub(share) {
            0 => {}
            n => {
                let _ = writeln!(out, "  {} and {n} more (--verbose shows all)", style.ellipsis());
            }
        }
        out.push('\n');
    }
    out.push_str(&tail);
    out
}

/// How many lines of each section are shown: first the least of each, then what is left in order.
fn shares(sections: &[Section], room: usize) -> Vec<usize> {
    let least = if sections.is_empty() { 0 } else { LEAST.min(room / sections.len()) };
    let mut shares: Vec<usize> = sections.iter().map(|s| s.lines.len().min(least)).collect();
    let mut left = room.saturating_sub(shares.iter().sum());
    for (share, section) in shares.iter_mut().zip(sections) {
        let more = (section.lines.len() - *share).min(left);
        *share += more;
        left -= more;
    }
    shares
}

fn head(report: &DiffReport<'_>, style: &Style) -> String {
    let name = style.paint(BOLD, &format!("kastell {}", clean(&report.version)));
    let mut out = format!("{name}{}diff\n", style.dot());
    for (word, side) in [("before", &report.before), ("after ", &report.after)] {
        let _ = writeln!(out, "{word}: {}", side_in_words(side));
    }
    let objects = match &report.kinds {
        None => "objects: a report does not say them".to_owned(),
        Some(kinds) => match (kinds_in_words(kinds), report.contents) {
            (words, true) if words.is_empty() => "objects: no difference".to_owned(),
            (words, false) if words.is_empty() => "objects: none was added or removed".to_owned(),
            (words, _) => format!("objects: {words}"),
        },
    };
    out.push_str(wrap(&objects, style.width, "  ").trim_start());
    out.push_str("nothing was written or sent\n\n");
    out
}

/// `a.json (report of kastell 0.1.0, 2026-11-24), 54 objects`.
fn side_in_words(side: &DiffSide) -> String {
    let report = match side.is_report {
        true => format!(" (report of kastell {}, {})", clean(&side.release), clean(&side.now)),
        false => String::new(),
    };
    let incomplete = if side.incomplete { ", incomplete" } else { "" };
    format!("{}{report}, {}{incomplete}", clean(&side.name), plural(u64::from(side.objects), "object"))
}

fn answers(report: &DiffReport<'_>, style: &Style) -> Section {
    let arrow = arrow(style);
    let groups = report.answers.iter().flatten();
    let line = |g: &super::DiffAnswers<'_>| Line {
        paint: status(g.after.name()),
        cells: vec![
            format!("{} {arrow} {}", g.before.name(), g.after.name()),
            clean(&g.rule.0),
            subjects_in_words(&g.subjects, 1),
            if g.cause.is_empty() { String::new() } else { clean(&g.cause) },
        ],
    };
    let title = format!(
        "questions answered differently: {} of {}",
        report.answered_differently(),
        plural(report.questions, "question")
    );
    Section { title, lines: groups.map(line).collect() }
}

fn new(report: &DiffReport<'_>) -> Section {
    let title = format!(
        "new: {} ({})",
        plural(report.new.len() as u64, "finding"),
        severities(report.new.iter().map(|f| f.finding))
    );
    Section { title, lines: report.new.iter().map(|f| single(f, f.other.of_new())).collect() }
}

fn gone(report: &DiffReport<'_>) -> Section {
    let fixed = report.fixed();
    let title = format!("gone: {}, {fixed} of them fixed", plural(report.gone.len() as u64, "finding"));
    Section { title, lines: report.gone.iter().map(|f| single(f, f.other.of_gone())).collect() }
}

fn single(f: &super::DiffFinding<'_>, why: &str) -> Line {
    let part = f.finding.part.as_ref().map(|p| format!(", {}", clean(p))).unwrap_or_default();
    let times = if f.copies > 1 { format!(" ({} times)", f.copies) } else { String::new() };
    let why = if why.is_empty() { String::new() } else { format!("[{why}] ") };
    Line {
        paint: severity(f.finding.severity),
        cells: vec![
            f.finding.severity.name().to_owned(),
            clean(&f.finding.rule.0),
            format!("{}{part}", clean(&f.finding.subject.to_string())),
            format!("{why}{}{times}", clean(&f.finding.message)),
        ],
    }
}

fn changed(report: &DiffReport<'_>, style: &Style) -> Section {
    let line = |p: &super::DiffPair<'_>| Line {
        paint: severity(p.after.severity),
        cells: vec![
            p.after.severity.name().to_owned(),
            clean(&p.after.rule.0),
            clean(&p.after.subject.to_string()),
            change_in_words(p, arrow(style)),
        ],
    };
    let title = format!("changed: {}", plural(report.changed.len() as u64, "finding"));
    Section { title, lines: report.changed.iter().map(line).collect() }
}

fn arrow(style: &Style) -> &'static str {
    if style.unicode { "→" } else { "->" }
}

/// Lines with aligned cells. Cells in the middle take at most a third of the width, the last what is left.
fn columns(lines: &[Line], style: &Style) -> String {
    let width = |i: usize| {
        let widest = lines.iter().filter_map(|l| l.cells.get(i)).map(|c| c.chars().count()).max().unwrap_or(0);
        widest.min(style.width / 3)
    };
    let widths: Vec<usize> = (0..3).map(width).collect();
    let room = style.width.saturating_sub(widths.iter().sum::<usize>() + 2 * 4);
    let mut out = String::new();
    for line in lines {
        let mut text = String::new();
        for (i, (cell, width)) in line.cells.iter().zip(widths.iter().copied().chain([room])).enumerate() {
            let cell = cut(cell, width.max(8), style);
            let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
            let painted = if i == 0 { style.paint(line.paint, &cell) } else { cell };
            let _ = write!(text, "  {painted}{}", if i < 3 { &pad } else { "" });
        }
        let _ = writeln!(out, "{}", text.trim_end());
    }
    out
}

fn tail(report: &DiffReport<'_>, style: &Style) -> String {
    let mut out = String::new();
    if report.answers.is_none() {
        out.push_str("answers were not compared: a report of this release says them, an older one does not\n");
    }
    for (rules, which) in [(&report.asked_before, "before"), (&report.asked_after, "after")] {
        if !rules.is_empty() {
            let _ = writeln!(out, "{} asked only {which}", plural(rules.len() as u64, "control"));
        }
    }
    let _ = writeln!(
        out,
        "{} new, {} fixed, {} gone otherwise, {} changed, {} the same",
        report.new.len(),
        report.fixed(),
        report.gone.len() - report.fixed(),
        report.changed.len(),
        report.unchanged
    );
    if let Some(least) = report.fail_on {
        let of = match report.failing() {
            0 => "no new finding fails".to_owned(),
            1 => "1 new finding fails".to_owned(),
            n => format!("{n} new findings fail"),
        };
        let _ = writeln!(out, "{of} the run (--fail-on {least}, --min-confidence {})", report.min_confidence.name());
    }
    if report.is_incomplete() {
        let text = "incomplete: something was not read or not understood, so silence about it means nothing";
        let _ = writeln!(out, "{}", style.paint(severity(kastell_model::Severity::Medium), text));
    }
    out
}
