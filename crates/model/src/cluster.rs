//! The cluster: all objects of a run, sorted, with what is known of their completeness.

use crate::kube::versions::KubernetesVersion;
use crate::object::{GroupKind, Object, ObjectKey, Str};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is deployed together. Facts join only within a unit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Unit {
    /// Its name: the path that was given, or `files` for all single files of a run.
    pub name: Str,
}

/// How much of a kind was seen in a unit and namespace. What argues from absence asks this first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seen {
    /// A complete list was read: absence is a fact.
    All,
    /// There may be more than was given (files).
    Open,
    /// The run was not given a source that knows.
    NotAsked,
    /// Reading failed, for this reason.
    Failed(Str),
}

/// What was seen, by unit, kind and namespace.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    units: BTreeMap<Str, Seen>,
    kinds: BTreeMap<(Str, GroupKind, Option<Str>), Seen>,
}

impl Coverage {
    /// Sets what holds for every kind of a unit that has no entry of its own.
    pub fn set_unit(&mut self, unit: Str, seen: Seen) {
        self.units.insert(unit, seen);
    }

    /// Sets what holds for a kind, in one namespace or (with `None`) in all.
    pub fn set_kind(&mut self, unit: Str, kind: GroupKind, namespace: Option<Str>, seen: Seen) {
        self.kinds.insert((unit, kind, namespace), seen);
    }

    /// What holds for every kind of `unit` that has no entry of its own; `None` where nothing was said.
    pub fn unit(&self, unit: &str) -> Option<&Seen> {
        self.units.get(unit)
    }

    /// The entries of single kinds of `unit`, sorted by kind and namespace.
    pub fn kinds(&self, unit: &str) -> impl Iterator<Item = (&GroupKind, Option<&Str>, &Seen)> {
        self.kinds.iter().filter(move |((u, ..), _)| &**u == unit).map(|((_, k, ns), seen)| (k, ns.as_ref(), seen))
    }

    /// Takes in what was seen elsewhere; of equal entries the new one counts.
    pub fn extend(&mut self, other: &Coverage) {
        self.units.extend(other.units.iter().map(|(unit, seen)| (unit.clone(), seen.clone())));
        self.kinds.extend(other.kinds.iter().map(|(entry, seen)| (entry.clone(), seen.clone())));
    }

    /// What was seen of `kind` in `namespace` of `unit`: the entry of the namespace, else of the kind, else of the unit.
    pub fn of(&self, unit: &Str, kind: &GroupKind, namespace: Option<&Str>) -> Seen {
        let entry = |ns: Option<Str>| self.kinds.get(&(unit.clone(), kind.clone(), ns));
        namespace
            .and_then(|ns| entry(Some(ns.clone())))
            .or_else(|| entry(None))
            .or_else(|| self.units.get(unit))
            .cloned()
            .unwrap_or(Seen::NotAsked)
    }
}

/// All objects of a run. Immutable; a change makes a new generation that shares what did not change.
#[derive(Clone, Debug)]
pub struct Cluster {
    objects: Arc<[Arc<Object>]>,
    coverage: Arc<Coverage>,
    version: KubernetesVersion,
    version_is_given: bool,
    generation: u64,
}

/// Objects to add or replace, and keys to remove.
#[derive(Clone, Debug, Default)]
pub struct Delta {
    /// Objects that are new or replace those of the same key.
    pub put: Vec<Arc<Object>>,
    /// Keys that are gone.
    pub removed: Vec<ObjectKey>,
}

/// Collects what a [`Cluster`] is made of.
#[derive(Debug, Default)]
pub struct ClusterBuilder {
    /// The objects, in any order.
    pub objects: Vec<Arc<Object>>,
    /// What was seen.
    pub coverage: Coverage,
    /// The version that was given or asked of the server.
    pub version: Option<KubernetesVersion>,
}

/// Identity first; equal identities in the order of their places.
fn order(a: &Object, b: &Object) -> std::cmp::Ordering {
    a.key.cmp(&b.key).then_with(|| a.source.path.cmp(&b.source.path)).then_with(|| {
        let at = |o: &Object| (o.root().span().start, o.root.0);
        at(a).cmp(&at(b))
    })
}

impl ClusterBuilder {
    /// Sorts the objects and freezes them.
    pub fn build(mut self) -> Cluster {
        self.objects.sort_by(|a, b| order(a, b));
        Cluster {
            objects: self.objects.into(),
            coverage: Arc::new(self.coverage),
            version_is_given: self.version.is_some(),
            version: self.version.unwrap_or(KubernetesVersion::NEWEST),
            generation: 0,
        }
    }
}

impl Cluster {
    /// The objects, sorted by key; an index into this slice holds within one generation.
    pub fn objects(&self) -> &[Arc<Object>] {
        &self.objects
    }

    /// What was seen.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// The Kubernetes version that the questions are about.
    pub fn version(&self) -> KubernetesVersion {
        self.version
    }

    /// Whether the version was given by a flag or a server; else it is the newest that kastell knows.
    pub fn version_is_given(&self) -> bool {
        self.version_is_given
    }

    /// Counts the changes since the cluster was built.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The next generation: `delta` merged into the sorted objects. Pointers are copied, objects are not.
    #[must_use]
    pub fn apply(&self, mut delta: Delta) -> Cluster {
        delta.put.sort_by(|a, b| order(a, b));
        delta.removed.sort();
        let gone = |key: &ObjectKey| {
            delta.removed.binary_search(key).is_ok() || delta.put.binary_search_by(|o| o.key.cmp(key)).is_ok()
        };
        let mut objects: Vec<Arc<Object>> = self.objects.iter().filter(|o| !gone(&o.key)).cloned().collect();
        objects.extend(delta.put.iter().cloned());
        objects.sort_by(|a, b| order(a, b));
        Cluster {
            objects: objects.into(),
            coverage: Arc::clone(&self.coverage),
            version: self.version,
            version_is_given: self.version_is_given,
            generation: self.generation + 1,
        }
    }
}
