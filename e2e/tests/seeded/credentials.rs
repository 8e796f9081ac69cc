//! Credentials: plugins that give them, fail or are missing; certificates that nobody signed.

use super::report::{Report, full, scan};
use super::seed::server;
use kastell_e2e::Server;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

/// A plugin that is this shell script.
fn plugin(server: &Server, name: &str, script: &str) -> PathBuf {
    let path = server.dir().join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a plugin is written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).expect("a plugin may be run");
    path
}

fn kubeconfig(server: &Server, command: &Value) -> PathBuf {
    let exec = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "command": command, "interactiveMode": "Never",
        "installHint": "get it from your platform team",
    });
    server.kubeconfig_with(&server.cluster(), &json!({"exec": exec}))
}

/// The one diagnostic of a cluster that could not be read.
fn unread(server: &Server, command: &Value) -> String {
    let report = Report::of(scan(&kubeconfig(server, command), &[]).ended_with(&[3]));
    assert_eq!(report.codes(), BTreeSet::from(["unread-cluster"]), "{}", report.run);
    assert!(report.findings().is_empty());
    report.value["diagnostics"][0]["message"].as_str().expect("a message").to_owned()
}

#[test]
fn a_plugin_that_gives_a_certificate_is_enough() {
    let (Some(server), Some(full)) = (server(), full()) else { return };
    let user = server.user("admin", Some("system:masters"));
    let pem = |name: &str| std::fs::read_to_string(user[name].as_str().expect("a path")).expect("PEM");
    let credential = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
        "status": {"clientCertificateData": pem("client-certificate"), "clientKeyData": pem("client-key")},
    });
    let answer = server.dir().join("credential.json");
    std::fs::write(&answer, credential.to_string()).expect("a credential is written");
    let good = plugin(server, "good-plugin", &format!("cat {}", answer.display()));
    let report = Report::of(scan(&kubeconfig(server, &json!(good)), &[]).ended_with(&[1]));
    assert_eq!(report.findings(), full.findings());
}

#[test]
fn a_plugin_that_fails_is_named_in_one_sentence() {
    let Some(server) = server() else { return };
    let failing = plugin(server, "failing-plugin", "echo 'session expired: canary-plugin-Ub90' >&2; exit 7");
    let message = unread(server, &json!(failing));
    assert!(message.contains("failing-plugin") && message.contains('7'), "{message}");
    assert!(!message.contains('\n') && !message.contains("canary"), "{message}");
}

#[test]
fn a_plugin_that_is_missing_is_named_in_one_sentence() {
    let Some(server) = server() else { return };
    let message = unread(server, &json!("no-such-plugin"));
    assert!(message.contains("no-such-plugin") && !message.contains('\n'), "{message}");
}

#[test]
fn a_plugin_that_prints_no_credential_is_named() {
    let Some(server) = server() else { return };
    let odd = plugin(server, "odd-plugin", "echo Please log in at https://sso.example.org");
    let message = unread(server, &json!(odd));
    assert!(message.contains("odd-plugin") && !message.contains("sso.example.org"), "{message}");
}

#[test]
fn a_server_with_a_certificate_of_somebody_else_is_not_talked_to() {
    let Some(server) = server() else { return };
    let cluster = json!({"server": server.url()});
    let kubeconfig = server.kubeconfig_with(&cluster, &server.user("admin", Some("system:masters")));
    let report = Report::of(scan(&kubeconfig, &[]).ended_with(&[3]));
    let message = report.value["diagnostics"][0]["message"].as_str().expect("a message");
    assert!(message.contains("certificate"), "{message}");
}

#[test]
fn credentials_that_the_server_does_not_know_are_told_from_missing_rights() {
    let Some(server) = server() else { return };
    let kubeconfig = server.kubeconfig_with(&server.cluster(), &json!({"token": "canary-token-Sd11"}));
    let report = Report::of(scan(&kubeconfig, &[]).ended_with(&[3]));
    let all = format!("{}{}", report.run.stdout, report.run.stderr);
    assert!(all.contains("401") || all.contains("nauthorized") || all.contains("credentials"), "{}", report.run);
    assert!(!all.contains("canary"), "{}", report.run);
}

#[test]
fn a_context_that_is_not_there_is_a_wrong_call() {
    let Some(server) = server() else { return };
    let run = scan(&server.kubeconfig(), &["--context", "production"]).ended_with(&[2]);
    assert!(run.stderr.contains("production") && run.stderr.contains("test"), "{run}");
}
