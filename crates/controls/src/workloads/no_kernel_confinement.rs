use crate::Framework::{Kubescape, Nsa, Polaris};
use crate::pods::{DROP, apparmor, seccomp};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, Out, Severity, yaml::Value};

control! {
    /// Seccomp, SELinux, AppArmor and dropped capabilities each take a part of the kernel out of an intruder's reach.
    /// This container asks for none of the four, so what holds is whatever the node happens to do by default.
    ///
    /// Severity: medium, because it limits what follows an intrusion.
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
    ///     securityContext: #~
    ///       runAsNonRoot: true
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
    ///       capabilities: {drop: [ALL]}
    ///   - name: side
    ///     image: registry.example/side:1
    ///     securityContext:
    ///       seccompProfile: {type: RuntimeDefault}
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     seLinuxOptions: {level: "s0:c1,c2"}
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
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     securityContext: ${CONTEXT} #?
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
    /// Set `seccompProfile.type: RuntimeDefault` for the pod and drop all capabilities of the container.
    pub(crate) static CONTROL: Control = Control::new(
        "no-kernel-confinement",
        "Nothing confines the container towards the kernel",
        Ring::Workloads,
        Severity::Medium,
        Check::Container(check),
    )
    .hardening()
    .maps(&[(Nsa, "pod security"), (Kubescape, "C-0055"), (Polaris, "linuxHardening")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    let drop = cx.container.field(DROP);
    let selinux = cx.container.effective(cx.pod, &["securityContext", "seLinuxOptions"]);
    let (seccomp, apparmor) = (seccomp(cx.container, cx.pod), apparmor(cx.container, cx.pod));
    let confined = |profile: &Field<'_, Value<'_>>| matches!(profile, Field::Set(v, _) if v.as_str().is_some_and(|s| !s.eq_ignore_ascii_case("unconfined")));
    let labelled = matches!(&selinux, Field::Set(v, _) if v.entries().next().is_some());
    let dropped = matches!(&drop, Field::Set(v, _) if v.items().next().is_some());
    if confined(&seccomp) || confined(&apparmor) || labelled || dropped {
        return out.pass();
    }
    for field in [&drop, &selinux, &seccomp, &apparmor] {
        if let Field::Unreadable(at, reason) = field {
            return out.unreadable(*at, *reason, "securityContext");
        }
    }
    let context = cx.container.field(&["securityContext"]);
    out.fail(&context, "neither seccomp, SELinux, AppArmor nor dropped capabilities are set");
}
