//! Where objects are: by unit, kind, namespace and name.

use kastell_model::{Cluster, GroupKind, Object, ObjectKey, Str};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Indexes into [`Cluster::objects`], which hold for one generation.
#[derive(Debug)]
pub struct Index {
    /// The objects are sorted by unit, group and kind, namespace and name: a kind is a range.
    kinds: FxHashMap<(Str, GroupKind), std::ops::Range<u32>>,
    /// Every unit that has objects, sorted.
    units: Vec<Str>,
}

impl Index {
    /// Indexes `cluster`.
    pub fn new(cluster: &Cluster) -> Index {
        let mut kinds: FxHashMap<(Str, GroupKind), std::ops::Range<u32>> = FxHashMap::default();
        let mut start = 0_u32;
        for chunk in cluster.objects().chunk_by(|a, b| a.key.unit == b.key.unit && a.key.kind == b.key.kind) {
            let end = start + u32::try_from(chunk.len()).unwrap_or(u32::MAX);
            if let Some(o) = chunk.first() {
                kinds.insert((o.key.unit.clone(), o.key.kind.clone()), start..end);
            }
            start = end;
        }
        let mut units: Vec<Str> = Vec::new();
        for chunk in cluster.objects().chunk_by(|a, b| a.key.unit == b.key.unit) {
            units.extend(chunk.first().map(|o| o.key.unit.clone()));
        }
        Index { kinds, units }
    }

    /// The units that have objects, sorted.
    pub fn units(&self) -> &[Str] {
        &self.units
    }

    /// All objects of `group`/`kind` in `unit`, with their indexes.
    pub fn kind<'c>(
        &self,
        cluster: &'c Cluster,
        unit: &Str,
        group: &str,
        kind: &str,
    ) -> impl Iterator<Item = (u32, &'c Arc<Object>)> + use<'c> {
        let range = self.kinds.get(&(unit.clone(), GroupKind::new(group, kind))).cloned().unwrap_or(0..0);
        let slice = cluster.objects().get(range.start as usize..range.end as usize).unwrap_or(&[]);
        range.zip(slice)
    }

    /// Those of them in `namespace`; objects whose manifest says no namespace stand in `default`.
    pub fn in_namespace<'c>(
        &self,
        cluster: &'c Cluster,
        unit: &Str,
        group: &str,
        kind: &str,
        namespace: &str,
    ) -> impl Iterator<Item = (u32, &'c Arc<Object>)> + use<'c> {
        let namespace = namespace.to_string();
        self.kind(cluster, unit, group, kind).filter(move |(_, o)| o.key.namespace_or_default() == namespace)
    }

    /// The object `key`, the first where several have this identity.
    pub fn find<'c>(&self, cluster: &'c Cluster, key: &ObjectKey) -> Option<(u32, &'c Arc<Object>)> {
        let objects = cluster.objects();
        let at = objects.partition_point(|o| o.key < *key);
        let found = objects.get(at).filter(|o| o.key == *key)?;
        Some((u32::try_from(at).ok()?, found))
    }
}
