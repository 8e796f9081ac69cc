//! The fleet as JSON, version 1.

use super::{FleetCluster, FleetReport, FleetRow};
use crate::report::Counts;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use std::io;

/// Raised when a field changes its meaning or goes away; new fields do not raise it.
pub const FLEET_SCHEMA_VERSION: u32 = 1;

/// Many clusters side by side.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "kastell fleet report")]
struct FleetView<'a> {
    /// The version of this format.
    fleet_schema_version: u32,
    /// The program that wrote it.
    tool: ToolView<'a>,
    /// The day that this is about, `YYYY-MM-DD`.
    now: &'a str,
    /// After how many days without a look a cluster is among `stale`.
    stale_after_days: u32,
    /// Whether some source could not be used, or was not complete itself.
    incomplete: bool,
    /// The clusters, sorted by name. Other lists refer to them by their index here.
    clusters: Vec<ClusterView<'a>>,
    /// The controls, worst first. Other lists refer to them by their index here.
    controls: Vec<ControlView<'a>>,
    /// Clusters that answer a control otherwise than at least four fifths of the others that have an answer.
    outliers: Vec<OutlierView>,
    /// Clusters that were not seen for a while, the longest ago first.
    stale: Vec<usize>,
    /// Sources that a newer one of the same cluster replaces.
    superseded: Vec<SupersededView<'a>>,
    /// Sources that could not be used or are damaged.
    problems: Vec<ProblemView<'a>>,
    /// Files in folders that are neither snapshots nor reports.
    skipped: u32,
}

/// A program.
#[derive(Serialize, JsonSchema)]
struct ToolView<'a> {
    /// Its name.
    name: &'static str,
    /// Its version.
    version: &'a str,
}

/// A cluster.
#[derive(Serialize, JsonSchema)]
struct ClusterView<'a> {
    /// What it is called.
    name: &'a str,
    /// The uid of its namespace kube-system; null where nobody could read it.
    uid: Option<&'a str>,
    /// The snapshot or report.
    source: &'a str,
    /// When it was read; null where the source does not say it.
    seen: Option<&'a str>,
    /// Its Kubernetes version.
    kubernetes_version: &'a str,
    /// Objects.
    objects: u32,
    /// Whether something of it was not read or not understood.
    incomplete: bool,
}

/// A control.
#[derive(Serialize, JsonSchema)]
struct ControlView<'a> {
    /// Its id.
    id: &'a str,
    /// What a finding means.
    title: &'a str,
    /// Its ring.
    ring: &'a str,
    /// The severity of a finding that does not say otherwise.
    #[schemars(extend("enum" = ["critical", "high", "medium", "low", "info"]))]
    severity: &'static str,
    /// Clusters with a failing object.
    fail: u32,
    /// Clusters without one in which something could not be decided.
    unknown: u32,
    /// Clusters in which everything that it concerns passed.
    pass: u32,
    /// Failing objects in all clusters.
    objects: u64,
    /// Objects by status, in the order of the clusters; null where the control was not asked.
    cells: Vec<Option<CellView>>,
}

/// Objects by status.
#[derive(Serialize, JsonSchema)]
struct CellView {
    /// At least one finding.
    fail: u32,
    /// Could not be decided.
    unknown: u32,
    /// Passed.
    pass: u32,
}

/// A cluster that answers otherwise than the others.
#[derive(Serialize, JsonSchema)]
struct OutlierView {
    /// The cluster's index.
    cluster: usize,
    /// The control's index.
    control: usize,
    /// Whether it fails what others pass; else it passes what others fail.
    fails: bool,
    /// How many others answer the opposite.
    others: u32,
    /// How many others have an answer.
    of: u32,
}

/// A source that is not used.
#[derive(Serialize, JsonSchema)]
struct SupersededView<'a> {
    /// The snapshot or report.
    source: &'a str,
    /// What it calls the cluster.
    name: &'a str,
}

/// A source that could not be used or is damaged.
#[derive(Serialize, JsonSchema)]
struct ProblemView<'a> {
    /// The file.
    source: &'a str,
    /// What is wrong.
    message: &'a str,
}

/// Writes the fleet as JSON, indented, with a final line break.
///
/// # Errors
/// What `out` says.
pub fn fleet_json(fleet: &FleetReport, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &view(fleet))?;
    out.write_all(b"\n")
}

/// The JSON Schema (draft 2020-12) of what [`fleet_json`] writes.
pub fn fleet_schema() -> String {
    let schema =
        SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<FleetView<'_>>();
    // Plain values with text keys always serialise.
    let mut text = serde_json::to_string_pretty(schema.as_value()).unwrap_or_default();
    text.push('\n');
    text
}

fn view(f: &FleetReport) -> FleetView<'_> {
    FleetView {
        fleet_schema_version: FLEET_SCHEMA_VERSION,
        tool: ToolView { name: "kastell", version: &f.version },
        now: &f.now,
        stale_after_days: f.stale_after,
        incomplete: f.is_incomplete(),
        clusters: f.clusters.iter().map(cluster).collect(),
        controls: f.rows.iter().map(control).collect(),
        outliers: f
            .outliers
            .iter()
            .map(|o| OutlierView { cluster: o.cluster, control: o.row, fails: o.fails, others: o.others, of: o.of })
            .collect(),
        stale: f.stale.clone(),
        superseded: f.superseded.iter().map(|(source, name)| SupersededView { source, name }).collect(),
        problems: f.problems.iter().map(|(source, message)| ProblemView { source, message }).collect(),
        skipped: f.skipped,
    }
}

fn cluster(c: &FleetCluster) -> ClusterView<'_> {
    ClusterView {
        name: &c.name,
        uid: c.uid.as_deref(),
        source: &c.source,
        seen: c.seen.as_deref(),
        kubernetes_version: &c.kubernetes_version,
        objects: c.objects,
        incomplete: c.incomplete,
    }
}

fn control(r: &FleetRow) -> ControlView<'_> {
    let cell = |c: Counts| CellView { fail: c.fail, unknown: c.unknown, pass: c.pass };
    ControlView {
        id: &r.id,
        title: &r.title,
        ring: &r.ring,
        severity: r.severity.name(),
        fail: r.fail,
        unknown: r.unknown,
        pass: r.pass,
        objects: r.objects,
        cells: r.cells.iter().map(|c| c.map(cell)).collect(),
    }
}
