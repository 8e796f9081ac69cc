//! What `explain` and `--framework` print.

use crate::fixture::{SHOP, finding, object, report};
use kastell_model::{Confidence, RuleId, Severity, Status};
use kastell_report::{
    Answer, Counts, FrameworkControl, FrameworkRow, RuleDoc, Style, explain_object, explain_rule, framework_table,
};

#[test]
fn a_rule_is_explained_with_examples_fix_and_mappings() {
    let doc = RuleDoc {
        id: RuleId("privileged-container".into()),
        title: "Container runs privileged".into(),
        ring: "workloads".into(),
        severity: Severity::Critical,
        confidence: Confidence::High,
        since: "0.1.0".into(),
        aliases: vec!["pod-privileged".into()],
        docs: " It is root on its node.\n\n ## Fails\n ```yaml\n privileged: true #~\n ```\n\n ## Fix\n Remove it:\n - first here\n - then there\n".into(),
        maps: vec![("CIS".into(), "5.2.2".into()), ("Kubescape".into(), "C-0057".into()), ("CIS".into(), "5.2.9".into())],
    };
    insta::assert_snapshot!(explain_rule(&doc, &Style::default()), @r##"
    privileged-container: Container runs privileged
      severity critical, confidence high, ring workloads, since 0.1.0
      formerly pod-privileged

      It is root on its node.

    Fails
          privileged: true  # <- flagged

    Fix
      Remove it:
      - first here
      - then there

    Maps to
      CIS        5.2.2, 5.2.9
      Kubescape  C-0057
    "##);
}

fn answer(rule: &str, status: Status) -> Answer {
    Answer {
        rule: RuleId(rule.into()),
        title: format!("Title of {rule}").into(),
        ring: "workloads".into(),
        severity: Severity::Medium,
        status,
        passed: 0,
        findings: Vec::new(),
        excepted: Vec::new(),
        gaps: Vec::new(),
        misses: None,
    }
}

#[test]
fn an_object_is_explained_by_every_answer() {
    let cluster = kastell_testkit::cluster(SHOP);
    let service = object(&cluster, "Service");
    let open = finding("node-port", Severity::Low, service, &["spec", "type"], &[], "open on every node");
    let answers = [
        Answer { passed: 2, ..answer("external-ip", Status::Pass) },
        Answer { findings: vec![open], ..answer("node-port", Status::Fail) },
        Answer { gaps: report().gaps, ..answer("no-policy", Status::Unknown) },
        Answer { excepted: report().excepted, ..answer("accepted", Status::Fail) },
        answer("privileged-container", Status::NotApplicable),
        answer("host-pid", Status::NotApplicable),
    ];
    insta::assert_snapshot!(explain_object(service, &answers, &Style::default()), @r##"
    Service shop/cart   v1   test.yaml:19:1
    6 questions: 2 fail, 1 unknown, 1 pass, 2 not applicable

    fail     medium    accepted              Title of accepted
             21:1: no policy selects it (metadata); accepted (inline): the mesh does it until
               2027-01-31
    fail     low       node-port             Title of node-port
             25:9: open on every node (spec.type)

    unknown  no-policy             Title of no-policy
             19:1: which policies the cluster has; a live cluster would say it (needs-source)

    pass     external-ip           Title of external-ip (2 parts)

    not applicable
      host-pid, privileged-container
    "##);
}

#[test]
fn a_framework_has_a_verdict_for_each_item() {
    let control = |id: &str, fail, unknown, pass| FrameworkControl {
        id: RuleId(id.into()),
        counts: Counts { pass, fail, unknown, not_applicable: 1 },
    };
    let row = |item: &str, controls: Vec<FrameworkControl>, note: Option<&str>| FrameworkRow {
        item: item.into(),
        text: "What this item asks for, in words that take more than one line of a narrow terminal".into(),
        controls,
        note: note.map(Into::into),
        in_part: note.is_some_and(|n| n.ends_with("(planned)")),
    };
    let rows = [
        row("4.B.1", vec![control("privileged-container", 2, 0, 5), control("host-pid", 0, 0, 7)], None),
        row("4.B.2", vec![control("run-as-root", 0, 1, 3)], None),
        row("4.B.10", vec![control("host-pid", 0, 0, 7)], None),
        row("5", vec![control("node-port", 0, 0, 0)], None),
        row("6", Vec::new(), Some("answered by a later part")),
        row("7", vec![control("host-pid", 0, 0, 7)], Some("rbac review (planned)")),
    ];
    let style = Style { width: 70, ..Style::default() };
    insta::assert_snapshot!(framework_table("The guide", &rows, &style), @r##"
    The guide

    fail            4.B.1   What this item asks for, in words that take
                            more than one line of a narrow terminal
                            privileged-container (2 fail, 5 pass),
                            host-pid (7 pass)
    unknown         4.B.2   What this item asks for, in words that take
                            more than one line of a narrow terminal
                            run-as-root (1 unknown, 3 pass)
    pass            4.B.10  What this item asks for, in words that take
                            more than one line of a narrow terminal
                            host-pid (7 pass)
    not applicable  5       What this item asks for, in words that take
                            more than one line of a narrow terminal
                            node-port (not applicable)
    not asked       6       What this item asks for, in words that take
                            more than one line of a narrow terminal
                            answered by a later part
    unknown         7       What this item asks for, in words that take
                            more than one line of a narrow terminal
                            host-pid (7 pass), rbac review (planned)

    6 items: 1 fail, 2 unknown, 1 pass, 1 not applicable, 1 not asked
    "##);
}
