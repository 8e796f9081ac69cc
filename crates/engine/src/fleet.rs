//! Many clusters side by side: which control holds where, which cluster differs from the others, and which was not looked
//! at for a while.
//!
//! Knows only counts: a cluster is compared by what its evaluation (or its report) came to, never by its objects.

use crate::evaluate::ControlCount;
use kastell_model::{Date, Severity, Status, Str};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// One cluster as it was seen once.
#[derive(Clone, Debug)]
pub struct FleetMember {
    /// What it is called.
    pub name: Str,
    /// The uid of its namespace `kube-system`, which outlives names; `None` where nobody could read it.
    pub uid: Option<Str>,
    /// Where this was read: a snapshot or a report.
    pub source: Str,
    /// When the cluster was read, RFC 3339 or only the day; `None` where the source does not say it.
    pub seen: Option<Str>,
    /// Its Kubernetes version.
    pub kubernetes_version: Str,
    /// Objects.
    pub objects: u32,
    /// Whether something of it was not read or not understood.
    pub incomplete: bool,
    /// Counts by control; a control that was not asked is not in it.
    pub counts: BTreeMap<Str, ControlCount>,
}

/// A control of a fleet.
#[derive(Clone, Debug)]
pub struct FleetRule {
    /// Its id.
    pub id: Str,
    /// What a finding means.
    pub title: Str,
    /// The stable name of its ring.
    pub ring: Str,
    /// The severity of a finding that does not say otherwise.
    pub severity: Severity,
}

/// What a control says of each cluster.
#[derive(Clone, Debug)]
pub struct FleetRow {
    /// The control.
    pub rule: FleetRule,
    /// In the order of the clusters; `None` where it was not asked.
    pub cells: Vec<Option<ControlCount>>,
    /// Clusters with a failing object.
    pub fail: u32,
    /// Clusters without one in which something could not be decided.
    pub unknown: u32,
    /// Clusters in which everything that it concerns passed.
    pub pass: u32,
    /// Failing objects in all clusters.
    pub objects: u64,
}

/// A cluster that answers a control otherwise than the others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Outlier {
    /// Index of the cluster.
    pub cluster: usize,
    /// Index of the row.
    pub row: usize,
    /// Whether the cluster fails what others pass; else it passes what others fail.
    pub fails: bool,
    /// How many others answer the opposite.
    pub others: u32,
    /// How many others have an answer.
    pub of: u32,
}

/// Clusters side by side.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    /// The clusters, by name, uid and source.
    pub clusters: Vec<FleetMember>,
    /// The controls that concern any of them, worst first, then by how many clusters fail.
    pub rows: Vec<FleetRow>,
    /// Outliers, by cluster, those that fail first, then by row.
    pub outliers: Vec<Outlier>,
    /// Indexes of clusters that were last seen before the limit, or nobody knows when; the longest ago first.
    pub stale: Vec<usize>,
    /// Sources of clusters that a newer source shows too, with what they are called.
    pub superseded: Vec<(Str, Str)>,
}

/// With fewer others there is no telling who differs.
const OTHERS: u32 = 2;

/// So many of the others, in percent, have to agree against a cluster.
const AGREE: u32 = 80;

/// What a control says of a cluster as a whole; `None` where it does not concern it.
pub fn status(count: ControlCount) -> Option<Status> {
    match count {
        ControlCount { fail: 1.., .. } => Some(Status::Fail),
        ControlCount { unknown: 1.., .. } => Some(Status::Unknown),
        ControlCount { pass: 1.., .. } => Some(Status::Pass),
        ControlCount { .. } => None,
    }
}

/// Compares clusters. Of several sources of one cluster only the newest counts. `stale_before` is the first day that counts
/// as recent.
pub fn compare(members: Vec<FleetMember>, rules: Vec<FleetRule>, stale_before: Date) -> Fleet {
    let (clusters, superseded) = newest(members);
    let mut rows: Vec<FleetRow> = rules.into_iter().map(|rule| row(rule, &clusters)).collect();
    rows.retain(|r| r.fail + r.unknown + r.pass > 0);
    rows.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut outliers: Vec<Outlier> = rows.iter().enumerate().flat_map(|(i, r)| outliers(i, r)).collect();
    outliers.sort_by_key(|o| (o.cluster, !o.fails, o.row));
    let mut stale: Vec<usize> = (0..clusters.len()).collect();
    stale.retain(|i| clusters.get(*i).is_some_and(|c| day(c).is_none_or(|d| d < stale_before)));
    stale.sort_by_key(|i| (clusters.get(*i).and_then(day), *i));
    Fleet { clusters, rows, outliers, stale, superseded }
}

/// The day on which a cluster was seen.
fn day(member: &FleetMember) -> Option<Date> {
    Date::parse(member.seen.as_deref()?.get(..10)?)
}

/// What tells one cluster from another: the uid; without one the name.
fn identity(member: &FleetMember) -> (Option<Str>, Option<Str>) {
    match &member.uid {
        Some(uid) => (Some(uid.clone()), None),
        None => (None, Some(member.name.clone())),
    }
}

/// The newest source of each cluster, in order, and what the others are.
fn newest(mut members: Vec<FleetMember>) -> (Vec<FleetMember>, Vec<(Str, Str)>) {
    members.sort_by(|a, b| (Reverse(&a.seen), &a.source).cmp(&(Reverse(&b.seen), &b.source)));
    let mut known = BTreeSet::new();
    let (mut clusters, rest): (Vec<_>, Vec<_>) = members.into_iter().partition(|m| known.insert(identity(m)));
    clusters.sort_by(|a, b| (&a.name, &a.uid, &a.source).cmp(&(&b.name, &b.uid, &b.source)));
    let mut superseded: Vec<(Str, Str)> = rest.into_iter().map(|m| (m.source, m.name)).collect();
    superseded.sort();
    (clusters, superseded)
}

fn row(rule: FleetRule, clusters: &[FleetMember]) -> FleetRow {
    let cells: Vec<Option<ControlCount>> = clusters.iter().map(|c| c.counts.get(&rule.id).copied()).collect();
    let count = |wanted| {
        let n = cells.iter().flatten().filter(|c| status(**c) == Some(wanted)).count();
        u32::try_from(n).unwrap_or(u32::MAX)
    };
    let (fail, unknown, pass) = (count(Status::Fail), count(Status::Unknown), count(Status::Pass));
    let objects = cells.iter().flatten().map(|c| u64::from(c.fail)).sum();
    FleetRow { rule, cells, fail, unknown, pass, objects }
}

fn order(row: &FleetRow) -> (bool, Reverse<Severity>, Reverse<u32>, Reverse<u64>, &Str) {
    (row.fail == 0, Reverse(row.rule.severity), Reverse(row.fail), Reverse(row.objects), &row.rule.id)
}

/// The clusters that answer a control otherwise than most others that have an answer.
fn outliers(index: usize, row: &FleetRow) -> Vec<Outlier> {
    let of = (row.fail + row.pass).saturating_sub(1);
    let agree = |others: u32| of >= OTHERS && others * 100 >= of * AGREE;
    let each = row.cells.iter().enumerate();
    let found = each.filter_map(|(cluster, cell)| match status((*cell)?)? {
        Status::Fail if agree(row.pass) => Some(Outlier { cluster, row: index, fails: true, others: row.pass, of }),
        Status::Pass if agree(row.fail) => Some(Outlier { cluster, row: index, fails: false, others: row.fail, of }),
        _ => None,
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, seen: Option<&str>, counts: &[(&str, u32, u32, u32)]) -> FleetMember {
        FleetMember {
            name: name.into(),
            uid: Some(format!("uid-{name}").into()),
            source: format!("{name}.snapshot").into(),
            seen: seen.map(Into::into),
            kubernetes_version: "1.37".into(),
            objects: 10,
            incomplete: false,
            counts: counts
                .iter()
                .map(|(id, fail, unknown, pass)| {
                    ((*id).into(), ControlCount { fail: *fail, unknown: *unknown, pass: *pass })
                })
                .collect(),
        }
    }

    fn rule(id: &str, severity: Severity) -> FleetRule {
        FleetRule { id: id.into(), title: id.into(), ring: "workloads".into(), severity }
    }

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn answers(of: &str) -> Fleet {
        let members = of.chars().zip(b'a'..).map(|(answer, name)| {
            let counts = match answer {
                'f' => (1, 0, 5),
                'u' => (0, 1, 5),
                'p' => (0, 0, 5),
                _ => (0, 0, 0),
            };
            member(&char::from(name).to_string(), Some("2026-11-24"), &[("c", counts.0, counts.1, counts.2)])
        });
        compare(members.collect(), vec![rule("c", Severity::High)], day("2026-11-01"))
    }

    fn named(fleet: &Fleet) -> String {
        fleet
            .outliers
            .iter()
            .map(|o| format!("{}{}", fleet.clusters[o.cluster].name, if o.fails { "-" } else { "+" }))
            .collect()
    }

    #[test]
    fn a_cluster_that_differs_from_most_others_is_an_outlier() {
        for (given, expected) in [
            ("fpp", "a-"),
            ("pff", "a+"),
            ("fp", ""),
            ("ffpp", ""),
            ("ppppfppppp", "e-"),
            ("ffpppppppp", "a-b-"),
            ("fffppppppp", ""),
            ("pfffffffff", "a+"),
            ("ffffff", ""),
        ] {
            assert_eq!(named(&answers(given)), expected, "{given}");
        }
    }

    #[test]
    fn unknown_is_neither_a_pass_nor_a_vote() {
        assert_eq!(named(&answers("fuuuu")), "");
        assert_eq!(named(&answers("fppuu")), "a-");
        let fleet = answers("fpu.");
        let row = &fleet.rows[0];
        assert_eq!((row.fail, row.unknown, row.pass), (1, 1, 1));
    }

    #[test]
    fn what_concerns_no_cluster_is_left_out_and_the_worst_comes_first() {
        let counts = [("low", 9, 0, 0), ("high", 1, 0, 0), ("fine", 0, 0, 1), ("none", 0, 0, 0), ("critical", 1, 0, 0)];
        let rules = vec![
            rule("fine", Severity::Critical),
            rule("low", Severity::Low),
            rule("none", Severity::Critical),
            rule("high", Severity::High),
            rule("critical", Severity::Critical),
        ];
        let fleet = compare(vec![member("a", None, &counts)], rules, day("2026-11-01"));
        assert_eq!(fleet.rows.iter().map(|r| &*r.rule.id).collect::<Vec<_>>(), ["critical", "high", "low", "fine"]);
    }

    #[test]
    fn clusters_not_seen_since_the_limit_are_named_the_longest_ago_first() {
        let members = vec![
            member("fresh", Some("2026-11-24T01:02:03Z"), &[]),
            member("at-the-limit", Some("2026-11-10T00:00:00Z"), &[]),
            member("old", Some("2026-11-09T23:59:59Z"), &[]),
            member("older", Some("2026-01-01"), &[]),
            member("never", None, &[]),
        ];
        let fleet = compare(members, Vec::new(), day("2026-11-10"));
        let names: Vec<&str> = fleet.stale.iter().map(|i| &*fleet.clusters[*i].name).collect();
        assert_eq!(names, ["never", "older", "old"]);
    }

    #[test]
    fn of_one_cluster_the_newest_source_counts_whatever_it_is_called() {
        let mut renamed = member("was-called-otherwise", Some("2026-11-01T00:00:00Z"), &[("c", 5, 0, 0)]);
        renamed.uid = Some("uid-a".into());
        let mut twin = member("a", Some("2026-11-24T00:00:00Z"), &[]);
        twin.uid = Some("another".into());
        let members = vec![renamed, member("a", Some("2026-11-24T00:00:00Z"), &[("c", 0, 0, 1)]), twin];
        let fleet = compare(members, vec![rule("c", Severity::High)], day("2026-11-01"));
        assert_eq!(fleet.clusters.len(), 2);
        assert_eq!(fleet.rows[0].fail, 0);
        assert_eq!(fleet.superseded, [("was-called-otherwise.snapshot".into(), "was-called-otherwise".into())]);
    }

    #[test]
    fn the_order_of_the_sources_does_not_show() {
        let mut members: Vec<FleetMember> = (0..9)
            .map(|i| member(&format!("c{i}"), Some("2026-11-24"), &[("x", u32::from(i == 3), 0, 1), ("y", i, 1, 0)]))
            .collect();
        let rules = || vec![rule("x", Severity::High), rule("y", Severity::High)];
        let one = format!("{:?}", compare(members.clone(), rules(), day("2026-11-01")));
        members.reverse();
        let mut turned = rules();
        turned.reverse();
        assert_eq!(one, format!("{:?}", compare(members, turned, day("2026-11-01"))));
    }
}
