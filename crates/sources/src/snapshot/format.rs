//! The lines of a snapshot, and the way between them and the model.

use kastell_model::{
    ClusterReading, Coverage, Diagnostic, DiagnosticCode, DiagnosticLevel, GapReason, GroupKind, KindReading, Seen, Str,
};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the format that is written. Raised when an older release could misread the file; new members do not
/// raise it.
pub const SNAPSHOT_VERSION: u32 = 1;

/// How every snapshot begins.
pub(super) const MAGIC: &[u8] = b"{\"kastell_snapshot\":";
/// How the line begins that names the cluster of the objects below it.
pub(super) const UNIT: &[u8] = b"{\"kastell_unit\":";
/// How the last line begins.
pub(super) const END: &[u8] = b"{\"kastell_end\":";

/// The first line.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Header {
    /// The version of this format.
    pub(super) kastell_snapshot: u32,
    /// The release of kastell that wrote the file.
    #[serde(default)]
    pub(super) kastell: String,
    /// The Kubernetes version that the questions are about; null where nobody said one.
    #[serde(default)]
    pub(super) kubernetes_version: Option<String>,
    /// The clusters, in the order in which they were read.
    #[serde(default)]
    pub(super) clusters: Vec<ClusterHead>,
    /// What went wrong while they were read.
    #[serde(default)]
    pub(super) diagnostics: Vec<DiagnosticLine>,
}

/// The version of a header, read alone: a later format may differ in everything else.
#[derive(Deserialize)]
pub(super) struct Version {
    pub(super) kastell_snapshot: u32,
    #[serde(default)]
    pub(super) kastell: String,
}

/// How a cluster was read.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct ClusterHead {
    /// What the cluster is called: the alias, or the context's name.
    pub(super) unit: String,
    /// The server's URL, without user and password.
    server: String,
    /// The uid of the namespace kube-system: the cluster's own identity.
    uid: Option<String>,
    /// The server's version as it says it.
    version: Option<String>,
    /// Who read: the kubeconfig's user, or the service account in a pod.
    reader: Option<String>,
    /// All requests that were sent.
    requests: u32,
    /// When reading began, in UTC, `2026-11-24T20:15:00Z`.
    read_at: String,
    /// Every kind that was asked, sorted by kind and namespace.
    kinds: Vec<KindLine>,
    /// What is known of each kind's completeness.
    coverage: CoverageLine,
    /// How many objects of each kind follow, by `Kind` or `Kind.group`.
    pub(super) objects: BTreeMap<String, u64>,
}

/// How a kind was read.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct KindLine {
    /// API group; empty for the core API.
    group: String,
    /// Kind.
    kind: String,
    /// The API version that was asked.
    version: String,
    /// The resource's name in paths.
    resource: String,
    /// The namespace, where the kind was not read in all at once.
    namespace: Option<String>,
    #[serde(flatten)]
    seen: SeenLine,
    /// Whether only metadata was asked for.
    metadata_only: bool,
    /// How many objects it gave.
    objects: u32,
    /// How many requests it took.
    requests: u32,
}

/// What was seen of a unit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct CoverageLine {
    /// What holds for every kind that has no entry; null where nothing was said.
    rest: Option<SeenLine>,
    /// The entries, sorted.
    kinds: Vec<CoverageKind>,
}

/// What was seen of a kind.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct CoverageKind {
    /// API group; empty for the core API.
    group: String,
    /// Kind.
    kind: String,
    /// The namespace; null for all.
    namespace: Option<String>,
    #[serde(flatten)]
    seen: SeenLine,
}

/// How much was seen.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct SeenLine {
    /// `all`: a complete list. `open`: there may be more. `not-asked`: this run had no source that knows. `failed`:
    /// reading failed. Other words are read as `failed`.
    #[schemars(extend("enum" = ["all", "open", "not-asked", "failed"]))]
    seen: String,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What went wrong while reading, without places in a text.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct DiagnosticLine {
    /// Its kind.
    code: String,
    /// Its weight.
    #[schemars(extend("enum" = ["error", "warning", "note"]))]
    level: String,
    /// What is wrong and why.
    message: String,
    /// What it is about.
    path: Option<String>,
    /// What to do about it.
    help: Option<String>,
    /// Where something was not read: why.
    #[schemars(extend("enum" = ["unreadable", "unrendered", "invalid", "unsupported", "limit", "dynamic", "needs-source", null]))]
    gap: Option<String>,
}

/// The line before the objects of a cluster.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct UnitLine {
    /// The unit, as the header calls it.
    pub(super) kastell_unit: String,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct EndLine {
    /// What was written.
    pub(super) kastell_end: End,
}

/// What was written.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct End {
    /// How many objects.
    pub(super) objects: u64,
}

/// An object as the live source held it: without status and managed fields, of Secrets only metadata and key names.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "objects are written as the text that they were read as; this is their schema")]
struct ObjectLine {
    /// Group and version.
    #[serde(rename = "apiVersion")]
    api_version: String,
    /// Kind.
    kind: String,
    /// Metadata.
    metadata: ObjectMetadata,
}

/// Metadata of an object.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "as above")]
struct ObjectMetadata {
    /// Name.
    name: String,
    /// Namespace, of objects that live in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    /// The object's identity over time.
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    /// Its version in the server's store.
    #[serde(rename = "resourceVersion", skip_serializing_if = "Option::is_none")]
    resource_version: Option<String>,
}

/// One line of a snapshot.
#[derive(JsonSchema)]
#[schemars(title = "A line of a kastell snapshot", untagged)]
#[expect(dead_code, reason = "the schema is all that is asked of it")]
enum Line {
    /// The first line.
    Header(Header),
    /// The line before the objects of a cluster.
    Unit(UnitLine),
    /// The last line.
    End(EndLine),
    /// Any other line.
    Object(ObjectLine),
}

/// The JSON Schema (draft 2020-12) of each line of a snapshot.
pub fn snapshot_schema() -> String {
    let schema: Schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Line>();
    // Plain values with text keys always serialise.
    let mut text = serde_json::to_string_pretty(schema.as_value()).unwrap_or_default();
    text.push('\n');
    text
}

impl SeenLine {
    fn of(seen: &Seen) -> SeenLine {
        let (seen, reason) = match seen {
            Seen::All => ("all", None),
            Seen::Open => ("open", None),
            Seen::NotAsked => ("not-asked", None),
            Seen::Failed(reason) => ("failed", Some(reason.to_string())),
        };
        SeenLine { seen: seen.to_string(), reason }
    }

    /// A word that this release does not know is never taken for completeness.
    fn seen(&self) -> Seen {
        match self.seen.as_str() {
            "all" => Seen::All,
            "open" => Seen::Open,
            "not-asked" => Seen::NotAsked,
            word => Seen::Failed(match &self.reason {
                Some(reason) => reason.as_str().into(),
                None => format!("the snapshot says `{word}`, which this release does not know").into(),
            }),
        }
    }
}

impl ClusterHead {
    pub(super) fn of(reading: &ClusterReading, coverage: &Coverage, objects: BTreeMap<String, u64>) -> ClusterHead {
        let owned = |text: &Option<Str>| text.as_deref().map(str::to_owned);
        ClusterHead {
            unit: reading.unit.to_string(),
            server: reading.server.to_string(),
            uid: owned(&reading.uid),
            version: owned(&reading.version),
            reader: owned(&reading.reader),
            requests: reading.requests,
            read_at: reading.read_at.to_string(),
            kinds: reading.kinds.iter().map(KindLine::of).collect(),
            coverage: CoverageLine {
                rest: coverage.unit(&reading.unit).map(SeenLine::of),
                kinds: coverage
                    .kinds(&reading.unit)
                    .map(|(kind, namespace, seen)| CoverageKind {
                        group: kind.group.to_string(),
                        kind: kind.kind.to_string(),
                        namespace: namespace.map(|n| n.to_string()),
                        seen: SeenLine::of(seen),
                    })
                    .collect(),
            },
            objects,
        }
    }

    pub(super) fn reading(&self) -> ClusterReading {
        let shared = |text: &Option<String>| text.as_deref().map(Str::from);
        ClusterReading {
            unit: self.unit.as_str().into(),
            server: self.server.as_str().into(),
            uid: shared(&self.uid),
            version: shared(&self.version),
            reader: shared(&self.reader),
            requests: self.requests,
            read_at: self.read_at.as_str().into(),
            kinds: self.kinds.iter().map(KindLine::reading).collect(),
        }
    }

    /// Writes what was seen into `coverage`, for `unit`. Of kinds of which fewer objects were `found` than the header
    /// promises, a complete list is one no more.
    pub(super) fn cover(&self, unit: &Str, found: &BTreeMap<String, u64>, coverage: &mut Coverage) {
        let lacking = |kind: &GroupKind| {
            let name = kind.to_string();
            self.objects.get(&name).copied().unwrap_or(0) > found.get(&name).copied().unwrap_or(0)
        };
        let is_whole = self.objects.iter().all(|(name, n)| found.get(name).copied().unwrap_or(0) >= *n);
        let failed = || Seen::Failed("the snapshot is damaged: objects of this kind are missing in it".into());
        if let Some(rest) = &self.coverage.rest {
            let seen = rest.seen();
            coverage.set_unit(unit.clone(), if seen == Seen::All && !is_whole { failed() } else { seen });
        }
        for entry in &self.coverage.kinds {
            let kind = GroupKind::new(&entry.group, &entry.kind);
            let seen = match entry.seen.seen() {
                Seen::All if lacking(&kind) => failed(),
                seen => seen,
            };
            coverage.set_kind(unit.clone(), kind, entry.namespace.as_deref().map(Into::into), seen);
        }
    }
}

impl KindLine {
    fn of(kind: &KindReading) -> KindLine {
        KindLine {
            group: kind.kind.group.to_string(),
            kind: kind.kind.kind.to_string(),
            version: kind.version.to_string(),
            resource: kind.resource.to_string(),
            namespace: kind.namespace.as_deref().map(str::to_owned),
            seen: SeenLine::of(&kind.seen),
            metadata_only: kind.metadata_only,
            objects: kind.objects,
            requests: kind.requests,
        }
    }

    fn reading(&self) -> KindReading {
        KindReading {
            kind: GroupKind::new(&self.group, &self.kind),
            version: self.version.as_str().into(),
            resource: self.resource.as_str().into(),
            namespace: self.namespace.as_deref().map(Into::into),
            seen: self.seen.seen(),
            metadata_only: self.metadata_only,
            objects: self.objects,
            requests: self.requests,
        }
    }
}

const LEVELS: [DiagnosticLevel; 3] = [DiagnosticLevel::Error, DiagnosticLevel::Warning, DiagnosticLevel::Note];

const GAPS: [GapReason; 7] = [
    GapReason::Unreadable,
    GapReason::Unrendered,
    GapReason::Invalid,
    GapReason::Unsupported,
    GapReason::Limit,
    GapReason::Dynamic,
    GapReason::NeedsSource,
];

impl DiagnosticLine {
    pub(super) fn of(d: &Diagnostic) -> DiagnosticLine {
        DiagnosticLine {
            code: d.code.0.to_string(),
            level: d.level.name().to_owned(),
            message: d.message.to_string(),
            path: d.path.as_deref().map(str::to_owned),
            help: d.help.as_deref().map(str::to_owned),
            gap: d.gap.map(|g| g.name().to_owned()),
        }
    }

    /// A reason or weight that this release does not know is taken for the heaviest.
    pub(super) fn diagnostic(&self) -> Diagnostic {
        let level = LEVELS.into_iter().find(|l| l.name() == self.level).unwrap_or(DiagnosticLevel::Error);
        let reason = |name: &String| GAPS.into_iter().find(|g| g.name() == name).unwrap_or(GapReason::Unreadable);
        Diagnostic {
            code: DiagnosticCode(self.code.as_str().into()),
            level,
            message: self.message.as_str().into(),
            path: self.path.as_deref().map(Into::into),
            labels: Vec::new(),
            help: self.help.as_deref().map(Into::into),
            gap: self.gap.as_ref().map(reason),
        }
    }
}
