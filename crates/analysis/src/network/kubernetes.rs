//! NetworkPolicy of `networking.k8s.io`, and the cluster administrator's policies of `policy.networking.k8s.io`.

use super::{Direction, Policy, Selector, place};
use kastell_model::Object;
use kastell_model::kube::LabelSelector;
use kastell_model::yaml::Value;

/// The policy of a NetworkPolicy. An absent `podSelector` is the empty one: the Go field is no pointer.
pub(super) fn network_policy(object: u32, o: &Object) -> Vec<Policy> {
    let spec = o.root().field("spec").unwrap_or(o.root());
    let selector = match spec.field("podSelector") {
        None => Selector::Pods(LabelSelector::everything()),
        Some(s) => LabelSelector::from_value(s).map_or(Selector::Unclear, Selector::Pods),
    };
    let direction = |key: &str, isolates| {
        let rules = spec.field(key).into_iter().flat_map(Value::items);
        let open = rules.filter(|r| allows_everything(*r, key)).map(Value::id).next();
        Direction { isolates, open: open.filter(|_| isolates) }
    };
    let (ingress, egress) = types(spec);
    let at = place(spec, "podSelector");
    vec![Policy { object, at, ingress: direction("ingress", ingress), egress: direction("egress", egress), selector }]
}

/// Which directions a policy is about: `policyTypes`, else ingress, and egress where it has such rules
/// (pkg/apis/networking/v1/defaults.go).
fn types(spec: Value<'_>) -> (bool, bool) {
    match spec.field("policyTypes").filter(|t| t.items().next().is_some()) {
        Some(types) => {
            let has = |t: &str| types.items().any(|v| v.is_str(t));
            (has("Ingress"), has("Egress"))
        }
        None => (true, spec.field("egress").is_some_and(|e| e.items().next().is_some())),
    }
}

/// A rule without peers and without ports.
fn allows_everything(rule: Value<'_>, direction: &str) -> bool {
    let peers = if direction == "ingress" { "from" } else { "to" };
    let none = |key: &str| rule.field(key).is_none_or(|l| l.is_sequence() && l.items().next().is_none());
    (rule.is_mapping() || rule.is_null()) && none(peers) && none("ports")
}

/// The policy of an AdminNetworkPolicy and its successors: what it closes is what a rule denies.
pub(super) fn admin_policy(object: u32, o: &Object) -> Vec<Policy> {
    let spec = o.root().field("spec").unwrap_or(o.root());
    let denies = |key: &str| {
        let mut rules = spec.field(key).into_iter().flat_map(Value::items);
        let isolates = rules.any(|r| r.field("action").is_some_and(|a| a.is_str("Deny")));
        Direction { isolates, open: None }
    };
    let (ingress, egress) = (denies("ingress"), denies("egress"));
    vec![Policy { object, at: place(spec, "subject"), ingress, egress, selector: subject(spec) }]
}

fn subject(spec: Value<'_>) -> Selector {
    let Some(subject) = spec.field("subject") else { return Selector::Unclear };
    let read = |v: Option<Value<'_>>| v.map_or(Some(LabelSelector::nothing()), |v| LabelSelector::from_value(v).ok());
    let both = match (subject.get("namespaces"), subject.get("pods")) {
        (Some(n), None) => read(Some(n)).map(|n| (n, LabelSelector::everything())),
        (None, Some(p)) => read(p.get("namespaceSelector")).zip(read(p.get("podSelector"))),
        _ => None,
    };
    both.map_or(Selector::Unclear, |(namespaces, pods)| Selector::NamespacesAndPods(namespaces, pods))
}
