//! The page: well formed, closed to everything from outside, bounded, and the same bytes for the same report.

use crate::fixture::{CANARY, SHOP, finding, mask, object, report};
use crate::hostile::{HOSTILE, hostile};
use base64::Engine as _;
use kastell_model::{Class, Owner, Severity};
use kastell_report::{Report, html};
use sha2::Digest as _;

fn page(report: &Report) -> String {
    html(report, &mask, None)
}

/// A tag of a page: its name and attributes; a name with a slash in front closes.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

/// The tags of a page, by the rules for what maud writes: values stand in double quotes, and the text of `style` and
/// `script` ends at its own closing tag.
fn tags(page: &str) -> Vec<Tag<'_>> {
    let mut out = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if rest.starts_with('!') {
            continue;
        }
        let name = &rest[..rest.find([' ', '>']).unwrap()];
        rest = &rest[name.len()..];
        let mut attributes = Vec::new();
        while let Some(more) = rest.strip_prefix(' ') {
            let attribute = &more[..more.find(['=', ' ', '>']).unwrap()];
            rest = &more[attribute.len()..];
            let value = match rest.strip_prefix("=\"") {
                Some(value) => {
                    let value = &value[..value.find('"').unwrap()];
                    rest = &rest[value.len() + 3..];
                    value
                }
                None => "",
            };
            attributes.push((attribute, value));
        }
        rest = rest.strip_prefix('>').unwrap_or_else(|| panic!("<{name}> does not end: {}", &rest[..40]));
        out.push(Tag { name, attributes });
        if ["style", "script"].contains(&name) {
            rest = &rest[rest.find(&format!("</{name}>")).unwrap()..];
        }
    }
    out
}

/// Checks that a page is well formed and holds nothing that its policy would have to stop.
fn check(of: &str, page: &str) {
    const VOID: [&str; 4] = ["meta", "br", "input", "link"];
    let mut open: Vec<&str> = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    let mut links = Vec::new();
    for tag in tags(page) {
        match tag.name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{of}"),
            None if VOID.contains(&tag.name) => {}
            None => open.push(tag.name),
        }
        for forbidden in ["img", "iframe", "object", "embed", "base", "link", "use", "image", "foreignObject"] {
            assert_ne!(tag.name, forbidden, "{of}");
        }
        for (name, value) in tag.attributes {
            assert!(
                !name.starts_with("on") && !["style", "src", "srcset", "action"].contains(&name),
                "{of}: {name}={value}"
            );
            match name {
                "id" => assert!(ids.insert(value), "{of}: two elements are {value:?}"),
                "href" => links.push(value),
                "aria-labelledby" => links.push(value),
                _ => {}
            }
        }
    }
    assert!(open.is_empty(), "{of}: {open:?}");
    for link in links {
        let is_ours = ["https://code.example/", "./"].iter().any(|start| link.starts_with(start));
        let to = link.strip_prefix('#').unwrap_or(link);
        assert!(is_ours || ids.contains(to), "{of}: nothing is at {link:?}");
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let from = text.find(start).unwrap() + start.len();
    &text[from..from + text[from..].find(end).unwrap()]
}

#[test]
fn the_policy_names_the_hashes_of_the_style_and_the_script() {
    let page = page(&report());
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    for (what, text) in
        [("style-src", between(&page, "<style>", "</style>")), ("script-src", between(&page, "<script>", "</script>"))]
    {
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(text.as_bytes()));
        assert!(policy.contains(&format!("{what} 'sha256-{hash}'")), "{what} must be 'sha256-{hash}' in {policy}");
    }
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert!(policy.ends_with("base-uri 'none'; form-action 'none'"), "{policy}");
}

#[test]
fn a_page_is_well_formed_and_loads_nothing() {
    let page = page(&report());
    check("the report", &page);
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">") && page.ends_with("</html>"));
    let style = between(&page, "<style>", "</style>");
    assert!(!style.contains("url(") && !style.contains("@import"));
}

#[test]
fn everything_of_a_report_is_on_the_page() {
    let page = page(&report());
    let text = text(&page);
    for says in [
        "2 findings fail the run",
        "7 findings in 2 subjects: 1 critical, 1 high, 3 medium, 2 low",
        "Incomplete: something was not read",
        "2 files, 3 documents, 2 objects, 1 workload. 0 requests; nothing was written or sent.",
        "network: 1 medium",
        "control-plane: not asked",
        "Owner: checkout · 1 subject",
        "critical privileged-container: the container is root on its node · app",
        "13 │           privileged: true",
        "test.yaml:25:9: and every node offers it",
        "50 times, such as Pod cart-x7x2p",
        "The reason of privileged-container. It goes on.",
        "cis-1.12 5.2.2 · attack T1611 · trivy KSV-0017",
        "which policies the cluster has; a live cluster would say it · needs a source that was not given · 2 times",
        "error unreadable-document: the document is not valid YAML",
        "the mesh does it",
        "8 controls, counted in objects",
    ] {
        assert!(text.contains(says), "no {says:?} in:\n{text}");
    }
    assert!(!page.contains(CANARY) && page.contains("••••"), "{text}");
    assert_eq!(page, self::page(&report()));
}

/// The text of a page as a reader sees it, without style and script.
fn text(page: &str) -> String {
    let body = &page[page.find("<body>").unwrap()..page.rfind("<script>").unwrap()];
    let mut out = String::new();
    for piece in body.split('<') {
        out.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
    }
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[test]
fn the_look_of_a_small_page_stays() {
    let page = page(&report());
    let body = &page[page.find("<body>").unwrap()..page.rfind("<script>").unwrap()];
    // A line for each element, so that a change can be read.
    let lines = body.replace('<', "\n<").replace("\n</", "</");
    insta::assert_snapshot!(lines);
}

#[test]
fn hostile_names_are_text() {
    for name in HOSTILE {
        let text = page(&hostile(name));
        check(name, &text);
        // Only what stands between backticks is marked, as code; a path that leads out of the folder is no link.
        let may_differ = |t: &Tag<'_>| ["code", "/code", "a", "/a"].contains(&t.name);
        let marked = |page: &str| tags(page).iter().filter(|t| !may_differ(t)).count();
        assert_eq!(marked(&text), marked(&page(&hostile("x"))), "{name:?}");
        let steers = |c: &char| c.is_control() && *c != '\n' || ('\u{202a}'..='\u{202e}').contains(c);
        assert_eq!(text.chars().find(steers), None, "{name:?}");
    }
}

#[test]
fn what_many_subjects_have_is_one_entry_and_what_is_bad_stays_with_its_subject() {
    let mut r = report();
    let (medium, critical) = (r.findings[2].clone(), r.findings[0].clone());
    for (i, mut f) in [medium, critical].into_iter().flat_map(|f| (0..30).map(move |i| (i, f.clone()))) {
        f.subject.key.name = format!("cart-{i}").into();
        f.owner = Owner::Team(format!("team-{}", i % 3).into());
        r.findings.push(f);
    }
    let page = page(&r);
    check("many", &page);
    let entries = |rule: &str| page.matches(&format!("</span> <code>{rule}</code>: it")).count();
    assert_eq!(page.matches("</span> <code>privileged-container</code>: the").count(), 31);
    assert!(text(&page).contains("run-as-root: it is not set 31 subjects"), "{}", text(&page));
    assert_eq!(entries("run-as-root"), 1);
}

#[test]
fn what_others_ship_stands_apart() {
    let mut r = report();
    r.findings[0].class = Class::System;
    r.findings[0].class_evidence = Some("DaemonSet kube-proxy of kubeadm".into());
    let text = text(&page(&r));
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what:?} in {text}"));
    assert!(at("Owner: (unowned)") < at("Shipped by others: Kubernetes and the provider · 1 subject"));
    assert!(at("DaemonSet kube-proxy of kubeadm") > at("Shipped by others"));
}

#[test]
fn a_large_report_is_bounded_and_counts_what_it_leaves_out() {
    let mut r = report();
    let cluster = kastell_testkit::cluster(SHOP);
    let cart = object(&cluster, "Deployment");
    for i in 0..20_000 {
        let mut f = finding("privileged-container", Severity::High, cart, &["metadata"], &[], "bad");
        f.subject.key.name = format!("cart-{i}").into();
        r.findings.push(f);
    }
    let page = page(&r);
    check("large", &page);
    assert!(page.len() < 500_000, "{}", page.len());
    // The critical one of the fixture takes the first of the hundred places of its control.
    assert!(text(&page).contains("Not on this page: 19901 findings"), "{}", &text(&page)[..3000]);
    assert!(text(&page).contains("20001 findings in 20001 subjects"));
}

#[test]
fn links_stand_on_the_address_that_was_given() {
    let page = html(&report(), &mask, Some("https://code.example/shop/blob/abc"));
    check("links", &page);
    assert!(page.contains("href=\"https://code.example/shop/blob/abc/test.yaml#L13\""));
}

#[test]
fn a_clean_page_says_so() {
    let mut r = report();
    (r.findings, r.gaps, r.diagnostics, r.excepted) = Default::default();
    r.incomplete = false;
    let page = page(&r);
    let text = text(&page);
    assert!(text.contains("No finding fails the run") && text.contains("Everything that was asked was answered."));
    assert!(text.contains("workloads: no finding") && text.contains("nodes: not asked"), "{text}");
}
