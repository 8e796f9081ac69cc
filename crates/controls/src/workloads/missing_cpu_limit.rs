use crate::Framework::{
    Attack, Checkov, Datree, GuideA, GuideB, KubeLinter, KubeScore, Kubeaudit, Kubescape, Kubesec, Nsa, Polaris,
    Popeye, Trivy,
};
use crate::resources::{CPU_LIMIT, require};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Out, Severity};

control! {
    /// A container without a CPU limit may use every idle CPU of its node. A miner that somebody plants in it runs at full
    /// speed, and programs beside it that request little slow down.
    ///
    /// Severity: low, because requests already protect the neighbours that have them, and a limit also slows honest load.
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
    ///           requests: {cpu: 500m}
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
    ///       limits: {cpu: "${AMOUNT}"} #?
    /// ```
    ///
    /// ## Fix
    /// Set `resources.limits.cpu`, or give the namespace a LimitRange with `default`. A limit that is too tight throttles the
    /// program even on an idle node: measure its peaks first.
    pub(crate) static CONTROL: Control = Control::new(
        "missing-cpu-limit",
        "Container has no CPU limit",
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
        (Kubescape, "C-0270"),
        (Kubescape, "C-0050"),
        (Kubescape, "C-0009"),
        (Trivy, "KSV-0011"),
        (Checkov, "CKV_K8S_11"),
        (KubeLinter, "unset-cpu-requirements"),
        (KubeScore, "container-resources"),
        (Polaris, "cpuLimitsMissing"),
        (Kubesec, "LimitsCPU"),
        (Popeye, "POP-106"),
        (Popeye, "POP-107"),
        (Datree, "CONTAINERS_MISSING_CPU_LIMIT_KEY"),
        (Kubeaudit, "LimitsNotSet"),
        (Kubeaudit, "LimitsCPUNotSet"),
    ]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    require(cx, out, CPU_LIMIT, "the container may use every CPU of its node");
}
