//! How running clusters were read, for the machine formats.
//!
//! The moment of reading stays out: the same cluster gives the same bytes all day.

use kastell_model::{ClusterReading, KindReading, Seen};
use schemars::JsonSchema;
use serde::Serialize;

/// How one running cluster was read, live or when its snapshot was taken.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ClusterView<'a> {
    /// The unit of its objects.
    unit: &'a str,
    /// The server's URL.
    server: &'a str,
    /// The uid of its namespace `kube-system`; null where that could not be read.
    uid: Option<&'a str>,
    /// The server's version; null where it could not be read.
    version: Option<&'a str>,
    /// Who read it.
    reader: Option<&'a str>,
    /// All requests that were sent.
    requests: u32,
    /// The day of reading in UTC, `YYYY-MM-DD`.
    read_at: &'a str,
    /// Every kind that was asked.
    kinds: Vec<KindView<'a>>,
}

/// How one kind was read.
#[derive(Serialize, JsonSchema)]
struct KindView<'a> {
    /// API group; empty for the core API.
    group: &'a str,
    /// Kind.
    kind: &'a str,
    /// The API version that was asked.
    version: &'a str,
    /// The resource's name in paths.
    resource: &'a str,
    /// The namespace, where the kind was not read in all at once.
    namespace: Option<&'a str>,
    /// Whether the list is complete.
    #[schemars(extend("enum" = ["all", "open", "not-asked", "failed"]))]
    seen: &'static str,
    /// Why reading failed, where it did.
    reason: Option<&'a str>,
    /// Whether only metadata was asked for.
    metadata_only: bool,
    /// Objects.
    objects: u32,
    /// Requests, repeated ones included.
    requests: u32,
}

/// The day of a moment `2026-11-24T20:15:00Z`.
pub(crate) fn day(moment: &str) -> &str {
    moment.split_once('T').map_or(moment, |(day, _)| day)
}

pub(crate) fn views(clusters: &[ClusterReading]) -> Vec<ClusterView<'_>> {
    clusters
        .iter()
        .map(|c| ClusterView {
            unit: &c.unit,
            server: &c.server,
            uid: c.uid.as_deref(),
            version: c.version.as_deref(),
            reader: c.reader.as_deref(),
            requests: c.requests,
            read_at: day(&c.read_at),
            kinds: c.kinds.iter().map(kind).collect(),
        })
        .collect()
}

fn kind(k: &KindReading) -> KindView<'_> {
    let (seen, reason) = match &k.seen {
        Seen::All => ("all", None),
        Seen::Open => ("open", None),
        Seen::NotAsked => ("not-asked", None),
        Seen::Failed(why) => ("failed", Some(&**why)),
    };
    KindView {
        group: &k.kind.group,
        kind: &k.kind.kind,
        version: &k.version,
        resource: &k.resource,
        namespace: k.namespace.as_deref(),
        seen,
        reason,
        metadata_only: k.metadata_only,
        objects: k.objects,
        requests: k.requests,
    }
}
