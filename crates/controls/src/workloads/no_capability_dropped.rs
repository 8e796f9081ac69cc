use crate::Framework::{Kubesec, Trivy};
use crate::pods::{DROP, capabilities, names};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Out, Severity};

control! {
    /// A container without any dropped capability keeps what its runtime gives, and shows that nobody has asked what it
    /// needs.
    ///
    /// Severity: low, because what remains in a list that drops only something is judged by `capabilities-not-dropped`.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web #~
    ///     image: registry.example/web:1
    ///   - name: side
    ///     image: registry.example/side:1
    ///     securityContext:
    ///       capabilities:
    ///         drop: [] #~
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
    ///         drop: [NET_RAW]
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
    ///       capabilities: ALL #?
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
    /// Set `securityContext.capabilities.drop: ["ALL"]` and add back what the program fails without.
    pub(crate) static CONTROL: Control = Control::new(
        "no-capability-dropped",
        "Container drops no capability at all",
        Ring::Workloads,
        Severity::Low,
        Check::Container(check),
    )
    .hardening()
    .maps(&[(Trivy, "KSV-0004"), (Kubesec, "CapDropAny")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    let Some(drop) = capabilities(cx.container, DROP, out) else { return };
    let dropped = names(&drop).any(|(name, _)| !name.is_empty());
    out.check(!dropped, &drop, "no capability is dropped");
}
