//! The cluster of these tests: the shop of `examples/`, a second tenant, and for every workload the pods that controllers
//! would have made. It is made once and only read afterwards, so that runs can be compared.

use kastell_e2e::{Options, Server, assets};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A user who may read everything but two kinds.
pub(crate) const SOME_FORBIDDEN: &str = "some-forbidden";

/// A file or folder of this repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The server with everything in it; nothing where there are no programs to start.
pub(crate) fn server() -> Option<&'static Server> {
    // A test after one that could not seed fails at once.
    static SERVER: LazyLock<Option<Server>> =
        LazyLock::new(|| assets().map(|a| seeded(Server::start(&a, &Options::default()))));
    SERVER.as_ref()
}

fn seeded(server: Server) -> Server {
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let apply = |path: &str| server.apply(&read(&repository(path)));
    // Namespaces and definitions come before what needs them.
    apply("examples/shop/namespaces.yaml");
    apply("e2e/fixtures/cluster.yaml");
    apply("e2e/fixtures/canaries.yaml");
    let shop = std::fs::read_dir(repository("examples/shop")).expect("the shop is here");
    let mut files: Vec<PathBuf> = shop.map(|e| e.expect("an entry").path()).collect();
    files.retain(|f| f.file_name().is_some_and(|n| n != "kustomization.yaml" && n != "namespaces.yaml"));
    files.sort();
    let shop = files.iter().map(|f| read(f)).collect::<Vec<_>>().join("\n---\n");
    // Two of its holes are left out: an API version that no server has any more, and a binding by which every user is an
    // administrator, so that no user of these tests could be anything less.
    let left_out = |d: &&str| !d.contains("autoscaling/v2beta2") && !d.contains("name: shop-developers");
    let served: Vec<&str> = shop.split("\n---\n").filter(left_out).collect();
    server.apply(&served.join("\n---\n"));
    let there = || (server.kubectl(&["get", "engines,notes", "-A"]).code == 0).then_some(());
    kastell_e2e::until("the custom kinds", 20, there);
    apply("e2e/fixtures/custom.yaml");
    pods(&server);
    rights(&server);
    server
}

/// What controllers make of the workloads.
fn pods(server: &Server) {
    let found = server.kubectl(&["get", "deployments,statefulsets,daemonsets,jobs", "-A", "-o", "json"]).json();
    for workload in found["items"].as_array().expect("a list") {
        let kind = workload["kind"].as_str().expect("a kind");
        match kind {
            "Deployment" => {
                let set = replica_set(server, workload);
                for n in 0..2 {
                    pod(server, &set, &format!("-{n}"));
                }
            }
            _ => pod(server, workload, "-0"),
        }
    }
}

fn owner(of: &Value) -> Value {
    json!([{
        "apiVersion": of["apiVersion"], "kind": of["kind"], "name": of["metadata"]["name"], "uid": of["metadata"]["uid"],
        "controller": true, "blockOwnerDeletion": true,
    }])
}

/// The ReplicaSet of a Deployment, named by a hash as its controller does.
fn replica_set(server: &Server, deployment: &Value) -> Value {
    let (namespace, name) = (text(&deployment["metadata"]["namespace"]), text(&deployment["metadata"]["name"]));
    let mut template = deployment["spec"]["template"].clone();
    template["metadata"]["labels"]["pod-template-hash"] = json!("7d9f8b6c5");
    let mut labels = deployment["spec"]["selector"]["matchLabels"].clone();
    labels["pod-template-hash"] = json!("7d9f8b6c5");
    let set = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": format!("{name}-7d9f8b6c5"), "labels": labels, "ownerReferences": owner(deployment)},
        "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": template},
    });
    server.create(&format!("/apis/apps/v1/namespaces/{namespace}/replicasets"), &set)
}

fn pod(server: &Server, of: &Value, suffix: &str) {
    let (namespace, name) = (text(&of["metadata"]["namespace"]), text(&of["metadata"]["name"]));
    let template = &of["spec"]["template"];
    let mut spec = template["spec"].clone();
    for claim in of["spec"]["volumeClaimTemplates"].as_array().into_iter().flatten() {
        let volume = text(&claim["metadata"]["name"]);
        let volume =
            json!({"name": volume, "persistentVolumeClaim": {"claimName": format!("{volume}-{name}{suffix}")}});
        match spec["volumes"].as_array_mut() {
            Some(volumes) => volumes.push(volume),
            None => spec["volumes"] = json!([volume]),
        }
    }
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": format!("{name}{suffix}"), "labels": template["metadata"]["labels"],
            "annotations": template["metadata"]["annotations"], "ownerReferences": owner(of),
        },
        "spec": spec,
    });
    server.create(&format!("/api/v1/namespaces/{namespace}/pods"), &pod);
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

/// Binds the product's roles, each to a user of its name, and a role that lacks some kinds.
fn rights(server: &Server) {
    for role in ["viewer", "auditor", "secret-metadata"] {
        let path = repository(&format!("deploy/rbac/{role}.yaml"));
        server.apply(&std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())));
        bind(server, role, &format!("kastell-{role}"));
    }
    for role in ["auditor", "secret-metadata"] {
        bind(server, "auditor-and-secrets", &format!("kastell-{role}"));
    }
    // The auditor's role with everything in this cluster, but without two kinds.
    let mut role = server.kubectl(&["get", "clusterrole", "kastell-auditor", "-o", "json"]).json();
    for rule in role["rules"].as_array_mut().expect("rules") {
        let resources = rule["resources"].as_array_mut().expect("resources");
        resources.retain(|r| !(r == "cronjobs" || r == "networkpolicies"));
    }
    let rules = role["rules"].as_array_mut().expect("rules");
    rules.retain(|r| r["resources"].as_array().is_some_and(|r| !r.is_empty()));
    rules.push(json!({"apiGroups": ["", "example.org"], "resources": ["secrets", "engines"], "verbs": ["list"]}));
    role["metadata"] = json!({"name": SOME_FORBIDDEN});
    server.create("/apis/rbac.authorization.k8s.io/v1/clusterroles", &role);
    bind(server, SOME_FORBIDDEN, SOME_FORBIDDEN);
}

fn bind(server: &Server, user: &str, role: &str) {
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": format!("test-{user}-{role}")},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    });
    server.create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", &binding);
}
