//! The controls: those with findings by ring, with reason, fix and mappings, and the table of all.

use super::listing::Listing;
use super::{Page, badge, inline, t};
use crate::report::Rule;
use crate::style::plural;
use crate::web;
use kastell_model::{Finding, ObjectKey};
use maud::{Markup, html};
use std::collections::{BTreeSet, HashMap};

/// Subjects that a control names.
const SUBJECTS: usize = 20;

/// What the report found of each rule.
fn found<'a>(page: &Page<'a>) -> HashMap<&'a str, Vec<&'a Finding>> {
    let mut out: HashMap<&str, Vec<&Finding>> = HashMap::new();
    for f in &page.report.findings {
        out.entry(&f.rule.0).or_default().push(f);
    }
    out
}

/// Every ring has its place, also where nothing was found: links of the picture lead here where no script filters.
pub(super) fn by_ring(page: &Page<'_>, listing: &Listing<'_>) -> Markup {
    let found = found(page);
    html! {
        section aria-labelledby="controls" {
            h2 #controls { "Controls with findings" }
            @for ring in web::rings(page.report) {
                section id={ "r=" (t(ring)) } {
                    h3 { (t(ring)) }
                    @let rules: Vec<&Rule> = page.report.rules.iter()
                        .filter(|r| *r.ring == *ring && found.contains_key(&*r.id.0)).collect();
                    @if rules.is_empty() { p.muted { "No finding." } }
                    @for rule in rules {
                        (control(page, listing, rule, found.get(&*rule.id.0).map(Vec::as_slice).unwrap_or_default()))
                    }
                }
            }
        }
    }
}

fn control(page: &Page<'_>, listing: &Listing<'_>, rule: &Rule, findings: &[&Finding]) -> Markup {
    let worst = findings.iter().map(|f| f.severity).max().unwrap_or(rule.severity);
    let subjects: BTreeSet<&ObjectKey> = findings.iter().map(|f| &f.subject.key).collect();
    let names: Vec<String> = subjects.iter().take(SUBJECTS).map(|k| t(&web::subject(page.report, k))).collect();
    let maps: Vec<String> = rule.maps.iter().map(|(framework, item)| t(&format!("{framework} {item}"))).collect();
    html! {
        details.control id=[page.rules.get(&*rule.id.0).map(|i| format!("control-{i}"))] {
            summary {
                (badge(worst.name())) " " code { (t(&rule.id.0)) } ": " (inline(&rule.title))
                span.muted { " · " (plural(findings.len() as u64, "finding")) " in " (plural(subjects.len() as u64, "subject")) }
            }
            @if !rule.docs.is_empty() { p { (inline(&rule.docs)) } }
            dl {
                @if !rule.help.is_empty() { dt { "fix" } dd { (inline(&rule.help)) } }
                @if !maps.is_empty() { dt { "maps to" } dd { (maps.join(" · ")) } }
                dt { "subjects" }
                dd {
                    (names.join(" · "))
                    @if subjects.len() > SUBJECTS { " · and " (subjects.len() - SUBJECTS) " more" }
                }
                @if let Some(n) = listing.left_out.get(&rule.id) { dt { "not on this page" } dd { (plural(*n as u64, "finding")) } }
            }
        }
    }
}

/// Every control that was asked, with what it gave.
pub(super) fn table(page: &Page<'_>) -> Markup {
    let rules = &page.report.rules;
    html! {
        section aria-labelledby="rules" {
            h2 #rules { "All controls of this run" }
            details {
                summary { (plural(rules.len() as u64, "control")) ", counted in objects" }
                (super::table("Controls", html! {
                    thead {
                        tr {
                            th scope="col" { "control" } th scope="col" { "title" } th scope="col" { "ring" }
                            th scope="col" { "severity" } th.n scope="col" { "fail" } th.n scope="col" { "unknown" }
                            th.n scope="col" { "pass" } th.n scope="col" { "not concerned" }
                        }
                    }
                    tbody {
                        @for rule in rules {
                            tr {
                                th scope="row" { code { (t(&rule.id.0)) } }
                                td { (inline(&rule.title)) }
                                td { (t(&rule.ring)) }
                                td { (badge(rule.severity.name())) }
                                td.n { (rule.counts.fail) } td.n { (rule.counts.unknown) }
                                td.n { (rule.counts.pass) } td.n { (rule.counts.not_applicable) }
                            }
                        }
                    }
                }))
            }
        }
    }
}
