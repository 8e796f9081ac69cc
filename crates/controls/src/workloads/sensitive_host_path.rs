use crate::Framework::{Attack, KubeLinter, Kubeaudit, Kubesec, Trivy};
use crate::pods::{clean, host_paths, is_within, mounts};
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Field, GapReason, Out, Severity, yaml::Value};

control! {
    /// Some directories of a node are the node: who writes to `/etc`, to programs, to the kernel's settings or to the
    /// plugins of the network runs commands as root there; who reads the kubelet's or etcd's files has their
    /// credentials and the tokens and Secrets of every pod.
    ///
    /// Severity: high, because credentials can be read; critical where a writable mount leads to commands as root on
    /// the node or to everything in the cluster; medium where reading only tells about the node; low where no container
    /// mounts the volume. A mount with `subPath` counts with the path below it.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: agent
    ///     image: registry.example/agent:1
    ///     volumeMounts:
    ///     - {name: root, mountPath: /host}
    ///     - {name: kubelet, mountPath: /kubelet, readOnly: true}
    ///     - {name: cron, mountPath: /cron}
    ///   volumes:
    ///   - name: root
    ///     hostPath:
    ///       path: / #~
    ///   - name: kubelet
    ///     hostPath:
    ///       path: /var/lib/kubelet/ #~
    ///   - name: cron
    ///     hostPath:
    ///       path: /etc/cron.d #~
    ///   - name: idle
    ///     hostPath:
    ///       path: /etc #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: agent
    ///     image: registry.example/agent:1
    ///     volumeMounts:
    ///     - {name: logs, mountPath: /logs, readOnly: true}
    ///     - {name: certs, mountPath: /etc/ssl/certs, readOnly: true}
    ///     - {name: root, mountPath: /logs2, subPath: var/log, readOnly: true}
    ///   volumes:
    ///   - name: logs
    ///     hostPath: {path: /var/log}
    ///   - name: certs
    ///     hostPath: {path: /etc/ssl/certs}
    ///   - name: root
    ///     hostPath: {path: /}
    ///   - name: data
    ///     emptyDir: {}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: agent
    ///     image: registry.example/agent:1
    ///     volumeMounts:
    ///     - {name: host, mountPath: /host}
    ///   volumes:
    ///   - name: host
    ///     hostPath:
    ///       path: ${HOST_DIRECTORY} #?
    /// ```
    ///
    /// ## Fix
    /// Mount the one file or directory that is read, with `readOnly: true`. What a program asks the node for is often
    /// served by the kubelet, a device plugin or a CSI driver.
    pub(crate) static CONTROL: Control = Control::new(
        "sensitive-host-path",
        "Pod reaches files that the node depends on",
        Ring::Workloads,
        Severity::High,
        Check::Pod(check),
    )
    .maps(&[(Attack, "T1552.001"), (Attack, "T1611"), (Trivy, "KSV-0121"), (KubeLinter, "sensitive-host-mounts"), (Kubesec, "ProcMount"), (Kubeaudit, "SensitivePathsMounted")]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    let mut clean_pod = true;
    for (volume, path) in host_paths(cx.pod) {
        match &path {
            Field::Set(_, at) if GapReason::of_mistyped(*at) == GapReason::Dynamic => {
                out.unreadable(*at, GapReason::Dynamic, "hostPath.path");
                clean_pod = false;
            }
            Field::Set(text, at) => clean_pod &= judge(cx, volume, text, *at, out),
            Field::Unreadable(at, reason) => {
                out.unreadable(*at, *reason, "hostPath.path");
                clean_pod = false;
            }
            _ => {}
        }
    }
    if clean_pod {
        out.pass();
    }
}

/// Reports the worst mount of a volume; whether there was nothing to report.
fn judge(cx: &PodCx<'_>, volume: Value<'_>, path: &str, at: Value<'_>, out: &mut Out<'_>) -> bool {
    let base = clean(path);
    let mut mounted = false;
    let mut worst: Option<(Severity, String, Value<'_>)> = None;
    for (_, mount) in mounts(cx.containers, volume) {
        mounted = true;
        let read_only = mount.get("readOnly").and_then(Value::as_bool) == Some(true);
        let below = mount.get("subPath").and_then(Value::as_str).unwrap_or_default();
        let full = if below.is_empty() { base.to_string() } else { clean(&format!("{base}/{below}")).into_owned() };
        let Some(severity) = severity(&full, read_only) else { continue };
        if worst.as_ref().is_none_or(|(s, ..)| *s < severity) {
            let verb = if read_only { "read" } else { "written" };
            worst = Some((severity, format!("`{full}` of the node can be {verb}"), mount));
        }
    }
    match worst {
        Some((severity, message, mount)) => {
            out.fail(at, message).severity(severity).related(mount, "mounted here");
            false
        }
        None if !mounted && severity(&base, false).is_some() => {
            out.fail(at, format!("`{base}` of the node is a volume that no container mounts")).severity(Severity::Low);
            false
        }
        None => true,
    }
}

/// What a directory of the node is worth to an intruder.
struct Sensitive {
    path: &'static str,
    /// Whether what lies below counts as well.
    below: bool,
    written: Option<Severity>,
    read: Option<Severity>,
}

const fn tree(path: &'static str, written: Option<Severity>, read: Option<Severity>) -> Sensitive {
    Sensitive { path, below: true, written, read }
}

const fn only(path: &'static str, written: Option<Severity>, read: Option<Severity>) -> Sensitive {
    Sensitive { path, below: false, written, read }
}

const CRITICAL: Option<Severity> = Some(Severity::Critical);
const HIGH: Option<Severity> = Some(Severity::High);
const MEDIUM: Option<Severity> = Some(Severity::Medium);

/// The first row that fits decides. Paths of the Filesystem Hierarchy Standard and the kubelet's, runtimes' and CNI's
/// default directories.
const SENSITIVE: [Sensitive; 40] = [
    // Parents of what follows.
    only("/", CRITICAL, HIGH),
    only("/var", CRITICAL, HIGH),
    only("/var/lib", CRITICAL, HIGH),
    // A socket takes connections through a read-only mount too, and the runtime's lies here.
    only("/run", CRITICAL, CRITICAL),
    only("/var/run", CRITICAL, CRITICAL),
    // Static pods, the control plane's keys and kubeconfigs.
    tree("/etc/kubernetes", CRITICAL, HIGH),
    only("/etc", CRITICAL, HIGH),
    tree("/etc", CRITICAL, None),
    tree("/root", CRITICAL, HIGH),
    tree("/home", HIGH, HIGH),
    tree("/var/spool/cron", CRITICAL, None),
    // Programs that root runs.
    only("/usr", CRITICAL, MEDIUM),
    only("/bin", CRITICAL, MEDIUM),
    only("/sbin", CRITICAL, MEDIUM),
    only("/lib", CRITICAL, MEDIUM),
    only("/lib64", CRITICAL, MEDIUM),
    only("/boot", CRITICAL, MEDIUM),
    tree("/usr/share", MEDIUM, None),
    tree("/usr", CRITICAL, None),
    tree("/bin", CRITICAL, None),
    tree("/sbin", CRITICAL, None),
    tree("/lib", CRITICAL, None),
    tree("/lib64", CRITICAL, None),
    tree("/boot", CRITICAL, None),
    tree("/opt/cni", CRITICAL, None),
    // The kernel: core_pattern, uevent_helper, release_agent. Devices are kept shut by the device cgroup.
    only("/proc", CRITICAL, MEDIUM),
    tree("/proc/sys", CRITICAL, None),
    only("/sys", CRITICAL, MEDIUM),
    only("/sys/fs", HIGH, None),
    tree("/sys/fs/cgroup", HIGH, None),
    tree("/sys/kernel/debug", MEDIUM, None),
    only("/dev", MEDIUM, MEDIUM),
    // The kubelet's sockets for plugins, then its credentials and every pod's volumes and tokens.
    tree("/var/lib/kubelet/plugins", MEDIUM, None),
    tree("/var/lib/kubelet/plugins_registry", MEDIUM, None),
    tree("/var/lib/kubelet/device-plugins", MEDIUM, None),
    tree("/var/lib/kubelet", HIGH, HIGH),
    tree("/var/lib/etcd", CRITICAL, HIGH),
    tree("/var/lib/docker", CRITICAL, MEDIUM),
    tree("/var/lib/containerd", CRITICAL, MEDIUM),
    tree("/var/lib/containers", CRITICAL, MEDIUM),
];

fn severity(path: &str, read_only: bool) -> Option<Severity> {
    let row = SENSITIVE.iter().find(|s| if s.below { is_within(path, s.path) } else { path == s.path })?;
    if read_only { row.read } else { row.written }
}
