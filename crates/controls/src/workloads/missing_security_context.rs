use crate::Framework::{Checkov, Cis, Datree, GuideB, Kubeaudit, Kubescape, Trivy};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, Out, Severity, yaml::Value};

control! {
    /// Without any security context everything is left to the image and the node: user, capabilities, file system,
    /// system calls.
    ///
    /// Severity: low, because each missing field has a control of its own; this one only says that none was thought of.
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
    ///     securityContext: {} #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext: {runAsNonRoot: true}
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     securityContext: {runAsNonRoot: true}
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
    ///     securityContext: ${CONTEXT} #?
    /// ```
    ///
    /// ## Fix
    /// Start with `runAsNonRoot: true`, `seccompProfile.type: RuntimeDefault` for the pod and
    /// `allowPrivilegeEscalation: false`, `readOnlyRootFilesystem: true`, `capabilities.drop: ["ALL"]` for each
    /// container.
    pub(crate) static CONTROL: Control = Control::new(
        "missing-security-context",
        "Neither container nor pod has a security context",
        Ring::Workloads,
        Severity::Low,
        Check::Container(check),
    )
    .hardening()
    .maps(&[
        (GuideB, "pod security"),(Cis, "5.7.3"), (Kubescape, "C-0211"), (Trivy, "KSV-0118"), (Checkov, "CKV_K8S_29"), (Checkov, "CKV_K8S_30"), (Datree, "CIS_MISSING_KEY_SECURITYCONTEXT"), (Kubeaudit, "CapabilityOrSecurityContextMissing")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    const CONTEXT: &[&str] = &["securityContext"];
    let read = |v: Value<'_>| v.is_mapping().then(|| v.entries().next().is_some());
    let own = cx.container.field(CONTEXT).read(read);
    let of_pod = cx.pod.field(CONTEXT).read(read);
    match (&own, &of_pod) {
        (Field::Set(true, _), _) | (_, Field::Set(true, _)) => out.pass(),
        (Field::Unreadable(at, reason), _) | (_, Field::Unreadable(at, reason)) => {
            out.unreadable(*at, *reason, "securityContext");
        }
        _ => {
            out.fail(&own, "no security context is set");
        }
    }
}
