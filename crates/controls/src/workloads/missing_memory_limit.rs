use crate::Framework::{
    Attack, Checkov, Datree, GuideA, GuideB, KubeLinter, KubeScore, Kubeaudit, Kubescape, Kubesec, Nsa, Polaris,
    Popeye, Trivy,
};
use crate::resources::{MEMORY_LIMIT, require};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Out, Severity};

control! {
    /// A container without a memory limit may take all memory of its node. One request that makes the program allocate without
    /// end, or a leak, brings down every pod beside it: the kernel then ends whatever it picks, not only the culprit.
    ///
    /// Severity: medium, because it lets one compromised or broken container take its whole node out of service.
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
    ///           requests: {memory: 256Mi}
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
    ///       limits: {memory: "${AMOUNT}"} #?
    /// ```
    ///
    /// ## Fix
    /// Set `resources.limits.memory`, or give the namespace a LimitRange with `default`. A container that exceeds its limit is
    /// ended: measure its peaks first.
    pub(crate) static CONTROL: Control = Control::new(
        "missing-memory-limit",
        "Container has no memory limit",
        Ring::Workloads,
        Severity::Medium,
        Check::Container(check),
    )
    .hardening()
    .maps(&[
        (Nsa, "pod security"),
        (Attack, "T1499"),
        (GuideA, "4.B"),
        (GuideB, "pod security"),
        (Kubescape, "C-0271"),
        (Kubescape, "C-0004"),
        (Kubescape, "C-0009"),
        (Trivy, "KSV-0018"),
        (Checkov, "CKV_K8S_13"),
        (KubeLinter, "unset-memory-requirements"),
        (KubeScore, "container-resources"),
        (Polaris, "memoryLimitsMissing"),
        (Kubesec, "LimitsMemory"),
        (Popeye, "POP-106"),
        (Popeye, "POP-107"),
        (Datree, "CONTAINERS_MISSING_MEMORY_LIMIT_KEY"),
        (Kubeaudit, "LimitsNotSet"),
        (Kubeaudit, "LimitsMemoryNotSet"),
    ]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    require(cx, out, MEMORY_LIMIT, "the container may use all memory of its node");
}
