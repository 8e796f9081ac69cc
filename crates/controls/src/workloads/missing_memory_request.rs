use crate::Framework::{
    Attack, Checkov, Datree, GuideA, GuideB, KubeLinter, KubeScore, Kubescape, Kubesec, Nsa, Polaris, Popeye, Trivy,
};
use crate::resources::{MEMORY_REQUEST, require};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Out, Severity};

control! {
    /// Without a memory request the scheduler puts the pod on nodes that have no memory left, and when the node runs short the
    /// kubelet and the kernel end such pods first. A neighbour that grows is enough to take the service down.
    ///
    /// Severity: low, because it concerns the service and opens nothing to an attacker.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: shop}
    /// spec:
    ///   selector: {matchLabels: {app: shop}}
    ///   template:
    ///     metadata: {labels: {app: shop}}
    ///     spec:
    ///       initContainers:
    ///       - name: migrate #~
    ///         image: registry.example/shop:1
    ///       containers:
    ///       - name: shop
    ///         image: registry.example/shop:1
    ///         resources: #~
    ///           limits: {cpu: 500m}
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop:1
    ///     resources:
    ///       limits: {memory: 256Mi}
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: LimitRange
    /// metadata: {name: limits, namespace: shop}
    /// spec:
    ///   limits:
    ///   - type: Container
    ///     default: {memory: 256Mi}
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop, namespace: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop:1
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop:1
    ///     resources:
    ///       requests: {memory: "${AMOUNT}"} #?
    /// ```
    ///
    /// ## Fix
    /// Set `resources.requests.memory` to what the program needs, or give the namespace a LimitRange with `defaultRequest`.
    /// Pods that do not fit on any node stay pending.
    pub(crate) static CONTROL: Control = Control::new(
        "missing-memory-request",
        "Container requests no memory",
        Ring::Workloads,
        Severity::Low,
        Check::Container(check),
    )
    .hardening()
    .maps(&[
        (Nsa, "pod security"),
        (Attack, "T1499"),
        (GuideA, "4.B"),
        (GuideB, "pod security"),
        (Kubescape, "C-0269"),
        (Kubescape, "C-0004"),
        (Trivy, "KSV-0016"),
        (Checkov, "CKV_K8S_12"),
        (KubeLinter, "unset-memory-requirements"),
        (KubeScore, "container-resources"),
        (Polaris, "memoryRequestsMissing"),
        (Kubesec, "RequestsMemory"),
        (Popeye, "POP-106"),
        (Datree, "CONTAINERS_MISSING_MEMORY_REQUEST_KEY"),
    ]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    require(cx, out, MEMORY_REQUEST, "the scheduler reserves no memory for the container");
}
