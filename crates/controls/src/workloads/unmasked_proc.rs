use crate::Framework::{KubeLinter, Kubescape, Polaris, Pss, Trivy};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, GapReason, Out, Severity};

control! {
    /// Runtimes hide or lock the parts of `/proc` that show or change the node: kernel memory, keys, timers, sysctls.
    /// `procMount: Unmasked` shows them all. It is made for containers within containers and is safe only in a user
    /// namespace of the pod's own.
    ///
    /// Severity: medium, because root in the container is needed to use what it opens.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: builder
    ///     image: registry.example/builder:1
    ///     securityContext:
    ///       procMount: Unmasked #~
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
    ///     securityContext: {procMount: Default}
    ///   - name: side
    ///     image: registry.example/side:1
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   hostUsers: false
    ///   containers:
    ///   - name: builder
    ///     image: registry.example/builder:1
    ///     securityContext: {procMount: Unmasked}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: builder
    ///     image: registry.example/builder:1
    ///     securityContext:
    ///       procMount: true #?
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
    /// Remove `procMount`, or set `hostUsers: false` for the pod: from Kubernetes 1.30 on the API server asks for it.
    pub(crate) static CONTROL: Control = Control::new(
        "unmasked-proc",
        "Container sees the whole /proc",
        Ring::Workloads,
        Severity::Medium,
        Check::Container(check),
    )
    .maps(&[(Pss, "baseline"), (Kubescape, "C-0211"), (Trivy, "KSV-0027"), (KubeLinter, "unsafe-proc-mount"), (Polaris, "procMount")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    match Field::string(cx.container.value, &["securityContext", "procMount"]) {
        Field::Set(kind, at) if kind != "Default" => {
            if GapReason::of_mistyped(at) == GapReason::Dynamic {
                out.unreadable(at, GapReason::Dynamic, "securityContext.procMount");
            } else if kind == "Unmasked" && cx.pod.has_user_namespace() {
                out.pass();
            } else {
                out.fail(at, format!("`{kind}` shows the node's kernel interfaces without a user namespace around"));
            }
        }
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "securityContext.procMount"),
        _ => out.pass(),
    }
}
