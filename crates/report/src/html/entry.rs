//! One entry: a line, and behind it the frame, the places, and what is known of the fix.

use super::listing::{Entry, Listing, messages};
use super::{Page, badge, inline, rank, t};
use crate::frame::{Frame, Spot};
use crate::place;
use crate::style::{first_sentence, plural, severity};
use crate::web;
use kastell_model::{Class, Confidence, Finding, Place, Safety};
use maud::{Markup, html};
use std::collections::BTreeSet;

/// Frames of one entry, its places besides those, and sentences of its line.
const FRAMES: usize = 2;
const PLACES: usize = 50;
const SENTENCES: usize = 3;

pub(super) fn entry(page: &Page<'_>, listing: &Listing<'_>, e: &Entry<'_>) -> Markup {
    let ring = page.report.rule(e.rule).map_or("", |r| &*r.ring);
    let owners: BTreeSet<String> = e
        .findings
        .iter()
        .filter_map(|f| listing.owners.iter().position(|o| **o == f.owner))
        .map(|i| i.to_string())
        .collect();
    let owners = owners.into_iter().collect::<Vec<_>>().join(" ");
    html! {
        li.entry data-s=(rank(e.severity)) data-r=(t(ring)) data-o=(owners) data-c=(e.class.name())
            data-n=(e.findings.len()) {
            details {
                summary { (line(e)) }
                (body(page, e))
            }
        }
    }
}

/// What stands on the line: enough to decide whether to look behind it.
fn line(e: &Entry<'_>) -> Markup {
    let said = messages(e);
    let parts: BTreeSet<&str> = e.findings.iter().filter_map(|f| f.part.as_deref()).collect();
    let parts: Vec<String> = parts.into_iter().take(SENTENCES).map(t).collect();
    html! {
        (badge(e.severity.name())) " " code { (t(&e.rule.0)) } ": "
        @for (i, text) in said.iter().take(SENTENCES).enumerate() {
            @if i > 0 { "; " }
            (inline(text))
        }
        @if said.len() > SENTENCES { "; and " (said.len() - SENTENCES) " more" }
        @if e.subjects > 1 {
            " " strong { (plural(e.subjects as u64, "subject")) }
            @if e.class != Class::Yours { " (" (e.class.name()) ")" }
        } @else if !parts.is_empty() {
            span.muted { " · " (parts.join(", ")) }
        }
        @if e.findings.len() > e.subjects { span.muted { " · " (e.findings.len()) " places" } }
    }
}

fn body(page: &Page<'_>, e: &Entry<'_>) -> Markup {
    let frames = if e.subjects > 1 { 1 } else { FRAMES };
    let rest = e.findings.get(frames..).unwrap_or_default();
    let Some(first) = e.findings.first() else { return html! {} };
    let rule = page.report.rule(e.rule);
    html! {
        @for f in e.findings.iter().take(frames) { (frame(page, f)) }
        dl {
            @if !rest.is_empty() {
                dt { "also at" }
                dd {
                    ul.plain { @for f in rest.iter().take(PLACES) { li { (also(page, f, e.subjects > 1)) } } }
                    @if rest.len() > PLACES { "and " (rest.len() - PLACES) " more places" }
                }
            }
            @for (at, why) in &first.related {
                dt { "see" }
                dd { (place_of(page, at)) @if !why.is_empty() { ": " (inline(why)) } }
            }
            @if let Some(times) = web::times(first) { dt { "seen" } dd { (times) } }
            @if first.confidence < Confidence::High { dt { "confidence" } dd { (first.confidence.name()) } }
            @if let Some(evidence) = &first.class_evidence { dt { (first.class.name()) } dd { (t(evidence)) } }
            @if let Some(rule) = rule {
                @let help = first_sentence(&rule.help);
                @if !help.is_empty() { dt { (fix_name(first.fixable)) } dd { (inline(&help)) } }
                dt { "why" }
                dd { (page.rule(&rule.id.0)) " · " code { "kastell explain " (t(&rule.id.0)) } }
            }
        }
    }
}

fn fix_name(fixable: Option<Safety>) -> &'static str {
    match fixable {
        Some(Safety::Safe) => "fix (safe)",
        Some(Safety::Unsafe) => "fix (unsafe)",
        None => "fix",
    }
}

/// The place as a link, and the source around it as the mask lets it be seen.
fn frame(page: &Page<'_>, f: &Finding) -> Markup {
    let spot = Spot::of(&f.at, String::new());
    let frame = Frame {
        level: f.severity.name(),
        paint: severity(f.severity),
        id: None,
        title: String::new(),
        spot: Some(spot),
        path: None,
        notes: Vec::new(),
    };
    let text = frame.render(page.mask, &page.style);
    // Title and place stand above it already.
    let lines: Vec<&str> = text.lines().skip(2).collect();
    let object = &f.at.object.key;
    html! {
        p {
            (place_of(page, &f.at))
            @let field = place::field(&f.at);
            @if !web::is_live(&f.at) && !field.is_empty() { " · " code { (t(&field)) } }
            @if *object != f.subject.key { span.muted { " · in " (t(&object.to_string())) } }
        }
        @if !lines.is_empty() { pre { (lines.join("\n")) } }
    }
}

fn also(page: &Page<'_>, f: &Finding, with_subject: bool) -> Markup {
    html! {
        (place_of(page, &f.at))
        @if with_subject && !web::is_live(&f.at) { " · " (t(&web::subject(page.report, &f.subject.key))) }
        @if let Some(part) = &f.part { span.muted { " · " (t(part)) } }
    }
}

pub(super) fn place_of(page: &Page<'_>, at: &Place) -> Markup {
    let text = web::at(at);
    match web::line(at) {
        Some(line) => page.file(&at.object.source.path, Some(line), &text),
        None => html! { (text) },
    }
}
