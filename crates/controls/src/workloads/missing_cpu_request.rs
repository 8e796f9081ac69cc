use crate::Framework::{
    Attack, Checkov, Datree, GuideA, GuideB, KubeLinter, KubeScore, Kubescape, Kubesec, Nsa, Polaris, Popeye, Trivy,
};
use crate::resources::{CPU_REQUEST, require};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Out, Severity};

control! {
    /// Without a CPU request the scheduler counts the container as nothing and the kernel gives it the least share when the
    /// node is busy. A neighbour that spins, broken or hostile, starves it, and no autoscaler sees the shortage.
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
    ///           limits: {memory: 256Mi}
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
    ///       limits: {cpu: 500m}
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: LimitRange
    /// metadata: {name: limits, namespace: shop}
    /// spec:
    ///   limits:
    ///   - type: Container
    ///     default: {cpu: 500m}
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
    ///       requests: {cpu: "${AMOUNT}"} #?
    /// ```
    ///
    /// ## Fix
    /// Set `resources.requests.cpu` to what the program uses in ordinary operation, or give the namespace a LimitRange with
    /// `defaultRequest`. Pods that do not fit on any node stay pending.
    pub(crate) static CONTROL: Control = Control::new(
        "missing-cpu-request",
        "Container requests no CPU",
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
        (Kubescape, "C-0268"),
        (Kubescape, "C-0050"),
        (Kubescape, "C-0009"),
        (Trivy, "KSV-0015"),
        (Checkov, "CKV_K8S_10"),
        (KubeLinter, "unset-cpu-requirements"),
        (KubeScore, "container-resources"),
        (Polaris, "cpuRequestsMissing"),
        (Kubesec, "RequestsCPU"),
        (Popeye, "POP-106"),
        (Datree, "CONTAINERS_MISSING_CPU_REQUEST_KEY"),
    ]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    require(cx, out, CPU_REQUEST, "the scheduler reserves no CPU for the container");
}
