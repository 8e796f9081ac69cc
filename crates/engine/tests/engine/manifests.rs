//! Small generated manifests of several kinds, and what an evaluation of them says.

use kastell_analysis::Facts;
use kastell_engine::{Evaluation, ExceptionPolicy, Selection, Settings, evaluate};
use kastell_model::{Cluster, Date, Finding, Seen};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};
use std::sync::Arc;

type Entry = Option<(&'static str, Value)>;

/// A field that is absent or has one of these values.
fn field(key: &'static str, choices: Vec<Value>) -> BoxedStrategy<Entry> {
    proptest::option::of(select(choices)).prop_map(move |v| v.map(|v| (key, v))).boxed()
}

/// A field that is absent or has a generated value.
fn nested(key: &'static str, value: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Entry> {
    proptest::option::of(value).prop_map(move |v| v.map(|v| (key, v))).boxed()
}

/// A field that is absent or a list with some of these items.
fn list(key: &'static str, items: Vec<Value>) -> BoxedStrategy<Entry> {
    let n = items.len();
    subsequence(items, 0..=n).prop_map(move |v| (!v.is_empty()).then(|| (key, Value::from(v)))).boxed()
}

fn mapping(fields: Vec<BoxedStrategy<Entry>>) -> impl Strategy<Value = Value> {
    fields.prop_map(|entries| Value::Object(entries.into_iter().flatten().map(|(k, v)| (k.to_string(), v)).collect()))
}

fn security_context() -> impl Strategy<Value = Value> {
    let names = || vec![json!("ALL"), json!("NET_RAW"), json!("SYS_ADMIN"), json!("NET_BIND_SERVICE")];
    mapping(vec![
        field("privileged", vec![json!(true), json!(false)]),
        field("allowPrivilegeEscalation", vec![json!(true), json!(false)]),
        field("runAsNonRoot", vec![json!(true), json!(false)]),
        field("runAsUser", vec![json!(0), json!(1000), json!(20000)]),
        field("readOnlyRootFilesystem", vec![json!(true), json!(false)]),
        field("procMount", vec![json!("Unmasked"), json!("Default")]),
        field("seccompProfile", vec![json!({"type": "Unconfined"}), json!({"type": "RuntimeDefault"})]),
        nested("capabilities", mapping(vec![list("add", names()), list("drop", names())])),
    ])
}

fn container(name: &'static str) -> impl Strategy<Value = Value> {
    let images = ["registry.example/app:1", "nginx", "k8s.gcr.io/pause:3.1", "registry.example/app:latest"];
    mapping(vec![
        Just(Some(("name", json!(name)))).boxed(),
        field("image", images.map(Value::from).to_vec()),
        field("imagePullPolicy", vec![json!("IfNotPresent"), json!("Always")]),
        nested("securityContext", security_context()),
        list(
            "env",
            vec![
                json!({"name": "COLOR", "value": "blue"}),
                json!({"name": "DB_PASSWORD", "value": "t7Rk2-vQx9Lm"}),
                json!({"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "t"}}}),
            ],
        ),
        list(
            "ports",
            vec![
                json!({"containerPort": 8080}),
                json!({"containerPort": 53, "protocol": "UDP", "hostPort": 53}),
                json!({"containerPort": 53, "protocol": "TCP", "hostPort": 53}),
            ],
        ),
        list(
            "volumeMounts",
            vec![
                json!({"name": "tmp", "mountPath": "/tmp"}),
                json!({"name": "host", "mountPath": "/host", "readOnly": true}),
                json!({"name": "run", "mountPath": "/run"}),
            ],
        ),
        list("args", vec![json!("--verbose"), json!("--password=t7Rk2-vQx9Lm"), json!("sudo"), json!("a\nsudo b\n")]),
        field("resources", vec![json!({"limits": {"cpu": "1", "memory": "1Gi"}}), json!({"requests": {"cpu": "9"}})]),
    ])
}

fn pod_spec() -> impl Strategy<Value = Value> {
    let pod_context = mapping(vec![
        field("runAsNonRoot", vec![json!(true)]),
        field("runAsUser", vec![json!(0), json!(30000)]),
        field("fsGroup", vec![json!(0), json!(30000)]),
        list("supplementalGroups", vec![json!(0), json!(4)]),
        list(
            "sysctls",
            vec![
                json!({"name": "kernel.msgmax", "value": "1"}),
                json!({"name": "net.ipv4.tcp_syncookies", "value": "1"}),
            ],
        ),
    ]);
    let containers = prop_oneof![
        container("app").prop_map(|c| vec![c]).boxed(),
        (container("app"), container("proxy")).prop_map(|(a, b)| vec![a, b]).boxed(),
    ];
    mapping(vec![
        containers.prop_map(|c| Some(("containers", Value::from(c)))).boxed(),
        nested("initContainers", container("setup").prop_map(|c| json!([c]))),
        nested("securityContext", pod_context),
        field("hostPID", vec![json!(true), json!(false)]),
        field("hostNetwork", vec![json!(true)]),
        field("hostUsers", vec![json!(false)]),
        field("shareProcessNamespace", vec![json!(true)]),
        field("automountServiceAccountToken", vec![json!(true), json!(false)]),
        field("serviceAccountName", vec![json!("default"), json!("app")]),
        field("nodeName", vec![json!("node-1")]),
        list(
            "tolerations",
            vec![json!({"operator": "Exists"}), json!({"key": "node-role.kubernetes.io/control-plane"})],
        ),
        list("hostAliases", vec![json!({"ip": "10.0.0.1", "hostnames": ["a"]}), json!({"ip": "10.0.0.2"})]),
        list(
            "volumes",
            vec![
                json!({"name": "tmp", "emptyDir": {}}),
                json!({"name": "host", "hostPath": {"path": "/etc"}}),
                json!({"name": "run", "hostPath": {"path": "/var/run/docker.sock"}}),
            ],
        ),
    ])
}

fn namespaces() -> impl Strategy<Value = &'static str> {
    select(vec!["shop", "shop", "default", "kube-system"])
}

/// What a controller's pods share, and who they are.
fn owned_pods(name: String) -> impl Strategy<Value = Vec<Value>> {
    let owner = select(vec![
        ("apps/v1", "ReplicaSet", true),
        ("apps/v1", "StatefulSet", false),
        ("apps/v1", "DaemonSet", false),
    ]);
    (owner, namespaces(), pod_spec(), 1_usize..4).prop_map(move |((api, kind, hashed), ns, spec, n)| {
        let owner = if hashed { format!("{name}-5d9c") } else { name.clone() };
        (0..n)
            .map(|i| {
                let mut labels = json!({"app": name});
                if hashed {
                    labels["pod-template-hash"] = json!("5d9c");
                }
                let reference = json!({"apiVersion": api, "kind": kind, "name": owner, "uid": "u", "controller": true});
                json!({"apiVersion": "v1", "kind": "Pod", "spec": spec, "metadata": {
                    "name": format!("{owner}-{i}"), "namespace": ns, "labels": labels, "ownerReferences": [reference]}})
            })
            .collect()
    })
}

/// Objects of one kind; `n` makes their names their own.
fn objects(n: usize) -> BoxedStrategy<Vec<Value>> {
    let name = format!("o{n}");
    let meta = {
        let name = name.clone();
        move |ns: &str| json!({"name": name, "namespace": ns, "labels": {"app": name}})
    };
    let template = |spec: Value| json!({"metadata": {"labels": {"app": "x"}}, "spec": spec});
    let with_meta = |s: BoxedStrategy<Value>| {
        let meta = meta.clone();
        (s, namespaces()).prop_map(move |(mut o, ns)| {
            o["metadata"] = meta(ns);
            vec![o]
        })
    };
    prop_oneof![
        3 => with_meta(pod_spec().prop_map(move |s| json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": template(s)}})).boxed()),
        1 => with_meta(pod_spec().prop_map(move |s| json!({"apiVersion": "batch/v1", "kind": "CronJob",
            "spec": {"schedule": "0 1 * * *", "jobTemplate": {"spec": {"template": template(s)}}}})).boxed()),
        1 => with_meta(pod_spec().prop_map(|s| json!({"apiVersion": "v1", "kind": "Pod", "spec": s})).boxed()),
        2 => owned_pods(name),
        1 => with_meta(mapping(vec![
            field("type", vec![json!("LoadBalancer"), json!("NodePort")]),
            list("externalIPs", vec![json!("1.2.3.4"), json!("1.2.3.5")]),
            list("ports", vec![json!({"port": 80}), json!({"port": 53, "protocol": "UDP", "nodePort": 30053})]),
        ]).prop_map(|s| json!({"apiVersion": "v1", "kind": "Service", "spec": s})).boxed()),
        1 => with_meta(mapping(vec![
            field("roleRef", vec![json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"})]),
            list("subjects", vec![
                json!({"kind": "ServiceAccount", "name": "default", "namespace": "shop"}),
                json!({"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "system:authenticated"}),
                json!({"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "system:anonymous"}),
            ]),
        ]).prop_map(|mut o| {
            o["apiVersion"] = json!("rbac.authorization.k8s.io/v1");
            o["kind"] = json!("RoleBinding");
            o
        }).boxed()),
        1 => with_meta(mapping(vec![
            field("podSelector", vec![json!({}), json!({"matchLabels": {"app": "x"}})]),
            list("policyTypes", vec![json!("Ingress"), json!("Egress")]),
            list("ingress", vec![json!({}), json!({"from": [{"podSelector": {}}]})]),
        ]).prop_map(|s| json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": s})).boxed()),
        1 => with_meta(mapping(vec![
            field("password", vec![json!("t7Rk2-vQx9Lm")]),
            field("color", vec![json!("blue"), json!("a\nb\n")]),
            field("url", vec![json!("postgres://app:t7Rk2-vQx9Lm@db/shop")]),
        ]).prop_map(|d| json!({"apiVersion": "v1", "kind": "ConfigMap", "data": d})).boxed()),
    ]
    .boxed()
}

/// A few objects of several kinds, each with a name of its own.
pub(crate) fn manifest(most: usize) -> impl Strategy<Value = Vec<Value>> {
    (1..=most)
        .prop_flat_map(|n| (0..n).map(objects).collect::<Vec<_>>())
        .prop_map(|groups| groups.into_iter().flatten().collect())
}

/// The day of every run.
pub(crate) fn today() -> Date {
    Date::parse("2026-01-01").unwrap()
}

/// Evaluates every control on texts, each with the path that it was read from.
pub(crate) fn run(files: &[(&str, &str)]) -> Evaluation {
    run_cluster(kastell_testkit::cluster_of(files, Seen::Open))
}

/// Evaluates every control on a cluster.
pub(crate) fn run_cluster(cluster: Cluster) -> Evaluation {
    evaluate(&Facts::new(Arc::new(cluster)), &Selection::all(), &Settings::new(ExceptionPolicy::All, today()))
}

/// What identifies a finding over time, and its rule, so that a difference can be read.
pub(crate) fn identities<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<(String, String, u128)> {
    let mut all: Vec<_> =
        findings.into_iter().map(|f| (f.rule.0.to_string(), f.subject.key.to_string(), f.fingerprint)).collect();
    all.sort();
    all
}
