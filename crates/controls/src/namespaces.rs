//! What controls on whole namespaces share: which namespaces count, and how to say that one lacks something.

use crate::context::{ClusterCx, ClusterOut};
use kastell_analysis::Facts;
use kastell_model::{Confidence, GapReason, Object, Out, Seen, Str};
use std::collections::BTreeMap;

/// A namespace that somebody puts workloads into.
pub(crate) struct Workspace {
    /// Its unit.
    pub(crate) unit: Str,
    /// Its name.
    pub(crate) name: String,
    /// Where it is shown: the Namespace object, else the first object in it.
    index: u32,
    /// Whether `index` is the Namespace object.
    is_own: bool,
}

/// Something that a namespace should have.
pub(crate) struct Absence {
    /// The API group of the kind.
    pub(crate) group: &'static str,
    /// The kind that would be it.
    pub(crate) kind: &'static str,
    /// What its absence means, said of the namespace.
    pub(crate) what: &'static str,
}

/// Namespaces of Kubernetes itself, whose pods its own manifests size.
fn is_system(name: &str) -> bool {
    matches!(name, "kube-system" | "kube-public" | "kube-node-lease")
}

fn is_workload(o: &Object) -> bool {
    match &*o.key.kind.group {
        "" => matches!(&*o.key.kind.kind, "Pod" | "ReplicationController"),
        "apps" => matches!(&*o.key.kind.kind, "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet"),
        "batch" => matches!(&*o.key.kind.kind, "Job" | "CronJob"),
        _ => false,
    }
}

/// The namespaces with workloads or with an object of `kind` (of the core group), sorted, without those of Kubernetes.
pub(crate) fn with_workloads_or(cx: &ClusterCx<'_>, kind: &str) -> Vec<Workspace> {
    let mut found: BTreeMap<(&Str, &str), Workspace> = BTreeMap::new();
    for (index, o) in (0..).zip(cx.cluster().objects()) {
        let name = o.key.namespace_or_default();
        if o.patch || is_system(name) || !(is_workload(o) || o.is("", kind)) {
            continue;
        }
        let new = || Workspace { unit: o.key.unit.clone(), name: name.to_string(), index, is_own: false };
        found.entry((&o.key.unit, name)).or_insert_with(new);
    }
    for (index, o) in (0..).zip(cx.cluster().objects()).filter(|(_, o)| o.is("", "Namespace")) {
        if let Some(ns) = found.get_mut(&(&o.key.unit, &*o.key.name)) {
            ns.index = index;
            ns.is_own = true;
        }
    }
    found.into_values().collect()
}

impl Workspace {
    /// Says something about the namespace that is shown at the object `index`.
    pub(crate) fn about(&self, out: &mut ClusterOut<'_>, index: u32, write: impl FnOnce(&mut Out<'_>)) {
        out.about(index, Some(Facts::namespace_key(&self.unit, &self.name)), write);
    }

    /// The namespace has no object of a kind: a finding where all of them were read, an unsure one among files, a gap
    /// where nobody looked.
    pub(crate) fn lacks(&self, cx: &ClusterCx<'_>, out: &mut ClusterOut<'_>, absence: &Absence) {
        let Some(object) = cx.cluster().objects().get(self.index as usize) else { return };
        let name = object.metadata().and_then(|m| m.get("name")).unwrap_or(object.root());
        let (kind, what) = (absence.kind, absence.what);
        let write = |out: &mut Out<'_>| match cx.facts.seen(&self.unit, absence.group, kind, Some(&self.name)) {
            Seen::All => {
                out.fail(name, format!("namespace `{}`: {what}", self.name));
            }
            Seen::Open => {
                let message = format!("namespace `{}`: {what} (not among the files given)", self.name);
                out.fail(name, message).confidence(Confidence::Low);
            }
            Seen::NotAsked => {
                out.gap(
                    name,
                    GapReason::NeedsSource,
                    format!("whether the namespace has a {kind}: a cluster would say"),
                );
            }
            Seen::Failed(why) => {
                out.gap(
                    name,
                    GapReason::Unreadable,
                    format!("{kind} objects of the namespace could not be read: {why}"),
                );
            }
        };
        if self.is_own { out.on(self.index, write) } else { self.about(out, self.index, write) }
    }
}
