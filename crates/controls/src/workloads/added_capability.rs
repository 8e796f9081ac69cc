use crate::Framework::{Attack, Checkov, Cis, Datree, GuideA, GuideB, Kubeaudit, Kubescape, Nsa, Polaris, Pss, Trivy};
use crate::pods::{ADD, capabilities, names, spelling};
use crate::{Check, ContainerCx, Control, ParamSpec, Ring, control};
use kastell_analysis::pod_security::DEFAULT_CAPABILITIES;
use kastell_model::{Out, Severity};
use serde::{Deserialize, Serialize};

control! {
    /// Each capability beyond the runtime's default set is a part of root that containers were meant to be without: to
    /// change the network of its namespace, to read kernel messages, to trace processes, to open any file by its
    /// handle.
    ///
    /// Severity: medium, because most of them need one more step; high for those with a known way to the node's files,
    /// memory or kernel (SYS_ADMIN, SYS_MODULE, SYS_RAWIO, SYS_BOOT, DAC_READ_SEARCH, BPF, ALL).
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: net
    ///     image: registry.example/net:1
    ///     securityContext:
    ///       capabilities:
    ///         add:
    ///         - NET_ADMIN #~
    ///         - CHOWN
    ///         - sys_time #~
    ///   - name: prefixed
    ///     image: registry.example/prefixed:1
    ///     securityContext:
    ///       capabilities:
    ///         add: [CAP_SYS_PTRACE] #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     securityContext:
    ///       capabilities:
    ///         drop: [ALL]
    ///         add: [NET_BIND_SERVICE, CHOWN]
    ///   - name: plain
    ///     image: registry.example/plain:1
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     securityContext:
    ///       capabilities:
    ///         add: ${CAPS} #?
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
    /// Remove the capability. Often a setting does the same: `securityContext.sysctls` for kernel parameters, a device
    /// plugin for a device, the network plugin for routes.
    pub(crate) static CONTROL: Control = Control::new(
        "added-capability",
        "Container adds a capability that runtimes do not give by default",
        Ring::Workloads,
        Severity::Medium,
        Check::Container(check),
    )
    .params(ParamSpec::of::<Params>())
    .maps(&[(Cis, "5.2.9"), (Nsa, "pod security"), (Pss, "baseline"), (Attack, "T1611"), (GuideA, "4.B"), (GuideB, "pod security"), (Kubescape, "C-0046"), (Kubescape, "C-0200"), (Kubescape, "C-0219"), (Trivy, "KSV-0022"), (Checkov, "CKV2_K8S_25"), (Checkov, "CKV_K8S_24"), (Checkov, "CKV_K8S_25"), (Polaris, "dangerousCapabilities"), (Datree, "CONTAINERS_INVALID_CAPABILITIES_VALUE"), (Datree, "EKS_INVALID_CAPABILITIES_EKS"), (Kubeaudit, "CapabilityAdded")]);
}

/// Which capabilities may be added.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    /// Names without `CAP_`, in capitals.
    allowed: Vec<String>,
}

impl Default for Params {
    /// The Pod Security Standards' baseline list.
    fn default() -> Params {
        Params { allowed: DEFAULT_CAPABILITIES.map(str::to_string).to_vec() }
    }
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    let Some(add) = capabilities(cx.container, ADD, out) else { return };
    let allowed = &cx.params::<Params>().allowed;
    let mut clean = true;
    for (name, at) in names(&add).filter(|(name, _)| !allowed.iter().any(|a| a == name)) {
        clean = false;
        let hit = out.fail(at, format!("{name} is added{}", spelling(at)));
        if LEADS_OUT.contains(&&*name) {
            hit.severity(Severity::High);
        }
    }
    if clean {
        out.pass();
    }
}

/// Capabilities with a known way out of the container that needs nothing else.
const LEADS_OUT: [&str; 7] = ["ALL", "BPF", "DAC_READ_SEARCH", "SYS_ADMIN", "SYS_BOOT", "SYS_MODULE", "SYS_RAWIO"];
