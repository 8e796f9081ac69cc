use crate::Framework::{
    Attack, Checkov, Cis, Datree, GuideA, GuideB, KubeLinter, Kubeaudit, Kubescape, Kubesec, Nsa, Polaris, Pss, Trivy,
};
use crate::pods::{ADD, names};
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Field, Out, Severity, views::ContainerView};

control! {
    /// With `hostPID` every process of the node and of all other pods is visible. Arguments and, for processes with the
    /// same user and no more capabilities, environment and root file system of other pods can be read below `/proc`;
    /// root in the container can kill any process that it sees. A container that also has ptrace owns the node.
    ///
    /// Severity: high, because other pods' secrets can be read from their processes; critical where a container of the
    /// pod is privileged or adds SYS_PTRACE or SYS_ADMIN, because attaching to a process of the node is then one step.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: tool}
    /// spec:
    ///   template:
    ///     spec:
    ///       hostPID: true #~
    ///       containers:
    ///       - name: agent
    ///         image: registry.example/agent:1
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   hostPID: false
    ///   containers:
    ///   - name: tool
    ///     image: registry.example/tool:1
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: tool
    ///     image: registry.example/tool:1
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   hostPID: "true" #?
    ///   containers:
    ///   - name: tool
    ///     image: registry.example/tool:1
    /// ```
    ///
    /// ## Fix
    /// Remove `hostPID`. A debugger or profiler that needs another container's processes uses an ephemeral container
    /// with `targetContainerName`, or `shareProcessNamespace` within the one pod. Node agents that must see all
    /// processes belong into a namespace of their own with an exception.
    pub(crate) static CONTROL: Control = Control::new(
        "host-pid",
        "Pod shares the process table of its node",
        Ring::Workloads,
        Severity::High,
        Check::Pod(check),
    )
    .maps(&[(Cis, "5.2.3"), (Nsa, "pod security"), (Pss, "baseline"), (Attack, "T1611"), (GuideA, "4.B"), (GuideB, "pod security"), (Kubescape, "C-0038"), (Kubescape, "C-0194"), (Kubescape, "C-0214"), (Kubescape, "C-0275"), (Trivy, "KSV-0010"), (Checkov, "CKV_K8S_1"), (Checkov, "CKV_K8S_17"), (KubeLinter, "host-pid"), (Polaris, "hostPIDSet"), (Kubesec, "HostPID"), (Datree, "CONTAINERS_INCORRECT_HOSTPID_VALUE_TRUE"), (Kubeaudit, "NamespaceHostPIDTrue")]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    match Field::bool(cx.pod.spec(), &["hostPID"]) {
        Field::Set(true, at) => {
            let armed = cx.containers.iter().any(can_attach);
            let hit = out.fail(at, "every process of the node can be seen");
            if armed {
                hit.severity(Severity::Critical);
            }
        }
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "hostPID"),
        _ => out.pass(),
    }
}

/// Whether a container may attach to processes of another user.
fn can_attach(container: &ContainerView<'_>) -> bool {
    let privileged = Field::bool(container.value, &["securityContext", "privileged"]);
    matches!(privileged, Field::Set(true, _))
        || names(&container.field(ADD)).any(|(name, _)| matches!(&*name, "ALL" | "SYS_ADMIN" | "SYS_PTRACE"))
}
