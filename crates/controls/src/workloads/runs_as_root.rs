use crate::Framework::{
    Checkov, Cis, Datree, GuideA, GuideB, KubeLinter, Kubeaudit, Kubescape, Kubesec, Nsa, Polaris, Popeye, Pss, Trivy,
};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, Out, Severity, yaml::Value};

control! {
    /// Without `runAsNonRoot: true` or a user other than 0 the image decides who runs, and most images run as root.
    /// Root in a container is user 0 of the node for the kernel: a flaw in the kernel or runtime, a mounted file of the
    /// node or a shared volume is then used with root's rights.
    ///
    /// Severity: medium, because a second weakness is needed before the user matters.
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
    ///       runAsNonRoot: false #~
    ///   - name: admin
    ///     image: registry.example/admin:1
    ///     securityContext:
    ///       runAsUser: 0 #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     runAsNonRoot: true
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   - name: side
    ///     image: registry.example/side:1
    ///     securityContext: {runAsNonRoot: false, runAsUser: 10001}
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   hostUsers: false
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
    ///     securityContext:
    ///       runAsNonRoot: "yes" #?
    /// ```
    ///
    /// ## Fix
    /// Set `runAsNonRoot: true` and a numeric `runAsUser` above 0 in the pod's or the container's security context.
    /// Files that the program writes must belong to that user or to `fsGroup`; ports below 1024 may need another
    /// number.
    ///
    /// ## The guides
    /// Both ask for `runAsNonRoot: true`. A user above 0 alone is enough here, since the container then cannot start as
    /// root; and with `hostUsers: false` root inside is no root outside, which the Pod Security Standards accept too.
    pub(crate) static CONTROL: Control = Control::new(
        "runs-as-root",
        "Container may run as root",
        Ring::Workloads,
        Severity::Medium,
        Check::Container(check),
    )
    .hardening()
    .maps(&[
        (GuideA, "4.A"),(Cis, "5.2.7"), (Nsa, "pod security"), (Pss, "restricted"), (GuideA, "4.B"), (GuideB, "pod security"), (Kubescape, "C-0013"), (Kubescape, "C-0198"), (Kubescape, "C-0218"), (Trivy, "KSV-0012"), (Checkov, "CKV_K8S_23"), (Checkov, "CKV_K8S_6"), (KubeLinter, "run-as-non-root"), (Polaris, "runAsRootAllowed"), (Kubesec, "RunAsNonRoot"), (Popeye, "POP-302"), (Popeye, "POP-306"), (Datree, "CONTAINERS_INCORRECT_RUNASNONROOT_VALUE"), (Kubeaudit, "RunAsNonRootCSCFalse"), (Kubeaudit, "RunAsNonRootPSCFalseCSCNil"), (Kubeaudit, "RunAsNonRootPSCNilCSCNil")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    let effective = |path| cx.container.effective(cx.pod, path);
    if cx.pod.has_user_namespace() {
        return out.pass();
    }
    let non_root = effective(&["securityContext", "runAsNonRoot"]).read(Value::as_bool);
    // Windows has no numeric users, but the kubelet refuses ContainerAdministrator where runAsNonRoot is set.
    let user =
        if cx.pod.is_windows() { None } else { Some(effective(&["securityContext", "runAsUser"]).read(Value::as_i64)) };
    match (&non_root, &user) {
        (Field::Set(true, _), _) => out.pass(),
        (_, Some(Field::Set(id, _))) if *id > 0 => out.pass(),
        (Field::Unreadable(at, reason), _) => out.unreadable(*at, *reason, "securityContext.runAsNonRoot"),
        (_, Some(Field::Unreadable(at, reason))) => out.unreadable(*at, *reason, "securityContext.runAsUser"),
        (_, Some(Field::Set(_, at))) => {
            out.fail(*at, "the container runs as root");
        }
        (Field::Set(false, at), _) => {
            out.fail(*at, "running as root is allowed, and the image decides");
        }
        _ => {
            out.fail(&non_root, "nothing keeps the image from running as root");
        }
    }
}
