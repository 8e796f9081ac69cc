//! The report of a running cluster as people see it: sixty namespaces on one screen.

use crate::fixture::{finding, mask, question, report, rule};
use kastell_model::{
    Class, Cluster, ClusterReading, Confidence, Diagnostic, DiagnosticCode, DiagnosticLevel, Finding, GapReason,
    GroupKind, KindReading, Object, Owner, Place, RuleId, Seen, Severity, Str,
};
use kastell_report::{Excepted, ExceptionOrigin, GapEntry, Head, Report, Style, json, terminal};
use std::fmt::Write as _;
use std::sync::Arc;

/// A small generator of numbers, the same for the same seed (Knuth's MMIX constants).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

const TEAMS: [&str; 7] = ["checkout", "payments", "search", "identity", "data", "web", "mobile"];

/// The namespaces of users; those of others come on top.
const OWN: usize = 56;

fn namespace(i: usize) -> String {
    format!("{}-{}", TEAMS[i % TEAMS.len()], ["api", "web", "jobs", "cache", "edge", "admin", "beta", "prod"][i / 7])
}

/// The manifests of a cluster with 60 namespaces.
fn manifests(dice: &mut Dice) -> String {
    let mut text = String::new();
    let mut add = |yaml: String| {
        let _ = write!(text, "---\n{yaml}\n");
    };
    let others = ["kube-system", "cilium", "cert-manager", "monitoring"].map(str::to_owned);
    for ns in (0..OWN).map(namespace).chain(others) {
        add(format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {ns}}}"));
        for w in 0..3 + dice.below(6) {
            add(format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: app-{w}, namespace: {ns}}}\nspec:\n  template:\n    \
                 spec:\n      hostPID: true\n      containers:\n      - name: main\n        image: registry.example/{ns}/app-{w}:1\n        \
                 securityContext: {{privileged: true, runAsUser: 0}}\n        env: [{{name: TOKEN, value: {}}}]",
                crate::fixture::CANARY
            ));
        }
        add(format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: front, namespace: {ns}}}\nspec: {{type: NodePort}}"
        ));
    }
    text
}

const POD: [&str; 3] = ["spec", "template", "spec"];

fn of_workload(object: &Arc<Object>, dice: &mut Dice, into: &mut Vec<Finding>) {
    let app: Vec<&str> = [&POD[..], &["containers", "0"]].concat();
    let mut add = |odds: u64, id: &str, severity, path: &[&str], missing, message: &str| {
        if dice.below(odds) == 0 {
            let mut f = finding(id, severity, object, path, missing, message);
            f.part = Some("main".into());
            into.push(f);
        }
    };
    let privileged = [&app[..], &["securityContext", "privileged"]].concat();
    let user = [&app[..], &["securityContext", "runAsUser"]].concat();
    let token = [&app[..], &["env", "0", "value"]].concat();
    let pid = [&POD[..], &["hostPID"]].concat();
    let context = [&app[..], &["securityContext"]].concat();
    add(60, "privileged-container", Severity::Critical, &privileged, &[], "the container is root on its node");
    add(40, "host-pid", Severity::High, &pid, &[], "the pod sees every process of its node");
    add(30, "literal-credential", Severity::High, &token, &[], "the variable TOKEN holds a token in plain view");
    add(5, "explicit-root-user", Severity::Medium, &user, &[], "the container runs as root");
    add(2, "automounted-token", Severity::Medium, &POD, &["automountServiceAccountToken"], "every pod gets a token");
    add(1, "missing-seccomp-profile", Severity::Medium, &context, &["seccompProfile"], "no profile filters its calls");
    add(2, "writable-root-filesystem", Severity::Low, &context, &["readOnlyRootFilesystem"], "files can be changed");
    add(3, "unpinned-image", Severity::Medium, &[&app[..], &["image"]].concat(), &[], "the tag may move");
}

fn of_object(object: &Arc<Object>, dice: &mut Dice, into: &mut Vec<Finding>) {
    let mut of = |odds: u64, id: &str, severity, path: &[&str], missing, message: &str| {
        if dice.below(odds) == 0 {
            into.push(finding(id, severity, object, path, missing, message));
        }
    };
    match &*object.key.kind.kind {
        "Namespace" => {
            let open = "namespace has no policy that denies by default";
            of(4, "namespace-without-network-policy", Severity::High, &["metadata", "name"], &[], "no policy at all");
            of(1, "missing-default-deny", Severity::Medium, &["metadata", "name"], &[], open);
            of(2, "unenforced-baseline", Severity::Medium, &["metadata"], &["labels"], "baseline is not enforced");
        }
        "Service" => of(8, "exposed-service", Severity::Medium, &["spec", "type"], &[], "every node offers it"),
        _ => of_workload(object, dice, into),
    }
}

/// Whose each namespace is: teams own theirs, but for every ninth; the platform's say what they are.
fn own(f: &mut Finding, number: usize) {
    let key = &f.subject.key;
    let ns = key.namespace.as_deref().unwrap_or(&key.name);
    let listed =
        |name: &str| Some(Str::from(format!("listed as {name} (Deployment app in {ns}), manifests of 2026-10")));
    (f.class, f.class_evidence) = match ns {
        "kube-system" => (Class::System, Some("stands in Kubernetes' own namespace kube-system".into())),
        "cilium" => (Class::Platform, listed("Cilium")),
        "cert-manager" => (Class::Platform, listed("cert-manager")),
        "monitoring" => (Class::Platform, listed("Prometheus stack")),
        _ => (Class::Yours, None),
    };
    if f.class == Class::Yours && !number.is_multiple_of(9) {
        f.owner = Owner::Team(ns.split('-').next().unwrap_or_default().into());
    }
}

fn reading(unit: &str, cluster: &Cluster) -> ClusterReading {
    let count = |kind: &str| cluster.objects().iter().filter(|o| &*o.key.kind.kind == kind).count();
    let kind = |group: &str, kind: &str, resource: &str, seen: Seen| KindReading {
        kind: GroupKind::new(group, kind),
        version: "v1".into(),
        resource: resource.into(),
        namespace: None,
        seen,
        metadata_only: kind == "Secret",
        objects: u32::try_from(count(kind)).unwrap(),
        requests: 1,
    };
    let forbidden = || Seen::Failed("forbidden: the role does not allow to list it".into());
    ClusterReading {
        unit: unit.into(),
        server: "https://10.0.0.1:6443".into(),
        uid: Some("5d1b8f0a-6f0e-4c5a-9d3b-2a3c4d5e6f70".into()),
        version: Some("v1.37.2".into()),
        reader: Some("auditor".into()),
        requests: 57,
        read_at: "2026-11-24T20:15:00Z".into(),
        kinds: vec![
            kind("", "Namespace", "namespaces", Seen::All),
            kind("", "Node", "nodes", forbidden()),
            kind("", "Secret", "secrets", Seen::All),
            kind("", "Service", "services", Seen::All),
            kind("apps", "Deployment", "deployments", Seen::All),
            kind("cilium.io", "CiliumNetworkPolicy", "ciliumnetworkpolicies", forbidden()),
        ],
    }
}

fn gaps(cluster: &Cluster) -> Vec<GapEntry> {
    let some = |n: usize| cluster.objects().iter().filter(move |o| &*o.key.kind.kind == "Deployment").take(n);
    let gap = |o: &Arc<Object>, id: &str, reason, detail: &str| GapEntry {
        rule: Some(RuleId(id.into())),
        reason,
        subject: Some(o.key.clone()),
        at: Some(Place { object: Arc::clone(o), node: o.root, missing: &[] }),
        path: None,
        detail: detail.into(),
        count: 1,
        expected: None,
    };
    let nodes = "nodes could not be read: forbidden";
    some(30)
        .map(|o| gap(o, "host-pid", GapReason::Unreadable, nodes))
        .chain(some(12).map(|o| gap(o, "unpinned-image", GapReason::NeedsSource, "what the registry says of the tag")))
        .collect()
}

fn clusters(units: &[&str]) -> Report {
    let base = report();
    let mut dice = Dice(20_261_124);
    let (mut findings, mut gap_entries, mut readings, mut objects) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for unit in units {
        let cluster = kastell_testkit::live_cluster(unit, &manifests(&mut dice));
        cluster.objects().iter().for_each(|o| of_object(o, &mut dice, &mut findings));
        gap_entries.extend(gaps(&cluster));
        readings.push(reading(unit, &cluster));
        objects += cluster.objects().len();
    }
    findings.iter_mut().enumerate().for_each(|(i, f)| own(f, i));
    let (excused, findings): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|f| f.class != Class::Yours && f.severity < Severity::High);
    let excepted = excused.into_iter().map(|finding| excepted(finding, ExceptionOrigin::Config)).collect();
    Report {
        head: Head {
            clusters: readings,
            inputs: Vec::new(),
            version_given: true,
            objects: u32::try_from(objects).unwrap(),
            skipped: [].into(),
            ..base.head
        },
        rules: rules(),
        subjects: Vec::new(),
        baseline: None,
        questions: vec![
            question("What hurts if it leaks?", &["literal-credential"], Some("which assets count")),
            question("Who has access, and how?", &["anonymous-binding"], Some("what each role allows")),
            question("From a pod to its node?", &["host-pid", "privileged-container"], None),
            question("From a pod to the API?", &["automounted-token"], Some("what the tokens may do")),
            question(
                "From a pod to the others?",
                &["missing-default-deny", "namespace-without-network-policy"],
                Some("whether the network enforces it"),
            ),
            question("From outside to a pod?", &["exposed-service"], None),
            question("What refuses a bad pod?", &["unenforced-baseline"], None),
            question("Is it known what runs?", &["unpinned-image"], Some("signatures and contents of images")),
            question("Would anyone notice?", &[], Some("audit logs, runtime sensors")),
        ],
        findings,
        gaps: gap_entries,
        diagnostics: units.iter().map(|unit| unread(unit)).collect(),
        excepted,
        incomplete: true,
        statistics: None,
    }
}

fn excepted(finding: Finding, origin: ExceptionOrigin) -> Excepted {
    Excepted { finding, origin, reason: "shipped so".into(), until: None, owner: None, ticket: None, component: None }
}

fn unread(unit: &str) -> Diagnostic {
    Diagnostic {
        code: DiagnosticCode("unread-kind".into()),
        level: DiagnosticLevel::Error,
        message: "nodes could not be read: forbidden: the role does not allow to list it".into(),
        path: Some(unit.into()),
        labels: Vec::new(),
        help: Some("use the role auditor".into()),
        gap: Some(GapReason::Unreadable),
    }
}

fn rules() -> Vec<kastell_report::Rule> {
    let mut rules = vec![
        rule("anonymous-binding", "identity", Severity::Critical, false),
        rule("automounted-token", "identity", Severity::Medium, false),
        rule("explicit-root-user", "workloads", Severity::Medium, false),
        rule("exposed-service", "network", Severity::Medium, false),
        rule("host-pid", "workloads", Severity::High, false),
        rule("literal-credential", "secrets", Severity::High, false),
        rule("missing-default-deny", "network", Severity::Medium, false),
        rule("missing-seccomp-profile", "workloads", Severity::Medium, true),
        rule("namespace-without-network-policy", "network", Severity::High, false),
        rule("privileged-container", "workloads", Severity::Critical, false),
        rule("unenforced-baseline", "control-plane", Severity::Medium, false),
        rule("unpinned-image", "supply-chain", Severity::Medium, false),
        rule("writable-root-filesystem", "workloads", Severity::Low, true),
    ];
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    rules
}

/// Lines on a screen of this width: longer ones take more than one.
fn height(text: &str, width: usize) -> usize {
    text.lines().map(|l| l.chars().count().max(1).div_ceil(width)).sum()
}

#[test]
fn sixty_namespaces_are_a_screenful() {
    let text = terminal(&clusters(&["prod"]), &mask, &Style { width: 120, unicode: true, ..Style::default() }, false);
    insta::assert_snapshot!(text, @r#"
    kastell 0.1.0 · Kubernetes 1.37 · 2026-11-24
    read prod: 60 namespaces, 458 objects of 3 kinds in 57 requests from https://10.0.0.1:6443 (v1.37.2) as auditor
    nothing was written or sent elsewhere; of Secrets only metadata was asked for

    threat questions, and what is known so far
      What hurts if it leaks?    7 workloads in 6 namespaces: literal-credential 7; not asked yet: which assets count
      Who has access, and how?   nothing found in 1 check; not asked yet: what each role allows
      From a pod to its node?    11 workloads in 10 namespaces (9 yours), 30 unknown: host-pid 8, privileged-container 3
      From a pod to the API?     143 workloads in 53 namespaces; not asked yet: what the tokens may do
      From a pod to the others?  56 namespaces; not asked yet: whether the network enforces it
      From outside to a pod?     7 services in 7 namespaces: exposed-service 7
      What refuses a bad pod?    25 namespaces: unenforced-baseline 25
      Is it known what runs?     113 workloads in 49 namespaces, 12 unknown; not asked yet: signatures and contents of imag…
      Would anyone notice?       not asked yet: audit logs, runtime sensors

     owner      critical  high  medium  low  info  subjects
     web               2     3      88   20     -        51
     search            -     7      93   21     -        58
     data              -     4     105   23     -        60
     (unowned)         -     3      73   25     -       101
     (4 more)          -    12     361   63     -       200

    shipped by others: Prometheus stack 1 critical; Kubernetes' own namespace kube-system 1 high

    same in many namespaces
    high    namespace-without-network-policy  15 namespaces                     checkout-admin, checkout-beta, checkout-web
    high    host-pid                          7 workloads in 7 namespaces       checkout-api, data-admin, data-edge
    high    literal-credential                7 workloads in 6 namespaces       data-jobs, mobile-edge, mobile-prod
    medium  hardening                         311 workloads in 56 namespaces    checkout-admin, checkout-api, checkout-beta
    medium  missing-default-deny              56 namespaces                     checkout-admin, checkout-api, checkout-beta
    medium  automounted-token                 143 workloads in 53 namespaces    checkout-admin, checkout-api, checkout-beta
    … and 4 more rules

    critical[privileged-container]: the container is root on its node
     ╭▸ Deployment web-cache/app-3: spec.template.spec.containers[name=main].securityContext.privileged
     │ - name: main
     │   securityContext:
     │     privileged: true
     │                 ━━━━
     ├ maps: CIS 5.2.2 · ATT&CK T1611
     ╰ help: Undo privileged-container

    critical  privileged-container  …me=main].securityContext.privileged  Deployment web-cache/app-6    the container is ro…
    critical  privileged-container  …me=main].securityContext.privileged  Deployment monitoring/app-1   the container is ro…
    high      host-pid              spec.template.spec.hostPID            Deployment kube-system/app-3  the pod sees every…

    905 findings in 376 subjects: 3 critical, 30 high, 720 medium, 152 low
    33 of them fail the run (--fail-on high, --min-confidence medium)
    incomplete: something was not read or not understood, so silence about it means nothing
    2 kinds could not be read (forbidden: the role does not allow to list it): ciliumnetworkpolicies, nodes
    31 unknown could not be read: nodes (host-pid, 1 more)
    12 unknown need a source that was not given: what the registry says of the tag (unpinned-image)
    66 excepted (66 config); 0 folded; 0 skipped

    next:
      kastell explain privileged-container                          # why it matters and how to fix it
      kastell explain --cluster Deployment/web-cache/app-3          # every question asked of this object
      kastell scan --cluster --context prod --verbose               # show everything
      kastell init                                                  # a kastell.yaml for owners, exceptions and severities
      kastell snapshot --cluster --context prod > cluster.snapshot  # keep what was read, to scan and compare it later
    "#);
}

#[test]
fn several_clusters_have_a_line_each() {
    let text = terminal(&clusters(&["prod-eu", "prod-us"]), &mask, &Style::default(), false);
    insta::assert_snapshot!(text, @r#"
    kastell 0.1.0, Kubernetes 1.37, 2026-11-24
    read prod-eu: 60 namespaces, 458 objects of 3 kinds in 57 requests from https://10.0.0.1:6443 (v1...
    read prod-us: 60 namespaces, 446 objects of 3 kinds in 57 requests from https://10.0.0.1:6443 (v1...
    nothing was written or sent elsewhere; of Secrets only metadata was asked for

    threat questions, and what is known so far
      What hurts if it leaks?    18 workloads in 16 namespaces (17 yours); not asked yet: which asset...
      Who has access, and how?   nothing found in 1 check; not asked yet: what each role allows
      From a pod to its node?    25 workloads in 24 namespaces (22 yours), 60 unknown
      From a pod to the API?     294 workloads in 107 namespaces; not asked yet: what the tokens may do
      From a pod to the others?  114 namespaces (112 yours); not asked yet: whether the network enfor...
      From outside to a pod?     15 services in 15 namespaces: exposed-service 15
      What refuses a bad pod?    50 namespaces: unenforced-baseline 50
      Is it known what runs?     217 workloads in 99 namespaces, 24 unknown; not asked yet: signature...
      Would anyone notice?       not asked yet: audit logs, runtime sensors

     owner      critical  high  medium  low  info  subjects
     payments          2     7     161   35     -       101
     web               2     6     178   37     -       105
     (unowned)         2     6     151   39     -       198
     search            1    14     189   40     -       111
     (4 more)          1    25     751  149     -       417

    shipped by others: Cilium 1 critical, 1 high; Prometheus stack 1 critical; Kubernetes' own
      namespace kube-system 2 high; cert-manager 1 high

    same in many namespaces
    high    namespace-without-network-policy  27 namespaces                      prod-eu/checkout-adm...
    high    literal-credential                17 workloads in 15 namespaces      prod-eu/data-jobs, p...
    high    host-pid                          14 workloads in 14 namespaces      prod-eu/checkout-api...
    medium  hardening                         621 workloads in 112 namespaces    prod-eu/checkout-adm...
    ... and 6 more rules

    critical  privileged-container              ...Context.privileged  prod-us: Deployment payments-a...
    critical  privileged-container              ...Context.privileged  prod-us: Deployment search-adm...
    critical  privileged-container              ...Context.privileged  prod-eu: Deployment web-cache/...
    critical  privileged-container              ...Context.privileged  prod-us: Deployment checkout-j...
    critical  privileged-container              ...Context.privileged  prod-us: Deployment payments-p...
    critical  privileged-container              ...Context.privileged  prod-us: Deployment search-api...
    critical  privileged-container              ...Context.privileged  prod-eu: Deployment web-cache/...
    critical  privileged-container              ...Context.privileged  prod-us: Deployment data-api/a...
    critical  privileged-container              ...Context.privileged  prod-eu: Deployment monitoring...
    critical  privileged-container              ...Context.privileged  prod-us: Deployment cilium/app-1
    high      namespace-without-network-policy  metadata.name          prod-us: Namespace cert-manager
    ... and 3 more in 3 subjects (--verbose shows all)

    1,802 findings in 754 subjects: 10 critical, 62 high, 1,430 medium, 300 low
    72 of them fail the run (--fail-on high, --min-confidence medium)
    incomplete: something was not read or not understood, so silence about it means nothing
    4 kinds could not be read (forbidden: the role does not allow to list it): ciliumnetworkpolicies...
    62 unknown could not be read: nodes (host-pid, 1 more)
    24 unknown need a source that was not given: what the registry says of the tag (unpinned-image)
    115 excepted (115 config); 0 folded; 0 skipped

    next:
      kastell explain privileged-container  # why it matters and how to fix it
      kastell explain --cluster --context prod-us Deployment/payments-api/app-5
      kastell scan --cluster --context prod-eu --context prod-us --verbose
      kastell init                          # a kastell.yaml for owners, exceptions and severities
      kastell snapshot --cluster --context prod-eu --context prod-us > cluster.snapshot
    "#);
}

#[test]
fn no_width_takes_more_than_a_screenful() {
    for units in [&["prod"][..], &["prod-eu", "prod-us"], &["a", "b", "c", "d", "e", "f", "g", "h"]] {
        let report = clusters(units);
        for width in [60, 80, 100, 120, 160] {
            for unicode in [false, true] {
                let text = terminal(&report, &mask, &Style { width, unicode, ..Style::default() }, false);
                assert!(height(&text, width) <= 60, "{} lines at {width}:\n{text}", height(&text, width));
                assert!(!text.contains(crate::fixture::CANARY));
                for part in ["nothing was written", "threat questions", "same in many", "could not be read", "next:"] {
                    assert!(text.contains(part), "`{part}` is not there at {width}:\n{text}");
                }
            }
        }
    }
}

#[test]
fn the_view_of_a_cluster_is_the_same_every_time() {
    let style = Style { unicode: true, ..Style::default() };
    let once = terminal(&clusters(&["prod"]), &mask, &style, false);
    assert_eq!(once, terminal(&clusters(&["prod"]), &mask, &style, false));
    let colored = terminal(&clusters(&["prod"]), &mask, &Style { color: true, ..style }, false);
    let mut plain = String::new();
    let mut inside = false;
    for c in colored.chars() {
        match c {
            '\u{1b}' => inside = true,
            'm' if inside => inside = false,
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    assert_eq!(plain, once);
}

#[test]
fn json_says_how_the_cluster_was_read_and_only_the_day() {
    let mut out = Vec::new();
    json(&clusters(&["prod"]), &mut out).unwrap();
    let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let schema = serde_json::from_str(&kastell_report::json_schema()).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&value));
    let cluster = &value["read"]["clusters"][0];
    assert_eq!(cluster["read_at"], "2026-11-24");
    insta::assert_snapshot!(serde_json::to_string_pretty(&cluster["kinds"][1]).unwrap(), @r#"
    {
      "group": "",
      "kind": "Node",
      "version": "v1",
      "resource": "nodes",
      "namespace": null,
      "seen": "failed",
      "reason": "forbidden: the role does not allow to list it",
      "metadata_only": false,
      "objects": 0,
      "requests": 1
    }
    "#);
}

#[test]
fn hostile_names_of_clusters_and_namespaces_cannot_steer_the_terminal() {
    let mut report = clusters(&["prod"]);
    let evil: Str = "x\u{1b}[2J\n\u{202e}'; rm -rf /".into();
    let head = &mut report.head.clusters[0];
    (head.unit, head.server, head.reader, head.version) =
        (evil.clone(), evil.clone(), Some(evil.clone()), Some(evil.clone()));
    head.kinds[1].resource = evil.clone();
    head.kinds[1].seen = Seen::Failed(evil.clone());
    for f in &mut report.findings {
        f.subject.key.namespace = Some(format!("{evil}{}", f.subject.key.namespace_or_default()).into());
        f.class_evidence = Some(evil.clone());
        f.confidence = Confidence::High;
    }
    let text = terminal(&report, &mask, &Style::default(), false);
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    assert!(height(&text, 100) <= 60, "{text}");
}
