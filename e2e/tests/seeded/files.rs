//! The same objects from files: what `kubectl get` wrote, and snapshots.

use super::report::{Report, Said, full, none};
use super::seed::{repository, server};
use kastell_e2e::kastell;

/// Kinds of the seeded cluster that some control looks at, as kubectl lists them.
const RESOURCES: &str = "pods,deployments,replicasets,statefulsets,daemonsets,jobs,cronjobs,services,serviceaccounts,configmaps,\
    ingresses,networkpolicies,roles,rolebindings,clusterroles,clusterrolebindings,namespaces,limitranges,resourcequotas,\
    poddisruptionbudgets,validatingwebhookconfigurations,mutatingwebhookconfigurations,validatingadmissionpolicybindings,\
    persistentvolumeclaims,podtemplates,replicationcontrollers,engines,secrets";

#[test]
fn what_kubectl_wrote_gives_the_same_findings() {
    let (Some(server), Some(full)) = (server(), full()) else { return };
    let got = server.kubectl(&["get", RESOURCES, "-A", "-o", "yaml"]).ended_with(&[0]);
    let file = server.dir().join("got.yaml");
    std::fs::write(&file, &got.stdout).expect("a file is written");
    let version = full.value["run"]["kubernetes_version"].as_str().expect("a version");
    let args =
        ["scan", &file.display().to_string(), "--format", "json", "--now", "2026-11-24", "--exceptions", "config"];
    let report = Report::of(kastell(&[&args[..], &["--kubernetes-version", version]].concat()));
    let (files, live) = (report.said(), full.said());
    // What argues from absence is decided live, and has a low confidence in files; values of Secrets are only in files.
    let excused =
        |s: &&Said| s.level.ends_with("/low") || s.message.contains("among the files given") || s.kind == "Secret";
    none("only in files", files.difference(&live).filter(|s| !excused(s)));
    let there = |s: &&Said| files.iter().any(|f| excused(&f) && f.fingerprint == s.fingerprint);
    none("only live", live.difference(&files).filter(|s| !excused(s) && !there(s)));
}

#[test]
fn a_snapshot_gives_the_same_bytes_as_the_cluster_that_it_was_taken_of() {
    let Some(server) = server() else { return };
    let kubeconfig = server.kubeconfig().display().to_string();
    let live = ["--cluster", "--kubeconfig", &kubeconfig, "--requests-per-second", "1000"];
    let taken = kastell(&[&["snapshot"], &live[..]].concat()).ended_with(&[0]);
    let file = server.dir().join("cluster.snapshot").display().to_string();
    std::fs::write(&file, &taken.stdout).expect("a snapshot is written");
    for more in [&["--format", "json"][..], &["--format", "sarif"], &["--format", "terminal", "--verbose"]] {
        let common = [more, &["--now", "2026-11-24"]].concat();
        let from_live = kastell(&[&["scan"], &live[..], &common].concat());
        let from_file = kastell(&[&["scan", "--snapshot", &file], &common[..]].concat());
        assert_eq!(from_live.code, from_file.code);
        same_lines(&without_time(&from_live.stdout), &without_time(&from_file.stdout));
    }
}

/// The time of the reading is the one thing that two readings never share.
fn without_time(report: &str) -> Vec<&str> {
    report.lines().filter(|l| !has_time(l)).collect()
}

/// Whether a line has a day and a time of day, as RFC 3339 writes them or with a space between.
fn has_time(line: &str) -> bool {
    let shape: String = line.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    shape.contains("9999-99-99T99:99") || shape.contains("9999-99-99 99:99")
}

#[track_caller]
fn same_lines(a: &[&str], b: &[&str]) {
    let different: Vec<(&&str, &&str)> = a.iter().zip(b).filter(|(a, b)| a != b).take(5).collect();
    assert!(different.is_empty() && a.len() == b.len(), "{different:#?}");
}

#[test]
fn what_is_shipped_has_no_finding_and_no_exception() {
    let deploy = repository("deploy").display().to_string();
    for more in [&[][..], &["--fail-on", "info", "--min-confidence", "low"]] {
        let run = kastell(&[&["scan", &deploy, "--format", "json"], more].concat());
        let report = Report::of(run);
        none("shipped", report.said().iter());
        assert_eq!((report.run.code, &report.value["excepted"]), (0, &serde_json::json!([])));
    }
}
