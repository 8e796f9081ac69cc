//! Builders for tests: a cluster from a text, in one line. Only ever a dev-dependency.

use kastell_model::kube::KubernetesVersion;
use kastell_model::{
    Cluster, ClusterBuilder, ClusterReading, Ingested, KindReading, Object, Origin, Seen, Source, Str,
};
use std::sync::Arc;

/// The name of the unit that [`cluster`] puts everything into.
pub const UNIT: &str = "test";

/// The objects of a YAML or JSON text as one unit of which more may exist (as files are).
///
/// # Panics
/// Where a document cannot be read: a test's input is always readable.
pub fn cluster(text: &str) -> Cluster {
    cluster_with(text, Seen::Open)
}

/// The objects of a text as one unit of which `seen` is known.
///
/// # Panics
/// Where a document cannot be read.
pub fn cluster_with(text: &str, seen: Seen) -> Cluster {
    cluster_of(&[("test.yaml", text)], seen)
}

/// The objects of several texts, each with the path that it is said to come from, as one unit of which `seen` is known.
///
/// # Panics
/// Where a document cannot be read.
pub fn cluster_of(files: &[(&str, &str)], seen: Seen) -> Cluster {
    let mut builder = ClusterBuilder::default();
    let unit: Str = UNIT.into();
    for (path, text) in files {
        let stream = kastell_yaml::read((*text).into());
        let source = Arc::new(Source::new(path, Arc::clone(&stream.text)));
        for (number, document) in (0..).zip(&stream.documents) {
            #[expect(clippy::panic, reason = "this crate is for tests only")]
            let Some(tree) = &document.tree else {
                panic!("document {number} of the test's input {path}: {:?}", document.problems)
            };
            builder.objects.extend(Ingested::from_document(&unit, &source, number, tree).objects);
        }
    }
    builder.coverage.set_unit(unit, seen);
    builder.build()
}

/// The objects of a text as a running cluster would give them, every list complete: each object is its own compact JSON
/// text, with a uid and a resourceVersion that are made up from its number. `unit` is the cluster's name.
///
/// # Panics
/// Where a document cannot be read.
pub fn live_cluster(unit: &str, text: &str) -> Cluster {
    let mut builder = ClusterBuilder { objects: live_objects(unit, text), ..ClusterBuilder::default() };
    builder.coverage.set_unit(unit.into(), Seen::All);
    builder.build()
}

/// The objects of [`live_cluster`], to be joined with others.
///
/// # Panics
/// Where a document cannot be read.
pub fn live_objects(unit: &str, text: &str) -> Vec<Arc<Object>> {
    let read = cluster(text);
    let unit: Str = unit.into();
    (1..).zip(read.objects()).filter_map(|(number, object)| live_object(&unit, number, object)).collect()
}

fn live_object(unit: &Str, number: u32, object: &Object) -> Option<Arc<Object>> {
    let stream = kastell_yaml::read(kastell_yaml::json::to_json(object.root()).into());
    let source = Arc::new(Source::new(unit, Arc::clone(&stream.text)));
    let tree = stream.documents.first()?.tree.as_ref()?;
    let read = Ingested::from_document(unit, &source, 0, tree).objects.pop()?;
    let mut live = Arc::into_inner(read)?;
    live.origin = Origin::Live {
        uid: format!("00000000-0000-4000-8000-{number:012}").into(),
        resource_version: number.to_string().into(),
    };
    Some(Arc::new(live))
}

/// The objects of a text as a running cluster called `unit` would have given them: each its own compact JSON text with
/// the metadata of the manifest, every kind of theirs completely listed and no other asked for.
///
/// # Panics
/// Where a document is no object with a name.
pub fn listed_cluster(unit: &str, text: &str) -> Cluster {
    let unit: Str = unit.into();
    let mut builder = ClusterBuilder::default();
    for (number, document) in (0..).zip(kastell_yaml::read(text.into()).documents) {
        #[expect(clippy::panic, reason = "this crate is for tests only")]
        let Some(live) = document.tree.and_then(|tree| listed_object(&unit, tree.root())) else {
            panic!("document {number} is no object with a name: {:?}", document.problems)
        };
        builder.coverage.set_kind(unit.clone(), live.key.kind.clone(), None, Seen::All);
        builder.objects.push(Arc::new(live));
    }
    builder.coverage.set_unit(unit, Seen::NotAsked);
    builder.version = Some(KubernetesVersion { major: 1, minor: 37, patch: Some(2) });
    builder.build()
}

/// An object of a manifest as a cluster would have given it.
fn listed_object(unit: &Str, manifest: kastell_yaml::Value<'_>) -> Option<Object> {
    let tree = kastell_yaml::json::read_strict(&kastell_yaml::json::to_json(manifest)).ok()?;
    let source = Arc::new(Source::new(unit, Arc::clone(tree.text())));
    Object::live(unit, &source, &Arc::new(tree))
}

/// How a cluster with these objects was read: each of their kinds by one request.
pub fn reading(unit: &str, uid: &str, cluster: &Cluster) -> ClusterReading {
    let mut kinds: Vec<KindReading> = Vec::new();
    for object in cluster.objects().iter().filter(|o| &*o.key.unit == unit) {
        match kinds.last_mut().filter(|k| k.kind == object.key.kind) {
            Some(kind) => kind.objects += 1,
            None => kinds.push(KindReading {
                kind: object.key.kind.clone(),
                version: object.version.clone(),
                resource: format!("{}s", object.key.kind.kind.to_lowercase()).into(),
                namespace: None,
                seen: Seen::All,
                metadata_only: object.is("", "Secret"),
                objects: 1,
                requests: 1,
            }),
        }
    }
    ClusterReading {
        unit: unit.into(),
        server: "https://203.0.113.7:6443".into(),
        uid: Some(uid.into()),
        version: Some("v1.37.2".into()),
        reader: Some("reader".into()),
        requests: u32::try_from(kinds.len()).unwrap_or(u32::MAX),
        read_at: "2026-11-24T20:15:00Z".into(),
        kinds,
    }
}
