//! Builders for tests: a cluster from a text, in one line. Only ever a dev-dependency.

use kastell_model::{Cluster, ClusterBuilder, Ingested, Object, Origin, Seen, Source, Str};
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
