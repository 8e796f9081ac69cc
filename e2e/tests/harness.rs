//! The harness itself: servers start, isolate, count, fail on demand and end.

use kastell_e2e::{Fault, Options, Proxy, Request, Response, Server, Socks, assets, is_list};
use serde_json::json;
use std::sync::LazyLock;

fn server() -> Option<&'static Server> {
    static SERVER: LazyLock<Option<Server>> =
        LazyLock::new(|| assets().map(|a| Server::start(&a, &Options::default())));
    SERVER.as_ref()
}

#[test]
fn namespaces_are_apart_and_gone_afterwards() {
    let Some(server) = server() else { return };
    let name = server.with_namespace(|a| {
        server.with_namespace(|b| assert_ne!(a, b));
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}});
        server.create(&format!("/api/v1/namespaces/{a}/configmaps"), &object);
        assert_eq!(server.kubectl(&["get", "configmap", "x", "-n", a, "-o", "name"]).stdout, "configmap/x\n");
        a.to_owned()
    });
    let phase = server.kubectl(&["get", "namespace", &name, "-o", "jsonpath={.status.phase}"]).stdout;
    assert_eq!(phase, "Terminating");
}

#[test]
fn a_user_has_only_the_rights_that_were_given() {
    let Some(server) = server() else { return };
    let nobody = server.kubeconfig_for("nobody", None);
    let run = server.kubectl(&["--kubeconfig", &nobody.display().to_string(), "get", "pods", "-A"]);
    assert!(run.stderr.contains("\"nobody\" cannot list resource \"pods\""), "{run}");
}

#[test]
fn the_proxy_forwards_counts_and_does_harm() {
    let Some(server) = server() else { return };
    let proxy = Proxy::start(server, |request| match request.path() {
        "/api/v1/pods" => Fault::Answer(Response::status(429, "TooManyRequests", "later").with("Retry-After", "1")),
        "/api/v1/nodes" => Fault::Cut,
        "/api/v1/services" => Fault::HangUp,
        _ => Fault::None,
    });
    let address = proxy.url.trim_start_matches("http://").parse().expect("an address");
    let mut client = kastell_e2e::Client::plain(address);
    let mut get = |path: &str| client.send(&Request::new("GET", path, ""));
    assert_eq!(get("/api/v1/pods?limit=5").expect("an answer").status, 429);
    assert!(get("/api/v1/nodes").is_err() && get("/api/v1/services").is_err());
    assert_eq!(get("/api/v1/namespaces").expect("an answer").json().pointer("/kind"), Some(&json!("NamespaceList")));
    assert_eq!(
        (proxy.lists("/api/v1/pods"), proxy.lists("/api/v1/namespaces"), proxy.lists("/api/v1/jobs")),
        (1, 1, 0)
    );
    let kubeconfig = proxy.kubeconfig(server);
    let run = server.kubectl(&["--kubeconfig", &kubeconfig.display().to_string(), "get", "namespaces", "-o", "name"]);
    assert!(run.stdout.contains("namespace/default"), "{run}");
}

#[test]
fn the_socks_proxy_leads_to_the_server() {
    let Some(server) = server() else { return };
    let socks = Socks::start();
    let mut cluster = server.cluster();
    if let Some(cluster) = cluster.as_object_mut() {
        cluster.insert("proxy-url".to_owned(), json!(socks.url));
    }
    let kubeconfig = server.kubeconfig_with(&cluster, &server.user("admin", Some("system:masters")));
    let run = server.kubectl(&["--kubeconfig", &kubeconfig.display().to_string(), "get", "namespaces", "-o", "name"]);
    assert!(run.stdout.contains("namespace/default"), "{run}");
    assert!(socks.connections() > 0);
}

#[test]
fn a_list_is_told_from_discovery_and_health() {
    let list = |target: &str| is_list(&Request::new("GET", target, ""));
    assert!(
        list("/api/v1/pods?limit=500")
            && list("/apis/apps/v1/namespaces/a/deployments")
            && list("/apis/apps/v1/deployments")
    );
    assert!(!list("/api/v1") && !list("/apis/apps/v1") && !list("/apis") && !list("/version") && !list("/readyz"));
}

#[test]
fn the_server_ends_with_its_owner_and_leaves_nothing() {
    let Some(assets) = assets() else { return };
    let server = Server::start(&assets, &Options::default());
    let (dir, address) = (server.dir().to_path_buf(), server.address());
    drop(server);
    assert!(std::net::TcpStream::connect(address).is_err() && !dir.exists());
}
