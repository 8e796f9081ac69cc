//! Servers that break: each of these tests has its own.

#![expect(clippy::expect_used, reason = "a file of tests: what is missing ends them")]

use kastell_e2e::{Fault, Options, Proxy, Request, Server, assets, kastell, until};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

const CONFIG_MAPS: &str = "/api/v1/configmaps";

fn scan(kubeconfig: &Path) -> Value {
    let kubeconfig = kubeconfig.display().to_string();
    let args = ["scan", "--cluster", "--kubeconfig", &kubeconfig, "--format", "json", "--requests-per-second", "1000"];
    kastell(&args).ended_with(&[0, 1, 3]).json()
}

/// Messages of the diagnostics with this code.
fn diagnostics(report: &Value, code: &str) -> Vec<String> {
    let all = report["diagnostics"].as_array().expect("diagnostics").iter();
    all.filter(|d| d["code"] == code).map(|d| d["message"].as_str().expect("a message").to_owned()).collect()
}

/// Two pages of ConfigMaps, and a finding in each.
fn fill(server: &Server) {
    let mut client = server.client();
    for n in 0..700 {
        let data = if n % 500 == 1 { json!({"DATABASE_PASSWORD": "Zq81Lw02Xv52"}) } else { json!({}) };
        let object =
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("c-{n:04}")}, "data": data});
        let request = Request::new("POST", "/api/v1/namespaces/default/configmaps", object.to_string());
        assert_eq!(client.send(&request).expect("the API server answers").status, 201);
    }
}

fn credentials(report: &Value) -> usize {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings.filter(|f| f["rule"] == "configmap-credential").count()
}

#[test]
fn an_expired_continue_token_loses_and_doubles_nothing() {
    let Some(assets) = assets() else { return };
    // Without its cache the API server reads pages from etcd, which has forgotten the first page's revision by then.
    let server = Arc::new(Server::start(&assets, &Options { flags: &["--watch-cache=false"] }));
    fill(&server);
    let (proxied, compacted) = (Arc::clone(&server), AtomicUsize::new(0));
    let proxy = Proxy::start(&server, move |request| {
        let second = request.path() == CONFIG_MAPS && request.target.contains("continue=");
        if second && compacted.fetch_add(1, Ordering::Relaxed) == 0 {
            // Something has to happen, else the first page's revision is the present.
            let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "meanwhile"}});
            proxied.create("/api/v1/namespaces/kube-public/configmaps", &object);
            proxied.compact();
        }
        Fault::None
    });
    let report = scan(&proxy.kubeconfig(&server));
    let answers: Vec<u16> = proxy.seen().iter().filter(|s| s.request.path() == CONFIG_MAPS).map(|s| s.status).collect();
    assert!(answers.contains(&410), "no token expired: {answers:?}");
    assert!(answers.len() <= 4, "{answers:?}");
    assert_eq!((credentials(&report), &report["incomplete"]), (2, &json!(false)), "{:?}", report["diagnostics"]);
}

#[test]
fn an_api_service_without_a_server_is_a_gap_and_the_rest_is_read() {
    let Some(assets) = assets() else { return };
    let server = Server::start(&assets, &Options::default());
    let before = scan(&server.kubeconfig());
    server.create(
        "/apis/apiregistration.k8s.io/v1/apiservices",
        &json!({
            "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "v1beta1.kafka.strimzi.io"},
            "spec": {
                "group": "kafka.strimzi.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
                "insecureSkipTLSVerify": true, "service": {"name": "nobody", "namespace": "default"},
            },
        }),
    );
    until("the group in discovery", 30, || {
        let response = server.client().send(&Request::new("GET", "/apis", "")).ok()?;
        String::from_utf8_lossy(&response.body).contains("kafka.strimzi.io").then_some(())
    });
    let after = scan(&server.kubeconfig());
    assert_eq!((&before["incomplete"], &after["incomplete"]), (&json!(false), &json!(true)));
    assert!(after["diagnostics"].to_string().contains("kafka.strimzi.io"), "{}", after["diagnostics"]);
    assert_eq!(before["findings"], after["findings"]);
}

#[test]
fn a_server_that_dies_in_the_middle_leaves_what_was_read_and_gaps() {
    let Some(assets) = assets() else { return };
    let server = Arc::new(Server::start(&assets, &Options::default()));
    fill(&server);
    let (dying, once) = (Arc::clone(&server), OnceLock::new());
    let proxy = Proxy::start(&server, move |request| {
        if request.path() == CONFIG_MAPS && request.target.contains("continue=") {
            once.get_or_init(|| dying.kill());
        }
        Fault::None
    });
    let report = scan(&proxy.kubeconfig(&server));
    assert_eq!(report["incomplete"], json!(true));
    let unread = diagnostics(&report, "unread-kind");
    assert!(unread.iter().any(|m| m.contains("configmaps")), "{unread:?}");
    assert!(credentials(&report) <= 1, "the second page cannot have been read");
    assert!(report["read"]["objects"].as_u64().expect("a count") >= 500, "{}", report["read"]);
}
