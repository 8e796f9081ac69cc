//! The checks of the baseline level, profiles apart. Each names upstream's file below `policy/`.

use super::reader::{Read, Reader};
use super::text::{containers, join_quoted, plural};
use super::{CheckResult, Violated};
use std::collections::BTreeSet;

/// A violated check; its id comes from the table of checks.
pub(super) fn violated(
    reason: impl Into<std::borrow::Cow<'static, str>>,
    detail: String,
    places: Vec<Violated>,
) -> Option<CheckResult> {
    Some(CheckResult { id: "", reason: reason.into(), detail, places })
}

/// The capabilities that a container may add at the baseline level: what the runtimes grant by default. Names are compared
/// as they are (pod-security-admission, policy/check_capabilities_baseline.go).
pub const DEFAULT_CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// check_capabilities_baseline.go.
pub(super) fn capabilities(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    let added = added_capabilities(pod, &DEFAULT_CAPABILITIES);
    if added.names.is_empty() {
        return None;
    }
    let detail = format!(
        "{} must not include {} in securityContext.capabilities.add",
        containers(&added.names),
        join_quoted(&added.capabilities)
    );
    violated("non-default capabilities", detail, added.places)
}

/// Containers that add capabilities beyond those allowed.
pub(super) struct Added {
    pub(super) names: Vec<String>,
    pub(super) capabilities: BTreeSet<String>,
    pub(super) places: Vec<Violated>,
}

pub(super) fn added_capabilities(pod: &Reader<'_, '_>, allowed: &[&str]) -> Added {
    let mut out = Added { names: Vec::new(), capabilities: BTreeSet::new(), places: Vec::new() };
    for c in pod.containers() {
        let before = out.places.len();
        for (name, at) in pod.strings(c.value, &["securityContext", "capabilities", "add"]).items {
            if !allowed.contains(&name.as_ref()) {
                out.places.push(at.into());
                out.capabilities.insert(name.into_owned());
            }
        }
        if out.places.len() > before {
            out.names.push(c.name().into_owned());
        }
    }
    out
}

/// check_hostNamespaces.go.
pub(super) fn host_namespaces(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    let (mut set, mut places) = (Vec::new(), Vec::new());
    for path in [&["hostNetwork"] as &'static [&'static str], &["hostPID"], &["hostIPC"]] {
        if let Read::Set(true, at) = pod.bool(pod.spec(), path) {
            set.push(format!("{}=true", path.concat()));
            places.push(at.into());
        }
    }
    if set.is_empty() { None } else { violated("host namespaces", set.join(", "), places) }
}

/// check_hostPathVolumes.go.
pub(super) fn host_path_volumes(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    let (mut names, mut places) = (Vec::new(), Vec::new());
    for volume in pod.mappings(pod.spec(), &["volumes"]) {
        if let Read::Set(_, at) = pod.mapping(volume, &["hostPath"]) {
            names.push(volume_name(pod, volume));
            places.push(at.into());
        }
    }
    if names.is_empty() {
        return None;
    }
    let detail = format!("{} {}", plural("volume", "volumes", names.len()), join_quoted(&names));
    violated("hostPath volumes", detail, places)
}

pub(super) fn volume_name<'t>(pod: &Reader<'_, 't>, volume: kastell_model::yaml::Value<'t>) -> String {
    match pod.string(volume, &["name"]) {
        Read::Set(name, _) => name.into_owned(),
        Read::Missing(_) | Read::Unknown => String::new(),
    }
}

/// check_hostPorts.go.
pub(super) fn host_ports(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    let (mut names, mut ports, mut places) = (Vec::new(), BTreeSet::new(), Vec::new());
    for c in pod.containers() {
        let before = places.len();
        for port in pod.mappings(c.value, &["ports"]) {
            let host = match pod.int(port, &["hostPort"]) {
                Read::Missing(_) if pod.defaults_host_ports(c) => pod.int(port, &["containerPort"]),
                // Zero is left out in the API, so it is defaulted as well.
                Read::Set(0, _) if pod.defaults_host_ports(c) => pod.int(port, &["containerPort"]),
                said => said,
            };
            if let Read::Set(n, at) = host
                && n != 0
            {
                // Sorted as strings, as upstream's set of them is.
                ports.insert(n.to_string());
                places.push(at.into());
            }
        }
        if places.len() > before {
            names.push(c.name().into_owned());
        }
    }
    if names.is_empty() {
        return None;
    }
    let detail = format!(
        "{} {} {} {}",
        containers(&names),
        plural("uses", "use", names.len()),
        plural("hostPort", "hostPorts", ports.len()),
        ports.into_iter().collect::<Vec<_>>().join(", ")
    );
    violated("hostPort", detail, places)
}

/// The fields of check_hostProbesAndhostLifecycle.go.
const HOSTS: [&[&str]; 10] = [
    &["livenessProbe", "httpGet", "host"],
    &["livenessProbe", "tcpSocket", "host"],
    &["readinessProbe", "httpGet", "host"],
    &["readinessProbe", "tcpSocket", "host"],
    &["startupProbe", "httpGet", "host"],
    &["startupProbe", "tcpSocket", "host"],
    &["lifecycle", "postStart", "httpGet", "host"],
    &["lifecycle", "postStart", "tcpSocket", "host"],
    &["lifecycle", "preStop", "httpGet", "host"],
    &["lifecycle", "preStop", "tcpSocket", "host"],
];

/// check_hostProbesAndhostLifecycle.go, from 1.34. The containers are a sorted set here, unlike in all other checks.
pub(super) fn host_probes(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    let (mut names, mut hosts, mut places) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for c in pod.containers() {
        for path in HOSTS {
            if let Read::Set(host, at) = pod.string(c.value, path)
                && !host.is_empty()
            {
                names.insert(c.name().into_owned());
                hosts.insert(host.into_owned());
                places.push(at.into());
            }
        }
    }
    if names.is_empty() {
        return None;
    }
    let names: Vec<String> = names.into_iter().collect();
    let detail = format!(
        "{} {} {} {}",
        containers(&names),
        plural("uses", "use", names.len()),
        plural("probe or lifecycle host", "probe or lifecycle hosts", hosts.len()),
        join_quoted(&hosts)
    );
    violated("probe or lifecycle host", detail, places)
}

/// check_privileged.go.
pub(super) fn privileged(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    let (mut names, mut places) = (Vec::new(), Vec::new());
    for c in pod.containers() {
        if let Read::Set(true, at) = pod.bool(c.value, &["securityContext", "privileged"]) {
            names.push(c.name().into_owned());
            places.push(at.into());
        }
    }
    if names.is_empty() {
        return None;
    }
    violated("privileged", format!("{} must not set securityContext.privileged=true", containers(&names)), places)
}

/// check_procMount_baseline.go: from 1.35 a pod with a user namespace of its own may have any `/proc` (KEP-127).
pub(super) fn proc_mount(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    if pod.minor >= 35 && pod.has_user_namespace() != Some(false) {
        return None;
    }
    any_proc_mount(pod)
}

/// The rule of check_procMount_baseline.go and check_procMount_restricted.go.
pub(super) fn any_proc_mount(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    let (mut names, mut types, mut places) = (Vec::new(), BTreeSet::new(), Vec::new());
    for c in pod.containers() {
        if let Read::Set(mount, at) = pod.string(c.value, &["securityContext", "procMount"])
            && mount != "Default"
        {
            names.push(c.name().into_owned());
            types.insert(mount.into_owned());
            places.push(at.into());
        }
    }
    if names.is_empty() {
        return None;
    }
    let detail = format!("{} must not set securityContext.procMount to {}", containers(&names), join_quoted(&types));
    violated("procMount", detail, places)
}

#[derive(Default)]
struct SeLinux {
    types: BTreeSet<String>,
    user: bool,
    role: bool,
    places: Vec<Violated>,
}

impl SeLinux {
    /// Whether the options below `base` hold anything forbidden.
    fn is_forbidden<'t>(&mut self, pod: &Reader<'_, 't>, base: kastell_model::yaml::Value<'t>) -> bool {
        const TYPE: &[&str] = &["securityContext", "seLinuxOptions", "type"];
        const USER: &[&str] = &["securityContext", "seLinuxOptions", "user"];
        const ROLE: &[&str] = &["securityContext", "seLinuxOptions", "role"];
        let before = self.places.len();
        if let Read::Set(t, at) = pod.string(base, TYPE) {
            let allowed = matches!(t.as_ref(), "" | "container_t" | "container_init_t" | "container_kvm_t")
                || (pod.minor >= 31 && t == "container_engine_t");
            if !allowed {
                self.types.insert(t.into_owned());
                self.places.push(at.into());
            }
        }
        for (path, flag) in [(USER, &mut self.user), (ROLE, &mut self.role)] {
            if let Read::Set(s, at) = pod.string(base, path)
                && !s.is_empty()
            {
                *flag = true;
                self.places.push(at.into());
            }
        }
        self.places.len() > before
    }
}

/// check_seLinuxOptions.go: from 1.31 the type `container_engine_t` is allowed too.
pub(super) fn se_linux_options(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    let mut found = SeLinux::default();
    let mut setters = Vec::new();
    if found.is_forbidden(pod, pod.spec()) {
        setters.push("pod".to_string());
    }
    let bad = pod.containers().iter().filter(|c| found.is_forbidden(pod, c.value));
    let names: Vec<String> = bad.map(|c| c.name().into_owned()).collect();
    if !names.is_empty() {
        setters.push(containers(&names));
    }
    if setters.is_empty() {
        return None;
    }
    let mut what = Vec::new();
    if !found.types.is_empty() {
        what.push(format!("{} {}", plural("type", "types", found.types.len()), join_quoted(&found.types)));
    }
    if found.user {
        what.push("user may not be set".to_string());
    }
    if found.role {
        what.push("role may not be set".to_string());
    }
    let detail = format!("{} set forbidden securityContext.seLinuxOptions: {}", setters.join(" and "), what.join("; "));
    violated("seLinuxOptions", detail, found.places)
}

/// The sysctls of check_sysctls.go with the minor version that allowed each.
const SYSCTLS: [(&str, u32); 14] = [
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
    ("net.ipv4.tcp_notsent_lowat", 37),
];

/// check_sysctls.go.
pub(super) fn sysctls(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    let (mut names, mut places) = (Vec::new(), Vec::new());
    for item in pod.mappings(pod.spec(), &["securityContext", "sysctls"]) {
        let (name, at) = match pod.string(item, &["name"]) {
            Read::Set(name, at) => (name, at),
            Read::Missing(_) => ("".into(), item),
            Read::Unknown => continue,
        };
        if !SYSCTLS.iter().any(|(allowed, since)| *allowed == name && *since <= pod.minor) {
            names.push(name.into_owned());
            places.push(at.into());
        }
    }
    if names.is_empty() { None } else { violated("forbidden sysctls", names.join(", "), places) }
}

/// check_windowsHostProcess.go.
pub(super) fn windows_host_process(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    const PATH: &[&str] = &["securityContext", "windowsOptions", "hostProcess"];
    let (mut setters, mut names, mut places) = (Vec::new(), Vec::new(), Vec::new());
    if let Read::Set(true, at) = pod.bool(pod.spec(), PATH) {
        setters.push("pod".to_string());
        places.push(at.into());
    }
    for c in pod.containers() {
        if let Read::Set(true, at) = pod.bool(c.value, PATH) {
            names.push(c.name().into_owned());
            places.push(at.into());
        }
    }
    if !names.is_empty() {
        setters.push(containers(&names));
    }
    if setters.is_empty() {
        return None;
    }
    let detail = format!("{} must not set securityContext.windowsOptions.hostProcess=true", setters.join(" and "));
    violated("hostProcess", detail, places)
}
