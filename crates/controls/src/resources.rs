//! What controls on requests and limits share: the amount that holds for a container, and who sets it.

use crate::context::ContainerCx;
use kastell_model::kube::{Quantity, QuantityError};
use kastell_model::views::ContainerKind;
use kastell_model::yaml::Value;
use kastell_model::{Anchor, DefaultedBy, Field, GapReason, Out};

/// One amount of a container: `resources.requests.cpu` and so on.
#[derive(Clone, Copy)]
pub(crate) struct Amount {
    /// Its path in a container; the last part is the resource.
    pub(crate) path: &'static [&'static str],
    /// Whether it is a limit, and not a request.
    pub(crate) limit: bool,
    /// The resource.
    pub(crate) resource: &'static str,
}

/// `resources.requests.cpu`
pub(crate) const CPU_REQUEST: Amount =
    Amount { path: &["resources", "requests", "cpu"], limit: false, resource: "cpu" };
/// `resources.limits.cpu`
pub(crate) const CPU_LIMIT: Amount = Amount { path: &["resources", "limits", "cpu"], limit: true, resource: "cpu" };
/// `resources.requests.memory`
pub(crate) const MEMORY_REQUEST: Amount =
    Amount { path: &["resources", "requests", "memory"], limit: false, resource: "memory" };
/// `resources.limits.memory`
pub(crate) const MEMORY_LIMIT: Amount =
    Amount { path: &["resources", "limits", "memory"], limit: true, resource: "memory" };

/// The amount that holds for a container: its own; for a request the limit (`SetDefaults_Pod`); the pod's own resources
/// (KEP-2837); what a LimitRange of the namespace fills in (`plugin/pkg/admission/limitranger`, `mergePodResourceRequirements`).
pub(crate) fn effective<'t>(cx: &ContainerCx<'t>, amount: Amount) -> Field<'t, Quantity> {
    let own = quantity(&Field::at(cx.container.value, amount.path));
    let Field::Absent(anchor) = own else { return own };
    if !amount.limit {
        let limit: &'static [&'static str] = if amount.resource == "cpu" { CPU_LIMIT.path } else { MEMORY_LIMIT.path };
        if let Field::Set(q, _) = quantity(&Field::at(cx.container.value, limit)) {
            return Field::Default(q, DefaultedBy::Api, anchor);
        }
    }
    match quantity(&cx.pod.field(amount.path)) {
        Field::Set(q, _) => return Field::Default(q, DefaultedBy::Api, anchor),
        unreadable @ Field::Unreadable(..) => return unreadable,
        _ => {}
    }
    from_limit_range(cx, amount, anchor)
}

fn quantity<'t>(field: &Field<'t, Value<'t>>) -> Field<'t, Quantity> {
    match *field {
        Field::Set(v, at) => match Quantity::from_value(v) {
            Ok(q) => Field::Set(q, at),
            Err(QuantityError::Type) => Field::Unreadable(at, GapReason::Invalid),
            Err(_) => Field::Unreadable(at, GapReason::of_mistyped(at)),
        },
        Field::Unreadable(v, r) => Field::Unreadable(v, r),
        Field::Default(_, _, a) | Field::Absent(a) => Field::Absent(a),
    }
}

fn from_limit_range<'t>(cx: &ContainerCx<'t>, amount: Amount, anchor: Anchor<'t>) -> Field<'t, Quantity> {
    let namespace = cx.object.key.namespace_or_default();
    for (_, range) in cx.facts.in_namespace(&cx.object.key.unit, "", "LimitRange", namespace) {
        for item in range.root().at(&["spec", "limits"]).into_iter().flat_map(Value::items) {
            if let Some(q) = container_default(item, amount) {
                return Field::Default(q, DefaultedBy::Cluster(range.key.to_string()), anchor);
            }
        }
    }
    Field::Absent(anchor)
}

/// What an item of a LimitRange fills in, its own defaults (`SetDefaults_LimitRangeItem`) included: the maximum stands in
/// for the default limit, and the default limit or else the minimum for the default request.
pub(crate) fn container_default(item: Value<'_>, amount: Amount) -> Option<Quantity> {
    if !item.get("type").is_some_and(|t| t.is_str("Container")) {
        return None;
    }
    let keys: &[&str] = if amount.limit { &["default", "max"] } else { &["defaultRequest", "default", "max", "min"] };
    keys.iter().find_map(|k| Quantity::from_value(item.at(&[k, amount.resource])?).ok())
}

/// Fails where nothing sets `amount` for the container, or a limit of 0 sets none. `message` says what follows.
pub(crate) fn require(cx: &ContainerCx<'_>, out: &mut Out<'_>, amount: Amount, message: &'static str) {
    // The API server refuses resources of ephemeral containers.
    if cx.container.kind == ContainerKind::Ephemeral {
        return;
    }
    match effective(cx, amount) {
        Field::Set(q, at) if amount.limit && q.is_zero() => {
            out.fail(at, format!("a limit of 0 is none: {message}"));
        }
        Field::Set(..) | Field::Default(..) => out.pass(),
        Field::Unreadable(at, reason) => out.unreadable(at, reason, &amount.path.join(".")),
        Field::Absent(a) => {
            out.fail(a, message);
        }
    }
}
