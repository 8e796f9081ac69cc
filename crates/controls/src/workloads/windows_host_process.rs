use crate::Framework::{Cis, Datree, Kubescape, Polaris, Pss, Trivy};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, Out, Severity, yaml::Value};

control! {
    /// A HostProcess container is no container: its processes run on the node, with the node's files and network, as
    /// the account that `runAsUserName` names, up to SYSTEM.
    ///
    /// Severity: critical, because it is on the node already.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     windowsOptions:
    ///       hostProcess: true #~
    ///   containers:
    ///   - name: agent
    ///     image: registry.example/agent:1
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: agent
    ///     image: registry.example/agent:1
    ///     securityContext:
    ///       windowsOptions:
    ///         hostProcess: true #~
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
    ///       windowsOptions: {hostProcess: false}
    ///   - name: side
    ///     image: registry.example/side:1
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: agent
    ///     image: registry.example/agent:1
    ///     securityContext:
    ///       windowsOptions:
    ///         hostProcess: ${HOST_PROCESS} #?
    /// ```
    ///
    /// ## Fix
    /// Remove `hostProcess`. Agents that manage the node keep it, in a namespace of their own, with the account `NT
    /// AUTHORITY\\Local service` where that is enough.
    pub(crate) static CONTROL: Control = Control::new(
        "windows-host-process",
        "Windows container runs as a process of its node",
        Ring::Workloads,
        Severity::Critical,
        Check::Container(check),
    )
    .maps(&[(Cis, "5.2.11"), (Pss, "baseline"), (Kubescape, "C-0202"), (Trivy, "KSV-0103"), (Polaris, "hostProcess"), (Datree, "EKS_INVALID_HOSTPROCESS_VALUE")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    const PATH: &[&str] = &["securityContext", "windowsOptions", "hostProcess"];
    match cx.container.effective(cx.pod, PATH).read(Value::as_bool) {
        Field::Set(true, at) => {
            out.fail(at, "the container runs on the node itself");
        }
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "windowsOptions.hostProcess"),
        _ => out.pass(),
    }
}
