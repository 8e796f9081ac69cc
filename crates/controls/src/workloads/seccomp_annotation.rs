use crate::Framework::Kubeaudit;
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Out, Severity, yaml::Value};

control! {
    /// The annotations `seccomp.security.alpha.kubernetes.io/pod` and
    /// `container.seccomp.security.alpha.kubernetes.io/…` were dropped in Kubernetes 1.27. Whoever relies on them
    /// believes in a filter that is not there.
    ///
    /// Severity: low, because it is a leftover; what is missing is found by `missing-seccomp-profile`.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: old
    ///   annotations:
    ///     seccomp.security.alpha.kubernetes.io/pod: runtime/default #~
    ///     container.seccomp.security.alpha.kubernetes.io/web: docker/default #~
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: new
    ///   annotations: {example.org/owner: shop}
    /// spec:
    ///   securityContext: {seccompProfile: {type: RuntimeDefault}}
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Fix
    /// Remove the annotation and set `securityContext.seccompProfile`.
    pub(crate) static CONTROL: Control = Control::new(
        "seccomp-annotation",
        "Seccomp is set by an annotation that has no effect",
        Ring::Workloads,
        Severity::Low,
        Check::Pod(check),
    )
    .maps(&[(Kubeaudit, "SeccompDeprecatedAnnotations")]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    let annotations = cx.pod.metadata().and_then(|m| m.field("annotations"));
    let mut clean = true;
    for (key, value) in annotations.into_iter().flat_map(Value::entries) {
        let is_seccomp = key == "seccomp.security.alpha.kubernetes.io/pod"
            || key.starts_with("container.seccomp.security.alpha.kubernetes.io/");
        if is_seccomp {
            out.fail(value, "Kubernetes has not read this annotation since 1.27");
            clean = false;
        }
    }
    if clean {
        out.pass();
    }
}
