//! The topmost controller of each object.
//!
//! By `ownerReferences` with `controller: true`. Where an owner in between was not read, the suffix that its controller
//! added is removed only where something proves it: a pod's `pod-template-hash` label (Deployment controller,
//! pkg/controller/deployment/util), or a CronJob among the objects that made the Job (pkg/controller/cronjob).

use crate::index::Index;
use kastell_model::yaml::Value;
use kastell_model::{Cluster, GroupKind, Object, ObjectKey, Subject};
use rustc_hash::FxHashMap;

/// The subject of every object, by its index in the cluster.
#[derive(Debug)]
pub struct Owners {
    /// Each subject once, in the order of its first object.
    subjects: Vec<Subject>,
    /// For each object the index of its subject.
    of: Vec<u32>,
}

/// Real chains have at most four links; a longer one is a loop.
const CHAIN: usize = 10;

impl Owners {
    /// Computes the subject of every object.
    pub fn new(cluster: &Cluster, index: &Index) -> Owners {
        let mut subjects: Vec<Subject> = Vec::new();
        let mut numbers: FxHashMap<ObjectKey, u32> = FxHashMap::default();
        let mut of = Vec::with_capacity(cluster.objects().len());
        for object in cluster.objects() {
            let subject = topmost(cluster, index, object);
            let number = *numbers.entry(subject.key.clone()).or_insert_with(|| {
                subjects.push(subject);
                u32::try_from(subjects.len() - 1).unwrap_or(u32::MAX)
            });
            of.push(number);
        }
        Owners { subjects, of }
    }

    /// The number of the subject of the object with this index: equal numbers, equal subjects.
    pub fn number(&self, object: u32) -> Option<u32> {
        self.of.get(object as usize).copied()
    }

    /// The subject of the object with this index; `None` for an index of another generation.
    pub fn subject(&self, object: u32) -> Option<&Subject> {
        self.subjects.get(self.number(object)? as usize)
    }
}

/// The subject of any object, in the cluster or not.
pub(crate) fn topmost(cluster: &Cluster, index: &Index, object: &Object) -> Subject {
    let mut subject = Subject { key: object.key.clone(), present: true };
    let mut owner = controller(object);
    for _ in 0..CHAIN {
        let Some(key) = owner else { break };
        match index.find(cluster, &key) {
            Some((_, found)) => {
                owner = controller(found);
                subject = Subject { key, present: true };
            }
            None => {
                let proven = match &*key.kind.kind {
                    "ReplicaSet" => of_replica_set(object, &key),
                    "Job" => of_job(cluster, index, &key),
                    _ => None,
                };
                let key = proven.unwrap_or(key);
                let present = index.find(cluster, &key).is_some();
                return Subject { key, present };
            }
        }
    }
    subject
}

/// The key that the controlling owner reference names. A node owns its static pods' mirrors, but controls nothing.
fn controller(object: &Object) -> Option<ObjectKey> {
    let references = object.metadata()?.field("ownerReferences")?;
    let reference = references.items().find(|r| r.get("controller").and_then(Value::as_bool) == Some(true))?;
    let text = |key| reference.get(key).and_then(Value::as_str);
    let (api_version, kind, name) = (text("apiVersion")?, text("kind")?, text("name")?);
    if kind == "Node" || name.is_empty() {
        return None;
    }
    let group = api_version.rsplit_once('/').map_or("", |(g, _)| g);
    Some(ObjectKey {
        unit: object.key.unit.clone(),
        kind: GroupKind::new(group, &kind),
        namespace: object.key.namespace.clone(),
        name: name.as_ref().into(),
    })
}

/// `web-5d9c` with the label `pod-template-hash: 5d9c` on the pod belongs to the Deployment `web`.
fn of_replica_set(pod: &Object, replica_set: &ObjectKey) -> Option<ObjectKey> {
    let hash = pod.label("pod-template-hash")?;
    let name = replica_set.name.strip_suffix(hash.as_ref())?.strip_suffix('-')?;
    Some(ObjectKey { kind: GroupKind::new("apps", "Deployment"), name: name.into(), ..replica_set.clone() })
}

/// `backup-28391234` belongs to the CronJob `backup` where there is one.
fn of_job(cluster: &Cluster, index: &Index, job: &ObjectKey) -> Option<ObjectKey> {
    let (name, minutes) = job.name.rsplit_once('-')?;
    if minutes.is_empty() || !minutes.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let key = ObjectKey { kind: GroupKind::new("batch", "CronJob"), name: name.into(), ..job.clone() };
    index.find(cluster, &key).map(|_| key)
}
