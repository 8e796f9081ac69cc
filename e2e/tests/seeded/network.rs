//! Connections that break, servers that refuse, and what is asked of a server at all.

use super::report::{Report, full, nothing_else_changes, scan};
use super::seed::server;
use kastell_e2e::{Fault, Proxy, Request, Response, Socks, is_list, kastell};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

const PODS: &str = "/api/v1/pods";

/// Lets `harm` decide about the first `n` lists of pods only.
fn first_pods(n: usize, harm: impl Fn() -> Fault + Send + Sync) -> impl Fn(&Request) -> Fault + Send + Sync {
    let count = AtomicUsize::new(0);
    move |request| match request.path() {
        PODS if count.fetch_add(1, Ordering::Relaxed) < n => harm(),
        _ => Fault::None,
    }
}

/// Through such a proxy everything is found that is found without.
#[track_caller]
fn survives(rule: impl Fn(&Request) -> Fault + Send + Sync + 'static) -> Option<Proxy> {
    let (server, full) = (server()?, full()?);
    let proxy = Proxy::start(server, rule);
    let report = Report::of(scan(&proxy.kubeconfig(server), &[]).ended_with(&[1]));
    assert!(report.codes().is_empty(), "{}", report.value["diagnostics"]);
    assert_eq!(report.findings(), full.findings());
    Some(proxy)
}

/// Through such a proxy pods are a gap, and nothing else changes.
#[track_caller]
fn loses_pods(rule: impl Fn(&Request) -> Fault + Send + Sync + 'static) -> Option<Report> {
    let (server, full) = (server()?, full()?);
    let proxy = Proxy::start(server, rule);
    let report = Report::of(scan(&proxy.kubeconfig(server), &[]).ended_with(&[1]));
    assert_eq!(report.unread(), BTreeSet::from(["pods".to_owned()]), "{}", report.run);
    assert!(report.incomplete());
    nothing_else_changes(&report, full, &["Pod"]);
    Some(report)
}

#[test]
fn a_list_that_breaks_off_is_asked_for_again() {
    let Some(proxy) = survives(first_pods(1, || Fault::Cut)) else { return };
    assert_eq!(proxy.lists(PODS), 2);
}

#[test]
fn a_list_that_always_breaks_off_is_a_gap() {
    loses_pods(first_pods(usize::MAX, || Fault::Cut));
}

#[test]
fn a_connection_that_is_closed_is_made_again() {
    survives(first_pods(1, || Fault::HangUp));
}

#[test]
fn a_server_that_fails_for_one_kind_loses_that_kind() {
    loses_pods(first_pods(usize::MAX, || Fault::Answer(Response::status(503, "ServiceUnavailable", "no leader"))));
}

#[test]
fn a_half_open_connection_is_given_up_and_the_rest_goes_on() {
    loses_pods(first_pods(usize::MAX, || Fault::Stall));
}

#[test]
fn a_storm_of_429_is_waited_out() {
    let storm = AtomicUsize::new(0);
    let proxy = survives(move |request| {
        let slow = || Response::status(429, "TooManyRequests", "too many requests").with("Retry-After", "1");
        match is_list(request) && storm.fetch_add(1, Ordering::Relaxed) < 12 {
            true => Fault::Answer(slow()),
            false => Fault::None,
        }
    });
    let Some(proxy) = proxy else { return };
    assert_eq!(proxy.seen().iter().filter(|s| s.status == 429).count(), 12);
}

#[test]
fn a_page_without_json_is_a_gap() {
    let portal = || Response { status: 200, body: b"<html>please log in</html>".to_vec(), ..Response::default() };
    loses_pods(first_pods(usize::MAX, move || Fault::Answer(portal())));
}

#[test]
fn only_gets_are_sent_with_our_name_and_of_secrets_only_metadata_is_asked_for() {
    let Some(proxy) = survives(|_| Fault::None) else { return };
    let seen = proxy.seen();
    assert!(seen.iter().all(|s| s.request.method == "GET"));
    let agents: BTreeSet<_> = seen.iter().map(|s| s.request.header("user-agent").unwrap_or_default()).collect();
    assert!(agents.len() == 1 && agents.iter().all(|a| a.starts_with("kastell/")), "{agents:?}");
    let secrets: Vec<_> = seen.iter().filter(|s| s.request.path() == "/api/v1/secrets").collect();
    assert!(!secrets.is_empty());
    for s in secrets {
        let accept = s.request.header("accept").unwrap_or_default();
        assert!(accept.contains("as=PartialObjectMetadataList"), "{accept}");
        assert!(!accept.split(',').any(|a| a.trim() == "application/json"), "values would be sent: {accept}");
    }
    let mut lists: Vec<&str> = seen.iter().filter(|s| is_list(&s.request)).map(|s| s.request.path()).collect();
    lists.sort_unstable();
    let before = lists.len();
    lists.dedup();
    assert_eq!(lists.len(), before, "one request a kind suffices here");
}

#[test]
fn kinds_that_nothing_looks_at_are_not_read() {
    let Some(proxy) = survives(|_| Fault::None) else { return };
    for path in ["/api/v1/events", "/apis/example.org/v1/notes", "/apis/coordination.k8s.io/v1/leases"] {
        assert_eq!(proxy.lists(path), 0, "{path}");
    }
    assert_eq!(proxy.lists("/apis/example.org/v1/engines"), 1);
}

#[test]
fn the_report_says_how_many_requests_were_sent() {
    let Some(server) = server() else { return };
    let proxy = Proxy::start(server, |_| Fault::None);
    let report = Report::of(scan(&proxy.kubeconfig(server), &[]).ended_with(&[1]));
    assert_eq!(report.value["read"]["requests"], proxy.seen().len());
}

#[test]
fn a_plan_prints_the_requests_and_sends_none() {
    let Some(server) = server() else { return };
    let proxy = Proxy::start(server, |_| Fault::None);
    let kubeconfig = proxy.kubeconfig(server).display().to_string();
    let run = kastell(&["scan", "--cluster", "--kubeconfig", &kubeconfig, "--plan"]).ended_with(&[0]);
    assert!(run.stdout.contains("/api/v1/pods") && run.stdout.contains("GET"), "{run}");
    assert!(proxy.seen().is_empty(), "{:?}", proxy.seen());
}

#[test]
fn a_socks_proxy_is_gone_through() {
    let (Some(server), Some(full)) = (server(), full()) else { return };
    let socks = Socks::start();
    let mut cluster = server.cluster();
    cluster["proxy-url"] = json!(socks.url);
    let kubeconfig = server.kubeconfig_with(&cluster, &server.user("admin", Some("system:masters")));
    let report = Report::of(scan(&kubeconfig, &[]).ended_with(&[1]));
    assert!(socks.connections() > 0);
    assert_eq!(report.findings(), full.findings());
}

#[test]
fn a_socks_proxy_that_is_not_there_is_named() {
    let Some(server) = server() else { return };
    let mut cluster = server.cluster();
    cluster["proxy-url"] = json!("socks5://127.0.0.1:1");
    let kubeconfig = server.kubeconfig_with(&cluster, &server.user("admin", Some("system:masters")));
    let run = scan(&kubeconfig, &[]).ended_with(&[3]);
    let report = Report::of(run);
    assert_eq!(report.codes(), BTreeSet::from(["unread-cluster"]), "{}", report.run);
}
