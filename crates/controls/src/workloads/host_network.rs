use crate::Framework::{
    Attack, Checkov, Cis, Datree, GuideA, GuideB, KubeLinter, Kubeaudit, Kubescape, Kubesec, Nsa, Polaris, Pss, Trivy,
};
use crate::pods::{ADD, names};
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Field, Out, Severity, views::ContainerView};

control! {
    /// A pod on the host network has the node's addresses. Network policies do not select it, services that listen only
    /// on the node's loopback (kubelet's health port, etcd, debug endpoints of agents) answer it, and a cloud's
    /// metadata service takes it for the node itself.
    ///
    /// Severity: medium, because a second weakness, a listener that trusts its own node, must be there; high where a
    /// container also adds NET_ADMIN, NET_RAW or all capabilities, because then it can redirect or read the traffic of
    /// every pod of the node.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: tool}
    /// spec:
    ///   template:
    ///     spec:
    ///       hostNetwork: true #~
    ///       containers:
    ///       - name: proxy
    ///         image: registry.example/proxy:1
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   hostNetwork: false
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
    ///   hostNetwork: [true] #?
    ///   containers:
    ///   - name: tool
    ///     image: registry.example/tool:1
    /// ```
    ///
    /// ## Fix
    /// Remove `hostNetwork` and reach the pod through a Service; a single port of the node can be had with `hostPort`.
    /// Network plugins and kube-proxy need it: keep them in a namespace of their own. Without it the pod gets its own
    /// address, so clients that used the node's must change.
    pub(crate) static CONTROL: Control = Control::new(
        "host-network",
        "Pod uses the network of its node",
        Ring::Workloads,
        Severity::Medium,
        Check::Pod(check),
    )
    .maps(&[(Cis, "5.2.5"), (Nsa, "pod security"), (Pss, "baseline"), (Attack, "T1611"), (GuideA, "4.B"), (GuideB, "pod security"), (Kubescape, "C-0041"), (Kubescape, "C-0196"), (Kubescape, "C-0216"), (Trivy, "KSV-0009"), (Checkov, "CKV_K8S_19"), (Checkov, "CKV_K8S_4"), (KubeLinter, "host-network"), (Polaris, "hostNetworkSet"), (Kubesec, "HostNetwork"), (Datree, "CONTAINERS_INCORRECT_HOSTNETWORK_VALUE_TRUE"), (Kubeaudit, "NamespaceHostNetworkTrue")]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    match Field::bool(cx.pod.spec(), &["hostNetwork"]) {
        Field::Set(true, at) => {
            let armed = cx.containers.iter().any(shapes_traffic);
            let hit = out.fail(at, "network policies do not hold and the node's loopback is open to the pod");
            if armed {
                hit.severity(Severity::High);
            }
        }
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "hostNetwork"),
        _ => out.pass(),
    }
}

/// Whether a container asks for the right to change or read traffic of its network namespace.
fn shapes_traffic(container: &ContainerView<'_>) -> bool {
    names(&container.field(ADD)).any(|(name, _)| matches!(&*name, "ALL" | "NET_ADMIN" | "NET_RAW"))
}
