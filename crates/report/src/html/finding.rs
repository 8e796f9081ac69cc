//! The findings: filters, then the users' own by owner, the same everywhere, and what others ship.

use super::entry::entry;
use super::listing::{Listing, Subject};
use super::{Page, badge, rank, t};
use crate::style::plural;
use crate::web;
use kastell_model::{Class, Severity};
use maud::{Markup, html};
use std::collections::BTreeSet;

pub(super) fn section(page: &Page<'_>, listing: &Listing<'_>) -> Markup {
    html! {
        section aria-labelledby="findings" {
            h2 #findings tabindex="-1" { "Findings" }
            @if page.report.findings.is_empty() {
                p { (web::summary(page.report)) "." }
            } @else {
                (filters(page, listing))
                p #none hidden { "Nothing on this page fits these filters." }
                @for (owner, subjects) in &listing.by_owner {
                    section.box {
                        h3 { "Owner: " (t(web::owner(owner))) " · " (plural(subjects.len() as u64, "subject")) }
                        @for s in subjects { (subject(page, listing, s)) }
                    }
                }
                (same(page, listing))
                @for (class, subjects) in &listing.by_class {
                    section.box {
                        h3 { (shipped(*class)) " · " (plural(subjects.len() as u64, "subject")) }
                        @for s in subjects { (subject(page, listing, s)) }
                    }
                }
                (left_out(page, listing))
            }
        }
    }
}

fn shipped(class: Class) -> &'static str {
    match class {
        Class::Yours => "Yours",
        Class::Platform => "Shipped by others: add-ons of the platform",
        Class::System => "Shipped by others: Kubernetes and the provider",
    }
}

fn subject(page: &Page<'_>, listing: &Listing<'_>, s: &Subject<'_>) -> Markup {
    let name = t(&web::subject(page.report, s.key));
    html! {
        article.subject.box data-name=(name) {
            header {
                h4 { (name) }
                @for severity in Severity::ALL {
                    @let n: usize = s.entries.iter().filter(|e| e.severity == severity).map(|e| e.findings.len()).sum();
                    @if n > 0 { span { (badge(severity.name())) " " (n) } }
                }
            }
            ul.plain { @for e in &s.entries { (entry(page, listing, e)) } }
        }
    }
}

fn same(page: &Page<'_>, listing: &Listing<'_>) -> Markup {
    html! {
        @if !listing.same.is_empty() {
            section.box {
                h3 { "The same everywhere" }
                p.muted { "One entry for what is said of five subjects or more in the same words." }
                div.subject.box { ul.plain { @for e in &listing.same { (entry(page, listing, e)) } } }
            }
        }
    }
}

/// What the bound of the page left out, by control: counted, with the command that lists it.
fn left_out(page: &Page<'_>, listing: &Listing<'_>) -> Markup {
    let total = listing.left_out();
    html! {
        @if total > 0 {
            section {
                h3 { "Not on this page: " (plural(total as u64, "finding")) }
                p {
                    "A page with all of them would be too large. They are counted above and below; "
                    code { "kastell scan … --verbose" } " and " code { "--format json" } " list them."
                }
                details {
                    summary { "By control" }
                    ul { @for (rule, n) in &listing.left_out { li { (page.rule(&rule.0)) ": " (n) } } }
                }
            }
        }
    }
}

/// Shown by the script only: without it nothing would happen.
fn filters(page: &Page<'_>, listing: &Listing<'_>) -> Markup {
    let classes: BTreeSet<Class> = page.report.findings.iter().map(|f| f.class).collect();
    html! {
        form #filters hidden autocomplete="off" aria-label="Filters" {
            label { "At least"
                select name="s" {
                    option value="" { "any severity" }
                    @for s in Severity::ALL { option value=(rank(s)) { (s.name()) } }
                }
            }
            label { "Ring"
                select name="r" {
                    option value="" { "all rings" }
                    @for ring in web::rings(page.report) { option value=(t(ring)) { (t(ring)) } }
                }
            }
            label { "Owner"
                select name="o" {
                    option value="" { "all owners" }
                    @for (i, owner) in listing.owners.iter().enumerate() {
                        option value=(i) { (t(web::owner(owner))) }
                    }
                }
            }
            label { "Class"
                select name="c" {
                    option value="" { "all classes" }
                    @for class in &classes { option value=(class.name()) { (class.name()) } }
                }
            }
            label { "Words" input type="search" name="q"; }
            div { button type="reset" { "Show all" } }
            output #count aria-live="polite" {}
        }
    }
}
