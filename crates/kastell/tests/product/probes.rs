//! Four manifests on which widely used scanners are silent or wrong: containers of every list, kinds that are not
//! built in, and selectors in their long form.

use crate::common::{folder, kastell};
use serde_json::Value;

/// Rule, container and line of every finding.
fn findings(text: &str, controls: &str) -> Vec<(String, String, u64)> {
    let dir = folder(&[("probe.yaml", text)]);
    let run = kastell(dir.path(), &["scan", ".", "--control", controls, "--min-confidence", "low", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let text = |v: &Value| v.as_str().unwrap_or("").to_string();
    let mut found: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (text(&f["rule"]), text(&f["part"]), f["location"]["line"].as_u64().unwrap()))
        .collect();
    found.sort();
    assert_eq!(
        run.code == 1,
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| matches!(f["severity"].as_str(), Some("high" | "critical")))
    );
    found
}

fn owned(found: &[(&str, &str, u64)]) -> Vec<(String, String, u64)> {
    found.iter().map(|(rule, part, line)| (rule.to_string(), part.to_string(), *line)).collect()
}

#[test]
fn an_init_container_that_may_gain_rights_is_found_beside_a_careful_container() {
    let text = "\
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop}
spec:
  initContainers:
  - name: setup
    image: registry.example/setup:1
    securityContext:
      allowPrivilegeEscalation: true
      capabilities:
        add: [SYS_ADMIN]
  containers:
  - name: app
    image: registry.example/app:1
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
";
    assert_eq!(
        findings(text, "privilege-escalation,sys-admin-capability"),
        owned(&[("privilege-escalation", "setup", 9), ("sys-admin-capability", "setup", 11)])
    );
}

#[test]
fn a_privileged_ephemeral_container_is_found() {
    let text = "\
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: shop}
spec:
  containers:
  - name: app
    image: registry.example/app:1
    securityContext: {allowPrivilegeEscalation: false, privileged: false}
  ephemeralContainers:
  - name: debugger
    image: registry.example/debug:1
    targetContainerName: app
    securityContext:
      privileged: true
";
    assert_eq!(
        findings(text, "privileged-container,privilege-escalation"),
        owned(&[("privilege-escalation", "debugger", 13), ("privileged-container", "debugger", 14)])
    );
}

#[test]
fn a_privileged_rollout_of_argo_is_a_workload_like_any_other() {
    let text = "\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: c, namespace: shop}
spec:
  replicas: 2
  strategy: {canary: {}}
  template:
    metadata: {labels: {app: c}}
    spec:
      hostPID: true
      containers:
      - name: app
        image: registry.example/app:1
        securityContext: {privileged: true}
";
    assert_eq!(
        findings(text, "privileged-container,host-pid"),
        owned(&[("host-pid", "", 10), ("privileged-container", "app", 14)])
    );
}

/// A Deployment, and a policy that selects by these lines.
fn selected_by(selector: &str) -> String {
    format!(
        "\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: d, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: d}}}}
  template:
    metadata: {{labels: {{app: d, tier: web}}}}
    spec:
      containers:
      - {{name: app, image: 'registry.example/app:1'}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: d, namespace: shop}}
spec:
  podSelector: {selector}
  policyTypes: [Ingress, Egress]
"
    )
}

#[test]
fn a_policy_that_selects_by_expressions_protects_the_pods_that_it_selects() {
    let controls = "unisolated-pod,dangling-network-policy";
    for selecting in [
        "{matchExpressions: [{key: app, operator: In, values: [x, d]}]}",
        "{matchExpressions: [{key: app, operator: Exists}, {key: db, operator: DoesNotExist}]}",
        "{matchLabels: {app: d}, matchExpressions: [{key: tier, operator: NotIn, values: [db]}]}",
        "{}",
    ] {
        assert_eq!(findings(&selected_by(selecting), controls), [], "{selecting}");
    }
    for other in [
        "{matchExpressions: [{key: app, operator: NotIn, values: [d]}]}",
        "{matchExpressions: [{key: app, operator: Exists}, {key: tier, operator: DoesNotExist}]}",
        "{matchLabels: {app: d}, matchExpressions: [{key: tier, operator: In, values: [db]}]}",
    ] {
        let rules: Vec<String> = findings(&selected_by(other), controls).into_iter().map(|f| f.0).collect();
        assert_eq!(rules, ["dangling-network-policy", "unisolated-pod"], "{other}");
    }
}
