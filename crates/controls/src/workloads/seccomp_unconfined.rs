use crate::Framework::{GuideA, GuideB, Kubeaudit, Kubesec, Pss, Trivy};
use crate::pods::seccomp;
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, GapReason, Out, Severity, yaml::Value};

control! {
    /// `Unconfined` takes the filter of system calls away even on nodes whose kubelet sets the runtime's profile by
    /// default, so that every flaw of the kernel can be tried from the container.
    ///
    /// Severity: medium, because a flaw of the kernel must be there as well.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     seccompProfile:
    ///       type: Unconfined #~
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   - name: side
    ///     image: registry.example/side:1
    ///     securityContext:
    ///       seccompProfile: {type: RuntimeDefault}
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
    ///   - name: side
    ///     image: registry.example/side:1
    ///     securityContext:
    ///       seccompProfile: {type: RuntimeDefault}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     seccompProfile:
    ///       type: "${PROFILE}" #?
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
    /// Use `RuntimeDefault`, or `Localhost` with a profile that allows the calls that the program was refused.
    pub(crate) static CONTROL: Control = Control::new(
        "seccomp-unconfined",
        "Seccomp is turned off",
        Ring::Workloads,
        Severity::Medium,
        Check::Container(check),
    )
    .maps(&[
        (GuideB, "nodes"),(Pss, "baseline"), (GuideA, "4.B"), (GuideB, "pod security"), (Trivy, "KSV-0104"), (Kubesec, "SeccompUnconfined"), (Kubeaudit, "SeccompDisabledContainer"), (Kubeaudit, "SeccompDisabledPod")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    match seccomp(cx.container, cx.pod).read(Value::as_str) {
        Field::Set(_, at) if GapReason::of_mistyped(at) == GapReason::Dynamic => {
            out.unreadable(at, GapReason::Dynamic, "securityContext.seccompProfile.type");
        }
        Field::Set(kind, at) => out.check(kind == "Unconfined", at, "seccomp is turned off"),
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "securityContext.seccompProfile.type"),
        _ => out.pass(),
    }
}
