//! Network policies: which pods each selects and what it closes and opens for them.
//!
//! Owns: the policies of a cluster, grouped once by unit and namespace, and the question whether one selects a pod. Must
//! not know: what a finding is, and packets: ports and peers matter here only where a rule lets everything through.
//!
//! Semantics: `k8s.io/api/networking/v1` (NetworkPolicySpec), `policy.networking.k8s.io` (AdminNetworkPolicy), Cilium
//! `pkg/policy/api` (Rule, EndpointSelector), Calico `api/pkg/apis/projectcalico/v3` and its selector language.

mod calico;
mod cilium;
mod endpoint;
mod kubernetes;

pub use endpoint::Endpoint;

use crate::facts::Facts;
use crate::index::Index;
use kastell_model::kube::LabelSelector;
use kastell_model::yaml::{NodeId, Value};
use kastell_model::{Cluster, Object, Seen, Str};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// An answer that may have to stay open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// The objects at hand do not decide it.
    Unknown,
}

impl Answer {
    fn of(b: bool) -> Answer {
        if b { Answer::Yes } else { Answer::No }
    }

    fn and(self, other: Answer) -> Answer {
        match (self, other) {
            (Answer::No, _) | (_, Answer::No) => Answer::No,
            (Answer::Yes, Answer::Yes) => Answer::Yes,
            _ => Answer::Unknown,
        }
    }

    fn not(self) -> Answer {
        match self {
            Answer::Yes => Answer::No,
            Answer::No => Answer::Yes,
            Answer::Unknown => Answer::Unknown,
        }
    }

    fn or(self, other: Answer) -> Answer {
        self.not().and(other.not()).not()
    }
}

/// What a policy does to one direction of the traffic of the pods that it selects.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Direction {
    /// Whether what no rule allows is denied from then on.
    pub isolates: bool,
    /// The rule that allows everything, where there is one.
    pub open: Option<NodeId>,
}

/// Which pods a policy selects.
#[derive(Clone, Debug)]
enum Selector {
    /// Pods of the policy's namespace by their labels.
    Pods(LabelSelector),
    /// Pods by the labels of their namespace and their own.
    NamespacesAndPods(LabelSelector, LabelSelector),
    /// Endpoints by Cilium's labels, among which the namespace's stand.
    Cilium(LabelSelector),
    /// Calico's language: for the pod, and for its namespace where the policy asks.
    Calico(calico::Expression, calico::Expression),
    /// No pod (the policy is about nodes).
    NoPod,
    /// The selector could not be read, or asks for what is not looked at (the labels of service accounts).
    Unclear,
}

/// One policy: of a Cilium object with `specs` one of them.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The object's index in the cluster.
    pub object: u32,
    /// Where the selector stands, or what would hold it.
    pub at: NodeId,
    /// What it does to connections to the pods.
    pub ingress: Direction,
    /// What it does to connections from the pods.
    pub egress: Direction,
    selector: Selector,
}

impl Policy {
    /// Whether the policy selects the pod.
    pub fn selects(&self, pod: &Endpoint<'_>) -> Answer {
        match &self.selector {
            Selector::Pods(s) => pod.matches(s),
            Selector::NamespacesAndPods(namespaces, pods) => pod.namespace_matches(namespaces).and(pod.matches(pods)),
            Selector::Cilium(s) => pod.matches_cilium(s),
            Selector::Calico(pods, namespaces) => {
                namespaces.holds(&|key| pod.namespace_label(key)).and(pods.holds(&|key| pod.calico_label(key)))
            }
            Selector::NoPod => Answer::No,
            Selector::Unclear => Answer::Unknown,
        }
    }

    /// Whether the selector could not be read.
    pub fn is_unclear(&self) -> bool {
        matches!(self.selector, Selector::Unclear)
    }

    /// Whether the policy is about nodes and not about pods.
    pub fn is_for_nodes(&self) -> bool {
        matches!(self.selector, Selector::NoPod)
    }
}

/// What is understood: group, kind, whether it is cluster-wide, and its reader.
type Reader = fn(u32, &Object) -> Vec<Policy>;

/// The kinds of policies, by (group, kind).
pub const POLICY_KINDS: &[(&str, &str)] = &[
    ("networking.k8s.io", "NetworkPolicy"),
    ("extensions", "NetworkPolicy"),
    ("cilium.io", "CiliumNetworkPolicy"),
    ("cilium.io", "CiliumClusterwideNetworkPolicy"),
    ("projectcalico.org", "NetworkPolicy"),
    ("crd.projectcalico.org", "NetworkPolicy"),
    ("projectcalico.org", "GlobalNetworkPolicy"),
    ("crd.projectcalico.org", "GlobalNetworkPolicy"),
    ("policy.networking.k8s.io", "AdminNetworkPolicy"),
    ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy"),
    ("policy.networking.k8s.io", "ClusterNetworkPolicy"),
];

fn reader(object: &Object) -> Option<(bool, Reader)> {
    Some(match (&*object.key.kind.group, &*object.key.kind.kind) {
        ("networking.k8s.io" | "extensions", "NetworkPolicy") => (false, kubernetes::network_policy),
        ("cilium.io", "CiliumNetworkPolicy") => (false, cilium::policies),
        ("cilium.io", "CiliumClusterwideNetworkPolicy") => (true, cilium::policies),
        ("projectcalico.org" | "crd.projectcalico.org", "NetworkPolicy") => (false, calico::policy),
        ("projectcalico.org" | "crd.projectcalico.org", "GlobalNetworkPolicy") => (true, calico::policy),
        ("policy.networking.k8s.io", "AdminNetworkPolicy" | "BaselineAdminNetworkPolicy" | "ClusterNetworkPolicy") => {
            (true, kubernetes::admin_policy)
        }
        _ => return None,
    })
}

/// The policies that an object holds; nothing for other kinds. `index` is the object's index in its cluster.
pub fn policies_of(index: u32, object: &Object) -> Vec<Policy> {
    reader(object).map_or_else(Vec::new, |(_, read)| read(index, object))
}

#[derive(Debug, Default)]
struct OfUnit {
    namespaces: BTreeMap<Str, Vec<Policy>>,
    clusterwide: Vec<Policy>,
}

/// All network policies of a cluster.
#[derive(Debug, Default)]
pub struct NetworkPolicies {
    units: FxHashMap<Str, OfUnit>,
}

impl NetworkPolicies {
    pub(crate) fn new(cluster: &Cluster, index: &Index) -> NetworkPolicies {
        let mut units: FxHashMap<Str, OfUnit> = FxHashMap::default();
        for unit in index.units() {
            for (group, kind) in POLICY_KINDS {
                for (i, object) in index.kind(cluster, unit, group, kind) {
                    let Some((clusterwide, read)) = reader(object).filter(|_| !object.patch) else { continue };
                    let of_unit = units.entry(unit.clone()).or_default();
                    let policies = if clusterwide {
                        &mut of_unit.clusterwide
                    } else {
                        of_unit.namespaces.entry(object.key.namespace_or_default().into()).or_default()
                    };
                    policies.extend(read(i, object));
                }
            }
        }
        NetworkPolicies { units }
    }

    /// The policies of a namespace, without those that are cluster-wide.
    pub fn in_namespace(&self, unit: &str, namespace: &str) -> &[Policy] {
        self.units.get(unit).and_then(|u| u.namespaces.get(namespace)).map_or(&[], Vec::as_slice)
    }

    /// The namespaces of `unit` with policies, sorted.
    pub fn namespaces(&self, unit: &str) -> impl Iterator<Item = &Str> {
        self.units.get(unit).into_iter().flat_map(|u| u.namespaces.keys())
    }

    /// The cluster-wide policies.
    pub fn clusterwide(&self, unit: &str) -> &[Policy] {
        self.units.get(unit).map_or(&[], |u| u.clusterwide.as_slice())
    }

    /// Every policy that may select a pod of the namespace.
    pub fn candidates(&self, unit: &str, namespace: &str) -> impl Iterator<Item = &Policy> {
        self.in_namespace(unit, namespace).iter().chain(self.clusterwide(unit))
    }
}

impl Facts {
    /// Whether any policy stands in the namespace or may, being cluster-wide, select pods of it.
    pub fn has_network_policies(&self, unit: &Str, namespace: &str) -> bool {
        let network = self.network();
        let any = || Endpoint::any_of(self, unit, namespace);
        let clusterwide = network.clusterwide(unit);
        !network.in_namespace(unit, namespace).is_empty()
            || (!clusterwide.is_empty() && clusterwide.iter().any(|p| p.selects(&any()) != Answer::No))
    }

    /// What was seen of the policies that may reach `namespace`. Where a list of any kind failed, absence says nothing; a
    /// kind that was not asked for, as where its CRD is not installed, does not count.
    pub fn network_policies_seen(&self, unit: &Str, namespace: &str) -> Seen {
        let of = |(group, kind): &(&str, &str)| self.seen(unit, group, kind, Some(namespace));
        let failed = POLICY_KINDS.iter().map(of).find(|s| matches!(s, Seen::Failed(_)));
        failed.unwrap_or_else(|| self.seen(unit, "networking.k8s.io", "NetworkPolicy", Some(namespace)))
    }

    /// The namespace's pods and their policies meet here: every candidate that selects `pod`, or may.
    pub fn policies_selecting<'a>(&'a self, pod: &Endpoint<'a>) -> Vec<(&'a Policy, Answer)> {
        let (unit, namespace) = (pod.unit(), pod.namespace());
        self.network()
            .candidates(unit, namespace)
            .map(|p| (p, p.selects(pod)))
            .filter(|(_, answer)| *answer != Answer::No)
            .collect()
    }
}

/// The selector at `spec.KEY`, or the specification that lacks it.
fn place(spec: Value<'_>, key: &str) -> NodeId {
    spec.get(key).unwrap_or(spec).id()
}

#[cfg(test)]
mod tests;
