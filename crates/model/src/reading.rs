//! How a running cluster was read: the part of a report's head, and of a snapshot's, that no object says.

use crate::cluster::Seen;
use crate::object::{GroupKind, Str};

/// How one kind was read, in one namespace or (with `None`) in all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KindReading {
    /// Group and kind.
    pub kind: GroupKind,
    /// The API version that was asked, `v1`. Empty where nothing was asked, because the server does not serve the kind (then
    /// there is none, and it counts as seen) or does not say.
    pub version: Str,
    /// The resource's name in paths, `deployments`.
    pub resource: Str,
    /// The namespace, where the kind was not read in all at once.
    pub namespace: Option<Str>,
    /// What came of it.
    pub seen: Seen,
    /// Whether only metadata was asked for (Secrets).
    pub metadata_only: bool,
    /// How many objects it gave.
    pub objects: u32,
    /// How many requests it took, repeated ones included.
    pub requests: u32,
}

/// How a running cluster was read: once for each live cluster or snapshot of a run. Nothing in it changes when an
/// unchanged cluster is read again, except [`ClusterReading::read_at`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClusterReading {
    /// The unit of its objects: the alias, where a name is given to the cluster, else the context's name.
    pub unit: Str,
    /// The server's URL without userinfo, as the kubeconfig names it.
    pub server: Str,
    /// The uid of the namespace `kube-system`: the cluster's own identity. `None` where it could not be read.
    pub uid: Option<Str>,
    /// The server's version as it says it, `v1.37.2`. `None` where it could not be read.
    pub version: Option<Str>,
    /// The kubeconfig's user, or the service account in a pod.
    pub reader: Option<Str>,
    /// All requests that were sent, discovery and repeated ones included.
    pub requests: u32,
    /// When reading began, in UTC, `2026-11-24T20:15:00Z`.
    pub read_at: Str,
    /// Every kind that was asked, sorted by kind and namespace.
    pub kinds: Vec<KindReading>,
}
