//! Ten thousand pods on a real API server: how many requests and how much memory they take.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a file of tests: what is missing ends them")]

use kastell_e2e::{Options, Proxy, Request, Server, assets, command, is_list};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Instant;

const DEPLOYMENTS: usize = 100;
const PODS_OF_EACH: usize = 100;
const PAGE: usize = 500;
/// In bytes.
const MEMORY: u64 = 300 << 20;

/// A pod's template of the size that real ones have: 3 to 4 KB.
fn template(app: &str) -> Value {
    let variables: Vec<Value> = (0..14)
        .map(|n| json!({"name": format!("SETTING_{n}"), "value": format!("value-{n}-of-{app}-{}", "x".repeat(24))}))
        .collect();
    let probe = json!({"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10, "timeoutSeconds": 2});
    let container = |name: &str| {
        json!({
            "name": name, "image": format!("registry.example/team/{app}/{name}:1.2.3"), "env": variables,
            "ports": [{"name": "http", "containerPort": 8080}], "livenessProbe": probe, "readinessProbe": probe,
            "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
            "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, {"name": "settings", "mountPath": "/etc/app"}],
        })
    };
    json!({
        "metadata": {"labels": {"app": app, "pod-template-hash": "5d4f8c7b9"}},
        "spec": {
            "containers": [container("app"), container("proxy")],
            "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "settings", "configMap": {"name": app}}],
        },
    })
}

fn owner(kind: &str, made: &Value) -> Value {
    json!([{
        "apiVersion": "apps/v1", "kind": kind, "name": made["metadata"]["name"], "uid": made["metadata"]["uid"],
        "controller": true,
    }])
}

/// A Deployment, its ReplicaSet and its pods, over one connection.
fn deployment(server: &Server, app: &str) {
    let labels = json!({"app": app, "pod-template-hash": "5d4f8c7b9"});
    let made = server.create(
        "/apis/apps/v1/namespaces/default/deployments",
        &json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": app},
            "spec": {"selector": {"matchLabels": {"app": app}}, "template": template(app)},
        }),
    );
    let set = server.create(
        "/apis/apps/v1/namespaces/default/replicasets",
        &json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {"name": format!("{app}-5d4f8c7b9"), "labels": labels, "ownerReferences": owner("Deployment", &made)},
            "spec": {"selector": {"matchLabels": labels}, "template": template(app)},
        }),
    );
    let mut client = server.client();
    for n in 0..PODS_OF_EACH {
        let mut pod = template(app);
        pod["apiVersion"] = json!("v1");
        pod["kind"] = json!("Pod");
        pod["metadata"]["name"] = json!(format!("{app}-5d4f8c7b9-{n:05}"));
        pod["metadata"]["ownerReferences"] = owner("ReplicaSet", &set);
        let request = Request::new("POST", "/api/v1/namespaces/default/pods", pod.to_string());
        let response = client.send(&request).expect("the API server answers");
        assert_eq!(response.status, 201, "{}", String::from_utf8_lossy(&response.body));
    }
}

#[test]
fn ten_thousand_pods_are_read_in_few_requests_and_little_memory() {
    let Some(assets) = assets() else { return };
    let server = Server::start(&assets, &Options::default());
    std::thread::scope(|scope| {
        for part in 0..4 {
            let server = &server;
            scope.spawn(move || {
                (0..DEPLOYMENTS).filter(|n| n % 4 == part).for_each(|n| deployment(server, &format!("app-{n:03}")));
            });
        }
    });
    let proxy = Proxy::start(&server, |_| kastell_e2e::Fault::None);
    let kubeconfig = server.kubeconfig().display().to_string();
    let through = proxy.kubeconfig(&server).display().to_string();
    let scan = |kubeconfig: &str| {
        let run = command(&["scan", "--cluster", "--kubeconfig", kubeconfig, "--format", "json"]);
        let start = Instant::now();
        (kastell_e2e::Run::of(run), start.elapsed())
    };

    let (direct, elapsed) = scan(&kubeconfig);
    println!("10,000 pods: {:.1} s, {} MB", elapsed.as_secs_f64(), direct.peak >> 20);
    let report = direct.clone().ended_with(&[0, 1]).json();
    assert!(report["read"]["objects"].as_u64().expect("a count") as usize >= DEPLOYMENTS * (PODS_OF_EACH + 2));
    assert!(direct.peak > 0 && direct.peak < MEMORY, "{} MB", direct.peak >> 20);

    let (counted, _) = scan(&through);
    let mut lists: BTreeMap<String, usize> = BTreeMap::new();
    for seen in proxy.seen().iter().filter(|s| is_list(&s.request)) {
        *lists.entry(seen.request.path().to_owned()).or_default() += 1;
    }
    let objects = |path: &str| match path {
        "/api/v1/pods" => DEPLOYMENTS * PODS_OF_EACH,
        _ => DEPLOYMENTS,
    };
    for (path, requests) in &lists {
        assert!(*requests <= objects(path).div_ceil(PAGE) + 1, "{requests} lists of {path}");
    }
    assert!(lists["/api/v1/pods"] >= 20, "{lists:?}");

    let subjects = counted.json()["summary"]["subjects"].as_u64().expect("a count");
    assert!(subjects <= DEPLOYMENTS as u64 + 20, "pods are folded to their Deployments: {subjects}");
}
