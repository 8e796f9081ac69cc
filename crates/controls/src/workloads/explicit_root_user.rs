use crate::Framework::{GuideA, GuideB, Kubeaudit, Kubescape, Pss, Trivy};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, Out, Severity, yaml::Value};

control! {
    /// `runAsUser: 0` makes the program root even where its image had chosen another user. Beside `runAsNonRoot: true`
    /// it is a contradiction: the kubelet refuses to start the container.
    ///
    /// Severity: medium, because a second weakness is needed before the user matters.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     runAsUser: 0 #~
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   - name: side
    ///     image: registry.example/side:1
    ///     securityContext:
    ///       runAsNonRoot: true
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
    ///     runAsUser: 0
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     securityContext:
    ///       runAsUser: 10001
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
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   hostUsers: false
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     securityContext: {runAsUser: 0}
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
    ///       runAsUser: root #?
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   nodeSelector: {kubernetes.io/os: windows}
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Fix
    /// Give the program a user of its own (`runAsUser: 10001`) and the files that it writes to that user, or set
    /// `hostUsers: false` so that root inside is no root outside.
    pub(crate) static CONTROL: Control = Control::new(
        "explicit-root-user",
        "Container is told to run as root",
        Ring::Workloads,
        Severity::Medium,
        Check::Container(check),
    )
    .maps(&[
        (GuideA, "4.A"),(Pss, "restricted"), (GuideA, "4.B"), (GuideB, "pod security"), (Kubescape, "C-0198"), (Trivy, "KSV-0105"), (Kubeaudit, "RunAsUserCSCRoot"), (Kubeaudit, "RunAsUserPSCRoot")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    let user = cx.container.effective(cx.pod, &["securityContext", "runAsUser"]).read(Value::as_i64);
    match user {
        Field::Set(0, at) if !cx.pod.has_user_namespace() => {
            let non_root = cx.container.effective(cx.pod, &["securityContext", "runAsNonRoot"]).read(Value::as_bool);
            match non_root {
                Field::Set(true, flag) => {
                    out.fail(at, "user 0 contradicts `runAsNonRoot: true`, so the container does not start")
                        .related(flag, "root is forbidden here");
                }
                _ => {
                    out.fail(at, "the container is told to run as root");
                }
            }
        }
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "securityContext.runAsUser"),
        _ => out.pass(),
    }
}
