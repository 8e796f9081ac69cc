//! Many clusters side by side: the value that is shown, and how it looks to people and programs.
//!
//! Owns: the fleet's formats and the reading of the counts in kastell's own JSON reports. Must not know: how clusters are
//! compared; whoever fills a [`FleetReport`] has done that.

mod json;
mod markdown;
mod summary;
mod terminal;

pub use json::{FLEET_SCHEMA_VERSION, fleet_json, fleet_schema};
pub use markdown::fleet_markdown;
pub use summary::{ReportSummary, SummaryCluster, SummaryError, SummaryRule, is_report, summary};
pub use terminal::fleet_terminal;

use crate::report::Counts;
use kastell_model::{Severity, Str};

/// Clusters side by side.
#[derive(Clone, Debug, Default)]
pub struct FleetReport {
    /// kastell's version.
    pub version: Str,
    /// The day that this is about, `YYYY-MM-DD`.
    pub now: Str,
    /// After how many days without a look a cluster is named.
    pub stale_after: u32,
    /// The clusters, sorted by name.
    pub clusters: Vec<FleetCluster>,
    /// The controls, in the order in which they are shown.
    pub rows: Vec<FleetRow>,
    /// Clusters that differ from most others, sorted by cluster.
    pub outliers: Vec<FleetOutlier>,
    /// Indexes of clusters that were not seen for a while, the longest ago first.
    pub stale: Vec<usize>,
    /// Sources that a newer one of the same cluster replaces, and the cluster's name.
    pub superseded: Vec<(Str, Str)>,
    /// What is wrong with sources: that they could not be used, or that they are damaged.
    pub problems: Vec<(Str, Str)>,
    /// Files in folders that are neither snapshots nor reports.
    pub skipped: u32,
}

/// A cluster of the fleet.
#[derive(Clone, Debug)]
pub struct FleetCluster {
    /// What it is called.
    pub name: Str,
    /// The uid of its namespace `kube-system`, where known.
    pub uid: Option<Str>,
    /// The snapshot or report.
    pub source: Str,
    /// When it was read, where known.
    pub seen: Option<Str>,
    /// Its Kubernetes version.
    pub kubernetes_version: Str,
    /// Objects.
    pub objects: u32,
    /// Whether something of it was not read or not understood.
    pub incomplete: bool,
}

/// What a control says of each cluster.
#[derive(Clone, Debug)]
pub struct FleetRow {
    /// Its id.
    pub id: Str,
    /// What a finding means.
    pub title: Str,
    /// The stable name of its ring.
    pub ring: Str,
    /// The severity of a finding that does not say otherwise.
    pub severity: Severity,
    /// In the order of the clusters; `None` where it was not asked.
    pub cells: Vec<Option<Counts>>,
    /// Clusters with a failing object.
    pub fail: u32,
    /// Clusters without one in which something could not be decided.
    pub unknown: u32,
    /// Clusters in which everything that it concerns passed.
    pub pass: u32,
    /// Failing objects in all clusters.
    pub objects: u64,
}

/// A cluster that answers otherwise than most others.
#[derive(Clone, Copy, Debug)]
pub struct FleetOutlier {
    /// Index of the cluster.
    pub cluster: usize,
    /// Index of the row.
    pub row: usize,
    /// Whether it fails what others pass; else it passes what others fail.
    pub fails: bool,
    /// How many others answer the opposite.
    pub others: u32,
    /// How many others have an answer.
    pub of: u32,
}

impl FleetReport {
    /// Whether some source could not be used, or was not complete itself.
    pub fn is_incomplete(&self) -> bool {
        !self.problems.is_empty() || self.clusters.is_empty() || self.clusters.iter().any(|c| c.incomplete)
    }

    /// What tells a cluster apart: its name, and the beginning of its uid where others have the name too.
    pub(crate) fn label(&self, index: usize) -> String {
        let Some(cluster) = self.clusters.get(index) else { return String::new() };
        let twins = self.clusters.iter().filter(|c| c.name == cluster.name).count();
        let uid = cluster.uid.as_deref().filter(|_| twins > 1).map(|uid| uid.chars().take(8).collect::<String>());
        match uid {
            Some(uid) => format!("{} ({uid})", cluster.name),
            None => cluster.name.to_string(),
        }
    }

    /// The outliers of a cluster, those that fail or those that pass: the ids of the controls.
    pub(crate) fn outlying(&self, cluster: usize, fails: bool) -> Vec<&str> {
        let of_cluster = self.outliers.iter().filter(|o| o.cluster == cluster && o.fails == fails);
        of_cluster.filter_map(|o| self.rows.get(o.row)).map(|r| &*r.id).collect()
    }

    /// Clusters of which something was not read.
    pub(crate) fn incomplete_clusters(&self) -> Vec<String> {
        (0..self.clusters.len())
            .filter(|i| self.clusters.get(*i).is_some_and(|c| c.incomplete))
            .map(|i| self.label(i))
            .collect()
    }
}

/// What a cell says in a few characters: failing objects, `?`, `ok`, or `-` where nothing is concerned or asked.
pub(crate) fn cell(counts: Option<Counts>) -> String {
    match counts {
        Some(Counts { fail: n @ 1.., .. }) => n.to_string(),
        Some(Counts { unknown: 1.., .. }) => "?".to_owned(),
        Some(Counts { pass: 1.., .. }) => "ok".to_owned(),
        _ => "-".to_owned(),
    }
}

/// `14 days`.
pub(crate) fn days(n: u32) -> String {
    if n == 1 { "1 day".to_owned() } else { format!("{n} days") }
}

#[cfg(test)]
mod tests;
