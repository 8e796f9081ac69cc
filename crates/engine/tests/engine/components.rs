//! Known components: what is excused, and that nothing more is.

use crate::manifests::{run, today};
use kastell_analysis::Facts;
use kastell_engine::components::{components, parse};
use kastell_engine::{Evaluation, ExceptionOrigin, ExceptionPolicy, Selection, Settings, evaluate};
use kastell_model::yaml::json::to_json;
use kastell_model::{Class, Seen};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

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

/// What is changed in a shipped pod, one thing at a time.
fn mutations(pod: &Value) -> Vec<(&'static str, Value)> {
    let mut out = Vec::new();
    let mut change = |name: &'static str, edit: &dyn Fn(&mut Value)| {
        let mut changed = pod.clone();
        edit(&mut changed);
        if changed != *pod {
            out.push((name, changed));
        }
    };
    let intruder = |name: &str, image: &Value| json!({"name": name, "image": image, "securityContext": {"privileged": true, "runAsUser": 0}});
    change("SYS_ADMIN", &|p| {
        push(&mut p["containers"][0]["securityContext"]["capabilities"]["add"], json!("SYS_ADMIN"))
    });
    change("BPF", &|p| push(&mut p["containers"][0]["securityContext"]["capabilities"]["add"], json!("BPF")));
    change("privileged", &|p| p["containers"][0]["securityContext"]["privileged"] = json!(true));
    change("runAsUser 0", &|p| p["containers"][0]["securityContext"]["runAsUser"] = json!(0));
    change("escalation", &|p| p["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = json!(true));
    change("hostPID", &|p| p["hostPID"] = json!(true));
    change("hostIPC", &|p| p["hostIPC"] = json!(true));
    change("hostNetwork", &|p| p["hostNetwork"] = json!(true));
    change("seccomp", &|p| p["securityContext"]["seccompProfile"] = json!({"type": "Unconfined"}));
    change("hostPath /", &|p| {
        push(&mut p["volumes"], json!({"name": "root", "hostPath": {"path": "/"}}));
        push(&mut p["containers"][0]["volumeMounts"], json!({"name": "root", "mountPath": "/host"}));
    });
    change("another hostPath under a shipped name", &|p| {
        let volumes = p.get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten();
        for volume in volumes.filter(|v| v.get("hostPath").is_some()) {
            volume["hostPath"]["path"] = json!("/root/.ssh");
        }
    });
    change("hostPort", &|p| push(&mut p["containers"][0]["ports"], json!({"containerPort": 4444, "hostPort": 4444})));
    change("container", &|p| {
        let one = intruder("intruder", &p["containers"][0]["image"]);
        push(&mut p["containers"], one);
    });
    change("init container", &|p| {
        let one = intruder("init-intruder", &p["containers"][0]["image"]);
        push(&mut p["initContainers"], one);
    });
    change("service account", &|p| p["serviceAccountName"] = json!("intruder"));
    out
}

fn push(list: &mut Value, item: Value) {
    if !list.is_array() {
        *list = json!([]);
    }
    let list = list.as_array_mut().unwrap();
    if !list.contains(&item) {
        list.push(item);
    }
}

/// What is excused, in a form that another evaluation can be compared with.
fn excused(evaluation: &Evaluation) -> BTreeSet<String> {
    let of_table = evaluation.excepted.iter().filter(|e| e.exception.origin == ExceptionOrigin::Component);
    of_table.map(|e| described(&e.finding)).collect()
}

fn described(f: &kastell_model::Finding) -> String {
    let part = f.part.as_deref().unwrap_or("");
    format!("{} {} {} {} {part}: {}", f.subject.key, f.rule, f.severity, f.at.path(), f.message)
}

/// Our own manifests of known components: the file's name and its objects.
fn own_manifests() -> Vec<(String, Vec<Value>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/components");
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "yaml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let stream = kastell_model::yaml::read(text.as_str().into());
            let trees = stream.documents.iter().filter_map(|d| d.tree.as_ref());
            let objects = trees.map(|t| serde_json::from_str(&to_json(t.root())).unwrap());
            out.push((path.file_name().unwrap().to_string_lossy().into_owned(), objects.collect()));
        }
    }
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out
}

fn evaluated(objects: &[Value]) -> Evaluation {
    let files: Vec<String> = objects.iter().map(Value::to_string).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|t| ("a.json", t.as_str())).collect();
    run(&files)
}

/// Where an object's pod stands.
fn pod_of(object: &mut Value) -> Option<&mut Value> {
    let spec = object.get_mut("spec")?;
    if spec.get("template").is_some() { spec.get_mut("template")?.get_mut("spec") } else { Some(spec) }
}

/// A name that a controller goes on with, as it is on a cluster.
fn as_live(objects: &mut [Value]) {
    for object in objects {
        if let Some(name) = object["metadata"]["name"].as_str().filter(|n| n.ends_with('-')) {
            object["metadata"]["name"] = json!(format!("{name}1a2b3c4d"));
        }
    }
}

#[test]
fn a_change_of_what_is_shipped_excuses_nothing_new() {
    let mut changes = 0;
    for (file, mut objects) in own_manifests() {
        as_live(&mut objects);
        let shipped = evaluated(&objects);
        let before = excused(&shipped);
        let known: BTreeSet<String> = shipped.findings.iter().map(described).collect();
        assert!(!before.is_empty(), "{file}");
        for i in 0..objects.len() {
            let mut object = objects[i].clone();
            let Some(pod) = pod_of(&mut object).cloned() else { continue };
            for (name, changed) in mutations(&pod) {
                let mut changed_objects = objects.clone();
                *pod_of(&mut changed_objects[i]).unwrap() = changed;
                let evaluation = evaluated(&changed_objects);
                let new: Vec<String> = excused(&evaluation).difference(&before).cloned().collect();
                assert!(new.is_empty(), "{file}, {}, {name}: {new:#?}", object["metadata"]["name"]);
                let stays = evaluation.findings.iter().any(|f| !known.contains(&described(f)));
                // Where containers say otherwise themselves, these two change nothing.
                let may_be_nothing = ["seccomp", "service account"].contains(&name);
                assert!(stays || may_be_nothing, "{file}, {}, {name}: no finding says so", object["metadata"]["name"]);
                changes += 1;
            }
        }
    }
    assert!(changes > 300, "{changes} changes");
}

#[test]
fn images_from_another_registry_excuse_nothing() {
    for (file, mut objects) in own_manifests() {
        as_live(&mut objects);
        for object in &mut objects {
            let Some(pod) = pod_of(object) else { continue };
            for list in ["containers", "initContainers"] {
                for container in pod.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                    let image = container["image"].as_str().unwrap();
                    container["image"] = json!(format!("mirror.example/{image}"));
                }
            }
        }
        let evaluation = evaluated(&objects);
        assert!(excused(&evaluation).is_empty(), "{file}");
        assert!(!evaluation.findings.is_empty(), "{file}");
    }
}

#[test]
fn a_static_pod_is_known_by_the_name_of_its_own_node_only() {
    let named = |name: &str, node: &str| {
        let (_, objects) = own_manifests().into_iter().find(|(f, _)| f == "kubeadm.yaml").unwrap();
        let mut etcd = objects.into_iter().find(|o| o["metadata"]["name"] == "etcd").unwrap();
        etcd["metadata"]["name"] = json!(name);
        etcd["spec"]["nodeName"] = json!(node);
        excused(&evaluated(&[etcd])).len()
    };
    assert!(named("etcd-node-1", "node-1") > 0);
    assert_eq!(named("etcd-node-1", "node-2"), 0);
    assert_eq!(named("etcd-mine", ""), 0);
}

#[test]
fn without_exceptions_what_is_shipped_is_found() {
    let manifest = node_exporter("monitoring", IMAGE, false, "");
    let facts = Facts::new(Arc::new(kastell_testkit::cluster_of(&[("a.yaml", &manifest)], Seen::Open)));
    let of = |policy| evaluate(&facts, &Selection::all(), &Settings::new(policy, today()));
    let none = of(ExceptionPolicy::None);
    assert!(none.excepted.is_empty());
    let host_pid = none.findings.iter().find(|f| &*f.rule.0 == "host-pid").unwrap();
    assert_eq!(host_pid.class, Class::Platform);
    assert!(!shipped(&of(ExceptionPolicy::Config)).is_empty());
}
