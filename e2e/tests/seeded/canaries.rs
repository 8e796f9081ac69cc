//! No output shows a secret value: not in any format, not with tracing, not in an error.

use super::seed::server;
use kastell_e2e::{Run, Server, base64, command};
use serde_json::json;
use std::path::Path;

/// Values of `fixtures/canaries.yaml` and of the kubeconfigs of these tests, without what they have in common.
const CANARIES: [&str; 16] = [
    "data-Zq81",
    "string-data-Xv52",
    "config-map-Wt33",
    "url-Hb27",
    "AwsKeyPq94LmXx71RsTt20UvWw53YyZz",
    "annotation-Mk66",
    "argument-Gd19",
    "arg-url-Nn08",
    "environment-Jf74",
    "mysql-Re45",
    "env-url-Tc60",
    "userinfo-Yy17",
    "token-Sd11",
    "password-Lw02",
    "plugin-Ub90",
    "plugin-token-Qe38",
];

/// What would give a value away: itself, and the part of its base64 form that does not depend on what surrounds it.
fn traces() -> Vec<String> {
    let mut out: Vec<String> = CANARIES.iter().map(|c| (*c).to_owned()).collect();
    for canary in CANARIES {
        for shift in 0..3 {
            let padded = base64(format!("{}{canary}", "x".repeat(shift)));
            let inner: String = padded.chars().skip(4).take(padded.len().saturating_sub(8)).collect();
            if inner.len() >= 8 {
                out.push(inner);
            }
        }
    }
    out
}

#[track_caller]
fn shows_nothing(what: &str, run: &Run) {
    for stream in [&run.stdout, &run.stderr] {
        if let Some(trace) = traces().iter().find(|t| stream.contains(t.as_str())) {
            let at = stream.find(trace.as_str()).unwrap_or_default();
            let around: String = stream.chars().skip(at.saturating_sub(200)).take(500).collect();
            panic!("{what} shows {trace}:\n{around}");
        }
    }
}

/// The forms that `--format` takes, from what it says to another one.
fn formats() -> Vec<String> {
    let refusal = Run::of(command(&["scan", "--format", "no-such-format"])).ended_with(&[2]).stderr;
    let (_, known) = refusal.split_once("there are ").unwrap_or_else(|| panic!("no formats:\n{refusal}"));
    let names = known.lines().next().unwrap_or_default().split([',', ' ']);
    names.filter(|n| !n.is_empty() && *n != "and").map(str::to_owned).collect()
}

fn traced(args: &[&str]) -> Run {
    let mut command = command(args);
    command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
    Run::of(command)
}

/// The administrator, with a user and a password in the server's URL.
fn with_userinfo(server: &Server) -> String {
    let mut cluster = server.cluster();
    cluster["server"] = json!(server.url().replace("https://", "https://admin:canary-userinfo-Yy17@"));
    server.kubeconfig_with(&cluster, &server.user("admin", Some("system:masters"))).display().to_string()
}

#[test]
fn the_search_finds_values_and_their_base64() {
    let shown = |text: String| traces().iter().any(|t| text.contains(t.as_str()));
    for before in ["", "p", "pa", "password="] {
        assert!(shown(base64(format!("{before}canary-string-data-Xv52"))), "{before}");
    }
    assert!(shown("canary-url-Hb27".to_owned()) && !shown("canary".to_owned()) && !shown(base64("canary-else")));
}

#[test]
fn no_format_of_a_live_scan_shows_a_value() {
    let Some(server) = server() else { return };
    let plain = server.kubeconfig().display().to_string();
    let formats = formats();
    assert!(formats.len() >= 3, "{formats:?}");
    for format in formats {
        let args = [
            "scan",
            "--cluster",
            "--kubeconfig",
            &plain,
            "--requests-per-second",
            "1000",
            "--verbose",
            "--format",
            &format,
        ];
        let run = traced(&args).ended_with(&[1]);
        assert!(run.stdout.contains("leaky"), "{format} does not reach the canaries\n{run}");
        shows_nothing(&format!("--format {format}"), &run);
    }
}

#[test]
fn a_snapshot_and_what_is_made_of_it_show_no_value() {
    let Some(server) = server() else { return };
    let kubeconfig = server.kubeconfig().display().to_string();
    let live = ["--cluster", "--kubeconfig", &kubeconfig, "--requests-per-second", "1000"];
    let taken = traced(&[&["snapshot"], &live[..]].concat()).ended_with(&[0]);
    assert!(taken.stdout.contains("leaky"), "{taken}");
    shows_no_secret("snapshot", &taken);
    let file = server.dir().join("canaries.snapshot").display().to_string();
    std::fs::write(&file, &taken.stdout).expect("a snapshot is written");
    for format in formats() {
        shows_nothing(&format, &traced(&["scan", "--snapshot", &file, "--verbose", "--format", &format]));
    }
}

/// Of a snapshot: values of Secrets are in none. What else looks like a credential in it is a manifest's own text.
#[track_caller]
fn shows_no_secret(what: &str, run: &Run) {
    let secrets = ["data-Zq81", "string-data-Xv52"].map(|s| s.to_owned());
    let encoded = [base64("canary-data-Zq81"), base64("canary-string-data-Xv52")];
    for trace in secrets.iter().chain(&encoded) {
        assert!(!run.stdout.contains(trace.as_str()) && !run.stderr.contains(trace.as_str()), "{what} shows {trace}");
    }
}

#[test]
fn the_userinfo_of_the_servers_url_is_never_shown() {
    let Some(server) = server() else { return };
    let kubeconfig = with_userinfo(server);
    for more in [&["--format", "json"][..], &["--format", "terminal"], &["--plan"], &["--context", "none"]] {
        let mut args = vec!["scan", "--cluster", "--kubeconfig", &kubeconfig, "--requests-per-second", "1000"];
        args.extend(more);
        shows_nothing(&format!("{more:?}"), &traced(&args));
    }
}

#[test]
fn credentials_of_a_kubeconfig_are_never_shown() {
    let Some(server) = server() else { return };
    let plugin = server.dir().join("telling-plugin");
    let credential = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
        "status": {"token": "canary-plugin-token-Qe38"},
    });
    let script = format!("#!/bin/sh\necho canary-plugin-Ub90 >&2\necho '{credential}'\n");
    std::fs::write(&plugin, script).expect("a plugin is written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(Path::new(&plugin), mode).expect("a plugin may be run");
    let users = [
        json!({"token": "canary-token-Sd11"}),
        json!({"username": "admin", "password": "canary-password-Lw02"}),
        json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": plugin, "interactiveMode": "Never"}}),
    ];
    for user in users {
        let kubeconfig = server.kubeconfig_with(&server.cluster(), &user).display().to_string();
        let run = traced(&["scan", "--cluster", "--kubeconfig", &kubeconfig, "--format", "json"]).ended_with(&[3]);
        let run = Run { stderr: without_what_the_plugin_says(&run.stderr), ..run };
        shows_nothing(&user.to_string(), &run);
    }
}

/// A plugin may write to the terminal what it likes, as it does below kubectl.
fn without_what_the_plugin_says(stderr: &str) -> String {
    stderr.lines().filter(|l| *l != "canary-plugin-Ub90").collect::<Vec<_>>().join("\n")
}
