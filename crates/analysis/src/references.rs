//! What an object refers to and what stands around it: its namespace, its service account, what selects it.

use crate::facts::Facts;
use kastell_model::{GroupKind, Object, ObjectKey, Seen, Str};
use std::sync::Arc;

/// The answer to "is there such an object": what was found, or what its absence means.
#[derive(Clone, Debug)]
pub enum Lookup<'c> {
    /// It was read.
    Found(&'c Arc<Object>),
    /// It was not read; `Seen` says what that means.
    Missing(Seen),
}

impl<'c> Lookup<'c> {
    /// The object, if it was read.
    pub fn found(&self) -> Option<&'c Arc<Object>> {
        match self {
            Lookup::Found(o) => Some(o),
            Lookup::Missing(_) => None,
        }
    }

    /// The object, if it was read, for as long as the cluster lives.
    pub fn into_found(self) -> Option<&'c Arc<Object>> {
        match self {
            Lookup::Found(o) => Some(o),
            Lookup::Missing(_) => None,
        }
    }
}

impl Facts {
    fn lookup(&self, unit: &Str, group: &str, kind: &str, namespace: Option<&str>, name: &str) -> Lookup<'_> {
        let cluster = self.cluster();
        let kind = GroupKind::new(group, kind);
        let ns: Option<Str> = namespace.map(Str::from);
        let mut key = ObjectKey { unit: unit.clone(), kind, namespace: ns.clone(), name: name.into() };
        let mut found = self.index().find(cluster, &key);
        if found.is_none() && namespace == Some("default") {
            key.namespace = None;
            found = self.index().find(cluster, &key);
        }
        match found {
            Some((_, o)) => Lookup::Found(o),
            None => Lookup::Missing(cluster.coverage().of(unit, &key.kind, ns.as_ref())),
        }
    }

    /// The Namespace object of `name`.
    pub fn namespace(&self, unit: &Str, name: &str) -> Lookup<'_> {
        self.lookup(unit, "", "Namespace", None, name)
    }

    /// The Namespace object of `name` with its index, where it was read.
    pub fn namespace_object(&self, unit: &Str, name: &str) -> Option<(u32, &Arc<Object>)> {
        self.index().find(self.cluster(), &Facts::namespace_key(unit, name))
    }

    /// The ServiceAccount `name` in `namespace`.
    pub fn service_account(&self, unit: &Str, namespace: &str, name: &str) -> Lookup<'_> {
        self.lookup(unit, "", "ServiceAccount", Some(namespace), name)
    }

    /// All objects of a kind in `namespace` of `unit`, with their indexes.
    pub fn in_namespace(
        &self,
        unit: &Str,
        group: &str,
        kind: &str,
        namespace: &str,
    ) -> impl Iterator<Item = (u32, &Arc<Object>)> {
        self.index().in_namespace(self.cluster(), unit, group, kind, namespace)
    }

    /// What was seen of a kind in `namespace` of `unit`.
    pub fn seen(&self, unit: &Str, group: &str, kind: &str, namespace: Option<&str>) -> Seen {
        let ns = namespace.map(Str::from);
        self.cluster().coverage().of(unit, &GroupKind::new(group, kind), ns.as_ref())
    }

    /// The key of the Namespace object `name`, read or not.
    pub fn namespace_key(unit: &Str, name: &str) -> ObjectKey {
        ObjectKey { unit: unit.clone(), kind: GroupKind::new("", "Namespace"), namespace: None, name: name.into() }
    }
}
