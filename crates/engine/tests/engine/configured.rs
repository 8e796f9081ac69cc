//! What a configuration changes: exceptions by match, severities, expected gaps, owners.

use crate::manifests::today;
use kastell_analysis::Facts;
use kastell_engine::{
    Codeowners, Configured, ConfiguredException, ConfiguredSeverity, Evaluation, ExceptionOrigin, ExceptionPolicy,
    ExceptionStatus, ExpectedUnknown, Match, OwnerKey, Ownership, Pattern, Production, Selection, SelectionRequest,
    Settings, answers, evaluate,
};
use kastell_model::kube::LabelSelector;
use kastell_model::yaml::NodeId;
use kastell_model::{Cluster, Confidence, Date, Finding, Object, Owner, Seen, Severity};
use std::sync::Arc;

/// Two Deployments of one namespace, a DaemonSet of another, all with a privileged container `app`; `cart` has a second
/// one, `side`, that is privileged too.
const SHOP: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop, labels: {app: cart}}
spec:
  template:
    metadata: {labels: {pod: cart}}
    spec:
      containers:
      - {name: app, image: a, securityContext: {privileged: true}}
      - {name: side, image: b, securityContext: {privileged: true}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart-2, namespace: shop, labels: {app: cart-2}, annotations: {example.com/team: checkout}}
spec:
  template:
    spec:
      containers:
      - {name: app, image: a, securityContext: {privileged: true}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: cart, namespace: ops}
spec:
  template:
    spec:
      containers:
      - {name: app, image: a, securityContext: {privileged: true}}
---
apiVersion: v1
kind: Namespace
metadata: {name: ops, labels: {team: platform, env: production}}
";

const PRIVILEGED: &str = "privileged-container";

/// What stands for the configuration's document: findings about entries stand in it.
fn document() -> Arc<Object> {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: configuration}\ndata: {entry: one}\n";
    Arc::clone(&kastell_testkit::cluster_of(&[("kastell.yaml", text)], Seen::Open).objects()[0])
}

fn configured(change: impl FnOnce(&mut Configured)) -> Arc<Configured> {
    let mut out = Configured { object: Some(document()), ..Configured::default() };
    change(&mut out);
    Arc::new(out)
}

fn exception(about: Match) -> ConfiguredException {
    ConfiguredException {
        ids: vec![PRIVILEGED.into()],
        about,
        reason: "it must".into(),
        owner: Some("platform".into()),
        ticket: None,
        until: None,
        node: NodeId::ROOT,
    }
}

fn pattern(text: &str) -> Option<Pattern> {
    Some(Pattern::new(text))
}

fn only_privileged() -> Selection {
    let request = SelectionRequest { controls: vec![PRIVILEGED.into()], ..SelectionRequest::default() };
    Selection::new(&request).unwrap()
}

fn run_with(cluster: Cluster, policy: ExceptionPolicy, configured: &Arc<Configured>) -> Evaluation {
    let settings = Settings::new(policy, today()).with(Arc::clone(configured));
    evaluate(&Facts::new(Arc::new(cluster)), &only_privileged(), &settings)
}

fn run(configured: &Arc<Configured>) -> Evaluation {
    run_with(kastell_testkit::cluster(SHOP), ExceptionPolicy::All, configured)
}

/// `Kind namespace/name container` of findings of the one control.
fn whose<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<String> {
    let of_control = findings.into_iter().filter(|f| &*f.rule.0 == PRIVILEGED);
    let mut all: Vec<_> =
        of_control.map(|f| format!("{} {}", f.subject.key, f.part.as_deref().unwrap_or("-"))).collect();
    all.sort();
    all
}

/// Whom an exception with this match excuses.
fn excused(about: Match) -> Vec<String> {
    let evaluation = run(&configured(|c| c.exceptions.push(exception(about))));
    let excused = whose(evaluation.excepted.iter().map(|e| &e.finding));
    let left = whose(&evaluation.findings);
    assert_eq!(excused.len() + left.len(), 4, "{excused:?} {left:?}");
    assert!(evaluation.excepted.iter().all(|e| e.exception.origin == ExceptionOrigin::Config));
    excused
}

const ALL: [&str; 4] =
    ["DaemonSet ops/cart app", "Deployment shop/cart app", "Deployment shop/cart side", "Deployment shop/cart-2 app"];

#[test]
fn a_match_means_whole_names_and_all_that_it_says() {
    let named = |name: &str| Match { name: pattern(name), ..Match::default() };
    assert_eq!(excused(Match::default()), ALL);
    assert_eq!(excused(named("cart")), ALL[..3]);
    assert_eq!(excused(named("cart-*")), ALL[3..]);
    assert_eq!(excused(named("cart*")), ALL);
    assert_eq!(excused(named("car")), [""; 0]);
    assert_eq!(excused(Match { kind: pattern("Deployment"), ..named("cart") }), ALL[1..3]);
    assert_eq!(excused(Match { kind: pattern("Deployment.apps"), ..named("cart") }), ALL[1..3]);
    assert_eq!(excused(Match { kind: pattern("Deploy"), ..Match::default() }), [""; 0]);
    assert_eq!(excused(Match { namespace: pattern("ops"), ..Match::default() }), ALL[..1]);
    assert_eq!(excused(Match { namespace: pattern("shop"), kind: pattern("DaemonSet"), ..Match::default() }), [""; 0]);
}

#[test]
fn a_container_is_one_container() {
    let side = Match { container: pattern("side"), ..Match::default() };
    assert_eq!(excused(side.clone()), ALL[2..3]);
    assert_eq!(excused(Match { name: pattern("cart-2"), ..side }), [""; 0]);
}

#[test]
fn labels_are_those_of_the_object_or_its_topmost_controller() {
    let labelled = |text: &str| Match { selector: Some(LabelSelector::parse(text).unwrap()), ..Match::default() };
    assert_eq!(excused(labelled("app=cart")), ALL[1..3]);
    assert_eq!(excused(labelled("app in (cart,cart-2)")), ALL[1..]);
    assert_eq!(excused(labelled("!app")), ALL[..1]);
    assert_eq!(excused(labelled("pod=cart")), [""; 0], "labels of a template are no labels of the object");

    let pod = format!(
        "{SHOP}---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: cart-x\n  namespace: ops\n  labels: {{only: pod}}\n  \
         ownerReferences:\n  - {{apiVersion: apps/v1, kind: DaemonSet, name: cart, uid: u, controller: true}}\n\
         spec:\n  containers:\n  - {{name: late, image: a, securityContext: {{privileged: true}}}}\n"
    );
    for about in [
        labelled("only=pod"),
        Match { kind: pattern("Pod"), name: pattern("cart-x"), ..Match::default() },
        Match { kind: pattern("DaemonSet"), container: pattern("late"), ..Match::default() },
    ] {
        let configured = configured(|c| c.exceptions.push(exception(about.clone())));
        let evaluation = run_with(kastell_testkit::cluster(&pod), ExceptionPolicy::All, &configured);
        assert_eq!(whose(evaluation.excepted.iter().map(|e| &e.finding)), ["DaemonSet ops/cart late"], "{about:?}");
    }
    // The kind of the pod and the name of its controller are of no one object.
    let mixed = Match { kind: pattern("Pod"), name: pattern("cart"), ..Match::default() };
    let configured = configured(|c| c.exceptions.push(exception(mixed)));
    let evaluation = run_with(kastell_testkit::cluster(&pod), ExceptionPolicy::All, &configured);
    assert!(evaluation.excepted.is_empty());
}

/// Rule, confidence and message of what is said about entries.
fn complaints(evaluation: &Evaluation) -> Vec<(String, Confidence, String)> {
    let about = evaluation.findings.iter().filter(|f| &*f.rule.0 != PRIVILEGED);
    about
        .inspect(|f| assert_eq!(&*f.at.object.source.path, "kastell.yaml"))
        .map(|f| (f.rule.0.to_string(), f.confidence, f.message.to_string()))
        .collect()
}

#[test]
fn an_entry_counts_to_its_last_day_and_is_told_after_it() {
    let about = Match { namespace: pattern("ops"), ..Match::default() };
    for (until, excepted) in [("2026-01-01", 1), ("2025-12-31", 0)] {
        let entry = ConfiguredException { until: Date::parse(until), ..exception(about.clone()) };
        let evaluation = run(&configured(|c| c.exceptions.push(entry)));
        assert_eq!(evaluation.excepted.len(), excepted, "{until}");
        let told = complaints(&evaluation);
        assert_eq!(told.len(), 1 - excepted, "{told:?}");
        assert!(told.iter().all(|(rule, ..)| rule == "expired-exception"));
        let status = if excepted == 1 { ExceptionStatus::Used } else { ExceptionStatus::Expired };
        assert_eq!(evaluation.exceptions[0].status, status);
    }
}

#[test]
fn an_entry_without_a_finding_is_stale_where_its_object_is_there_and_doubtful_where_it_is_not() {
    let entry = |name: &str, ids: &str| ConfiguredException {
        ids: vec![ids.into()],
        ..exception(Match { name: pattern(name), ..Match::default() })
    };
    let healthy = SHOP.replace("privileged: true", "privileged: false");
    for (name, seen, confidence) in [
        ("cart", Seen::Open, Confidence::High),
        ("gone", Seen::Open, Confidence::Low),
        ("gone", Seen::All, Confidence::High),
    ] {
        let configured = configured(|c| c.exceptions.push(entry(name, PRIVILEGED)));
        let cluster = kastell_testkit::cluster_with(&healthy, seen);
        let told = complaints(&run_with(cluster, ExceptionPolicy::All, &configured));
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((told[0].0.as_str(), told[0].1), ("stale-exception", confidence), "{name}");
    }
    // A control that did not run says nothing about its exceptions.
    let configured = configured(|c| c.exceptions.push(entry("cart", "host-pid")));
    let evaluation = run(&configured);
    assert_eq!(complaints(&evaluation), []);
    assert_eq!(evaluation.exceptions[0].status, ExceptionStatus::NotAsked);
}

#[test]
fn policies_choose_whose_exceptions_count_for_scans_and_explanations_alike() {
    // An annotation for the one Deployment, an entry for the other; both for the DaemonSet.
    let annotated = SHOP
        .replace(
            "labels: {app: cart}}",
            "labels: {app: cart}, annotations: {kastell.dev/ignore: privileged-container ok}}",
        )
        .replace(
            "{name: cart, namespace: ops}",
            "{name: cart, namespace: ops, annotations: {kastell.dev/ignore: privileged-container ok}}",
        );
    let configured = configured(|c| {
        c.exceptions.push(exception(Match { name: pattern("cart-2"), ..Match::default() }));
        c.exceptions.push(exception(Match { namespace: pattern("ops"), ..Match::default() }));
    });
    let cluster = Arc::new(kastell_testkit::cluster(&annotated));
    for (policy, inline, config) in
        [(ExceptionPolicy::All, 3, 1), (ExceptionPolicy::Config, 0, 2), (ExceptionPolicy::None, 0, 0)]
    {
        let settings = Settings::new(policy, today()).with(Arc::clone(&configured));
        let facts = Facts::new(Arc::clone(&cluster));
        let evaluation = evaluate(&facts, &only_privileged(), &settings);
        let by = |origin| evaluation.excepted.iter().filter(|e| e.exception.origin == origin).count();
        assert_eq!((by(ExceptionOrigin::Annotation), by(ExceptionOrigin::Config)), (inline, config), "{policy:?}");
        assert_eq!(complaints(&evaluation), [], "an exception that another one precedes is not stale");

        let mut explained = (0, 0);
        for object in 0..u32::try_from(cluster.objects().len()).unwrap() {
            for answer in answers(&facts, &only_privileged(), object, &settings) {
                explained.0 += answer.excepted.len();
                explained.1 += answer.findings.len();
            }
        }
        assert_eq!(explained, (evaluation.excepted.len(), evaluation.findings.len()), "{policy:?}");
    }
}

#[test]
fn a_severity_is_the_first_entrys_that_matches_and_says_what_it_was() {
    let entry = |severity, about: Match| ConfiguredSeverity { id: PRIVILEGED, severity, reason: "ours".into(), about };
    let production = Match { production: Some(true), ..Match::default() };
    let configured = configured(|c| {
        c.production =
            Production { namespaces: Vec::new(), selector: Some(LabelSelector::parse("env=production").unwrap()) };
        c.severities.push(entry(Severity::High, production));
        c.severities.push(entry(Severity::Low, Match { container: pattern("side"), ..Match::default() }));
        c.severities.push(entry(Severity::Critical, Match { name: pattern("cart-2"), ..Match::default() }));
    });
    let evaluation = run(&configured);
    let mut seen: Vec<_> = evaluation
        .findings
        .iter()
        .map(|f| {
            let from = f.severity_overridden.as_ref().map(|o| (o.from, o.reason.to_string()));
            (f.subject.key.to_string(), f.part.clone().unwrap().to_string(), f.severity, from)
        })
        .collect();
    seen.sort();
    let was = |s: Severity| Some((s, "ours".to_string()));
    let row = |subject: &str, part: &str, severity, from| (subject.to_string(), part.to_string(), severity, from);
    assert_eq!(
        seen,
        [
            row("DaemonSet ops/cart", "app", Severity::High, was(Severity::Critical)),
            row("Deployment shop/cart", "app", Severity::Critical, None),
            row("Deployment shop/cart", "side", Severity::Low, was(Severity::Critical)),
            // What the entry says is what the control says.
            row("Deployment shop/cart-2", "app", Severity::Critical, None),
        ]
    );
}

const UNREADABLE: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: odd, namespace: shop}
spec:
  containers:
  - {name: app, image: a, securityContext: {privileged: [1]}}
";

#[test]
fn an_expected_gap_leaves_the_run_complete_and_is_told_when_it_is_gone() {
    let entry = |name: &str| ExpectedUnknown {
        id: PRIVILEGED,
        about: Match { kind: pattern("Pod"), name: pattern(name), ..Match::default() },
        reason: "generated".into(),
        node: NodeId::ROOT,
    };
    let complete = |text: &str, expected: Option<&str>| {
        let configured = configured(|c| c.expected.extend(expected.map(entry)));
        let evaluation = run_with(kastell_testkit::cluster(text), ExceptionPolicy::None, &configured);
        let reasons: Vec<_> = evaluation.gaps.iter().map(|g| g.expected.as_deref().map(String::from)).collect();
        (evaluation.incomplete_gaps().next().is_none(), reasons, complaints(&evaluation))
    };
    assert_eq!(complete(UNREADABLE, None), (false, vec![None], vec![]));
    assert_eq!(complete(UNREADABLE, Some("odd")), (true, vec![Some("generated".to_string())], vec![]));
    let (is_complete, gaps, told) = complete(UNREADABLE, Some("odd-2"));
    assert!(!is_complete && gaps == [None], "{gaps:?}");
    assert_eq!((told[0].0.as_str(), told[0].1), ("stale-expected-unknown", Confidence::Low));
    let (_, gaps, told) = complete(&UNREADABLE.replace("[1]", "false"), Some("odd"));
    assert!(gaps.is_empty());
    assert_eq!((told[0].0.as_str(), told[0].1), ("stale-expected-unknown", Confidence::High));
}

/// The teams of the findings, by subject.
fn teams(text: &str, keys: Vec<OwnerKey>, codeowners: Option<Codeowners>) -> Vec<(String, String)> {
    let configured = configured(|c| c.owners = Ownership { keys, codeowners });
    let evaluation = run_with(kastell_testkit::cluster(text), ExceptionPolicy::None, &configured);
    let mut all: Vec<_> = evaluation
        .findings
        .iter()
        .map(|f| {
            let team = match &f.owner {
                Owner::Team(t) => t.to_string(),
                Owner::Unowned => "-".to_string(),
            };
            (f.subject.key.to_string(), team)
        })
        .collect();
    all.sort();
    all.dedup();
    all
}

fn rows(teams: [&str; 3]) -> Vec<(String, String)> {
    let subjects = ["DaemonSet ops/cart", "Deployment shop/cart", "Deployment shop/cart-2"];
    subjects.iter().zip(teams).map(|(s, t)| ((*s).to_string(), t.to_string())).collect()
}

#[test]
fn the_first_key_that_an_object_has_names_its_team() {
    let label = OwnerKey::Label("app".into());
    let annotation = OwnerKey::Annotation("example.com/team".into());
    let namespace = OwnerKey::NamespaceLabel("team".into());
    assert_eq!(teams(SHOP, vec![label.clone()], None), rows(["-", "cart", "cart-2"]));
    assert_eq!(teams(SHOP, vec![annotation.clone(), label], None), rows(["-", "cart", "checkout"]));
    assert_eq!(teams(SHOP, vec![annotation, namespace], None), rows(["platform", "-", "checkout"]));
    let codeowners = Codeowners::parse("* @all\n/test.yaml @shop\n", "/repo", "");
    assert_eq!(teams(SHOP, vec![OwnerKey::Codeowners], Some(codeowners)), rows(["@shop"; 3]));
    assert_eq!(teams(SHOP, vec![OwnerKey::Codeowners], None), rows(["-"; 3]));
}

#[test]
fn gitops_names_the_project_only_where_its_application_was_read() {
    let tracked = SHOP
        .replace(
            "annotations: {example.com/team: checkout}",
            "annotations: {argocd.argoproj.io/tracking-id: 'shop-app:apps/Deployment:shop/cart-2'}",
        )
        .replace(
            "labels: {app: cart}",
            "labels: {app.kubernetes.io/instance: other-app, kustomize.toolkit.fluxcd.io/name: flux-shop}",
        );
    let application = "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop-app, namespace: argocd}\nspec: {project: retail}\n";
    let key = vec![OwnerKey::ArgocdProject];
    assert_eq!(teams(&tracked, key.clone(), None), rows(["-"; 3]));
    assert_eq!(teams(&format!("{tracked}{application}"), key, None), rows(["-", "-", "retail"]));
    assert_eq!(teams(&tracked, vec![OwnerKey::FluxKustomization], None), rows(["-", "flux-shop", "-"]));
}
