//! Which kinds of a cluster are read: those that a question of this program looks at, and no others.
//!
//! Three things ask: the carriers of pod templates (`kastell_model::carriers`), controls on objects of a kind
//! ([`Check::Object`]), and lookups in facts and whole-cluster controls, which are listed here. A test reads the sources of
//! those crates and compares every kind that they name with this list, so that a new lookup cannot be forgotten.

use kastell_controls::{CONTROLS, Check};
use kastell_model::carriers::CARRIERS;
use kastell_model::kube::kinds;
use std::collections::BTreeSet;

/// Kinds that facts and whole-cluster controls look up.
pub const LOOKED_UP: &[(&str, &str)] = &[
    ("", "LimitRange"),
    ("", "Namespace"),
    ("", "Pod"),
    ("", "ResourceQuota"),
    ("", "Secret"),
    ("", "ServiceAccount"),
    ("apps", "Deployment"),
    // The team of what Argo CD deployed is its Application's project.
    ("argoproj.io", "Application"),
    ("batch", "CronJob"),
];

/// Kinds that carriers know from manifests, and that no API server serves under this name.
const NEVER_SERVED: &[(&str, &str)] = &[("", "DeploymentConfig")];

/// A kind to read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ReadKind {
    /// API group; empty for the core group.
    pub group: &'static str,
    /// Kind.
    pub kind: &'static str,
}

impl ReadKind {
    /// The plural name in paths and in rules of roles. Of kinds that are not Kubernetes' own it is what their CRDs call it:
    /// the kind in lower case with the ending of English nouns, without an exception so far.
    pub fn resource(self) -> String {
        match kinds::resource(self.group, self.kind) {
            Some(known) => known.to_string(),
            None => plural(&self.kind.to_ascii_lowercase()),
        }
    }

    /// Whether only metadata is asked for: the values of Secrets are nobody's business.
    pub fn metadata_only(self) -> bool {
        self.group.is_empty() && self.kind == "Secret"
    }
}

/// English plurals: `policies`, `gateways`, `sandboxes`.
fn plural(singular: &str) -> String {
    match singular.as_bytes() {
        [.., b's' | b'x'] | [.., b'c' | b's', b'h'] => format!("{singular}es"),
        [.., b'a' | b'e' | b'i' | b'o' | b'u', b'y'] => format!("{singular}s"),
        [.., b'y'] => format!("{}ies", singular.strip_suffix('y').unwrap_or(singular)),
        _ => format!("{singular}s"),
    }
}

/// Every kind that is read, by group and kind.
pub fn read_kinds() -> Vec<ReadKind> {
    let carriers = CARRIERS.iter().map(|c| (c.group, c.kind));
    let controls = CONTROLS.iter().flat_map(|c| match c.check {
        Check::Object(kinds, _) => kinds.iter().copied(),
        _ => [].iter().copied(),
    });
    let all = carriers.chain(controls).chain(LOOKED_UP.iter().copied()).filter(|k| !NEVER_SERVED.contains(k));
    let unique: BTreeSet<ReadKind> = all.map(|(group, kind)| ReadKind { group, kind }).collect();
    unique.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_once_and_has_a_name_in_paths() {
        let kinds = read_kinds();
        assert!(kinds.is_sorted() && kinds.len() > 60);
        let resource = |group, kind| ReadKind { group, kind }.resource();
        assert_eq!(resource("networking.k8s.io", "NetworkPolicy"), "networkpolicies");
        assert_eq!(resource("cilium.io", "CiliumNetworkPolicy"), "ciliumnetworkpolicies");
        assert_eq!(resource("agents.x-k8s.io", "Sandbox"), "sandboxes");
        assert_eq!(resource("logstash.k8s.elastic.co", "Logstash"), "logstashes");
        assert_eq!(resource("monitoring.coreos.com", "Prometheus"), "prometheuses");
        assert_eq!(resource("gateway.networking.k8s.io", "Gateway"), "gateways");
    }

    #[test]
    fn of_secrets_only_metadata_is_asked_for() {
        let metadata_only: Vec<ReadKind> = read_kinds().into_iter().filter(|k| k.metadata_only()).collect();
        assert_eq!(metadata_only, [ReadKind { group: "", kind: "Secret" }]);
    }

    #[test]
    fn controllers_that_own_pods_are_read() {
        let kinds = read_kinds();
        for (group, kind) in [("apps", "ReplicaSet"), ("batch", "Job"), ("apps", "Deployment"), ("batch", "CronJob")] {
            assert!(kinds.contains(&ReadKind { group, kind }), "{kind}");
        }
    }
}
