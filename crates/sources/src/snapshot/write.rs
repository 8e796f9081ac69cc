//! Writing a snapshot.

use super::format::{ClusterHead, DiagnosticLine, End, EndLine, Header, SNAPSHOT_VERSION, UnitLine};
use crate::load::Loaded;
use kastell_model::yaml::{NodeId, json};
use kastell_model::{Object, Origin};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

/// Writes the clusters of `loaded`. What came from files is left out: a snapshot counts as a running cluster, and a file
/// must not become one.
///
/// # Errors
/// What `out` says.
pub fn write_snapshot(loaded: &Loaded, out: &mut dyn Write) -> io::Result<()> {
    let version = loaded.cluster.version();
    let header = Header {
        kastell_snapshot: SNAPSHOT_VERSION,
        kastell: env!("CARGO_PKG_VERSION").to_owned(),
        kubernetes_version: loaded.cluster.version_is_given().then(|| version.to_string()),
        clusters: loaded
            .clusters
            .iter()
            .map(|r| ClusterHead::of(r, loaded.cluster.coverage(), count(objects(loaded, &r.unit))))
            .collect(),
        diagnostics: loaded.diagnostics.iter().map(DiagnosticLine::of).collect(),
    };
    line(out, &header)?;
    let mut written = 0;
    for reading in &loaded.clusters {
        line(out, &UnitLine { kastell_unit: reading.unit.to_string() })?;
        for object in objects(loaded, &reading.unit) {
            out.write_all(text(object).as_bytes())?;
            out.write_all(b"\n")?;
            written += 1;
        }
    }
    line(out, &EndLine { kastell_end: End { objects: written } })
}

fn line(out: &mut dyn Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// The live objects of a unit, in the order of the cluster.
fn objects<'l>(loaded: &'l Loaded, unit: &'l str) -> impl Iterator<Item = &'l Arc<Object>> {
    let objects = loaded.cluster.objects();
    let start = objects.partition_point(|o| &*o.key.unit < unit);
    let of_unit = objects.iter().skip(start).take_while(move |o| &*o.key.unit == unit);
    of_unit.filter(|o| matches!(o.origin, Origin::Live { .. }))
}

fn count<'l>(objects: impl Iterator<Item = &'l Arc<Object>>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for object in objects {
        *counts.entry(object.key.kind.to_string()).or_default() += 1;
    }
    counts
}

/// An object on one line: its own text, where that is one already.
fn text(object: &Object) -> Cow<'_, str> {
    let text = &*object.source.text;
    let is_line = object.root == NodeId::ROOT && text.starts_with('{') && !text.contains('\n');
    if is_line { Cow::Borrowed(text) } else { Cow::Owned(json::to_json(object.root())) }
}
