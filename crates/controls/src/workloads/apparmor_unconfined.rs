use crate::Framework::{Kubeaudit, Kubesec, Pss};
use crate::pods::{APPARMOR_ANNOTATION, apparmor};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, GapReason, Out, Severity, yaml::Value};

control! {
    /// `Unconfined` takes away the profile that the runtime would have used. An annotation with a value that Kubernetes
    /// does not know makes the API server refuse the pod or, from a template, keeps its pods from being made.
    ///
    /// Severity: medium, because it removes one wall of the container.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     appArmorProfile:
    ///       type: Unconfined #~
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: old
    ///   annotations:
    ///     container.apparmor.security.beta.kubernetes.io/web: unconfined #~
    ///     container.apparmor.security.beta.kubernetes.io/side: my-profile #~
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   - name: side
    ///     image: registry.example/side:1
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     appArmorProfile: {type: Localhost, localhostProfile: web}
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
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     appArmorProfile:
    ///       type: ${PROFILE} #?
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   - name: side
    ///     image: registry.example/side:1
    ///     securityContext:
    ///       appArmorProfile:
    ///         type: LocalHost #?
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
    /// Remove the setting or use `RuntimeDefault`. A program that the default profile hinders gets one of its own with
    /// `Localhost`.
    pub(crate) static CONTROL: Control = Control::new(
        "apparmor-unconfined",
        "AppArmor is turned off or set in a way that does not hold",
        Ring::Workloads,
        Severity::Medium,
        Check::Container(check),
    )
    .maps(&[(Pss, "baseline"), (Kubesec, "ApparmorUnconfined"), (Kubeaudit, "AppArmorBadValue"), (Kubeaudit, "AppArmorDisabled"), (Kubeaudit, "AppArmorInvalidAnnotation")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    match apparmor(cx.container, cx.pod).read(Value::as_str) {
        Field::Set(kind, at) => match &*kind {
            "RuntimeDefault" | "Localhost" | "runtime/default" | "" => out.pass(),
            "Unconfined" | "unconfined" => {
                out.fail(at, "AppArmor is turned off");
            }
            kind if kind.starts_with("localhost/") => out.pass(),
            _ if GapReason::of_mistyped(at) == GapReason::Dynamic => {
                out.unreadable(at, GapReason::Dynamic, "securityContext.appArmorProfile.type");
            }
            kind if at.key().starts_with(APPARMOR_ANNOTATION) => {
                out.fail(at, format!("`{kind}` is no AppArmor profile that Kubernetes knows"));
            }
            _ => out.unreadable(at, GapReason::Invalid, "securityContext.appArmorProfile.type"),
        },
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "securityContext.appArmorProfile.type"),
        _ => out.pass(),
    }
}
