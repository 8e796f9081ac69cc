use crate::Framework::{GuideB, Kubeaudit, Kubescape, Polaris};
use crate::resources::{Amount, CPU_LIMIT, CPU_REQUEST, MEMORY_LIMIT, MEMORY_REQUEST, effective};
use crate::{Check, ContainerCx, Control, ParamSpec, Ring, control};
use kastell_model::kube::Quantity;
use kastell_model::{Field, Out, Severity};
use serde::{Deserialize, Serialize};

control! {
    /// A limit of 200 GiB is no limit, and a request of 1m reserves nothing: both pass every check that only asks whether the
    /// field is there. What is too much and too little is known to those who run the cluster, so the ranges are empty until they
    /// are set: `{"memory_limit": {"max": "4Gi"}, "cpu_request": {"min": "10m"}}`.
    ///
    /// Severity: low, because it is a rule of the house about fair shares; missing limits are findings of their own.
    ///
    /// ## Fails
    /// ```yaml
    /// # params: {"memory_limit": {"max": "4Gi"}, "cpu_request": {"min": "10m", "max": 2}}
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop:1
    ///     resources:
    ///       requests: {cpu: 0.005} #~
    ///       limits:
    ///         memory: 200Gi #~
    ///         cpu: 64
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// # params: {"memory_limit": {"max": "4Gi"}, "cpu_request": {"min": "10m"}}
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop:1
    ///     resources:
    ///       requests: {cpu: 0.01}
    ///       limits: {memory: 4096Mi}
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop:1
    ///     resources:
    ///       limits: {memory: 200Gi}
    /// ```
    ///
    /// ## Fix
    /// Set an amount within the range, or widen the range where the program needs it. A LimitRange with `min` and `max` makes the
    /// API server refuse what is outside.
    pub(crate) static CONTROL: Control = Control::new(
        "resources-out-of-range",
        "Request or limit is outside the configured range",
        Ring::Operations,
        Severity::Low,
        Check::Container(check),
    )
    .params(ParamSpec::of::<Params>())
    .maps(&[
        (GuideB, "pod security"),
        (Kubescape, "C-0004"),
        (Kubescape, "C-0050"),
        (Polaris, "resourceRange"),
        (Kubeaudit, "LimitsCPUExceeded"),
        (Kubeaudit, "LimitsMemoryExceeded"),
    ]);
}

/// The ranges; an empty one asks nothing.
#[derive(Serialize, Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
struct Params {
    cpu_request: Range,
    cpu_limit: Range,
    memory_request: Range,
    memory_limit: Range,
}

/// From `min` to `max`, both included.
#[derive(Serialize, Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
struct Range {
    min: Option<Bound>,
    max: Option<Bound>,
}

/// A quantity of the configuration: a text such as `500m`, or a number.
#[derive(Serialize, Deserialize, Clone, Debug)]
#[serde(try_from = "serde_json::Value", into = "String")]
struct Bound(Quantity);

impl TryFrom<serde_json::Value> for Bound {
    type Error = String;

    fn try_from(value: serde_json::Value) -> Result<Bound, String> {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_string);
        Quantity::parse(&text).map(Bound).map_err(|e| e.to_string())
    }
}

impl From<Bound> for String {
    fn from(bound: Bound) -> String {
        bound.0.to_string()
    }
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    let params: &Params = cx.params();
    for (range, amount) in [
        (&params.cpu_request, CPU_REQUEST),
        (&params.cpu_limit, CPU_LIMIT),
        (&params.memory_request, MEMORY_REQUEST),
        (&params.memory_limit, MEMORY_LIMIT),
    ] {
        judge(cx, out, range, amount);
    }
}

fn judge(cx: &ContainerCx<'_>, out: &mut Out<'_>, range: &Range, amount: Amount) {
    if range.min.is_none() && range.max.is_none() {
        return;
    }
    let field = effective(cx, amount);
    let Some(quantity) = field.value() else {
        if let Field::Unreadable(at, reason) = field {
            out.unreadable(at, reason, &amount.path.join("."));
        }
        return;
    };
    let name = amount.path.join(".");
    if let Some(min) = range.min.as_ref().filter(|m| *quantity < m.0) {
        out.fail(&field, format!("`{name}` is {quantity}, less than {}", min.0));
    } else if let Some(max) = range.max.as_ref().filter(|m| *quantity > m.0) {
        out.fail(&field, format!("`{name}` is {quantity}, more than {}", max.0));
    } else {
        out.pass();
    }
}
