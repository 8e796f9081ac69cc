//! Builders for tests: a cluster from a text, in one line. Only ever a dev-dependency.

use kastell_model::{Cluster, ClusterBuilder, Ingested, Seen, Source, Str};
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
