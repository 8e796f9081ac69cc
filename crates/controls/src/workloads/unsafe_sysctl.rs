use crate::Framework::{KubeLinter, Kubescape, Pss, Trivy};
use crate::{Check, Control, ParamSpec, PodCx, Ring, control};
use kastell_model::kube::versions::KubernetesVersion;
use kastell_model::{Field, GapReason, Out, Severity, yaml::Value};
use serde::{Deserialize, Serialize};

control! {
    /// Only some kernel parameters belong to a pod's namespaces alone. Others change the node and every pod on it, or
    /// let one pod use up what all share.
    ///
    /// Severity: medium, because kubelets refuse such a pod unless somebody has allowed the parameter there.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     sysctls:
    ///     - name: kernel.msgmax #~
    ///       value: "65536"
    ///     - name: net.ipv4.tcp_syncookies
    ///       value: "1"
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     sysctls:
    ///     - {name: net.ipv4.ip_unprivileged_port_start, value: "0"}
    ///     - {name: net.ipv4.tcp_rmem, value: "4096 87380 6291456"}
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     sysctls:
    ///     - name: ${SYSCTL} #?
    ///       value: "1"
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   os: {name: windows}
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Fix
    /// Remove the parameter, or set it on the nodes. Nodes for one kind of workload can allow it with the kubelet's
    /// `allowedUnsafeSysctls` and keep others away by a taint.
    pub(crate) static CONTROL: Control = Control::new(
        "unsafe-sysctl",
        "Pod sets a kernel parameter that is not isolated",
        Ring::Workloads,
        Severity::Medium,
        Check::Pod(check),
    )
    .params(ParamSpec::of::<Params>())
    .maps(&[(Pss, "baseline"), (Kubescape, "C-0211"), (Trivy, "KSV-0026"), (KubeLinter, "unsafe-sysctls")]);
}

/// Which further parameters may be set.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    /// Names such as `net.core.somaxconn`.
    allowed: Vec<String>,
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    let list = Field::at(cx.pod.spec(), &["securityContext", "sysctls"]).read(|v| v.is_sequence().then_some(v));
    let list = match list {
        Field::Set(list, _) => Some(list),
        Field::Unreadable(at, reason) => return out.unreadable(at, reason, "securityContext.sysctls"),
        _ => None,
    };
    let allowed = &cx.params::<Params>().allowed;
    let mut clean = true;
    for item in list.into_iter().flat_map(Value::items) {
        match Field::string(item, &["name"]) {
            Field::Set(_, at) if GapReason::of_mistyped(at) == GapReason::Dynamic => {
                out.unreadable(at, GapReason::Dynamic, "sysctls.name");
                clean = false;
            }
            // The kubelet takes slashes for points (ConvertSysctlVariableToDotsSeparator).
            Field::Set(name, at) => {
                let dotted = name.replace('/', ".");
                if !is_safe(&dotted, cx.facts.cluster().version()) && !allowed.contains(&dotted) {
                    out.fail(at, format!("`{dotted}` is not isolated between pods"));
                    clean = false;
                }
            }
            Field::Unreadable(at, reason) => {
                out.unreadable(at, reason, "sysctls.name");
                clean = false;
            }
            _ => {}
        }
    }
    if clean {
        out.pass();
    }
}

/// pod-security-admission policy/check_sysctls.go: the safe parameters of each release.
fn is_safe(name: &str, version: KubernetesVersion) -> bool {
    match name {
        "kernel.shm_rmid_forced"
        | "net.ipv4.ip_local_port_range"
        | "net.ipv4.ip_unprivileged_port_start"
        | "net.ipv4.tcp_syncookies"
        | "net.ipv4.ping_group_range" => true,
        "net.ipv4.ip_local_reserved_ports" => version.at_least(27),
        "net.ipv4.tcp_keepalive_time"
        | "net.ipv4.tcp_fin_timeout"
        | "net.ipv4.tcp_keepalive_intvl"
        | "net.ipv4.tcp_keepalive_probes" => version.at_least(29),
        "net.ipv4.tcp_rmem" | "net.ipv4.tcp_wmem" => version.at_least(32),
        _ => false,
    }
}
