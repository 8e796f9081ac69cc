use crate::Framework::{
    Attack, Checkov, Cis, Datree, GuideA, GuideB, KubeLinter, KubeScore, Kubeaudit, Kubescape, Kubesec, Nsa, Polaris,
    Pss, Trivy,
};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, Out, Severity};

control! {
    /// A privileged container has every capability, every device of the node and no seccomp, AppArmor or SELinux
    /// confinement. Whoever runs code in it is root on the node: mounting the node's disk is one command.
    ///
    /// Severity: critical, because it is one step from the workload to the node.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   initContainers:
    ///   - name: setup
    ///     image: registry.example/setup:1
    ///     securityContext:
    ///       privileged: true #~
    ///   containers:
    ///   - name: tool
    ///     image: registry.example/tool:1
    ///     securityContext: {privileged: yes} #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: tool
    ///     image: registry.example/tool:1
    ///     securityContext:
    ///       privileged: false
    ///   - name: other
    ///     image: registry.example/other:1
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: tool
    ///     image: registry.example/tool:1
    ///     securityContext:
    ///       privileged: ${PRIVILEGED} #?
    /// ```
    ///
    /// ## Fix
    /// Remove `privileged: true`. Grant the one capability, device plugin or volume that the program really needs.
    pub(crate) static CONTROL: Control = Control::new(
        "privileged-container",
        "Container runs privileged",
        Ring::Workloads,
        Severity::Critical,
        Check::Container(check),
    )
    .maps(&[
        (GuideB, "nodes"),(Cis, "5.2.2"), (Nsa, "pod security"), (Pss, "baseline"), (Attack, "T1611"), (GuideA, "4.B"), (GuideB, "pod security"), (Kubescape, "C-0057"), (Kubescape, "C-0193"), (Kubescape, "C-0213"), (Trivy, "KSV-0017"), (Checkov, "CKV_K8S_16"), (Checkov, "CKV_K8S_2"), (KubeLinter, "privileged-container"), (KubeScore, "container-security-context-privileged"), (Polaris, "runAsPrivileged"), (Kubesec, "Privileged"), (Datree, "CONTAINERS_INCORRECT_PRIVILEGED_VALUE_TRUE"), (Kubeaudit, "PrivilegedNil"), (Kubeaudit, "PrivilegedTrue")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    match Field::bool(cx.container.value, &["securityContext", "privileged"]) {
        Field::Set(true, at) => {
            out.fail(at, "the container is root on its node");
        }
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "securityContext.privileged"),
        _ => out.pass(),
    }
}
