use crate::Framework::{
    Checkov, Cis, Datree, GuideA, GuideB, KubeScore, Kubeaudit, Kubescape, Kubesec, Nsa, Pss, Trivy,
};
use crate::pods::seccomp;
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, GapReason, Out, Severity, yaml::Value};

control! {
    /// Unless the kubelet was started with `--seccomp-default`, a container without a profile may make every system
    /// call that its capabilities allow, and most flaws of the kernel that lead out of containers start with a call
    /// that the runtime's default profile refuses.
    ///
    /// Severity: medium, because it limits which kernel flaws can be reached.
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
    ///       seccompProfile:
    ///         type: Unconfined #~
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: old
    ///   annotations:
    ///     seccomp.security.alpha.kubernetes.io/pod: runtime/default
    /// spec:
    ///   containers:
    ///   - name: web #~
    ///     image: registry.example/web:1
    /// ```
    ///
    /// A type that Kubernetes does not know is no profile either:
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     seccompProfile:
    ///       type: LocalHost #~
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
    ///     seccompProfile: {type: RuntimeDefault}
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   - name: side
    ///     image: registry.example/side:1
    ///     securityContext:
    ///       seccompProfile: {type: Localhost, localhostProfile: profiles/side.json}
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
    ///       type: ${PROFILE} #?
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
    /// Set `securityContext.seccompProfile.type: RuntimeDefault` for the pod. Programs that need a refused call (some
    /// debuggers, sandboxing browsers, io_uring) get a profile of their own with `Localhost`. The annotations of old
    /// clusters have had no effect since 1.27.
    pub(crate) static CONTROL: Control = Control::new(
        "missing-seccomp-profile",
        "Container runs without a seccomp profile",
        Ring::Workloads,
        Severity::Medium,
        Check::Container(check),
    )
    .hardening()
    .maps(&[
        (GuideB, "nodes"),(Cis, "5.7.2"), (Nsa, "pod security"), (Pss, "restricted"), (GuideA, "4.B"), (GuideB, "pod security"), (Kubescape, "C-0210"), (Trivy, "KSV-0030"), (Checkov, "CKV_K8S_31"), (Checkov, "CKV_K8S_32"), (KubeScore, "container-seccomp-profile"), (Kubesec, "SeccompAny"), (Datree, "CIS_INVALID_VALUE_SECCOMP_PROFILE"), (Datree, "CONTAINERS_INCORRECT_SECCOMP_PROFILE"), (Kubeaudit, "SeccompProfileMissing")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    let field = seccomp(cx.container, cx.pod).read(Value::as_str);
    match &field {
        Field::Set(kind, at) => match &**kind {
            "RuntimeDefault" | "Localhost" => out.pass(),
            "Unconfined" => {
                out.fail(*at, "seccomp is turned off");
            }
            other if GapReason::of_mistyped(*at) == GapReason::Invalid => {
                out.fail(*at, format!("`{other}` is no type of seccomp profile"));
            }
            _ => out.unreadable(*at, GapReason::Dynamic, "securityContext.seccompProfile.type"),
        },
        Field::Unreadable(at, reason) => out.unreadable(*at, *reason, "securityContext.seccompProfile.type"),
        _ => {
            out.fail(&field, "no seccomp profile is set");
        }
    }
}
