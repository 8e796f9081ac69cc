//! The page: one file that loads nothing, works without scripts, and can be printed.
//!
//! Every value goes through [`t`] and through maud's escaping; the content security policy allows the style and the
//! script of this module by their hashes and nothing else, so a value that got through would still not run. Source text
//! appears in frames only, which ask the mask.

mod control;
mod entry;
mod finding;
mod fortress;
mod listing;
mod unanswered;

use crate::report::Report;
use crate::style::{Mask, Style, clean, plural};
use crate::web;
use kastell_model::{Severity, Str};
use listing::Listing;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::collections::HashMap;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// What the page may do: its own style and script, and nothing that leaves it. A test compares the hashes.
const POLICY: &str = "default-src 'none'; style-src 'sha256-6/0RcbkqVvSDdtJ0zd03lHmtYRHIH/X1n/dVzeL8lW8='; \
    script-src 'sha256-1jxQEMV0nuQGHlSCDxYcINOWeaUU2z036RKyQ/C0UUM='; img-src data:; base-uri 'none'; form-action 'none'";

/// Renders the report as a page. Links to files stand on `base` where one is given; else they are relative.
pub fn html(report: &Report, mask: &dyn Mask, base: Option<&str>) -> String {
    let page = Page::new(report, mask, base);
    let listing = Listing::of(report);
    let title = t(&format!("kastell: {} · {}", web::verdict(report), web::inputs(report, 1)));
    let out = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#findings" { "To the findings" }
                header { (head(&page)) }
                main {
                    (fortress::section(&page))
                    (finding::section(&page, &listing))
                    (control::by_ring(&page, &listing))
                    (unanswered::section(&page))
                    (unanswered::accepted(&page))
                    (control::table(&page))
                }
                footer { p.muted { "kastell " (t(&report.head.version)) ". This page loads nothing and sends nothing." } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    out.into_string()
}

/// A text from an input, as it may be shown: maud escapes it, this replaces what steers the direction of text.
fn t(text: &str) -> String {
    clean(text)
}

/// What all sections need.
struct Page<'a> {
    report: &'a Report,
    mask: &'a dyn Mask,
    base: Option<&'a str>,
    /// How frames are set: plain, as wide as a page.
    style: Style,
    /// The number of each rule, for anchors; ids themselves may hold anything.
    rules: HashMap<&'a str, usize>,
}

impl<'a> Page<'a> {
    fn new(report: &'a Report, mask: &'a dyn Mask, base: Option<&'a str>) -> Page<'a> {
        let rules = report.rules.iter().enumerate().map(|(i, r)| (&*r.id.0, i)).collect();
        let style = Style { color: false, width: 120, height: Some(1), unicode: true };
        Page { report, mask, base, style, rules }
    }

    /// The rule's id, as a link to what is said of it.
    fn rule(&self, id: &str) -> Markup {
        html! {
            @match self.rules.get(id) {
                Some(i) => a href={ "#control-" (i) } { code { (t(id)) } },
                None => code { (t(id)) },
            }
        }
    }

    /// A file, as a link where it can be one.
    fn file(&self, path: &str, line: Option<u32>, text: &str) -> Markup {
        html! {
            @match web::href(self.base, path, line) {
                Some(href) => a href=(href) { (t(text)) },
                None => (t(text)),
            }
        }
    }
}

/// A severity or a status: a colour, and always its name.
fn badge(name: &str) -> Markup {
    html! { span class={ "badge " (name) } { (name) } }
}

/// A sentence in the Markdown of our documentation, of which only code is marked.
fn inline(text: &str) -> Markup {
    let text = t(text);
    let pieces: Vec<&str> = text.split('`').collect();
    let balanced = pieces.len() % 2 == 1;
    html! {
        @if balanced {
            @for (i, piece) in pieces.iter().enumerate() {
                @if i % 2 == 1 { code { (piece) } } @else { (piece) }
            }
        } @else { (text) }
    }
}

/// A table that may be wider than the page: then it scrolls, also by keyboard.
fn table(name: &str, content: Markup) -> Markup {
    html! { div.scroll role="region" aria-label=(name) tabindex="0" { table { (content) } } }
}

fn head(page: &Page<'_>) -> Markup {
    let report = page.report;
    let h = &report.head;
    let failing = report.failing();
    let class = if failing > 0 {
        "fails"
    } else if report.incomplete {
        "incomplete"
    } else {
        "passes"
    };
    let given = if h.version_given { "" } else { " (the newest known; --kubernetes-version says yours)" };
    html! {
        h1 { "kastell: " (t(&web::inputs(report, 3))) }
        p.muted {
            "Kubernetes " (t(&h.kubernetes_version)) (given) " · " (t(&h.now)) " · kastell " (t(&h.version)) br;
            "Read " (web::what_was_read(report)) ". " (plural(u64::from(h.requests), "request"))
            "; nothing was written or sent."
        }
        div class={ "verdict " (class) } {
            strong { (sentence(&web::verdict(report))) }
            p { (sentence(&web::summary(report))) "." }
            @if let Some(least) = h.fail_on {
                p.muted { "What fails: " (least.name()) " and worse, of " (h.min_confidence.name()) " confidence or higher." }
            }
            @if report.incomplete { p { strong { "Incomplete: " } (web::INCOMPLETE) "." } }
            ul.counts { @for (severity, n) in report.by_severity() { li { (badge(severity.name())) " " (n) } } }
        }
        (clusters(page))
        (skipped(&h.skipped))
        nav aria-label="Sections" {
            a href="#rings" { "Rings" } " · " a href="#findings" { "Findings" } " · " a href="#controls" { "Controls" }
            " · " a href="#unanswered" { "Not answered" } " · " a href="#accepted" { "Accepted" } " · "
            a href="#rules" { "All controls" }
        }
    }
}

/// How each running cluster was read.
fn clusters(page: &Page<'_>) -> Markup {
    let clusters = &page.report.head.clusters;
    html! {
        @for c in clusters {
            p {
                "Cluster " strong { (t(&c.unit)) } " at " code { (t(&c.server)) }
                @if let Some(version) = &c.version { ", " (t(version)) }
                @if let Some(reader) = &c.reader { ", read as " code { (t(reader)) } }
                ", " (plural(u64::from(c.requests), "request")) ", " (t(&c.read_at)) ": "
                (plural(c.kinds.len() as u64, "kind")) " asked."
            }
        }
    }
}

fn skipped(skipped: &std::collections::BTreeMap<Str, u32>) -> Markup {
    let total: u64 = skipped.values().map(|n| u64::from(*n)).sum();
    let by: Vec<String> = skipped.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    html! { @if total > 0 { p.muted { (total) " skipped: " (t(&by.join(", "))) "." } } }
}

fn sentence(text: &str) -> String {
    let text = t(text);
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

/// 4 for critical down to 0 for info, as the script compares them.
fn rank(severity: Severity) -> usize {
    let worse = Severity::ALL.iter().position(|s| *s == severity).unwrap_or(0);
    Severity::ALL.len() - 1 - worse
}
