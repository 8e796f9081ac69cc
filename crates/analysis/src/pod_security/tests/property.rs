//! Random pods against the standard's sentences, stated once more over the generated values.

use super::judge;
use proptest::prelude::*;
use std::fmt::Write as _;

#[derive(Clone, Debug)]
struct Context {
    privileged: Option<bool>,
    escalation: Option<bool>,
    non_root: Option<bool>,
    user: Option<u32>,
    seccomp: Option<&'static str>,
    add: Vec<&'static str>,
    drop: Option<Vec<&'static str>>,
    port: Option<u16>,
}

#[derive(Clone, Debug)]
struct Shape {
    network: Option<bool>,
    users: Option<bool>,
    windows: bool,
    pod: Context,
    containers: Vec<(usize, Context)>,
    volumes: Vec<&'static str>,
}

const LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

fn context() -> impl Strategy<Value = Context> {
    let flag = || proptest::option::of(any::<bool>());
    let capability = prop_oneof![Just("NET_BIND_SERVICE"), Just("CHOWN"), Just("SYS_ADMIN"), Just("ALL"), Just("all")];
    (
        flag(),
        flag(),
        flag(),
        proptest::option::of(0_u32..2),
        proptest::option::of(prop_oneof![Just("RuntimeDefault"), Just("Localhost"), Just("Unconfined")]),
        proptest::collection::vec(capability.clone(), 0..3),
        proptest::option::of(proptest::collection::vec(capability, 0..3)),
        proptest::option::of(0_u16..3),
    )
        .prop_map(|(privileged, escalation, non_root, user, seccomp, add, drop, port)| Context {
            privileged,
            escalation,
            non_root,
            user,
            seccomp,
            add,
            drop,
            port,
        })
}

fn shape() -> impl Strategy<Value = Shape> {
    (
        proptest::option::of(any::<bool>()),
        proptest::option::of(any::<bool>()),
        any::<bool>(),
        context(),
        proptest::collection::vec((0..LISTS.len(), context()), 0..4),
        proptest::collection::vec(prop_oneof![Just("emptyDir"), Just("hostPath"), Just("nfs"), Just("")], 0..3),
    )
        .prop_map(|(network, users, windows, pod, containers, volumes)| Shape {
            network,
            users,
            windows,
            pod,
            containers,
            volumes,
        })
}

fn write_context(c: &Context, of_container: bool) -> String {
    let mut s = String::from("{");
    let mut put = |key: &str, value: Option<String>| {
        if let Some(v) = value {
            let _ = write!(s, "{key}: {v}, ");
        }
    };
    put("runAsNonRoot", c.non_root.map(|b| b.to_string()));
    put("runAsUser", c.user.map(|u| u.to_string()));
    put("seccompProfile", c.seccomp.map(|t| format!("{{type: {t}}}")));
    if of_container {
        put("privileged", c.privileged.map(|b| b.to_string()));
        put("allowPrivilegeEscalation", c.escalation.map(|b| b.to_string()));
        let drop = c.drop.as_ref().map_or("null".to_string(), |d| format!("[{}]", d.join(", ")));
        put("capabilities", Some(format!("{{add: [{}], drop: {drop}}}", c.add.join(", "))));
    }
    s.push('}');
    s
}

fn write(p: &Shape) -> String {
    let mut s = String::from("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n");
    if let Some(b) = p.network {
        let _ = writeln!(s, "  hostNetwork: {b}");
    }
    if let Some(b) = p.users {
        let _ = writeln!(s, "  hostUsers: {b}");
    }
    if p.windows {
        s.push_str("  os: {name: windows}\n");
    }
    let _ = writeln!(s, "  securityContext: {}", write_context(&p.pod, false));
    for (n, list) in LISTS.iter().enumerate() {
        let _ = writeln!(s, "  {list}:");
        for (i, (_, c)) in p.containers.iter().enumerate().filter(|(_, (l, _))| *l == n) {
            let ports = c.port.map_or(String::new(), |p| format!(", ports: [{{hostPort: {p}}}]"));
            let _ = writeln!(s, "  - {{name: c{i}, securityContext: {}{ports}}}", write_context(c, true));
        }
    }
    s.push_str("  volumes:\n");
    for (i, v) in p.volumes.iter().enumerate() {
        let source = if v.is_empty() { String::new() } else { format!(", {v}: {{}}") };
        let _ = writeln!(s, "  - {{name: v{i}{source}}}");
    }
    s
}

/// Ids of the checks that these sentences say are violated.
fn restated(p: &Shape, restricted: bool, minor: u32) -> Vec<&'static str> {
    let all: Vec<&Context> = p.containers.iter().map(|(_, c)| c).collect();
    let any = |f: &dyn Fn(&Context) -> bool| all.iter().any(|c| f(c));
    let linux = !(p.windows && minor >= 25);
    let own_users = p.users == Some(false) && minor >= 35;
    let confined = |s: Option<&str>| matches!(s, Some("RuntimeDefault" | "Localhost"));
    let unconfined = p.pod.seccomp == Some("Unconfined") || any(&|c| c.seccomp == Some("Unconfined"));
    let sentences: [(&'static str, bool); 12] = [
        (
            "capabilities_baseline",
            !(restricted && minor >= 22) && any(&|c| c.add.iter().any(|a| !["NET_BIND_SERVICE", "CHOWN"].contains(a))),
        ),
        ("hostNamespaces", p.network == Some(true)),
        ("hostPathVolumes", !restricted && p.volumes.contains(&"hostPath")),
        ("hostPorts", any(&|c| c.port.unwrap_or(0) > 0)),
        ("privileged", any(&|c| c.privileged.unwrap_or(false))),
        ("seccompProfile_baseline", !restricted && minor >= 19 && unconfined),
        ("allowPrivilegeEscalation", restricted && minor >= 8 && linux && any(&|c| c.escalation.unwrap_or(true))),
        (
            "capabilities_restricted",
            restricted
                && minor >= 22
                && linux
                && any(&|c| {
                    let drops_all = c.drop.iter().flatten().any(|d| *d == "ALL");
                    !drops_all || c.add.iter().any(|a| *a != "NET_BIND_SERVICE")
                }),
        ),
        ("restrictedVolumes", restricted && p.volumes.iter().any(|v| ["hostPath", "nfs"].contains(v))),
        (
            "runAsNonRoot",
            restricted
                && !own_users
                && (p.pod.non_root == Some(false) || any(&|c| c.non_root.or(p.pod.non_root) != Some(true))),
        ),
        (
            "runAsUser",
            restricted && minor >= 23 && !own_users && (p.pod.user == Some(0) || any(&|c| c.user == Some(0))),
        ),
        (
            "seccompProfile_restricted",
            restricted
                && minor >= 19
                && linux
                && (p.pod.seccomp == Some("Unconfined") || any(&|c| !confined(c.seccomp.or(p.pod.seccomp)))),
        ),
    ];
    sentences.into_iter().filter(|(_, v)| *v).map(|(id, _)| id).collect()
}

proptest! {
    #[test]
    fn twelve_checks_agree_with_their_sentences(p in shape(), restricted: bool, minor in 0_u32..40) {
        // Before 1.19 restricted still has the baseline check of seccomp, which then reads annotations only.
        let level = if restricted { "restricted" } else { "baseline" };
        let text = write(&p);
        let found = judge(&text, &format!("{level}:v1.{minor}"));
        let ids: Vec<&str> = found.results.iter().map(|r| r.id).collect();
        prop_assert_eq!(ids, restated(&p, restricted, minor), "{}", text);
        prop_assert!(found.gaps.is_empty());
        prop_assert!(found.results.iter().all(|r| !r.places.is_empty()));
    }
}
