//! CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy.
//!
//! Facts (Cilium `pkg/policy/api`): `spec` and `specs` both count; a rule is about endpoints or, with `nodeSelector`,
//! about nodes; a direction is closed by default where the rule has a section for it, even an empty one, unless
//! `enableDefaultDeny` says otherwise; an empty rule allows nothing. Keys of selectors may carry a label source
//! (`k8s:`, `any:`); `reserved:` labels are never a pod's.

use super::{Direction, Policy, Selector, place};
use kastell_model::Object;
use kastell_model::kube::{LabelSelector, Operator, Requirement};
use kastell_model::yaml::Value;

pub(super) fn policies(object: u32, o: &Object) -> Vec<Policy> {
    let root = o.root();
    let specs = root.field("specs").into_iter().flat_map(Value::items);
    root.field("spec").into_iter().chain(specs).filter(|s| s.is_mapping()).map(|s| policy(object, s)).collect()
}

fn policy(object: u32, spec: Value<'_>) -> Policy {
    let selector = match (spec.field("endpointSelector"), spec.field("nodeSelector")) {
        (Some(s), _) => selector(s).unwrap_or(Selector::Unclear),
        (None, Some(_)) => Selector::NoPod,
        (None, None) => match spec.get("endpointSelector") {
            // `endpointSelector:` with nothing behind it selects every endpoint, as `{}` does.
            Some(_) => Selector::Cilium(LabelSelector::everything()),
            None => Selector::Unclear,
        },
    };
    let (ingress, egress) = (direction(spec, "ingress"), direction(spec, "egress"));
    Policy { object, at: place(spec, "endpointSelector"), ingress, egress, selector }
}

fn direction(spec: Value<'_>, key: &str) -> Direction {
    let denies = if key == "ingress" { "ingressDeny" } else { "egressDeny" };
    let by_default = spec.get(key).is_some_and(Value::is_sequence) || spec.get(denies).is_some_and(Value::is_sequence);
    let isolates = spec.at(&["enableDefaultDeny", key]).and_then(Value::as_bool).unwrap_or(by_default);
    let (entities, ports) = if key == "ingress" { ("fromEntities", "toPorts") } else { ("toEntities", "toPorts") };
    let open = spec.field(key).into_iter().flat_map(Value::items).find(|r| {
        let all = r.field(entities).is_some_and(|e| e.items().any(|e| e.is_str("all")));
        all && r.field(ports).is_none() && r.field("icmps").is_none() && r.field("authentication").is_none()
    });
    Direction { isolates, open: open.map(Value::id) }
}

fn selector(v: Value<'_>) -> Option<Selector> {
    let mut requirements = Vec::new();
    let mut reserved = false;
    for (key, value) in v.field("matchLabels").into_iter().flat_map(Value::entries) {
        let text = if value.is_null() { "".into() } else { value.as_str()? };
        match bare(key) {
            Some(key) => requirements.push(Requirement::new(key.into(), Operator::In, vec![text.into_owned()]).ok()?),
            None => reserved = true,
        }
    }
    for item in v.field("matchExpressions").into_iter().flat_map(Value::items) {
        let key = item.field("key")?.as_str()?;
        let operator = match &*item.field("operator")?.as_str()? {
            "In" => Operator::In,
            "NotIn" => Operator::NotIn,
            "Exists" => Operator::Exists,
            "DoesNotExist" => Operator::DoesNotExist,
            _ => return None,
        };
        let values = item.field("values").into_iter().flat_map(Value::items).map(|v| v.as_str().map(Into::into));
        match bare(&key) {
            Some(key) => {
                requirements.push(Requirement::new(key.into(), operator, values.collect::<Option<_>>()?).ok()?)
            }
            // No pod has a reserved label, so asking for its absence asks for nothing.
            None => reserved |= matches!(operator, Operator::In | Operator::Exists),
        }
    }
    Some(if reserved { Selector::NoPod } else { Selector::Cilium(LabelSelector::from_requirements(requirements)) })
}

/// The key without its source; `None` for reserved labels.
fn bare(key: &str) -> Option<&str> {
    match key.split_once(':') {
        Some(("reserved", _)) => None,
        Some((_, key)) => Some(key),
        None => Some(key.strip_prefix("k8s.").or_else(|| key.strip_prefix("any.")).unwrap_or(key)),
    }
}
