//! Every check's exact words.

use super::{detail_of, judge, places_of, pod};
use crate::pod_security::{message, would_message};

/// (check, policy, body of the pod's specification, upstream's text).
const WORDS: &[(&str, &str, &str, &str)] = &[
    (
        "capabilities_baseline",
        "baseline:latest",
        "  containers:\n  - {name: a, securityContext: {capabilities: {add: [SYS_ADMIN, CHOWN, NET_RAW]}}}\n  - {name: b, securityContext: {capabilities: {add: [NET_RAW]}}}",
        r#"non-default capabilities (containers "a", "b" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)"#,
    ),
    (
        "hostNamespaces",
        "baseline:latest",
        "  hostIPC: true\n  hostNetwork: true\n  hostPID: true\n  containers: [{name: a}]",
        "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)",
    ),
    (
        "hostPathVolumes",
        "baseline:latest",
        "  containers: [{name: a}]\n  volumes: [{name: x, hostPath: {path: /}}, {name: v, emptyDir: {}}, {name: z, hostPath: {path: /}}]",
        r#"hostPath volumes (volumes "x", "z")"#,
    ),
    (
        "hostPorts",
        "baseline:latest",
        "  containers: [{name: a, ports: [{hostPort: 9}, {hostPort: 10}, {hostPort: 0}, {containerPort: 1}]}]",
        r#"hostPort (container "a" uses hostPorts 10, 9)"#,
    ),
    (
        "hostProbesAndHostLifecycle",
        "baseline:latest",
        "  containers:\n  - {name: b, livenessProbe: {httpGet: {host: h1}}}\n  - {name: a, lifecycle: {preStop: {tcpSocket: {host: h1}}}}",
        r#"probe or lifecycle host (containers "a", "b" use probe or lifecycle host "h1")"#,
    ),
    (
        "privileged",
        "baseline:latest",
        "  ephemeralContainers: [{name: e, securityContext: {privileged: true}}]\n  containers: [{name: a}]\n  initContainers: [{name: i, securityContext: {privileged: true}}]",
        r#"privileged (containers "i", "e" must not set securityContext.privileged=true)"#,
    ),
    (
        "procMount",
        "baseline:latest",
        "  containers: [{name: a, securityContext: {procMount: Unmasked}}, {name: b, securityContext: {procMount: Default}}]",
        r#"procMount (container "a" must not set securityContext.procMount to "Unmasked")"#,
    ),
    (
        "seLinuxOptions",
        "baseline:latest",
        "  securityContext: {seLinuxOptions: {user: u}}\n  containers: [{name: a, securityContext: {seLinuxOptions: {type: spc_t, role: r}}}]",
        r#"seLinuxOptions (pod and container "a" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)"#,
    ),
    (
        "seccompProfile_baseline",
        "baseline:latest",
        "  securityContext: {seccompProfile: {type: Unconfined}}\n  containers: [{name: a, securityContext: {seccompProfile: {}}}]",
        r#"seccompProfile (pod and container "a" must not set securityContext.seccompProfile.type to "", "Unconfined")"#,
    ),
    (
        "sysctls",
        "baseline:latest",
        "  securityContext: {sysctls: [{name: z.b}, {name: kernel.shm_rmid_forced}, {name: a}]}\n  containers: [{name: a}]",
        "forbidden sysctls (z.b, a)",
    ),
    (
        "windowsHostProcess",
        "baseline:latest",
        "  securityContext: {windowsOptions: {hostProcess: true}}\n  containers: [{name: a, securityContext: {windowsOptions: {hostProcess: true}}}]",
        r#"hostProcess (pod and container "a" must not set securityContext.windowsOptions.hostProcess=true)"#,
    ),
    (
        "allowPrivilegeEscalation",
        "restricted:latest",
        "  containers: [{name: a}, {name: b, securityContext: {allowPrivilegeEscalation: false}}, {name: c, securityContext: {allowPrivilegeEscalation: true}}]",
        r#"allowPrivilegeEscalation != false (containers "a", "c" must set securityContext.allowPrivilegeEscalation=false)"#,
    ),
    (
        "capabilities_restricted",
        "restricted:latest",
        "  containers: [{name: a, securityContext: {capabilities: {drop: [all], add: [CHOWN, NET_BIND_SERVICE]}}}, {name: b, securityContext: {capabilities: {drop: [ALL]}}}]",
        r#"unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]; container "a" must not include "CHOWN" in securityContext.capabilities.add)"#,
    ),
    (
        "procMount_restricted",
        "restricted:latest",
        "  hostUsers: false\n  containers: [{name: a, securityContext: {procMount: Unmasked}}]",
        r#"procMount (container "a" must not set securityContext.procMount to "Unmasked")"#,
    ),
    (
        "restrictedVolumes",
        "restricted:latest",
        "  containers: [{name: a}]\n  volumes: [{name: x, nfs: {}}, {name: none}, {name: nil, secret: null}, {name: w, hostPath: {path: /}}, {name: i, image: {}}]",
        r#"restricted volume types (volumes "x", "w" use restricted volume types "hostPath", "nfs")"#,
    ),
    (
        "runAsNonRoot",
        "restricted:latest",
        "  containers: [{name: a}, {name: b, securityContext: {runAsNonRoot: true}}]",
        r#"runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)"#,
    ),
    (
        "runAsNonRoot",
        "restricted:v1.5",
        "  securityContext: {runAsNonRoot: false}\n  containers: [{name: a, securityContext: {runAsNonRoot: false}}, {name: b}]",
        r#"runAsNonRoot != true (pod and container "a" must not set securityContext.runAsNonRoot=false)"#,
    ),
    (
        "runAsUser",
        "restricted:latest",
        "  securityContext: {runAsUser: 0}\n  containers: [{name: a, securityContext: {runAsUser: 0}}, {name: b, securityContext: {runAsUser: 1}}]",
        r#"runAsUser=0 (pod and container "a" must not set runAsUser=0)"#,
    ),
    (
        "seccompProfile_restricted",
        "restricted:latest",
        "  containers: [{name: a}, {name: b, securityContext: {seccompProfile: {type: Localhost}}}, {name: c}]",
        r#"seccompProfile (pod or containers "a", "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")"#,
    ),
];

#[test]
fn every_check_speaks_as_the_api_server_does() {
    for (id, policy, spec, text) in WORDS {
        assert_eq!(detail_of(&pod(spec), policy, id).as_deref(), Some(*text), "{id} at {policy}");
    }
    for id in super::super::check_ids("restricted:latest".parse().expect("valid")) {
        let known = WORDS.iter().any(|(i, ..)| *i == id) || id == "appArmorProfile";
        assert!(known, "{id} has no text among these");
    }
}

#[test]
fn annotations_are_quoted_as_go_does_and_sorted() {
    let text = r#"
apiVersion: v1
kind: Pod
metadata:
  name: p
  annotations:
    container.apparmor.security.beta.kubernetes.io/b: "un\"conf\n"
    container.apparmor.security.beta.kubernetes.io/a: localhost/x
    container.apparmor.security.beta.kubernetes.io/c: ""
    seccomp.security.alpha.kubernetes.io/pod: unconfined
    container.seccomp.security.alpha.kubernetes.io/a: docker/default
    container.seccomp.security.alpha.kubernetes.io/other: unconfined
spec:
  containers: [{name: a, securityContext: {appArmorProfile: {type: Unconfined}}}]
"#;
    assert_eq!(
        detail_of(text, "baseline:v1.37", "appArmorProfile").as_deref(),
        Some(
            r#"forbidden AppArmor profiles (container "a" and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/b="un\"conf\n"")"#
        )
    );
    assert_eq!(
        detail_of(text, "baseline:v1.18", "seccompProfile_baseline").as_deref(),
        Some(r#"seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")"#)
    );
    assert_eq!(detail_of(text, "baseline:v1.19", "seccompProfile_baseline"), None);
}

#[test]
fn the_whole_text_names_level_and_version_as_given() {
    let text = pod("  hostPID: true\n  containers: [{name: a, securityContext: {privileged: true}}]");
    for policy in ["baseline:v1.34", "baseline:latest", "baseline:v1.999"] {
        let results = judge(&text, policy).results;
        let parsed = policy.parse().expect("valid");
        let rest = format!(
            "violate{{}} PodSecurity \"{policy}\": host namespaces (hostPID=true), privileged (container \"a\" must not set securityContext.privileged=true)"
        );
        assert_eq!(message(&results, parsed), rest.replace("{}", "s"));
        assert_eq!(would_message(&results, parsed), format!("would {}", rest.replace("{}", "")));
    }
}

#[test]
fn baseline_checks_come_before_restricted_ones_each_by_id() {
    let ids: Vec<&str> = super::super::check_ids("restricted:v1.0".parse().expect("valid")).collect();
    let (baseline, restricted) = ids.split_at(ids.len() - 2);
    assert_eq!(restricted, ["restrictedVolumes", "runAsNonRoot"]);
    assert!(baseline.is_sorted() && !baseline.contains(&"hostPathVolumes"));
}

#[test]
fn every_violation_has_its_place() {
    let text = pod(
        "  securityContext: {seLinuxOptions: {user: u}}\n  initContainers: [{name: i}]\n  containers: [{name: a, securityContext: {runAsNonRoot: true, capabilities: {drop: [KILL]}}}]",
    );
    assert_eq!(
        places_of(&text, "restricted:latest", "runAsNonRoot"),
        ["spec.initContainers[0].securityContext.runAsNonRoot"]
    );
    assert_eq!(places_of(&text, "restricted:latest", "seLinuxOptions"), ["spec.securityContext.seLinuxOptions.user"]);
    assert_eq!(
        places_of(&text, "restricted:latest", "capabilities_restricted"),
        [
            "spec.initContainers[0].securityContext.capabilities.drop",
            "spec.containers[0].securityContext.capabilities.drop"
        ]
    );
}
