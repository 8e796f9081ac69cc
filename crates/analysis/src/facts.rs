//! The facts of one cluster, each computed when first asked for.

use crate::index::Index;
use crate::network::NetworkPolicies;
use crate::owners::Owners;
use crate::workloads::Workloads;
use kastell_model::Cluster;
use std::sync::{Arc, OnceLock};

/// Everything that can be asked about a cluster as a whole.
#[derive(Debug)]
pub struct Facts {
    cluster: Arc<Cluster>,
    index: OnceLock<Index>,
    owners: OnceLock<Owners>,
    workloads: OnceLock<Workloads>,
    network: OnceLock<NetworkPolicies>,
}

impl Facts {
    /// The facts of `cluster`; nothing is computed yet.
    pub fn new(cluster: Arc<Cluster>) -> Facts {
        Facts {
            cluster,
            index: OnceLock::new(),
            owners: OnceLock::new(),
            workloads: OnceLock::new(),
            network: OnceLock::new(),
        }
    }

    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Where the objects of a kind and namespace are.
    pub fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(&self.cluster))
    }

    /// What each object belongs to.
    pub fn owners(&self) -> &Owners {
        self.owners.get_or_init(|| Owners::new(&self.cluster, self.index()))
    }

    /// Which objects carry pods, by namespace.
    pub fn workloads(&self) -> &Workloads {
        self.workloads.get_or_init(|| Workloads::new(&self.cluster))
    }

    /// The network policies, by namespace.
    pub fn network(&self) -> &NetworkPolicies {
        self.network.get_or_init(|| NetworkPolicies::new(&self.cluster, self.index()))
    }
}
