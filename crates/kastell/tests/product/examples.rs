//! The shop of the examples: every hole that its comments name is found, and the hardened shop is clean.

use crate::common::{Run, kastell};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn scan(path: &str, more: &[&str]) -> Run {
    let mut args = vec!["scan", path, "--min-confidence", "low", "--now", "2026-11-24"];
    args.extend(more);
    kastell(&root(), &args)
}

fn report(path: &str) -> Value {
    serde_json::from_str(&scan(path, &["--format", "json"]).stdout).unwrap()
}

/// File, the first words of the hole's comment, and the control that finds it in the document below the comment. A
/// reserved id is a hole that a later release answers: the test asks for the finding from the day it is built.
const HOLES: &[(&str, &str, &str)] = &[
    ("cart", "the sidecar sees the processes", "shared-process-namespace"),
    ("cart", "files belong to the group of root", "root-group"),
    ("cart", "a password on the command line", "literal-credential"),
    ("cart", "whoever gets in can write", "writable-root-filesystem"),
    ("cart", "the sidecar may trace", "added-capability"),
    ("catalog", "the token of the API is mounted", "automounted-token"),
    ("catalog", "the init container was forgotten", "explicit-root-user"),
    ("checkout", "system calls are not filtered", "seccomp-unconfined"),
    ("checkout", "a set-uid program", "privilege-escalation"),
    ("cluster", "the API server behind a public", "unrestricted-load-balancer-source"),
    ("cluster", "the kubelet answers strangers", "anonymous-kubelet"),
    ("cluster", "anonymous requests, no audit log", "missing-audit-log"),
    ("config", "a password in a ConfigMap", "configmap-credential"),
    ("config", "credentials inside a URL", "configmap-credential"),
    ("config", "a kubeconfig in a ConfigMap", "configmap-credential"),
    ("frontend", "no service account of its own", "default-service-account"),
    ("frontend", "a tag that moves", "latest-image"),
    ("frontend", "a key in the clear", "literal-credential"),
    ("frontend", "no limits, no securityContext", "missing-security-context"),
    ("frontend", "past the ingress and its TLS", "exposed-service"),
    ("ingress", "the shop answers without TLS", "ingress-without-tls"),
    ("ingress", "configuration of the proxy", "ingress-snippet-annotation"),
    ("jobs", "the backup sees every process", "host-pid"),
    ("jobs", "the container runtime's socket", "runtime-socket"),
    ("mail", "it prints its environment", "logged-secret"),
    ("namespaces", "nothing enforces Pod Security", "unenforced-baseline"),
    ("namespaces", "the label's name has a typo", "pod-security-label-invalid"),
    ("namespaces", "the most trusted namespace", "unenforced-baseline"),
    ("network-policies", "no default deny", "missing-default-deny"),
    ("network-policies", "no pod has this label", "dangling-network-policy"),
    ("network-policies", "an empty rule lets everyone in", "allow-all-network-policy"),
    ("network-policies", "and out to the whole Internet", "open-egress"),
    ("operations", "the agent of the deployment tool", "privileged-container"),
    ("operations", "the root of the node, writable", "sensitive-host-path"),
    ("operations", "a budget that forbids every", "eviction-blocking-budget"),
    ("operations", "an API version that the supported", "removed-api-version"),
    ("operations", "nothing in this file watches", "missing-audit-pipeline"),
    ("orders", "the token of an account", "automounted-token"),
    ("orders", "the same password as the database's", "literal-credential"),
    ("payments", "the Secret is in the repository", "secret-in-manifest"),
    ("payments", "one copy of the part", "too-few-replicas"),
    ("payments", "the pod shares the network", "host-network"),
    ("payments", "with this capability", "added-capability"),
    ("payments", "open on every node's address", "exposed-service"),
    ("postgres", "the database's password", "secret-in-manifest"),
    ("postgres", "a public image by tag", "public-registry"),
    ("postgres", "every capability that there is", "sys-admin-capability"),
    ("postgres", "whoever may set this", "external-ip-service"),
    ("rbac", "an application with a role", "cluster-role-for-application"),
    ("rbac", "everyone who can log in", "authenticated-group-binding"),
    ("rbac", "every pod without an account", "default-service-account-binding"),
    ("rbac", "nobody has to log in", "anonymous-binding"),
    ("recommendations", "confinement switched off", "seccomp-annotation"),
    ("recommendations", "pinned to one node", "pinned-node-name"),
    ("recommendations", "an image without a tag", "latest-image"),
    ("recommendations", "forty times what it asks for", "unguaranteed-resources"),
    ("recommendations", "a directory of the node", "host-path-volume"),
    ("redis", "no resources at all", "missing-memory-limit"),
    ("search", "a privileged container", "privileged-container"),
    ("users", "a token that never expires", "long-lived-token"),
    ("users", "a token that lives for thirty days", "long-lived-projected-token"),
];

/// Every `# hole:` of the shop: file without its ending, the comment's words, and its document's lines.
fn holes() -> Vec<(String, String, std::ops::Range<u64>)> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(root().join("examples/shop")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_str().unwrap().to_string();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (i, line) in lines.iter().enumerate() {
            let Some(words) = line.trim_start().strip_prefix("# hole: ") else { continue };
            let is_border = |l: &str| l.starts_with("---");
            let start = lines[..i].iter().rposition(|l| is_border(l)).map_or(0, |b| b + 1);
            let end = lines[i..].iter().position(|l| is_border(l)).map_or(lines.len(), |b| i + b);
            out.push((file.clone(), words.to_string(), start as u64 + 1..end as u64 + 1));
        }
    }
    out.sort_by_key(|(file, words, _)| (file.clone(), words.clone()));
    out
}

#[test]
fn every_hole_of_the_shop_is_found_or_waits_for_its_control() {
    let report = report("examples/shop");
    let findings = report["findings"].as_array().unwrap();
    let (mut known, mut missed) = (BTreeSet::new(), Vec::new());
    for (file, words, document) in holes() {
        let of_hole = |h: &&(&str, &str, &str)| h.0 == file && words.starts_with(h.1);
        let Some((_, _, rule)) = HOLES.iter().find(of_hole) else {
            missed.push(format!("{file}: `{words}` is not in the table"));
            continue;
        };
        known.insert((file.clone(), rule, words.clone()));
        assert!(kastell_controls::ids().any(|id| id == *rule), "{rule} is no id");
        if kastell_controls::find(rule).is_none() {
            continue;
        }
        let is_found = findings.iter().any(|f| {
            let at = &f["location"];
            let here =
                at["path"] == format!("examples/shop/{file}.yaml") && document.contains(&at["line"].as_u64().unwrap());
            // The policies' file has no namespace of its own; what is missing there is said at the namespace.
            let absence = *rule == "missing-default-deny" && at["path"] == "examples/shop/namespaces.yaml";
            f["rule"] == **rule && (here || absence)
        });
        if !is_found {
            missed.push(format!("{file}: `{words}` has no finding of {rule}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert_eq!(known.len(), HOLES.len(), "the table names a hole that no file has");
}

#[test]
fn the_shop_has_findings_in_every_ring_that_has_controls_for_manifests() {
    scan("examples/shop", &[]).expect(1, "critical[");
    let report = report("examples/shop");
    let ring = |id: &str| kastell_controls::find(id).map(|c| c.ring.name());
    let found: BTreeSet<&str> =
        report["findings"].as_array().unwrap().iter().filter_map(|f| ring(f["rule"].as_str().unwrap())).collect();
    let built: BTreeSet<&str> = kastell_controls::CONTROLS.iter().map(|c| c.ring.name()).collect();
    assert_eq!(found, built);
    for ring in ["control-plane", "identity", "network", "workloads", "secrets", "supply-chain", "operations"] {
        assert!(found.contains(ring), "{ring}");
    }
}

#[test]
fn the_hardened_shop_is_clean_at_any_severity_and_confidence() {
    scan("examples/shop-hardened", &["--fail-on", "info"]).expect(0, "no findings");
    let report = report("examples/shop-hardened");
    for empty in ["findings", "excepted", "gaps", "diagnostics"] {
        assert_eq!(report[empty], serde_json::json!([]), "{empty}");
    }
    assert_eq!(report["incomplete"], false);
    // The same services, and clean without a word that excuses anything.
    let (shop, hardened) = (names("examples/shop"), names("examples/shop-hardened"));
    let lost: Vec<_> = shop.difference(&hardened).collect();
    assert!(lost.is_empty(), "the hardened shop lacks {lost:?}");
    for file in std::fs::read_dir(root().join("examples/shop-hardened")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains("kastell: ignore") && !text.contains("kastell.dev/ignore"));
    }
}

/// The services of a shop: names of its Deployments and StatefulSets.
fn names(path: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for file in std::fs::read_dir(root().join(path)).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for document in text.split("\n---\n") {
            if document.contains("kind: Deployment\n") || document.contains("kind: StatefulSet\n") {
                let name = document.lines().find_map(|l| l.strip_prefix("  name: ")).unwrap();
                out.insert(name.to_string());
            }
        }
    }
    assert!(out.len() >= 10, "{out:?}");
    out
}
