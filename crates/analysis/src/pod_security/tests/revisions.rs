//! What changes with the version, what Windows and user namespaces relax, what the API server fills in, and gaps.

use super::{detail_of, judge, pod};

/// (check, level, body, the versions at which it is violated: from, to).
type Span = (&'static str, &'static str, &'static str, u32, u32);

const SPANS: &[Span] = &[
    (
        "hostProbesAndHostLifecycle",
        "baseline",
        "  containers: [{name: a, startupProbe: {tcpSocket: {host: h}}}]",
        34,
        40,
    ),
    (
        "procMount",
        "baseline",
        "  hostUsers: false\n  containers: [{name: a, securityContext: {procMount: Unmasked}}]",
        0,
        34,
    ),
    (
        "procMount",
        "restricted",
        "  hostUsers: false\n  containers: [{name: a, securityContext: {procMount: Unmasked}}]",
        0,
        34,
    ),
    (
        "procMount_restricted",
        "restricted",
        "  hostUsers: false\n  containers: [{name: a, securityContext: {procMount: X}}]",
        35,
        40,
    ),
    ("procMount", "baseline", "  containers: [{name: a, securityContext: {procMount: Unmasked}}]", 0, 40),
    (
        "seLinuxOptions",
        "baseline",
        "  securityContext: {seLinuxOptions: {type: container_engine_t}}\n  containers: [{name: a}]",
        0,
        30,
    ),
    (
        "seLinuxOptions",
        "baseline",
        "  securityContext: {seLinuxOptions: {type: other_t}}\n  containers: [{name: a}]",
        0,
        40,
    ),
    (
        "seccompProfile_baseline",
        "baseline",
        "  securityContext: {seccompProfile: {type: X}}\n  containers: [{name: a}]",
        19,
        40,
    ),
    ("seccompProfile_restricted", "restricted", "  containers: [{name: a}]", 19, 40),
    ("seccompProfile_restricted", "restricted", "  os: {name: windows}\n  containers: [{name: a}]", 19, 24),
    ("sysctls", "baseline", "  securityContext: {sysctls: [{name: net.ipv4.ip_local_reserved_ports}]}", 0, 26),
    ("sysctls", "baseline", "  securityContext: {sysctls: [{name: net.ipv4.tcp_keepalive_probes}]}", 0, 28),
    ("sysctls", "baseline", "  securityContext: {sysctls: [{name: net.ipv4.tcp_wmem}]}", 0, 31),
    ("sysctls", "baseline", "  securityContext: {sysctls: [{name: net.ipv4.tcp_notsent_lowat}]}", 0, 36),
    ("sysctls", "baseline", "  securityContext: {sysctls: [{name: kernel.msgmax}]}", 0, 40),
    ("allowPrivilegeEscalation", "restricted", "  containers: [{name: a}]", 8, 40),
    ("allowPrivilegeEscalation", "restricted", "  os: {name: windows}\n  containers: [{name: a}]", 8, 24),
    ("capabilities_restricted", "restricted", "  containers: [{name: a}]", 22, 40),
    ("capabilities_restricted", "restricted", "  os: {name: windows}\n  containers: [{name: a}]", 22, 24),
    ("capabilities_restricted", "restricted", "  os: {name: linux}\n  containers: [{name: a}]", 22, 40),
    (
        "capabilities_baseline",
        "restricted",
        "  containers: [{name: a, securityContext: {capabilities: {add: [X]}}}]",
        0,
        21,
    ),
    (
        "capabilities_baseline",
        "baseline",
        "  containers: [{name: a, securityContext: {capabilities: {add: [X]}}}]",
        0,
        40,
    ),
    ("runAsNonRoot", "restricted", "  containers: [{name: a}]", 0, 40),
    ("runAsNonRoot", "restricted", "  hostUsers: false\n  containers: [{name: a}]", 0, 34),
    ("runAsUser", "restricted", "  securityContext: {runAsUser: 0}\n  containers: [{name: a}]", 23, 40),
    (
        "runAsUser",
        "restricted",
        "  hostUsers: false\n  securityContext: {runAsUser: 0}\n  containers: [{name: a}]",
        23,
        34,
    ),
    ("hostPathVolumes", "baseline", "  volumes: [{name: v, hostPath: {path: /}}]", 0, 40),
    ("restrictedVolumes", "restricted", "  volumes: [{name: v, hostPath: {path: /}}]", 0, 40),
    ("privileged", "restricted", "  containers: [{name: a, securityContext: {privileged: true}}]", 0, 40),
    ("hostPorts", "restricted", "  containers: [{name: a, ports: [{hostPort: 80}]}]", 0, 40),
    ("hostNamespaces", "restricted", "  hostPID: true", 0, 40),
    ("windowsHostProcess", "restricted", "  securityContext: {windowsOptions: {hostProcess: true}}", 0, 40),
    ("appArmorProfile", "baseline", "  securityContext: {appArmorProfile: {type: Unconfined}}", 0, 40),
];

#[test]
fn each_check_holds_at_exactly_its_versions() {
    for (id, level, spec, from, to) in SPANS {
        let text = pod(spec);
        for minor in 0..=40 {
            let found = detail_of(&text, &format!("{level}:v1.{minor}"), id);
            assert_eq!(found.is_some(), (*from..=*to).contains(&minor), "{id} at {level}:v1.{minor} of\n{spec}");
        }
        let latest = detail_of(&text, &format!("{level}:latest"), id);
        assert_eq!(latest.is_some(), *to == 40, "{id} at {level}:latest of\n{spec}");
    }
}

#[test]
fn a_hardened_pod_keeps_every_version() {
    let text = pod(
        "  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}\n  containers: [{name: a, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]\n  volumes: [{name: unsaid}]",
    );
    for minor in 0..=40 {
        let found = judge(&text, &format!("restricted:v1.{minor}"));
        assert!(found.results.is_empty() && found.gaps.is_empty(), "v1.{minor}: {found:?}");
    }
}

#[test]
fn privileged_allows_everything() {
    let text = pod("  hostPID: 5\n  hostIPC: true\n  containers: [{name: a}]");
    assert_eq!(judge(&text, "privileged:latest"), super::Evaluation::default());
}

#[test]
fn the_api_server_gives_pods_on_the_host_network_host_ports() {
    let spec = "  hostNetwork: true\n  containers: [{name: a, ports: [{containerPort: 80}]}]";
    let said = detail_of(&pod(spec), "baseline:latest", "hostPorts");
    assert_eq!(said.as_deref(), Some(r#"hostPort (container "a" uses hostPort 80)"#));
    let spec = spec.replace("  ", "      ");
    let template = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\nspec:\n  template:\n    spec:\n{spec}\n"
    );
    assert_eq!(detail_of(&template, "baseline:latest", "hostPorts"), None);
    assert!(detail_of(&template, "baseline:latest", "hostNamespaces").is_some());
}

#[test]
fn a_value_of_another_type_is_a_gap_and_never_a_pass() {
    for (policy, spec) in [
        ("baseline:latest", "  hostPID: \"yes\"\n  containers: [{name: a}]"),
        ("baseline:latest", "  containers: [{name: a, securityContext: {privileged: \"true\"}}]"),
        ("baseline:latest", "  containers: [{name: a, securityContext: 5}]"),
        ("baseline:latest", "  containers: ${CONTAINERS}"),
        ("baseline:latest", "  containers: [a]"),
        ("baseline:latest", "  containers: [{name: a, ports: [{hostPort: \"80\"}]}]"),
        ("baseline:latest", "  containers: [{name: a, securityContext: {capabilities: {add: [5]}}}]"),
        ("baseline:latest", "  containers: [{name: a, securityContext: {capabilities: {add: SYS_ADMIN}}}]"),
        ("baseline:latest", "  volumes: [{name: v, hostPath: /etc}]"),
        ("baseline:latest", "  securityContext: {sysctls: [{name: 5}]}"),
        ("baseline:latest", "  containers: [{name: a, securityContext: {seccompProfile: RuntimeDefault}}]"),
        ("restricted:v1.0", "  securityContext: {runAsNonRoot: \"${NON_ROOT}\"}\n  containers: [{name: a}]"),
        ("restricted:v1.0", "  securityContext: {runAsNonRoot: true}\n  volumes: [{name: v, futureSource: {}}]"),
    ] {
        let found = judge(&pod(spec), policy);
        assert!(found.results.is_empty(), "{spec}: {found:?}");
        assert_eq!(found.gaps.len(), 1, "{spec}: {found:?}");
    }
}

#[test]
fn an_unreadable_pod_level_value_is_no_absence() {
    let text = pod("  hostUsers: maybe\n  os: {name: 5}\n  securityContext: ${CONTEXT}\n  containers: [{name: a}]");
    let found = judge(&text, "restricted:latest");
    let ids: Vec<&str> = found.results.iter().map(|r| r.id).collect();
    assert_eq!(ids, Vec::<&str>::new());
    let fields: Vec<&str> = found.gaps.iter().map(|g| g.field.as_str()).collect();
    assert!(fields.contains(&"hostUsers") && fields.contains(&"os.name"), "{fields:?}");
}

#[test]
fn what_a_controller_adds_later_is_not_missing() {
    let text = "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t}\nspec:\n  steps:\n  - {name: a, image: x, securityContext: {privileged: true}}\n";
    let ids: Vec<&str> = judge(text, "restricted:latest").results.iter().map(|r| r.id).collect();
    assert_eq!(ids, ["privileged"]);
}
