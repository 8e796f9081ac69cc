//! The terminal report as people see it.

use crate::fixture::{CANARY, mask, report};
use kastell_model::Severity;
use kastell_report::{Style, terminal};

#[test]
fn the_default_view_shows_the_worst_first_and_counts_the_rest() {
    insta::assert_snapshot!(terminal(&report(), &mask, &Style { height: Some(80), ..Style::default() }, false), @r##"
    kastell 0.1.0, Kubernetes 1.37 (the newest known; --kubernetes-version says yours), 2026-11-24
    read examples/my shop: 2 files, 3 documents, 2 objects, 1 workload
    0 requests; nothing was written or sent

    critical[privileged-container]: the container is root on its node
      --> test.yaml:13:23   Deployment shop/cart, app
    13 |           privileged: true
       |                       ^^^^ securityContext.privileged
       = see: test.yaml:25:9: and every node offers it
       = seen: in 50 pods, such as cart-x7x2p
       = maps: CIS 5.2.2; ATT&CK T1611
       = fix (unsafe): Undo privileged-container

    high[secret-in-env]: the variable TOKEN holds a secret
      --> test.yaml:15:33   Deployment shop/cart, app
    15 |         - {name: TOKEN, value: "••••••••••••••••••"}
       |                                 ^^^^^^^^^^^^^^^^^^ value
       = maps: CIS 5.2.2; ATT&CK T1611
       = help: Undo secret-in-env

    medium[hardening]: 3 of 4 missing
      --> test.yaml:16:9   Deployment shop/cart
    16 |       - name: proxy
       |         ^^^^
       = missing: resources.limits.memory, runAsNonRoot, readOnlyRootFilesystem

    error[unreadable-document]: the document is not valid YAML
      --> test.yaml:15:11
    15 |         - {name: TOKEN, value: "••••••••••••••••••"}
       |           ^ this brace
       = help: quote the value

     ring       critical  high  medium  low  info  unknown  passed
     network           -     -       1    1     -        2       2
     workloads         1     -       2    1     -        -       5
     secrets           -     1       -    -     -        -       1
     not asked: control-plane, nodes (no control of theirs in this run)

     owner      critical  high  medium  low  info  subjects
     checkout          1     -       -    -     -         1
     (unowned)         -     1       3    2     -         2

    7 findings in 2 subjects: 1 critical, 1 high, 3 medium, 2 low
    2 of them fail the run (--fail-on high, --min-confidence medium)
    incomplete: something was not read or not understood, so silence about it means nothing
    not shown: 1 low, 1 of low confidence (--verbose shows all)
    unknown 2 need a source that was not given: which policies the cluster has (no-policy)
    unknown 1 could not be read
    excepted 1 (1 inline); folded 49 (the same of another pod or copy); skipped 1 (1 empty)

    next:
      kastell explain privileged-container       # why it matters and how to fix it
      kastell explain test.yaml Deployment/cart  # every question asked of this object
      kastell scan 'examples/my shop' --verbose  # show everything
      kastell scan 'examples/my shop' --format sarif --output kastell.sarif
    "##);
}

#[test]
fn everything_is_shown_on_demand() {
    insta::assert_snapshot!(terminal(&report(), &mask, &Style::default(), true), @r##"
    kastell 0.1.0, Kubernetes 1.37 (the newest known; --kubernetes-version says yours), 2026-11-24
    read examples/my shop: 2 files, 3 documents, 2 objects, 1 workload
    0 requests; nothing was written or sent

    critical[privileged-container]: the container is root on its node
      --> test.yaml:13:23   Deployment shop/cart, app
    13 |           privileged: true
       |                       ^^^^ securityContext.privileged
       = see: test.yaml:25:9: and every node offers it
       = seen: in 50 pods, such as cart-x7x2p
       = maps: CIS 5.2.2; ATT&CK T1611
       = fix (unsafe): Undo privileged-container

    high[secret-in-env]: the variable TOKEN holds a secret
      --> test.yaml:15:33   Deployment shop/cart, app
    15 |         - {name: TOKEN, value: "••••••••••••••••••"}
       |                                 ^^^^^^^^^^^^^^^^^^ value
       = maps: CIS 5.2.2; ATT&CK T1611
       = help: Undo secret-in-env

    medium[run-as-root]: it is not set
      --> test.yaml:16:9   Deployment shop/cart, proxy
    16 |       - name: proxy
       |         ^^^^ securityContext.runAsNonRoot is missing here
       = maps: CIS 5.2.2; ATT&CK T1611
       = help: Undo run-as-root

    medium[missing-memory-limit]: it is not set
      --> test.yaml:16:9   Deployment shop/cart, proxy
    16 |       - name: proxy
       |         ^^^^ resources.limits.memory is missing here
       = maps: CIS 5.2.2; ATT&CK T1611
       = help: Undo missing-memory-limit

    low[writable-root]: it is not set
      --> test.yaml:16:9   Deployment shop/cart, proxy
    16 |       - name: proxy
       |         ^^^^ securityContext.readOnlyRootFilesystem is missing here
       = maps: CIS 5.2.2; ATT&CK T1611
       = help: Undo writable-root

    medium[no-policy]: no policy selects it
      --> test.yaml:21:1   Service shop/cart
    21 | metadata:
       | ^^^^^^^^
       = confidence: low
       = maps: CIS 5.2.2; ATT&CK T1611
       = help: Undo no-policy

    low[node-port]: open on every node
      --> test.yaml:25:9   Service shop/cart
    25 |   type: NodePort
       |         ^^^^^^^^ type
       = maps: CIS 5.2.2; ATT&CK T1611
       = help: Undo node-port

    error[unreadable-document]: the document is not valid YAML
      --> test.yaml:15:11
    15 |         - {name: TOKEN, value: "••••••••••••••••••"}
       |           ^ this brace
       = help: quote the value

    unknown[no-policy]: which policies the cluster has; a live cluster would say it
      --> test.yaml:19:1   Service shop/cart
    19 | apiVersion: v1
       | ^^^^^^^^^^
       = reason: needs-source
       = seen: 2 times

     ring       critical  high  medium  low  info  unknown  passed
     network           -     -       1    1     -        2       2
     workloads         1     -       2    1     -        -       5
     secrets           -     1       -    -     -        -       1
     not asked: control-plane, nodes (no control of theirs in this run)

     owner      critical  high  medium  low  info  subjects
     checkout          1     -       -    -     -         1
     (unowned)         -     1       3    2     -         2

    7 findings in 2 subjects: 1 critical, 1 high, 3 medium, 2 low
    2 of them fail the run (--fail-on high, --min-confidence medium)
    incomplete: something was not read or not understood, so silence about it means nothing
    unknown 2 need a source that was not given: which policies the cluster has (no-policy)
    unknown 1 could not be read
    excepted 1 (1 inline); folded 49 (the same of another pod or copy); skipped 1 (1 empty)

    next:
      kastell explain privileged-container       # why it matters and how to fix it
      kastell explain test.yaml Deployment/cart  # every question asked of this object
      kastell scan 'examples/my shop' --format sarif --output kastell.sarif
    "##);
}

#[test]
fn colours_and_unicode_change_nothing_but_the_look() {
    let style = Style { color: true, unicode: true, ..Style::default() };
    let text = terminal(&report(), &mask, &style, false);
    let mut plain = String::new();
    for piece in text.split("\x1b[") {
        plain.push_str(
            piece
                .split_once('m')
                .filter(|(codes, _)| codes.chars().all(|c| c.is_ascii_digit()))
                .map_or(piece, |(_, t)| t),
        );
    }
    assert!(!text.contains(CANARY), "{text}");
    assert!(plain.contains("high[secret-in-env]: the variable TOKEN holds a secret"), "{plain}");
    assert!(plain.contains("╭▸ test.yaml:15:33   Deployment shop/cart · app"), "{plain}");
}

#[test]
fn many_findings_take_at_most_a_screenful_and_the_rest_is_counted() {
    let mut report = report();
    let first = report.findings[0].clone();
    for i in 0..40 {
        let mut f = first.clone();
        f.subject.key.name = format!("cart-{i:02}").into();
        f.owner = kastell_model::Owner::Team(format!("team-{i:02}").into());
        report.findings.push(f);
    }
    for _ in 0..20 {
        report.diagnostics.push(report.diagnostics[0].clone());
    }
    let text = terminal(&report, &mask, &Style::default(), false);
    assert!(text.lines().count() <= 60, "{} lines:\n{text}", text.lines().count());
    let shown = text.lines().filter(|l| l.starts_with("critical") || l.starts_with("high") || l.starts_with("medium"));
    let shown = shown.count();
    let rest = 43 - shown;
    assert!(shown > 8 && text.contains(&format!("... and {rest} more in ")), "{shown} shown:\n{text}");
    assert!(text.contains("... and 17 more problems"), "{text}");
    assert!(text.contains("(38 more)"), "{text}");
    let all = terminal(&report, &mask, &Style::default(), true);
    assert_eq!(all.matches("critical[privileged-container]").count(), 41);
}

#[test]
fn a_list_is_aligned_and_fits_the_width() {
    let mut report = report();
    let first = report.findings[1].clone();
    for i in 0..12 {
        let mut f = first.clone();
        f.subject.key.name = format!("{}-{i}", "a-long-name".repeat(i % 4)).into();
        f.message = "a long message about a variable that holds what it should not hold".into();
        report.findings.push(f);
    }
    report.findings.retain(|f| &*f.rule.0 == "secret-in-env");
    for width in [60, 80, 100, 160] {
        let text = terminal(&report, &mask, &Style { width, ..Style::default() }, false);
        let rows: Vec<&str> = text.lines().filter(|l| l.starts_with("high  ")).collect();
        assert!(rows.len() > 2, "{width}:\n{text}");
        let column = |row: &&str| row.find("test.yaml:15").or_else(|| row.find("..."));
        assert!(rows.iter().all(|r| r.chars().count() <= width && column(r) == column(&rows[0])), "{width}:\n{text}");
        assert_eq!(rows.iter().any(|r| r.contains("a long message")), width > 80, "{width}:\n{text}");
    }
}

#[test]
fn rules_about_the_same_value_are_one_entry() {
    let mut report = report();
    let mut other = report.findings[0].clone();
    other.rule = kastell_model::RuleId("other-rule".into());
    other.severity = Severity::Medium;
    report.findings.push(other);
    let text = terminal(&report, &mask, &Style { height: Some(90), ..Style::default() }, false);
    assert!(text.contains("= also: other-rule") && !text.contains("medium[other-rule]"), "{text}");
    assert!(terminal(&report, &mask, &Style::default(), true).contains("medium[other-rule]"));
}

#[test]
fn what_is_said_of_an_object_as_a_whole_is_never_merged() {
    let mut report = report();
    for rule in ["about-one", "about-other"] {
        let mut f = report.findings.iter().find(|f| &*f.rule.0 == "no-policy").unwrap().clone();
        f.rule = kastell_model::RuleId(rule.into());
        f.confidence = kastell_model::Confidence::High;
        report.findings.push(f);
    }
    let text = terminal(&report, &mask, &Style { height: Some(90), ..Style::default() }, false);
    assert!(text.contains("medium[about-one]") && text.contains("about-other"), "{text}");
}

#[test]
fn hardening_names_a_container_only_where_the_others_have_the_field() {
    let mut report = report();
    let mut f = report.findings.iter().find(|f| &*f.rule.0 == "run-as-root").unwrap().clone();
    f.part = Some("app".into());
    report.findings.push(f);
    let text = terminal(&report, &mask, &Style { height: Some(90), width: 140, ..Style::default() }, false);
    assert!(text.contains("medium[hardening]: 3 of 4 missing"), "{text}");
    let missing = "resources.limits.memory (proxy), runAsNonRoot, readOnlyRootFilesystem (proxy)";
    assert!(text.contains(&format!("= missing: {missing}")), "{text}");
}

#[test]
fn next_commands_leave_many_inputs_out_and_offer_no_comments_for_json() {
    let mut report = report();
    let mut many = report.findings[0].clone();
    report.head.inputs = (0..62).map(|i| format!("corpus/repository-{i}").into()).collect();
    for i in 0..30 {
        many.subject.key.name = format!("cart-{i}").into();
        report.findings.push(many.clone());
    }
    let text = terminal(&report, &mask, &Style::default(), false);
    assert!(
        text.contains("  kastell scan ... --add-ignore --reason REASON") && !text.contains("repository-1"),
        "{text}"
    );
    report.head.fail_on = None;
    assert!(!terminal(&report, &mask, &Style::default(), false).contains("--add-ignore"));
}

#[test]
fn nothing_to_check_is_no_clean_bill() {
    let mut report = report();
    report.findings.clear();
    report.head.objects = 0;
    let text = terminal(&report, &mask, &Style::default(), false);
    assert!(text.contains("no findings, because there was nothing to check") && !text.contains(" ring "), "{text}");
}

#[test]
fn a_clean_run_still_says_what_was_read_and_counted() {
    let mut report = report();
    report.findings.clear();
    report.gaps.clear();
    report.diagnostics.clear();
    report.excepted.clear();
    report.head.skipped.clear();
    report.incomplete = false;
    insta::assert_snapshot!(terminal(&report, &mask, &Style::default(), false), @r##"
    kastell 0.1.0, Kubernetes 1.37 (the newest known; --kubernetes-version says yours), 2026-11-24
    read examples/my shop: 2 files, 3 documents, 2 objects, 1 workload
    0 requests; nothing was written or sent

     ring       critical  high  medium  low  info  unknown  passed
     network           -     -       -    -     -        -       2
     workloads         -     -       -    -     -        -       5
     secrets           -     -       -    -     -        -       1
     not asked: control-plane, nodes (no control of theirs in this run)

    no findings
    excepted 0; folded 0; skipped 0; unknown 0
    "##);
}

#[test]
fn text_from_an_input_cannot_steer_the_terminal() {
    let mut report = report();
    report.findings[0].message = "\u{1b}[2Jgone\u{202e}\r\n".into();
    report.findings[0].owner = kastell_model::Owner::Team("\u{1b}]0;title\u{7}".into());
    report.diagnostics[0].message = "\u{9b}31m".into();
    report.head.inputs = vec!["\u{1b}[1m".into()];
    let text = terminal(&report, &mask, &Style::default(), true);
    assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{7}', '\r', '\u{202e}']), "{text:?}");
}
