//! A small report for tests, made by hand from a manifest.

use kastell_model::Status::{Fail, NotApplicable, Pass, Unknown};
use kastell_model::identity::{fingerprint, keyed_path, path_hash};
use kastell_model::record::SubjectAnswers;
use kastell_model::yaml::{NodeId, Span};
use kastell_model::{
    Class, Cluster, Confidence, Diagnostic, DiagnosticCode, DiagnosticLevel, Finding, GapReason, GroupKind, Label,
    Object, ObjectKey, Owner, Place, RuleId, Safety, Severity, Source, Subject,
};
use kastell_report::{Counts, Excepted, ExceptionOrigin, GapEntry, Head, Question, Report, Rule};
use std::ops::Range;
use std::sync::Arc;

/// A secret that no output may show.
pub(crate) const CANARY: &str = "c4n4ry-in-the-mine";

pub(crate) const SHOP: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
  namespace: shop
spec:
  template:
    spec:
      containers:
      - name: app
        image: registry.example/cart:1
        securityContext:
          privileged: true
        env:
        - {name: TOKEN, value: \"c4n4ry-in-the-mine\"}
      - name: proxy
        image: registry.example/proxy:1
---
apiVersion: v1
kind: Service
metadata:
  name: cart
  namespace: shop
spec:
  type: NodePort
";

/// Hides the canary, as the caller's marks do.
pub(crate) fn mask(_: &Source, _: usize, text: &str) -> Vec<Range<usize>> {
    text.match_indices(CANARY).map(|(i, m)| i..i + m.len()).collect()
}

pub(crate) fn object<'a>(cluster: &'a Cluster, kind: &str) -> &'a Arc<Object> {
    cluster.objects().iter().find(|o| &*o.key.kind.kind == kind).unwrap()
}

pub(crate) fn node(object: &Object, path: &[&str]) -> NodeId {
    let mut value = object.root();
    for step in path {
        value = match step.parse::<usize>() {
            Ok(i) => value.items().nth(i).unwrap(),
            Err(_) => value.get(step).unwrap(),
        };
    }
    value.id()
}

pub(crate) fn rule(id: &str, ring: &str, severity: Severity, hardening: bool) -> Rule {
    Rule {
        id: RuleId(id.into()),
        title: format!("Title of {id}").into(),
        ring: ring.into(),
        severity,
        confidence: Confidence::High,
        docs: format!("The reason of {id}. It goes on.").into(),
        since: "0.1.0".into(),
        help: format!("Undo {id}. What may break.").into(),
        hardening,
        maps: vec![
            ("cis-1.12".into(), "5.2.2".into()),
            ("attack".into(), "T1611".into()),
            ("trivy".into(), "KSV-0017".into()),
        ],
        counts: Counts { pass: 1, fail: 1, unknown: 0, not_applicable: 0 },
    }
}

pub(crate) fn finding(
    rule: &str,
    severity: Severity,
    object: &Arc<Object>,
    path: &[&str],
    missing: &'static [&'static str],
    message: &str,
) -> Finding {
    let node = node(object, path);
    Finding {
        rule: RuleId(rule.into()),
        severity,
        confidence: Confidence::High,
        subject: Subject { key: object.key.clone(), present: true },
        part: None,
        at: Place { object: Arc::clone(object), node, missing },
        related: Vec::new(),
        message: message.into(),
        fixable: None,
        path_hash: path_hash(&keyed_path(object, object.root, node, missing)),
        fingerprint: fingerprint(rule, &object.key, &keyed_path(object, object.root, node, missing)),
        count: 1,
        examples: Vec::new(),
        only_in_pods: false,
        class: Class::Yours,
        class_evidence: None,
        severity_overridden: None,
        owner: Owner::Unowned,
    }
}

const APP: &[&str] = &["spec", "template", "spec", "containers", "0"];
const PROXY: &[&str] = &["spec", "template", "spec", "containers", "1"];

/// A report with something of everything, about files.
pub(crate) fn report() -> Report {
    report_of(&kastell_testkit::cluster(SHOP))
}

/// The same about a running cluster.
pub(crate) fn live_report() -> Report {
    report_of(&kastell_testkit::live_cluster("prod", SHOP))
}

fn report_of(cluster: &Cluster) -> Report {
    let (cart, service) = (object(cluster, "Deployment"), object(cluster, "Service"));
    let privileged_at = [APP, &["securityContext", "privileged"]].concat();
    let token_at = [APP, &["env", "0", "value"]].concat();
    let mut privileged = finding(
        "privileged-container",
        Severity::Critical,
        cart,
        &privileged_at,
        &[],
        "the container is root on its node",
    );
    privileged.part = Some("app".into());
    privileged.fixable = Some(Safety::Unsafe);
    privileged.owner = Owner::Team("checkout".into());
    privileged.count = 50;
    privileged.examples = vec![ObjectKey {
        unit: "test".into(),
        kind: GroupKind::new("", "Pod"),
        namespace: Some("shop".into()),
        name: "cart-x7x2p".into(),
    }];
    privileged.related = vec![(
        Place { object: Arc::clone(service), node: node(service, &["spec", "type"]), missing: &[] },
        "and every node offers it".into(),
    )];
    let mut token = finding("secret-in-env", Severity::High, cart, &token_at, &[], "the variable TOKEN holds a secret");
    token.part = Some("app".into());
    let mut findings = vec![privileged, token];
    for (rule, severity, missing) in [
        ("run-as-root", Severity::Medium, &["securityContext", "runAsNonRoot"] as &'static [&'static str]),
        ("writable-root", Severity::Low, &["securityContext", "readOnlyRootFilesystem"]),
        ("missing-memory-limit", Severity::Medium, &["resources", "limits", "memory"]),
    ] {
        let mut f = finding(rule, severity, cart, PROXY, missing, "it is not set");
        f.part = Some("proxy".into());
        findings.push(f);
    }
    findings.push(finding("node-port", Severity::Low, service, &["spec", "type"], &[], "open on every node"));
    let mut doubtful = finding("no-policy", Severity::Medium, service, &["metadata"], &[], "no policy selects it");
    doubtful.confidence = Confidence::Low;
    let excepted = Excepted {
        finding: doubtful.clone(),
        origin: ExceptionOrigin::Inline,
        reason: "the mesh does it".into(),
        until: Some("2027-01-31".into()),
        owner: None,
        ticket: None,
        component: None,
    };
    findings.push(doubtful);
    Report {
        head: head(),
        rules: vec![
            rule("missing-memory-limit", "workloads", Severity::Medium, true),
            rule("missing-seccomp", "workloads", Severity::Medium, true),
            rule("no-policy", "network", Severity::Medium, false),
            rule("node-port", "network", Severity::Low, false),
            rule("privileged-container", "workloads", Severity::Critical, false),
            rule("run-as-root", "workloads", Severity::Medium, true),
            rule("secret-in-env", "secrets", Severity::High, false),
            rule("writable-root", "workloads", Severity::Low, true),
        ],
        questions: vec![
            question("From a pod to its node?", &["privileged-container"], None),
            question("From a pod to the others?", &["no-policy"], Some("whether the network enforces it")),
            question("Would anyone notice?", &[], Some("audit logs")),
        ],
        subjects: vec![
            SubjectAnswers {
                key: cart.key.clone(),
                objects: 51,
                statuses: [Fail, NotApplicable, NotApplicable, NotApplicable, Fail, Fail, Fail, Fail].into(),
            },
            SubjectAnswers {
                key: service.key.clone(),
                objects: 1,
                statuses: [NotApplicable, NotApplicable, Fail, Fail, NotApplicable, NotApplicable, Pass, Unknown]
                    .into(),
            },
        ],
        baseline: None,
        findings,
        gaps: vec![GapEntry {
            rule: Some(RuleId("no-policy".into())),
            reason: GapReason::NeedsSource,
            subject: Some(service.key.clone()),
            at: Some(Place { object: Arc::clone(service), node: NodeId::ROOT, missing: &[] }),
            path: None,
            detail: "which policies the cluster has; a live cluster would say it".into(),
            count: 2,
            expected: None,
        }],
        diagnostics: vec![broken(cart)],
        excepted: vec![excepted],
        incomplete: true,
        statistics: None,
    }
}

pub(crate) fn question(text: &str, rules: &[&str], not_asked: Option<&str>) -> Question {
    Question {
        text: text.into(),
        rules: rules.iter().map(|r| RuleId((*r).into())).collect(),
        not_asked: not_asked.map(Into::into),
    }
}

fn head() -> Head {
    Head {
        version: "0.1.0".into(),
        kubernetes_version: "1.37".into(),
        version_given: false,
        now: "2026-11-24".into(),
        inputs: vec!["examples/my shop".into()],
        files: 2,
        documents: 3,
        objects: 2,
        workloads: 1,
        requests: 0,
        clusters: Vec::new(),
        skipped: [("empty".into(), 1)].into(),
        units: 1,
        rings: ["control-plane", "nodes", "network", "workloads", "secrets"].map(Into::into).into(),
        fail_on: Some(Severity::High),
        min_confidence: Confidence::Medium,
    }
}

/// An error of reading whose place is the line with the secret.
fn broken(cart: &Object) -> Diagnostic {
    let at = cart.value(node(cart, &[APP, &["env", "0"]].concat())).span();
    Diagnostic {
        code: DiagnosticCode("unreadable-document".into()),
        level: DiagnosticLevel::Error,
        message: "the document is not valid YAML".into(),
        path: Some("test.yaml".into()),
        labels: vec![Label {
            source: Arc::clone(&cart.source),
            span: Span { start: at.start, end: at.start + 1 },
            message: "this brace".into(),
        }],
        help: Some("quote the value".into()),
        gap: Some(GapReason::Unreadable),
    }
}
