//! Folding: equal hits of a subject's pods become one finding that counts them.

use crate::manifests::run;
use kastell_analysis::Facts;
use kastell_controls::{CONTROLS, Check, ParamSpec, Parts};
use kastell_model::{Seen, identity};
use std::collections::BTreeMap;
use std::sync::Arc;

/// `n` pods of three owners that differ from pod to pod in what is wrong with them.
pub(crate) fn pods(n: usize) -> String {
    let owners = [("ReplicaSet", "web-5d9c"), ("StatefulSet", "db"), ("DaemonSet", "agent")];
    let mut out = String::new();
    for i in 0..n {
        let (kind, owner) = owners[i % 3];
        let privileged = i % 2 == 0;
        let host = if i % 5 == 0 { "  hostPID: true\n" } else { "" };
        let image = if i % 7 == 0 { "nginx" } else { "registry.example/app:1" };
        let side = if i % 4 == 0 { "  - name: side\n    image: registry.example/side:latest\n" } else { "" };
        out += &format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: {owner}-{i:03}\n  namespace: shop\n  labels: {{pod-template-hash: 5d9c}}\n  \
             ownerReferences:\n  - {{apiVersion: apps/v1, kind: {kind}, name: {owner}, uid: u, controller: true}}\n\
             spec:\n{host}  containers:\n{side}  - name: app\n    image: {image}\n    securityContext: {{privileged: {privileged}}}\n"
        );
    }
    out
}

/// Rule, subject, container, path below the pod, and message.
type Group = (String, String, Option<String>, String, String);

/// Every hit of the controls that look at one object at a time, grouped by what makes hits equal.
fn brute_force(text: &str) -> BTreeMap<Group, u32> {
    let cluster = Arc::new(kastell_testkit::cluster(text));
    let facts = Facts::new(Arc::clone(&cluster));
    let mut groups = BTreeMap::new();
    for (index, object) in (0..).zip(cluster.objects()) {
        let parts = Parts::of(object);
        let subject = facts.owners().subject(index).unwrap().key.to_string();
        for control in CONTROLS.iter().filter(|c| !matches!(c.check, Check::Cluster(_) | Check::Manual(_))) {
            let parameter = control.params.as_ref().map(ParamSpec::default_value);
            for hit in control.evaluate(&parts, &facts, parameter.as_ref()).hits {
                let part = hit.part.and_then(|p| object.value(p).get("name")?.scalar_text()).map(|n| n.to_string());
                let path = identity::keyed_path(object, object.root, hit.at, hit.missing);
                let group = (control.id.to_string(), subject.clone(), part, path, hit.message.to_string());
                *groups.entry(group).or_default() += 1;
            }
        }
    }
    groups
}

#[test]
fn two_hundred_pods_of_three_owners_fold_as_counting_says() {
    let text = pods(200);
    let evaluation = run(&[("a.yaml", &text)]);
    let cluster_rule = |id: &str| kastell_controls::find(id).is_some_and(|c| matches!(c.check, Check::Cluster(_)));
    let mut folded = BTreeMap::new();
    let mut sum = 0;
    for f in &evaluation.findings {
        sum += u64::from(f.count);
        if cluster_rule(&f.rule.0) {
            continue;
        }
        let path = identity::keyed_path(&f.at.object, f.at.object.root, f.at.node, f.at.missing);
        let part = f.part.as_ref().map(ToString::to_string);
        let group = (f.rule.0.to_string(), f.subject.key.to_string(), part, path, f.message.to_string());
        assert_eq!(folded.insert(group, f.count), None, "folded twice: {} {}", f.rule, f.message);
        assert!(f.examples.len() == (f.count as usize - 1).min(3), "{} {} {:?}", f.rule, f.count, f.examples);
        assert!(!f.examples.contains(&f.at.object.key), "{} names its own place as an example", f.rule);
    }
    assert_eq!(folded, brute_force(&text));
    assert_eq!(sum, evaluation.hits);
    let subjects: std::collections::BTreeSet<String> = folded.keys().map(|g| g.1.clone()).collect();
    let want = ["DaemonSet shop/agent", "Deployment shop/web", "StatefulSet shop/db"];
    assert!(want.iter().all(|w| subjects.contains(*w)) && subjects.len() == 3, "{subjects:?}");
}

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: app
        image: registry.example/app:1
        securityContext:
          privileged: true
";

/// Pods of the Deployment `web`; `more` is what a webhook added to each.
fn pods_of_web(n: usize, more: &str) -> String {
    (0..n)
        .map(|i| {
            format!(
                "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web-5d9c-{i}\n  namespace: shop\n  labels: {{app: web, pod-template-hash: 5d9c}}\n  \
                 ownerReferences:\n  - {{apiVersion: apps/v1, kind: ReplicaSet, name: web-5d9c, uid: u, controller: true}}\n\
                 spec:\n{more}  containers:\n  - name: app\n    image: registry.example/app:1\n    securityContext:\n      privileged: true\n"
            )
        })
        .collect()
}

#[test]
fn a_deployment_and_its_pods_are_one_finding_at_the_template() {
    // The pods stand first in the file, and their names come first in the alphabet of kinds' groups.
    let text = format!("{}---\n{DEPLOYMENT}", pods_of_web(4, ""));
    let evaluation = run(&[("a.yaml", &text)]);
    let found: Vec<_> = evaluation.findings.iter().filter(|f| &*f.rule.0 == "privileged-container").collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    let f = found[0];
    assert_eq!(f.count, 5);
    assert_eq!(f.at.object.key.to_string(), "Deployment shop/web");
    assert_eq!(f.at.path(), "spec.template.spec.containers[0].securityContext.privileged");
    assert!(!f.only_in_pods);
    assert_eq!(f.examples.len(), 3);
    assert!(f.examples.iter().all(|k| &*k.kind.kind == "Pod"), "{:?}", f.examples);
}

#[test]
fn what_only_the_pods_have_says_so() {
    let text = format!("{}---\n{DEPLOYMENT}", pods_of_web(4, "  hostPID: true\n"));
    let evaluation = run(&[("a.yaml", &text)]);
    let of = |id: &str| evaluation.findings.iter().find(|f| &*f.rule.0 == id).unwrap();
    let host_pid = of("host-pid");
    assert_eq!((host_pid.count, host_pid.only_in_pods), (4, true));
    assert_eq!(host_pid.subject.key.to_string(), "Deployment shop/web");
    assert_eq!(&*host_pid.at.object.key.kind.kind, "Pod");
    assert_eq!((of("privileged-container").count, of("privileged-container").only_in_pods), (5, false));
}

#[test]
fn pods_whose_owner_was_not_read_fold_and_claim_nothing_about_its_template() {
    let evaluation = run(&[("a.yaml", &pods_of_web(4, ""))]);
    let f = evaluation.findings.iter().find(|f| &*f.rule.0 == "privileged-container").unwrap();
    assert_eq!((f.count, f.only_in_pods, f.subject.present), (4, false, false));
    assert_eq!(f.subject.key.to_string(), "Deployment shop/web");
    // With a complete list the owner is known to be absent; still nothing was read that could be compared.
    let cluster = kastell_testkit::cluster_with(&pods_of_web(4, ""), Seen::All);
    let evaluation = crate::manifests::run_cluster(cluster);
    assert!(evaluation.findings.iter().all(|f| !f.only_in_pods));
}

#[test]
fn a_pod_without_an_owner_is_its_own_subject() {
    let text = pods_of_web(1, "").replace("controller: true", "controller: false");
    let evaluation = run(&[("a.yaml", &text)]);
    let f = evaluation.findings.iter().find(|f| &*f.rule.0 == "privileged-container").unwrap();
    assert_eq!((f.subject.key.to_string().as_str(), f.count, f.only_in_pods), ("Pod shop/web-5d9c-0", 1, false));
    assert!(f.examples.is_empty());
}
