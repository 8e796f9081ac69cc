use crate::Framework::{Attack, GuideA, Nsa, Trivy};
use crate::namespaces::{self, Absence};
use crate::{Check, ClusterCx, ClusterOut, Control, Ring, control};
use kastell_model::{Object, Severity};

control! {
    /// A ResourceQuota bounds what all pods of a namespace may request and use together. Without one, whoever may create pods in
    /// it, a stolen deploy token for instance, fills the cluster with miners, and other teams' pods no longer find a place.
    ///
    /// Severity: low, because it bounds the damage of somebody who is already in.
    /// Confidence: low where only files were read, because the ResourceQuota may be made elsewhere.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop #~
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop, namespace: shop}
    /// spec:
    ///   containers: [{name: shop, image: registry.example/shop:1}]
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ResourceQuota
    /// metadata: {name: quota, namespace: shop}
    /// spec:
    ///   hard: #~
    ///     requests.cpu: 4
    ///     limits.memory: 8Gi
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: ResourceQuota
    /// metadata: {name: quota, namespace: shop}
    /// spec:
    ///   hard: {cpu: 4, requests.memory: 8Gi, limits.cpu: 8, limits.memory: 16Gi}
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop, namespace: shop}
    /// spec:
    ///   containers: [{name: shop, image: registry.example/shop:1}]
    /// ```
    ///
    /// ## Fix
    /// Add a ResourceQuota with `requests.cpu`, `requests.memory`, `limits.cpu` and `limits.memory`. From then on pods without
    /// these amounts are refused, so add a LimitRange with defaults first.
    pub(crate) static CONTROL: Control = Control::new(
        "missing-resource-quota",
        "Namespace has no quota for CPU and memory",
        Ring::Operations,
        Severity::Low,
        Check::Cluster(check),
    )
    .maps(&[
        (Nsa, "pod security"),
        (Attack, "T1499"),
        (Attack, "T1496"),
        (GuideA, "4.B"),
        (Trivy, "KSV-0040"),
    ]);
}

/// What a quota has to bound, each with the older name of the same.
const BOUNDS: [(&str, &str); 4] = [
    ("requests.cpu", "cpu"),
    ("requests.memory", "memory"),
    ("limits.cpu", "limits.cpu"),
    ("limits.memory", "limits.memory"),
];

fn check(cx: &ClusterCx<'_>, out: &mut ClusterOut<'_>) {
    for ns in namespaces::with_workloads_or(cx, "ResourceQuota") {
        let quotas: Vec<_> = cx.facts.in_namespace(&ns.unit, "", "ResourceQuota", &ns.name).collect();
        // A quota for some pods only bounds nothing for the others.
        let for_all = |o: &&std::sync::Arc<Object>| {
            o.root().at(&["spec", "scopes"]).is_none() && o.root().at(&["spec", "scopeSelector"]).is_none()
        };
        let bounds = |name: &str| {
            let hard = |o: &std::sync::Arc<Object>| o.root().at(&["spec", "hard", name]).is_some();
            quotas.iter().map(|(_, o)| *o).filter(for_all).any(hard)
        };
        let missing: Vec<&str> = BOUNDS.iter().filter(|(a, b)| !bounds(a) && !bounds(b)).map(|(a, _)| *a).collect();
        let absence = Absence { group: "", kind: "ResourceQuota", what: "no ResourceQuota bounds its pods" };
        match quotas.first() {
            None => ns.lacks(cx, out, &absence),
            Some((index, object)) => ns.about(out, *index, |out| {
                let root = object.root();
                let at = root.at(&["spec", "hard"]).or_else(|| root.get("spec")).unwrap_or(root);
                let message = format!("no ResourceQuota of the namespace bounds {}", missing.join(", "));
                out.check(!missing.is_empty(), at, message);
            }),
        }
    }
}
