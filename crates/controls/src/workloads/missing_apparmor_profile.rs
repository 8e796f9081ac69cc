use crate::Framework::{Kubeaudit, Kubesec, Nsa, Pss, Trivy};
use crate::pods::{APPARMOR_ANNOTATION, apparmor};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, GapReason, Out, Severity, yaml::Value};

control! {
    /// AppArmor confines what files and kernel interfaces a process may touch. Where nothing is set, runtimes use their
    /// default profile on nodes that have AppArmor; naming it makes the pod fail on a node without AppArmor instead of
    /// running unconfined there.
    ///
    /// Severity: low, because the runtime's default holds on most nodes that have AppArmor.
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
    ///       appArmorProfile:
    ///         type: Unconfined #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     appArmorProfile: {type: RuntimeDefault}
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
    ///     container.apparmor.security.beta.kubernetes.io/web: localhost/web
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
    ///       type: [RuntimeDefault] #?
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
    /// Set `securityContext.appArmorProfile.type: RuntimeDefault` for the pod (Kubernetes 1.30; the annotation before).
    /// Nodes with SELinux instead of AppArmor refuse such pods.
    pub(crate) static CONTROL: Control = Control::new(
        "missing-apparmor-profile",
        "Container names no AppArmor profile",
        Ring::Workloads,
        Severity::Low,
        Check::Container(check),
    )
    .hardening()
    .maps(&[(Nsa, "pod security"), (Pss, "baseline"), (Trivy, "KSV-0002"), (Kubesec, "ApparmorAny"), (Kubeaudit, "AppArmorAnnotationMissing")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    let field = apparmor(cx.container, cx.pod).read(Value::as_str);
    match &field {
        Field::Set(kind, at) => match &**kind {
            "RuntimeDefault" | "Localhost" | "runtime/default" => out.pass(),
            "Unconfined" | "unconfined" | "" => {
                out.fail(*at, "AppArmor is turned off");
            }
            kind if kind.starts_with("localhost/") => out.pass(),
            kind if at.key().starts_with(APPARMOR_ANNOTATION) && GapReason::of_mistyped(*at) != GapReason::Dynamic => {
                out.fail(*at, format!("`{kind}` is no AppArmor profile that Kubernetes knows"));
            }
            _ => out.unreadable(*at, GapReason::of_mistyped(*at), "securityContext.appArmorProfile.type"),
        },
        Field::Unreadable(at, reason) => out.unreadable(*at, *reason, "securityContext.appArmorProfile.type"),
        _ => {
            out.fail(&field, "no AppArmor profile is named");
        }
    }
}
