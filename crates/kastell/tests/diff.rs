//! `kastell diff`: reports and trees, whatever they are called; questions answered differently; exit codes.

#![expect(clippy::unwrap_used, reason = "a test ends where its own preparations fail")]

mod common;

use common::{CLEAN, PRIVILEGED, Run, folder, kastell};
use serde_json::Value;
use tempfile::TempDir;

/// A namespace with a Pod Security level, a workload, and a policy that closes it.
const STAGING: &str = "\
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    pod-security.kubernetes.io/enforce: baseline
    pod-security.kubernetes.io/enforce-version: v1.34
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      containers:
      - {name: cart, image: registry.example/cart:1}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: cart, namespace: shop}
spec:
  podSelector: {matchLabels: {app: cart}}
  policyTypes: [Ingress, Egress]
";

const SELECTOR: &str = "podSelector: {matchLabels: {app: cart}}";

const DAY: [&str; 2] = ["--now", "2026-11-24"];

/// Two folders that are called `staging` and `production`.
fn two(staging: &str, production: &str) -> TempDir {
    folder(&[("staging/all.yaml", staging), ("production/x/y.yaml", production)])
}

fn diff(dir: &TempDir, args: &[&str]) -> Run {
    let mut all = vec!["diff"];
    all.extend(args);
    all.extend(DAY);
    kastell(dir.path(), &all)
}

fn json(dir: &TempDir, args: &[&str]) -> Value {
    let mut all = args.to_vec();
    all.extend(["--format", "json"]);
    serde_json::from_str(&diff(dir, &all).stdout).unwrap()
}

/// Rule, answers and subject of every question that is answered differently.
fn answers(value: &Value) -> Vec<(String, String, String)> {
    let text = |v: &Value| v.as_str().unwrap().to_string();
    let mut all = Vec::new();
    for group in value["answers"].as_array().unwrap() {
        for s in group["subjects"].as_array().unwrap() {
            let answer = format!("{} {}", text(&group["before"]), text(&group["after"]));
            all.push((text(&group["rule"]), answer, format!("{}/{}", text(&s["kind"]), text(&s["name"]))));
        }
    }
    all
}

#[track_caller]
fn has(value: &Value, rule: &str, answer: &str, subject: &str) {
    let all = answers(value);
    assert!(all.contains(&(rule.into(), answer.into(), subject.into())), "no {rule} {answer} {subject} in {all:#?}");
}

/// Writes the report on a folder beside it.
fn report(dir: &TempDir, name: &str) {
    let file = format!("{name}.json");
    let mut args = vec!["scan", name, "--format", "json", "--output", &file];
    args.extend(DAY);
    kastell(dir.path(), &args);
}

#[test]
fn a_typo_in_the_label_of_a_policy_names_the_questions_that_it_decides() {
    let dir = two(STAGING, &STAGING.replace(SELECTOR, "podSelector: {matchLabels: {app: carr}}"));
    let value = json(&dir, &["staging", "production"]);
    has(&value, "unisolated-pod", "pass fail", "Deployment/cart");
    has(&value, "dangling-network-policy", "pass fail", "NetworkPolicy/cart");
    assert_eq!(value["objects"][0]["kind"], "NetworkPolicy");
    assert_eq!(value["objects"][0]["changed"], 1);
    diff(&dir, &["staging", "production", "--fail-on", "low", "--min-confidence", "low"])
        .expect(1, "unisolated-pod")
        .expect(1, "pass → fail");
}

#[test]
fn a_typo_in_the_label_of_a_namespace_names_the_pod_security_questions() {
    let production = STAGING.replace("kubernetes.io/enforce: baseline", "kubernetes.io/enforc: baseline");
    let dir = two(STAGING, &production);
    let value = json(&dir, &["staging", "production"]);
    has(&value, "pod-security-violation", "pass unknown", "Deployment/cart");
    has(&value, "unenforced-baseline", "pass fail", "Namespace/shop");
    has(&value, "pod-security-label-invalid", "pass fail", "Namespace/shop");
    // Of two reports the same questions are named: they hold the answers, and not the objects.
    report(&dir, "staging");
    report(&dir, "production");
    let of_reports = json(&dir, &["staging.json", "production.json"]);
    assert_eq!(answers(&of_reports), answers(&value));
    assert_eq!((&of_reports["new"], &of_reports["gone"]), (&value["new"], &value["gone"]));
    assert_eq!((&of_reports["contents"], &value["contents"]), (&false.into(), &true.into()));
}

#[test]
fn namespaces_that_are_named_differently_are_one_where_the_map_says_so() {
    let production =
        STAGING.replace("namespace: shop", "namespace: shop-prod").replace("name: shop\n", "name: shop-prod\n");
    let dir = two(STAGING, &production);
    report(&dir, "staging");
    for before in ["staging", "staging.json"] {
        let run = diff(&dir, &[before, "production", "--map-namespace", "shop=shop-prod"]);
        run.expect(0, "0 new, 0 fixed, 0 gone otherwise, 0 changed");
        assert!(!run.stdout.contains("answered differently"), "{run:#?}");
    }
    diff(&dir, &["staging", "production"]).expect(0, "1 Namespace, 1 Deployment, 1 NetworkPolicy added");
    let dir = two(STAGING, &production.replace(SELECTOR, "podSelector: {matchLabels: {app: x}}"));
    let value = json(&dir, &["staging", "production", "--map-namespace", "shop=shop-prod"]);
    has(&value, "unisolated-pod", "pass fail", "Deployment/cart");
    diff(&dir, &["staging", "production", "--map-namespace", "shop"]).expect(2, "write it as FROM=TO");
    diff(&dir, &["staging", "production", "--map-namespace", "shop=a,shop=b"]).expect(2, "cannot be two namespaces");
}

#[test]
fn a_tree_does_not_differ_from_itself_nor_from_its_report() {
    let dir = two(&format!("{STAGING}---\n{PRIVILEGED}"), CLEAN);
    report(&dir, "staging");
    for (a, b) in [
        ("staging", "staging"),
        ("staging.json", "staging"),
        ("staging", "staging.json"),
        ("staging.json", "staging.json"),
    ] {
        let value = json(&dir, &[a, b]);
        for list in ["new", "gone", "changed", "answers", "objects", "asked_before", "asked_after"] {
            assert_eq!(value[list].as_array().map(Vec::len), Some(0), "{list} of {a} and {b}: {value:#}");
        }
        assert!(value["summary"]["unchanged"].as_u64().unwrap() > 5, "{value:#}");
        assert!(value["summary"]["questions"].as_u64().unwrap() > 50, "{value:#}");
    }
}

#[test]
fn what_is_new_fails_and_what_is_fixed_does_not() {
    let mended = PRIVILEGED.replace("privileged: true", "privileged: false");
    let dir = two(PRIVILEGED, &mended);
    diff(&dir, &["staging", "production"]).expect(0, "fixed");
    diff(&dir, &["production", "staging"]).expect(1, "1 new finding fails the run");
    diff(&dir, &["production", "staging", "--fail-on", "none"]).expect(0, "privileged-container");
}

#[test]
fn a_finding_that_got_worse_is_changed_and_not_new() {
    let dir = two(PRIVILEGED, CLEAN);
    report(&dir, "staging");
    let path = dir.path().join("staging.json");
    let mut before: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(before["findings"][0]["severity"], "critical");
    before["findings"][0]["severity"] = "low".into();
    std::fs::write(&path, before.to_string()).unwrap();
    let value = json(&dir, &["staging.json", "staging"]);
    assert_eq!(value["changed"][0]["changed"], serde_json::json!(["severity"]), "{value:#}");
    assert_eq!(value["summary"]["new"], 0);
    diff(&dir, &["staging.json", "staging"]).expect(0, "low → critical");
}

#[test]
fn what_could_not_be_read_is_incomplete_on_either_side() {
    let broken = STAGING.replace("spec:\n  selector", "spec: [\n  selector");
    let dir = two(STAGING, &broken);
    diff(&dir, &["staging", "production", "--fail-on", "none"]).expect(3, "incomplete");
    diff(&dir, &["production", "staging", "--fail-on", "none"]).expect(3, "incomplete");
    diff(&dir, &["production", "staging", "--fail-on", "none", "--allow-incomplete"]).expect(0, "incomplete");
}

#[test]
fn what_cannot_be_compared_is_a_wrong_call() {
    let dir = two(STAGING, CLEAN);
    diff(&dir, &["staging", "nowhere"]).expect(2, "`nowhere` does not exist");
    diff(&dir, &["-", "-"]).expect(2, "not both");
    diff(&dir, &["staging"]).expect(2, "<B>");
    report(&dir, "staging");
    let path = dir.path().join("staging.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"schema_version\": 1", "\"schema_version\": 2", 1)).unwrap();
    diff(&dir, &["staging.json", "staging"]).expect(2, "format version 2");
    // Reports from before findings said their paths are compared, but their namespaces cannot be mapped.
    let old = text.lines().filter(|l| !l.contains("\"path_hash\"")).collect::<Vec<_>>().join("\n");
    std::fs::write(&path, old).unwrap();
    diff(&dir, &["staging.json", "staging"]).expect(0, "0 new, 0 fixed");
    diff(&dir, &["staging.json", "staging", "--map-namespace", "a=b"]).expect(2, "needs reports of this release");
}

#[test]
fn json_follows_the_published_schema_and_the_bytes_are_the_same_every_time() {
    let production =
        STAGING.replace(SELECTOR, "podSelector: {matchLabels: {app: x}}").replace("baseline", "privileged");
    let dir = two(&format!("{STAGING}---\n{PRIVILEGED}"), &production);
    let schema: Value = serde_json::from_str(include_str!("../../../docs/generated/diff.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value = json(&dir, &["staging", "production"]);
    let errors: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    for format in ["terminal", "json", "markdown"] {
        let run = || diff(&dir, &["staging", "production", "--format", format]).stdout;
        let first = run();
        assert!(!first.is_empty() && (0..3).all(|_| run() == first), "{format}");
    }
}

#[test]
fn markdown_holds_a_table_of_what_is_new_and_nothing_that_links_or_calls() {
    let named = PRIVILEGED.replace("name: tool\n    image", "name: \"@all <b>#1\"\n    image");
    let dir = two(CLEAN, &named);
    let run = diff(&dir, &["staging", "production", "--format", "markdown"]);
    run.expect(1, "### kastell: ").expect(1, "| critical | `privileged-container` |");
    assert!(!run.stdout.contains("@all") && !run.stdout.contains("<b>"), "{run:#?}");
}

#[test]
fn a_comparison_takes_at_most_a_screenful() {
    let pod =
        |i: i32| format!("---\n{}", PRIVILEGED.replace("name: tool\n  namespace", &format!("name: t{i}\n  namespace")));
    let dir = two(CLEAN, &(0..80).map(pod).collect::<String>());
    let run = diff(&dir, &["staging", "production"]);
    run.expect(1, "more (--verbose shows all)");
    assert!(run.stdout.lines().count() <= 60, "{run:#?}");
    let all = diff(&dir, &["staging", "production", "--verbose"]);
    assert!(all.stdout.lines().count() > 80, "{all:#?}");
}
