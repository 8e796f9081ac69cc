use crate::Framework::{Attack, Trivy};
use crate::pods::{ADD, capabilities, names, spelling};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Out, Severity};

control! {
    /// SYS_MODULE lets a process load code into the kernel of the node. What it loads runs above every boundary there
    /// is.
    ///
    /// Severity: critical, because it is one step from the container to the kernel of the node.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   initContainers:
    ///   - name: modules
    ///     image: registry.example/modules:1
    ///     securityContext:
    ///       capabilities:
    ///         add:
    ///         - SYS_MODULE #~
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
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     securityContext:
    ///       capabilities: {add: [NET_BIND_SERVICE]}
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
    /// Remove it, and let the node load the modules at boot (`/etc/modules-load.d`).
    pub(crate) static CONTROL: Control = Control::new(
        "sys-module-capability",
        "Container may load kernel modules",
        Ring::Workloads,
        Severity::Critical,
        Check::Container(check),
    )
    .maps(&[(Attack, "T1547.006"), (Attack, "T1611"), (Trivy, "KSV-0120")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    let Some(add) = capabilities(cx.container, ADD, out) else { return };
    let mut clean = true;
    for (name, at) in names(&add).filter(|(name, _)| matches!(&**name, "SYS_MODULE" | "ALL")) {
        clean = false;
        let hit = out.fail(at, format!("{name} is added{}", spelling(at)));
        // The kernel takes modules from its first user namespace only.
        if cx.pod.has_user_namespace() {
            hit.severity(Severity::Low);
        }
    }
    if clean {
        out.pass();
    }
}
