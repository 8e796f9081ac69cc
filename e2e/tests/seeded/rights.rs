//! What may not be read is a gap, and nothing else changes.

use super::report::{Report, full, none, nothing_else_changes, scan};
use super::seed::{SOME_FORBIDDEN, server};
use std::collections::BTreeSet;

fn names(resources: &[&str]) -> BTreeSet<String> {
    resources.iter().map(|r| (*r).to_owned()).collect()
}

#[test]
fn an_administrator_reads_everything() {
    let Some(full) = full() else { return };
    assert!(full.codes().is_empty() && !full.incomplete(), "{}", full.value["diagnostics"]);
    assert!(full.finds("privileged-container", "Deployment", "agent"), "{}", full.run);
    assert!(full.finds("privileged-container", "DaemonSet", "node-agent"));
}

#[test]
fn pods_are_their_controllers() {
    let Some(full) = full() else { return };
    let findings = full.value["findings"].as_array().expect("findings");
    let made = findings.iter().filter(|f| f["subject"]["kind"] == "ReplicaSet" || f["subject"]["kind"] == "Pod");
    let names: BTreeSet<&str> = made.map(|f| f["subject"]["name"].as_str().expect("a name")).collect();
    assert_eq!(names, BTreeSet::from(["kube-apiserver-control-1"]), "only the pod that nobody controls");
}

#[test]
fn a_privileged_pod_in_a_kind_of_the_users_own_is_found() {
    let Some(full) = full() else { return };
    assert!(full.finds("privileged-container", "Engine", "steam"), "{}", full.run);
}

#[test]
fn with_some_kinds_forbidden_nothing_else_changes() {
    let (Some(server), Some(full)) = (server(), full()) else { return };
    let part = Report::of(scan(&server.kubeconfig_for(SOME_FORBIDDEN, None), &[]).ended_with(&[1]));
    assert_eq!(part.unread(), names(&["cronjobs.batch", "networkpolicies.networking.k8s.io"]));
    assert!(part.incomplete());
    nothing_else_changes(&part, full, &["CronJob", "NetworkPolicy"]);
    assert!(part.finds("privileged-container", "Deployment", "agent"));
}

#[test]
fn the_viewer_reads_all_but_secrets_and_what_belongs_to_the_whole_cluster() {
    let (Some(server), Some(full)) = (server(), full()) else { return };
    let part = Report::of(scan(&server.kubeconfig_for("viewer", None), &[]).ended_with(&[1]));
    let unread = part.unread();
    for resource in
        ["secrets", "clusterrolebindings.rbac.authorization.k8s.io", "rolebindings.rbac.authorization.k8s.io"]
    {
        assert!(unread.contains(resource), "{resource} is in no gap: {unread:?}");
    }
    for resource in ["pods", "deployments.apps", "networkpolicies.networking.k8s.io", "namespaces", "configmaps"] {
        assert!(!unread.contains(resource), "{resource} was not read");
    }
    let kinds = [
        "Secret",
        "ClusterRole",
        "ClusterRoleBinding",
        "Role",
        "RoleBinding",
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
        "CustomResourceDefinition",
        "Engine",
    ];
    nothing_else_changes(&part, full, &kinds);
}

#[test]
fn the_auditor_reads_all_but_secrets_and_kinds_of_the_users_own() {
    let (Some(server), Some(full)) = (server(), full()) else { return };
    let part = Report::of(scan(&server.kubeconfig_for("auditor", None), &[]).ended_with(&[1]));
    assert_eq!(part.unread(), names(&["engines.example.org", "secrets"]));
    nothing_else_changes(&part, full, &["Secret", "Engine"]);
}

#[test]
fn auditor_and_secret_metadata_together_read_all_but_kinds_of_the_users_own() {
    let (Some(server), Some(full)) = (server(), full()) else { return };
    let part = Report::of(scan(&server.kubeconfig_for("auditor-and-secrets", None), &[]).ended_with(&[1]));
    assert_eq!(part.unread(), names(&["engines.example.org"]));
    nothing_else_changes(&part, full, &["Engine"]);
}

#[test]
fn the_secret_role_alone_reads_secrets_and_nothing_else() {
    let (Some(server), Some(full)) = (server(), full()) else { return };
    let part = Report::of(scan(&server.kubeconfig_for("secret-metadata", None), &[]).ended_with(&[1, 3]));
    let unread = part.unread();
    assert!(!unread.contains("secrets") && unread.contains("pods") && unread.contains("namespaces"), "{unread:?}");
    none("only with fewer rights", part.said().difference(&full.said()));
}

#[test]
fn without_any_right_everything_is_a_gap_and_the_run_is_incomplete() {
    let Some(server) = server() else { return };
    let part = Report::of(scan(&server.kubeconfig_for("nobody", None), &[]).ended_with(&[3]));
    assert!(part.findings().is_empty() && part.unread().len() > 20, "{}", part.run);
}

#[test]
fn one_namespace_is_read_without_the_others() {
    let Some(server) = server() else { return };
    let part = Report::of(scan(&server.kubeconfig(), &["-n", "tenant"]).ended_with(&[1]));
    let findings = part.value["findings"].as_array().expect("findings");
    let namespaces: BTreeSet<&str> = findings.iter().filter_map(|f| f["subject"]["namespace"].as_str()).collect();
    assert!(namespaces.is_subset(&BTreeSet::from(["", "tenant"])), "{namespaces:?}");
    assert!(part.finds("privileged-container", "Deployment", "agent") && part.codes().is_empty(), "{}", part.run);
}
