use crate::Framework::{
    Attack, Checkov, Cis, Datree, GuideA, GuideB, KubeLinter, Kubeaudit, Kubescape, Kubesec, Nsa, Polaris, Pss, Trivy,
};
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Field, Out, Severity};

control! {
    /// With `hostIPC` the pod sees the shared memory, semaphores and message queues of the node and of every other pod
    /// that does the same. Databases, GPU servers and some service meshes keep data there, open to any process of the
    /// same user.
    ///
    /// Severity: medium, because what can be read depends on what the node's processes keep in shared memory.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   hostIPC: true #~
    ///   containers:
    ///   - name: tool
    ///     image: registry.example/tool:1
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   hostIPC: false
    ///   containers:
    ///   - name: tool
    ///     image: registry.example/tool:1
    /// ```
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: tool}
    /// spec:
    ///   template:
    ///     spec:
    ///       containers:
    ///       - name: tool
    ///         image: registry.example/tool:1
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   hostIPC: ${HOST_IPC} #?
    ///   containers:
    ///   - name: tool
    ///     image: registry.example/tool:1
    /// ```
    ///
    /// ## Fix
    /// Remove `hostIPC`. Containers of one pod share their IPC namespace anyway; larger shared memory comes from an
    /// `emptyDir` with `medium: Memory` mounted at `/dev/shm`.
    pub(crate) static CONTROL: Control = Control::new(
        "host-ipc",
        "Pod shares the inter-process communication of its node",
        Ring::Workloads,
        Severity::Medium,
        Check::Pod(check),
    )
    .maps(&[(Cis, "5.2.4"), (Nsa, "pod security"), (Pss, "baseline"), (Attack, "T1611"), (GuideA, "4.B"), (GuideB, "pod security"), (Kubescape, "C-0038"), (Kubescape, "C-0195"), (Kubescape, "C-0215"), (Kubescape, "C-0276"), (Trivy, "KSV-0008"), (Checkov, "CKV_K8S_18"), (Checkov, "CKV_K8S_3"), (KubeLinter, "host-ipc"), (Polaris, "hostIPCSet"), (Kubesec, "HostIPC"), (Datree, "CONTAINERS_INCORRECT_HOSTIPC_VALUE_TRUE"), (Kubeaudit, "NamespaceHostIPCTrue")]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    match Field::bool(cx.pod.spec(), &["hostIPC"]) {
        Field::Set(true, at) => {
            out.fail(at, "shared memory of the node can be read and written");
        }
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "hostIPC"),
        _ => out.pass(),
    }
}
