//! The rings as a picture, and the same in a table. A ring has the colour of its worst open finding, and says it.

use super::{Page, badge, t};
use crate::report::Report;
use crate::style::plural;
use crate::web;
use kastell_model::Severity;
use maud::{Markup, html};
use std::collections::HashMap;

/// Half of the picture's size, in its own units; the radius of the keep and of what is left around the wall.
const CENTRE: usize = 320;
const KEEP: usize = 62;
const MARGIN: usize = 4;

/// The ring that stands in the middle, whatever the order of the others: it is what all of them are for.
const INNERMOST: &str = "secrets";

/// What is known of a ring.
struct Ring<'a> {
    name: &'a str,
    severities: [usize; 5],
    unknown: u64,
    passed: u64,
    asked: bool,
}

impl Ring<'_> {
    fn worst(&self) -> Option<(Severity, usize)> {
        Severity::ALL.into_iter().zip(self.severities).find(|(_, n)| *n > 0)
    }

    /// The class of its colour.
    fn class(&self) -> &'static str {
        match self.worst() {
            Some((severity, _)) => severity.name(),
            None if self.unknown > 0 => "unknown",
            None if self.passed > 0 => "passed",
            None => "unasked",
        }
    }

    /// What it says of itself.
    fn state(&self) -> String {
        match self.worst() {
            Some((severity, n)) => format!("{n} {severity}"),
            None if self.unknown > 0 => format!("{} unknown", self.unknown),
            None if self.passed > 0 => "no finding".to_owned(),
            None if self.asked => "nothing to ask".to_owned(),
            None => "not asked".to_owned(),
        }
    }
}

/// The rings from the outermost to the keep.
fn rings(report: &Report) -> Vec<Ring<'_>> {
    let mut names = web::rings(report);
    names.sort_by_key(|name| *name == INNERMOST);
    names.into_iter().map(|name| ring(report, name)).collect()
}

fn ring<'a>(report: &Report, name: &'a str) -> Ring<'a> {
    let rules: HashMap<&str, u64> =
        report.rules.iter().filter(|r| *r.ring == *name).map(|r| (&*r.id.0, u64::from(r.counts.pass))).collect();
    let mut severities = [0; 5];
    for f in report.findings.iter().filter(|f| rules.contains_key(&*f.rule.0)) {
        let slot = Severity::ALL.iter().position(|s| *s == f.severity);
        if let Some(n) = slot.and_then(|i| severities.get_mut(i)) {
            *n += 1;
        }
    }
    let gaps = report.gaps.iter().filter(|g| g.rule.as_ref().is_some_and(|r| rules.contains_key(&*r.0)));
    Ring {
        name,
        severities,
        unknown: gaps.map(|g| u64::from(g.count)).sum(),
        passed: rules.values().sum(),
        asked: !rules.is_empty(),
    }
}

pub(super) fn section(page: &Page<'_>) -> Markup {
    let rings = rings(page.report);
    html! {
        section aria-labelledby="rings" {
            h2 #rings { "Rings" }
            div.keep {
                (picture(&rings))
                (twin(&rings))
            }
        }
    }
}

fn picture(rings: &[Ring<'_>]) -> Markup {
    let walls = rings.len().saturating_sub(1).max(1);
    let room = CENTRE - MARGIN - KEEP;
    let side = 2 * CENTRE;
    html! {
        svg.fortress viewBox={ "0 0 " (side) " " (side) } role="group" aria-labelledby="picture" {
            title #picture { "The rings from the outermost to the keep, each with its worst open findings" }
            @for (i, ring) in rings.iter().enumerate() {
                // Outer rings are painted first and inner ones on them; each has the width of all.
                @let outer = (CENTRE - MARGIN).saturating_sub(room * i / walls);
                @let inner = (CENTRE - MARGIN).saturating_sub(room * (i + 1) / walls);
                a class=(ring.class()) href={ "#r=" (t(ring.name)) } {
                    title { (t(ring.name)) ": " (ring.state()) }
                    circle cx=(CENTRE) cy=(CENTRE) r=(outer) {}
                    @if i + 1 == rings.len() {
                        text.name x=(CENTRE) y=(CENTRE - 3) { (t(ring.name)) }
                        text.name x=(CENTRE) y=(CENTRE + 17) { (ring.state()) }
                        text.number x=(CENTRE) y=(CENTRE + 9) { (i + 1) }
                    } @else {
                        // On the middle of the ring, a third of the letters' height below it.
                        @let r = ((outer + inner) / 2).saturating_sub(5);
                        path id={ "ring-" (i) } fill="none"
                            d={ "M" (CENTRE - r) " " (CENTRE) "A" (r) " " (r) " 0 0 1 " (CENTRE + r) " " (CENTRE) } {}
                        text.name {
                            textPath href={ "#ring-" (i) } startOffset="50%" { (t(ring.name)) ": " (ring.state()) }
                        }
                        text.number x=(CENTRE) y=(CENTRE - r + 5) { (i + 1) }
                    }
                }
            }
        }
    }
}

fn twin(rings: &[Ring<'_>]) -> Markup {
    super::table(
        "Rings",
        html! {
            thead {
                tr {
                    th.n scope="col" { "#" }
                    th scope="col" { "ring" }
                    th scope="col" { "worst" }
                    @for severity in Severity::ALL { th.n scope="col" { (severity.name()) } }
                    th.n scope="col" { "unknown" }
                    th.n scope="col" { "passed" }
                }
            }
            tbody {
                @for (i, ring) in rings.iter().enumerate() {
                    tr {
                        td.n { (i + 1) }
                        th scope="row" { a href={ "#r=" (t(ring.name)) } { (t(ring.name)) } }
                        td {
                            @match ring.class() {
                                "unasked" => span.muted { (ring.state()) },
                                "passed" => (badge("passed")),
                                class => (badge(class)),
                            }
                        }
                        @for n in ring.severities { td.n { (number(n as u64)) } }
                        td.n { (number(ring.unknown)) }
                        td.n { (number(ring.passed)) }
                    }
                }
            }
            caption.muted { (plural(rings.len() as u64, "ring")) ", from the outermost; a failure in one must be caught by another." }
        },
    )
}

/// A count; nothing is a dash.
fn number(n: u64) -> String {
    if n == 0 { "–".to_owned() } else { n.to_string() }
}
