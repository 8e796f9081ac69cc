//! Known components: what is excused, and that nothing more is.

use crate::manifests::run;
use kastell_engine::components::{components, parse};
use kastell_engine::{Evaluation, ExceptionOrigin};
use kastell_model::Class;
use std::collections::BTreeSet;

fn shipped(evaluation: &Evaluation) -> Vec<&str> {
    let of_table = evaluation.excepted.iter().filter(|e| e.exception.origin == ExceptionOrigin::Component);
    of_table.map(|e| &*e.finding.rule.0).collect()
}

#[test]
fn the_table_of_this_release_can_be_read_and_written_again() {
    let table = components();
    assert!(!table.components.is_empty());
    let text = table.to_string();
    let again = parse(&text).unwrap();
    assert_eq!(again.to_string(), text);
    let ids: BTreeSet<&str> = table.components.iter().map(|c| c.id).collect();
    assert_eq!(ids.len(), table.components.len(), "an id stands twice");
}

#[test]
fn every_row_names_a_control_that_may_be_excused_and_every_object_an_image() {
    for object in components().components.iter().flat_map(|c| &c.objects) {
        assert!(!object.images.is_empty() && !object.namespaces.is_empty(), "{} {}", object.kind, object.name);
        for row in &object.rows {
            let control = kastell_controls::find(&row.rule);
            assert!(control.is_some_and(kastell_engine::components::excusable), "{}", row.rule);
        }
    }
}

/// The node agent of the table, as far as this test needs it.
fn node_exporter(namespace: &str, image: &str, privileged: bool, labels: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: node-exporter\n  namespace: {namespace}\n  labels: {{{labels}}}\n\
         spec:\n  template:\n    spec:\n      hostPID: true\n      hostNetwork: true\n      containers:\n      - name: node-exporter\n        \
         image: {image}\n        securityContext: {{privileged: {privileged}}}\n"
    )
}

const IMAGE: &str = "quay.io/prometheus/node-exporter:v1.12.1";

#[test]
fn what_a_component_ships_is_excused_and_named() {
    let evaluation = run(&[("a.yaml", &node_exporter("monitoring", IMAGE, false, ""))]);
    assert!(shipped(&evaluation).contains(&"host-pid"), "{:?}", shipped(&evaluation));
    let excepted = &evaluation.excepted[0];
    assert_eq!(&*excepted.exception.reason, "shipped by the Prometheus stack, manifests of 2026-08-22");
    assert_eq!(excepted.component.unwrap().id, "kube-prometheus");
    assert_eq!(excepted.finding.class, Class::Platform);
    assert_eq!(
        excepted.finding.class_evidence.as_deref(),
        Some("listed as the Prometheus stack (DaemonSet node-exporter in monitoring), manifests of 2026-08-22")
    );
}

#[test]
fn one_more_privilege_stays_a_finding() {
    let evaluation = run(&[("a.yaml", &node_exporter("monitoring", IMAGE, true, ""))]);
    assert!(shipped(&evaluation).contains(&"host-network"));
    let privileged = evaluation.findings.iter().find(|f| &*f.rule.0 == "privileged-container").unwrap();
    assert_eq!(privileged.class, Class::Platform);
    // What the privilege makes worse is not what the component ships.
    assert!(evaluation.findings.iter().any(|f| &*f.rule.0 == "host-pid"));
}

#[test]
fn another_registry_another_namespace_or_a_label_excuses_nothing() {
    for manifest in [
        node_exporter("monitoring", "evil.example/prometheus/node-exporter:v1.12.1", false, ""),
        node_exporter("monitoring", "prom/node-exporter:v1.12.1", false, ""),
        node_exporter("shop", IMAGE, false, "app.kubernetes.io/part-of: kube-prometheus"),
        node_exporter("kube-system", IMAGE, false, "k8s-app: kube-proxy, kubernetes.io/cluster-service: \"true\""),
    ] {
        let evaluation = run(&[("a.yaml", &manifest)]);
        assert_eq!(shipped(&evaluation), [""; 0], "{manifest}");
        assert!(evaluation.findings.iter().any(|f| &*f.rule.0 == "host-pid"));
    }
}
