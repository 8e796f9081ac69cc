//! What was not answered and why, what went wrong around the findings, and what somebody accepted.

use super::entry::place_of;
use super::{Page, badge, inline, t};
use crate::report::GapEntry;
use crate::style::plural;
use crate::web;
use kastell_model::{Diagnostic, DiagnosticLevel, GapReason};
use maud::{Markup, html};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Lines of each list, and places of one line.
const LINES: usize = 300;
const PLACES: usize = 10;

/// Why something is unknown, in words.
fn in_words(reason: GapReason) -> &'static str {
    match reason {
        GapReason::Unreadable => "could not be read",
        GapReason::Unrendered => "a template that was not rendered",
        GapReason::Invalid => "makes no sense for Kubernetes",
        GapReason::Unsupported => "a form that kastell does not understand",
        GapReason::Limit => "reached a limit of kastell",
        GapReason::Dynamic => "known only at run time",
        GapReason::NeedsSource => "needs a source that was not given",
    }
}

pub(super) fn section(page: &Page<'_>) -> Markup {
    let report = page.report;
    let by = report.unknown_by_reason();
    let total: u64 = by.values().sum();
    html! {
        section aria-labelledby="unanswered" {
            h2 #unanswered { "Not answered, and why" }
            @if total == 0 { p { "Everything that was asked was answered." } } @else {
                p {
                    (plural(total, "question")) ": "
                    (by.iter().map(|(reason, n)| format!("{n} {reason}")).collect::<Vec<_>>().join(", "))
                    ". What is not answered does not count as passed."
                }
            }
            (gaps(page))
            (diagnostics(page))
        }
    }
}

/// Gaps that say the same of the same rule are one line; those that make the run incomplete come first.
fn gaps(page: &Page<'_>) -> Markup {
    type Key<'a> = (Reverse<bool>, GapReason, &'a str, &'a str);
    let mut by: BTreeMap<Key<'_>, Vec<&GapEntry>> = BTreeMap::new();
    for g in &page.report.gaps {
        let rule = g.rule.as_ref().map_or("", |r| &*r.0);
        by.entry((Reverse(g.reason.is_incomplete()), g.reason, rule, &g.detail)).or_default().push(g);
    }
    html! {
        ul.plain {
            @for ((_, reason, rule, detail), gaps) in by.iter().take(LINES) {
                @let n: u64 = gaps.iter().map(|g| u64::from(g.count)).sum();
                li.control {
                    details {
                        summary {
                            (badge("unknown")) " " @if !rule.is_empty() { code { (t(rule)) } ": " }
                            (inline(detail)) span.muted { " · " (in_words(*reason)) @if n > 1 { " · " (n) " times" } }
                        }
                        ul {
                            @for g in gaps.iter().take(PLACES) { li { (about(page, g)) } }
                            @if gaps.len() > PLACES { li { "and " (gaps.len() - PLACES) " more" } }
                        }
                    }
                }
            }
            @if by.len() > LINES { li { "and " (by.len() - LINES) " more" } }
        }
    }
}

fn about(page: &Page<'_>, g: &GapEntry) -> Markup {
    html! {
        @if let Some(subject) = &g.subject { (t(&web::subject(page.report, subject))) " " }
        @match (&g.at, &g.path) {
            (Some(at), _) => (place_of(page, at)),
            (None, Some(path)) => (page.file(path, None, path)),
            (None, None) => "",
        }
    }
}

/// Errors and warnings of reading, errors first.
fn diagnostics(page: &Page<'_>) -> Markup {
    let mut all: Vec<&Diagnostic> = page.report.diagnostics.iter().collect();
    // Stable: within a level they stay sorted by path and place.
    all.sort_by_key(|d| Reverse(d.level));
    html! {
        @if !all.is_empty() {
            h3 { "Problems" }
            ul.plain {
                @for d in all.iter().take(LINES) { li.control { (diagnostic(page, d)) } }
                @if all.len() > LINES { li { "and " (all.len() - LINES) " more" } }
            }
        }
    }
}

fn diagnostic(page: &Page<'_>, d: &Diagnostic) -> Markup {
    let class = match d.level {
        DiagnosticLevel::Error => "high",
        DiagnosticLevel::Warning => "medium",
        DiagnosticLevel::Note => "info",
    };
    html! {
        details {
            summary {
                span class={ "badge " (class) } { (d.level.name()) } " " code { (t(&d.code.0)) } ": " (inline(&d.message))
                @if let Some(path) = &d.path { span.muted { " · " (t(path)) } }
            }
            dl {
                @for l in d.labels.iter().take(PLACES) {
                    @let p = l.source.position(l.span.start);
                    @let text = format!("{}:{}:{}", l.source.path, p.line, p.column);
                    dt { "at" }
                    dd { (page.file(&l.source.path, Some(p.line), &text)) @if !l.message.is_empty() { ": " (inline(&l.message)) } }
                }
                @if let Some(help) = &d.help { dt { "help" } dd { (inline(help)) } }
                @if let Some(gap) = d.gap { dt { "reason" } dd { (in_words(gap)) } }
            }
        }
    }
}

/// Findings that somebody accepted, with who and why.
pub(super) fn accepted(page: &Page<'_>) -> Markup {
    let excepted = &page.report.excepted;
    html! {
        section aria-labelledby="accepted" {
            h2 #accepted { "Accepted" }
            @if excepted.is_empty() { p { "No finding was accepted." } } @else {
                (super::table("Accepted findings", html! {
                    thead {
                        tr {
                            th scope="col" { "control" } th scope="col" { "subject" } th scope="col" { "severity" }
                            th scope="col" { "reason" } th scope="col" { "until" } th scope="col" { "said in" }
                        }
                    }
                    tbody {
                        @for e in excepted.iter().take(LINES) {
                            tr {
                                th scope="row" { (page.rule(&e.finding.rule.0)) }
                                td { (t(&web::subject(page.report, &e.finding.subject.key))) br; (place_of(page, &e.finding.at)) }
                                td { (badge(e.finding.severity.name())) }
                                td { (t(&e.reason)) }
                                td { @match &e.until { Some(until) => (t(until)), None => "–" } }
                                td { (e.origin.name()) }
                            }
                        }
                    }
                }))
                @if excepted.len() > LINES { p { "and " (excepted.len() - LINES) " more" } }
            }
        }
    }
}
