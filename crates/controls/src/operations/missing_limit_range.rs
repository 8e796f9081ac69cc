use crate::Framework::{Attack, GuideA, GuideB, Nsa, Trivy};
use crate::namespaces::{self, Absence};
use crate::resources::{CPU_LIMIT, MEMORY_LIMIT, container_default};
use crate::{Check, ClusterCx, ClusterOut, Control, ParamSpec, Ring, control};
use kastell_model::Severity;
use kastell_model::yaml::Value;
use serde::{Deserialize, Serialize};

control! {
    /// A LimitRange gives every container of a namespace the limits that its manifest forgot. Without one, a single pod without
    /// limits, from whichever chart or job, takes what the node has.
    ///
    /// Severity: low, because it is the net below the containers' own limits.
    /// Confidence: low where only files were read, because the LimitRange may be made elsewhere.
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
    /// kind: LimitRange
    /// metadata: {name: limits, namespace: shop}
    /// spec: #~
    ///   limits:
    ///   - type: Pod
    ///     max: {memory: 1Gi}
    /// ```
    ///
    /// `minimum: true` also asks for a smallest amount, which keeps containers from being squeezed between others:
    /// ```yaml
    /// # params: {"minimum": true}
    /// apiVersion: v1
    /// kind: LimitRange
    /// metadata: {name: limits, namespace: shop}
    /// spec: #~
    ///   limits:
    ///   - type: Container
    ///     default: {cpu: 500m, memory: 256Mi}
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: LimitRange
    /// metadata: {name: limits, namespace: shop}
    /// spec:
    ///   limits:
    ///   - type: Container
    ///     default: {cpu: 500m, memory: 256Mi}
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop, namespace: shop}
    /// spec:
    ///   containers: [{name: shop, image: registry.example/shop:1}]
    /// ```
    ///
    /// ## Fix
    /// Add a LimitRange with an item of type `Container` and `default` and `defaultRequest` for memory and CPU. Containers that
    /// start later get them; a default that is too small ends programs that need more.
    ///
    /// ## The guides
    /// Trivy also asks for `min` and for a maximum of the whole pod. Neither gives a container the limit that it lacks.
    pub(crate) static CONTROL: Control = Control::new(
        "missing-limit-range",
        "Namespace has no default limits for containers",
        Ring::Operations,
        Severity::Low,
        Check::Cluster(check),
    )
    .params(ParamSpec::of::<Params>())
    .maps(&[
        (GuideB, "pod security"),
        (Nsa, "pod security"),
        (Attack, "T1499"),
        (GuideA, "4.B"),
        (Trivy, "KSV-0039"),
    ]);
}

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Params {
    /// Whether containers also need a smallest amount.
    minimum: bool,
}

fn check(cx: &ClusterCx<'_>, out: &mut ClusterOut<'_>) {
    for ns in namespaces::with_workloads_or(cx, "LimitRange") {
        let ranges: Vec<_> = cx.facts.in_namespace(&ns.unit, "", "LimitRange", &ns.name).collect();
        let items = || ranges.iter().flat_map(|(_, o)| o.root().at(&["spec", "limits"])).flat_map(Value::items);
        let bounded = |resource| items().any(|i| is_container(i) && i.at(&["min", resource]).is_some());
        let lacks_minimum = cx.params::<Params>().minimum && !(bounded("cpu") && bounded("memory"));
        let missing: Vec<&str> = [CPU_LIMIT, MEMORY_LIMIT]
            .into_iter()
            .filter(|amount| !items().any(|i| container_default(i, *amount).is_some()))
            .map(|amount| amount.resource)
            .collect();
        let absence = Absence { group: "", kind: "LimitRange", what: "no LimitRange limits its containers" };
        match ranges.first() {
            None => ns.lacks(cx, out, &absence),
            Some((index, object)) => ns.about(out, *index, |out| {
                let at = object.root().get("spec").unwrap_or(object.root());
                if lacks_minimum && missing.is_empty() {
                    out.fail(at, "no LimitRange of the namespace sets a minimum for containers");
                    return;
                }
                let message =
                    format!("no LimitRange of the namespace limits the {} of containers", missing.join(" and "));
                out.check(!missing.is_empty(), at, message);
            }),
        }
    }
}

fn is_container(item: Value<'_>) -> bool {
    item.get("type").is_some_and(|t| t.is_str("Container"))
}
