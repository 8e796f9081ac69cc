//! What went wrong around the findings, as frames: diagnostics, and the gaps that make a run incomplete.

use super::screen::Row;
use crate::frame::{Frame, Spot};
use crate::place;
use crate::report::{GapEntry, Report};
use crate::style::{Mask, Style, plural, severity};
use anstyle::Style as Ansi;
use kastell_model::{Diagnostic, DiagnosticLevel, Label, Severity};

/// Something to show; rendered only where there is room for it.
#[derive(Clone, Copy)]
pub(crate) enum Problem<'a> {
    Diagnostic(&'a Diagnostic),
    Gap(&'a GapEntry),
}

/// What there is to show, errors first. Notes and the gaps that no reading would close are only shown where `all`.
pub(crate) fn problems(report: &Report, all: bool) -> Vec<Problem<'_>> {
    let mut diagnostics: Vec<&Diagnostic> =
        report.diagnostics.iter().filter(|d| all || d.level > DiagnosticLevel::Note).collect();
    // Stable: within a level they stay sorted by path and place.
    diagnostics.sort_by_key(|d| std::cmp::Reverse(d.level));
    let gaps = report.gaps.iter().filter(|g| all || g.is_incomplete());
    diagnostics.into_iter().map(Problem::Diagnostic).chain(gaps.map(Problem::Gap)).collect()
}

impl Problem<'_> {
    /// The problem as one line.
    pub(crate) fn row(&self) -> Row {
        match self {
            Problem::Diagnostic(d) => Row {
                level: d.level.name(),
                paint: paint(d.level),
                id: d.code.0.to_string(),
                place: match d.labels.first() {
                    Some(l) => spot(l, String::new()).at(),
                    None => d.path.as_ref().map(ToString::to_string).unwrap_or_default(),
                },
                subject: String::new(),
                message: d.message.to_string(),
            },
            Problem::Gap(g) => Row {
                level: "unknown",
                paint: severity(Severity::Medium),
                id: g.rule.as_ref().map(|r| r.0.to_string()).unwrap_or_default(),
                place: match &g.at {
                    Some(at) => place::at(at),
                    None => g.path.as_ref().map(ToString::to_string).unwrap_or_default(),
                },
                subject: g.subject.as_ref().map(ToString::to_string).unwrap_or_default(),
                message: g.detail.to_string(),
            },
        }
    }

    /// The problem as a frame, without a final line break.
    pub(crate) fn frame(&self, mask: &dyn Mask, style: &Style) -> String {
        match self {
            Problem::Diagnostic(d) => diagnostic(d, mask, style),
            Problem::Gap(g) => gap(g, mask, style),
        }
    }
}

fn spot(l: &Label, label: String) -> Spot<'_> {
    Spot { source: &l.source, span: l.span, label, beside: String::new(), approximate: false, live: None }
}

fn paint(level: DiagnosticLevel) -> Ansi {
    severity(match level {
        DiagnosticLevel::Error => Severity::High,
        DiagnosticLevel::Warning => Severity::Medium,
        DiagnosticLevel::Note => Severity::Info,
    })
}

fn diagnostic(d: &Diagnostic, mask: &dyn Mask, style: &Style) -> String {
    let mut notes: Vec<(&'static str, String)> = Vec::new();
    let spot = d.labels.first().map(|l| spot(l, l.message.to_string()));
    for l in d.labels.get(1..).unwrap_or_default() {
        let at = l.source.position(l.span.start);
        notes.push(("see", format!("{}:{}:{}: {}", l.source.path, at.line, at.column, l.message)));
    }
    if let Some(help) = &d.help {
        notes.push(("help", help.to_string()));
    }
    Frame {
        level: d.level.name(),
        paint: paint(d.level),
        id: Some(&d.code.0),
        title: d.message.to_string(),
        path: d.path.as_ref().map(ToString::to_string),
        spot,
        notes,
    }
    .render(mask, style)
}

fn gap(g: &GapEntry, mask: &dyn Mask, style: &Style) -> String {
    let subject = g.subject.as_ref().map(ToString::to_string);
    // The place of a live object names it already.
    let is_named =
        g.at.as_ref().is_some_and(|p| place::is_live(&p.object) && Some(&p.object.key) == g.subject.as_ref());
    let beside = if is_named { String::new() } else { subject.clone().unwrap_or_default() };
    let mut notes = vec![("reason", g.reason.name().to_owned())];
    if g.count > 1 {
        notes.push(("seen", plural(u64::from(g.count), "time")));
    }
    notes.extend(g.expected.as_ref().map(|why| ("expected", why.to_string())));
    Frame {
        level: "unknown",
        paint: severity(Severity::Medium),
        id: g.rule.as_ref().map(|r| &*r.0),
        title: g.detail.to_string(),
        spot: g.at.as_ref().map(|p| Spot { label: String::new(), ..Spot::of(p, beside) }),
        path: g.path.as_ref().map(ToString::to_string).or(subject),
        notes,
    }
    .render(mask, style)
}
