use crate::Framework::{Kubeaudit, Kubesec, Pss};
use crate::pods::APPARMOR_ANNOTATION;
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Out, Severity, yaml::Value};

control! {
    /// The annotation `container.apparmor.security.beta.kubernetes.io/NAME` holds for the container of that name. Where
    /// there is none, often after a rename, the profile that somebody wrote holds for nothing.
    ///
    /// Severity: medium, because a wall that somebody relies on is not there.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: old
    ///   annotations:
    ///     container.apparmor.security.beta.kubernetes.io/renamed: localhost/web #~
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
    ///   name: old
    ///   annotations:
    ///     container.apparmor.security.beta.kubernetes.io/web: localhost/web
    /// spec:
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
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Fix
    /// Name the container, or set `securityContext.appArmorProfile` on it (Kubernetes 1.30).
    pub(crate) static CONTROL: Control = Control::new(
        "orphan-apparmor-annotation",
        "AppArmor annotation names no container of the pod",
        Ring::Workloads,
        Severity::Medium,
        Check::Pod(check),
    )
    .maps(&[(Pss, "baseline"), (Kubesec, "ApparmorUnconfined"), (Kubeaudit, "AppArmorBadValue"), (Kubeaudit, "AppArmorDisabled"), (Kubeaudit, "AppArmorInvalidAnnotation")]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_partial() {
        return;
    }
    let annotations = cx.pod.metadata().and_then(|m| m.field("annotations"));
    for (key, value) in annotations.into_iter().flat_map(Value::entries) {
        let Some(name) = key.strip_prefix(APPARMOR_ANNOTATION) else { continue };
        let exists = cx.containers.iter().any(|c| c.name() == name);
        out.check(!exists, value, format!("the pod has no container `{name}`"));
    }
}
