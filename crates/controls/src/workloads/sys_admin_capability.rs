use crate::Framework::{Attack, Checkov, GuideB, Kubescape, Kubesec, Polaris, Trivy};
use crate::pods::{ADD, capabilities, names, spelling};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Out, Severity};

control! {
    /// SYS_ADMIN allows mounting, namespaces and a long tail of administration calls; with it a process mounts a cgroup
    /// or the node's block device and runs commands outside its container. Adding `ALL` includes it.
    ///
    /// Severity: critical, because it is one step from the container to the node.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: mounter
    ///     image: registry.example/mounter:1
    ///     securityContext:
    ///       capabilities:
    ///         add: [SYS_ADMIN] #~
    ///   - name: all
    ///     image: registry.example/all:1
    ///     securityContext:
    ///       capabilities:
    ///         add: [all] #~
    ///   - name: prefixed
    ///     image: registry.example/prefixed:1
    ///     securityContext:
    ///       capabilities:
    ///         add: [CAP_SYS_ADMIN] #~
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
    ///       capabilities: {add: [NET_BIND_SERVICE]}
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
    ///         add: {SYS_ADMIN: true} #?
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
    /// Remove it. Mounts come from CSI drivers and volumes; programs that look at the kernel with eBPF need `BPF` and
    /// `PERFMON` on kernels from 5.8 on. A pod with `hostUsers: false` has the capability over its own namespaces only.
    pub(crate) static CONTROL: Control = Control::new(
        "sys-admin-capability",
        "Container has the capability that is nearly root",
        Ring::Workloads,
        Severity::Critical,
        Check::Container(check),
    )
    .maps(&[
        (GuideB, "pod security"),(Attack, "T1611"), (Kubescape, "C-0057"), (Trivy, "KSV-0005"), (Checkov, "CKV_K8S_39"), (Polaris, "dangerousCapabilities"), (Kubesec, "CapSysAdmin")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    let Some(add) = capabilities(cx.container, ADD, out) else { return };
    let mut clean = true;
    for (name, at) in names(&add).filter(|(name, _)| matches!(&**name, "SYS_ADMIN" | "ALL")) {
        clean = false;
        let hit = out.fail(at, format!("{name} is added{}", spelling(at)));
        // Within a user namespace the capability does not reach the node.
        if cx.pod.has_user_namespace() {
            hit.severity(Severity::Medium);
        }
    }
    if clean {
        out.pass();
    }
}
