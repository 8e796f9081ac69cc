//! Which objects carry pods, by namespace.

use crate::facts::Facts;
use kastell_model::carriers;
use kastell_model::{Cluster, Str};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The objects with pods or pod templates of every namespace.
#[derive(Debug, Default)]
pub struct Workloads {
    units: FxHashMap<Str, BTreeMap<Str, Vec<u32>>>,
}

impl Workloads {
    pub(crate) fn new(cluster: &Cluster) -> Workloads {
        let mut units: FxHashMap<Str, BTreeMap<Str, Vec<u32>>> = FxHashMap::default();
        for (i, object) in (0_u32..).zip(cluster.objects()) {
            if object.patch || carriers::find(object).is_empty() {
                continue;
            }
            let namespaces = units.entry(object.key.unit.clone()).or_default();
            let namespace = object.key.namespace_or_default();
            match namespaces.get_mut(namespace) {
                Some(objects) => objects.push(i),
                None => drop(namespaces.insert(namespace.into(), vec![i])),
            }
        }
        Workloads { units }
    }

    /// The indexes of the objects with pods in `namespace` of `unit`, in the order of the cluster.
    pub fn in_namespace(&self, unit: &str, namespace: &str) -> &[u32] {
        self.units.get(unit).and_then(|u| u.get(namespace)).map_or(&[], Vec::as_slice)
    }

    /// The namespaces of `unit` that have any, sorted, each with its objects.
    pub fn namespaces(&self, unit: &str) -> impl Iterator<Item = (&Str, &[u32])> {
        self.units.get(unit).into_iter().flatten().map(|(ns, objects)| (ns, objects.as_slice()))
    }
}

impl Facts {
    /// Every namespace with pods, by unit and name: (unit, namespace, objects).
    pub fn namespaces_with_workloads(&self) -> impl Iterator<Item = (&Str, &Str, &[u32])> {
        let workloads = self.workloads();
        self.index().units().iter().flat_map(move |unit| workloads.namespaces(unit).map(move |(ns, o)| (unit, ns, o)))
    }
}
