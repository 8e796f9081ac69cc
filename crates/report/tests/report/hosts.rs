//! The formats for code hosts and CI servers: a comment for a pull request, and test results.

use crate::fixture::{CANARY, finding, object, report};
use crate::hostile::{HOSTILE, hostile};
use kastell_model::{GapReason, Severity};
use kastell_report::{Report, junit, pr_markdown};
use roxmltree::{Document, Node};

fn junit_text(report: &Report) -> String {
    let mut out = Vec::new();
    junit(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn cases<'d>(xml: &'d Document<'d>, tag: &str) -> Vec<Node<'d, 'd>> {
    xml.descendants().filter(|n| n.has_tag_name(tag)).collect()
}

#[test]
fn test_results_have_a_suite_for_each_ring_and_a_case_for_each_control_on_a_subject() {
    insta::assert_snapshot!(junit_text(&report()));
}

#[test]
fn test_results_fail_exactly_where_the_run_does() {
    let mut r = report();
    let failures = |r: &Report| cases(&Document::parse(&junit_text(r)).unwrap(), "failure").len();
    assert_eq!(failures(&r), 2);
    r.head.fail_on = None;
    assert_eq!(failures(&r), 0);
    r.head.fail_on = Some(Severity::Info);
    assert_eq!(failures(&r), 6, "all but the one of low confidence");
}

#[test]
fn what_was_not_read_is_an_error_and_what_nobody_can_know_is_skipped() {
    let mut r = report();
    let text = junit_text(&r);
    let xml = Document::parse(&text).unwrap();
    assert_eq!(cases(&xml, "error").len(), 1, "the broken document");
    let skipped: Vec<_> = cases(&xml, "skipped").iter().filter_map(|n| n.attribute("message")).collect();
    assert!(skipped.iter().any(|m| m.starts_with("not decided: which policies")), "{skipped:?}");
    assert!(skipped.iter().any(|m| *m == "accepted (inline) until 2027-01-31: the mesh does it"), "{skipped:?}");
    r.gaps[0].reason = GapReason::Unreadable;
    let text = junit_text(&r);
    assert_eq!(cases(&Document::parse(&text).unwrap(), "error").len(), 2);
    // Incomplete for a reason that nothing else says.
    (r.gaps, r.diagnostics) = (Vec::new(), Vec::new());
    let text = junit_text(&r);
    assert_eq!(cases(&Document::parse(&text).unwrap(), "error").len(), 1);
    r.incomplete = false;
    let text = junit_text(&r);
    assert_eq!(cases(&Document::parse(&text).unwrap(), "error").len(), 0);
}

#[test]
fn the_numbers_of_test_results_are_those_of_their_cases_and_every_case_has_a_name_of_its_own() {
    let text = junit_text(&report());
    let xml = Document::parse(&text).unwrap();
    let mut names = std::collections::BTreeSet::new();
    for suite in cases(&xml, "testsuite") {
        let number = |name| suite.attribute(name).unwrap().parse::<usize>().unwrap();
        let of = |tag| suite.descendants().filter(|n| n.has_tag_name(tag)).count();
        assert_eq!(number("tests"), of("testcase"));
        assert_eq!(
            (number("failures"), number("errors"), number("skipped")),
            (of("failure"), of("error"), of("skipped"))
        );
        for case in suite.children().filter(|n| n.has_tag_name("testcase")) {
            assert!(names.insert((case.attribute("classname"), case.attribute("name"))), "{case:?}");
        }
    }
    let root = xml.root_element();
    assert_eq!(root.attribute("tests").unwrap(), cases(&xml, "testcase").len().to_string());
}

#[test]
fn a_comment_has_the_verdict_first_and_the_rest_folded() {
    insta::assert_snapshot!(pr_markdown(&report(), None));
}

#[test]
fn links_of_a_comment_stand_on_the_address_that_was_given() {
    let text = pr_markdown(&report(), Some("https://code.example/shop/blob/abc"));
    assert!(text.contains("](https://code.example/shop/blob/abc/test.yaml#L13)"), "{text}");
}

#[test]
fn a_comment_is_bounded_and_says_what_it_leaves_out() {
    let mut r = report();
    let cluster = kastell_testkit::cluster(crate::fixture::SHOP);
    let cart = object(&cluster, "Deployment");
    for i in 0..5_000 {
        let mut f = finding("privileged-container", Severity::High, cart, &["metadata"], &[], &"ä`|<".repeat(200));
        f.subject.key.name = format!("cart-{i}-{}", "x".repeat(200)).into();
        r.findings.push(f);
    }
    for i in 0..1_000 {
        r.gaps
            .push(kastell_report::GapEntry { detail: format!("{i} {}", "y".repeat(500)).into(), ..r.gaps[0].clone() });
        r.excepted.push(r.excepted[0].clone());
    }
    r.head.inputs = vec!["z".repeat(5_000).into(); 100];
    let text = pr_markdown(&r, None);
    assert!(text.len() <= 65_000 && text.len() > 40_000, "{}", text.len());
    let rows = text.lines().filter(|l| l.starts_with("| high") || l.starts_with("| critical")).count();
    let left = text.lines().find(|l| l.starts_with("… and ")).unwrap();
    let number: String = left.split(' ').nth(2).unwrap().chars().filter(char::is_ascii_digit).collect();
    assert_eq!(number, (5_002 - rows).to_string());
    assert!(left.ends_with(" findings in 1 file, left out because a comment has a limit."), "{left}");
    assert!(text.contains("1,001 findings accepted") && text.ends_with("```\n"), "{}", &text[text.len() - 900..]);
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
}

#[test]
fn a_clean_run_says_so_in_both() {
    let mut r = report();
    (r.findings, r.gaps, r.diagnostics, r.excepted) = Default::default();
    r.incomplete = false;
    let text = pr_markdown(&r, None);
    assert!(text.contains("## kastell: no finding fails the run\n\nNo findings.\n"), "{text}");
    assert!(text.contains("Everything that was asked was answered."), "{text}");
    r.incomplete = true;
    let text = pr_markdown(&r, None);
    assert!(text.contains("**Incomplete:**") && text.contains("## kastell: incomplete"), "{text}");
}

#[test]
fn hostile_names_stay_names_in_both() {
    for name in HOSTILE {
        let r = hostile(name);
        let text = junit_text(&r);
        let xml = Document::parse(&text).unwrap_or_else(|e| panic!("{name:?}: {e}\n{text}"));
        let tags = cases(&Document::parse(&junit_text(&hostile("x"))).unwrap(), "testcase").len();
        assert_eq!(cases(&xml, "testcase").len(), tags, "{name:?}");
        let comment = pr_markdown(&r, None);
        inert(name, &comment);
        for text in [&text, &comment] {
            assert!(!text.contains(CANARY));
            let steers = |c: &char| c.is_control() && *c != '\n' || ('\u{202a}'..='\u{202e}').contains(c);
            assert_eq!(text.chars().find(steers), None, "{name:?}");
        }
    }
}

/// A comment whose text outside of code has no tag, mention, address or reference but ours, and whose tables keep their
/// columns.
fn inert(name: &str, comment: &str) {
    for line in comment.lines().filter(|l| l.starts_with("| ")) {
        let mut bars = 0;
        let mut escaped = false;
        for c in line.chars() {
            bars += usize::from(c == '|' && !escaped);
            escaped = c == '\\' && !escaped;
        }
        assert_eq!(bars, 5, "{name:?}: {line}");
    }
    let text = outside_code(comment);
    for ours in ["<!-- kastell -->", "<details>", "</details>", "<summary>", "</summary>"] {
        assert!(text.contains(ours));
    }
    let text = ["<!-- kastell -->", "<details>", "</details>", "<summary>", "</summary>"]
        .iter()
        .fold(text, |t, ours| t.replace(ours, ""));
    assert!(!text.contains('<') && !text.contains("](http"), "{name:?}: {text}");
    for sign in ["@", "https://", "www.", "!["] {
        assert!(!text.contains(sign), "{name:?} has {sign}: {text}");
    }
}

/// What is left without code and escaped characters. CommonMark's rule: a run of backticks opens code up to the next run of as many; one after a backslash opens none.
fn outside_code(comment: &str) -> String {
    let mut out = String::new();
    // Every other block stands within a fence.
    for block in comment.split("\n```").step_by(2) {
        for line in block.lines() {
            let mut rest = line;
            while let Some(i) = rest.find(['`', '\\']) {
                out.push_str(&rest[..i]);
                if rest[i..].starts_with('\\') {
                    let n = rest[i + 1..].chars().next().map_or(0, char::len_utf8);
                    rest = &rest[i + 1 + n..];
                    continue;
                }
                let run = rest[i..].len() - rest[i..].trim_start_matches('`').len();
                let after = &rest[i + run..];
                let mut at = 0;
                let close = loop {
                    let Some(j) = after[at..].find('`') else { break None };
                    let n = after[at + j..].len() - after[at + j..].trim_start_matches('`').len();
                    if n == run {
                        break Some(at + j);
                    }
                    at += j + n;
                };
                match close {
                    Some(j) => rest = &after[j + run..],
                    None => {
                        out.push_str(&rest[i..i + run]);
                        rest = after;
                    }
                }
            }
            out.push_str(rest);
            out.push('\n');
        }
    }
    out
}
